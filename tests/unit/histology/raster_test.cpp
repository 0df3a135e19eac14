#include "histology/raster.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <numeric>

#include "core/random.hpp"
#include "synthetic_section.hpp"

namespace stellate::histology {
namespace {

constexpr double pi = std::numbers::pi;

double area(const Mask& mask, const Window& w) {
    return static_cast<double>(std::accumulate(mask.begin(), mask.end(), std::int64_t{0})) * w.pixel_um * w.pixel_um;
}

TEST(DistanceMap, AgreesWithEverySeedInTwoAndThreeDimensions) {
    for (const RasterSize size :
         {RasterSize{23, 17, 1}, RasterSize{9, 8, 7}, RasterSize{1, 30, 1}, RasterSize{5, 1, 6}}) {
        Draws draws(size.pixels(), 0, 0, Purpose::test);
        Mask seeds(size.pixels());
        for (auto& s : seeds) s = draws.uniform() < 0.04;
        seeds[size.pixels() / 2] = 1;
        const DistanceMap map = distance_map(seeds, size);
        const auto place = [&](std::size_t p) {
            return std::array<double, 3>{double(p % size.width), double(p / size.width % size.height),
                                         double(p / size.width / size.height)};
        };
        for (std::size_t p = 0; p < seeds.size(); ++p) {
            double best = 1e30;
            for (std::size_t q = 0; q < seeds.size(); ++q) {
                if (!seeds[q]) continue;
                double d = 0;
                for (int k = 0; k < 3; ++k) d += (place(p)[k] - place(q)[k]) * (place(p)[k] - place(q)[k]);
                best = std::min(best, d);
            }
            ASSERT_EQ(map.squared[p], best);
            double there = 0;
            ASSERT_TRUE(seeds[static_cast<std::size_t>(map.nearest[p])]);
            for (int k = 0; k < 3; ++k)
                there += std::pow(place(p)[k] - place(static_cast<std::size_t>(map.nearest[p]))[k], 2);
            ASSERT_EQ(there, best);
        }
    }
}

TEST(DistanceMap, WithoutSeedsEverythingIsInfinitelyFar) {
    const DistanceMap map = distance_map(Mask(12, 0), {4, 3, 1});
    for (const float d : map.squared) EXPECT_TRUE(std::isinf(d));
    for (const auto n : map.nearest) EXPECT_EQ(n, -1);
}

TEST(Closing, FillsNarrowGapsOnlyAndKeepsADisc) {
    const Window w{0, 0, 1, 200, 200};
    Mask disc(w.pixels(), 0);
    fill_disc(disc, w, 100, 100, 60);
    EXPECT_NEAR(area(closed(disc, w.size(), 10), w), area(disc, w), 0.002 * area(disc, w));

    for (const int gap : {16, 24}) {  // two plates, a closing radius of 10 bridges gaps below 20
        Mask plates(w.pixels(), 0);
        for (int j = 20; j < 180; ++j)
            for (int i = 20; i < 180; ++i)
                plates[static_cast<std::size_t>(j) * 200 + i] = i < 100 - gap / 2 || i >= 100 + gap / 2;
        const Mask filled = closed(plates, w.size(), 10);
        EXPECT_EQ(filled[100 * 200 + 100], gap < 20);
        EXPECT_EQ(filled[5 * 200 + 100], 0);
    }
}

TEST(Raster, DiscsCapsulesAndSpindlesHaveTheirAreas) {
    const Window w{0, 0, 0.5, 400, 400};
    Mask disc(w.pixels(), 0), capsule(w.pixels(), 0), lens(w.pixels(), 0);
    fill_disc(disc, w, 101.3, 99.2, 50);
    EXPECT_NEAR(area(disc, w), pi * 2500, 0.005 * pi * 2500);
    fill_capsule(capsule, w, {40, 60, 130, 110, 6, true});
    const double expected = 12 * std::hypot(90, 50) + pi * 36;
    EXPECT_NEAR(area(capsule, w), expected, 0.01 * expected);
    for (const float angle : {0.0f, 0.7f, 2.0f})
        for (const float bend : {0.0f, 0.02f}) {
            std::fill(lens.begin(), lens.end(), 0);
            fill_spindle(lens, w, spindle(100, 100, 9, 2.5f, angle, bend));
            EXPECT_NEAR(area(lens, w), pi * 81, 0.015 * pi * 81) << angle << ' ' << bend;
        }
}

TEST(Raster, VoxelValuesAreLinearBetweenCentres) {
    Section s = synthetic::empty(200, 100);
    for (int y = 0; y < s.ny; ++y)
        for (int x = 0; x < s.nx; ++x)
            s.oxygen_mmhg[static_cast<std::size_t>(y) * s.nx + x] =
                static_cast<float>(2 * (x + 0.5) * 20 + 3 * (y + 0.5) * 20);
    const Window w = whole(s, 2);
    const auto values = at_pixels(s, s.oxygen_mmhg, w);
    for (int j = 5; j < w.height - 5; ++j)
        for (int i = 5; i < w.width - 5; ++i)
            ASSERT_NEAR(values[static_cast<std::size_t>(j) * w.width + i], 2 * w.x_of(i) + 3 * w.y_of(j), 2e-3);
    EXPECT_EQ(values[0], s.oxygen_mmhg[0]);  // constant beyond the outermost centres
}

TEST(LocalCollagen, WithoutContrastIsTheFieldItself) {
    const Section s = synthetic::empty(200, 200, 3.25f);
    for (const float c : local_collagen(s, whole(s, 2), 0)) ASSERT_EQ(c, 3.25f);
}

// The share of pixels above a threshold must follow the log-normal the header promises, and the mean must stay.
TEST(LocalCollagen, BundlesFollowTheStatedDistributionAndMakeNoMass) {
    Section s = synthetic::empty(1200, 1200, 4);
    for (std::size_t v = 0; v < s.fibre_angle.size(); ++v)
        s.fibre_angle[v] = static_cast<float>(0.01 * static_cast<double>(v % 300));
    const Window w = whole(s, 2);
    const auto collagen = local_collagen(s, w, 0.7);
    double sum = 0;
    for (const float c : collagen) sum += c;
    EXPECT_NEAR(sum / static_cast<double>(collagen.size()), 4, 0.06);
    for (const double threshold : {2.0, 3.13, 4.0, 8.0, 12.0}) {
        std::int64_t above = 0;
        for (const float c : collagen) above += c >= threshold;
        const double z = (std::log(4 / threshold) - 0.5 * 0.49) / 0.7;
        EXPECT_NEAR(static_cast<double>(above) / static_cast<double>(collagen.size()),
                    0.5 * std::erfc(-z / std::sqrt(2)), 0.015)
            << threshold;
    }
}

TEST(LocalCollagen, IsAFunctionOfPlaceAtEveryMagnification) {
    synthetic::Plan plan;
    plan.edge_um = 600;
    plan.foci = {{300, 300, 90, 1}};
    const Section s = synthetic::make(plan);
    const Window all = whole(s, 2), part{200, 240, 2, 60, 50};
    const auto a = local_collagen(s, all, 0.7), b = local_collagen(s, part, 0.7);
    for (int j = 0; j < part.height; ++j)
        for (int i = 0; i < part.width; ++i)
            ASSERT_EQ(b[static_cast<std::size_t>(j) * part.width + i],
                      a[static_cast<std::size_t>(j + 120) * all.width + i + 100]);
}

TEST(Raster, AFieldStaysInsideTheSection) {
    const Section s = synthetic::empty(1000, 800);
    const Window corner = field(s, 10, 790, 400, 1), large = field(s, 500, 400, 5000, 2);
    EXPECT_EQ(corner.x0_um, 0);
    EXPECT_EQ(corner.y0_um, 400);
    EXPECT_EQ(corner.width, 400);
    EXPECT_EQ(large.width, 500);
    EXPECT_EQ(large.height, 400);
}

}  // namespace
}  // namespace stellate::histology
