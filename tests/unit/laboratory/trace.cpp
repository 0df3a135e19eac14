// Traces: a difference that is planted somewhere is found again, by tick, phase and brick.
#include "laboratory/trace.hpp"

#include <gmock/gmock.h>

#include "../simulation/mouse.hpp"
#include "core/error.hpp"
#include "core/random.hpp"
#include "experiment_text.hpp"

namespace stellate::laboratory::testing {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

using World2 = World<SectionShape>;

// The trace of a mouse of 2 x 2 bricks; `touch` may write into the world after each phase, before it is hashed.
std::string traced(int ticks, const std::function<void(std::string_view, World2&)>& touch,
                   const std::string& run = "colon/control/1", const std::string& model = "m") {
    static const test::Mouse mouse = test::load();
    auto world = test::world<SectionShape>(mouse, 5, {2, 2, 1}, 30);
    TraceWriter writer(run, model);
    Stepper<SectionShape> stepper;
    stepper.observe([&](std::string_view phase, const World2& now) {
        if (touch) touch(phase, world);
        writer.add(phase, now);
    });
    for (int n = 0; n < ticks; ++n) stepper.step(world);
    return std::move(writer).text();
}

TEST(trace, a_difference_planted_at_random_is_named_by_tick_phase_and_brick) {
    const std::string plain = traced(30, {});
    const char* const phases[] = {"relax fields", "decide", "commit", "remodel", "push"};
    for (std::uint64_t n = 0; n < 20; ++n) {
        Draws draws(7, n, 0, Purpose::test);
        const auto tick = draws.below(30);
        const std::string phase = phases[draws.below(5)];
        std::string planted;
        const std::string other = traced(30, [&](std::string_view done, World2& w) {
            if (done != phase || w.tick != tick) return;
            const auto& bricks = w.lattice.in_memory();
            Brick<SectionShape>& brick = *bricks[draws.below(std::uint32_t(bricks.size()))];
            brick.matrix.collagen[9] += 1e-4f;
            planted = std::to_string(brick.at.x) + "," + std::to_string(brick.at.y) + ",0";
        });
        const TraceComparison found = compare_traces(plain, "plain", other, "other");
        ASSERT_TRUE(found.difference) << n;
        EXPECT_EQ(found.difference->tick, tick) << n;
        EXPECT_EQ(found.difference->phase, phase) << n;
        EXPECT_THAT(found.difference->places, ElementsAre(planted)) << n;
    }
}

TEST(trace, what_lies_in_no_brick_is_named_too) {
    const std::string plain = traced(5, {}), other = traced(5, [](std::string_view phase, World2& w) {
                                                 if (phase == "commit" && w.tick == 3) ++w.tally.divisions;
                                             });
    const TraceComparison found = compare_traces(plain, "a", other, "b");
    ASSERT_TRUE(found.difference);
    EXPECT_EQ(found.difference->tick, 3u);
    EXPECT_THAT(found.difference->places, ElementsAre("tally"));
}

TEST(trace, the_same_run_has_the_same_trace_and_other_models_are_told) {
    const TraceComparison same = compare_traces(traced(5, {}), "a", traced(5, {}), "b");
    EXPECT_FALSE(same.difference);
    EXPECT_TRUE(same.same_model);
    EXPECT_EQ(same.last_tick, 4u);
    const TraceComparison other = compare_traces(traced(3, {}), "a", traced(2, {}, "colon/control/1", "n"), "b");
    EXPECT_FALSE(other.same_model);
    EXPECT_EQ(other.last_tick, 1u);
}

TEST(trace, of_an_experiment_begins_and_ends_where_asked_and_may_be_compared_with_a_longer_one) {
    const Experiment e = parse_experiment(small_experiment, "small.toml", STELLATE_SOURCE_DIR);
    const RunAddress sham{0, int(e.find_arm("sham") - e.arms.data()), 1};
    const std::string part = trace(e, sham, 20, 29, 1, nullptr), whole = trace(e, sham, 0, 40, 2, nullptr);
    const TraceComparison c = compare_traces(whole, "whole", part, "part");
    EXPECT_FALSE(c.difference);
    EXPECT_EQ(c.first_tick, 20u);
    EXPECT_EQ(c.last_tick, 29u);
    const auto phases = phase_digests(e, sham, 25, 1, nullptr);
    for (const auto& [phase, digest] : phases)
        EXPECT_THAT(part, HasSubstr("\n25\t" + phase + "\t" + to_string(digest) + "\t"));
    EXPECT_THROW(trace(e, sham, 30, 29, 1, nullptr), InputError);
    EXPECT_THROW(trace(e, sham, 0, 1u << 30, 1, nullptr), InputError);
}

TEST(trace, texts_that_are_none_or_damaged_or_of_other_runs_are_refused_by_name) {
    const std::string good = traced(3, {});
    const auto message = [&](const std::string& bad) -> std::string {
        try {
            compare_traces(good, "good", bad, "bad");
        } catch (const InputError& error) {
            return error.what();
        }
        return "taken";
    };
    EXPECT_THAT(message("primary,arm\n"), HasSubstr("bad:1: is no trace"));
    EXPECT_THAT(message(""), HasSubstr("bad"));
    EXPECT_THAT(message(traced(3, {}, "colon/control/2")), HasSubstr("is of another run: colon/control/2"));
    EXPECT_THAT(message(good.substr(0, good.size() - 1)), HasSubstr("ends in the middle of a line"));
    EXPECT_THAT(message(good.substr(0, good.find('\n', 60)) + "\n7\tsettle\n"), HasSubstr("is damaged"));
}

}  // namespace stellate::laboratory::testing
