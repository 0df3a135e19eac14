// Guard: is what a phase wrote still a number, inside its bounds, and not running away? Asked after every phase of what
// that phase writes, so that it is named, and of all that enters a tick unless it has just left another. A run that
// fails stops with the place and the value; nothing is repaired.
#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "core/parallel.hpp"
#include "simulation/phases.hpp"

namespace stellate {

template <class Shape>
void stop(const Brick<Shape>& brick, const std::string& what) {
    throw RunError("brick (" + std::to_string(brick.at.x) + ", " + std::to_string(brick.at.y) + ", " +
                   std::to_string(brick.at.z) + "): " + what);
}
template void stop<SectionShape>(const Brick<SectionShape>&, const std::string&);
template void stop<BlockShape>(const Brick<BlockShape>&, const std::string&);

namespace {

// More cells than this in one 20-um voxel cannot be tissue (a packed tumour has about 4).
constexpr std::uint32_t most_cells_per_voxel = 200;

// The first of `values` outside [low, high] or not a number; -1 if there is none. The first pass has no branch.
template <class T>
std::ptrdiff_t first_outside(const std::vector<T>& values, T low, T high) {
    int bad = 0;
#pragma omp simd reduction(| : bad)
    for (std::size_t n = 0; n < values.size(); ++n) bad |= int(!(values[n] >= low)) | int(!(values[n] <= high));
    if (!bad) return -1;
    return std::find_if(values.begin(), values.end(), [&](T v) { return !(v >= low && v <= high); }) - values.begin();
}

template <class Shape>
void check_levels(const Model& model, const Brick<Shape>& brick) {
    for (std::size_t s = 0; s < model.substrates.size(); ++s) {
        const auto healthy = brick.healthy_level(int(s));
        const auto field = brick.field(int(s));
        // What the solver's own tolerance may leave below zero.
        const auto slack = static_cast<float>(-model.substrates[s].wake_tolerance);
        // False for NaN; without branches.
        const auto fits = [&](std::size_t v) { return int(field[v] + healthy[v] >= slack) & int(field[v] < 1e12f); };
        int bad = 0;
#pragma omp simd reduction(| : bad)
        for (std::size_t v = 0; v < field.size(); ++v) bad |= int(!fits(v));
        if (!bad) continue;
        for (std::size_t v = 0; v < field.size(); ++v)
            if (!fits(v))
                stop(brick,
                     model.substrates[s].name + " in voxel " + std::to_string(v) + " is " +
                         std::to_string(field[v] + healthy[v]) + " (expected a finite level of at least 0), made of " +
                         std::to_string(healthy[v]) + " in healthy liver and a deviation of " +
                         std::to_string(field[v]) + "; secreted here: " +
                         std::to_string(brick.emission[s * std::size_t(voxels_per_brick<Shape>) + v]) +
                         " a minute. clocks.tick and tolerances.solver_relative say how closely levels are followed");
    }
}

template <class Shape>
void check_emission(const Model& model, const Brick<Shape>& brick) {
    const std::ptrdiff_t at = first_outside(brick.emission, 0.0f, 1e12f);
    if (at < 0) return;
    stop(brick, model.substrates[std::size_t(at / voxels_per_brick<Shape>)].name + " is secreted in voxel " +
                    std::to_string(at % voxels_per_brick<Shape>) + " at " +
                    std::to_string(brick.emission[std::size_t(at)]) +
                    " a minute (expected a finite rate of at least 0)");
}

template <class Shape>
void check_cells(const Model& model, const Brick<Shape>& brick, Written wrote) {
    const Cells& c = brick.cells;
    const auto check = [&]<class T>(const char* name, const std::vector<T>& column, T low, T high) {
        const std::ptrdiff_t row = first_outside(column, low, high);
        if (row < 0) return;
        stop(brick, "cell " + std::to_string(c.id[std::size_t(row)]) + ": " + name + " is " +
                        std::to_string(column[std::size_t(row)]) + " (expected " + std::to_string(low) + " to " +
                        std::to_string(high) + ")");
    };
    if (wrote & written::fates) {
        check("its type", c.type, std::uint8_t(0), static_cast<std::uint8_t>(model.types.size() - 1));
        check("its radius in um", c.radius, std::numeric_limits<float>::min(), 1e3f);
        check("its clock in min", c.clock, wrote & written::clocks ? 0.0f : -1e6f, 1e9f);
        check("its time carried over in min", c.carry, 0.0f, 1e6f);
    }
    if (wrote & written::lineage) check("its lineage number", c.lineage, 0.0f, 1.0f);
    if (wrote & written::headings)
        for (const auto* heading : {&c.heading_x, &c.heading_y, &c.heading_z})
            check("its heading", *heading, -1.001f, 1.001f);
    if (wrote & written::pressure) check("its pressure in kPa", c.pressure, 0.0f, 1e6f);
}

// No cell may be on its way beyond the bricks that touch its own. In a section nobody leaves the mid-plane.
template <class Shape>
void check_places(const Brick<Shape>& brick) {
    const Cells& c = brick.cells;
    const std::vector<Fixed>* const places[3] = {&c.x, &c.y, &c.z};
    for (std::size_t a = 0; a < (Shape::flat ? 2 : 3); ++a) {
        const Fixed edge = edge_fixed<Shape>[a];
        const std::ptrdiff_t row = first_outside(*places[a], -edge, 2 * edge - 1);
        if (row < 0) continue;
        stop(brick, "cell " + std::to_string(c.id[std::size_t(row)]) + ": its place along " + "xyz"[a] + " in um is " +
                        std::to_string(um_from_fixed((*places[a])[std::size_t(row)])) + " (expected " +
                        std::to_string(um_from_fixed(-edge)) + " to " + std::to_string(um_from_fixed(2 * edge)) + ")");
    }
}

// The most bins of a settled brick that one voxel has a part of.
template <class Shape>
std::uint32_t bins_in_a_voxel(const BinGrid& bins) {
    const auto along = [](int of_bins, int of_voxels) {
        return std::min(of_bins, (of_bins + of_voxels - 1) / of_voxels + 1);
    };
    return std::uint32_t(along(bins.nx, Shape::nx) * along(bins.ny, Shape::ny) * along(bins.nz, Shape::nz));
}

template <class Shape>
void check_crowding(const BinGrid& bins, const Brick<Shape>& brick) {
    const Cells& c = brick.cells;
    // Where the bins hold few enough nobody needs to be counted, and that is nearly everywhere.
    if (brick.bin_start.size() == std::size_t(bins.count()) + 1 && brick.bin_start.back() == c.size()) {
        std::uint32_t fullest = 0;
        for (std::size_t bin = 0; bin + 1 < brick.bin_start.size(); ++bin)
            fullest = std::max(fullest, brick.bin_start[bin + 1] - brick.bin_start[bin]);
        if (fullest * bins_in_a_voxel<Shape>(bins) <= most_cells_per_voxel) return;
    }
    int in_voxel[std::size_t(voxels_per_brick<Shape>)] = {};
    for (std::size_t row = 0; row < c.size(); ++row)
        if (++in_voxel[voxel_of<Shape>(c.x[row], c.y[row], c.z[row])] > int(most_cells_per_voxel))
            stop(brick, "more than " + std::to_string(most_cells_per_voxel) + " cells in one voxel, among them cell " +
                            std::to_string(c.id[row]));
}

template <class Shape>
void check_voxels(const Brick<Shape>& brick, const char* name, const std::vector<float>& column, float low,
                  float high) {
    const std::ptrdiff_t voxel = first_outside(column, low, high);
    if (voxel < 0) return;
    stop(brick, std::string(name) + " in voxel " + std::to_string(voxel) + " is " +
                    std::to_string(column[std::size_t(voxel)]) + " (expected " + std::to_string(low) + " to " +
                    std::to_string(high) + ")");
}

template <class Shape>
void check_matrix(const Brick<Shape>& brick) {
    check_voxels(brick, "collagen in mg/mL", brick.matrix.collagen, 0.0f, 1e4f);
    check_voxels(brick, "the cross-linked share", brick.matrix.crosslink, -1e-5f, 1.00001f);
    check_voxels(brick, "the order of fibres", brick.matrix.fibre_cos, -1.00001f, 1.00001f);
    check_voxels(brick, "the order of fibres", brick.matrix.fibre_sin, -1.00001f, 1.00001f);
}

// The middle of a segment lies in its brick and it is much shorter than one, so neither end lies beyond the next.
template <class Shape>
void check_segments(const Brick<Shape>& brick) {
    for (const Segment& s : brick.segments) {
        const Fixed ends[2][3] = {{s.x0, s.y0, s.z0}, {s.x1, s.y1, s.z1}};
        bool fits = s.radius > 0 && s.radius <= 1e3f;
        for (const auto& end : ends)
            for (int a = 0; a < 3; ++a)
                fits = fits && end[a] >= -edge_fixed<Shape>[a] && end[a] < 2 * edge_fixed<Shape>[a];
        if (fits) continue;
        stop(brick, "segment " + std::to_string(s.sequence) + " of sprout " + std::to_string(s.sprout) +
                        " has a radius of " + std::to_string(s.radius) + " um and goes from (" +
                        std::to_string(um_from_fixed(s.x0)) + ", " + std::to_string(um_from_fixed(s.y0)) + ", " +
                        std::to_string(um_from_fixed(s.z0)) + ") to (" + std::to_string(um_from_fixed(s.x1)) + ", " +
                        std::to_string(um_from_fixed(s.y1)) + ", " + std::to_string(um_from_fixed(s.z1)) +
                        ") um (expected a radius above 0 and ends in this brick or the next)");
    }
}

std::string name_of(const Model& model, int behaviour) {
    const BehaviourIndex& index = model.behaviours;
    const std::pair<int, const char*> single[] = {
        {index.cycle_entry, "cycle entry"},
        {index.apoptosis, "apoptosis"},
        {index.migration_speed, "migration speed"},
        {index.migration_bias, "migration bias"},
        {index.attack, "attack"},
        {index.collagen_deposition, "collagen deposition"},
        {index.collagen_degradation, "collagen degradation"},
        {index.crosslinking, "crosslinking"},
    };
    for (const auto& [number, name] : single)
        if (number == behaviour) return name;
    for (std::size_t s = 0; s < index.secretion.size(); ++s)
        if (index.secretion[s] == behaviour) return "secretion " + model.substrates[s].name;
    for (std::size_t t = 0; t < index.transform.size(); ++t)
        if (index.transform[t] == behaviour) return "transform " + model.types[t].name;
    for (std::size_t t = 0; t < index.recruit.size(); ++t)
        if (index.recruit[t] == behaviour) return "recruit " + model.types[t].name;
    return "behaviour " + std::to_string(behaviour);
}

}  // namespace

template <class Shape>
void guard_behaviours(const Model& model, const Brick<Shape>& brick, int type, const TypeBehaviours& behaviours,
                      const std::vector<std::uint32_t>* rows) {
    const auto wrong = behaviours.first_wrong(rows ? rows->size() : std::size_t(voxels_per_brick<Shape>));
    if (!wrong) return;
    const std::string where =
        rows ? "cell " + std::to_string(brick.cells.id[(*rows)[wrong->n]]) : "voxel " + std::to_string(wrong->n);
    stop(brick, where + ": the rate of '" + name_of(model, wrong->behaviour) + "' of " +
                    model.types[std::size_t(type)].name + " is " + std::to_string(wrong->value) +
                    " (expected a finite rate of at least 0)");
}

template <class Shape>
void guard_given(const World<Shape>& world) {
    for (const CellType& type : world.model->types) {
        const std::ptrdiff_t behaviour = first_outside(type.base, 0.0f, 1e12f);
        if (behaviour >= 0)
            throw RunError("the rate of '" + name_of(*world.model, int(behaviour)) + "' of " + type.name + " is " +
                           std::to_string(type.base[std::size_t(behaviour)]) +
                           " (expected a finite rate of at least 0)");
    }
    const double end_min = world.time_min() + world.model->clocks.tick_min;
    for (const treatment::SuicideGene& gene : world.plan.suicide_genes) {
        const auto require = [&](const char* what, double value, double most) {
            if (value >= 0 && value <= most) return;
            throw RunError(gene.name + ": " + what + " is " + std::to_string(value) + " (expected 0 to " +
                           std::to_string(most) + ")");
        };
        constexpr double most_ug_per_ml = 1e6;  // nothing but drug
        const double level = gene.dosing.concentration(end_min);
        require("the dose in ug/g", gene.dosing.dose_ug_per_g, most_ug_per_ml);
        require("the plasma level in ug/mL", level, most_ug_per_ml);
        require("the chance to kill in S phase", gene.effect(level), 1);
        require("the share of carriers", gene.carrier_share, 1);
        require("the delay of death in h", gene.death_delay_h, 1e6);
        require("the radius of bystander killing in um", gene.bystander_radius_um, 1e6);
        for (const float share : gene.bystander_share) require("the share of bystanders that die", share, 1);
    }
}

template <class Shape>
void guard(const World<Shape>& world, Written wrote, int threads) {
    if (wrote == written::nothing) return;
    const auto& bricks = world.lattice.in_memory();
    parallel_for(std::int64_t(bricks.size()), threads, [&](std::int64_t b) {
        const Brick<Shape>& brick = *bricks[std::size_t(b)];
        // Cells that rest may still read the fields of their brick.
        if (!brick.activity.cells_awake && !brick.activity.fields_awake) return;
        if (wrote & written::levels) check_levels(*world.model, brick);
        if (wrote & written::emission) check_emission(*world.model, brick);
        if (wrote & written::vessels) check_segments(brick);
        if (!brick.activity.cells_awake) return;
        check_cells(*world.model, brick, wrote);
        if (wrote & written::places) check_places(brick);
        if (wrote & written::crowding) check_crowding(world.lattice.bins(), brick);
        if (wrote & written::matrix) check_matrix(brick);
        if (wrote & written::vessels) check_voxels(brick, "the open share of sinusoids", brick.sinusoid, 0.0f, 1.0f);
    });
}

template void guard<SectionShape>(const World<SectionShape>&, Written, int);
template void guard<BlockShape>(const World<BlockShape>&, Written, int);
template void guard_behaviours<SectionShape>(const Model&, const Brick<SectionShape>&, int, const TypeBehaviours&,
                                             const std::vector<std::uint32_t>*);
template void guard_behaviours<BlockShape>(const Model&, const Brick<BlockShape>&, int, const TypeBehaviours&,
                                           const std::vector<std::uint32_t>*);
template void guard_given<SectionShape>(const World<SectionShape>&);
template void guard_given<BlockShape>(const World<BlockShape>&);

}  // namespace stellate
