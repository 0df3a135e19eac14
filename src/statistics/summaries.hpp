// Descriptive statistics, t tests, standardised effects and corrections for several tests. One value per animal: the
// animal is the unit, so sections, foci or cages are averaged before they come here. Rank tests, resampling and counts
// have their own files (rank_tests.hpp, bootstrap.hpp, proportions.hpp); nothing here plots, prints or reads files.
//
// Absence is explicit: a sample with a value that is not finite, or too small for a statistic, gives an empty
// std::optional and never a NaN.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "statistics/distributions.hpp"

namespace stellate::statistics {

struct Interval {
    double lower = 0, upper = 0;
};

bool all_finite(std::span<const double> values);

// Sum with Neumaier's compensation (doi:10.1002/zamm.19740540106), so that offsets far above the spread do no harm.
double compensated_sum(std::span<const double> values);

struct Summary {
    int n = 0;
    double mean = 0;
    std::optional<double> sd;  // divisor n - 1; empty for one animal
    double median = 0, lower_quartile = 0, upper_quartile = 0;
    double minimum = 0, maximum = 0;
};

// Empty for no values.
std::optional<Summary> summarise(std::span<const double> values);
std::optional<double> mean(std::span<const double> values);
std::optional<double> standard_deviation(std::span<const double> values);  // n >= 2; two passes, corrected
std::optional<double> median(std::span<const double> values);

// Quantile by linear interpolation at (n - 1) p (type 7 of Hyndman and Fan, doi:10.1080/00031305.1996.10473566; R's
// default), 0 <= p <= 1.
std::optional<double> quantile(std::span<const double> values, double p);

struct TTest {
    double t = 0;
    double degrees_of_freedom = 0;
    double p = 1;
    double estimate = 0;        // mean(x) - mean(y), or the mean of x - y
    double standard_error = 0;  // of the estimate
    Interval interval;          // two-sided, at the confidence asked for
};

// Welch's test of equal means with unequal variances. Empty if a sample has fewer than 2 values or neither varies.
std::optional<TTest> welch_t_test(std::span<const double> x, std::span<const double> y,
                                  Alternative alternative = Alternative::two_sided, double confidence = 0.95);
// Test that the mean of x[i] - y[i] is 0; equal lengths. Empty for fewer than 2 pairs or if no difference varies.
std::optional<TTest> paired_t_test(std::span<const double> x, std::span<const double> y,
                                   Alternative alternative = Alternative::two_sided, double confidence = 0.95);

struct StandardisedDifference {
    double cohen_d = 0;   // (mean(x) - mean(y)) / pooled SD
    double hedges_g = 0;  // cohen_d without its small-sample bias: times Gamma(v/2) / (sqrt(v/2) Gamma((v-1)/2))
};

// Hedges 1981 (doi:10.3102/10769986006002107). Empty if a sample has fewer than 2 values or neither varies.
std::optional<StandardisedDifference> standardised_difference(std::span<const double> x, std::span<const double> y);

// p-values adjusted for being a family, in the order given and equal to R's p.adjust. Each p must lie in [0, 1].
std::vector<double> holm(std::span<const double> p);                // family-wise error, any dependence
std::vector<double> benjamini_hochberg(std::span<const double> p);  // false discovery rate

}  // namespace stellate::statistics
