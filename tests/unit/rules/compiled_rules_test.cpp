#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "core/math.hpp"
#include "core/random.hpp"
#include "rules/hill_rules.hpp"

namespace stellate::rules {
namespace {

Vocabulary vocabulary() {
    Vocabulary v;
    v.cell_types = {"tumour", "hsc activated"};
    v.signals = {{"oxygen", Dimension::oxygen_tension},
                 {"pressure", Dimension::pressure},
                 {"TGFB1", Dimension::concentration, 25.0},
                 {"apoptotic", Dimension::fraction}};
    v.behaviours = {{"cycle entry", Dimension::rate},
                    {"migration speed", Dimension::speed},
                    {"debris secretion", Dimension::secretion}};
    const double none = std::nan("");
    v.base = {1e-4, 0.5, 0, 2e-4, none, 1};
    v.loops = {"matrix", "vessels"};
    return v;
}

CompileOptions reference() {
    CompileOptions options;
    options.reference_units = true;
    return options;
}

// Every row; throws with the mistakes of all of them.
std::vector<Rule> rows_of(const std::string& csv) {
    Problems problems;
    std::vector<Rule> rows = parse_rules(csv, "rules.csv", problems);
    problems.throw_if_any();
    return rows;
}

CompiledRules compiled(const std::string& csv, const CompileOptions& options = reference()) {
    return CompiledRules(rows_of(csv), vocabulary(), options);
}

std::string error_of(const std::string& csv, const CompileOptions& options = reference()) {
    try {
        compiled(csv, options);
    } catch (const InputError& error) {
        return error.what();
    }
    return "";
}

const char* const r02 =
    "tumour,oxygen,increases,cycle entry,7.2e-4,21.5,4,0\n"
    "tumour,pressure,decreases,cycle entry,0,0.25,3,0\n";

TEST(CompiledRules, give_the_published_form) {
    const CompiledRules rules = compiled(r02);
    const double cases[][3] = {
        {38, 0, 6.62370845125e-4}, {38, 0.25, 3.31185422562e-4}, {10, 0.1, 1.20036448003e-4}, {5, 1, 1.56628018859e-6}};
    for (const auto& c : cases) {
        const double signals[] = {c[0], c[1], std::nan(""), std::nan("")};
        double out = 0;
        rules.evaluate(0, signals, &out);
        EXPECT_NEAR(out, c[2], 1e-15);
    }
}

TEST(CompiledRules, list_what_they_drive_and_read) {
    const CompiledRules rules = compiled(std::string(r02) + "hsc activated,TGFB1,increases,debris secretion,5,1,1,0\n");
    EXPECT_EQ(std::vector<int>(rules.behaviours(0).begin(), rules.behaviours(0).end()), std::vector<int>{0});
    EXPECT_EQ(std::vector<int>(rules.signals_used(0).begin(), rules.signals_used(0).end()), (std::vector<int>{0, 1}));
    EXPECT_EQ(std::vector<int>(rules.behaviours(1).begin(), rules.behaviours(1).end()), std::vector<int>{2});
    EXPECT_EQ(std::vector<int>(rules.signals_used(1).begin(), rules.signals_used(1).end()), std::vector<int>{2});
    EXPECT_EQ(rules.rule_count(), 3u);
    EXPECT_TRUE(CompiledRules({}, vocabulary()).behaviours(1).empty());
}

TEST(CompiledRules, extremes_are_exact_and_never_overflow) {
    for (const char* power : {"1", "4", "8", "1.5", "50", "64", "65", "100", "0.3"}) {
        Vocabulary v = vocabulary();
        v.base[1] = 0;
        const CompiledRules rules(
            rows_of("tumour,oxygen,increases,migration speed,1,21.5," + std::string(power) + ",0\n"), v, reference());
        const auto value = [&](double s) {
            const double signals[] = {s, 0, 0, 0};
            double out = -1;
            rules.evaluate(0, signals, &out);
            return out;
        };
        EXPECT_EQ(value(0), 0.0) << power;
        EXPECT_EQ(value(-3), 0.0) << power;
        EXPECT_EQ(value(INFINITY), 1.0) << power;
        EXPECT_NEAR(value(1e300), 1.0, 1e-12) << power;
        EXPECT_NEAR(value(21.5), 0.5, 1e-13) << power;
        EXPECT_GE(value(1e-300), 0.0) << power;
        EXPECT_TRUE(std::isnan(value(std::nan("")))) << power;
    }
}

TEST(CompiledRules, a_signal_may_both_raise_and_lower_a_behaviour) {
    const CompiledRules rules = compiled(
        "tumour,TGFB1,increases,migration speed,1,0.1,2,0\n"
        "tumour,TGFB1,decreases,migration speed,0,10,2,0\n");
    double last = 0, most = 0;
    for (const double s : {0.0, 0.1, 1.0, 10.0, 100.0}) {
        const double signals[] = {0, 0, s, 0};
        rules.evaluate(0, signals, &last);
        most = std::max(most, last);
    }
    EXPECT_GT(most, 0.9);
    EXPECT_LT(last, 0.02);
}

TEST(CompiledRules, units_are_converted_and_demanded) {
    const std::string row = "hsc activated,TGFB1,increases,cycle entry,";
    const CompileOptions strict;
    const CompiledRules rules = compiled(row + "0.72,250,2,0,1/h,pg/mL,matrix,assumed,why", strict);
    const double signals[] = {0, 0, 0.01, 0};  // 250 pg/mL of 25 kDa = 0.01 nM
    double out = 0;
    rules.evaluate(1, signals, &out);
    EXPECT_NEAR(out, 0.5 * (2e-4 + 0.72 / 60), 1e-17);
    EXPECT_EQ(error_of(row + "0.72,250,2,0", strict),
              "rules.csv:1:1: kind: is missing; expected measured, fitted or assumed\n"
              "rules.csv:1:43: saturation: no unit; expected a rate in 1/min (also 1/s, 1/h, 1/day)\n"
              "rules.csv:1:48: half-max: no unit; expected a concentration in nM (also pM, uM, mol/m^3; pg/mL, ng/mL "
              "with a molar mass)");
    EXPECT_NE(error_of(row + "0.72,250,2,0,1/h,mmHg,matrix,assumed,why", strict).find("expected a concentration"),
              std::string::npos);
}

TEST(CompiledRules, numbers_may_come_from_records) {
    CompileOptions options;
    std::map<std::string, Dimension> asked;
    options.record = [&](const std::string& path, Dimension dimension) -> std::optional<double> {
        if (!path.starts_with("a.")) return std::nullopt;
        asked[path] = dimension;
        return path == "a.rate" ? 0.01 : 2.0;
    };
    const CompiledRules rules =
        compiled("hsc activated,TGFB1,increases,cycle entry,a.rate,a.half,a.power,0,,,matrix,assumed,why", options);
    EXPECT_EQ(asked.at("a.rate"), Dimension::rate);
    EXPECT_EQ(asked.at("a.half"), Dimension::concentration);
    EXPECT_EQ(asked.at("a.power"), Dimension::number);
    const double signals[] = {0, 0, 2, 0};
    double out = 0;
    rules.evaluate(1, signals, &out);
    EXPECT_NEAR(out, 0.5 * (2e-4 + 0.01), 1e-17);
    EXPECT_NE(error_of("hsc activated,TGFB1,increases,cycle entry,a.rate,1,2,0").find("'a.rate' is not a number"),
              std::string::npos);
}

TEST(CompiledRules, a_record_that_is_not_there_is_named_where_the_rule_names_it) {
    CompileOptions options;
    options.record = [](const std::string&, Dimension) { return std::nullopt; };
    options.records = {"a.rate", "b.half"};
    EXPECT_EQ(error_of("tumour,oxygen,increases,cycle entry,a.rat,1,1,0,,mmHg,matrix,assumed,why", options),
              "rules.csv:1:37: saturation: there is no record 'a.rat' (did you mean 'a.rate'?)");
}

TEST(CompiledRules, mistakes_have_these_messages) {
    EXPECT_EQ(error_of("tumor,oxygen,increases,cycle entry,1,1,1,0"),
              "rules.csv:1:1: cell type: the model has no 'tumor' (did you mean 'tumour'?)");
    EXPECT_EQ(error_of("tumour,TGFb,increases,cycle entry,1,1,1,0"),
              "rules.csv:1:8: signal: the model has no 'TGFb' (did you mean 'TGFB1'?)");
    EXPECT_EQ(error_of("tumour,oxygen,increases,cycle enrty,1,1,1,0"),
              "rules.csv:1:25: behaviour: the model has no 'cycle enrty' (did you mean 'cycle entry'?)");
    EXPECT_EQ(error_of("tumour,oxygen,increases,cycle entry,1,0,1,0"), "rules.csv:1:39: half-max: 0; expected above 0");
    EXPECT_EQ(error_of("tumour,oxygen,increases,cycle entry,1,-2,1,0"),
              "rules.csv:1:39: half-max: -2; expected above 0");
    EXPECT_EQ(error_of("tumour,oxygen,increases,cycle entry,1,1,0,0"),
              "rules.csv:1:41: Hill power: 0; expected above 0 and at most 100");
    EXPECT_EQ(error_of("tumour,oxygen,increases,cycle entry,1,1,-4,0"),
              "rules.csv:1:41: Hill power: -4; expected above 0 and at most 100");
    EXPECT_EQ(error_of("tumour,oxygen,decreases,cycle entry,1,1,1,0"),
              "rules.csv:1:37: saturation: 1 1/min is on the wrong side of the base value 1e-04 1/min: the rule "
              "decreases 'cycle entry'");
    EXPECT_EQ(error_of("tumour,oxygen,increases,cycle entry,1e-5,1,1,0"),
              "rules.csv:1:37: saturation: 1e-05 1/min is on the wrong side of the base value 1e-04 1/min: the rule "
              "increases 'cycle entry'");
    EXPECT_EQ(error_of("tumour,oxygen,increases,cycle entry,1,1,1,0\n\ntumour,oxygen,increases,cycle entry,1,2,1,0"),
              "rules.csv:3:1: the same cell type, signal, direction and behaviour as rules.csv:1");
    EXPECT_EQ(error_of("tumour,oxygen,increases,cycle entry,1,1,1,0\nTumour,oxygen,increases,Cycle_entry,1,2,1,0"),
              "rules.csv:2:1: the same cell type, signal, direction and behaviour as rules.csv:1 ('Tumour' and "
              "'tumour' are the same)");
    EXPECT_EQ(error_of("tumour,oxygen,increases,cycle entry,1,1,1,0\ntumour,pressure,increases,cycle entry,2,1,1,0"),
              "rules.csv:2:39: saturation: 2 1/min disagrees with 1 1/min in rules.csv:1; rules that move one "
              "behaviour of one cell type in "
              "one direction share a saturation");
    EXPECT_EQ(error_of("hsc activated,oxygen,increases,migration speed,1,1,1,0"),
              "rules.csv:1:32: behaviour: 'hsc activated' has no base value for 'migration speed'");
    EXPECT_EQ(error_of("tumour,oxygen,increases,cycle entry,1,1,1,0,,,matirx,,"),
              "rules.csv:1:47: loop: the model has no loop 'matirx' (did you mean 'matrix'?)");
    CompileOptions options = reference();
    options.switched_off = {"vesels"};
    EXPECT_EQ(error_of(r02, options), "vesels: no such loop to switch off (did you mean 'vessels'?)");
}

TEST(CompiledRules, what_a_type_does_not_sense_no_rule_of_it_reads) {
    Vocabulary v = vocabulary();
    v.senses = {1, 1, 1, 1, 1, 0, 1, 0};
    const auto error = [&](const std::string& csv) -> std::string {
        try {
            CompiledRules(rows_of(csv), v, reference());
        } catch (const InputError& problem) {
            return problem.what();
        }
        return "";
    };
    EXPECT_EQ(error(r02), "");
    EXPECT_EQ(error("hsc activated,pressure,increases,cycle entry,1,1,1,0"),
              "rules.csv:1:15: signal: 'hsc activated' does not sense 'pressure'; expected one of oxygen, TGFB1");
}

TEST(CompiledRules, names_that_differ_by_spelling_alone_are_refused) {
    Vocabulary v = vocabulary();
    v.cell_types[1] = "Tumour";
    EXPECT_THROW(CompiledRules({}, v), InputError);
}

TEST(CompiledRules, switched_off_loops_leave_no_trace) {
    const std::string csv = std::string(r02) + "tumour,TGFB1,decreases,cycle entry,0,1,1,0,,,matrix,assumed,why\n";
    CompileOptions off = reference();
    off.switched_off = {"matrix"};
    const CompiledRules with = compiled(csv), without = compiled(csv, off), never = compiled(r02);
    EXPECT_EQ(with.rule_count(), 3u);
    EXPECT_EQ(without.rule_count(), 2u);
    const double signals[] = {30, 0.1, 2, 0};
    double a = 0, b = 0, c = 0;
    with.evaluate(0, signals, &a);
    without.evaluate(0, signals, &b);
    never.evaluate(0, signals, &c);
    EXPECT_NE(a, b);
    EXPECT_EQ(b, c);
}

// --- Random rule sets

struct RandomSet {
    Vocabulary v;
    std::vector<Rule> rules;
};

RandomSet random_set(std::uint32_t i) {
    Draws draws(14, i, 0, Purpose::test);
    RandomSet set;
    const int types = 1 + static_cast<int>(draws.below(3)), signals = 2 + static_cast<int>(draws.below(5)),
              behaviours = 1 + static_cast<int>(draws.below(4));
    for (int t = 0; t < types; ++t) set.v.cell_types.push_back("type " + std::to_string(t));
    for (int s = 0; s < signals; ++s) set.v.signals.push_back({"signal " + std::to_string(s)});
    for (int b = 0; b < behaviours; ++b) set.v.behaviours.push_back({"behaviour " + std::to_string(b)});
    const double powers[] = {1, 2, 3, 4, 5, 6, 7, 8, 10, 17, 50, 1.5, 2.7, 0.5};
    for (int t = 0; t < types; ++t)
        for (int b = 0; b < behaviours; ++b) {
            const double base = draws.uniform();
            set.v.base.push_back(base);
            const double high = base + draws.uniform() + 0.01, low = base * draws.uniform();
            for (int s = 0; s < signals; ++s)
                for (const bool up : {true, false}) {
                    if (draws.below(3) != 0) continue;
                    Rule r;
                    r.cell_type = set.v.cell_types[static_cast<std::size_t>(t)];
                    r.signal = set.v.signals[static_cast<std::size_t>(s)].name;
                    r.behaviour = set.v.behaviours[static_cast<std::size_t>(b)].name;
                    r.increases = up;
                    r.saturation.value = up ? high : low;
                    r.half_max.value = 0.05 + draws.uniform();
                    r.power.value = powers[draws.below(14)];
                    set.rules.push_back(r);
                }
        }
    return set;
}

// The published form again, from the rows alone and with the C library: independent of everything compiled.
double independently(const RandomSet& set, int type, int behaviour, const std::vector<double>& signals) {
    const double b0 =
        set.v.base[static_cast<std::size_t>(type) * set.v.behaviours.size() + static_cast<std::size_t>(behaviour)];
    double u = 0, d = 0, high = b0, low = b0;
    for (const Rule& r : set.rules) {
        if (r.cell_type != set.v.cell_types[static_cast<std::size_t>(type)]) continue;
        if (r.behaviour != set.v.behaviours[static_cast<std::size_t>(behaviour)].name) continue;
        std::size_t s = 0;
        while (set.v.signals[s].name != r.signal) ++s;
        (r.increases ? u : d) += std::pow(signals[s] / r.half_max.value, r.power.value);
        (r.increases ? high : low) = r.saturation.value;
    }
    const double up = b0 + (high - b0) * (std::isinf(u) ? 1 : u / (1 + u));
    return up + (low - up) * (std::isinf(d) ? 1 : d / (1 + d));
}

TEST(CompiledRules, agree_with_an_independent_evaluator_on_random_sets) {
    for (std::uint32_t i = 0; i < 200; ++i) {
        const RandomSet set = random_set(i);
        const CompiledRules rules(set.rules, set.v, reference());
        Draws draws(15, i, 0, Purpose::test);
        for (int trial = 0; trial < 10; ++trial) {
            std::vector<double> signals;
            for (std::size_t s = 0; s < set.v.signals.size(); ++s)
                signals.push_back(draws.below(5) == 0 ? 0.0 : 3 * draws.uniform());
            for (int t = 0; t < static_cast<int>(set.v.cell_types.size()); ++t) {
                const auto driven = rules.behaviours(t);
                std::vector<double> out(driven.size());
                rules.evaluate(t, signals.data(), out.data());
                for (std::size_t k = 0; k < driven.size(); ++k)
                    EXPECT_NEAR(out[k], independently(set, t, driven[k], signals), 1e-12) << "set " << i;
            }
        }
    }
}

TEST(CompiledRules, order_of_rows_changes_no_bit) {
    for (std::uint32_t i = 0; i < 50; ++i) {
        const RandomSet set = random_set(i);
        std::vector<Rule> shuffled = set.rules;
        Draws draws(16, i, 0, Purpose::test);
        for (std::size_t k = shuffled.size(); k > 1; --k)
            std::swap(shuffled[k - 1], shuffled[draws.below(static_cast<std::uint32_t>(k))]);
        const CompiledRules a(set.rules, set.v, reference()), b(shuffled, set.v, reference());
        std::vector<double> signals;
        for (std::size_t s = 0; s < set.v.signals.size(); ++s) signals.push_back(2 * draws.uniform());
        for (int t = 0; t < static_cast<int>(set.v.cell_types.size()); ++t) {
            ASSERT_TRUE(std::ranges::equal(a.behaviours(t), b.behaviours(t)));
            std::vector<double> x(a.behaviours(t).size()), y(x.size());
            a.evaluate(t, signals.data(), x.data());
            b.evaluate(t, signals.data(), y.data());
            EXPECT_EQ(x, y);
        }
    }
}

TEST(CompiledRules, a_batch_gives_each_cell_the_bits_it_gets_alone) {
    for (std::uint32_t i = 0; i < 60; ++i) {
        const RandomSet set = random_set(i);
        const CompiledRules rules(set.rules, set.v, reference());
        Draws draws(17, i, 0, Purpose::test);
        const std::int64_t cells = 1 + draws.below(700);
        std::vector<std::vector<float>> columns(set.v.signals.size());
        std::vector<const float*> signals;
        for (auto& column : columns) {
            for (std::int64_t c = 0; c < cells; ++c)
                column.push_back(draws.below(20) == 0 ? (draws.below(2) ? -1.0f : 1e30f) : 3 * draws.uniform_float());
            signals.push_back(column.data());
        }
        const auto driven = rules.behaviours(0);
        std::vector<std::vector<float>> results(driven.size(), std::vector<float>(static_cast<std::size_t>(cells)));
        std::vector<float*> out;
        for (auto& r : results) out.push_back(r.data());
        std::vector<const float*> given(signals.size(), nullptr);  // a signal not used is not read
        for (const int s : rules.signals_used(0))
            given[static_cast<std::size_t>(s)] = signals[static_cast<std::size_t>(s)];
        rules.evaluate_batch(0, cells, given.data(), out.data());
        for (std::int64_t c = 0; c < cells; ++c) {
            std::vector<float> one, alone(driven.size());
            for (const auto& column : columns) one.push_back(column[static_cast<std::size_t>(c)]);
            rules.evaluate(0, one.data(), alone.data());
            for (std::size_t k = 0; k < driven.size(); ++k)
                EXPECT_EQ(alone[k], results[k][static_cast<std::size_t>(c)]);
        }
    }
}

TEST(CompiledRules, behaviours_stay_between_their_saturations) {
    for (std::uint32_t i = 0; i < 50; ++i) {
        const RandomSet set = random_set(i);
        const CompiledRules rules(set.rules, set.v, reference());
        Draws draws(18, i, 0, Purpose::test);
        for (int trial = 0; trial < 50; ++trial) {
            std::vector<double> signals, out(rules.behaviours(0).size());
            for (std::size_t s = 0; s < set.v.signals.size(); ++s) signals.push_back(-std::log(draws.uniform()) * 3);
            rules.evaluate(0, signals.data(), out.data());
            for (std::size_t k = 0; k < out.size(); ++k) {
                double low = set.v.base[static_cast<std::size_t>(rules.behaviours(0)[k])], high = low;
                for (const Rule& r : set.rules)
                    if (r.cell_type == "type 0" &&
                        r.behaviour == set.v.behaviours[static_cast<std::size_t>(rules.behaviours(0)[k])].name)
                        (r.increases ? high : low) = r.saturation.value;
                EXPECT_GE(out[k], low - 1e-15);
                EXPECT_LE(out[k], high + 1e-15);
            }
        }
    }
}

// --- Silent bands

TEST(CompiledRules, nothing_inside_a_range_of_signals_exceeds_the_upper_bound) {
    for (std::uint32_t i = 0; i < 40; ++i) {
        const RandomSet set = random_set(i);
        const CompiledRules rules(set.rules, set.v, reference());
        Draws draws(23, i, 0, Purpose::test);
        const std::size_t signals = set.v.signals.size();
        std::vector<float> low(signals), high(signals), inside(signals);
        for (std::size_t s = 0; s < signals; ++s) {
            low[s] = draws.below(3) == 0 ? 0.0f : draws.uniform_float();
            high[s] = low[s] + (draws.below(3) == 0 ? 0.0f : 5 * draws.uniform_float());
        }
        for (int t = 0; t < static_cast<int>(set.v.cell_types.size()); ++t) {
            const std::size_t driven = rules.behaviours(t).size();
            std::vector<double> bound(driven);
            std::vector<float> here(driven);
            rules.upper_bounds(t, low.data(), high.data(), bound.data());
            for (int trial = 0; trial < 300; ++trial) {
                for (std::size_t s = 0; s < signals; ++s) {
                    const float share = trial % 2 ? draws.uniform_float() : float(draws.below(2));
                    inside[s] = low[s] + share * (high[s] - low[s]);
                }
                rules.evaluate(t, inside.data(), here.data());
                for (std::size_t k = 0; k < driven; ++k)
                    EXPECT_LE(here[k], bound[k] + 1e-6 * std::abs(bound[k])) << "set " << i << " type " << t;
            }
            // With equal ends the bound is the value itself.
            rules.upper_bounds(t, high.data(), high.data(), bound.data());
            rules.evaluate(t, high.data(), here.data());
            for (std::size_t k = 0; k < driven; ++k) EXPECT_NEAR(here[k], bound[k], 1e-6 * std::abs(bound[k]) + 1e-30);
        }
    }
}

TEST(SilentBands, of_one_rule_is_the_inverse_of_the_hill_curve) {
    const CompiledRules rules = compiled("tumour,oxygen,decreases,cycle entry,0,10,4,0\n");
    const double baseline[] = {40, 0, 0, 0}, tolerance[] = {1e-6};
    const auto bands = rules.largest_silent_deviation(0, baseline, tolerance);
    ASSERT_EQ(bands.size(), 1u);
    const auto rate = [](double s) { return 1e-4 * (1 - math::hill(s, 10, 4)); };
    EXPECT_NEAR(rate(40 - bands[0].below) - rate(40), 1e-6, 1e-12);
    EXPECT_TRUE(std::isinf(bands[0].above));  // at 40 the rate is within 4e-7 of its floor
}

TEST(SilentBands, guarantee_silence_for_all_signals_together) {
    for (std::uint32_t i = 0; i < 40; ++i) {
        const RandomSet set = random_set(i);
        const CompiledRules rules(set.rules, set.v, reference());
        Draws draws(19, i, 0, Purpose::test);
        std::vector<double> baseline;
        for (std::size_t s = 0; s < set.v.signals.size(); ++s)
            baseline.push_back(draws.below(3) == 0 ? 0.0 : draws.uniform());
        for (int t = 0; t < static_cast<int>(set.v.cell_types.size()); ++t) {
            const auto used = rules.signals_used(t);
            const std::vector<double> tolerance(rules.behaviours(t).size(), 1e-3);
            const auto bands = rules.largest_silent_deviation(t, baseline, tolerance);
            std::vector<double> rest(tolerance.size()), now(tolerance.size());
            rules.evaluate(t, baseline.data(), rest.data());
            for (int trial = 0; trial < 200; ++trial) {
                std::vector<double> signals = baseline;
                for (std::size_t k = 0; k < used.size(); ++k) {
                    const double above = std::isinf(bands[k].above) ? 1e6 : bands[k].above;
                    const bool corner = trial % 2 == 0;
                    const double up = corner ? 1.0 : draws.uniform();
                    signals[static_cast<std::size_t>(used[k])] += draws.below(2) ? up * above : -up * bands[k].below;
                }
                rules.evaluate(t, signals.data(), now.data());
                for (std::size_t k = 0; k < rest.size(); ++k)
                    EXPECT_LE(std::abs(now[k] - rest[k]), 1e-3 * (1 + 1e-9)) << "set " << i;
            }
            for (const SilentBand& band : bands) EXPECT_TRUE(band.below >= 0 && band.above >= 0);
        }
    }
}

TEST(SilentBands, are_not_needlessly_narrow) {
    const CompiledRules rules = compiled(r02);
    const double baseline[] = {20, 0.05, 0, 0}, tolerance[] = {1e-5};
    const auto bands = rules.largest_silent_deviation(0, baseline, tolerance);
    const double worst[] = {20 + bands[0].above, 0.05 - bands[1].below, 0, 0};
    double rest = 0, now = 0;
    rules.evaluate(0, baseline, &rest);
    rules.evaluate(0, worst, &now);
    EXPECT_GT(now - rest, 0.5e-5);
}

TEST(SilentBands, with_no_tolerance_nothing_may_move) {
    const CompiledRules rules = compiled(r02);
    const double baseline[] = {20, 0.05, 0, 0}, tolerance[] = {0};
    for (const SilentBand& band : rules.largest_silent_deviation(0, baseline, tolerance)) {
        EXPECT_LT(band.above, 1e-12);
        EXPECT_LT(band.below, 1e-12);
    }
}

}  // namespace
}  // namespace stellate::rules
