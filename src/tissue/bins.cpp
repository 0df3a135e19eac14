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

namespace {

// The least coordinate of each of n bins along an axis, by bin_of's own arithmetic, and the end of the last.
std::vector<Fixed> least_of_bins(int n, Fixed edge) {
    std::vector<Fixed> least;
    for (int bin = 0; bin < n; ++bin) {
        Fixed low = 0, high = edge;  // the bin of `low` is below or equal, that of `high` above or equal
        while (low < high) {
            const Fixed middle = low + (high - low) / 2;
            if (bin_along(middle, n, edge) < bin)
                low = middle + 1;
            else
                high = middle;
        }
        least.push_back(low);
    }
    least.push_back(edge);
    return least;
}

}  // namespace

// Is every row still in the bin that `bin_start` says, in the order of ids? Then there is nothing to sort.
template <class Shape>
bool RowSorter::stands(const BinGrid& grid, const Cells& cells, const std::vector<std::uint32_t>& bin_start) {
    const std::size_t n = cells.size();
    if (bin_start.size() != static_cast<std::size_t>(grid.count()) + 1 || bin_start.back() != n) return false;
    if (edges_of_.nx != grid.nx || edges_of_.ny != grid.ny || edges_of_.nz != grid.nz) {
        edges_of_ = grid;
        edges_[0] = least_of_bins(grid.nx, edge_fixed<Shape>[0]);
        edges_[1] = least_of_bins(grid.ny, edge_fixed<Shape>[1]);
        edges_[2] = least_of_bins(grid.nz, edge_fixed<Shape>[2]);
    }
    const Fixed *const x = cells.x.data(), *const y = cells.y.data(), *const z = cells.z.data();
    const std::uint64_t* const id = cells.id.data();
    int moved = 0;
    std::size_t bin = 0;
    for (int k = 0; k < grid.nz; ++k)
        for (int j = 0; j < grid.ny; ++j) {
            // Along a line of bins y and z have the same bounds.
            const std::uint32_t line_end = bin_start[bin + std::size_t(grid.nx)];
            const Fixed y0 = edges_[1][std::size_t(j)], y1 = edges_[1][std::size_t(j) + 1],
                        z0 = edges_[2][std::size_t(k)], z1 = edges_[2][std::size_t(k) + 1];
#pragma omp simd reduction(| : moved)
            for (std::uint32_t row = bin_start[bin]; row < line_end; ++row)
                moved |= int(y[row] < y0) | int(y[row] >= y1) | int(z[row] < z0) | int(z[row] >= z1);
            for (int i = 0; i < grid.nx; ++i, ++bin) {
                const Fixed x0 = edges_[0][std::size_t(i)], x1 = edges_[0][std::size_t(i) + 1];
                const std::uint32_t end = bin_start[bin + 1];
                std::uint64_t before = 0;  // no cell has this id
                for (std::uint32_t row = bin_start[bin]; row < end; ++row) {
                    moved |= int(x[row] < x0) | int(x[row] >= x1) | int(id[row] <= before);
                    before = id[row];
                }
            }
        }
    return !moved;
}

template <class Shape>
void RowSorter::sort(const BinGrid& grid, Cells& cells, std::vector<std::uint32_t>& bin_start) {
    if (stands<Shape>(grid, cells, bin_start)) return;
    const std::size_t n = cells.size();
    bin_.resize(n);
    std::uint32_t* const bin = bin_.data();
    {
        const Fixed *const x = cells.x.data(), *const y = cells.y.data(), *const z = cells.z.data();
#pragma omp simd
        for (std::size_t row = 0; row < n; ++row)
            bin[row] = static_cast<std::uint32_t>(bin_of<Shape>(grid, x[row], y[row], z[row]));
    }
    bin_start.assign(static_cast<std::size_t>(grid.count()) + 1, 0);
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
