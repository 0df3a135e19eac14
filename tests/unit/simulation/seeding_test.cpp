// Where tumour cells of the inoculum stick: in parenchyma, at a sinusoid's wall.
#include <gtest/gtest.h>

#include <cmath>

#include "mouse.hpp"
#include "simulation/phases.hpp"

namespace stellate {
namespace {

template <class Shape>
class Seeding : public testing::Test {};
using Shapes = testing::Types<SectionShape, BlockShape>;
TYPED_TEST_SUITE(Seeding, Shapes);

// How far two cells of a brick are from touching, um; negative where they overlap.
double gap(const Cells& c, std::size_t a, std::size_t b) {
    const double x = um_from_fixed(c.x[a] - c.x[b]), y = um_from_fixed(c.y[a] - c.y[b]),
                 z = um_from_fixed(c.z[a] - c.z[b]);
    return std::sqrt(x * x + y * y + z * z) - (double(c.radius[a]) + double(c.radius[b]));
}

TYPED_TEST(Seeding, puts_cells_in_touch_with_endothelium_unless_every_wall_near_is_taken) {
    using Shape = TypeParam;
    const test::Mouse mouse = test::load();
    const int cells = 200;
    World<Shape> w = test::world<Shape>(mouse, 5, Shape::flat ? Extent{4, 4, 1} : Extent{2, 2, 2}, cells, false);
    const double until_min = mouse.model->seeding.arrival_spread_h * 60 + 2 * mouse.model->clocks.tick_min;
    for (; w.time_min() < until_min; ++w.tick) seed_tumour(w);

    int arrested = 0, touching = 0;
    for (const auto* brick : w.lattice.in_memory()) {
        const Cells& c = brick->cells;
        std::vector<std::size_t> stuck, walls;
        for (std::size_t row = 0; row < c.size(); ++row) {
            if (c.type[row] == mouse.model->roles.tumour_arrested) stuck.push_back(row);
            if (c.type[row] == mouse.model->roles.lsec) walls.push_back(row);
        }
        // A hundredth of the radii, as seeding counts, and what its grid rounds.
        const auto touches = [&](std::size_t cell, std::size_t wall) {
            return gap(c, cell, wall) <= 0.011 * (double(c.radius[cell]) + double(c.radius[wall]));
        };
        for (const std::size_t cell : stuck) {
            ++arrested;
            bool touched = false, free_wall = false;
            for (const std::size_t wall : walls) {
                touched = touched || touches(cell, wall);
                const bool near = gap(c, cell, wall) < double(voxel_um) - 0.01;
                const bool taken = std::any_of(stuck.begin(), stuck.end(), [&](std::size_t other) {
                    return other != cell && touches(other, wall);
                });
                free_wall = free_wall || (near && !taken);
            }
            touching += touched;
            EXPECT_TRUE(touched || !free_wall) << "cell " << c.id[cell];
        }
    }
    EXPECT_EQ(arrested, cells);
    EXPECT_GT(touching, cells * 9 / 10);
}

}  // namespace
}  // namespace stellate
