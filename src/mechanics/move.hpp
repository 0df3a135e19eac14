// The move phase: sub-steps of contact mechanics, each ending with a settle, in two passes over the bricks (all
// velocities from old places, then all places). Forward Euler in time; places advance in fixed units (2^-20 um), to the
// nearest one, halves away from zero, so that opposite velocities give opposite displacements.
//
// The step is fixed at load: `step_limit` says how long it may be, `require_stable_step` refuses a longer one, and a
// displacement beyond the guard stops the run. Nothing changes the step on the way.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "mechanics/contact.hpp"

namespace stellate::mechanics {

// Adds velocity times dt to every place and writes the pressures. Throws RunError naming brick, cell and value if a
// displacement exceeds `guard_um` or is not a number; the brick is then unchanged.
template <class Shape>
void advance(Brick<Shape>& brick, const ContactVelocities& velocities, double dt_min, double guard_um);
// The same for velocities (um/min) of another law; pressures stay.
template <class Shape>
void advance(Brick<Shape>& brick, std::span<const Vec3> velocities, double dt_min, double guard_um);

struct MoveSettings {
    double dt_min = 0;  // length of a sub-step
    int substeps = 1;
    double guard_um = 10.0;  // largest displacement in a sub-step: about a cell's radius
    Lanes lanes = fastest_here();
};

// Fills yield speed (um/min) and mobility (0..1) of each row of the n-th brick in memory, given as 0 and 1; empty:
// leaves them so. Called in parallel, one brick a call.
template <class Shape>
using Limits =
    std::function<void(std::size_t n, const Brick<Shape>&, std::span<float> yield, std::span<float> mobility)>;

// Scratch of move_cells, kept between calls.
struct MoveScratch {
    std::vector<ContactVelocities> velocities;  // one a brick in memory
};

// Moves the cells of all awake bricks, which must be settled and are so again afterwards. All bricks around an awake
// one must be in memory. A displacement beyond the guard stops before anyone has moved in that sub-step; the message
// also names the contacts that act most on the cell.
template <class Shape>
void move_cells(Lattice<Shape>& lattice, const ContactTable& table, const MoveSettings& settings,
                const Limits<Shape>& limits, int threads, MoveScratch& scratch);

// How tightly the tissue is packed where it is tightest.
struct Packing {
    double neighbours;  // repelling contacts of a cell
    double overlap;     // root mean square of 1 - d/R over them
};
// Close packing (12 contacts in space, 6 in a plane) squeezed by a tenth. Freshly relaxed packed tissue at 3.46e8 cells
// per mL has 7.2 contacts of 0.12 and becomes restless between 2.5 and 3.5 min with the peers' coefficients.
constexpr Packing close_packing(int dimensions) { return {dimensions == 2 ? 6.0 : 12.0, 0.10}; }

// Longest stable sub-step (min) of forward Euler for cells of at least `smallest_radius_um` packed so.
//
// Derivation: a displacement field u obeys du/dt = -K u with K_ij made of contact stiffnesses k n n^T (n: unit vector
// of the contact). Repulsion p (1 - d/R)^2 has k = 2 p e / R at overlap e; adhesion only takes from it. Forward Euler
// is stable for dt < 2 / lambda_max(K). The worst mode moves every cell against its neighbours, which doubles what a
// cell feels with its neighbours held: lambda_max <= 2 lambda_max(sum_j k n n^T) = 2 k z / D for z contacts spread
// evenly over D dimensions. So dt < D / (z k) = D R / (2 p e z). R is that of two smallest cells, p the largest of the
// table.
double step_limit(const ContactTable& table, double smallest_radius_um, int dimensions, Packing packing);
double step_limit(const ContactTable& table, double smallest_radius_um, int dimensions);

// Throws RunError naming both numbers if dt_min exceeds the limit.
void require_stable_step(double dt_min, double limit_min);

}  // namespace stellate::mechanics
