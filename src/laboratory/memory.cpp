#include "laboratory/memory.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <cmath>
#include <fstream>

#include "laboratory/cohort.hpp"

namespace stellate::laboratory {

namespace {

constexpr double bytes_per_megabyte = 1024 * 1024;

// Of a control group's file: a number of bytes, or "max".
std::optional<double> bytes_in(const char* file) {
    std::ifstream in(file);
    double bytes = 0;
    return in >> bytes ? std::optional(bytes) : std::nullopt;
}

}  // namespace

MemoryLimit memory_limit() {
    MemoryLimit limit{double(::sysconf(_SC_PHYS_PAGES)) * double(::sysconf(_SC_PAGE_SIZE)) / bytes_per_megabyte,
                      "the memory of this machine"};
    const auto lower = [&](double bytes, const char* what) {
        if (bytes / bytes_per_megabyte < limit.megabytes) limit = {bytes / bytes_per_megabyte, what};
    };
    for (const char* file : {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"})
        if (const auto bytes = bytes_in(file)) lower(*bytes, "the limit of this container or job; ask for more there");
    rlimit space{};
    if (::getrlimit(RLIMIT_AS, &space) == 0 && space.rlim_cur != RLIM_INFINITY)
        lower(double(space.rlim_cur), "the limit of address space; ulimit -v raises it");
    return limit;
}

void require_memory(const Experiment& e, int threads, const MemoryLimit& limit) {
    const double needed = estimate(e, threads).megabytes;
    if (needed <= limit.megabytes) return;
    throw InputError(
        {e.file, 0, 0}, std::string(name_of(e.geometry)),
        "the cohort needs about " + shortest(std::ceil(needed)) + " MB on " + std::to_string(threads) +
            (threads == 1 ? " thread" : " threads") + ", more than the " + shortest(std::floor(limit.megabytes)) +
            " MB that are there (" + limit.what +
            "); expected a smaller tissue, fewer mice, or fewer --threads, each of which has a mouse of its own");
}

}  // namespace stellate::laboratory
