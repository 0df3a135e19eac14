// One digest whatever the threads, the order or the observer; a treatment acts through its kills alone.
#include <gtest/gtest.h>

#include <cstdlib>

#include "core/parallel.hpp"
#include "mouse.hpp"
#include "simulation/phases.hpp"
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

// Whoever begins first: bricks are taken up in an order that a number draws, another one for every loop of a seed.
TEST(SameBits, the_order_in_which_bricks_are_taken_up_does_not_matter) {
    const auto mouse = test::load_besieged();
    const char* more = std::getenv("STELLATE_SHUFFLES");  // the long form: tests/robustness/soak.sh
    const std::uint64_t seeds = more ? std::strtoull(more, nullptr, 10) : 10;
    const auto grown = [&](std::uint64_t seed) {
        shuffled_by = seed;
        auto w = test::world<SectionShape>(mouse, 7, {4, 3, 1}, 60);
        test::run(w, 150, seed % 2 == 0 ? 2 : 3);
        shuffled_by = 0;
        EXPECT_GT(w.tally.tumour_divisions + w.tally.deaths[std::size_t(mouse.model->roles.tumour_arrested)], 0u);
        return digest(w);
    };
    const Digest in_order = grown(0);
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) ASSERT_EQ(grown(seed), in_order) << seed;
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
    EXPECT_EQ(calls, 600);
    EXPECT_EQ(digest(plain), digest(watched));
}

// Nothing but the world goes from tick to tick: a stepper that has been at it from the beginning, one made anew for
// every tick and one that goes on from a copy agree, while bricks wake, sleep and come into memory around killers.
template <class Shape>
void expect_steppers_to_remember_nothing(Extent extent, int tumour_cells, int ticks) {
    const auto mouse = test::load_besieged();
    auto one = test::world<Shape>(mouse, 9, extent, tumour_cells),
         other = test::world<Shape>(mouse, 9, extent, tumour_cells);
    Stepper<Shape> stepper(1);
    bool some_slept = false;
    std::size_t in_memory = 0, came = 0;
    for (int n = 0; n < ticks; ++n) {
        stepper.step(one);
        if (n % 7 == 3) {
            World<Shape> copy(other);
            Stepper<Shape>(1).step(copy);
            Stepper<Shape>(1).step(other);
            ASSERT_EQ(digest(copy), digest(other)) << n;
        } else {
            Stepper<Shape>(1).step(other);
        }
        ASSERT_EQ(digest(one), digest(other)) << n;
        const auto& bricks = one.lattice.in_memory();
        for (const auto* brick : bricks) some_slept = some_slept || (n > 20 && !brick->activity.cells_awake);
        if (n > 0) came += bricks.size() - in_memory;
        in_memory = bricks.size();
    }
    EXPECT_TRUE(some_slept);
    EXPECT_GT(came, 0u);
    if (Shape::flat) {
        EXPECT_GT(test::of(one, one.tally.kills, "cd8"), 0u);
    }
}

// What others may read of a brick's scratch is gone when a tick begins: a brick that sleeps fills nothing anew.
TEST(SameBits, scratch_of_a_brick_that_sleeps_holds_no_prey) {
    const auto mouse = test::load_besieged();
    auto w = test::world<SectionShape>(mouse, 9, {3, 3, 1}, 60);
    test::run(w, 60);
    BrickScratch scratch;
    std::size_t hunted = 0;
    for (const auto* brick : w.lattice.in_memory()) {
        mark_hunted(w, *brick, scratch);
        hunted += scratch.hunted.x.size();
        scratch.clear();
        EXPECT_TRUE(scratch.hunted.start.empty());
    }
    EXPECT_GT(hunted, 0u);
}

TEST(SameBits, a_stepper_remembers_nothing_in_a_section) {
    expect_steppers_to_remember_nothing<SectionShape>({8, 8, 1}, 24, 200);
}

TEST(SameBits, a_stepper_remembers_nothing_in_a_block) {
    expect_steppers_to_remember_nothing<BlockShape>({5, 5, 4}, 30, 60);
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
