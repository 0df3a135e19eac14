#include "tissue/neighbourhood.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace stellate {

namespace {

// Lets the compiler know that the two columns do not overlap.
inline void copy_shifted(Fixed* __restrict to, const Fixed* __restrict from, std::size_t count, Fixed shift) {
    for (std::size_t m = 0; m < count; ++m) to[m] = from[m] + shift;
}

template <class T>
inline void copy_run(std::vector<T>& to, std::size_t at, const std::vector<T>& from, std::size_t first,
                     std::size_t count) {
    if (count != 0) std::memcpy(to.data() + at, from.data() + first, count * sizeof(T));
}

struct PlaceColumns {
    Fixed* __restrict x, * __restrict y, * __restrict z;
    float* __restrict radius;
    std::uint8_t* __restrict type;
    std::uint32_t* __restrict row;
};

// The rows [from, from + count) of the types asked for: each is written, then kept or not. before[n] is the number kept
// of the first n, for n up to and including count.
inline void copy_of_types(const Cells& c, std::size_t from, std::size_t count, std::uint32_t types,
                          std::array<Fixed, 3> shift, PlaceColumns to, std::uint32_t* __restrict before) {
    const Fixed *const x = c.x.data() + from, *const y = c.y.data() + from, *const z = c.z.data() + from;
    const float* const radius = c.radius.data() + from;
    const std::uint8_t* const type = c.type.data() + from;
    std::size_t kept = 0;
    for (std::size_t m = 0; m < count; ++m) {
        before[m] = static_cast<std::uint32_t>(kept);
        to.x[kept] = x[m] + shift[0];
        to.y[kept] = y[m] + shift[1];
        to.z[kept] = z[m] + shift[2];
        to.radius[kept] = radius[m];
        to.type[kept] = type[m];
        to.row[kept] = static_cast<std::uint32_t>(from + m);
        kept += types >> (type[m] & 31u) & 1u;
    }
    before[count] = static_cast<std::uint32_t>(kept);
}

}  // namespace

// Walks over the bins, rows of x first, and calls take(brick or nullptr, its ordinal, first bin, last bin, at, bin) for
// every run of bins that lie in one brick; take copies their rows to the places from `at` on, notes where each bin
// starts (bin_start_ from `bin` on), and returns the next free place.
template <class Shape, class Take>
void Neighbourhood::visit_bins(const Lattice<Shape>& lattice, const Brick<Shape>& brick, bool all, Take&& take) {
    bins_ = lattice.bins();
    ring_z_ = Shape::flat ? 0 : 1;
    stride_y_ = bins_.nx + 2;
    stride_z_ = stride_y_ * (bins_.ny + 2);

    const Brick<Shape>* around[27] = {};
    std::size_t bound = padding;
    for (int dz = -ring_z_; dz <= ring_z_; ++dz)
        for (int dy = -1; dy <= 1; ++dy)
            for (int dx = -1; dx <= 1; ++dx) {
                const Brick<Shape>* b = dx == 0 && dy == 0 && dz == 0
                                            ? &brick
                                            : lattice.find({brick.at.x + dx, brick.at.y + dy, brick.at.z + dz});
                around[(dx + 1) + 3 * (dy + 1) + 9 * (dz + 1)] = b;
                if (b) bound += b->cells.size();
            }

    // Grown to an upper bound first, so that the copy loops need no check.
    const auto reserve = [bound](auto&... column) { ((column.size() < bound ? column.resize(bound) : void()), ...); };
    reserve(x, y, z, radius, type, row);
    if (all) reserve(phase, id, source);
    bin_start_.resize(std::size_t(stride_z_) * std::size_t(bins_.nz + 2 * ring_z_) + 1);

    std::size_t at = 0, bin = 0;
    for (int k = -ring_z_; k < bins_.nz + ring_z_; ++k) {
        const int dz = k < 0 ? -1 : k >= bins_.nz ? 1 : 0;
        const int kk = (k + bins_.nz) % bins_.nz;
        for (int j = -1; j <= bins_.ny; ++j) {
            const int dy = j < 0 ? -1 : j >= bins_.ny ? 1 : 0;
            const int jj = (j + bins_.ny) % bins_.ny;
            const int base = bins_.nx * (jj + bins_.ny * kk);
            const int middle = 1 + 3 * (dy + 1) + 9 * (dz + 1);
            at = take(around[middle - 1], middle - 1, base + bins_.nx - 1, base + bins_.nx - 1, at, bin);
            at = take(around[middle], middle, base, base + bins_.nx - 1, at, bin + 1);
            at = take(around[middle + 1], middle + 1, base, base, at, bin + 1 + std::size_t(bins_.nx));
            bin += std::size_t(stride_y_);
        }
    }
    bin_start_[bin] = static_cast<std::uint32_t>(at);
    filled_ = at;
}

