// Where cells walk: speed and bias from the rules, direction up the gradients of what their type follows. Cells that take
// room stay out of the lumina of portal and central veins.
#include <cmath>
#include <utility>

#include "mechanics/motility.hpp"
#include "simulation/phases.hpp"

namespace stellate {

namespace {

// Level of a substrate one voxel away along an axis; across a face it is read from the next brick, at the edge of what is
// in memory it is the voxel's own (no gradient).
template <class Shape>
float level_beside(const Lattice<Shape>& lattice, const Brick<Shape>& brick, int substrate, const int (&at)[3], int axis, int step) {
    static constexpr int size[3] = {Shape::nx, Shape::ny, Shape::nz};
    int to[3] = {at[0], at[1], at[2]};
    to[axis] += step;
    const Brick<Shape>* home = &brick;
    if (to[axis] < 0 || to[axis] >= size[axis]) {
        BrickCoord next = brick.at;
        (axis == 0 ? next.x : axis == 1 ? next.y : next.z) += step;
        home = lattice.find(next);
        if (!home) return brick.level(substrate, voxel_index<Shape>(at[0], at[1], at[2]));
        to[axis] = step < 0 ? size[axis] - 1 : 0;
    }
    return home->level(substrate, voxel_index<Shape>(to[0], to[1], to[2]));
}

// Sum over what the type follows of weight times the relative rise over one voxel, grad c dx / (c + wake tolerance).
template <class Shape>
Vec3 attraction(const World<Shape>& world, const CellType& type, const Brick<Shape>& brick, int voxel) {
    const int at[3] = {voxel % Shape::nx, voxel / Shape::nx % Shape::ny, voxel / (Shape::nx * Shape::ny)};
    double sum[3] = {};
    for (const auto& [substrate, weight] : type.taxis) {
        const Substrate& s = world.model->substrates[std::size_t(substrate)];
        const double scale = weight / (brick.level(substrate, voxel) + s.wake_tolerance);
        for (int axis = 0; axis < (Shape::flat ? 2 : 3); ++axis)
            sum[axis] += scale * 0.5 *
                         (double(level_beside(world.lattice, brick, substrate, at, axis, 1)) -
                          double(level_beside(world.lattice, brick, substrate, at, axis, -1)));
    }
    return {sum[0], sum[1], sum[2]};
}

// The voxel of a place in a brick's coordinates that may lie beyond its faces, by one brick at most; beyond the tissue's
// wall it is the voxel that settle will put the cell into.
template <class Shape>
std::pair<BrickCoord, int> voxel_beyond(const Lattice<Shape>& lattice, BrickCoord at, mechanics::Place place) {
    std::int32_t* const brick[3] = {&at.x, &at.y, &at.z};
    const int bricks[3] = {lattice.nx(), lattice.ny(), lattice.nz()};
    for (std::size_t a = 0; a < 3; ++a) {
        const Fixed edge = edge_fixed<Shape>[a];
        if (place[a] < 0) {
            place[a] = *brick[a] > 0 ? place[a] + edge : 0;
            if (*brick[a] > 0) --*brick[a];
        } else if (place[a] >= edge) {
            place[a] = *brick[a] < bricks[a] - 1 ? place[a] - edge : edge - 1;
            if (*brick[a] < bricks[a] - 1) ++*brick[a];
        }
    }
    return {at, voxel_of<Shape>(place[0], place[1], place[2])};
}

// Does a step lead into a voxel of a lumen? One that begins in that very voxel does not: founders in the wall may lie in a
// voxel that is mostly lumen, and whoever was pushed in may come out. Tissue kinds never change, so they may be read
// across faces at any time.
template <class Shape>
bool enters_lumen(const Lattice<Shape>& lattice, BrickCoord at, const mechanics::Place& from, const mechanics::Place& to) {
    const auto [brick_at, voxel] = voxel_beyond(lattice, at, to);
    const Brick<Shape>* brick = lattice.find(brick_at);
    if (!brick) return false;
    const TissueKind kind = brick->healthy.kind[std::size_t(voxel)];
    if (kind != TissueKind::portal_vein && kind != TissueKind::central_vein) return false;
    return voxel_beyond(lattice, at, from) != std::pair(brick_at, voxel);
}

}  // namespace

template <class Shape>
void steer(const World<Shape>& world, int type, const std::vector<std::uint32_t>& rows, const TypeBehaviours& behaviours,
           const Brick<Shape>& brick, BrickScratch& scratch) {
    const Model& model = *world.model;
    const CellType& t = model.types[std::size_t(type)];
    if (!t.has(model.behaviours.migration_speed)) return;
    const Cells& c = brick.cells;
    for (std::size_t n = 0; n < rows.size(); ++n) {
        const std::uint32_t row = rows[n];
        const float speed = behaviours.of(model.behaviours.migration_speed)(n);
        const bool holds = !t.attackable.empty() && !scratch.target[row].none();
        if (c.phase[row] == Phase::dying || holds || speed <= model.tolerances.resting_speed_um_per_min) continue;
        scratch.walking.speed[row] = speed;
        scratch.restless = true;
        if (t.taxis.empty()) continue;
        const Vec3 up = attraction(world, t, brick, voxel_of<Shape>(c.x[row], c.y[row], c.z[row]));
        const double steepness = length(up);
        if (!(steepness > 0)) continue;
        // A shallow gradient is followed less: the bias grows to its full value as the relative rise over a voxel nears 1.
        scratch.walking.bias[row] = static_cast<float>(behaviours.of(model.behaviours.migration_bias)(n) * std::min(1.0, steepness));
        scratch.walking.toward_x[row] = static_cast<float>(up.x / steepness);
        scratch.walking.toward_y[row] = static_cast<float>(up.y / steepness);
        scratch.walking.toward_z[row] = static_cast<float>(up.z / steepness);
    }
}

template <class Shape>
void walk(const World<Shape>& world, Brick<Shape>& brick, const BrickScratch& scratch) {
    const auto& w = scratch.walking;
    mechanics::walk(brick, {w.speed, w.bias, w.toward_x, w.toward_y, w.toward_z}, world.model->walks, world.model->clocks.tick_min, world.seed,
                    world.tick, 0, world.model->tolerances.guard_um,
                    [&](const mechanics::Place& from, const mechanics::Place& to) { return enters_lumen(world.lattice, brick.at, from, to); });
}

template void steer<SectionShape>(const World<SectionShape>&, int, const std::vector<std::uint32_t>&, const TypeBehaviours&,
                                  const Brick<SectionShape>&, BrickScratch&);
template void steer<BlockShape>(const World<BlockShape>&, int, const std::vector<std::uint32_t>&, const TypeBehaviours&,
                                const Brick<BlockShape>&, BrickScratch&);
template void walk<SectionShape>(const World<SectionShape>&, Brick<SectionShape>&, const BrickScratch&);
template void walk<BlockShape>(const World<BlockShape>&, Brick<BlockShape>&, const BrickScratch&);

}  // namespace stellate
