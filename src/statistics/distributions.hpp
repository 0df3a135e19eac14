// Probability distributions as the statistics need them: plain functions over Boost.Math, whose headers stay in this
// file's .cpp. Arguments outside the stated ranges are a programmer's mistake (assertion). Nothing here reaches the
// state of a simulation, so the C library's functions are allowed.
#pragma once

namespace stellate::statistics {

// Which departures from the null hypothesis count; `greater` means that the first sample or share is the larger one.
enum class Alternative { two_sided, less, greater };

double normal_cdf(double z);
double normal_quantile(double p);  // 0 < p < 1

double student_t_quantile(double p, double degrees_of_freedom);  // 0 < p < 1, degrees of freedom > 0
// p-value of a t statistic, in (0, 1]: a tail too small for a double is given as the smallest normal double.
double student_t_p_value(double t, double degrees_of_freedom, Alternative alternative = Alternative::two_sided);
// The same for a standard normal statistic.
double normal_p_value(double z, Alternative alternative = Alternative::two_sided);

double beta_quantile(double p, double a, double b);  // 0 < p < 1, a > 0, b > 0
double log_choose(int n, int k);                     // log of n over k, 0 <= k <= n
double gamma_ratio(double a, double b);              // Gamma(a) / Gamma(b), a > 0, b > 0

// Brings a computed probability into (0, 1]: rounding above 1 becomes 1, underflow to 0 the smallest normal double.
double as_p_value(double probability);

}  // namespace stellate::statistics
