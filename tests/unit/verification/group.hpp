// Runs a group of the verification suite as unit tests: every case passes, and fails under each of its mutants.
#pragma once

#include <gtest/gtest.h>

#include "verification/check.hpp"

namespace stellate::verification {

// Small, and with the models of the sources.
inline MouseOptions quick_mice() { return {.quick = true, .model_roots = {STELLATE_SOURCE_DIR "/models"}}; }

// Parameters of a group's tests, so that no case is left out.
inline std::vector<std::string> ids_of(const std::vector<Case>& cases) {
    std::vector<std::string> ids;
    for (const Case& c : cases) ids.push_back(c.id);
    return ids;
}
inline std::string name_of(const testing::TestParamInfo<std::string>& id) { return id.param; }

inline void expect_passes(const Case& tested) {
    const std::vector<Check> checks = tested.run({});
    EXPECT_FALSE(checks.empty()) << tested.id;
    for (const Check& c : checks) {
        EXPECT_EQ(c.id, tested.id);
        EXPECT_TRUE(c.pass()) << c.id << ' ' << c.what << ": expected " << c.expected << ", got " << c.got << ", error "
                              << c.error() << " over " << c.tolerance;
    }
}

inline void expect_fails_under_every_mutant(const Case& tested) {
    EXPECT_FALSE(tested.mutants.empty()) << tested.id;
    for (const Mutation& mutant : tested.mutants) {
        bool caught = false;
        for (const Check& c : tested.run(mutant)) caught = caught || !c.pass();
        EXPECT_TRUE(caught) << tested.id << " passes in spite of '" << mutant.name << "'";
    }
}

inline const Case& find_case(const std::vector<Case>& cases, const std::string& id) {
    for (const Case& c : cases)
        if (c.id == id) return c;
    throw std::out_of_range("no case " + id);
}

}  // namespace stellate::verification
