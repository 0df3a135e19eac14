#include "statistics/distributions.hpp"

#include <algorithm>
#include <boost/math/distributions/beta.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <limits>

#include "core/error.hpp"

namespace stellate::statistics {

namespace {

// P-value from the two tails of a symmetric continuous distribution; `upper_tail` maps z >= 0 to P(Z > z).
template <class UpperTail>
double symmetric_p_value(double z, Alternative alternative, UpperTail upper_tail) {
    const double beyond = upper_tail(std::abs(z));
    if (alternative == Alternative::two_sided) return as_p_value(2.0 * beyond);
    const bool towards = (alternative == Alternative::greater) == (z >= 0);
    return as_p_value(towards ? beyond : 1.0 - beyond);
}

}  // namespace

double normal_cdf(double z) { return boost::math::cdf(boost::math::normal(), z); }

double normal_quantile(double p) {
    STELLATE_ASSERT(p > 0 && p < 1, p);
    return boost::math::quantile(boost::math::normal(), p);
}

double student_t_quantile(double p, double degrees_of_freedom) {
    STELLATE_ASSERT(p > 0 && p < 1 && degrees_of_freedom > 0, p, degrees_of_freedom);
    return boost::math::quantile(boost::math::students_t(degrees_of_freedom), p);
}

double student_t_p_value(double t, double degrees_of_freedom, Alternative alternative) {
    STELLATE_ASSERT(std::isfinite(t) && degrees_of_freedom > 0, t, degrees_of_freedom);
    const boost::math::students_t distribution(degrees_of_freedom);
    return symmetric_p_value(t, alternative,
                             [&](double z) { return boost::math::cdf(boost::math::complement(distribution, z)); });
}

double normal_p_value(double z, Alternative alternative) {
    STELLATE_ASSERT(std::isfinite(z), z);
    return symmetric_p_value(
        z, alternative, [](double s) { return boost::math::cdf(boost::math::complement(boost::math::normal(), s)); });
}

double beta_quantile(double p, double a, double b) {
    STELLATE_ASSERT(p > 0 && p < 1 && a > 0 && b > 0, p, a, b);
    return boost::math::quantile(boost::math::beta_distribution<>(a, b), p);
}

double log_choose(int n, int k) {
    STELLATE_ASSERT(k >= 0 && k <= n, n, k);
    return boost::math::lgamma(n + 1.0) - boost::math::lgamma(k + 1.0) - boost::math::lgamma(n - k + 1.0);
}

double gamma_ratio(double a, double b) {
    STELLATE_ASSERT(a > 0 && b > 0, a, b);
    return boost::math::tgamma_ratio(a, b);
}

double as_p_value(double probability) {
    STELLATE_ASSERT(!std::isnan(probability), probability);
    return std::clamp(probability, std::numeric_limits<double>::min(), 1.0);
}

}  // namespace stellate::statistics
