// The random-number group of the verification suite.
#include "group.hpp"

namespace stellate::verification {
namespace {

class RandomGroup : public testing::TestWithParam<const char*> {
protected:
    const std::vector<Case> cases = random_cases();
};

TEST_P(RandomGroup, agrees_with_the_known_answers) { expect_passes(find_case(cases, GetParam())); }
TEST_P(RandomGroup, fails_when_what_it_tests_is_wrong) {
    expect_fails_under_every_mutant(find_case(cases, GetParam()));
}

INSTANTIATE_TEST_SUITE_P(Cases, RandomGroup, testing::Values("N01", "N02", "N03"));

}  // namespace
}  // namespace stellate::verification
