// Commit: deaths, births and arrivals. Acts are carried out in an order of their own (scratch.hpp), so that who wins
// does not depend on threads; births and removals follow brick by brick. It ends with a settle: cells that walked and
// daughters may lie beyond their brick, and what follows asks for the voxel they are in.
#include <algorithm>
#include <cmath>
#include <tuple>

#include "core/error.hpp"
#include "core/ids.hpp"
#include "core/math.hpp"
#include "core/parallel.hpp"
#include "simulation/phases.hpp"

namespace stellate {

namespace {

using Cause = treatment::Kill::Cause;

template <class Shape>
Vec3 place_um(const Brick<Shape>& brick, std::size_t row) {
    return corner_um<Shape>(brick.at) + Vec3{um_from_fixed(brick.cells.x[row]), um_from_fixed(brick.cells.y[row]),
                                             um_from_fixed(brick.cells.z[row])};
}

// Begins the death of a living cell; returns false if it is dying already.
template <class Shape>
bool begin_death(World<Shape>& world, Brick<Shape>& brick, std::size_t row, float dying_min) {
    Cells& cells = brick.cells;
    if (cells.phase[row] == Phase::dying) return false;
    cells.phase[row] = Phase::dying;
    cells.clock[row] = dying_min;
    ++world.tally.deaths[cells.type[row]];
    brick.activity.cells_awake = 1;
    return true;
}

// A living cell will die after a delay; returns false if it is dying or condemned already.
template <class Shape>
bool condemn(Brick<Shape>& brick, std::size_t row, float delay_min) {
    Cells& cells = brick.cells;
    if (doomed(cells.phase[row])) return false;
    cells.phase[row] = Phase::condemned;
    cells.clock[row] = delay_min;
    brick.activity.cells_awake = 1;
    return true;
}

template <class Shape>
struct Found {
    Brick<Shape>* brick = nullptr;
    std::size_t row = 0;
};

// Looks a cell up by id among the bricks in memory; used by replays, which know no more than the id and a place near
// it.
template <class Shape>
Found<Shape> find_cell(World<Shape>& world, std::uint64_t id, Vec3 near_um) {
    const BrickCoord centre = {static_cast<std::int32_t>(near_um.x / (Shape::nx * voxel_um)),
                               static_cast<std::int32_t>(near_um.y / (Shape::ny * voxel_um)),
                               static_cast<std::int32_t>(near_um.z / (Shape::nz * voxel_um))};
    for (int dz = -1; dz <= 1; ++dz)
        for (int dy = -1; dy <= 1; ++dy)
            for (int dx = -1; dx <= 1; ++dx) {
                Brick<Shape>* brick = world.lattice.find({centre.x + dx, centre.y + dy, centre.z + dz});
                if (!brick) continue;
                const auto& ids = brick->cells.id;
                const auto at = std::find(ids.begin(), ids.end(), id);
                if (at != ids.end()) return {brick, std::size_t(at - ids.begin())};
            }
    return {};
}

template <class Shape>
Found<Shape> nearest_living(World<Shape>& world, int type, Vec3 near_um) {
    const BrickCoord centre = {static_cast<std::int32_t>(near_um.x / (Shape::nx * voxel_um)),
                               static_cast<std::int32_t>(near_um.y / (Shape::ny * voxel_um)),
                               static_cast<std::int32_t>(near_um.z / (Shape::nz * voxel_um))};
    Found<Shape> best;
    double best_distance = 0;
    for (int dz = -1; dz <= 1; ++dz)
        for (int dy = -1; dy <= 1; ++dy)
            for (int dx = -1; dx <= 1; ++dx) {
                Brick<Shape>* brick = world.lattice.find({centre.x + dx, centre.y + dy, centre.z + dz});
                if (!brick) continue;
                for (std::size_t row = 0; row < brick->cells.size(); ++row) {
                    if (brick->cells.type[row] != type || doomed(brick->cells.phase[row])) continue;
                    const double d = length(place_um(*brick, row) - near_um);
                    const bool nearer = !best.brick || d < best_distance ||
                                        (d == best_distance && brick->cells.id[row] < best.brick->cells.id[best.row]);
                    if (nearer) {
                        best = {brick, row};
                        best_distance = d;
                    }
                }
            }
    return best;
}

// Neighbours of a cell that the drug has just condemned by a gene may go with it by that gene's shares, each by its own
// draw, even where something else takes the condemned cell first.
template <class Shape>
void add_bystanders(const World<Shape>& world, const treatment::SuicideGene& gene, const Act& act,
                    std::vector<Act>& acts) {
    if (gene.bystander_share.empty()) return;
    const Brick<Shape>& brick = *world.lattice.find(act.brick);
    const Vec3 centre = place_um(brick, act.row);
    for (int dz = -1; dz <= 1; ++dz)
        for (int dy = -1; dy <= 1; ++dy)
            for (int dx = -1; dx <= 1; ++dx) {
                const Brick<Shape>* other = world.lattice.find({act.brick.x + dx, act.brick.y + dy, act.brick.z + dz});
                if (!other) continue;
                for (std::size_t row = 0; row < other->cells.size(); ++row) {
                    const double share = gene.bystander_share[other->cells.type[row]];
                    if (!(share > 0) || other->cells.id[row] == act.cell || other->cells.phase[row] == Phase::dying)
                        continue;
                    if (length(place_um(*other, row) - centre) > gene.bystander_radius_um) continue;
                    Draws draws(world.seed, other->cells.id[row] ^ mix64(act.cell), world.tick, Purpose::bystander);
                    if (draws.uniform() >= share) continue;
                    Act also;
                    also.kind = Act::Kind::bystander;
                    also.cell = other->cells.id[row];
                    also.actor = act.cell;
                    also.gene = act.gene;
                    also.row = static_cast<std::uint32_t>(row);
                    also.brick = other->at;
                    also.delay_min = static_cast<float>(gene.death_delay_h * 60);
                    acts.push_back(also);
                }
            }
}

template <class Shape>
void carry_out_acts(World<Shape>& world, std::vector<BrickScratch>& scratch) {
    std::vector<Act> acts;
    for (const BrickScratch& s : scratch) acts.insert(acts.end(), s.acts.begin(), s.acts.end());
    const std::size_t direct = acts.size();
    for (std::size_t n = 0; n < direct; ++n)
        if (acts[n].kind == Act::Kind::drug)
            add_bystanders(world, world.plan.suicide_genes[acts[n].gene], Act(acts[n]), acts);
    std::sort(acts.begin(), acts.end(), [](const Act& a, const Act& b) {
        return std::tie(a.cell, a.kind, a.actor, a.gene) < std::tie(b.cell, b.kind, b.actor, b.gene);
    });
    for (const Act& act : acts) {
        Brick<Shape>& brick = *world.lattice.find(act.brick);
        STELLATE_ASSERT(act.row < brick.cells.size() && brick.cells.id[act.row] == act.cell, act.cell, act.row);
        const std::uint8_t type = brick.cells.type[act.row];
        if (act.kind == Act::Kind::attack) {
            if (begin_death(world, brick, act.row, act.delay_min) && world.model->types[type].marks.tumour)
                ++world.tally.kills[act.actor_type];
            continue;
        }
        if (!condemn(brick, act.row, act.delay_min)) continue;
        const Cause cause = act.kind == Act::Kind::bystander ? Cause::bystander : Cause::drug;
        world.kill_log.push_back(
            {world.tick, act.cell, type, cause, act.delay_min, place_um(brick, act.row), act.gene});
    }

    for (const treatment::Replay& replay : world.plan.replays) {
        const Cause cause = replay.instead_type ? Cause::sham : Cause::replay;
        const auto first = std::lower_bound(replay.log->begin(), replay.log->end(), world.tick,
                                            [](const treatment::Kill& k, std::uint32_t tick) { return k.tick < tick; });
        for (auto kill = first; kill != replay.log->end() && kill->tick == world.tick; ++kill) {
            const Found<Shape> found = replay.instead_type ? nearest_living(world, *replay.instead_type, kill->place_um)
                                                           : find_cell(world, kill->cell, kill->place_um);
            if (!found.brick) continue;
            const std::uint64_t id = found.brick->cells.id[found.row];
            const std::uint8_t type = found.brick->cells.type[found.row];
            if (condemn(*found.brick, found.row, kill->delay_min))
                world.kill_log.push_back(
                    {world.tick, id, type, cause, kill->delay_min, place_um(*found.brick, found.row), 0});
        }
    }
}

// The mother keeps her row and identity as one of the two; the volume is shared, the pair parts along a random axis.
template <class Shape>
void give_birth(const World<Shape>& world, Brick<Shape>& brick, const Birth& birth) {
    Cells& cells = brick.cells;
    const std::size_t mother = birth.mother_row;
    const CellId id = daughter_id({cells.id[mother]}, cells.divisions[mother]);
    ++cells.divisions[mother];
    // In a slab the cell is a disk of fixed height, so area is what is shared.
    const double shrink = Shape::flat ? 0.70710678118654752440 : 0.79370052598409973737;  // 2^(-1/2), 2^(-1/3)
    const auto radius = static_cast<float>(cells.radius[mother] * shrink);
    Draws draws(world.seed, id.value, world.tick, Purpose::division_axis);
    const Vec3 axis = Shape::flat ? draws.direction_in_plane() : draws.direction_on_sphere();
    const Vec3 half = (0.5 * radius) * axis;
    const Fixed dx = fixed_from_um(half.x), dy = fixed_from_um(half.y), dz = fixed_from_um(half.z);

    cells.append_row(cells, mother);
    const std::size_t daughter = cells.size() - 1;
    cells.id[daughter] = id.value;
    cells.divisions[daughter] = 0;
    for (const std::size_t row : {mother, daughter}) {
        cells.radius[row] = radius;
        cells.phase[row] = Phase::g1;
        cells.clock[row] = 0;
        cells.carry[row] = birth.left_min;
    }
    cells.x[mother] -= dx, cells.y[mother] -= dy, cells.z[mother] -= dz;
    cells.x[daughter] += dx, cells.y[daughter] += dy, cells.z[daughter] += dz;
}

template <class Shape>
void admit(const World<Shape>& world, Brick<Shape>& brick, const Newcomer& newcomer) {
    Cells& cells = brick.cells;
    const std::size_t row = cells.size();
    cells.resize(row + 1);  // every column starts at zero
    cells.id[row] = newcomer.id;
    cells.x[row] = newcomer.x, cells.y[row] = newcomer.y, cells.z[row] = newcomer.z;
    cells.type[row] = newcomer.type;
    cells.radius[row] = static_cast<float>(world.model->types[newcomer.type].radius_um);
    cells.lineage[row] = Draws(world.seed, newcomer.id, 0, Purpose::anatomy_cell).uniform_float();
    cells.carry[row] = newcomer.left_min;
    brick.activity.cells_awake = 1;
}

void remove_dead(Cells& cells) {
    std::size_t kept = 0;
    for (std::size_t row = 0; row < cells.size(); ++row) {
        if (cells.phase[row] == Phase::dying && cells.clock[row] <= 0) continue;
        if (kept != row) Cells::for_each_column([&](auto& column) { column[kept] = column[row]; }, cells);
        ++kept;
    }
    if (kept != cells.size()) cells.resize(kept);
}

}  // namespace

template <class Shape>
void commit(World<Shape>& world, std::vector<BrickScratch>& scratch, int threads) {
    const auto& bricks = world.lattice.in_memory();
    carry_out_acts(world, scratch);
    parallel_for(std::int64_t(bricks.size()), threads, [&](std::int64_t b) {
        Brick<Shape>& brick = *bricks[std::size_t(b)];
        BrickScratch& s = scratch[std::size_t(b)];
        for (const Birth& birth : s.births) {
            if (doomed(brick.cells.phase[birth.mother_row])) continue;  // since this very tick
            ++s.divisions;
            if (world.model->types[brick.cells.type[birth.mother_row]].marks.tumour) ++s.tumour_divisions;
            give_birth(world, brick, birth);
        }
        for (const Newcomer& newcomer : s.newcomers) admit(world, brick, newcomer);
        if (brick.activity.cells_awake) remove_dead(brick.cells);
    });
    for (const BrickScratch& s : scratch) {
        world.tally.divisions += s.divisions;
        world.tally.tumour_divisions += s.tumour_divisions;
        for (std::size_t t = 0; t < s.begun_deaths.size(); ++t) world.tally.deaths[t] += s.begun_deaths[t];
        for (const Newcomer& n : s.newcomers) ++world.tally.recruited[n.type];
    }
    world.lattice.settle(threads);
}

template void commit<SectionShape>(World<SectionShape>&, std::vector<BrickScratch>&, int);
template void commit<BlockShape>(World<BlockShape>&, std::vector<BrickScratch>&, int);

}  // namespace stellate
