#include "histology/stains.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "core/error.hpp"
#include "histology/png.hpp"
#include "synthetic_section.hpp"

namespace stellate::histology {
namespace {

const Section& example() {
    static const Section section = [] {
        synthetic::Plan plan;
        plan.edge_um = 800;
        plan.foci = {{400, 400, 150, 0.8}};
        Section s = synthetic::make(plan);
        s.structures.clear();  // no resident walls: what is stained is what the endpoints count
        return s;
    }();
    return section;
}

double share_above(const std::vector<float>& density, double threshold) {
    std::int64_t above = 0;
    for (const float d : density) above += d >= threshold;
    return 100.0 * static_cast<double>(above) / static_cast<double>(density.size());
}

TEST(Stains, VectorsAreUnitAndPublishedOnesAreKept) {
    for (const Stain stain : every_stain)
        for (const Dye dye : {Dye::nuclear, Dye::cytoplasmic, Dye::marker, Dye::melanin}) {
            const auto v = stain_vector(stain, dye);
            EXPECT_NEAR(v[0] * v[0] + v[1] * v[1] + v[2] * v[2], 1, 1e-12);
        }
    const auto h = stain_vector(Stain::cd8, Dye::nuclear), d = stain_vector(Stain::cd8, Dye::marker);
    EXPECT_NEAR(h[0], 0.650, 0.001);
    EXPECT_NEAR(h[1], 0.704, 0.001);
    EXPECT_NEAR(d[2], 0.776, 0.001);
}

// The pictures can be scored like slides: colour deconvolution and a threshold give back the endpoint.
TEST(Stains, CollagenScoredFromPixelsAgreesWithTheEndpoint) {
    EndpointSettings settings;
    const double threshold = sirius_density(settings.collagen_threshold_mg_per_ml);
    const Image image = render(example(), Stain::picrosirius_red, whole(example(), 2));
    const double scored = share_above(marker_density(image, Stain::picrosirius_red), threshold);
    const double endpoint = *measure(example(), settings).get("collagen_area_section");
    EXPECT_GT(endpoint, 5);
    EXPECT_NEAR(scored, endpoint, 0.12 * endpoint);  // nuclei hide a little of it
}

TEST(Stains, AlphaSmaScoredFromPixelsAgreesWithTheEndpoint) {
    const Image image = render(example(), Stain::alpha_sma, whole(example(), 1));
    const double scored = share_above(marker_density(image, Stain::alpha_sma), dab_positive_density);
    const double endpoint = *measure(example()).get("alpha_sma_area_section");
    EXPECT_GT(endpoint, 0.5);
    EXPECT_NEAR(scored, endpoint, 0.12 * endpoint);
}

// Sinusoids open along the blood's direction, whatever that is: white pixels follow each other along it.
TEST(Stains, SinusoidsRunWithTheBlood) {
    Section s = synthetic::empty(400, 400);
    std::uint64_t id = 1;
    for (int row = 0; row < 18; ++row)
        for (int column = 0; column < 16; ++column)
            s.cells.add(24.0f * static_cast<float>(column) + (row % 2 ? 24.0f : 12.0f),
                        21.0f * static_cast<float>(row) + 12.0f, 12, CellClass::hepatocyte, 0, id++);
    const auto followers = [&](float x, float y) {
        s.flow_x.assign(s.sinusoid_perfusion.size(), x);
        s.flow_y.assign(s.sinusoid_perfusion.size(), y);
        const Image image = render(s, Stain::haematoxylin_eosin, whole(s, 1));
        const auto white = [&](int i, int j) { return *std::min_element(image.at(i, j), image.at(i, j) + 3) > 235; };
        int across = 0, down = 0;
        for (int j = 30; j < 350; ++j)
            for (int i = 30; i < 350; ++i) {
                across += white(i, j) && white(i + 1, j);
                down += white(i, j) && white(i, j + 1);
            }
        return double(across) / down;
    };
    EXPECT_GT(followers(1, 0), 1.15 * followers(0, 1));
    s.flow_y.pop_back();
    EXPECT_THROW(render(s, Stain::haematoxylin_eosin, whole(s, 1)), InputError);
}

TEST(Stains, OnlyCd8CellsAreBrownInTheirStain) {
    Section s = synthetic::empty(400, 400);
    s.cells.add(100, 100, 4, CellClass::cd8);
    s.cells.add(200, 100, 4, CellClass::nk);
    s.cells.add(300, 100, 5, CellClass::mdsc);
    s.cells.add(100, 300, 5, CellClass::hsc_activated, flag::alpha_sma);
    s.vessels.push_back({200, 300, 300, 300, 5, true});
    const Window w = whole(s, 1);
    const auto brown_near = [&](Stain stain, int x, int y) {
        const auto density = marker_density(render(s, stain, w), stain);
        float most = -1;
        for (int j = y - 6; j <= y + 6; ++j)
            for (int i = x - 6; i <= x + 6; ++i)
                most = std::max(most, density[static_cast<std::size_t>(j) * w.width + i]);
        return most > dab_positive_density;
    };
    EXPECT_TRUE(brown_near(Stain::cd8, 100, 100));
    EXPECT_FALSE(brown_near(Stain::cd8, 200, 100));
    EXPECT_FALSE(brown_near(Stain::cd8, 300, 100));
    EXPECT_FALSE(brown_near(Stain::cd8, 100, 300));
    EXPECT_FALSE(brown_near(Stain::cd8, 250, 300));
    EXPECT_TRUE(brown_near(Stain::alpha_sma, 100, 300));
    EXPECT_FALSE(brown_near(Stain::alpha_sma, 100, 100));
    EXPECT_TRUE(brown_near(Stain::cd31, 250, 300));
    EXPECT_FALSE(brown_near(Stain::cd31, 100, 300));
}

TEST(Stains, LuminaAreClearAndHepatocytesAreNot) {
    Section s = synthetic::empty(200, 200);
    s.cells.add(50, 50, 11, CellClass::hepatocyte);
    s.structures.push_back({140, 140, 40, Structure::Kind::central_vein});
    for (const Stain stain : every_stain) {
        const Image image = render(s, stain, whole(s, 1));
        EXPECT_GT(image.at(140, 140)[1], 250) << description_of(stain).id;
        EXPECT_LT(std::min({image.at(54, 50)[0], image.at(54, 50)[1], image.at(54, 50)[2]}), 245)
            << description_of(stain).id;
    }
}

TEST(Stains, TheSameSectionGivesTheSameBytes) {
    for (const Stain stain : {Stain::picrosirius_red, Stain::haematoxylin_eosin})
        EXPECT_EQ(render(example(), stain, whole(example(), 2)).rgb, render(example(), stain, whole(example(), 2)).rgb);
}

TEST(Stains, EveryReportPictureSaysSimulated) {
    Image expected(640, 40, 1);
    draw_text(expected, 12, 12, "SIMULATED", 2, {0, 0, 0});
    for (const Stain stain : every_stain)
        for (const Image& image : {overview(example(), stain, 640), close_up(example(), stain, {400, 400})}) {
            ASSERT_EQ(image.width, 640);
            int ink = 0;
            for (int y = 0; y < 40; ++y)
                for (int x = 0; x < 300; ++x)
                    if (expected.at(x, y)[0] == 0) {
                        ++ink;
                        ASSERT_LT(image.at(x, y)[0], 40) << x << ' ' << y;
                    }
            EXPECT_GT(ink, 300);
        }
}

TEST(Image, TheScaleBarIsARoundLengthOfAtMostAQuarter) {
    EXPECT_EQ(scale_bar_um(640), 100);
    EXPECT_EQ(scale_bar_um(3200), 500);
    EXPECT_EQ(scale_bar_um(1000), 200);
    EXPECT_EQ(scale_bar_um(100), 20);
}

TEST(Image, ShrinkingKeepsTheMeanColour) {
    Image image(90, 60, 1);
    for (int y = 0; y < 60; ++y)
        for (int x = 0; x < 90; ++x) image.at(x, y)[0] = static_cast<std::uint8_t>((x * 7 + y * 13) % 200);
    const Image small = shrunk(image, 25);
    EXPECT_NEAR(small.pixel_um, 3.6, 1e-12);
    double before = 0, after = 0;
    for (int p = 0; p < 90 * 60; ++p) before += image.rgb[3 * static_cast<std::size_t>(p)] / (90.0 * 60);
    for (int p = 0; p < small.width * small.height; ++p)
        after += small.rgb[3 * static_cast<std::size_t>(p)] / double(small.width * small.height);
    EXPECT_NEAR(before, after, 0.5);
}

TEST(Png, TrueColourComesBackExactly) {
    Image image(37, 19, 2);
    for (std::size_t i = 0; i < image.rgb.size(); ++i) image.rgb[i] = static_cast<std::uint8_t>(i * 131 % 251);
    const std::string file = encode_png(image);
    EXPECT_EQ(file.substr(0, 4), "\x89PNG");
    EXPECT_NE(file.find("SIMULATED"), std::string::npos);
    const Image back = decode_png(file);
    EXPECT_EQ(back.width, 37);
    EXPECT_EQ(back.rgb, image.rgb);
}

TEST(Png, APaletteStaysCloseToThePicture) {
    const Image image = close_up(example(), Stain::haematoxylin_eosin, {400, 400}, 300, 1);
    const Image back = decode_png(encode_png_palette(image, 64));
    std::set<Rgb> colours;
    double error = 0;
    for (std::size_t p = 0; p < image.rgb.size(); ++p) error += std::abs(int(image.rgb[p]) - back.rgb[p]);
    for (std::size_t p = 0; p < image.rgb.size(); p += 3)
        colours.insert({back.rgb[p], back.rgb[p + 1], back.rgb[p + 2]});
    EXPECT_LE(colours.size(), 64u);
    EXPECT_LT(error / static_cast<double>(image.rgb.size()), 6);
}

TEST(Png, APictureOfOneColourKeepsIt) {
    const Image image(5, 4, 1, {10, 200, 30});
    EXPECT_EQ(decode_png(encode_png_palette(image, 16)).rgb, image.rgb);
}

TEST(Png, RubbishIsRefused) {
    EXPECT_THROW(decode_png("not a picture"), InputError);
    EXPECT_THROW(decode_png(encode_png(Image(9, 9, 1)).substr(0, 50)), InputError);
}

TEST(Base64, MatchesTheStandardsExamples) {
    EXPECT_EQ(base64(""), "");
    EXPECT_EQ(base64("f"), "Zg==");
    EXPECT_EQ(base64("fo"), "Zm8=");
    EXPECT_EQ(base64("foo"), "Zm9v");
    EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
    EXPECT_EQ(base64(std::string("\xff\x00\x80", 3)), "/wCA");
}

}  // namespace
}  // namespace stellate::histology
