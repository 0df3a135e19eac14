// Whatever stops a run, the same command goes on from what is on disk and ends with the bits of a run that nobody
// stopped. The long form of all this: tests/robustness/soak.sh.
#include <gmock/gmock.h>

#include <chrono>
#include <cstdlib>
#include <random>
#include <thread>

#include "laboratory/results.hpp"
#include "program.hpp"

namespace stellate::laboratory::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class stopped_runs : public Program {
protected:
    static void SetUpTestSuite() { ASSERT_TRUE(fs::exists(STELLATE_SOURCE_DIR "/tests/robustness/chaos.toml")); }

    void SetUp() override {
        Program::SetUp();
        fs::copy(STELLATE_SOURCE_DIR "/tests/robustness/chaos.toml", root_ / "chaos.toml");
        // One undisturbed run for all tests of this suite; its time sets when others are stopped.
        if (reference_.empty()) {
            const auto begin = std::chrono::steady_clock::now();
            ASSERT_EQ(run(command("reference")), 0) << err();
            seconds_ = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
            reference_ = content("reference");
        }
    }

    // Three arms of one mouse for two days, checkpoints four times a day.
    static std::vector<std::string> command(const std::string& out, const std::vector<std::string>& more = {}) {
        std::vector<std::string> words = {"run",       "chaos.toml", "--mice",        "1",     "--days", "2",
                                          "--threads", "2",          "--tables-only", "--out", out};
        words.insert(words.end(), more.begin(), more.end());
        return words;
    }
    // What must not differ: states, endpoints, growth, kills.
    std::string content(const std::string& out) const {
        std::string all;
        for (const char* table : {"digests.csv", "endpoints.csv", "growth.csv", "kills.csv", "proteins.csv"})
            all += read_file(root_ / out / table);
        return all;
    }
    std::vector<fs::path> found(const std::string& out, const std::string& prefix) const {
        std::vector<fs::path> paths;
        std::error_code error;
        for (fs::recursive_directory_iterator entry(root_ / (out + ".unfinished"), error), end; !error && entry != end;
             entry.increment(error))
            if (entry->path().filename().string().starts_with(prefix)) paths.push_back(entry->path());
        std::sort(paths.begin(), paths.end());
        return paths;
    }
    void wait_for_checkpoints(const std::string& out, std::size_t number) const {
        for (int n = 0; n < 3000 && found(out, "checkpoint-").size() < number; ++n)
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    void sleep(double share) const { std::this_thread::sleep_for(std::chrono::duration<double>(share * seconds_)); }
    void ends_as_the_reference(const std::string& out) {
        ASSERT_EQ(run(command(out, {"--resume"})), 0) << err();
        EXPECT_EQ(content(out), reference_);
        EXPECT_FALSE(fs::exists(root_ / (out + ".unfinished")));
        for (const auto& entry : fs::recursive_directory_iterator(root_ / out))
            EXPECT_EQ(entry.path().string().find(".tmp-"), std::string::npos) << entry.path();
    }
    // Stops a run when it has something on disk.
    void leave_unfinished(const std::string& out) {
        const pid_t child = start(command(out));
        wait_for_checkpoints(out, 2);
        ::kill(child, SIGKILL);
        wait_for(child);
        ASSERT_GE(found(out, "checkpoint-").size(), 2u);
    }

    static inline std::string reference_;
    static inline double seconds_ = 0;
};

TEST_F(stopped_runs, killed_at_any_moment_and_gone_on_with) {
    std::mt19937 random(7);
    for (int n = 0; n < 6; ++n) {
        const std::string out = "killed-" + std::to_string(n);
        const int kills = n < 4 ? 1 : 2;
        for (int k = 0; k < kills; ++k) {
            const pid_t child =
                start(command(out, k == 0 ? std::vector<std::string>{} : std::vector<std::string>{"--resume"}));
            sleep(std::uniform_real_distribution(0.05, 0.95)(random));
            ::kill(child, SIGKILL);
            wait_for(child);
        }
        if (fs::exists(root_ / out)) continue;  // it was faster
        ends_as_the_reference(out);
    }
}

TEST_F(stopped_runs, a_signal_leaves_everything_on_disk_and_says_how_to_go_on) {
    for (const auto& [signal, status] : {std::pair{SIGINT, 130}, std::pair{SIGTERM, 143}}) {
        const std::string out = "signal-" + std::to_string(signal);
        const pid_t child = start(command(out));
        wait_for_checkpoints(out, 1);
        ::kill(child, signal);
        EXPECT_EQ(wait_for(child), status);
        EXPECT_THAT(err(), StartsWith("interrupted; "));
        EXPECT_THAT(err(), HasSubstr("of 3 animals are done, and every other is on disk as it stood, in " +
                                     (root_ / (out + ".unfinished")).string()));
        EXPECT_THAT(err(), HasSubstr("the same command goes on from there: stellate run chaos.toml --mice 1"));
        EXPECT_FALSE(fs::exists(root_ / out));
        // Going on needs no word, and is told.
        ASSERT_EQ(run(command(out)), 0) << err();
        EXPECT_THAT(err(), HasSubstr("going on with the unfinished run in "));
        EXPECT_EQ(content(out), reference_);
        // Finished, there is nothing to go on with, and without asking nothing is replaced.
        EXPECT_EQ(run(command(out, {"--resume"})), 0);
        EXPECT_EQ(this->out(), out + " is finished; there is nothing to go on with\n");
        EXPECT_EQ(run(command(out)), 2);
        EXPECT_EQ(run(command(out, {"--seed", "8", "--resume"})), 2);
    }
}

TEST_F(stopped_runs, before_anything_is_lived_nothing_is_left) {
    const pid_t child = start(command("deep/er/out"));
    for (int n = 0; n < 2000 && !fs::exists(root_ / "deep/er"); ++n)
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    ::kill(child, SIGTERM);
    EXPECT_EQ(wait_for(child), 143);
    EXPECT_TRUE(!fs::exists(root_ / "deep") || fs::exists(root_ / "deep/er/out.unfinished/mice")) << err();
}

TEST_F(stopped_runs, a_second_signal_stops_at_once) {
    const pid_t child = start(command("twice"));
    wait_for_checkpoints("twice", 1);
    ::kill(child, SIGSTOP);
    ::kill(child, SIGINT);
    ::kill(child, SIGTERM);  // both are there when it goes on: one right after the other
    ::kill(child, SIGCONT);
    const int status = wait_for(child);
    EXPECT_TRUE(status == 130 || status == 143) << status;
    EXPECT_EQ(err(), "");  // no time for words
    ends_as_the_reference("twice");
}

TEST_F(stopped_runs, a_time_budget_is_kept) {
    int stops = 0, status = 124;
    // At least 1 s is kept back for the last checkpoints.
    for (; status == 124 && stops < 40; ++stops) {
        status = run(command("budget", {"--walltime", std::to_string(1.2 + 0.25 * seconds_) + " s"}));
        if (status == 124) {
            EXPECT_THAT(err(), HasSubstr("the time budget is used up; "));
        }
    }
    EXPECT_EQ(status, 0) << err();
    EXPECT_GE(stops, 2);
    EXPECT_EQ(content("budget"), reference_);
    EXPECT_EQ(run(command("budget", {"--walltime", "2 parsec"})), 2);
    EXPECT_EQ(err(), "--walltime: 2 parsec: expected a time above 0, such as '90 s', '30 min' or '2h'\n");
}

TEST_F(stopped_runs, results_and_work_are_checked_file_by_file) {
    leave_unfinished("seen");
    ASSERT_EQ(run({"check", "seen.unfinished"}), 0) << err();
    EXPECT_THAT(out(),
                ::testing::MatchesRegex(
                    "seen.unfinished: sound, an unfinished run: [0-9]+ files as written, [0-9]+ states decoded\n"));
    fs::resize_file(found("seen", "checkpoint-").front() / "record.zst", 10);
    EXPECT_EQ(run({"check", "seen.unfinished"}), 1);
    EXPECT_THAT(err(), HasSubstr("record.zst: has 10 bytes, expected "));

    ASSERT_EQ(run(command("kept", {"--set", "checkpoint.keep=[1]"})), 0) << err();
    ASSERT_EQ(run({"check", "kept"}), 0) << err();
    EXPECT_THAT(out(), ::testing::MatchesRegex("kept: sound, results: [0-9]+ files as written, 2 states decoded\n"));
    EXPECT_EQ(err(), "");
    write("kept/notes.txt", "mine");
    ASSERT_EQ(run({"check", "kept"}), 0);
    EXPECT_EQ(err(), "kept/notes.txt: is not part of these results\n");
    write("kept/endpoints.csv", read_file(root_ / "kept/endpoints.csv") + "\n");
    fs::remove(root_ / "kept/kills.csv");
    EXPECT_EQ(run({"check", "kept"}), 1);
    EXPECT_THAT(err(), HasSubstr("kept/endpoints.csv: has "));
    EXPECT_THAT(err(), HasSubstr("kept/kills.csv: cannot be opened"));
    EXPECT_EQ(run({"check", "kept", "--json"}), 1);
    EXPECT_THAT(out(), HasSubstr("\"damage\": \"kept/endpoints.csv: has "));
}

TEST_F(stopped_runs, a_branch_without_a_change_is_its_parent_to_the_bit) {
    ASSERT_EQ(run(command("parent", {"--set", "checkpoint.keep=[0.5,1]"})), 0) << err();
    const auto branch = [&](const std::string& from, const std::string& day, const std::string& out,
                            std::vector<std::string> more = {}) {
        std::vector<std::string> words = {"branch", from, "--at",      day, "chaos.toml", "--mice", "1",
                                          "--days", "2",  "--threads", "2", "--out",      out,      "--tables-only"};
        words.insert(words.end(), more.begin(), more.end());
        return run(words);
    };
    // From the checkpoint of the day, from one before it, and from the folder of the mouse.
    const std::string mouse = "parent/mice/colon/control/1";
    ASSERT_EQ(branch(mouse, "1", "same"), 0) << err();
    EXPECT_EQ(content("same"), reference_);
    ASSERT_EQ(branch(mouse + "/checkpoint-000240", "0.75", "later"), 0) << err();
    EXPECT_EQ(content("later"), reference_);
    // Its own file repeats it.
    ASSERT_EQ(run({"run", "later/experiment.toml", "--out", "again", "--tables-only"}), 0) << err();
    EXPECT_EQ(content("again"), reference_);
    // What an arm changes acts from that day on: the past is as it was.
    ASSERT_EQ(branch(mouse, "1", "changed", {"--set", "responses.hsc_quiescent.activation_max=0.5 1/day"}), 0) << err();
    EXPECT_NE(content("changed"), reference_);
    const std::string day_one = read_digests(root_ / "same")[0].digest;
    EXPECT_EQ(read_digests(root_ / "changed")[0].digest, day_one);
    ASSERT_EQ(run({"check", "changed"}), 0) << err();

    const auto refusal = [&](const std::string& from, const std::string& day, std::vector<std::string> more = {}) {
        EXPECT_EQ(branch(from, day, "refused", std::move(more)), 2);
        EXPECT_FALSE(fs::exists(root_ / "refused") || fs::exists(root_ / "refused.unfinished"));
        return err();
    };
    EXPECT_THAT(refusal(mouse, "0.25"),
                HasSubstr("holds no checkpoint of day 0.25 or before (there are those of day 0.5, 1)"));
    EXPECT_THAT(refusal(mouse, "3"), HasSubstr("is day 3, after the last day, 2"));
    EXPECT_THAT(refusal(mouse, "1", {"--seed", "8"}), HasSubstr("its animal grew with another seed: 7 there, 8 here"));
    EXPECT_THAT(
        refusal(mouse, "1", {"--set", "arms.depleted.treatments.0.start='0.5 day'"}),
        HasSubstr("before day 1, the animal it branches from nothing; what differs must begin on that day or after"));
    EXPECT_THAT(refusal("nowhere", "1"), HasSubstr("is no folder; expected a checkpoint or the folder of a mouse"));
}

TEST_F(stopped_runs, a_damaged_checkpoint_is_named_set_aside_and_the_one_before_is_used) {
    leave_unfinished("rot");
    const std::vector<fs::path> before = found("rot", "checkpoint-");
    const fs::path newest = before.back();
    fs::resize_file(newest / "world.zst", fs::file_size(newest / "world.zst") / 2);
    ASSERT_EQ(run(command("rot", {"--resume"})), 0) << err();
    EXPECT_THAT(err(), HasSubstr((newest / "world.zst").string() + ": has "));
    EXPECT_THAT(err(), HasSubstr("; set aside as damaged-" + newest.filename().string()));
    EXPECT_EQ(content("rot"), reference_);
}

TEST_F(stopped_runs, what_a_newer_version_wrote_is_refused_and_left_as_it_is) {
    leave_unfinished("newer");
    const std::vector<fs::path> before = found("newer", "checkpoint-");
    const std::string manifest = read_file(before.back() / "MANIFEST");
    std::ofstream(before.back() / "MANIFEST") << replaced(manifest, "stellate checkpoint 1", "stellate checkpoint 2");
    EXPECT_EQ(run(command("newer", {"--resume"})), 2);
    EXPECT_THAT(err(), HasSubstr("is of format 2, which a newer Stellate wrote; this one reads formats up to 1"));
    EXPECT_EQ(found("newer", "checkpoint-"), before);
    EXPECT_TRUE(found("newer", "damaged-").empty());
}

TEST_F(stopped_runs, where_nothing_sound_is_left_nothing_is_overwritten) {
    leave_unfinished("ruin");
    for (const fs::path& checkpoint : found("ruin", "checkpoint-")) fs::remove(checkpoint / "MANIFEST");
    EXPECT_EQ(run(command("ruin", {"--resume"})), 1);
    EXPECT_THAT(err(), HasSubstr("nothing sound is left to go on from"));
    EXPECT_GE(found("ruin", "damaged-").size(), 2u);
    ends_as_the_reference("ruin");  // once more, and the animal is begun anew
}

TEST_F(stopped_runs, work_of_another_experiment_is_not_gone_on_with) {
    leave_unfinished("mine");
    EXPECT_EQ(run(command("mine", {"--seed", "8"})), 2);
    EXPECT_THAT(err(), HasSubstr("holds an unfinished run of another experiment ('seed = 7' there, 'seed = 8' here)"));
    EXPECT_GE(found("mine", "checkpoint-").size(), 2u);
    ends_as_the_reference("mine");
}

TEST_F(stopped_runs, of_many_started_at_once_one_runs) {
    std::vector<pid_t> children;
    for (int n = 0; n < 12; ++n) {
        children.push_back(::fork());
        if (children.back() != 0) continue;
        if (::chdir(root_.c_str()) != 0) ::_exit(99);
        const std::string log = "log-" + std::to_string(n);
        ::dup2(::open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644), 2);
        ::dup2(2, 1);
        ::execl(STELLATE_BINARY, STELLATE_BINARY, "run", "chaos.toml", "--mice", "1", "--days", "2", "--tables-only",
                "--out", "crowd", nullptr);
        ::_exit(98);
    }
    int done = 0, refused = 0;
    for (const pid_t child : children) {
        const int status = wait_for(child);
        done += status == 0, refused += status == 2;
    }
    EXPECT_EQ(done, 1);
    EXPECT_EQ(refused, 11);
    int in_use = 0;
    for (int n = 0; n < 12; ++n)
        in_use += read_file(root_ / ("log-" + std::to_string(n))).find("is in use by pid ") != std::string::npos;
    EXPECT_GE(in_use, 1);
    EXPECT_EQ(content("crowd"), reference_);
}

