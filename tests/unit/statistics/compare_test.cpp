#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "data.hpp"
#include "statistics/compare.hpp"

namespace stellate::statistics {
namespace {

using namespace data;

const double nan = std::numeric_limits<double>::quiet_NaN();

bool says(const Comparison& comparison, const std::string& part) {
    return std::any_of(comparison.notes.begin(), comparison.notes.end(),
                       [&](const std::string& note) { return note.find(part) != std::string::npos; });
}

TEST(Compare, BurdenOfTheHighDoseAgainstVehicle) {
    const auto c = compare_arms(burden_veh, burden_high);
    ASSERT_TRUE(c.control && c.treated && c.difference && c.paired_difference && c.ratio && c.cliffs_delta);
    EXPECT_EQ(c.control->n, 8);
    EXPECT_EQ(c.pairs, 8);
    EXPECT_NEAR(c.control->mean, 428.5, 1e-12);
    EXPECT_NEAR(c.treated->mean, 234.625, 1e-12);
    EXPECT_NEAR(c.difference->estimate, -193.875, 1e-12);
    EXPECT_NEAR(c.paired_difference->estimate, -193.875, 1e-12);
    EXPECT_NEAR(c.ratio->estimate, 234.625 / 428.5, 1e-12);
    EXPECT_EQ(c.cliffs_delta->estimate, -1);
    EXPECT_NEAR(c.mann_whitney->p, 0.0001554001554002, 1e-12);
    EXPECT_EQ(c.mann_whitney->statistic, 0);
    EXPECT_LT(*c.mann_whitney->shift, 0);
    EXPECT_EQ(c.signed_rank->p, 2.0 / 256);
    EXPECT_EQ(c.signed_rank->statistic, 0);
    for (const auto& effect : {c.difference, c.paired_difference, c.ratio, c.cliffs_delta}) {
        ASSERT_TRUE(effect->interval);
        EXPECT_LE(effect->interval->lower, effect->estimate);
        EXPECT_GE(effect->interval->upper, effect->estimate);
    }
    EXPECT_LT(c.difference->interval->upper, 0);
    EXPECT_LT(c.ratio->interval->upper, 1);
    EXPECT_TRUE(says(c, "Mann-Whitney: p exact."));
}

TEST(Compare, ExchangedArmsGiveTheMirroredAnswer) {
    const auto c = compare_arms(burden_veh, burden_low), turned = compare_arms(burden_low, burden_veh);
    EXPECT_EQ(c.difference->estimate, -turned.difference->estimate);
    EXPECT_EQ(c.cliffs_delta->estimate, -turned.cliffs_delta->estimate);
    EXPECT_NEAR(c.ratio->estimate * turned.ratio->estimate, 1, 1e-14);
    EXPECT_NEAR(c.mann_whitney->p, turned.mann_whitney->p, 1e-14);
    EXPECT_EQ(c.signed_rank->p, turned.signed_rank->p);
    EXPECT_TRUE(says(c, "permutation of midranks"));
}

TEST(Compare, IdenticalArmsHaveNoEffectAndPOfOne) {
    const auto c = compare_arms(burden_veh, burden_veh);
    EXPECT_EQ(c.difference->estimate, 0);
    EXPECT_EQ(c.paired_difference->estimate, 0);
    EXPECT_EQ(c.paired_difference->interval->lower, 0);
    EXPECT_EQ(c.paired_difference->interval->upper, 0);
    EXPECT_EQ(c.ratio->estimate, 1);
    EXPECT_EQ(c.cliffs_delta->estimate, 0);
    EXPECT_EQ(c.mann_whitney->p, 1);
    EXPECT_EQ(c.signed_rank->p, 1);
    EXPECT_TRUE(says(c, "8 differences of 0 left out"));
}

// Mice that differ much and a treatment that takes the same from each: only the pairs can see it.
TEST(Compare, PairedIntervalIsNarrowerThanTheUnpairedOneWhenMiceDifferMore) {
    const Values control = {10, 20, 30, 40, 50, 60, 70, 80};
    Values treated = control;
    for (std::size_t i = 0; i < 8; ++i) treated[i] -= 4 + 0.25 * static_cast<double>(i % 3);
    const auto c = compare_arms(control, treated);
    EXPECT_LT(c.paired_difference->interval->upper, 0);
    EXPECT_LT(c.difference->interval->lower, 0);
    EXPECT_GT(c.difference->interval->upper, 0);
    EXPECT_LT(c.signed_rank->p, 0.01);
    EXPECT_GT(c.mann_whitney->p, 0.5);
}

TEST(Compare, MissingEndpointsLeaveTheirMouseOutOfTheArmAndOfThePairs) {
    Values control = burden_veh, treated = burden_low;
    control[2] = nan;
    treated[5] = nan;
    treated[6] = std::numeric_limits<double>::infinity();
    const auto c = compare_arms(control, treated);
    EXPECT_EQ(c.control->n, 7);
    EXPECT_EQ(c.treated->n, 6);
    EXPECT_EQ(c.pairs, 5);
    EXPECT_TRUE(says(c, "Control: 1 of 8 animals have no value."));
    EXPECT_TRUE(says(c, "Treated: 1 of 8 animals have an infinite value"));
    double sum = 0;
    for (const std::size_t i : {0, 1, 3, 4, 7}) sum += treated[i] - control[i];
    EXPECT_NEAR(c.paired_difference->estimate, sum / 5, 1e-12);
}

TEST(Compare, ArmsOfUnequalLengthPairTheMiceTheyShare) {
    const auto c = compare_arms(burden_veh, Values(burden_low.begin(), burden_low.begin() + 5));
    EXPECT_EQ(c.control->n, 8);
    EXPECT_EQ(c.treated->n, 5);
    EXPECT_EQ(c.pairs, 5);
    EXPECT_TRUE(says(c, "surplus has no partner"));
}

TEST(Compare, AnArmWithoutValuesGivesNoComparisonAndSaysSo) {
    const auto c = compare_arms(burden_veh, Values(8, nan));
    EXPECT_TRUE(c.control);
    EXPECT_FALSE(c.treated || c.difference || c.paired_difference || c.ratio || c.cliffs_delta);
    EXPECT_FALSE(c.mann_whitney || c.signed_rank);
    EXPECT_EQ(c.pairs, 0);
    EXPECT_TRUE(says(c, "No comparison: an arm has no value."));
}

TEST(Compare, MiceWithoutACommonValueAreComparedUnpairedOnly) {
    const auto c = compare_arms(Values{1, 2, 3, nan, nan, nan}, Values{nan, nan, nan, 4, 5, 6});
    EXPECT_TRUE(c.difference && c.mann_whitney);
    EXPECT_FALSE(c.paired_difference || c.signed_rank);
    EXPECT_TRUE(says(c, "no mouse has a value in both arms"));
}

TEST(Compare, FewAnimalsGiveAWarningOrNoInterval) {
    const auto four = compare_arms(Values{1, 2, 3, 4}, Values{3, 4, 5, 7});
    EXPECT_TRUE(four.difference->interval);
    EXPECT_TRUE(says(four, "cover less than they promise"));
    const auto one = compare_arms(Values{1}, Values{3});
    EXPECT_EQ(one.difference->estimate, 2);
    EXPECT_FALSE(one.difference->interval);
    EXPECT_FALSE(one.control->sd);
    EXPECT_FALSE(one.mann_whitney || one.signed_rank);
    EXPECT_TRUE(says(one, "fewer than 3 animals"));
}

TEST(Compare, RatioIsGivenOnlyWhereItMeansSomething) {
    const auto zero = compare_arms(Values(5, 0.0), Values{1, 2, 3, 4, 5});
    EXPECT_FALSE(zero.ratio);
    EXPECT_TRUE(says(zero, "the control's mean is 0"));
    const auto negative = compare_arms(Values{1, 2, 3, 4, -5}, Values{1, 2, 3, 4, 5});
    EXPECT_FALSE(negative.ratio);
    EXPECT_TRUE(says(negative, "negative values"));
    const auto vanished = compare_arms(burden_veh, Values(8, 0.0));
    EXPECT_EQ(vanished.ratio->estimate, 0);
    EXPECT_EQ(vanished.ratio->interval->upper, 0);
    const auto rare = compare_arms(Values{0, 0, 0, 0, 0, 0, 0, 3}, burden_low);
    EXPECT_TRUE(rare.ratio);
    EXPECT_FALSE(rare.ratio->interval);
    EXPECT_TRUE(says(rare, "No interval of the ratio"));
}

TEST(Compare, HolmRunsOverTheFamilyAndPassesOverTestsThatAreMissing) {
    std::vector<Comparison> family = {compare_arms(burden_veh, burden_low), compare_arms(burden_veh, Values(8, nan)),
                                      compare_arms(burden_veh, burden_high), compare_arms(plant_ctrl, plant_trt1)};
    apply_holm(family);
    const auto p = [&](std::size_t i) { return family[i].mann_whitney->p; };
    EXPECT_NEAR(*family[2].mann_whitney_holm, 3 * p(2), 1e-15);
    EXPECT_NEAR(*family[0].mann_whitney_holm, 2 * p(0), 1e-15);
    EXPECT_NEAR(*family[3].mann_whitney_holm, p(3), 1e-15);
    EXPECT_FALSE(family[1].mann_whitney_holm || family[1].signed_rank_holm);
    EXPECT_NEAR(*family[2].signed_rank_holm, std::min(1.0, 3 * family[2].signed_rank->p), 1e-15);
    family.resize(1);
    apply_holm(family);
    EXPECT_EQ(*family[0].mann_whitney_holm, p(0));
}

TEST(Compare, TheSameCallGivesTheSameBits) {
    const auto a = compare_arms(burden_veh, burden_low), b = compare_arms(burden_veh, burden_low);
    EXPECT_EQ(a.difference->interval->lower, b.difference->interval->lower);
    EXPECT_EQ(a.ratio->interval->upper, b.ratio->interval->upper);
    EXPECT_EQ(a.paired_difference->interval->upper, b.paired_difference->interval->upper);
}

}  // namespace
}  // namespace stellate::statistics
