// Values, gradients and deposits at points inside a dense box of voxels. A point's place is in um from the lower corner
// of the box; voxel (i, j, k) has its centre at (i + 1/2, j + 1/2, k + 1/2) dx.
//
// Trilinear weights over the eight nearest centres; a point beyond the outermost centres, or beside a wall, leans on
// the centres there are (their weights are scaled to sum to one), so nothing is read from or given to outside the
// tissue. Sampling and deposition share their weights: sum over points of q sample(f) = sum over voxels of f
// deposit(q).
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <span>

#include "core/vec.hpp"
#include "fields/multigrid.hpp"

namespace stellate::fields {

struct Weights {
    std::array<std::size_t, 8> voxel{};
    std::array<double, 8> weight{};  // sum 1, or all 0 if every voxel near is wall
};

// `kind` may be empty: no walls inside the box.
inline Weights weights_at(const Box& box, std::span<const VoxelKind> kind, Vec3 place_um, double dx_um) {
    const double at[3] = {place_um.x / dx_um - 0.5, place_um.y / dx_um - 0.5, place_um.z / dx_um - 0.5};
    const int extent[3] = {box.nx, box.ny, box.nz};
    int low[3];
    double high_share[3];
    for (int a = 0; a < 3; ++a) {
        const double cell = std::floor(at[a]);
        low[a] = static_cast<int>(cell);
        high_share[a] = at[a] - cell;
    }
    Weights w;
    double sum = 0;
    for (int corner = 0; corner < 8; ++corner) {
        std::size_t voxel = 0, stride = 1;
        double share = 1;
        for (int a = 0; a < 3; ++a) {
            const int up = corner >> a & 1;
            const int i = low[a] + up;
            share *= up ? high_share[a] : 1 - high_share[a];
            if (i < 0 || i >= extent[a]) share = 0;
            voxel += static_cast<std::size_t>(i < 0 ? 0 : i >= extent[a] ? extent[a] - 1 : i) * stride;
            stride *= static_cast<std::size_t>(extent[a]);
        }
        if (!kind.empty() && kind[voxel] == VoxelKind::wall) share = 0;
        w.voxel[static_cast<std::size_t>(corner)] = voxel;
        w.weight[static_cast<std::size_t>(corner)] = share;
        sum += share;
    }
    if (sum > 0)
        for (double& share : w.weight) share /= sum;
    return w;
}

template <class Real>
double sample(const Weights& w, std::span<const Real> field) {
    double value = 0;
    for (std::size_t i = 0; i < 8; ++i) value += w.weight[i] * static_cast<double>(field[w.voxel[i]]);
    return value;
}

// The transpose of sample: adds `amount` to the field.
template <class Real>
void deposit(const Weights& w, double amount, std::span<Real> field) {
    for (std::size_t i = 0; i < 8; ++i) field[w.voxel[i]] += static_cast<Real>(w.weight[i] * amount);
}

// Gradient at a voxel's centre, per um: central differences, one-sided beside a wall or the box's end (0 between two),
// so that a linear field's gradient is exact everywhere.
template <class Real>
Vec3 gradient_of_voxel(const Box& box, std::span<const VoxelKind> kind, std::span<const Real> field, std::size_t voxel,
                       double dx_um) {
    const std::size_t nx = static_cast<std::size_t>(box.nx), ny = static_cast<std::size_t>(box.ny);
    const std::size_t at[3] = {voxel % nx, voxel / nx % ny, voxel / (nx * ny)};
    const std::size_t extent[3] = {nx, ny, static_cast<std::size_t>(box.nz)};
    const std::size_t stride[3] = {1, nx, nx * ny};
    double g[3];
    for (int a = 0; a < 3; ++a) {
        const bool below = at[a] > 0 && (kind.empty() || kind[voxel - stride[a]] != VoxelKind::wall);
        const bool above = at[a] + 1 < extent[a] && (kind.empty() || kind[voxel + stride[a]] != VoxelKind::wall);
        const double low = static_cast<double>(field[below ? voxel - stride[a] : voxel]);
        const double high = static_cast<double>(field[above ? voxel + stride[a] : voxel]);
        g[a] = below || above ? (high - low) / (dx_um * ((below ? 1 : 0) + (above ? 1 : 0))) : 0.0;
    }
    return {g[0], g[1], g[2]};
}

// Gradient at a point: the voxels' gradients, weighted as values are.
template <class Real>
Vec3 gradient(const Box& box, std::span<const VoxelKind> kind, std::span<const Real> field, Vec3 place_um,
              double dx_um) {
    const Weights w = weights_at(box, kind, place_um, dx_um);
    Vec3 sum;
    for (std::size_t i = 0; i < 8; ++i)
        if (w.weight[i] > 0) sum = sum + w.weight[i] * gradient_of_voxel(box, kind, field, w.voxel[i], dx_um);
    return sum;
}

}  // namespace stellate::fields
