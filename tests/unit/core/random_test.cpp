// Addressed random draws: the published generator, numbers that are never 0 or 1, the laws they claim to follow, and no
// dependence between addresses. All seeds are fixed, so a test that passes passes for ever; |z| < 4.42 is 1e-5.
#include "core/random.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <string_view>
#include <vector>

namespace stellate {
namespace {

constexpr double z_limit = 4.42;

TEST(Random, philox_gives_the_published_answers) {
    using Words = std::array<std::uint32_t, 4>;
    EXPECT_EQ(philox4x32_10({0, 0, 0, 0}, {0, 0}), (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
    constexpr std::uint32_t ones = 0xffffffff;
    EXPECT_EQ(philox4x32_10({ones, ones, ones, ones}, {ones, ones}),
              (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
    EXPECT_EQ(philox4x32_10({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
              (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Random, an_address_is_the_generators_counter_and_key) {
    const std::uint64_t seed = 0x0123456789abcdefULL, who = 0xfedcba9876543210ULL;
    Draws draws(seed, who, 77, Purpose::division_axis);
    for (std::uint32_t block = 0; block < 3; ++block) {
        const auto words = philox4x32_10({0x76543210, 0xfedcba98, 77, (8u << 16) | block}, {0x89abcdef, 0x01234567});
        for (const std::uint32_t word : words) EXPECT_EQ(draws.bits(), word);
    }
}

TEST(Random, purposes_keep_their_published_numbers) {
    const std::vector<std::pair<Purpose, int>> numbers = {
        {Purpose::test, 0},         {Purpose::anatomy_place, 1},  {Purpose::anatomy_lobule, 2},
        {Purpose::anatomy_cell, 3}, {Purpose::animal, 4},         {Purpose::arrival, 5},
        {Purpose::cell_fate, 6},    {Purpose::phase_duration, 7}, {Purpose::division_axis, 8},
        {Purpose::heading, 9},      {Purpose::attack, 10},        {Purpose::immune_arrival, 11},
        {Purpose::sprout, 13},      {Purpose::drug_kill, 15},     {Purpose::bystander, 16},
        {Purpose::bootstrap, 18},   {Purpose::ensemble, 19},      {Purpose::co_option, 21}};
    for (const auto& [purpose, number] : numbers) EXPECT_EQ(static_cast<int>(purpose), number);
}

TEST(Random, the_same_address_gives_the_same_draws_and_any_other_gives_others) {
    const auto first = [](std::uint64_t seed, std::uint64_t who, std::uint32_t tick, Purpose purpose) {
        Draws draws(seed, who, tick, purpose);
        return std::make_pair(draws.bits(), draws.bits());
    };
    const auto here = first(1, 2, 3, Purpose::test);
    EXPECT_EQ(here, first(1, 2, 3, Purpose::test));
    EXPECT_NE(here, first(2, 2, 3, Purpose::test));
    EXPECT_NE(here, first(1 | 1ULL << 40, 2, 3, Purpose::test));
    EXPECT_NE(here, first(1, 3, 3, Purpose::test));
    EXPECT_NE(here, first(1, 2 | 1ULL << 40, 3, Purpose::test));
    EXPECT_NE(here, first(1, 2, 4, Purpose::test));
    EXPECT_NE(here, first(1, 2, 3, Purpose::heading));
}

TEST(RandomDeathTest, a_stream_that_would_repeat_itself_aborts) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    const auto drain = [](int words) {
        Draws draws(1, 2, 3, Purpose::test);
        for (int n = 0; n < words; ++n) draws.bits();
    };
    drain(4 * 65535);
    EXPECT_DEATH(drain(4 * 65535 + 1), "broken promise in the program");
}

TEST(Random, units_use_53_and_24_bits_and_are_never_0_nor_1) {
    constexpr std::uint32_t ones = 0xffffffff;
    EXPECT_EQ(unit_double(0, 0), 0x1p-54);
    EXPECT_EQ(unit_double(ones, ones), 1 - 0x1p-53);
    EXPECT_LT(unit_double(ones, ones), 1.0);
    EXPECT_EQ(unit_double(0x80000000, 0), 0.5);
    EXPECT_EQ(unit_float(0), 0x1p-25f);
    EXPECT_EQ(unit_float(ones), 1 - 0x1p-24f);
    EXPECT_EQ(unit_float(0x80000000), 0.5f);
    // Each of the bits used moves the value, in the lower half by its weight; none of the others does.
    for (int bit = 0; bit < 31; ++bit)
        EXPECT_EQ(unit_double(1u << bit, 0) - unit_double(0, 0), bit < 5 ? 0 : std::ldexp(1.0, bit - 32));
    for (int bit = 0; bit < 32; ++bit)
        EXPECT_EQ(unit_double(0, 1u << bit) - unit_double(0, 0), bit < 6 ? 0 : std::ldexp(1.0, bit - 59));
    for (int bit = 0; bit < 31; ++bit)
        EXPECT_EQ(unit_float(1u << bit) - unit_float(0), bit < 8 ? 0 : std::ldexp(1.0f, bit - 32));
}

struct Moments {
    double mean, variance, kurtosis;  // exact; kurtosis = fourth central moment / variance^2
};

// z of the sample's mean and variance against a law's.
void expect_moments(const std::function<double(Draws&)>& draw, Moments law, std::uint64_t who, int count = 200000) {
    double sum = 0;
    std::vector<double> values;
    for (int i = 0; i < count; ++i) {
        Draws draws(2024, who, std::uint32_t(i), Purpose::test);
        values.push_back(draw(draws));
        sum += values.back();
    }
    const double mean = sum / count;
    double squares = 0;
    for (const double v : values) squares += (v - mean) * (v - mean);
    const double variance = squares / (count - 1);
    EXPECT_LT(std::abs(mean - law.mean) / std::sqrt(law.variance / count), z_limit);
    EXPECT_LT(std::abs(variance - law.variance) / (law.variance * std::sqrt((law.kurtosis - 1) / count)), z_limit);
}

// Kolmogorov-Smirnov: sqrt(n) D beyond 2.5 has chance 7e-6.
void expect_law(const std::function<double(Draws&)>& draw, const std::function<double(double)>& distribution,
                std::uint64_t who) {
    constexpr int count = 50000;
    std::vector<double> values;
    for (int i = 0; i < count; ++i) {
        Draws draws(2025, who, std::uint32_t(i), Purpose::test);
        values.push_back(draw(draws));
    }
    std::sort(values.begin(), values.end());
    double gap = 0;
    for (int i = 0; i < count; ++i) {
        const double p = distribution(values[std::size_t(i)]);
        gap = std::max({gap, std::abs(p - double(i) / count), std::abs(p - double(i + 1) / count)});
    }
    EXPECT_LT(std::sqrt(double(count)) * gap, 2.5);
}

TEST(Random, uniform_numbers_are_uniform) {
    const auto draw = [](Draws& d) { return d.uniform(); };
    expect_moments(draw, {0.5, 1.0 / 12, 1.8}, 1);
    expect_law(draw, [](double x) { return x; }, 1);
    const auto draw_float = [](Draws& d) { return double(d.uniform_float()); };
    expect_moments(draw_float, {0.5, 1.0 / 12, 1.8}, 2);
    expect_law(draw_float, [](double x) { return x; }, 2);
}

TEST(Random, exponential_times_have_mean_and_deviation_one) {
    const auto draw = [](Draws& d) { return d.exponential(); };
    expect_moments(draw, {1, 1, 9}, 3);
    expect_law(draw, [](double x) { return -std::expm1(-x); }, 3);
}

TEST(Random, normal_numbers_are_normal) {
    const auto draw = [](Draws& d) { return d.normal(); };
    expect_moments(draw, {0, 1, 3}, 4, 1000000);
    expect_law(draw, [](double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); }, 4);
}

TEST(Random, erlang_durations_have_mean_one_and_variance_one_over_the_shape) {
    for (const int shape : {1, 2, 5, 20}) {
        const auto draw = [shape](Draws& d) { return d.erlang(shape); };
        expect_moments(draw, {1, 1.0 / shape, 3 + 6.0 / shape}, 5 + std::uint64_t(shape));
        expect_law(
            draw,
            [shape](double x) {
                double term = 1, sum = 0;
                for (int k = 0; k < shape; term *= shape * x / ++k) sum += term;
                return 1 - std::exp(-shape * x) * sum;
            },
            5 + std::uint64_t(shape));
    }
}

TEST(Random, numbers_below_a_bound_are_equally_frequent) {
    for (const std::uint32_t bound : {1u, 2u, 3u, 7u, 100u}) {
        std::vector<int> counts(bound, 0);
        constexpr int count = 100000;
        for (int i = 0; i < count; ++i) {
            const std::uint32_t n = Draws(3, bound, std::uint32_t(i), Purpose::test).below(bound);
            ASSERT_LT(n, bound);
            ++counts[n];
        }
        double chi = 0;
        const double expected = double(count) / bound;
        for (const int c : counts) chi += (c - expected) * (c - expected) / expected;
        const double freedom = std::max(1.0, bound - 1.0);
        EXPECT_LT((chi - freedom) / std::sqrt(2 * freedom), 6.0) << bound;
    }
    EXPECT_LT(Draws(3, 0, 0, Purpose::test).below(0xffffffff), 0xffffffff);
}

TEST(Random, directions_on_the_sphere_have_length_one_and_no_preference) {
    constexpr int count = 100000;
    double sum[3] = {}, squares[3] = {}, products[3] = {};
    for (int i = 0; i < count; ++i) {
        const Vec3 u = Draws(4, 0, std::uint32_t(i), Purpose::test).direction_on_sphere();
        ASSERT_NEAR(dot(u, u), 1.0, 1e-14);
        const double v[3] = {u.x, u.y, u.z};
        for (int a = 0; a < 3; ++a) {
            sum[a] += v[a];
            squares[a] += v[a] * v[a];
            products[a] += v[a] * v[(a + 1) % 3];
        }
    }
    for (int a = 0; a < 3; ++a) {
        EXPECT_LT(std::abs(sum[a]) / std::sqrt(count / 3.0), z_limit);
        EXPECT_LT(std::abs(squares[a] - count / 3.0) / std::sqrt(count * 4.0 / 45), z_limit);  // var u_a^2 = 1/5 - 1/9
        EXPECT_LT(std::abs(products[a]) / std::sqrt(count / 15.0), z_limit);
    }
}

TEST(Random, directions_in_the_plane_have_length_one_and_equal_sectors) {
    constexpr int count = 100000, sectors = 16;
    double sum[sectors] = {};
    for (int i = 0; i < count; ++i) {
        const Vec3 u = Draws(5, 0, std::uint32_t(i), Purpose::test).direction_in_plane();
        ASSERT_NEAR(dot(u, u), 1.0, 1e-14);
        ASSERT_EQ(u.z, 0.0);
        const double turn = std::atan2(u.y, u.x) / (2 * M_PI) + 0.5;
        ++sum[std::min(sectors - 1, static_cast<int>(turn * sectors))];
    }
    double chi = 0;
    for (const double s : sum)
        chi += (s - double(count) / sectors) * (s - double(count) / sectors) / (double(count) / sectors);
    EXPECT_LT((chi - (sectors - 1)) / std::sqrt(2.0 * (sectors - 1)), 6.0);
}

TEST(Random, neighbouring_addresses_are_uncorrelated) {
    constexpr int count = 100000;
    const auto z_of = [](const std::function<double(std::uint32_t)>& a, const std::function<double(std::uint32_t)>& b) {
        double sum = 0;
        for (std::uint32_t i = 0; i < count; ++i) sum += (a(i) - 0.5) * (b(i) - 0.5);
        return std::abs(sum) * 12 / std::sqrt(double(count));
    };
    const auto at = [](std::uint64_t seed, std::uint64_t who, std::uint32_t tick, Purpose purpose) {
        return Draws(seed, who, tick, purpose).uniform();
    };
    const auto base = [&](std::uint32_t i) { return at(6, i, 9, Purpose::test); };
    EXPECT_LT(z_of(base, [&](std::uint32_t i) { return at(7, i, 9, Purpose::test); }), z_limit);
    EXPECT_LT(z_of(base, [&](std::uint32_t i) { return at(6, i + 1, 9, Purpose::test); }), z_limit);
    EXPECT_LT(z_of(base, [&](std::uint32_t i) { return at(6, i, 10, Purpose::test); }), z_limit);
    EXPECT_LT(z_of(base, [&](std::uint32_t i) { return at(6, i, 9, Purpose::cell_fate); }), z_limit);
    EXPECT_LT(z_of(base,
                   [&](std::uint32_t i) {
                       Draws draws(6, i, 9, Purpose::test);
                       draws.uniform();
                       return draws.uniform();
                   }),
              z_limit);
}

TEST(BlockLog, notes_every_block_of_its_thread_with_the_line_that_opened_the_stream) {
    Draws before(6, 1, 9, Purpose::heading);
    before.uniform();
    std::vector<Block> blocks;
    {
        BlockLog log;
        before.uniform();  // what is left of the first block
        Draws draws(6, (1ull << 32) + 2, 9, Purpose::heading);
        for (int word = 0; word < 5; ++word) draws.bits();
        blocks = log.blocks;
    }
    before.uniform();  // nobody listens
    ASSERT_EQ(blocks.size(), 2u);
    for (std::uint32_t n = 0; n < 2; ++n) {
        EXPECT_EQ(blocks[n].counter, (std::array<std::uint32_t, 4>{2, 1, 9, (9u << 16) | n}));
        EXPECT_EQ(blocks[n].key, (std::array<std::uint32_t, 2>{6, 0}));
        EXPECT_EQ(blocks[n].purpose(), Purpose::heading);
        EXPECT_EQ(blocks[n].opened.line(), blocks[0].opened.line());
    }
    EXPECT_TRUE(std::string_view(blocks[0].opened.file_name()).ends_with("random_test.cpp"));
}

}  // namespace
}  // namespace stellate
