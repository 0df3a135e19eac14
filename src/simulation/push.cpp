// Push: contact mechanics in sub-steps of fixed length, each beginning with a settle. Anchored residents hold up to their
// yield; collagen above the healthy level slows whoever lies in it (confinement).
#include <algorithm>
#include <cmath>

#include "core/parallel.hpp"
#include "matrix/matrix.hpp"
#include "mechanics/move.hpp"
#include "simulation/phases.hpp"

namespace stellate {

namespace {

// Yield (um/min) and mobility of every row.
template <class Shape>
void holds(const Model& model, const Brick<Shape>& brick, std::span<float> yield, std::span<float> mobility) {
    const Cells& c = brick.cells;
    float by_voxel[std::size_t(voxels_per_brick<Shape>)];
    for (std::size_t v = 0; v < std::size_t(voxels_per_brick<Shape>); ++v)
        by_voxel[v] = model.confines ? matrix::mobility(model.matrix, brick.matrix.collagen[v], brick.healthy.collagen[v]) : 1.0f;
    for (std::size_t row = 0; row < c.size(); ++row) {
        yield[row] = static_cast<float>(model.types[c.type[row]].yield_um_per_min);
        mobility[row] = by_voxel[std::size_t(voxel_of<Shape>(c.x[row], c.y[row], c.z[row]))];
    }
}

bool moves(const mechanics::ContactVelocities& v) {
    const auto any = [](const std::vector<float>& column) {
        return std::any_of(column.begin(), column.end(), [](float value) { return value != 0; });
    };
    return any(v.x) || any(v.y) || any(v.z);
}

}  // namespace

template <class Shape>
bool pushed_from_outside(const World<Shape>& world, const Brick<Shape>& brick, std::uint32_t neighbours) {
    thread_local mechanics::ContactScratch scratch;
    thread_local std::vector<float> yield, mobility;
    yield.resize(brick.cells.size());
    mobility.resize(brick.cells.size());
    holds(*world.model, brick, yield, mobility);
    return mechanics::largest_excess_force(world.lattice, brick, world.model->contact, yield, neighbours, scratch) > 0;
}

template <class Shape>
void push(World<Shape>& world, std::vector<BrickScratch>& scratch, mechanics::MoveScratch& move, int threads, mechanics::Lanes lanes) {
    const Model& model = *world.model;
    mechanics::MoveSettings settings;
    settings.substeps = model.clocks.mechanics_substeps;
    settings.dt_min = model.clocks.tick_min / settings.substeps;
    settings.guard_um = model.tolerances.guard_um;
    settings.lanes = lanes;
    mechanics::MoveHooks<Shape> hooks;
    hooks.limits = [&model](const Brick<Shape>& brick, std::span<float> yield, std::span<float> mobility) {
        holds(model, brick, yield, mobility);
    };
    mechanics::move_cells(world.lattice, model.contact, settings, hooks, threads, move);
    const auto& bricks = world.lattice.in_memory();
    for (std::size_t b = 0; b < bricks.size(); ++b)
        if (bricks[b]->activity.cells_awake && moves(move.velocities[b])) scratch[b].restless = true;
    world.lattice.settle(threads);
}

template bool pushed_from_outside<SectionShape>(const World<SectionShape>&, const Brick<SectionShape>&, std::uint32_t);
template bool pushed_from_outside<BlockShape>(const World<BlockShape>&, const Brick<BlockShape>&, std::uint32_t);
template void push<SectionShape>(World<SectionShape>&, std::vector<BrickScratch>&, mechanics::MoveScratch&, int, mechanics::Lanes);
template void push<BlockShape>(World<BlockShape>&, std::vector<BrickScratch>&, mechanics::MoveScratch&, int, mechanics::Lanes);

}  // namespace stellate
