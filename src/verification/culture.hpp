// A culture: cells that neither touch nor sense one another, living by the production decide and commit on tissue
// emptied of its residents. What remains of a world is its clock, its births, deaths and changes of type, and cells
// that come in from the blood; fields, mechanics and vessels are not run. Every founder begins a clone, and descendants
// carry its number.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "simulation/scratch.hpp"
#include "simulation/world.hpp"

namespace stellate::verification {

// A kind of cell by its rates, 1/min, and durations, min.
struct Kind {
    double entry = 0, death = 0;                     // into the cycle; of death, in every phase
    double s_phase = 0, g2m = 0;                     // mean durations; with entry alone, cells divide at once
    int shape = 0;                                   // of the two durations: Erlang, 0 = fixed
    double radius_um = 2;                            // of a grown cell
    double growth = 0;                               // time constant of regrowth after division, 0 = none
    double dying = 0;                                // from the start of death to removal
    double arrival = 0;                              // from the blood, per voxel
    std::vector<std::pair<int, double>> turns = {};  // (kind, rate): changes of type
};

// A rule "medium increases cycle entry" of kind 0, from 0 at level 0 to `saturation` with half-max 1.
struct Medium {
    double saturation = 0;
};

template <class Shape>
class Culture {
public:
    Culture(const std::vector<Kind>& kinds, double tick_min, std::uint64_t seed, Extent bricks, Medium medium = {});

    // Founders of `kind`, `each` of every one of `clones` clones, in the middle of the bricks.
    void found(int kind, std::size_t clones, std::size_t each = 1, Phase phase = Phase::g1);
    void run(int ticks);
    void run_until(double time_min);        // a whole number of ticks
    void set_entry(int kind, double rate);  // from the next tick on
    void set_medium(double level);

    double time_min() const { return world_->time_min(); }
    // Living cells of a kind, in a phase if one is given, by clone.
    std::vector<double> by_clone(int kind) const;
    std::vector<double> by_clone(int kind, Phase phase) const;
    double count(int kind) const;
    double count(int kind, Phase phase) const;
    // Living cells of a kind by brick: cultures that were founded empty and are fed from the blood.
    std::vector<double> by_brick(int kind) const;
    const World<Shape>& world() const { return *world_; }

private:
    template <class Visit>
    void each_living(Visit&& visit) const;

    std::shared_ptr<Model> model_;
    std::unique_ptr<World<Shape>> world_;
    std::vector<BrickScratch> scratch_;
    std::size_t clones_ = 1, founders_ = 0;
};

}  // namespace stellate::verification
