#include "mechanics/move.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <set>

#include "core/error.hpp"
#include "packed_tissue.hpp"

namespace stellate::mechanics {
namespace {

using namespace stellate::testing;
using ::testing::AllOf;
using ::testing::HasSubstr;

template <class Body>
std::string message_of(Body&& body) {
    try {
        body();
    } catch (const RunError& error) {
        return error.what();
    }
    return "nothing thrown";
}

template <class Shape>
class Move : public ::testing::Test {};
using Shapes = ::testing::Types<SectionShape, BlockShape>;
TYPED_TEST_SUITE(Move, Shapes);

ContactVelocities velocities(std::vector<float> x, std::vector<float> z) {
    ContactVelocities v;
    v.y.assign(x.size(), 0.0f);
    v.pressure.assign(x.size(), 2.5f);
    v.x = std::move(x);
    v.z = std::move(z);
    return v;
}

TYPED_TEST(Move, PlacesAdvanceToTheNearestUnitAndOppositesStayOpposite) {
    auto lattice = lattice_with<TypeParam>(1, 1, 1, 22, {{1, {50, 50, 10}, 8, 0}, {2, {50, 50, 10}, 8, 0}});
    Brick<TypeParam>& b = lattice.materialise({0, 0, 0});
    const Fixed start = b.cells.x[0], start_z = b.cells.z[0];
    const float unit = 0x1p-20f;  // um/min that moves one unit a minute
    for (float v : {0.4f * unit, 0.5f * unit, 1.49f * unit, 1.5f * unit, 0.37f, 3.0f}) {
        b.cells.x = {start, start};
        b.cells.z = {start_z, start_z};
        advance(b, velocities({v, -v}, {-v, v}), 1.0, 10.0);
        EXPECT_EQ(b.cells.x[0] - start, std::lround(double(v) * (1 << fixed_bits)));
        EXPECT_EQ(b.cells.x[0] - start, start - b.cells.x[1]);
        EXPECT_EQ(b.cells.z[0] - start_z, TypeParam::flat ? 0 : start - b.cells.x[0]);
    }
    EXPECT_EQ(b.cells.pressure[0], 2.5f);
}

TYPED_TEST(Move, ADisplacementBeyondTheGuardNamesBrickCellAndValueAndMovesNobody) {
    auto lattice = lattice_with<TypeParam>(1, 1, 1, 22, {{1, {50, 50, 10}, 8, 0}, {77, {90, 90, 10}, 8, 0}});
    Brick<TypeParam>& b = lattice.materialise({0, 0, 0});
    const Cells before = b.cells;
    const bool second_is_77 = b.cells.id[1] == 77;
    ASSERT_TRUE(second_is_77);
    const auto message = message_of([&] { advance(b, velocities({1.0f, 6.0f}, {0, 0}), 2.0, 10.0); });
    EXPECT_THAT(message, AllOf(HasSubstr("cell 77"), HasSubstr("(0, 0, 0)"), HasSubstr("12 um"), HasSubstr("10 um")));
    EXPECT_EQ(b.cells.x, before.x);
    EXPECT_EQ(message_of([&] { advance(b, velocities({1.0f, 5.0f}, {0, 0}), 2.0, 10.0); }), "nothing thrown");
}

TYPED_TEST(Move, ANumberThatIsNoneStopsTheRun) {
    auto lattice = lattice_with<TypeParam>(1, 1, 1, 22, {{1, {50, 50, 10}, 8, 0}, {2, {56, 50, 10}, 8, 0}});
    MoveScratch scratch;
    const float nan = std::numeric_limits<float>::quiet_NaN(), infinite = std::numeric_limits<float>::infinity();
    for (float bad : {nan, infinite}) {
        const Limits<TypeParam> limits = [&](std::size_t, const Brick<TypeParam>&, std::span<float>,
                                             std::span<float> mobility) { mobility[1] = bad; };
        EXPECT_THAT(message_of([&] { move_cells(lattice, peer_table(), {0.1, 1, 10}, limits, 1, scratch); }),
                    AllOf(HasSubstr("cell 2"), HasSubstr("limit")));
    }
    const Limits<TypeParam> limits = [&](std::size_t, const Brick<TypeParam>&, std::span<float> yield,
                                         std::span<float>) { yield[0] = nan; };
    EXPECT_THAT(message_of([&] { move_cells(lattice, peer_table(), {0.1, 1, 10}, limits, 1, scratch); }),
                HasSubstr("cell 1"));
}

// Three push the middle one of four: who pushes hardest is named first, and nobody has moved.
TYPED_TEST(Move, ADisplacementBeyondTheGuardNamesTheContactsBehindItBeforeAnybodyMoves) {
    auto lattice = lattice_with<TypeParam>(
        1, 1, 1, 22,
        {{1, {50, 50, 10}, 8, 0}, {2, {52, 50, 10}, 8, 0}, {3, {50, 58, 10}, 8, 0}, {4, {64, 50, 10}, 8, 0}});
    Brick<TypeParam>& b = lattice.materialise({0, 0, 0});
    const Cells before = b.cells;
    MoveScratch scratch;
    const Limits<TypeParam> only_first = [](std::size_t, const Brick<TypeParam>& brick, std::span<float>,
                                            std::span<float> mobility) {
        for (std::size_t row = 0; row < brick.cells.size(); ++row)
            mobility[row] = brick.cells.id[row] == 1 ? 1.0f : 0.0f;
    };
    EXPECT_THAT(message_of([&] { move_cells(lattice, peer_table(), {1, 1, 1}, only_first, 1, scratch); }),
                AllOf(HasSubstr("displace cell 1 of brick (0, 0, 0)"),
                      HasSubstr("(3 contacts act on it: cell 2, 2 um away, by "), HasSubstr("; cell 3, 8 um away, by "),
                      HasSubstr("; cell 4, 14 um away, by ")));
    EXPECT_EQ(b.cells.x, before.x);
    EXPECT_EQ(b.cells.y, before.y);
}

template <class Shape>
Lattice<Shape> packed(std::uint64_t seed) {
    const Vec3 size{2.0 * Shape::nx * voxel_um, 2.0 * Shape::ny * voxel_um,
                    (Shape::flat ? 1.0 : 2.0) * Shape::nz * voxel_um};
    return lattice_with<Shape>(
        2, 2, Shape::flat ? 1 : 2, 22,
        random_balls(seed, static_cast<int>(3e-4 * size.x * size.y * size.z), {}, size, 7.5, 8.5, 1));
}

TYPED_TEST(Move, TheDigestDoesNotDependOnThreads) {
    std::set<std::string> digests;
    for (int threads : {1, 2, 3}) {
        auto lattice = packed<TypeParam>(2);
        MoveScratch scratch;
        move_cells(lattice, peer_table(), {0.1, 10, 50}, Limits<TypeParam>{}, threads, scratch);
        Hasher hasher;
        for (const auto* b : lattice.in_memory()) b->hash(hasher);
        digests.insert(to_string(hasher.digest()));
    }
    EXPECT_EQ(digests.size(), 1u);
}

TYPED_TEST(Move, SleepingBricksDoNotMove) {
    auto lattice = packed<TypeParam>(3);
    for (int z = 0; z < lattice.nz(); ++z)
        for (int y = 0; y < 2; ++y) lattice.find({1, y, z})->activity.cells_awake = 0;
    const Cells before = lattice.find({1, 1, 0})->cells;
    const Cells others = lattice.find({0, 1, 0})->cells;
    MoveScratch scratch;
    bool asked = false;
    const Limits<TypeParam> limits = [&](std::size_t, const Brick<TypeParam>& b, std::span<float> yield,
                                         std::span<float> mobility) {
        asked |= b.at.x == 1;
        std::fill(yield.begin(), yield.end(), 0.0f);
        std::fill(mobility.begin(), mobility.end(), 0.01f);  // nobody crosses a seam
    };
    move_cells(lattice, peer_table(), {0.1, 1, 50}, limits, 1, scratch);
    EXPECT_FALSE(asked);
    EXPECT_EQ(lattice.find({1, 1, 0})->cells.x, before.x);
    EXPECT_NE(lattice.find({0, 1, 0})->cells.x, others.x);
    // Whatever the scratch held before, from this brick or another one in its place, they are not moving.
    for (ContactVelocities& v : scratch.velocities) v.moving = true;
    move_cells(lattice, peer_table(), {0.1, 1, 50}, limits, 1, scratch);
    for (std::size_t b = 0; b < scratch.velocities.size(); ++b)
        EXPECT_EQ(scratch.velocities[b].moving, lattice.in_memory()[b]->activity.cells_awake == 1) << b;
}

// Cells that bear no force are not there for the others: taking them out changes no bit of what the rest does.
TYPED_TEST(Move, WhoBearsNoForceIsNotFelt) {
    ContactTable table = peer_table();
    table.set(0, 2, 7.0f, 0.2f);  // 1 bears nothing
    table.set(2, 2, 5.0f, 0.1f);
    EXPECT_EQ(table.bearing_types(), 0b101u);
    auto with = packed<TypeParam>(6), without = packed<TypeParam>(6);
    for (auto* lattice : {&with, &without})
        for (auto* brick : lattice->in_memory()) {
            Cells& c = brick->cells;
            for (std::size_t row = c.size(); row-- > 0;) {
                c.type[row] = static_cast<std::uint8_t>(c.id[row] % 3);
                if (lattice == &without && c.type[row] == 1)
                    Cells::for_each_column([row](auto& column) { column.erase(column.begin() + std::ptrdiff_t(row)); },
                                           c);
            }
            lattice->settle(1);
        }
    const auto bearing_places = [&](Lattice<TypeParam>& lattice) {
        MoveScratch scratch;
        move_cells(lattice, table, {0.1, 5, 50}, Limits<TypeParam>{}, 1, scratch);
        std::map<std::uint64_t, std::array<Fixed, 3>> places;
        for (const auto* brick : lattice.in_memory())
            for (std::size_t row = 0; row < brick->cells.size(); ++row)
                if (brick->cells.type[row] != 1)
                    places[brick->cells.id[row]] = {brick->cells.x[row], brick->cells.y[row], brick->cells.z[row]};
        return places;
    };
    const auto a = bearing_places(with), b = bearing_places(without);
    EXPECT_GT(a.size(), 100u);
    EXPECT_EQ(a, b);
}

// Old places are read by both passes' definition: a pair across the seam moves as one inside a brick, bit for bit.
TYPED_TEST(Move, APairAcrossASeamMovesLikeAPairInsideABrick) {
    const double edge = TypeParam::nx * voxel_um;
    const auto separation = [&](double x) {
        auto lattice = lattice_with<TypeParam>(2, 1, 1, 22, {{1, {x, 50, 10}, 8, 0}, {2, {x + 8, 50, 10}, 8, 0}});
        MoveScratch scratch;
        move_cells(lattice, peer_table(), {0.5, 20, 10}, Limits<TypeParam>{}, 1, scratch);
        lattice.settle(1);
        std::map<std::uint64_t, std::int64_t> at;
        for (const auto* b : lattice.in_memory())
            for (std::size_t row = 0; row < b->cells.size(); ++row)
                at[b->cells.id[row]] = std::int64_t(b->at.x) * edge_fixed<TypeParam>[0] + b->cells.x[row] -
                                       nearest_fixed(x * (1 << fixed_bits));
        return std::pair(at[1], at[2]);
    };
    EXPECT_EQ(separation(edge - 4), separation(64));
    EXPECT_EQ(separation(64).first + separation(64).second, std::int64_t(8) << fixed_bits) << "the middle stays";
}

TEST(StepLimit, IsTwoMinutesForPackedTissueWithThePeersCoefficients) {
    const double limit = step_limit(peer_table(), 8.4127, 3);
    EXPECT_NEAR(limit, 2.103, 0.001);
    EXPECT_NO_THROW(require_stable_step(2.0, limit));
    EXPECT_THAT(message_of([&] { require_stable_step(2 * limit, limit); }), HasSubstr("step limit is 2.103 min"));
    EXPECT_THROW(require_stable_step(0, limit), RunError);
    EXPECT_THROW(require_stable_step(std::numeric_limits<double>::quiet_NaN(), limit), RunError);
}

TEST(StepLimit, FollowsTheStrongestRepulsionAndTheSmallestRadius) {
    ContactTable table = peer_table();
    const double limit = step_limit(table, 8, 3);
    table.set(3, 4, 20, 0);
    EXPECT_DOUBLE_EQ(step_limit(table, 8, 3), limit / 2);
    EXPECT_DOUBLE_EQ(step_limit(table, 4, 3), limit / 4);
    EXPECT_DOUBLE_EQ(step_limit(table, 4, 3, {6, 0.10}), limit / 2);
    EXPECT_EQ(step_limit(ContactTable{}, 8, 3), std::numeric_limits<double>::infinity());
}

// Mean speed (um/min) in a box of packed tissue (the density of W2, walls at the lattice) after `minutes` of steps.
double restlessness(double dt_min, double minutes) {
    const double side = 160;
    auto lattice =
        lattice_with<BlockShape>(1, 1, 1, 22, random_balls(5, 1419, {}, {side, side, side}, 8.4127, 8.4127, 1));
    MoveScratch scratch;
    move_cells(lattice, peer_table(), {0.1, 300, 50}, Limits<BlockShape>{}, 2, scratch);
    move_cells(lattice, peer_table(), {dt_min, static_cast<int>(minutes / dt_min), 10}, Limits<BlockShape>{}, 2,
               scratch);
    double sum = 0;
    const ContactVelocities& v = scratch.velocities.front();
    for (std::size_t n = 0; n < v.x.size(); ++n)
        sum += std::sqrt(double(v.x[n]) * v.x[n] + double(v.y[n]) * v.y[n] + double(v.z[n]) * v.z[n]);
    return sum / static_cast<double>(v.x.size());
}

TEST(StepLimit, PackedTissueComesToRestAtTheLimitAndRunsIntoTheGuardAtTwiceTheLimit) {
    const double limit = step_limit(peer_table(), 8.4127, 3);
    EXPECT_LT(restlessness(limit, 400), 0.05);
    EXPECT_THAT(message_of([&] { restlessness(2 * limit, 400); }), HasSubstr("the limit is 10 um"));
}

}  // namespace
}  // namespace stellate::mechanics
