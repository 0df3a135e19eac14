// The list of endpoints: ids, units, titles and one-sentence definitions. docs/endpoints.md says the same at length.
#include "histology/endpoints.hpp"

namespace stellate::histology {

const std::vector<EndpointDefinition>& endpoint_definitions() {
    static const std::vector<EndpointDefinition> list = {
        {"metastatic_area", "%", "Metastatic area", "Outlined area of all foci, as a share of the section."},
        {"foci_count", "1", "Metastatic foci", "Groups of at least 5 living tumour cells linked within 20 um (centre to centre)."},
        {"foci_density", "1/mm2", "Foci per area", "Foci over the area of the section."},
        {"focus_diameter_mean", "um", "Mean focus diameter", "Diameter of the circle of a focus' outlined area, mean over foci."},
        {"focus_diameter_largest", "um", "Largest focus diameter", "The same of the largest focus."},
        {"collagen_area_tumour", "%", "Intratumoural collagen", "Collagen-positive share of the outlined tumour area."},
        {"collagen_area_section", "%", "Collagen, whole section", "Collagen-positive share of the section."},
        {"alpha_sma_area_tumour", "%", "alpha-SMA in tumour", "Share of the outlined tumour area covered by alpha-SMA-positive stromal cells."},
        {"alpha_sma_area_rim", "%", "alpha-SMA at the rim", "The same share of the rim, 100 um wide around the outline."},
        {"alpha_sma_area_section", "%", "alpha-SMA, whole section", "The same share of the section."},
        {"cd31_vessel_density", "1/mm2", "Vessel density (CD31)", "Profiles of new vessels a thin section would show per tumour area: half their length density."},
        {"cd31_profiles_counted", "1/mm2", "CD31 objects counted", "Separate CD31-positive objects in this slab per tumour area."},
        {"cd31_area", "%", "CD31 area", "CD31-positive share of the outlined tumour area; sinusoids excluded."},
        {"cd31_perfused_share", "%", "Perfused new vessels", "Perfused share of the length of new vessels inside the outline."},
        {"cd8_density_inside", "1/mm2", "CD8 inside foci", "CD8 T cells per outlined tumour area."},
        {"cd8_density_rim", "1/mm2", "CD8 at the rim", "CD8 T cells per area of the 100-um rim."},
        {"nk_density_inside", "1/mm2", "NK inside foci", "NK cells per outlined tumour area."},
        {"nk_density_rim", "1/mm2", "NK at the rim", "NK cells per area of the 100-um rim."},
        {"mdsc_density_inside", "1/mm2", "MDSC inside foci", "Myeloid suppressor cells per outlined tumour area."},
        {"mdsc_density_rim", "1/mm2", "MDSC at the rim", "Myeloid suppressor cells per area of the 100-um rim."},
        {"ki67_fraction", "%", "Ki-67 fraction", "Ki-67-positive share of the living tumour cells of foci."},
        {"hypoxic_fraction", "%", "Hypoxic fraction", "Share of the outlined tumour area below 10 mmHg oxygen."},
        {"hsc_density_near_tumour", "1/mm2", "HSC near tumour", "Stellate cells of any state per area inside the outline and within 200 um of it."},
        {"hsc_density_section", "1/mm2", "HSC, whole section", "Stellate cells of any state per area of the section."},
        {"arrested_cells", "1", "Arrested tumour cells", "Living tumour cells stuck in sinusoids."},
        {"surrounded_share", "%", "Arrested, alpha-SMA company", "Share of arrested tumour cells with the centre of an alpha-SMA-positive stromal cell within 20 um of their surface."},
        {"surrounded_by_chance", "%", "Same, expected by chance", "The same share for points spread over the parenchyma."},
        {"cells_hepatocyte", "1", "Hepatocytes", "Living cells in the section."},
        {"cells_lsec", "1", "Sinusoidal endothelium", "Living cells in the section."},
        {"cells_kupffer", "1", "Kupffer cells", "Living cells in the section."},
        {"cells_hsc_quiescent", "1", "Quiescent HSC", "Living cells in the section."},
        {"cells_hsc_activated", "1", "Activated HSC", "Living cells in the section."},
        {"cells_hsc_reverted", "1", "Reverted HSC", "Living cells in the section."},
        {"cells_portal_fibroblast", "1", "Portal fibroblasts", "Living cells in the section."},
        {"cells_tumour", "1", "Tumour cells", "Living cells in the section."},
        {"cells_nk", "1", "NK cells", "Living cells in the section."},
        {"cells_cd8", "1", "CD8 T cells", "Living cells in the section."},
        {"cells_mdsc", "1", "Myeloid suppressor cells", "Living cells in the section."},
        {"cells_treg", "1", "Regulatory T cells", "Living cells in the section."},
        {"cells_endothelial_tip", "1", "Endothelial tip cells", "Living cells in the section."},
        {"cells_dying", "1", "Dying cells", "Cells of any class committed to death and not yet cleared."},
        {"cells_alpha_sma", "1", "alpha-SMA-positive stromal cells", "Living cells in the section, walls of vessels excluded."},
        {"metastatic_volume", "%", "Metastatic volume", "Outlined volume of all foci, as a share of the block."},
        {"foci_per_volume", "1/mm3", "Foci per volume", "Foci over the volume of the block."},
        {"focus_profiles_expected", "1/mm2", "Focus profiles on a thin section", "Foci per volume times mean diameter: what a thin section of this block would show."},
        {"cd8_per_volume_inside", "1/mm3", "CD8 inside foci", "CD8 T cells per outlined tumour volume."},
        {"cd8_per_volume_rim", "1/mm3", "CD8 at the rim", "CD8 T cells per volume of the 100-um rim."},
        {"nk_per_volume_inside", "1/mm3", "NK inside foci", "NK cells per outlined tumour volume."},
        {"nk_per_volume_rim", "1/mm3", "NK at the rim", "NK cells per volume of the 100-um rim."},
        {"mdsc_per_volume_inside", "1/mm3", "MDSC inside foci", "Myeloid suppressor cells per outlined tumour volume."},
        {"mdsc_per_volume_rim", "1/mm3", "MDSC at the rim", "Myeloid suppressor cells per volume of the 100-um rim."},
    };
    return list;
}

}  // namespace stellate::histology
