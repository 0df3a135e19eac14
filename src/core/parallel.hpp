// The one parallel loop. Iterations must be independent: each writes its own brick, row or mouse only, so that the
// result does not depend on the number of threads or on who runs what.
#pragma once

#include <cstdint>
#include <exception>

namespace stellate {

// Calls body(i) for i in [0, count) on `threads` threads; the first exception (lowest i) is rethrown after all are
// done.
template <class Body>
void parallel_for(std::int64_t count, int threads, Body&& body) {
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

}  // namespace stellate
