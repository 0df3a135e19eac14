#include "liver/anatomy.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <set>
#include <thread>
#include <vector>

#include "core/error.hpp"
#include "core/hash.hpp"
#include "core/ids.hpp"
#include "core/random.hpp"
#include "example.hpp"
#include "tissue/lattice.hpp"

namespace stellate::liver {
namespace {

template <class Shape>
Digest digest(const Brick<Shape>& brick) {
    Hasher h;
    brick.hash(h);
    for (const auto* column : {&brick.healthy.level, &brick.healthy.oxygen_uptake, &brick.healthy.collagen,
                               &brick.healthy.portal_to_central, &brick.healthy.flow_x, &brick.healthy.flow_y})
        h.column(std::span<const float>(*column));
    h.column(std::span<const TissueKind>(brick.healthy.kind));
    return h.digest();
}

template <class Shape>
class AnatomyOf : public ::testing::Test {};
using Shapes = ::testing::Types<SectionShape, BlockShape>;
TYPED_TEST_SUITE(AnatomyOf, Shapes);

// Bricks of a square in the plane; cells of one type with their places.
template <class Shape>
std::vector<Vec3> cells_of_type(const Anatomy<Shape>& anatomy, std::uint8_t type, int from, int to, int layers = 1) {
    std::vector<Vec3> found;
    for (int z = 0; z < layers; ++z)
        for (int y = from; y < to; ++y)
            for (int x = from; x < to; ++x) {
                const auto brick = brick_at(anatomy, x, y, z);
                for (std::size_t row = 0; row < brick.cells.size(); ++row)
                    if (brick.cells.type[row] == type) found.push_back(place_of(brick, row));
            }
    return found;
}

TYPED_TEST(AnatomyOf, HoldsThePublishedDensities) {
    const AnatomyParameters p = example_parameters();
    const auto anatomy = example<TypeParam>(17);
    constexpr int bricks = TypeParam::flat ? 24 : 36;  // 7.7 and 5.8 mm square
    std::array<double, 16> count{};
    double connective = 0;
    for (int y = 0; y < bricks; ++y)
        for (int x = 0; x < bricks; ++x)
            for (const std::uint8_t type : brick_at(anatomy, x, y).cells.type) count[type] += 1;
    const double edge = bricks * TypeParam::nx * voxel_um, depth = TypeParam::nz * voxel_um;
    for (const Corner& c : anatomy.lobules().map(0, 0, edge, edge).corners) {
        if (c.x < 0 || c.y < 0 || c.x >= edge || c.y >= edge || c.tract_radius == 0) continue;
        const Triad t = triad_of(c);
        const auto square = [](double v) { return v * v; };
        connective += 3.14159265 *
                      (square(c.tract_radius) - square(t.portal_vein.radius) - square(t.bile_duct.radius) -
                       square(t.hepatic_artery.radius)) *
                      depth * 1e-9;
    }
    const double mm3 = edge * edge * depth * 1e-9;
    const auto near = [](double n, double expected) {  // 2 %, and three standard deviations of a Poisson count
        EXPECT_NEAR(n, expected, 0.02 * expected + 3 * std::sqrt(expected));
    };
    EXPECT_NEAR(count[types.hepatocyte], p.hepatocytes_per_mm3 * mm3, 0.02 * p.hepatocytes_per_mm3 * mm3);
    EXPECT_NEAR(count[types.lsec], p.lsec_per_mm3 * mm3, 0.02 * p.lsec_per_mm3 * mm3);
    EXPECT_NEAR(count[types.kupffer], p.kupffer_per_mm3 * mm3, 0.02 * p.kupffer_per_mm3 * mm3);
    EXPECT_NEAR(count[types.hsc_quiescent], p.hsc_quiescent_per_mm3 * mm3, 0.02 * p.hsc_quiescent_per_mm3 * mm3);
    near(count[types.nk], p.nk_per_mm3 * mm3);
    // Tracts cut by the square's rim count whole or not at all.
    EXPECT_NEAR(count[types.portal_fibroblast], p.portal_fibroblasts_per_mm3 * connective,
                0.05 * p.portal_fibroblasts_per_mm3 * connective);
}

TYPED_TEST(AnatomyOf, BricksAgreeAtTheirSeams) {
    const auto anatomy = example<TypeParam>(5);
    const double closest = anatomy.hepatocyte_closest_um();
    EXPECT_GT(closest, 0.89 * anatomy.hepatocyte_spacing_um());
    const auto hepatocytes =
        cells_of_type(anatomy, types.hepatocyte, 2, TypeParam::flat ? 4 : 5, TypeParam::flat ? 1 : 2);
    ASSERT_GT(hepatocytes.size(), 800u);
    for (std::size_t i = 0; i < hepatocytes.size(); ++i)
        for (std::size_t j = 0; j < i; ++j)
            ASSERT_GE(length(hepatocytes[i] - hepatocytes[j]), closest - 1e-5);  // places are rounded to 1e-6 um

    // Voxels are those of one map of the whole, and steps over a seam are no larger than steps inside.
    constexpr int bricks = 6;
    const double edge = bricks * TypeParam::nx * voxel_um;
    const LobuleMap whole = anatomy.lobules().map(0, 0, edge, edge);
    std::vector<float> line;
    for (int y = 0; y < bricks; ++y) {
        line.clear();
        for (int x = 0; x < bricks; ++x) {
            const auto brick = brick_at(anatomy, x, y, TypeParam::flat ? 0 : 3);
            for (int v = 0; v < voxels_per_brick<TypeParam>; ++v) {
                const int vx = v % TypeParam::nx, vy = v / TypeParam::nx % TypeParam::ny;
                const Place p =
                    whole.at((x * TypeParam::nx + vx + 0.5) * voxel_um, (y * TypeParam::ny + vy + 0.5) * voxel_um);
                ASSERT_EQ(brick.healthy.portal_to_central[std::size_t(v)], float(p.portal_to_central));
                ASSERT_EQ(brick.healthy.flow_x[std::size_t(v)], float(p.flow_x));
                ASSERT_EQ(brick.healthy.flow_y[std::size_t(v)], float(p.flow_y));
                ASSERT_EQ(brick.healthy.kind[std::size_t(v)], p.kind);
            }
            line.insert(line.end(), brick.healthy.portal_to_central.begin(),
                        brick.healthy.portal_to_central.begin() + TypeParam::nx);
        }
        for (std::size_t i = 1; i < line.size(); ++i) ASSERT_LT(std::abs(line[i] - line[i - 1]), 0.5f);
    }
}

TYPED_TEST(AnatomyOf, ABrickIsTheSameInAnyOrderAndFromAnyThread) {
    const auto anatomy = example<TypeParam>(23);
    constexpr int n = 24;
    const auto at = [](int i) { return BrickCoord{i % 5, i / 5, TypeParam::flat ? 0 : i % 3}; };
    std::vector<Digest> forward(n), backward(n), threaded(n);
    Brick<TypeParam> reused;
    for (int i = 0; i < n; ++i) {
        Brick<TypeParam> fresh;
        fresh.at = at(i);
        anatomy.fill(fresh);
        forward[std::size_t(i)] = digest(fresh);
    }
    for (int i = n - 1; i >= 0; --i) {
        reused.at = at(i);
        anatomy.fill(reused);
        backward[std::size_t(i)] = digest(reused);
    }
    std::vector<std::thread> workers;
    for (int t = 0; t < 4; ++t)
        workers.emplace_back([&, t] {
            for (int i = t; i < n; i += 4) {
                Brick<TypeParam> brick;
                brick.at = at(i);
                example<TypeParam>(23).fill(brick);
                threaded[std::size_t(i)] = digest(brick);
            }
        });
    for (std::thread& w : workers) w.join();
    EXPECT_EQ(forward, backward);
    EXPECT_EQ(forward, threaded);

    const auto other = example<TypeParam>(24);
    EXPECT_NE(digest(brick_at(other, 0, 0)), forward[0]);
}

TYPED_TEST(AnatomyOf, OxygenFallsThroughThePublishedBand) {
    const auto anatomy = example<TypeParam>(2);
    int periportal = 0, perivenous = 0;
    for (int y = 0; y < 6; ++y)
        for (int x = 0; x < 6; ++x) {
            const auto brick = brick_at(anatomy, x, y);
            for (std::size_t v = 0; v < std::size_t(voxels_per_brick<TypeParam>); ++v) {
                const float oxygen = brick.healthy_level(1)[v], along = brick.healthy.portal_to_central[v];
                ASSERT_GE(oxygen, 30);
                ASSERT_LE(oxygen, 65);
                if (along < 0.1f) {
                    ++periportal;
                    ASSERT_GE(oxygen, 60);
                }
                if (along > 0.9f) {
                    ++perivenous;
                    ASSERT_LE(oxygen, 35);
                }
                ASSERT_EQ(brick.healthy_level(0)[v], 0.5f);
                ASSERT_EQ(brick.healthy_level(2)[v], 0.002f);
            }
        }
    EXPECT_GT(periportal, 100);
    EXPECT_GT(perivenous, 100);
}

TYPED_TEST(AnatomyOf, ABrickIsCompleteAndAtHomeostasis) {
    const auto anatomy = example<TypeParam>(31);
    constexpr auto voxels = std::size_t(voxels_per_brick<TypeParam>);
    Lattice<TypeParam> lattice(3, 3, TypeParam::flat ? 1 : 3, 2.5 * anatomy.hepatocyte_radius_um(), anatomy);
    const Brick<TypeParam>& brick = lattice.materialise({1, 2, 0});
    EXPECT_EQ(brick.activity, Activity{});
    EXPECT_EQ(brick.deviation, std::vector<float>(3 * voxels, 0.0f));
    EXPECT_EQ(brick.emission, std::vector<float>(3 * voxels, 0.0f));
    EXPECT_EQ(brick.healthy.oxygen_uptake, std::vector<float>(voxels, 0.0f));
    EXPECT_EQ(brick.matrix.collagen, brick.healthy.collagen);
    EXPECT_EQ(brick.matrix.crosslink, std::vector<float>(voxels, 0.2f));
    EXPECT_EQ(brick.matrix.fibre_cos, std::vector<float>(voxels, 0.0f));
    EXPECT_EQ(brick.matrix.fibre_sin, std::vector<float>(voxels, 0.0f));
    EXPECT_TRUE(brick.segments.empty());
    for (std::size_t v = 0; v < voxels; ++v)
        EXPECT_EQ(brick.sinusoid[v], brick.healthy.kind[v] == TissueKind::parenchyma ? 1.0f : 0.0f);
    std::set<std::uint64_t> ids;
    double lineages = 0;
    for (std::size_t row = 0; row < brick.cells.size(); ++row) {
        const Cells& c = brick.cells;
        EXPECT_TRUE(is_founder({c.id[row]}));
        ids.insert(c.id[row]);
        EXPECT_GT(c.radius[row], 0);
        EXPECT_GT(c.lineage[row], 0);
        EXPECT_LT(c.lineage[row], 1);
        lineages += c.lineage[row];
        for (const Fixed v : {c.x[row], c.y[row], c.z[row]}) EXPECT_GE(v, 0);
        EXPECT_LT(c.x[row], edge_fixed<TypeParam>[0]);
        EXPECT_LT(c.y[row], edge_fixed<TypeParam>[1]);
        EXPECT_LT(c.z[row], edge_fixed<TypeParam>[2]);
        if (TypeParam::flat) {
            EXPECT_EQ(c.z[row], fixed_from_um(10));
        }
        EXPECT_EQ(c.phase[row], Phase::g1);
        EXPECT_EQ(c.divisions[row], 0);
        EXPECT_EQ(
            c.clock[row] + c.carry[row] + c.pressure[row] + c.heading_x[row] + c.heading_y[row] + c.heading_z[row], 0);
    }
    EXPECT_EQ(ids.size(), brick.cells.size());
    EXPECT_NEAR(lineages / double(brick.cells.size()), 0.5, 0.06);
}

TYPED_TEST(AnatomyOf, CellsKeepToTheirTissue) {
    const auto anatomy = example<TypeParam>(13);
    const auto p = example_parameters();
    int fibroblasts = 0;
    for (int y = 0; y < 4; ++y)
        for (int x = 0; x < 4; ++x) {
            const auto brick = brick_at(anatomy, x, y);
            const Vec3 low = corner_um<TypeParam>(brick.at), high = corner_um<TypeParam>({x + 1, y + 1, 1});
            const LobuleMap map = anatomy.lobules().map(low.x, low.y, high.x, high.y);
            for (std::size_t row = 0; row < brick.cells.size(); ++row) {
                const Vec3 at = place_of(brick, row);
                const Place place = map.at(at.x, at.y);
                if (brick.cells.type[row] == types.portal_fibroblast) {
                    ++fibroblasts;
                    ASSERT_EQ(place.kind, TissueKind::portal_tract);
                } else {
                    ASSERT_EQ(place.kind, TissueKind::parenchyma);
                }
                if (brick.cells.type[row] != types.hepatocyte) continue;
                ASSERT_GE(place.to_vein_wall, p.wall_clearance_um - 1e-5);
                ASSERT_GE(place.to_tract_wall, p.wall_clearance_um - 1e-5);
            }
        }
    EXPECT_GT(fibroblasts, 5);
}

TYPED_TEST(AnatomyOf, HepatocytesRestBelowTheirYield) {
    const auto anatomy = example<TypeParam>(41);
    const auto all = cells_of_type(anatomy, types.hepatocyte, 0, TypeParam::flat ? 4 : 3, TypeParam::flat ? 1 : 2);
    const double touch = 2 * anatomy.hepatocyte_radius_um(), reach = adhesion_reach * touch;
    EXPECT_NEAR(anatomy.hepatocyte_spacing_um() / touch, 0.9524, 1e-4);
    double largest = 0;
    for (const Vec3& a : all) {
        // Cells at the rim of what was built lack neighbours like those beside a vein do; they rest all the same.
        Vec3 sum{};
        for (const Vec3& b : all) {
            const Vec3 apart = a - b;
            const double d2 = dot(apart, apart);
            if (d2 == 0 || d2 >= reach * reach) continue;
            const double d = std::sqrt(d2), overlap = d < touch ? 1 - d / touch : 0, hold = 1 - d / reach;
            sum = sum + ((repulsion * overlap * overlap - adhesion * hold * hold) / d) * apart;
        }
        largest = std::max(largest, length(sum));
    }
    EXPECT_LT(largest, 0.6 * yield);
    EXPECT_GT(largest, 0.0);
}

TYPED_TEST(AnatomyOf, KupfferCellsCrowdAroundThePortalTracts) {
    const auto anatomy = example<TypeParam>(3);
    constexpr int bricks = TypeParam::flat ? 12 : 20;
    double cells[3] = {}, voxels[3] = {};
    for (int y = 0; y < bricks; ++y)
        for (int x = 0; x < bricks; ++x) {
            const auto brick = brick_at(anatomy, x, y);
            const auto zone = [&](std::size_t v) { return std::min(2, int(3 * brick.healthy.portal_to_central[v])); };
            for (std::size_t v = 0; v < brick.healthy.kind.size(); ++v)
                if (brick.healthy.kind[v] == TissueKind::parenchyma) voxels[zone(v)] += 1;
            for (std::size_t row = 0; row < brick.cells.size(); ++row)
                if (brick.cells.type[row] == types.kupffer)
                    cells[zone(std::size_t(
                        voxel_of<TypeParam>(brick.cells.x[row], brick.cells.y[row], brick.cells.z[row])))] += 1;
        }
    // 4:3:2 at the middles of the zones.
    const double first = cells[0] / voxels[0], second = cells[1] / voxels[1], third = cells[2] / voxels[2];
    EXPECT_NEAR(first / second, 4.0 / 3.0, 0.12);
    EXPECT_NEAR(third / second, 2.0 / 3.0, 0.10);
}

TEST(Anatomy, HalfOfABlockLiesNearAStellateCell) {
    const AnatomyParameters p = example_parameters();
    const auto anatomy = example<BlockShape>(7);
    constexpr int bricks = 4;
    constexpr double edge = bricks * 160.0, rim = 40;
    std::vector<Vec3> cells;
    for (int z = 0; z < bricks; ++z)
        for (int y = 0; y < bricks; ++y)
            for (int x = 0; x < bricks; ++x) {
                const auto brick = brick_at(anatomy, x, y, z);
                for (std::size_t row = 0; row < brick.cells.size(); ++row)
                    if (brick.cells.type[row] == types.hsc_quiescent) cells.push_back(place_of(brick, row));
            }
    const LobuleMap map = anatomy.lobules().map(0, 0, edge, edge);
    Draws draws(5, 0, 0, Purpose::test);
    constexpr int points = 4000;
    int within20 = 0, within30 = 0;
    for (int i = 0; i < points;) {
        const auto coordinate = [&] { return rim + (edge - 2 * rim) * draws.uniform(); };
        const Vec3 at{coordinate(), coordinate(), coordinate()};
        if (map.at(at.x, at.y).kind != TissueKind::parenchyma) continue;
        ++i;
        double nearest = 1e9;
        for (const Vec3& c : cells) nearest = std::min(nearest, dot(at - c, at - c));
        within20 += nearest < 400;
        within30 += nearest < 900;
    }
    // 45 % and 87 % at 1.8e4 per mm3; cells stand in parenchyma alone, which is 93 % of the liver, so 48 % and 89 %
    // there.
    const double density = p.hsc_quiescent_per_mm3 / anatomy.shares().parenchyma * 1e-9;
    const auto expected = [&](double r) { return 1 - std::exp(-density * 4.0 / 3.0 * 3.14159265358979 * r * r * r); };
    EXPECT_NEAR(double(within20) / points, expected(20), 0.025);
    EXPECT_NEAR(double(within30) / points, expected(30), 0.02);
    EXPECT_NEAR(double(within20) / points, 0.45, 0.05);
    EXPECT_NEAR(double(within30) / points, 0.87, 0.04);
}

TEST(Anatomy, StructuresOfPartsAreThoseOfTheWhole) {
    const auto anatomy = example<SectionShape>(19);
    const auto whole = anatomy.structures_in(0, 0, 1600, 1600);
    const auto key = [](const Structure& s) { return std::tuple(int(s.kind), s.x, s.y, s.radius); };
    std::set<std::tuple<int, double, double, double>> expected, parts;
    for (const Structure& s : whole) expected.insert(key(s));
    EXPECT_EQ(expected.size(), whole.size());
    for (int y = 0; y < 5; ++y)
        for (int x = 0; x < 5; ++x)
            for (const Structure& s : anatomy.structures_in(320 * x, 320 * y, 320 * x + 320, 320 * y + 320))
                parts.insert(key(s));
    EXPECT_EQ(parts, expected);
}

TEST(Anatomy, CollagenOfWholeLiverIsThePublishedMean) {
    const auto anatomy = example<SectionShape>(29);
    double sum = 0, n = 0;
    for (int y = 0; y < 16; ++y)
        for (int x = 0; x < 16; ++x)
            for (const float c : brick_at(anatomy, x, y).healthy.collagen) {
                ASSERT_GE(c, 0);
                ASSERT_LE(c, 20);
                sum += c;
                n += 1;
            }
    EXPECT_NEAR(sum / n, 1.5, 0.15);  // mg/mL
}

TEST(Anatomy, ParametersOutsideTheirRangeAreRefused) {
    const auto with = [](auto change) {
        AnatomyParameters p = example_parameters();
        change(p);
        return Anatomy<SectionShape>(p, types, example_levels(), 1);
    };
    EXPECT_THROW(with([](AnatomyParameters& p) { p.hepatocytes_per_mm3 = 0; }), InputError);
    EXPECT_THROW(with([](AnatomyParameters& p) { p.hepatocyte_jitter = 0.5; }), InputError);
    EXPECT_THROW(with([](AnatomyParameters& p) { p.rest_distance_ratio = 1.2; }), InputError);
    EXPECT_THROW(with([](AnatomyParameters& p) { p.kupffer_periportal_bias = 2; }), InputError);
    EXPECT_THROW(with([](AnatomyParameters& p) { p.lsec_per_mm3 = -1; }), InputError);
    EXPECT_THROW(Anatomy<SectionShape>(example_parameters(), types, HealthyLevels{{0.1}, 4}, 1), InputError);
}

}  // namespace
}  // namespace stellate::liver
