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
void RowSorter::sort(const BinGrid& grid, Cells& cells, std::vector<std::uint32_t>& bin_start) {
    const std::size_t n = cells.size();
    bin_start.assign(static_cast<std::size_t>(grid.count()) + 1, 0);
    bin_.resize(n);
    bool sorted = true;
    for (std::size_t row = 0; row < n; ++row) {
        bin_[row] = static_cast<std::uint32_t>(bin_of<Shape>(grid, cells.x[row], cells.y[row], cells.z[row]));
        ++bin_start[bin_[row] + 1];
        if (row > 0 && (bin_[row] < bin_[row - 1] || (bin_[row] == bin_[row - 1] && cells.id[row] < cells.id[row - 1])))
            sorted = false;
    }
    for (std::size_t b = 1; b < bin_start.size(); ++b) bin_start[b] += bin_start[b - 1];
    if (sorted) return;

    order_.resize(n);
    cursor_.assign(bin_start.begin(), bin_start.end() - 1);
    for (std::size_t row = 0; row < n; ++row) order_[cursor_[bin_[row]]++] = static_cast<std::uint32_t>(row);
    for (std::size_t b = 0; b + 1 < bin_start.size(); ++b)
        std::sort(order_.begin() + bin_start[b], order_.begin() + bin_start[b + 1],
                  [&cells](std::uint32_t a, std::uint32_t c) { return cells.id[a] < cells.id[c]; });
    sorted_.resize(n);
    Cells::for_each_column(
        [this, n](auto& to, const auto& from) {
            for (std::size_t row = 0; row < n; ++row) to[row] = from[order_[row]];
        },
        sorted_, cells);
    std::swap(sorted_, cells);
}

template BinGrid bins_for_range<SectionShape>(double);
template BinGrid bins_for_range<BlockShape>(double);
template void RowSorter::sort<SectionShape>(const BinGrid&, Cells&, std::vector<std::uint32_t>&);
template void RowSorter::sort<BlockShape>(const BinGrid&, Cells&, std::vector<std::uint32_t>&);

}  // namespace stellate
