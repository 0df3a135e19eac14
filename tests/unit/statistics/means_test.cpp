#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "data.hpp"
#include "statistics/summaries.hpp"

namespace stellate::statistics {
namespace {

using namespace data;

const double nan = std::numeric_limits<double>::quiet_NaN();

TEST(Means, SummaryOfTheSleepDataIsRs) {
    const auto s = summarise(sleep_x);
    ASSERT_TRUE(s && s->sd);
    EXPECT_EQ(s->n, 10);
    EXPECT_NEAR(s->mean, 0.75, 1e-15);
    EXPECT_NEAR(*s->sd, 1.7890096577591627, 1e-14);
    EXPECT_NEAR(s->median, 0.35, 1e-15);
    EXPECT_NEAR(s->lower_quartile, -0.175, 1e-15);
    EXPECT_NEAR(s->upper_quartile, 1.7, 1e-15);
    EXPECT_EQ(s->minimum, -1.6);
    EXPECT_EQ(s->maximum, 3.7);
}

// NIST StRD NumAcc4: certified mean 10000000.2 and SD 0.1. The textbook sum of squares gets no digit of the SD right.
TEST(Means, StandardDeviationBehindSevenLeadingDigitsKeepsItsDigits) {
    Values values = {10000000.2};
    for (int i = 0; i < 500; ++i) {
        values.push_back(10000000.1);
        values.push_back(10000000.3);
    }
    EXPECT_NEAR(*mean(values), 10000000.2, 1e-8);
    EXPECT_NEAR(*standard_deviation(values), 0.1, 1e-9);
}

TEST(Means, SumKeepsSmallTermsBesideLargeOnesThatCancel) {
    EXPECT_EQ(compensated_sum(Values{1.0, 1e100, 1.0, -1e100}), 2.0);
}

TEST(Means, TooFewOrUnknownValuesGiveNothingInsteadOfNan) {
    EXPECT_FALSE(summarise(Values{}));
    EXPECT_FALSE(summarise(Values{1, nan}));
    EXPECT_FALSE(mean(Values{std::numeric_limits<double>::infinity()}));
    ASSERT_TRUE(summarise(Values{3}));
    EXPECT_FALSE(summarise(Values{3})->sd);
    EXPECT_FALSE(quantile(Values{}, 0.5));
    EXPECT_FALSE(welch_t_test(Values{1}, Values{1, 2}));
    EXPECT_FALSE(welch_t_test(Values{2, 2}, Values{1, 1}));
    EXPECT_FALSE(welch_t_test(Values{2, nan}, Values{1, 1}));
    EXPECT_FALSE(paired_t_test(Values{1, 2, 3}, Values{2, 3, 4}));
    EXPECT_FALSE(standardised_difference(Values{2, 2}, Values{1, 1}));
}

TEST(Means, QuantilesInterpolateAsRsDefault) {
    const Values values = {7, 1, 5, 3};
    EXPECT_EQ(*quantile(values, 0), 1);
    EXPECT_EQ(*quantile(values, 1), 7);
    EXPECT_EQ(*quantile(values, 0.5), 4);
    EXPECT_NEAR(*quantile(values, 0.25), 2.5, 1e-15);
    EXPECT_NEAR(*quantile(values, 0.9), 6.4, 1e-14);
}

TEST(Means, StudentTQuantileIsRs) {
    EXPECT_NEAR(student_t_quantile(.975, 17.776), 2.1028213103802, within(2.1, 1e-12));
}

TEST(Means, WelchOfTheSleepDataIsRs) {
    const auto test = welch_t_test(sleep_x, sleep_y);
    ASSERT_TRUE(test);
    EXPECT_NEAR(test->t, -1.8608134674869, within(1.86, 1e-8));
    EXPECT_NEAR(test->degrees_of_freedom, 17.776473516178, within(17.8, 1e-8));
    EXPECT_NEAR(test->p, 0.079394140187358, within(0.079, 1e-6));
    EXPECT_NEAR(test->interval.lower, -3.3654832307, 1e-9);
    EXPECT_NEAR(test->interval.upper, 0.2054832307, 1e-9);
}

// Equal sizes make Welch's t Student's; only the degrees of freedom differ.
TEST(Means, StudentOfTheSleepDataIsRs) {
    EXPECT_NEAR(student_t_p_value(welch_t_test(sleep_x, sleep_y)->t, 18), 0.079186714215938, within(0.079, 1e-6));
}

TEST(Means, PairedTOfTheSleepDataIsRs) {
    const auto test = paired_t_test(sleep_x, sleep_y);
    ASSERT_TRUE(test);
    EXPECT_NEAR(test->t, -4.062127683382, within(4.06, 1e-8));
    EXPECT_EQ(test->degrees_of_freedom, 9);
    EXPECT_NEAR(test->p, 0.0028328901973843, within(0.0028, 1e-6));
}

TEST(Means, WelchAndStandardisedDifferenceOfTheBurdenDataAreRs) {
    const auto test = welch_t_test(burden_veh, burden_low);
    ASSERT_TRUE(test);
    EXPECT_NEAR(test->t, 3.572171270808, within(3.57, 1e-8));
    EXPECT_NEAR(test->degrees_of_freedom, 13.57050823198, within(13.57, 1e-8));
    EXPECT_NEAR(test->p, 0.003202803784921, within(0.0032, 1e-6));
    EXPECT_NEAR(test->estimate, 75.625, 1e-9);
    const auto effect = standardised_difference(burden_veh, burden_low);
    ASSERT_TRUE(effect);
    EXPECT_NEAR(effect->cohen_d, 1.786085635404, within(1.79, 1e-8));
    EXPECT_NEAR(effect->hedges_g, 1.688364834639, within(1.69, 1e-8));
}

TEST(Means, OneSidedPValuesShareTheTwoSidedOne) {
    const double two = welch_t_test(sleep_x, sleep_y)->p;
    EXPECT_NEAR(welch_t_test(sleep_x, sleep_y, Alternative::less)->p, two / 2, 1e-15);
    EXPECT_NEAR(welch_t_test(sleep_x, sleep_y, Alternative::greater)->p, 1 - two / 2, 1e-15);
}

TEST(Means, PValuesOfHugeStatisticsStayAboveZero) {
    EXPECT_GT(student_t_p_value(1e300, 50), 0);
    EXPECT_GT(normal_p_value(1e10), 0);
    EXPECT_EQ(student_t_p_value(0, 7), 1);
}

TEST(Means, TTestsAreSymmetricAndBlindToAShift) {
    Draws from = draws(1);
    for (int round = 0; round < 50; ++round) {
        const Values x = normal_sample(from, 3 + static_cast<int>(from.below(8)), 0.5);
        const Values y = normal_sample(from, 3 + static_cast<int>(from.below(8)), 0, 2);
        const auto test = welch_t_test(x, y), swapped = welch_t_test(y, x);
        EXPECT_NEAR(test->p, swapped->p, 1e-14);
        EXPECT_NEAR(test->interval.lower, -swapped->interval.upper, 1e-13);
        Values shifted_x = x, shifted_y = y;
        for (double& value : shifted_x) value += 64;
        for (double& value : shifted_y) value += 64;
        EXPECT_NEAR(welch_t_test(shifted_x, shifted_y)->p, test->p, 1e-11);
        EXPECT_GT(test->p, 0);
        EXPECT_LE(test->p, 1);
    }
}

// Type I error of Welch at n = 8 with an SD ratio of 3; the band is three standard errors to each side. The same t
// referred to the pooled degrees of freedom leaves it.
TEST(Means, WelchRejectsATrueNullHypothesisOneTimeInTwenty) {
    int rejected = 0, rejected_pooled = 0;
    const int rounds = 20000;
    for (int round = 0; round < rounds; ++round) {
        Draws from(3, static_cast<std::uint64_t>(round), 0, Purpose::test);
        const auto test = welch_t_test(normal_sample(from, 8), normal_sample(from, 8, 0, 3));
        rejected += test->p <= 0.05;
        rejected_pooled += student_t_p_value(test->t, 14) <= 0.05;
    }
    EXPECT_NEAR(rejected / double(rounds), 0.05, 0.005);
    EXPECT_GT(rejected_pooled / double(rounds), 0.055);
}

TEST(Means, AdjustedPValuesAreRs) {
    const Values p = {.001, .008, .039, .041, .042, .06, .074, .205, .212, .216};
    const Values by_holm = {.01, .072, .312, .312, .312, .312, .312, .615, .615, .615};
    const Values by_bh = {.01, .04, .084, .084, .084, .1, .105714285714286, .216, .216, .216};
    const auto got_holm = holm(p), got_bh = benjamini_hochberg(p);
    for (std::size_t i = 0; i < p.size(); ++i) {
        EXPECT_NEAR(got_holm[i], by_holm[i], 1e-12) << i;
        EXPECT_NEAR(got_bh[i], by_bh[i], 1e-12) << i;
    }
}

TEST(Means, PairwiseTestsOfThePlantDataWithHolmAreRs) {
    const std::vector<Values> groups = {plant_ctrl, plant_trt1, plant_trt2};
    double within_groups = 0;
    for (const auto& group : groups) within_groups += std::pow(*standard_deviation(group), 2) / 3;
    const auto p = [&](int a, int b) {
        const double t = (*mean(groups[a]) - *mean(groups[b])) / std::sqrt(within_groups * 2 / 10);
        return student_t_p_value(t, 27);
    };
    const auto adjusted = holm(Values{p(0, 1), p(0, 2), p(1, 2)});
    EXPECT_NEAR(adjusted[0], 0.194387880054, within(0.19, 1e-6));
    EXPECT_NEAR(adjusted[1], 0.175363350125, within(0.18, 1e-6));
    EXPECT_NEAR(adjusted[2], 0.0133777078146, within(0.013, 1e-6));
}

TEST(Means, AdjustmentsAreOrderedBoundedAndFollowTheirPValues) {
    Draws from = draws(4);
    for (int round = 0; round < 200; ++round) {
        Values p;
        for (std::uint32_t i = 0, n = 1 + from.below(12); i < n; ++i)
            p.push_back(from.below(4) == 0 && i > 0 ? p[i - 1] : from.uniform() * from.uniform());
        const auto h = holm(p), b = benjamini_hochberg(p);
        const double smallest = *std::min_element(p.begin(), p.end());
        for (std::size_t i = 0; i < p.size(); ++i) {
            EXPECT_GE(h[i], b[i]);
            EXPECT_GE(b[i], p[i]);
            EXPECT_LE(h[i], 1);
            EXPECT_LE(h[i], p[i] * static_cast<double>(p.size()) + (p[i] > smallest ? 1 : 1e-15));
            for (std::size_t j = 0; j < p.size(); ++j) {
                if (p[i] > p[j]) continue;
                EXPECT_LE(h[i], h[j]);
                EXPECT_LE(b[i], b[j]);
            }
        }
        Values reversed(p.rbegin(), p.rend());
        auto of_reversed = holm(reversed);
        std::reverse(of_reversed.begin(), of_reversed.end());
        EXPECT_EQ(of_reversed, h);
    }
    EXPECT_TRUE(holm(Values{}).empty());
    EXPECT_EQ(holm(Values{0.3}), Values{0.3});
}

}  // namespace
}  // namespace stellate::statistics
