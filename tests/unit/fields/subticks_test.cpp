#include "fields/subticks.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace stellate::fields {
namespace {

TEST(Subticks, are_one_for_fast_and_for_slow_substrates_and_few_between) {
    EXPECT_EQ(subticks(10.0, 6, 0.03), 1);   // oxygen: steady within a tick
    EXPECT_EQ(subticks(0.0, 6, 0.03), 1);    // never changes by itself
    EXPECT_EQ(subticks(0.001, 6, 0.03), 1);  // slow against the tick
    EXPECT_EQ(subticks(0.02, 6, 0.03), 1);
    EXPECT_EQ(subticks(0.03, 6, 0.03), 2);
    EXPECT_EQ(subticks(0.05, 6, 0.03), 2);
    EXPECT_EQ(subticks(0.1, 6, 0.03), 4);
    int most = 0;
    for (double rate = 1e-4; rate < 100; rate *= 1.05) most = std::max(most, subticks(rate, 6, 0.03));
    EXPECT_EQ(most, 9);
}

TEST(Subticks, keep_the_error_after_a_switched_source_below_the_tolerance) {
    for (const double tolerance : {0.1, 0.05, 0.02, 0.005})
        for (double rate = 1e-3; rate < 30; rate *= 1.3) {
            const int n = subticks(rate, 6, tolerance);
            double scheme = 1, worst = 0;
            for (int tick = 1; tick <= 500; ++tick) {
                for (int i = 0; i < n; ++i) scheme /= 1 + rate * 6 / n;
                worst = std::max(worst, scheme - std::exp(-rate * 6 * tick));
            }
            EXPECT_LE(worst, tolerance * (1 + 1e-12)) << rate;
            if (n > 1) {
                EXPECT_GT(relaxation_error(rate, 6, n - 1), tolerance) << rate;
            }
        }
}

TEST(Subticks, depend_on_rate_times_tick_only) {
    EXPECT_EQ(subticks(0.1, 6, 0.02), subticks(0.2, 3, 0.02));
    EXPECT_NEAR(relaxation_error(0.1, 6, 3), relaxation_error(0.2, 3, 3), 1e-15);
}

}  // namespace
}  // namespace stellate::fields
