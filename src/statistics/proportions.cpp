#include "statistics/proportions.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <vector>

#include "core/error.hpp"

namespace stellate::statistics {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double as_probable = 1 + 1e-7;  // tables this close in probability count as equally probable

// Conditional distribution of the first group's count given the margins (hypergeometric; noncentral for odds != 1).
class ConditionalCount {
public:
    ConditionalCount(Incidence first, Incidence second) {
        const int n_first = first.with + first.without, n_second = second.with + second.without;
        const int with = first.with + second.with;
        low_ = std::max(0, with - n_second);
        high_ = std::min(with, n_first);
        for (int count = low_; count <= high_; ++count)
            log_weight_.push_back(log_choose(n_first, count) + log_choose(n_second, with - count));
    }

    int low() const { return low_; }
    int high() const { return high_; }

    // Probabilities of low .. high at odds ratio exp(log_odds).
    std::vector<double> probabilities(double log_odds) const {
        std::vector<double> p(log_weight_);
        for (std::size_t i = 0; i < p.size(); ++i) p[i] += log_odds * static_cast<double>(i);
        const double largest = *std::max_element(p.begin(), p.end());
        double sum = 0;
        for (double& value : p) sum += value = std::exp(value - largest);
        for (double& value : p) value /= sum;
        return p;
    }

    double mean(double log_odds) const {
        const auto p = probabilities(log_odds);
        double sum = 0;
        for (std::size_t i = 0; i < p.size(); ++i) sum += p[i] * (low_ + static_cast<double>(i));
        return sum;
    }

    double at_most(int count, double log_odds) const {
        const auto p = probabilities(log_odds);
        double sum = 0;
        for (int i = low_; i <= std::min(count, high_); ++i) sum += p[static_cast<std::size_t>(i - low_)];
        return sum;
    }

    double at_least(int count, double log_odds) const {
        const auto p = probabilities(log_odds);
        double sum = 0;
        for (int i = high_; i >= std::max(count, low_); --i) sum += p[static_cast<std::size_t>(i - low_)];
        return sum;
    }

private:
    int low_ = 0, high_ = 0;
    std::vector<double> log_weight_;
};

// exp(x) at which the increasing function of the log odds passes 0; a double's range is wide enough for any table.
double odds_at_root(const std::function<double(double)>& increasing) {
    double low = -700, high = 700;
    for (int i = 0; i < 80; ++i) {
        const double middle = 0.5 * (low + high);
        (increasing(middle) < 0 ? low : high) = middle;
    }
    return std::exp(0.5 * (low + high));
}

}  // namespace

std::optional<Interval> binomial_interval(int successes, int trials, double confidence) {
    STELLATE_ASSERT(successes >= 0 && successes <= trials, successes, trials);
    STELLATE_ASSERT(confidence > 0 && confidence < 1, confidence);
    if (trials == 0) return std::nullopt;
    const double tail = 0.5 * (1 - confidence);
    const double with = successes, without = trials - successes;
    return Interval{successes == 0 ? 0.0 : beta_quantile(tail, with, without + 1),
                    successes == trials ? 1.0 : beta_quantile(1 - tail, with + 1, without)};
}

FisherTest fisher_exact(Incidence first, Incidence second, Alternative alternative, double confidence) {
    STELLATE_ASSERT(first.with >= 0 && first.without >= 0, first.with, first.without);
    STELLATE_ASSERT(second.with >= 0 && second.without >= 0, second.with, second.without);
    STELLATE_ASSERT(confidence > 0 && confidence < 1, confidence);
    const ConditionalCount count(first, second);
    const int observed = first.with;
    FisherTest test;
    if (alternative == Alternative::less) test.p = as_p_value(count.at_most(observed, 0));
    if (alternative == Alternative::greater) test.p = as_p_value(count.at_least(observed, 0));
    if (alternative == Alternative::two_sided) {
        const auto p = count.probabilities(0);
        const double limit = p[static_cast<std::size_t>(observed - count.low())] * as_probable;
        double sum = 0;
        for (const double value : p)
            if (value <= limit) sum += value;
        test.p = as_p_value(sum);
    }
    if (count.low() == count.high()) return test;

    const double tail = 0.5 * (1 - confidence);
    Interval interval{0, infinity};
    if (observed > count.low())
        interval.lower = odds_at_root([&](double log_odds) { return count.at_least(observed, log_odds) - tail; });
    if (observed < count.high())
        interval.upper = odds_at_root([&](double log_odds) { return tail - count.at_most(observed, log_odds); });
    test.odds_interval = interval;
    if (observed == count.low())
        test.odds_ratio = 0.0;
    else if (observed == count.high())
        test.odds_ratio = infinity;
    else
        test.odds_ratio = odds_at_root([&](double log_odds) { return count.mean(log_odds) - observed; });
    return test;
}

std::optional<double> fisher_exact(std::span<const Incidence> groups) {
    if (groups.size() < 2) return std::nullopt;
    std::vector<int> sizes;
    int with = 0;
    double tables = 1, observed = 0;
    for (const Incidence& group : groups) {
        STELLATE_ASSERT(group.with >= 0 && group.without >= 0, group.with, group.without);
        sizes.push_back(group.with + group.without);
        with += group.with;
        observed += log_choose(sizes.back(), group.with);
        tables *= sizes.back() + 1.0;
    }
    tables /= sizes.back() + 1.0;  // the last group takes what is left
    if (tables > 1e7) return std::nullopt;

    int animals = 0;
    for (const int size : sizes) animals += size;
    const double log_all = log_choose(animals, with);
    const double limit = std::exp(observed - log_all) * as_probable;
    double as_extreme = 0;
    const std::function<void(std::size_t, int, double)> visit = [&](std::size_t group, int left, double log_weight) {
        if (group + 1 == sizes.size()) {
            if (left > sizes[group]) return;
            const double p = std::exp(log_weight + log_choose(sizes[group], left) - log_all);
            if (p <= limit) as_extreme += p;
            return;
        }
        for (int count = 0; count <= std::min(left, sizes[group]); ++count)
            visit(group + 1, left - count, log_weight + log_choose(sizes[group], count));
    };
    visit(0, with, 0);
    return as_p_value(as_extreme);
}

}  // namespace stellate::statistics
