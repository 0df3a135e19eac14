#include "fields/lod.hpp"

#include "core/error.hpp"

namespace stellate::fields {

namespace {
constexpr int lines_at_once = 16;  // x-lines transposed together, so that the recurrences run side by side
}

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
    lines_.resize(static_cast<std::size_t>(nx) * lines_at_once);
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

// Solves along one axis for `width` neighbouring lines; consecutive voxels of a line lie `stride` apart.
template <class Real>
void Lod<Real>::along(const Axis& a, Real* value, std::ptrdiff_t stride, int width) const {
    const Real* __restrict denominator = a.denominator.data();
    const Real* __restrict above = a.above.data();
    for (int x = 0; x < width; ++x) value[x] = value[x] * denominator[0];
    for (int i = 1; i < a.n; ++i) {
        Real* __restrict now = value + i * stride;
        const Real* __restrict before = now - stride;
        const Real d = denominator[i];
#pragma omp simd
        for (int x = 0; x < width; ++x) now[x] = (now[x] + coupling_ * before[x]) * d;
    }
    for (int i = a.n - 2; i >= 0; --i) {
        Real* __restrict now = value + i * stride;
        const Real* __restrict after = now + stride;
        const Real f = above[i];
#pragma omp simd
        for (int x = 0; x < width; ++x) now[x] = now[x] + f * after[x];
    }
}

template <class Real>
void Lod<Real>::along_x(Real* value) {
    const std::ptrdiff_t rows = static_cast<std::ptrdiff_t>(ny_) * nz_;
    Real* __restrict lines = lines_.data();
    for (std::ptrdiff_t row = 0; row < rows; row += lines_at_once) {
        Real* from = value + row * nx_;
        if (row + lines_at_once > rows) {  // the last few lines
            for (std::ptrdiff_t r = row; r < rows; ++r) along(x_, value + r * nx_, 1, 1);
            break;
        }
        for (int x = 0; x < nx_; ++x)
            for (int l = 0; l < lines_at_once; ++l) lines[x * lines_at_once + l] = from[static_cast<std::ptrdiff_t>(l) * nx_ + x];
        along(x_, lines, lines_at_once, lines_at_once);
        for (int l = 0; l < lines_at_once; ++l)
            for (int x = 0; x < nx_; ++x) from[static_cast<std::ptrdiff_t>(l) * nx_ + x] = lines[x * lines_at_once + l];
    }
}

template <class Real>
void Lod<Real>::step(std::span<Real> value) {
    const std::size_t plane = static_cast<std::size_t>(nx_) * ny_;
    STELLATE_ASSERT(value.size() == plane * static_cast<std::size_t>(nz_), value.size(), plane, nz_);
    // x and y plane by plane, while the plane is in the cache; then z, in strips of a row.
    if (nx_ > 1) along_x(value.data());
    if (ny_ > 1)
        for (int z = 0; z < nz_; ++z) along(y_, value.data() + static_cast<std::size_t>(z) * plane, nx_, nx_);
    if (nz_ > 1)
        for (int y = 0; y < ny_; ++y)
            along(z_, value.data() + static_cast<std::size_t>(y) * nx_, static_cast<std::ptrdiff_t>(plane), nx_);
}

template <class Real>
void Lod<Real>::exchange(std::span<Real> value, std::span<const Real> source, std::span<const Real> sink) const {
    STELLATE_ASSERT(value.size() == source.size() && value.size() == sink.size(), value.size(), source.size(), sink.size());
    const Real dt = static_cast<Real>(dt_min_);
    for (std::size_t i = 0; i < value.size(); ++i) value[i] = (value[i] + dt * source[i]) / (1 + dt * sink[i]);
}

template class Lod<float>;
template class Lod<double>;

}  // namespace stellate::fields
