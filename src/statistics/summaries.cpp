#include "statistics/summaries.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "core/error.hpp"

namespace stellate::statistics {

namespace {

struct Moments {
    double n = 0, mean = 0, variance = 0;
};

std::optional<Moments> moments(std::span<const double> values) {
    const auto sd = standard_deviation(values);
    if (!sd) return std::nullopt;
    return Moments{static_cast<double>(values.size()), *mean(values), *sd * *sd};
}

double quantile_of_sorted(std::span<const double> sorted, double p) {
    const double place = static_cast<double>(sorted.size() - 1) * p;
    const auto below = static_cast<std::size_t>(place);
    if (below + 1 >= sorted.size()) return sorted.back();
    return sorted[below] + (place - static_cast<double>(below)) * (sorted[below + 1] - sorted[below]);
}

std::vector<double> sorted_copy(std::span<const double> values) {
    std::vector<double> sorted(values.begin(), values.end());
    std::sort(sorted.begin(), sorted.end());
    return sorted;
}

TTest t_test(double estimate, double standard_error, double degrees_of_freedom, Alternative alternative,
             double confidence) {
    TTest test;
    test.estimate = estimate;
    test.standard_error = standard_error;
    test.degrees_of_freedom = degrees_of_freedom;
    test.t = estimate / standard_error;
    test.p = student_t_p_value(test.t, degrees_of_freedom, alternative);
    const double reach = student_t_quantile(0.5 + 0.5 * confidence, degrees_of_freedom) * standard_error;
    test.interval = {estimate - reach, estimate + reach};
    return test;
}

// Indices of p from the smallest to the largest.
std::vector<std::size_t> ascending(std::span<const double> p) {
    for (const double value : p) STELLATE_ASSERT(value >= 0 && value <= 1, value);
    std::vector<std::size_t> order(p.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return std::pair(p[a], a) < std::pair(p[b], b); });
    return order;
}

}  // namespace

bool all_finite(std::span<const double> values) {
    return std::all_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); });
}

double compensated_sum(std::span<const double> values) {
    double sum = 0, lost = 0;
    for (const double value : values) {
        const double next = sum + value;
        lost += std::abs(sum) >= std::abs(value) ? (sum - next) + value : (value - next) + sum;
        sum = next;
    }
    return sum + lost;
}

std::optional<double> mean(std::span<const double> values) {
    if (values.empty() || !all_finite(values)) return std::nullopt;
    return compensated_sum(values) / static_cast<double>(values.size());
}

std::optional<double> standard_deviation(std::span<const double> values) {
    const auto centre = mean(values);
    if (!centre || values.size() < 2) return std::nullopt;
    // The mean of the deviations is not exactly 0; taking its square off corrects for the rounding of the mean.
    const auto n = static_cast<double>(values.size());
    double squares = 0, deviations = 0;
    for (const double value : values) {
        squares += (value - *centre) * (value - *centre);
        deviations += value - *centre;
    }
    return std::sqrt(std::max(0.0, squares - deviations * deviations / n) / (n - 1));
}

std::optional<double> quantile(std::span<const double> values, double p) {
    STELLATE_ASSERT(p >= 0 && p <= 1, p);
    if (values.empty() || !all_finite(values)) return std::nullopt;
    return quantile_of_sorted(sorted_copy(values), p);
}

std::optional<double> median(std::span<const double> values) { return quantile(values, 0.5); }

std::optional<Summary> summarise(std::span<const double> values) {
    const auto centre = mean(values);
    if (!centre) return std::nullopt;
    const auto sorted = sorted_copy(values);
    Summary summary;
    summary.n = static_cast<int>(values.size());
    summary.mean = *centre;
    summary.sd = standard_deviation(values);
    summary.median = quantile_of_sorted(sorted, 0.5);
    summary.lower_quartile = quantile_of_sorted(sorted, 0.25);
    summary.upper_quartile = quantile_of_sorted(sorted, 0.75);
    summary.minimum = sorted.front();
    summary.maximum = sorted.back();
    return summary;
}

std::optional<TTest> welch_t_test(std::span<const double> x, std::span<const double> y, Alternative alternative,
                                  double confidence) {
    STELLATE_ASSERT(confidence > 0 && confidence < 1, confidence);
    const auto a = moments(x), b = moments(y);
    if (!a || !b) return std::nullopt;
    const double from_x = a->variance / a->n, from_y = b->variance / b->n;
    const double variance = from_x + from_y;
    if (!(variance > 0)) return std::nullopt;
    const double share_x = from_x / variance, share_y = from_y / variance;
    const double degrees_of_freedom = 1.0 / (share_x * share_x / (a->n - 1) + share_y * share_y / (b->n - 1));
    return t_test(a->mean - b->mean, std::sqrt(variance), degrees_of_freedom, alternative, confidence);
}

std::optional<TTest> paired_t_test(std::span<const double> x, std::span<const double> y, Alternative alternative,
                                   double confidence) {
    STELLATE_ASSERT(x.size() == y.size(), x.size(), y.size());
    STELLATE_ASSERT(confidence > 0 && confidence < 1, confidence);
    std::vector<double> differences(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) differences[i] = x[i] - y[i];
    const auto d = moments(differences);
    if (!d || !(d->variance > 0)) return std::nullopt;
    return t_test(d->mean, std::sqrt(d->variance / d->n), d->n - 1, alternative, confidence);
}

std::optional<StandardisedDifference> standardised_difference(std::span<const double> x, std::span<const double> y) {
    const auto a = moments(x), b = moments(y);
    if (!a || !b) return std::nullopt;
    const double degrees_of_freedom = a->n + b->n - 2;
    const double pooled = ((a->n - 1) * a->variance + (b->n - 1) * b->variance) / degrees_of_freedom;
    if (!(pooled > 0)) return std::nullopt;
    const double d = (a->mean - b->mean) / std::sqrt(pooled);
    const double half = 0.5 * degrees_of_freedom;
    return StandardisedDifference{d, d * gamma_ratio(half, half - 0.5) / std::sqrt(half)};
}

std::vector<double> holm(std::span<const double> p) {
    std::vector<double> adjusted(p.size());
    double largest = 0;
    std::size_t left = p.size();
    for (const std::size_t i : ascending(p)) {
        largest = std::max(largest, std::min(1.0, static_cast<double>(left--) * p[i]));
        adjusted[i] = largest;
    }
    return adjusted;
}

std::vector<double> benjamini_hochberg(std::span<const double> p) {
    std::vector<double> adjusted(p.size());
    const auto order = ascending(p);
    const auto count = static_cast<double>(p.size());
    double smallest = 1;
    for (std::size_t rank = p.size(); rank > 0; --rank) {
        const std::size_t i = order[rank - 1];
        smallest = std::min(smallest, count / static_cast<double>(rank) * p[i]);
        adjusted[i] = smallest;
    }
    return adjusted;
}

}  // namespace stellate::statistics
