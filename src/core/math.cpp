#include "core/math.hpp"

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace stellate::math {

namespace {
// ln 2 split so that k * high is exact for |k| < 2^11 (Cody and Waite).
constexpr double ln2_high = 0x1.62e42fefa3800p-1;
constexpr double ln2_low = 0x1.ef35793c76730p-45;
constexpr double two_pi = 6.283185307179586476925;

double scale_by_two(double value, int exponent) {  // value * 2^exponent, exponent in the normal range
    return value * std::bit_cast<double>(static_cast<std::uint64_t>(exponent + 1023) << 52);
}

// exp(x) = 2^k (1 + q) with |x - k ln 2| <= ln 2 / 2: returns q, correct to its own last bits also where x is small.
double reduced_exp(double x, double& k) {
    k = std::floor(x * (1.0 / 0.693147180559945309417) + 0.5);
    const double r = (x - k * ln2_high) - k * ln2_low;
    // Taylor to r^13 by Horner: truncation below 2^-58 at |r| = 0.35.
    double p = 1.0 / 6227020800.0;
    p = p * r + 1.0 / 479001600.0;
    p = p * r + 1.0 / 39916800.0;
    p = p * r + 1.0 / 3628800.0;
    p = p * r + 1.0 / 362880.0;
    p = p * r + 1.0 / 40320.0;
    p = p * r + 1.0 / 5040.0;
    p = p * r + 1.0 / 720.0;
    p = p * r + 1.0 / 120.0;
    p = p * r + 1.0 / 24.0;
    p = p * r + 1.0 / 6.0;
    p = p * r + 0.5;
    return r + r * r * p;
}
}  // namespace

double exp(double x) {
    if (!(x > -745.2)) return x != x ? x : 0.0;
    if (x > 709.782712893384) return std::numeric_limits<double>::infinity();
    double k = 0;
    const double e = 1.0 + reduced_exp(x, k);
    const int n = static_cast<int>(k);
    if (n < -1000) return scale_by_two(scale_by_two(e, n + 200), -200);
    if (n > 1000) return scale_by_two(scale_by_two(e, n - 200), 200);
    return scale_by_two(e, n);
}

double log(double x) {
    if (!(x > 0)) return x == 0 ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::quiet_NaN();
    if (x == std::numeric_limits<double>::infinity()) return x;
    int exponent = 0;
    if (x < std::numeric_limits<double>::min()) {
        x *= 0x1p54;
        exponent = -54;
    }
    const auto bits = std::bit_cast<std::uint64_t>(x);
    exponent += static_cast<int>(bits >> 52) - 1023;
    double m = std::bit_cast<double>((bits & 0x000fffffffffffffULL) | 0x3ff0000000000000ULL);
    if (m > 1.41421356237309504880) {
        m *= 0.5;
        ++exponent;
    }
    // log m = 2 atanh(s), s = (m-1)/(m+1), |s| <= 0.1716; odd series to s^21 is below 2^-58.
    const double f = m - 1.0;
    const double s = f / (2.0 + f);
    const double z = s * s;
    double p = 1.0 / 21.0;
    p = p * z + 1.0 / 19.0;
    p = p * z + 1.0 / 17.0;
    p = p * z + 1.0 / 15.0;
    p = p * z + 1.0 / 13.0;
    p = p * z + 1.0 / 11.0;
    p = p * z + 1.0 / 9.0;
    p = p * z + 1.0 / 7.0;
    p = p * z + 1.0 / 5.0;
    p = p * z + 1.0 / 3.0;
    // 2 s = f - s f, so the leading term f is exact and the rest is small.
    const double tail = 2.0 * s * z * p - s * f;
    const double k = exponent;
    return k * ln2_high + (f + (tail + k * ln2_low));
}

double pow(double base, double exponent) {
    if (exponent == 0) return 1.0;
    if (base == 0) return exponent > 0 ? 0.0 : std::numeric_limits<double>::infinity();
    const double whole = std::floor(exponent);
    if (whole == exponent && exponent > 0 && exponent <= 64) return power(base, static_cast<int>(exponent));
    return exp(exponent * log(base));
}

double power(double base, int exponent) {
    double result = 1.0;
    for (double b = base; exponent > 0; exponent >>= 1, b *= b)
        if (exponent & 1) result *= b;
    return result;
}

namespace {
double sin_small(double r) {  // |r| <= pi/4
    const double z = r * r;
    double p = -1.0 / 1307674368000.0;
    p = p * z + 1.0 / 6227020800.0;
    p = p * z - 1.0 / 39916800.0;
    p = p * z + 1.0 / 362880.0;
    p = p * z - 1.0 / 5040.0;
    p = p * z + 1.0 / 120.0;
    p = p * z - 1.0 / 6.0;
    return r + r * z * p;
}
double cos_small(double r) {
    const double z = r * r;
    double p = 1.0 / 20922789888000.0;
    p = p * z - 1.0 / 87178291200.0;
    p = p * z + 1.0 / 479001600.0;
    p = p * z - 1.0 / 3628800.0;
    p = p * z + 1.0 / 40320.0;
    p = p * z - 1.0 / 720.0;
    p = p * z + 1.0 / 24.0;
    return 1.0 - (0.5 * z - z * z * p);
}
}  // namespace

namespace {
// sin(2 pi (turns + shift / 4)). Both reductions are exact, so the zeros are exact and the sine is good next to them.
double sine(double turns, int shift) {
    const double t = std::abs(turns) < 1.0 ? turns : turns - std::floor(turns);
    if (!(t > -1.0 && t < 1.0)) return std::numeric_limits<double>::quiet_NaN();
    const double quarter = std::floor(4.0 * t + 0.5);  // -4..4
    const double r = (t - 0.25 * quarter) * two_pi;
    switch ((static_cast<int>(quarter) + shift) & 3) {
        case 0:
            return sin_small(r);
        case 1:
            return cos_small(r);
        case 2:
            return -sin_small(r);
        default:
            return -cos_small(r);
    }
}
}  // namespace

double sin_turn(double turns) { return sine(turns, 0); }
double cos_turn(double turns) { return sine(turns, 1); }

double chance(double x) {
    if (x <= 0) return 0.0;
    if (!(x < 40)) return x != x ? x : 1.0;  // exp(-40) is below a quarter of the last bit of 1
    double k = 0;
    const double q = reduced_exp(-x, k);
    const double scale = scale_by_two(1.0, static_cast<int>(k));
    return (1.0 - scale) - scale * q;
}

double hill(double s, double half_max, double n) {
    if (!(s > 0)) return s != s ? s : 0.0;
    // (h/s)^n cannot overflow into nonsense: infinity gives 0 and 0 gives 1.
    return 1.0 / (1.0 + pow(half_max / s, n));
}

}  // namespace stellate::math
