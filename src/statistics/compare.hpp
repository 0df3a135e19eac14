// One endpoint of one treated arm against its control: everything the report says about it, from the values per mouse.
// Two verdicts stand side by side. Unpaired: difference, ratio, Cliff's delta, Mann-Whitney; what a bench, which has
// other animals in each arm, could reach. Paired: difference and signed rank over mice that lived in both arms, a
// counterfactual no bench has. Effects and intervals come first; p-values mean something only at the planned number of
// animals, for simulated animals are free. What counts as a family for Holm is the caller's decision, made beforehand.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "statistics/bootstrap.hpp"
#include "statistics/rank_tests.hpp"
#include "statistics/summaries.hpp"

namespace stellate::statistics {

struct Effect {
    double estimate = 0;
    std::optional<Interval> interval;  // at the confidence of the options
};

struct Comparison {
    std::optional<Summary> control, treated;  // of all animals with a value; empty if an arm has none
    int pairs = 0;                            // mice with a value in both arms

    // Signs: above 0 (ratio: above 1) means that the treated arm has more. Bootstrap by arm, or over pairs.
    std::optional<Effect> difference;         // mean(treated) - mean(control)
    std::optional<Effect> paired_difference;  // mean over pairs of treated - control
    std::optional<Effect> ratio;  // mean(treated) / mean(control); empty if a value is negative or the control's mean 0
    std::optional<Effect> cliffs_delta;  // P(treated > control) - P(treated < control); Newcombe's interval

    std::optional<RankTest> mann_whitney, signed_rank;          // two-sided, of treated against control
    std::optional<double> mann_whitney_holm, signed_rank_holm;  // set by apply_holm

    std::vector<std::string> notes;  // sentences: values missing, what could not be given and why, how p was had
};

// Element i of both arms is the same mouse; NaN is a missing endpoint (so is an infinity, and the note says so). Arms
// may differ in length: the longer one's surplus has no partner.
Comparison compare_arms(std::span<const double> control, std::span<const double> treated,
                        const BootstrapOptions& options = {});

// Adjusts the p-values over the family by Holm's method, Mann-Whitney and signed rank each on their own. Tests without
// a p-value stay without and, as in R, do not count.
void apply_holm(std::span<Comparison> family);

}  // namespace stellate::statistics
