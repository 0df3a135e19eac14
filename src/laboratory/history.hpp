// The life of one mouse: steps its world from day to day and writes down what the study asks for. A life can be copied
// at any tick and go on under another plan of treatment, which is how arms share what they have in common
// (docs/decisions/0009-shared-history.md).
//
// It knows one mouse; which lives there are, and on which thread, is the cohort's business.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "laboratory/readout.hpp"
#include "simulation/step.hpp"

namespace stellate::laboratory {

// What the field solver brought back to 0 of one substrate.
struct SubstrateClamps {
    std::string substrate, unit;
    Clamps clamps;
};

// One mouse of one primary in one arm.
struct MouseRun {
    int primary = 0, arm = 0;  // indices into the experiment's
    int mouse = 0;             // its number, from 1
    std::uint64_t seed = 0;
    double inoculum_cells = 0;
    Calendar calendar;
    std::vector<Factor> factors;    // its variation
    std::vector<DayRecord> days;    // endpoint days, ascending
    std::vector<DayCounts> growth;  // day 0, when all have arrived, 1, 2, ... and every endpoint day
    treatment::KillLog kills;
    double shared_days = 0;  // of its life that were lived once with other arms and timed for another one
    std::vector<std::pair<std::string, double>>
        phase_s;  // wall time per phase of the step; like the next two of days not shared
    double stepping_s = 0, readout_s = 0;
    Awake awake;                          // means over its life
    double megabytes = 0;                 // of its bricks at the end
    std::vector<SubstrateClamps> clamps;  // over its life, shared days too; only of substrates that had any
    int threads = 1;
    std::string failure;  // ensembles only: why this draw could not be run; it then has no days

    const DayRecord* on(double day) const;  // nullptr: no endpoint day
};

// Thrown when a run was told to stop.
class Cancelled : public std::runtime_error {
public:
    Cancelled() : std::runtime_error("interrupted") {}
};

// A mouse at one tick with all that was written down so far.
template <class Shape>
struct Life {
    World<Shape> world;
    MouseRun run;                                                 // unfinished
    std::vector<std::pair<double, histology::Section>> sections;  // by day, where they are kept
    std::uint64_t living_tumour = 0;                              // cells, after the last tick
    double tumour_cell_days = 0;                                  // since the beginning
    Awake awake_sum;                                              // over ticks
};

// At tick 0: nothing has been lived or written down.
template <class Shape>
Life<Shape> newborn(const Experiment& e, const Animal& animal);

template <class Shape>
class History {
public:
    // From the beginning. `animal` and `e` outlive it.
    History(const Experiment& e, const Animal& animal, treatment::Plan plan, int threads, bool keep_sections);
    // On from a copy or a checkpoint, under this plan. Whom another plan has killed was killed by this one too.
    History(const Experiment& e, const Animal& animal, Life<Shape> life, treatment::Plan plan, int threads,
            bool keep_sections);

    bool over() const { return life_.world.tick >= last_; }
    std::uint32_t last_tick() const { return last_; }
    // Steps to `tick` or the end, or until a treatment has killed if `to_first_kill`, and reads each day it comes to.
    // Throws RunError, Cancelled.
    void live_until(std::uint32_t tick, bool to_first_kill, const std::atomic<int>* cancelled,
                    const std::function<void(double)>& fraction_done);

    const Life<Shape>& life() const { return life_; }
    // What is written down by now, with the times it took.
    MouseRun run() const;

private:
    void read_if_due();  // a step leaves its world settled, so it can be read at once
    void write_day(const DayCounts& counts);

    const Experiment& e_;
    const Animal& animal_;
    bool keep_sections_;
    std::uint32_t last_;
    Life<Shape> life_;
    std::vector<std::pair<std::string, double>> phase_s_before_;
    Stepper<Shape> stepper_;
};

}  // namespace stellate::laboratory
