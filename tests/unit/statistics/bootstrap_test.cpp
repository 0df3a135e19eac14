#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>

#include "data.hpp"
#include "statistics/bootstrap.hpp"

namespace stellate::statistics {
namespace {

using namespace data;

double mean_of(const Values& values, const std::vector<std::uint32_t>& picks) {
    double sum = 0;
    for (const auto pick : picks) sum += values[pick];
    return sum / static_cast<double>(picks.size());
}

std::optional<BootstrapResult> difference(const Values& x, const Values& y, const BootstrapOptions& options = {}) {
    const std::array sizes = {static_cast<int>(x.size()), static_cast<int>(y.size())};
    return bootstrap(sizes, [&](const Picks& picks) { return mean_of(x, picks[0]) - mean_of(y, picks[1]); }, options);
}

TEST(Bootstrap, SameAddressGivesTheSameIntervalAndAnotherSeedOrStreamDoesNot) {
    const auto once = difference(burden_veh, burden_low), again = difference(burden_veh, burden_low);
    EXPECT_EQ(once->interval->lower, again->interval->lower);
    EXPECT_EQ(once->interval->upper, again->interval->upper);
    BootstrapOptions options;
    options.seed = 2;
    EXPECT_NE(difference(burden_veh, burden_low, options)->interval->lower, once->interval->lower);
    options.seed = 1;
    options.stream = 1;
    EXPECT_NE(difference(burden_veh, burden_low, options)->interval->lower, once->interval->lower);
}

TEST(Bootstrap, EstimateIsTheStatisticOfTheAnimalsAndLiesInsideTheInterval) {
    const auto result = difference(burden_veh, burden_low);
    EXPECT_NEAR(result->estimate, 75.625, 1e-12);
    EXPECT_LT(result->interval->lower, result->estimate);
    EXPECT_GT(result->interval->upper, result->estimate);
    EXPECT_EQ(result->undefined, 0);
}

// Welch's interval is 75.625 +- 45.54; on data without skew the widened bootstrap interval is nearly the same.
TEST(Bootstrap, IntervalOfTheBurdenDataIsNearlyWelchs) {
    const auto welch = welch_t_test(burden_veh, burden_low)->interval;
    const auto result = difference(burden_veh, burden_low)->interval;
    const double width = welch.upper - welch.lower;
    EXPECT_NEAR(result->lower, welch.lower, 0.05 * width);
    EXPECT_NEAR(result->upper, welch.upper, 0.05 * width);
}

// The arm that varies sets the widening: 40 animals against 4 that are all alike behave as 40 alone.
TEST(Bootstrap, WideningFollowsTheArmThatCarriesTheVariance) {
    Draws from = draws(24);
    const Values many = normal_sample(from, 40, 10), few(4, 7.0);
    const auto welch = welch_t_test(many, few)->interval;
    const auto result = *difference(many, few)->interval;
    EXPECT_NEAR((result.upper - result.lower) / (welch.upper - welch.lower), 1, 0.05);
}

TEST(Bootstrap, IntervalMovesWithAShiftAndStretchesWithTheScale) {
    const auto before = *difference(burden_veh, burden_low)->interval;
    Values moved = burden_veh, stretched_x = burden_veh, stretched_y = burden_low;
    for (double& value : moved) value += 128;
    for (double& value : stretched_x) value *= 4;
    for (double& value : stretched_y) value *= 4;
    const auto after = *difference(moved, burden_low)->interval;
    EXPECT_NEAR(after.lower, before.lower + 128, 1e-9);
    EXPECT_NEAR(after.upper, before.upper + 128, 1e-9);
    const auto wide = *difference(stretched_x, stretched_y)->interval;
    EXPECT_NEAR(wide.lower, 4 * before.lower, 1e-9);
    EXPECT_NEAR(wide.upper, 4 * before.upper, 1e-9);
}

TEST(Bootstrap, ResamplesKeepTheSizesOfTheArmsAndPickEveryAnimalEquallyOften) {
    std::array<std::map<std::uint32_t, int>, 2> picked;
    const std::array sizes = {5, 3};
    bootstrap(sizes, [&](const Picks& picks) {
        if (picks[0].size() == 5 && picks[1].size() == 3)
            for (std::size_t s : {0, 1})
                for (const auto pick : picks[s]) ++picked[s][pick];
        EXPECT_LE(picks[0].size(), 5U);
        EXPECT_LE(picks[1].size(), 3U);
        return 1.0;
    });
    for (std::size_t s : {0, 1}) {
        ASSERT_EQ(picked[s].size(), static_cast<std::size_t>(sizes[s]));
        for (const auto& [animal, count] : picked[s]) EXPECT_NEAR(count, 10000, 5 * std::sqrt(10000)) << s << animal;
    }
}

TEST(Bootstrap, AnArmsResamplesDoNotDependOnTheOtherArm) {
    const auto first_arm = [](int size_of_second) {
        std::vector<std::uint32_t> seen;
        const std::array sizes = {4, size_of_second};
        BootstrapOptions options;
        options.resamples = 50;
        bootstrap(
            sizes,
            [&](const Picks& picks) {
                if (picks[0].size() == 4 && picks[1].size() == static_cast<std::size_t>(size_of_second))
                    seen.insert(seen.end(), picks[0].begin(), picks[0].end());
                return 0.0;
            },
            options);
        return seen;
    };
    EXPECT_EQ(first_arm(3), first_arm(9));
}

TEST(Bootstrap, PairsStayTogether) {
    Draws from = draws(21);
    Values x = normal_sample(from, 8, 0, 50), y = x;
    for (double& value : y) value += 1 + 0.01 * from.normal();
    const std::array sizes = {8};
    const auto paired =
        bootstrap(sizes, [&](const Picks& picks) { return mean_of(y, picks[0]) - mean_of(x, picks[0]); });
    EXPECT_NEAR(paired->interval->lower, 1, 0.05);
    EXPECT_NEAR(paired->interval->upper, 1, 0.05);
}

TEST(Bootstrap, TooFewAnimalsGiveAnEstimateWithoutInterval) {
    EXPECT_FALSE(difference({}, {1, 2, 3}));
    const auto two = difference({1, 2}, {1, 2, 3});
    ASSERT_TRUE(two);
    EXPECT_EQ(two->estimate, -0.5);
    EXPECT_FALSE(two->interval);
    EXPECT_TRUE(difference({1, 2, 4}, {1, 2, 3})->interval);
    EXPECT_FALSE(bootstrap(std::vector<int>{}, [](const Picks&) { return 1.0; }));
    EXPECT_FALSE(difference({1, 2, std::numeric_limits<double>::quiet_NaN()}, {1, 2, 3}));
}

TEST(Bootstrap, ConstantArmsGiveAnIntervalOfNoWidth) {
    const auto result = difference(Values(8, 3.0), Values(8, 1.0));
    EXPECT_EQ(result->interval->lower, 2);
    EXPECT_EQ(result->interval->upper, 2);
}

TEST(Bootstrap, UndefinedResamplesWidenTheIntervalAndTooManyRemoveIt) {
    const std::array sizes = {8};
    const Values values = {1, 2, 3, 4, 5, 6, 7, 8};
    const auto undefined_without = [&](std::uint32_t first, std::uint32_t last) {
        return bootstrap(sizes, [&, first, last](const Picks& picks) {
            for (const auto pick : picks[0])
                if (pick >= first && pick < last) return mean_of(values, picks[0]);
            return std::numeric_limits<double>::quiet_NaN();
        });
    };
    const auto whole = undefined_without(0, 8);   // always defined
    const auto seldom = undefined_without(2, 6);  // (1/2)^8 = 0.4 % of resamples miss 3 .. 6
    const auto often = undefined_without(0, 1);   // (7/8)^8 = 34 %
    EXPECT_EQ(whole->undefined, 0);
    EXPECT_NEAR(seldom->undefined, 39, 20);
    EXPECT_LT(seldom->interval->lower, whole->interval->lower);
    EXPECT_GT(seldom->interval->upper, whole->interval->upper);
    EXPECT_NEAR(often->undefined, 3436, 200);
    EXPECT_FALSE(often->interval);
}

TEST(Bootstrap, InfiniteResamplesInsideATailLeaveTheOtherLimitAlone) {
    const Values numerator = {2, 3, 4, 5, 3, 4, 2, 5};
    const auto ratio = [&](const Values& denominator) {
        const std::array sizes = {8, 8};
        return bootstrap(
            sizes, [&](const Picks& picks) { return mean_of(numerator, picks[0]) / mean_of(denominator, picks[1]); });
    };
    const auto few_zeros = ratio({1, 2, 0, 0, 0, 2, 1, 3});
    ASSERT_TRUE(few_zeros->interval);
    EXPECT_TRUE(std::isfinite(few_zeros->interval->upper));
    EXPECT_FALSE(ratio({0, 0, 0, 0, 0, 0, 0, 3})->interval);
}

struct Coverage {
    double widened = 0, plain = 0;
};

// Share of 1,000 null data sets whose interval holds the true difference of means.
template <class Sample>
Coverage coverage_of(std::uint64_t seed, double truth, Sample sample) {
    int widened = 0, plain = 0;
    const int rounds = 1000;
    for (int round = 0; round < rounds; ++round) {
        Draws from(seed, static_cast<std::uint64_t>(round), 0, Purpose::test);
        const Values x = sample(from), y = sample(from);
        BootstrapOptions options;
        options.resamples = 800;
        options.stream = static_cast<std::uint64_t>(round);
        const auto holds = [&](const std::optional<Interval>& i) { return i->lower <= truth && truth <= i->upper; };
        widened += holds(difference(x, y, options)->interval);
        options.kind = BootstrapInterval::percentile;
        plain += holds(difference(x, y, options)->interval);
    }
    return {widened / double(rounds), plain / double(rounds)};
}

// The band is three standard errors around 95 %; the plain percentile interval of the same data falls out of it.
TEST(Bootstrap, IntervalOfEightAgainstEightCoversTheTruthNineteenTimesInTwenty) {
    const auto normal = coverage_of(22, 0, [](Draws& from) { return normal_sample(from, 8); });
    EXPECT_NEAR(normal.widened, 0.95, 0.02);
    EXPECT_LT(normal.plain, 0.93);
    const auto skewed = coverage_of(23, 0, [](Draws& from) {
        Values values;
        for (int i = 0; i < 8; ++i) values.push_back(from.exponential());
        return values;
    });
    EXPECT_NEAR(skewed.widened, 0.95, 0.02);
    EXPECT_LT(skewed.plain, 0.93);
}

}  // namespace
}  // namespace stellate::statistics
