// The random-number group of the verification suite.
#include "group.hpp"

namespace stellate::verification {
namespace {

class RandomGroup : public testing::TestWithParam<std::string> {
protected:
    // One for all, so that a case's mutants share what it was compared with.
    static const std::vector<Case>& cases() {
        static const std::vector<Case> all = random_cases(quick_mice());
        return all;
    }
};

TEST_P(RandomGroup, holds_and_fails_under_every_mutant) {
    const Case& tested = find_case(cases(), GetParam());
    expect_passes(tested);
    expect_fails_under_every_mutant(tested);
}

INSTANTIATE_TEST_SUITE_P(Cases, RandomGroup, testing::ValuesIn(ids_of(random_cases(quick_mice()))), name_of);

}  // namespace
}  // namespace stellate::verification
