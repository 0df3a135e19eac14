// Counts: shares of animals (incidence), their exact intervals and Fisher's exact test.
#pragma once

#include <optional>
#include <span>

#include "statistics/summaries.hpp"

namespace stellate::statistics {

// Interval of a binomial share by Clopper and Pearson (doi:10.1093/biomet/26.4.404): exact, so never below the
// confidence asked for, at the price of some width. Empty if trials is 0. 0 <= successes <= trials.
std::optional<Interval> binomial_interval(int successes, int trials, double confidence = 0.95);

// One group of animals: how many show the outcome, how many do not.
struct Incidence {
    int with = 0, without = 0;
};

struct FisherTest {
    double p = 1;
    // Conditional maximum-likelihood odds ratio of the first group over the second, 0 or infinity when a margin allows
    // nothing else to be said; empty if a margin of the table is 0, for then the data do not bear on it.
    std::optional<double> odds_ratio;
    std::optional<Interval> odds_interval;  // exact, two-sided; its upper end may be infinity
};

// Fisher's exact test of two groups. Two-sided: the sum of the probabilities of all tables with these margins that are
// at most as probable as the one observed (relative tolerance 1e-7, as in R). `greater`: odds in the first are higher.
FisherTest fisher_exact(Incidence first, Incidence second, Alternative alternative = Alternative::two_sided,
                        double confidence = 0.95);

// The same for any number of groups, two-sided p only, by listing every table with these margins. Empty for fewer than
// two groups, or if more than 10^7 tables would have to be listed.
std::optional<double> fisher_exact(std::span<const Incidence> groups);

}  // namespace stellate::statistics
