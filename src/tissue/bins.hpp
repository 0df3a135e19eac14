// Bins inside a brick. A bin's edge is at least the largest interaction range, so that whoever a cell touches lies in
// its own bin or one of the adjacent ones. Rows of a brick are kept sorted by (bin, id).
#pragma once

#include <vector>

#include "tissue/cells.hpp"
#include "tissue/shape.hpp"

namespace stellate {

struct BinGrid {
    int nx = 1, ny = 1, nz = 1;
    int count() const { return nx * ny * nz; }
};

// The finest grid that serves interactions up to `range_um`. Throws RunError if the range exceeds a brick's edge
// (then a neighbour could lie beyond the adjacent brick).
template <class Shape>
BinGrid bins_for_range(double range_um);

// The range that the grid serves, its smallest bin edge: cells nearer than this are of the same or adjacent bins.
template <class Shape>
double bin_edge_um(const BinGrid& grid);

// The one of n bins along an axis. One multiplication in double: monotonic, and below n for every place inside the
// brick, since n / edge is many times the rounding error.
inline int bin_along(Fixed v, int n, Fixed edge) { return static_cast<int>(double(v) * (double(n) / double(edge))); }

template <class Shape>
int bin_of(const BinGrid& grid, Fixed x, Fixed y, Fixed z) {
    const int i = bin_along(x, grid.nx, edge_fixed<Shape>[0]);
    const int j = bin_along(y, grid.ny, edge_fixed<Shape>[1]);
    const int k = bin_along(z, grid.nz, edge_fixed<Shape>[2]);
    return i + grid.nx * (j + grid.ny * k);
}

// Sorts rows by (bin, id) and fills `bin_start` (grid.count() + 1 entries). Only the rows between the first and the
// last that are out of place are moved: in a tissue at work those are few. Scratch is reused between calls.
class RowSorter {
public:
    template <class Shape>
    void sort(const BinGrid& grid, Cells& cells, std::vector<std::uint32_t>& bin_start);

private:
    template <class Shape>
    bool stands(const BinGrid& grid, const Cells& cells, const std::vector<std::uint32_t>& bin_start);

    std::vector<std::uint32_t> bin_, order_, cursor_;
    Cells moved_;
    BinGrid edges_of_{0, 0, 0};
    std::vector<Fixed> edges_[3];  // [axis][bin]: the least coordinate in it; one more closes
};

}  // namespace stellate
