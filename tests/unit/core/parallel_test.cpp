// The parallel loop: every iteration once, and the failure told does not depend on who ran what.
#include "core/parallel.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace stellate {
namespace {

TEST(ParallelFor, runs_every_iteration_once_at_any_number_of_threads) {
    for (const int threads : {-1, 0, 1, 2, 3, 8})
        for (const std::int64_t count : {0, 1, 2, 7, 1000}) {
            std::vector<std::atomic<int>> runs(std::size_t(count) + 1);
            parallel_for(count, threads, [&](std::int64_t i) { ++runs[std::size_t(i)]; });
            for (std::int64_t i = 0; i < count; ++i)
                ASSERT_EQ(runs[std::size_t(i)], 1) << threads << ' ' << count << ' ' << i;
            EXPECT_EQ(runs[std::size_t(count)], 0);
        }
}

TEST(ParallelFor, a_negative_count_runs_nothing) {
    parallel_for(-3, 2, [](std::int64_t) { FAIL(); });
}

TEST(ParallelFor, the_lowest_failure_is_told_though_a_higher_one_came_first) {
    for (const int threads : {1, 2, 4}) {
        std::string told;
        try {
            parallel_for(64, threads, [&](std::int64_t i) {
                if (i == 3) std::this_thread::sleep_for(std::chrono::milliseconds(30));  // others fail meanwhile
                if (i >= 3) throw std::runtime_error("iteration " + std::to_string(i));
            });
        } catch (const std::runtime_error& error) {
            told = error.what();
        }
        EXPECT_EQ(told, "iteration 3") << threads;
    }
}

TEST(ParallelFor, with_threads_a_failure_does_not_stop_the_others) {
    std::atomic<int> ran = 0;
    EXPECT_THROW(parallel_for(100, 2,
                              [&](std::int64_t i) {
                                  if (i == 0) throw std::logic_error("first");
                                  ++ran;
                              }),
                 std::logic_error);
    EXPECT_EQ(ran, 99);
}

TEST(ParallelFor, what_is_thrown_keeps_its_type) {
    EXPECT_THROW(parallel_for(8, 2,
                              [](std::int64_t i) {
                                  if (i == 5) throw 42;
                              }),
                 int);
}

}  // namespace
}  // namespace stellate
