// What is read from a world agrees with itself: daily counts with the endpoints, vessels in a section with those in
// space.
#include <gtest/gtest.h>

#include <cmath>

#include "core/random.hpp"
#include "experiment_text.hpp"
#include "laboratory/readout.hpp"

namespace stellate::laboratory::testing {
namespace {

template <class Shape>
struct Tissue {
    explicit Tissue(const Overrides& overrides = {}, Extent extent = {1, 1, 1})
        : e(read(small_experiment, overrides)),
          animal(make_animal(ModelFiles(e), e, e.primaries[0], e.arms[0], 1)),
          world(animal.model, animal.anatomy, animal.seed, extent, {}, {}, true),
          brick(world.lattice.materialise({0, 0, 0})) {}

    void add_tumour(double x_um, double y_um, double z_um, Phase phase) {
        Cells& c = brick.cells;
        const std::size_t row = c.size();
        c.resize(row + 1);
        c.id[row] = 0xabcd0000 + row;
        c.x[row] = fixed_from_um(x_um), c.y[row] = fixed_from_um(y_um), c.z[row] = fixed_from_um(z_um);
        c.radius[row] = 7;
        c.type[row] = static_cast<std::uint8_t>(animal.model->type_index("tumour"));
        c.phase[row] = phase;
    }

    Experiment e;
    Animal animal;
    World<Shape> world;
    Brick<Shape>& brick;
};

}  // namespace

TEST(readings, foci_of_the_daily_counts_are_the_foci_of_the_endpoints_though_dying_cells_lie_between_them) {
    Tissue<SectionShape> t;
    for (int k = 0; k < 5; ++k) {
        t.add_tumour(100 + k, 100, 10, Phase::g1);
        t.add_tumour(140 + k, 100, 10, Phase::s);
    }
    t.add_tumour(122, 100, 10, Phase::dying);
    t.world.lattice.settle(1);
    const histology::EndpointSettings& s = t.animal.endpoints;
    EXPECT_EQ(count_cells(t.world, s.link_um, s.least_cells).foci, 2);
    EXPECT_EQ(read_out(t.world, t.animal, 1, nullptr).get("foci_count"), 2);
}

TEST(readings, so_they_are_in_a_block) {
    Overrides o;
    o.set = {{"geometry", "block"},
             {"block.width", "0.16 mm"},
             {"block.height", "0.16 mm"},
             {"block.depth", "0.16 mm"},
             {"block.sections", "1"}};
    Tissue<BlockShape> t(o);
    for (int k = 0; k < 5; ++k) {
        t.add_tumour(80 + k, 80, 50, Phase::g1);
        t.add_tumour(80 + k, 80, 90, Phase::g1);
    }
    t.add_tumour(82, 80, 70, Phase::dying);
    t.world.lattice.settle(1);
    const histology::EndpointSettings& s = t.animal.endpoints;
    EXPECT_EQ(count_cells(t.world, s.link_um, s.least_cells).foci, 2);
    EXPECT_EQ(read_out(t.world, t.animal, 1, nullptr).get("foci_count"), 2);
}

TEST(readings, vessels_of_all_directions_keep_their_length_in_sections_of_a_block) {
    Overrides o;
    o.set = {{"geometry", "block"},
             {"block.width", "0.16 mm"},
             {"block.height", "0.16 mm"},
             {"block.depth", "0.16 mm"},
             {"block.sections", "1"}};
    Tissue<BlockShape> t(o);
    Draws draws(3, 0, 0, Purpose::test);
    constexpr int segments = 2000;
    constexpr double length_um = 10;
    for (int n = 0; n < segments; ++n) {
        const double up = 2 * draws.uniform() - 1, around = 6.283185307179586 * draws.uniform(),
                     flat = std::sqrt(1 - up * up);
        const double x = 160 * draws.uniform(), y = 160 * draws.uniform(), z = 160 * draws.uniform();
        const double half[3] = {0.5 * length_um * flat * std::cos(around), 0.5 * length_um * flat * std::sin(around),
                                0.5 * length_um * up};
        Segment s;
        s.x0 = fixed_from_um(x - half[0]), s.y0 = fixed_from_um(y - half[1]), s.z0 = fixed_from_um(z - half[2]);
        s.x1 = fixed_from_um(x + half[0]), s.y1 = fixed_from_um(y + half[1]), s.z1 = fixed_from_um(z + half[2]);
        s.radius = 4;
        t.brick.segments.push_back(s);
    }
    double in_sections = 0;
    for (int layer = 0; layer < BlockShape::nz; ++layer)
        for (const histology::VesselSegment& v : section_of(t.world, layer).vessels) in_sections += v.length_um();
    EXPECT_NEAR(in_sections, segments * length_um,
                1e-3 * segments * length_um);  // lying flat, 79 % of it would be left
}

}  // namespace stellate::laboratory::testing
