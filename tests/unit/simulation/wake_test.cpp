// Who wakes whom across a face: a target in touch wakes its attacker's brick, and nothing less does.
#include <gtest/gtest.h>

#include "mouse.hpp"
#include "simulation/phases.hpp"

namespace stellate {
namespace {

// Two bricks, one beside, one diagonal or one above the other, with a cell each at what faces the other: the one in
// `here` is awake, the one in `there` asleep.
template <class Shape>
struct Stage {
    static constexpr Extent extent = Shape::flat ? Extent{3, 3, 1} : Extent{3, 3, 3};
    static constexpr BrickCoord here_at = Shape::flat ? BrickCoord{1, 1, 0} : BrickCoord{1, 1, 1};

    Stage(const char* target, const char* attacker, BrickCoord step, double gap_um)
        : w(test::world<Shape>(mouse(), 5, extent, 0)) {
        there_at = {here_at.x + step.x, here_at.y + step.y, here_at.z + step.z};
        for (int z = 0; z < extent.nz; ++z)
            for (int y = 0; y < extent.ny; ++y)
                for (int x = 0; x < extent.nx; ++x) w.lattice.materialise({x, y, z}).cells.resize(0);
        put(here_at, target, step, gap_um);
        put(there_at, attacker, {-step.x, -step.y, -step.z}, 0);
        for (Brick<Shape>* brick : w.lattice.in_memory()) brick->activity.cells_awake = 1;
        w.lattice.settle(1);
        for (Brick<Shape>* brick : w.lattice.in_memory()) brick->activity.cells_awake = brick->at == here_at;
    }
    static const test::Mouse& mouse() {
        static const test::Mouse loaded = test::load();
        return loaded;
    }
    // A cell half a micrometre, or so much more, from the face, edge or corner of its brick in a direction.
    void put(BrickCoord at, const char* type, BrickCoord towards, double gap_um) {
        Cells& c = w.lattice.find(at)->cells;
        c.resize(1);
        c.id[0] = 7 + std::uint64_t(at.x);
        c.type[0] = std::uint8_t(w.model->type_index(type));
        c.radius[0] = float(w.model->types[c.type[0]].radius_um);
        const std::int32_t side[3] = {towards.x, towards.y, towards.z};
        Fixed* const place[3] = {&c.x[0], &c.y[0], &c.z[0]};
        for (int a = 0; a < 3; ++a) {
            const Fixed edge = edge_fixed<Shape>[a], near = fixed_from_um(0.5 + gap_um);
            *place[a] = side[a] == 0 ? edge / 2 : side[a] < 0 ? near : edge - near;
        }
    }
    bool wakes(int threads = 1) {
        const std::vector<BrickScratch> scratch(w.lattice.in_memory().size());
        wake_or_rest(w, scratch, threads);
        return w.lattice.find(there_at)->activity.cells_awake;
    }

    World<Shape> w;
    BrickCoord there_at;
};

template <class Shape>
class Waking : public testing::Test {
protected:
    static std::vector<BrickCoord> directions() {
        if (Shape::flat) return {{1, 0, 0}, {-1, 0, 0}, {0, 1, 0}, {0, -1, 0}, {1, -1, 0}};
        return {{1, 0, 0}, {0, -1, 0}, {0, 0, 1}, {0, 0, -1}, {1, 1, 0}, {-1, 1, -1}};
    }
};
using Shapes = testing::Types<SectionShape, BlockShape>;
TYPED_TEST_SUITE(Waking, Shapes);

TYPED_TEST(Waking, a_target_in_touch_beyond_a_face_wakes_its_attackers) {
    for (const BrickCoord step : this->directions()) {
        EXPECT_TRUE(Stage<TypeParam>("tumour_arrested", "kupffer", step, 0).wakes()) << step.x << step.y << step.z;
        EXPECT_TRUE(Stage<TypeParam>("tumour_arrested", "kupffer", step, 0).wakes(2));
        EXPECT_TRUE(Stage<TypeParam>("tumour_arrested", "nk", step, 0).wakes());
    }
}

TYPED_TEST(Waking, a_touch_beyond_a_face_wakes_those_whose_rules_read_it) {
    for (const BrickCoord step : this->directions())
        for (const char* tumour : {"tumour_arrested", "tumour"}) {
            EXPECT_TRUE(Stage<TypeParam>(tumour, "lsec", step, 0).wakes()) << step.x << step.y << step.z;
            EXPECT_FALSE(Stage<TypeParam>(tumour, "lsec", step, 30).wakes());  // out of reach
        }
}

TYPED_TEST(Waking, nothing_less_does) {
    for (const BrickCoord step : this->directions()) {
        EXPECT_FALSE(Stage<TypeParam>("tumour_arrested", "kupffer", step, 30).wakes());  // out of reach
        EXPECT_FALSE(Stage<TypeParam>("tumour", "kupffer", step, 0).wakes());            // not attacked by it
        EXPECT_FALSE(Stage<TypeParam>("hepatocyte", "kupffer", step, 0).wakes());
        EXPECT_FALSE(Stage<TypeParam>("tumour_arrested", "hsc_quiescent", step, 0).wakes());  // no rule reads its touch
        EXPECT_FALSE(Stage<TypeParam>("hepatocyte", "lsec", step, 0).wakes());
        Stage<TypeParam> dying("tumour_arrested", "kupffer", step, 0);
        dying.w.lattice.find(dying.here_at)->cells.phase[0] = Phase::dying;
        EXPECT_FALSE(dying.wakes());
    }
}

}  // namespace
}  // namespace stellate
