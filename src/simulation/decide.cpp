// Decide: signals -> rules -> rates -> fates, type by type over the cells of one brick.
#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/ids.hpp"
#include "core/math.hpp"
#include "simulation/phases.hpp"
#include "simulation/signals.hpp"

namespace stellate {

namespace {

constexpr float voxel_um3 = float(voxel_um) * voxel_um * voxel_um;

// The cells of one type in one brick while they decide.
template <class Shape>
class Deciding {
public:
    Deciding(const World<Shape>& world, Brick<Shape>& brick, BrickScratch& scratch)
        : world_(world),
          model_(*world.model),
          brick_(brick),
          cells_(brick.cells),
          scratch_(scratch),
          kept_(model_.types.size(), -1.0) {}

    void type(int type, const std::vector<std::uint32_t>& rows, const TypeBehaviours& b) {
        const CellType& t = model_.types[std::size_t(type)];
        look_up(t, b);
        for (std::size_t n = 0; n < rows.size(); ++n) {
            const std::uint32_t row = rows[n];
            if (cells_.phase[row] == Phase::dying) {
                fade(row);
                continue;
            }
            live(row, n, t);
            if (cells_.phase[row] == Phase::dying) continue;
            regrow(row);
            if (!secretion_.empty()) secrete(row, n);
            if (works_) work_on_matrix(row, n, t);
            if (!t.attackable.empty()) attack(row, n, t);
        }
    }

    // Is a cell of a type that rests in the midst of nothing?
    bool idle(std::uint32_t row) const {
        const CellType& t = model_.types[cells_.type[row]];
        return cells_.phase[row] == Phase::g1 && cells_.carry[row] == 0 &&
               (t.growth_min <= 0 || cells_.radius[row] == static_cast<float>(t.radius_um)) &&
               (t.attackable.empty() || scratch_.target[row].none());
    }

private:
    // What cells of this type do at all.
    void look_up(const CellType& t, const TypeBehaviours& b) {
        const BehaviourIndex& index = model_.behaviours;
        death_ = b.of(index.apoptosis);
        entry_ = b.of(index.cycle_entry);
        changes_.clear();
        for (int to : t.transforms) changes_.push_back(b.of(index.transform[std::size_t(to)]));
        secretion_.clear();
        for (std::size_t s = 0; s < model_.substrates.size(); ++s)
            if (index.secretion[s] >= 0 && !b.of(index.secretion[s]).absent())
                secretion_.emplace_back(s, b.of(index.secretion[s]));
        deposition_ = b.of(index.collagen_deposition);
        closing_ = b.of(index.crosslinking);
        cutting_ = b.of(index.collagen_degradation);
        works_ = t.makes_timp || !deposition_.absent() || !closing_.absent() || !cutting_.absent();
        attack_ = b.of(index.attack);
    }

    // A dying cell shrinks with what is left of its clock, its profile's area in proportion; commit removes it.
    void fade(std::uint32_t row) {
        const float left = cells_.clock[row] - static_cast<float>(model_.clocks.tick_min);
        if (left > 0) cells_.radius[row] *= std::sqrt(left / cells_.clock[row]);
        cells_.clock[row] = left;
        scratch_.restless = true;
    }

    void begin_death(std::uint32_t row, const CellType& t, double left_min) {
        cells_.phase[row] = Phase::dying;
        cells_.clock[row] = static_cast<float>(t.dying_min - left_min);
        ++scratch_.begun_deaths[cells_.type[row]];
    }

    // Competing hazards over the time this cell has in this tick, phase by phase. Times inside the tick are exact, and
    // who is born or changes type lives the rest of the tick in the next one, so the laws do not depend on the tick.
    void live(std::uint32_t row, std::size_t n, const CellType& t) {
        double left = model_.clocks.tick_min + cells_.carry[row];  // time not yet lived
        cells_.carry[row] = 0;
        const double death = rate(death_(n));
        const double entry = rate(entry_(n));
        Draws fate(world_.seed, cells_.id[row], world_.tick, Purpose::cell_fate);
        Draws durations(world_.seed, cells_.id[row], world_.tick, Purpose::phase_duration);

        if (cells_.phase[row] == Phase::condemned) return await_death(row, t, left, death, fate);
        if (cells_.phase[row] == Phase::g1) {
            double change = 0;
            for (const TypeBehaviours::Column& to : changes_) change += rate(to(n));
            const double total = death + entry + change;
            if (total == 0) return;
            scratch_.restless = true;
            const double u = fate.uniform();
            if (math::surely_later(u, total * left)) return;
            const double at = -math::log(u) / total;
            if (at >= left) return;
            left -= at;
            double pick = fate.uniform() * total;
            if ((pick -= death) < 0) return begin_death(row, t, left);
            if ((pick -= entry) >= 0) {
                for (std::size_t to = 0; to < changes_.size(); ++to)
                    if ((pick -= rate(changes_[to](n))) < 0 || to + 1 == changes_.size())
                        return become(row, t.transforms[to], left);
            }
            cells_.phase[row] = Phase::s;
            cells_.clock[row] = static_cast<float>(duration(durations, t.s_phase_min, t.phase_shape));
        }
        go_through_cycle(row, t, left, death, fate, durations);
    }

