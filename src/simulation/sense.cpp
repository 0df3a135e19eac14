// Sense: in which voxel each cell lies and what it touches. Reads neighbours (fresh since settle), writes the brick's
// own scratch.
#include "simulation/phases.hpp"

namespace stellate {

namespace {

// Counts living neighbours of entry `self` by type.
void count_contacts(const Neighbourhood& around, std::uint32_t self, int i, int j, int k, double reach,
                    std::uint8_t* count) {
    const int deep = around.ring_z();
    const Fixed sx = around.x[self], sy = around.y[self], sz = around.z[self];
    const float own_radius = around.radius[self];
    const auto scale = static_cast<float>(1.0 / (1 << fixed_bits));
    const auto reach_f = static_cast<float>(reach);
    for (int dk = -deep; dk <= deep; ++dk)
        for (int dj = -1; dj <= 1; ++dj) {
            const auto range = around.row_of_bins(i - 1, i + 1, j + dj, k + dk);
            for (std::uint32_t n = range.begin; n < range.end; ++n) {
                const float dx = static_cast<float>(around.x[n] - sx) * scale;
                const float dy = static_cast<float>(around.y[n] - sy) * scale;
                const float dz = static_cast<float>(around.z[n] - sz) * scale;
                const float touch = reach_f * (around.radius[n] + own_radius);
                if (dx * dx + dy * dy + dz * dz >= touch * touch || n == self || around.phase[n] == Phase::dying)
                    continue;
                std::uint8_t& c = count[around.type[n]];
                if (c < 255) ++c;
            }
        }
}

// Types present in each bin of the neighbourhood and those beside it, a bit each; the rim's entries mean nothing.
void mark_types_around(const Neighbourhood& around, std::vector<std::uint32_t>& own,
                       std::vector<std::uint32_t>& types) {
    const int ring = around.ring_z();
    const auto width = std::size_t(around.stride_y());
    const std::size_t bins = std::size_t(around.stride_z()) * std::size_t(around.bins_z() + 2 * ring);
    own.resize(bins);
    types.assign(bins, 0);
    for (std::size_t bin = 0; bin < bins; ++bin) {
        std::uint32_t bits = 0;
        for (std::uint32_t n = around.bin_start()[bin]; n < around.bin_start()[bin + 1]; ++n)
            bits |= 1u << around.type[n];
        own[bin] = bits;
    }
    for (int k = 0; k < around.bins_z(); ++k)
        for (int j = 0; j < around.bins_y(); ++j) {
            std::uint32_t* const to =
                types.data() + std::size_t(k + ring) * std::size_t(around.stride_z()) + std::size_t(j + 1) * width;
            for (int dk = -ring; dk <= ring; ++dk)
                for (int dj = -1; dj <= 1; ++dj) {
                    const std::uint32_t* const from = own.data() +
                                                      std::size_t(k + dk + ring) * std::size_t(around.stride_z()) +
                                                      std::size_t(j + dj + 1) * width;
                    for (std::size_t i = 0; i < width; ++i) to[i] |= from[i];
                }
            std::uint32_t before = to[0];
            for (std::size_t i = 1; i + 1 < width; ++i) {
                const std::uint32_t here = to[i];
                to[i] = before | here | to[i + 1];
                before = here;
            }
        }
}

}  // namespace

template <class Shape>
void sense(const World<Shape>& world, const Brick<Shape>& brick, BrickScratch& scratch) {
    const Model& model = *world.model;
    const std::size_t types = model.types.size();
    const Cells& c = brick.cells;
    scratch.voxel.resize(c.size());
    const Fixed *const x = c.x.data(), *const y = c.y.data(), *const z = c.z.data();
    std::uint16_t* const voxel = scratch.voxel.data();
#pragma omp simd
    for (std::size_t row = 0; row < c.size(); ++row)
        voxel[row] = static_cast<std::uint16_t>(voxel_of<Shape>(x[row], y[row], z[row]));
    scratch.contact.assign(c.size() * types, 0);
    scratch.target.resize(c.size());
    std::uint32_t wanted = 0;
    for (std::size_t row = 0; row < c.size(); ++row) {
        const CellType& type = model.types[c.type[row]];
        wanted |= type.looks_for;
        if (!type.attackable.empty()) scratch.target[row] = {};
    }
    if (wanted == 0) return;

    thread_local Neighbourhood around;
    around.build(world.lattice, brick);
    thread_local std::vector<std::uint32_t> types_in, types_around;
    mark_types_around(around, types_in, types_around);
    const double reach = model.tolerances.contact_reach;
    for (int k = 0; k < around.bins_z(); ++k)
        for (int j = 0; j < around.bins_y(); ++j)
            for (int i = 0; i < around.bins_x(); ++i) {
                // Most bins hold nobody that anyone looks for.
                const std::size_t bin = std::size_t(k + around.ring_z()) * std::size_t(around.stride_z()) +
                                        std::size_t(j + 1) * std::size_t(around.stride_y()) + std::size_t(i + 1);
                const std::uint32_t present = types_around[bin] & wanted;
                if (present == 0) continue;
                const auto own = around.row_of_bins(i, i, j, k);
                for (std::uint32_t n = own.begin; n < own.end; ++n) {
                    const CellType& type = model.types[around.type[n]];
                    if (!(type.looks_for & present) || around.phase[n] == Phase::dying) continue;
                    const std::size_t row = around.row[n];
                    count_contacts(around, n, i, j, k, reach, scratch.contact.data() + row * types);
                    if (!type.attackable.empty())
                        scratch.target[row] = immune::nearest_target(around, n, i, j, k, reach, type.attackable);
                }
            }
}

template void sense<SectionShape>(const World<SectionShape>&, const Brick<SectionShape>&, BrickScratch&);
template void sense<BlockShape>(const World<BlockShape>&, const Brick<BlockShape>&, BrickScratch&);

}  // namespace stellate
