#include "mechanics/contact_kernel.hpp"

#include <algorithm>

#include "mechanics/contact_variants.hpp"

namespace stellate::mechanics {

void KernelScratch::reserve(std::size_t candidates) {
    const std::size_t size = candidates + 2 * lanes;  // a full vector may be read or written behind the last entry
    if (capacity >= size) return;
    const std::size_t enough = 2 * size;
    const auto grow = [](std::size_t to, auto&... column) {
        (column.grow(to), ...);
        (std::fill_n(column.data(), to, 0), ...);
    };
    capacity = 0;  // of what has grown should one of them not
    grow(enough, x, y, z, radius, type);
    grow(cells_at_once * enough, dx, dy, dz, contact, neighbour_type);
    capacity = enough;
}

bool contact_sums(Lanes which, const KernelView& view, const ContactTable& table, KernelScratch& scratch, float* out) {
    Sums* const sums = which == Lanes::avx512 ? sums_avx512 : which == Lanes::avx2 ? sums_avx2 : sums_baseline;
    return sums(view, table, scratch, out);
}

}  // namespace stellate::mechanics
