// P01-P04: births, deaths and arrivals of independent cells against the exact laws of linear birth-death-immigration
// processes, through the production hazards at ticks that are long against them. A cell born inside a tick lives the
// rest of it in the next one, so a count at the end of a tick lacks only what cells born in it will still do: the
// relative shortfall of a mean, (birth - death) birth tick^2 / 2, is below a tenth of the tolerance everywhere here.
#include <algorithm>
#include <array>
#include <cmath>
#include <functional>

#include "core/units.hpp"
#include "verification/culture.hpp"
#include "verification/populations.hpp"
#include "verification/sampling.hpp"

namespace stellate::verification {

namespace {

using Dish = Culture<SectionShape>;
constexpr double hour = 60;
const char* const exact_law = "exact law";
const char* const published = "DSMTS table (Evans, Gillespie & Wilkinson 2008)";

// Cells that divide as soon as they enter the cycle: a linear birth-death process.
Kind birth_death(double birth, double death) { return {.entry = birth, .death = death}; }

std::string at_tick(double tick_min, double time_min) {
    return " after " + shortest(time_min / hour) + " h, tick " + shortest(tick_min) + " min";
}

// --- P01

std::vector<Check> p01(const Mutation& m) {
    const double birth = 0.0432, death = 0.00319;
    std::vector<Check> checks;
    const auto run = [&](double tick, std::size_t clones, std::vector<double> hours) {
        Dish dish({birth_death(birth / hour * m.of("birth rate"), death / hour * m.of("death rate"))}, tick, 101,
                  {6, 6, 1});
        dish.found(0, clones, 100);
        for (const double t : hours) {
            dish.run_until(t * hour);
            const Sample s = describe(dish.by_clone(0));
            const double grown = std::exp((birth - death) * t);
            const double variance = 100 * (birth + death) / (birth - death) * grown * (grown - 1);
            checks.push_back(estimate("P01", "mean of 100 cells" + at_tick(tick, t * hour), 100 * grown, s.mean,
                                      std::sqrt(variance / s.count), exact_law));
            checks.push_back(estimate("P01", "variance of 100 cells" + at_tick(tick, t * hour), variance, s.variance,
                                      s.variance_error(), exact_law));
        }
        const auto& tally = dish.world().tally;
        const double deaths = double(tally.deaths[0]), events = deaths + double(tally.divisions);
        checks.push_back(share("P01", "share of deaths in all events, tick " + shortest(tick) + " min",
                               death / (birth + death), deaths, events, exact_law));
    };
    run(6, 200, {24});
    run(60, 500, {24, 48, 72});
    return checks;
}

// --- P02

std::vector<Check> p02(const Mutation& m) {
    const double birth = 0.05, death = 0.04;
    const auto extinct_by = [&](double t) {
        const double grown = std::exp((birth - death) * t);
        return death * (grown - 1) / (birth * grown - death);
    };
    const auto empty = [](const std::vector<double>& clones) {
        double count = 0;
        for (const double n : clones) count += n == 0;
        return count;
    };
    std::vector<Check> checks;
    const auto dish_of = [&](double tick, std::uint64_t seed) {
        return Dish({birth_death(birth / hour * m.of("birth rate"), death / hour * m.of("death rate"))}, tick, seed,
                    {6, 6, 1});
    };
    const auto run = [&](double tick, std::size_t clones, std::vector<double> hours) {
        Dish dish = dish_of(tick, 102);
        dish.found(0, clones);
        for (const double t : hours) {
            dish.run_until(t * hour);
            checks.push_back(share("P02", "one cell extinct" + at_tick(tick, t * hour), extinct_by(t),
                                   empty(dish.by_clone(0)), double(clones), exact_law));
        }
        // (death/birth)^cells alive is a martingale: its mean stays what it was, the chance to die out in the end.
        std::vector<double> to_come;
        for (const double n : dish.by_clone(0)) to_come.push_back(std::pow(death / birth, n));
        const Sample s = describe(to_come);
        checks.push_back(estimate("P02", "extinct in the end, told" + at_tick(tick, hours.back() * hour), death / birth,
                                  s.mean, s.mean_error(), exact_law));
    };
    run(6, 20000, {24});
    run(60, 100000, {24, 72});
    run(60, 10000, {240});
    Dish five = dish_of(60, 103);
    five.found(0, 20000, 5);
    five.run_until(72 * hour);
    checks.push_back(share("P02", "five cells extinct" + at_tick(60, 72 * hour), std::pow(extinct_by(72), 5),
                           empty(five.by_clone(0)), 20000, exact_law));
    return checks;
}

// --- P03

std::vector<Check> p03(const Mutation& m) {
    const double birth = 0.04, t = 48, p = std::exp(-birth * t);
    std::vector<Check> checks;
    for (const auto& [tick, clones] : {std::pair(6.0, 5000), std::pair(60.0, 100000)}) {
        Dish dish({birth_death(birth / hour * m.of("birth rate"), 0)}, tick, 104, {6, 6, 1});
        dish.found(0, std::size_t(clones));
        dish.run_until(t * hour);
        const std::vector<double> sizes = dish.by_clone(0);
        const Sample s = describe(sizes);
        const double variance = (1 - p) / (p * p);
        checks.push_back(estimate("P03", "mean size of clones" + at_tick(tick, t * hour), 1 / p, s.mean,
                                  std::sqrt(variance / s.count), exact_law));
        checks.push_back(estimate("P03", "variance of their size" + at_tick(tick, t * hour), variance, s.variance,
                                  s.variance_error(), exact_law));
        // Chi-square over sizes 1 to 30 and above: 30 degrees of freedom, 1e-5 beyond 72.0.
        constexpr std::size_t cells = 31;
        std::array<double, cells> seen{};
        for (const double n : sizes) ++seen[std::min(cells - 1, std::size_t(n) - 1)];
        double chi = 0, left = 1;
        for (std::size_t n = 0; n < cells; ++n) {
            const double share_of = n + 1 < cells ? p * std::pow(1 - p, double(n)) : left;
            left -= share_of;
            const double expected = share_of * s.count;
            chi += (seen[n] - expected) * (seen[n] - expected) / expected;
        }
        checks.push_back(
            {"P03", "chi-square of sizes against the geometric law (30 degrees of freedom)" + at_tick(tick, t * hour),
             30, chi, 42, Check::Tier::statistical, exact_law, false});
    }
    return checks;
}

// --- P04

struct Row {
    double time, mean, deviation;
};

// One published table: mean and deviation over runs at three times, 1 time unit = 1 min.
void compare(const char* model, Dish& dish, const std::vector<Row>& rows,
             const std::function<std::vector<double>()>& counts, std::vector<Check>& checks) {
    for (const Row& row : rows) {
        dish.run_until(row.time);
        const Sample s = describe(counts());
        const std::string at = std::string(model) + ", t = " + shortest(row.time);
        checks.push_back(
            estimate("P04", "mean of " + at, row.mean, s.mean, row.deviation / std::sqrt(s.count), published));
        checks.push_back(estimate("P04", "variance of " + at, row.deviation * row.deviation, s.variance,
                                  s.variance_error(), published));
    }
}

std::vector<Check> p04(const Mutation& m) {
    std::vector<Check> checks;
    const auto births_and_deaths = [&](const char* model, double tick, double speed, std::size_t runs,
                                       std::size_t start, const std::vector<Row>& rows) {
        Dish dish({birth_death(0.1 * speed * m.of("birth rate"), 0.11 * speed * m.of("death rate"))}, tick, 105,
                  {6, 6, 1});
        dish.found(0, runs, start);
        compare(model, dish, rows, [&] { return dish.by_clone(0); }, checks);
    };
    births_and_deaths("001-01", 1, 1, 1000, 100,
                      {{10, 90.48374, 13.44708}, {25, 77.88008, 19.02018}, {50, 60.65307, 22.38677}});
    births_and_deaths("001-03", 0.1, 10, 1000, 100,
                      {{10, 36.78794, 22.09848}, {25, 8.20850, 12.57890}, {50, 0.67379, 3.74891}});
    births_and_deaths("001-04", 1, 1, 10000, 10,
                      {{10, 9.04837, 4.25234}, {25, 7.78801, 6.01471}, {50, 6.06531, 7.07932}});
    births_and_deaths("001-05", 1, 1, 20, 10000,
                      {{10, 9048.374, 134.4708}, {25, 7788.008, 190.2018}, {50, 6065.307, 223.8677}});
    // Immigration: a brick is a run, its blood gives a cell a minute (or ten) over 256 voxels.
    const auto arrivals = [&](const char* model, double tick, double rate, Extent bricks,
                              const std::vector<Row>& rows) {
        Dish dish({Kind{.death = 0.1 * m.of("death rate"), .arrival = rate / 256 * m.of("arrival rate")}}, tick, 106,
                  bricks);
        compare(model, dish, rows, [&] { return dish.by_brick(0); }, checks);
    };
    arrivals("002-01", 1, 1, {40, 40, 1}, {{10, 6.321206, 2.514201}, {25, 9.17915, 3.029711}, {50, 9.93262, 3.151606}});
    arrivals("002-02", 0.2, 10, {16, 16, 1},
             {{10, 63.21206, 7.950601}, {25, 91.7915, 9.580788}, {50, 99.3262, 9.966253}});
    return checks;
}

}  // namespace

std::vector<Case> populations_cases() {
    std::vector<Case> cases = {
        {"P01", "populations", "linear birth and death", p01, {{"birth rate", 1.01}, {"death rate", 1.02}}},
        {"P02", "populations", "extinction of seeded cells", p02, {{"birth rate", 1.02}, {"death rate", 1.02}}},
        {"P03", "populations", "clone sizes of a pure birth process", p03, {{"birth rate", 1.01}}},
        {"P04",
         "populations",
         "community tables of stochastic models (001, 002)",
         p04,
         {{"birth rate", 1.01}, {"death rate", 1.01}, {"arrival rate", 1.05}}},
    };
    for (Case& c : cell_cases()) cases.push_back(std::move(c));
    cases.push_back(cycle_case());
    std::sort(cases.begin(), cases.end(), [](const Case& a, const Case& b) { return a.id < b.id; });
    return cases;
}

}  // namespace stellate::verification
