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
    fs::path root_;
};

TEST_F(results_directory, appears_whole_at_commit_and_leaves_nothing_else) {
    const fs::path target = root_ / "deep" / "er" / "out";
    {
        ResultsDirectory directory(target, false);
        fill(directory, "first");
        EXPECT_FALSE(fs::exists(target));
        directory.commit();
    }
    EXPECT_EQ(read_file(target / "experiment.toml"), "first");
    EXPECT_TRUE(fs::exists(target / "mice/colon/control/1/day-2.png"));
    EXPECT_EQ(std::distance(fs::directory_iterator(target.parent_path()), fs::directory_iterator()), 1);
}

TEST_F(results_directory, leaves_nothing_when_it_is_given_up) {
    {
        ResultsDirectory directory(root_ / "out", false);
        fill(directory, "half");
    }
    EXPECT_EQ(entries(), 0u);
}

TEST_F(results_directory, is_not_replaced_without_force) {
    {
        ResultsDirectory directory(root_ / "out", false);
        fill(directory, "first");
        directory.commit();
    }
    EXPECT_EQ(refusal(root_ / "out", false), "exists; choose another name, or replace it with --force");
    EXPECT_THROW(ResultsDirectory(root_ / "out", false), InputError);
    EXPECT_EQ(read_file(root_ / "out/experiment.toml"), "first");
    {
        ResultsDirectory directory(root_ / "out/", true);  // a slash at the end names the same folder
        fill(directory, "second");
        EXPECT_EQ(read_file(root_ / "out/experiment.toml"), "first");
        directory.commit();
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
        ResultsDirectory directory(root_ / "out", false);
        fill(directory, "mine");
        fs::create_directories(root_ / "out");
        std::ofstream(root_ / "out/other.txt") << "somebody else's";
        try {
            directory.commit();
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
        ResultsDirectory directory(root_ / "out", false);
        fill(directory, "first");
        directory.commit();
    }
    std::string kept;
    {
        ResultsDirectory directory(root_ / "out", true);
        fill(directory, "second");
        // Where the first results would be moved aside to, something lies already.
        for (const auto& entry : fs::directory_iterator(root_)) {
            const std::string name = entry.path().string();
            if (name.find(".unfinished-") == std::string::npos) continue;
            fs::create_directories(name + ".old/in-the-way");
            break;
        }
        try {
            directory.commit();
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
            ResultsDirectory directory(target, false);
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
        ResultsDirectory directory(root_ / "mine/deep/er/out", false);
    }
    EXPECT_TRUE(fs::is_empty(root_ / "mine"));
    {
        ResultsDirectory directory(root_ / "mine/deep/er/out", false);
        fill(directory, "half");
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
