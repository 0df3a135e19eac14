// A number that is none, or out of bounds, stops the run in the phase that wrote it and is named: phase, tick, brick,
// and the cell, the substrate or the voxel.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <iostream>
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

// One number of a world or of what it is given, put wrong: who must be named for it and what the message must say.
struct Poison {
    std::string phase;               // that writes it, or that stumbles over it
    std::vector<std::string> named;  // beside phase and tick
};

constexpr std::uint64_t master_seed = 20260301;

template <class Shape>
class Poisoner {
public:
    Poisoner(std::uint64_t number) : draws_(master_seed, number, 0, Purpose::test) {}

    // Poisons a copy of `world` in its next tick and expects that this very tick ends in the right name. The number
    // goes wrong between two ticks (as in a state that is read) or after a phase.
    ::testing::AssertionResult stops(World<Shape> world) {
        const std::uint32_t tick = world.tick;
        const bool between = draws_.below(3) == 0;
        const std::uint32_t kind = draws_.below(14);
        Poison poison;
        Stepper<Shape> stepper;
        if (kind >= 12) {
            poison = kind == 12 ? rate(world) : dose(world);
        } else if (between) {
            poison = state(world, kind);
            poison.phase = "settle";
        } else {
            const char* after = writer(kind);
            stepper.observe([&, this, after](std::string_view phase, const World<Shape>&) {
                if (phase == after) poison = state(world, kind);
            });
        }
        const std::string what = ::testing::PrintToString(poison.named) + " of kind " + std::to_string(kind);
        try {
            stepper.step(world);
        } catch (const RunError& error) {
            const std::string message = error.what();
            std::vector<std::string> expected = poison.named;
            expected.push_back("phase '" + poison.phase + "', tick " + std::to_string(tick) + ": ");
            for (const std::string& part : expected)
                if (message.find(part) == std::string::npos)
                    return ::testing::AssertionFailure() << "'" << part << "' is not in: " << message;
            return ::testing::AssertionSuccess();
        }
        return ::testing::AssertionFailure()
               << "nothing was noticed of kind " << kind << ": " << ::testing::PrintToString(poison.named);
    }

private:
    // NaN, infinity, 1e300 (which no float holds) or a negative number.
    double wrong() {
        return std::array{std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(),
                          -std::numeric_limits<double>::infinity(), 1e300, -1e3}[draws_.below(5)];
    }
    float wrong_float() { return static_cast<float>(wrong()); }

    static const char* writer(std::uint32_t kind) {
        return std::array{"relax fields", "decide", "decide", "commit",  "decide",  "commit",
                          "commit",       "walk",   "push",   "remodel", "remodel", "grow vessels"}[kind];
    }

    Poison state(World<Shape>& w, std::uint32_t kind) {
        std::vector<Brick<Shape>*> awake;
        for (Brick<Shape>* brick : w.lattice.in_memory())
            if (brick->activity.cells_awake && brick->activity.fields_awake) awake.push_back(brick);
        Brick<Shape>& b = *awake[draws_.below(std::uint32_t(awake.size()))];
        const auto voxel = draws_.below(std::uint32_t(voxels_per_brick<Shape>));
        const auto s = draws_.below(std::uint32_t(w.model->substrates.size()));
        const auto row = draws_.below(std::uint32_t(b.cells.size()));
        const std::string cell = "cell " + std::to_string(b.cells.id[row]) + ":",
                          in_voxel = " in voxel " + std::to_string(voxel) + " is";
        const float bad = wrong_float();
        const auto named = [&](const std::string& what) { return Poison{writer(kind), {where(b), what}}; };
        switch (kind) {
            case 0:
                b.field(int(s))[voxel] = bad;
                return named(w.model->substrates[s].name + in_voxel);
            case 1:
                b.emission[s * std::size_t(voxels_per_brick<Shape>) + voxel] = bad;
                return named(w.model->substrates[s].name + " is secreted in voxel " + std::to_string(voxel) + " at");
            case 2:
            case 3:
                b.cells.radius[row] = bad;
                return named(cell + " its radius");
            case 4:
                b.cells.carry[row] = bad;
                return named(cell + " its time carried over");
            case 5:
                b.cells.clock[row] = bad;
                return named(cell + " its clock");
            case 6:
                b.cells.lineage[row] = bad;
                return named(cell + " its lineage number");
            case 7:
                b.cells.heading_y[row] = bad;
                return named(cell + " its heading");
            case 8:
                b.cells.pressure[row] = bad;
                return named(cell + " its pressure");
            case 9:
                b.matrix.collagen[voxel] = bad;
                return named("collagen in mg/mL" + in_voxel);
            case 10:
                b.matrix.crosslink[voxel] = bad;
                return named("the cross-linked share" + in_voxel);
            default:
                b.sinusoid[voxel] = bad;
                return named("the open share of sinusoids" + in_voxel);
        }
    }

    Poison rate(World<Shape>& w) {
        Model model = *w.model;
        CellType& type = model.types[draws_.below(std::uint32_t(model.types.size()))];
        type.base[draws_.below(std::uint32_t(type.base.size()))] = wrong_float();
        const std::string name = type.name;
        w.model = std::make_shared<const Model>(std::move(model));
        return {"decide", {"the rate of '", "' of " + name + " is "}};
    }

