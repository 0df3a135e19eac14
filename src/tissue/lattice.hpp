// The lattice of bricks of one tissue. A brick that nobody has disturbed does not exist here; `materialise` brings it
// into memory from the founder function (anatomy of seed and coordinate).
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "tissue/bins.hpp"
#include "tissue/brick.hpp"

namespace stellate {

template <class Shape>
class Lattice {
public:
    // Fills a brick whose `at` is set with the healthy tissue of that place; a pure function.
    using Founder = std::function<void(Brick<Shape>&)>;

    // `nx, ny, nz` bricks; `interaction_range_um` sets the bins. In a section nz = 1.
    Lattice(int nx, int ny, int nz, double interaction_range_um, Founder founder);
    // A copy has bricks of its own.
    Lattice(const Lattice& other);
    Lattice(Lattice&&) = default;
    Lattice& operator=(Lattice&&) = default;

    int nx() const { return nx_; }
    int ny() const { return ny_; }
    int nz() const { return nz_; }
    const BinGrid& bins() const { return bins_; }
    bool contains(BrickCoord at) const;
    std::int64_t index(BrickCoord at) const { return at.x + std::int64_t(nx_) * (at.y + std::int64_t(ny_) * at.z); }

    Brick<Shape>* find(BrickCoord at);  // nullptr: virtual or outside
    const Brick<Shape>* find(BrickCoord at) const;
    Brick<Shape>& materialise(BrickCoord at);                              // in memory afterwards; settled
    void materialise(const std::vector<BrickCoord>& places, int threads);  // all of them, none twice
    // Bricks in memory, in lattice order (x fastest). Valid until the next materialise.
    const std::vector<Brick<Shape>*>& in_memory() const { return ordered_; }
    // A brick's place among them, -1: virtual or outside.
    std::ptrdiff_t place_in_memory(BrickCoord at) const { return contains(at) ? place_[std::size_t(index(at))] : -1; }

    // Content of a virtual brick without keeping it (settled), for tests and for counting.
    Brick<Shape> anatomy(BrickCoord at) const;

    // Sorts the rows of every brick in memory, for whoever has put in cells by hand.
    void sort(int threads);

    // Moves every cell into the brick and bin it lies in, keeps cells inside the tissue, and restores the row order:
    // the only place that grants the right to read a neighbour. Throws RunError if a cell has moved more than one
    // brick, or into a virtual one.
    void settle(int threads);

private:
    void rebuild_order();
    int nx_, ny_, nz_;
    BinGrid bins_;
    Founder founder_;
    std::vector<std::unique_ptr<Brick<Shape>>> bricks_;
    std::vector<Brick<Shape>*> ordered_;
    std::vector<std::int32_t> place_;  // by index: in ordered_, or -1
    std::vector<Cells> outgoing_;      // scratch of settle, one a brick in memory
};

}  // namespace stellate