template <class Shape>
void Neighbourhood::build(const Lattice<Shape>& lattice, const Brick<Shape>& brick, Columns columns) {
    const bool all = columns == Columns::all;
    visit_bins(lattice, brick, all,
               [&](const Brick<Shape>* b, int ordinal, int first_bin, int last_bin, std::size_t at, std::size_t bin) {
                   if (!b) {
                       std::fill_n(bin_start_.begin() + std::ptrdiff_t(bin), last_bin - first_bin + 1,
                                   static_cast<std::uint32_t>(at));
                       return at;
                   }
                   const std::size_t from = b->bin_start[std::size_t(first_bin)],
                                     count = b->bin_start[std::size_t(last_bin) + 1] - from;
                   for (int n = first_bin; n <= last_bin; ++n)
                       bin_start_[bin++] = static_cast<std::uint32_t>(at + b->bin_start[std::size_t(n)] - from);
                   const Cells& c = b->cells;
                   copy_shifted(x.data() + at, c.x.data() + from, count, (ordinal % 3 - 1) * edge_fixed<Shape>[0]);
                   copy_shifted(y.data() + at, c.y.data() + from, count, (ordinal / 3 % 3 - 1) * edge_fixed<Shape>[1]);
                   copy_shifted(z.data() + at, c.z.data() + from, count, (ordinal / 9 - 1) * edge_fixed<Shape>[2]);
                   copy_run(radius, at, c.radius, from, count);
                   copy_run(type, at, c.type, from, count);
                   if (all) {
                       copy_run(phase, at, c.phase, from, count);
                       copy_run(id, at, c.id, from, count);
                       for (std::size_t m = 0; m < count; ++m) row[at + m] = static_cast<std::uint32_t>(from + m);
                       for (std::size_t m = 0; m < count; ++m) source[at + m] = static_cast<std::uint8_t>(ordinal);
                   }
                   return at + count;
               });
}

template <class Shape>
void Neighbourhood::build_of_types(const Lattice<Shape>& lattice, const Brick<Shape>& brick, std::uint32_t types) {
    visit_bins(lattice, brick, false,
               [&](const Brick<Shape>* b, int ordinal, int first_bin, int last_bin, std::size_t at, std::size_t bin) {
                   const Fixed dx = (ordinal % 3 - 1) * edge_fixed<Shape>[0],
                               dy = (ordinal / 3 % 3 - 1) * edge_fixed<Shape>[1],
                               dz = (ordinal / 9 - 1) * edge_fixed<Shape>[2];
                   const auto bins = std::size_t(last_bin - first_bin + 1);
                   if (!b) {
                       std::fill_n(bin_start_.begin() + std::ptrdiff_t(bin), bins, static_cast<std::uint32_t>(at));
                       return at;
                   }
                   const std::uint32_t* const start = b->bin_start.data() + first_bin;
                   const std::size_t from = start[0], count = start[bins] - from;
                   if (kept_before_.size() <= count) kept_before_.resize(count + 1);
                   copy_of_types(b->cells, from, count, types, {dx, dy, dz},
                                 {x.data() + at, y.data() + at, z.data() + at, radius.data() + at, type.data() + at,
                                  row.data() + at},
                                 kept_before_.data());
                   for (std::size_t n = 0; n < bins; ++n)
                       bin_start_[bin + n] = static_cast<std::uint32_t>(at) + kept_before_[start[n] - from];
                   at += kept_before_[count];
                   return at;
               });
}

template void Neighbourhood::build<SectionShape>(const Lattice<SectionShape>&, const Brick<SectionShape>&, Columns);
template void Neighbourhood::build<BlockShape>(const Lattice<BlockShape>&, const Brick<BlockShape>&, Columns);
template void Neighbourhood::build_of_types<SectionShape>(const Lattice<SectionShape>&, const Brick<SectionShape>&,
                                                          std::uint32_t);
template void Neighbourhood::build_of_types<BlockShape>(const Lattice<BlockShape>&, const Brick<BlockShape>&,
                                                        std::uint32_t);

}  // namespace stellate
