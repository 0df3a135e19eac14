// Blood supply: the resident sinusoids (a perfused share per voxel) and new vessels (sprouts).
//
// Sinusoids. Tumour cells that fill a voxel press its sinusoids shut at rate k_close f / (f + f_half), f the tumour
// volume fraction, unless that voxel's sinusoid is co-opted (a share of voxels that differs between primaries, drawn
// once per voxel); without tumour they open again at k_open. No tumour, no change.
//
// The bed of a voxel counts as open, for whatever springs from it or joins it, while a share of it is (`open_share`).
//
// Sprouts. Perfused endothelium starts a sprout where VEGFA exceeds its threshold, at most one per inhibition distance
// (lateral inhibition by an existing tip). A tip is a cell that walks up the VEGFA gradient and lays a stalk of
// segments, one endothelial cell long each. A tip that meets another vessel joins it (anastomosis): its own stalk is
// then perfused, and so is the other's from its root to the joint. A perfused segment delivers oxygen; a segment
// without VEGFA, or one that stays blind, is lost, and whatever drained through it is blind from then on.
//
// It does not compute blood pressure or flow; perfused means on a way without blind ends, in a network with at least
// two ends in open sinusoids. A sprout's root is such an end while the sinusoids it sprang from are open; where they
// were shut when it started, it sprang from another sprout's vessel and its root is a joint with that piece.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tissue/lattice.hpp"

namespace stellate::vessels {

struct Parameters {
    double closing_per_min, closing_half_fraction;  // sinusoids under tumour
    double opening_per_min;
    double open_share;                  // of a voxel's sinusoids that must be open to feed or drain a sprout
    double co_option_share;             // of voxels, 0..1
    double vegfa_threshold_nM;          // for a tip to start and a stalk to be fed
    double sprouting_per_min;           // per voxel of perfused endothelium at saturating VEGFA
    double tip_inhibition_um;           // no second tip within this distance
    double segment_um;                  // length of one segment
    double capture_um;                  // a tip closer than this to another vessel joins it
    double maturation_um;               // how far from its root a tip must be to join the bed or its parent
    double regression_h;                // a segment unfed or blind for so long is lost
    double radius_um;                   // of a new vessel
    double oxygen_exchange_um_per_min;  // permeability of the wall for oxygen
    double blood_oxygen_mmHg;           // in perfused new vessels
    double tip_longest_h;               // a tip that has joined nothing by then gives up
};

// Directory of the sprouts of one tissue; the segments themselves live in the bricks.
struct Sprout {
    std::uint64_t id = 0;  // = the tip cell's id
    Vec3 last_um;          // end of the stalk so far, from the tissue's corner
    Vec3 root_um;
    std::uint32_t segments = 0;  // laid so far
    std::uint32_t standing = 0;  // of them not lost
    std::uint32_t birth_tick = 0;
    std::uint64_t parent_sprout = 0;    // it sprang from this sprout (0: the sinusoids) ...
    std::uint32_t parent_sequence = 0;  // ... at this segment
    std::uint8_t root_open = 0;         // the sinusoids it sprang from were open when last looked at, ...
    std::uint8_t joint_open = 0;        // ... those that it has joined were
    std::uint8_t joined = 0;            // its tip has met ...
    std::uint64_t joined_sprout = 0;    // ... this sprout (0: the sinusoids) ...
    std::uint32_t joined_sequence = 0;  // ... at this segment
};

struct Tree {
    std::vector<Sprout> sprouts;  // ordered by id
    Sprout* find(std::uint64_t id);
    void hash(Hasher& hasher) const;
};

// Opens and closes the sinusoids of a brick. `tumour_fraction` [voxel] is the share of each voxel filled by tumour.
// Returns whether anything moved.
template <class Shape>
bool press_sinusoids(const Parameters& p, std::uint64_t seed, std::span<const float> tumour_fraction, double dt_min,
                     Brick<Shape>& brick);

// Oxygen exchange coefficient of the perfused new vessels, [voxel] 1/min, added to `exchange`.
template <class Shape>
void exchange_of_segments(const Parameters& p, const Brick<Shape>& brick, std::vector<float>& exchange);

// Length of new vessels per voxel, um; perfused only if asked.
template <class Shape>
void length_of_segments(const Brick<Shape>& brick, bool perfused_only, std::vector<float>& length_um);

// A place where a sprout wants to start, found by a brick on its own; commit grants them in order.
struct Budding {
    Vec3 place_um;
    BrickCoord brick;
    int voxel = 0;
};
template <class Shape>
void find_buds(const Parameters& p, std::uint64_t seed, std::uint32_t tick, int vegfa, double dt_min,
               const Brick<Shape>& brick, std::vector<Budding>& buds);

// The ordered part of a tick: grants buds, extends stalks behind their tips, joins, perfuses, regresses.
struct Tip {
    std::uint64_t id;
    Vec3 place_um;
};
struct TreeEvents {
    std::vector<Budding> started;              // grants: the caller puts a tip cell there ...
    std::vector<std::uint64_t> started_ids;    // ... with this id
    std::vector<std::uint64_t> finished_tips;  // tips that joined or gave up: the caller removes the cell
    std::uint32_t joined = 0, lost_segments = 0;
};
template <class Shape>
TreeEvents grow(const Parameters& p, std::uint32_t tick, double tick_min, int vegfa, const std::vector<Tip>& tips,
                const std::vector<Budding>& buds, Lattice<Shape>& lattice, Tree& tree);

}  // namespace stellate::vessels
