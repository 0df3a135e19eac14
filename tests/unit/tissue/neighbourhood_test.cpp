#include "tissue/neighbourhood.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "random_tissue.hpp"

namespace stellate {
namespace {

using namespace stellate::testing;

template <class Shape>
class NeighbourhoodOf : public ::testing::Test {};
using Shapes = ::testing::Types<SectionShape, BlockShape>;
TYPED_TEST_SUITE(NeighbourhoodOf, Shapes);

constexpr double range_um = 22.0;

template <class Shape>
Lattice<Shape> random_lattice() {
    Lattice<Shape> lattice(3, 3, Shape::flat ? 1 : 3, range_um, random_founder<Shape>(21, Shape::flat ? 120 : 200));
    materialise_all(lattice);
    return lattice;
}

// Visits (entry of an own cell, entries of the rows of bins around it).
template <class Visit>
void for_each_own_cell(const Neighbourhood& around, Visit&& visit) {
    for (int k = 0; k < around.bins_z(); ++k)
        for (int j = 0; j < around.bins_y(); ++j)
            for (int i = 0; i < around.bins_x(); ++i) {
                const auto own = around.row_of_bins(i, i, j, k);
                for (std::uint32_t self = own.begin; self < own.end; ++self) {
                    std::vector<std::uint32_t> candidates;
                    for (int dk = -around.ring_z(); dk <= around.ring_z(); ++dk)
                        for (int dj = -1; dj <= 1; ++dj) {
                            const auto row = around.row_of_bins(i - 1, i + 1, j + dj, k + dk);
                            for (std::uint32_t n = row.begin; n < row.end; ++n) candidates.push_back(n);
                        }
                    visit(self, candidates);
                }
            }
}

TYPED_TEST(NeighbourhoodOf, HoldsEveryCellInRangeOfEveryOwnCellOnce) {
    const auto lattice = random_lattice<TypeParam>();
    const auto everyone = all_cells(lattice);
    std::map<std::uint64_t, Global> place;
    for (const KnownCell& c : everyone) place[c.id] = c.place;
    const std::int64_t reach = std::int64_t(range_um * (1 << fixed_bits));
    const auto in_range = [&](const Global& a, const Global& b) {
        double d2 = 0;
        for (std::size_t n = 0; n < 3; ++n) d2 += double(a[n] - b[n]) * double(a[n] - b[n]);
        return d2 < double(reach) * double(reach);
    };
    Neighbourhood around;
    for (const auto* brick : lattice.in_memory()) {
        around.build(lattice, *brick);
        std::size_t own_cells = 0;
        for_each_own_cell(around, [&](std::uint32_t self, const std::vector<std::uint32_t>& candidates) {
            ++own_cells;
            std::multiset<std::uint64_t> found, expected;
            for (std::uint32_t n : candidates)
                if (in_range(place[around.id[self]], place[around.id[n]])) found.insert(around.id[n]);
            for (const KnownCell& c : everyone)
                if (in_range(place[around.id[self]], c.place)) expected.insert(c.id);
            ASSERT_EQ(found, expected);
        });
        EXPECT_EQ(own_cells, brick->cells.size());
    }
}

TYPED_TEST(NeighbourhoodOf, EntriesAreTheCellsOfTheirBrickInItsFrame) {
    const auto lattice = random_lattice<TypeParam>();
    Neighbourhood around;
    for (const auto* brick : lattice.in_memory()) {
        around.build(lattice, *brick);
        for (std::size_t n = 0; n < around.size(); ++n) {
            const auto* home = lattice.find(Neighbourhood::brick_of(brick->at, around.source[n]));
            ASSERT_NE(home, nullptr);
            const Cells& c = home->cells;
            const std::uint32_t row = around.row[n];
            ASSERT_LT(row, c.size());
            EXPECT_EQ(around.id[n], c.id[row]);
            EXPECT_EQ(around.radius[n], c.radius[row]);
            EXPECT_EQ(around.type[n], c.type[row]);
            EXPECT_EQ(around.phase[n], c.phase[row]);
            EXPECT_EQ(global_place(*brick, around.x[n], around.y[n], around.z[n]),
                      global_place(*home, c.x[row], c.y[row], c.z[row]));
        }
    }
}

TYPED_TEST(NeighbourhoodOf, OwnEntriesComeInTheOrderOfTheBricksRows) {
    const auto lattice = random_lattice<TypeParam>();
    const auto* brick = lattice.in_memory().front();
    Neighbourhood around;
    around.build(lattice, *brick);
    std::uint32_t row = 0;
    for_each_own_cell(around, [&](std::uint32_t self, const std::vector<std::uint32_t>&) {
        EXPECT_EQ(around.source[self], Neighbourhood::own);
        EXPECT_EQ(around.row[self], row++);
    });
}

TYPED_TEST(NeighbourhoodOf, VirtualBricksContributeNothing) {
    Lattice<TypeParam> lattice(3, 3, TypeParam::flat ? 1 : 3, range_um, random_founder<TypeParam>(22, 100));
    const BrickCoord centre{1, 1, TypeParam::flat ? 0 : 1};
    const auto& brick = lattice.materialise(centre);
    lattice.materialise({2, 1, centre.z});
    Neighbourhood around;
    around.build(lattice, brick);
    std::size_t own = 0;
    for (std::size_t n = 0; n < around.size(); ++n) {
        own += around.source[n] == Neighbourhood::own;
        EXPECT_TRUE(around.source[n] == Neighbourhood::own || around.source[n] == Neighbourhood::own + 1);
    }
    EXPECT_EQ(own, brick.cells.size());
    EXPECT_GT(around.size(), own) << "the brick in memory contributes its rim";
}

TYPED_TEST(NeighbourhoodOf, CellsOfSomeTypesAreThoseOfAllInTheirOrder) {
    Lattice<TypeParam> lattice = random_lattice<TypeParam>();
    for (auto* brick : lattice.in_memory())
        for (std::size_t row = 0; row < brick->cells.size(); ++row)
            brick->cells.type[row] = static_cast<std::uint8_t>(mix64(brick->cells.id[row]) % 32);
    for (const std::uint32_t types : {0u, 1u << 31, 0x55555555u, ~0u})
        for (const auto* brick : lattice.in_memory()) {
            Neighbourhood all, some;
            all.build(lattice, *brick);
            some.build_of_types(lattice, *brick, types);
            const int ring = all.ring_z();
            std::uint32_t next = 0;
            for (int k = -ring; k < all.bins_z() + ring; ++k)
                for (int j = -1; j <= all.bins_y(); ++j)
                    for (int i = -1; i <= all.bins_x(); ++i) {
                        const auto from = all.row_of_bins(i, i, j, k), to = some.row_of_bins(i, i, j, k);
                        ASSERT_EQ(to.begin, next);
                        for (std::uint32_t n = from.begin; n < from.end; ++n) {
                            if (!(types >> all.type[n] & 1)) continue;
                            ASSERT_LT(next, to.end);
                            EXPECT_EQ(some.x[next], all.x[n]);
                            EXPECT_EQ(some.y[next], all.y[n]);
                            EXPECT_EQ(some.z[next], all.z[n]);
                            EXPECT_EQ(some.radius[next], all.radius[n]);
                            EXPECT_EQ(some.type[next], all.type[n]);
                            EXPECT_EQ(some.row[next], all.row[n]);
                            ++next;
                        }
                        ASSERT_EQ(to.end, next);
                    }
            EXPECT_EQ(some.size(), next);
        }
}

TYPED_TEST(NeighbourhoodOf, PlacesAloneAreTheSamePlaces) {
    const auto lattice = random_lattice<TypeParam>();
    const auto* brick = lattice.in_memory()[4];
    Neighbourhood all, places;
    all.build(lattice, *brick);
    places.build(lattice, *brick, Neighbourhood::Columns::places);
    ASSERT_EQ(all.size(), places.size());
    for (std::size_t n = 0; n < all.size(); ++n) {
        EXPECT_EQ(all.x[n], places.x[n]);
        EXPECT_EQ(all.y[n], places.y[n]);
        EXPECT_EQ(all.z[n], places.z[n]);
        EXPECT_EQ(all.radius[n], places.radius[n]);
        EXPECT_EQ(all.type[n], places.type[n]);
    }
    EXPECT_EQ(all.row_of_bins(-1, all.bins_x(), 0, 0).end, places.row_of_bins(-1, all.bins_x(), 0, 0).end);
}

}  // namespace
}  // namespace stellate
