// What lives on the blood of its sinusoid: endothelium and Kupffer cells.
#include <gtest/gtest.h>

#include <cmath>

#include "mouse.hpp"
#include "simulation/signals.hpp"

namespace stellate {
namespace {

template <class Shape>
class Perfusion : public testing::Test {};
using Shapes = testing::Types<SectionShape, BlockShape>;
TYPED_TEST_SUITE(Perfusion, Shapes);

template <class Shape>
constexpr Extent extent = Shape::flat ? Extent{3, 3, 1} : Extent{5, 5, 1};

TYPED_TEST(Perfusion, of_healthy_liver_is_whole_in_sinusoids_tracts_and_veins) {
    const auto mouse = test::load();
    auto w = test::world<TypeParam>(mouse, 1, extent<TypeParam>, 0, false);
    std::size_t apart = 0;
    VoxelSignals signals;
    for (auto* brick : w.lattice.in_memory()) {
        signals.read(*mouse.model, *brick);
        for (std::size_t v = 0; v < std::size_t(voxels_per_brick<TypeParam>); ++v) {
            const bool parenchyma = brick->healthy.kind[v] == TissueKind::parenchyma;
            apart += !parenchyma;
            EXPECT_EQ(signals.at(mouse.model->signals.perfusion, v), 1.0f);
            EXPECT_EQ(signals.perfusion(v), parenchyma ? 1.0f : 0.0f);  // nobody is recruited from a vein's lumen
        }
        // Half shut: the signal follows in parenchyma only.
        for (float& s : brick->sinusoid) s *= 0.5f;
        signals.read(*mouse.model, *brick);
        for (std::size_t v = 0; v < std::size_t(voxels_per_brick<TypeParam>); ++v)
            EXPECT_EQ(signals.at(mouse.model->signals.perfusion, v),
                      brick->healthy.kind[v] == TissueKind::parenchyma ? 0.5f : 1.0f);
    }
    EXPECT_GT(apart, 0u);
}

// Who still lives after a number of days in sinusoids held at an open share, of those in parenchyma and of the others.
struct Living {
    double parenchyma = 0, elsewhere = 0;
};
template <class Shape>
Living living(const char* type, float open, double days) {
    const auto mouse = test::load({.primary = "colon", .set = {{"vessels.opening", "0.1 1/day"}}});
    auto w = test::world<Shape>(mouse, 1, extent<Shape>, 0, false);
    const int index = mouse.model->type_index(type);
    const auto count = [&](bool parenchyma) {
        double n = 0;
        for (const auto* brick : w.lattice.in_memory())
            for (std::size_t row = 0; row < brick->cells.size(); ++row) {
                const Cells& c = brick->cells;
                const auto kind = brick->healthy.kind[std::size_t(voxel_of<Shape>(c.x[row], c.y[row], c.z[row]))];
                n += c.type[row] == index && c.phase[row] != Phase::dying &&
                     (kind == TissueKind::parenchyma) == parenchyma;
            }
        return n;
    };
    const Living before{count(true), count(false)};
    Stepper<Shape> stepper(1);
    for (int n = 0; n < int(days * 1440 / mouse.model->clocks.tick_min); ++n) {
        for (auto* brick : w.lattice.in_memory())
            for (std::size_t v = 0; v < brick->sinusoid.size(); ++v)
                if (brick->healthy.kind[v] == TissueKind::parenchyma) brick->sinusoid[v] = open;
        stepper.step(w);
    }
    EXPECT_GT(before.parenchyma, 50) << type;
    return {count(true) / before.parenchyma, before.elsewhere > 0 ? count(false) / before.elsewhere : 1};
}

TEST(Perfusion, that_fails_costs_endothelium_and_Kupffer_cells_by_the_rule) {
    for (const char* type : {"lsec", "kupffer"}) {
        const Living healthy = living<SectionShape>(type, 1.0f, 0.5), half = living<SectionShape>(type, 0.41f, 2),
                     none = living<SectionShape>(type, 0.0f, 2);
        EXPECT_EQ(healthy.parenchyma, 1) << type;
        EXPECT_EQ(none.elsewhere, 1) << type;  // walls of tracts and veins
        const auto share = [](double open) { return std::exp(-2 * 0.4 / (1 + std::pow(open / 0.35, 8))); };
        // Within 4.4 standard deviations of at least 50 cells' draws.
        EXPECT_NEAR(half.parenchyma, share(0.41), 4.4 * std::sqrt(share(0.41) * (1 - share(0.41)) / 50)) << type;
        EXPECT_NEAR(none.parenchyma, share(0), 4.4 * std::sqrt(share(0) * (1 - share(0)) / 50)) << type;
        EXPECT_LT(none.parenchyma, half.parenchyma) << type;
    }
}

}  // namespace
}  // namespace stellate
