// The one parallel loop. Iterations must be independent: each writes its own brick, row or mouse only, so that the
// result does not depend on the number of threads or on who runs what.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <exception>
#include <numeric>
#include <random>
#include <vector>

namespace stellate {

// Not 0: iterations are begun in an order that this number draws, to show that no result depends on the order. For
// tests.
inline std::atomic<std::uint64_t> shuffled_by{0};

namespace detail {

template <class Body>
void parallel_in_order(std::int64_t count, int threads, Body&& body) {
    if (threads <= 1 || count <= 1) {
        for (std::int64_t i = 0; i < count; ++i) body(i);
        return;
    }
    std::exception_ptr failure;
    std::int64_t failed_at = count;
#pragma omp parallel for schedule(dynamic, 1) num_threads(threads)
    for (std::int64_t i = 0; i < count; ++i) {
        try {
            body(i);
        } catch (...) {
#pragma omp critical(stellate_parallel_failure)
            if (i < failed_at) {
                failed_at = i;
                failure = std::current_exception();
            }
        }
    }
    if (failure) std::rethrow_exception(failure);
}

}  // namespace detail

// Calls body(i) for i in [0, count) on `threads` threads; the first exception (lowest i) is rethrown after all are
// done.
template <class Body>
void parallel_for(std::int64_t count, int threads, Body&& body) {
    const std::uint64_t seed = shuffled_by.load(std::memory_order_relaxed);
    if (seed == 0) return detail::parallel_in_order(count, threads, body);
    std::vector<std::int64_t> order(static_cast<std::size_t>(count));
    std::iota(order.begin(), order.end(), std::int64_t{0});
    std::mt19937_64 random(seed);
    std::shuffle(order.begin(), order.end(), random);
    detail::parallel_in_order(count, threads, [&](std::int64_t n) { body(order[static_cast<std::size_t>(n)]); });
}

}  // namespace stellate
