// Every verification case of the fields passes, and fails under each of its deliberate mistakes.
#include <gtest/gtest.h>

#include <limits>
#include <ostream>
#include <set>
#include <string>
#include <vector>

#include "verification/check.hpp"

namespace stellate::verification {
namespace {

class FieldsGroup : public testing::TestWithParam<Case> {};

TEST_P(FieldsGroup, passes_and_each_mutant_fails) {
    const Case& c = GetParam();
    const std::vector<Check> checks = c.run({});
    EXPECT_FALSE(checks.empty());
    for (const Check& check : checks)
        EXPECT_TRUE(check.pass()) << check.id << " " << check.what << ": expected " << check.expected << ", got "
                                  << check.got << ", error " << check.error() << ", tolerance " << check.tolerance
                                  << " (" << check.source << ")";
    EXPECT_FALSE(c.mutants.empty());
    for (const Mutation& mutant : c.mutants) {
        bool noticed = false;
        for (const Check& check : c.run(mutant)) noticed = noticed || !check.pass();
        EXPECT_TRUE(noticed) << c.id << " does not notice: " << mutant.name;
    }
}

INSTANTIATE_TEST_SUITE_P(Cases, FieldsGroup, testing::ValuesIn(fields_cases()),
                         [](const testing::TestParamInfo<Case>& each) { return each.param.id; });

TEST(FieldsSuite, holds_every_case_of_the_list_once) {
    std::multiset<std::string> ids;
    for (const Case& c : fields_cases()) ids.insert(c.id);
    const std::multiset<std::string> expected = {"F01", "F02", "F03", "F04", "F05", "F06", "F08", "F09",
                                                 "F10", "F11", "F13", "F14", "F15", "F16", "F17", "F18"};
    EXPECT_EQ(ids, expected);
}

TEST(Check, fails_on_what_is_not_a_number) {
    Check c;
    c.expected = 1;
    c.tolerance = 1e300;
    c.got = std::numeric_limits<double>::quiet_NaN();
    EXPECT_FALSE(c.pass());
    c.got = 1e299;
    EXPECT_TRUE(c.pass());
}

}  // namespace

// Prints a case's name instead of its bytes.
void PrintTo(const Case& c, std::ostream* out) { *out << c.id << " " << c.what; }

}  // namespace stellate::verification
