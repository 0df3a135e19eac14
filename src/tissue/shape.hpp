// The brick's shape, a compile-time constant of the geometry, and the fixed-point lengths inside it.
// Tissue is a lattice of bricks of 20-um voxels: 16 x 16 x 1 in a section, 8 x 8 x 8 in a block or an organ.
#pragma once

#include <cstdint>

#include "core/vec.hpp"

namespace stellate {

inline constexpr int voxel_um = 20;
// Places inside a brick are integers in units of 2^-20 um: differences and migration are exact.
inline constexpr int fixed_bits = 20;
using Fixed = std::int32_t;

constexpr double um_from_fixed(Fixed v) { return static_cast<double>(v) * (1.0 / (1 << fixed_bits)); }
// Truncates towards zero at 1e-6 um; |um| must stay below 2048.
constexpr Fixed fixed_from_um(double um) { return static_cast<Fixed>(um * (1 << fixed_bits)); }

// To the nearest unit, halves away from zero (so that opposite values round to opposite places).
// |units| must stay below 2^31.
constexpr Fixed nearest_fixed(double units) { return static_cast<Fixed>(units + (units < 0 ? -0.5 : 0.5)); }

struct SectionShape {
    static constexpr int nx = 16, ny = 16, nz = 1;
    static constexpr bool flat = true;
};

struct BlockShape {
    static constexpr int nx = 8, ny = 8, nz = 8;
    static constexpr bool flat = false;
};

template <class Shape>
inline constexpr int voxels_per_brick = Shape::nx * Shape::ny * Shape::nz;

// Edge lengths of a brick along x, y, z in fixed units.
template <class Shape>
inline constexpr Fixed edge_fixed[3] = {(Shape::nx * voxel_um) << fixed_bits, (Shape::ny * voxel_um) << fixed_bits,
                                        (Shape::nz * voxel_um) << fixed_bits};

template <class Shape>
constexpr int voxel_index(int x, int y, int z) {
    return x + Shape::nx * (y + Shape::ny * z);
}

// The voxel of a place inside the brick (each coordinate in [0, edge)).
template <class Shape>
constexpr int voxel_of(Fixed x, Fixed y, Fixed z) {
    constexpr Fixed v = voxel_um << fixed_bits;
    return voxel_index<Shape>(x / v, y / v, Shape::flat ? 0 : z / v);
}

// The corner of a brick in um from the corner of the tissue.
template <class Shape>
constexpr Vec3 corner_um(BrickCoord at) {
    return {double(at.x) * Shape::nx * voxel_um, double(at.y) * Shape::ny * voxel_um,
            double(at.z) * Shape::nz * voxel_um};
}

}  // namespace stellate