    // A condemned cell dies when its clock runs out, if nothing else takes it before.
    void await_death(std::uint32_t row, const CellType& t, double left, double death, Draws& fate) {
        scratch_.restless = true;
        const double clock = cells_.clock[row];
        double at = clock;
        if (death > 0) at = std::min(at, -math::log(fate.uniform()) / death);
        if (at <= left) return begin_death(row, t, left - at);
        cells_.clock[row] = static_cast<float>(clock - left);
    }

    // S and G2M: death against the clock of each.
    void go_through_cycle(std::uint32_t row, const CellType& t, double left, double death, Draws& fate,
                          Draws& durations) {
        scratch_.restless = true;
        for (;;) {
            const double spent = std::min(left, double(cells_.clock[row]));
            if (death > 0) {
                const double u = fate.uniform();
                if (!math::surely_later(u, death * spent)) {
                    const double at = -math::log(u) / death;
                    if (at < spent) return begin_death(row, t, left - at);
                }
            }
            if (cells_.clock[row] > left) {
                cells_.clock[row] -= static_cast<float>(left);
                return;
            }
            left -= spent;
            if (cells_.phase[row] == Phase::g2m) {
                scratch_.births.push_back({row, static_cast<float>(left)});
                return;
            }
            cells_.phase[row] = Phase::g2m;
            cells_.clock[row] = static_cast<float>(duration(durations, t.g2m_min, t.phase_shape));
            leave_s_phase(row);
        }
    }

    // A carrier of a suicide gene that copied its DNA under the drug is condemned; of several genes of an arm the first
    // that kills is the one that did.
    void leave_s_phase(std::uint32_t row) {
        const auto& genes = world_.plan.suicide_genes;
        int condemned_in = -1;  // the last arm that has condemned it
        for (std::size_t n = 0; n < genes.size(); ++n) {
            const treatment::SuicideGene& gene = genes[n];
            if (gene.arm == condemned_in) continue;
            if (std::find(gene.carrier_types.begin(), gene.carrier_types.end(), int(cells_.type[row])) ==
                gene.carrier_types.end())
                continue;
            if (!(cells_.lineage[row] < gene.carrier_share)) continue;
            const double chance = gene.effect(gene.dosing.concentration(world_.time_min() + model_.clocks.tick_min));
            if (!(chance > 0) || number_of(row, gene.draw) >= chance) continue;
            Act act;
            act.kind = Act::Kind::drug;
            act.cell = act.actor = cells_.id[row];
            act.row = row;
            act.brick = brick_.at;
            act.gene = static_cast<std::uint32_t>(n);
            act.delay_min = static_cast<float>(gene.death_delay_h * 60);
            scratch_.acts.push_back(act);
            condemned_in = gene.arm;
        }
    }

    // The n-th number that decides on drug kills of this cell in this tick, whatever else the plan holds.
    double number_of(std::uint32_t row, int n) const {
        Draws draws(world_.seed, cells_.id[row], world_.tick, Purpose::drug_kill);
        for (int skipped = 0; skipped < n; ++skipped) draws.uniform();
        return draws.uniform();
    }

    void become(std::uint32_t row, int type, double left_min) {
        cells_.carry[row] = static_cast<float>(left_min);
        cells_.type[row] = static_cast<std::uint8_t>(type);
        cells_.clock[row] = 0;
        cells_.heading_x[row] = cells_.heading_y[row] = cells_.heading_z[row] = 0;
    }

    // Volume relaxes towards that of the type: after a division, or after becoming another type.
    void regrow(std::uint32_t row) {
        const CellType& t = model_.types[cells_.type[row]];
        const auto target = static_cast<float>(t.radius_um);
        float& radius = cells_.radius[row];
        if (radius == target || t.growth_min <= 0) return;
        scratch_.restless = true;
        double& kept = kept_[cells_.type[row]];
        if (kept < 0) kept = math::exp(-model_.clocks.tick_min / t.growth_min);
        double next;
        if constexpr (Shape::flat) {  // a disk of the slab's height
            const double area = double(radius) * radius, full = double(target) * target;
            next = std::sqrt(full + (area - full) * kept);
        } else {
            const double volume = math::power(radius, 3), full = math::power(target, 3);
            next = math::pow(full + (volume - full) * kept, 1.0 / 3.0);
        }
        radius = std::abs(next - target) < 0.001 * target ? target : static_cast<float>(next);
    }

    void secrete(std::uint32_t row, std::size_t n) {
        const std::size_t voxel = scratch_.voxel[row];
        for (const auto& [s, of] : secretion_) {
            const float amount = of(n);
            if (amount <= model_.tolerances.resting_secretion) continue;
            brick_.emission[s * std::size_t(voxels_per_brick<Shape>) + voxel] += amount / voxel_um3;
            scratch_.restless = true;
        }
    }

