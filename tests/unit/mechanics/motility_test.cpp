#include "mechanics/motility.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>

#include "core/error.hpp"
#include "packed_tissue.hpp"

namespace stellate::mechanics {
namespace {

using namespace stellate::testing;
using ::testing::AllOf;
using ::testing::HasSubstr;

template <class Shape>
class Motility : public ::testing::Test {};
using Shapes = ::testing::Types<SectionShape, BlockShape>;
TYPED_TEST_SUITE(Motility, Shapes);

struct Columns {
    std::vector<float> speed, bias, x, y, z;
    explicit Columns(std::size_t rows, float v, float b = 0, Vec3 toward = {})
        : speed(rows, v), bias(rows, b), x(rows, float(toward.x)), y(rows, float(toward.y)), z(rows, float(toward.z)) {}
    operator WalkRows() const { return {speed, bias, x, y, z}; }
};

template <class Shape>
Brick<Shape> walkers(std::uint32_t count) {
    Brick<Shape> brick;
    brick.cells.resize(count);
    for (std::uint32_t n = 0; n < count; ++n) {
        brick.cells.id[n] = 100 + n;
        brick.cells.x[n] = brick.cells.y[n] = 50 << fixed_bits;
        brick.cells.z[n] = 10 << fixed_bits;
    }
    return brick;
}

Vec3 heading(const Cells& c, std::size_t row) { return {c.heading_x[row], c.heading_y[row], c.heading_z[row]}; }

TYPED_TEST(Motility, AStepIsTheSpeedTimesTheTimeAlongTheHeading) {
    auto b = walkers<TypeParam>(50);
    walk(b, Columns(50, 3.0f), std::vector<Walk>{{30.0, 1}}, 2.0, 1, 7, 0, 10.0);
    for (std::size_t n = 0; n < 50; ++n) {
        const Vec3 moved{um_from_fixed(b.cells.x[n]) - 50, um_from_fixed(b.cells.y[n]) - 50,
                         um_from_fixed(b.cells.z[n]) - 10};
        EXPECT_NEAR(std::sqrt(dot(moved, moved)), 6.0, 1e-5);
        EXPECT_NEAR(dot(moved, heading(b.cells, n)), 6.0, 1e-5);
        if (TypeParam::flat) {
            EXPECT_EQ(moved.z, 0.0);
        }
    }
}

TYPED_TEST(Motility, AHeadingLastsUntilItIsRenewed) {
    auto b = walkers<TypeParam>(400);
    const std::vector<Walk> for_ever{{1e12, 1}}, never{{0.0, 1}};
    walk(b, Columns(400, 1.0f), never, 1.0, 1, 0, 0, 10.0);
    const Cells first = b.cells;
    walk(b, Columns(400, 1.0f), for_ever, 1.0, 1, 1, 0, 10.0);
    EXPECT_EQ(b.cells.heading_x, first.heading_x);
    walk(b, Columns(400, 1.0f), never, 1.0, 1, 2, 0, 10.0);
    for (std::size_t n = 0; n < 400; ++n) EXPECT_NE(b.cells.heading_x[n], first.heading_x[n]);
    walk(b, Columns(400, 1.0f), std::vector<Walk>{{10.0, 1}}, 5.0, 1, 3, 0, 10.0);
}

TYPED_TEST(Motility, AboutOneMinusExpOfTheHeadingsAreRenewed) {
    auto b = walkers<TypeParam>(20000);
    walk(b, Columns(20000, 1.0f), std::vector<Walk>{{0.0, 1}}, 1.0, 1, 0, 0, 10.0);
    const auto before = b.cells.heading_x;
    walk(b, Columns(20000, 1.0f), std::vector<Walk>{{10.0, 1}}, 5.0, 1, 1, 0, 10.0);
    double changed = 0;
    for (std::size_t n = 0; n < before.size(); ++n) changed += b.cells.heading_x[n] != before[n];
    EXPECT_NEAR(changed / 20000, 1 - std::exp(-0.5), 4.4 * std::sqrt(0.25 / 20000));
}

TYPED_TEST(Motility, ACellWithoutSpeedKeepsPlaceAndHeading) {
    auto b = walkers<TypeParam>(3);
    b.cells.heading_x[1] = 1;
    const Cells before = b.cells;
    walk(b, Columns(3, 0.0f), std::vector<Walk>{{0.0, 4}}, 1.0, 1, 0, 0, 10.0);
    EXPECT_EQ(b.cells.x, before.x);
    EXPECT_EQ(b.cells.heading_x, before.heading_x);
}

TYPED_TEST(Motility, AWalkDependsOnIdAndTickNotOnRowsAndCalls) {
    auto together = walkers<TypeParam>(20);
    const std::vector<Walk> twice{{4.0, 2}}, once{{4.0, 1}};
    walk(together, Columns(20, 1.0f), twice, 2.0, 1, 5, 0, 10.0);
    // The same two sub-steps by two calls, rows reversed.
    auto apart = walkers<TypeParam>(0);
    const auto source = walkers<TypeParam>(20);
    for (std::size_t n = 20; n > 0; --n) apart.cells.append_row(source.cells, n - 1);
    walk(apart, Columns(20, 1.0f), once, 1.0, 1, 5, 0, 10.0);
    walk(apart, Columns(20, 1.0f), once, 1.0, 1, 5, 1, 10.0);
    for (std::size_t n = 0; n < 20; ++n) {
        EXPECT_EQ(apart.cells.x[19 - n], together.cells.x[n]);
        EXPECT_EQ(apart.cells.heading_y[19 - n], together.cells.heading_y[n]);
    }
}

TYPED_TEST(Motility, SeedTickSubstepAndCellEachChangeTheDraws) {
    std::set<float> first;
    for (auto [seed, tick, substep] : {std::tuple(1, 1, 0), {2, 1, 0}, {1, 2, 0}, {1, 1, 1}}) {
        auto b = walkers<TypeParam>(2);
        walk(b, Columns(2, 1.0f), std::vector<Walk>{{0.0, 1}}, 1.0, std::uint64_t(seed), std::uint32_t(tick), substep,
             10.0);
        first.insert(b.cells.heading_x[0]);
        first.insert(b.cells.heading_x[1]);
    }
    EXPECT_EQ(first.size(), 8u);
}

TYPED_TEST(Motility, BiasOneGoesStraightAndNoDirectionIsUniform) {
    const Vec3 toward{0.6, -0.8, 0};
    auto b = walkers<TypeParam>(100);
    walk(b, Columns(100, 1.0f, 1.0f, toward), std::vector<Walk>{{0.0, 1}}, 1.0, 1, 0, 0, 10.0);
    for (std::size_t n = 0; n < 100; ++n) {
        EXPECT_NEAR(b.cells.heading_x[n], 0.6, 1e-6);
        EXPECT_NEAR(b.cells.heading_y[n], -0.8, 1e-6);
    }
    auto with = walkers<TypeParam>(100), without = walkers<TypeParam>(100);
    walk(with, Columns(100, 1.0f, 1.0f), std::vector<Walk>{{0.0, 1}}, 1.0, 1, 0, 0, 10.0);
    walk(without, Columns(100, 1.0f, 0.0f), std::vector<Walk>{{0.0, 1}}, 1.0, 1, 0, 0, 10.0);
    EXPECT_EQ(with.cells.heading_x, without.cells.heading_x);
}

TYPED_TEST(Motility, AForbiddenStepIsNotMadeAndItsHeadingIsDrawnAnew) {
    const Fixed wall = 51 << fixed_bits;
    const Barrier east = [wall](const Place& from, const Place& to) {
        EXPECT_LT(from[0], wall);
        return to[0] >= wall;
    };
    auto barred = walkers<TypeParam>(200), open = walkers<TypeParam>(200), blind = walkers<TypeParam>(200);
    const std::vector<Walk> keeps_out{{1e12, 1, true}}, goes_in{{1e12, 1, false}};
    walk(open, Columns(200, 2.0f), keeps_out, 1.0, 1, 0, 0, 10.0);
    walk(blind, Columns(200, 2.0f), goes_in, 1.0, 1, 0, 0, 10.0, [](const Place&, const Place&) { return true; });
    EXPECT_EQ(blind.cells.x, open.cells.x);
    walk(barred, Columns(200, 2.0f), keeps_out, 1.0, 1, 0, 0, 10.0, east);
    const Cells first = barred.cells;
    std::size_t stopped = 0;
    for (std::size_t n = 0; n < 200; ++n) {
        const bool forbidden = open.cells.x[n] >= wall;
        stopped += forbidden;
        EXPECT_EQ(first.x[n], forbidden ? 50 << fixed_bits : open.cells.x[n]);
        EXPECT_EQ(first.y[n], forbidden ? 50 << fixed_bits : open.cells.y[n]);
        EXPECT_EQ(heading(first, n) == Vec3{}, forbidden);
    }
    EXPECT_GT(stopped, 20u);
    EXPECT_LT(stopped, 180u);
    // Headings last for ever, so only the dropped ones change. Nobody ever gets through.
    for (std::uint32_t tick = 1; tick < 50; ++tick)
        walk(barred, Columns(200, 2.0f), keeps_out, 1.0, 1, tick, 0, 10.0, east);
    std::size_t turned = 0;
    for (std::size_t n = 0; n < 200; ++n) {
        EXPECT_LT(barred.cells.x[n], wall);
        turned += first.heading_x[n] == 0 && barred.cells.x[n] != first.x[n];
    }
    EXPECT_EQ(turned, stopped);
}

template <class Body>
std::string message_of(Body&& body) {
    try {
        body();
    } catch (const RunError& error) {
        return error.what();
    }
    return "nothing thrown";
}

TYPED_TEST(Motility, AWalkBeyondTheGuardOrWithoutNumberStopsTheRun) {
    const std::vector<Walk> one{{5.0, 1}}, four{{5.0, 4}};
    const float nan = std::numeric_limits<float>::quiet_NaN();
    auto b = walkers<TypeParam>(1);
    const auto go = [&](const Columns& columns, const std::vector<Walk>& walks) {
        return message_of([&] { walk(b, columns, walks, 2.0, 1, 0, 0, 10.0); });
    };
    EXPECT_THAT(go(Columns(1, 11.0f), one), AllOf(HasSubstr("cell 100"), HasSubstr("22 um"), HasSubstr("(0, 0, 0)")));
    EXPECT_EQ(go(Columns(1, 11.0f), four), "nothing thrown");
    EXPECT_THAT(go(Columns(1, nan), one), HasSubstr("cell 100"));
    EXPECT_THAT(go(Columns(1, 1.0f, nan), one), HasSubstr("bias"));
    EXPECT_THAT(go(Columns(1, 1.0f, 1.5f), one), HasSubstr("bias"));
    EXPECT_THAT(go(Columns(1, 1.0f, 0.5f, {nan, 0, 0}), one), HasSubstr("unit direction"));
    EXPECT_THAT(go(Columns(1, 1.0f, 0.5f, {3, 0, 0}), one), HasSubstr("unit direction"));
}

}  // namespace
}  // namespace stellate::mechanics
