#include "statistics/rank_tests.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>

#include "core/error.hpp"

namespace stellate::statistics {

namespace {

constexpr std::size_t exact_below = 50;

// Midranks times two, which are whole numbers.
std::vector<int> doubled_midranks(std::span<const double> values) {
    const auto ranks = midranks(values);
    std::vector<int> doubled(ranks.size());
    std::transform(ranks.begin(), ranks.end(), doubled.begin(), [](double r) { return static_cast<int>(2 * r); });
    return doubled;
}

// Sum of t^3 - t over groups of t equal values; 0 means no ties.
double tie_term(std::span<const double> values) {
    std::vector<double> sorted(values.begin(), values.end());
    std::sort(sorted.begin(), sorted.end());
    double term = 0;
    for (std::size_t first = 0, last = 0; first < sorted.size(); first = last) {
        while (last < sorted.size() && sorted[last] == sorted[first]) ++last;
        const auto t = static_cast<double>(last - first);
        term += t * t * t - t;
    }
    return term;
}

// Element s: in how many ways `size` of the scores (>= 0) add up to s. Counts are exact up to 2^53 and correct to
// rounding beyond. Shift algorithm: each score either stays out, or moves the counts of one element fewer by itself.
std::vector<double> subset_sum_counts(std::span<const int> scores, std::size_t size) {
    const auto total = static_cast<std::size_t>(std::accumulate(scores.begin(), scores.end(), 0));
    std::vector<std::vector<double>> ways(size + 1, std::vector<double>(total + 1, 0.0));
    ways[0][0] = 1;
    for (const int score : scores) {
        const auto shift = static_cast<std::size_t>(score);
        for (std::size_t k = size; k > 0; --k)
            for (std::size_t s = shift; s <= total; ++s) ways[k][s] += ways[k - 1][s - shift];
    }
    return ways[size];
}

// Element s: in how many ways any number of the scores add up to s.
std::vector<double> signed_sum_counts(std::span<const int> scores) {
    const auto total = static_cast<std::size_t>(std::accumulate(scores.begin(), scores.end(), 0));
    std::vector<double> ways(total + 1, 0.0);
    ways[0] = 1;
    for (const int score : scores) {
        const auto shift = static_cast<std::size_t>(score);
        STELLATE_ASSERT(score > 0, score);
        for (std::size_t s = total; s >= shift; --s) ways[s] += ways[s - shift];
    }
    return ways;
}

// P-value of the observed sum when sum s has counts[s] of equally likely ways and expectation `numerator`/`denominator`
// (whole numbers, so that equally distant sums compare as equal).
double exact_p_value(std::span<const double> counts, std::int64_t observed, std::int64_t numerator,
                     std::int64_t denominator, Alternative alternative) {
    const auto distance = [&](std::int64_t sum) { return std::abs(denominator * sum - numerator); };
    double as_extreme = 0, all = 0;
    for (std::int64_t sum = 0; sum < static_cast<std::int64_t>(counts.size()); ++sum) {
        const double ways = counts[static_cast<std::size_t>(sum)];
        all += ways;
        const bool counted = alternative == Alternative::two_sided ? distance(sum) >= distance(observed)
                             : alternative == Alternative::less    ? sum <= observed
                                                                   : sum >= observed;
        if (counted) as_extreme += ways;
    }
    return as_p_value(as_extreme / all);
}

double approximate_p_value(double deviation, double variance, bool corrected, Alternative alternative) {
    if (!(variance > 0)) return 1.0;
    double correction = 0;
    if (corrected) {
        if (alternative == Alternative::greater) correction = 0.5;
        if (alternative == Alternative::less) correction = -0.5;
        if (alternative == Alternative::two_sided) correction = deviation > 0 ? 0.5 : deviation < 0 ? -0.5 : 0.0;
    }
    return normal_p_value((deviation - correction) / std::sqrt(variance), alternative);
}

double sorted_median(std::span<const double> sorted) {
    const std::size_t half = sorted.size() / 2;
    return sorted.size() % 2 == 1 ? sorted[half] : 0.5 * (sorted[half - 1] + sorted[half]);
}

// The order statistics of the candidate shifts between which the test does not reject. `cut` is the smallest value the
// untied statistic reaches with probability of at least half the error allowed; 0 means that even the outermost
// candidates do not reach the confidence.
std::optional<Interval> between_order_statistics(std::span<const double> sorted, std::size_t cut) {
    if (cut == 0 || 2 * cut > sorted.size()) return std::nullopt;
    return Interval{sorted[cut - 1], sorted[sorted.size() - cut]};
}

std::size_t cut_from_cdf(std::span<const double> cdf, double confidence) {
    const double tail = 0.5 * (1 - confidence);
    return static_cast<std::size_t>(std::find_if(cdf.begin(), cdf.end(), [&](double p) { return p >= tail; }) -
                                    cdf.begin());
}

std::size_t cut_from_normal(double expectation, double variance, double confidence) {
    const double cut = expectation - normal_quantile(0.5 + 0.5 * confidence) * std::sqrt(variance);
    return cut < 0 ? 0 : static_cast<std::size_t>(cut);
}

std::vector<double> cdf_from_counts(std::span<const double> counts) {
    std::vector<double> cdf(counts.size());
    std::partial_sum(counts.begin(), counts.end(), cdf.begin());
    const double all = cdf.back();
    for (double& p : cdf) p /= all;
    return cdf;
}

std::vector<int> first_ranks(std::size_t count) {
    std::vector<int> ranks(count);
    std::iota(ranks.begin(), ranks.end(), 1);
    return ranks;
}

// Twice the number of pairs with x > y, ties counting one.
std::int64_t doubled_wins(std::span<const double> x, std::span<const double> y) {
    std::vector<double> sorted(y.begin(), y.end());
    std::sort(sorted.begin(), sorted.end());
    std::int64_t wins = 0;
    for (const double value : x) {
        const auto [low, high] = std::equal_range(sorted.begin(), sorted.end(), value);
        wins += (low - sorted.begin()) + (high - sorted.begin());
    }
    return wins;
}

}  // namespace

const char* to_string(RankMethod method) {
    switch (method) {
        case RankMethod::exact:
            return "exact";
        case RankMethod::normal_corrected:
            return "normal, continuity corrected";
        case RankMethod::normal:
            return "normal";
    }
    return "";
}

std::vector<double> midranks(std::span<const double> values) {
    std::vector<std::size_t> order(values.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    for (const double value : values) STELLATE_ASSERT(!std::isnan(value), value);
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
    std::vector<double> ranks(values.size());
    for (std::size_t first = 0, last = 0; first < order.size(); first = last) {
        while (last < order.size() && values[order[last]] == values[order[first]]) ++last;
        const double rank = 0.5 * static_cast<double>(first + 1 + last);  // mean of first + 1 .. last
        for (std::size_t i = first; i < last; ++i) ranks[order[i]] = rank;
    }
    return ranks;
}

std::vector<double> mann_whitney_cdf(int n_x, int n_y) {
    STELLATE_ASSERT(n_x >= 1 && n_y >= 1, n_x, n_y);
    const auto size = static_cast<std::size_t>(n_x);
    const auto counts = subset_sum_counts(first_ranks(size + static_cast<std::size_t>(n_y)), size);
    const std::size_t smallest = size * (size + 1) / 2;  // the rank sum at U = 0
    return cdf_from_counts(std::span(counts).subspan(smallest, size * static_cast<std::size_t>(n_y) + 1));
}

std::optional<RankTest> mann_whitney(std::span<const double> x, std::span<const double> y,
                                     const RankTestOptions& options) {
    STELLATE_ASSERT(options.confidence > 0 && options.confidence < 1, options.confidence);
    if (x.empty() || y.empty() || !all_finite(x) || !all_finite(y)) return std::nullopt;
    const std::size_t n_x = x.size(), n_y = y.size(), n = n_x + n_y;
    std::vector<double> both(x.begin(), x.end());
    both.insert(both.end(), y.begin(), y.end());
    const double ties = tie_term(both);
    const bool small = n_x < exact_below && n_y < exact_below;
    const auto m = static_cast<double>(n_x), k = static_cast<double>(n_y), all = static_cast<double>(n);

    RankTest test;
    test.n_x = static_cast<int>(n_x);
    test.n_y = static_cast<int>(n_y);
    test.ties = ties > 0;
    test.statistic = 0.5 * static_cast<double>(doubled_wins(x, y));
    test.method = options.method == RankMethod::exact && !small ? RankMethod::normal_corrected : options.method;
    if (test.method == RankMethod::exact) {
        const auto scores = doubled_midranks(both);
        const auto in_x = static_cast<std::ptrdiff_t>(n_x);
        const std::int64_t observed = std::accumulate(scores.begin(), scores.begin() + in_x, std::int64_t{0});
        const std::int64_t total = std::accumulate(scores.begin() + in_x, scores.end(), observed);
        test.p = exact_p_value(subset_sum_counts(scores, n_x), observed, in_x * total, static_cast<std::int64_t>(n),
                               options.alternative);
    } else {
        const double variance = m * k / 12 * (all + 1 - ties / (all * (all - 1)));
        test.p = approximate_p_value(test.statistic - m * k / 2, variance, test.method == RankMethod::normal_corrected,
                                     options.alternative);
    }

    std::vector<double> differences;
    differences.reserve(n_x * n_y);
    for (const double a : x)
        for (const double b : y) differences.push_back(a - b);
    std::sort(differences.begin(), differences.end());
    test.shift = sorted_median(differences);
    const std::size_t cut = small ? cut_from_cdf(mann_whitney_cdf(test.n_x, test.n_y), options.confidence)
                                  : cut_from_normal(m * k / 2, m * k * (all + 1) / 12, options.confidence);
    test.shift_interval = between_order_statistics(differences, cut);
    return test;
}

std::optional<RankTest> signed_rank(std::span<const double> x, std::span<const double> y,
                                    const RankTestOptions& options) {
    STELLATE_ASSERT(x.size() == y.size(), x.size(), y.size());
    STELLATE_ASSERT(options.confidence > 0 && options.confidence < 1, options.confidence);
    if (x.empty() || !all_finite(x) || !all_finite(y)) return std::nullopt;
    std::vector<double> differences, sizes;
    for (std::size_t i = 0; i < x.size(); ++i) {
        if (x[i] == y[i]) continue;
        differences.push_back(x[i] - y[i]);
        sizes.push_back(std::abs(differences.back()));
    }

    RankTest test;
    test.n_x = static_cast<int>(differences.size());
    test.zeros = static_cast<int>(x.size() - differences.size());
    const bool small = differences.size() < exact_below;
    test.method = options.method == RankMethod::exact && !small ? RankMethod::normal_corrected : options.method;
    if (differences.empty()) return test;

    const auto scores = doubled_midranks(sizes);
    const double ties = tie_term(sizes);
    test.ties = ties > 0;
    std::int64_t observed = 0;
    for (std::size_t i = 0; i < scores.size(); ++i)
        if (differences[i] > 0) observed += scores[i];
    test.statistic = 0.5 * static_cast<double>(observed);
    const auto n = static_cast<double>(differences.size());
    const double expectation = n * (n + 1) / 4, variance = n * (n + 1) * (2 * n + 1) / 24;
    if (test.method == RankMethod::exact) {
        const std::int64_t total = std::accumulate(scores.begin(), scores.end(), std::int64_t{0});
        test.p = exact_p_value(signed_sum_counts(scores), observed, total, 2, options.alternative);
    } else {
        test.p = approximate_p_value(test.statistic - expectation, variance - ties / 48,
                                     test.method == RankMethod::normal_corrected, options.alternative);
    }

    std::vector<double> averages;
    averages.reserve(differences.size() * (differences.size() + 1) / 2);
    for (std::size_t i = 0; i < differences.size(); ++i)
        for (std::size_t j = i; j < differences.size(); ++j)
            averages.push_back(0.5 * (differences[i] + differences[j]));
    std::sort(averages.begin(), averages.end());
    test.shift = sorted_median(averages);
    const std::size_t cut =
        small ? cut_from_cdf(cdf_from_counts(signed_sum_counts(first_ranks(differences.size()))), options.confidence)
              : cut_from_normal(expectation, variance, options.confidence);
    test.shift_interval = between_order_statistics(averages, cut);
    return test;
}

double smallest_mann_whitney_p(int n_x, int n_y) {
    double arrangements = 1;
    for (int k = 1; k <= n_x; ++k) arrangements *= double(n_y + k) / k;
    return std::min(1.0, 2 / arrangements);
}

double smallest_signed_rank_p(int pairs) { return std::min(1.0, std::ldexp(2.0, -pairs)); }

std::optional<CliffsDelta> cliffs_delta(std::span<const double> x, std::span<const double> y, double confidence) {
    STELLATE_ASSERT(confidence > 0 && confidence < 1, confidence);
    if (x.empty() || y.empty() || !all_finite(x) || !all_finite(y)) return std::nullopt;
    const double m = static_cast<double>(x.size()), n = static_cast<double>(y.size());
    const double theta = 0.5 * static_cast<double>(doubled_wins(x, y)) / (m * n);
    const double z = normal_quantile(0.5 + 0.5 * confidence);
    const double pairs = 0.5 * (m + n) - 1;
    // Hanley and McNeil's variance at a candidate t, with both sample sizes replaced by their mean.
    const auto rejected = [&](double t) {
        const double variance = t * (1 - t) * (1 + pairs * (1 - t) / (2 - t) + pairs * t / (1 + t)) / (m * n);
        return std::abs(theta - t) > z * std::sqrt(variance);
    };
    // Bisection between a candidate that is rejected (or the end of the scale) and one that is not.
    const auto limit = [&](double outside, double inside) {
        if (!rejected(outside)) return outside;
        for (int i = 0; i < 100; ++i) {
            const double middle = 0.5 * (outside + inside);
            (rejected(middle) ? outside : inside) = middle;
        }
        return inside;
    };
    return CliffsDelta{2 * theta - 1, {2 * limit(0.0, theta) - 1, 2 * limit(1.0, theta) - 1}};
}

}  // namespace stellate::statistics
