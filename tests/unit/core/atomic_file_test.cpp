// Files are whole or absent: whatever goes wrong, the target keeps its old content and nothing is left beside it.
#include "core/atomic_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <functional>
#include <iterator>

#include "core/error.hpp"

namespace stellate {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class AtomicFile : public testing::Test {
protected:
    void SetUp() override {
        std::string name = (fs::temp_directory_path() / "stellate-atomic-XXXXXX").string();
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        directory = name;
    }
    void TearDown() override {
        ::chmod(directory.c_str(), 0700);
        fs::remove_all(directory);
    }

    std::vector<std::string> names() const {
        std::vector<std::string> found;
        for (const auto& entry : fs::recursive_directory_iterator(directory)) found.push_back(entry.path().filename());
        std::sort(found.begin(), found.end());
        return found;
    }
    static std::string content(const fs::path& path) {
        std::ifstream in(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    static std::string failure(const std::function<void()>& body) {
        try {
            body();
        } catch (const RunError& error) {
            return error.what();
        }
        return "did not fail";
    }

    fs::path directory;
};

TEST_F(AtomicFile, writes_what_it_was_given_and_reads_it_back) {
    std::string all;
    for (int n = 0; n < 256; ++n) all.push_back(static_cast<char>(n));
    for (const std::string& text : {std::string(), std::string("one line\n"), all, std::string(3 << 20, 'x')}) {
        write_file_atomically(directory / "file", text);
        EXPECT_EQ(content(directory / "file"), text);
        EXPECT_EQ(read_file(directory / "file"), text);
        EXPECT_THAT(names(), testing::ElementsAre("file"));
    }
}

TEST_F(AtomicFile, replaces_the_old_file_and_leaves_its_open_readers_the_old_text) {
    write_file_atomically(directory / "file", "old");
    std::ifstream reader(directory / "file");
    write_file_atomically(directory / "file", "new");
    std::string seen;
    reader >> seen;
    EXPECT_EQ(seen, "old");
    EXPECT_EQ(content(directory / "file"), "new");
}

TEST_F(AtomicFile, a_target_without_a_directory_is_written_here) {
    const fs::path before = fs::current_path();
    fs::current_path(directory);
    write_file_atomically("file", "text");
    fs::current_path(before);
    EXPECT_EQ(content(directory / "file"), "text");
}

TEST_F(AtomicFile, a_directory_in_the_way_stays_and_no_temporary_is_left) {
    fs::create_directory(directory / "target");
    std::ofstream(directory / "target" / "inside") << "kept";
    const std::string told = failure([&] { write_file_atomically(directory / "target", "text"); });
    EXPECT_THAT(told, HasSubstr((directory / "target").string()));
    EXPECT_THAT(told, HasSubstr("Is a directory"));
    EXPECT_EQ(content(directory / "target" / "inside"), "kept");
    EXPECT_THAT(names(), testing::ElementsAre("inside", "target"));
}

TEST_F(AtomicFile, a_missing_directory_is_named_with_the_systems_reason) {
    const std::string told = failure([&] { write_file_atomically(directory / "nowhere" / "file", "text"); });
    EXPECT_THAT(told, HasSubstr((directory / "nowhere" / "file").string()));
    EXPECT_THAT(told, HasSubstr("No such file or directory"));
    EXPECT_TRUE(names().empty());
}

// A child process whose files may not grow beyond `limit` bytes: the full disk that needs no disk.
int with_file_limit(rlim_t limit, const std::function<int()>& body) {
    const pid_t child = ::fork();
    if (child == 0) {
        const rlimit small = {limit, limit};
        std::signal(SIGXFSZ, SIG_IGN);
        ::setrlimit(RLIMIT_FSIZE, &small);
        ::_exit(body());
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

TEST_F(AtomicFile, a_full_disk_leaves_the_old_file_whole_and_no_temporary) {
    const fs::path target = directory / "file";
    write_file_atomically(target, "old");
    // The limit lets a part be written: what an unsafe writer would leave behind.
    for (const rlim_t limit : {rlim_t(0), rlim_t(1000), rlim_t(99999)}) {
        const int status = with_file_limit(limit, [&] {
            const std::string told = failure([&] { write_file_atomically(target, std::string(100000, 'x')); });
            return told.find("could not write") != std::string::npos && told.find("File too large") != std::string::npos
                       ? 0
                       : 1;
        });
        EXPECT_EQ(status, 0) << limit;
        EXPECT_EQ(content(target), "old") << limit;
        EXPECT_THAT(names(), testing::ElementsAre("file")) << limit;
    }
    EXPECT_EQ(with_file_limit(100000, [&] { return write_file_atomically(target, std::string(100000, 'x')), 0; }), 0);
    EXPECT_EQ(content(target).size(), 100000u);
}

TEST_F(AtomicFile, a_directory_without_write_permission_refuses_and_keeps_the_old_file) {
    const fs::path target = directory / "file";
    write_file_atomically(target, "old");
    ::chmod(directory.c_str(), 0500);
    // Permissions do not bind the superuser: a child takes another identity.
    const pid_t child = ::fork();
    if (child == 0) {
        if (::geteuid() == 0 &&
            (::chown(directory.c_str(), 65534, 65534) != 0 || ::setgid(65534) != 0 || ::setuid(65534) != 0))
            ::_exit(77);
        const std::string told = failure([&] { write_file_atomically(target, "new"); });
        ::_exit(told.find("Permission denied") != std::string::npos ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    ::chmod(directory.c_str(), 0700);
    ASSERT_TRUE(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77) GTEST_SKIP() << "this system lets nobody change identity";
    EXPECT_EQ(WEXITSTATUS(status), 0);
    EXPECT_EQ(content(target), "old");
    EXPECT_THAT(names(), testing::ElementsAre("file"));
}

TEST_F(AtomicFile, reading_what_is_not_a_file_is_the_users_mistake) {
    const auto mistake = [](const fs::path& path) {
        try {
            read_file(path);
        } catch (const InputError& error) {
            return std::string(error.what());
        }
        return std::string("did not fail");
    };
    EXPECT_THAT(mistake(directory / "nowhere"),
                HasSubstr((directory / "nowhere").string() + ": cannot be opened: No such file"));
    EXPECT_THAT(mistake(directory), HasSubstr("is a directory, expected a file"));
}

}  // namespace
}  // namespace stellate
