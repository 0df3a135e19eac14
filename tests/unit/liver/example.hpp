// The anatomy that these tests look at: the values of models/liver-mouse with the contact law of its default clocks.
#pragma once

#include "liver/anatomy.hpp"

namespace stellate::liver {

inline constexpr double repulsion = 3, adhesion = 0.12, adhesion_reach = 1.25, yield = 0.15;  // um/min, 1, um/min

inline AnatomyParameters example_parameters() {
    AnatomyParameters p;
    p.lobules = {285, 0.07, 35, 48, 0.2, 150, 0.3};
    p.hepatocytes_per_mm3 = 1.35e5;
    p.rest_distance_ratio = rest_distance_ratio(repulsion, adhesion, adhesion_reach);
    p.hepatocyte_jitter = 0.03;
    p.wall_clearance_um = 5;
    p.lsec_per_mm3 = 5.7e4;
    p.kupffer_per_mm3 = 2.8e4;
    p.kupffer_periportal_bias = 0.5;
    p.hsc_quiescent_per_mm3 = 1.8e4;
    p.nk_per_mm3 = 2e3;
    p.nk_periportal_bias = 0.45;
    p.portal_fibroblasts_per_mm3 = 9.1e4;
    p.lsec_radius_um = 5;
    p.kupffer_radius_um = 6.5;
    p.hsc_quiescent_radius_um = 5;
    p.nk_radius_um = 4;
    p.portal_fibroblast_radius_um = 5;
    p.oxygen_periportal_mmHg = 65;
    p.oxygen_perivenous_mmHg = 30;
    p.collagen_parenchyma_mg_per_mL = 0.8;
    p.collagen_portal_tract_mg_per_mL = 20;
    p.collagen_central_vein_wall_mg_per_mL = 10;
    p.central_vein_wall_um = 6;
    p.crosslinked_share = 0.2;
    return p;
}

inline constexpr ResidentTypes types{3, 4, 5, 6, 7, 8};
inline HealthyLevels example_levels() { return {{0.5, 0.0, 0.002}, 1}; }  // oxygen second

template <class Shape>
Anatomy<Shape> example(std::uint64_t seed) {
    return Anatomy<Shape>(example_parameters(), types, example_levels(), seed);
}

template <class Shape>
Brick<Shape> brick_at(const Anatomy<Shape>& anatomy, int x, int y, int z = 0) {
    Brick<Shape> brick;
    brick.at = {x, y, z};
    anatomy.fill(brick);
    return brick;
}

template <class Shape>
Vec3 place_of(const Brick<Shape>& brick, std::size_t row) {
    return corner_um<Shape>(brick.at) + Vec3{um_from_fixed(brick.cells.x[row]), um_from_fixed(brick.cells.y[row]),
                                             um_from_fixed(brick.cells.z[row])};
}

}  // namespace stellate::liver
