// A box of voxels with one substrate, for the verification of the field solver; and the numbers that several cases
// share. Internal to src/verification.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "fields/lod.hpp"
#include "fields/multigrid.hpp"
#include "verification/check.hpp"

namespace stellate::verification {

using fields::Box;
using fields::VoxelKind;

constexpr double pi = 3.141592653589793238462643;
constexpr double steady = std::numeric_limits<double>::infinity();

template <class Real>
struct Domain {
    Box box;
    double diffusion, decay, dx;
    std::vector<VoxelKind> kind;
    std::vector<Real> sink, source, value, capacity;
    double half_saturation = 1;
    std::int64_t cycles = 0;
    fields::Multigrid<Real> solver;

    Domain(Box b, double diffusion_, double decay_, double dx_)
        : box(b),
          diffusion(diffusion_),
          decay(decay_),
          dx(dx_),
          kind(static_cast<std::size_t>(b.voxels()), VoxelKind::awake) {
        for (auto* a : {&sink, &source, &value}) a->assign(kind.size(), Real(0));
    }
    std::size_t at(int x, int y, int z) const {
        return (static_cast<std::size_t>(z) * box.ny + y) * static_cast<std::size_t>(box.nx) + x;
    }
    // body(index, x, y, z) with the place in voxels from the lower corner.
    template <class Body>
    void each(Body body) const {
        std::size_t i = 0;
        for (int z = 0; z < box.nz; ++z)
            for (int y = 0; y < box.ny; ++y)
                for (int x = 0; x < box.nx; ++x, ++i) body(i, x, y, z);
    }
    void step(double dt, double tolerance) {
        fields::Equation<Real> e;
        e.name = "verification";
        e.diffusion = diffusion;
        e.decay = decay;
        e.dx_um = dx;
        e.dt_min = dt;
        e.kind = kind;
        e.sink = sink;
        e.source = source;
        e.value = value;
        e.uptake.capacity = capacity;
        e.uptake.half_saturation = half_saturation;
        cycles += solver.solve(box, e, {.tolerance = tolerance, .max_cycles = 200}).cycles;
    }
    double largest() const {
        double m = 0;
        for (const Real v : value) m = std::max(m, std::abs(static_cast<double>(v)));
        return m;
    }
};

// cos(k pi (i + 1/2) / n): the no-flux modes of n voxels, exact eigenvectors of the second difference.
inline double mode(int k, int i, int n) { return std::cos(k * pi * (i + 0.5) / n); }
// Their decay rates: D (2 - 2 cos(k pi / n)) / dx^2.
inline double mode_rate(double diffusion, double dx, int k, int n) {
    const double s = std::sin(k * pi / (2.0 * n));
    return 4 * diffusion / (dx * dx) * s * s;
}

// What F01 to F06 compute, as one column of numbers each, for comparing precisions; the mutation as in the case.
template <class Real>
std::vector<double> cosine_decay(const Mutation& m, int n, double dt, int steps);  // F01
template <class Real>
std::vector<double> product_mode(const Mutation& m, Box box, double dx, const int (&k)[3], double dt,
                                 int steps);  // F02
template <class Real>
std::vector<double> tick_mode(const Mutation& m, Box box, double diffusion, double decay, const int (&k)[3], double dt,
                              int steps);  // F03
template <class Real>
std::vector<double> point_source(const Mutation& m, int n);  // F04
template <class Real>
std::vector<double> uptake_ball(const Mutation& m, double dx, double decay, bool corner = false);  // F05
template <class Real>
std::vector<double> slab(const Mutation& m, double dx, double decay);  // F06

// The amplitude of a no-flux mode in a column over a box.
double amplitude(const std::vector<double>& value, const Box& box, const int (&k)[3]);

// Check by parts.
inline Check exact(const char* id, std::string what, double expected, double got, double tolerance,
                   const char* source) {
    return {id, std::move(what), expected, got, tolerance, Check::Tier::discrete_exact, source, true};
}
inline Check level(const char* id, std::string what, double expected, double got, double tolerance,
                   const char* source) {
    return {id, std::move(what), expected, got, tolerance, Check::Tier::order, source, true};
}
inline Check within(const char* id, std::string what, double expected, double got, double tolerance,
                    const char* source) {
    return {id, std::move(what), expected, got, tolerance, Check::Tier::order, source, false};
}
inline double observed_order(double coarse_error, double fine_error) {
    return std::log(coarse_error / fine_error) / std::log(2.0);
}

std::vector<Case> mode_cases();      // F01 F02 F03 F14 F15 F18
std::vector<Case> steady_cases();    // F04 F05 F06 F08 F09 F17
std::vector<Case> reaction_cases();  // F10 F11 F13 F16

}  // namespace stellate::verification
