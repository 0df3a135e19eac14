// The populations group of the verification suite.
#include "group.hpp"

namespace stellate::verification {
namespace {

class PopulationsGroup : public testing::TestWithParam<std::string> {
protected:
    const std::vector<Case> cases = populations_cases();
};

TEST_P(PopulationsGroup, agrees_with_the_exact_laws) { expect_passes(find_case(cases, GetParam())); }
TEST_P(PopulationsGroup, fails_when_what_it_tests_is_wrong) {
    expect_fails_under_every_mutant(find_case(cases, GetParam()));
}

INSTANTIATE_TEST_SUITE_P(Cases, PopulationsGroup, testing::ValuesIn(ids_of(populations_cases())), name_of);

}  // namespace
}  // namespace stellate::verification
