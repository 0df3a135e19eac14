// The metamorphic group of the verification suite, in its quick form.
#include "group.hpp"

namespace stellate::verification {
namespace {

class MetamorphicGroup : public testing::TestWithParam<std::string> {
protected:
    // One for all, so that a case's mutants share what it was compared with.
    static const std::vector<Case>& cases() {
        static const std::vector<Case> all = metamorphic_cases(quick_mice());
        return all;
    }
};

TEST_P(MetamorphicGroup, holds_and_fails_under_every_mutant) {
    const Case& tested = find_case(cases(), GetParam());
    expect_passes(tested);
    expect_fails_under_every_mutant(tested);
}

INSTANTIATE_TEST_SUITE_P(Cases, MetamorphicGroup, testing::ValuesIn(ids_of(metamorphic_cases(quick_mice()))), name_of);

}  // namespace
}  // namespace stellate::verification
