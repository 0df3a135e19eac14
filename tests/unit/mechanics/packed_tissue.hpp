// Small packed tissues for the tests of mechanics.
#pragma once

#include <algorithm>
#include <map>

#include "core/ids.hpp"
#include "core/random.hpp"
#include "mechanics/move.hpp"

namespace stellate::testing {

struct Ball {
    std::uint64_t id;
    Vec3 at;  // um from the corner of the tissue
    double radius = 8;
    int type = 0;
};

// An awake lattice with all bricks in memory that holds these cells, settled.
template <class Shape>
Lattice<Shape> lattice_with(int nx, int ny, int nz, double range_um, const std::vector<Ball>& balls) {
    Lattice<Shape> lattice(nx, ny, nz, range_um, [&](Brick<Shape>& brick) {
        brick.activity.cells_awake = 1;
        const Vec3 corner = corner_um<Shape>(brick.at);
        for (const Ball& ball : balls) {
            const Vec3 p = ball.at - corner;
            if (p.x < 0 || p.y < 0 || p.z < 0 || p.x >= Shape::nx * voxel_um || p.y >= Shape::ny * voxel_um ||
                p.z >= Shape::nz * voxel_um)
                continue;
            Cells& c = brick.cells;
            const std::size_t row = c.size();
            c.resize(row + 1);
            c.id[row] = ball.id;
            c.x[row] = nearest_fixed(p.x * (1 << fixed_bits));
            c.y[row] = nearest_fixed(p.y * (1 << fixed_bits));
            c.z[row] = nearest_fixed(p.z * (1 << fixed_bits));
            c.radius[row] = static_cast<float>(ball.radius);
            c.type[row] = static_cast<std::uint8_t>(ball.type);
        }
    });
    for (int z = 0; z < nz; ++z)
        for (int y = 0; y < ny; ++y)
            for (int x = 0; x < nx; ++x) lattice.materialise({x, y, z});
    lattice.settle(1);
    return lattice;
}

// Balls at random places in the box, radii within [smallest, largest], types below `types`.
inline std::vector<Ball> random_balls(std::uint64_t seed, int count, Vec3 low, Vec3 high, double smallest,
                                      double largest, int types) {
    std::vector<Ball> balls;
    for (int n = 0; n < count; ++n) {
        Draws draws(seed, std::uint64_t(n), 0, Purpose::test);
        const auto between = [&](double a, double b) { return a + (b - a) * draws.uniform(); };
        const Vec3 at{between(low.x, high.x), between(low.y, high.y), between(low.z, high.z)};
        balls.push_back(
            {mix64(std::uint64_t(n)), at, between(smallest, largest), int(draws.below(std::uint32_t(types)))});
    }
    return balls;
}

inline mechanics::ContactTable peer_table() {
    mechanics::ContactTable table;
    table.set(0, 0, 10.0f, 0.4f);
    return table;
}

struct Sum {
    float x, y, z, squares;
    friend bool operator==(const Sum&, const Sum&) = default;
};

// The sums of every awake brick's cells, by id, with no yield.
template <class Shape>
std::map<std::uint64_t, Sum> sums_of(const Lattice<Shape>& lattice, const mechanics::ContactTable& table,
                                     Lanes lanes = fastest_here()) {
    std::map<std::uint64_t, Sum> sums;
    mechanics::ContactScratch scratch;
    mechanics::ContactVelocities v;
    for (const Brick<Shape>* b : lattice.in_memory()) {
        const std::vector<float> yield(b->cells.size(), 0.0f), mobility(b->cells.size(), 1.0f);
        mechanics::contact_velocities(lattice, *b, table, yield, mobility, scratch, v, lanes);
        for (std::size_t row = 0; row < b->cells.size(); ++row)
            sums[b->cells.id[row]] = {v.x[row], v.y[row], v.z[row], v.pressure[row]};
    }
    return sums;
}

}  // namespace stellate::testing
