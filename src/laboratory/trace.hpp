// The states of one run, phase by phase, for whoever asks why two machines differ: hashes of the whole state after each
// phase of a tick, and the trace, a text of such hashes over many ticks with those of every brick, from which the first
// tick, phase and brick that differ are read.
//
// A trace is lines of fields between tabs: two of head (`stellate trace 1`; `run`, which run of which seed, digest of
// the model's files), then one a phase: tick, phase, digest of the complete state, and those of its parts (each brick
// by its place x,y,z; vessels; tally) that have changed since the line before, as PLACE=HASH between blanks; the first
// line has all.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "laboratory/experiment.hpp"
#include "simulation/world.hpp"

namespace stellate::laboratory {

// One run of an experiment.
struct RunAddress {
    int primary = 0, arm = 0;  // indices into the experiment's
    int mouse = 1;
};
std::string to_string(const Experiment& experiment, RunAddress address);  // "colon/control/1"

// Grows that mouse up to `tick` and hashes its complete state after each phase of that tick. Throws as run_cohort does,
// InputError for a tick after its end.
std::vector<std::pair<std::string, Digest>> phase_digests(const Experiment& experiment, RunAddress address,
                                                          std::uint32_t tick, int threads,
                                                          const std::atomic<int>* cancelled);

// The trace of the ticks from `first` to `last` (none: to its end). Throws likewise.
std::string trace(const Experiment& experiment, RunAddress address, std::uint32_t first,
                  std::optional<std::uint32_t> last, int threads, const std::atomic<int>* cancelled);

bool is_trace(std::string_view text);

// Writes the lines of a trace; `add` after each phase.
class TraceWriter {
public:
    TraceWriter(const std::string& run, const std::string& model_digest);
    template <class Shape>
    void add(std::string_view phase, const World<Shape>& world);
    std::string text() && { return std::move(text_); }

private:
    std::string text_;
    std::vector<std::pair<std::string, std::uint32_t>> parts_;  // as last written, by place
};

// What two traces of one run say.
struct TraceComparison {
    std::uint32_t first_tick = 0, last_tick = 0;  // that both have
    bool same_model = true;                       // the files of the model are the same
    struct Difference {
        std::uint32_t tick = 0;
        std::string phase;
        std::vector<std::string> places;  // parts that differ after it, in their order; empty: none of those traced
    };
    std::optional<Difference> difference;  // the first
};
// Throws InputError, in the name of `file_a` or `file_b`, if one is no trace or they have no run or tick in common.
TraceComparison compare_traces(std::string_view a, const std::string& file_a, std::string_view b,
                               const std::string& file_b);

}  // namespace stellate::laboratory
