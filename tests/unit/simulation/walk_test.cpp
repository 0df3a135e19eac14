// Where walkers may not go: the lumina of portal and central veins, on either side of a brick's face.
#include <gtest/gtest.h>

#include "mouse.hpp"
#include "simulation/phases.hpp"

namespace stellate {
namespace {

// A liver awake, in which one brick holds nothing but walkers of one type along its far face in x.
template <class Shape>
struct Stage {
    static constexpr Extent extent = Shape::flat ? Extent{2, 2, 1} : Extent{2, 2, 2};
    static constexpr Fixed um = 1 << fixed_bits;

    explicit Stage(const char* type) : mouse(test::load()), w(test::world<Shape>(mouse, 5, extent, 0, false)) {
        for (Brick<Shape>* brick : w.lattice.in_memory()) {
            brick->cells.resize(0);
            std::fill(brick->healthy.kind.begin(), brick->healthy.kind.end(), TissueKind::parenchyma);
        }
        Cells& c = here().cells;
        c.resize(64);
        for (std::size_t row = 0; row < c.size(); ++row) {
            c.id[row] = 1000 + row;
            c.type[row] = std::uint8_t(w.model->type_index(type));
            c.radius[row] = 5;
            c.x[row] = edge_fixed<Shape>[0] - 2 * um;
            c.y[row] = Fixed(10 + 2 * row) * um;
            c.z[row] = 10 * um;
        }
    }
    Brick<Shape>& here() { return *w.lattice.find({0, 0, 0}); }
    Brick<Shape>& there() { return *w.lattice.find({1, 0, 0}); }

    // All walk along +x in every tick, at a speed that crosses the face in one.
    void walk_east(int ticks, float speed = 0.5f) {
        for (int n = 0; n < ticks; ++n) {
            std::vector<BrickScratch> scratch(w.lattice.in_memory().size());
            for (std::size_t b = 0; b < scratch.size(); ++b) {
                Walking& walking = scratch[b].walking;
                walking.clear(w.lattice.in_memory()[b]->cells.size());
                const Cells& c = w.lattice.in_memory()[b]->cells;
                for (std::size_t row = 0; row < c.size(); ++row)
                    if (!w.model->types[c.type[row]].marks.tumour) walking.speed[row] = speed;
                std::fill(walking.bias.begin(), walking.bias.end(), 1.0f);
                std::fill(walking.toward_x.begin(), walking.toward_x.end(), 1.0f);
                mark_hunted(w, *w.lattice.in_memory()[b], scratch[b]);
            }
            for (Brick<Shape>* brick : w.lattice.in_memory()) walk(w, scratch, *brick);
            w.lattice.settle(1);
            ++w.tick;
        }
    }

