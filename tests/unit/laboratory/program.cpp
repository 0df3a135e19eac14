// The program from outside: exit status, streams, interruption, and that a mistake writes nothing.
#include "program.hpp"

#include <gmock/gmock.h>

#include <array>
#include <chrono>
#include <thread>

namespace stellate::laboratory::testing {

using ::testing::HasSubstr;

class program : public Program {};

TEST_F(program, runs_an_experiment_and_says_where_the_report_is) {
    ASSERT_EQ(run({"run", "small.toml", "--model-of-nothing"}), 2);
    ASSERT_EQ(run({"run", "small.toml", "--out", "out", "--mice", "1", "--days", "1", "--threads", "2"}), 0) << err();
    EXPECT_THAT(out(), HasSubstr("report  out/report.html"));
    EXPECT_EQ(err(), "");  // no progress where nobody looks
    for (const char* file : {"experiment.toml", "provenance.json", "digests.csv", "endpoints.csv", "statistics.csv",
                             "proteins.csv", "kills.csv", "report.html"})
        EXPECT_GT(fs::file_size(root_ / "out" / file), 0u) << file;
    EXPECT_TRUE(fs::exists(root_ / "out/mice/colon/control/1/day-1-picrosirius_red.png"));
    EXPECT_EQ(written(), 1u);

    // Not replaced without --force; the resolved file repeats the run bit for bit.
    ASSERT_EQ(run({"run", "small.toml", "--out", "out"}), 2);
    EXPECT_EQ(err(), "--out: out: exists; choose another name, or replace it with --force\n");
    ASSERT_EQ(run({"digest", "out"}), 0);
    const std::string digests = out();
    ASSERT_EQ(run({"run", "out/experiment.toml", "--out", "again", "--threads", "1", "--json"}), 0) << err();
    EXPECT_THAT(out(), HasSubstr("\"simulated\": true"));
    EXPECT_EQ(read_file(root_ / "again/digests.csv"), read_file(root_ / "out/digests.csv"));
    EXPECT_EQ(read_file(root_ / "again/endpoints.csv"), read_file(root_ / "out/endpoints.csv"));
    EXPECT_EQ(read_file(root_ / "again/experiment.toml"), read_file(root_ / "out/experiment.toml"));
    ASSERT_EQ(run({"digest", "again"}), 0);
    EXPECT_EQ(out(), digests);
    ASSERT_EQ(run({"digest", "out", "--phases", "colon/depleted/1", "--tick", "3"}), 0) << err();
    EXPECT_THAT(out(), HasSubstr("tick 3  settle"));
    ASSERT_EQ(run({"digest", "out", "--phases", "colon/depletd/1", "--tick", "3"}), 2);
    EXPECT_THAT(err(), HasSubstr("there is no arm 'depletd' (did you mean 'depleted'?)"));
}

TEST_F(program, a_mistake_costs_a_message_and_exit_2_and_writes_nothing) {
    write("small.toml", replaced(small_experiment, "kills = \"hepatocyte\"", "kills = \"hepatocite\""));
    EXPECT_EQ(run({"run", "small.toml", "--out", "deep/out"}), 2);
    EXPECT_THAT(err(), HasSubstr("small.toml:38:9: arms[2].treatments[0].kills: there is no cell type 'hepatocite' "
                                 "(did you mean 'hepatocyte'?)"));
    EXPECT_EQ(out(), "");
    EXPECT_EQ(written(), 0u);
    EXPECT_EQ(run({"run", "absent.toml"}), 2);
    EXPECT_THAT(err(), HasSubstr("absent.toml: cannot be opened"));
    EXPECT_EQ(run({"run"}), 2);
    EXPECT_EQ(run({}), 2);
    EXPECT_EQ(run({"runn", "small.toml"}), 2);
    EXPECT_EQ(err(),
              "runn: is unknown (did you mean 'run'?); expected one of run, branch, check, verify, digest, doctor, "
              "version\n");
    EXPECT_EQ(run({"run", "small.toml", "--thread=3"}), 2);
    EXPECT_THAT(err(), HasSubstr("--thread: is unknown (did you mean '--threads'?); expected one of --help, "));
    EXPECT_EQ(run({"run", "small.toml", "--set", "seed"}), 2);
    EXPECT_EQ(err(), "--set: seed: expected PATH=VALUE, such as cell_types.tumour.s_phase='7 h'\n");
    EXPECT_EQ(written(), 0u);
}

TEST_F(program, a_place_that_cannot_be_written_is_told_before_the_run) {
    // Long enough that a run would not end here.
    const auto with = [this](const std::string& out) {
        return run({"run", "small.toml", "--days", "200", "--mice", "50", "--out", out});
    };
    EXPECT_EQ(with(""), 2);
    EXPECT_EQ(err(), "--out: is empty; expected a folder that does not exist yet\n");
    EXPECT_EQ(with("small.toml/out"), 2);
    EXPECT_EQ(err(),
              "--out: small.toml/out: nothing can be made in " + root_.string() + "/small.toml: Not a directory\n");
    EXPECT_EQ(with("/proc/stellate/out"), 2);
    EXPECT_EQ(err(), "--out: /proc/stellate/out: nothing can be made in /proc: No such file or directory\n");
    EXPECT_EQ(with("deep/er/" + std::string(250, 'n')), 2);
    EXPECT_THAT(err(), HasSubstr("deep/er: File name too long"));
    EXPECT_EQ(out(), "");
    EXPECT_EQ(written(), 0u);
}

TEST_F(program, results_that_cannot_be_written_fail_the_run_and_leave_what_is_done_to_go_on_from) {
    EXPECT_EQ(
        wait_for(start({"run", "small.toml", "--mice", "1", "--days", "1", "--out", "deep/out"}, {.file = 20000})), 1);
    EXPECT_THAT(err(), HasSubstr("the run failed: "));
    EXPECT_THAT(err(), HasSubstr(": could not write: File too large\n"));
    EXPECT_EQ(out(), "");
    EXPECT_FALSE(fs::exists(root_ / "deep/out"));
    EXPECT_TRUE(fs::exists(root_ / "deep/out.unfinished"));
    EXPECT_EQ(run({"run", "small.toml", "--mice", "1", "--days", "1", "--out", "deep/out"}), 0) << err();
    EXPECT_FALSE(fs::exists(root_ / "deep/out.unfinished"));
}

TEST_F(program, numbers_of_the_command_line_are_checked_before_anything_is_read) {
    const std::vector<std::array<const char*, 3>> wrong = {
        {"--mice", "x", "a whole number from 1 to 99999"},      {"--mice", "1.5", "a whole number from 1 to 99999"},
        {"--mice", "0", "a whole number from 1 to 99999"},      {"--mouse", "two", "a whole number from 1 to 99999"},
        {"--days", "nan", "a number of days above 0"},          {"--days", "-1", "a number of days above 0"},
        {"--threads", "4097", "a whole number from 1 to 4096"},
    };
    for (const auto& [option, value, expected] : wrong) {
        EXPECT_EQ(run({"run", "no-such-file.toml", std::string(option) + "=" + value}), 2) << option << value;
        EXPECT_THAT(err(), HasSubstr(std::string(option) + ": '" + value + "'; expected " + expected + "\n"));
    }
}

TEST_F(program, a_seed_is_a_whole_number_below_2_to_the_63) {
    for (const char* seed : {"-1", "9223372036854775808", "1.5", "seven", "99999999999999999999999"}) {
        EXPECT_EQ(run({"run", "small.toml", "--dry-run", std::string("--seed=") + seed}), 2) << seed;
        EXPECT_THAT(err(), HasSubstr("--seed: '" + std::string(seed) +
                                     "'; expected a whole number from 0 to 9223372036854775807\n"))
            << seed;
    }
    for (const char* seed : {"0", "9223372036854775807"})
        EXPECT_EQ(run({"run", "small.toml", "--dry-run", "--seed", seed}), 0) << err();
    EXPECT_EQ(run({"run", "small.toml", "--dry-run", "--set", "seed=9223372036854775808"}), 2);
    EXPECT_EQ(err(),
              "--set: seed: 9223372036854775808, which is beyond the whole numbers, -9223372036854775808 to "
              "9223372036854775807; expected a whole number from 0 to 9223372036854775807\n");
}

TEST_F(program, a_tick_too_large_to_hold_is_refused_rather_than_wrapped) {
    for (const char* tick : {"4294967296", "9223372036854775807"}) {
        EXPECT_EQ(run({"digest", "out", "--phases", "colon/control/1", "--tick", tick}), 2) << tick;
        EXPECT_THAT(err(),
                    HasSubstr("--tick: '" + std::string(tick) + "'; expected a whole number from 0 to 4294967295\n"));
    }
    EXPECT_EQ(out(), "");
}

TEST_F(program, a_dry_run_says_what_it_would_take_and_writes_nothing) {
    EXPECT_EQ(run({"run", "small.toml", "--dry-run"}), 0) << err();
    for (const char* part :
         {"256 voxels", "cells when healthy", "animals    1 primary x 3 arms x 2 mice = 6", "memory", "time"})
        EXPECT_THAT(out(), HasSubstr(part));
    EXPECT_EQ(written(), 0u);
}

TEST_F(program, check_judges_every_sort_of_input_and_runs_nothing) {
    EXPECT_EQ(run({"check", "small.toml", "models/liver-mouse", "models/liver-mouse/cells.toml",
                   "models/liver-mouse/rules.csv", "models/liver-mouse/primaries/colon.toml"}),
              0)
        << err();
    EXPECT_THAT(out(),
                ::testing::MatchesRegex(
                    "small.toml: sound, experiment small: 1 primary x 3 arms x 2 mice\n"
                    "models/liver-mouse: sound, model liver-mouse with colon, melanoma, pancreas: [0-9]+ records, "
                    "[0-9]+ rules\n"
                    "models/liver-mouse/cells.toml: sound, part of model liver-mouse with colon, melanoma, "
                    "pancreas: .*\n"
                    "models/liver-mouse/rules.csv: sound, part of model .*\n"
                    "models/liver-mouse/primaries/colon.toml: sound, part of model liver-mouse with colon: .*\n"));
    EXPECT_EQ(written(), 0u);
    write("rows.csv", "hsc,oxygen,increases,cycle entry,7.2e-4,21.5,4,0\n");
    EXPECT_EQ(run({"check", "rows.csv"}), 0);
    EXPECT_EQ(out(), "rows.csv: sound, 1 rule; names and numbers are judged in a model's folder only\n");
    EXPECT_EQ(run({"check", "--set", "mice=7", "small.toml", "--json"}), 0);
    EXPECT_THAT(out(), HasSubstr("3 arms x 7 mice"));
}

TEST_F(program, check_tells_the_mistakes_of_all_files) {
    write("wrong.toml", replaced(small_experiment, "mice = 2", "mice = 0"));
    write("wrong.csv", "a,b,up,c,1,2,3,0\na,b,increases,c,1,2,three,0\n");
    write("notes.txt", "");
    fs::create_directory(root_ / "folder");
    EXPECT_EQ(
        run({"check", "wrong.toml", "small.toml", "wrong.csv", "absent.toml", "absent.csv", "notes.txt", "folder"}), 2);
    EXPECT_EQ(out(), "small.toml: sound, experiment small: 1 primary x 3 arms x 2 mice\n");
    EXPECT_EQ(
        err(),
        "wrong.toml:6:8: mice: 0 is out of range; expected 1 to 99999 (limits of the program)\n"
        "wrong.csv:1:5: direction: 'up'; expected increases or decreases\n"
        "wrong.csv:2:21: Hill power: 'three'; expected a finite number with a decimal point, or the path of a "
        "record\n"
        "absent.toml: cannot be opened: No such file or directory\n"
        "absent.csv: cannot be opened: No such file or directory\n"
        "notes.txt: is neither TOML nor CSV by its name; expected an experiment (.toml), a model's folder or a file "
        "in it, a primary's file in its primaries/, or rules (.csv)\n"
        "folder: is a folder without model.toml or MANIFEST; expected a file, a model's folder or results\n");
    EXPECT_EQ(run({"check", "wrong.toml", "--json"}), 2);
    for (const char* part : {"\"sound\": false", "\"line\": 6", "\"column\": 8", "\"key\": \"mice\"",
                             "\"message\": \"0 is out of range; expected 1 to 99999 (limits of the program)\""})
        EXPECT_THAT(out(), HasSubstr(part));
    EXPECT_EQ(err(), "");
    EXPECT_EQ(run({"check", "small.toml", "--set", "mice=0"}), 2);
    EXPECT_EQ(err(), "--set: mice: 0 is out of range; expected 1 to 99999 (limits of the program)\n");
    EXPECT_EQ(run({"check", "models/liver-mouse", "--set", "mice=2"}), 2);
    EXPECT_EQ(err(), "--set: changes experiments, and models/liver-mouse is none\n");
    EXPECT_EQ(run({"check"}), 2);
}

TEST_F(program, verify_knows_its_groups) {
    EXPECT_EQ(run({"verify", "--group", "fealds"}), 2);
    EXPECT_THAT(err(), HasSubstr("--group: fealds: is unknown (did you mean 'fields'?)"));
    EXPECT_EQ(run({"verify", "--group", "rules", "--json"}), 0) << out();
    EXPECT_THAT(out(), HasSubstr("\"pass\": true"));
}

TEST_F(program, verify_stops_when_asked_with_the_signals_status) {
    for (const auto& [signal, status] : {std::pair{SIGINT, 130}, std::pair{SIGTERM, 143}}) {
        const pid_t child = start({"verify"});
        for (int n = 0; n < 400 && (!fs::exists(root_ / ".stdout") || out().empty()); ++n)
            std::this_thread::sleep_for(std::chrono::milliseconds(25));
        ::kill(child, signal);
        EXPECT_EQ(wait_for(child), status);
        EXPECT_EQ(err(), "interrupted; nothing was written\n");
        fs::remove(root_ / ".stdout");
    }
}

TEST_F(program, says_its_version) {
    EXPECT_EQ(run({"version"}), 0);
    EXPECT_THAT(out(), HasSubstr("stellate "));
    EXPECT_THAT(out(), HasSubstr("-ffp-contract=off"));
    // In a checkout the commit too; a source without git has none to name.
    const bool checkout = std::filesystem::exists(STELLATE_SOURCE_DIR "/.git");
    EXPECT_EQ(out().find(" of commit ") != std::string::npos, checkout);
}

}  // namespace stellate::laboratory::testing
