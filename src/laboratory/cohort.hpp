// Runs an experiment: every mouse of every primary in every arm. Mice run side by side, one on each core; where there
// are fewer left than threads, a mouse gets several. Arms of the same mouse that differ by their drugs alone share one
// life until a drug first kills. A sham or replay arm follows, in the same mouse, the arm whose kills it takes. Results
// are the same, and in the same order, whatever the number of threads, whoever finished first, whatever was shared, and
// however often the run was stopped and gone on with.
//
// It writes no file but checkpoints and prints nothing (results.hpp, report/, the program do).
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "laboratory/checkpoints.hpp"
#include "laboratory/history.hpp"
#include "laboratory/sharing.hpp"

namespace stellate::laboratory {

// A section kept for pictures: of the mouse shown, in each arm on each endpoint day.
struct Picture {
    int primary = 0, arm = 0, mouse = 0;
    double day = 0;
    histology::Section section;
};

struct CohortResults {
    Experiment experiment;
    std::vector<std::string> type_names;       // cell types of the model, by index
    std::vector<MouseRun> runs;                // by primary, arm, mouse
    std::vector<Picture> pictures;             // by primary, arm, day
    std::vector<int> shown_mouse;              // [primary] the one pictured
    std::vector<std::vector<Record>> records;  // [primary] numbers in force in the first arm, without variation
    std::vector<Enrichment> enrichment;        // [primary]
    histology::EndpointSettings endpoint_settings;
    std::string model_directory;
    Digest model_digest;
    int threads = 1;
    double wall_s = 0;

    const MouseRun* find(int primary, int arm, int mouse) const;
};

struct Progress {
    double fraction = 0;  // of the work, 0..1, weighed by what later days cost
    int runs_done = 0, runs = 0;
    double elapsed_s = 0;
    double left_s = 0;  // estimate; below 0 while there is none
};

struct CohortOptions {
    int threads = 1;
    const std::atomic<int>* cancelled = nullptr;                    // not 0: stop at the next tick
    std::function<void(const Progress&)> progress;                  // called from any thread, one at a time
    bool pictures = true;                                           // keep sections of the mouse shown
    Checkpoints* checkpoints = nullptr;                             // where lives are kept and gone on from
    std::optional<std::chrono::steady_clock::time_point> deadline;  // stop in time to have all on disk by then
};

// Throws RunError (which primary, arm, mouse and seed, why, and the command that replays it), InputError, Cancelled;
// where there are checkpoints, every life is on disk then. A cohort is whole or not at all; in an ensemble, where a
// draw may leave what the methods can follow, the failed draw is kept with its reason and the others go on.
CohortResults run_cohort(const Experiment& experiment, const CohortOptions& options);

// One run, for tests and probes. `needed`: kill logs of the arms that this arm's plan replays, in the order of its
// treatments.
MouseRun run_mouse(const Experiment& experiment, const Animal& animal,
                   const std::vector<const treatment::KillLog*>& needed, int threads,
                   const std::atomic<int>* cancelled);

// How long arms that share are stepped between two copies, min: at most this much is stepped again when one leaves.
inline constexpr double shared_stretch_min = 360;

// What a run will take, from anatomy and a calibration on the reference machine (docs/performance.md; set it there and
// here, nowhere else): core seconds for one voxel and day of an average run ...
inline constexpr double seconds_per_voxel_day = 2.0e-4;
// ... and the share of them that is shared out where a run has several threads. A section is mostly one island, whose
// fields one thread solves, so threads beyond the number of runs help little (the share is a guess).
inline constexpr double parallel_share = 0.5;
// ... and what a section shown costs in all its stains, by the pixels of its overview: core seconds to paint them,
// bytes that a thread holds while it paints one stain, bytes of the files and the page kept until all are written.
inline constexpr double seconds_per_pixel = 1.5e-6, bytes_per_pixel = 48, bytes_kept_per_pixel = 2.5;
// ... and bytes that a thread holds, by points of the raster on which endpoints are scored, while it reads a mouse.
inline constexpr double bytes_per_raster_point = 23;
// ... and bytes of a checkpoint by voxel of the tissue: 172 in a small section on its last day, less where less
// happens.
inline constexpr double checkpoint_bytes_per_voxel = 200;
struct Estimate {
    std::uint64_t voxels = 0, healthy_cells = 0;
    int runs = 0;
    double megabytes = 0;       // at most, all runs side by side
    double disk_megabytes = 0;  // of files while it runs: checkpoints, animals that are done, pictures
    double seconds = 0;         // of the whole experiment with these threads
};
Estimate estimate(const Experiment& experiment, int threads);
// Wall time of runs that take so many core seconds each, in no order.
double seconds_of(std::vector<double> run_s, int threads);

}  // namespace stellate::laboratory
