#include "fields/lod.hpp"

#include "core/error.hpp"
#include "fields/kernels.hpp"

namespace stellate::fields {

template <class Real>
Lod<Real>::Lod(int nx, int ny, int nz, double diffusion, double decay, double dx_um, double dt_min)
    : nx_(nx), ny_(ny), nz_(nz), dt_min_(dt_min) {
    STELLATE_ASSERT(nx > 0 && ny > 0 && nz > 0 && dx_um > 0 && dt_min > 0, nx, ny, nz, dx_um, dt_min);
    const double coupling = diffusion * dt_min / (dx_um * dx_um);
    const int axes = (nx > 1) + (ny > 1) + (nz > 1);
    const double share = axes > 0 ? decay * dt_min / axes : 0;
    coupling_ = static_cast<Real>(coupling);
    x_ = axis(nx, coupling, share);
    y_ = axis(ny, coupling, share);
    z_ = axis(nz, coupling, share);
    lines_.resize(static_cast<std::size_t>(nx) * 16);
}

template <class Real>
typename Lod<Real>::Axis Lod<Real>::axis(int n, double coupling, double decay_share) const {
    Axis a;
    a.n = n;
    if (n == 1) return a;
    a.denominator.resize(static_cast<std::size_t>(n));
    a.above.resize(static_cast<std::size_t>(n));
    double above = 0;
    for (int i = 0; i < n; ++i) {
        const double diagonal = 1 + decay_share + coupling * (i == 0 || i == n - 1 ? 1 : 2);
        const double pivot = diagonal - coupling * above;
        above = coupling / pivot;
        a.denominator[static_cast<std::size_t>(i)] = static_cast<Real>(1 / pivot);
        a.above[static_cast<std::size_t>(i)] = static_cast<Real>(above);
    }
    return a;
}

template <class Real>
void Lod<Real>::step(std::span<Real> value) {
    const std::size_t plane = static_cast<std::size_t>(nx_) * ny_;
    STELLATE_ASSERT(value.size() == plane * static_cast<std::size_t>(nz_), value.size(), plane, nz_);
    const detail::Kernels<Real>& run = *detail::kernels_for<Real>(fastest_here());
    const auto lines = [&](const Axis& a, Real* first, std::size_t stride) {
        run.solve_lines(a.n, coupling_, a.denominator.data(), a.above.data(), first,
                        static_cast<std::ptrdiff_t>(stride), nx_);
    };
    // x and y plane by plane, while the plane is in the cache; then z, in strips of a row.
    for (int z = 0; z < nz_; ++z) {
        Real* at = value.data() + static_cast<std::size_t>(z) * plane;
        if (nx_ > 1) run.solve_rows(nx_, coupling_, x_.denominator.data(), x_.above.data(), at, ny_, lines_.data());
        if (ny_ > 1) lines(y_, at, static_cast<std::size_t>(nx_));
    }
    if (nz_ > 1)
        for (int y = 0; y < ny_; ++y) lines(z_, value.data() + static_cast<std::size_t>(y) * nx_, plane);
}

template <class Real>
void Lod<Real>::exchange(std::span<Real> value, std::span<const Real> source, std::span<const Real> sink) const {
    STELLATE_ASSERT(value.size() == source.size() && value.size() == sink.size(), value.size(), source.size(),
                    sink.size());
    const Real dt = static_cast<Real>(dt_min_);
    for (std::size_t i = 0; i < value.size(); ++i) value[i] = (value[i] + dt * source[i]) / (1 + dt * sink[i]);
}

template class Lod<float>;
template class Lod<double>;

}  // namespace stellate::fields
