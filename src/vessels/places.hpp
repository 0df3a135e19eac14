// Where things of vessels lie on the lattice; for the sources of this folder.
#pragma once

#include <algorithm>
#include <cmath>

#include "tissue/lattice.hpp"
#include "vessels/vessels.hpp"

namespace stellate::vessels {

// The brick of a place in the tissue.
template <class Shape>
BrickCoord brick_at(Vec3 um) {
    return {static_cast<std::int32_t>(std::floor(um.x / (Shape::nx * voxel_um))),
            static_cast<std::int32_t>(std::floor(um.y / (Shape::ny * voxel_um))),
            static_cast<std::int32_t>(std::floor(um.z / (Shape::nz * voxel_um)))};
}

// The voxel of a place in a brick; a place on or beyond its border counts to the voxel next to it.
template <class Shape>
int voxel_at(BrickCoord at, Vec3 um) {
    const Vec3 local = um - corner_um<Shape>(at);
    const auto index = [](double v, int n) { return std::clamp(static_cast<int>(v / voxel_um), 0, n - 1); };
    return voxel_index<Shape>(index(local.x, Shape::nx), index(local.y, Shape::ny), index(local.z, Shape::nz));
}

// Blood comes from, or leaves into, the sinusoids of a voxel while enough of them are open. A place in no brick in
// memory has none that a sprout could have met.
inline bool is_open(const Parameters& p, float sinusoid) { return sinusoid >= static_cast<float>(p.open_share); }

template <class Shape>
bool bed_is_open(const Parameters& p, const Lattice<Shape>& lattice, Vec3 um) {
    const BrickCoord at = brick_at<Shape>(um);
    const Brick<Shape>* brick = lattice.find(at);
    return brick && is_open(p, brick->sinusoid[std::size_t(voxel_at<Shape>(at, um))]);
}

template <class Shape>
Vec3 midpoint_um(const Brick<Shape>& brick, const Segment& s) {
    const Vec3 local = {0.5 * (um_from_fixed(s.x0) + um_from_fixed(s.x1)),
                        0.5 * (um_from_fixed(s.y0) + um_from_fixed(s.y1)),
                        0.5 * (um_from_fixed(s.z0) + um_from_fixed(s.z1))};
    return corner_um<Shape>(brick.at) + local;
}

}  // namespace stellate::vessels