TEST_F(stopped_runs, results_taken_away_under_it_stop_the_run_with_a_message) {
    const pid_t child = start(command("away"));
    wait_for_checkpoints("away", 1);
    ::kill(child, SIGSTOP);
    fs::remove_all(root_ / "away.unfinished");
    ::kill(child, SIGCONT);
    EXPECT_EQ(wait_for(child), 1);
    EXPECT_THAT(err(), StartsWith("the run failed: "));
}

TEST_F(stopped_runs, a_full_disk_leaves_what_was_there_and_is_told) {
    leave_unfinished("full");
    // No file may grow beyond this: checkpoints can no longer be written.
    EXPECT_EQ(wait_for(start(command("full", {"--resume"}), {.file = 3000})), 1);
    EXPECT_THAT(err(), HasSubstr(": could not write: File too large"));
    EXPECT_THAT(err(), HasSubstr("What was on disk before is sound"));
    EXPECT_FALSE(fs::exists(root_ / "full"));
    EXPECT_GE(found("full", "checkpoint-").size(), 2u);
    EXPECT_TRUE(found("full", ".tmp-").empty());
    ends_as_the_reference("full");
}

TEST_F(stopped_runs, no_memory_ends_with_a_message_and_what_was_there) {
    leave_unfinished("tight");
    int refused = 0;
    for (const rlim_t megabytes : {16, 20, 24, 28, 32, 36, 40, 44, 48, 52, 56, 60, 64, 72, 80}) {
        const int status =
            wait_for(start(command("tight", {"--resume", "--memory", "100"}), {.memory = megabytes << 20}));
        ASSERT_TRUE(status == 0 || status == 1 || status == 127) << status << err();  // 127: not even the program fits
        refused += status == 1;
        if (status == 1) {
            EXPECT_NE(err(), "");
        }
        if (status == 0) break;
    }
    EXPECT_GE(refused, 1);
    if (fs::exists(root_ / "tight"))
        EXPECT_EQ(content("tight"), reference_);
    else
        ends_as_the_reference("tight");
}

}  // namespace
}  // namespace stellate::laboratory::testing
