// R01-R05: the behaviour rules, the ordinary differential equations that can be written with them, and drug levels.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>

#include "core/error.hpp"
#include "core/math.hpp"
#include "core/random.hpp"
#include "rules/hill_rules.hpp"
#include "treatment/pharmacokinetics.hpp"
#include "verification/check.hpp"

namespace stellate::verification {

namespace {

using rules::CompiledRules;
using rules::Rule;

constexpr double published = 1e-11;  // the tables print 12 digits
const char* const own_formula = "closed form";

Check exact(const char* id, std::string what, double expected, double got, double tolerance, const char* source) {
    return {id, std::move(what), expected, got, tolerance, Check::Tier::discrete_exact, source, true};
}

Rule rule(const char* type, const char* signal, bool increases, const char* behaviour, double saturation,
          double half_max, double power) {
    Rule r;
    r.cell_type = type;
    r.signal = signal;
    r.behaviour = behaviour;
    r.increases = increases;
    r.saturation.value = saturation;
    r.half_max.value = half_max;
    r.power.value = power;
    return r;
}

rules::Vocabulary vocabulary(std::vector<std::string> signals, std::vector<std::string> behaviours,
                             std::vector<double> base) {
    rules::Vocabulary v;
    v.cell_types = {"cell"};
    for (std::string& s : signals) v.signals.push_back({std::move(s)});
    for (std::string& b : behaviours) v.behaviours.push_back({std::move(b)});
    v.base = std::move(base);
    return v;
}

rules::CompileOptions plain_numbers() {
    rules::CompileOptions options;
    options.reference_units = true;
    return options;
}

// One rule from 0 to 1 is the Hill function.
CompiledRules hill_rule(double half_max, double power) {
    return CompiledRules({rule("cell", "s", true, "b", 1, half_max, power)}, vocabulary({"s"}, {"b"}, {0}),
                         plain_numbers());
}

double value(const CompiledRules& compiled, const std::vector<double>& signals) {
    double out = 0;
    compiled.evaluate(0, signals.data(), &out);
    return out;
}

// --- R01

std::vector<Check> r01(const Mutation& m) {
    static constexpr double rows[][4] = {{0.5, 1, 4, 0.0588235294118},  {2, 1, 4, 0.941176470588},
                                         {5, 21.5, 4, 0.0029164713846}, {38, 21.5, 4, 0.907049750201},
                                         {15, 25, 3, 0.177631578947},   {0.1, 0.25, 1.5, 0.201904073519}};
    std::vector<Check> checks;
    for (const auto& [s, h, n, expected] : rows) {
        const std::string at = "s " + shortest(s) + ", h " + shortest(h) + ", n " + shortest(n);
        const double half_max = h * m.of("half-max"), power = n * m.of("Hill power");
        checks.push_back(
            exact("R01", "Hill function, " + at, expected, math::hill(s, half_max, power), 4 * published, own_formula));
        checks.push_back(exact("R01", "rule from 0 to 1, " + at, expected, value(hill_rule(half_max, power), {s}),
                               4 * published, own_formula));
    }
    for (const double n : {1.0, 1.5, 4.0, 50.0}) {
        const CompiledRules compiled = hill_rule(21.5, n);
        const std::string with = ", n " + shortest(n);
        checks.push_back(exact("R01", "s = 0 gives 0" + with, 0, value(compiled, {0}), 0, own_formula));
        checks.push_back(exact("R01", "s = infinity gives 1" + with, 1,
                               value(compiled, {std::numeric_limits<double>::infinity()}), 0, own_formula));
        checks.push_back(
            exact("R01", "s = 1e300 overflows nothing" + with, 1, value(compiled, {1e300}), 1e-15, own_formula));
    }
    for (const auto& [what, h, n] : {std::tuple("half-max 0", 0.0, 4.0), std::tuple("half-max -1", -1.0, 4.0),
                                     std::tuple("Hill power 0", 1.0, 0.0)}) {
        double refused = 0;
        try {
            hill_rule(h, n);
        } catch (const InputError&) {
            refused = 1;
        }
        checks.push_back(exact("R01", std::string(what) + " is refused on reading", 1, refused, 0, "required"));
    }
    return checks;
}

// --- R02

struct RandomSet {
    rules::Vocabulary words;
    std::vector<Rule> rows;
};

// One cell type with up to 4 behaviours, each raised and lowered by some of up to 6 signals.
RandomSet random_set(std::uint32_t number) {
    Draws draws(2, number, 0, Purpose::test);
    RandomSet set;
    const std::uint32_t signals = 2 + draws.below(5), behaviours = 1 + draws.below(4);
    std::vector<std::string> signal_names, behaviour_names;
    for (std::uint32_t s = 0; s < signals; ++s) signal_names.push_back("signal " + std::to_string(s));
    for (std::uint32_t b = 0; b < behaviours; ++b) behaviour_names.push_back("behaviour " + std::to_string(b));
    static constexpr std::array powers = {1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 50.0, 1.5, 2.7, 0.5};
    std::vector<double> base;
    for (std::uint32_t b = 0; b < behaviours; ++b) {
        base.push_back(draws.uniform());
        const double high = base.back() + 0.01 + draws.uniform(), low = base.back() * draws.uniform();
        for (std::uint32_t s = 0; s < signals; ++s)
            for (const bool up : {true, false})
                if (draws.below(2) == 0)
                    set.rows.push_back(rule("cell", signal_names[s].c_str(), up, behaviour_names[b].c_str(),
                                            up ? high : low, 0.05 + draws.uniform(),
                                            powers[draws.below(powers.size())]));
    }
    set.words = vocabulary(signal_names, behaviour_names, base);
    return set;
}

// The published form from the rows alone, by name and with the C library.
double independently(const RandomSet& set, std::size_t behaviour, const std::vector<double>& signals) {
    const double base = set.words.base[behaviour];
    double u = 0, d = 0, high = base, low = base;
    for (const Rule& r : set.rows) {
        if (r.behaviour != set.words.behaviours[behaviour].name) continue;
        std::size_t s = 0;
        while (set.words.signals[s].name != r.signal) ++s;
        (r.increases ? u : d) += std::pow(signals[s] / r.half_max.value, r.power.value);
        (r.increases ? high : low) = r.saturation.value;
    }
    const double up = base + (high - base) * (std::isinf(u) ? 1.0 : u / (1 + u));
    return up + (low - up) * (std::isinf(d) ? 1.0 : d / (1 + d));
}

std::vector<Check> r02(const Mutation& m) {
    const auto published_set = [&](bool glucose) {
        std::vector<Rule> rows = {
            rule("cell", "oxygen", true, "cycle entry", 7.2e-4 * m.of("saturation"), 21.5 * m.of("half-max"), 4),
            rule("cell", "pressure", false, "cycle entry", 0, 0.25 * m.of("half-max"), 3 * m.of("Hill power"))};
        if (glucose) rows.push_back(rule("cell", "glucose", true, "cycle entry", 7.2e-4 * m.of("saturation"), 5, 2));
        return CompiledRules(rows,
                             vocabulary({"oxygen", "pressure", "glucose"}, {"cycle entry"}, {1e-4 * m.of("base")}),
                             plain_numbers());
    };
    const char* source = "form read in PhysiCell 1.14.2, numbers from the closed form";
    static constexpr double rows[][3] = {
        {38, 0, 6.62370845125e-4}, {38, 0.25, 3.31185422562e-4}, {10, 0.1, 1.20036448003e-4}, {5, 1, 1.56628018859e-6}};
    std::vector<Check> checks;
    for (const auto& [oxygen, pressure, expected] : rows)
        checks.push_back(exact("R02",
                               "cycle entry /min, oxygen " + shortest(oxygen) + " mmHg, pressure " + shortest(pressure),
                               expected, value(published_set(false), {oxygen, pressure, 0}), published, source));
    checks.push_back(exact("R02", "cycle entry /min, oxygen 38 and glucose 3 together", 6.64236798392e-4,
                           value(published_set(true), {38, 0, 3}), published, source));

    double furthest = 0, moved_bits = 0, batch_bits = 0;
    for (std::uint32_t number = 0; number < 200; ++number) {
        const RandomSet set = random_set(number);
        RandomSet shuffled = set;
        Draws draws(3, number, 0, Purpose::test);
        for (std::size_t k = shuffled.rows.size(); k > 1; --k)
            std::swap(shuffled.rows[k - 1], shuffled.rows[draws.below(static_cast<std::uint32_t>(k))]);
        for (Rule& r : shuffled.rows) r.half_max.value *= m.of("half-max");
        const CompiledRules compiled(shuffled.rows, set.words, plain_numbers()),
            in_order(set.rows, set.words, plain_numbers());
        const std::span<const int> driven = compiled.behaviours(0);
        for (int trial = 0; trial < 20; ++trial) {
            std::vector<double> signals;
            for (std::size_t s = 0; s < set.words.signals.size(); ++s)
                signals.push_back(draws.below(6) == 0 ? 0.0 : 3 * draws.uniform());
            std::vector<double> got(driven.size()), other(driven.size());
            compiled.evaluate(0, signals.data(), got.data());
            in_order.evaluate(0, signals.data(), other.data());
            for (std::size_t k = 0; k < driven.size(); ++k) {
                furthest = std::max(
                    furthest, std::abs(got[k] - independently(set, static_cast<std::size_t>(driven[k]), signals)));
                moved_bits += got[k] != other[k];
            }
            // The same cell three times over, as a batch in single precision, against the one-cell form.
            std::vector<std::array<float, 3>> columns(signals.size()), results(driven.size());
            std::vector<const float*> in;
            std::vector<float*> out;
            std::vector<float> one, alone(driven.size());
            for (std::size_t s = 0; s < signals.size(); ++s) {
                columns[s].fill(static_cast<float>(signals[s]));
                one.push_back(static_cast<float>(signals[s]));
                in.push_back(columns[s].data());
            }
            for (auto& r : results) out.push_back(r.data());
            compiled.evaluate_batch(0, 3, in.data(), out.data());
            compiled.evaluate(0, one.data(), alone.data());
            for (std::size_t k = 0; k < driven.size(); ++k) batch_bits += results[k][2] != alone[k];
        }
    }
    checks.push_back(exact("R02", "200 random rule sets: furthest from an independent evaluator", 0, furthest, 1e-12,
                           "independent evaluator"));
    checks.push_back(exact("R02", "200 random rule sets: values that row order changes", 0, moved_bits, 0, "required"));
    checks.push_back(exact("R02", "200 random rule sets: values that differ between batch and single cell", 0,
                           batch_bits, 0, "required"));
    return checks;
}

// --- R03

// Lateral inhibition (Collier et al. 1996, doi:10.1006/jtbi.1996.0233) with its two responses written as rules:
// N' = d^2/(0.01 + d^2) - N, D' = 1/(1 + 100 N^2) - D, d the mean Delta of the neighbours.
class DeltaNotch {
public:
    DeltaNotch(const Mutation& m, std::vector<std::vector<std::size_t>> neighbours)
        : responses_(
              {rule("cell", "neighbours' delta", true, "notch", 1, 0.1 * m.of("half-max"), 2 * m.of("Hill power")),
               rule("cell", "notch", false, "delta", 0, 0.1 * m.of("half-max"), 2)},
              vocabulary({"neighbours' delta", "notch"}, {"notch", "delta"}, {0, 1}), plain_numbers()),
          neighbours_(std::move(neighbours)),
          notch(neighbours_.size(), 0.5),
          delta(neighbours_.size(), 0.5) {}

