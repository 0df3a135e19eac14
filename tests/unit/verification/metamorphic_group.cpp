// The metamorphic group of the verification suite, in its quick form.
#include "group.hpp"
#include "verification/metamorphic.hpp"

namespace stellate::verification {
namespace {

class MetamorphicGroup : public testing::TestWithParam<const char*> {
protected:
    // One for all, so that a case's mutants share what it was compared with.
    static const std::vector<Case>& cases() {
        static const std::vector<Case> all =
            metamorphic_cases_with({.quick = true, .model_roots = {STELLATE_SOURCE_DIR "/models"}});
        return all;
    }
};

TEST_P(MetamorphicGroup, holds_and_fails_under_every_mutant) {
    const Case& tested = find_case(cases(), GetParam());
    expect_passes(tested);
    expect_fails_under_every_mutant(tested);
}

INSTANTIATE_TEST_SUITE_P(Cases, MetamorphicGroup,
                         testing::Values("X01", "X02", "X03", "X05", "X07", "X08", "X09", "X10", "X11", "X12", "X13"));

}  // namespace
}  // namespace stellate::verification
