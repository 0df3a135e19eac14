// P06: durations, growth and shares of the cell cycle, through the production life of cells.
//
// The program's cycle is G1 (left at a rate, so exponential), S and G2M (Erlang durations of a common shape, or fixed).
// Its exact laws follow from there; the tables of verification suites with four Erlang phases are of another cycle.
// With L_i the Laplace transforms of the durations, growth alpha solves 2 L_G1 L_S L_G2M = 1 and the share of phase i
// is 2 (product of L over earlier phases) (1 - L_i).
//
// Who is born or changes type inside a tick lives the rest of it in the next one. So a count at the end of a tick is
// not yet that of the continuous law, and the expectations below are those of the scheme: `Unlived`.
#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "core/units.hpp"
#include "verification/culture.hpp"
#include "verification/populations.hpp"
#include "verification/sampling.hpp"

namespace stellate::verification {

namespace {

using Dish = Culture<SectionShape>;
constexpr double hour = 60;
constexpr double at_once = 1e9;  // 1/min
const char* const exact_law = "exact law";

std::string tick_text(double tick_min) { return ", tick " + shortest(tick_min) + " min"; }

// --- P06

struct Cycle {
    double g1, s, g2m;  // means, min
    int shape;          // of s and g2m; 0: fixed
};

Kind kind_of(const Cycle& c, double death = 0) {
    return {.entry = 1 / c.g1, .death = death, .s_phase = c.s, .g2m = c.g2m, .shape = c.shape};
}

double laplace(double mean, int shape, double alpha) {
    return shape == 0 ? std::exp(-alpha * mean) : std::pow(1 + alpha * mean / shape, -shape);
}

double growth_of(const Cycle& c) {
    double low = 0, high = 1;
    for (int n = 0; n < 200; ++n) {
        const double alpha = 0.5 * (low + high);
        const double newborns =
            2 * laplace(c.g1, 1, alpha) * laplace(c.s, c.shape, alpha) * laplace(c.g2m, c.shape, alpha);
        (newborns > 1 ? low : high) = alpha;
    }
    return 0.5 * (low + high);
}

std::array<double, 3> shares_of(const Cycle& c) {
    const double alpha = growth_of(c);
    const double g1 = laplace(c.g1, 1, alpha), s = laplace(c.s, c.shape, alpha), g2m = laplace(c.g2m, c.shape, alpha);
    return {2 * (1 - g1), 2 * g1 * (1 - s), 2 * g1 * s * (1 - g2m)};
}

struct Expected {
    double time = 0, divisions = 0;    // min; a minute, per founder
    std::array<double, 3> cells = {};  // in G1, S and G2M
};

// Of one cell that begins G1 at time 0, at the given times (ascending). Erlang phases are chains of exponential stages
// (Runge-Kutta 4); with fixed durations G1' = -a G1 + 2 a G1(t - D), and S and G2M hold who entered in the last s and
// the g2m before (trapezoids). Both to 1e-6 at this step.
std::vector<Expected> expected_phases(const Cycle& c, const std::vector<double>& times) {
    constexpr double dt = 0.1;  // min
    std::vector<Expected> out;
    const double a = 1 / c.g1;
    if (c.shape == 0) {
        std::vector<double> g1 = {1}, entered = {0};  // G1 and its integral times a, by step
        const auto delay = std::size_t(std::lround((c.s + c.g2m) / dt)), s_steps = std::size_t(std::lround(c.s / dt));
        const auto divisions = [&](std::size_t n) { return n >= delay ? a * g1[n - delay] : 0.0; };
        for (const double time : times) {
            while (double(g1.size() - 1) * dt < time - 0.5 * dt) {
                const std::size_t n = g1.size() - 1;
                g1.push_back((g1[n] * (1 - 0.5 * a * dt) + dt * (divisions(n) + divisions(n + 1))) /
                             (1 + 0.5 * a * dt));
                entered.push_back(entered[n] + 0.5 * dt * a * (g1[n] + g1[n + 1]));
            }
            const std::size_t n = g1.size() - 1;
            const auto by = [&](std::size_t back) { return n >= back ? entered[n - back] : 0.0; };
            out.push_back({time, divisions(n), {g1[n], entered[n] - by(s_steps), by(s_steps) - by(delay)}});
        }
        return out;
    }
    const auto k = std::size_t(c.shape);
    std::vector<double> x(1 + 2 * k, 0.0);
    x[0] = 1;
    const double b = double(k) / c.s, d = double(k) / c.g2m;
    const auto slope = [&](const std::vector<double>& y) {
        std::vector<double> f(y.size());
        f[0] = 2 * d * y[2 * k] - a * y[0];
        for (std::size_t n = 1; n <= 2 * k; ++n) {
            const double in = n == 1 ? a * y[0] : (n <= k + 1 ? b : d) * y[n - 1];
            f[n] = in - (n <= k ? b : d) * y[n];
        }
        return f;
    };
    double now = 0;
    for (const double time : times) {
        for (; now < time - 0.5 * dt; now += dt) {
            const auto along = [&x](const std::vector<double>& f, double step) {
                std::vector<double> y = x;
                for (std::size_t n = 0; n < y.size(); ++n) y[n] += step * f[n];
                return y;
            };
            const auto f1 = slope(x), f2 = slope(along(f1, dt / 2)), f3 = slope(along(f2, dt / 2)),
                       f4 = slope(along(f3, dt));
            for (std::size_t n = 0; n < x.size(); ++n) x[n] += dt / 6 * (f1[n] + 2 * f2[n] + 2 * f3[n] + f4[n]);
        }
        Expected e{time, d * x[2 * k], {x[0], 0, 0}};
        for (std::size_t n = 1; n <= 2 * k; ++n) e.cells[n <= k ? 1 : 2] += x[n];
        out.push_back(e);
    }
    return out;
}

// What the newborns of the last tick have not yet done at its end: leave G1 or die. Per newborn a minute, with a
// constant stream of them; who would leave S as well is neglected.
struct Unlived {
    double all, in_s;  // cells too many; cells that will be in S but are not yet
    Unlived(double entry, double death, double tick) {
        const auto by = [tick](double rate) {
            return rate > 0 ? tick + std::expm1(-rate * tick) / rate : 0.0;
        };  // of 1 - exp
        all = by(death);
        in_s = by(entry + death) - by(death);
    }
    std::array<double, 3> correct(std::array<double, 3> cells, double newborns) const {
        return {cells[0] + newborns * (all + in_s), cells[1] - newborns * in_s, cells[2]};
    }
};

std::string shape_text(int shape) {
    return shape == 0 ? "fixed" : shape == 1 ? "exponential" : "Erlang " + std::to_string(shape);
}

constexpr Phase phases[3] = {Phase::g1, Phase::s, Phase::g2m};
constexpr const char* phase_names[3] = {"G1", "S", "G2M"};

// Expected numbers at finite times, from 1 cell in G1.
void transients(const Mutation& m, int shape, double tick, double death, std::size_t clones,
                const std::vector<double>& times, std::vector<Check>& checks) {
    const Cycle cycle{5 * hour, 8 * hour, 5 * hour, shape};
    Cycle run = cycle;
    run.g1 *= m.of("G1"), run.s *= m.of("S"), run.g2m *= m.of("G2M");
    Dish dish({kind_of(run, death * m.of("death"))}, tick, 600 + std::uint64_t(shape), {6, 6, 1});
    dish.found(0, clones);
    const Unlived unlived(1 / cycle.g1, death, tick);
    for (const double time : times) {
        // Newborns weigh by the rest of the tick they have: the stream is that of a third of it.
        const auto expected = expected_phases(cycle, {time - 2 * tick / 3, time});
        const auto alive = [death](const Expected& e) { return std::exp(-death * e.time); };
        std::array<double, 3> cells = expected[1].cells;
        for (double& n : cells) n *= alive(expected[1]);
        cells = unlived.correct(cells, 2 * expected[0].divisions * alive(expected[0]));
        dish.run_until(time);
        for (int phase = 0; phase < 3; ++phase) {
            const Sample s = describe(dish.by_clone(0, phases[phase]));
            checks.push_back(estimate("P06",
                                      shape_text(shape) + (death > 0 ? ", dying at 0.02/h" : "") + ": cells in " +
                                          phase_names[phase] + " after " + shortest(time / hour) + " h" +
                                          tick_text(tick),
                                      cells[std::size_t(phase)], s.mean, s.mean_error(), exact_law));
        }
    }
}

// Sum over clones of y over the sum of x, with its standard error.
std::pair<double, double> ratio(const std::vector<double>& y, const std::vector<double>& x) {
    double sum_y = 0, sum_x = 0, squares = 0;
    for (std::size_t n = 0; n < x.size(); ++n) sum_y += y[n], sum_x += x[n];
    const double r = sum_y / sum_x;
    for (std::size_t n = 0; n < x.size(); ++n) squares += (y[n] - r * x[n]) * (y[n] - r * x[n]);
    return {r, std::sqrt(squares) / sum_x};
}

void long_run(const Mutation& m, int shape, double death, std::vector<Check>& checks) {
    const Cycle cycle{5 * hour, 8 * hour, 5 * hour, shape};
    Cycle run = cycle;
    run.g1 *= m.of("G1"), run.s *= m.of("S"), run.g2m *= m.of("G2M");
    Dish dish({kind_of(run, death * m.of("death"))}, 60, 620 + std::uint64_t(shape), {6, 6, 1});
    dish.found(0, 3000);
    dish.run_until(80 * hour);
    const auto before = dish.by_clone(0);
    dish.run_until(104 * hour);
    const auto after = dish.by_clone(0);
    const auto [factor, error] = ratio(after, before);
    const std::string with = shape_text(shape) + (death > 0 ? ", dying at 0.02/h" : "");
    checks.push_back(estimate("P06", with + ": growth from 80 to 104 h, 1/h", hour * (growth_of(cycle) - death),
                              std::log(factor) / 24, error / factor / 24, exact_law));
    const double alpha = growth_of(cycle);
    std::array<double, 3> shares = Unlived(1 / cycle.g1, death, 60).correct(shares_of(cycle), 2 * alpha);
    const double sum = shares[0] + shares[1] + shares[2];
    for (double& n : shares) n /= sum;
    for (int phase = 0; phase < 3; ++phase) {
        const auto [got, share_error] = ratio(dish.by_clone(0, phases[phase]), after);
        checks.push_back(estimate("P06", with + ": share in " + phase_names[phase] + " after 104 h",
                                  shares[std::size_t(phase)], got, share_error, exact_law));
    }
}

// Durations of one phase: all cells enter it at once, and who is still in it is counted at every tick.
void durations(const Mutation& m, bool s_phase, int shape, std::vector<Check>& checks) {
    constexpr double tick = 60;
    constexpr std::size_t cells = 100000;
    const double mean = (s_phase ? 8 : 5) * hour;
    const double in_effect = mean * m.of(s_phase ? "S" : "G2M");
    Kind kind{.entry = at_once, .s_phase = s_phase ? in_effect : 0, .g2m = s_phase ? 1e7 : in_effect, .shape = shape};
    Dish dish({kind}, tick, 640 + std::uint64_t(shape), {6, 6, 1});
    dish.found(0, cells);
    const auto longer = [&](double t) {  // exact share that lasts longer
        const double x = shape * t / mean;
        double term = 1, sum = 0;
        for (int n = 0; n < shape; term *= x / ++n) sum += term;
        return std::exp(-x) * sum;
    };
    double lived = tick, exact_lived = tick, gap = 0;
    for (int n = 1; n * tick < 12 * mean; ++n) {
        dish.run(1);
        dish.set_entry(0, 0);  // daughters stay out of it
        const double left = dish.count(0, s_phase ? Phase::s : Phase::g2m) / double(cells);
        lived += tick * left;
        exact_lived += tick * longer(n * tick);
        gap = std::max(gap, std::abs(left - longer(n * tick)));
        if (left == 0) break;
    }
    const std::string what = shape_text(shape) + " durations of " + (s_phase ? "S" : "G2M");
    checks.push_back(estimate("P06", what + ": mean in whole ticks, min", exact_lived, lived,
                              std::sqrt((mean * mean / shape + tick * tick / 12) / double(cells)), exact_law));
    checks.push_back({"P06", what + ": Kolmogorov-Smirnov distance", 0, gap, 2.5 / std::sqrt(double(cells)),
                      Check::Tier::statistical, exact_law, false});
}

std::vector<Check> p06(const Mutation& m) {
    std::vector<Check> checks;
    for (const int shape : {1, 5, 20}) {
        durations(m, true, shape, checks);
        durations(m, false, shape, checks);
    }
    for (const int shape : {0, 1, 5, 20}) {
        transients(m, shape, 60, 0, 20000, {12 * hour, 24 * hour, 48 * hour}, checks);
        long_run(m, shape, 0, checks);
    }
    transients(m, 5, 6, 0, 5000, {12 * hour, 24 * hour}, checks);
    // Death at one rate in every phase shifts growth and leaves the shares.
    transients(m, 5, 60, 0.02 / hour, 40000, {12 * hour, 24 * hour, 48 * hour}, checks);
    long_run(m, 5, 0.02 / hour, checks);
    return checks;
}

}  // namespace

Case cycle_case() {
    return {"P06",
            "populations",
            "durations, growth and shares of the cell cycle",
            p06,
            {{"G1", 1.03}, {"S", 1.01}, {"G2M", 1.01}, {"death", 1.05}}};
}

}  // namespace stellate::verification
