#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "data.hpp"
#include "statistics/rank_tests.hpp"

namespace stellate::statistics {
namespace {

using namespace data;

RankTestOptions with(RankMethod method, Alternative alternative = Alternative::two_sided) {
    RankTestOptions options;
    options.method = method;
    options.alternative = alternative;
    return options;
}

TEST(Ranks, EqualValuesShareTheMeanOfTheirRanks) {
    EXPECT_EQ(midranks(Values{3, 1, 3, 2, 3}), (Values{4, 1, 4, 2, 4}));
    EXPECT_EQ(midranks(Values{5, 5}), (Values{1.5, 1.5}));
}

TEST(Ranks, ExactMannWhitneyOfDataBIsRs) {
    const auto test = mann_whitney(b_a, b_b);
    ASSERT_TRUE(test && test->shift && test->shift_interval);
    EXPECT_EQ(test->statistic, 35);
    EXPECT_EQ(test->method, RankMethod::exact);
    EXPECT_FALSE(test->ties);
    EXPECT_NEAR(test->p, 0.25441225441225, within(0.25, 1e-12));
    EXPECT_NEAR(*test->shift, 0.305, 1e-12);
    EXPECT_NEAR(test->shift_interval->lower, -0.15, 1e-12);
    EXPECT_NEAR(test->shift_interval->upper, 0.76, 1e-12);
    EXPECT_NEAR(mann_whitney(b_a, b_b, with(RankMethod::exact, Alternative::greater))->p, 0.12720612720613, 1e-12);
    EXPECT_NEAR(mann_whitney(b_a, b_b, with(RankMethod::normal_corrected))->p, 0.24462360512698, within(0.24, 1e-6));
}

TEST(Ranks, TiedMannWhitneyOfTheSleepDataByNormalApproximationIsRs) {
    const auto corrected = mann_whitney(sleep_x, sleep_y, with(RankMethod::normal_corrected));
    EXPECT_EQ(corrected->statistic, 25.5);
    EXPECT_TRUE(corrected->ties);
    EXPECT_NEAR(corrected->p, 0.069327575433627, within(0.069, 1e-6));
    EXPECT_NEAR(mann_whitney(sleep_x, sleep_y, with(RankMethod::normal))->p, 0.063722250155025, within(0.064, 1e-6));
}

TEST(Ranks, MannWhitneyOfTheBurdenDataIsRs) {
    const auto low = mann_whitney(burden_veh, burden_low, with(RankMethod::normal_corrected));
    EXPECT_EQ(low->statistic, 58.5);
    EXPECT_NEAR(low->p, 0.006284496115058, within(0.0063, 1e-6));
    const auto high = mann_whitney(burden_veh, burden_high);
    EXPECT_EQ(high->statistic, 64);
    EXPECT_EQ(high->method, RankMethod::exact);
    EXPECT_NEAR(high->p, 0.0001554001554002, within(1.6e-4, 1e-10));  // 2 of 12870: the smallest at 8 against 8
}

TEST(Ranks, ExactNullDistributionOfThreeAndFourIsRs) {
    const Values expected = {.02857142857, .05714285714, .1142857143, .2, .3142857143, .4285714286, .5714285714};
    const auto cdf = mann_whitney_cdf(3, 4);
    ASSERT_EQ(cdf.size(), 13U);
    for (std::size_t u = 0; u < expected.size(); ++u) EXPECT_NEAR(cdf[u], expected[u], within(expected[u], 1e-8));
    EXPECT_EQ(cdf.back(), 1);
}

// Mann and Whitney's own recursion, N(u; m, n) = N(u - n; m - 1, n) + N(u; m, n - 1), as a second route.
double ways(int u, int m, int n) {
    if (u < 0) return 0;
    if (m == 0 || n == 0) return u == 0 ? 1 : 0;
    return ways(u - n, m - 1, n) + ways(u, m, n - 1);
}

TEST(Ranks, NullDistributionIsTheRecursionOfMannAndWhitney) {
    for (const auto& [m, n] : std::vector<std::pair<int, int>>{{1, 1}, {1, 6}, {5, 2}, {6, 6}, {7, 4}}) {
        const auto cdf = mann_whitney_cdf(m, n);
        double all = 0, sum = 0;
        for (int u = 0; u <= m * n; ++u) all += ways(u, m, n);
        for (int u = 0; u <= m * n; ++u) {
            sum += ways(u, m, n);
            EXPECT_NEAR(cdf[static_cast<std::size_t>(u)], sum / all, 1e-14) << m << ' ' << n << ' ' << u;
        }
    }
}

TEST(Ranks, SignedRankOfTheSleepDataByNormalApproximationIsRs) {
    const auto test = signed_rank(sleep_x, sleep_y, with(RankMethod::normal_corrected));
    ASSERT_TRUE(test);
    EXPECT_EQ(test->statistic, 0);
    EXPECT_EQ(test->zeros, 1);
    EXPECT_EQ(test->n_x, 9);
    EXPECT_NEAR(test->p, 0.0090906980159251, within(0.0091, 1e-6));
}

TEST(Ranks, SignedRankOfNineNegativeDifferencesIsTwoOutOfFiveHundredAndTwelve) {
    const auto test = signed_rank(sleep_x, sleep_y);
    EXPECT_EQ(test->method, RankMethod::exact);
    EXPECT_EQ(test->p, 2.0 / 512);
}

// Every way to choose which values are x: the p-value is the share of ways at least as far from the mean rank sum, and
// over all ways p <= a happens with probability a at most.
TEST(Ranks, ExactMannWhitneyWithTiesIsTheCountOverAllAssignments) {
    for (std::uint64_t round = 0; round < 12; ++round) {
        Draws from(5, round, 0, Purpose::test);
        const Values both = tied_sample(from, 9, 2 + static_cast<std::uint32_t>(round));
        const auto ranks = midranks(both);
        std::vector<double> distances, ps;
        for (unsigned mask = 0; mask < 512; ++mask) {
            if (__builtin_popcount(mask) != 4) continue;
            Values x, y;
            double sum = 0;
            for (std::size_t i = 0; i < 9; ++i) {
                const bool in_x = mask >> i & 1U;
                (in_x ? x : y).push_back(both[i]);
                if (in_x) sum += ranks[i];
            }
            distances.push_back(std::abs(sum - 4 * 5.0));
            const auto test = mann_whitney(x, y);
            EXPECT_EQ(test->method, RankMethod::exact);
            ps.push_back(test->p);
        }
        ASSERT_EQ(ps.size(), 126U);
        for (std::size_t i = 0; i < ps.size(); ++i) {
            const auto as_far =
                std::count_if(distances.begin(), distances.end(), [&](double d) { return d >= distances[i] - 1e-9; });
            EXPECT_NEAR(ps[i], static_cast<double>(as_far) / 126, 1e-13);
            const auto as_small = std::count_if(ps.begin(), ps.end(), [&](double p) { return p <= ps[i]; });
            EXPECT_LE(static_cast<double>(as_small) / 126, ps[i] + 1e-13);
        }
    }
}

TEST(Ranks, ExactSignedRankWithTiesIsTheCountOverAllSigns) {
    for (std::uint64_t round = 0; round < 12; ++round) {
        Draws from(6, round, 0, Purpose::test);
        Values sizes = tied_sample(from, 8, 2 + static_cast<std::uint32_t>(round));
        for (double& size : sizes) size += 1;
        const auto ranks = midranks(sizes);
        const Values nothing(8, 0.0);
        std::vector<double> distances, ps;
        for (unsigned mask = 0; mask < 256; ++mask) {
            Values differences = sizes;
            double sum = 0;
            for (std::size_t i = 0; i < 8; ++i) {
                if (mask >> i & 1U)
                    sum += ranks[i];
                else
                    differences[i] = -differences[i];
            }
            distances.push_back(std::abs(sum - 18));
            const auto test = signed_rank(differences, nothing);
            EXPECT_EQ(test->statistic, sum);
            ps.push_back(test->p);
        }
        for (std::size_t i = 0; i < ps.size(); ++i) {
            const auto as_far =
                std::count_if(distances.begin(), distances.end(), [&](double d) { return d >= distances[i] - 1e-9; });
            EXPECT_NEAR(ps[i], static_cast<double>(as_far) / 256, 1e-13);
        }
    }
}

TEST(Ranks, RankTestsAreSymmetricAndBlindToShiftAndMonotoneScale) {
    Draws from = draws(7);
    for (int round = 0; round < 100; ++round) {
        const Values x = tied_sample(from, 2 + static_cast<int>(from.below(9)), 12);
        const Values y = tied_sample(from, 2 + static_cast<int>(from.below(9)), 12);
        for (const RankMethod method : {RankMethod::exact, RankMethod::normal_corrected, RankMethod::normal}) {
            const auto test = mann_whitney(x, y, with(method)), swapped = mann_whitney(y, x, with(method));
            EXPECT_NEAR(test->p, swapped->p, 1e-13);
            EXPECT_EQ(test->statistic + swapped->statistic, static_cast<double>(x.size() * y.size()));
            EXPECT_EQ(*test->shift, -*swapped->shift);
            EXPECT_GT(test->p, 0);
            EXPECT_LE(test->p, 1);
            Values scaled_x = x, scaled_y = y;
            for (double& value : scaled_x) value = std::exp(value) + 3;
            for (double& value : scaled_y) value = std::exp(value) + 3;
            EXPECT_EQ(mann_whitney(scaled_x, scaled_y, with(method))->p, test->p);
        }
        const double less = mann_whitney(x, y, with(RankMethod::exact, Alternative::less))->p;
        const double greater = mann_whitney(x, y, with(RankMethod::exact, Alternative::greater))->p;
        EXPECT_GE(less + greater, 1);
        EXPECT_EQ(mann_whitney(y, x, with(RankMethod::exact, Alternative::greater))->p, less);
    }
}

TEST(Ranks, ShiftEstimateMovesWithTheSample) {
    Values moved = b_a;
    for (double& value : moved) value += 2;
    const auto before = mann_whitney(b_a, b_b), after = mann_whitney(moved, b_b);
    EXPECT_NEAR(*after->shift, *before->shift + 2, 1e-12);
    EXPECT_NEAR(after->shift_interval->upper, before->shift_interval->upper + 2, 1e-12);
}

TEST(Ranks, ShiftIntervalExcludesZeroExactlyWhenTheTestRejects) {
    Draws from = draws(8);
    int rejected = 0;
    for (int round = 0; round < 300; ++round) {
        const Values x = normal_sample(from, 7, 1.2), y = normal_sample(from, 8);
        const auto test = mann_whitney(x, y);
        EXPECT_EQ(test->shift_interval->lower > 0 || test->shift_interval->upper < 0, test->p <= 0.05);
        rejected += test->p <= 0.05;
        const Values partner = normal_sample(from, 7);
        const auto paired = signed_rank(x, partner);
        EXPECT_EQ(paired->shift_interval->lower > 0 || paired->shift_interval->upper < 0, paired->p <= 0.05);
    }
    EXPECT_GT(rejected, 50);
    EXPECT_LT(rejected, 290);
}

TEST(Ranks, NoSampleHasAPBelowTheSmallestOfItsSize) {
    EXPECT_NEAR(smallest_mann_whitney_p(8, 8), 2.0 / 12870, 1e-18);
    EXPECT_EQ(smallest_signed_rank_p(8), 2.0 / 256);
    EXPECT_EQ(smallest_signed_rank_p(0), 1);
    for (int n = 1; n < 12; ++n) {
        Values x, y;
        for (int k = 0; k < n; ++k) x.push_back(k + 1), y.push_back(-k * 0.5);
        EXPECT_NEAR(mann_whitney(x, y)->p, smallest_mann_whitney_p(n, n), 1e-14) << n;
        EXPECT_NEAR(signed_rank(x, y)->p, smallest_signed_rank_p(n), 1e-14) << n;
    }
}

TEST(Ranks, SmallSamplesHaveAPValueButNoShiftInterval) {
    const auto test = mann_whitney(Values{1, 2, 3}, Values{4, 5, 6});  // the smallest two-sided p is 0.1
    EXPECT_NEAR(test->p, 0.1, 1e-14);
    EXPECT_FALSE(test->shift_interval);
    EXPECT_EQ(*test->shift, -3);
    EXPECT_EQ(mann_whitney(Values{1}, Values{2})->p, 1);
}

TEST(Ranks, SamplesWithoutVariationGivePOfOne) {
    const Values same(8, 2.5);
    for (const RankMethod method : {RankMethod::exact, RankMethod::normal_corrected, RankMethod::normal}) {
        EXPECT_EQ(mann_whitney(same, same, with(method))->p, 1);
        const auto paired = signed_rank(same, same, with(method));
        EXPECT_EQ(paired->p, 1);
        EXPECT_EQ(paired->zeros, 8);
        EXPECT_FALSE(paired->shift);
    }
}

TEST(Ranks, MissingOrAbsentValuesGiveNothing) {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    EXPECT_FALSE(mann_whitney(Values{}, Values{1}));
    EXPECT_FALSE(mann_whitney(Values{nan}, Values{1}));
    EXPECT_FALSE(signed_rank(Values{}, Values{}));
    EXPECT_FALSE(signed_rank(Values{1}, Values{nan}));
    EXPECT_FALSE(cliffs_delta(Values{}, Values{1}));
}

TEST(Ranks, LargeSamplesFallBackToTheApproximationAndSaySo) {
    Draws from = draws(9);
    const Values x = normal_sample(from, 50), y = normal_sample(from, 12, 0.4), z = normal_sample(from, 50);
    EXPECT_EQ(mann_whitney(x, y)->method, RankMethod::normal_corrected);
    EXPECT_EQ(signed_rank(x, z)->method, RankMethod::normal_corrected);
    const Values x49(x.begin(), x.end() - 1), z49(z.begin(), z.end() - 1);
    const auto exact = mann_whitney(x49, z49);
    const auto normal = mann_whitney(x49, z49, with(RankMethod::normal_corrected));
    EXPECT_EQ(exact->method, RankMethod::exact);
    EXPECT_NEAR(exact->p, normal->p, 0.005);
    EXPECT_NEAR(signed_rank(x49, z49)->p, signed_rank(x49, z49, with(RankMethod::normal_corrected))->p, 0.005);
    // The order statistics of the shift interval hardly move where the rule changes.
    const auto at_50 = mann_whitney(x, z)->shift_interval, at_49 = exact->shift_interval;
    EXPECT_NEAR(at_50->upper - at_50->lower, at_49->upper - at_49->lower, 0.1);
}

TEST(Ranks, CliffsDeltaIsTheRescaledMannWhitneyStatistic) {
    Draws from = draws(10);
    for (int round = 0; round < 100; ++round) {
        const Values x = tied_sample(from, 1 + static_cast<int>(from.below(9)), 6);
        const Values y = tied_sample(from, 1 + static_cast<int>(from.below(9)), 6);
        const auto delta = cliffs_delta(x, y), swapped = cliffs_delta(y, x);
        const double pairs = static_cast<double>(x.size() * y.size());
        EXPECT_NEAR(delta->estimate, 2 * mann_whitney(x, y)->statistic / pairs - 1, 1e-14);
        EXPECT_NEAR(delta->interval.lower, -swapped->interval.upper, 1e-12);
        EXPECT_LE(delta->interval.lower, delta->estimate);
        EXPECT_GE(delta->interval.upper, delta->estimate);
        EXPECT_GE(delta->interval.lower, -1);
        EXPECT_LE(delta->interval.upper, 1);
    }
}

// The limits are roots of Newcombe's quartic in theta (the form in which the interval is usually programmed).
TEST(Ranks, CliffsDeltaIntervalSolvesNewcombesQuartic) {
    const auto delta = cliffs_delta(b_a, b_b);
    const double theta = 0.5 * (delta->estimate + 1), mn = 50, n = 6.5, z2 = std::pow(1.959963984540054, 2);
    for (const double limit : {delta->interval.lower, delta->interval.upper}) {
        const double t = 0.5 * (limit + 1);
        const double left = mn * (theta - t) * (theta - t) * (2 - t) * (1 + t);
        const double right = z2 * t * (1 - t) * ((2 + n) + (1 + 2 * n) * t - (1 + 2 * n) * t * t);
        EXPECT_NEAR(left, right, 1e-11);
    }
}

TEST(Ranks, CliffsDeltaOfSeparatedArmsIsOneButNotCertain) {
    const auto delta = cliffs_delta(burden_veh, burden_high);
    EXPECT_EQ(delta->estimate, 1);
    EXPECT_EQ(delta->interval.upper, 1);
    EXPECT_NEAR(delta->interval.lower, 0.5113, 1e-4);
}

TEST(Ranks, CliffsDeltaIntervalCoversTheTruthNineteenTimesInTwenty) {
    const double truth = std::erf(0.5 * 1.5);  // P(x > y) - P(x < y) for unit normals 1.5 apart
    int covered = 0;
    const int rounds = 4000;
    for (int round = 0; round < rounds; ++round) {
        Draws from(11, static_cast<std::uint64_t>(round), 0, Purpose::test);
        const auto delta = cliffs_delta(normal_sample(from, 8, 1.5), normal_sample(from, 8));
        covered += delta->interval.lower <= truth && truth <= delta->interval.upper;
    }
    EXPECT_NEAR(covered / double(rounds), 0.955, 0.02);
}

}  // namespace
}  // namespace stellate::statistics
