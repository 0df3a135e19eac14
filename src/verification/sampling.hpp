// Estimates with their standard errors, for checks of the statistical tier. A check's tolerance is 4.42 standard
// errors: by the exact law one check in 100,000 would fail, and seeds are fixed, so what passes once passes for ever.
#pragma once

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "verification/check.hpp"

namespace stellate::verification {

inline constexpr double z_limit = 4.42;

struct Sample {
    double count = 0, mean = 0, variance = 0, fourth = 0;  // fourth: central moment

    double mean_error() const { return std::sqrt(variance / count); }
    double variance_error() const { return std::sqrt((fourth - variance * variance) / count); }
};

inline Sample describe(const std::vector<double>& values) {
    Sample s;
    s.count = double(values.size());
    for (const double v : values) s.mean += v / s.count;
    double squares = 0;
    for (const double v : values) {
        const double square = (v - s.mean) * (v - s.mean);
        squares += square;
        s.fourth += square * square / s.count;
    }
    s.variance = squares / (s.count - 1);
    return s;
}

inline Check estimate(const char* id, std::string what, double expected, double got, double standard_error,
                      const char* source) {
    return {id, std::move(what), expected, got, z_limit * standard_error, Check::Tier::statistical, source, false};
}

// A share of `trials` independent ones.
inline Check share(const char* id, std::string what, double expected, double successes, double trials,
                   const char* source) {
    return estimate(id, std::move(what), expected, successes / trials, std::sqrt(expected * (1 - expected) / trials),
                    source);
}

}  // namespace stellate::verification
