// Implicit reaction-diffusion on a dense box of voxels: one backward Euler step (or the steady state) of
//     (c' - c) / dt = D lap c' - (decay + sink) c' + source - [ U(c') - U_healthy ],
// solved to a stated largest correction. Seven-point finite volumes on cubes; U is an optional saturable uptake.
//
// Method: conjugate gradients preconditioned by one symmetric multigrid V-cycle. The smoother is red-black Gauss-Seidel
// (three half-sweeps down, three up); restriction sums and prolongation copies, so the cycle is symmetric for any mask
// and the outer iteration converges for any mask. Coarse operators are re-discretised: faces sum their fine faces over
// twice the distance (Braess, "Towards algebraic multigrid for elliptic problems of second order", Computing 55, 1995,
// derives the factor), and the distance from a coarse centre to the voxels held at zero is followed per direction,
// because there a plain sum converges at 1.3 instead of 10 per cycle (docs/decisions/0003-fields.md).
//
// What the bits depend on: the awake voxels, their neighbours' kinds and the numbers there; never the box drawn around
// them (colours, coarse cells and the lanes of sums are anchored to absolute voxel coordinates), the instruction set or
// the number of threads. The iteration works on the change c' - c, so an undisturbed field stays exactly as it is.
//
// Not here: advection, concentration-dependent diffusion, bricks (the simulation gathers and scatters them).
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string_view>

#include "core/lanes.hpp"

namespace stellate::fields {

// Absolute voxel coordinates of the lower corner, and extent. Arrays over a box have x fastest, then y, then z.
struct Box {
    int x0 = 0, y0 = 0, z0 = 0;
    int nx = 0, ny = 0, nz = 0;
    std::int64_t voxels() const { return static_cast<std::int64_t>(nx) * ny * nz; }
    friend bool operator==(const Box&, const Box&) = default;
};

enum class VoxelKind : std::uint8_t {
    wall,        // outside the tissue: no flux passes its faces. Everything outside the box is wall
    resting,     // tissue asleep: the value is held at 0, at the voxel's centre
    awake,       // solved for
    prescribed,  // held at the given value, at the voxel's centre (vessel walls, verification)
};

// Saturable uptake U(c) = V c / (K + c) with c = healthy + value, less what the healthy tissue takes up at its own
// concentration, V_healthy healthy / (K + healthy): exactly zero where nothing differs from health.
template <class Real>
struct Uptake {
    std::span<const Real> capacity;          // V per voxel, concentration/min, >= 0; empty = no uptake
    double half_saturation = 0;              // K > 0, concentration
    std::span<const Real> healthy_capacity;  // V_healthy per voxel; empty = equal to capacity
};

// All spans are over the box (x fastest); sink and source may be empty (zero).
template <class Real>
struct Equation {
    std::string_view name;                                    // substrate, for messages
    double diffusion = 0;                                     // D, um^2/min, >= 0
    double dx_um = 20;                                        // voxel edge, um
    double dt_min = std::numeric_limits<double>::infinity();  // step, min; infinity = steady state
    double decay = 0;                                         // 1/min, everywhere, >= 0
    std::span<const VoxelKind> kind;
    std::span<const Real> sink;     // 1/min, >= 0
    std::span<const Real> source;   // concentration/min
    std::span<Real> value;          // in: the field before the step (prescribed voxels: the value held); out: after it.
                                    // Awake voxels are written, resting ones set to 0, the others left alone
    std::span<const Real> healthy;  // concentration in health, of which value is the deviation, >= 0; empty = 0
    Uptake<Real> uptake;
    bool nonnegative = false;  // healthy + value is a concentration: what the solver's tolerance leaves below 0 is
                               // brought back to 0, counted in the report. Implied by uptake
};

struct SolveOptions {
    double tolerance = 1e-6;  // largest correction of a cycle that ends the iteration, in units of the value; never
                              // asked below 1/4 ulp (with uptake 4 ulp) of the largest value in the box
    int max_cycles = 60;
};

struct SolveReport {
    int cycles = 0;                 // V-cycles done
    double largest_correction = 0;  // of the last cycle
    double first_correction = 0;    // of the first cycle: (first / last)^(1 / (cycles - 1)) is the mean reduction
    std::int64_t clamped = 0;       // voxels brought back to concentration 0 from below
    double largest_clamp = 0;       // by at most this much
};

template <class Real>
class Multigrid {
public:
    explicit Multigrid(Lanes lanes = fastest_here());
    ~Multigrid();
    Multigrid(Multigrid&&) noexcept;
    Multigrid& operator=(Multigrid&&) noexcept;

    // Throws RunError naming substrate and box when the cycle limit is reached, a number is not finite, or (steady
    // state) an awake voxel has neither sink nor neighbour. Scratch is kept between calls; the hierarchy is rebuilt
    // only when box or kinds differ from the last call. Scratch: about 50 (float) or 90 (double) bytes per awake voxel,
    // 25 more of each Real's four when there is uptake.
    SolveReport solve(const Box& box, const Equation<Real>& equation, const SolveOptions& options = {});

private:
    struct State;
    std::unique_ptr<State> state_;
};

extern template class Multigrid<float>;
extern template class Multigrid<double>;

}  // namespace stellate::fields
