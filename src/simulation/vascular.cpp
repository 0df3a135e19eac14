// Grow vessels: sinusoids under tumour brick by brick, then the ordered growth of the sprouts, whose tips are cells.
#include <algorithm>

#include "core/error.hpp"
#include "core/parallel.hpp"
#include "simulation/phases.hpp"

namespace stellate {

namespace {

constexpr double pi = 3.14159265358979323846;

// Share of each voxel filled by living tumour cells (in a slab: disks of the slab's height), at most 1.
template <class Shape>
bool tumour_fraction(const Model& model, const Brick<Shape>& brick, std::vector<float>& fraction) {
    fraction.assign(std::size_t(voxels_per_brick<Shape>), 0.0f);
    bool any = false;
    const Cells& c = brick.cells;
    for (std::size_t row = 0; row < c.size(); ++row) {
        if (!model.types[c.type[row]].marks.tumour || c.phase[row] == Phase::dying) continue;
        const double r = c.radius[row];
        const double volume = Shape::flat ? pi * r * r * voxel_um : 4.0 / 3.0 * pi * r * r * r;
        fraction[std::size_t(voxel_of<Shape>(c.x[row], c.y[row], c.z[row]))] +=
            static_cast<float>(volume / (double(voxel_um) * voxel_um * voxel_um));
        any = true;
    }
    for (float& f : fraction) f = std::min(f, 1.0f);
    return any;
}

}  // namespace

template <class Shape>
void grow_vessels(World<Shape>& world, std::vector<BrickScratch>& scratch, int threads) {
    const Model& model = *world.model;
    const auto& bricks = world.lattice.in_memory();
    const double dt = model.clocks.tick_min;

    parallel_for(std::int64_t(bricks.size()), threads, [&](std::int64_t b) {
        Brick<Shape>& brick = *bricks[std::size_t(b)];
        if (!brick.activity.cells_awake) return;
        thread_local std::vector<float> fraction;
        const bool tumour = tumour_fraction(model, brick, fraction);
        const bool pressed =
            std::any_of(brick.sinusoid.begin(), brick.sinusoid.end(), [](float s) { return s != 1.0f && s != 0.0f; });
        if (tumour || pressed) {
            if (vessels::press_sinusoids(model.vessels, world.seed, fraction, dt, brick))
                scratch[std::size_t(b)].restless = true;
        }
        if (brick.activity.fields_awake)
            vessels::find_buds(model.vessels, world.seed, world.tick, model.vegfa, dt, brick,
                               scratch[std::size_t(b)].buds);
    });

    std::vector<vessels::Tip> tips;
    std::vector<vessels::Budding> buds;
    for (std::size_t b = 0; b < bricks.size(); ++b) {
        const Cells& c = bricks[b]->cells;
        for (std::size_t row = 0; row < c.size(); ++row)
            if (c.type[row] == model.roles.vessel_tip && c.phase[row] != Phase::dying)
                tips.push_back(
                    {c.id[row], corner_um<Shape>(bricks[b]->at) +
                                    Vec3{um_from_fixed(c.x[row]), um_from_fixed(c.y[row]), um_from_fixed(c.z[row])}});
        buds.insert(buds.end(), scratch[b].buds.begin(), scratch[b].buds.end());
    }
    std::sort(tips.begin(), tips.end(), [](const vessels::Tip& a, const vessels::Tip& b) { return a.id < b.id; });
    if (tips.empty() && buds.empty() && world.tree.sprouts.empty()) return;

    const vessels::TreeEvents events =
        vessels::grow(model.vessels, world.tick, dt, model.vegfa, tips, buds, world.lattice, world.tree);
    world.tally.joined += events.joined;
    world.tally.segments_lost += events.lost_segments;
    world.tally.sprouts += events.started.size();

    // A tip that has joined becomes part of the wall it met; its cell leaves the books at once.
    for (std::uint64_t id : events.finished_tips)
        for (Brick<Shape>* brick : bricks) {
            Cells& c = brick->cells;
            const auto at = std::find(c.id.begin(), c.id.end(), id);
            if (at == c.id.end()) continue;
            const auto row = at - c.id.begin();
            Cells::for_each_column([row](auto& column) { column.erase(column.begin() + row); }, c);
            brick->activity.cells_awake = 1;  // so that settle counts anew
            break;
        }
    for (std::size_t n = 0; n < events.started.size(); ++n) {
        const vessels::Budding& bud = events.started[n];
        Brick<Shape>& brick = world.lattice.materialise(bud.brick);
        const Vec3 local = bud.place_um - corner_um<Shape>(bud.brick);
        Cells& c = brick.cells;
        const std::size_t row = c.size();
        c.resize(row + 1);
        c.id[row] = events.started_ids[n];
        c.x[row] = fixed_from_um(local.x), c.y[row] = fixed_from_um(local.y), c.z[row] = fixed_from_um(local.z);
        c.type[row] = static_cast<std::uint8_t>(model.roles.vessel_tip);
        c.radius[row] = static_cast<float>(model.types[c.type[row]].radius_um);
        c.lineage[row] = Draws(world.seed, c.id[row], 0, Purpose::anatomy_cell).uniform_float();
        brick.activity.cells_awake = 1;
    }
    if (!events.finished_tips.empty() || !events.started.empty()) world.lattice.settle(threads);
}

template void grow_vessels<SectionShape>(World<SectionShape>&, std::vector<BrickScratch>&, int);
template void grow_vessels<BlockShape>(World<BlockShape>&, std::vector<BrickScratch>&, int);

}  // namespace stellate