    void work_on_matrix(std::uint32_t row, std::size_t n, const CellType& t) {
        const std::size_t voxel = scratch_.voxel[row];
        matrix::Work& w = scratch_.work;
        if (t.makes_timp) {
            w.timp[voxel] += 1.0f / voxel_um3;
            w.any = true;
        }
        const float laid = deposition_(n) / voxel_um3;
        if (laid > 0) {
            const float hx = cells_.heading_x[row], hy = cells_.heading_y[row];
            w.deposition[voxel] += laid;
            // cos and sin of twice the heading's angle; a cell without heading lays fibres at random.
            w.align_cos[voxel] += laid * (hx * hx - hy * hy);
            w.align_sin[voxel] += laid * (2 * hx * hy);
            w.any = true;
        }
        const float closing = closing_(n), cutting = cutting_(n);
        if (closing > 0 || cutting > 0) {
            w.crosslinking[voxel] += closing;
            w.degradation[voxel] += cutting;
            w.any = true;
        }
    }

    // An attacker that holds a target kills it at its rate times the target type's factor.
    void attack(std::uint32_t row, std::size_t n, const CellType& t) {
        const immune::Target& target = scratch_.target[row];
        if (target.none()) return;
        const double tick = model_.clocks.tick_min;
        scratch_.restless = true;
        const Brick<Shape>& other = *world_.lattice.find(Neighbourhood::brick_of(brick_.at, target.source));
        const double hazard = rate(attack_(n)) * t.attackable[target.type];
        if (!(hazard >= 0 && hazard <= 1e12))
            stop(brick_, "cell " + std::to_string(cells_.id[row]) + " kills a cell of " +
                             model_.types[target.type].name + " at a rate of " + std::to_string(hazard) +
                             " 1/min (expected a finite rate of at least 0)");
        Draws draws(world_.seed, cells_.id[row], world_.tick, Purpose::attack);
        if (!(hazard > 0) || draws.uniform() >= math::chance(hazard * tick)) return;
        Act act;
        act.kind = Act::Kind::attack;
        act.cell = target.id;
        act.actor = cells_.id[row];
        act.row = target.row;
        act.brick = other.at;
        act.actor_type = cells_.type[row];
        act.delay_min = static_cast<float>(model_.types[target.type].dying_min);
        scratch_.acts.push_back(act);
    }

    double rate(float r) const { return r > model_.tolerances.resting_rate_per_min ? r : 0.0; }

    static double duration(Draws& draws, double mean_min, int shape) {
        if (shape == 0 || mean_min == 0) return mean_min;
        return mean_min * draws.erlang(shape);
    }

    const World<Shape>& world_;
    const Model& model_;
    Brick<Shape>& brick_;
    Cells& cells_;
    BrickScratch& scratch_;
    // Of the type that decides.
    TypeBehaviours::Column death_, entry_, deposition_, closing_, cutting_, attack_;
    std::vector<TypeBehaviours::Column> changes_;                            // by its transforms
    std::vector<std::pair<std::size_t, TypeBehaviours::Column>> secretion_;  // by substrate
    bool works_ = false;                                                     // on the matrix
    std::vector<double> kept_;  // [type] share of a lack of volume after a tick; -1: not known yet
};

}  // namespace

template <class Shape>
void decide(const World<Shape>& world, Brick<Shape>& brick, BrickScratch& scratch) {
    const Model& model = *world.model;
    std::fill(brick.emission.begin(), brick.emission.end(), 0.0f);
    scratch.work.clear(std::size_t(voxels_per_brick<Shape>));
    scratch.begun_deaths.assign(model.types.size(), 0);

    scratch.walking.clear(brick.cells.size());

    thread_local std::vector<std::vector<std::uint32_t>> rows_of_type;
    rows_of_type.resize(model.types.size());
    for (auto& rows : rows_of_type) rows.clear();
    for (std::size_t row = 0; row < brick.cells.size(); ++row)
        rows_of_type[brick.cells.type[row]].push_back(static_cast<std::uint32_t>(row));

    thread_local VoxelSignals voxels;
    voxels.read(model, brick);
    thread_local TypeBehaviours behaviours;
    Deciding<Shape> deciding(world, brick, scratch);
    for (std::size_t type = 0; type < model.types.size(); ++type) {
        auto& rows = rows_of_type[type];
        if (rows.empty()) continue;
        // Where the type rests only those have something to do who are in the midst of something.
        if (rests(model, int(type), brick, scratch, rows, voxels))
            std::erase_if(rows, [&](std::uint32_t row) { return deciding.idle(row); });
        if (rows.empty()) continue;
        behaviours.evaluate(model, int(type), brick, scratch, voxels, rows);
        guard_behaviours(model, brick, int(type), behaviours, &rows);
        deciding.type(int(type), rows, behaviours);
        steer(world, int(type), rows, behaviours, brick, scratch);
    }
    arrive(world, voxels, brick, scratch);
    scratch.restless =
        scratch.restless || !scratch.acts.empty() || !scratch.births.empty() || !scratch.newcomers.empty();
}

template void decide<SectionShape>(const World<SectionShape>&, Brick<SectionShape>&, BrickScratch&);
template void decide<BlockShape>(const World<BlockShape>&, Brick<BlockShape>&, BrickScratch&);

}  // namespace stellate