    test::Mouse mouse;
    World<Shape> w;
};

template <class Shape>
class Walkers : public testing::Test {};
using Shapes = testing::Types<SectionShape, BlockShape>;
TYPED_TEST_SUITE(Walkers, Shapes);

TYPED_TEST(Walkers, cross_a_face_into_tissue) {
    Stage<TypeParam> s("hsc_activated");
    s.walk_east(3);
    EXPECT_EQ(s.here().cells.size(), 0u);
    EXPECT_EQ(s.there().cells.size(), 64u);
}

TYPED_TEST(Walkers, that_take_room_do_not_enter_lumina_across_a_face) {
    for (const char* type : {"hsc_activated", "portal_myofibroblast"})
        for (const TissueKind lumen : {TissueKind::portal_vein, TissueKind::central_vein}) {
            Stage<TypeParam> s(type);
            std::fill(s.there().healthy.kind.begin(), s.there().healthy.kind.end(), lumen);
            s.walk_east(10);
            ASSERT_EQ(s.here().cells.size(), 64u);
            for (std::size_t row = 0; row < 64; ++row) {
                EXPECT_EQ(s.here().cells.x[row], edge_fixed<TypeParam>[0] - 2 * s.um);
                EXPECT_EQ(s.here().cells.heading_x[row], 0);
            }
        }
    Stage<TypeParam> tract("hsc_activated");  // a portal tract is tissue
    std::fill(tract.there().healthy.kind.begin(), tract.there().healthy.kind.end(), TissueKind::portal_tract);
    tract.walk_east(3);
    EXPECT_EQ(tract.there().cells.size(), 64u);
}

TYPED_TEST(Walkers, that_take_no_room_enter_lumina) {
    Stage<TypeParam> s("cd8");
    std::fill(s.there().healthy.kind.begin(), s.there().healthy.kind.end(), TissueKind::central_vein);
    s.walk_east(3);
    EXPECT_EQ(s.there().cells.size(), 64u);
}

TYPED_TEST(Walkers, in_the_voxel_of_a_lumen_may_leave_it_but_not_for_another) {
    // The last two layers of voxels are lumen; those who lie in the last walk on into the tissue behind the face.
    const auto lumen = [](Brick<TypeParam>& brick, int from) {
        for (int v = 0; v < voxels_per_brick<TypeParam>; ++v)
            if (v % TypeParam::nx >= from) brick.healthy.kind[std::size_t(v)] = TissueKind::central_vein;
    };
    Stage<TypeParam> out("hsc_activated");
    lumen(out.here(), TypeParam::nx - 1);
    out.walk_east(3);
    EXPECT_EQ(out.there().cells.size(), 64u);

    Stage<TypeParam> in("hsc_activated");
    lumen(in.here(), TypeParam::nx - 2);
    for (Fixed& x : in.here().cells.x) x -= 20 * in.um;
    in.walk_east(20);  // 60 um, were it free
    for (const Fixed x : in.here().cells.x) EXPECT_EQ(x, edge_fixed<TypeParam>[0] - 22 * in.um);
}

// A row of tumour cells stands behind the face, across the way of the walkers, thinner than what they walk in a tick.
template <class Shape>
void put_targets(Stage<Shape>& s) {
    Cells& c = s.there().cells;
    c.resize(16);
    for (std::size_t row = 0; row < c.size(); ++row) {
        c.id[row] = 1 + row;
        c.type[row] = std::uint8_t(s.w.model->type_index("tumour"));
        c.radius[row] = 8;
        c.x[row] = 25 * s.um;
        c.y[row] = Fixed(5 + 10 * row) * s.um;
        c.z[row] = 10 * s.um;
    }
    s.w.lattice.settle(1);
}

TYPED_TEST(Walkers, that_attack_stop_where_they_touch_a_target) {
    Stage<TypeParam> s("cd8");
    put_targets(s);
    s.walk_east(1, 7.0f);
    std::size_t attackers = 0;
    for (const Brick<TypeParam>* brick : s.w.lattice.in_memory()) {
        BrickScratch scratch;
        sense(s.w, *brick, scratch);
        for (std::size_t row = 0; row < brick->cells.size(); ++row) {
            if (brick->cells.type[row] != s.w.model->type_index("cd8")) continue;
            ++attackers;
            EXPECT_FALSE(scratch.target[row].none()) << row;
        }
    }
    EXPECT_EQ(attackers, 64u);
}

TYPED_TEST(Walkers, that_attack_nobody_or_only_the_dead_walk_on) {
    for (const char* type : {"mdsc", "cd8"}) {
        Stage<TypeParam> s(type);
        put_targets(s);
        for (Phase& phase : s.there().cells.phase) phase = Phase::dying;
        if (std::string(type) == "mdsc")
            for (Phase& phase : s.there().cells.phase) phase = Phase::g1;
        s.walk_east(1, 7.0f);
        const Cells& c = s.there().cells;
        ASSERT_EQ(c.size(), 64u + 16u);
        for (std::size_t row = 0; row < c.size(); ++row)
            if (c.type[row] == s.w.model->type_index(type)) {
                EXPECT_EQ(c.x[row], 40 * s.um);
            }
    }
}

}  // namespace
}  // namespace stellate
