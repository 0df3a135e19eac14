// The populations group of the verification suite.
#include "group.hpp"

namespace stellate::verification {
namespace {

class PopulationsGroup : public testing::TestWithParam<const char*> {
protected:
    const std::vector<Case> cases = populations_cases();
};

TEST_P(PopulationsGroup, agrees_with_the_exact_laws) { expect_passes(find_case(cases, GetParam())); }
TEST_P(PopulationsGroup, fails_when_what_it_tests_is_wrong) {
    expect_fails_under_every_mutant(find_case(cases, GetParam()));
}

INSTANTIATE_TEST_SUITE_P(Cases, PopulationsGroup,
                         testing::Values("P01", "P02", "P03", "P04", "P05", "P06", "P07", "P08", "P09", "P10"));

}  // namespace
}  // namespace stellate::verification
