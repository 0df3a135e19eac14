// Guards: after every tick, is everything still a number, inside its bounds, and not running away? A run that fails stops
// with the place and the value; nothing is repaired.
#include <cmath>
#include <string>

#include "core/error.hpp"
#include "core/parallel.hpp"
#include "simulation/phases.hpp"

namespace stellate {

namespace {

// More cells than this in one 20-um voxel cannot be tissue (a packed tumour has about 4).
constexpr int most_cells_per_voxel = 200;

template <class Shape>
[[noreturn]] void stop(const Brick<Shape>& brick, const std::string& what) {
    throw RunError("brick (" + std::to_string(brick.at.x) + ", " + std::to_string(brick.at.y) + ", " + std::to_string(brick.at.z) + "): " + what);
}

template <class Shape>
void check_fields(const Model& model, const Brick<Shape>& brick) {
    for (std::size_t s = 0; s < model.substrates.size(); ++s) {
        const auto healthy = brick.healthy_level(int(s));
        const auto field = brick.field(int(s));
        // What the solver's own tolerance may leave below zero.
        const auto slack = static_cast<float>(-model.substrates[s].wake_tolerance);
        bool fine = true;
        for (std::size_t v = 0; v < field.size(); ++v) fine = fine && field[v] + healthy[v] >= slack && field[v] < 1e12f;  // false for NaN
        if (fine) continue;
        for (std::size_t v = 0; v < field.size(); ++v)
            if (!(field[v] + healthy[v] >= slack && field[v] < 1e12f))
                stop(brick, model.substrates[s].name + " in voxel " + std::to_string(v) + " is " + std::to_string(field[v] + healthy[v]) +
                                " (expected a finite level of at least 0)");
    }
}

template <class Shape>
void check_cells(const Model& model, const Brick<Shape>& brick) {
    const Cells& c = brick.cells;
    int in_voxel[std::size_t(voxels_per_brick<Shape>)] = {};
    for (std::size_t row = 0; row < c.size(); ++row) {
        const bool fine = c.radius[row] > 0 && c.radius[row] < 1e3f && c.pressure[row] >= 0 && c.pressure[row] < 1e6f &&
                          std::isfinite(c.clock[row]) && c.type[row] < model.types.size();
        if (!fine)
            stop(brick, "cell " + std::to_string(c.id[row]) + ": radius " + std::to_string(c.radius[row]) + " um, pressure " +
                            std::to_string(c.pressure[row]) + " kPa, clock " + std::to_string(c.clock[row]) + " min");
        if (++in_voxel[voxel_of<Shape>(c.x[row], c.y[row], c.z[row])] > most_cells_per_voxel)
            stop(brick, "more than " + std::to_string(most_cells_per_voxel) + " cells in one voxel, among them cell " + std::to_string(c.id[row]));
    }
}

template <class Shape>
void check_matrix(const Brick<Shape>& brick) {
    const auto within = [](const std::vector<float>& values, float low, float high) {
        bool fine = true;
        for (const float v : values) fine = fine && v >= low && v <= high;
        return fine;
    };
    if (!within(brick.matrix.collagen, 0.0f, 1e4f) || !within(brick.matrix.crosslink, -1e-5f, 1.00001f) || !within(brick.sinusoid, 0.0f, 1.0f))
        stop(brick, "collagen, cross-linking or sinusoids are out of bounds");
}

}  // namespace

template <class Shape>
void guard(const World<Shape>& world, int threads) {
    const auto& bricks = world.lattice.in_memory();
    parallel_for(std::int64_t(bricks.size()), threads, [&](std::int64_t b) {
        const Brick<Shape>& brick = *bricks[std::size_t(b)];
        if (brick.activity.fields_awake) check_fields(*world.model, brick);
        if (!brick.activity.cells_awake) return;
        check_cells(*world.model, brick);
        check_matrix(brick);
    });
}

template void guard<SectionShape>(const World<SectionShape>&, int);
template void guard<BlockShape>(const World<BlockShape>&, int);

}  // namespace stellate
