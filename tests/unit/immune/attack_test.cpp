// The target of an attacker against a search of every pair, in both shapes and across the bricks' borders.
#include "immune/attack.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "core/ids.hpp"
#include "core/random.hpp"

namespace stellate::immune {
namespace {

struct Seen {
    std::uint64_t id;
    Vec3 at;
    double radius;
    std::uint8_t type;
    Phase phase;
};

template <class Shape>
struct Crowd {
    explicit Crowd(int bricks = 3, double range_um = 40)
        : lattice(bricks, bricks, Shape::flat ? 1 : bricks, range_um,
                  [](Brick<Shape>& b) { b.activity.cells_awake = 1; }) {
        for (int z = 0; z < lattice.nz(); ++z)
            for (int y = 0; y < bricks; ++y)
                for (int x = 0; x < bricks; ++x) lattice.materialise({x, y, z});
    }
    void add(std::uint64_t id, Vec3 um, double radius, std::uint8_t type, Phase phase = Phase::g1) {
        const BrickCoord at{int(um.x) / (Shape::nx * voxel_um), int(um.y) / (Shape::ny * voxel_um),
                            int(um.z) / (Shape::nz * voxel_um)};
        const Vec3 local = um - corner_um<Shape>(at);
        Cells& c = lattice.find(at)->cells;
        const std::size_t row = c.size();
        c.resize(row + 1);
        c.id[row] = id, c.type[row] = type, c.phase[row] = phase, c.radius[row] = float(radius);
        c.x[row] = fixed_from_um(local.x), c.y[row] = fixed_from_um(local.y), c.z[row] = fixed_from_um(local.z);
        everybody.push_back({id, um, radius, type, phase});
    }
    // What nearest_target says for every cell of type 0, in the frame of its own brick.
    template <class Check>
    void each_attacker(double reach, const std::vector<float>& attackable, Check&& check) {
        lattice.settle(1);
        for (const Brick<Shape>* brick : lattice.in_memory()) {
            Neighbourhood around;
            around.build(lattice, *brick);
            for (int k = 0; k < around.bins_z(); ++k)
                for (int j = 0; j < around.bins_y(); ++j)
                    for (int i = 0; i < around.bins_x(); ++i) {
                        const auto range = around.row_of_bins(i, i, j, k);
                        for (std::uint32_t n = range.begin; n < range.end; ++n)
                            if (around.type[n] == 0)
                                check(*brick, around.id[n], nearest_target(around, n, i, j, k, reach, attackable));
                    }
        }
    }

