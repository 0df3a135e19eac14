#include "liver/lobules.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "core/error.hpp"
#include "core/random.hpp"
#include "example.hpp"

namespace stellate::liver {
namespace {

double distance(double ax, double ay, double bx, double by) { return std::hypot(ax - bx, ay - by); }

TEST(Lobules, EachPlaceBelongsToItsNearestVein) {
    const Lobules lobules(example_parameters().lobules, 11);
    const LobuleMap map = lobules.map(-500, -500, 3500, 3500);
    Draws draws(1, 0, 0, Purpose::test);
    for (int i = 0; i < 2000; ++i) {
        const double x = 3000 * draws.uniform(), y = 3000 * draws.uniform();
        const CentralVein own = lobules.lobule_of(x, y);
        const auto nearest = std::min_element(map.veins.begin(), map.veins.end(), [&](const auto& a, const auto& b) {
            return distance(a.x, a.y, x, y) < distance(b.x, b.y, x, y);
        });
        ASSERT_EQ(own, *nearest) << x << ' ' << y;
    }
}

TEST(Lobules, SizesFollowTheStatedMeanAndSpread) {
    for (const double cv : {0.03, 0.07}) {
        LobuleParameters p = example_parameters().lobules;
        p.lobule_radius_cv = cv;
        const Lobules lobules(p, 5);
        constexpr double edge = 16000, step = 16, rim = 700;
        std::map<std::pair<int, int>, int> points;
        for (double y = 0; y < edge; y += step)
            for (double x = 0; x < edge; x += step) {
                const CentralVein v = lobules.lobule_of(x, y);
                ++points[{v.column, v.row}];
            }
        double sum = 0, squares = 0, n = 0;
        for (const auto& [name, count] : points) {
            const CentralVein v = lobules.vein(name.first, name.second);
            if (v.x < rim || v.y < rim || v.x > edge - rim || v.y > edge - rim) continue;
            const double radius = std::sqrt(count * step * step / 3.14159265358979);
            sum += radius;
            squares += radius * radius;
            ++n;
        }
        ASSERT_GT(n, 700);
        const double mean = sum / n;
        EXPECT_NEAR(mean, p.lobule_radius_um, 0.01 * p.lobule_radius_um);
        EXPECT_NEAR(std::sqrt(squares / n - mean * mean) / mean, cv, 0.1 * cv);
    }
}

TEST(Lobules, PortalTractsStandWhereThreeLobulesMeet) {
    const Lobules lobules(example_parameters().lobules, 3);
    const LobuleMap map = lobules.map(0, 0, 6000, 6000);
    int tracts = 0, inside = 0;
    for (const Corner& c : map.corners) {
        std::vector<double> distances;
        for (const CentralVein& v : map.veins) distances.push_back(distance(v.x, v.y, c.x, c.y));
        std::sort(distances.begin(), distances.end());
        if (c.x < 0 || c.y < 0 || c.x > 6000 || c.y > 6000) continue;
        ++inside;
        EXPECT_LT(distances[2] - distances[0], 1e-6);
        if (c.tract_radius == 0) continue;
        ++tracts;
        for (const Corner& other : map.corners) {
            if (&other != &c && other.tract_radius > 0) {
                EXPECT_GE(distance(other.x, other.y, c.x, c.y), example_parameters().lobules.tract_separation_um);
            }
        }
        for (const CentralVein& v : map.veins) EXPECT_GT(distance(v.x, v.y, c.x, c.y), v.radius + c.tract_radius);
    }
    // A Voronoi diagram has two corners a cell; 36 mm2 hold about 141 lobules.
    EXPECT_NEAR(inside, 2 * 36e6 / (3.14159265 * 285 * 285 * 1.005), 15);
    EXPECT_GT(tracts, 0.8 * inside);
}

TEST(Lobules, TriadsLieInsideTheirTractAndApart) {
    const Lobules lobules(example_parameters().lobules, 8);
    for (const Corner& c : lobules.map(0, 0, 2000, 2000).corners) {
        if (c.tract_radius == 0) continue;
        const Triad t = triad_of(c);
        const Circle all[] = {t.portal_vein, t.bile_duct, t.hepatic_artery};
        for (const Circle& a : all) {
            EXPECT_LT(distance(a.x, a.y, c.x, c.y) + a.radius, c.tract_radius);
            for (const Circle& b : all) {
                if (&a != &b) {
                    EXPECT_GT(distance(a.x, a.y, b.x, b.y), a.radius + b.radius);
                }
            }
        }
    }
}

TEST(Lobules, PortalToCentralIsContinuousAndRisesWithTheFlow) {
    const Lobules lobules(example_parameters().lobules, 21);
    const LobuleMap map = lobules.map(0, 0, 3200, 3200);
    double largest_step = 0;
    for (double y = 37; y < 3200; y += 131) {
        Place before = map.at(0, y);
        for (double x = 0.5; x < 3200; x += 0.5) {
            const Place here = map.at(x, y);
            largest_step = std::max(largest_step, std::abs(here.portal_to_central - before.portal_to_central));
            before = here;
        }
    }
    EXPECT_LT(largest_step, 0.02);

    Draws draws(2, 0, 0, Purpose::test);
    for (int i = 0; i < 5000; ++i) {
        const double x = 50 + 3100 * draws.uniform(), y = 50 + 3100 * draws.uniform();
        const Place p = map.at(x, y);
        if (p.kind != TissueKind::parenchyma) {
            EXPECT_EQ(p.flow_x, 0);
            EXPECT_EQ(p.flow_y, 0);
            EXPECT_EQ(p.portal_to_central, p.kind == TissueKind::central_vein ? 1 : 0);
            continue;
        }
        EXPECT_NEAR(std::hypot(p.flow_x, p.flow_y), 1, 1e-12);
        EXPECT_GT(p.portal_to_central, 0);
        EXPECT_LT(p.portal_to_central, 1);
        const double h = 0.01;
        EXPECT_GT(map.at(x + h * p.flow_x, y + h * p.flow_y).portal_to_central, p.portal_to_central) << x << ' ' << y;
    }
}

TEST(Lobules, AMapOfAnyRectangleAgreesBitForBit) {
    const Lobules lobules(example_parameters().lobules, 4);
    const LobuleMap large = lobules.map(-900, -900, 2500, 2500);
    Draws draws(3, 0, 0, Purpose::test);
    for (int i = 0; i < 60; ++i) {
        const double x0 = 1500 * draws.uniform(), y0 = 1500 * draws.uniform(), size = 20 + 400 * draws.uniform();
        const LobuleMap small = lobules.map(x0, y0, x0 + size, y0 + size);
        for (int k = 0; k < 50; ++k) {
            const double x = x0 + size * draws.uniform(), y = y0 + size * draws.uniform();
            const Place a = small.at(x, y), b = large.at(x, y);
            ASSERT_EQ(a.portal_to_central, b.portal_to_central);
            ASSERT_EQ(a.flow_x, b.flow_x);
            ASSERT_EQ(a.flow_y, b.flow_y);
            ASSERT_EQ(a.kind, b.kind);
            ASSERT_EQ(small.veins[std::size_t(a.nearest_vein)], large.veins[std::size_t(b.nearest_vein)]);
            if (b.to_tract_wall < 50) {
                ASSERT_EQ(a.to_tract_wall, b.to_tract_wall);
                ASSERT_EQ(small.corners[std::size_t(a.nearest_tract)].key,
                          large.corners[std::size_t(b.nearest_tract)].key);
            }
        }
    }
}

TEST(Lobules, ParametersOutsideTheirRangeAreRefused) {
    const auto with = [](auto change) {
        LobuleParameters p = example_parameters().lobules;
        change(p);
        return Lobules(p, 1);
    };
    EXPECT_NO_THROW(with([](LobuleParameters&) {}));
    EXPECT_THROW(with([](LobuleParameters& p) { p.lobule_radius_um = 0; }), InputError);
    EXPECT_THROW(with([](LobuleParameters& p) { p.lobule_radius_cv = 0.2; }), InputError);
    EXPECT_THROW(with([](LobuleParameters& p) { p.central_vein_radius_um = 10; }), InputError);
    EXPECT_THROW(with([](LobuleParameters& p) { p.portal_tract_radius_um = 200; }), InputError);
    EXPECT_THROW(with([](LobuleParameters& p) { p.septal_path_ratio = 1; }), InputError);
}

}  // namespace
}  // namespace stellate::liver
