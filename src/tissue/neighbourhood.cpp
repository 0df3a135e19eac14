#include "tissue/neighbourhood.hpp"

namespace stellate {

template <class Shape>
void Neighbourhood::build(const Lattice<Shape>& lattice, const Brick<Shape>& brick) {
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

    const auto reserve = [bound](auto& column) {
        if (column.size() < bound) column.resize(bound);
    };
    // Grown to an upper bound first, so that the copy loop needs no check.
    reserve(x), reserve(y), reserve(z), reserve(radius), reserve(type), reserve(phase), reserve(id), reserve(row),
        reserve(source);
    bin_start_.resize(std::size_t(stride_z_) * std::size_t(bins_.nz + 2 * ring_z_) + 1);

    std::size_t at = 0, bin = 0;
    const auto take = [&](int ordinal, int first_bin, int last_bin) {  // bins of one brick, contiguous rows
        const Brick<Shape>* b = around[ordinal];
        for (int n = first_bin; n <= last_bin; ++n) {
            bin_start_[bin++] = static_cast<std::uint32_t>(at);
            if (!b) continue;
            const std::size_t from = b->bin_start[std::size_t(n)], to = b->bin_start[std::size_t(n) + 1];
            const Fixed ox = (ordinal % 3 - 1) * edge_fixed<Shape>[0];
            const Fixed oy = (ordinal / 3 % 3 - 1) * edge_fixed<Shape>[1];
            const Fixed oz = (ordinal / 9 - 1) * edge_fixed<Shape>[2];
            const Cells& c = b->cells;
            const std::size_t count = to - from;
            for (std::size_t m = 0; m < count; ++m) {
                x[at + m] = c.x[from + m] + ox;
                y[at + m] = c.y[from + m] + oy;
                z[at + m] = c.z[from + m] + oz;
                radius[at + m] = c.radius[from + m];
                type[at + m] = c.type[from + m];
                phase[at + m] = c.phase[from + m];
                id[at + m] = c.id[from + m];
                row[at + m] = static_cast<std::uint32_t>(from + m);
                source[at + m] = static_cast<std::uint8_t>(ordinal);
            }
            at += count;
        }
    };

    for (int k = -ring_z_; k < bins_.nz + ring_z_; ++k) {
        const int dz = k < 0 ? -1 : k >= bins_.nz ? 1 : 0;
        const int kk = (k + bins_.nz) % bins_.nz;
        for (int j = -1; j <= bins_.ny; ++j) {
            const int dy = j < 0 ? -1 : j >= bins_.ny ? 1 : 0;
            const int jj = (j + bins_.ny) % bins_.ny;
            const int base = bins_.nx * (jj + bins_.ny * kk);
            const int middle = 1 + 3 * (dy + 1) + 9 * (dz + 1);
            take(middle - 1, base + bins_.nx - 1, base + bins_.nx - 1);
            take(middle, base, base + bins_.nx - 1);
            take(middle + 1, base, base);
        }
    }
    bin_start_[bin] = static_cast<std::uint32_t>(at);
    filled_ = at;
}

template void Neighbourhood::build<SectionShape>(const Lattice<SectionShape>&, const Brick<SectionShape>&);
template void Neighbourhood::build<BlockShape>(const Lattice<BlockShape>&, const Brick<BlockShape>&);

}  // namespace stellate
