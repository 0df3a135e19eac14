// A liver that nobody disturbs does not change by a bit, and what sleeps is what anatomy says.
#include <gtest/gtest.h>

#include "mouse.hpp"

namespace stellate {
namespace {

template <class Shape>
Digest contents(const World<Shape>& w) {
    Hasher hasher;
    for (const auto* brick : w.lattice.in_memory()) brick->hash(hasher);
    return hasher.digest();
}

TEST(Homeostasis, a_liver_without_tumour_rests_to_the_bit_for_21_days_with_sleep_off) {
    const auto mouse = test::load();
    auto w = test::world<SectionShape>(mouse, 1, {2, 2, 1}, 0, false);
    test::run(w, 1);  // the first tick writes pressures
    const Digest before = contents(w);
    test::run(w, int(21 * 1440 / mouse.model->clocks.tick_min) - 1);
    EXPECT_EQ(contents(w), before);
    EXPECT_EQ(w.tally.divisions, 0u);
    for (const std::uint64_t d : w.tally.deaths) EXPECT_EQ(d, 0u);
    for (const std::uint64_t r : w.tally.recruited) EXPECT_EQ(r, 0u);
}

TEST(Homeostasis, a_block_without_tumour_rests_to_the_bit_with_sleep_off) {
    const auto mouse = test::load();
    auto w = test::world<BlockShape>(mouse, 5, {2, 2, 2}, 0, false);
    test::run(w, 1);
    const Digest before = contents(w);
    test::run(w, 240);
    EXPECT_EQ(contents(w), before);
}

TEST(Homeostasis, without_tumour_no_brick_comes_into_memory) {
    auto w = test::world<SectionShape>(test::load(), 3, {4, 4, 1}, 0);
    test::run(w, 10);
    EXPECT_TRUE(w.lattice.in_memory().empty());
}

TEST(Homeostasis, a_materialised_undisturbed_brick_equals_its_anatomy) {
    auto w = test::world<SectionShape>(test::load(), 4, {4, 4, 1}, 0);
    Hasher kept, virtual_one;
    w.lattice.materialise({2, 1, 0}).hash(kept);
    w.lattice.anatomy({2, 1, 0}).hash(virtual_one);
    EXPECT_EQ(kept.digest(), virtual_one.digest());
}

TEST(Homeostasis, healthy_oxygen_uptake_is_what_the_founder_cells_take) {
    const auto mouse = test::load();
    auto w = test::world<SectionShape>(mouse, 4, {2, 2, 1}, 0, false);
    double sum = 0;
    for (const auto* brick : w.lattice.in_memory())
        for (const float u : brick->healthy.oxygen_uptake) sum += u * 8000.0;
    double expected = 0;
    for (const auto* brick : w.lattice.in_memory())
        for (const std::uint8_t type : brick->cells.type) expected += mouse.model->types[type].oxygen_uptake;
    EXPECT_NEAR(sum / expected, 1.0, 1e-5);
    EXPECT_GT(sum, 0);
}

}  // namespace
}  // namespace stellate
