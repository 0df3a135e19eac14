// Where tumour cells of the inoculum stick: in parenchyma, at a sinusoid's wall.
#include <gtest/gtest.h>

#include "mouse.hpp"
#include "simulation/phases.hpp"

namespace stellate {
namespace {

template <class Shape>
class Seeding : public testing::Test {};
using Shapes = testing::Types<SectionShape, BlockShape>;
TYPED_TEST_SUITE(Seeding, Shapes);

struct Body {
    Vec3 at;  // in the tissue, um
    double radius;
};

// How far two cells are from touching, um; negative where they overlap.
double gap(const Body& a, const Body& b) { return length(a.at - b.at) - (a.radius + b.radius); }

template <class Shape>
std::vector<Body> of_type(const World<Shape>& w, int type) {
    std::vector<Body> found;
    for (const auto* brick : w.lattice.in_memory())
        for (std::size_t row = 0; row < brick->cells.size(); ++row) {
            const Cells& c = brick->cells;
            if (c.type[row] != type) continue;
            const auto place = [](std::int32_t brick_place, Fixed edge, Fixed in_brick) {
                return brick_place * um_from_fixed(edge) + um_from_fixed(in_brick);
            };
            found.push_back({{place(brick->at.x, edge_fixed<Shape>[0], c.x[row]),
                              place(brick->at.y, edge_fixed<Shape>[1], c.y[row]),
                              place(brick->at.z, edge_fixed<Shape>[2], c.z[row])},
                             double(c.radius[row])});
        }
    return found;
}

TYPED_TEST(Seeding, puts_cells_in_touch_with_endothelium_unless_every_wall_near_is_taken) {
    using Shape = TypeParam;
    const test::Mouse mouse = test::load();
    const int cells = 200;
    World<Shape> w = test::world<Shape>(mouse, 5, Shape::flat ? Extent{4, 4, 1} : Extent{4, 4, 2}, cells, false);
    const double until_min = mouse.model->seeding.arrival_spread_h * 60 + 2 * mouse.model->clocks.tick_min;
    for (; w.time_min() < until_min; ++w.tick) seed_tumour(w);

    const std::vector<Body> stuck = of_type(w, mouse.model->roles.tumour_arrested),
                            walls = of_type(w, mouse.model->roles.lsec);
    ASSERT_EQ(stuck.size(), std::size_t(cells));
    // A hundredth of the radii, as seeding counts, and what its grid rounds.
    const auto touches = [](const Body& cell, const Body& wall) {
        return gap(cell, wall) <= 0.011 * (cell.radius + wall.radius);
    };
    int touching = 0;
    for (const Body& cell : stuck) {
        bool touched = false, free_wall = false;
        for (const Body& wall : walls) {
            touched = touched || touches(cell, wall);
            const bool taken = std::any_of(stuck.begin(), stuck.end(),
                                           [&](const Body& other) { return &other != &cell && touches(other, wall); });
            free_wall = free_wall || (gap(cell, wall) < double(voxel_um) - 0.01 && !taken);
        }
        touching += touched;
        EXPECT_TRUE(touched || !free_wall) << "a cell at " << cell.at.x << ", " << cell.at.y << ", " << cell.at.z;
    }
    EXPECT_GT(touching, cells * 9 / 10);
}

}  // namespace
}  // namespace stellate
