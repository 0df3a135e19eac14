// The motility group of the verification suite.
#include "group.hpp"

namespace stellate::verification {
namespace {

class MotilityGroup : public testing::TestWithParam<std::string> {
protected:
    const std::vector<Case> cases = motility_cases(quick_mice());
};

TEST_P(MotilityGroup, agrees_with_the_known_answers) { expect_passes(find_case(cases, GetParam())); }
TEST_P(MotilityGroup, fails_when_what_it_tests_is_wrong) {
    expect_fails_under_every_mutant(find_case(cases, GetParam()));
}

INSTANTIATE_TEST_SUITE_P(Cases, MotilityGroup, testing::ValuesIn(ids_of(motility_cases(quick_mice()))), name_of);

}  // namespace
}  // namespace stellate::verification