    Lattice<Shape> lattice;
    std::vector<Seen> everybody;
};

template <class Shape>
class Attack : public testing::Test {};
using Shapes = testing::Types<SectionShape, BlockShape>;
TYPED_TEST_SUITE(Attack, Shapes);

const std::vector<float> tumour_only = {0.0f, 1.0f, 0.0f};

// Targets of a lone attacker (type 0) at the middle of a brick.
template <class Shape>
Target target_of(Crowd<Shape>& crowd, double reach = 1.0, const std::vector<float>& attackable = tumour_only) {
    std::optional<Target> found;
    crowd.each_attacker(reach, attackable, [&](const auto&, std::uint64_t, Target t) { found = t; });
    EXPECT_TRUE(found.has_value());
    return found.value_or(Target{});
}

template <class Shape>
Vec3 centre() {
    return {Shape::nx * voxel_um * 1.5, Shape::ny * voxel_um * 1.5, Shape::flat ? 10.0 : Shape::nz * voxel_um * 1.5};
}

TYPED_TEST(Attack, agrees_with_a_search_of_every_pair) {
    for (std::uint64_t round = 0; round < 6; ++round) {
        Crowd<TypeParam> crowd;
        Draws draws(round, 0, 0, Purpose::test);
        const Vec3 far = {3.0 * TypeParam::nx * voxel_um, 3.0 * TypeParam::ny * voxel_um,
                          TypeParam::flat ? 20.0 : 3.0 * TypeParam::nz * voxel_um};
        const int count = TypeParam::flat ? 2500 : 6000;
        for (int n = 0; n < count; ++n) {
            const Vec3 at{draws.uniform() * far.x, draws.uniform() * far.y,
                          TypeParam::flat ? 10 : draws.uniform() * far.z};
            crowd.add(mix64(std::uint64_t(n)), at, 4 + 5 * draws.uniform(), std::uint8_t(draws.below(3)),
                      draws.below(4) == 0 ? Phase::dying : Phase::g1);
        }
        int held = 0, across = 0;
        crowd.each_attacker(
            1.1, {0.0f, 0.4f, 2.0f}, [&](const Brick<TypeParam>& brick, std::uint64_t self, Target got) {
                const auto me = std::find_if(crowd.everybody.begin(), crowd.everybody.end(),
                                             [&](const Seen& s) { return s.id == self; });
                const Seen* best = nullptr;
                double nearest = 0;
                for (const Seen& other : crowd.everybody) {
                    if (other.type == 0 || other.phase == Phase::dying) continue;
                    const double d = length(other.at - me->at);
                    if (d >= 1.1 * (me->radius + other.radius)) continue;
                    if (!best || d < nearest) best = &other, nearest = d;
                }
                ASSERT_EQ(got.none(), best == nullptr);
                if (!best) return;
                ASSERT_EQ(got.id, best->id);
                EXPECT_EQ(got.type, best->type);
                const Brick<TypeParam>* home = crowd.lattice.find(Neighbourhood::brick_of(brick.at, got.source));
                ASSERT_NE(home, nullptr);
                ASSERT_LT(got.row, home->cells.size());
                EXPECT_EQ(home->cells.id[got.row], got.id);  // row and source lead to the cell itself
                ++held;
                across += home != &brick;
            });
        EXPECT_GT(held, 300);
        EXPECT_GT(across, 5);
    }
}

TYPED_TEST(Attack, reaches_to_touching_and_not_beyond) {
    for (const double reach : {1.0, 1.2}) {
        for (const double off : {-0.01, 0.01}) {
            Crowd<TypeParam> crowd;
            const Vec3 c = centre<TypeParam>();
            crowd.add(1, c, 5, 0);
            crowd.add(2, c + Vec3{reach * 12 + off, 0, 0}, 7, 1);
            EXPECT_EQ(target_of(crowd, reach).none(), off > 0) << reach;
        }
    }
}

TYPED_TEST(Attack, takes_the_nearest_by_distance_of_centres) {
    Crowd<TypeParam> crowd;
    const Vec3 c = centre<TypeParam>();
    crowd.add(9, c, 5, 0);
    crowd.add(3, c + Vec3{11, 0, 0}, 9, 1);
    crowd.add(7, c + Vec3{0, -9, 0}, 4.5, 1);
    EXPECT_EQ(target_of(crowd).id, 7u);
}

TYPED_TEST(Attack, breaks_ties_by_the_lower_id_whatever_the_order_of_rows) {
    for (const bool left_is_lower : {false, true}) {
        Crowd<TypeParam> crowd;
        const Vec3 c = centre<TypeParam>();
        crowd.add(9, c, 5, 0);
        crowd.add(left_is_lower ? 3 : 4, c - Vec3{8, 0, 0}, 5, 1);
        crowd.add(left_is_lower ? 4 : 3, c + Vec3{8, 0, 0}, 5, 1);
        EXPECT_EQ(target_of(crowd).id, 3u);
    }
}

TYPED_TEST(Attack, leaves_the_dying_and_the_unattackable_and_itself_alone) {
    Crowd<TypeParam> crowd;
    const Vec3 c = centre<TypeParam>();
    crowd.add(1, c, 5, 0);
    crowd.add(2, c + Vec3{2, 0, 0}, 5, 1, Phase::dying);
    crowd.add(3, c + Vec3{3, 0, 0}, 5, 2);
    EXPECT_TRUE(target_of(crowd).none());
    crowd.add(4, c + Vec3{6, 0, 0}, 5, 1, Phase::g2m);
    EXPECT_EQ(target_of(crowd).id, 4u);
    // One that may attack its own kind does not attack itself.
    Crowd<TypeParam> alone;
    alone.add(1, c, 5, 0);
    EXPECT_TRUE(target_of(alone, 1.0, {1.0f, 1.0f, 1.0f}).none());
}

}  // namespace
}  // namespace stellate::immune
