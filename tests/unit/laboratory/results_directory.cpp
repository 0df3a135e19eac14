// A results directory is whole or absent, and nothing of a user's is ever lost.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "core/atomic_file.hpp"
#include "laboratory/json.hpp"
#include "laboratory/results.hpp"

namespace stellate::laboratory {

namespace fs = std::filesystem;

class results_directory : public ::testing::Test {
protected:
    void SetUp() override {
        root_ = fs::temp_directory_path() / ("stellate-results-" + std::to_string(::getpid()));
        fs::create_directories(root_);
    }
    void TearDown() override { fs::remove_all(root_); }
    std::size_t entries() const {
        return std::size_t(std::distance(fs::directory_iterator(root_), fs::directory_iterator()));
    }
    static std::string refusal(const fs::path& target, bool force) {
        try {
            check_target(target, force);
        } catch (const InputError& error) {
            return error.problems().front().message;
        }
        return "";
    }
    static void fill(ResultsDirectory& directory, const std::string& text) {
        directory.write("experiment.toml", text);
        directory.write("provenance.json", "{}");
        directory.write("mice/colon/control/1/day-2.png", "png");
    }
    static void commit(ResultsDirectory& directory) {
        directory.commit({{"experiment", "test"}}, [] {});
    }
    fs::path root_;
};

TEST_F(results_directory, appears_whole_at_commit_and_leaves_nothing_else) {
    const fs::path target = root_ / "deep" / "er" / "out";
    {
        ResultsDirectory directory(target, false, "days = 1\n");
        fill(directory, "first");
        EXPECT_FALSE(fs::exists(target));
        commit(directory);
    }
    EXPECT_EQ(read_file(target / "experiment.toml"), "first");
    EXPECT_TRUE(fs::exists(target / "mice/colon/control/1/day-2.png"));
    EXPECT_EQ(std::distance(fs::directory_iterator(target.parent_path()), fs::directory_iterator()), 1);
}

TEST_F(results_directory, leaves_nothing_when_there_is_nothing_to_go_on_from) {
    {
        ResultsDirectory directory(root_ / "out", false, "days = 1\n");
        directory.write("experiment.toml", "half");
        EXPECT_FALSE(directory.resumed());
    }
    EXPECT_EQ(entries(), 0u);
}

TEST_F(results_directory, what_was_left_is_there_for_the_same_run_and_for_no_other) {
    {
        ResultsDirectory directory(root_ / "out", false, "seed = 1\ndays = 1\n");
        directory.begin_session("first");
        fill(directory, "half");  // something below mice/
    }
    EXPECT_FALSE(fs::exists(root_ / "out"));
    const auto complaint = [&](bool force, const std::string& identity) {
        try {
            ResultsDirectory directory(root_ / "out", force, identity);
        } catch (const InputError& error) {
            return std::string(error.what());
        }
        return std::string("nothing");
    };
    EXPECT_EQ(
        complaint(false, "seed = 1\ndays = 2\n"),
        "--out: " + (root_ / "out.unfinished").string() +
            ": holds an unfinished run of another experiment ('days = 1' there, 'days = 2' here); go on with that "
            "one, choose another name, or start anew with --force");
    EXPECT_TRUE(fs::exists(root_ / "out.unfinished/mice/colon/control/1/day-2.png"));
    {
        ResultsDirectory directory(root_ / "out", false, "seed = 1\ndays = 1\n");
        EXPECT_TRUE(directory.resumed());
        EXPECT_EQ(directory.begin_session("second"), (std::vector<std::string>{"first", "second"}));
    }
    EXPECT_EQ(complaint(true, "seed = 1\ndays = 2\n"), "nothing");  // started anew, and given up with nothing in it
    EXPECT_EQ(entries(), 0u);
    fs::create_directories(root_ / "out.unfinished");
    std::ofstream(root_ / "out.unfinished/thesis.txt") << "years of work";
    EXPECT_NE(complaint(true, "x\n").find("is no unfinished run of this program"), std::string::npos);
    EXPECT_TRUE(fs::exists(root_ / "out.unfinished/thesis.txt"));
}

TEST_F(results_directory, one_process_works_in_it_at_a_time) {
    ResultsDirectory directory(root_ / "out", false, "x\n");
    fill(directory, "mine");
    try {
        ResultsDirectory other(root_ / "out", false, "x\n");
        ADD_FAILURE() << "two at once";
    } catch (const InputError& error) {
        EXPECT_NE(std::string(error.what()).find("is in use by pid " + std::to_string(::getpid()) + " on "),
                  std::string::npos)
            << error.what();
    }
    commit(directory);
    EXPECT_EQ(read_file(root_ / "out/experiment.toml"), "mine");
    EXPECT_FALSE(fs::exists(root_ / "out/lock"));
    EXPECT_FALSE(fs::exists(root_ / "out/unfinished"));
}

// Killed when all was written and nothing put in place: the next start does just that.
TEST_F(results_directory, killed_before_the_last_step_they_are_put_in_place_by_the_next_start) {
    {
        ResultsDirectory directory(root_ / "out", false, "x\n");
        fill(directory, "mine");
        commit(directory);
    }
    fs::rename(root_ / "out", root_ / "out.unfinished");
    write_file_atomically(root_ / "out.unfinished/unfinished", "stellate unfinished run 1\nx\n");
    {
        ResultsDirectory directory(root_ / "out", false, "x\n");
        EXPECT_TRUE(directory.finished());
        commit(directory);
    }
    EXPECT_EQ(read_file(root_ / "out/experiment.toml"), "mine");
    EXPECT_EQ(entries(), 1u);
}

TEST_F(results_directory, is_not_replaced_without_force) {
    {
        ResultsDirectory directory(root_ / "out", false, "days = 1\n");
        fill(directory, "first");
        commit(directory);
    }
    EXPECT_EQ(refusal(root_ / "out", false), "exists; choose another name, or replace it with --force");
    EXPECT_THROW(ResultsDirectory(root_ / "out", false, ""), InputError);
    EXPECT_EQ(read_file(root_ / "out/experiment.toml"), "first");
    {
        ResultsDirectory directory(root_ / "out/", true, "days = 1\n");  // a slash at the end names the same folder
        fill(directory, "second");
        EXPECT_EQ(read_file(root_ / "out/experiment.toml"), "first");
        commit(directory);
    }
    EXPECT_EQ(read_file(root_ / "out/experiment.toml"), "second");
    EXPECT_EQ(entries(), 1u);
}

TEST_F(results_directory, never_replaces_what_is_no_results_directory) {
    fs::create_directories(root_ / "thesis");
    std::ofstream(root_ / "thesis/chapter.txt") << "years of work";
    EXPECT_EQ(refusal(root_ / "thesis", true),
              "exists and holds no results of this program, so --force does not replace it");
    EXPECT_EQ(refusal(root_ / "thesis/chapter.txt", true), "exists and is a file");
    fs::create_directory_symlink(root_ / "thesis", root_ / "link");
    EXPECT_EQ(refusal(root_ / "link", true), "is a link; name the folder itself");
    EXPECT_EQ(refusal("", false), "is empty; expected a folder that does not exist yet");
    EXPECT_TRUE(fs::exists(root_ / "thesis/chapter.txt"));
}

TEST_F(results_directory, keeps_finished_results_when_the_name_was_taken_meanwhile) {
    std::string kept;
    {
        ResultsDirectory directory(root_ / "out", false, "days = 1\n");
        fill(directory, "mine");
        fs::create_directories(root_ / "out");
        std::ofstream(root_ / "out/other.txt") << "somebody else's";
        try {
            commit(directory);
            ADD_FAILURE() << "replaced somebody else's folder";
        } catch (const RunError& error) {
            const std::string message = error.what();
            kept = message.substr(message.rfind(' ') + 1);
        }
    }
    EXPECT_EQ(read_file(fs::path(kept) / "experiment.toml"), "mine");
    EXPECT_EQ(read_file(root_ / "out/other.txt"), "somebody else's");
}

TEST_F(results_directory, keeps_the_results_when_they_cannot_be_put_in_place) {
    {
        ResultsDirectory directory(root_ / "out", false, "days = 1\n");
        fill(directory, "first");
        commit(directory);
    }
    std::string kept;
    {
        ResultsDirectory directory(root_ / "out", true, "days = 1\n");
        fill(directory, "second");
        // Where the first results would be moved aside to, something lies already.
        fs::create_directories(root_ / "out.unfinished.old/in-the-way");
        try {
            commit(directory);
            ADD_FAILURE() << "there was no way";
        } catch (const RunError& error) {
            const std::string message = error.what();
            EXPECT_NE(message.find("could not be moved aside"), std::string::npos) << message;
            kept = message.substr(message.rfind(' ') + 1);
        }
    }
    EXPECT_EQ(read_file(fs::path(kept) / "experiment.toml"), "second");
    EXPECT_EQ(read_file(root_ / "out/experiment.toml"), "first");
}

TEST_F(results_directory, a_place_that_cannot_be_written_is_told_before_the_run_and_nothing_is_left) {
    const auto complaint = [](const fs::path& target) {
        try {
            ResultsDirectory directory(target, false, "days = 1\n");
        } catch (const InputError& error) {
            return std::string(error.what());
        }
        return std::string("nothing");
    };
    std::ofstream(root_ / "file") << "x";
    const std::string root = root_.string();
    EXPECT_EQ(complaint(root_ / "file/out"),
              "--out: " + root + "/file/out: nothing can be made in " + root + "/file: Not a directory");
    EXPECT_EQ(complaint(root_ / "file/deep/er/out"),
              "--out: " + root + "/file/deep/er/out: nothing can be made in " + root + "/file: Not a directory");
    EXPECT_EQ(complaint("/proc/stellate/out"),
              "--out: /proc/stellate/out: nothing can be made in /proc: No such file or directory");
    EXPECT_EQ(entries(), 1u);
    // The first of the missing parents can be made, the folder in it cannot: its name is too long.
    const std::string name(250, 'n');
    EXPECT_EQ(
        complaint(root_ / "deep" / "er" / name),
        "--out: " + root + "/deep/er/" + name + ": nothing can be made in " + root + "/deep/er: File name too long");
    EXPECT_EQ(entries(), 1u);
    fs::create_directories(root_ / "locked");
    fs::permissions(root_ / "locked", fs::perms::owner_read | fs::perms::owner_exec);
    if (::geteuid() != 0) {  // root may write anywhere
        EXPECT_EQ(complaint(root_ / "locked/out"),
                  "--out: " + root + "/locked/out: nothing can be made in " + root + "/locked: Permission denied");
    }
    EXPECT_TRUE(fs::is_empty(root_ / "locked"));
}

TEST_F(results_directory, given_up_takes_the_parents_it_made_with_it_unless_others_use_them) {
    fs::create_directories(root_ / "mine");
    {
        ResultsDirectory directory(root_ / "mine/deep/er/out", false, "days = 1\n");
    }
    EXPECT_TRUE(fs::is_empty(root_ / "mine"));
    {
        ResultsDirectory directory(root_ / "mine/deep/er/out", false, "days = 1\n");
        directory.write("experiment.toml", "half");
        std::ofstream(root_ / "mine/deep/notes.txt") << "somebody else's";
    }
    EXPECT_TRUE(fs::exists(root_ / "mine/deep/notes.txt"));
    EXPECT_FALSE(fs::exists(root_ / "mine/deep/er"));
}

TEST_F(results_directory, digests_are_read_back_and_judged) {
    fs::create_directories(root_ / "out");
    const std::string hash(32, 'a');
    std::ofstream(root_ / "out/digests.csv") << "primary,arm,mouse,day,digest\ncolon,control,1,2," << hash << "\n";
    const std::vector<DigestRow> rows = read_digests(root_ / "out");
    ASSERT_EQ(rows.size(), 1u);
    EXPECT_EQ(rows[0].arm, "control");
    EXPECT_EQ(digest_of(rows).size(), 32u);
    std::ofstream(root_ / "out/digests.csv") << "primary,arm,mouse,day,digest\ncolon,control,1,2,zz\n";
    EXPECT_THROW(read_digests(root_ / "out"), InputError);
    EXPECT_THROW(read_digests(root_), InputError);
}

TEST(json, nests_escapes_and_has_no_infinity) {
    JsonWriter json;
    json.begin_object()
        .member("a\"b", "line\nbreak\x01")
        .member("n", 0.1)
        .member("infinite", 1e308 * 10)
        .member("none", std::optional<double>{});
    json.key("list").begin_array().value(1).value(true).begin_object().end_object().end_array().end_object();
    EXPECT_EQ(json.text(),
              "{\n  \"a\\\"b\": \"line\\nbreak\\u0001\",\n  \"n\": 0.1,\n  \"infinite\": null,\n  \"none\": null,\n"
              "  \"list\": [\n    1,\n    true,\n    {}\n  ]\n}\n");
}

}  // namespace stellate::laboratory
