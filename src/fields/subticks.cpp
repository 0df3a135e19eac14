#include "fields/subticks.hpp"

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/math.hpp"

namespace stellate::fields {

double relaxation_error(double rate_per_min, double tick_min, int steps) {
    STELLATE_ASSERT(rate_per_min >= 0 && tick_min > 0 && steps >= 1, rate_per_min, tick_min, steps);
    const double turn = rate_per_min * tick_min;
    const double exact = math::exp(-turn), scheme = 1.0 / math::power(1.0 + turn / steps, steps);
    // The error after m ticks, scheme^m - exact^m, has one maximum, near m = 1 / turn.
    double worst = 0, a = 1, b = 1;
    for (;;) {
        a *= scheme;
        b *= exact;
        if (a - b <= worst) return worst;
        worst = a - b;
    }
}

int subticks(double rate_per_min, double tick_min, double tolerance) {
    STELLATE_ASSERT(tolerance > 0, tolerance);
    int steps = 1;
    while (relaxation_error(rate_per_min, tick_min, steps) > tolerance) ++steps;
    return steps;
}

}  // namespace stellate::fields
