// Pair laws that know only their physics, and the gather that sums any of them in double precision over a real lattice.
// The laws of the community's comparison problems (Osborne et al. 2017, doi:10.1371/journal.pcbi.1005387; Mathias et
// al. 2020, doi:10.1007/s11538-020-00810-2; OpenVT) live here for verification; the production law is written twice,
// here plainly and in contact_kernel.inl for speed, and the two are held against each other by a test.
//
// A law is a callable (distance, cell, other) -> speed: positive pushes apart. Lengths in um; the dimensionless laws
// take their cell diameter as a parameter and return diameters per time times that diameter.
#pragma once

#include <cmath>
#include <vector>

#include "core/math.hpp"
#include "mechanics/contact.hpp"

namespace stellate::mechanics {

struct PairCell {
    double radius;  // um
    int type;
};

// repulsion (1 - d/R)^2_+ - adhesion (1 - d/A)^2_+, the production law.
struct AdhesionRepulsion {
    const ContactTable* table;
    double operator()(double d, const PairCell& a, const PairCell& b) const {
        const double contact = a.radius + b.radius;
        const double overlap = 1.0 - d / contact, gap = 1.0 - d / (contact * double(table->adhesion_reach));
        const auto i = static_cast<std::size_t>(a.type), j = static_cast<std::size_t>(b.type);
        return (overlap > 0 ? double(table->repulsion[i][j]) * overlap * overlap : 0.0) -
               (gap > 0 ? double(table->adhesion[i][j]) * gap * gap : 0.0);
    }
};

// k (1 - d) on both sides of the rest length, up to `reach`.
struct LinearSpring {
    double stiffness, diameter = 1, reach = 1e300;
    double operator()(double d, const PairCell&, const PairCell&) const {
        const double r = d / diameter;
        return r < reach ? diameter * stiffness * (1.0 - r) : 0.0;
    }
};

// k (1 - d)^2 for d < 1.
struct QuadraticRepulsion {
    double stiffness, diameter = 1;
    double operator()(double d, const PairCell&, const PairCell&) const {
        const double r = d / diameter;
        return r < 1 ? diameter * stiffness * (1.0 - r) * (1.0 - r) : 0.0;
    }
};

// -k ln d for d < 1.
struct LogarithmicRepulsion {
    double stiffness, diameter = 1;
    double operator()(double d, const PairCell&, const PairCell&) const {
        const double r = d / diameter;
        return r < 1 ? -diameter * stiffness * math::log(r) : 0.0;
    }
};

// Generalised linear spring: -k ln d for d < 1, -k (d - 1) exp(-decay (d - 1)) beyond, up to `reach`.
struct GeneralisedLinearSpring {
    double stiffness, decay = 5, diameter = 1, reach = 1.5;
    double operator()(double d, const PairCell&, const PairCell&) const {
        const double r = d / diameter;
        if (r >= reach) return 0.0;
        return r < 1 ? -diameter * stiffness * math::log(r)
                     : -diameter * stiffness * (r - 1.0) * math::exp(-decay * (r - 1.0));
    }
};

// -k (d - reach)^2 (d - 1) for d < reach.
struct CubicSpring {
    double stiffness, diameter = 1, reach = 1.5;
    double operator()(double d, const PairCell&, const PairCell&) const {
        const double r = d / diameter;
        return r < reach ? -diameter * stiffness * (r - reach) * (r - reach) * (r - 1.0) : 0.0;
    }
};

// k (1 - d)^(3/2) for d < 1.
struct HertzRepulsion {
    double stiffness, diameter = 1;
    double operator()(double d, const PairCell&, const PairCell&) const {
        const double r = d / diameter;
        return r < 1 ? diameter * stiffness * (1.0 - r) * std::sqrt(1.0 - r) : 0.0;
    }
};

// A law between cells whose types are neighbours in a chain only (type = place in the chain).
template <class Law>
struct ChainOnly {
    Law law;
    double operator()(double d, const PairCell& a, const PairCell& b) const {
        return a.type - b.type == 1 || b.type - a.type == 1 ? law(d, a, b) : 0.0;
    }
};

// Sums a law over the cells of the own and adjacent bins, in their order, in double. One velocity (um/min) a row.
template <class Shape, class Law>
void pair_velocities(const Lattice<Shape>& lattice, const Brick<Shape>& brick, const Law& law, Neighbourhood& around,
                     std::vector<Vec3>& out) {
    around.build(lattice, brick, Neighbourhood::Columns::places);
    out.assign(brick.cells.size(), Vec3{});
    std::size_t row = 0;
    const int ring = around.ring_z();
    for (int k = 0; k < around.bins_z(); ++k)
        for (int j = 0; j < around.bins_y(); ++j)
            for (int i = 0; i < around.bins_x(); ++i) {
                const Neighbourhood::Range own = around.row_of_bins(i, i, j, k);
                for (std::uint32_t self = own.begin; self < own.end; ++self, ++row) {
                    Vec3 sum;
                    for (int dk = -ring; dk <= ring; ++dk)
                        for (int dj = -1; dj <= 1; ++dj) {
                            const Neighbourhood::Range line = around.row_of_bins(i - 1, i + 1, j + dj, k + dk);
                            for (std::uint32_t other = line.begin; other < line.end; ++other) {
                                const Vec3 apart{um_from_fixed(around.x[self] - around.x[other]),
                                                 um_from_fixed(around.y[self] - around.y[other]),
                                                 um_from_fixed(around.z[self] - around.z[other])};
                                const double d = std::sqrt(dot(apart, apart));
                                if (d == 0) continue;  // the cell itself, or one of the same place
                                const double speed = law(d, PairCell{around.radius[self], around.type[self]},
                                                         PairCell{around.radius[other], around.type[other]});
                                sum = sum + (speed / d) * apart;
                            }
                        }
                    if (Shape::flat) sum.z = 0;
                    out[row] = sum;
                }
            }
}

}  // namespace stellate::mechanics
