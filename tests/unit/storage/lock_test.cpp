// One process at a time; the lock of a dead one does not count.
#include "storage/lock.hpp"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "folder.hpp"

namespace stellate::storage {
namespace {

using testing::HasSubstr;

class Lock : public Folder {};

TEST_F(Lock, keeps_others_out_and_names_its_holder) {
    FolderLock mine(root);
    EXPECT_EQ(content(root / "lock"), "pid " + std::to_string(::getpid()) + "\nhost " + this_process().host +
                                          "\nboot " + this_process().boot + "\n");
    const pid_t child = ::fork();
    if (child == 0) {
        const std::string message = told<InUse>([&] { FolderLock other(root); });
        const std::string expected = root.string() + ": is in use by pid " + std::to_string(::getppid()) + " on ";
        ::_exit(message.starts_with(expected) ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
}

TEST_F(Lock, goes_with_its_holder_however_that_ends) {
    {
        FolderLock mine(root);
    }
    EXPECT_FALSE(std::filesystem::exists(root / "lock"));
    int ready[2];
    ASSERT_EQ(::pipe(ready), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        FolderLock mine(root);
        [[maybe_unused]] const auto told_it = ::write(ready[1], "x", 1);
        ::pause();
        ::_exit(0);
    }
    char byte = 0;
    ASSERT_EQ(::read(ready[0], &byte, 1), 1);
    EXPECT_THROW(FolderLock other(root), InUse);
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    EXPECT_TRUE(std::filesystem::exists(root / "lock"));  // what the killed one could not take away
    FolderLock other(root);
    EXPECT_THAT(content(root / "lock"), HasSubstr("pid " + std::to_string(::getpid())));
}

// Whether a process of another host lives cannot be known here.
TEST_F(Lock, of_another_host_is_left_to_the_user) {
    put(root / "lock", "pid 77\nhost node-12\nboot 1234\n");
    const std::string message = told<InUse>([&] { FolderLock mine(root); });
    EXPECT_THAT(message, HasSubstr("is in use by pid 77 on node-12"));
    EXPECT_THAT(message, HasSubstr("remove " + (root / "lock").string()));
    EXPECT_EQ(content(root / "lock"), "pid 77\nhost node-12\nboot 1234\n");
}

TEST_F(Lock, only_one_of_many_that_come_at_once_gets_it) {
    for (int round = 0; round < 5; ++round) {
        int go[2];
        ASSERT_EQ(::pipe(go), 0);
        std::vector<pid_t> children;
        for (int n = 0; n < 20; ++n) {
            children.push_back(::fork());
            if (children.back() != 0) continue;
            char byte = 0;
            ::close(go[1]);
            [[maybe_unused]] const auto started = ::read(go[0], &byte, 1);
            try {
                FolderLock mine(root);
                ::usleep(200000);
                ::_exit(1);
            } catch (const InUse&) {
                ::_exit(0);
            }
        }
        ::close(go[0]);
        ::close(go[1]);
        int holders = 0;
        for (const pid_t child : children) {
            int status = 0;
            ::waitpid(child, &status, 0);
            holders += WEXITSTATUS(status);
        }
        EXPECT_EQ(holders, 1);
    }
}

}  // namespace
}  // namespace stellate::storage
