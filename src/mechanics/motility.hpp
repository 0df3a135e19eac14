// Cells that walk by themselves: a persistent random walk with renewal and a biased choice of direction.
//
// In each sub-step of length h a cell renews its heading with probability 1 - exp(-h / persistence) (a Poisson process
// of renewals, so that the walk does not depend on h beyond its discretisation) and then moves speed * h along it. A
// new heading is normalised(bias e + (1 - bias) xi), xi uniform on the sphere (in a section: on the circle), e the
// preferred direction: the biased migration of PhysiCell (Ghaffarizadeh et al. 2018, doi:10.1371/journal.pcbi.1005991).
//
// Draws are addressed by cell, tick and sub-step, so a walk does not depend on order, threads or neighbours.
// Does not: look at other cells (the caller's Arrival may) nor decide speed, bias or direction (the caller's rules do).
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>

#include "core/random.hpp"
#include "tissue/brick.hpp"

namespace stellate::mechanics {

constexpr int most_walk_steps = 256;  // of a tick: an address of draws holds no more

// How the cells of one type walk.
struct Walk {
    double persistence_min = 0;  // mean time between renewals; 0 = renew in every sub-step
    int substeps = 1;            // fast cells take several shorter steps
    bool barred = false;         // does not take the steps that the caller's Barrier forbids
    bool seeks = false;          // walks no further once the caller's Arrival says that it is there
};

// Whether a step from one place to another is forbidden. Places are in the brick's own coordinates but may lie beyond
// it. Read by many threads at once.
using Place = std::array<Fixed, 3>;
using Barrier = std::function<bool(const Place& from, const Place& to)>;
// Whether a row's cell has found at a place what it walks for; asked after each of its steps.
using Arrival = std::function<bool(std::size_t row, const Place& at)>;

// One entry a row of the brick.
struct WalkRows {
    std::span<const float> speed;  // um/min; 0 = does not walk, keeps its heading and draws nothing
    std::span<const float> bias;   // 0 (random) .. 1 (straight)
    std::span<const float> toward_x, toward_y, toward_z;  // preferred unit direction, or 0: none
};

// A new heading from a stream of draws. Without a preferred direction (all 0), or where the sum vanishes: uniform.
template <class Shape>
Vec3 biased_heading(Draws& draws, double bias, Vec3 toward);

// Walks every row with a speed for dt_min, adds the displacements to the places and keeps the headings. `by_type` has
// an entry for every type that walks. `first_substep` counts the sub-steps of this tick that earlier calls have used,
// so that no address is used twice: first_substep + substeps <= most_walk_steps, tick < 2^24. A forbidden step is not
// made and its heading is dropped, so that the next sub-step draws one anew. Who has arrived makes no more steps in
// this call. Throws RunError naming brick and cell if a step exceeds `guard_um` or is not a number.
template <class Shape>
void walk(Brick<Shape>& brick, const WalkRows& rows, std::span<const Walk> by_type, double dt_min, std::uint64_t seed,
          std::uint32_t tick, int first_substep, double guard_um, const Barrier& barrier = {},
          const Arrival& arrival = {});

}  // namespace stellate::mechanics
