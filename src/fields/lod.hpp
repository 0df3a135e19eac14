// Diffusion and decay by locally one-dimensional splitting: in one step each axis in turn solves
//     (1 + dt (decay / 3 + D A_axis)) c' = c,   A_axis the second difference with no-flux ends, over dx^2,
// along all its lines (Thomas algorithm). This is the method of the established agent-based simulators
// (Ghaffarizadeh, Friedman, Macklin 2016, doi:10.1093/bioinformatics/btv730), kept as a like-for-like partner for
// benchmarks and to show how far it is from the exact solution: its steady states are biased (6.8 % at the centre of a
// ball of uptake, dx 20 um, dt 0.01 min) and anisotropic. Nothing in a simulation uses it.
#pragma once

#include <span>
#include <vector>

namespace stellate::fields {

template <class Real>
class Lod {
public:
    // A block of nx * ny * nz voxels, x fastest; diffusion in um^2/min, decay in 1/min.
    Lod(int nx, int ny, int nz, double diffusion, double decay, double dx_um, double dt_min);

    void step(std::span<Real> value);
    // Sources and sinks as the established simulators do them, after the split sweeps: c' = (c + dt source) /
    // (1 + dt sink). For comparisons of steady states.
    void exchange(std::span<Real> value, std::span<const Real> source, std::span<const Real> sink) const;

private:
    struct Axis {
        int n = 1;
        std::vector<Real> denominator, above;  // 1 / pivot, and coupling / pivot
    };
    Axis axis(int n, double coupling, double decay_share) const;

    int nx_, ny_, nz_;
    double dt_min_;
    Real coupling_;  // D dt / dx^2
    Axis x_, y_, z_;
    std::vector<Real> lines_;  // several x-lines side by side
};

extern template class Lod<float>;
extern template class Lod<double>;

}  // namespace stellate::fields
