#include "tissue/bins.hpp"

#include <gtest/gtest.h>

#include "core/error.hpp"
#include "random_tissue.hpp"

namespace stellate {
namespace {

using namespace stellate::testing;

template <class Shape>
class Bins : public ::testing::Test {};
using Shapes = ::testing::Types<SectionShape, BlockShape>;
TYPED_TEST_SUITE(Bins, Shapes);

TYPED_TEST(Bins, AreTheFinestThatServeTheRange) {
    for (double range : {3.0, 12.5, 16.0, 20.0, 21.03, 40.0, 79.0}) {
        const BinGrid grid = bins_for_range<TypeParam>(range);
        const double edge = TypeParam::nx * voxel_um;
        EXPECT_GE(edge / grid.nx, range) << range;
        EXPECT_LT(edge / (grid.nx + 1), range) << range;
        EXPECT_GE(bin_edge_um<TypeParam>(grid), range - 1e-6);
        EXPECT_EQ(grid.nz, TypeParam::flat ? 1 : grid.nx);
    }
}

TYPED_TEST(Bins, RefuseARangeBeyondABrick) {
    EXPECT_THROW(bins_for_range<TypeParam>(TypeParam::nx * voxel_um + 0.01), RunError);
    EXPECT_THROW(bins_for_range<TypeParam>(0), RunError);
}

TYPED_TEST(Bins, HoldEveryPlaceOfTheBrick) {
    for (double range : {3.0, 12.5, 21.03, 53.3, 79.0}) {
        const BinGrid grid = bins_for_range<TypeParam>(range);
        const Fixed last[3] = {edge_fixed<TypeParam>[0] - 1, edge_fixed<TypeParam>[1] - 1,
                               edge_fixed<TypeParam>[2] - 1};
        EXPECT_EQ(bin_of<TypeParam>(grid, 0, 0, 0), 0);
        EXPECT_EQ(bin_of<TypeParam>(grid, last[0], last[1], last[2]), grid.count() - 1);
    }
}

// Two places on one axis that are less than a bin's edge apart lie in the same or in adjacent bins, at every boundary.
TYPED_TEST(Bins, PutPlacesNearerThanAnEdgeIntoAdjacentBins) {
    for (double range : {3.0, 7.7, 12.5, 21.03, 53.3}) {
        const BinGrid grid = bins_for_range<TypeParam>(range);
        const auto near = static_cast<Fixed>(bin_edge_um<TypeParam>(grid) * (1 << fixed_bits)) - 1;
        const auto bin = [&](Fixed x) { return bin_of<TypeParam>(grid, x, 0, 0); };
        for (int boundary = 0; boundary < grid.nx; ++boundary) {
            const auto around = static_cast<Fixed>(std::int64_t(edge_fixed<TypeParam>[0]) * boundary / grid.nx);
            for (Fixed offset = -3; offset <= 3; ++offset) {
                const Fixed x = around + offset;
                if (x < 0 || x + near >= edge_fixed<TypeParam>[0]) continue;
                EXPECT_LE(bin(x + near) - bin(x), 1) << range << ' ' << boundary << ' ' << offset;
                EXPECT_GE(bin(x + 1), bin(x));
            }
        }
    }
}

template <class Shape>
void expect_sorted(const BinGrid& grid, const Brick<Shape>& brick) {
    const Cells& c = brick.cells;
    ASSERT_EQ(brick.bin_start.size(), std::size_t(grid.count()) + 1);
    EXPECT_EQ(brick.bin_start.front(), 0u);
    EXPECT_EQ(brick.bin_start.back(), c.size());
    for (std::size_t b = 0; b + 1 < brick.bin_start.size(); ++b)
        for (std::size_t row = brick.bin_start[b]; row < brick.bin_start[b + 1]; ++row) {
            EXPECT_EQ(bin_of<Shape>(grid, c.x[row], c.y[row], c.z[row]), int(b));
            if (row > brick.bin_start[b]) {
                EXPECT_LT(c.id[row - 1], c.id[row]);
            }
        }
}

TYPED_TEST(Bins, SortRowsByBinAndIdWhateverTheOrderBefore) {
    const BinGrid grid = bins_for_range<TypeParam>(21.0);
    Brick<TypeParam> first;
    fill_with_random_cells(first, 7, 600);
    Brick<TypeParam> second;
    for (std::size_t row = 0; row < first.cells.size(); ++row)
        second.cells.append_row(first.cells, (row * 361) % first.cells.size());  // 361 and 600 have no common divisor
    RowSorter sorter;
    sorter.template sort<TypeParam>(grid, first.cells, first.bin_start);
    sorter.template sort<TypeParam>(grid, second.cells, second.bin_start);
    expect_sorted(grid, first);
    Hasher a, b;
    first.hash(a);
    second.hash(b);
    EXPECT_EQ(a.digest(), b.digest());
    EXPECT_EQ(first.bin_start, second.bin_start);
}

// The sorter moves only the stretch that is out of place; a few cells that change bins must end where a full sort puts
// them.
TYPED_TEST(Bins, ASortAfterFewMovesEqualsAFullSort) {
    const BinGrid grid = bins_for_range<TypeParam>(21.0);
    Brick<TypeParam> brick;
    fill_with_random_cells(brick, 8, 600);
    RowSorter sorter;
    sorter.template sort<TypeParam>(grid, brick.cells, brick.bin_start);
    for (std::uint32_t step = 0; step < 200; ++step) {
        Draws draws(9, 1, step, Purpose::test);
        for (std::uint32_t moves = 1 + draws.below(3); moves > 0; --moves) {
            const std::uint32_t row = draws.below(600);
            brick.cells.x[row] = static_cast<Fixed>(draws.below(std::uint32_t(edge_fixed<TypeParam>[0])));
            brick.cells.y[row] = static_cast<Fixed>(draws.below(std::uint32_t(edge_fixed<TypeParam>[1])));
        }
        sorter.template sort<TypeParam>(grid, brick.cells, brick.bin_start);
        expect_sorted(grid, brick);
    }
}

// The quick look whether all rows stand must know every boundary to the last unit.
TYPED_TEST(Bins, ASortSeesAStepOfOneUnitOverABoundary) {
    const BinGrid grid = bins_for_range<TypeParam>(21.0);
    Brick<TypeParam> brick;
    fill_with_random_cells(brick, 10, 200);
    RowSorter sorter;
    Cells& c = brick.cells;
    const int bins[3] = {grid.nx, grid.ny, grid.nz};
    for (int axis = 0; axis < 3; ++axis)
        for (int boundary = 1; boundary < bins[axis]; ++boundary) {
            const auto around = static_cast<Fixed>(std::int64_t(edge_fixed<TypeParam>[axis]) * boundary / bins[axis]);
            for (Fixed offset = -2; offset <= 2; ++offset) {
                std::vector<Fixed>& along = axis == 0 ? c.x : axis == 1 ? c.y : c.z;
                for (std::size_t row = 0; row < c.size(); row += 17) along[row] = around + offset;
                sorter.template sort<TypeParam>(grid, c, brick.bin_start);
                expect_sorted(grid, brick);
            }
        }
}

// It must also know the order of ids.
TYPED_TEST(Bins, ASortSeesTwoCellsOfOneBinThatChangedPlaces) {
    const BinGrid grid = bins_for_range<TypeParam>(79.0);
    Brick<TypeParam> brick;
    fill_with_random_cells(brick, 11, 200);
    RowSorter sorter;
    sorter.template sort<TypeParam>(grid, brick.cells, brick.bin_start);
    for (std::size_t row = 1; row < brick.cells.size(); ++row) {
        std::swap(brick.cells.id[row - 1], brick.cells.id[row]);
        sorter.template sort<TypeParam>(grid, brick.cells, brick.bin_start);
        expect_sorted(grid, brick);
    }
}

TYPED_TEST(Bins, AnEmptyBrickHasOnlyEmptyBins) {
    const BinGrid grid = bins_for_range<TypeParam>(21.0);
    Cells cells;
    std::vector<std::uint32_t> start;
    RowSorter{}.template sort<TypeParam>(grid, cells, start);
    EXPECT_EQ(start, std::vector<std::uint32_t>(std::size_t(grid.count()) + 1, 0u));
}

}  // namespace
}  // namespace stellate
