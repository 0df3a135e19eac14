// The attribution table against a case worked by hand, and the kills of a sham in the tables that tell them.
#include <gmock/gmock.h>

#include <cmath>

#include "experiment_text.hpp"
#include "laboratory/results.hpp"

namespace stellate::laboratory::testing {
namespace {

using ::testing::HasSubstr;

// Control, depleted, and both without the loop "niche"; one endpoint on the last day. Mouse by mouse:
//   control          20 + m            depleted          control - 10 - d
//   without niche    18 + m            depleted without  control without - 4 - e
// with d and e of mean 0 over eight mice. The loop's share of the difference is 1 - 4/10.
constexpr double d[8] = {-2, 2, -1, 1, -3, 3, 0, 0}, e[8] = {1, -1, 0, 0, 2, -2, -1, 1};

CohortResults by_hand(double scale_of_effect = 1) {
    CohortResults r;
    r.experiment = read(replaced(small_experiment, "mice = 2", "mice = 8") +
                        "\n[analysis.attribution]\narm = \"depleted\"\nloops = [\"niche\"]\n");
    r.experiment.analysis.resamples = 4000;
    r.experiment.endpoint_days.clear();
    const auto arm = [&](const char* name) { return int(r.experiment.find_arm(name) - r.experiment.arms.data()); };
    const auto add = [&](const char* name, int mouse, std::optional<double> value) {
        MouseRun run;
        run.arm = arm(name), run.mouse = mouse;
        DayRecord day;
        day.day = 2;
        day.endpoints.push_back({"foci_count", "1", value});
        run.days.push_back(std::move(day));
        r.runs.push_back(std::move(run));
    };
    for (int m = 1; m <= 8; ++m) {
        const double control = 20 + m, without_it = 18 + m;
        add("control", m, control);
        add("depleted", m, control - scale_of_effect * (10 + d[m - 1]));
        add("sham", m, control);
        add("control_without_niche", m, without_it);
        add("depleted_without_niche", m, without_it - (4 + e[m - 1]));
    }
    return r;
}

}  // namespace

TEST(attribution, share_and_interval_are_those_worked_by_hand) {
    const CohortResults r = by_hand();
    const Analysis analysis = analyse(r);
    ASSERT_EQ(analysis.attribution.size(), 1u);
    const AttributionRow& row = analysis.attribution[0];
    EXPECT_EQ(row.loop, "niche");
    EXPECT_EQ(row.mice, 8);
    EXPECT_DOUBLE_EQ(row.control, 24.5);
    EXPECT_DOUBLE_EQ(row.treated, 14.5);
    EXPECT_DOUBLE_EQ(row.control_without, 22.5);
    EXPECT_DOUBLE_EQ(row.treated_without, 18.5);
    ASSERT_TRUE(row.effect && row.effect_without && row.share_of_difference && row.share_of_difference->interval &&
                row.share_of_reduction);
    EXPECT_DOUBLE_EQ(row.effect->estimate, -10);
    EXPECT_DOUBLE_EQ(row.effect_without->estimate, -4);
    EXPECT_DOUBLE_EQ(row.share_of_difference->estimate, 0.6);
    EXPECT_NEAR(row.share_of_reduction->estimate, 1 - (4 / 22.5) / (10 / 24.5), 1e-12);

    // Its standard error to first order: the mean over mice of (e - 0.4 d) / 10, whose variance is that of the mean.
    double squares = 0;
    for (int m = 0; m < 8; ++m) squares += std::pow((e[m] - 0.4 * d[m]) / 10, 2);
    const double error = std::sqrt(squares / 7 / 8), wide = 2.365 * error;  // t of 7 degrees of freedom
    EXPECT_NEAR(row.share_of_difference->interval->lower, 0.6 - wide, 0.25 * wide);
    EXPECT_NEAR(row.share_of_difference->interval->upper, 0.6 + wide, 0.25 * wide);

    const std::string csv = attribution_csv(r, analysis);
    EXPECT_THAT(csv, HasSubstr("\ncolon,niche,foci_count,1,8,24.5,14.5,22.5,18.5,-10,"));
    // Arms of the table stand in no family of Holm's.
    for (const ComparisonRow& c : analysis.comparisons) EXPECT_EQ(c.in_family, c.arm == 1 || c.arm == 2) << c.arm;
}

TEST(attribution, only_mice_with_a_value_in_all_four_arms_count) {
    CohortResults r = by_hand();
    for (MouseRun& run : r.runs)
        if (run.mouse == 3 && r.experiment.arms[std::size_t(run.arm)].name == "depleted_without_niche")
            run.days[0].endpoints[0].value.reset();
    const AttributionRow row = analyse(r).attribution[0];
    EXPECT_EQ(row.mice, 7);
    EXPECT_NEAR(row.effect->estimate, -(80 - (10 + d[2])) / 7, 1e-12);
    EXPECT_NEAR(row.share_of_difference->estimate, 1 - (32 - (4 + e[2])) / (80 - (10 + d[2])), 1e-12);
}

TEST(attribution, no_effect_has_no_share) {
    const AttributionRow row = analyse(by_hand(0)).attribution[0];
    EXPECT_EQ(row.effect->estimate, 0);
    EXPECT_FALSE(row.share_of_difference.has_value());
    EXPECT_FALSE(row.share_of_reduction.has_value());
}

// Mice of which half gain what the others lose: an effect that may be none, of which there are no shares.
TEST(attribution, an_effect_that_may_be_none_has_no_share) {
    CohortResults r = by_hand();
    for (MouseRun& run : r.runs)
        if (r.experiment.arms[std::size_t(run.arm)].name == "depleted" && run.mouse % 2 == 0)
            *run.days[0].endpoints[0].value += 22;
    const AttributionRow row = analyse(r).attribution[0];
    ASSERT_TRUE(row.effect && row.effect->interval);
    EXPECT_LT(row.effect->interval->lower * row.effect->interval->upper, 0);
    EXPECT_FALSE(row.share_of_difference.has_value());
    EXPECT_FALSE(row.share_of_reduction.has_value());
}

TEST(sham, kills_as_many_hepatocytes_as_the_treatment_killed_and_the_tables_say_so) {
    CohortOptions options;
    options.threads = 2;
    const CohortResults r = run_cohort(read(small_experiment, something_to_kill()), options);
    const MouseRun *treated = r.find(0, 1, 1), *sham = r.find(0, 2, 1);
    ASSERT_GT(treated->kills.size(), 0u);
    ASSERT_EQ(sham->kills.size(), treated->kills.size());
    for (std::size_t n = 0; n < sham->kills.size(); ++n) {
        EXPECT_EQ(r.type_names[sham->kills[n].type], "hepatocyte");
        EXPECT_EQ(sham->kills[n].tick, treated->kills[n].tick);
    }
    EXPECT_EQ(sham->days.back().get("treatment_kills"), double(sham->kills.size()));
    const std::string csv = kills_csv(r);
    std::size_t told = 0;
    for (std::size_t at = csv.find("colon,sham,1,"); at != std::string::npos; at = csv.find("colon,sham,1,", at + 1)) {
        const std::string line = csv.substr(at, csv.find('\n', at) - at);
        EXPECT_THAT(line, HasSubstr(",hepatocyte,sham,"));
        ++told;
    }
    EXPECT_EQ(told, sham->kills.size());
    EXPECT_THAT(endpoints_csv(r), HasSubstr("sham,colon,1,4,treatment_kills," + std::to_string(told) + ",1"));
}

}  // namespace stellate::laboratory::testing
