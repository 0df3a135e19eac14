// Guards: is everything still a number, inside its bounds, and not running away? Asked of what leaves a tick, and of
// what enters one unless it has just left another. A run that fails stops with the place and the value; nothing is
// repaired.
#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/parallel.hpp"
#include "simulation/phases.hpp"

namespace stellate {

namespace {

// More cells than this in one 20-um voxel cannot be tissue (a packed tumour has about 4).
constexpr int most_cells_per_voxel = 200;

template <class Shape>
[[noreturn]] void stop(const Brick<Shape>& brick, const std::string& what) {
    throw RunError("brick (" + std::to_string(brick.at.x) + ", " + std::to_string(brick.at.y) + ", " +
                   std::to_string(brick.at.z) + "): " + what);
}

// The first of `values` outside [low, high] or not a number; -1 if there is none. The first pass has no branch.
template <class T>
std::ptrdiff_t first_outside(const std::vector<T>& values, T low, T high) {
    int bad = 0;
#pragma omp simd reduction(| : bad)
    for (std::size_t n = 0; n < values.size(); ++n) bad |= int(!(values[n] >= low)) | int(!(values[n] <= high));
    if (!bad) return -1;
    return std::find_if(values.begin(), values.end(), [&](T v) { return !(v >= low && v <= high); }) - values.begin();
}

// Cells that rest may still read the fields of their brick.
template <class Shape>
void check_fields(const Model& model, const Brick<Shape>& brick) {
    for (std::size_t s = 0; s < model.substrates.size(); ++s) {
        const auto healthy = brick.healthy_level(int(s));
        const auto field = brick.field(int(s));
        const float* emission = brick.emission.data() + s * field.size();
        // What the solver's own tolerance may leave below zero.
        const auto slack = static_cast<float>(-model.substrates[s].wake_tolerance);
        // False for NaN; without branches.
        const auto level_fits = [&](std::size_t v) {
            return int(field[v] + healthy[v] >= slack) & int(field[v] < 1e12f);
        };
        const auto emission_fits = [&](std::size_t v) { return int(emission[v] >= 0) & int(emission[v] < 1e12f); };
        int bad = 0;
#pragma omp simd reduction(| : bad)
        for (std::size_t v = 0; v < field.size(); ++v) bad |= int(!level_fits(v)) | int(!emission_fits(v));
        if (!bad) continue;
        for (std::size_t v = 0; v < field.size(); ++v) {
            if (!level_fits(v))
                stop(brick, model.substrates[s].name + " in voxel " + std::to_string(v) + " is " +
                                std::to_string(field[v] + healthy[v]) + " (expected a finite level of at least 0)");
            if (!emission_fits(v))
                stop(brick, model.substrates[s].name + " is secreted in voxel " + std::to_string(v) + " at " +
                                std::to_string(emission[v]) + " a minute (expected a finite rate of at least 0)");
        }
    }
}

template <class Shape>
void check_cells(const Model& model, const Brick<Shape>& brick) {
    const Cells& c = brick.cells;
    const auto check = [&]<class T>(const char* name, const std::vector<T>& column, T low, T high) {
        const std::ptrdiff_t row = first_outside(column, low, high);
        if (row < 0) return;
        stop(brick, "cell " + std::to_string(c.id[std::size_t(row)]) + ": " + name + " is " +
                        std::to_string(column[std::size_t(row)]) + " (expected " + std::to_string(low) + " to " +
                        std::to_string(high) + ")");
    };
    check("its type", c.type, std::uint8_t(0), static_cast<std::uint8_t>(model.types.size() - 1));
    check("its radius in um", c.radius, std::numeric_limits<float>::min(), 1e3f);
    check("its pressure in kPa", c.pressure, 0.0f, 1e6f);
    check("its clock in min", c.clock, 0.0f, 1e9f);
    check("its time carried over in min", c.carry, 0.0f, 1e6f);
    check("its lineage number", c.lineage, 0.0f, 1.0f);
    for (const auto* heading : {&c.heading_x, &c.heading_y, &c.heading_z})
        check("its heading", *heading, -1.001f, 1.001f);
}

template <class Shape>
void check_matrix(const Brick<Shape>& brick) {
    const auto check = [&](const char* name, const std::vector<float>& column, float low, float high) {
        const std::ptrdiff_t voxel = first_outside(column, low, high);
        if (voxel < 0) return;
        stop(brick, std::string(name) + " in voxel " + std::to_string(voxel) + " is " +
                        std::to_string(column[std::size_t(voxel)]) + " (expected " + std::to_string(low) + " to " +
                        std::to_string(high) + ")");
    };
    check("collagen in mg/mL", brick.matrix.collagen, 0.0f, 1e4f);
    check("the cross-linked share", brick.matrix.crosslink, -1e-5f, 1.00001f);
    check("the order of fibres", brick.matrix.fibre_cos, -1.00001f, 1.00001f);
    check("the order of fibres", brick.matrix.fibre_sin, -1.00001f, 1.00001f);
    check("the open share of sinusoids", brick.sinusoid, 0.0f, 1.0f);
}

template <class Shape>
void check_crowding(const Brick<Shape>& brick) {
    const Cells& c = brick.cells;
    int in_voxel[std::size_t(voxels_per_brick<Shape>)] = {};
    for (std::size_t row = 0; row < c.size(); ++row)
        if (++in_voxel[voxel_of<Shape>(c.x[row], c.y[row], c.z[row])] > most_cells_per_voxel)
            stop(brick, "more than " + std::to_string(most_cells_per_voxel) + " cells in one voxel, among them cell " +
                            std::to_string(c.id[row]));
}

}  // namespace

template <class Shape>
void guard_values(const World<Shape>& world, int threads) {
    const auto& bricks = world.lattice.in_memory();
    parallel_for(std::int64_t(bricks.size()), threads, [&](std::int64_t b) {
        const Brick<Shape>& brick = *bricks[std::size_t(b)];
        if (!brick.activity.cells_awake && !brick.activity.fields_awake) return;
        check_fields(*world.model, brick);
        if (!brick.activity.cells_awake) return;
        check_cells(*world.model, brick);
        check_matrix(brick);
    });
}

template <class Shape>
void guard(const World<Shape>& world, int threads) {
    guard_values(world, threads);
    const auto& bricks = world.lattice.in_memory();
    parallel_for(std::int64_t(bricks.size()), threads, [&](std::int64_t b) {
        if (bricks[std::size_t(b)]->activity.cells_awake) check_crowding(*bricks[std::size_t(b)]);
    });
}

template void guard_values<SectionShape>(const World<SectionShape>&, int);
template void guard_values<BlockShape>(const World<BlockShape>&, int);
template void guard<SectionShape>(const World<SectionShape>&, int);
template void guard<BlockShape>(const World<BlockShape>&, int);

}  // namespace stellate
