// One digest whatever the threads, the order or the observer; a treatment acts through its kills alone.
#include <gtest/gtest.h>

#include "mouse.hpp"
#include "treatment/plan.hpp"

namespace stellate {
namespace {

constexpr int ticks_a_day = 240;

TEST(SameBits, one_two_and_three_threads_give_one_digest_in_a_section) {
    const auto mouse = test::load();
    Digest first{};
    for (const int threads : {1, 2, 3}) {
        auto w = test::world<SectionShape>(mouse, 7, {4, 4, 1}, 40);
        test::run(w, 3 * ticks_a_day, threads);
        ASSERT_GT(w.tally.divisions, 0u);
        if (threads == 1) first = digest(w);
        EXPECT_EQ(digest(w), first) << threads;
    }
}

TEST(SameBits, one_two_and_three_threads_give_one_digest_in_a_block) {
    const auto mouse = test::load();
    Digest first{};
    for (const int threads : {1, 2, 3}) {
        auto w = test::world<BlockShape>(mouse, 8, {3, 3, 3}, 20);
        test::run(w, ticks_a_day, threads);
        if (threads == 1) first = digest(w);
        EXPECT_EQ(digest(w), first) << threads;
    }
}

TEST(SameBits, another_seed_gives_another_digest) {
    const auto mouse = test::load();
    auto a = test::world<SectionShape>(mouse, 7, {3, 3, 1}, 20), b = test::world<SectionShape>(mouse, 8, {3, 3, 1}, 20);
    test::run(a, 20);
    test::run(b, 20);
    EXPECT_NE(digest(a), digest(b));
}

TEST(SameBits, an_observer_of_every_phase_changes_nothing) {
    const auto mouse = test::load();
    auto plain = test::world<SectionShape>(mouse, 7, {3, 3, 1}, 20), watched = test::world<SectionShape>(mouse, 7, {3, 3, 1}, 20);
    test::run(plain, 60);
    Stepper<SectionShape> stepper(1);
    int calls = 0;
    stepper.observe([&](std::string_view, const World<SectionShape>& w) {
        digest(w);
        ++calls;
    });
    for (int n = 0; n < 60; ++n) stepper.step(watched);
    EXPECT_EQ(calls, 660);
    EXPECT_EQ(digest(plain), digest(watched));
}

}  // namespace
}  // namespace stellate
