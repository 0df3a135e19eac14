#include "statistics/compare.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace stellate::statistics {

namespace {

constexpr int few = 5;  // below this many animals the bootstrap's coverage falls visibly short (bootstrap.hpp)

std::vector<double> present_values(std::span<const double> arm, const char* name, std::vector<std::string>& notes) {
    std::vector<double> present;
    std::size_t infinite = 0;
    for (const double value : arm) {
        if (std::isfinite(value))
            present.push_back(value);
        else if (std::isinf(value))
            ++infinite;
    }
    if (const std::size_t missing = arm.size() - present.size() - infinite; missing > 0)
        notes.push_back(fmt::format("{}: {} of {} animals have no value.", name, missing, arm.size()));
    if (infinite > 0)
        notes.push_back(
            fmt::format("{}: {} of {} animals have an infinite value, left out.", name, infinite, arm.size()));
    return present;
}

double mean_of_picked(std::span<const double> values, std::span<const std::uint32_t> picks) {
    double sum = 0;
    for (const std::uint32_t pick : picks) sum += values[pick];
    return sum / static_cast<double>(picks.size());
}

std::optional<Effect> as_effect(const std::optional<BootstrapResult>& result) {
    if (!result) return std::nullopt;
    return Effect{result->estimate, result->interval};
}

void add_ratio(Comparison& comparison, std::span<const double> control, std::span<const double> treated,
               const BootstrapOptions& options) {
    const auto negative = [](double value) { return value < 0; };
    if (std::any_of(control.begin(), control.end(), negative) ||
        std::any_of(treated.begin(), treated.end(), negative)) {
        comparison.notes.push_back("No ratio of means: there are negative values.");
        return;
    }
    if (!(comparison.control->mean > 0)) {
        comparison.notes.push_back("No ratio of means: the control's mean is 0.");
        return;
    }
    const std::array sizes = {comparison.control->n, comparison.treated->n};
    const auto ratio = bootstrap(
        sizes,
        [&](const Picks& picks) { return mean_of_picked(treated, picks[1]) / mean_of_picked(control, picks[0]); },
        options);
    comparison.ratio = as_effect(ratio);
    if (comparison.difference && comparison.difference->interval && !(ratio && ratio->interval))
        comparison.notes.push_back("No interval of the ratio: the control's mean is 0 in too many resamples.");
}

void add_unpaired(Comparison& comparison, std::span<const double> control, std::span<const double> treated,
                  const BootstrapOptions& options) {
    const std::array sizes = {comparison.control->n, comparison.treated->n};
    comparison.difference = as_effect(bootstrap(
        sizes,
        [&](const Picks& picks) { return mean_of_picked(treated, picks[1]) - mean_of_picked(control, picks[0]); },
        options));
    add_ratio(comparison, control, treated, options);
    const int smaller = std::min(sizes[0], sizes[1]);
    if (const auto delta = cliffs_delta(treated, control, options.confidence))
        comparison.cliffs_delta = smaller < 3 ? Effect{delta->estimate, {}} : Effect{delta->estimate, delta->interval};
    RankTestOptions rank_options;
    rank_options.confidence = options.confidence;
    // One animal against one would only swell the family that others are adjusted over.
    if (smaller >= 2) comparison.mann_whitney = mann_whitney(treated, control, rank_options);
    if (smaller < 3)
        comparison.notes.push_back("No unpaired interval: an arm has fewer than 3 animals.");
    else if (smaller < few)
        comparison.notes.push_back(fmt::format(
            "Unpaired intervals rest on {} animals in an arm: they cover less than they promise.", smaller));
}

void add_paired(Comparison& comparison, std::span<const double> control, std::span<const double> treated,
                const BootstrapOptions& options) {
    std::vector<double> differences;
    for (std::size_t i = 0; i < std::min(control.size(), treated.size()); ++i)
        if (std::isfinite(control[i]) && std::isfinite(treated[i])) differences.push_back(treated[i] - control[i]);
    comparison.pairs = static_cast<int>(differences.size());
    if (differences.empty()) {
        comparison.notes.push_back("No paired comparison: no mouse has a value in both arms.");
        return;
    }
    const std::array sizes = {comparison.pairs};
    comparison.paired_difference =
        as_effect(bootstrap(sizes, [&](const Picks& picks) { return mean_of_picked(differences, picks[0]); }, options));
    RankTestOptions rank_options;
    rank_options.confidence = options.confidence;
    if (comparison.pairs >= 2)
        comparison.signed_rank = signed_rank(differences, std::vector<double>(differences.size(), 0.0), rank_options);
    if (comparison.pairs < 3)
        comparison.notes.push_back("No paired bootstrap interval: there are fewer than 3 pairs.");
    else if (comparison.pairs < few)
        comparison.notes.push_back(
            fmt::format("The paired interval rests on {} pairs: it covers less than it promises.", comparison.pairs));
}

void note_method(Comparison& comparison, const std::optional<RankTest>& test, const char* name) {
    if (!test) return;
    std::string note = fmt::format("{}: p {}", name, to_string(test->method));
    if (test->ties)
        note += test->method == RankMethod::exact ? ", permutation of midranks since there are ties"
                                                  : ", variance corrected for ties";
    if (test->zeros > 0) note += fmt::format(", {} differences of 0 left out", test->zeros);
    comparison.notes.push_back(note + '.');
}

void adjust(std::span<Comparison> family, std::optional<RankTest> Comparison::* test,
            std::optional<double> Comparison::* adjusted) {
    std::vector<double> p;
    for (const Comparison& comparison : family)
        if (comparison.*test) p.push_back((comparison.*test)->p);
    const auto by_holm = holm(p);
    std::size_t next = 0;
    for (Comparison& comparison : family) {
        comparison.*adjusted = std::nullopt;
        if (comparison.*test) comparison.*adjusted = by_holm[next++];
    }
}

}  // namespace

Comparison compare_arms(std::span<const double> control, std::span<const double> treated,
                        const BootstrapOptions& options) {
    Comparison comparison;
    const auto in_control = present_values(control, "Control", comparison.notes);
    const auto in_treated = present_values(treated, "Treated", comparison.notes);
    comparison.control = summarise(in_control);
    comparison.treated = summarise(in_treated);
    if (control.size() != treated.size())
        comparison.notes.push_back(
            fmt::format("The arms have {} and {} mice; the surplus has no partner.", control.size(), treated.size()));
    if (!comparison.control || !comparison.treated) {
        comparison.notes.push_back("No comparison: an arm has no value.");
        return comparison;
    }
    add_unpaired(comparison, in_control, in_treated, options);
    add_paired(comparison, control, treated, options);
    note_method(comparison, comparison.mann_whitney, "Mann-Whitney");
    note_method(comparison, comparison.signed_rank, "Signed rank");
    return comparison;
}

void apply_holm(std::span<Comparison> family) {
    adjust(family, &Comparison::mann_whitney, &Comparison::mann_whitney_holm);
    adjust(family, &Comparison::signed_rank, &Comparison::signed_rank_holm);
}

}  // namespace stellate::statistics
