// Sprouts on small lattices made by hand: where they start, what they lay, what they join, what carries blood, what is
// lost.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "core/math.hpp"
#include "hand_made.hpp"

namespace stellate::vessels {
namespace {

constexpr double tick_min = 6;

// A tissue whose tips are moved by hand. Sinusoids are shut but for the voxels where sprouts are planted, so that
// nothing joins the bed unless a test opens it.
template <class Shape>
struct Garden {
    explicit Garden(float level = 1.0f, float open = 0.0f)
        : p(parameters()), lattice(vessels::lattice<Shape>(3, 3, Shape::flat ? 1 : 3, open, level)) {}

    static constexpr double middle_z = Shape::flat ? 10 : 240;

    // Opens the bed at a place and grants a bud there; returns its id.
    std::uint64_t plant(double x, double y) {
        open(x, y);
        return bud(x, y);
    }
    std::uint64_t bud(double x, double y) {
        const Vec3 at{x, y, middle_z};
        Budding bud;
        bud.place_um = at;
        bud.brick = {int(x) / (Shape::nx * voxel_um), int(y) / (Shape::ny * voxel_um),
                     int(middle_z) / (Shape::nz * voxel_um)};
        const Vec3 local = at - corner_um<Shape>(bud.brick);
        bud.voxel = voxel_of<Shape>(fixed_from_um(local.x), fixed_from_um(local.y), fixed_from_um(local.z));
        const TreeEvents events = grow_with({bud});
        EXPECT_EQ(events.started_ids.size(), 1u);
        const std::uint64_t id = events.started_ids.at(0);
        tips[id] = at;
        return id;
    }
    TreeEvents move(std::uint64_t id, double x, double y) {
        tips[id] = {x, y, middle_z};
        return grow_with({});
    }
    TreeEvents grow_with(const std::vector<Budding>& buds) {
        std::vector<Tip> now;
        for (const auto& [id, place] : tips) now.push_back({id, place});
        TreeEvents events = grow(p, tick++, tick_min, vegfa, now, buds, lattice, tree);
        for (const std::uint64_t id : events.finished_tips) tips.erase(id);
        return events;
    }
    // Pieces of a sprout in order; empty places where one is lost.
    std::vector<Segment> stalk(std::uint64_t id) const {
        std::vector<Segment> own;
        for (const Segment& s : all_segments(lattice))
            if (s.sprout == id) own.push_back(s);
        std::sort(own.begin(), own.end(), [](const Segment& a, const Segment& b) { return a.sequence < b.sequence; });
        return own;
    }
    std::string perfused(std::uint64_t id) const {
        std::string text;
        for (const Segment& s : stalk(id)) text += s.perfused ? 'P' : '.';
        return text;
    }
    void set_level(float level) {
        for (Brick<Shape>* brick : lattice.in_memory()) brick->deviation.assign(brick->deviation.size(), level);
    }
    // Opens or shuts the bed in the voxel at a place.
    void open(double x, double y, float share = 1.0f) {
        const BrickCoord at{int(x) / (Shape::nx * voxel_um), int(y) / (Shape::ny * voxel_um),
                            int(middle_z) / (Shape::nz * voxel_um)};
        const Vec3 local = Vec3{x, y, middle_z} - corner_um<Shape>(at);
        lattice.find(at)->sinusoid[std::size_t(
            voxel_of<Shape>(fixed_from_um(local.x), fixed_from_um(local.y), fixed_from_um(local.z)))] = share;
    }
    // Takes a piece away as regression would.
    void lose(std::uint64_t id, std::uint32_t sequence) {
        for (Brick<Shape>* brick : lattice.in_memory())
            std::erase_if(brick->segments, [&](const Segment& s) { return s.sprout == id && s.sequence == sequence; });
        --tree.find(id)->standing;
    }

