// Collagen against the closed forms of its equation, and the promise that health is exactly at rest.
#include "matrix/matrix.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/math.hpp"
#include "core/random.hpp"

namespace stellate::matrix {
namespace {

Parameters parameters() {
    Parameters p{};
    p.degradation_per_min = 1e-3;
    p.crosslink_protection = 0.8;
    p.timp_half_density_per_um3 = 1e-5;
    p.crosslink_opening_per_min = 1e-4;
    p.crosslink_baseline = 0.1;
    p.stiffness_baseline_kpa = 0.5;
    p.stiffness_per_collagen_kpa = 0.4;
    p.crosslink_stiffening = 1.0;
    p.collagen_ceiling_mg_per_ml = 1e9;  // out of the way
    p.alignment_per_deposit = 0.5;
    p.confinement_half_mg_per_ml = 10;
    p.confinement_power = 2;
    return p;
}

Brick<SectionShape> healthy_brick(float collagen) {
    constexpr auto n = std::size_t(voxels_per_brick<SectionShape>);
    Brick<SectionShape> brick;
    brick.healthy.collagen.assign(n, collagen);
    brick.matrix.collagen.assign(n, collagen);
    brick.matrix.crosslink.assign(n, 0.1f);
    brick.matrix.fibre_cos.assign(n, 0.0f);
    brick.matrix.fibre_sin.assign(n, 0.0f);
    return brick;
}

Work no_work() {
    Work w;
    w.clear(std::size_t(voxels_per_brick<SectionShape>));
    return w;
}

TEST(Matrix, healthy_tissue_without_working_cells_does_not_change_a_bit) {
    auto brick = healthy_brick(1.5f);
    Hasher before, after;
    brick.hash(before);
    EXPECT_EQ(remodel(parameters(), no_work(), 6.0, brick), 0.0f);
    brick.hash(after);
    EXPECT_EQ(before.digest(), after.digest());
}

TEST(Matrix, excess_decays_exponentially_at_the_degradation_rate_whatever_the_step) {
    auto p = parameters();
    p.crosslink_protection = 0;
    for (const int steps : {1, 10, 100}) {
        auto brick = healthy_brick(1.5f);
        brick.matrix.collagen[7] = 11.5f;
        for (int n = 0; n < steps; ++n) remodel(p, no_work(), 1000.0 / steps, brick);
        EXPECT_NEAR(brick.matrix.collagen[7], 1.5 + 10 * std::exp(-1.0), 2e-5) << steps;
        EXPECT_EQ(brick.matrix.collagen[8], 1.5f);
    }
}

TEST(Matrix, constant_deposition_approaches_deposition_over_degradation) {
    auto p = parameters();
    p.crosslink_protection = 0;
    auto brick = healthy_brick(1.5f);
    auto work = no_work();
    work.deposition[3] = 0.01f;
    remodel(p, work, 700.0, brick);
    EXPECT_NEAR(brick.matrix.collagen[3], 1.5 + 10 * (1 - std::exp(-0.7)), 1e-4);
}

TEST(Matrix, timp_and_full_cross_linking_each_slow_degradation_as_stated) {
    auto p = parameters();
    p.crosslink_opening_per_min = 0;
    auto brick = healthy_brick(0.0f);
    brick.matrix.collagen[0] = brick.matrix.collagen[1] = 1.0f;
    brick.matrix.crosslink[0] = 0.0f;
    brick.matrix.crosslink[1] = 1.0f;
    auto work = no_work();
    work.timp[0] = 1e-5f;  // half
    remodel(p, work, 1000.0, brick);
    EXPECT_NEAR(brick.matrix.collagen[0], std::exp(-0.5), 1e-5);
    EXPECT_NEAR(brick.matrix.collagen[1], std::exp(-0.2), 1e-5);
}

TEST(Matrix, deposition_stops_at_the_ceiling) {
    auto p = parameters();
    p.collagen_ceiling_mg_per_ml = 20;
    p.degradation_per_min = 0;
    auto brick = healthy_brick(1.5f);
    auto work = no_work();
    work.deposition[0] = 1.0f;
    for (int n = 0; n < 2000; ++n) remodel(p, work, 1.0, brick);
    EXPECT_LE(brick.matrix.collagen[0], 20.0f);
    EXPECT_GT(brick.matrix.collagen[0], 19.9f);
}

TEST(Matrix, new_collagen_dilutes_cross_links_and_cells_close_them) {
    auto p = parameters();
    p.degradation_per_min = 0;
    p.crosslink_opening_per_min = 0;
    auto brick = healthy_brick(1.0f);
    brick.matrix.crosslink[0] = 0.9f;
    auto work = no_work();
    work.deposition[0] = 1.0f;
    remodel(p, work, 1.0, brick);  // doubles the collagen
    EXPECT_NEAR(brick.matrix.crosslink[0], 0.5 * (0.9 + 0.1), 1e-6);
    work = no_work();
    work.crosslinking[0] = 0.01f;
    remodel(p, work, 100.0, brick);
    EXPECT_NEAR(brick.matrix.crosslink[0], 1 - 0.5 * std::exp(-1.0), 1e-6);
}

// Most voxels have only part of the work, and what is zero is left out: the same bits as if it were not.
TEST(Matrix, what_is_left_out_changes_no_bit) {
    const auto p = [] {
        auto q = parameters();
        q.collagen_ceiling_mg_per_ml = 60;
        return q;
    }();
    for (std::uint32_t n = 0; n < 8; ++n) {
        auto brick = healthy_brick(1.5f);
        auto work = no_work();
        Draws draws(3, 1, n, Purpose::test);
        const auto now_and_then = [&](float size) {
            return draws.uniform() < 0.5 ? size * draws.uniform_float() : 0.0f;
        };
        for (std::size_t v = 0; v < brick.matrix.collagen.size(); ++v) {
            brick.matrix.collagen[v] += now_and_then(20);
            brick.matrix.crosslink[v] += now_and_then(0.9f);
            work.timp[v] = now_and_then(1e-4f);
            work.degradation[v] = now_and_then(1e-3f);
            work.deposition[v] = now_and_then(0.01f);
            work.crosslinking[v] = now_and_then(1e-3f);
            work.align_cos[v] = work.deposition[v];
        }
        auto after = brick;
        const float largest = remodel(p, work, 6.0, after);
        float expected_largest = 0;
        for (std::size_t v = 0; v < brick.matrix.collagen.size(); ++v) {
            const double healthy = brick.healthy.collagen[v], before = brick.matrix.collagen[v],
                         links = brick.matrix.crosslink[v];
            const double rate = (p.degradation_per_min + work.degradation[v]) * (1.0 - p.crosslink_protection * links) /
                                (1.0 + work.timp[v] / p.timp_half_density_per_um3);
            const double lost = math::chance(rate * 6.0), excess = before - healthy;
            const double gained =
                work.deposition[v] * std::max(0.0, 1.0 - before / p.collagen_ceiling_mg_per_ml) * lost / rate;
            const double collagen = healthy + (excess - excess * lost) + gained;
            const double diluted = links + (p.crosslink_baseline - links) * std::min(1.0, gained / collagen);
            const double closing = work.crosslinking[v], open = p.crosslink_opening_per_min;
            const double rest = (closing + open * p.crosslink_baseline) / (closing + open);
            ASSERT_EQ(after.matrix.collagen[v], static_cast<float>(collagen)) << v;
            ASSERT_EQ(after.matrix.crosslink[v],
                      static_cast<float>(diluted + (rest - diluted) * math::chance((closing + open) * 6.0)))
                << v;
            expected_largest = std::max(expected_largest, static_cast<float>(std::abs(collagen - before) / 6.0));
        }
        EXPECT_EQ(largest, expected_largest);
    }
}

TEST(Matrix, fibres_turn_towards_the_depositor_and_a_turned_heading_is_the_same) {
    auto brick = healthy_brick(1.0f);
    auto work = no_work();
    work.deposition[0] = 0.1f;
    work.align_cos[0] = 0.1f;  // heading along x (or against it)
    for (int n = 0; n < 200; ++n) remodel(parameters(), work, 6.0, brick);
    EXPECT_GT(brick.matrix.fibre_cos[0], 0.95f);
    EXPECT_LE(brick.matrix.fibre_cos[0], 1.0f);
    EXPECT_EQ(brick.matrix.fibre_sin[0], 0.0f);
}

TEST(Matrix, stiffness_rises_linearly_with_collagen_above_the_baseline_and_with_cross_links) {
    const auto p = parameters();
    EXPECT_FLOAT_EQ(stiffness_kpa(p, 1.5f, 1.5f, 0.1f), 0.5f);
    EXPECT_FLOAT_EQ(stiffness_kpa(p, 1.0f, 1.5f, 0.1f), 0.5f);
    EXPECT_FLOAT_EQ(stiffness_kpa(p, 6.5f, 1.5f, 0.5f), float(0.5 + 0.4 * 5 * 1.5));
}

TEST(Matrix, mobility_is_one_at_the_baseline_and_half_at_the_confining_density) {
    const auto p = parameters();
    EXPECT_EQ(mobility(p, 1.5f, 1.5f), 1.0f);
    EXPECT_FLOAT_EQ(mobility(p, 11.5f, 1.5f), 0.5f);
    EXPECT_LT(mobility(p, 31.5f, 1.5f), 0.11f);
}

}  // namespace
}  // namespace stellate::matrix
