#include "histology/linking.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <numeric>

#include "core/random.hpp"

namespace stellate::histology {
namespace {

using Column = std::vector<float>;

TEST(Linking, CellsTwentyMicrometresApartAreLinkedAndTwentyOneAreNot) {
    const Column y(5, 0);
    EXPECT_EQ(link_foci(Column{0, 20, 40, 60, 80}, y, {}, 20, 5).size(), 1u);
    EXPECT_EQ(link_foci(Column{0, 19, 38, 57, 76}, y, {}, 20, 5).size(), 1u);
    EXPECT_EQ(link_foci(Column{0, 21, 42, 63, 84}, y, {}, 20, 5).size(), 0u);
    EXPECT_EQ(link_foci(Column{0, 20, 40, 60, 81}, y, {}, 20, 5).size(), 0u);
}

TEST(Linking, AGroupOfFourIsNoFocus) {
    const Foci foci = link_foci(Column{0, 5, 10, 15}, Column(4, 0), {}, 20, 5);
    EXPECT_EQ(foci.size(), 0u);
    EXPECT_EQ(foci.focus_of, std::vector<std::int32_t>(4, -1));
}

TEST(Linking, TwoGroupsNineteenApartAreOneFocusAndTwentyOneApartAreTwo) {
    for (const float distance : {19.0f, 21.0f}) {
        Column x, y;
        for (int k = 0; k < 5; ++k) {
            x.push_back(0);
            y.push_back(10.0f * static_cast<float>(k));
            x.push_back(distance);
            y.push_back(10.0f * static_cast<float>(k));
        }
        const Foci foci = link_foci(x, y, {}, 20, 5);
        EXPECT_EQ(foci.size(), distance < 20 ? 1u : 2u);
        EXPECT_EQ(std::accumulate(foci.cells.begin(), foci.cells.end(), 0), 10);
    }
}

TEST(Linking, FociAreNumberedByTheirFirstCell) {
    const Foci foci = link_foci(Column{500, 0, 501, 1, 502, 2, 900}, Column(7, -3), {}, 20, 3);
    EXPECT_EQ(foci.focus_of, (std::vector<std::int32_t>{0, 1, 0, 1, 0, 1, -1}));
    EXPECT_EQ(foci.cells, (std::vector<std::int32_t>{3, 3}));
}

TEST(Linking, DepthSeparatesInABlock) {
    const Column x(6, 0), y(6, 0);
    EXPECT_EQ(link_foci(x, y, Column{0, 1, 2, 30, 31, 32}, 20, 3).size(), 2u);
    EXPECT_EQ(link_foci(x, y, Column{0, 1, 2, 22, 23, 24}, 20, 3).size(), 1u);
    EXPECT_EQ(link_foci(x, y, {}, 20, 3).size(), 1u);
}

TEST(Linking, NoPointsGiveNoFoci) { EXPECT_EQ(link_foci({}, {}, {}, 20, 5).size(), 0u); }

// Every pair, the slow way.
std::vector<std::int32_t> by_hand(const Column& x, const Column& y, const Column& z, double link) {
    std::vector<std::int32_t> group(x.size());
    std::iota(group.begin(), group.end(), 0);
    for (bool changed = true; changed;) {
        changed = false;
        for (std::size_t a = 0; a < x.size(); ++a)
            for (std::size_t b = 0; b < x.size(); ++b) {
                const double dx = double(x[a]) - x[b], dy = double(y[a]) - y[b], dz = double(z[a]) - z[b];
                if (dx * dx + dy * dy + dz * dz <= link * link && group[b] > group[a]) {
                    group[b] = group[a];
                    changed = true;
                }
            }
    }
    return group;
}

TEST(Linking, AgreesWithEveryPairOnRandomClouds) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        SCOPED_TRACE(seed);
        Draws draws(seed, 0, 0, Purpose::test);
        Column x, y, z;
        for (int k = 0; k < 150; ++k) {
            x.push_back(static_cast<float>(300 * draws.uniform() - 150));
            y.push_back(static_cast<float>(200 * draws.uniform()));
            z.push_back(static_cast<float>(60 * draws.uniform()));
        }
        const Foci foci = link_foci(x, y, z, 20, 1);
        const auto expected = by_hand(x, y, z, 20);
        std::map<std::int32_t, std::int32_t> number;
        for (std::size_t k = 0; k < x.size(); ++k) {
            const auto [it, first] = number.emplace(expected[k], static_cast<std::int32_t>(number.size()));
            EXPECT_EQ(foci.focus_of[k], it->second);
        }
        EXPECT_EQ(foci.size(), number.size());
    }
}

}  // namespace
}  // namespace stellate::histology
