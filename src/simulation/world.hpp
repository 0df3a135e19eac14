// A world is one mouse's piece of liver: its bricks, its vessel tree, its clock. The state after any number of ticks is
// a pure function of (model, anatomy, seed, seeding, plan).
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "liver/anatomy.hpp"
#include "model/model.hpp"
#include "tissue/lattice.hpp"
#include "treatment/plan.hpp"
#include "vessels/vessels.hpp"

namespace stellate {

// Sums over the whole history of a world; part of its state.
struct Tally {
    std::uint64_t arrived_tumour = 0, divisions = 0, tumour_divisions = 0;
    std::vector<std::uint64_t> deaths;     // [type] begun, for any cause
    std::vector<std::uint64_t> kills;      // [attacker type] of tumour cells
    std::vector<std::uint64_t> recruited;  // [type] immune cells that came in
    std::uint64_t sprouts = 0, joined = 0, segments_lost = 0;
    void hash(Hasher& hasher) const;
};

// Levels of one substrate that the field solver left below 0, within its tolerance, and brought back to 0.
struct Clamps {
    std::uint64_t voxels = 0;  // counted in every solve
    double largest = 0;        // by at most this much, nM (oxygen mmHg)
    void add(const Clamps& other) {
        voxels += other.voxels;
        largest = std::max(largest, other.largest);
    }
};

// Odds that a tumour cell of the inoculum that comes to a voxel sticks there: (1 - portal_to_central)^bias in
// parenchyma (periportal arrest), 0 elsewhere.
double arrest_odds(const Model& model, const Healthy& healthy, std::size_t voxel);

// Tumour cells that reach this piece of liver: how many, over what time, and where they stick.
struct Inoculum {
    int cells = 0;       // that arrive in the window
    double start_h = 0;  // after the world's beginning
};

struct Extent {
    int nx = 0, ny = 0, nz = 1;  // bricks
};

template <class Shape>
struct World {
    World(std::shared_ptr<const Model> model, const liver::AnatomyParameters& anatomy, std::uint64_t seed,
          Extent extent, Inoculum inoculum, treatment::Plan plan, bool sleep);

    std::shared_ptr<const Model> model;
    std::uint64_t seed;
    std::uint32_t tick = 0;
    liver::Anatomy<Shape> anatomy;
    Lattice<Shape> lattice;
    vessels::Tree tree;
    Tally tally;

    // Given, not grown: the same for the world's whole life, and not part of the digest.
    Inoculum inoculum;
    treatment::Plan plan;
    bool sleep;                   // false: every brick is in memory and awake throughout
    treatment::KillLog kill_log;  // what the plan killed so far

    // Told to whoever runs the world, read by no phase, and not part of the digest either.
    std::vector<Clamps> clamps = std::vector<Clamps>(model->substrates.size());  // [substrate] so far

    double time_min() const { return tick * model->clocks.tick_min; }
};

// Hash of the complete state: clock, every brick in memory, vessel tree, tally.
template <class Shape>
Digest digest(const World<Shape>& world);

}  // namespace stellate
