// The verbs of the program. Each takes its options as plain data and returns the exit status; errors are thrown and
// told by main: 0 done, 1 the run failed or a check did not pass, 2 the input is wrong, 124 the time budget is used up,
// 128 + signal interrupted.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "laboratory/cohort.hpp"
#include "laboratory/experiment.hpp"
#include "laboratory/machine.hpp"

namespace stellate::app {

inline constexpr int done = 0, failed = 1, wrong_input = 2, out_of_time = 124;

struct RunOptions {
    std::string file;
    std::optional<std::string> out;  // none: results/NAME
    laboratory::Overrides overrides;
    int threads = 0;                  // 0: all the machine has
    std::optional<double> memory_gb;  // that the run may take; none: what the machine has free
    bool force = false, resume = false, tables_only = false, dry_run = false, json = false, quiet = false;
    std::optional<std::pair<std::string, double>> branch;  // go on from this checkpoint, on this day
    std::optional<double> walltime_s;                      // stop in time to have everything on disk by then
    std::string command;                                   // as typed
};
int run(const RunOptions& options);

struct CheckOptions {
    std::vector<std::string> files;
    laboratory::Overrides overrides;  // of experiments
    bool json = false;
};
int check(const CheckOptions& options);

struct VerifyOptions {
    std::vector<std::string> groups, ids;
    bool json = false, mutants = false, list = false;
};
int verify(const VerifyOptions& options);

struct DigestOptions {
    std::string results;
    std::string phases_of;  // "PRIMARY/ARM/MOUSE": recompute, one digest per phase of ...
    std::int64_t tick = 0;  // ... this tick
    std::string compare;    // with these results or this trace
    std::string trace;      // file to write the trace of ...
    std::string run;        // ... "PRIMARY/ARM/MOUSE" to, from tick ...
    std::int64_t from = 0;
    std::optional<std::int64_t> to;  // ... to this one; none: its last
    int threads = 1;
    bool json = false;
};
int digest(const DigestOptions& options);

int version(bool json);

// What a bug report needs, and a self-test.
int doctor(bool json);

// What a run may take, and what sets that: the option, or the machine's tightest limit; nothing where it is not known.
std::optional<laboratory::MemoryLimit> memory_for(const RunOptions& options);
// Throws InputError where the run would take more, and says what would fit.
void require_memory(const laboratory::Experiment& experiment, const laboratory::Estimate& estimate,
                    const RunOptions& options, int threads);

// The signal that asked the program to stop, 0 while none has.
extern std::atomic<int> stop_signal;

// Where models are looked for beside the places of the experiment file: with the installed program, and with the source
// tree it was built in.
std::vector<std::filesystem::path> model_roots();

// One line that is written over again, on stderr and only if that is a terminal.
class StatusLine {
public:
    explicit StatusLine(bool quiet);
    ~StatusLine();
    void show(const std::string& text);
    void clear();

private:
    bool shown_ = false, active_ = false;
};

std::string duration_text(double seconds);
std::string counted(std::size_t number, const char* one, const char* many);  // "1 mouse", "3 mice"
int threads_to_use(int asked);

// Data for stdout. Throws RunError if it cannot be written.
void print(const std::string& text);
// A line for people on stderr.
void tell(const std::string& text);

}  // namespace stellate::app
