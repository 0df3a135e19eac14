// Sleep in three dimensions: a block whose bricks may sleep ends as the same block kept awake does (sections: X02 of
// `stellate verify`).
#include <gtest/gtest.h>

#include <cmath>

#include "mouse.hpp"

namespace stellate {
namespace {

struct Grown {
    std::size_t tumour, activated;
    double collagen_laid_down;               // mg/mL voxels
    std::vector<std::vector<double>> field;  // [substrate][brick, voxel] deviation; 0 in what is not in memory
    double asleep;                           // share of bricks and ticks without awake cells
};

Grown grow(const test::Mouse& mouse, bool sleep) {
    constexpr int ticks = 240;
    constexpr auto voxels = std::size_t(voxels_per_brick<BlockShape>);
    auto w = test::world<BlockShape>(mouse, 11, {4, 4, 3}, 2, sleep);
    const auto bricks = std::size_t(w.lattice.nx() * w.lattice.ny() * w.lattice.nz());
    Stepper<BlockShape> stepper(1);
    Grown g{};
    for (int n = 0; n < ticks; ++n) {
        stepper.step(w);
        std::size_t awake = 0;
        for (const auto* brick : w.lattice.in_memory()) awake += brick->activity.cells_awake;
        g.asleep += (1.0 - double(awake) / double(bricks)) / ticks;
    }
    g.tumour = test::count(w, "tumour") + test::count(w, "tumour_arrested");
    g.activated = test::count(w, "hsc_activated");
    g.field.assign(mouse.model->substrates.size(), std::vector<double>(bricks * voxels, 0.0));
    for (const auto* brick : w.lattice.in_memory()) {
        for (std::size_t v = 0; v < voxels; ++v)
            g.collagen_laid_down += double(brick->matrix.collagen[v]) - double(brick->healthy.collagen[v]);
        for (std::size_t s = 0; s < g.field.size(); ++s)
            for (std::size_t v = 0; v < voxels; ++v)
                g.field[s][std::size_t(w.lattice.index(brick->at)) * voxels + v] = double(brick->field(int(s))[v]);
    }
    return g;
}

// Mean difference of the field that differs most, over half its wake tolerance: a field rests below that, so a voxel
// may miss as much. Above 1 somebody slept through a signal.
double slept_through(const Grown& asleep, const Grown& awake, const Model& model) {
    double worst = 0;
    for (std::size_t s = 0; s < awake.field.size(); ++s) {
        double sum = 0;
        for (std::size_t v = 0; v < awake.field[s].size(); ++v) sum += std::abs(asleep.field[s][v] - awake.field[s][v]);
        worst = std::max(worst, sum / double(awake.field[s].size()) / (0.5 * model.substrates[s].wake_tolerance));
    }
    return worst;
}

TEST(Sleep, in_a_block_changes_no_more_than_the_tolerances_allow) {
    const test::Mouse mouse = test::load();
    const Grown awake = grow(mouse, false), asleep = grow(mouse, true);
    EXPECT_EQ(awake.asleep, 0);
    EXPECT_GT(asleep.asleep, 0.2);
    ASSERT_GT(awake.activated, 0u);
    EXPECT_EQ(asleep.tumour, awake.tumour);
    EXPECT_NEAR(double(asleep.activated), double(awake.activated), std::max(1.0, 0.02 * double(awake.activated)));
    EXPECT_NEAR(asleep.collagen_laid_down, awake.collagen_laid_down, 0.05 * awake.collagen_laid_down);
    const double missed = slept_through(asleep, awake, *mouse.model);
    EXPECT_LT(missed, 1);

    // What the bound is for: bricks that sleep through signals are found out.
    Model deaf = *mouse.model;
    for (Substrate& s : deaf.substrates) s.wake_tolerance *= 8, s.silent_deviation *= 8;
    const Grown through = grow({std::make_shared<const Model>(deaf), mouse.anatomy}, true);
    const double missed_by_the_deaf = slept_through(through, awake, *mouse.model);
    EXPECT_GT(missed_by_the_deaf, 1);
    RecordProperty("missed", std::to_string(missed) + " " + std::to_string(missed_by_the_deaf));
}

}  // namespace
}  // namespace stellate
