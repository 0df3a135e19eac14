// The program and the machine it is on, from outside: what it says of both, runs that do not fit, and what two machines
// have different.
#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "core/atomic_file.hpp"
#include "experiment_text.hpp"

namespace stellate::laboratory::testing {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

class program_and_machine : public ::testing::Test {
protected:
    void SetUp() override {
        root_ = fs::temp_directory_path() / ("stellate-machine-" + std::to_string(::getpid()));
        fs::create_directories(root_);
        fs::create_directory_symlink(STELLATE_SOURCE_DIR "/models", root_ / "models");
        std::ofstream(root_ / "small.toml") << small_experiment;
    }
    void TearDown() override { fs::remove_all(root_); }

    // stellate with `arguments`, as a shell takes them; `before` is done in the same shell.
    int run(const std::string& arguments, const std::string& before = "true") {
        const std::string line = "cd " + root_.string() + " && { " + before + "; } && exec " STELLATE_BINARY " " +
                                 arguments + " >.stdout 2>.stderr";
        const int status = std::system(line.c_str());
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }
    std::string out() const { return read_file(root_ / ".stdout"); }
    std::string err() const { return read_file(root_ / ".stderr"); }

    fs::path root_;
};

// Doctor's own mouse with its known digest: moves with the model, and then the constants in doctor.cpp move too.
TEST_F(program_and_machine, the_doctor_finds_program_and_machine_sound_and_says_what_a_bug_report_needs) {
    EXPECT_EQ(run("doctor"), 0) << out() << err();
    for (const char* part :
         {"version ", "built by ", "instruction set ", "processor ", "cores ", "memory of the machine: ", "OpenMP ",
          "disk ", "locale ", "as released\n", "self-test        state ", "on 1 thread, ", "all is well\n"})
        EXPECT_THAT(out(), HasSubstr(part));
    EXPECT_EQ(run("doctor --json", "export LC_ALL=de_DE.UTF-8"), 0);
    EXPECT_THAT(out(), HasSubstr("\"sound\": true"));
    EXPECT_THAT(out(), HasSubstr("LC_ALL=de_DE.UTF-8"));
}

TEST_F(program_and_machine, the_doctor_says_when_the_model_is_another_and_when_there_is_none) {
    fs::remove(root_ / "models");
    fs::copy(STELLATE_SOURCE_DIR "/models", root_ / "models", fs::copy_options::recursive);
    std::ofstream(root_ / "models/liver-mouse/model.toml", std::ios::app) << "# changed\n";
    EXPECT_EQ(run("doctor"), 0) << out();
    EXPECT_THAT(out(), HasSubstr("not the files of this release"));
    EXPECT_THAT(out(), HasSubstr("could only compare threads"));
    std::ofstream(root_ / "models/liver-mouse/rules.csv") << "nothing\n";
    EXPECT_EQ(run("doctor"), 1);
    EXPECT_THAT(out(), HasSubstr("WRONG: the model liver-mouse cannot be read"));
    EXPECT_THAT(out(), HasSubstr("not sound\n"));
}

constexpr const char* huge = " --set section.width='1310.72 mm' --set section.height='1310.72 mm'";

TEST_F(program_and_machine, a_run_that_cannot_fit_is_refused_at_once_with_what_would_and_nothing_is_written) {
    const auto start = std::chrono::steady_clock::now();
    EXPECT_EQ(run(std::string("run small.toml --out out") + huge), 2);
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
    EXPECT_THAT(err(), HasSubstr("small.toml: section: the run would take about "));
    EXPECT_THAT(err(), HasSubstr("B are free ("));
    EXPECT_THAT(err(), HasSubstr("make the tissue smaller ([section]), or free memory; --memory GB"));
    EXPECT_FALSE(fs::exists(root_ / "out"));
    // The same is said, not refused, when asked beforehand.
    EXPECT_EQ(run(std::string("run small.toml --dry-run") + huge), 0);
    EXPECT_THAT(out(), HasSubstr("the run will be refused"));
    EXPECT_EQ(run(std::string("run small.toml --dry-run --json") + huge), 0);
    EXPECT_THAT(out(), HasSubstr("\"fits\": false"));
    const std::string block =
        " --set geometry=block --set 'block={width=\"28.8 mm\",height=\"28.8 mm\",depth=\"3.2 mm\",sections=1}'";
    EXPECT_EQ(run("run small.toml --out out" + block), 2);
    EXPECT_THAT(err(), HasSubstr("small.toml: block: the run would take about "));
}

TEST_F(program_and_machine, fewer_threads_are_offered_where_they_make_a_run_fit_and_the_limit_is_named) {
    const std::string wide =
        " --mice 4 --set section.width='6.4 mm' --set section.height='6.4 mm' --out out --days 0.1";
    EXPECT_EQ(run("run small.toml --threads 8 --memory 1.5" + wide), 2);
    EXPECT_THAT(err(), HasSubstr("1.5 GB are free (--memory). It fits with --threads 2 (about "));
    EXPECT_EQ(run("run small.toml --threads 8 --dry-run" + wide, "ulimit -v 400000"), 0);
    EXPECT_THAT(out(), HasSubstr("(limit on address space (ulimit -v)): the run will be refused"));
    EXPECT_EQ(run("run small.toml --threads 8" + wide, "ulimit -v 400000"), 2);
    EXPECT_THAT(err(), HasSubstr("limit on address space (ulimit -v)"));
    EXPECT_FALSE(fs::exists(root_ / "out"));
    // Whoever knows better says so.
    EXPECT_EQ(run("run small.toml --mice 1 --days 1 --memory 0.01 --out out"), 2);
    EXPECT_EQ(run("run small.toml --mice 1 --days 1 --memory 100000 --out out"), 0) << err();
    EXPECT_EQ(run("run small.toml --memory none"), 2);
    EXPECT_THAT(err(), HasSubstr("expected a number of gigabytes above 0"));
}

// Two machines of which one has another number in its model.
TEST_F(program_and_machine, what_two_machines_have_different_is_found_in_three_commands) {
    const std::string common = "run small.toml --mice 1 --arms control --threads 1 --out ";
    ASSERT_EQ(run(common + "here"), 0) << err();
    ASSERT_EQ(run(common + "there --set contact.repulsion='3.1 um/min'"), 0) << err();
    ASSERT_EQ(run("digest here --compare here"), 0);
    EXPECT_THAT(out(), HasSubstr("all 2 states compared are the same"));
    ASSERT_EQ(run("digest here --compare there/digests.csv"), 1);
    EXPECT_THAT(out(), HasSubstr("colon/control/1: different from day "));
    EXPECT_THAT(out(), HasSubstr("stellate digest here --run colon/control/1 --from "));
    // The command it prints, on both.
    for (const std::string machine : {"here", "there"}) {
        std::string command = out().substr(out().find("--run "));
        command = command.substr(0, command.find("TRACE"));
        ASSERT_EQ(run("digest here --compare there"), 1);
        ASSERT_EQ(run("digest " + machine + " " + command + machine + ".trace"), 0) << err();
        ASSERT_EQ(run("digest here --compare there"), 1);
    }
    ASSERT_EQ(run("digest here.trace --compare there.trace"), 1);
    EXPECT_THAT(out(), HasSubstr("first difference: tick "));
    EXPECT_THAT(out(), HasSubstr(", phase '"));
    EXPECT_THAT(out(), HasSubstr("', in brick (0,0,0)"));
    ASSERT_EQ(run("digest here.trace --compare there.trace --json"), 1);
    EXPECT_THAT(out(), HasSubstr("\"same\": false"));
    ASSERT_EQ(run("digest here.trace --compare here.trace"), 0);
    EXPECT_EQ(run("digest here.trace --compare there"), 2);
    EXPECT_THAT(err(), HasSubstr("expected two traces or two results"));
    EXPECT_EQ(run("digest here --trace x"), 2);
    EXPECT_THAT(err(), HasSubstr("expected --run PRIMARY/ARM/MOUSE"));
    EXPECT_EQ(run("digest here --compare absent"), 2);
    EXPECT_FALSE(fs::exists(root_ / "x"));
}

}  // namespace stellate::laboratory::testing
