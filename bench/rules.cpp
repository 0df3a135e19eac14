// Cost of the behaviour rules: ns per cell and rule, one core. Rule sets of 12 rules (4 behaviours, 2 increasing and 1
// decreasing rule each) on 6 signals; signals are spread over three decades around the half-max.
#include <benchmark/benchmark.h>

#include <vector>

#include "core/random.hpp"
#include "rules/hill_rules.hpp"

namespace {

using namespace stellate;
using namespace stellate::rules;

constexpr int signal_count = 6, behaviour_count = 4;

CompiledRules rule_set(double power) {
    Vocabulary v;
    v.cell_types = {"cell"};
    for (int i = 0; i < signal_count; ++i) v.signals.push_back({"signal " + std::to_string(i)});
    for (int i = 0; i < behaviour_count; ++i) v.behaviours.push_back({"behaviour " + std::to_string(i)});
    v.base.assign(behaviour_count, 0.1);
    std::vector<Rule> rules;
    for (int b = 0; b < behaviour_count; ++b)
        for (int r = 0; r < 3; ++r) {
            Rule rule;
            rule.cell_type = "cell";
            rule.signal = "signal " + std::to_string((b + r) % signal_count);
            rule.behaviour = "behaviour " + std::to_string(b);
            rule.increases = r < 2;
            rule.saturation.value = r < 2 ? 1.0 : 0.0;
            rule.half_max.value = 0.7 + 0.1 * r;
            rule.power.value = power;
            rules.push_back(rule);
        }
    CompileOptions options;
    options.reference_units = true;
    return CompiledRules(rules, v, options);
}

struct Columns {
    explicit Columns(std::int64_t cells) : in(signal_count), out(behaviour_count) {
        Draws draws(1, 0, 0, Purpose::test);
        for (auto& column : in) {
            column.resize(static_cast<std::size_t>(cells));
            for (float& s : column) s = draws.uniform_float() * draws.uniform_float() * 3.0f;
            signals.push_back(column.data());
        }
        for (auto& column : out) {
            column.resize(static_cast<std::size_t>(cells));
            behaviours.push_back(column.data());
        }
    }
    std::vector<std::vector<float>> in, out;
    std::vector<const float*> signals;
    std::vector<float*> behaviours;
};

void report(benchmark::State& state, const CompiledRules& rules, std::int64_t cells) {
    const double evaluations = static_cast<double>(cells) * static_cast<double>(rules.rule_count());
    state.counters["per_cell_and_rule"] =
        benchmark::Counter(evaluations, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

void rules_batch(benchmark::State& state) {
    const CompiledRules rules = rule_set(0.5 * static_cast<double>(state.range(0)));
    const std::int64_t cells = 4096;
    Columns columns(cells);
    for (auto _ : state) {
        rules.evaluate_batch(0, cells, columns.signals.data(), columns.behaviours.data());
        benchmark::ClobberMemory();
    }
    report(state, rules, cells);
}
// The argument is twice the Hill power: 1, 2, 4, 8 run vectorised; 1.5 goes through math::pow.
BENCHMARK(rules_batch)->Arg(2)->Arg(4)->Arg(8)->Arg(16)->Arg(3);

void rules_one_by_one(benchmark::State& state) {
    const CompiledRules rules = rule_set(4);
    float signals[signal_count] = {0.1f, 0.5f, 1.0f, 2.0f, 0.7f, 0.3f}, out[behaviour_count];
    for (auto _ : state) {
        benchmark::DoNotOptimize(signals);
        rules.evaluate(0, signals, out);
        benchmark::DoNotOptimize(out);
    }
    report(state, rules, 1);
}
BENCHMARK(rules_one_by_one);

}  // namespace
