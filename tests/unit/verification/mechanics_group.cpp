// The mechanics group of the verification suite.
#include "group.hpp"

namespace stellate::verification {
namespace {

class MechanicsGroup : public testing::TestWithParam<std::string> {
protected:
    const std::vector<Case> cases = mechanics_cases();
};

TEST_P(MechanicsGroup, agrees_with_the_known_answers) { expect_passes(find_case(cases, GetParam())); }
TEST_P(MechanicsGroup, fails_when_what_it_tests_is_wrong) {
    expect_fails_under_every_mutant(find_case(cases, GetParam()));
}

INSTANTIATE_TEST_SUITE_P(Cases, MechanicsGroup, testing::ValuesIn(ids_of(mechanics_cases())), name_of);

}  // namespace
}  // namespace stellate::verification
