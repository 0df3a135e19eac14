// Collagen of the tissue, voxel by voxel: deposited and cross-linked by cells, degraded, aligned; and the stiffness it
// gives. Everything is zero change at the healthy state (collagen and cross-linking at their baselines, no depositing
// cell).
//
//     dC/dt = deposition - k_deg (1 - protection X) / (1 + TIMP) (C - C0)
//     dX/dt = crosslinking (1 - X) - (X - X0) deposition / C - k_open (X - X0)
//     E     = E0 + slope (C - C0) (1 + gain X)
//
// C0 is healthy collagen, to which C >= C0 relaxes; new collagen is not yet cross-linked; E is Young's modulus, kPa.
// TIMP is the local density of TIMP1-making cells over a half-inhibiting one. Sources of the numbers: models/.
// It does not move fibres with cells, and has no fibre mechanics beyond the stiffness and the confinement it gives.
#pragma once

#include <vector>

#include "tissue/brick.hpp"

namespace stellate::matrix {

struct Parameters {
    double degradation_per_min;        // of collagen above the baseline, without TIMP1, not cross-linked
    double crosslink_protection;       // 0..1: share of degradation that full cross-linking prevents
    double timp_half_density_per_um3;  // density of TIMP1-making cells that halves degradation
    double crosslink_opening_per_min;  // loss of cross-links
    double crosslink_baseline;         // 0..1, healthy
    double stiffness_baseline_kpa;
    double stiffness_per_collagen_kpa;  // kPa per mg/mL above the baseline
    double crosslink_stiffening;        // dimensionless gain
    double collagen_ceiling_mg_per_ml;  // deposition stops here (packing limit)
    double
        alignment_per_deposit;  // share by which one mg/mL of new collagen turns the fibres to the depositor's heading
    double confinement_half_mg_per_ml;  // collagen above the baseline that halves the mobility of cells in it
    double confinement_power;
};

// What the cells of a brick do to its matrix in one tick; filled in row order.
struct Work {
    std::vector<float> deposition;            // [voxel] mg/mL/min
    std::vector<float> crosslinking;          // [voxel] 1/min
    std::vector<float> degradation;           // [voxel] 1/min, by cells, on top of the basal one
    std::vector<float> timp;                  // [voxel] cells per um^3 that make TIMP1
    std::vector<float> align_cos, align_sin;  // [voxel] deposition-weighted cos, sin of twice the depositors' heading
    bool any = false;
    void clear(std::size_t voxels);
};

// Advances collagen, cross-linking and fibre direction of one brick by `dt_min`.
// Reads healthy.collagen; writes matrix. Returns the largest rate of change of collagen, mg/mL/min.
template <class Shape>
float remodel(const Parameters& p, const Work& work, double dt_min, Brick<Shape>& brick);

float stiffness_kpa(const Parameters& p, float collagen, float healthy_collagen, float crosslink);

// Factor on the mobility of a cell held by collagen, in (0, 1]; 1 at the baseline.
float mobility(const Parameters& p, float collagen, float healthy_collagen);

}  // namespace stellate::matrix
