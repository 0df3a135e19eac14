// The phases of a tick, each a function: what it gets const it reads, the rest it writes (decision 12). step.cpp puts
// them together; verification drives single ones, and readings ask what the cells of a brick sense and do.
#pragma once

#include <cstdint>
#include <vector>

#include "fields/multigrid.hpp"
#include "mechanics/move.hpp"
#include "simulation/scratch.hpp"
#include "simulation/signals.hpp"
#include "simulation/world.hpp"

namespace stellate {

// relax fields: one implicit step of every substrate on every island of field-awake bricks. Reads emission, cells
// (uptake) and vessels; writes deviation, and counts in the world's clamps what the solver brought back to 0.
template <class Shape>
class FieldRelaxer {
public:
    explicit FieldRelaxer(Lanes lanes = fastest_here()) : lanes_(lanes) {}
    void relax(World<Shape>& world, int threads);

private:
    struct Island;
    std::vector<Island> find_islands(World<Shape>& world) const;
    Lanes lanes_;
};

// sense: contacts and targets of one cell-awake brick.
template <class Shape>
void sense(const World<Shape>& world, const Brick<Shape>& brick, BrickScratch& scratch);

// decide: rules -> rates -> fates of the cells of one brick, their secretion, work on the matrix, how they walk;
// arrivals from its vessels. Writes this brick's rows and emission, and the scratch; acts upon others and births are
// left to commit.
template <class Shape>
void decide(const World<Shape>& world, Brick<Shape>& brick, BrickScratch& scratch);

// Where and how fast the cells of one type walk (part of decide): persistent, biased up the gradients of what the type
// follows; a cell that holds a target stands still.
template <class Shape>
void steer(const World<Shape>& world, int type, const std::vector<std::uint32_t>& rows,
           const TypeBehaviours& behaviours, const Brick<Shape>& brick, BrickScratch& scratch);

// walk: moves the walkers of one brick through a tick in their own sub-steps. An attacker stops where it touches a
// target, as `mark_hunted` saw them before anyone walked; whoever takes room keeps out of lumina. Births and deaths
// come after.
template <class Shape>
void mark_hunted(const World<Shape>& world, const Brick<Shape>& brick, BrickScratch& scratch);
template <class Shape>
void walk(const World<Shape>& world, const std::vector<BrickScratch>& scratch, Brick<Shape>& brick);

// Immune cells that leave the blood in this brick (part of decide).
template <class Shape>
void arrive(const World<Shape>& world, const VoxelSignals& voxels, const Brick<Shape>& brick, BrickScratch& scratch);

// Tumour cells that arrive through the portal vein this tick are put into their sinusoids; ordered, before decide.
// Says whether any came.
template <class Shape>
bool seed_tumour(World<Shape>& world);

// commit: the one ordered place. Carries out acts (kills, drug, bystander, replays), then births, arrivals and
// removals.
template <class Shape>
void commit(World<Shape>& world, std::vector<BrickScratch>& scratch, int threads);

// grow vessels: sinusoids under tumour, sprouts.
template <class Shape>
void grow_vessels(World<Shape>& world, std::vector<BrickScratch>& scratch, int threads);

// push: contact mechanics in sub-steps, each ending with a settle.
template <class Shape>
void push(World<Shape>& world, std::vector<BrickScratch>& scratch, mechanics::MoveScratch& move, int threads,
          Lanes lanes = fastest_here());

// wake or rest: marks which bricks change state, then applies the marks; brings neighbours into memory.
template <class Shape>
void wake_or_rest(World<Shape>& world, const std::vector<BrickScratch>& scratch, int threads,
                  Lanes lanes = fastest_here());

// What of the state a phase has written, in bits: groups of columns that are checked together. Fields and segments are
// looked at where a brick is awake in any way, all else where its cells are.
using Written = std::uint32_t;
namespace written {
enum : Written {
    nothing = 0,
    levels = 1u << 0,    // deviations of the substrates
    emission = 1u << 1,  // of the substrates
    fates = 1u << 2,     // type, radius, clock and carry of cells; who is due for removal has a clock below 0 ...
    clocks = 1u << 3,    // ... and has been removed
    lineage = 1u << 4,
    headings = 1u << 5,
    places = 1u << 6,  // of cells that have moved and are not settled yet
    pressure = 1u << 7,
    crowding = 1u << 8,  // cells in a voxel; they are settled
    matrix = 1u << 9,    // collagen, cross-links, fibres
    vessels = 1u << 10,  // sinusoids, segments
    whole_cells = fates | clocks | lineage | crowding,
    every_value = levels | emission | fates | clocks | lineage | headings | pressure | matrix | vessels,
};
}  // namespace written

// guard: throws RunError at the first number of what was written that is not one, out of bounds, or running away.
template <class Shape>
void guard(const World<Shape>& world, Written wrote, int threads);

// The same of what decide works with: the behaviours of one type that rules gave in a brick (of these rows; none given:
// at every voxel, for the blood), and what is given and not grown: constant rates of the model, the plan of treatment.
template <class Shape>
void guard_behaviours(const Model& model, const Brick<Shape>& brick, int type, const TypeBehaviours& behaviours,
                      const std::vector<std::uint32_t>* rows);
template <class Shape>
void guard_given(const World<Shape>& world);

// Ends the run in the name of a brick.
template <class Shape>
[[noreturn]] void stop(const Brick<Shape>& brick, const std::string& what);

// All neighbours of a cell-awake brick hold their cells in memory.
template <class Shape>
void surround_awake(World<Shape>& world);

// Does the motion of the named neighbours (bits as in mechanics::largest_excess_force) move a sleeping brick's
// residents?
template <class Shape>
bool pushed_from_outside(const World<Shape>& world, const Brick<Shape>& brick, std::uint32_t neighbours, Lanes lanes);

// Oxygen uptake at saturation of the cells of a brick, [voxel] mmHg/min, in row order; the same sum makes the healthy
// one.
template <class Shape>
void oxygen_uptake(const Model& model, const Brick<Shape>& brick, std::vector<float>& uptake);

}  // namespace stellate
