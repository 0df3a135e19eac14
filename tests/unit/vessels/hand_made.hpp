// Small lattices made by hand for the tests of vessels: one substrate (VEGFA), open parenchyma everywhere.
#pragma once

#include "core/hash.hpp"
#include "vessels/vessels.hpp"

namespace stellate::vessels {

inline constexpr int vegfa = 0;

inline Parameters parameters() {
    Parameters p{};
    p.closing_per_min = 0.01;
    p.closing_half_fraction = 0.25;
    p.opening_per_min = 0.002;
    p.open_share = 0.5;
    p.co_option_share = 0;
    p.vegfa_threshold_nM = 0.5;
    p.sprouting_per_min = 0.01;
    p.tip_inhibition_um = 100;
    p.segment_um = 20;
    p.capture_um = 15;
    p.maturation_um = 60;
    p.regression_h = 2;
    p.radius_um = 5;
    p.oxygen_exchange_um_per_min = 400;
    p.blood_oxygen_mmHg = 50;
    p.tip_longest_h = 24;
    return p;
}

template <class Shape>
void fill(Brick<Shape>& brick, float open, float level) {
    constexpr auto n = std::size_t(voxels_per_brick<Shape>);
    brick.healthy.level.assign(n, 0.0f);
    brick.healthy.kind.assign(n, TissueKind::parenchyma);
    brick.deviation.assign(n, level);
    brick.sinusoid.assign(n, open);
}

// All bricks in memory; `open` is the sinusoids' perfused share, `level` the VEGFA everywhere, nM.
template <class Shape>
Lattice<Shape> lattice(int nx, int ny, int nz, float open, float level) {
    Lattice<Shape> made(nx, ny, nz, 20, [=](Brick<Shape>& brick) { fill(brick, open, level); });
    for (int z = 0; z < nz; ++z)
        for (int y = 0; y < ny; ++y)
            for (int x = 0; x < nx; ++x) made.materialise({x, y, z});
    return made;
}

template <class Shape>
std::vector<Segment> all_segments(const Lattice<Shape>& lattice) {
    std::vector<Segment> all;
    for (const Brick<Shape>* brick : lattice.in_memory())
        all.insert(all.end(), brick->segments.begin(), brick->segments.end());
    return all;
}

}  // namespace stellate::vessels
