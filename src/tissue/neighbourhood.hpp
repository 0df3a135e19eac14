// The cells of a brick and of the rim around it, sorted by bin, in the brick's own frame: what a phase that looks at
// neighbours reads. Built from settled bricks only, into scratch that a thread reuses.
#pragma once

#include <cstdint>
#include <vector>

#include "tissue/lattice.hpp"

namespace stellate {

class Neighbourhood {
public:
    enum class Columns : std::uint8_t {
        places,  // x, y, z, radius, type; the others are empty or left over and mean nothing
        all,
    };

    // Own bins plus one ring of bins of the adjacent bricks (a section has no ring in z). Bricks that are virtual or
    // outside the tissue contribute nothing.
    template <class Shape>
    void build(const Lattice<Shape>& lattice, const Brick<Shape>& brick, Columns columns = Columns::all);
    // Only cells of the types in `types` (a bit each, types below 32): x, y, z, radius, type and row are filled.
    template <class Shape>
    void build_of_types(const Lattice<Shape>& lattice, const Brick<Shape>& brick, std::uint32_t types);

    struct Range {
        std::uint32_t begin, end;
    };
    // Bin coordinates run from -1 to n (inclusive) along each axis that has a ring; i_last >= i_first.
    // The entries of the bins (i_first..i_last, j, k) are contiguous.
    Range row_of_bins(int i_first, int i_last, int j, int k) const {
        const std::size_t first =
            std::size_t(j + 1) * std::size_t(stride_y_) + std::size_t(k + ring_z_) * std::size_t(stride_z_);
        return {bin_start_[first + std::size_t(i_first + 1)], bin_start_[first + std::size_t(i_last + 1) + 1]};
    }
    int bins_x() const { return bins_.nx; }
    int bins_y() const { return bins_.ny; }
    int bins_z() const { return bins_.nz; }
    int ring_z() const { return ring_z_; }
    // First entry of bin (i, j, k) at (i + 1) + stride_y (j + 1) + stride_z (k + ring_z); one more closes the last.
    const std::uint32_t* bin_start() const { return bin_start_.data(); }
    int stride_y() const { return stride_y_; }
    int stride_z() const { return stride_z_; }

    std::size_t size() const { return filled_; }

    // One entry a cell in [0, size()); at least `padding` further entries may be read but mean nothing.
    static constexpr std::size_t padding = 16;
    std::vector<Fixed> x, y, z;  // in the frame of the brick
    std::vector<float> radius;   // um
    std::vector<std::uint8_t> type;
    std::vector<Phase> phase;
    std::vector<std::uint64_t> id;
    std::vector<std::uint32_t> row;    // in its own brick
    std::vector<std::uint8_t> source;  // 13 = this brick; else (dx+1) + 3 (dy+1) + 9 (dz+1) of the brick it lies in

    static constexpr std::uint8_t own = 13;
    static BrickCoord brick_of(BrickCoord centre, std::uint8_t source) {
        return {centre.x + source % 3 - 1, centre.y + source / 3 % 3 - 1, centre.z + source / 9 - 1};
    }

private:
    template <class Shape, class Take>
    void visit_bins(const Lattice<Shape>& lattice, const Brick<Shape>& brick, bool all, Take&& take);
    BinGrid bins_;
    int ring_z_ = 0, stride_y_ = 0, stride_z_ = 0;
    std::vector<std::uint32_t> bin_start_;
    std::vector<std::uint32_t> kept_before_;  // of the rows of a run of bins: how many before each were kept
    std::size_t filled_ = 0;
};

}  // namespace stellate
