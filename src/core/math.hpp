// Transcendental functions whose bits are ours. The C library's differ between versions and processors, so nothing that
// reaches the state of a world may come from it; these use only + - * / and sqrt, which IEEE 754 fixes to the last bit
// (the build forbids FMA contraction).
//
// Accuracy against the exact value of the doubles given, tested in tests/unit/core/math_test.cpp: exp, log, sin_turn,
// cos_turn and chance within 2 ulp everywhere, subnormal results and neighbours of zeros included. power, pow and hill
// magnify the rounding of their steps and say by how much. A NaN that goes in comes out, but pow(NaN, 0) is 1.
#pragma once

namespace stellate::math {

double exp(double x);  // 0 below -745.2, infinity above 709.78
double log(double x);  // -infinity at 0, NaN below
double pow(double base,
           double exponent);  // base >= 0; within 2 + 2 |exponent log(base)| ulp, and as power if that serves
double power(double base, int exponent);  // by repeated multiplication, exponent >= 0; within 1 + exponent ulp
double sin_turn(double turns);            // sin(2 pi turns); NaN if turns is infinite
double cos_turn(double turns);            // cos(2 pi turns)

// 1 - exp(-x) without cancellation for small x, 0 for x <= 0: the chance of at least one event of a hazard x.
double chance(double x);

// Does the exponential time -log u of mean 1 certainly exceed x? -log u >= 1 - u spares nearly everybody the logarithm.
inline bool surely_later(double u, double x) { return 1.0 - u > x * (1 + 1e-9); }

// Is u >= chance(x) certainly? chance(x) <= x spares nearly everybody the exponential.
inline bool surely_none(double u, double x) { return u > x * (1 + 1e-9); }

// Hill response s^n / (s^n + h^n); 0 at s = 0 and 1 at s = infinity exactly. h > 0, n > 0; within 3 + 2 n (1 +
// |log(h/s)|) ulp where s^n / h^n does not underflow.
double hill(double s, double half_max, double n);

}  // namespace stellate::math
