// Resident sinusoids under tumour, against the exact solution of their equation.
#include <gtest/gtest.h>

#include <cmath>

#include "hand_made.hpp"

namespace stellate::vessels {
namespace {

template <class Shape>
class Sinusoids : public testing::Test {
protected:
    static constexpr auto voxels = std::size_t(voxels_per_brick<Shape>);

    Brick<Shape> brick(float open) {
        Brick<Shape> made;
        made.at = {3, 5, 0};
        fill(made, open, 0.0f);
        return made;
    }
    static Digest digest(const Brick<Shape>& b) {
        Hasher hasher;
        b.hash(hasher);
        return hasher.digest();
    }
};
using Shapes = testing::Types<SectionShape, BlockShape>;
TYPED_TEST_SUITE(Sinusoids, Shapes);

TYPED_TEST(Sinusoids, without_tumour_do_not_move_a_bit) {
    auto brick = this->brick(1.0f);
    const Digest before = this->digest(brick);
    const std::vector<float> none(this->voxels, 0.0f);
    EXPECT_FALSE(press_sinusoids<TypeParam>(parameters(), 1, none, 6.0, brick));
    EXPECT_EQ(this->digest(brick), before);
}

TYPED_TEST(Sinusoids, close_and_open_as_exponentials_whatever_the_step) {
    const Parameters p = parameters();
    for (const float fraction : {0.1f, 0.25f, 1.0f})
        for (const int steps : {1, 10, 100}) {
            auto brick = this->brick(1.0f);
            std::vector<float> tumour(this->voxels, 0.0f);
            tumour[7] = fraction;
            bool moved = false;
            for (int n = 0; n < steps; ++n)
                moved = press_sinusoids<TypeParam>(p, 1, tumour, 300.0 / steps, brick) || moved;
            EXPECT_TRUE(moved);
            const double closing = p.closing_per_min * fraction / (fraction + p.closing_half_fraction);
            const double total = closing + p.opening_per_min, rest = p.opening_per_min / total;
            EXPECT_NEAR(brick.sinusoid[7], rest + (1 - rest) * std::exp(-total * 300), 2e-6)
                << fraction << ' ' << steps;
            for (std::size_t v = 0; v < this->voxels; ++v) ASSERT_TRUE(v == 7 || brick.sinusoid[v] == 1.0f) << v;
        }
}

TYPED_TEST(Sinusoids, half_of_the_closing_rate_is_reached_at_the_half_fraction) {
    Parameters p = parameters();
    p.opening_per_min = 0;
    auto brick = this->brick(1.0f);
    const std::vector<float> tumour(this->voxels, 0.25f);
    press_sinusoids<TypeParam>(p, 1, tumour, 60, brick);
    for (const float open : brick.sinusoid) ASSERT_NEAR(open, std::exp(-0.005 * 60), 1e-6);
}

TYPED_TEST(Sinusoids, open_again_when_the_tumour_has_gone_and_are_then_exactly_healthy) {
    const Parameters p = parameters();
    auto brick = this->brick(0.25f);
    const std::vector<float> none(this->voxels, 0.0f);
    press_sinusoids<TypeParam>(p, 1, none, 500, brick);
    EXPECT_NEAR(brick.sinusoid[0], 1 - 0.75 * std::exp(-1.0), 1e-6);
    int steps = 1;
    while (press_sinusoids<TypeParam>(p, 1, none, 500, brick)) ++steps;
    // 0.75 e^-n < 0.001 at n = 7; the next call finds nothing to do.
    EXPECT_EQ(steps, 7);
    for (const float open : brick.sinusoid) ASSERT_EQ(open, 1.0f);
}

TYPED_TEST(Sinusoids, that_are_co_opted_stay_open_and_their_share_is_the_one_asked_for) {
    for (const double share : {0.0, 0.3, 1.0}) {
        Parameters p = parameters();
        p.co_option_share = share;
        const std::vector<float> tumour(this->voxels, 1.0f);
        std::size_t open = 0, all = 0;
        for (int n = 0; n < 40; ++n) {
            auto brick = this->brick(1.0f);
            brick.at = {n, 2 * n, 0};
            for (int step = 0; step < 5; ++step) press_sinusoids<TypeParam>(p, 77, tumour, 60, brick);
            for (const float s : brick.sinusoid) {
                ASSERT_TRUE(s == 1.0f || s < 0.5f) << s;  // drawn once for ever: nothing in between
                open += s == 1.0f;
                ++all;
            }
        }
        const double deviation = std::sqrt(double(all) * share * (1 - share));
        EXPECT_LE(std::abs(double(open) - share * double(all)), 4.42 * deviation) << share;
    }
}

TYPED_TEST(Sinusoids, which_voxels_are_co_opted_depends_on_the_seed_and_the_place) {
    Parameters p = parameters();
    p.co_option_share = 0.5;
    const std::vector<float> tumour(this->voxels, 1.0f);
    const auto pattern = [&](std::uint64_t seed, BrickCoord at) {
        auto brick = this->brick(1.0f);
        brick.at = at;
        press_sinusoids<TypeParam>(p, seed, tumour, 60, brick);
        return brick.sinusoid;
    };
    EXPECT_EQ(pattern(1, {0, 0, 0}), pattern(1, {0, 0, 0}));
    EXPECT_NE(pattern(1, {0, 0, 0}), pattern(2, {0, 0, 0}));
    EXPECT_NE(pattern(1, {0, 0, 0}), pattern(1, {1, 0, 0}));
}

TYPED_TEST(Sinusoids, of_tracts_and_lumina_are_left_alone) {
    auto brick = this->brick(1.0f);
    brick.healthy.kind[3] = TissueKind::portal_tract;
    brick.healthy.kind[4] = TissueKind::central_vein;
    brick.sinusoid[4] = 0.0f;
    const std::vector<float> tumour(this->voxels, 1.0f);
    press_sinusoids<TypeParam>(parameters(), 1, tumour, 60, brick);
    EXPECT_EQ(brick.sinusoid[3], 1.0f);
    EXPECT_EQ(brick.sinusoid[4], 0.0f);
    EXPECT_LT(brick.sinusoid[5], 1.0f);
}

TYPED_TEST(Sinusoids, that_neither_open_nor_close_keep_their_share) {
    Parameters p = parameters();
    p.opening_per_min = 0;
    p.co_option_share = 1;
    auto brick = this->brick(0.5f);
    const std::vector<float> tumour(this->voxels, 1.0f);
    EXPECT_FALSE(press_sinusoids<TypeParam>(p, 1, tumour, 60, brick));
    for (const float open : brick.sinusoid) ASSERT_EQ(open, 0.5f);
}

}  // namespace
}  // namespace stellate::vessels
