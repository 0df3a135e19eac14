// A number that is none, or out of bounds, stops the run in the phase that wrote it and is named: phase, tick, brick,
// and the cell, the substrate or the voxel.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "core/error.hpp"
#include "core/random.hpp"
#include "mouse.hpp"

namespace stellate {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN(),
                infinite = std::numeric_limits<float>::infinity();

template <class Shape>
std::string where(const Brick<Shape>& brick) {
    return "brick (" + std::to_string(brick.at.x) + ", " + std::to_string(brick.at.y) + ", " +
           std::to_string(brick.at.z) + ")";
}

// Puts a wrong number somewhere in an awake brick; returns what the message must name beside phase and tick.
template <class Shape>
std::vector<std::string> poison(World<Shape>& w, Draws& draws) {
    std::vector<Brick<Shape>*> awake;
    for (Brick<Shape>* brick : w.lattice.in_memory())
        if (brick->activity.cells_awake) awake.push_back(brick);
    Brick<Shape>& brick = *awake[draws.below(std::uint32_t(awake.size()))];
    const auto voxel = draws.below(std::uint32_t(voxels_per_brick<Shape>));
    const float wrong = std::array{not_a_number, infinite, -infinite, -1e3f}[draws.below(4)];
    if (draws.below(2) == 0) {
        const auto s = draws.below(std::uint32_t(w.model->substrates.size()));
        if (draws.below(3) == 0)
            brick.emission[s * std::size_t(voxels_per_brick<Shape>) + voxel] = wrong;
        else
            brick.field(int(s))[voxel] = wrong;
        return {where(brick), w.model->substrates[s].name, "voxel " + std::to_string(voxel) + " "};
    }
    Cells& c = brick.cells;
    const auto row = draws.below(std::uint32_t(c.size()));
    std::vector<float>* columns[] = {&c.radius, &c.clock, &c.carry, &c.lineage, &c.pressure, &c.heading_x};
    (*columns[draws.below(6)])[row] = wrong;
    return {where(brick), "cell " + std::to_string(c.id[row])};
}

template <class Shape>
void poison_and_step(Extent extent, int cells, std::uint64_t number, std::uint32_t latest) {
    static const auto mouse = test::load();
    Draws draws(1, number, 0, Purpose::test);
    auto w = test::world<Shape>(mouse, 21 + number, extent, cells);
    const auto ticks = 1 + draws.below(latest);
    test::run(w, int(ticks));
    const std::vector<std::string> named = poison(w, draws);
    try {
        test::run(w, 1);
        ADD_FAILURE() << "case " << number << ": nothing was noticed; " << testing::PrintToString(named);
    } catch (const RunError& error) {
        const std::string message = error.what();
        EXPECT_THAT(message, HasSubstr("phase '")) << number;
        EXPECT_THAT(message, HasSubstr("tick " + std::to_string(ticks) + ":")) << number;
        for (const std::string& name : named) EXPECT_THAT(message, HasSubstr(name)) << number;
    }
}

TEST(Guard, names_twenty_wrong_numbers_at_random_places_and_ticks_within_one_tick) {
    for (std::uint64_t n = 0; n < 15; ++n) poison_and_step<SectionShape>({2, 2, 1}, 20, n, 60);
    for (std::uint64_t n = 15; n < 20; ++n) poison_and_step<BlockShape>({2, 2, 2}, 6, n, 8);
}

std::string message_of(const std::function<void()>& body) {
    try {
        body();
    } catch (const RunError& error) {
        return error.what();
    }
    return "nothing was noticed";
}

// Puts 250 cells where one is: endothelium takes no room, so nothing pushes the heap apart.
void heap(Cells& c, int lsec) {
    const auto like = std::size_t(std::find(c.type.begin(), c.type.end(), lsec) - c.type.begin());
    ASSERT_LT(like, c.size());
    for (int n = 0; n < 250; ++n) {
        c.append_row(c, like);
        c.id.back() = 0x9000000000000000u + std::uint64_t(n);
    }
}

// What a phase gets wrong, put in when it has just ended.
struct Mistake {
    const char* phase;
    const char* named;  // beside phase, tick and brick; CELL: the cell of row 3
    void (*make)(World<SectionShape>&, Brick<SectionShape>&);
};
using W = World<SectionShape>;
using B = Brick<SectionShape>;
const std::vector<Mistake> mistakes = {
    {"relax fields", "VEGFA in voxel 11 is nan", [](W& w, B& b) { b.field(w.model->vegfa)[11] = not_a_number; }},
    {"relax fields", "oxygen in voxel 5 is -", [](W& w, B& b) { b.field(w.model->oxygen)[5] = -1e3f; }},
    {"decide", "VEGFA is secreted in voxel 2 at inf",
     [](W& w, B& b) { b.emission[std::size_t(w.model->vegfa * voxels_per_brick<SectionShape> + 2)] = infinite; }},
    {"decide", "CELL: its radius in um is nan", [](W&, B& b) { b.cells.radius[3] = not_a_number; }},
    {"decide", "CELL: its clock in min is nan", [](W&, B& b) { b.cells.clock[3] = not_a_number; }},
    {"decide", "CELL: its time carried over in min is -", [](W&, B& b) { b.cells.carry[3] = -1; }},
    {"decide", "CELL: its type is 250", [](W&, B& b) { b.cells.type[3] = 250; }},
    {"walk", "CELL: its heading is nan", [](W&, B& b) { b.cells.heading_y[3] = not_a_number; }},
    {"walk", "CELL: its place along y in um is ", [](W&, B& b) { b.cells.y[3] += 2 * edge_fixed<SectionShape>[1]; }},
    {"commit", "CELL: its clock in min is -", [](W&, B& b) { b.cells.clock[3] = -1; }},
    {"commit", "CELL: its radius in um is 0", [](W&, B& b) { b.cells.radius[3] = 0; }},
    {"commit", "CELL: its lineage number is 2", [](W&, B& b) { b.cells.lineage[3] = 2; }},
    {"commit", "more than 200 cells in one voxel", [](W& w, B& b) { heap(b.cells, w.model->roles.lsec); }},
    {"remodel", "collagen in mg/mL in voxel 7 is -", [](W&, B& b) { b.matrix.collagen[7] = -1; }},
    {"remodel", "the cross-linked share in voxel 8 is nan", [](W&, B& b) { b.matrix.crosslink[8] = not_a_number; }},
    {"remodel", "the order of fibres in voxel 9 is 3", [](W&, B& b) { b.matrix.fibre_sin[9] = 3; }},
    {"grow vessels", "the open share of sinusoids in voxel 9 is 2", [](W&, B& b) { b.sinusoid[9] = 2; }},
    {"grow vessels", "segment 4 of sprout 77 has a radius of nan",
     [](W&, B& b) { b.segments.push_back({.radius = not_a_number, .sprout = 77, .sequence = 4}); }},
    {"push", "CELL: its pressure in kPa is nan", [](W&, B& b) { b.cells.pressure[3] = not_a_number; }},
    {"push", "more than 200 cells in one voxel", [](W& w, B& b) { heap(b.cells, w.model->roles.lsec); }},
};

TEST(Guard, names_the_phase_that_wrote_a_wrong_number) {
    const auto mouse = test::load();
    for (const Mistake& mistake : mistakes) {
        auto w = test::world<SectionShape>(mouse, 3, {2, 2, 1}, 20);
        test::run(w, 5);
        Stepper<SectionShape> stepper(1);
        std::string named = mistake.named, place;
        stepper.observe([&](std::string_view done, const World<SectionShape>&) {
            if (done != mistake.phase) return;
            Brick<SectionShape>& brick = *w.lattice.in_memory().front();
            ASSERT_TRUE(brick.activity.cells_awake && brick.activity.fields_awake);
            place = where(brick);
            if (named.starts_with("CELL")) named.replace(0, 4, "cell " + std::to_string(brick.cells.id[3]));
            mistake.make(w, brick);
        });
        const std::string message = message_of([&] { stepper.step(w); });
        EXPECT_THAT(message, AllOf(HasSubstr("phase '" + std::string(mistake.phase) + "', tick 5: " + place + ": "),
                                   HasSubstr(named)));
    }
}

// The same without anybody's hand: numbers of the model that no record allows, and the phase that stumbles over them.
TEST(Guard, names_the_phase_that_a_wrong_number_of_the_model_leads_astray) {
    struct Case {
        const char *phase, *named;
        int ticks;  // lived before the number goes wrong
        void (*spoil)(Model&);
    };
    const std::vector<Case> cases = {
        {"settle", "its radius in um is nan", 0,
         [](Model& m) { m.types[std::size_t(m.roles.tumour_arrested)].radius_um = not_a_number; }},
        {"decide", "its radius in um is nan", 5,
         [](Model& m) {
             CellType& hepatocyte = m.types[std::size_t(m.roles.hepatocyte)];
             hepatocyte.radius_um = not_a_number;
             hepatocyte.growth_min = 60;
         }},
        {"remodel", "the cross-linked share in voxel", 5,
         [](Model& m) {
             m.matrix.crosslink_opening_per_min = 1e3;
             m.matrix.crosslink_baseline = 2;
         }},
    };
    for (const Case& c : cases) {
        test::Mouse mouse = test::load();
        auto w = test::world<SectionShape>(mouse, 3, {2, 2, 1}, 20);
        test::run(w, c.ticks);
        Model model = *w.model;
        c.spoil(model);
        w.model = std::make_shared<const Model>(std::move(model));
        EXPECT_THAT(message_of([&] { test::run(w, 40); }),
                    AllOf(HasSubstr("phase '" + std::string(c.phase) + "', tick "), HasSubstr(c.named)));
    }
}

TEST(Guard, a_cell_that_is_thrown_out_of_its_brick_stops_the_run) {
    auto w = test::world<SectionShape>(test::load(), 3, {3, 3, 1}, 20);
    test::run(w, 5);
    Brick<SectionShape>& brick = *w.lattice.find({1, 1, 0});
    ASSERT_TRUE(brick.activity.cells_awake);
    const std::uint64_t id = brick.cells.id[4];
    brick.cells.x[4] += 2 * edge_fixed<SectionShape>[0];
    try {
        test::run(w, 1);
        ADD_FAILURE();
    } catch (const RunError& error) {
        EXPECT_THAT(error.what(), AllOf(HasSubstr("phase 'settle', tick 5"), HasSubstr("cell " + std::to_string(id)),
                                        HasSubstr("brick (1, 1, 0)")));
    }
}

TEST(Guard, a_state_that_comes_in_with_cells_heaped_in_one_voxel_stops_the_run) {
    auto w = test::world<SectionShape>(test::load(), 3, {2, 2, 1}, 20);
    test::run(w, 5);
    heap(w.lattice.in_memory().front()->cells, w.model->roles.lsec);
    EXPECT_THAT(message_of([&] { test::run(w, 1); }), AllOf(HasSubstr("phase 'settle', tick 5: brick (0, 0, 0)"),
                                                            HasSubstr("more than 200 cells in one voxel")));
}

// Two islands without open sinusoids at either end of a strip, under a solver that ends after one linearisation of the
// uptake: oxygen falls below 0 there and is brought back.
World<SectionShape> starved(const test::Mouse& mouse, int threads) {
    auto w = test::world<SectionShape>(mouse, 3, {6, 1, 1}, 0);
    for (const int x : {0, 5}) {
        Brick<SectionShape>& brick = w.lattice.materialise({x, 0, 0});
        brick.activity.cells_awake = brick.activity.fields_awake = 1;
        std::fill(brick.sinusoid.begin(), brick.sinusoid.end(), 0.0f);
    }
    test::run(w, 3, threads);
    return w;
}

TEST(Clamps, levels_brought_back_to_0_are_counted_alike_on_any_number_of_threads_and_are_no_state) {
    test::Mouse mouse = test::load();
    Model rough = *mouse.model;
    rough.tolerances.field_relative = 1e9;
    mouse.model = std::make_shared<const Model>(std::move(rough));
    World<SectionShape> one = starved(mouse, 1), two = starved(mouse, 2);
    ASSERT_EQ(one.clamps.size(), one.model->substrates.size());
    for (std::size_t s = 0; s < one.clamps.size(); ++s) {
        const bool oxygen = int(s) == one.model->oxygen;
        EXPECT_EQ(one.clamps[s].voxels > 100, oxygen) << one.model->substrates[s].name;
        EXPECT_EQ(one.clamps[s].largest > 0, oxygen) << one.model->substrates[s].name;
        EXPECT_EQ(one.clamps[s].voxels, two.clamps[s].voxels);
        EXPECT_EQ(one.clamps[s].largest, two.clamps[s].largest);
    }
    EXPECT_EQ(digest(one), digest(two));
    two.clamps.assign(two.clamps.size(), {});
    EXPECT_EQ(digest(one), digest(two));
    const World<SectionShape> copy(one);
    EXPECT_EQ(copy.clamps[std::size_t(copy.model->oxygen)].voxels, one.clamps[std::size_t(one.model->oxygen)].voxels);
}

}  // namespace
}  // namespace stellate
