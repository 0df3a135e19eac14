#include "liver/parameters.hpp"

#include <cmath>
#include <string>

#include "core/error.hpp"
#include "core/units.hpp"
#include "model/records.hpp"

namespace stellate::liver {

AnatomyParameters read_anatomy(Records& records) {
    AnatomyParameters p;
    const auto number = [&](const char* table, const char* key, Dimension dimension) {
        return records.number(std::string(table) + key, dimension);
    };
    const auto lobules = [&](const char* key, Dimension d) { return number("anatomy.lobules.", key, d); };
    p.lobules.lobule_radius_um = lobules("lobule_radius", Dimension::length);
    p.lobules.lobule_radius_cv = lobules("lobule_radius_cv", Dimension::number);
    p.lobules.central_vein_radius_um = lobules("central_vein_radius", Dimension::length);
    p.lobules.portal_tract_radius_um = lobules("portal_tract_radius", Dimension::length);
    p.lobules.vessel_radius_cv = lobules("vessel_radius_cv", Dimension::number);
    p.lobules.tract_separation_um = lobules("tract_separation", Dimension::length);
    p.lobules.septal_path_ratio = lobules("septal_path_ratio", Dimension::number);

    const auto cells = [&](const char* key, Dimension d) { return number("anatomy.cells.", key, d); };
    const auto per_mm3 = [&](const char* key) { return 1e9 * cells(key, Dimension::number_density); };
    p.hepatocytes_per_mm3 = per_mm3("hepatocytes");
    p.hepatocyte_jitter = cells("hepatocyte_jitter", Dimension::number);
    p.wall_clearance_um = cells("wall_clearance", Dimension::length);
    p.lsec_per_mm3 = per_mm3("lsec");
    p.kupffer_per_mm3 = per_mm3("kupffer");
    p.kupffer_periportal_bias = cells("kupffer_periportal_bias", Dimension::number);
    p.hsc_quiescent_per_mm3 = per_mm3("hsc_quiescent");
    p.nk_per_mm3 = per_mm3("nk");
    p.nk_periportal_bias = cells("nk_periportal_bias", Dimension::number);
    p.portal_fibroblasts_per_mm3 = per_mm3("portal_fibroblasts");

    p.oxygen_periportal_mmHg = number("anatomy.oxygen.", "periportal", Dimension::oxygen_tension);
    p.oxygen_perivenous_mmHg = number("anatomy.oxygen.", "perivenous", Dimension::oxygen_tension);

    const auto matrix = [&](const char* key, Dimension d) { return number("anatomy.matrix.", key, d); };
    p.collagen_parenchyma_mg_per_mL = matrix("collagen_parenchyma", Dimension::mass_density);
    p.collagen_portal_tract_mg_per_mL = matrix("collagen_portal_tract", Dimension::mass_density);
    p.collagen_central_vein_wall_mg_per_mL = matrix("collagen_central_vein_wall", Dimension::mass_density);
    p.central_vein_wall_um = matrix("central_vein_wall", Dimension::length);
    p.crosslinked_share = number("matrix.", "crosslink_baseline", Dimension::fraction);

    const auto radius = [&](const char* type) {
        return number("cell_types.", (std::string(type) + ".radius").c_str(), Dimension::length);
    };
    p.lsec_radius_um = radius("lsec");
    p.kupffer_radius_um = radius("kupffer");
    p.hsc_quiescent_radius_um = radius("hsc_quiescent");
    p.nk_radius_um = radius("nk");
    p.portal_fibroblast_radius_um = radius("portal_fibroblast");

    const double repulsion = number("contact.", "repulsion", Dimension::speed);
    const double adhesion = number("contact.", "adhesion", Dimension::speed) *
                            number("cell_types.", "hepatocyte.cohesion", Dimension::number);
    const double reach = number("contact.", "adhesion_reach", Dimension::number);
    if (adhesion >= 0 && adhesion < repulsion && reach > 1)
        p.rest_distance_ratio = rest_distance_ratio(repulsion, adhesion, reach);
    else
        records.reject("contact.adhesion",
                       "expected hepatocytes' adhesion to be weaker than their repulsion and to reach farther");
    return p;
}

double rest_distance_ratio(double repulsion, double adhesion, double reach) {
    STELLATE_ASSERT(adhesion >= 0 && adhesion < repulsion && reach > 1, repulsion, adhesion, reach);
    // sqrt(repulsion) (1 - r) = sqrt(adhesion) (1 - r / reach)
    const double q = std::sqrt(adhesion / repulsion);
    return (1.0 - q) / (1.0 - q / reach);
}

}  // namespace stellate::liver
