#include "tissue/bins.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "core/error.hpp"

namespace stellate {

template <class Shape>
BinGrid bins_for_range(double range_um) {
    const auto fit = [range_um](int voxels) { return static_cast<int>(std::floor(voxels * voxel_um / range_um)); };
    BinGrid grid{fit(Shape::nx), fit(Shape::ny), Shape::flat ? 1 : fit(Shape::nz)};
    if (!(range_um > 0) || grid.nx < 1 || grid.ny < 1 || grid.nz < 1)
        throw RunError("an interaction range of " + std::to_string(range_um) + " um does not fit a brick");
    return grid;
}

template <class Shape>
double bin_edge_um(const BinGrid& grid) {
    double edge = double(Shape::nx * voxel_um) / grid.nx;
    edge = std::min(edge, double(Shape::ny * voxel_um) / grid.ny);
    if (!Shape::flat) edge = std::min(edge, double(Shape::nz * voxel_um) / grid.nz);
    return edge - 1.0 / (1 << fixed_bits);
}

// Is every row in the bin that `bin_start` says, in the order of ids? Then there is nothing to sort. `bin_` is known.
bool RowSorter::stands(const Cells& cells, const std::vector<std::uint32_t>& bin_start) {
    const std::size_t n = cells.size();
    constexpr std::size_t overrun = 16;
    if (said_.size() < n + overrun) said_.resize(n + overrun);
    std::uint32_t* const said = said_.data();
    for (std::size_t b = 0; b + 1 < bin_start.size(); ++b)  // a bin's last copy runs over; the next overwrites
        for (std::size_t row = bin_start[b]; row < bin_start[b + 1]; row += overrun)
            for (std::size_t ahead = 0; ahead < overrun; ++ahead) said[row + ahead] = static_cast<std::uint32_t>(b);
    const std::uint32_t* const bin = bin_.data();
    const std::uint64_t* const id = cells.id.data();
    int moved = 0;
#pragma omp simd reduction(| : moved)
    for (std::size_t row = 0; row < n; ++row) moved |= int(bin[row] != said[row]);
    if (moved) return false;
#pragma omp simd reduction(| : moved)
    for (std::size_t row = 1; row < n; ++row) moved |= int(bin[row] == bin[row - 1]) & int(id[row] <= id[row - 1]);
    return !moved;
}

template <class Shape>
void RowSorter::sort(const BinGrid& grid, Cells& cells, std::vector<std::uint32_t>& bin_start) {
    const std::size_t n = cells.size();
    bin_.resize(n);
    std::uint32_t* const bin = bin_.data();
    {
        const Fixed *const x = cells.x.data(), *const y = cells.y.data(), *const z = cells.z.data();
        const BinScale<Shape> scale(grid);
#pragma omp simd
        for (std::size_t row = 0; row < n; ++row)
            bin[row] = static_cast<std::uint32_t>(scale.bin_of(x[row], y[row], z[row]));
    }
    const std::size_t starts = static_cast<std::size_t>(grid.count()) + 1;
    if (bin_start.size() == starts && bin_start.back() == n && stands(cells, bin_start)) return;
    bin_start.assign(starts, 0);
    std::uint32_t* const start = bin_start.data();
    bool sorted = true;
    for (std::size_t row = 0; row < n; ++row) ++start[bin[row] + 1];
    for (std::size_t b = 1; b < bin_start.size(); ++b) start[b] += start[b - 1];
    for (std::size_t row = 1; row < n; ++row)
        sorted &= (bin[row - 1] < bin[row]) | ((bin[row - 1] == bin[row]) & (cells.id[row - 1] < cells.id[row]));
    if (sorted) return;

    order_.resize(n);
    cursor_.assign(bin_start.begin(), bin_start.end() - 1);
    for (std::size_t row = 0; row < n; ++row) order_[cursor_[bin[row]]++] = static_cast<std::uint32_t>(row);
    const auto by_id = [&cells](std::uint32_t a, std::uint32_t c) { return cells.id[a] < cells.id[c]; };
    for (std::size_t b = 0; b + 1 < bin_start.size(); ++b) {
        const auto first = order_.begin() + start[b], last = order_.begin() + start[b + 1];
        if (!std::is_sorted(first, last, by_id)) std::sort(first, last, by_id);
    }
    std::size_t first = 0, last = n;
    while (first < n && order_[first] == first) ++first;
    while (last > first && order_[last - 1] == last - 1) --last;
    moved_.resize(last - first);
    Cells::for_each_column(
        [this, first, last](auto& to, auto& column) {
            for (std::size_t row = first; row < last; ++row) to[row - first] = column[order_[row]];
            std::copy(to.begin(), to.end(), column.begin() + static_cast<std::ptrdiff_t>(first));
        },
        moved_, cells);
}

template BinGrid bins_for_range<SectionShape>(double);
template BinGrid bins_for_range<BlockShape>(double);
template double bin_edge_um<SectionShape>(const BinGrid&);
template double bin_edge_um<BlockShape>(const BinGrid&);
template void RowSorter::sort<SectionShape>(const BinGrid&, Cells&, std::vector<std::uint32_t>&);
template void RowSorter::sort<BlockShape>(const BinGrid&, Cells&, std::vector<std::uint32_t>&);

}  // namespace stellate