    // Classical Runge-Kutta to time `end`. With `fixed_delta`, every cell sees that instead of its neighbours.
    void run(double end, double step, double fixed_delta = -1) {
        const std::size_t n = notch.size();
        const auto slope = [&](const std::vector<double>& a, const std::vector<double>& b, std::vector<double>& da,
                               std::vector<double>& db) {
            for (std::size_t i = 0; i < n; ++i) {
                double mean = 0;
                for (const std::size_t j : neighbours_[i]) mean += b[j] / static_cast<double>(neighbours_[i].size());
                const double signals[] = {fixed_delta >= 0 ? fixed_delta : mean, a[i]};
                double made[2];
                responses_.evaluate(0, signals, made);
                da[i] = made[0] - a[i];
                db[i] = made[1] - b[i];
            }
        };
        std::array<std::vector<double>, 4> da, db;
        for (int k = 0; k < 4; ++k)
            da[static_cast<std::size_t>(k)] = db[static_cast<std::size_t>(k)] = std::vector<double>(n);
        for (double t = 0; t < end - step / 2; t += step) {
            std::vector<double> a = notch, b = delta;
            for (std::size_t k = 0; k < 4; ++k) {
                slope(a, b, da[k], db[k]);
                const double part = k < 2 ? step / 2 : step;
                for (std::size_t i = 0; i < n && k < 3; ++i) {
                    a[i] = notch[i] + part * da[k][i];
                    b[i] = delta[i] + part * db[k][i];
                }
            }
            for (std::size_t i = 0; i < n; ++i) {
                notch[i] += step / 6 * (da[0][i] + 2 * da[1][i] + 2 * da[2][i] + da[3][i]);
                delta[i] += step / 6 * (db[0][i] + 2 * db[1][i] + 2 * db[2][i] + db[3][i]);
            }
        }
    }

private:
    CompiledRules responses_;
    std::vector<std::vector<std::size_t>> neighbours_;

public:
    std::vector<double> notch, delta;
};

std::vector<Check> r03(const Mutation& m) {
    std::vector<Check> checks;
    const char* chaste = "Chaste's single-cell test, 4 digits";
    const char* fixed_point = "fixed point of the equations";
    constexpr double steady = 60, step = 0.05;

    DeltaNotch alone(m, {{}});
    alone.run(steady, step, 0.5);
    const double notch = 0.25 / 0.26;
    checks.push_back({"R03", "Notch of a cell that sees Delta 0.5", 0.9615, alone.notch[0], 1e-4, Check::Tier::order,
                      chaste, false});
    checks.push_back({"R03", "Delta of a cell that sees Delta 0.5", 0.0107, alone.delta[0], 1e-4, Check::Tier::order,
                      chaste, false});
    checks.push_back(exact("R03", "Notch of that cell, to round-off", notch, alone.notch[0], 1e-12, own_formula));
    checks.push_back(exact("R03", "Delta of that cell, to round-off", 1 / (1 + 100 * notch * notch), alone.delta[0],
                           1e-12, own_formula));

    DeltaNotch equal(m, {{1}, {0}});
    equal.run(steady, step);
    checks.push_back(exact("R03", "Notch of two equal cells, which stay equal", 0.353772073155, equal.notch[0],
                           published, fixed_point));
    checks.push_back(exact("R03", "Delta of two equal cells", 0.0739892989198, equal.delta[1], published, fixed_point));

    DeltaNotch pair(m, {{1}, {0}});
    pair.notch[0] = 0.499;
    pair.run(4 * steady, step);
    checks.push_back(
        exact("R03", "Notch of the sender of two cells", 0.0101020514434, pair.notch[0], published, fixed_point));
    checks.push_back(
        exact("R03", "Notch of the receiver of two cells", 0.989897948557, pair.notch[1], published, fixed_point));

    // A periodic hexagonal sheet: each cell of colour 0 has three neighbours of either other colour.
    constexpr std::size_t side = 6;
    std::vector<std::vector<std::size_t>> sheet;
    for (std::size_t i = 0; i < side; ++i)
        for (std::size_t j = 0; j < side; ++j) {
            std::vector<std::size_t> near;
            for (const auto& [di, dj] : {std::pair(1, 0), {-1, 0}, {0, 1}, {0, -1}, {1, -1}, {-1, 1}})
                near.push_back((i + side + static_cast<std::size_t>(di)) % side * side +
                               (j + side + static_cast<std::size_t>(dj)) % side);
            sheet.push_back(std::move(near));
        }
    DeltaNotch cells(m, std::move(sheet));
    const auto colour = [](std::size_t cell) { return (cell / side + 2 * (cell % side)) % 3; };
    for (std::size_t c = 0; c < side * side; ++c)
        if (colour(c) == 0) cells.notch[c] = 0.49;
    cells.run(4 * steady, step);
    checks.push_back(exact("R03", "Delta of the senders of a hexagonal sheet", 0.987333161062, cells.delta[0],
                           published, fixed_point));
    checks.push_back(exact("R03", "Delta of its receivers", 0.0107034730962, cells.delta[1], published, fixed_point));
    return checks;
}

// --- R04

std::vector<Check> r04(const Mutation& m) {
    const double most = 1e4, ligand = 5, on = 0.1 * m.of("association"), off = 0.2 * m.of("dissociation");
    // Occupancy at equilibrium is a Hill function of power 1 with half-max koff/kon; the approach to it has rate kon L
    // + koff.
    const double equilibrium = most * value(hill_rule(off / on, 1), {ligand}), rate = on * ligand + off;
    std::vector<Check> checks;
    static constexpr double rows[][2] = {
        {1, 3595.81925863}, {2, 5381.45025756}, {5, 6927.16154698}, {10, 7136.34370025}};
    for (const auto& [minutes, expected] : rows)
        checks.push_back(exact("R04", "bound receptors at " + shortest(minutes) + " min", expected,
                               equilibrium * math::chance(rate * minutes), published, own_formula));
    checks.push_back(exact("R04", "bound receptors at equilibrium", 50000.0 / 7, equilibrium, 1e-14, own_formula));
    return checks;
}

// --- R05

std::vector<Check> r05(const Mutation& m) {
    using namespace treatment;
    const char* source = "Bateman function";
    const double hour = 60;
    const OneCompartment drug{1.2 / hour * m.of("absorption"), 0.15 / hour * m.of("elimination"), 1,
                              20 * m.of("distribution")};
    std::vector<Check> checks;
    static constexpr double rows[][2] = {
        {0.5, 2.16532485848}, {1, 3.19722151150}, {4, 3.08903936597}, {12, 0.944561890464}, {24, 0.156135556840}};
    for (const auto& [hours, expected] : rows)
        checks.push_back(exact("R05", "level at " + shortest(hours) + " h", expected,
                               drug.concentration(100, hours * hour), published, source));
    checks.push_back(exact("R05", "time of the peak, h", 1.98042051589, drug.peak_min() / hour, published, source));
    checks.push_back(
        exact("R05", "level at the peak", 3.71498572284, drug.concentration(100, drug.peak_min()), published, source));
    checks.push_back(exact("R05", "area under the level, dose over clearance", 100.0 / 3,
                           drug.exposure(100, 1e6) / hour, 1e-13, own_formula));

    Dosing bolus;
    bolus.dose_ug_per_g = 100;
    bolus.interval_min = 8 * hour;
    bolus.elimination_per_min = drug.elimination_per_min;
    bolus.distribution_ml_per_g = drug.distribution_ml_per_g;
    checks.push_back(exact("R05", "accumulation at 8-h dosing", 1.43101276069,
                           bolus.concentration(800 * hour) / bolus.concentration(0), published, own_formula));

    // 06:00 against 06:03, with a biology tick of 6 min: a dose acts at its own time.
    const double tick = 6;
    const auto level_after = [&](double dose_min, double at_min) {
        if (m.is("dose on the tick")) dose_min = std::floor(dose_min / tick + 0.5) * tick;
        const Dose doses[] = {{0, 50}, {dose_min, 100}};
        return concentration(drug, doses, at_min) - drug.concentration(50, at_min);
    };
    for (const double later : {6.0, 60.0, 360.0}) {
        const auto bateman = [&](double t) {
            return 100 * 1.2 / (20 * (1.2 - 0.15)) * (std::exp(-0.15 * t / hour) - std::exp(-1.2 * t / hour));
        };
        for (const double dose_min : {360.0, 363.0})
            checks.push_back(exact(
                "R05", "level at " + shortest(360 + later) + " min from the dose at " + shortest(dose_min) + " min",
                bateman(360 + later - dose_min), level_after(dose_min, 360 + later), 1e-11, source));
    }

    Dosing every_day;
    every_day.first_min = 363;
    every_day.interval_min = 24 * hour;
    every_day.last_min = 363 + 9 * 24 * hour;
    every_day.dose_ug_per_g = 40;
    every_day.absorption_per_min = drug.absorption_per_min;
    every_day.elimination_per_min = drug.elimination_per_min;
    every_day.distribution_ml_per_g = drug.distribution_ml_per_g;
    std::vector<Dose> doses;
    for (int day = 0; day < 10; ++day) doses.push_back({363 + 24 * hour * day, 40});
    double furthest = 0;
    for (double t = 0; t < 12 * 24 * hour; t += 17)
        furthest = std::max(furthest, std::abs(every_day.concentration(t) - concentration(drug, doses, t)));
    checks.push_back(
        exact("R05", "ten daily doses: furthest from their sum one by one", 0, furthest, 1e-13, "superposition"));
    checks.push_back(exact("R05", "effect at the half-effective level", 0.45,
                           Emax{0.9, 4 * m.of("half-effective level"), 2}(4), 1e-14, own_formula));
    return checks;
}

}  // namespace

std::vector<Case> rules_cases() {
    return {
        {"R01", "rules", "Hill response, alone and as a rule", r01, {{"half-max", 1.01}, {"Hill power", 1.01}}},
        {"R02",
         "rules",
         "behaviour rules: published form, 200 random sets, row order",
         r02,
         {{"half-max", 1.01}, {"saturation", 1.01}, {"base", 1.01}, {"Hill power", 1.01}}},
        {"R03",
         "rules",
         "Delta-Notch lateral inhibition through compiled rules",
         r03,
         {{"half-max", 1.01}, {"Hill power", 1.01}}},
        {"R04", "rules", "binding of a ligand to receptors", r04, {{"association", 1.01}, {"dissociation", 1.01}}},
        {"R05",
         "rules",
         "drug level: absorption, elimination, doses between ticks",
         r05,
         {{"absorption", 1.01},
          {"elimination", 1.01},
          {"distribution", 1.01},
          {"dose on the tick", 1},
          {"half-effective level", 1.01}}},
    };
}

}  // namespace stellate::verification
