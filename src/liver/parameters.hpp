// The numbers of healthy liver anatomy. Values and sources: models/*/anatomy.toml; text: docs/model/anatomy.md.
#pragma once

namespace stellate {
class Records;
}

namespace stellate::liver {

struct LobuleParameters {
    double lobule_radius_um = 0;        // of the circle with the lobule's area, mean; > 0
    double lobule_radius_cv = 0;        // between lobules, 0 .. 0.08
    double central_vein_radius_um = 0;  // lumen, mean
    double portal_tract_radius_um = 0;  // mean; the portal vein has 0.6 of it
    double vessel_radius_cv = 0;        // between vessels, uniform draw, 0 .. 0.4
    double tract_separation_um = 0;     // of two corners nearer than this only one has a tract; none as near to a vein
    double septal_path_ratio = 0;       // cost of a length along the septum over one through parenchyma, 0 .. 1
};

struct AnatomyParameters {
    LobuleParameters lobules;

    // Cells; densities are per mm3 of liver, vessels and tracts included, except the fibroblasts'.
    double hepatocytes_per_mm3 = 0;
    double rest_distance_ratio = 1;  // centre distance of two hepatocytes at rest over the sum of their radii
    double hepatocyte_jitter = 0;    // largest displacement from the packing along each axis over its spacing, 0 .. 0.1
    double wall_clearance_um = 0;    // no hepatocyte centre lies nearer to a vein or a tract
    double lsec_per_mm3 = 0;
    double kupffer_per_mm3 = 0;
    double kupffer_periportal_bias = 0;  // density is proportional to 1 + bias (1 - 2 portal_to_central), 0 .. 1
    double hsc_quiescent_per_mm3 = 0;
    double nk_per_mm3 = 0;
    double nk_periportal_bias = 0;          // as for Kupffer cells
    double portal_fibroblasts_per_mm3 = 0;  // of portal connective tissue
    double lsec_radius_um = 0, kupffer_radius_um = 0, hsc_quiescent_radius_um = 0, nk_radius_um = 0,
           portal_fibroblast_radius_um = 0;

    // Oxygen falls linearly with portal_to_central.
    double oxygen_periportal_mmHg = 0;
    double oxygen_perivenous_mmHg = 0;

    // Matrix.
    double collagen_parenchyma_mg_per_mL = 0;
    double collagen_portal_tract_mg_per_mL = 0;
    double collagen_central_vein_wall_mg_per_mL = 0;
    double central_vein_wall_um = 0;  // thickness, outside the lumen
    double crosslinked_share = 0;     // 0 .. 1
};

// From the records of a model: the tables anatomy.*, and what anatomy shares with others and does not repeat: radii
// (cell_types.*.radius), matrix.crosslink_baseline, and the law of contact, which sets where hepatocytes rest. Mistakes
// are noted in `records` (Records::require_all_used throws them).
AnatomyParameters read_anatomy(Records& records);

// Distance over the sum of radii at which repulsion (1 - d/R)^2 and adhesion (1 - d/(reach R))^2 of the given strengths
// cancel. 0 <= adhesion < repulsion, reach > 1.
double rest_distance_ratio(double repulsion, double adhesion, double reach);

}  // namespace stellate::liver
