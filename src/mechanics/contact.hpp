// Contact mechanics: overdamped adhesion and repulsion between cells, summed by gather.
//
// The velocity that neighbour j gives cell i is
//     [ repulsion (1 - d/R)^2_+  -  adhesion (1 - d/A)^2_+ ] (x_i - x_j)/d,     R = r_i + r_j,  A = adhesion_reach R,
// with coefficients in um/min a pair of types: the form of Macklin et al. 2012 (doi:10.1016/j.jtbi.2012.02.002) as used
// by PhysiCell (Ghaffarizadeh et al. 2018, doi:10.1371/journal.pcbi.1005991). A zero entry means that the two pass
// through each other (cells in lumina and sinusoids).
//
// Cells at rest are anchored: a cell moves only if the length of its sum exceeds its yield speed, and then with
// sum (1 - yield/|sum|) times its mobility. Both are the caller's, a number a row.
//
// Gather: each cell adds up its own neighbours in the order of the neighbourhood, over 16 lanes and a fixed tree, from
// old places only. Differences of places are exact integers, so the two halves of a pair are bitwise opposite and a
// brick's seam changes nothing. In a section the distance is that of the centres in space, but no cell moves along z.
//
// Does not: grow, divide, wake bricks, or walk cells (motility.hpp).
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "mechanics/contact_kernel.hpp"
#include "tissue/neighbourhood.hpp"

namespace stellate::mechanics {

inline constexpr int max_types = 32;

struct ContactTable {
    using Row = std::array<float, max_types>;
    alignas(64) std::array<Row, max_types> repulsion{};  // um/min, symmetric
    alignas(64) std::array<Row, max_types> adhesion{};   // um/min, symmetric
    float adhesion_reach = 1.25f;                        // A/R, at least 1
    // Pressure of a cell = contact_modulus * sum over its repelling contacts of (1 - d/R)^2. Assumption: a contact
    // bears stress as the square of its relative overlap, like its repulsion, and the stresses of a cell's contacts add
    // up; 12 neighbours at 0.95 R give 0.03 contact_modulus.
    float contact_modulus = 1.0f;  // kPa

    void set(int type_a, int type_b, float repulsion_um_min, float adhesion_um_min);
    // Types that act on somebody, a bit each. The others bear no force, and nobody feels them.
    std::uint32_t bearing_types() const;
    // Farthest that two cells of at most `largest_radius_um` act on each other: what the lattice's bins are made for.
    double range_um(double largest_radius_um) const { return double(adhesion_reach) * 2.0 * largest_radius_um; }
};

// One number a row of the brick.
struct ContactVelocities {
    std::vector<float> x, y, z;   // um/min, after yield and mobility
    std::vector<float> pressure;  // kPa
    bool moving = true;           // false: every velocity is known to be 0
};

// Scratch of one thread.
struct ContactScratch {
    Neighbourhood around;                  // cells that bear forces, of the brick and its rim
    std::vector<std::uint32_t> own_start;  // [own bin] its first cell among the brick's bearing ones; one more closes
    std::vector<float> sums;  // [bearing cell][4]: sum of pair velocities x, y, z (um/min), of squared overlaps
    KernelScratch kernel;
    std::vector<float> hold, freedom, vx, vy, vz;  // [bearing cell]
};

// Reads the settled bricks around `brick`, writes `out`. `yield` (um/min) and `mobility` (1 = free) have one entry a
// row. Throws RunError if a radius is not positive or reaches beyond the bins.
template <class Shape>
void contact_velocities(const Lattice<Shape>& lattice, const Brick<Shape>& brick, const ContactTable& table,
                        std::span<const float> yield, std::span<const float> mobility, ContactScratch& scratch,
                        ContactVelocities& out, Lanes lanes = fastest_here());

// Bit n of `neighbours` names the adjacent brick (dx+1) + 3 (dy+1) + 9 (dz+1) = n. Among the cells of the bins that
// touch a named brick, the largest |sum| - yield (um/min; 0 if none exceeds its yield): whether those neighbours'
// motion wakes this brick. The bricks around those bins must be settled.
template <class Shape>
float largest_excess_force(const Lattice<Shape>& lattice, const Brick<Shape>& brick, const ContactTable& table,
                           std::span<const float> yield, std::uint32_t neighbours, ContactScratch& scratch,
                           Lanes lanes = fastest_here());

}  // namespace stellate::mechanics
