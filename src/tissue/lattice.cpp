#include "tissue/lattice.hpp"

#include <string>

#include "core/error.hpp"
#include "core/parallel.hpp"

namespace stellate {

template <class Shape>
Lattice<Shape>::Lattice(int nx, int ny, int nz, double interaction_range_um, Founder founder)
    : nx_(nx), ny_(ny), nz_(nz), bins_(bins_for_range<Shape>(interaction_range_um)), founder_(std::move(founder)) {
    STELLATE_ASSERT(nx > 0 && ny > 0 && nz > 0 && (!Shape::flat || nz == 1), nx, ny, nz);
    bricks_.resize(std::size_t(nx) * std::size_t(ny) * std::size_t(nz));
    place_.assign(bricks_.size(), -1);
}

template <class Shape>
Lattice<Shape>::Lattice(const Lattice& other)
    : nx_(other.nx_),
      ny_(other.ny_),
      nz_(other.nz_),
      bins_(other.bins_),
      founder_(other.founder_),
      bricks_(other.bricks_.size()),
      place_(other.place_) {
    for (std::size_t n = 0; n < bricks_.size(); ++n)
        if (other.bricks_[n]) bricks_[n] = std::make_unique<Brick<Shape>>(*other.bricks_[n]);
    rebuild_order();
}

template <class Shape>
bool Lattice<Shape>::contains(BrickCoord at) const {
    return at.x >= 0 && at.y >= 0 && at.z >= 0 && at.x < nx_ && at.y < ny_ && at.z < nz_;
}

template <class Shape>
Brick<Shape>* Lattice<Shape>::find(BrickCoord at) {
    return contains(at) ? bricks_[std::size_t(index(at))].get() : nullptr;
}

template <class Shape>
const Brick<Shape>* Lattice<Shape>::find(BrickCoord at) const {
    return contains(at) ? bricks_[std::size_t(index(at))].get() : nullptr;
}

template <class Shape>
Brick<Shape> Lattice<Shape>::anatomy(BrickCoord at) const {
    STELLATE_ASSERT(contains(at), at.x, at.y, at.z);
    Brick<Shape> brick;
    brick.at = at;
    founder_(brick);
    RowSorter{}.template sort<Shape>(bins_, brick.cells, brick.bin_start);
    return brick;
}

template <class Shape>
Brick<Shape>& Lattice<Shape>::materialise(BrickCoord at) {
    auto& slot = bricks_[std::size_t(index(at))];
    if (!slot) {
        slot = std::make_unique<Brick<Shape>>(anatomy(at));
        rebuild_order();
    }
    return *slot;
}

template <class Shape>
void Lattice<Shape>::materialise(const std::vector<BrickCoord>& places, int threads) {
    parallel_for(std::int64_t(places.size()), threads, [&](std::int64_t n) {
        auto& slot = bricks_[std::size_t(index(places[std::size_t(n)]))];
        if (!slot) slot = std::make_unique<Brick<Shape>>(anatomy(places[std::size_t(n)]));
    });
    rebuild_order();
}

template <class Shape>
void Lattice<Shape>::sort(int threads) {
    parallel_for(std::int64_t(ordered_.size()), threads, [&](std::int64_t b) {
        RowSorter{}.template sort<Shape>(bins_, ordered_[std::size_t(b)]->cells, ordered_[std::size_t(b)]->bin_start);
    });
}

template <class Shape>
void Lattice<Shape>::rebuild_order() {
    ordered_.clear();
    for (std::size_t n = 0; n < bricks_.size(); ++n) {
        if (!bricks_[n]) continue;
        place_[n] = static_cast<std::int32_t>(ordered_.size());
        ordered_.push_back(bricks_[n].get());
    }
}

namespace {

// How many bricks along one axis a coordinate lies outside [0, edge): -1, 0 or 1; anything else is refused by the
// caller.
int steps_outside(Fixed v, Fixed edge) {
    if (v < 0) return v >= -edge ? -1 : -2;
    if (v >= edge) return v - edge < edge ? 1 : 2;
    return 0;
}

template <class Shape>
bool anyone_outside(const Cells& cells) {
    const Fixed *const x = cells.x.data(), *const y = cells.y.data(), *const z = cells.z.data();
    const std::size_t rows = cells.size();
    int outside = 0;
#pragma omp simd reduction(| : outside)
    for (std::size_t row = 0; row < rows; ++row)
        outside |= int(x[row] < 0) | int(x[row] >= edge_fixed<Shape>[0]) | int(y[row] < 0) |
                   int(y[row] >= edge_fixed<Shape>[1]) | int(z[row] < 0) | int(z[row] >= edge_fixed<Shape>[2]);
    return outside != 0;
}

}  // namespace

template <class Shape>
void Lattice<Shape>::settle(int threads) {
    outgoing_.resize(ordered_.size());
    const int lattice_size[3] = {nx_, ny_, nz_};

    // Cells that left their brick are taken out; at the tissue's wall they are put back just inside.
    parallel_for(std::int64_t(ordered_.size()), threads, [&](std::int64_t b) {
        Brick<Shape>& brick = *ordered_[std::size_t(b)];
        Cells& leaving = outgoing_[std::size_t(b)];
        leaving.resize(0);
        if (!brick.activity.cells_awake) return;
        Cells& cells = brick.cells;
        if (!anyone_outside<Shape>(cells)) return;
        const std::int32_t place[3] = {brick.at.x, brick.at.y, brick.at.z};
        std::size_t kept = 0;
        for (std::size_t row = 0; row < cells.size(); ++row) {
            Fixed* coordinate[3] = {&cells.x[row], &cells.y[row], &cells.z[row]};
            bool leaves = false;
            for (int a = 0; a < 3; ++a) {
                const Fixed edge = edge_fixed<Shape>[a];
                const int step = steps_outside(*coordinate[a], edge);
                if (step == 0) continue;
                if (step < 0 && place[a] == 0)
                    *coordinate[a] = 0;
                else if (step > 0 && place[a] == lattice_size[a] - 1)
                    *coordinate[a] = edge - 1;
                else if (step == 2 || step == -2)
                    throw RunError("settle: cell " + std::to_string(cells.id[row]) + " of brick (" +
                                   std::to_string(brick.at.x) + ", " + std::to_string(brick.at.y) + ", " +
                                   std::to_string(brick.at.z) + ") moved more than one brick in one step");
                else
                    leaves = true;
            }
            if (leaves) {
                leaving.append_row(cells, row);
            } else {
                if (kept != row) Cells::for_each_column([&](auto& column) { column[kept] = column[row]; }, cells);
                ++kept;
            }
        }
        if (kept != cells.size()) cells.resize(kept);
    });

    // They enter their new brick in the order of source brick and row.
    for (std::size_t b = 0; b < ordered_.size(); ++b) {
        Cells& leaving = outgoing_[b];
        for (std::size_t row = 0; row < leaving.size(); ++row) {
            BrickCoord to = ordered_[b]->at;
            std::int32_t* place[3] = {&to.x, &to.y, &to.z};
            Fixed* coordinate[3] = {&leaving.x[row], &leaving.y[row], &leaving.z[row]};
            for (int a = 0; a < 3; ++a) {
                const int step = steps_outside(*coordinate[a], edge_fixed<Shape>[a]);
                *place[a] += step;
                *coordinate[a] -= step * edge_fixed<Shape>[a];
            }
            Brick<Shape>* target = find(to);
            if (!target)
                throw RunError("settle: cell " + std::to_string(leaving.id[row]) + " moved into the virtual brick (" +
                               std::to_string(to.x) + ", " + std::to_string(to.y) + ", " + std::to_string(to.z) + ")");
            target->cells.append_row(leaving, row);
            target->activity.cells_awake = 1;  // an arrival wakes
            target->activity.quiet_cells = 0;
        }
    }

    parallel_for(std::int64_t(ordered_.size()), threads, [&](std::int64_t b) {
        thread_local RowSorter sorter;
        Brick<Shape>& brick = *ordered_[std::size_t(b)];
        if (brick.activity.cells_awake) sorter.template sort<Shape>(bins_, brick.cells, brick.bin_start);
    });
}

template class Lattice<SectionShape>;
template class Lattice<BlockShape>;

}  // namespace stellate
