// The rules group of the verification suite.
#include "group.hpp"

namespace stellate::verification {
namespace {

class RulesGroup : public testing::TestWithParam<std::string> {
protected:
    const std::vector<Case> cases = rules_cases();
};

TEST_P(RulesGroup, agrees_with_the_known_answers) { expect_passes(find_case(cases, GetParam())); }
TEST_P(RulesGroup, fails_when_what_it_tests_is_wrong) { expect_fails_under_every_mutant(find_case(cases, GetParam())); }

INSTANTIATE_TEST_SUITE_P(Cases, RulesGroup, testing::ValuesIn(ids_of(rules_cases())), name_of);

}  // namespace
}  // namespace stellate::verification
