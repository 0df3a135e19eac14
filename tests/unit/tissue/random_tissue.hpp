// Small random tissues for the tests of the lattice: bricks of founders that are a pure function of (seed, brick).
#pragma once

#include <algorithm>
#include <array>
#include <vector>

#include "core/ids.hpp"
#include "core/random.hpp"
#include "tissue/lattice.hpp"

namespace stellate::testing {

// `count` cells at uniform places, every column filled with something of its own.
template <class Shape>
void fill_with_random_cells(Brick<Shape>& brick, std::uint64_t seed, std::uint32_t count) {
    brick.cells.resize(count);
    for (std::uint32_t slot = 0; slot < count; ++slot) {
        const CellId id = founder_id(brick.at, slot);
        Draws draws(seed, id.value, 0, Purpose::test);
        Cells& c = brick.cells;
        c.id[slot] = id.value;
        c.x[slot] = static_cast<Fixed>(draws.below(std::uint32_t(edge_fixed<Shape>[0])));
        c.y[slot] = static_cast<Fixed>(draws.below(std::uint32_t(edge_fixed<Shape>[1])));
        c.z[slot] = static_cast<Fixed>(draws.below(std::uint32_t(edge_fixed<Shape>[2])));
        c.radius[slot] = 5.0f + 4.0f * draws.uniform_float();
        c.type[slot] = static_cast<std::uint8_t>(draws.below(5));
        c.phase[slot] = static_cast<Phase>(draws.below(4));
        c.clock[slot] = draws.uniform_float();
        c.lineage[slot] = draws.uniform_float();
        c.heading_x[slot] = draws.uniform_float();
    }
}

template <class Shape>
typename Lattice<Shape>::Founder random_founder(std::uint64_t seed, std::uint32_t count, bool awake = true) {
    return [=](Brick<Shape>& brick) {
        fill_with_random_cells(brick, seed, count);
        brick.activity.cells_awake = awake;
    };
}

template <class Shape>
void materialise_all(Lattice<Shape>& lattice) {
    for (int z = 0; z < lattice.nz(); ++z)
        for (int y = 0; y < lattice.ny(); ++y)
            for (int x = 0; x < lattice.nx(); ++x) lattice.materialise({x, y, z});
}

// A place from the corner of the tissue, in fixed units.
using Global = std::array<std::int64_t, 3>;

template <class Shape>
Global global_place(const Brick<Shape>& brick, Fixed x, Fixed y, Fixed z) {
    return {std::int64_t(brick.at.x) * edge_fixed<Shape>[0] + x, std::int64_t(brick.at.y) * edge_fixed<Shape>[1] + y,
            std::int64_t(brick.at.z) * edge_fixed<Shape>[2] + z};
}

struct KnownCell {
    std::uint64_t id;
    Global place;
    float radius, lineage;
    std::uint8_t type;
    friend bool operator==(const KnownCell&, const KnownCell&) = default;
};

// Every cell in memory, ordered by id.
template <class Shape>
std::vector<KnownCell> all_cells(const Lattice<Shape>& lattice) {
    std::vector<KnownCell> found;
    for (const Brick<Shape>* b : lattice.in_memory())
        for (std::size_t row = 0; row < b->cells.size(); ++row) {
            const Cells& c = b->cells;
            found.push_back({c.id[row], global_place(*b, c.x[row], c.y[row], c.z[row]), c.radius[row], c.lineage[row],
                             c.type[row]});
        }
    std::sort(found.begin(), found.end(), [](const KnownCell& a, const KnownCell& b) { return a.id < b.id; });
    return found;
}

template <class Shape>
Digest digest_of(const Lattice<Shape>& lattice) {
    Hasher hasher;
    for (const Brick<Shape>* b : lattice.in_memory()) b->hash(hasher);
    return hasher.digest();
}

// Moves every cell by at most `reach` fixed units along each axis, drawn for (seed, cell, step).
template <class Shape>
void jostle(Lattice<Shape>& lattice, std::uint64_t seed, std::uint32_t step, Fixed reach) {
    for (Brick<Shape>* b : lattice.in_memory())
        for (std::size_t row = 0; row < b->cells.size(); ++row) {
            Draws draws(seed, b->cells.id[row], step, Purpose::test);
            const auto shift = [&] { return static_cast<Fixed>(draws.below(2 * std::uint32_t(reach) + 1)) - reach; };
            b->cells.x[row] += shift();
            b->cells.y[row] += shift();
            b->cells.z[row] += Shape::flat ? 0 : shift();
        }
}

}  // namespace stellate::testing
