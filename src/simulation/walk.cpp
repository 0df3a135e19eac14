// How cells walk: speed and bias from the rules, direction up the gradients of what their type follows. Cells that take
// room stay out of the lumina of portal and central veins; attackers stop where they touch a target. Nobody looks at a
// walker while others walk: lumina never change, and targets are looked up where they were before.
#include <algorithm>
#include <cmath>
#include <utility>

#include "mechanics/motility.hpp"
#include "simulation/phases.hpp"

namespace stellate {

namespace {

// Level of a substrate one voxel away along an axis; across a face it is read from the next brick, at the edge of what
// is in memory it is the voxel's own (no gradient).
template <class Shape>
float level_beside(const Lattice<Shape>& lattice, const Brick<Shape>& brick, int substrate, const int (&at)[3],
                   int axis, int step) {
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

// Sum over what the type follows of weight times the relative rise over one voxel, grad c dx / (c + K), K the level at
// which a gradient is read at half.
template <class Shape>
Vec3 attraction(const World<Shape>& world, const CellType& type, const Brick<Shape>& brick, int voxel) {
    const int at[3] = {voxel % Shape::nx, voxel / Shape::nx % Shape::ny, voxel / (Shape::nx * Shape::ny)};
    double sum[3] = {};
    for (const auto& [substrate, weight] : type.taxis) {
        const Substrate& s = world.model->substrates[std::size_t(substrate)];
        const double scale = weight / (brick.level(substrate, voxel) + s.gradient_half);
        for (int axis = 0; axis < (Shape::flat ? 2 : 3); ++axis)
            sum[axis] += scale * 0.5 *
                         (double(level_beside(world.lattice, brick, substrate, at, axis, 1)) -
                          double(level_beside(world.lattice, brick, substrate, at, axis, -1)));
    }
    return {sum[0], sum[1], sum[2]};
}

// The brick of a place given in a brick's coordinates that may lie beyond its faces, by one brick at most, and the
// place there; beyond the tissue's wall it is where settle will put the cell.
template <class Shape>
std::pair<BrickCoord, mechanics::Place> home_of(const Lattice<Shape>& lattice, BrickCoord at, mechanics::Place place) {
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
    return {at, place};
}

// Does a step lead into a voxel of a lumen? One that begins in that very voxel does not: founders in the wall may lie
// in a voxel that is mostly lumen, and whoever was pushed in may come out. Tissue kinds never change, so they may be
// read across faces at any time.
template <class Shape>
bool enters_lumen(const Lattice<Shape>& lattice, BrickCoord at, const mechanics::Place& from,
                  const mechanics::Place& to) {
    const auto voxel = [&](const mechanics::Place& place) {
        const auto [home, p] = home_of(lattice, at, place);
        return std::pair(home, voxel_of<Shape>(p[0], p[1], p[2]));
    };
    const auto there = voxel(to);
    const Brick<Shape>* brick = lattice.find(there.first);
    if (!brick) return false;
    const TissueKind kind = brick->healthy.kind[std::size_t(there.second)];
    if (kind != TissueKind::portal_vein && kind != TissueKind::central_vein) return false;
    return voxel(from) != there;
}

// Does a cell of that radius at a place touch one of those it attacks? Touching is as in immune::nearest_target; whom
// it touches lies in its bin or one beside it.
template <class Shape>
bool touches_target(const World<Shape>& world, const std::vector<BrickScratch>& scratch, BrickCoord at,
                    const mechanics::Place& place, double radius, const std::vector<float>& attackable) {
    static constexpr int deep = Shape::flat ? 0 : 1;
    const BinGrid& bins = world.lattice.bins();
    const int count[3] = {bins.nx, bins.ny, bins.nz};
    const double reach = world.model->tolerances.contact_reach;
    const auto [home, p] = home_of(world.lattice, at, place);
    const int bin = bin_of<Shape>(bins, p[0], p[1], p[2]);
    const int own[3] = {bin % bins.nx, bin / bins.nx % bins.ny, bin / (bins.nx * bins.ny)};
    for (int dz = -deep; dz <= deep; ++dz)
        for (int dy = -1; dy <= 1; ++dy)
            for (int dx = -1; dx <= 1; ++dx) {
                int there[3] = {own[0] + dx, own[1] + dy, own[2] + dz};
                BrickCoord brick = home;
                std::int32_t* const coordinate[3] = {&brick.x, &brick.y, &brick.z};
                double shift[3];
                for (int a = 0; a < 3; ++a) {
                    const int step = there[a] < 0 ? -1 : there[a] >= count[a] ? 1 : 0;
                    *coordinate[a] += step;
                    there[a] -= step * count[a];
                    shift[a] = um_from_fixed(edge_fixed<Shape>[a]) * step - um_from_fixed(p[std::size_t(a)]);
                }
                const std::ptrdiff_t n = world.lattice.place_in_memory(brick);
                if (n < 0 || scratch[std::size_t(n)].hunted.start.empty()) continue;
                const Hunted& h = scratch[std::size_t(n)].hunted;
                const auto of = std::size_t(there[0] + bins.nx * (there[1] + bins.ny * there[2]));
                for (std::uint32_t m = h.start[of]; m < h.start[of + 1]; ++m) {
                    if (!(attackable[h.type[m]] > 0)) continue;
                    const double x = um_from_fixed(h.x[m]) + shift[0], y = um_from_fixed(h.y[m]) + shift[1],
                                 z = um_from_fixed(h.z[m]) + shift[2];
                    const double touch = reach * (double(h.radius[m]) + radius);
                    if (x * x + y * y + z * z < touch * touch) return true;
                }
            }
    return false;
}

}  // namespace

template <class Shape>
void steer(const World<Shape>& world, int type, const std::vector<std::uint32_t>& rows,
           const TypeBehaviours& behaviours, const Brick<Shape>& brick, BrickScratch& scratch) {
    const Model& model = *world.model;
    const CellType& t = model.types[std::size_t(type)];
    if (!t.has(model.behaviours.migration_speed)) return;
    const Cells& c = brick.cells;
    for (std::size_t n = 0; n < rows.size(); ++n) {
        const std::uint32_t row = rows[n];
        const float speed = behaviours.of(model.behaviours.migration_speed)(n);
        const bool holds = !t.attackable.empty() && !scratch.target[row].none();
        if (c.phase[row] == Phase::dying || holds || speed <= model.tolerances.resting_speed_um_per_min) continue;
        Walking& w = scratch.walking;
        w.speed[row] = speed;
        w.bias[row] = w.toward_x[row] = w.toward_y[row] = w.toward_z[row] = 0;
        scratch.restless = true;
        if (t.taxis.empty()) continue;
        const Vec3 up = attraction(world, t, brick, voxel_of<Shape>(c.x[row], c.y[row], c.z[row]));
        const double steepness = length(up);
        if (!(steepness > 0)) continue;
        // A shallow gradient is followed less: the bias grows to its full value as the relative rise over a voxel
        // nears 1.
        w.bias[row] = static_cast<float>(behaviours.of(model.behaviours.migration_bias)(n) * std::min(1.0, steepness));
        w.toward_x[row] = static_cast<float>(up.x / steepness);
        w.toward_y[row] = static_cast<float>(up.y / steepness);
        w.toward_z[row] = static_cast<float>(up.z / steepness);
    }
}

template <class Shape>
void mark_hunted(const World<Shape>& world, const Brick<Shape>& brick, BrickScratch& scratch) {
    Hunted& h = scratch.hunted;
    for (auto* column : {&h.x, &h.y, &h.z}) column->clear();
    h.radius.clear(), h.type.clear(), h.start.clear();
    const Cells& c = brick.cells;
    const std::uint32_t hunted = world.model->hunted;
    if (std::none_of(c.type.begin(), c.type.end(), [hunted](std::uint8_t t) { return hunted >> t & 1; })) return;
    for (std::size_t bin = 0; bin + 1 < brick.bin_start.size(); ++bin) {
        h.start.push_back(static_cast<std::uint32_t>(h.x.size()));
        for (std::uint32_t row = brick.bin_start[bin]; row < brick.bin_start[bin + 1]; ++row) {
            if (!(hunted >> c.type[row] & 1) || c.phase[row] == Phase::dying) continue;
            h.x.push_back(c.x[row]), h.y.push_back(c.y[row]), h.z.push_back(c.z[row]);
            h.radius.push_back(c.radius[row]);
            h.type.push_back(c.type[row]);
        }
    }
    h.start.push_back(static_cast<std::uint32_t>(h.x.size()));
}

template <class Shape>
void walk(const World<Shape>& world, const std::vector<BrickScratch>& scratch, Brick<Shape>& brick) {
    const Model& model = *world.model;
    const Walking& w = scratch[std::size_t(world.lattice.place_in_memory(brick.at))].walking;
    const auto barred = [&](const mechanics::Place& from, const mechanics::Place& to) {
        return enters_lumen(world.lattice, brick.at, from, to);
    };
    const auto arrived = [&](std::size_t row, const mechanics::Place& place) {
        return touches_target(world, scratch, brick.at, place, brick.cells.radius[row],
                              model.types[brick.cells.type[row]].attackable);
    };
    mechanics::walk(brick, {w.speed, w.bias, w.toward_x, w.toward_y, w.toward_z}, model.walks, model.clocks.tick_min,
                    world.seed, world.tick, 0, model.tolerances.guard_um, barred, arrived);
}

template void steer<SectionShape>(const World<SectionShape>&, int, const std::vector<std::uint32_t>&,
                                  const TypeBehaviours&, const Brick<SectionShape>&, BrickScratch&);
template void steer<BlockShape>(const World<BlockShape>&, int, const std::vector<std::uint32_t>&, const TypeBehaviours&,
                                const Brick<BlockShape>&, BrickScratch&);
template void mark_hunted<SectionShape>(const World<SectionShape>&, const Brick<SectionShape>&, BrickScratch&);
template void mark_hunted<BlockShape>(const World<BlockShape>&, const Brick<BlockShape>&, BrickScratch&);
template void walk<SectionShape>(const World<SectionShape>&, const std::vector<BrickScratch>&, Brick<SectionShape>&);
template void walk<BlockShape>(const World<BlockShape>&, const std::vector<BrickScratch>&, Brick<BlockShape>&);

}  // namespace stellate
