// A number that is none, or out of bounds, stops the run within a tick and is named: phase, tick, brick, and the cell,
// the substrate or the voxel.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
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

// A wrong number that arises inside a tick is noticed in that tick, before anything is read from the state.
TEST(Guard, notices_what_a_phase_wrote_in_the_same_tick) {
    const auto mouse = test::load();
    for (const std::string_view phase : {"relax fields", "remodel", "grow vessels", "push"}) {
        auto w = test::world<SectionShape>(mouse, 3, {2, 2, 1}, 20);
        test::run(w, 5);
        Stepper<SectionShape> stepper(1);
        std::string named;
        stepper.observe([&](std::string_view done, const World<SectionShape>&) {
            if (done != phase) return;
            Brick<SectionShape>& brick = *w.lattice.in_memory().front();
            if (phase == "push") {
                brick.cells.pressure[3] = not_a_number;
                named = "cell " + std::to_string(brick.cells.id[3]);
            } else if (phase == "remodel") {
                brick.matrix.collagen[7] = -1;
                named = "collagen in mg/mL in voxel 7 ";
            } else if (phase == "grow vessels") {
                brick.sinusoid[9] = 2;
                named = "sinusoids in voxel 9 ";
            } else {
                brick.field(w.model->vegfa)[11] = not_a_number;
                named = "VEGFA in voxel 11 ";
            }
        });
        try {
            stepper.step(w);
            ADD_FAILURE() << phase;
        } catch (const RunError& error) {
            EXPECT_THAT(error.what(), AllOf(HasSubstr("phase 'guard', tick 5"), HasSubstr(named))) << phase;
        }
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

TEST(Guard, cells_heaped_in_one_voxel_stop_the_run) {
    auto w = test::world<SectionShape>(test::load(), 3, {2, 2, 1}, 20);
    test::run(w, 5);
    Brick<SectionShape>& brick = *w.lattice.in_memory().front();
    Cells& c = brick.cells;
    const std::size_t before = c.size();
    const auto lsec = w.model->roles.lsec;
    const auto like = std::size_t(std::find(c.type.begin(), c.type.end(), lsec) - c.type.begin());
    ASSERT_LT(like, before);
    for (int n = 0; n < 250; ++n) {  // endothelium takes no room: nothing pushes the heap apart
        c.append_row(c, like);
        c.id.back() = 0x9000000000000000u + std::uint64_t(n);
    }
    try {
        test::run(w, 1);
        ADD_FAILURE();
    } catch (const RunError& error) {
        EXPECT_THAT(error.what(),
                    AllOf(HasSubstr("phase 'guard', tick 5"), HasSubstr("more than 200 cells in one voxel")));
    }
}

}  // namespace
}  // namespace stellate
