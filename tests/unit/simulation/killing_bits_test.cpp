// The killing phase is the same to the last bit on any number of threads: CD8 cells that came in, walked, met their
// prey inside sub-steps, killed and were suppressed.
#include <gtest/gtest.h>

#include "mouse.hpp"

namespace stellate {
namespace {

// A world grown on one, two and three threads; killers must have been at work in it.
template <class Shape>
void expect_one_digest(std::uint64_t seed, Extent extent, int tumour_cells, int ticks) {
    const auto mouse = test::load_besieged();
    Digest first{};
    for (const int threads : {1, 2, 3}) {
        auto w = test::world<Shape>(mouse, seed, extent, tumour_cells);
        test::run(w, ticks, threads);
        if (threads == 1) {
            first = digest(w);
            EXPECT_GT(test::of(w, w.tally.recruited, "cd8"), 0u);
            EXPECT_GT(test::of(w, w.tally.recruited, "mdsc"), 0u);
            EXPECT_GT(test::of(w, w.tally.kills, "cd8"), 0u);
            EXPECT_GT(test::of(w, w.tally.kills, "nk"), 0u);
        }
        EXPECT_EQ(digest(w), first) << threads;
    }
}

TEST(KillingBits, one_two_and_three_threads_give_one_digest_in_a_section) {
    expect_one_digest<SectionShape>(7, {4, 4, 1}, 120, 200);
}

TEST(KillingBits, one_two_and_three_threads_give_one_digest_in_a_block) {
    expect_one_digest<BlockShape>(8, {3, 3, 3}, 120, 120);
}

}  // namespace
}  // namespace stellate
