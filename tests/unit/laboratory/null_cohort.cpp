// Control against control, through the whole way from the experiment file to the analysis: cohorts that differ in
// nothing but their seed must not come out as different more often than chance has it, and cohorts that do differ must.
//
// Eight independent pairs of cohorts of six mice. Under the null the exact p-values are uniform or larger, so that
//   - Fisher's -2 sum(ln p) lies below the 99.9 % point of chi-squared with 16 degrees of freedom, and
//   - at most 3 of 8 lie below 0.1 (binomial: 4 or more have a chance of 0.005).
// That is as sharp as one comparison of 48 mice with 48. Seeds are fixed, so the test passes or fails once and for all.
// If the two cohorts of a pair were the same animals every p would be 1, which is refused too.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "experiment_text.hpp"
#include "laboratory/analysis.hpp"

namespace stellate::laboratory::testing {
namespace {

const std::string null_experiment = R"(format = 1
name = "null"
title = "Control against control"
model = "liver-mouse"
geometry = "section"
mice = 6
seed = 1
days = 2
acclimatisation = "0 day"

[section]
width = "0.32 mm"
height = "0.32 mm"

[inoculum]
injected = 1.5e5
cells = 120

[[primaries]]
name = "colon"

[[arms]]
name = "control"
[[arms]]
name = "other"

[[variation]]
record = "inoculum.density"
cv = "15 %"
[[variation]]
record = "anatomy.cells.hsc_quiescent"
cv = "5 %"

[analysis]
control = "control"
primary_endpoints = ["metastatic_area"]
resamples = 100
)";
constexpr int pairs = 8;
const char* const endpoints[] = {"cells_tumour", "tumour_kills_per_cell_day", "cells_kupffer", "hsc_density_section"};

std::vector<MouseRun> cohort(std::int64_t seed, int tumour_cells) {
    Overrides o;
    o.seed = seed;
    o.arms = {"control"};
    o.set = {{"inoculum.cells", std::to_string(tumour_cells)}};
    return run_cohort(read(null_experiment, o), {}).runs;
}

// Two cohorts as control and treated arm of one experiment.
Analysis compared(const std::vector<MouseRun>& control, std::vector<MouseRun> other) {
    CohortResults both;
    both.experiment = read(null_experiment);
    both.runs = control;
    for (MouseRun& run : other) {
        run.arm = 1;
        both.runs.push_back(std::move(run));
    }
    return analyse(both);
}

const statistics::Comparison& last_day(const Analysis& analysis, std::string_view endpoint) {
    for (const ComparisonRow& row : analysis.comparisons)
        if (row.last_day && row.endpoint.id == endpoint) return row.comparison;
    throw std::logic_error("no such endpoint");
}

// Chance of a chi-squared with 2 k degrees of freedom beyond -2 sum(ln p) of k p-values.
double fisher(const std::vector<double>& p) {
    double half = 0, term = 1, sum = 1;
    for (const double each : p) half -= std::log(each);
    for (std::size_t k = 1; k < p.size(); ++k) sum += term *= half / double(k);
    return std::exp(-half) * sum;
}

std::ptrdiff_t below(const std::vector<double>& p, double level) {
    return std::count_if(p.begin(), p.end(), [level](double each) { return each < level; });
}

bool too_small_too_often(const std::vector<double>& p) { return fisher(p) < 1e-3 || below(p, 0.1) > 3; }

}  // namespace

TEST(null_cohort, other_mice_differ_no_more_often_than_chance_has_it_and_twice_the_tumour_cells_are_found_out) {
    const std::vector<MouseRun> twice = cohort(901, 240);
    std::vector<double> unpaired[4], paired[4], real;
    for (int pair = 0; pair < pairs; ++pair) {
        const std::vector<MouseRun> control = cohort(100 + pair, 120);
        const Analysis null = compared(control, cohort(200 + pair, 120));
        for (int n = 0; n < 4; ++n) {
            const statistics::Comparison& c = last_day(null, endpoints[n]);
            ASSERT_TRUE(c.mann_whitney && c.signed_rank) << endpoints[n];
            ASSERT_EQ(c.pairs, 6);
            unpaired[n].push_back(c.mann_whitney->p);
            paired[n].push_back(c.signed_rank->p);
        }
        const Analysis doubled = compared(control, twice);
        const statistics::Comparison& c = last_day(doubled, "cells_tumour");
        real.push_back(c.mann_whitney->p);
        EXPECT_GT(c.difference->interval->lower, 0) << "pair " << pair;
    }
    const auto listed = [](const std::vector<double>& p) {
        std::string text;
        for (const double each : p) text += " " + std::to_string(each);
        return text;
    };
    for (int n = 0; n < 4; ++n) RecordProperty(endpoints[n], listed(unpaired[n]) + " |" + listed(paired[n]));
    for (int n = 0; n < 4; ++n)
        for (const auto& p : {unpaired[n], paired[n]}) {
            EXPECT_FALSE(too_small_too_often(p)) << endpoints[n] << ": p =" << listed(p) << ", together " << fisher(p);
            EXPECT_GT(below(p, 0.9), 2) << endpoints[n] << ": the cohorts of a pair hardly differ: p =" << listed(p);
        }
    // What the check is for: it refuses cohorts that do differ.
    EXPECT_TRUE(too_small_too_often(real)) << listed(real);
    EXPECT_EQ(below(real, 0.05), pairs) << listed(real);
}

TEST(null_cohort, the_check_refuses_p_values_that_crowd_at_the_small_end) {
    std::vector<double> fair, crowded;
    for (int k = 0; k < pairs; ++k) fair.push_back((k + 0.5) / pairs);
    EXPECT_FALSE(too_small_too_often(fair));
    EXPECT_NEAR(fisher({0.3}), 0.3, 1e-15);
    EXPECT_NEAR(fisher({0.2, 0.5}), 0.1 * (1 - std::log(0.1)), 1e-15);
    for (const double p : fair) crowded.push_back(p * p * p);
    EXPECT_TRUE(too_small_too_often(crowded));
}

}  // namespace stellate::laboratory::testing
