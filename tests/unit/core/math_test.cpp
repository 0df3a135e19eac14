// Own transcendental functions against the C library's in extended precision: the accuracy that math.hpp promises, over
// the whole range of doubles. An ulp is the distance between doubles at the exact value.
#include "core/math.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <vector>

#include "core/random.hpp"

namespace stellate::math {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();
const long double two_pi_l = 2 * std::acos(-1.0L);

static_assert(std::numeric_limits<long double>::digits >= 64, "the reference needs more digits than what it checks");

double ulps_off(double got, long double exact) {
    if (std::isnan(got)) return infinity;
    int exponent = 0;
    std::frexp(exact, &exponent);
    const long double ulp = std::ldexp(1.0L, std::max(exponent - 1, -1022) - 52);
    return static_cast<double>(std::abs(static_cast<long double>(got) - exact) / ulp);
}

// sin(2 pi (turns + shift / 4)) with an exact reduction.
long double exact_sine(double turns, int shift) {
    const long double t = static_cast<long double>(turns) - std::floor(static_cast<long double>(turns));
    const long double quarter = std::floor(4 * t + 0.5L);
    // A small negative number of turns is not representable as one above: reduce it as it is.
    const long double r = std::abs(turns) < 0.125 ? two_pi_l * turns : two_pi_l * (t - quarter / 4);
    switch ((std::abs(turns) < 0.125 ? shift : static_cast<int>(quarter) + shift) & 3) {
        case 0:
            return std::sin(r);
        case 1:
            return std::cos(r);
        case 2:
            return -std::sin(r);
        default:
            return -std::cos(r);
    }
}

struct Range {
    double low, high;
    bool logarithmic = false;
};

// The largest error over random places of the ranges, their ends included.
double worst_ulps(const std::vector<Range>& ranges, const std::function<double(double)>& ours,
                  const std::function<long double(double)>& exact) {
    double worst = 0;
    for (std::size_t n = 0; n < ranges.size(); ++n) {
        const auto [low, high, logarithmic] = ranges[n];
        for (std::uint32_t i = 0; i <= 20000; ++i) {
            const double u = i == 0 ? 0 : i == 1 ? 1 : Draws(7, n, i, Purpose::test).uniform();
            double x =
                logarithmic ? std::exp(std::log(low) + u * (std::log(high) - std::log(low))) : low + u * (high - low);
            x = std::min(std::max(x, low), high);
            const double off = ulps_off(ours(x), exact(x));
            if (off > worst) worst = off;
        }
    }
    return worst;
}

TEST(Math, exp_is_within_two_ulp_from_the_smallest_subnormal_to_overflow) {
    EXPECT_LT(
        worst_ulps({{-1, 1}, {-40, 40}, {-708, 709.78}, {-745.13, -708}, {1e-320, 1, true}, {709.7, 709.782712893384}},
                   exp, [](double x) { return std::exp(static_cast<long double>(x)); }),
        2.0);
}

TEST(Math, exp_at_its_ends) {
    EXPECT_EQ(exp(0.0), 1.0);
    EXPECT_EQ(exp(-0.0), 1.0);
    EXPECT_EQ(exp(-infinity), 0.0);
    EXPECT_EQ(exp(infinity), infinity);
    EXPECT_EQ(exp(-746.0), 0.0);
    EXPECT_EQ(exp(709.79), infinity);
    EXPECT_EQ(exp(1e308), infinity);
    EXPECT_EQ(exp(-745.1), std::numeric_limits<double>::denorm_min());
    EXPECT_TRUE(std::isfinite(exp(709.782712893384)));
    EXPECT_TRUE(std::isnan(exp(nan)));
}

TEST(Math, exp_never_falls_where_its_argument_rises) {
    double last = 0;
    for (int i = 0; i <= 200000; ++i) {
        const double now = exp(-746 + i * (1456.0 / 200000));
        ASSERT_GE(now, last) << i;
        last = now;
    }
}

TEST(Math, log_is_within_two_ulp_from_the_smallest_subnormal_to_the_largest_double) {
    EXPECT_LT(
        worst_ulps(
            {{0.5, 2}, {0.999, 1.001}, {0.7071, 0.7072}, {1.4142, 1.4143}, {1e-307, 1.7e308, true}, {5e-324, 2.2e-308}},
            log, [](double x) { return std::log(static_cast<long double>(x)); }),
        2.0);
    EXPECT_LT(ulps_off(log(std::numeric_limits<double>::denorm_min()), -744.44007192138126231410729844608163411L), 1.0);
}

TEST(Math, log_at_its_ends) {
    EXPECT_EQ(log(1.0), 0.0);
    EXPECT_EQ(log(0.0), -infinity);
    EXPECT_EQ(log(infinity), infinity);
    EXPECT_TRUE(std::isnan(log(-1e-300)));
    EXPECT_TRUE(std::isnan(log(nan)));
}

TEST(Math, sine_and_cosine_of_turns_are_within_two_ulp_next_to_their_zeros_too) {
    const std::vector<Range> ranges = {{0, 1},
                                       {-1, 1},
                                       {0.2499999, 0.2500001},
                                       {0.4999999, 0.5000001},
                                       {0.7499999, 0.7500001},
                                       {1e-300, 0.1, true},
                                       {-1e-7, 0},
                                       {-1e6, 1e6},
                                       {1e14, 1e15},
                                       {0.1249, 0.1251}};
    EXPECT_LT(worst_ulps(ranges, sin_turn, [](double t) { return exact_sine(t, 0); }), 2.0);
    EXPECT_LT(worst_ulps(ranges, cos_turn, [](double t) { return exact_sine(t, 1); }), 2.0);
}

TEST(Math, quarter_turns_are_exact) {
    for (const double whole : {0.0, 1.0, -1.0, 7.0, -1e6, 0x1p40}) {
        EXPECT_EQ(sin_turn(whole), 0.0) << whole;
        EXPECT_EQ(sin_turn(whole + 0.25), 1.0) << whole;
        EXPECT_EQ(sin_turn(whole + 0.5), 0.0) << whole;
        EXPECT_EQ(sin_turn(whole + 0.75), -1.0) << whole;
        EXPECT_EQ(cos_turn(whole), 1.0) << whole;
        EXPECT_EQ(cos_turn(whole + 0.25), 0.0) << whole;
        EXPECT_EQ(cos_turn(whole + 0.5), -1.0) << whole;
        EXPECT_EQ(cos_turn(whole + 0.75), 0.0) << whole;
    }
    // From 2^53 on a double is a whole number of turns.
    EXPECT_EQ(cos_turn(0x1p60), 1.0);
    EXPECT_EQ(sin_turn(1.7e308), 0.0);
    EXPECT_TRUE(std::isnan(sin_turn(infinity)));
    EXPECT_TRUE(std::isnan(cos_turn(nan)));
}

TEST(Math, sine_is_odd_and_cosine_even_to_the_last_bit) {
    for (std::uint32_t i = 0; i < 20000; ++i) {
        const double t = 3 * Draws(8, 0, i, Purpose::test).uniform() - 1.5;
        if (std::abs(8 * t - std::floor(8 * t)) == 0) continue;
        EXPECT_EQ(sin_turn(-t), -sin_turn(t)) << t;
        EXPECT_EQ(cos_turn(-t), cos_turn(t)) << t;
    }
}

TEST(Math, the_chance_of_a_hazard_is_within_two_ulp_from_subnormal_to_certain) {
    EXPECT_LT(worst_ulps({{5e-324, 1e-310}, {1e-300, 1, true}, {0, 0.1}, {0.04, 0.06}, {0.3, 0.4}, {0.1, 3}, {1, 50}},
                         chance, [](double x) { return -std::expm1(-static_cast<long double>(x)); }),
              2.0);
    EXPECT_EQ(chance(0), 0.0);
    EXPECT_EQ(chance(-1), 0.0);
    EXPECT_EQ(chance(1e-320), 1e-320);
    EXPECT_EQ(chance(41), 1.0);
    EXPECT_EQ(chance(infinity), 1.0);
    EXPECT_TRUE(std::isnan(chance(nan)));
}

TEST(Math, what_surely_does_not_happen_does_not_and_hardly_anything_else_is_doubted) {
    int later = 0, doubted_later = 0, none = 0, doubted_none = 0;
    for (std::uint32_t i = 0; i < 200000; ++i) {
        Draws draws(11, i, 0, Purpose::test);
        // Half of the hazards right at the edge, where a rounding could turn the answer.
        const double u = draws.uniform(), near = 1 + (draws.uniform() - 0.5) * 1e-15;
        const double hazard = std::exp(-20 * draws.uniform());
        const double at_later = i % 2 ? hazard : -log(u) * near, at_none = i % 2 ? hazard : -std::log1p(-u) * near;
        if (surely_later(u, at_later)) {
            ++later;
            ASSERT_GT(-log(u), at_later) << u;
        } else {
            doubted_later += i % 2 && -log(u) > at_later;
        }
        if (surely_none(u, at_none)) {
            ++none;
            ASSERT_GE(u, chance(at_none)) << u;
        } else {
            doubted_none += i % 2 && u >= chance(at_none);
        }
    }
    EXPECT_GT(later, 80000);
    EXPECT_GT(none, 80000);
    EXPECT_LT(doubted_later, 5000) << "the logarithm is asked for too often";
    EXPECT_LT(doubted_none, 5000);
}

TEST(Math, whole_powers_err_by_one_ulp_a_multiplication_at_most) {
    for (const int n : {0, 1, 2, 3, 4, 7, 8, 16, 31, 64})
        EXPECT_LE(worst_ulps(
                      {{1e-4, 1e4, true}, {0.99, 1.01}}, [n](double x) { return power(x, n); },
                      [n](double x) { return std::pow(static_cast<long double>(x), n); }),
                  1.0 + n)
            << n;
    EXPECT_EQ(power(0.0, 0), 1.0);
    EXPECT_EQ(power(10.0, 22), 1e22);
    EXPECT_EQ(power(1e200, 2), infinity);
}

TEST(Math, pow_errs_in_proportion_to_the_logarithm_of_the_result) {
    for (std::uint32_t i = 0; i < 200000; ++i) {
        Draws draws(9, 0, i, Purpose::test);
        const double base = std::exp(40 * draws.uniform() - 20), exponent = 30 * draws.uniform() - 15;
        const long double exact = std::pow(static_cast<long double>(base), static_cast<long double>(exponent));
        ASSERT_LE(ulps_off(pow(base, exponent), exact), 2 + 2 * std::abs(exponent * std::log(base)))
            << base << ' ' << exponent;
    }
}

TEST(Math, pow_at_its_ends) {
    EXPECT_EQ(pow(5.0, 0.0), 1.0);
    EXPECT_EQ(pow(0.0, 0.0), 1.0);
    EXPECT_EQ(pow(0.0, 2.5), 0.0);
    EXPECT_EQ(pow(0.0, 3.0), 0.0);
    EXPECT_EQ(pow(0.0, -1.5), infinity);
    EXPECT_EQ(pow(infinity, 0.5), infinity);
    EXPECT_EQ(pow(infinity, -0.5), 0.0);
    EXPECT_EQ(pow(2.0, 10.0), 1024.0);
    EXPECT_EQ(pow(3.0, 64.0), power(3.0, 64));
    EXPECT_NEAR(pow(2.0, 65.0), 0x1p65, 0x1p65 * 1e-14);
    EXPECT_TRUE(std::isnan(pow(nan, 0.5)));
}

TEST(Math, hill_is_its_formula_to_the_stated_ulps) {
    for (std::uint32_t i = 0; i < 200000; ++i) {
        Draws draws(10, 0, i, Purpose::test);
        const double s = std::exp(24 * draws.uniform() - 12), h = std::exp(24 * draws.uniform() - 12);
        const double n = i % 2 ? 1 + draws.below(8) : 0.3 + 8 * draws.uniform();
        const long double ratio = static_cast<long double>(h) / s;
        const long double exact = 1 / (1 + std::pow(ratio, static_cast<long double>(n)));
        ASSERT_LE(ulps_off(hill(s, h, n), exact), 3 + 2 * n * (1 + std::abs(std::log(h / s))))
            << s << ' ' << h << ' ' << n;
    }
}

TEST(Math, hill_at_its_ends_and_its_middle) {
    for (const double n : {0.5, 1.0, 2.0, 4.0, 7.3}) {
        EXPECT_EQ(hill(0.0, 2.0, n), 0.0);
        EXPECT_EQ(hill(-1.0, 2.0, n), 0.0);
        EXPECT_EQ(hill(infinity, 2.0, n), 1.0);
        EXPECT_EQ(hill(2.0, 2.0, n), 0.5);
        EXPECT_TRUE(std::isnan(hill(nan, 2.0, n)));
        const double tiny = hill(5e-324, 1e300, n), huge = hill(1e308, 1e-300, n);
        EXPECT_TRUE(tiny >= 0 && tiny < 1e-150) << n;
        EXPECT_EQ(huge, 1.0) << n;
    }
    // Verification R01: h = 1, n = 4 at 0.5, 1, 2.
    EXPECT_NEAR(hill(0.5, 1.0, 4), 1.0 / 17, 1e-16);
    EXPECT_NEAR(hill(2.0, 1.0, 4), 16.0 / 17, 2e-16);
}

TEST(Math, hill_never_falls_where_its_signal_rises) {
    for (const double n : {1.0, 2.0, 3.0, 4.0, 8.0}) {
        double last = 0;
        for (int i = 0; i <= 20000; ++i) {
            const double now = hill(i * 1e-3, 3.0, n);
            ASSERT_GE(now, last) << n << ' ' << i;
            last = now;
        }
    }
}

}  // namespace
}  // namespace stellate::math
