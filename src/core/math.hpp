// Transcendental functions whose bits are ours. The C library's differ between versions and processors, so nothing that
// reaches the state of a world may come from it; these use only + - * / and sqrt, which IEEE 754 fixes to the last bit
// (the build forbids FMA contraction). Accuracy: within 2 ulp over the ranges the simulator uses (tests/unit/core).
#pragma once

namespace stellate::math {

double exp(double x);              // 0 below -745, infinity above 709.78
double log(double x);              // x > 0
double pow(double base, double exponent);  // base >= 0
double power(double base, int exponent);   // by repeated multiplication, exponent >= 0
double sin_turn(double turns);     // sin(2 pi turns)
double cos_turn(double turns);     // cos(2 pi turns)

// 1 - exp(-x) without cancellation for small x >= 0: the chance of at least one event of a hazard x.
double chance(double x);

// Hill response s^n / (s^n + h^n); 0 at s = 0 and 1 at s = infinity exactly. h > 0, n > 0.
double hill(double s, double half_max, double n);

}  // namespace stellate::math
