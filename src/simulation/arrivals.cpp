// Arrivals from the blood: tumour cells through the portal vein, immune cells through perfused endothelium.
#include <algorithm>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/ids.hpp"
#include "core/math.hpp"
#include "simulation/phases.hpp"

namespace stellate {

namespace {

// A place in a voxel; in a slab cells keep to the mid-plane.
template <class Shape>
void place_in_voxel(int voxel, Draws& draws, Fixed& x, Fixed& y, Fixed& z) {
    const int i = voxel % Shape::nx, j = voxel / Shape::nx % Shape::ny, k = voxel / (Shape::nx * Shape::ny);
    x = fixed_from_um(voxel_um * (i + draws.uniform()));
    y = fixed_from_um(voxel_um * (j + draws.uniform()));
    z = Shape::flat ? fixed_from_um(0.5 * voxel_um) : fixed_from_um(voxel_um * (k + draws.uniform()));
}

// Moves a new row of a brick from the place drawn for it towards the nearest endothelium that no other cell of its type
// touches, until the two touch: who is stuck in a sinusoid touches its wall. It moves by a voxel's edge at most, for
// the odds of sticking are the voxel's, and stays where no such wall is left. Walls and neighbours may lie in other
// bricks: a brick is wider than all of these lengths together.
template <class Shape>
void move_to_endothelium(World<Shape>& world, Brick<Shape>& brick, std::size_t row) {
    const Model& model = *world.model;
    struct Body {
        Vec3 at;  // from the place drawn, um
        double radius;
    };
    Cells& c = brick.cells;
    const double radius = c.radius[row];
    std::vector<Body> walls, stuck;
    const int ring_z = Shape::flat ? 0 : 1;
    for (int dz = -ring_z; dz <= ring_z; ++dz)
        for (int dy = -1; dy <= 1; ++dy)
            for (int dx = -1; dx <= 1; ++dx) {
                const BrickCoord at{brick.at.x + dx, brick.at.y + dy, brick.at.z + dz};
                if (!world.lattice.contains(at)) continue;
                const Cells& there = world.lattice.materialise(at).cells;
                const Vec3 offset{um_from_fixed(dx * edge_fixed<Shape>[0]), um_from_fixed(dy * edge_fixed<Shape>[1]),
                                  um_from_fixed(dz * edge_fixed<Shape>[2])};
                for (std::size_t n = 0; n < there.size(); ++n) {
                    const bool wall = there.type[n] == model.roles.lsec && there.phase[n] != Phase::dying;
                    const bool other = there.type[n] == c.type[row] && !(&there == &c && n == row);
                    if (!wall && !other) continue;
                    const Vec3 from{um_from_fixed(there.x[n] - c.x[row]), um_from_fixed(there.y[n] - c.y[row]),
                                    um_from_fixed(there.z[n] - c.z[row])};
                    (wall ? walls : stuck).push_back({offset + from, double(there.radius[n])});
                }
            }
    // With a hundredth of slack, for places lie on a grid.
    const auto taken = [&stuck](const Body& wall) {
        return std::any_of(stuck.begin(), stuck.end(), [&wall](const Body& other) {
            return length(other.at - wall.at) <= 1.01 * (other.radius + wall.radius);
        });
    };
    const Body* nearest = nullptr;
    for (const Body& wall : walls)
        if ((!nearest || length(wall.at) < length(nearest->at)) && !taken(wall)) nearest = &wall;
    if (!nearest) return;
    const double apart = length(nearest->at), touching = radius + nearest->radius;
    if (!(apart > touching) || apart > touching + voxel_um) return;
    const Vec3 way = (1 - touching / apart) * nearest->at;
    c.x[row] += fixed_from_um(way.x);
    c.y[row] += fixed_from_um(way.y);
    if constexpr (!Shape::flat) c.z[row] += fixed_from_um(way.z);
}

}  // namespace

template <class Shape>
void arrive(const World<Shape>& world, const VoxelSignals& voxels, const Brick<Shape>& brick, BrickScratch& scratch) {
    const Model& model = *world.model;
    thread_local TypeBehaviours blood;
    blood.evaluate_at_voxels(model, model.roles.blood, std::size_t(voxels_per_brick<Shape>), voxels);
    guard_behaviours(model, brick, model.roles.blood, blood, nullptr);
    const double since_seeding = world.time_min() - world.inoculum.start_h * 60;
    for (std::size_t type = 0; type < model.types.size(); ++type) {
        const int behaviour = model.behaviours.recruit[type];
        if (!model.types[std::size_t(model.roles.blood)].has(behaviour) ||
            since_seeding < model.types[type].arrives_after_h * 60)
            continue;
        for (int v = 0; v < voxels_per_brick<Shape>; ++v) {
            const float rate = blood.of(behaviour)(std::size_t(v));
            if (rate <= model.tolerances.resting_rate_per_min) continue;
            const double hazard = double(rate) * voxels.perfusion(std::size_t(v)) * model.clocks.tick_min;
            // At most one cell of a type a voxel and tick: the hazard is small (checked by the guard below).
            if (hazard > 0.5)
                stop(brick, "more than one cell of " + model.types[type].name + " would come in voxel " +
                                std::to_string(v) + " in this tick (clocks.tick is too long for its rate of " +
                                std::to_string(rate) + " 1/min)");
            const std::uint64_t address = voxel_address(brick.at, v);
            Draws draws(world.seed, address ^ model.types[type].address, world.tick, Purpose::immune_arrival);
            const double u = draws.uniform();
            if (math::surely_later(u, hazard)) continue;
            const double at = -math::log(u) / hazard;  // in ticks
            if (at >= 1) continue;
            Newcomer cell;
            cell.left_min = static_cast<float>((1 - at) * model.clocks.tick_min);
            cell.id = arrival_id(address, world.tick, static_cast<std::uint32_t>(model.types[type].address)).value;
            cell.type = static_cast<std::uint8_t>(type);
            place_in_voxel<Shape>(v, draws, cell.x, cell.y, cell.z);
            scratch.newcomers.push_back(cell);
        }
    }
}

double arrest_odds(const Model& model, const Healthy& healthy, std::size_t voxel) {
    if (healthy.kind[voxel] != TissueKind::parenchyma) return 0;
    return math::pow(1.0 - healthy.portal_to_central[voxel], model.seeding.periportal_bias);
}

// Every cell of the inoculum has its own time and place, drawn by its number: more cells leave the first ones where
// they were. It sticks by the odds of the voxel, at a sinusoid's wall.
template <class Shape>
bool seed_tumour(World<Shape>& world) {
    const Model& model = *world.model;
    const double tick_h = model.clocks.tick_min / 60;
    const double now_h = world.tick * tick_h;
    const double first = world.inoculum.start_h, spread = model.seeding.arrival_spread_h;
    if (now_h + tick_h <= first || now_h > first + spread + tick_h) return false;
    const std::uint64_t before = world.tally.arrived_tumour;
    const Lattice<Shape>& lattice = world.lattice;
    const std::uint32_t width = std::uint32_t(lattice.nx() * Shape::nx),
                        height = std::uint32_t(lattice.ny() * Shape::ny),
                        depth = std::uint32_t(lattice.nz() * Shape::nz);
    for (int n = 0; n < world.inoculum.cells; ++n) {
        Draws draws(world.seed, std::uint64_t(n), 0, Purpose::arrival);
        const double at_h = first + draws.uniform() * spread;
        if (!(at_h >= now_h && at_h < now_h + tick_h)) continue;
        for (int attempt = 0;; ++attempt) {
            if (attempt == 1000)
                throw RunError(
                    "seeding: cell " + std::to_string(n) +
                    " of the inoculum found no sinusoid in 1000 places; the tissue has hardly any parenchyma");
            const std::uint32_t x = draws.below(width), y = draws.below(height), z = draws.below(depth);
            const double odds = draws.uniform();
            const BrickCoord at{std::int32_t(x / Shape::nx), std::int32_t(y / Shape::ny), std::int32_t(z / Shape::nz)};
            const int voxel = voxel_index<Shape>(int(x % Shape::nx), int(y % Shape::ny), int(z % Shape::nz));
            Brick<Shape>& brick = world.lattice.materialise(at);
            if (odds >= arrest_odds(model, brick.healthy, std::size_t(voxel))) continue;
            Cells& c = brick.cells;
            const std::size_t row = c.size();
            c.resize(row + 1);
            place_in_voxel<Shape>(voxel, draws, c.x[row], c.y[row], c.z[row]);
            c.id[row] = arrival_id(~std::uint64_t(n), world.tick, 0).value;
            c.type[row] = static_cast<std::uint8_t>(model.roles.tumour_arrested);
            c.radius[row] = static_cast<float>(model.types[c.type[row]].radius_um);
            c.lineage[row] = draws.uniform_float();
            move_to_endothelium(world, brick, row);
            brick.activity.cells_awake = 1;
            brick.activity.quiet_cells = 0;
            ++world.tally.arrived_tumour;
            break;
        }
    }
    return world.tally.arrived_tumour != before;
}

template void arrive<SectionShape>(const World<SectionShape>&, const VoxelSignals&, const Brick<SectionShape>&,
                                   BrickScratch&);
template void arrive<BlockShape>(const World<BlockShape>&, const VoxelSignals&, const Brick<BlockShape>&,
                                 BrickScratch&);
template bool seed_tumour<SectionShape>(World<SectionShape>&);
template bool seed_tumour<BlockShape>(World<BlockShape>&);

}  // namespace stellate
