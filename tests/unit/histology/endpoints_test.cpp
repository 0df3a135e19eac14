#include "histology/endpoints.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <set>
#include <string_view>

#include "core/error.hpp"
#include "histology/block.hpp"
#include "synthetic_section.hpp"

namespace stellate::histology {
namespace {

constexpr double pi = std::numbers::pi;

// A focus that is exactly one disc: five tumour cells on one spot.
void add_disc_focus(Section& s, float x, float y, float radius, std::uint8_t flags = 0) {
    for (int k = 0; k < 5; ++k) s.cells.add(x, y, radius, CellClass::tumour, flags);
}

TEST(Endpoints, ADiscOfTumourHasItsAreaAndDiameter) {
    Section s = synthetic::empty(1000, 1000);
    add_disc_focus(s, 500, 500, 90);
    const SectionEndpoints e = measure(s);
    EXPECT_NEAR(*e.get("metastatic_area"), 100 * pi * 8100 / 1e6, 0.005 * 100 * pi * 8100 / 1e6);
    EXPECT_EQ(e.get("foci_count"), 1);
    EXPECT_EQ(e.get("foci_density"), 1);
    EXPECT_NEAR(*e.get("focus_diameter_mean"), 180, 0.5);
    ASSERT_EQ(e.foci.size(), 1u);
    EXPECT_NEAR(e.foci[0].x_um, 500, 0.1);
    EXPECT_EQ(e.foci[0].cells, 5);
}

TEST(Endpoints, PicturesLookAtTheLargestFocusElseAtATumourCellElseAtTheMiddle) {
    Section s = synthetic::empty(1000, 1000);
    EXPECT_EQ(centre_of_interest(s).x_um, 500);
    s.cells.add(100, 100, 8, CellClass::tumour, 0, 1);
    s.cells.add(600, 700, 8, CellClass::tumour, 0, 2);
    s.cells.add(500, 500, 8, CellClass::kupffer, 0, 3);
    EXPECT_EQ(centre_of_interest(s).x_um, 600);
    EXPECT_EQ(centre_of_interest(s).y_um, 700);
    add_disc_focus(s, 200, 800, 60);
    EXPECT_NEAR(centre_of_interest(s).x_um, 200, 5);
    EXPECT_NEAR(centre_of_interest(s).y_um, 800, 5);
}

TEST(Endpoints, ALooseFocusIsOutlinedWithTheStromaBetweenItsCells) {
    Section s = synthetic::empty(600, 600);
    int cells = 0;
    for (double y = 150; y <= 450; y += 14)
        for (double x = 150; x <= 450; x += 14)
            if (std::hypot(x - 300, y - 300) <= 140) {
                s.cells.add(float(x), float(y), 6, CellClass::tumour);
                ++cells;
            }
    const SectionEndpoints e = measure(s);
    const double discs = cells * pi * 36, outline = *e.get("metastatic_area") / 100 * 360000;
    EXPECT_GT(outline, 1.5 * discs);
    EXPECT_NEAR(outline, pi * 143 * 143, 0.06 * pi * 143 * 143);  // an outline of discs is scalloped
}

TEST(Endpoints, SingleCellsAreNoMetastasis) {
    Section s = synthetic::empty(400, 400);
    for (int k = 0; k < 4; ++k) s.cells.add(100.0f + 10.0f * static_cast<float>(k), 100, 7, CellClass::tumour);
    s.cells.add(300, 300, 7, CellClass::tumour);
    const SectionEndpoints e = measure(s);
    EXPECT_EQ(e.get("metastatic_area"), 0);
    EXPECT_EQ(e.get("foci_count"), 0);
    EXPECT_EQ(e.get("cells_tumour"), 5);
    EXPECT_FALSE(e.get("focus_diameter_mean").has_value());
    EXPECT_FALSE(e.get("cd8_density_inside").has_value());
    EXPECT_FALSE(e.get("cd8_density_rim").has_value());
    EXPECT_FALSE(e.get("ki67_fraction").has_value());
    EXPECT_FALSE(e.get("surrounded_share").has_value());
}

TEST(Endpoints, TwoFociSplitTheOutlineBetweenThem) {
    Section s = synthetic::empty(1000, 600);
    add_disc_focus(s, 300, 300, 80);
    add_disc_focus(s, 480, 300, 50);  // 50 um of parenchyma between
    const SectionEndpoints e = measure(s);
    ASSERT_EQ(e.foci.size(), 2u);
    EXPECT_NEAR(e.foci[0].area_um2, pi * 6400, 0.01 * pi * 6400);
    EXPECT_NEAR(e.foci[1].area_um2, pi * 2500, 0.01 * pi * 2500);
    EXPECT_NEAR(e.foci[0].area_um2 + e.foci[1].area_um2, *e.get("metastatic_area") / 100 * 600000, 1e-6);
    EXPECT_NEAR(*e.get("focus_diameter_largest"), 160, 0.6);
}

TEST(Endpoints, DyingCellsJoinNoFociAndMakeNone) {
    // Two groups of five, 40 um apart, with a dying cell half-way: linked through it, were it alive.
    Section s = synthetic::empty(1000, 600);
    add_disc_focus(s, 300, 300, 7);
    add_disc_focus(s, 340, 300, 7);
    s.cells.add(320, 300, 7, CellClass::tumour, flag::dying);
    // Four living cells and a dying one are no focus, nor are five dying ones.
    for (int k = 0; k < 5; ++k) s.cells.add(600, 300, 7, CellClass::tumour, k == 0 ? flag::dying : 0);
    for (int k = 0; k < 5; ++k) s.cells.add(800, 300, 7, CellClass::tumour, flag::dying);
    const SectionEndpoints e = measure(s);
    EXPECT_EQ(e.get("foci_count"), 2);
    ASSERT_EQ(e.foci.size(), 2u);
    EXPECT_EQ(e.foci[0].cells, 5);
    EXPECT_EQ(e.foci[1].cells, 5);
    // On the slide the dying cell still lies in the outline, of the focus it is nearest to.
    Section without = s;
    without.cells.x_um[10] = 900, without.cells.y_um[10] = 100;
    EXPECT_GT(*e.get("metastatic_area"), *measure(without).get("metastatic_area"));
    s.cells.flags[10] = 0;
    EXPECT_EQ(measure(s).get("foci_count"), 1);
}

TEST(Endpoints, ImmuneCellsAreCountedInsideAndInTheRimOnly) {
    Section s = synthetic::empty(1000, 1000);
    add_disc_focus(s, 500, 500, 90);
    for (const float x : {500.0f, 550.0f}) s.cells.add(x, 500, 4, CellClass::cd8);  // inside
    s.cells.add(588, 500, 4, CellClass::cd8_exhausted);  // stained as the others, counted apart
    for (const float x : {593.0f, 640.0f, 687.0f})
        s.cells.add(x, 500, 4, CellClass::cd8);  // rim: within 100 um of the outline
    s.cells.add(694, 500, 4, CellClass::cd8);
    s.cells.add(500, 620, 4, CellClass::cd8, flag::dying);
    s.cells.add(500, 480, 4, CellClass::nk);
    s.cells.add(500, 350, 4, CellClass::mdsc);
    const SectionEndpoints e = measure(s);
    const double inside = pi * 8100 * 1e-6, rim = pi * (190 * 190 - 8100) * 1e-6;
    EXPECT_NEAR(*e.get("cd8_density_inside"), 3 / inside, 0.01 * 3 / inside);
    EXPECT_NEAR(*e.get("cd8_density_rim"), 3 / rim, 0.01 * 3 / rim);
    EXPECT_NEAR(*e.get("nk_density_inside"), 1 / inside, 0.01 / inside);
    EXPECT_EQ(e.get("nk_density_rim"), 0);
    EXPECT_NEAR(*e.get("mdsc_density_rim"), 1 / rim, 0.01 / rim);
    EXPECT_EQ(e.get("cells_cd8"), 6);
    EXPECT_EQ(e.get("cells_cd8_exhausted"), 1);
    EXPECT_EQ(e.get("cells_dying"), 1);
}

TEST(Endpoints, CollagenIsCountedWhereItPassesTheThreshold) {
    Section s = synthetic::empty(800, 800, 1);
    add_disc_focus(s, 400, 400, 100);
    for (int y = 0; y < s.ny; ++y)
        for (int x = 20; x < s.nx; ++x)
            s.collagen_mg_per_ml[static_cast<std::size_t>(y) * s.nx + x] = 9;  // the right half
    EndpointSettings sharp;
    sharp.fibre_contrast = 0;
    sharp.collagen_threshold_mg_per_ml = 5;  // half-way: the edge between voxel centres at 390 and 410 lies at 400
    EXPECT_NEAR(*measure(s, sharp).get("collagen_area_tumour"), 50, 0.5);
    EXPECT_NEAR(*measure(s, sharp).get("collagen_area_section"), 50, 0.3);
    sharp.collagen_threshold_mg_per_ml = 9.5;
    EXPECT_EQ(measure(s, sharp).get("collagen_area_tumour"), 0);
    sharp.collagen_threshold_mg_per_ml = 0.5;
    EXPECT_EQ(measure(s, sharp).get("collagen_area_tumour"), 100);
}

TEST(Endpoints, AlphaSmaAreaIsThatOfStromalCellsAndLeavesVesselWallsOut) {
    Section s = synthetic::empty(1000, 1000);
    add_disc_focus(s, 500, 500, 95);
    s.cells.add(500, 500, 20, CellClass::hsc_activated, flag::alpha_sma, 7);
    s.cells.add(500, 530, 8, CellClass::portal_fibroblast, flag::alpha_sma | flag::vessel_wall, 8);
    s.cells.add(480, 500, 8, CellClass::hsc_quiescent, 0, 9);
    s.structures.push_back({200, 200, 40, Structure::Kind::hepatic_artery});
    const SectionEndpoints e = measure(s);
    EXPECT_NEAR(*e.get("alpha_sma_area_tumour"), 100 * 400 / (95.0 * 95.0), 0.03 * 100 * 400 / (95.0 * 95.0));
    EXPECT_NEAR(*e.get("alpha_sma_area_section"), 100 * pi * 400 / 1e6, 0.03 * 100 * pi * 400 / 1e6);
    EXPECT_EQ(e.get("cells_alpha_sma"), 1);
}

TEST(Endpoints, VesselDensityIsHalfTheLengthPerVolumeAndLeavesSinusoidsOut) {
    Section s = synthetic::empty(1000, 1000);
    add_disc_focus(s, 500, 500, 95);
    s.vessels.push_back({450, 460, 530, 460, 4, true});   // 80 um inside
    s.vessels.push_back({450, 540, 490, 540, 4, false});  // 40 um inside
    s.vessels.push_back({100, 100, 300, 100, 4, true});   // outside
    s.cells.add(500, 500, 4, CellClass::lsec);
    const SectionEndpoints e = measure(s);
    const double tumour_mm2 = *e.get("metastatic_area") / 100;
    EXPECT_NEAR(*e.get("cd31_vessel_density"), 0.120 / (tumour_mm2 * 0.020) / 2, 0.5);
    EXPECT_NEAR(*e.get("cd31_profiles_counted"), 2 / tumour_mm2, 1e-6);
    EXPECT_NEAR(*e.get("cd31_perfused_share"), 100 * 80.0 / 120, 0.5);
    const double expected = (8 * 120 + 2 * pi * 16) / (pi * 95 * 95) * 100;
    EXPECT_NEAR(*e.get("cd31_area"), expected, 0.05 * expected);
}

TEST(Endpoints, VesselsThatClimbCountWithTheirLengthInSpace) {
    Section s = synthetic::empty(1000, 1000);
    add_disc_focus(s, 500, 500, 95);
    s.vessels.push_back({480, 500, 510, 500, 4, true, 40});    // 50 um, of which 30 are seen
    s.vessels.push_back({500, 470, 500, 470, 4, false, -50});  // straight down
    const SectionEndpoints e = measure(s);
    const double tumour_mm2 = *e.get("metastatic_area") / 100;
    EXPECT_NEAR(*e.get("cd31_vessel_density"), 0.100 / (tumour_mm2 * 0.020) / 2, 1e-6);
    EXPECT_NEAR(*e.get("cd31_perfused_share"), 50, 1e-6);
}

TEST(Endpoints, KiSixtySevenCountsLivingCellsOfFoci) {
    Section s = synthetic::empty(400, 400);
    add_disc_focus(s, 200, 200, 30, flag::ki67);
    add_disc_focus(s, 200, 200, 30);
    for (int k = 0; k < 10; ++k) s.cells.add(200, 200, 30, CellClass::tumour, flag::ki67 | flag::dying);
    s.cells.add(20, 20, 7, CellClass::tumour, flag::ki67);
    EXPECT_EQ(measure(s).get("ki67_fraction"), 50);
}

TEST(Endpoints, HypoxiaIsAnAreaBelowTheThreshold) {
    Section s = synthetic::empty(800, 800, 0, 40);
    add_disc_focus(s, 400, 400, 100);
    for (int y = 0; y < s.ny; ++y)
        for (int x = 0; x < 20; ++x) s.oxygen_mmhg[static_cast<std::size_t>(y) * s.nx + x] = 0;
    EndpointSettings settings;
    settings.hypoxia_mmhg = 20;
    EXPECT_NEAR(*measure(s, settings).get("hypoxic_fraction"), 50, 0.6);
}

TEST(Endpoints, CompanyReachesTwentyMicrometresFromTheSurface) {
    Section s = synthetic::empty(1000, 1000);
    const auto arrest = [&](float x, float y) { s.cells.add(x, y, 7, CellClass::tumour, flag::arrested); };
    arrest(200, 200);
    s.cells.add(226.5f, 200, 5, CellClass::hsc_activated, flag::alpha_sma);  // 26.5 um: 19.5 from the surface
    arrest(500, 200);
    s.cells.add(528, 200, 5, CellClass::hsc_activated, flag::alpha_sma);  // 21 um from the surface
    arrest(200, 600);
    s.cells.add(210, 600, 5, CellClass::hsc_activated, flag::alpha_sma | flag::vessel_wall);
    arrest(500, 600);
    s.cells.add(510, 600, 5, CellClass::hsc_quiescent, 0);
    const SectionEndpoints e = measure(s);
    EXPECT_EQ(e.get("arrested_cells"), 4);
    EXPECT_EQ(e.get("surrounded_share"), 25);
    // Two stromal cells, each reached from a disc of 27 um in 1 mm2.
    const double chance = 100 * 2 * pi * 27 * 27 / 1e6;
    EXPECT_NEAR(*e.get("surrounded_by_chance"), chance, 0.1 * chance);
}

TEST(Endpoints, StellateCellsNearTumourAreCountedWithinTwoHundredMicrometres) {
    Section s = synthetic::empty(1200, 1200);
    add_disc_focus(s, 600, 600, 80);
    for (const float x : {600.0f, 700.0f, 870.0f, 890.0f, 1100.0f}) s.cells.add(x, 600, 5, CellClass::hsc_quiescent);
    const double near = pi * 280 * 280 * 1e-6;
    EXPECT_NEAR(*measure(s).get("hsc_density_near_tumour"), 3 / near, 0.01 * 3 / near);
    EXPECT_NEAR(*measure(s).get("hsc_density_section"), 5 / 1.44, 1e-9);
}

TEST(Endpoints, EveryValueHasItsDefinitionInOrder) {
    const SectionEndpoints e = measure(synthetic::empty(200, 200));
    for (std::size_t k = 0; k < e.values.size(); ++k) EXPECT_STREQ(e.values[k].id, endpoint_definitions()[k].id);
}

TEST(Endpoints, MirroringTheSectionChangesNothing) {
    synthetic::Plan plan;
    plan.edge_um = 800;
    plan.foci = {{300, 280, 90, 1}, {600, 600, 50, 0.3}};
    plan.arrested_per_mm2 = 20;
    const Section s = synthetic::make(plan);
    Section mirrored = s;
    for (float& x : mirrored.cells.x_um) x = 800 - x;
    for (VesselSegment& v : mirrored.vessels) {
        v.x0_um = 800 - v.x0_um;
        v.x1_um = 800 - v.x1_um;
    }
    for (Structure& v : mirrored.structures) v.x_um = 800 - v.x_um;
    for (auto* raster :
         {&mirrored.collagen_mg_per_ml, &mirrored.oxygen_mmhg, &mirrored.sinusoid_perfusion, &mirrored.fibre_angle})
        for (int y = 0; y < s.ny; ++y) std::reverse(raster->begin() + y * s.nx, raster->begin() + (y + 1) * s.nx);
    for (float& a : mirrored.fibre_angle) a = -a;
    EndpointSettings settings;
    settings.fibre_contrast = 0;
    const SectionEndpoints a = measure(s, settings), b = measure(mirrored, settings);
    for (std::size_t k = 0; k < a.values.size(); ++k) {
        const std::string_view id = a.values[k].id;
        // Cells' own looks (spindle angles) are drawn from their ids and do not mirror; pixels on an edge may flip.
        const double tolerance = id.substr(0, 9) == "alpha_sma" ? 0.08
                                 : id == "cd31_area"            ? 0.03
                                 : id == "surrounded_by_chance" ? 0.3
                                                                : 0.01;
        ASSERT_EQ(a.values[k].value.has_value(), b.values[k].value.has_value()) << id;
        if (!a.values[k].value || id == "cd31_profiles_counted") continue;  // whether tubes touch may hang on one pixel
        EXPECT_NEAR(*a.values[k].value, *b.values[k].value, tolerance * std::fabs(*a.values[k].value) + 1e-9) << id;
    }
}

TEST(Endpoints, AMalformedSectionIsRefusedByName) {
    const auto refused = [](auto&& spoil) -> std::string {
        Section s = synthetic::empty(200, 200);
        s.cells.add(50, 50, 7, CellClass::tumour);
        spoil(s);
        try {
            measure(s);
        } catch (const InputError& e) {
            return e.what();
        }
        return "";
    };
    EXPECT_EQ(refused([](Section&) {}), "");
    EXPECT_NE(refused([](Section& s) { s.oxygen_mmhg.pop_back(); }).find("section.oxygen_mmhg"), std::string::npos);
    EXPECT_NE(refused([](Section& s) { s.cells.flags.clear(); }).find("section.cells.flags"), std::string::npos);
    EXPECT_NE(refused([](Section& s) { s.cells.x_um[0] = std::numeric_limits<float>::quiet_NaN(); }).find("cells.x_um"),
              std::string::npos);
    EXPECT_NE(refused([](Section& s) { s.cells.radius_um[0] = -1; }).find("radius"), std::string::npos);
    EXPECT_NE(refused([](Section& s) { s.nx = 3; }).find("cover"), std::string::npos);
    EXPECT_NE(refused([](Section& s) { s.width_um = 0; }).find("positive"), std::string::npos);
}

TEST(Block, ABallOfTumourHasItsVolumeAndDiameter) {
    BlockCells b;
    b.width_um = b.height_um = b.depth_um = 400;
    const auto add = [&](float x, float y, float z, float r, CellClass c, std::uint8_t flags = 0) {
        b.x_um.push_back(x);
        b.y_um.push_back(y);
        b.z_um.push_back(z);
        b.radius_um.push_back(r);
        b.cell_class.push_back(c);
        b.flags.push_back(flags);
    };
    for (int k = 0; k < 5; ++k) add(200, 200, 200, 80, CellClass::tumour, k < 2 ? flag::ki67 : 0);
    add(200, 200, 260, 4, CellClass::cd8);
    add(200, 200, 340, 4, CellClass::cd8_exhausted);
    add(200, 200, 390, 4, CellClass::nk);
    const BlockEndpoints e = measure_block(b);
    const double volume = 4.0 / 3 * pi * 512000;
    EXPECT_NEAR(*e.get("metastatic_volume"), 100 * volume / 64e6, 0.01 * 100 * volume / 64e6);
    EXPECT_NEAR(*e.get("focus_diameter_mean"), 160, 1);
    EXPECT_NEAR(*e.get("foci_per_volume"), 1 / 0.064, 1e-9);
    EXPECT_NEAR(*e.get("focus_profiles_expected"), 0.160 / 0.064, 0.02);
    EXPECT_NEAR(*e.get("cd8_per_volume_inside"), 1e9 / volume, 0.01e9 / volume);
    const double rim = 4.0 / 3 * pi * (std::pow(180, 3) - 512000);
    EXPECT_NEAR(*e.get("cd8_per_volume_rim"), 1e9 / rim, 0.02e9 / rim);
    EXPECT_EQ(e.get("nk_per_volume_rim"), 0);
    EXPECT_EQ(e.get("ki67_fraction"), 40);
    EXPECT_NEAR(e.foci[0].z_um, 200, 0.01);
}

TEST(Block, WhatIsMeasuredInSpaceIsWhatIsSaidToBe) {
    BlockCells b;
    b.width_um = b.height_um = b.depth_um = 80;
    std::set<std::string_view> measured, said;
    for (const EndpointValue& v : measure_block(b).values) measured.insert(v.id);
    for (const EndpointDefinition& d : endpoint_definitions())
        if (d.in_block) said.insert(d.id);
    EXPECT_EQ(measured, said);
    EXPECT_GT(said.size(), 10u);
}

TEST(Block, DyingCellsJoinNoFoci) {
    BlockCells b;
    b.width_um = b.height_um = b.depth_um = 200;
    const auto add = [&](float z, std::uint8_t flags) {
        b.x_um.push_back(100);
        b.y_um.push_back(100);
        b.z_um.push_back(z);
        b.radius_um.push_back(7);
        b.cell_class.push_back(CellClass::tumour);
        b.flags.push_back(flags);
    };
    for (int k = 0; k < 5; ++k) add(80, 0), add(120, 0);
    add(100, flag::dying);
    EXPECT_EQ(measure_block(b).get("foci_count"), 2);
    b.flags.back() = 0;
    EXPECT_EQ(measure_block(b).get("foci_count"), 1);
}

TEST(Block, RefusesColumnsOfDifferentLength) {
    BlockCells b;
    b.width_um = b.height_um = b.depth_um = 100;
    b.x_um.push_back(1);
    EXPECT_THROW(measure_block(b), InputError);
}

TEST(Stereology, ASlabShowsMoreProfilesThanAThinSection) {
    EXPECT_DOUBLE_EQ(profiles_per_area(10e-9, 200), 2e-6);
    EXPECT_DOUBLE_EQ(profiles_per_area(10e-9, 200, 20), 2.2e-6);
}

}  // namespace
}  // namespace stellate::histology
