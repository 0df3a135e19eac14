// What a user reads after a mistake: where, what, what was expected, and which name was meant.
#include "core/error.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace stellate {
namespace {

std::string message_of(const Problems& problems) {
    try {
        problems.throw_if_any();
    } catch (const InputError& error) {
        return error.what();
    }
    return "nothing thrown";
}

std::string text_of(const std::string& file, int line, int column, const std::string& key, const std::string& message) {
    Problem problem;
    problem.place.file = file, problem.place.line = line, problem.place.column = column;
    problem.key = key, problem.message = message;
    return to_string(problem);
}

TEST(Error, a_problem_reads_as_file_line_column_key_message) {
    EXPECT_EQ(text_of("a.toml", 3, 7, "arms.control", "is empty"), "a.toml:3:7: arms.control: is empty");
    EXPECT_EQ(text_of("a.toml", 3, 0, "", "is empty"), "a.toml:3: is empty");
    EXPECT_EQ(text_of("a.toml", 0, 0, "seed", "is missing"), "a.toml: seed: is missing");
    EXPECT_EQ(text_of("", 0, 0, "", "is missing"), "is missing");
    const InputError error(Place{"a.toml", 1, 0}, "k", "m");
    EXPECT_STREQ(error.what(), "a.toml:1: k: m");
}

TEST(Error, all_problems_are_told_in_the_order_of_the_file_whatever_the_order_they_were_found_in) {
    Problems problems;
    EXPECT_TRUE(problems.empty());
    EXPECT_NO_THROW(problems.throw_if_any());
    problems.add({"b.toml", 1, 1}, "", "second file");
    problems.add({"a.toml", 12, 1}, "", "line 12");
    problems.add({"a.toml", 9, 4}, "", "line 9, found first");
    problems.add({"a.toml", 9, 2}, "", "line 9, further left");
    problems.add({"a.toml", 9, 4}, "", "line 9, found second");
    EXPECT_FALSE(problems.empty());
    EXPECT_EQ(message_of(problems),
              "a.toml:9:2: line 9, further left\n"
              "a.toml:9:4: line 9, found first\n"
              "a.toml:9:4: line 9, found second\n"
              "a.toml:12:1: line 12\n"
              "b.toml:1:1: second file");
}

TEST(Error, problems_of_one_place_stay_in_the_order_they_were_found_in) {
    Problems problems;
    std::string expected;
    for (int n = 0; n < 20; ++n) {
        problems.add({"a.toml", 5, 5}, "", "number " + std::to_string(n));
        expected += (n ? "\n" : "") + std::string("a.toml:5:5: number ") + std::to_string(n);
    }
    EXPECT_EQ(message_of(problems), expected);
}

TEST(Error, at_most_twenty_problems_are_shown_and_the_rest_is_counted) {
    for (const int count : {19, 20, 21, 57}) {
        Problems problems;
        for (int n = 1; n <= count; ++n) problems.add({"a.toml", n}, "", "wrong");
        const std::string text = message_of(problems);
        const auto lines = std::count(text.begin(), text.end(), '\n') + 1;
        EXPECT_EQ(lines, std::min(count, 20) + (count > 20)) << count;
        EXPECT_NE(text.find("a.toml:19: wrong"), std::string::npos);
        EXPECT_EQ(text.find("a.toml:21: wrong"), std::string::npos);
        EXPECT_EQ(text.find("more") != std::string::npos, count > 20) << count;
        if (count == 57) {
            EXPECT_TRUE(text.ends_with("\n... and 37 more")) << text;
        }
        try {
            problems.throw_if_any();
        } catch (const InputError& error) {
            EXPECT_EQ(error.problems().size(), std::size_t(count));  // none is forgotten
        }
    }
}

const std::vector<std::string> names = {
    "half_max",      "cycle_entry", "apoptosis",           "TGFB1",          "VEGFA", "hsc_activated",
    "hsc_quiescent", "collagen",    "collagen_deposition", "migration_speed"};

TEST(Error, a_misspelling_finds_its_name) {
    EXPECT_EQ(nearest_name("half_mx", names), "half_max");     // a letter lost
    EXPECT_EQ(nearest_name("half_maxx", names), "half_max");   // a letter too many
    EXPECT_EQ(nearest_name("hlaf_max", names), "half_max");    // two letters swapped
    EXPECT_EQ(nearest_name("hlaf_mxa", names), "half_max");    // twice: a swap counts one
    EXPECT_EQ(nearest_name("apoptosos", names), "apoptosis");  // a wrong letter
    EXPECT_EQ(nearest_name("tgfb1", names), "TGFB1");          // the wrong case
    EXPECT_EQ(nearest_name("VEGF", names), "VEGFA");
    EXPECT_EQ(nearest_name("hsc_activ", names), "hsc_activated");  // the beginning of a long name
    EXPECT_EQ(nearest_name("collagen_deposit", names), "collagen_deposition");
    EXPECT_EQ(nearest_name("migration_speed_of_cells", names), "migration_speed");
}

TEST(Error, what_is_near_nothing_is_left_alone) {
    EXPECT_EQ(nearest_name("temperature", names), "");
    EXPECT_EQ(nearest_name("", names), "");
    EXPECT_EQ(nearest_name("apoptosis", {}), "");
    EXPECT_EQ(nearest_name(std::string(100000, 'a'), names), "");
}

TEST(Error, distance_allowed_grows_with_the_word) {
    EXPECT_EQ(nearest_name("abXYe", {"abcde"}), "abcde");                       // 2 of 5
    EXPECT_EQ(nearest_name("aXYZe", {"abcde"}), "");                            // 3 of 5
    EXPECT_EQ(nearest_name("abcdefghXYZl", {"abcdefghijkl"}), "abcdefghijkl");  // 3 of 12
    EXPECT_EQ(nearest_name("aVWXYZghijkl", {"abcdefghijkl"}), "");              // 5 of 12
}

TEST(Error, the_nearer_name_wins_over_the_shared_beginning) {
    EXPECT_EQ(nearest_name("collagem", {"collagen_deposition", "collagen"}), "collagen");
    EXPECT_EQ(nearest_name("seed", {"seeding_bias", "speed"}), "speed");
}

TEST(Error, a_suggestion_is_a_clause_or_nothing) {
    EXPECT_EQ(did_you_mean("half_mx", names), " (did you mean 'half_max'?)");
    EXPECT_EQ(did_you_mean("temperature", names), "");
}

TEST(ErrorDeathTest, a_broken_promise_prints_condition_place_and_operands_and_aborts) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    const int row = 7, rows = 5;
    EXPECT_DEATH(STELLATE_ASSERT(row < rows, row, rows), "row < rows .*error_test\\.cpp:[0-9]+\\); row, rows = 7 5");
}

TEST(Error, a_kept_promise_costs_nothing_visible) { STELLATE_ASSERT(1 + 1 == 2, 1); }

}  // namespace
}  // namespace stellate
