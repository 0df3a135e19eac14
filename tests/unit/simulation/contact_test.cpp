// What a cell feels of those it touches: neighbours of a type, and proteins on their surface.
#include <gtest/gtest.h>

#include <cmath>

#include "mouse.hpp"
#include "simulation/phases.hpp"
#include "simulation/signals.hpp"

namespace stellate {
namespace {

template <class Shape>
class Contact : public testing::Test {};
using Shapes = testing::Types<SectionShape, BlockShape>;
TYPED_TEST_SUITE(Contact, Shapes);

constexpr Fixed um = 1 << fixed_bits;

// A liver of which one brick holds nothing but one cell and those around it.
template <class Shape>
struct Ring {
    Ring(const test::Setting& setting, const std::vector<const char*>& neighbours, const char* centre = "cd8")
        : mouse(test::load(setting)),
          w(test::world<Shape>(mouse, 5, {1, 1, 1}, 0, false)),
          type_(mouse.model->type_index(centre)) {
        Cells& c = brick().cells;
        c.resize(neighbours.size() + 1);
        for (std::size_t row = 0; row < c.size(); ++row) {
            c.id[row] = 1000 + row;
            const int type = row == 0 ? type_ : mouse.model->type_index(neighbours[row - 1]);
            c.type[row] = std::uint8_t(type);
            c.radius[row] = float(mouse.model->types[std::size_t(type)].radius_um);
            c.phase[row] = Phase::g1;
            const double angle = 6.283185 * double(row) / double(neighbours.size());
            const double r = row == 0 ? 0 : 8;
            c.x[row] = 50 * um + Fixed(r * std::cos(angle) * um);
            c.y[row] = 50 * um + Fixed(r * std::sin(angle) * um);
            c.z[row] = 10 * um;
        }
        w.lattice.settle(1);
    }
    Brick<Shape>& brick() { return *w.lattice.in_memory().front(); }

    // A behaviour of the cell in the middle, in canonical units.
    float of(int behaviour) {
        BrickScratch scratch;
        sense(w, brick(), scratch);
        VoxelSignals voxels;
        voxels.read(*mouse.model, brick());
        std::vector<std::uint32_t> rows;
        for (std::uint32_t row = 0; row < brick().cells.size(); ++row)
            if (brick().cells.type[row] == type_) rows.push_back(row);
        EXPECT_EQ(rows.size(), 1u);
        TypeBehaviours behaviours;
        behaviours.evaluate(*mouse.model, type_, brick(), scratch, voxels, rows);
        return behaviours.of(behaviour)(0);
    }
    float attack() { return of(mouse.model->behaviours.attack); }
    float death() { return of(mouse.model->behaviours.apoptosis); }

    test::Mouse mouse;
    World<Shape> w;

private:
    int type_;
};

constexpr double healthy_matrix = 3e-4;  // what healthy liver's collagen takes of 4 attacks a day

// What the records say: attack 4 per day down to 1.2, death 0.3 up to 0.6, half at 3, power 2.
double half_reached(double cd274) { return cd274 * cd274 / (9 + cd274 * cd274); }

TYPED_TEST(Contact, with_CD274_weakens_and_kills_CD8_cells_by_its_density_on_each_type) {
    // Without the loop `suppression`, so that nothing else of a neighbour weakens the attack.
    const test::Setting colon{.primary = "colon", .switched_off = {"suppression"}},
        melanoma{.primary = "melanoma", .switched_off = {"suppression"}};
    const struct {
        const test::Setting& setting;
        std::vector<const char*> neighbours;
        double cd274;
    } cases[] = {
        {colon, {"hepatocyte", "lsec", "hsc_quiescent", "nk"}, 0},
        {colon, {"tumour"}, 1},
        {melanoma, {"tumour"}, 0.3},
        {colon, {"hsc_activated", "portal_myofibroblast"}, 1},
        {colon, {"tumour", "tumour", "tumour", "hsc_activated", "mdsc"}, 4.5},
    };
    for (const auto& c : cases) {
        Ring<TypeParam> ring(c.setting, c.neighbours);
        const double reached = half_reached(c.cd274);
        EXPECT_NEAR(ring.attack() * 1440, 4 - 2.8 * reached, healthy_matrix) << c.cd274;
        EXPECT_NEAR(ring.death() * 1440, 0.3 + 0.3 * reached, 1e-5) << c.cd274;
    }
}

TYPED_TEST(Contact, with_the_dying_counts_for_nothing) {
    Ring<TypeParam> ring({}, {"tumour", "hsc_activated"});
    const float whole = ring.attack();
    for (std::size_t row = 0; row < 3; ++row)
        if (ring.brick().cells.type[row] != ring.mouse.model->type_index("cd8"))
            ring.brick().cells.phase[row] = Phase::dying;
    EXPECT_LT(whole, ring.attack());
    EXPECT_NEAR(ring.attack() * 1440, 4, healthy_matrix);
}

TYPED_TEST(Contact, with_CD274_does_nothing_where_the_loop_checkpoint_is_off) {
    Ring<TypeParam> ring({.primary = "colon", .switched_off = {"checkpoint", "suppression"}},
                         {"tumour", "hsc_activated", "mdsc"});
    EXPECT_NEAR(ring.attack() * 1440, 4, healthy_matrix);
    EXPECT_FLOAT_EQ(ring.death() * 1440, 0.3f);
}

// What the records say: IL1B up to 2500 nM um^3/min, half at 0.5, power 2.
TYPED_TEST(Contact, with_tumour_makes_endothelium_the_source_of_the_relay) {
    const auto il1b = [](const std::vector<const char*>& neighbours, const std::vector<std::string>& off = {}) {
        Ring<TypeParam> ring({.primary = "colon", .switched_off = off}, neighbours, "lsec");
        return ring.of(ring.mouse.model->behaviours.secretion[std::size_t(ring.mouse.model->substrate_index("IL1B"))]);
    };
    EXPECT_EQ(il1b({"hepatocyte", "kupffer", "hsc_activated"}), 0);
    for (const char* tumour : {"tumour_arrested", "tumour"}) {
        EXPECT_NEAR(il1b({tumour, "hepatocyte"}), 2500 * 0.8, 0.1) << tumour;
        EXPECT_EQ(il1b({tumour}, {"relay"}), 0) << tumour;
    }
    EXPECT_NEAR(il1b({"tumour", "tumour"}), 2500 * 16 / 17.0, 0.1);
}

}  // namespace
}  // namespace stellate
