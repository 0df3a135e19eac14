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
    auto plain = test::world<SectionShape>(mouse, 7, {3, 3, 1}, 20),
         watched = test::world<SectionShape>(mouse, 7, {3, 3, 1}, 20);
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

// A stepper knows what it left behind, and only of that may it think that it is settled.
TEST(SameBits, one_stepper_for_two_worlds_in_turn_gives_the_digests_of_two_steppers) {
    const auto mouse = test::load();
    const auto section = [&](std::uint64_t seed) { return test::world<SectionShape>(mouse, seed, {3, 3, 1}, 20); };
    auto a = section(7), b = section(8), alone_a = section(7), alone_b = section(8);
    Stepper<SectionShape> stepper(1);
    for (int n = 0; n < 60; ++n) {
        stepper.step(a);
        stepper.step(b);
    }
    test::run(alone_a, 60);
    test::run(alone_b, 60);
    EXPECT_EQ(digest(a), digest(alone_a));
    EXPECT_EQ(digest(b), digest(alone_b));
}

TEST(SameBits, a_stepper_settles_a_world_that_it_did_not_leave) {
    const auto mouse = test::load();
    auto settled = test::world<SectionShape>(mouse, 7, {3, 3, 1}, 20),
         unsettled = test::world<SectionShape>(mouse, 7, {3, 3, 1}, 20);
    Stepper<SectionShape> used(1);
    for (auto* w : {&settled, &unsettled}) {
        for (int n = 0; n < 30; ++n) used.step(*w);
        for (Fixed& x : w->lattice.find({1, 1, 0})->cells.x) x += fixed_from_um(40);  // some beyond their brick
    }
    ASSERT_TRUE(unsettled.lattice.find({1, 1, 0})->activity.cells_awake);
    settled.lattice.settle(1);
    used.step(settled);
    used.step(unsettled);
    EXPECT_EQ(digest(settled), digest(unsettled));
    test::run(settled, 5);
    test::run(unsettled, 5);
    EXPECT_EQ(digest(settled), digest(unsettled));
}

}  // namespace
}  // namespace stellate
