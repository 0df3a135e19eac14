// What is read from a world agrees with itself: daily counts with the endpoints, vessels in a section with those in
// space, company by chance with that of cells that have just come.
#include <gtest/gtest.h>

#include <cmath>

#include "core/ids.hpp"
#include "core/random.hpp"
#include "experiment_text.hpp"
#include "laboratory/readout.hpp"
#include "simulation/phases.hpp"

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
        add(brick, "tumour", x_um, y_um, z_um, phase);
    }

    void add(Brick<Shape>& to, const char* type, double x_um, double y_um, double z_um, Phase phase) {
        Cells& c = to.cells;
        const std::size_t row = c.size();
        c.resize(row + 1);
        c.id[row] = arrival_id(0xabcd, 0, added++).value;
        c.x[row] = fixed_from_um(x_um), c.y[row] = fixed_from_um(y_um), c.z[row] = fixed_from_um(z_um);
        c.radius[row] = 7;
        c.type[row] = static_cast<std::uint8_t>(animal.model->type_index(type));
        c.phase[row] = phase;
    }

    Experiment e;
    Animal animal;
    World<Shape> world;
    Brick<Shape>& brick;
    std::uint32_t added = 0;
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
    const DayCounts counts = count_cells(t.world, s.link_um, s.least_cells);
    EXPECT_EQ(counts.foci, 2);
    EXPECT_EQ(read_out(t.world, t.animal, counts, 1, nullptr).get("foci_count"), 2);
}

TEST(readings, so_they_are_in_a_block) {
    Tissue<BlockShape> t(in_a_small_block(1));
    for (int k = 0; k < 5; ++k) {
        t.add_tumour(80 + k, 80, 50, Phase::g1);
        t.add_tumour(80 + k, 80, 90, Phase::g1);
    }
    t.add_tumour(82, 80, 70, Phase::dying);
    t.world.lattice.settle(1);
    const histology::EndpointSettings& s = t.animal.endpoints;
    const DayCounts counts = count_cells(t.world, s.link_um, s.least_cells);
    EXPECT_EQ(counts.foci, 2);
    EXPECT_EQ(read_out(t.world, t.animal, counts, 1, nullptr).get("foci_count"), 2);
}

TEST(readings, vessels_of_all_directions_keep_their_length_in_sections_of_a_block) {
    Tissue<BlockShape> t(in_a_small_block(1));
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

namespace {

constexpr int arrested = 6000;

// Stands an alpha-SMA-positive cell in each voxel that `pick` names and lets tumour cells stick in the rest of a tissue
// where nobody has moved or died yet.
template <class Pick>
void fill(Tissue<SectionShape>& t, Pick&& pick) {
    for (int y = 0; y < t.world.lattice.ny(); ++y)
        for (int x = 0; x < t.world.lattice.nx(); ++x) {
            Brick<SectionShape>& brick = t.world.lattice.materialise({x, y, 0});
            for (int v = 0; v < voxels_per_brick<SectionShape>; ++v)
                if (pick(brick.healthy, std::size_t(v)))
                    t.add(brick, "hsc_activated", voxel_um * (v % SectionShape::nx + 0.5),
                          voxel_um * (v / SectionShape::nx + 0.5), 0.5 * voxel_um, Phase::g1);
        }
    t.world.inoculum.cells = arrested;
    const double until_min = 60 * t.animal.model->seeding.arrival_spread_h + t.animal.model->clocks.tick_min;
    for (; t.world.time_min() < until_min; ++t.world.tick) seed_tumour(t.world);
    t.world.lattice.settle(1);
}

struct Company {
    double seen, by_chance, spread;  // %; spread is the binomial one of `seen`
};
Company company(const Tissue<SectionShape>& t, const histology::Section& section) {
    histology::EndpointSettings settings = t.animal.endpoints;
    settings.least_cells = arrested + 1;  // so many at once would be called foci, and those are left out
    const histology::SectionEndpoints e = histology::measure(section, settings);
    EXPECT_EQ(e.get("arrested_cells"), arrested);
    const double seen = *e.get("surrounded_share");
    return {seen, *e.get("surrounded_by_chance"), std::sqrt(seen * (100 - seen) / arrested)};
}

}  // namespace

TEST(readings, company_by_chance_is_that_of_cells_that_have_just_stuck_and_not_that_of_even_points) {
    Tissue<SectionShape> t({}, {4, 4, 1});
    fill(t, [](const Healthy& h, std::size_t v) {
        return h.kind[v] == TissueKind::parenchyma && h.portal_to_central[v] > 0.6f;
    });
    histology::Section section = section_of(t.world);
    const Company odds = company(t, section);
    EXPECT_NEAR(odds.by_chance, odds.seen, 4 * odds.spread);
    section.arrest_odds.clear();
    const Company even = company(t, section);
    EXPECT_GT(even.by_chance, odds.seen + 8 * odds.spread);
}

TEST(readings, connective_tissue_where_no_tumour_cell_sticks_adds_nothing_to_company_by_chance) {
    Tissue<SectionShape> t({}, {4, 4, 1});
    fill(t, [](const Healthy& h, std::size_t v) { return h.kind[v] == TissueKind::portal_tract; });
    histology::Section section = section_of(t.world);
    const Company odds = company(t, section);
    EXPECT_NEAR(odds.by_chance, odds.seen, 4 * odds.spread);
    for (const Brick<SectionShape>* brick : t.world.lattice.in_memory())
        for (int v = 0; v < voxels_per_brick<SectionShape>; ++v)
            if (brick->healthy.kind[std::size_t(v)] == TissueKind::portal_tract)
                section.arrest_odds[std::size_t(brick->at.x * SectionShape::nx + v % SectionShape::nx +
                                                section.nx * (brick->at.y * SectionShape::ny + v / SectionShape::nx))] =
                    1;
    const Company with_tracts = company(t, section);
    EXPECT_GT(with_tracts.by_chance, odds.seen + 8 * odds.spread);
}

}  // namespace stellate::laboratory::testing
