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

// The bins per fixed unit along each axis.
template <class Shape>
struct BinScale {
    explicit BinScale(const BinGrid& grid)
        : nx(grid.nx),
          ny(grid.ny),
          x(double(grid.nx) / double(edge_fixed<Shape>[0])),
          y(double(grid.ny) / double(edge_fixed<Shape>[1])),
          z(double(grid.nz) / double(edge_fixed<Shape>[2])) {}

    // One multiplication in double an axis: monotonic, and below the number of bins for every place inside the brick,
    // since the scale's inverse is many times the rounding error.
    int bin_of(Fixed at_x, Fixed at_y, Fixed at_z) const {
        const int i = static_cast<int>(double(at_x) * x), j = static_cast<int>(double(at_y) * y);
        const int k = Shape::flat ? 0 : static_cast<int>(double(at_z) * z);
        return i + nx * (j + ny * k);
    }

    int nx, ny;
    double x, y, z;
};

template <class Shape>
int bin_of(const BinGrid& grid, Fixed x, Fixed y, Fixed z) {
    return BinScale<Shape>(grid).bin_of(x, y, z);
}

// Sorts rows by (bin, id) and fills `bin_start` (grid.count() + 1 entries). Only the rows between the first and the
// last that are out of place are moved: in a tissue at work those are few. Scratch is reused between calls.
class RowSorter {
public:
    template <class Shape>
    void sort(const BinGrid& grid, Cells& cells, std::vector<std::uint32_t>& bin_start);

private:
    bool stands(const Cells& cells, const std::vector<std::uint32_t>& bin_start);

    std::vector<std::uint32_t> bin_, said_;  // [row] the bin it lies in; the one that bin_start puts it in
    std::vector<std::uint32_t> order_, cursor_;
    Cells moved_;
};

}  // namespace stellate
