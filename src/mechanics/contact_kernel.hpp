// The inner loop of the contact forces, in one variant per instruction set. All variants perform the same IEEE
// operations on the same numbers in the same order over 16 lanes, so they return the same bits
// (tests/unit/mechanics/contact_test.cpp); which one runs is a matter of speed alone.
//
// A cell's neighbours are those candidates, in the order of the neighbourhood, with |i - j| < adhesion reach * (r_i +
// r_j). The n-th neighbour is added to lane n mod 16, and the lanes are summed by a fixed tree: a sum depends on the
// neighbours and their order, not on candidates out of range.
#pragma once

#include <cstdint>
#include <memory>
#include <new>

#include "core/lanes.hpp"
#include "tissue/shape.hpp"

namespace stellate::mechanics {

struct ContactTable;

// The entries of a Neighbourhood as bare arrays, and which bins to sum.
struct KernelView {
    const Fixed *x, *y, *z;
    const float* radius;       // um
    const std::uint8_t* type;  // < 32
    const std::uint32_t* bin_start;
    int stride_y, stride_z, ring_z;
    const std::uint32_t* own_start;  // [own bin] where the sums of its first cell are written
    int bins_x, bins_y;              // own bins along x and y
    int i0, i1, j0, j1, k0, k1;      // own bins to sum, first and last, along x, y, z
};

// A vector whose data begin on a cache line; growing loses the content.
template <class T>
class Column {
public:
    T* data() { return data_.get(); }
    void grow(std::size_t size) { data_.reset(static_cast<T*>(::operator new(size * sizeof(T), alignment))); }

private:
    static constexpr std::align_val_t alignment{64};
    struct Free {
        void operator()(T* p) const { ::operator delete(p, alignment); }
    };
    std::unique_ptr<T, Free> data_;
};

// Candidates of one bin in one dense list, and the neighbours of several of its cells. Scratch of one thread.
struct KernelScratch {
    std::size_t capacity = 0;
    Column<Fixed> x, y, z;
    Column<float> radius;
    Column<std::int32_t> type;
    Column<float> dx, dy, dz, contact;
    Column<std::int32_t> neighbour_type;
    void reserve(std::size_t candidates);
};

// Writes four floats a row to `out`: sum of velocities along x, y, z (um/min) and sum of squared overlaps of repelling
// contacts. True if some cell has exactly the place of another one (they exert no force here; the caller parts them).
bool contact_sums(Lanes lanes, const KernelView& view, const ContactTable& table, KernelScratch& scratch, float* out);

}  // namespace stellate::mechanics
