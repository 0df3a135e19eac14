// Relax fields: every substrate takes one implicit step on every island. An island is a connected component (by faces)
// of field-awake bricks; everything adaptive is decided per island, so distant foci cannot touch each other's bits.
//
// Fields are deviations u from the healthy level h. For a ligand the balance of the deviation is
//     du/dt = D lap u - decay u + emission.
// For oxygen the healthy profile is in balance with healthy uptake Q_h and sinusoidal supply by definition, so with the
// perfused share f of the sinusoids, s their exchange coefficient when healthy, Q_h the healthy uptake at the healthy
// level (which is what healthy sinusoids supply), and new vessels of exchange v from blood at b:
//     du/dt = D lap u - (Q(h + u) - Q_h) + (f - 1) Q_h - f s u + v (b - h - u).
// All terms vanish at rest.
#include <algorithm>
#include <array>
#include <cstring>

#include "core/error.hpp"
#include "core/parallel.hpp"
#include "simulation/phases.hpp"

namespace stellate {

template <class Shape>
void oxygen_uptake(const Model& model, const Brick<Shape>& brick, std::vector<float>& uptake) {
    uptake.assign(std::size_t(voxels_per_brick<Shape>), 0.0f);
    const Cells& c = brick.cells;
    constexpr double voxel_um3 = double(voxel_um) * voxel_um * voxel_um;
    std::array<float, 256> of_type;
    for (std::size_t type = 0; type < model.types.size(); ++type)
        of_type[type] = static_cast<float>(model.types[type].oxygen_uptake / voxel_um3);
    for (std::size_t row = 0; row < c.size(); ++row) {
        const float taken = c.phase[row] == Phase::dying ? 0.0f : of_type[c.type[row]];
        uptake[std::size_t(voxel_of<Shape>(c.x[row], c.y[row], c.z[row]))] += taken;
    }
}

template <class Shape>
struct FieldRelaxer<Shape>::Island {
    std::vector<Brick<Shape>*> bricks;  // in lattice order
    fields::Box box;                    // bricks and one voxel around them
    std::vector<Clamps> clamps;         // [substrate] of this tick
};

template <class Shape>
auto FieldRelaxer<Shape>::find_islands(World<Shape>& world) const -> std::vector<Island> {
    Lattice<Shape>& lattice = world.lattice;
    std::vector<Island> islands;
    std::vector<std::uint8_t> seen(std::size_t(lattice.nx()) * std::size_t(lattice.ny()) * std::size_t(lattice.nz()),
                                   0);
    for (Brick<Shape>* first : lattice.in_memory()) {
        if (!first->activity.fields_awake || seen[std::size_t(lattice.index(first->at))]) continue;
        std::vector<Brick<Shape>*> members{first};
        seen[std::size_t(lattice.index(first->at))] = 1;
        for (std::size_t n = 0; n < members.size(); ++n) {
            static constexpr std::array<std::array<int, 3>, 6> faces = {
                {{-1, 0, 0}, {1, 0, 0}, {0, -1, 0}, {0, 1, 0}, {0, 0, -1}, {0, 0, 1}}};
            for (const auto& d : faces) {
                const BrickCoord at{members[n]->at.x + d[0], members[n]->at.y + d[1], members[n]->at.z + d[2]};
                Brick<Shape>* other = lattice.find(at);
                if (!other || !other->activity.fields_awake || seen[std::size_t(lattice.index(at))]) continue;
                seen[std::size_t(lattice.index(at))] = 1;
                members.push_back(other);
            }
        }
        std::sort(members.begin(), members.end(), [&](const Brick<Shape>* a, const Brick<Shape>* b) {
            return lattice.index(a->at) < lattice.index(b->at);
        });
        islands.push_back({std::move(members), {}, std::vector<Clamps>(world.model->substrates.size())});
    }
    return islands;
}

namespace {

// Dense copies of one island, x fastest; index of a brick's voxel in them.
template <class Shape>
struct IslandView {
    const fields::Box& box;
    std::int64_t operator()(const Brick<Shape>& brick, int voxel) const {
        const std::int64_t x = brick.at.x * Shape::nx + voxel % Shape::nx - box.x0;
        const std::int64_t y = brick.at.y * Shape::ny + voxel / Shape::nx % Shape::ny - box.y0;
        const std::int64_t z = brick.at.z * Shape::nz + voxel / (Shape::nx * Shape::ny) - box.z0;
        return x + std::int64_t(box.nx) * (y + std::int64_t(box.ny) * z);
    }
};

// The island's bricks and one voxel of what surrounds them.
template <class Shape>
fields::Box box_of(const std::vector<Brick<Shape>*>& bricks) {
    BrickCoord low = bricks.front()->at, high = low;
    for (const Brick<Shape>* b : bricks) {
        low = {std::min(low.x, b->at.x), std::min(low.y, b->at.y), std::min(low.z, b->at.z)};
        high = {std::max(high.x, b->at.x), std::max(high.y, b->at.y), std::max(high.z, b->at.z)};
    }
    const int rim_z = Shape::flat ? 0 : 1;
    return {low.x * Shape::nx - 1,
            low.y * Shape::ny - 1,
            low.z * Shape::nz - rim_z,
            (high.x - low.x + 1) * Shape::nx + 2,
            (high.y - low.y + 1) * Shape::ny + 2,
            (high.z - low.z + 1) * Shape::nz + 2 * rim_z};
}

template <class Shape>
void mark_kinds(const Lattice<Shape>& lattice, const std::vector<Brick<Shape>*>& bricks, const fields::Box& box,
                std::vector<fields::VoxelKind>& kind) {
    const int size[3] = {lattice.nx() * Shape::nx, lattice.ny() * Shape::ny, lattice.nz() * Shape::nz};
    kind.assign(std::size_t(box.voxels()), fields::VoxelKind::wall);
    const int first = std::max(box.x0, 0), end = std::min(box.x0 + box.nx, size[0]);
    for (int z = std::max(box.z0, 0); z < std::min(box.z0 + box.nz, size[2]); ++z)
        for (int y = std::max(box.y0, 0); y < std::min(box.y0 + box.ny, size[1]); ++y)
            std::fill_n(kind.begin() + (first - box.x0) +
                            std::ptrdiff_t(box.nx) * ((y - box.y0) + std::ptrdiff_t(box.ny) * (z - box.z0)),
                        end - first, fields::VoxelKind::resting);
    const IslandView<Shape> view{box};
    for (const Brick<Shape>* brick : bricks)
        for (int v = 0; v < voxels_per_brick<Shape>; v += Shape::nx)
            std::fill_n(kind.begin() + view(*brick, v), Shape::nx, fields::VoxelKind::awake);
}

// Everything one island's solves need; kept by a thread between islands.
struct IslandScratch {
    Lanes lanes = fastest_here();
    fields::Multigrid<float> multigrid;
    std::vector<fields::VoxelKind> kind;
    std::vector<float> value, source, sink, capacity, healthy, healthy_capacity, uptake, exchange;
};

// A brick's line of voxels along x: short enough that the copy should not be a call.
template <class Shape>
void copy_line(const float* from, float* to) {
    std::memcpy(to, from, Shape::nx * sizeof(float));
}

// Is a substrate neither there nor coming?
template <class Shape>
bool nothing_of(const std::vector<Brick<Shape>*>& bricks, int substrate) {
    for (const Brick<Shape>* brick : bricks) {
        const float* const field = brick->field(substrate).data();
        const float* const emission = brick->emission.data() + std::size_t(substrate) * voxels_per_brick<Shape>;
        int something = 0;
#pragma omp simd reduction(| : something)
        for (int v = 0; v < voxels_per_brick<Shape>; ++v) something |= int(field[v] != 0) | int(emission[v] != 0);
        if (something) return false;
    }
    return true;
}

// Values and sources of the awake voxels; nobody reads those of the others.
template <class Shape>
void gather(const std::vector<Brick<Shape>*>& bricks, const fields::Box& box, int substrate, IslandScratch& s) {
    const IslandView<Shape> view{box};
    s.value.resize(std::size_t(box.voxels()));
    s.source.resize(std::size_t(box.voxels()));
    for (const Brick<Shape>* brick : bricks) {
        const auto field = brick->field(substrate);
        const float* emission = brick->emission.data() + std::size_t(substrate) * voxels_per_brick<Shape>;
        for (int v = 0; v < voxels_per_brick<Shape>; v += Shape::nx) {
            const std::int64_t n = view(*brick, v);
            copy_line<Shape>(field.data() + v, s.value.data() + n);
            copy_line<Shape>(emission + v, s.source.data() + n);
        }
    }
}

// Supply and uptake of oxygen; see the top of this file.
template <class Shape>
void gather_oxygen(const Model& model, const std::vector<Brick<Shape>*>& bricks, const fields::Box& box,
                   IslandScratch& s) {
    const IslandView<Shape> view{box};
    for (auto* column : {&s.sink, &s.capacity, &s.healthy, &s.healthy_capacity})
        column->assign(std::size_t(box.voxels()), 0.0f);
    const auto half = static_cast<float>(model.oxygen_half_saturation_mmHg);
    const auto supply = static_cast<float>(model.oxygen_supply_per_min);
    for (const Brick<Shape>* brick : bricks) {
        oxygen_uptake(model, *brick, s.uptake);
        s.exchange.assign(std::size_t(voxels_per_brick<Shape>), 0.0f);
        vessels::exchange_of_segments(model.vessels, *brick, s.exchange);
        const auto healthy = brick->healthy_level(model.oxygen);
        for (int v = 0; v < voxels_per_brick<Shape>; v += Shape::nx) {
            const auto line = std::size_t(view(*brick, v));
            for (std::size_t x = 0; x < std::size_t(Shape::nx); ++x) {
                const std::size_t i = std::size_t(v) + x, n = line + x;
                const bool sinusoids = brick->healthy.kind[i] == TissueKind::parenchyma;
                const float open = sinusoids ? brick->sinusoid[i] : 1.0f;
                const float taken = brick->healthy.oxygen_uptake[i] * healthy[i] / (half + healthy[i]);
                s.healthy[n] = healthy[i];
                s.capacity[n] = s.uptake[i];
                s.healthy_capacity[n] = brick->healthy.oxygen_uptake[i];
                s.sink[n] = open * supply + s.exchange[i];
                s.source[n] = (open - 1.0f) * taken +
                              s.exchange[i] * (static_cast<float>(model.vessels.blood_oxygen_mmHg) - healthy[i]);
            }
        }
    }
}

}  // namespace

template <class Shape>
void FieldRelaxer<Shape>::relax(World<Shape>& world, int threads) {
    const Model& model = *world.model;
    std::vector<Island> islands = find_islands(world);
    parallel_for(std::int64_t(islands.size()), threads, [&](std::int64_t i) {
        thread_local IslandScratch scratch;
        if (scratch.lanes != lanes_) {
            scratch.lanes = lanes_;
            scratch.multigrid = fields::Multigrid<float>(lanes_);
        }
        Island& island = islands[std::size_t(i)];
        island.box = box_of<Shape>(island.bricks);
        mark_kinds(world.lattice, island.bricks, island.box, scratch.kind);
        for (std::size_t s = 0; s < model.substrates.size(); ++s) {
            const Substrate& substrate = model.substrates[s];
            const bool oxygen = int(s) == model.oxygen;
            if (!oxygen && nothing_of<Shape>(island.bricks, int(s))) continue;
            gather(island.bricks, island.box, int(s), scratch);
            fields::Equation<float> equation;
            equation.name = substrate.name;
            equation.diffusion = substrate.diffusion_um2_per_min;
            equation.dx_um = voxel_um;
            equation.decay = substrate.decay_per_min;
            equation.kind = scratch.kind;
            equation.source = scratch.source;
            equation.value = scratch.value;
            if (oxygen) {
                gather_oxygen(model, island.bricks, island.box, scratch);
                equation.sink = scratch.sink;
                equation.uptake.capacity = scratch.capacity;
                equation.uptake.half_saturation = model.oxygen_half_saturation_mmHg;
                equation.healthy = scratch.healthy;
                equation.uptake.healthy_capacity = scratch.healthy_capacity;
            }
            equation.dt_min = model.clocks.tick_min / substrate.subticks;
            fields::SolveOptions options;
            options.tolerance = model.tolerances.field_relative * substrate.wake_tolerance;
            for (int sub = 0; sub < substrate.subticks; ++sub) {
                const fields::SolveReport report = scratch.multigrid.solve(island.box, equation, options);
                island.clamps[s].add({std::uint64_t(report.clamped), report.largest_clamp});
            }
            const IslandView<Shape> view{island.box};
            for (Brick<Shape>* brick : island.bricks) {
                const auto field = brick->field(int(s));
                for (int v = 0; v < voxels_per_brick<Shape>; v += Shape::nx)
                    copy_line<Shape>(scratch.value.data() + view(*brick, v), field.data() + v);
            }
        }
    });
    for (const Island& island : islands)
        for (std::size_t s = 0; s < world.clamps.size(); ++s) world.clamps[s].add(island.clamps[s]);
}

template class FieldRelaxer<SectionShape>;
template class FieldRelaxer<BlockShape>;
template void oxygen_uptake<SectionShape>(const Model&, const Brick<SectionShape>&, std::vector<float>&);
template void oxygen_uptake<BlockShape>(const Model&, const Brick<BlockShape>&, std::vector<float>&);

}  // namespace stellate
