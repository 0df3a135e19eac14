// The verification suite's vocabulary: a case runs a piece of the program against a known answer and returns checks; a
// mutation is a deliberate mistake of about 1 % in what the case tests, and a case that does not fail under it is
// itself wrong. One source file per group makes its cases; `stellate verify` runs them and prints the table.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace stellate::verification {

// One number compared with its known value.
struct Check {
    enum class Tier {
        discrete_exact,  // the number the scheme must give; tolerance is round-off
        order,           // against the exact solution, by level of error or by observed order
        statistical,     // estimate against exact law, tolerance in standard errors
        table,           // a published table against the formula that other checks take: says nothing of the program
    };

    std::string id;    // of the case, e.g. "F05"
    std::string what;  // in words, unit included
    double expected = 0, got = 0, tolerance = 0;
    Tier tier = Tier::discrete_exact;
    std::string source;    // where the expected value comes from
    bool relative = true;  // error relative to |expected| (absolute where that is 0)

    double error() const;
    bool pass() const;  // not a number fails
};

inline Check tabulated(const char* id, std::string what, double published, double formula, double tolerance) {
    return {id, std::move(what), published, formula, tolerance, Check::Tier::table, "published digits", true};
}

// A deliberate mistake, understood by the case that lists it. The default is none.
struct Mutation {
    std::string name;
    double factor = 1;
    // The factor if this is the mistake called `which`, else 1.
    double of(const char* which) const { return name == which ? factor : 1.0; }
    bool is(const char* which) const { return name == which; }
};

struct Case {
    std::string id, group, what;
    std::function<std::vector<Check>(const Mutation&)> run;
    std::vector<Mutation> mutants;  // each must make at least one check fail
};

// Some cases raise small mice of the shipped model; one that does not find models/liver-mouse throws InputError when it
// is run.
struct MouseOptions {
    bool quick = false;  // smaller worlds, fewer mice; bounds widen with the noise
    // Directories that hold models, searched after those at and above the program and the working directory.
    std::vector<std::filesystem::path> model_roots;
};

std::vector<Case> fields_cases();
std::vector<Case> mechanics_cases();
std::vector<Case> motility_cases(const MouseOptions& options);
std::vector<Case> populations_cases();
std::vector<Case> random_cases(const MouseOptions& options);
std::vector<Case> rules_cases();
std::vector<Case> metamorphic_cases(const MouseOptions& options);

// Every group, in the order of the table.
std::vector<Case> every_case(const MouseOptions& options = {});

}  // namespace stellate::verification
