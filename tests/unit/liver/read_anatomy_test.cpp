#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "example.hpp"
#include "model/records.hpp"

namespace stellate::liver {
namespace {

std::string text_of(const std::string& path) {
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

constexpr const char* others = R"(
[contact]
repulsion = { value = 3, unit = "um/min", range = [1, 10], kind = "assumed", system = "model", source = "test", note = "test value" }
adhesion = { value = 0.12, unit = "um/min", range = [0, 2], kind = "assumed", system = "model", source = "test", note = "test value" }
adhesion_reach = { value = 1.25, unit = "1", range = [1, 2], kind = "assumed", system = "model", source = "test", note = "test value" }
[matrix]
crosslink_baseline = { value = 0.2, unit = "1", range = [0, 1], kind = "assumed", system = "model", source = "test", note = "test value" }
[cell_types.hepatocyte]
cohesion = { value = 1, unit = "1", range = [0, 2], kind = "assumed", system = "model", source = "test", note = "test value" }
[cell_types.lsec]
radius = { value = 5, unit = "um", range = [3, 8], kind = "assumed", system = "model", source = "test", note = "test value" }
[cell_types.kupffer]
radius = { value = 6.5, unit = "um", range = [5, 10], kind = "assumed", system = "model", source = "test", note = "test value" }
[cell_types.hsc_quiescent]
radius = { value = 5, unit = "um", range = [4, 7], kind = "assumed", system = "model", source = "test", note = "test value" }
[cell_types.nk]
radius = { value = 4, unit = "um", range = [3, 6], kind = "assumed", system = "model", source = "test", note = "test value" }
[cell_types.portal_fibroblast]
radius = { value = 5, unit = "um", range = [3, 8], kind = "assumed", system = "model", source = "test", note = "test value" }
)";

TEST(ReadAnatomy, TheMouseModelGivesTheAnatomyThatIsTested) {
    const std::string anatomy = text_of(STELLATE_SOURCE_DIR "/models/liver-mouse/anatomy.toml");
    ASSERT_FALSE(anatomy.empty());
    Records records = Records::parse({{"anatomy.toml", anatomy}, {"others.toml", others}});
    const AnatomyParameters p = read_anatomy(records);
    EXPECT_NO_THROW(records.require_all_used());
    const AnatomyParameters e = example_parameters();
    EXPECT_DOUBLE_EQ(p.lobules.lobule_radius_um, e.lobules.lobule_radius_um);
    EXPECT_DOUBLE_EQ(p.lobules.lobule_radius_cv, e.lobules.lobule_radius_cv);
    EXPECT_DOUBLE_EQ(p.lobules.central_vein_radius_um, e.lobules.central_vein_radius_um);
    EXPECT_DOUBLE_EQ(p.lobules.portal_tract_radius_um, e.lobules.portal_tract_radius_um);
    EXPECT_DOUBLE_EQ(p.lobules.vessel_radius_cv, e.lobules.vessel_radius_cv);
    EXPECT_DOUBLE_EQ(p.lobules.tract_separation_um, e.lobules.tract_separation_um);
    EXPECT_DOUBLE_EQ(p.lobules.septal_path_ratio, e.lobules.septal_path_ratio);
    EXPECT_DOUBLE_EQ(p.hepatocytes_per_mm3, e.hepatocytes_per_mm3);
    EXPECT_DOUBLE_EQ(p.rest_distance_ratio, e.rest_distance_ratio);
    EXPECT_DOUBLE_EQ(p.hepatocyte_jitter, e.hepatocyte_jitter);
    EXPECT_DOUBLE_EQ(p.wall_clearance_um, e.wall_clearance_um);
    EXPECT_DOUBLE_EQ(p.lsec_per_mm3, e.lsec_per_mm3);
    EXPECT_DOUBLE_EQ(p.kupffer_per_mm3, e.kupffer_per_mm3);
    EXPECT_DOUBLE_EQ(p.kupffer_periportal_bias, e.kupffer_periportal_bias);
    EXPECT_DOUBLE_EQ(p.hsc_quiescent_per_mm3, e.hsc_quiescent_per_mm3);
    EXPECT_DOUBLE_EQ(p.nk_per_mm3, e.nk_per_mm3);
    EXPECT_DOUBLE_EQ(p.nk_periportal_bias, e.nk_periportal_bias);
    EXPECT_DOUBLE_EQ(p.portal_fibroblasts_per_mm3, e.portal_fibroblasts_per_mm3);
    EXPECT_DOUBLE_EQ(p.lsec_radius_um, e.lsec_radius_um);
    EXPECT_DOUBLE_EQ(p.kupffer_radius_um, e.kupffer_radius_um);
    EXPECT_DOUBLE_EQ(p.hsc_quiescent_radius_um, e.hsc_quiescent_radius_um);
    EXPECT_DOUBLE_EQ(p.nk_radius_um, e.nk_radius_um);
    EXPECT_DOUBLE_EQ(p.portal_fibroblast_radius_um, e.portal_fibroblast_radius_um);
    EXPECT_DOUBLE_EQ(p.oxygen_periportal_mmHg, e.oxygen_periportal_mmHg);
    EXPECT_DOUBLE_EQ(p.oxygen_perivenous_mmHg, e.oxygen_perivenous_mmHg);
    EXPECT_DOUBLE_EQ(p.collagen_parenchyma_mg_per_mL, e.collagen_parenchyma_mg_per_mL);
    EXPECT_DOUBLE_EQ(p.collagen_portal_tract_mg_per_mL, e.collagen_portal_tract_mg_per_mL);
    EXPECT_DOUBLE_EQ(p.collagen_central_vein_wall_mg_per_mL, e.collagen_central_vein_wall_mg_per_mL);
    EXPECT_DOUBLE_EQ(p.central_vein_wall_um, e.central_vein_wall_um);
    EXPECT_DOUBLE_EQ(p.crosslinked_share, e.crosslinked_share);
}

TEST(ReadAnatomy, AMissingNumberIsNamed) {
    Records records = Records::parse({{"others.toml", others}});
    read_anatomy(records);
    try {
        records.require_all_used();
        FAIL();
    } catch (const InputError& e) {
        EXPECT_NE(std::string(e.what()).find("anatomy.lobules.lobule_radius"), std::string::npos) << e.what();
    }
}

TEST(ReadAnatomy, AdhesionStrongerThanRepulsionIsRefused) {
    std::string text = others;
    text.replace(text.find("value = 3,"), 10, "value = 0.1,");
    text.replace(text.find("[1, 10]"), 7, "[0, 10]");
    Records records = Records::parse(
        {{"anatomy.toml", text_of(STELLATE_SOURCE_DIR "/models/liver-mouse/anatomy.toml")}, {"others.toml", text}});
    read_anatomy(records);
    EXPECT_THROW(records.require_all_used(), InputError);
}

}  // namespace
}  // namespace stellate::liver
