// Will a cohort fit? Judged before anything is grown, from the estimate of cohort.hpp.
#pragma once

#include <string>

#include "laboratory/experiment.hpp"

namespace stellate::laboratory {

struct MemoryLimit {
    double megabytes = 0;
    std::string what;  // sets it, and how to raise it
};

// The lowest of what the machine has, what this process's control group may use and its limit of address space.
MemoryLimit memory_limit();

// Throws InputError if the cohort is estimated to need more.
void require_memory(const Experiment& experiment, int threads, const MemoryLimit& limit);

}  // namespace stellate::laboratory
