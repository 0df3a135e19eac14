// The program from outside, in a folder of its own.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "core/atomic_file.hpp"
#include "experiment_text.hpp"

namespace stellate::laboratory::testing {

namespace fs = std::filesystem;

class Program : public ::testing::Test {
protected:
    void SetUp() override {
        ASSERT_TRUE(fs::exists(STELLATE_BINARY)) << "the program is not built";
        std::string name = (fs::temp_directory_path() / "stellate-program-XXXXXX").string();
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        root_ = name;
        fs::create_directory_symlink(STELLATE_SOURCE_DIR "/models", root_ / "models");
        write("small.toml", small_experiment);
    }
    void TearDown() override { fs::remove_all(root_); }

    void write(const std::string& name, const std::string& text) { std::ofstream(root_ / name) << text; }
    std::string out() const { return read_file(root_ / ".stdout"); }
    std::string err() const { return read_file(root_ / ".stderr"); }
    // What lies in the working folder beside the input, the model and the two streams.
    std::size_t written() const {
        return std::size_t(std::distance(fs::directory_iterator(root_), fs::directory_iterator())) - 4;
    }

    // `environment`: NAME=value, added.
    struct Limits {
        rlim_t file = RLIM_INFINITY, memory = RLIM_INFINITY;  // bytes
    };
    pid_t start(const std::vector<std::string>& arguments, Limits limits = {RLIM_INFINITY, RLIM_INFINITY},
                const std::vector<std::string>& environment = {}) {
        const pid_t child = ::fork();
        if (child != 0) return child;
        if (::chdir(root_.c_str()) != 0) ::_exit(99);
        ::dup2(::open(".stdout", O_WRONLY | O_CREAT | O_TRUNC, 0644), 1);
        ::dup2(::open(".stderr", O_WRONLY | O_CREAT | O_TRUNC, 0644), 2);
        const rlimit file{limits.file, limits.file}, memory{limits.memory, limits.memory};
        if (::setrlimit(RLIMIT_FSIZE, &file) != 0 || ::setrlimit(RLIMIT_AS, &memory) != 0) ::_exit(97);
        std::vector<char*> argv{const_cast<char*>(STELLATE_BINARY)};
        for (const std::string& a : arguments) argv.push_back(const_cast<char*>(a.c_str()));
        argv.push_back(nullptr);
        for (const std::string& e : environment) ::putenv(const_cast<char*>(e.c_str()));
        ::execv(STELLATE_BINARY, argv.data());
        ::_exit(98);
    }
    static int wait_for(pid_t child) {
        int status = 0;
        ::waitpid(child, &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    }
    int run(const std::vector<std::string>& arguments) { return wait_for(start(arguments)); }

    fs::path root_;
};

}  // namespace stellate::laboratory::testing
