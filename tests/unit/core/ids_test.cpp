// Derived identities: they pack, they do not collide, and they depend on nothing but what they are derived from.
#include "core/ids.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <vector>

namespace stellate {
namespace {

// A founder's id taken apart again.
struct Unpacked {
    std::int32_t x, y, z;
    std::uint32_t slot;
};
Unpacked unpack(CellId id) {
    const auto field = [&](int shift, int bits) {
        return static_cast<std::int32_t>((id.value >> shift) & ((1ULL << bits) - 1));
    };
    return {field(46, 17), field(29, 17), field(12, 17), static_cast<std::uint32_t>(field(0, 12))};
}

TEST(Ids, a_founder_id_holds_its_brick_and_slot_up_to_the_largest) {
    constexpr std::int32_t most = (1 << 17) - 1;
    for (const BrickCoord at : {BrickCoord{0, 0, 0}, BrickCoord{1, 2, 3}, BrickCoord{most, 0, 0},
                                BrickCoord{0, most, 0}, BrickCoord{0, 0, most}, BrickCoord{most, most, most}})
        for (const std::uint32_t slot : {0u, 1u, 4095u}) {
            const CellId id = founder_id(at, slot);
            EXPECT_TRUE(is_founder(id));
            const Unpacked back = unpack(id);
            EXPECT_EQ(back.x, at.x);
            EXPECT_EQ(back.y, at.y);
            EXPECT_EQ(back.z, at.z);
            EXPECT_EQ(back.slot, slot);
        }
}

TEST(IdsDeathTest, what_does_not_fit_a_founder_id_aborts_and_names_the_operands) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_DEATH(founder_id({1 << 17, 0, 0}, 0), "broken promise in the program: .* brick\\.x.* = 131072 0 0 0");
    EXPECT_DEATH(founder_id({0, 1 << 17, 0}, 0), "= 0 131072 0 0");
    EXPECT_DEATH(founder_id({0, 0, 1 << 17}, 0), "= 0 0 131072 0");
    EXPECT_DEATH(founder_id({0, 0, -1}, 0), "= 0 0 -1 0");
    EXPECT_DEATH(founder_id({0, 0, 0}, 4096), "= 0 0 0 4096");
}

TEST(Ids, twenty_generations_of_one_founder_collide_with_nobody) {
    // As the simulation divides: the mother keeps her id and counts, the daughter starts at 0.
    struct Line {
        CellId id;
        std::uint32_t divisions;
    };
    std::vector<Line> clone = {{founder_id({12, 34, 0}, 56), 0}};
    for (int generation = 0; generation < 20; ++generation) {
        const std::size_t mothers = clone.size();
        clone.reserve(2 * mothers);
        for (std::size_t n = 0; n < mothers; ++n) {
            const CellId daughter = daughter_id(clone[n].id, clone[n].divisions++);
            EXPECT_FALSE(is_founder(daughter));
            clone.push_back({daughter, 0});
        }
    }
    ASSERT_EQ(clone.size(), 1u << 20);
    std::vector<std::uint64_t> ids;
    for (const Line& line : clone) ids.push_back(line.id.value);
    // Beside them: the arrivals of many voxels and ticks (small numbers, neighbours) and a field of founders.
    for (std::uint64_t place = 0; place < 256; ++place)
        for (std::uint32_t tick = 0; tick < 256; ++tick)
            for (std::uint32_t serial = 0; serial < 4; ++serial) {
                const CellId id = arrival_id(place, tick, serial);
                EXPECT_FALSE(is_founder(id));
                ids.push_back(id.value);
            }
    for (std::int32_t x = 0; x < 32; ++x)
        for (std::int32_t y = 0; y < 32; ++y)
            for (std::uint32_t slot = 0; slot < 64; ++slot)
                if (!(x == 12 && y == 34)) ids.push_back(founder_id({x, y, 0}, slot).value);
    std::sort(ids.begin(), ids.end());
    EXPECT_EQ(std::adjacent_find(ids.begin(), ids.end()), ids.end());
}

TEST(Ids, daughters_of_neighbouring_founders_and_of_one_mother_are_all_different) {
    std::vector<std::uint64_t> ids;
    for (std::uint32_t slot = 0; slot < 4096; ++slot)
        for (std::uint32_t division = 0; division < 64; ++division)
            ids.push_back(daughter_id(founder_id({5, 5, 5}, slot), division).value);
    std::sort(ids.begin(), ids.end());
    EXPECT_EQ(std::adjacent_find(ids.begin(), ids.end()), ids.end());
}

TEST(Ids, mixing_is_the_published_one_and_turns_half_of_the_bits) {
    // SplitMix64 from state 0: the first outputs of the reference program of Vigna.
    EXPECT_EQ(mix64(0), 0xe220a8397b1dcdafULL);
    EXPECT_EQ(mix64(0x9e3779b97f4a7c15ULL), 0x6e789e6aa1b965f4ULL);
    EXPECT_EQ(mix64(0x3c6ef372fe94f82aULL), 0x06c45d188009454fULL);
    for (int bit = 0; bit < 64; ++bit) {
        int turned = 0;
        for (std::uint64_t n = 0; n < 256; ++n) turned += std::popcount(mix64(n) ^ mix64(n ^ (1ULL << bit)));
        EXPECT_NEAR(turned / 256.0, 32.0, 6 * 4.0 / 16) << bit;
    }
}

TEST(Ids, values_are_fixed_for_ever) {
    EXPECT_EQ(founder_id({1, 2, 3}, 4).value, (1ULL << 46) | (2ULL << 29) | (3ULL << 12) | 4);
    EXPECT_EQ(daughter_id({1}, 0).value, 0xf26c9abda71422e8ULL);
    EXPECT_EQ(arrival_id(1, 2, 3).value, 0x89e4353af0829799ULL);
}

TEST(Ids, a_name_has_an_address_of_its_own) {
    EXPECT_EQ(name_address("cd8"), 0xc0479e96d48be468ULL);
    std::vector<std::uint64_t> all;
    for (const char* name : {"", "cd8", "cd8 ", "8cd", "cd8_exhausted", "nk", "mdsc", "NK"})
        all.push_back(name_address(name));
    std::sort(all.begin(), all.end());
    EXPECT_EQ(std::adjacent_find(all.begin(), all.end()), all.end());
}

}  // namespace
}  // namespace stellate
