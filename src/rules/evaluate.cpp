// Evaluation of compiled rules, one cell or many, and the bands of silence around a baseline.
#include <algorithm>
#include <limits>

#include "core/math.hpp"
#include "rules/hill_rules.hpp"

namespace stellate::rules {

namespace {

constexpr std::int64_t chunk = 256;  // cells whose sums are kept on the stack at a time

// s/h with negative signals as 0; NaN stays.
inline double relative(double signal, double inverse_half_max) {
    return (signal < 0 ? 0.0 : signal) * inverse_half_max;
}

// u/(1+u), 1 for a sum that overflowed; NaN stays.
inline double saturating(double u) {
    const double bounded = u > 1e300 ? 1e300 : u;
    return bounded / (1.0 + bounded);
}

// x^N by the same products in the same order as math::power, so that one cell and a batch agree to the last bit.
template <int N>
inline double whole_power(double x) {
    double result = 1.0;
    for (int n = N; n > 0; n >>= 1, x *= x)
        if (n & 1) result *= x;
    return result;
}

template <int N>
void add_whole_powers(std::int64_t cells, const float* signal, double inverse_half_max, double* sum) {
#pragma omp simd
    for (std::int64_t i = 0; i < cells; ++i)
        sum[i] += whole_power<N>(relative(static_cast<double>(signal[i]), inverse_half_max));
}

}  // namespace

const CompiledRules::Program& CompiledRules::program(int type) const {
    STELLATE_ASSERT(type >= 0 && static_cast<std::size_t>(type) < programs_.size(), type, programs_.size());
    return programs_[static_cast<std::size_t>(type)];
}

std::span<const int> CompiledRules::behaviours(int type) const { return program(type).behaviours; }
std::span<const int> CompiledRules::signals_used(int type) const { return program(type).signals; }

template <class Real>
double CompiledRules::sum_of(int first, int last, const Real* signals) const {
    double total = 0;
    for (int r = first; r < last; ++r) {
        const Response& response = responses_[static_cast<std::size_t>(r)];
        const double x = relative(static_cast<double>(signals[response.signal]), response.inverse_half_max);
        total += response.whole > 0 ? math::power(x, response.whole) : math::pow(x, response.power);
    }
    return total;
}

template <class Real>
void CompiledRules::evaluate_one(const Program& program, const Real* signals, Real* out) const {
    for (int d = program.first; d < program.last; ++d) {
        const Drive& drive = drives_[static_cast<std::size_t>(d)];
        double value = drive.base;
        if (drive.up < drive.down)
            value += (drive.high - drive.base) * saturating(sum_of(drive.up, drive.down, signals));
        if (drive.down < drive.end) value += (drive.low - value) * saturating(sum_of(drive.down, drive.end, signals));
        out[d - program.first] = static_cast<Real>(value);
    }
}

// A behaviour grows with the signals that increase it and falls with those that decrease it, so one corner is the
// largest.
void CompiledRules::upper_bounds(int type, const float* low, const float* high, double* out) const {
    const Program& rules = program(type);
    for (int d = rules.first; d < rules.last; ++d) {
        const Drive& drive = drives_[static_cast<std::size_t>(d)];
        double value = drive.base;
        if (drive.up < drive.down) value += (drive.high - drive.base) * saturating(sum_of(drive.up, drive.down, high));
        if (drive.down < drive.end) value += (drive.low - value) * saturating(sum_of(drive.down, drive.end, low));
        out[d - rules.first] = value;
    }
}

void CompiledRules::evaluate(int type, const float* signals, float* out) const {
    evaluate_one(program(type), signals, out);
}
void CompiledRules::evaluate(int type, const double* signals, double* out) const {
    evaluate_one(program(type), signals, out);
}

void CompiledRules::evaluate_batch(int type, std::int64_t cells, const float* const* signals, float* const* out) const {
    const Program& rules = program(type);
    alignas(64) double up[chunk], down[chunk];
    for (std::int64_t begin = 0; begin < cells; begin += chunk) {
        const std::int64_t n = std::min(chunk, cells - begin);
        const auto sum = [&](int first, int last, double* total) {
            std::fill(total, total + n, 0.0);
            for (int r = first; r < last; ++r) {
                const Response& response = responses_[static_cast<std::size_t>(r)];
                const float* s = signals[response.signal] + begin;
                const double inverse = response.inverse_half_max;
                switch (response.whole) {
                    case 1:
                        add_whole_powers<1>(n, s, inverse, total);
                        break;
                    case 2:
                        add_whole_powers<2>(n, s, inverse, total);
                        break;
                    case 3:
                        add_whole_powers<3>(n, s, inverse, total);
                        break;
                    case 4:
                        add_whole_powers<4>(n, s, inverse, total);
                        break;
                    case 5:
                        add_whole_powers<5>(n, s, inverse, total);
                        break;
                    case 6:
                        add_whole_powers<6>(n, s, inverse, total);
                        break;
                    case 7:
                        add_whole_powers<7>(n, s, inverse, total);
                        break;
                    case 8:
                        add_whole_powers<8>(n, s, inverse, total);
                        break;
                    default:
                        for (std::int64_t i = 0; i < n; ++i) {
                            const double x = relative(static_cast<double>(s[i]), inverse);
                            total[i] +=
                                response.whole > 0 ? math::power(x, response.whole) : math::pow(x, response.power);
                        }
                }
            }
        };
        for (int d = rules.first; d < rules.last; ++d) {
            const Drive drive = drives_[static_cast<std::size_t>(d)];
            const bool rises = drive.up < drive.down, falls = drive.down < drive.end;
            if (rises) sum(drive.up, drive.down, up);
            if (falls) sum(drive.down, drive.end, down);
            float* target = out[d - rules.first] + begin;
            const double span = drive.high - drive.base;
            if (rises && falls) {
#pragma omp simd
                for (std::int64_t i = 0; i < n; ++i) {
                    const double value = drive.base + span * saturating(up[i]);
                    target[i] = static_cast<float>(value + (drive.low - value) * saturating(down[i]));
                }
            } else if (rises) {
#pragma omp simd
                for (std::int64_t i = 0; i < n; ++i)
                    target[i] = static_cast<float>(drive.base + span * saturating(up[i]));
            } else {
#pragma omp simd
                for (std::int64_t i = 0; i < n; ++i)
                    target[i] = static_cast<float>(drive.base + (drive.low - drive.base) * saturating(down[i]));
            }
        }
    }
}

// --- Silent bands

// Least and greatest value of one behaviour while every signal stays inside its band: the behaviour grows with U and
// falls with D, and each of those grows with every signal, so the corners of the band are the extremes. A signal on
// both sides counts at both its ends, which can only make the range wider.
struct CompiledRules::Interval {
    double low, high;
};

CompiledRules::Interval CompiledRules::range_of(const Drive& drive, const Program& program,
                                                std::span<const double> baseline,
                                                std::span<const SilentBand> bands) const {
    const auto sum = [&](int first, int last, int side) {
        double total = 0;
        for (int r = first; r < last; ++r) {
            const Response& response = responses_[static_cast<std::size_t>(r)];
            const auto position = std::lower_bound(program.signals.begin(), program.signals.end(), response.signal) -
                                  program.signals.begin();
            const SilentBand& band = bands[static_cast<std::size_t>(position)];
            const double s =
                baseline[static_cast<std::size_t>(response.signal)] + (side > 0 ? band.above : -band.below);
            const double x = relative(s, response.inverse_half_max);
            total += response.whole > 0 ? math::power(x, response.whole) : math::pow(x, response.power);
        }
        return saturating(total);
    };
    const auto value = [&](double u, double d) {
        const double raised = drive.base + (drive.high - drive.base) * u;
        return raised + (drive.low - raised) * d;
    };
    return {value(sum(drive.up, drive.down, -1), sum(drive.down, drive.end, 1)),
            value(sum(drive.up, drive.down, 1), sum(drive.down, drive.end, -1))};
}

namespace {
// The largest x in [0, most] that `good` accepts; good(0) holds and good is monotone. `most` may be infinite.
template <class Good>
double largest(double most, double first_step, const Good& good) {
    if (good(most)) return most;
    double low = 0, high = std::min(first_step, most);
    while (high < most && good(high)) {
        low = high;
        high = std::min(2 * high, most);
        if (high > 1e300) return low;
    }
    for (int i = 0; i < 60; ++i) {
        const double middle = 0.5 * (low + high);
        (good(middle) ? low : high) = middle;
    }
    return low;
}
}  // namespace

std::vector<SilentBand> CompiledRules::largest_silent_deviation(int type, std::span<const double> baseline,
                                                                std::span<const double> tolerance) const {
    const Program& rules = program(type);
    STELLATE_ASSERT(tolerance.size() == rules.behaviours.size(), tolerance.size(), rules.behaviours.size());
    const std::size_t count = rules.signals.size();
    const std::vector<SilentBand> none(count);
    std::vector<double> rest;
    for (int d = rules.first; d < rules.last; ++d)
        rest.push_back(range_of(drives_[static_cast<std::size_t>(d)], rules, baseline, none).low);
    const auto silent = [&](const std::vector<SilentBand>& bands, double share) {
        for (int d = rules.first; d < rules.last; ++d) {
            const auto k = static_cast<std::size_t>(d - rules.first);
            const Interval range = range_of(drives_[static_cast<std::size_t>(d)], rules, baseline, bands);
            if (!(range.high - rest[k] <= share * tolerance[k] && rest[k] - range.low <= share * tolerance[k]))
                return false;
        }
        return true;
    };
    // Each signal alone, given a share of the tolerances.
    const auto alone = [&](double share) {
        std::vector<SilentBand> bands(count);
        for (std::size_t k = 0; k < count; ++k) {
            std::vector<SilentBand> one(count);
            const double here = baseline[static_cast<std::size_t>(rules.signals[k])];
            const double above = largest(std::numeric_limits<double>::infinity(), 1e-9, [&](double x) {
                one[k] = {0, x};
                return silent(one, share);
            });
            const double below = largest(std::max(here, 0.0), 1e-9, [&](double x) {
                one[k] = {x, 0};
                return silent(one, share);
            });
            bands[k] = {below, above};
        }
        return bands;
    };
    // Then the largest share at which all of them together keep within the whole tolerance.
    double low = 0, high = 1;
    std::vector<SilentBand> best = alone(1);
    if (silent(best, 1)) return best;
    best = none;
    for (int i = 0; i < 30; ++i) {
        const double share = 0.5 * (low + high);
        std::vector<SilentBand> bands = alone(share);
        if (silent(bands, 1)) {
            low = share;
            best = std::move(bands);
        } else {
            high = share;
        }
    }
    return best;
}

}  // namespace stellate::rules
