#include "mechanics/contact.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "mechanics/pair_law.hpp"
#include "packed_tissue.hpp"

namespace stellate::mechanics {
namespace {

using namespace stellate::testing;
using ::testing::AllOf;
using ::testing::HasSubstr;

// Three types with different strengths, one of which passes through another.
ContactTable varied_table() {
    ContactTable table;
    table.set(0, 0, 10.0f, 0.4f);
    table.set(0, 1, 7.0f, 1.5f);
    table.set(1, 1, 3.0f, 0.0f);
    table.set(1, 2, 12.0f, 0.1f);
    table.set(2, 2, 5.0f, 0.9f);
    table.set(31, 31, 8.0f, 0.3f);
    table.set(31, 0, 4.0f, 0.2f);
    table.adhesion_reach = 1.3f;
    return table;
}

template <class Shape>
Lattice<Shape> packed(std::uint64_t seed, double density_factor = 1.0) {
    const Vec3 size{2.0 * Shape::nx * voxel_um, 2.0 * Shape::ny * voxel_um,
                    (Shape::flat ? 1.0 : 2.0) * Shape::nz * voxel_um};
    const int count = static_cast<int>(3.5e-4 * density_factor * size.x * size.y * size.z);
    auto balls = random_balls(seed, count, {}, size, 6.0, 9.0, 3);
    for (std::size_t n = 0; n < balls.size(); n += 7) balls[n].type = 31;
    return lattice_with<Shape>(2, 2, Shape::flat ? 1 : 2, 2.6 * 9.0, balls);
}

template <class Shape>
class Contacts : public ::testing::Test {};
using Shapes = ::testing::Types<SectionShape, BlockShape>;
TYPED_TEST_SUITE(Contacts, Shapes);

TYPED_TEST(Contacts, EveryVariantThatRunsHereReturnsTheSameBits) {
    const ContactTable table = varied_table();
    for (double density : {0.02, 0.5, 1.0, 3.0}) {
        const auto lattice = packed<TypeParam>(3, density);
        const auto baseline = sums_of(lattice, table, Lanes::baseline);
        ASSERT_FALSE(baseline.empty());
        for (Lanes lanes : {Lanes::avx2, Lanes::avx512}) {
            if (!runs_here(lanes)) continue;
            EXPECT_EQ(sums_of(lattice, table, lanes), baseline) << int(lanes) << ' ' << density;
        }
    }
}

// The order of summing that contact_kernel.hpp promises, plainly: the n-th neighbour goes to lane n mod 16, the cell
// itself counts among them, and the lanes are added l to l + 8, then to l + 4, l + 2, l + 1.
TYPED_TEST(Contacts, ASumIsThatOfSixteenLanesAndATreeForAnyNumberOfNeighbours) {
    const ContactTable table = varied_table();
    int with_eight_or_fewer = 0, with_more_than_sixteen = 0;
    for (double density : {0.3, 1.0, 4.0}) {
        const auto lattice = packed<TypeParam>(9, density);
        const auto sums = sums_of(lattice, table);
        Neighbourhood around;
        for (const auto* brick : lattice.in_memory()) {
            around.build(lattice, *brick);
            const int ring = around.ring_z();
            for (int k = 0; k < around.bins_z(); ++k)
                for (int j = 0; j < around.bins_y(); ++j)
                    for (int i = 0; i < around.bins_x(); ++i) {
                        const auto own = around.row_of_bins(i, i, j, k);
                        for (std::uint32_t self = own.begin; self < own.end; ++self) {
                            float lane[4][16] = {};
                            int neighbours = 0;
                            for (int dk = -ring; dk <= ring; ++dk)
                                for (int dj = -1; dj <= 1; ++dj) {
                                    const auto line = around.row_of_bins(i - 1, i + 1, j + dj, k + dk);
                                    for (std::uint32_t n = line.begin; n < line.end; ++n) {
                                        const auto dx = static_cast<float>(around.x[self] - around.x[n]),
                                                   dy = static_cast<float>(around.y[self] - around.y[n]),
                                                   dz = static_cast<float>(around.z[self] - around.z[n]);
                                        const float contact =
                                            (around.radius[self] + around.radius[n]) * float(1 << fixed_bits);
                                        const float limit = table.adhesion_reach * contact;
                                        const float d2 = (dx * dx + dy * dy) + dz * dz;
                                        if (!(d2 < limit * limit)) continue;
                                        const int l = neighbours++ % 16;
                                        if (d2 == 0) continue;
                                        const float d = std::sqrt(std::max(d2, 1.0f)), u = d / contact;
                                        const float e = std::max(1.0f - u, 0.0f),
                                                    a = std::max(1.0f - u * (1.0f / table.adhesion_reach), 0.0f);
                                        const float push = table.repulsion[around.type[self]][around.type[n]],
                                                    pull = table.adhesion[around.type[self]][around.type[n]];
                                        const float g = (push * (e * e) - pull * (a * a)) / d;
                                        lane[0][l] += g * dx;
                                        lane[1][l] += g * dy;
                                        lane[2][l] += g * dz;
                                        if (push > 0) lane[3][l] += e * e;
                                    }
                                }
                            for (int width = 8; width > 0; width /= 2)
                                for (auto& of : lane)
                                    for (int l = 0; l < width; ++l) of[l] += of[l + width];
                            with_eight_or_fewer += neighbours <= 8;
                            with_more_than_sixteen += neighbours > 16;
                            const Sum& s = sums.at(around.id[self]);
                            EXPECT_EQ(s.x, lane[0][0]);
                            EXPECT_EQ(s.y, lane[1][0]);
                            if (!TypeParam::flat) {
                                EXPECT_EQ(s.z, lane[2][0]);
                            }
                            EXPECT_EQ(s.squares, lane[3][0]);
                        }
                    }
        }
    }
    EXPECT_GT(with_eight_or_fewer, 50);
    EXPECT_GT(with_more_than_sixteen, 50);
}

TYPED_TEST(Contacts, TheKernelEvaluatesThePlainLaw) {
    const ContactTable table = varied_table();
    const auto lattice = packed<TypeParam>(4);
    const auto sums = sums_of(lattice, table);
    Neighbourhood around;
    std::vector<Vec3> plain;
    for (const auto* b : lattice.in_memory()) {
        pair_velocities(lattice, *b, AdhesionRepulsion{&table}, around, plain);
        for (std::size_t row = 0; row < b->cells.size(); ++row) {
            const Sum& s = sums.at(b->cells.id[row]);
            EXPECT_NEAR(s.x, plain[row].x, 2e-5);
            EXPECT_NEAR(s.y, plain[row].y, 2e-5);
            if (!TypeParam::flat) {
                EXPECT_NEAR(s.z, plain[row].z, 2e-5);
            }
        }
    }
}

// The two halves of a pair, in one brick and across the seam, at odd distances.
TYPED_TEST(Contacts, APairIsBitwiseOpposite) {
    const ContactTable table = varied_table();
    const double seam = TypeParam::nx * voxel_um;
    for (double x : {40.0, seam - 3.0})
        for (int n = 0; n < 200; ++n) {
            Draws draws(5, std::uint64_t(n), 0, Purpose::test);
            const Vec3 way = TypeParam::flat ? draws.direction_in_plane() : draws.direction_on_sphere();
            const Vec3 first{x, 50.123, 10.05};
            const double distance = 21.0 * draws.uniform();
            const auto lattice = lattice_with<TypeParam>(
                2, 1, 1, 24, {{1, first, 7.3, 0}, {2, first + (distance * 0.4) * way, 8.9, int(draws.below(3))}});
            const auto sums = sums_of(lattice, table);
            if (sums.size() != 2) continue;  // the second fell out of the tissue
            const Sum a = sums.at(1), b = sums.at(2);
            EXPECT_EQ(a.x, -b.x);
            EXPECT_EQ(a.y, -b.y);
            EXPECT_EQ(a.z, -b.z);
            EXPECT_EQ(a.squares, b.squares);
        }
}

// Bins of 20 um (320 um / 16, 160 um / 8) fit the lattice after a shift by half a brick, so the same tissue with the
// seams elsewhere has the same neighbours in the same order.
TYPED_TEST(Contacts, ASeamElsewhereChangesNoBit) {
    const ContactTable table = varied_table();
    const double edge = TypeParam::nx * voxel_um, half = edge / 2, z = TypeParam::flat ? 19.0 : 190.0;
    auto balls = random_balls(6, TypeParam::flat ? 900 : 1500, {30, 30, 1}, {edge, edge, z}, 5.0, 7.5, 3);
    const auto here = sums_of(lattice_with<TypeParam>(2, 2, TypeParam::flat ? 1 : 2, 19.9, balls), table);
    for (Ball& b : balls) {
        b.at.x += half;
        b.at.y += half;
    }
    const auto there = sums_of(lattice_with<TypeParam>(2, 2, TypeParam::flat ? 1 : 2, 19.9, balls), table);
    ASSERT_EQ(here.size(), balls.size());
    EXPECT_EQ(here, there);
}

TYPED_TEST(Contacts, CellsOutOfRangeChangeNoBit) {
    const ContactTable table = peer_table();
    const auto few = random_balls(7, 12, {60, 60, 8}, {80, 80, 12}, 8.0, 8.0, 1);
    auto more = few;
    for (int n = 0; n < 200; ++n) {  // everywhere at least 21 um from the box of the few, but within adjacent bins
        Draws draws(8, std::uint64_t(n), 0, Purpose::test);
        const double a = 30 + 80 * draws.uniform();
        more.push_back({mix64(1000 + std::uint64_t(n)), {a, draws.uniform() < 0.5 ? 38.0 : 102.0, 10}, 8.0, 0});
    }
    const auto before = sums_of(lattice_with<TypeParam>(1, 1, 1, 22, few), table);
    auto after = sums_of(lattice_with<TypeParam>(1, 1, 1, 22, more), table);
    for (const auto& [id, sum] : before) EXPECT_EQ(after.at(id), sum);
}

TYPED_TEST(Contacts, AZeroEntryPassesThrough) {
    ContactTable table = peer_table();
    const auto lattice = lattice_with<TypeParam>(1, 1, 1, 22, {{1, {50, 50, 10}, 8, 0}, {2, {53, 50, 10}, 8, 1}});
    for (const auto& [id, sum] : sums_of(lattice, table)) EXPECT_EQ(sum, (Sum{0, 0, 0, 0})) << id;
}

TYPED_TEST(Contacts, PressureIsTheModulusTimesTheSquaredOverlaps) {
    ContactTable table = peer_table();
    table.contact_modulus = 3.0f;
    // R = 16; overlaps of 0.25 and 0.5, and a cell beyond contact within adhesion.
    const auto lattice = lattice_with<TypeParam>(
        1, 1, 1, 22,
        {{1, {50, 50, 10}, 8, 0}, {2, {62, 50, 10}, 8, 0}, {3, {50, 58, 10}, 8, 0}, {4, {33.5, 50, 10}, 8, 0}});
    const Brick<TypeParam>& b = *lattice.in_memory().front();
    ContactScratch scratch;
    ContactVelocities v;
    const std::vector<float> yield(4, 0.0f), mobility(4, 1.0f);
    contact_velocities(lattice, b, table, yield, mobility, scratch, v);
    for (std::size_t row = 0; row < 4; ++row) {
        if (b.cells.id[row] != 1) continue;
        EXPECT_FLOAT_EQ(v.pressure[row], 3.0f * (0.25f * 0.25f + 0.5f * 0.5f));
    }
}

TYPED_TEST(Contacts, ALoneCellFeelsNothing) {
    const auto sums = sums_of(lattice_with<TypeParam>(1, 1, 1, 22, {{1, {50, 50, 10}, 8, 0}}), peer_table());
    EXPECT_EQ(sums.at(1), (Sum{0, 0, 0, 0}));
}

TYPED_TEST(Contacts, CellsOfOnePlaceArePushedApartAlongXById) {
    for (Lanes lanes : {Lanes::baseline, Lanes::avx2, Lanes::avx512}) {
        if (!runs_here(lanes)) continue;
        const auto lattice = lattice_with<TypeParam>(
            1, 1, 1, 22, {{7, {50, 50, 10}, 8, 0}, {3, {50, 50, 10}, 8, 0}, {5, {90, 50, 10}, 8, 0}});
        const auto sums = sums_of(lattice, peer_table(), lanes);
        EXPECT_EQ(sums.at(7).x, 10.0f - 0.4f);
        EXPECT_EQ(sums.at(3).x, -sums.at(7).x);
        EXPECT_EQ(sums.at(5).x, 0.0f);
    }
}

// Velocities of two overlapping cells, with the same yield and mobility.
template <class Shape>
ContactVelocities of_pair(float yield, float mobility, double dz = 0) {
    const auto lattice = lattice_with<Shape>(1, 1, 1, 22, {{1, {50, 50, 10}, 8, 0}, {2, {58, 50, 10 + dz}, 8, 0}});
    ContactScratch scratch;
    ContactVelocities v;
    contact_velocities(lattice, *lattice.in_memory().front(), peer_table(), std::vector<float>(2, yield),
                       std::vector<float>(2, mobility), scratch, v);
    return v;
}

TYPED_TEST(Contacts, ACellAtRestIsAnchoredBelowItsYieldSpeed) {
    const float sum = std::abs(of_pair<TypeParam>(0, 1).x[0]);
    EXPECT_NEAR(sum, 10 * 0.25 - 0.4 * 0.36, 1e-6);
    EXPECT_EQ(of_pair<TypeParam>(sum, 1).x[0], 0.0f);
    EXPECT_EQ(of_pair<TypeParam>(sum * 1.01f, 1).x[0], 0.0f);
    EXPECT_NEAR(std::abs(of_pair<TypeParam>(1.0f, 1).x[0]), sum - 1.0f, 1e-6);
}

TYPED_TEST(Contacts, MobilityScalesWhatIsLeftAfterTheYield) {
    const float free = of_pair<TypeParam>(1.0f, 1).x[0];
    EXPECT_FLOAT_EQ(of_pair<TypeParam>(1.0f, 0.25f).x[0], 0.25f * free);
    EXPECT_EQ(of_pair<TypeParam>(1.0f, 0.0f).x[0], 0.0f);
}

TEST(Contacts, NothingMovesAlongZInASection) {
    const auto v = of_pair<SectionShape>(0, 1, 5.0);
    EXPECT_EQ(v.z[0], 0.0f);
    EXPECT_EQ(v.z[1], 0.0f);
    EXPECT_NE(v.x[0], 0.0f);
    EXPECT_NE(of_pair<BlockShape>(0, 1, 5.0).z[0], 0.0f);
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

TYPED_TEST(Contacts, ARadiusThatTheBinsCannotServeStopsTheRun) {
    for (double radius : {0.0, -1.0, 8.6, 50.0, std::numeric_limits<double>::quiet_NaN()}) {
        const auto lattice = lattice_with<TypeParam>(1, 1, 1, 20, {{1, {50, 50, 10}, radius, 0}});
        EXPECT_THAT(message_of([&] { sums_of(lattice, peer_table()); }),
                    AllOf(HasSubstr("(0, 0, 0)"), HasSubstr("radius")))
            << radius;
    }
}

// A pair that presses at the low-x face of the middle brick, and a looser one in its middle.
TYPED_TEST(Contacts, TheExcessOfARimIsThatOfTheNamedNeighboursOnly) {
    const double edge = TypeParam::nx * voxel_um, mid = TypeParam::flat ? 10 : 80;
    const auto lattice = lattice_with<TypeParam>(3, 1, 1, 22,
                                                 {{1, {edge - 2, mid, mid}, 8, 0},
                                                  {2, {edge + 6, mid, mid}, 8, 0},  // overlap 0.5 across the seam
                                                  {3, {1.5 * edge, mid, mid}, 8, 0},
                                                  {4, {1.5 * edge + 2, mid, mid}, 8, 0}});
    const auto& brick = *lattice.find({1, 0, 0});
    const std::vector<float> yield(brick.cells.size(), 0.5f);
    ContactScratch scratch;
    const auto excess = [&](std::uint32_t neighbours) {
        return largest_excess_force(lattice, brick, peer_table(), yield, neighbours, scratch);
    };
    const std::uint32_t low_x = 1u << 12, high_x = 1u << 14;
    EXPECT_NEAR(excess(low_x), 10 * 0.25 - 0.4 * 0.36 - 0.5, 1e-5);
    EXPECT_EQ(excess(high_x), 0.0f);
    EXPECT_EQ(excess(0), 0.0f);
    EXPECT_NEAR(excess(low_x | high_x), 10 * 0.25 - 0.4 * 0.36 - 0.5, 1e-5);
    const std::vector<float> firm(brick.cells.size(), 5.0f);
    EXPECT_EQ(largest_excess_force(lattice, brick, peer_table(), firm, low_x, scratch), 0.0f);
}

}  // namespace
}  // namespace stellate::mechanics
