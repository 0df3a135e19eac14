#include "histology/focus_families.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "core/random.hpp"

namespace stellate::histology {
namespace {

// Rows of five cells each, 100 um apart, so that each is a focus; `clones` gives one clone a cell.
FocusFamilies families_of_rows(const std::vector<std::vector<float>>& clones) {
    std::vector<float> x, y, clone;
    for (std::size_t row = 0; row < clones.size(); ++row)
        for (std::size_t n = 0; n < clones[row].size(); ++n) {
            x.push_back(10.0f * static_cast<float>(n));
            y.push_back(100.0f * static_cast<float>(row));
            clone.push_back(clones[row][n]);
        }
    return families_of(clone, link_foci(x, y, {}, 20, 5));
}

TEST(FocusFamilies, FociOfDifferentClonesAreDifferentFamilies) {
    const FocusFamilies f = families_of_rows({{.1f, .1f, .1f, .1f, .1f}, {.2f, .2f, .2f, .2f, .2f}});
    EXPECT_EQ(f.families, 2);
    EXPECT_EQ(f.clones, 2);
}

TEST(FocusFamilies, PiecesOfOneCloneAreOneFamily) {
    const std::vector<float> piece(6, .3f);
    const FocusFamilies f = families_of_rows({piece, piece, piece});
    EXPECT_EQ(f.families, 1);
    EXPECT_EQ(f.clones, 1);
}

TEST(FocusFamilies, AFocusOfTwoClonesMakesTheirFociOneFamily) {
    const FocusFamilies f = families_of_rows(
        {{.1f, .1f, .1f, .1f, .1f}, {.1f, .2f, .2f, .2f, .2f}, {.2f, .2f, .2f, .2f, .2f}, {.4f, .4f, .4f, .4f, .4f}});
    EXPECT_EQ(f.families, 2);
    EXPECT_EQ(f.clones, 3);
}

TEST(FocusFamilies, CellsOutsideFociJoinNothing) {
    const FocusFamilies f =
        families_of_rows({{.1f, .1f, .1f, .1f, .1f}, {.1f, .2f, .2f}, {.2f, .2f, .2f, .2f, .2f}, {.5f, .5f}});
    EXPECT_EQ(f.families, 2);
    EXPECT_EQ(f.clones, 2);
}

TEST(FocusFamilies, NoFociNoFamilies) {
    const FocusFamilies f = families_of_rows({{.1f, .1f}});
    EXPECT_EQ(f.families, 0);
    EXPECT_EQ(f.clones, 0);
}

// Against the slow way: join any two foci that share a clone until nothing changes.
TEST(FocusFamilies, AgreeWithEveryPairOfFoci) {
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        Draws draws(seed, 1, 2, Purpose::ensemble);
        std::vector<std::vector<float>> rows(8, std::vector<float>(5));
        for (auto& row : rows)
            for (float& clone : row) clone = static_cast<float>(static_cast<int>(20 * draws.uniform())) / 20.0f;
        std::vector<std::size_t> family(rows.size());
        for (std::size_t n = 0; n < rows.size(); ++n) family[n] = n;
        for (bool changed = true; changed;) {
            changed = false;
            for (std::size_t a = 0; a < rows.size(); ++a)
                for (std::size_t b = 0; b < rows.size(); ++b) {
                    const bool shared = std::find_first_of(rows[a].begin(), rows[a].end(), rows[b].begin(),
                                                           rows[b].end()) != rows[a].end();
                    if (shared && family[b] > family[a]) family[b] = family[a], changed = true;
                }
        }
        std::sort(family.begin(), family.end());
        const auto distinct = std::unique(family.begin(), family.end()) - family.begin();
        EXPECT_EQ(families_of_rows(rows).families, distinct) << "seed " << seed;
    }
}

}  // namespace
}  // namespace stellate::histology
