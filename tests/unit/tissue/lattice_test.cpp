#include "tissue/lattice.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "core/error.hpp"
#include "random_tissue.hpp"

namespace stellate {
namespace {

using namespace stellate::testing;
using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr double range_um = 22.0;

template <class Shape>
Lattice<Shape> random_lattice(std::uint64_t seed = 1, bool awake = true) {
    Lattice<Shape> lattice(3, 3, Shape::flat ? 1 : 3, range_um, random_founder<Shape>(seed, 150, awake));
    materialise_all(lattice);
    return lattice;
}

template <class Shape>
class LatticeOf : public ::testing::Test {};
using Shapes = ::testing::Types<SectionShape, BlockShape>;
TYPED_TEST_SUITE(LatticeOf, Shapes);

// Where settle must leave a cell: its place, held inside the tissue.
template <class Shape>
Global held_inside(const Lattice<Shape>& lattice, Global place) {
    const std::int64_t bricks[3] = {lattice.nx(), lattice.ny(), lattice.nz()};
    for (std::size_t a = 0; a < 3; ++a)
        place[a] = std::clamp<std::int64_t>(place[a], 0, bricks[a] * edge_fixed<Shape>[a] - 1);
    return place;
}

TYPED_TEST(LatticeOf, SettleKeepsEveryPlaceToTheLastUnit) {
    auto lattice = random_lattice<TypeParam>();
    for (std::uint32_t step = 0; step < 5; ++step) {
        jostle(lattice, 11, step, edge_fixed<TypeParam>[0] * 4 / 5);
        auto expected = all_cells(lattice);
        for (KnownCell& c : expected) c.place = held_inside(lattice, c.place);
        lattice.settle(1);
        EXPECT_EQ(all_cells(lattice), expected);
        for (const auto* b : lattice.in_memory())
            for (std::size_t row = 0; row < b->cells.size(); ++row) {
                EXPECT_TRUE(b->cells.x[row] >= 0 && b->cells.x[row] < edge_fixed<TypeParam>[0]);
                EXPECT_TRUE(b->cells.y[row] >= 0 && b->cells.y[row] < edge_fixed<TypeParam>[1]);
                EXPECT_TRUE(b->cells.z[row] >= 0 && b->cells.z[row] < edge_fixed<TypeParam>[2]);
            }
    }
}

TYPED_TEST(LatticeOf, SettleKeepsIdsUniqueAndRowsInOrderOfBinAndId) {
    auto lattice = random_lattice<TypeParam>();
    const std::size_t count = all_cells(lattice).size();
    jostle(lattice, 12, 0, edge_fixed<TypeParam>[0] / 2);
    lattice.settle(2);
    std::set<std::uint64_t> ids;
    for (const auto* b : lattice.in_memory()) {
        const Cells& c = b->cells;
        for (std::size_t row = 0; row < c.size(); ++row) {
            ids.insert(c.id[row]);
            const int bin = bin_of<TypeParam>(lattice.bins(), c.x[row], c.y[row], c.z[row]);
            EXPECT_GE(row, b->bin_start[std::size_t(bin)]);
            EXPECT_LT(row, b->bin_start[std::size_t(bin) + 1]);
            if (row > b->bin_start[std::size_t(bin)]) {
                EXPECT_LT(c.id[row - 1], c.id[row]);
            }
        }
    }
    EXPECT_EQ(ids.size(), count);
}

TYPED_TEST(LatticeOf, SettleTwiceIsSettleOnce) {
    auto lattice = random_lattice<TypeParam>();
    jostle(lattice, 13, 0, edge_fixed<TypeParam>[0] / 3);
    lattice.settle(1);
    const Digest once = digest_of(lattice);
    lattice.settle(1);
    EXPECT_EQ(digest_of(lattice), once);
}

TYPED_TEST(LatticeOf, SettleDoesNotDependOnThreads) {
    std::set<std::string> digests;
    for (int threads : {1, 2, 3}) {
        auto lattice = random_lattice<TypeParam>();
        for (std::uint32_t step = 0; step < 4; ++step) {
            jostle(lattice, 14, step, edge_fixed<TypeParam>[0] / 2);
            lattice.settle(threads);
        }
        digests.insert(to_string(digest_of(lattice)));
    }
    EXPECT_EQ(digests.size(), 1u);
}

TYPED_TEST(LatticeOf, SettleDoesNotDependOnTheOrderOfRowsBefore) {
    auto a = random_lattice<TypeParam>(), b = random_lattice<TypeParam>();
    for (auto* brick : b.in_memory()) {
        Cells reversed;
        for (std::size_t row = brick->cells.size(); row > 0; --row) reversed.append_row(brick->cells, row - 1);
        brick->cells = reversed;
    }
    jostle(a, 15, 0, edge_fixed<TypeParam>[0] / 2);
    jostle(b, 15, 0, edge_fixed<TypeParam>[0] / 2);
    a.settle(1);
    b.settle(1);
    EXPECT_EQ(digest_of(a), digest_of(b));
}

// The only brick of a lattice with a single cell.
template <class Shape>
Lattice<Shape> lone_cell(int bricks_x) {
    return Lattice<Shape>(bricks_x, 1, 1, range_um, [](Brick<Shape>& brick) {
        brick.activity.cells_awake = 1;
        if (brick.at.x != 0) return;
        brick.cells.resize(1);
        brick.cells.id[0] = 42;
        brick.cells.radius[0] = 8;
    });
}

TYPED_TEST(LatticeOf, TheWallOfTheTissueHoldsACellJustInside) {
    auto lattice = lone_cell<TypeParam>(1);
    Cells& c = lattice.materialise({0, 0, 0}).cells;
    c.x[0] = -1;
    c.y[0] = edge_fixed<TypeParam>[1];
    c.z[0] = edge_fixed<TypeParam>[2] + edge_fixed<TypeParam>[2];
    lattice.settle(1);
    EXPECT_EQ(c.x[0], 0);
    EXPECT_EQ(c.y[0], edge_fixed<TypeParam>[1] - 1);
    EXPECT_EQ(c.z[0], edge_fixed<TypeParam>[2] - 1);
}

TYPED_TEST(LatticeOf, OneUnitAcrossASeamChangesTheBrickAndNothingElse) {
    auto lattice = lone_cell<TypeParam>(2);
    materialise_all(lattice);
    Brick<TypeParam>*left = lattice.find({0, 0, 0}), *right = lattice.find({1, 0, 0});
    left->cells.x[0] = edge_fixed<TypeParam>[0];
    lattice.settle(1);
    ASSERT_EQ(left->cells.size(), 0u);
    ASSERT_EQ(right->cells.size(), 1u);
    EXPECT_EQ(right->cells.x[0], 0);
    right->cells.x[0] = -1;
    lattice.settle(1);
    ASSERT_EQ(left->cells.size(), 1u);
    EXPECT_EQ(left->cells.x[0], edge_fixed<TypeParam>[0] - 1);
    EXPECT_EQ(left->cells.radius[0], 8.0f);
}

TYPED_TEST(LatticeOf, AnArrivalWakesASleepingBrick) {
    auto lattice = lone_cell<TypeParam>(2);
    materialise_all(lattice);
    Brick<TypeParam>*left = lattice.find({0, 0, 0}), *right = lattice.find({1, 0, 0});
    right->activity = {0, 0, 17, 3};
    left->cells.x[0] = edge_fixed<TypeParam>[0] + 5;
    lattice.settle(1);
    EXPECT_EQ(right->activity.cells_awake, 1);
    EXPECT_EQ(right->activity.quiet_cells, 0);
    EXPECT_EQ(right->activity.quiet_fields, 3);
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

TYPED_TEST(LatticeOf, ACellThatMovesMoreThanABrickStopsTheRun) {
    auto lattice = lone_cell<TypeParam>(3);
    materialise_all(lattice);
    lattice.find({0, 0, 0})->cells.x[0] = 2 * edge_fixed<TypeParam>[0];
    EXPECT_THAT(message_of([&] { lattice.settle(1); }), AllOf(HasSubstr("cell 42"), HasSubstr("(0, 0, 0)")));
    auto narrow = lone_cell<TypeParam>(2);
    materialise_all(narrow);
    narrow.find({0, 0, 0})->cells.x[0] = 2 * edge_fixed<TypeParam>[0];
    EXPECT_THAT(message_of([&] { narrow.settle(1); }), HasSubstr("cell 42")) << "the far wall is no excuse";
}

TYPED_TEST(LatticeOf, ACellThatEntersAVirtualBrickStopsTheRun) {
    auto lattice = lone_cell<TypeParam>(2);
    lattice.materialise({0, 0, 0}).cells.x[0] = edge_fixed<TypeParam>[0];
    EXPECT_THAT(message_of([&] { lattice.settle(1); }),
                AllOf(HasSubstr("cell 42"), HasSubstr("virtual brick (1, 0, 0)")));
}

TYPED_TEST(LatticeOf, AMaterialisedBrickEqualsItsAnatomy) {
    Lattice<TypeParam> lattice(3, 2, 1, range_um, random_founder<TypeParam>(5, 80));
    for (int x = 0; x < 3; ++x) {
        Hasher virtually, really;
        lattice.anatomy({x, 1, 0}).hash(virtually);
        lattice.materialise({x, 1, 0}).hash(really);
        EXPECT_EQ(virtually.digest(), really.digest());
        EXPECT_EQ(lattice.anatomy({x, 1, 0}).bin_start, lattice.find({x, 1, 0})->bin_start);
    }
}

TYPED_TEST(LatticeOf, BricksInMemoryComeInLatticeOrderWhateverTheOrderOfMaterialising) {
    Lattice<TypeParam> lattice(3, 3, 1, range_um, random_founder<TypeParam>(5, 3));
    EXPECT_EQ(lattice.find({1, 1, 0}), nullptr);
    for (BrickCoord at : {BrickCoord{2, 2, 0}, {0, 0, 0}, {1, 2, 0}, {2, 0, 0}}) lattice.materialise(at);
    const Brick<TypeParam>* same = lattice.find({0, 0, 0});
    EXPECT_EQ(&lattice.materialise({0, 0, 0}), same) << "a second materialise changes nothing";
    std::vector<std::int64_t> order;
    for (const auto* b : lattice.in_memory()) order.push_back(lattice.index(b->at));
    EXPECT_THAT(order, ::testing::ElementsAre(0, 2, 7, 8));
    EXPECT_EQ(lattice.find({-1, 0, 0}), nullptr);
    EXPECT_EQ(lattice.find({3, 0, 0}), nullptr);
}

// --- The digest sees every column.

template <class T>
void change(T& value) {
    if constexpr (std::is_enum_v<T>)
        value = static_cast<T>(static_cast<int>(value) ^ 1);
    else
        value = static_cast<T>(value + 1);
}

template <class Shape>
Digest digest_of_brick(const Brick<Shape>& brick) {
    Hasher hasher;
    brick.hash(hasher);
    return hasher.digest();
}

TYPED_TEST(LatticeOf, TheDigestChangesWithAnyNumberOfTheState) {
    Brick<TypeParam> brick;
    brick.at = {1, 2, 0};
    fill_with_random_cells(brick, 3, 20);
    for (auto* column : {&brick.deviation, &brick.emission, &brick.matrix.collagen, &brick.matrix.crosslink,
                         &brick.matrix.fibre_cos, &brick.matrix.fibre_sin, &brick.sinusoid})
        column->assign(8, 0.5f);
    brick.segments.resize(2);
    const Digest before = digest_of_brick(brick);
    int columns = 0;
    const auto expect_seen = [&](Brick<TypeParam> changed, const char* what) {
        EXPECT_NE(digest_of_brick(changed), before) << what << ' ' << columns;
        ++columns;
    };

    // Cells: the last row of every column in the one list of columns.
    int cell_columns = 0;
    Cells::for_each_column([&](auto&) { ++cell_columns; }, brick.cells);
    for (int n = 0; n < cell_columns; ++n) {
        Brick<TypeParam> changed = brick;
        int at = 0;
        Cells::for_each_column(
            [&](auto& column) {
                if (at++ == n) change(column.back());
            },
            changed.cells);
        expect_seen(changed, "cell column");
    }
    EXPECT_EQ(cell_columns, 15);

    const auto with = [&](const char* what, auto&& edit) {
        Brick<TypeParam> changed = brick;
        edit(changed);
        expect_seen(changed, what);
    };
    with("place", [](auto& b) { ++b.at.x; });
    with("awake cells", [](auto& b) { b.activity.cells_awake ^= 1; });
    with("awake fields", [](auto& b) { b.activity.fields_awake ^= 1; });
    with("quiet cells", [](auto& b) { ++b.activity.quiet_cells; });
    with("quiet fields", [](auto& b) { ++b.activity.quiet_fields; });
    with("deviation", [](auto& b) { change(b.deviation[7]); });
    with("emission", [](auto& b) { change(b.emission[7]); });
    with("collagen", [](auto& b) { change(b.matrix.collagen[7]); });
    with("cross-linking", [](auto& b) { change(b.matrix.crosslink[7]); });
    with("fibre cos", [](auto& b) { change(b.matrix.fibre_cos[7]); });
    with("fibre sin", [](auto& b) { change(b.matrix.fibre_sin[7]); });
    with("sinusoid", [](auto& b) { change(b.sinusoid[7]); });
    with("segment start", [](auto& b) { ++b.segments[1].x0; });
    with("segment end", [](auto& b) { ++b.segments[1].z1; });
    with("segment radius", [](auto& b) { b.segments[1].radius += 1; });
    with("sprout", [](auto& b) { ++b.segments[1].sprout; });
    with("sequence", [](auto& b) { ++b.segments[1].sequence; });
    with("birth", [](auto& b) { ++b.segments[1].birth_tick; });
    with("unfed", [](auto& b) { ++b.segments[1].unfed_since; });
    with("perfused", [](auto& b) { b.segments[1].perfused ^= 1; });
    with("a segment less", [](auto& b) { b.segments.pop_back(); });
    with("a voxel moved between columns", [](auto& b) {
        b.matrix.collagen.push_back(0.5f);
        b.matrix.crosslink.pop_back();
    });
}

TYPED_TEST(LatticeOf, TheDigestDoesNotSeeWhatIsAFunctionOfThePlace) {
    Brick<TypeParam> brick;
    fill_with_random_cells(brick, 3, 20);
    const Digest before = digest_of_brick(brick);
    brick.healthy.level.assign(8, 1.0f);
    brick.bin_start.assign(8, 1u);
    EXPECT_EQ(digest_of_brick(brick), before);
}

}  // namespace
}  // namespace stellate
