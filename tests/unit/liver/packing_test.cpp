#include "liver/packing.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <vector>

#include "core/random.hpp"

namespace stellate::liver {
namespace {

template <class Shape>
class PackingOf : public ::testing::Test {
public:
    static constexpr double size = Shape::flat ? 900 : 240;
    static constexpr int neighbours = Shape::flat ? 6 : 12;
    static std::vector<Vec3> places(const Packing<Shape>& packing, Vec3 low, Vec3 high) {
        std::vector<Vec3> found;
        packing.for_each_in(low, high, [&](std::uint64_t, Vec3 p) { found.push_back(p); });
        return found;
    }
};
using Shapes = ::testing::Types<SectionShape, BlockShape>;
TYPED_TEST_SUITE(PackingOf, Shapes);

TYPED_TEST(PackingOf, SitesHaveTheStatedDensity) {
    constexpr double edge = 2 * TestFixture::size;
    const Packing<TypeParam> packing(1.5e5, 0.03, 7);
    const double depth = TypeParam::flat ? 20 : edge;
    EXPECT_NEAR(double(this->places(packing, {0, 0, 0}, {edge, edge, depth}).size()) / (edge * edge * depth * 1e-9),
                1.5e5, 0.005 * 1.5e5);
}

TYPED_TEST(PackingOf, NeighboursStandAtTheSpacingWithinTheJitter) {
    constexpr double edge = TestFixture::size;
    const double jitter = 0.03;
    const Packing<TypeParam> packing(1.5e5, jitter, 3);
    const double spacing = packing.spacing_um(), slack = 2 * jitter * std::sqrt(TypeParam::flat ? 2.0 : 3.0) * spacing;
    EXPECT_NEAR(packing.closest_um(), spacing - slack, 1e-9);
    const auto all = this->places(packing, {0, 0, 0}, {edge, edge, edge});
    for (const Vec3& a : all) {
        const double rim = 1.3 * spacing;
        const auto deep = [&](double v) { return v > rim && v < edge - rim; };
        if (!deep(a.x) || !deep(a.y) || (!TypeParam::flat && !deep(a.z))) continue;
        int count = 0;
        for (const Vec3& b : all) {
            if (&a == &b) continue;
            const double d = length(a - b);
            ASSERT_GE(d, packing.closest_um());
            if (d < 1.2 * spacing) {
                ++count;
                ASSERT_LE(d, spacing + slack);
            }
        }
        ASSERT_EQ(count, this->neighbours);
    }
}

TYPED_TEST(PackingOf, BoxesShareOutTheSitesWithoutLossOrRepeat) {
    constexpr double edge = TestFixture::size;
    const Packing<TypeParam> packing(1.5e5, 0.1, 12);
    std::set<std::uint64_t> parts;
    std::size_t repeats = 0, all = 0;
    for (int i = 0; i < 8; ++i) {
        const Vec3 low{edge / 2 * (i & 1), edge / 2 * (i >> 1 & 1), edge / 2 * (i >> 2 & 1)};
        if (TypeParam::flat && low.z > 0) continue;
        packing.for_each_in(low, low + Vec3{edge / 2, edge / 2, edge / 2},
                            [&](std::uint64_t key, Vec3) { repeats += !parts.insert(key).second; });
    }
    packing.for_each_in({0, 0, 0}, {edge, edge, edge}, [&](std::uint64_t key, Vec3) {
        ++all;
        EXPECT_TRUE(parts.contains(key));
    });
    EXPECT_EQ(repeats, 0u);
    EXPECT_EQ(parts.size(), all);
}

TYPED_TEST(PackingOf, NearestSiteIsTheNearest) {
    const Packing<TypeParam> packing(1.5e5, 0, 9);
    Draws draws(1, 0, 0, Purpose::test);
    for (int i = 0; i < 300; ++i) {
        const Vec3 p{1000 * draws.uniform(), 1000 * draws.uniform(), TypeParam::flat ? 10 : 1000 * draws.uniform()};
        double best = 1e9;
        for (const Vec3& site : this->places(packing, p - Vec3{30, 30, 30}, p + Vec3{30, 30, 30}))
            best = std::min(best, length(p - site));
        ASSERT_NEAR(length(p - packing.nearest_site(p)), best, 1e-9);
    }
}

}  // namespace
}  // namespace stellate::liver
