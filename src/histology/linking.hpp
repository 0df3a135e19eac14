// Which tumour cells make a focus: cells whose centres lie within a linking distance of each other belong together
// (single linkage, the transitive closure of "within d"), and a group of at least `least_cells` is a focus. One
// definition for sections (z all equal) and blocks.
//
// Only living cells link and are counted. A dying cell is still seen on a slide: within the linking distance of a focus
// it is part of that focus' outline, but it bridges nothing and makes no focus.
//
// A cell grid of edge d holds the candidates, union by lowest index joins them: the result is a pure function of the
// coordinates and their order. It does not know what a cell is.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace stellate::histology {

struct Foci {
    std::vector<std::int32_t> focus_of;  // [point] number of its focus, -1 if it belongs to none
    std::vector<std::int32_t> cells;  // [focus] number of living points; foci are numbered by their first living point
    std::size_t size() const { return cells.size(); }
};

// `x`, `y`, `z` [points] in um, of equal length and finite; `z` may be empty (a section). A pair exactly `link_um`
// apart is linked.
Foci link_foci(std::span<const float> x, std::span<const float> y, std::span<const float> z, double link_um,
               int least_cells);

// The same of points of which some are dying: `living` [points] is 0 for those. A dying point gets the focus of the
// nearest living point of a focus within `link_um` (the first of equally near ones).
Foci link_foci(std::span<const float> x, std::span<const float> y, std::span<const float> z,
               std::span<const std::uint8_t> living, double link_um, int least_cells);

}  // namespace stellate::histology
