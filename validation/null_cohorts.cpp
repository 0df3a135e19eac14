// Control against control: the same experiment twice, with other animals (another seed), compared as if the second
// cohort had been treated. Nothing may be told apart more often than chance has it. Too long for the test suite, which
// does the same with two-day mice (tests/unit/laboratory/null_cohort.cpp).
//
//   cmake --build build/release --target null_cohorts
//   build/release/bin/null_cohorts experiments/hsc-depletion-controls.toml 1 2 8
//
// (file, two seeds, mice in each cohort.) About 35 core seconds a mouse.
#include <fmt/format.h>

#include <charconv>
#include <cstdio>
#include <stdexcept>
#include <string_view>
#include <thread>

#include "core/error.hpp"
#include "laboratory/analysis.hpp"

namespace {

using namespace stellate;
using namespace stellate::laboratory;

std::int64_t number(std::string_view text) {
    std::int64_t n = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
    if (error != std::errc() || end != text.data() + text.size())
        throw std::invalid_argument(fmt::format("'{}' is not a whole number", text));
    return n;
}

CohortResults controls(const char* file, std::int64_t seed, std::int64_t mice) {
    const std::string control = read_experiment(file).arms.front().name;
    Overrides o;
    o.seed = seed;
    o.mice = mice;
    o.arms = {control};
    CohortOptions options;
    options.threads = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
    return run_cohort(read_experiment(file, o), options);
}

// The second cohort as an arm of the first one's experiment.
CohortResults side_by_side(CohortResults first, CohortResults second) {
    Arm other = first.experiment.arms.front();
    other.name = "other";
    first.experiment.arms.push_back(other);
    for (MouseRun& run : second.runs) {
        run.arm = 1;
        first.runs.push_back(std::move(run));
    }
    return first;
}

void print(const CohortResults& both, const Analysis& analysis) {
    std::printf("%-10s %-34s %10s %10s  %-30s %8s %8s\n", "primary", "endpoint (* fixed beforehand)", "mean", "mean",
                "difference (95 %)", "p", "Holm");
    int compared = 0, excluding = 0, below = 0;
    for (const ComparisonRow& row : analysis.comparisons) {
        const statistics::Comparison& c = row.comparison;
        if (!row.in_family || !c.difference || !c.difference->interval || !c.mann_whitney) continue;
        const statistics::Effect& d = *c.difference;
        ++compared;
        excluding += d.interval->lower > 0 || d.interval->upper < 0;
        below += c.mann_whitney->p < 0.05;
        std::printf("%-10s %-34s %10.4g %10.4g  %-30s %8.3f %8.3f\n",
                    both.experiment.primaries[std::size_t(row.primary)].name.c_str(),
                    (std::string(row.endpoint.id) + (row.fixed_beforehand ? " *" : "")).c_str(), c.control->mean,
                    c.treated->mean,
                    fmt::format("{:.3g} ({:.3g} to {:.3g})", d.estimate, d.interval->lower, d.interval->upper).c_str(),
                    c.mann_whitney->p, c.mann_whitney_holm.value_or(1));
    }
    std::printf("%d comparisons: %d intervals leave out 0, %d p-values lie below 0.05 before Holm's adjustment\n",
                compared, excluding, below);
}

}  // namespace

int main(int count, char** words) {
    try {
        if (count != 5) throw std::invalid_argument("expected FILE SEED SEED MICE");
        const std::int64_t seed = number(words[2]), other = number(words[3]), mice = number(words[4]);
        if (seed == other) throw std::invalid_argument("the two seeds are the same: so would be the animals");
        const CohortResults both = side_by_side(controls(words[1], seed, mice), controls(words[1], other, mice));
        print(both, analyse(both));
        return 0;
    } catch (const std::invalid_argument& error) {
        std::fprintf(stderr, "null_cohorts: %s\n", error.what());
        return 2;
    } catch (const InputError& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 2;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "null_cohorts: %s\n", error.what());
        return 1;
    }
}
