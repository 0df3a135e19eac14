#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "data.hpp"
#include "statistics/proportions.hpp"

namespace stellate::statistics {
namespace {

using data::within;

double choose(int n, int k) { return std::tgamma(n + 1) / std::tgamma(k + 1) / std::tgamma(n - k + 1); }

TEST(Counts, FisherOfThreeAgainstNineOfTenIsRs) {
    const auto test = fisher_exact({3, 7}, {9, 1});
    EXPECT_NEAR(test.p, 0.01976661109788, within(0.0198, 1e-10));
    ASSERT_TRUE(test.odds_ratio && test.odds_interval);
    // Exact roots of the conditional likelihood and tails (evaluated with whole-number binomials).
    EXPECT_NEAR(*test.odds_ratio, 0.05790711881115527, within(0.058, 1e-10));
    EXPECT_NEAR(test.odds_interval->lower, 0.0009543441913468191, within(0.00095, 1e-10));
    EXPECT_NEAR(test.odds_interval->upper, 0.7209215198653711, within(0.72, 1e-10));
    // What R prints lies off these by the tolerance of its root search, 1.22e-4 (the default of uniroot).
    EXPECT_NEAR(*test.odds_ratio, 0.057884211483764, 1.3e-4);
    EXPECT_NEAR(test.odds_interval->lower, 0.00096219444907, 1.3e-4);
    EXPECT_NEAR(test.odds_interval->upper, 0.72091451165563, 1.3e-4);
}

TEST(Counts, FisherOfNoneAgainstFiveOfTwelveIsRs) {
    const auto test = fisher_exact({0, 12}, {5, 7});
    EXPECT_NEAR(test.p, 0.037267080745342, within(0.037, 1e-10));
    EXPECT_EQ(*test.odds_ratio, 0);
    EXPECT_EQ(test.odds_interval->lower, 0);
}

TEST(Counts, FisherOfTheLadyTastingTeaIsRs) {
    EXPECT_NEAR(fisher_exact({3, 1}, {1, 3}, Alternative::greater).p, 0.24285714285714, 1e-12);
    EXPECT_NEAR(fisher_exact({3, 1}, {1, 3}).p, 0.48571428571429, 1e-12);
}

TEST(Counts, FisherOfThreeGroupsIsRs) {
    const std::vector<Incidence> groups = {{8, 2}, {5, 5}, {1, 9}};
    EXPECT_NEAR(*fisher_exact(groups), 0.0086640890081275, within(0.0087, 1e-10));
}

TEST(Counts, FisherOfAListOfTwoIsTheTestOfTwo) {
    for (int a = 0; a <= 6; ++a)
        for (int b = 0; b <= 5; ++b) {
            const Incidence first{a, 6 - a}, second{b, 5 - b};
            const double p = fisher_exact(first, second).p;
            EXPECT_NEAR(*fisher_exact(std::vector<Incidence>{first, second}), p, 1e-12);
            EXPECT_NEAR(fisher_exact(second, first).p, p, 1e-12);
            EXPECT_NEAR(fisher_exact({6 - a, a}, {5 - b, b}).p, p, 1e-12);
            EXPECT_GT(p, 0);
            EXPECT_LE(p, 1);
        }
}

// P(p <= a) <= a under the null hypothesis, for every margin of two groups of 8.
TEST(Counts, FisherNeverRejectsTooOften) {
    for (int with = 0; with <= 16; ++with) {
        double rejected = 0;
        for (int a = std::max(0, with - 8); a <= std::min(8, with); ++a)
            if (fisher_exact({a, 8 - a}, {with - a, 8 - with + a}).p <= 0.05)
                rejected += choose(8, a) * choose(8, with - a) / choose(16, with);
        EXPECT_LE(rejected, 0.05) << with;
    }
}

TEST(Counts, OddsRatioTurnsOverWithTheGroupsAndAgreesWithTheOneSidedTests) {
    const auto test = fisher_exact({3, 7}, {9, 1}), turned = fisher_exact({9, 1}, {3, 7});
    EXPECT_NEAR(*test.odds_ratio * *turned.odds_ratio, 1, 1e-9);
    EXPECT_NEAR(test.odds_interval->lower * turned.odds_interval->upper, 1, 1e-9);
    // The interval excludes 1 exactly when a one-sided p is below 2.5 %.
    EXPECT_LT(test.odds_interval->upper, 1);
    EXPECT_LT(fisher_exact({3, 7}, {9, 1}, Alternative::less).p, 0.025);
}

TEST(Counts, TablesWithAnEmptyMarginGivePOfOneAndNoOddsRatio) {
    for (const auto& test :
         {fisher_exact({0, 5}, {0, 7}), fisher_exact({0, 0}, {3, 2}), fisher_exact({0, 0}, {0, 0})}) {
        EXPECT_EQ(test.p, 1);
        EXPECT_FALSE(test.odds_ratio);
        EXPECT_FALSE(test.odds_interval);
    }
    EXPECT_FALSE(fisher_exact(std::vector<Incidence>{{1, 2}}));
    EXPECT_FALSE(fisher_exact(std::vector<Incidence>(12, Incidence{5, 5})));
}

TEST(Counts, OddsRatioIsInfiniteWhenOnlyTheFirstGroupHasTheOutcome) {
    const auto test = fisher_exact({5, 3}, {0, 8});
    EXPECT_EQ(*test.odds_ratio, std::numeric_limits<double>::infinity());
    EXPECT_EQ(test.odds_interval->upper, std::numeric_limits<double>::infinity());
    EXPECT_GT(test.odds_interval->lower, 1);
}

TEST(Counts, BinomialIntervalOfNoneOrAllIsTheClosedForm) {
    const double closed = 1 - std::pow(0.025, 1.0 / 10);
    EXPECT_EQ(binomial_interval(0, 10)->lower, 0);
    EXPECT_NEAR(binomial_interval(0, 10)->upper, closed, 1e-12);
    EXPECT_NEAR(binomial_interval(10, 10)->lower, 1 - closed, 1e-12);
    EXPECT_EQ(binomial_interval(10, 10)->upper, 1);
    EXPECT_FALSE(binomial_interval(0, 0));
}

// Exactly, over all outcomes: the chance that the interval holds the true share is at least the confidence; and the
// interval is no wider than it must be, for each limit just has the tail it claims.
TEST(Counts, BinomialIntervalNeverCoversTooSeldom) {
    const int n = 12;
    const auto probability = [&](int k, double p) { return choose(n, k) * std::pow(p, k) * std::pow(1 - p, n - k); };
    for (double p = 0.01; p < 1; p += 0.01) {
        double covered = 0;
        for (int k = 0; k <= n; ++k) {
            const auto interval = binomial_interval(k, n);
            if (interval->lower <= p && p <= interval->upper) covered += probability(k, p);
        }
        EXPECT_GE(covered, 0.95) << p;
    }
    for (int k = 1; k < n; ++k) {
        const auto interval = binomial_interval(k, n);
        double at_least = 0, at_most = 0;
        for (int i = k; i <= n; ++i) at_least += probability(i, interval->lower);
        for (int i = 0; i <= k; ++i) at_most += probability(i, interval->upper);
        EXPECT_NEAR(at_least, 0.025, 1e-10);
        EXPECT_NEAR(at_most, 0.025, 1e-10);
    }
}

}  // namespace
}  // namespace stellate::statistics