    Parameters p;
    Lattice<Shape> lattice;
    Tree tree;
    std::map<std::uint64_t, Vec3> tips;
    std::uint32_t tick = 1;
};

double length_um(const Segment& s) {
    return length(Vec3{um_from_fixed(s.x1 - s.x0), um_from_fixed(s.y1 - s.y0), um_from_fixed(s.z1 - s.z0)});
}

template <class Shape>
class Sprouts : public testing::Test {};
using Shapes = testing::Types<SectionShape, BlockShape>;
TYPED_TEST_SUITE(Sprouts, Shapes);

template <class Shape>
std::vector<Budding> buds_of(const Parameters& p, const Brick<Shape>& brick, std::uint64_t seed, std::uint32_t tick,
                             double dt = 6) {
    std::vector<Budding> buds;
    find_buds(p, seed, tick, vegfa, dt, brick, buds);
    return buds;
}

TYPED_TEST(Sprouts, start_only_above_the_threshold_and_only_from_perfused_endothelium) {
    Parameters p = parameters();
    p.sprouting_per_min = 1e9;  // certain where possible
    Brick<TypeParam> brick;
    brick.at = {2, 1, 0};
    fill(brick, 1.0f, 0.5f);  // exactly the threshold
    EXPECT_TRUE(buds_of(p, brick, 1, 1).empty());
    brick.deviation[9] = 0.75f;   // open sinusoid
    brick.deviation[20] = 0.75f;  // closed sinusoid
    brick.sinusoid[20] = 0.0f;
    const auto buds = buds_of(p, brick, 1, 1);
    ASSERT_EQ(buds.size(), 1u);
    EXPECT_EQ(buds[0].voxel, 9);
    EXPECT_EQ(buds[0].brick, brick.at);
    const Vec3 local = buds[0].place_um - corner_um<TypeParam>(brick.at);
    EXPECT_EQ(voxel_of<TypeParam>(fixed_from_um(local.x), fixed_from_um(local.y), fixed_from_um(local.z)), 9);
    if (TypeParam::flat) {
        EXPECT_EQ(local.z, 10.0);
    }
    brick.sinusoid[20] = 0.49f;  // less than half: no root there would be fed
    EXPECT_EQ(buds_of(p, brick, 1, 1).size(), 1u);
    // A new vessel through the closed voxel is endothelium too, once it carries blood.
    Segment s;
    const Fixed x = fixed_from_um(20.0 * (20 % TypeParam::nx) + 10),
                y = fixed_from_um(20.0 * (20 / TypeParam::nx % TypeParam::ny) + 10);
    s.x0 = x, s.x1 = x, s.y0 = y - fixed_from_um(5), s.y1 = y + fixed_from_um(5), s.z0 = s.z1 = fixed_from_um(10);
    s.sprout = 4;
    brick.segments = {s};
    EXPECT_EQ(buds_of(p, brick, 1, 1).size(), 1u);
    brick.segments[0].perfused = 1;
    EXPECT_EQ(buds_of(p, brick, 1, 1).size(), 2u);
}

TYPED_TEST(Sprouts, start_at_the_rate_of_their_formula) {
    const Parameters p = parameters();
    for (const float level : {0.6f, 1.0f, 50.0f}) {
        Brick<TypeParam> brick;
        fill(brick, 0.5f, level);  // half of the endothelium
        std::size_t count = 0;
        constexpr int ticks = 400;
        for (std::uint32_t tick = 0; tick < ticks; ++tick) count += buds_of(p, brick, 5, tick).size();
        const double chance = 1 - std::exp(-p.sprouting_per_min * 0.5 * (1 - 0.5 / level) * 6);
        const double trials = double(ticks) * voxels_per_brick<TypeParam>;
        EXPECT_LT(std::abs(double(count) - chance * trials) / std::sqrt(trials * chance * (1 - chance)), 4.42) << level;
    }
}

TYPED_TEST(Sprouts, inhibit_each_other_within_the_distance_and_not_beyond) {
    Garden<TypeParam> g;
    const std::uint64_t first = g.plant(200, 200);
    const auto bud = [&](double x) {
        g.open(x, 200);
        Budding b;
        b.place_um = {x, 200, g.middle_z};
        b.voxel = int(x);  // any address, different for each
        return b;
    };
    const TreeEvents events = g.grow_with({bud(299.9), bud(300), bud(399.9), bud(400.1)});
    // 300 is free of the first tip; it bars 399.9 at once; 400.1 is free of both.
    ASSERT_EQ(events.started.size(), 2u);
    EXPECT_EQ(events.started[0].place_um.x, 300);
    EXPECT_EQ(events.started[1].place_um.x, 400.1);
    EXPECT_NE(events.started_ids[0], events.started_ids[1]);
    EXPECT_EQ(g.tree.sprouts.size(), 3u);
    EXPECT_TRUE(std::is_sorted(g.tree.sprouts.begin(), g.tree.sprouts.end(),
                               [](const Sprout& a, const Sprout& b) { return a.id < b.id; }));
    EXPECT_NE(g.tree.find(first), nullptr);
    EXPECT_EQ(g.tree.find(first + 1), nullptr);
}

TYPED_TEST(Sprouts, lay_one_segment_for_every_segment_length_and_none_before) {
    Garden<TypeParam> g;
    const std::uint64_t id = g.plant(100, 200);
    g.move(id, 119.9, 200);
    EXPECT_EQ(g.stalk(id).size(), 0u);
    g.move(id, 125, 200);
    ASSERT_EQ(g.stalk(id).size(), 1u);
    g.move(id, 139, 200);
    EXPECT_EQ(g.stalk(id).size(), 1u);
    g.move(id, 205, 200);  // a long stride lays several
    const auto stalk = g.stalk(id);
    ASSERT_EQ(stalk.size(), 5u);
    for (std::size_t n = 0; n < stalk.size(); ++n) {
        EXPECT_EQ(stalk[n].sequence, n);
        EXPECT_EQ(stalk[n].radius, 5.0f);
        EXPECT_EQ(stalk[n].perfused, 0);
        EXPECT_NEAR(length_um(stalk[n]), 20, 4e-6);
    }
    EXPECT_EQ(g.tree.find(id)->segments, 5u);
    EXPECT_EQ(g.tree.find(id)->last_um.x, 200);
    EXPECT_EQ(stalk[4].birth_tick, g.tick - 1);
}

TYPED_TEST(Sprouts, file_a_segment_in_the_brick_of_its_midpoint) {
    Garden<TypeParam> g;
    constexpr double edge = TypeParam::nx * voxel_um;
    const std::uint64_t id = g.plant(edge - 32, 100);
    g.move(id, edge - 12, 100);
    g.move(id, edge + 8, 100);   // midpoint at -2
    g.move(id, edge + 28, 100);  // midpoint at +18
    const int k = int(g.middle_z) / (TypeParam::nz * voxel_um);
    const auto& left = g.lattice.find({0, 100 / (TypeParam::ny * voxel_um), k})->segments;
    const auto& right = g.lattice.find({1, 100 / (TypeParam::ny * voxel_um), k})->segments;
    ASSERT_EQ(left.size(), 2u);
    ASSERT_EQ(right.size(), 1u);
    EXPECT_NEAR(um_from_fixed(left[1].x1), edge + 8, 2e-6);  // the end lies beyond the brick
    EXPECT_NEAR(um_from_fixed(right[0].x0), 8, 2e-6);
}

TYPED_TEST(Sprouts, that_meet_another_perfuse_themselves_and_the_other_up_to_the_joint) {
    Garden<TypeParam> g;
    const std::uint64_t a = g.plant(100, 300);
    for (int n = 1; n <= 8; ++n) g.move(a, 100 + 20 * n, 300);  // pieces 0..7 along y = 300, x from 100 to 260
    const std::uint64_t b = g.plant(190, 200);
    for (int n = 1; n <= 4; ++n) EXPECT_EQ(g.move(b, 190, 200 + 20 * n).joined, 0u);  // 20 um off at the end
    EXPECT_EQ(g.perfused(a), "........");
    EXPECT_EQ(g.move(b, 190, 285).joined, 0u);  // the reach itself is out of reach
    const TreeEvents events = g.move(b, 190, 286);
    EXPECT_EQ(events.joined, 1u);
    EXPECT_EQ(events.finished_tips, std::vector<std::uint64_t>{b});
    // Met at x = 190: piece 4 (180 to 200). The last 6 um are laid up to the tip.
    EXPECT_EQ(g.perfused(a), "PPPPP...");
    EXPECT_EQ(g.perfused(b), "PPPPP");
    EXPECT_NEAR(length_um(g.stalk(b)[4]), 6, 4e-6);
    EXPECT_NEAR(g.stalk(b)[4].y1 - g.stalk(b)[0].y0, fixed_from_um(86), 2);
    // The other's tip lives on, and when it reaches the bed the rest of it carries blood.
    g.open(270, 300);
    EXPECT_EQ(g.move(a, 265, 300).finished_tips, std::vector<std::uint64_t>{a});
    EXPECT_EQ(g.perfused(a), "PPPPPPPPP");
}

TYPED_TEST(Sprouts, take_the_nearest_segment_and_on_a_tie_the_lower_sprout) {
    Garden<TypeParam> g;
    g.p.tip_inhibition_um = 5;
    const std::uint64_t a = g.plant(100, 280), b = g.plant(100, 300);
    for (int n = 1; n <= 8; ++n) g.tips[a].x = g.tips[b].x = 100 + 20 * n, g.grow_with({});
    // Two parallel stalks, 20 um apart: a third comes between them from the right, 10 um from each.
    g.tips.clear();
    const std::uint64_t c = g.plant(380, 290);
    for (int n = 1; n < 6; ++n) g.move(c, 380 - 20 * n, 290);
    const TreeEvents events = g.move(c, 250, 290);
    EXPECT_EQ(events.joined, 1u);
    EXPECT_EQ(g.tree.find(c)->joined_sprout, std::min(a, b));
    EXPECT_EQ(g.tree.find(c)->joined_sequence, 7u);

    Garden<TypeParam> h;
    h.p.tip_inhibition_um = 5;
    const std::uint64_t far = h.plant(100, 280), near = h.plant(100, 300);
    for (int n = 1; n <= 8; ++n) h.tips[far].x = h.tips[near].x = 100 + 20 * n, h.grow_with({});
    h.tips.clear();
    const std::uint64_t third = h.plant(380, 290.5);
    for (int n = 1; n < 6; ++n) h.move(third, 380 - 20 * n, 290.5);
    EXPECT_EQ(h.move(third, 250, 290.5).joined, 1u);
    EXPECT_EQ(h.tree.find(third)->joined_sprout, near);
}

TYPED_TEST(Sprouts, join_the_open_bed_only_when_they_have_come_far_enough) {
    Garden<TypeParam> g(1.0f, 1.0f);  // open everywhere
    const std::uint64_t id = g.plant(100, 200);
    g.move(id, 120, 200);
    g.move(id, 140, 200);
    EXPECT_EQ(g.move(id, 159.5, 200).joined, 0u);
    const TreeEvents events = g.move(id, 160, 200);
    EXPECT_EQ(events.joined, 1u);
    EXPECT_EQ(g.perfused(id), "PPP");
    EXPECT_EQ(g.tree.find(id)->joined_sprout, 0u);

    Garden<TypeParam> shut;
    const std::uint64_t blind = shut.plant(100, 200);
    for (int n = 1; n <= 6; ++n) EXPECT_EQ(shut.move(blind, 100 + 20 * n, 200).joined, 0u);
    EXPECT_EQ(shut.perfused(blind), "......");
}

TYPED_TEST(Sprouts, do_not_join_the_vessel_they_sprang_from_before_they_have_come_far) {
    Garden<TypeParam> g;
    const std::uint64_t parent = g.plant(100, 200);
    for (int n = 1; n <= 12; ++n) g.move(parent, 100 + 20 * n, 200);
    const std::uint64_t branch = g.plant(160, 208);
    EXPECT_EQ(g.grow_with({}).joined, 0u);
    for (int n = 1; n < 6; ++n) EXPECT_EQ(g.move(branch, 160 + 10 * n, 208).joined, 0u) << n;
    EXPECT_EQ(g.move(branch, 220, 208).joined, 1u);  // 60 um from its root
    EXPECT_EQ(g.tree.find(branch)->joined_sprout, parent);
}

TYPED_TEST(Sprouts, that_join_nothing_in_time_give_up) {
    Garden<TypeParam> g;
    g.p.tip_longest_h = 1;
    const std::uint64_t id = g.plant(100, 200);
    for (int n = 1; n < 10; ++n) EXPECT_TRUE(g.move(id, 100 + 3 * n, 200).finished_tips.empty()) << n;
    EXPECT_EQ(g.move(id, 130, 200).finished_tips, std::vector<std::uint64_t>{id});
    EXPECT_EQ(g.stalk(id).size(), 1u);
    EXPECT_NE(g.tree.find(id), nullptr);
    // One that has laid nothing by then leaves nothing behind.
    const std::uint64_t idle = g.plant(400, 200);
    for (int n = 0; n < 10; ++n) g.grow_with({});
    EXPECT_EQ(g.tree.find(idle), nullptr);
}

TYPED_TEST(Sprouts, that_stay_blind_are_lost_in_spite_of_VEGFA_and_growing_ones_are_not) {
    Garden<TypeParam> g;
    const std::uint64_t id = g.plant(100, 200);
    for (int n = 1; n <= 4; ++n) g.move(id, 100 + 20 * n, 200);
    for (int n = 0; n < 50; ++n) EXPECT_EQ(g.grow_with({}).lost_segments, 0u);  // the tip lives
    g.tips.clear();                                                             // killed, say
    for (int n = 0; n < 20; ++n) EXPECT_EQ(g.grow_with({}).lost_segments, 0u) << n;
    EXPECT_EQ(g.grow_with({}).lost_segments, 4u);  // 2 h = 20 ticks after the first unfed one
    EXPECT_TRUE(all_segments(g.lattice).empty());
    EXPECT_TRUE(g.tree.sprouts.empty());
}

TYPED_TEST(Sprouts, that_are_perfused_last_as_long_as_VEGFA_does) {
    Garden<TypeParam> g;
    const std::uint64_t id = g.plant(100, 200);
    g.open(170, 200);
    for (int n = 1; n <= 3; ++n) g.move(id, 100 + 20 * n, 200);
    ASSERT_EQ(g.perfused(id), "PPP");
    for (int n = 0; n < 100; ++n) EXPECT_EQ(g.grow_with({}).lost_segments, 0u);
    g.set_level(0.5f);  // the threshold does not feed
    for (int n = 0; n < 19; ++n) EXPECT_EQ(g.grow_with({}).lost_segments, 0u);
    g.set_level(0.6f);  // fed in time: patience begins anew
    g.grow_with({});
    g.set_level(0.5f);
    for (int n = 0; n < 20; ++n) EXPECT_EQ(g.grow_with({}).lost_segments, 0u);
    EXPECT_EQ(g.grow_with({}).lost_segments, 3u);
    EXPECT_TRUE(g.tree.sprouts.empty());
}

TYPED_TEST(Sprouts, that_lost_a_piece_carry_no_blood_nor_does_what_drained_through_them) {
    Garden<TypeParam> g;
    const std::uint64_t a = g.plant(100, 300);
    for (int n = 1; n <= 8; ++n) g.move(a, 100 + 20 * n, 300);
    const std::uint64_t b = g.plant(190, 200);
    for (int n = 1; n <= 5; ++n) g.move(b, 190, 200 + 20 * n - (n == 5 ? 14 : 0));
    ASSERT_EQ(g.perfused(a), "PPPPP...");
    ASSERT_EQ(g.perfused(b), "PPPPP");
    // The other's piece 2 goes: VEGFA fails at its voxel alone.
    const int k = int(g.middle_z) / (TypeParam::nz * voxel_um);
    const BrickCoord at{150 / (TypeParam::nx * voxel_um), 300 / (TypeParam::ny * voxel_um), k};
    const Vec3 local = Vec3{150, 300, g.middle_z} - corner_um<TypeParam>(at);
    g.lattice.find(at)->deviation[std::size_t(
        voxel_of<TypeParam>(fixed_from_um(local.x), fixed_from_um(local.y), fixed_from_um(local.z)))] = 0.0f;
    std::uint32_t lost = 0;
    for (int n = 0; n < 21; ++n) lost += g.grow_with({}).lost_segments;
    EXPECT_EQ(lost, 1u);
    EXPECT_EQ(g.perfused(a), ".......");
    EXPECT_EQ(g.perfused(b), ".....");
    // The other's tip lives and keeps its rootless rest; reaching the bed gives that rest one end again, and b an
    // outlet.
    g.open(285, 300);
    EXPECT_EQ(g.move(a, 285, 300).joined, 1u);
    EXPECT_EQ(g.perfused(a), "...PPPPPP");  // pieces 0, 1, 3 blind; from the joint at 4 on
    EXPECT_EQ(g.perfused(b), "PPPPP");
}

TYPED_TEST(Sprouts, that_join_a_rootless_remnant_stay_blind) {
    Garden<TypeParam> g;
    const std::uint64_t a = g.plant(100, 300);
    for (int n = 1; n <= 8; ++n) g.move(a, 100 + 20 * n, 300);
    g.lose(a, 1);
    const std::uint64_t b = g.plant(190, 200);
    for (int n = 1; n <= 5; ++n) g.move(b, 190, 200 + 20 * n - (n == 5 ? 14 : 0));
    EXPECT_EQ(g.tree.find(b)->joined, 1);
    EXPECT_EQ(g.perfused(a), ".......");
    EXPECT_EQ(g.perfused(b), ".....");
}

TYPED_TEST(Sprouts, drain_through_a_chain_of_others) {
    Garden<TypeParam> g;
    g.p.tip_inhibition_um = 5;
    const std::uint64_t a = g.plant(100, 400), b = g.plant(160, 300), c = g.plant(60, 340);
    for (int n = 1; n <= 8; ++n) g.move(a, 100 + 20 * n, 400);
    for (int n = 1; n <= 4; ++n) g.move(b, 160, 300 + 20 * n);
    EXPECT_EQ(g.move(b, 160, 390).joined, 1u);
    for (int n = 1; n <= 3; ++n) g.move(c, 60 + 20 * n, 340);
    EXPECT_EQ(g.move(c, 146, 340).joined, 1u);
    EXPECT_EQ(g.tree.find(c)->joined_sprout, b);
    EXPECT_EQ(g.perfused(c), "PPPPP");
    EXPECT_EQ(g.perfused(b), "PPPPP");
    // Cut a below the joint: b and c still feed each other (two roots), a's stump is blind.
    g.lose(a, 1);
    g.lose(a, 4);
    g.p.regression_h = 1e6;
    g.tips.clear();
    // Any joint makes the tree look again.
    const auto look_again = [&](double x) {
        const std::uint64_t d = g.plant(x, 100);
        g.open(x, 160);
        for (int n = 1; n <= 3; ++n) g.move(d, x, 100 + 20 * n);
        EXPECT_EQ(g.perfused(d), "PPP");
    };
    look_again(350);
    EXPECT_EQ(g.perfused(a), "......");
    EXPECT_EQ(g.perfused(b), "PP...");  // up to where c joins it
    EXPECT_EQ(g.perfused(c), "PPPPP");
    // Without its root the last of them is a dead end, and so is the other now: one end is none.
    g.lose(c, 0);
    look_again(420);
    EXPECT_EQ(g.perfused(b), ".....");
    EXPECT_EQ(g.perfused(c), "....");
}

TYPED_TEST(Sprouts, carry_blood_only_while_the_bed_is_open_at_both_ends) {
    Garden<TypeParam> g;
    const std::uint64_t id = g.plant(100, 200);
    g.open(170, 200);
    for (int n = 1; n <= 3; ++n) g.move(id, 100 + 20 * n, 200);
    ASSERT_EQ(g.perfused(id), "PPP");
    for (const double end : {100, 160}) {
        g.open(end, 200, 0.49f);
        EXPECT_EQ(g.perfused(id), "PPP");  // nobody has looked yet
        g.grow_with({});
        EXPECT_EQ(g.perfused(id), "...") << end;
        g.grow_with({});
        EXPECT_EQ(g.perfused(id), "...") << end;
        g.open(end, 200, 0.5f);
        g.grow_with({});
        EXPECT_EQ(g.perfused(id), "PPP") << end;
    }
    // Shut for good, it is lost though VEGFA calls.
    g.open(100, 200, 0.4f);
    std::uint32_t lost = 0;
    for (int n = 0; n < 21; ++n) lost += g.grow_with({}).lost_segments;
    EXPECT_EQ(lost, 3u);
    EXPECT_TRUE(g.tree.sprouts.empty());
}

TYPED_TEST(Sprouts, from_another_where_the_bed_is_shut_live_on_that_piece_of_it) {
    Garden<TypeParam> g;
    const std::uint64_t parent = g.plant(100, 200);
    g.open(350, 200);
    for (int n = 1; n <= 12; ++n) g.move(parent, 100 + 20 * n, 200);
    ASSERT_EQ(g.tree.find(parent)->joined, 1);
    ASSERT_EQ(g.perfused(parent), "PPPPPPPPPPPP");
    const std::uint64_t branch = g.bud(190, 208);  // in the voxel of piece 4
    EXPECT_EQ(g.tree.find(branch)->parent_sprout, parent);
    EXPECT_EQ(g.tree.find(branch)->parent_sequence, 4u);
    g.open(190, 290);
    for (int n = 1; n <= 4; ++n) g.move(branch, 190, 208 + 20 * n);
    EXPECT_EQ(g.perfused(branch), "PPPP");
    // Its own bed does not matter; the parent's does. With one of two ends gone blood goes between the others.
    g.open(190, 208, 0.4f);
    g.open(100, 200, 0.0f);
    g.grow_with({});
    EXPECT_EQ(g.perfused(branch), "PPPP");
    EXPECT_EQ(g.perfused(parent), "....PPPPPPPP");
    g.open(340, 200, 0.0f);
    g.grow_with({});
    EXPECT_EQ(g.perfused(branch), "....");
    EXPECT_EQ(g.perfused(parent), "............");
    g.open(100, 200);
    g.grow_with({});
    EXPECT_EQ(g.perfused(branch), "PPPP");
    EXPECT_EQ(g.perfused(parent), "PPPPP.......");
    g.lose(parent, 4);
    g.open(190, 285, 0.0f);
    g.grow_with({});
    g.open(190, 285);
    g.grow_with({});
    EXPECT_EQ(g.perfused(branch), "....");
}

TYPED_TEST(Sprouts, do_not_start_where_nothing_carries_blood) {
    Garden<TypeParam> g;
    Budding wish;
    wish.place_um = {190, 200, g.middle_z};
    EXPECT_TRUE(g.grow_with({wish}).started.empty());
    EXPECT_TRUE(g.tree.sprouts.empty());
    g.open(190, 200, 0.5f);
    EXPECT_EQ(g.grow_with({wish}).started.size(), 1u);
}

TYPED_TEST(Sprouts, in_a_ring_without_two_open_ends_carry_no_blood) {
    Garden<TypeParam> g;
    const std::uint64_t a = g.plant(100, 300);
    for (int n = 1; n <= 8; ++n) g.move(a, 100 + 20 * n, 300);
    const std::uint64_t b = g.plant(190, 200);
    for (int n = 1; n <= 4; ++n) g.move(b, 190, 200 + 20 * n);
    ASSERT_EQ(g.move(b, 190, 286).joined, 1u);
    for (const double y : {280, 260, 240}) ASSERT_EQ(g.move(a, 260, y).joined, 0u);
    for (const double x : {240, 220}) ASSERT_EQ(g.move(a, x, 240).joined, 0u);
    ASSERT_EQ(g.move(a, 204, 240).joined, 1u);
    ASSERT_EQ(g.tree.find(a)->joined_sprout, b);
    EXPECT_EQ(g.perfused(a), "PPPPPPPPPPPPPP");
    EXPECT_EQ(g.perfused(b), "PPPPP");
    for (const double root : {100, 190}) {
        g.open(root, root == 100 ? 300 : 200, 0.0f);
        g.grow_with({});
        EXPECT_EQ(g.perfused(a), "..............") << root;
        EXPECT_EQ(g.perfused(b), ".....") << root;
    }
}

TYPED_TEST(Sprouts, exchange_in_proportion_to_perfused_length) {
    const Parameters p = parameters();
    Brick<TypeParam> brick;
    fill(brick, 1.0f, 0.0f);
    const auto piece = [](double x0, double x1, int perfused, std::uint32_t sequence) {
        Segment s;
        s.x0 = fixed_from_um(x0), s.x1 = fixed_from_um(x1), s.y0 = s.y1 = s.z0 = s.z1 = fixed_from_um(10);
        s.radius = 5, s.perfused = std::uint8_t(perfused), s.sequence = sequence, s.sprout = 1;
        return s;
    };
    brick.segments = {piece(21, 39, 1, 0), piece(22, 31, 1, 1), piece(41, 59, 0, 2), piece(75, 95, 1, 3)};
    std::vector<float> exchange(std::size_t(voxels_per_brick<TypeParam>), 0.5f);
    exchange_of_segments(p, brick, exchange);
    const double per_um = 400 * 2 * M_PI * 5 / 8000.0;
    EXPECT_EQ(exchange[0], 0.5f);
    EXPECT_NEAR(exchange[1], 0.5 + 27 * per_um, 1e-4);
    EXPECT_EQ(exchange[2], 0.5f);  // blind
    EXPECT_EQ(exchange[3], 0.5f);
    EXPECT_NEAR(exchange[4], 0.5 + 20 * per_um, 1e-4);  // by its midpoint, 85 um

    std::vector<float> length;
    length_of_segments(brick, true, length);
    EXPECT_NEAR(length[1], 27, 1e-5);
    EXPECT_EQ(length[2], 0.0f);
    length_of_segments(brick, false, length);
    EXPECT_NEAR(length[2], 18, 1e-5);
    EXPECT_NEAR(std::accumulate(length.begin(), length.end(), 0.0), 65, 1e-4);
}

TYPED_TEST(Sprouts, are_hashed_by_everything_they_are) {
    Garden<TypeParam> g;
    g.plant(100, 200);
    const auto digest = [](const Tree& tree) {
        Hasher hasher;
        tree.hash(hasher);
        return hasher.digest();
    };
    const Digest before = digest(g.tree);
    EXPECT_EQ(digest(Tree(g.tree)), before);
    const auto changed = [&](auto&& change) {
        Tree tree = g.tree;
        change(tree.sprouts[0]);
        return digest(tree);
    };
    EXPECT_NE(changed([](Sprout& s) { s.id ^= 1; }), before);
    EXPECT_NE(changed([](Sprout& s) { s.last_um.y += 1e-9; }), before);
    EXPECT_NE(changed([](Sprout& s) { s.root_um.z += 1e-9; }), before);
    EXPECT_NE(changed([](Sprout& s) { ++s.segments; }), before);
    EXPECT_NE(changed([](Sprout& s) { ++s.standing; }), before);
    EXPECT_NE(changed([](Sprout& s) { ++s.birth_tick; }), before);
    EXPECT_NE(changed([](Sprout& s) { s.parent_sprout = 9; }), before);
    EXPECT_NE(changed([](Sprout& s) { s.parent_sequence = 9; }), before);
    EXPECT_NE(changed([](Sprout& s) { s.root_open ^= 1; }), before);
    EXPECT_NE(changed([](Sprout& s) { s.joint_open = 1; }), before);
    EXPECT_NE(changed([](Sprout& s) { s.joined = 1; }), before);
    EXPECT_NE(changed([](Sprout& s) { s.joined_sprout = 9; }), before);
    EXPECT_NE(changed([](Sprout& s) { s.joined_sequence = 9; }), before);
    Tree two = g.tree;
    two.sprouts.push_back(two.sprouts[0]);
    EXPECT_NE(digest(two), before);
}

}  // namespace
}  // namespace stellate::vessels