    Poison dose(World<Shape>& w) {
        treatment::SuicideGene gene;
        gene.name = "treatments.poisoned";
        gene.carrier_share = 0.5;
        gene.dosing = {
            .interval_min = 720, .dose_ug_per_g = 40, .absorption_per_min = 0.01, .elimination_per_min = 0.01};
        gene.effect = {1, 1, 1};
        gene.death_delay_h = 10;
        gene.bystander_radius_um = 30;
        w.plan.suicide_genes.push_back(gene);
        treatment::SuicideGene& g = w.plan.suicide_genes.back();
        double* const numbers[] = {&g.dosing.dose_ug_per_g, &g.dosing.bioavailability, &g.carrier_share,
                                   &g.death_delay_h, &g.effect.most};
        *numbers[draws_.below(5)] = wrong();
        return {"decide", {"treatments.poisoned: the "}};
    }

    Draws draws_;
};

template <class Shape>
int stopped(Extent extent, int cells, std::uint64_t first, std::uint64_t count) {
    auto w = test::world<Shape>(test::load(), 21, extent, cells);
    Stepper<Shape> stepper;
    int good = 0;
    for (std::uint64_t n = first; n < first + count; ++n) {
        stepper.step(w);
        const auto result = Poisoner<Shape>(n).stops(w);
        EXPECT_TRUE(result) << "case " << n;
        good += bool(result);
    }
    return good;
}

TEST(Guard, names_a_hundred_wrong_numbers_at_random_places_and_ticks_within_one_tick) {
    std::cout << "master seed " << master_seed << "\n";
    EXPECT_EQ(stopped<SectionShape>({2, 2, 1}, 20, 0, 80) + stopped<BlockShape>({2, 2, 2}, 6, 80, 20), 100);
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

// Twenty settings that the methods cannot follow: ten that no model is made of, ten that only show when it lives.
TEST(Guard, settings_beyond_the_limits_of_stability_are_refused_or_end_the_run) {
    const std::pair<const char*, const char*> refused[] = {
        {"clocks.mechanics_step", "6 min"},
        {"clocks.mechanics_step", "0 min"},
        {"clocks.tick", "1 day"},
        {"clocks.tick", "0 min"},
        {"contact.repulsion", "500 um/min"},
        {"contact.repulsion", "-3 um/min"},
        {"substrates.VEGFA.diffusion", "0 um^2/min"},
        {"substrates.VEGFA.decay", "-1 1/min"},
        {"tolerances.guard", "0 um"},
        {"contact.adhesion_reach", "9"},
    };
    int clean = 0;
    for (const auto& [path, value] : refused) {
        try {
            test::load({.set = {{path, value}}});
            ADD_FAILURE() << path << " = " << value << " was taken";
        } catch (const InputError& error) {
            EXPECT_THAT(error.what(), HasSubstr(path));
            ++clean;
        }
    }
    const auto all_contacts = [](Model& m, float repulsion, float adhesion) {
        for (std::size_t a = 0; a < m.types.size(); ++a)
            for (std::size_t b = a; b < m.types.size(); ++b)
                if (m.types[a].excludes && m.types[b].excludes) m.contact.set(int(a), int(b), repulsion, adhesion);
    };
    const std::vector<std::function<void(Model&)>> unstable = {
        [&](Model& m) { all_contacts(m, 3e4f, 0); },
        [&](Model& m) { all_contacts(m, 3e3f, 1e4f); },
        [&](Model& m) { all_contacts(m, -300.0f, 0); },
        [](Model& m) { m.clocks.tick_min = 1e5, m.clocks.mechanics_substeps = 1; },
        [](Model& m) { m.substrates[std::size_t(m.vegfa)].decay_per_min = 1e300; },
        [](Model& m) { m.substrates[std::size_t(m.vegfa)].diffusion_um2_per_min = 1e300; },
        [](Model& m) {
            m.types[std::size_t(m.roles.tumour_arrested)].growth_min = -1,
            m.types[std::size_t(m.roles.tumour_arrested)].radius_um *= 2;
        },
        [](Model& m) { m.matrix.crosslink_opening_per_min = 1e3, m.matrix.crosslink_baseline = 2; },
        [](Model& m) {
            CellType& hepatocyte = m.types[std::size_t(m.roles.hepatocyte)];
            hepatocyte.radius_um = 900, hepatocyte.growth_min = 60;
        },
        [](Model& m) {
            for (CellType& t : m.types) t.base[std::size_t(m.behaviours.collagen_deposition)] = 1e11f;
        },
    };
    for (std::size_t n = 0; n < unstable.size(); ++n) {
        test::Mouse mouse = test::load();
        auto w = test::world<SectionShape>(mouse, 3, {2, 2, 1}, 20);
        test::run(w, 5);
        Model model = *w.model;
        unstable[n](model);
        w.model = std::make_shared<const Model>(std::move(model));
        const std::string message = message_of([&] { test::run(w, 200); });
        EXPECT_THAT(message, HasSubstr("phase '")) << "setting " << n;
        clean += message.find("phase '") != std::string::npos;
    }
    EXPECT_EQ(clean, 20);
}

TEST(Guard, a_cell_that_is_pushed_too_far_is_named_with_who_pushes_it_and_what_sets_the_step) {
    auto w = test::world<SectionShape>(test::load(), 3, {2, 2, 1}, 20);
    test::run(w, 5);
    Model model = *w.model;
    for (std::size_t a = 0; a < model.types.size(); ++a)
        for (std::size_t b = a; b < model.types.size(); ++b)
            if (model.types[a].excludes && model.types[b].excludes) model.contact.set(int(a), int(b), 3e4f, 0);
    w.model = std::make_shared<const Model>(std::move(model));
    EXPECT_THAT(message_of([&] { test::run(w, 1); }),
                AllOf(HasSubstr("phase 'push', tick 5: move: contacts would displace cell "), HasSubstr("of brick ("),
                      HasSubstr(" contacts act on it: cell "), HasSubstr(" um/min"),
                      HasSubstr("clocks.mechanics_step sets the sub-step")));
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
