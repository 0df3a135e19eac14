// P05, P07-P10: samplers, sizes, growth that changes in time, clones and hazards, through the production life of cells.
#include <algorithm>
#include <array>
#include <cmath>
#include <functional>

#include "core/math.hpp"
#include "core/random.hpp"
#include "core/units.hpp"
#include "laboratory/animal.hpp"
#include "verification/culture.hpp"
#include "verification/populations.hpp"
#include "verification/sampling.hpp"

namespace stellate::verification {

namespace {

using Dish = Culture<SectionShape>;
constexpr double hour = 60;
constexpr double at_once = 1e9;  // 1/min
const char* const exact_law = "exact law";

Check exact(const char* id, std::string what, double expected, double got, double tolerance, const char* source) {
    return {id, std::move(what), expected, got, tolerance, Check::Tier::discrete_exact, source, true};
}

std::string tick_text(double tick_min) { return ", tick " + shortest(tick_min) + " min"; }

// --- P05

std::vector<Check> p05(const Mutation& m) {
    constexpr int count = 400000;
    std::vector<Check> checks;
    std::uint64_t sampler = 0;
    const auto row = [&](const std::string& what, double mean, double deviation, const char* source,
                         const std::function<double(Draws&)>& draw) {
        std::vector<double> values;
        ++sampler;
        for (std::uint32_t n = 0; n < count; ++n) {
            Draws draws(500 + sampler, n, 0, Purpose::test);
            values.push_back(draw(draws) * m.of("scale"));
        }
        const Sample s = describe(values);
        checks.push_back(estimate("P05", what + ": mean", mean, s.mean, deviation / std::sqrt(s.count), source));
        checks.push_back(
            estimate("P05", what + ": variance", deviation * deviation, s.variance, s.variance_error(), source));
    };
    const char* const community = "SBML stochastic test suite";
    row("uniform", 0.5, std::sqrt(1.0 / 12), exact_law, [](Draws& d) { return d.uniform(); });
    row("uniform, float", 0.5, std::sqrt(1.0 / 12), exact_law, [](Draws& d) { return double(d.uniform_float()); });
    row("whole numbers below 7", 3, 2, exact_law, [](Draws& d) { return double(d.below(7)); });
    row("exponential", 1, 1, community, [](Draws& d) { return d.exponential(); });
    row("exponential inside 0.25 to 0.75", 0.479252959, 0.143441548, community, [](Draws& d) {
        for (;;)
            if (const double x = d.exponential(); x >= 0.25 && x <= 0.75) return x;
    });
    row("normal", 0, 1, community, [](Draws& d) { return d.normal(); });
    row("normal of deviation 0.5 inside -0.5 to 0.5", 0, 0.269780047, community, [](Draws& d) {
        for (;;)
            if (const double x = 0.5 * d.normal(); std::abs(x) <= 0.5) return x;
    });
    row("Rayleigh 2, from an exponential", 2.506628275, 1.310272755, community,
        [](Draws& d) { return 2 * std::sqrt(2 * d.exponential()); });
    for (const int shape : {1, 2, 5, 20})
        row("Erlang " + std::to_string(shape), 1, 1 / std::sqrt(double(shape)), exact_law,
            [&m, shape](Draws& d) { return d.erlang(shape + m.is("one stage more")); });
    row("event of hazard 0.3", -std::expm1(-0.3), std::sqrt(-std::expm1(-0.3) * std::exp(-0.3)), exact_law,
        [](Draws& d) { return double(d.uniform() < math::chance(0.3)); });
    const double log_deviation = std::sqrt(std::log(1 + 0.3 * 0.3));
    row("variation between animals of CV 0.3", std::exp(0.5 * log_deviation * log_deviation),
        0.3 * std::exp(0.5 * log_deviation * log_deviation), exact_law,
        [](Draws& d) { return laboratory::variation_factor(d.bits(), "a record", 0.3); });
    return checks;
}

// --- P07

// Size of a newborn and of a dying cell: area in a section, volume in a block; radii are kept as floats.
template <class Shape>
void sizes(const Mutation& m, const char* measure, std::vector<Check>& checks) {
    constexpr double tick = 6, growth = 1000, single = 5e-6;
    const double power = Shape::flat ? 2 : 3;
    const auto mean_radius = [](const Culture<Shape>& dish) {
        double sum = 0, cells = 0;
        for (const auto* brick : dish.world().lattice.in_memory())
            for (const float r : brick->cells.radius) sum += r, ++cells;
        return sum / cells;
    };
    Culture<Shape> dish({Kind{.entry = at_once, .radius_um = 8, .growth = growth * m.of("growth")}}, tick, 700,
                        {1, 1, 1});
    dish.found(0, 10);
    dish.run(1);
    dish.set_entry(0, 0);
    const double full = std::pow(8, power);
    for (const double t : {0.0, 60.0, 240.0, 480.0, 1080.0, 1440.0}) {
        dish.run_until(tick + t);
        checks.push_back(
            exact("P07", std::string(measure) + " of a newborn over the full one after " + shortest(t) + " min",
                  1 - 0.5 * std::exp(-t / growth), std::pow(mean_radius(dish), power) / full, single, "closed form"));
    }
    // Death begins with the first tick: 594 of 600 min are left after it, and the profile shrinks with them.
    Culture<Shape> dying({Kind{.death = at_once, .radius_um = 8, .dying = 600 * m.of("dying")}}, tick, 701, {1, 1, 1});
    dying.found(0, 10);
    dying.run(1);
    for (const double t : {60.0, 300.0, 594.0}) {
        dying.run_until(t);
        checks.push_back(exact("P07", std::string("profile of a dying cell after ") + shortest(t) + " min",
                               (600 - t) / 594, std::pow(mean_radius(dying) / 8, 2), single, "closed form"));
    }
    dying.run_until(600);
    double left = 0;
    for (const auto* brick : dying.world().lattice.in_memory()) left += double(brick->cells.size());
    checks.push_back(exact("P07", "dying cells after 600 min", 0, left, 0, "closed form"));
}

std::vector<Check> p07(const Mutation& m) {
    std::vector<Check> checks;
    sizes<SectionShape>(m, "area", checks);
    sizes<BlockShape>(m, "volume", checks);
    return checks;
}

// --- P08

// Cells whose cycle entry a rule drives by the level of a medium; the level is such that the mean follows a growth
// curve.
void driven_growth(const Mutation& m, const char* name, const std::function<double(double)>& curve,
                   const std::vector<std::pair<double, double>>& rows, std::size_t founders,
                   std::vector<Check>& checks) {
    constexpr double saturation = 0.2 / hour, tick = 60;
    Dish dish({Kind{}}, tick, 800, {6, 6, 1}, Medium{saturation * m.of("saturation")});
    dish.found(0, founders);
    for (const auto& [t, expected] : rows) {
        while (dish.time_min() < t * hour) {
            const double from = dish.time_min() / hour;
            const double rate = std::log(curve(from + tick / hour) / curve(from)) / tick * m.of("rate");
            dish.set_medium(rate / (saturation - rate));
            dish.run(1);
        }
        const Sample s = describe(dish.by_clone(0));
        checks.push_back(estimate("P08", std::string(name) + " from 100, mean after " + shortest(t) + " h", expected,
                                  100 * s.mean, 100 * s.mean_error(), exact_law));
    }
}

std::vector<Check> p08(const Mutation& m) {
    std::vector<Check> checks;
    driven_growth(
        m, "logistic", [](double t) { return 1e4 / (1 + 99 * std::exp(-0.04 * t)); },
        {{24, 257.027149833}, {72, 1525.00826267}}, 20000, checks);
    driven_growth(
        m, "logistic", [](double t) { return 1e4 / (1 + 99 * std::exp(-0.04 * t)); },
        {{120, 5510.41619194}, {168, 8932.97982874}, {240, 9933.39514607}}, 1000, checks);
    driven_growth(
        m, "Gompertz", [](double t) { return 1e4 * std::exp(std::log(0.01) * std::exp(-0.02 * t)); },
        {{24, 578.672996096}, {72, 3358.49327210}}, 10000, checks);
    driven_growth(
        m, "Gompertz", [](double t) { return 1e4 * std::exp(std::log(0.01) * std::exp(-0.02 * t)); },
        {{120, 6585.12606429}, {168, 8521.76359466}, {240, 9628.09808406}}, 1000, checks);
    return checks;
}

// --- P09

// Room of all cells: areas in a section, volumes in a block, over pi.
template <class Shape>
double room(const Culture<Shape>& dish) {
    double sum = 0;
    for (const auto* brick : dish.world().lattice.in_memory())
        for (const float r : brick->cells.radius) sum += Shape::flat ? double(r) * r : 4.0 / 3.0 * double(r) * r * r;
    return sum;
}

// One division of many cells: room and the axes along which daughters part.
template <class Shape>
void one_division(const Mutation& m, std::vector<Check>& checks) {
    constexpr std::size_t cells = 40000;
    Culture<Shape> dish({Kind{.entry = at_once}}, 6, 900, {4, 4, Shape::flat ? 1 : 4});
    dish.found(0, cells);
    const double before = room(dish) * m.of("room");
    dish.run(1);
    const std::string where = Shape::flat ? " (section)" : " (block)";
    checks.push_back(exact("P09", "room of both daughters over their mother's" + where, 1, room(dish) / before, 1e-6,
                           "conservation"));
    // Pairs share a clone number; the one that was not there before is the daughter.
    std::vector<Vec3> daughter(cells), mother(cells);
    for (const auto* brick : dish.world().lattice.in_memory())
        for (std::size_t row = 0; row < brick->cells.size(); ++row) {
            const Cells& c = brick->cells;
            const Vec3 at = corner_um<Shape>(brick->at) +
                            Vec3{um_from_fixed(c.x[row]), um_from_fixed(c.y[row]), um_from_fixed(c.z[row])};
            (c.divisions[row] == 0 ? daughter : mother)[std::size_t(double(c.lineage[row]) * double(cells))] = at;
        }
    constexpr int dimensions = Shape::flat ? 2 : 3;
    double first[3] = {}, second[3] = {}, fourth[3] = {};
    for (std::size_t n = 0; n < cells; ++n) {
        const Vec3 part = daughter[n] - mother[n];
        const Vec3 axis = (1 / length(part)) * part;
        const double v[3] = {axis.x, axis.y, axis.z * m.of("flattened axes")};
        for (int a = 0; a < dimensions; ++a)
            first[a] += v[a] / cells, second[a] += v[a] * v[a] / cells, fourth[a] += std::pow(v[a], 4) / cells;
    }
    const double two = 1.0 / dimensions, four = Shape::flat ? 3.0 / 8 : 1.0 / 5,
                 eight = Shape::flat ? 35.0 / 128 : 1.0 / 9;
    for (int a = 0; a < dimensions; ++a) {
        const std::string along = std::string(" along ") + "xyz"[a] + where;
        checks.push_back(
            estimate("P09", "division axis, mean" + along, 0, first[a], std::sqrt(two / cells), exact_law));
        checks.push_back(estimate("P09", "division axis, mean square" + along, two, second[a],
                                  std::sqrt((four - two * two) / cells), exact_law));
        checks.push_back(estimate("P09", "division axis, mean fourth power" + along, four, fourth[a],
                                  std::sqrt((eight - four * four) / cells), exact_law));
    }
}

std::vector<Check> p09(const Mutation& m) {
    std::vector<Check> checks;
    one_division<SectionShape>(m, checks);
    one_division<BlockShape>(m, checks);
    // Two founders, 19 generations: a cell divides once a tick, since S takes one.
    constexpr double tick = 6;
    Dish dish({Kind{.entry = at_once, .s_phase = tick}}, tick, 901, {1, 1, 1});
    dish.found(0, 2);
    const double before = room(dish);
    while (dish.count(0) < double(1 << 20) && dish.time_min() < 40 * tick) dish.run(1);
    std::vector<std::uint64_t> ids;
    for (const auto* brick : dish.world().lattice.in_memory())
        ids.insert(ids.end(), brick->cells.id.begin(), brick->cells.id.end());
    if (m.is("an id twice")) ids.back() = ids.front();
    std::sort(ids.begin(), ids.end());
    double twice = 0;
    for (std::size_t n = 1; n < ids.size(); ++n) twice += ids[n] == ids[n - 1];
    const std::vector<double> clones = dish.by_clone(0);
    checks.push_back(
        exact("P09", "cells of the first founder after 19 generations", double(1 << 19), clones[0], 0, "2^19"));
    checks.push_back(exact("P09", "cells of the second founder", double(1 << 19), clones[1], 0, "2^19"));
    checks.push_back(exact("P09", "ids used twice among 2^20 cells", 0, twice, 0, "required"));
    checks.push_back(
        exact("P09", "room of 2^20 cells over that of their founders", 1, room(dish) / before, 1e-5, "conservation"));
    return checks;
}

// --- P10

std::vector<Check> p10(const Mutation& m) {
    std::vector<Check> checks;
    constexpr std::size_t cells = 200000;
    const double k = 0.05;
    for (const double tick : {0.1, 1.0, 5.0, 6.0, 15.0, 30.0, 60.0}) {
        const std::size_t n = tick < 1 ? cells / 10 : cells;
        Dish dish({Kind{.death = k * m.of("hazard")}}, tick, 1000, {6, 6, 1});
        dish.found(0, n);
        for (const double t : {5.0, 6.0, 15.0, 30.0, 60.0}) {
            if (std::abs(t / tick - std::round(t / tick)) > 1e-9 || (tick < 1 && t > 30)) continue;
            dish.run_until(t);
            checks.push_back(share("P10", "dead by " + shortest(t) + " min at 0.05/min" + tick_text(tick),
                                   -std::expm1(-k * t), double(n) - dish.count(0), double(n), exact_law));
        }
    }
    for (const double tick : {6.0, 60.0}) {
        const std::string with = tick_text(tick);
        {  // death against a change of type that nothing follows
            Dish dish({Kind{.death = 0.02 * m.of("death"), .turns = {{1, 0.03}}}, Kind{}}, tick, 1001, {6, 6, 1});
            dish.found(0, cells);
            dish.run_until(600);
            checks.push_back(share("P10", "changed before death, 0.03 against 0.02/min" + with, 0.6, dish.count(1),
                                   double(cells), exact_law));
        }
        {  // a chain of changes; who would change twice in the last tick does it in the next
            const double a = 0.03, b = 0.02;
            Dish dish({Kind{.turns = {{1, a}}}, Kind{.turns = {{2, b}}}, Kind{}}, tick, 1002, {6, 6, 1});
            dish.found(0, cells);
            const auto twice = [&](double t) { return 1 - (a * std::exp(-b * t) - b * std::exp(-a * t)) / (a - b); };
            for (const double t : {60.0, 120.0}) {
                dish.run_until(t);
                checks.push_back(
                    estimate("P10", "twice changed after " + shortest(t) + " min at 0.03, then 0.02/min" + with,
                             twice(t) - std::exp(-a * (t - tick)) * twice(tick), dish.count(2) / double(cells),
                             std::sqrt(twice(t) * (1 - twice(t)) / double(cells)), exact_law));
            }
        }
        {  // death goes on in the cycle
            Dish dish({Kind{.entry = 0.03, .death = 0.02 * m.of("death"), .s_phase = 1e7}}, tick, 1003, {6, 6, 1});
            dish.found(0, cells);
            for (const double t : {60.0, 120.0}) {
                dish.run_until(t);
                const double alive = std::exp(-0.02 * t);
                checks.push_back(
                    share("P10", "alive after " + shortest(t) + " min, entering S at 0.03, dying at 0.02/min" + with,
                          alive, dish.count(0), double(cells), exact_law));
                checks.push_back(share("P10", "alive in S after " + shortest(t) + " min" + with,
                                       alive * -std::expm1(-0.03 * t), dish.count(0, Phase::s), double(cells),
                                       exact_law));
            }
        }
    }
    return checks;
}

}  // namespace

std::vector<Case> cell_cases() {
    return {
        {"P05", "populations", "samplers", p05, {{"scale", 1.01}, {"one stage more"}}},
        {"P07", "populations", "sizes of newborn and dying cells", p07, {{"growth", 1.01}, {"dying", 1.01}}},
        {"P08",
         "populations",
         "growth that a rule drives along logistic and Gompertz curves",
         p08,
         {{"rate", 1.03}, {"saturation", 1.03}}},
        {"P09",
         "populations",
         "room, axes and ids at division",
         p09,
         {{"room", 1.01}, {"flattened axes", 0.97}, {"an id twice"}}},
        {"P10", "populations", "hazards at any tick, competing hazards", p10, {{"hazard", 1.01}, {"death", 1.02}}},
    };
}

}  // namespace stellate::verification
