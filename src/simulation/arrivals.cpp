// Arrivals from the blood: tumour cells through the portal vein, immune cells through perfused endothelium.
#include <algorithm>
#include <limits>
#include <string>

#include "core/error.hpp"
#include "core/ids.hpp"
#include "core/math.hpp"
#include "simulation/phases.hpp"

namespace stellate {

namespace {

// A voxel as part of an address of draws.
std::uint64_t voxel_address(BrickCoord at, int voxel) {
    return founder_id(at, static_cast<std::uint32_t>(voxel)).value;
}

// A place in a voxel; in a slab cells keep to the mid-plane.
template <class Shape>
void place_in_voxel(int voxel, Draws& draws, Fixed& x, Fixed& y, Fixed& z) {
    const int i = voxel % Shape::nx, j = voxel / Shape::nx % Shape::ny, k = voxel / (Shape::nx * Shape::ny);
    x = fixed_from_um(voxel_um * (i + draws.uniform()));
    y = fixed_from_um(voxel_um * (j + draws.uniform()));
    z = Shape::flat ? fixed_from_um(0.5 * voxel_um) : fixed_from_um(voxel_um * (k + draws.uniform()));
}

// Moves a new row from the place drawn for it towards the nearest endothelium of its brick that no other cell of its
// type touches, until the two touch: who is stuck in a sinusoid touches its wall. It moves by a voxel's edge at most,
// for the odds of sticking are the voxel's, and stays where no such wall is left.
template <class Shape>
void move_to_endothelium(const Model& model, Cells& c, std::size_t row) {
    const auto apart = [&c](std::size_t a, std::size_t b) {
        return Vec3{um_from_fixed(c.x[a] - c.x[b]), um_from_fixed(c.y[a] - c.y[b]), um_from_fixed(c.z[a] - c.z[b])};
    };
    const auto touching = [&c](std::size_t a, std::size_t b) { return double(c.radius[a]) + double(c.radius[b]); };
    // With a hundredth of slack, for places lie on a grid.
    const auto taken = [&](std::size_t wall) {
        for (std::size_t n = 0; n < row; ++n)
            if (c.type[n] == c.type[row] && length(apart(n, wall)) <= 1.01 * touching(n, wall)) return true;
        return false;
    };
    double nearest = std::numeric_limits<double>::infinity();
    std::size_t wall = row;
    for (std::size_t n = 0; n < row; ++n) {
        if (c.type[n] != model.roles.lsec || c.phase[n] == Phase::dying) continue;
        const double d = length(apart(row, n));
        if (d < nearest && !taken(n)) nearest = d, wall = n;
    }
    if (wall == row || !(nearest > touching(row, wall)) || nearest > touching(row, wall) + voxel_um) return;
    const Vec3 kept = (touching(row, wall) / nearest) * apart(row, wall);
    c.x[row] = c.x[wall] + fixed_from_um(kept.x);
    c.y[row] = c.y[wall] + fixed_from_um(kept.y);
    if constexpr (!Shape::flat) c.z[row] = c.z[wall] + fixed_from_um(kept.z);
}

}  // namespace

template <class Shape>
void arrive(const World<Shape>& world, const VoxelSignals& voxels, const Brick<Shape>& brick, BrickScratch& scratch) {
    const Model& model = *world.model;
    thread_local TypeBehaviours blood;
    blood.evaluate_at_voxels(model, model.roles.blood, std::size_t(voxels_per_brick<Shape>), voxels);
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
                throw RunError("arrive: more than one cell a voxel and tick of type " + model.types[type].name);
            const std::uint64_t address = voxel_address(brick.at, v);
            Draws draws(world.seed, address ^ model.types[type].address, world.tick, Purpose::immune_arrival);
            const double at = draws.exponential() / hazard;  // in ticks
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
            move_to_endothelium<Shape>(model, c, row);
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
