// Control against control: other animals of the same kind give no difference at alpha = 0.001, the level of all tests here
// that compare samples of worlds (seeds are fixed, so it passes once and for all); a real difference is found at that level.
#include <gtest/gtest.h>

#include "../simulation/mouse.hpp"
#include "laboratory/compare.hpp"

namespace stellate {
namespace {

// Living tumour cells on day 4 in eight mice.
std::vector<double> burdens(const test::Mouse& mouse, std::uint64_t first_seed, int tumour_cells) {
    std::vector<double> out;
    for (std::uint64_t n = 0; n < 8; ++n) {
        auto w = test::world<SectionShape>(mouse, first_seed + n, {2, 2, 1}, tumour_cells);
        test::run(w, 4 * 240);
        out.push_back(double(test::count(w, "tumour") + test::count(w, "tumour_arrested")));
    }
    return out;
}

TEST(NullCohort, other_mice_differ_in_nothing_and_more_tumour_cells_are_found_out) {
    const auto mouse = test::load();
    const auto control = burdens(mouse, 1, 16), other = burdens(mouse, 101, 16), more = burdens(mouse, 201, 64);
    const auto null = statistics::compare_arms(control, other, {});
    const auto real = statistics::compare_arms(control, more, {});
    constexpr double alpha = 1e-3;
    ASSERT_TRUE(null.mann_whitney && real.mann_whitney && real.difference && real.difference->interval);
    EXPECT_GT(null.mann_whitney->p, alpha);
    EXPECT_LT(real.mann_whitney->p, alpha);
    EXPECT_GT(real.difference->interval->lower, 0);
}

}  // namespace
}  // namespace stellate
