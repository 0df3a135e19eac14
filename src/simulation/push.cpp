// Push: contact mechanics in sub-steps of fixed length, each ending with a settle. Anchored residents hold up to their
// yield; collagen above the healthy level slows whoever lies in it (confinement).
#include <array>
#include <string>

#include "core/error.hpp"
#include "core/parallel.hpp"
#include "matrix/matrix.hpp"
#include "mechanics/move.hpp"
#include "simulation/phases.hpp"

namespace stellate {

namespace {

// Mobility of a cell in each voxel: collagen above the healthy level slows.
template <class Shape>
void mobility_of_voxels(const Model& model, const Brick<Shape>& brick, std::vector<float>& mobility) {
    mobility.assign(std::size_t(voxels_per_brick<Shape>), 1.0f);
    if (!model.confines) return;
    for (std::size_t v = 0; v < mobility.size(); ++v)
        if (brick.matrix.collagen[v] > brick.healthy.collagen[v])
            mobility[v] = matrix::mobility(model.matrix, brick.matrix.collagen[v], brick.healthy.collagen[v]);
}

// Yield (um/min) and mobility of every row.
template <class Shape>
void holds(const Model& model, const Brick<Shape>& brick, std::span<const float> mobility_of_voxel,
           std::span<float> yield, std::span<float> mobility) {
    const Cells& c = brick.cells;
    std::array<float, mechanics::max_types> of_type{};
    for (std::size_t type = 0; type < model.types.size(); ++type)
        of_type[type] = static_cast<float>(model.types[type].yield_um_per_min);
    const Fixed *const x = c.x.data(), *const y = c.y.data(), *const z = c.z.data();
    const std::uint8_t* const type = c.type.data();
    const float* const of_voxel = mobility_of_voxel.data();
    float *const hold = yield.data(), *const freedom = mobility.data();
#pragma omp simd
    for (std::size_t row = 0; row < c.size(); ++row) {
        hold[row] = of_type[type[row] & 31u];
        freedom[row] = of_voxel[voxel_of<Shape>(x[row], y[row], z[row])];
    }
}

}  // namespace

template <class Shape>
bool pushed_from_outside(const World<Shape>& world, const Brick<Shape>& brick, std::uint32_t neighbours, Lanes lanes) {
    thread_local mechanics::ContactScratch scratch;
    thread_local std::vector<float> yield, mobility, mobility_of_voxel;
    yield.resize(brick.cells.size());
    mobility.resize(brick.cells.size());
    mobility_of_voxels(*world.model, brick, mobility_of_voxel);
    holds(*world.model, brick, mobility_of_voxel, yield, mobility);
    return mechanics::largest_excess_force(world.lattice, brick, world.model->contact, yield, neighbours, scratch,
                                           lanes) > 0;
}

template <class Shape>
void push(World<Shape>& world, std::vector<BrickScratch>& scratch, mechanics::MoveScratch& move, int threads,
          Lanes lanes) {
    const Model& model = *world.model;
    mechanics::MoveSettings settings;
    settings.substeps = model.clocks.mechanics_substeps;
    settings.dt_min = model.clocks.tick_min / settings.substeps;
    settings.guard_um = model.tolerances.guard_um;
    settings.lanes = lanes;
    const auto& bricks = world.lattice.in_memory();
    parallel_for(std::int64_t(bricks.size()), threads, [&](std::int64_t b) {
        mobility_of_voxels(model, *bricks[std::size_t(b)], scratch[std::size_t(b)].mobility);
    });
    const mechanics::Limits<Shape> limits = [&](std::size_t n, const Brick<Shape>& brick, std::span<float> yield,
                                                std::span<float> mobility) {
        holds(model, brick, scratch[n].mobility, yield, mobility);
    };
    try {
        mechanics::move_cells(world.lattice, model.contact, settings, limits, threads, move);
    } catch (const RunError& error) {
        throw RunError(std::string(error.what()) +
                       "; clocks.mechanics_step sets the sub-step, contact.repulsion how fast cells are pushed, "
                       "tolerances.guard the limit");
    }
    for (std::size_t b = 0; b < bricks.size(); ++b)
        if (bricks[b]->activity.cells_awake && move.velocities[b].moving) scratch[b].restless = true;
}

template bool pushed_from_outside<SectionShape>(const World<SectionShape>&, const Brick<SectionShape>&, std::uint32_t,
                                                Lanes);
template bool pushed_from_outside<BlockShape>(const World<BlockShape>&, const Brick<BlockShape>&, std::uint32_t, Lanes);
template void push<SectionShape>(World<SectionShape>&, std::vector<BrickScratch>&, mechanics::MoveScratch&, int, Lanes);
template void push<BlockShape>(World<BlockShape>&, std::vector<BrickScratch>&, mechanics::MoveScratch&, int, Lanes);

}  // namespace stellate
