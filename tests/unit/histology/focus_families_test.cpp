#include "histology/focus_families.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "core/random.hpp"

namespace stellate::histology {
namespace {

// Cells on a line; five linked within 20 um are a focus.
struct Line {
    std::map<std::uint64_t, float> at;  // by id
    FocusFamilies families;

    void row(std::uint64_t first_id, int cells, float x) {
        for (int k = 0; k < cells; ++k) at[first_id + std::uint64_t(k)] = x + 10.0f * static_cast<float>(k);
    }
    void kill(std::uint64_t first_id, int cells) {
        for (int k = 0; k < cells; ++k) at.erase(first_id + std::uint64_t(k));
    }
    int look() {
        std::vector<float> x;
        std::vector<std::uint64_t> ids;
        for (const auto& [id, place] : at) ids.push_back(id), x.push_back(place);
        const std::vector<float> y(x.size(), 0);
        families.look(ids, link_foci(x, y, {}, 20, 1), 5);
        return static_cast<int>(link_foci(x, y, {}, 20, 5).size());
    }
};

TEST(FocusFamilies, AFocusOfCellsThatWereInNoneIsFounded) {
    Line line;
    line.row(1, 4, 0);
    line.look();
    EXPECT_EQ(line.families.founded(), 0);
    line.row(5, 1, 40);
    line.row(101, 5, 500);
    EXPECT_EQ(line.look(), 2);
    EXPECT_EQ(line.families.founded(), 2);
    EXPECT_EQ(line.families.present(), 2);
}

TEST(FocusFamilies, PiecesAreSeveralFociAndOneFamily) {
    Line line;
    line.row(1, 15, 0);
    line.look();
    line.kill(6, 5);  // its middle
    EXPECT_EQ(line.look(), 2);
    EXPECT_EQ(line.families.founded(), 1);
    EXPECT_EQ(line.families.present(), 1);
}

TEST(FocusFamilies, StragglersThatGrowIntoAFocusFoundNone) {
    Line line;
    line.row(1, 11, 0);
    line.look();
    line.kill(6, 4);  // leaves cells 1 to 5, and 10 and 11
    EXPECT_EQ(line.look(), 1);
    line.row(20, 2, 110);  // daughters of 10 and 11
    line.look();
    line.kill(10, 2);  // the mothers die: the daughters are known by whom they stood with
    line.row(30, 3, 130);
    EXPECT_EQ(line.look(), 2);
    EXPECT_EQ(line.families.founded(), 1);
    EXPECT_EQ(line.families.present(), 1);
}

TEST(FocusFamilies, FociThatMergeAreOneFamilyForGood) {
    Line line;
    line.row(1, 5, 0);
    line.row(11, 5, 200);
    line.look();
    EXPECT_EQ(line.families.present(), 2);
    line.row(21, 16, 45);  // fills the gap
    EXPECT_EQ(line.look(), 1);
    EXPECT_EQ(line.families.founded(), 2);
    EXPECT_EQ(line.families.present(), 1);
    line.kill(21, 16);
    EXPECT_EQ(line.look(), 2);
    EXPECT_EQ(line.families.present(), 1);
}

TEST(FocusFamilies, TwoStragglersThatMeetDoNotMakeTheirFamiliesOne) {
    Line line;
    line.row(1, 6, 0);
    line.row(11, 6, 300);
    line.look();
    line.at[6] = 150, line.at[11] = 160;
    EXPECT_EQ(line.look(), 2);
    EXPECT_EQ(line.families.present(), 2);
}

TEST(FocusFamilies, AFamilyWithoutAFocusIsNotPresentAndComesBack) {
    Line line;
    line.row(1, 5, 0);
    line.look();
    line.kill(1, 1);
    line.look();
    EXPECT_EQ(line.families.present(), 0);
    line.row(6, 1, 50);
    line.look();
    EXPECT_EQ(line.families.present(), 1);
    EXPECT_EQ(line.families.founded(), 1);
}

// Foci grow, break and die out at random: families never outnumber foci, nor what was ever founded.
TEST(FocusFamilies, AreNeverMoreThanFociOrFounded) {
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        Draws draws(seed, 1, 2, Purpose::ensemble);
        Line line;
        std::uint64_t next = 1;
        int founded = 0;
        for (int day = 0; day < 20; ++day) {
            for (int n = 0; n < 10; ++n, ++next) line.at[next] = static_cast<float>(1500 * draws.uniform());
            for (int n = 0; n < 6; ++n) {
                const auto victim = line.at.lower_bound(std::uint64_t(double(next) * draws.uniform()));
                if (victim != line.at.end()) line.at.erase(victim);
            }
            const int foci = line.look();
            EXPECT_LE(line.families.present(), foci);
            EXPECT_EQ(line.families.present() == 0, foci == 0);
            EXPECT_LE(line.families.present(), line.families.founded());
            EXPECT_GE(line.families.founded(), founded);
            founded = line.families.founded();
        }
        EXPECT_GT(founded, 0);
    }
}

}  // namespace
}  // namespace stellate::histology
