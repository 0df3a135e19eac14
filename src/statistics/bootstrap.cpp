#include "statistics/bootstrap.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/error.hpp"
#include "core/random.hpp"

namespace stellate::statistics {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

Picks everyone_once(std::span<const int> sizes) {
    Picks picks;
    for (const int size : sizes) {
        auto& stratum = picks.emplace_back(static_cast<std::size_t>(size));
        std::iota(stratum.begin(), stratum.end(), 0U);
    }
    return picks;
}

// Jackknife variance that one stratum contributes to the statistic: (n - 1) / n times the sum of squared deviations of
// the leave-one-out values from their mean; for a mean this is s^2 / n exactly. NaN if a value is missing.
double jackknife_variance(Picks picks, std::size_t stratum, const PickedStatistic& statistic) {
    const std::vector<std::uint32_t> all = picks[stratum];
    std::vector<double> values;
    for (std::size_t left_out = 0; left_out < all.size(); ++left_out) {
        picks[stratum] = all;
        picks[stratum].erase(picks[stratum].begin() + static_cast<std::ptrdiff_t>(left_out));
        values.push_back(statistic(picks));
    }
    const auto sd = standard_deviation(values);
    const auto n = static_cast<double>(all.size());
    return sd ? *sd * *sd * (n - 1) * (n - 1) / n : std::numeric_limits<double>::quiet_NaN();
}

// The normal deviate of the widened tails, f t. Where the jackknife shows no variance or has no value, the smallest
// stratum's factor and degrees of freedom stand in.
double widened_deviate(std::span<const int> sizes, const PickedStatistic& statistic, double confidence) {
    const Picks picks = everyone_once(sizes);
    double variance = 0, understated = 0, squares = 0;
    for (std::size_t s = 0; s < sizes.size(); ++s) {
        const double n = sizes[s], contribution = jackknife_variance(picks, s, statistic);
        variance += contribution;
        understated += contribution * (n - 1) / n;
        squares += contribution * contribution / (n - 1);
    }
    const double smallest = *std::min_element(sizes.begin(), sizes.end());
    double factor = std::sqrt(smallest / (smallest - 1)), degrees_of_freedom = smallest - 1;
    if (squares > 0 && std::isfinite(squares) && std::isfinite(variance * variance)) {
        factor = std::sqrt(variance / understated);
        degrees_of_freedom = variance * variance / squares;
    }
    return factor * student_t_quantile(0.5 + 0.5 * confidence, degrees_of_freedom);
}

// Quantile p of sorted values; the interpolation leaves infinities alone.
double sorted_quantile(std::span<const double> sorted, double p) {
    const double place = static_cast<double>(sorted.size() - 1) * p;
    const auto below = static_cast<std::size_t>(place);
    const double weight = place - static_cast<double>(below);
    if (weight == 0 || below + 1 >= sorted.size() || sorted[below] == sorted[below + 1]) return sorted[below];
    return sorted[below] + weight * (sorted[below + 1] - sorted[below]);
}

}  // namespace

std::optional<BootstrapResult> bootstrap(std::span<const int> sizes, const PickedStatistic& statistic,
                                         const BootstrapOptions& options) {
    STELLATE_ASSERT(options.resamples >= 1 && options.resamples <= 100'000'000, options.resamples);
    STELLATE_ASSERT(options.confidence > 0 && options.confidence < 1, options.confidence);
    for (const int size : sizes) STELLATE_ASSERT(size >= 0 && size <= 100'000, size);
    if (sizes.empty() || *std::min_element(sizes.begin(), sizes.end()) == 0) return std::nullopt;
    STELLATE_ASSERT(sizes.size() <= 40, sizes.size());  // tick = resample x strata + stratum must fit 32 bits
    BootstrapResult result;
    result.estimate = statistic(everyone_once(sizes));
    if (!std::isfinite(result.estimate)) return std::nullopt;
    if (*std::min_element(sizes.begin(), sizes.end()) < 3) return result;

    std::vector<double> values;
    values.reserve(static_cast<std::size_t>(options.resamples));
    Picks picks = everyone_once(sizes);
    const auto strata = static_cast<std::uint32_t>(sizes.size());
    for (std::uint32_t resample = 0; resample < static_cast<std::uint32_t>(options.resamples); ++resample) {
        for (std::uint32_t s = 0; s < strata; ++s) {
            Draws draws(options.seed, options.stream, resample * strata + s, Purpose::bootstrap);
            for (auto& pick : picks[s]) pick = draws.below(static_cast<std::uint32_t>(sizes[s]));
        }
        const double value = statistic(picks);
        if (std::isnan(value))
            ++result.undefined;
        else
            values.push_back(value);
    }
    std::sort(values.begin(), values.end());

    const double deviate = options.kind == BootstrapInterval::percentile
                               ? normal_quantile(0.5 + 0.5 * options.confidence)
                               : widened_deviate(sizes, statistic, options.confidence);
    const double tail = normal_cdf(-deviate);
    const auto undefined = static_cast<std::size_t>(result.undefined);
    std::vector<double> low(undefined, -infinity);
    low.insert(low.end(), values.begin(), values.end());
    values.insert(values.end(), undefined, infinity);
    const Interval interval{sorted_quantile(low, tail), sorted_quantile(values, 1 - tail)};
    if (std::isfinite(interval.lower) && std::isfinite(interval.upper)) result.interval = interval;
    return result;
}

}  // namespace stellate::statistics
