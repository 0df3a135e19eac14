// stellate verify: runs cases, prints the table, and on request shows that mutants fail.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "commands.hpp"
#include "core/error.hpp"
#include "laboratory/cohort.hpp"
#include "laboratory/json.hpp"
#include "verification/check.hpp"

namespace stellate::app {

namespace {

using verification::Case;
using verification::Check;
using verification::Mutation;

std::vector<Case> selected(const VerifyOptions& options) {
    std::vector<Case> all = verification::every_case();
    std::vector<std::string> groups, ids;
    for (const Case& c : all) {
        if (std::find(groups.begin(), groups.end(), c.group) == groups.end()) groups.push_back(c.group);
        ids.push_back(c.id);
    }
    Problems problems;
    const auto check = [&](const char* option, const std::vector<std::string>& wanted,
                           const std::vector<std::string>& known) {
        for (const std::string& name : wanted)
            if (std::find(known.begin(), known.end(), name) == known.end())
                problems.add({option, 0, 0}, name,
                             "is unknown" + did_you_mean(name, known) + "; expected one of " + listed(known));
    };
    check("--group", options.groups, groups);
    check("--id", options.ids, ids);
    problems.throw_if_any();
    const auto named = [](const std::vector<std::string>& names, const std::string& name) {
        return names.empty() || std::find(names.begin(), names.end(), name) != names.end();
    };
    std::erase_if(all, [&](const Case& c) { return !named(options.groups, c.group) || !named(options.ids, c.id); });
    if (all.empty())
        throw InputError({"--id", 0, 0}, options.ids.empty() ? "" : options.ids.front(),
                         "is in none of the groups of --group; expected a case of these groups");
    return all;
}

struct Outcome {
    const Case* of = nullptr;
    std::string mutant;  // empty: the program as it is
    std::vector<Check> checks;
    std::string stopped;  // why it could not be run
    double seconds = 0;

    bool all_pass() const {
        return stopped.empty() && !checks.empty() &&
               std::all_of(checks.begin(), checks.end(), [](const Check& c) { return c.pass(); });
    }
    // What is wanted of it: every check passes, or, for a mutant, one does not. One that could not be run shows
    // nothing.
    bool good() const { return stopped.empty() && mutant.empty() == all_pass(); }
};

Outcome carry_out(const Case& of, const Mutation& mutation) {
    Outcome outcome{&of, mutation.name, {}, {}, 0};
    const auto start = std::chrono::steady_clock::now();
    try {
        outcome.checks = of.run(mutation);
    } catch (const std::exception& error) {
        outcome.stopped = error.what();
    }
    outcome.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return outcome;
}

std::string row(const std::string& id, const std::string& what, const std::string& expected, const std::string& got,
                const std::string& error, const std::string& tolerance, const std::string& pass) {
    return fmt::format("{:<6} {:<70} {:>13} {:>13} {:>10} {:>10}  {}\n", id, what, expected, got, error, tolerance,
                       pass);
}

std::string table_of(const Outcome& outcome) {
    std::string text;
    if (!outcome.mutant.empty())
        return row(outcome.of->id, "mutant: " + outcome.mutant, "", "", "", "",
                   outcome.good() ? "fails, as it must" : "NOT NOTICED");
    if (!outcome.stopped.empty())
        return row(outcome.of->id, outcome.of->what, "", "", "", "", "FAIL: " + outcome.stopped);
    if (outcome.checks.empty()) return row(outcome.of->id, outcome.of->what, "", "", "", "", "FAIL: checked nothing");
    for (const Check& c : outcome.checks)
        text += row(c.id, c.what, fmt::format("{:.7g}", c.expected), fmt::format("{:.7g}", c.got),
                    fmt::format("{:.2g}", c.error()),
                    fmt::format("{:.2g}{}", c.tolerance, c.relative && c.expected != 0 ? " rel" : ""),
                    c.pass() ? "pass" : "FAIL");
    return text;
}

const char* name_of(Check::Tier tier) {
    switch (tier) {
        case Check::Tier::discrete_exact:
            return "discrete-exact";
        case Check::Tier::order:
            return "order";
        case Check::Tier::statistical:
            return "statistical";
        case Check::Tier::table:
            return "table";
    }
    return "";
}

std::string json_of(const std::vector<Outcome>& outcomes, bool good) {
    JsonWriter out;
    out.begin_object().member("pass", good).key("cases").begin_array();
    for (const Outcome& o : outcomes) {
        out.begin_object().member("id", o.of->id).member("group", o.of->group).member("what", o.of->what);
        if (!o.mutant.empty()) out.member("mutant", o.mutant);
        if (!o.stopped.empty()) out.member("stopped", o.stopped);
        out.member("good", o.good()).member("seconds", o.seconds).key("checks").begin_array();
        for (const Check& c : o.checks) {
            out.begin_object()
                .member("id", c.id)
                .member("what", c.what)
                .member("tier", name_of(c.tier))
                .member("expected", c.expected);
            out.member("got", c.got).member("error", c.error()).member("tolerance", c.tolerance);
            out.member("relative", c.relative && c.expected != 0)
                .member("pass", c.pass())
                .member("source", c.source)
                .end_object();
        }
        out.end_array().end_object();
    }
    out.end_array().end_object();
    return out.text();
}

}  // namespace

int verify(const VerifyOptions& options) {
    const std::vector<Case> cases = selected(options);
    if (options.list) {
        std::string text;
        for (const Case& c : cases) text += fmt::format("{:<6} {:<14} {}\n", c.id, c.group, c.what);
        print(text);
        return done;
    }
    if (!options.json) print(row("id", "what", "expected", "got", "error", "tolerance", "pass"));
    std::vector<Outcome> outcomes;
    StatusLine status(options.json);
    const auto stop_if_asked = [] {
        if (stop_signal.load() != 0) throw laboratory::Cancelled();
    };
    const auto add = [&](const Case& of, const Mutation& mutation) {
        stop_if_asked();
        status.show(fmt::format("{} {}{}", of.id, of.what, mutation.name.empty() ? "" : " [" + mutation.name + "]"));
        outcomes.push_back(carry_out(of, mutation));
        status.clear();
        stop_if_asked();
        if (!options.json) print(table_of(outcomes.back()));
    };
    for (const Case& c : cases) {
        add(c, {});
        if (options.mutants)
            for (const Mutation& mutation : c.mutants) add(c, mutation);
    }
    const bool good = std::all_of(outcomes.begin(), outcomes.end(), [](const Outcome& o) { return o.good(); });
    if (options.json) {
        print(json_of(outcomes, good));
        return good ? done : failed;
    }
    std::size_t checks = 0, passed = 0, tables = 0, mutants = 0, noticed = 0;
    for (const Outcome& o : outcomes) {
        if (!o.mutant.empty()) {
            ++mutants;
            noticed += o.good();
            continue;
        }
        if (o.checks.empty()) ++checks;
        for (const Check& c : o.checks) {
            if (c.tier == Check::Tier::table) {
                tables += c.pass();
                continue;
            }
            ++checks;
            passed += c.pass();
        }
    }
    std::string summary = fmt::format("{} of {} checks pass", passed, checks);
    if (tables > 0) summary += fmt::format("; {} rows of published tables agree with the formulas used", tables);
    if (mutants > 0) summary += fmt::format("; {} of {} deliberate mistakes are noticed", noticed, mutants);
    print(summary + "\n");
    return good ? done : failed;
}

}  // namespace stellate::app
