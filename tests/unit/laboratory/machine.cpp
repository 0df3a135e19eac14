// What the machine has, read from a tree of files like the kernel's.
#include "laboratory/machine.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace stellate::laboratory::testing {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class machine : public ::testing::Test {
protected:
    void SetUp() override {
        root_ = fs::temp_directory_path() / ("stellate-machine-" + std::to_string(::getpid()));
        file("proc/meminfo", "MemTotal:       16000000 kB\nMemFree: 5 kB\nMemAvailable:   12000000 kB\n");
        file("proc/self/statm", "1000 500 100 1 0 1 0\n");
        file("proc/cpuinfo", "processor : 0\nmodel name\t: A processor\n");
    }
    void TearDown() override { fs::remove_all(root_); }
    void file(const fs::path& path, const std::string& text) {
        fs::create_directories((root_ / path).parent_path());
        std::ofstream(root_ / path) << text;
    }
    fs::path root_;
};

TEST_F(machine, without_a_control_group_the_available_memory_is_what_is_left) {
    const auto limits = memory_limits(root_);
    ASSERT_EQ(limits.size(), 1u);
    EXPECT_EQ(limits[0].total, 16000000.0 * 1024);
    EXPECT_EQ(tightest(limits)->free, 12000000.0 * 1024);
}

TEST_F(machine, the_tightest_of_nested_control_groups_counts_and_cache_that_can_go_is_free) {
    file("proc/self/cgroup", "0::/slice/job\n");
    file("sys/fs/cgroup/slice/memory.max", "4000000000\n");
    file("sys/fs/cgroup/slice/memory.current", "3500000000\n");
    file("sys/fs/cgroup/slice/memory.stat", "anon 1\ninactive_file 500000000\n");
    file("sys/fs/cgroup/slice/job/memory.max", "max\n");
    file("sys/fs/cgroup/slice/job/memory.current", "100\n");
    const auto least = tightest(memory_limits(root_));
    ASSERT_TRUE(least);
    EXPECT_EQ(least->free, 1e9);
    EXPECT_EQ(least->total, 4e9);
    EXPECT_THAT(least->name, HasSubstr("slice"));
}

TEST_F(machine, control_groups_of_version_1_are_read_too_and_their_way_of_saying_none) {
    file("proc/self/cgroup", "4:memory:/of/the/host\n1:cpu,cpuacct:/\n");
    file("sys/fs/cgroup/memory/memory.limit_in_bytes", "2000000000\n");
    file("sys/fs/cgroup/memory/memory.usage_in_bytes", "1200000000\n");
    file("sys/fs/cgroup/memory/memory.stat", "inactive_file 7\ntotal_inactive_file 200000000\n");
    EXPECT_EQ(tightest(memory_limits(root_))->free, 1e9);
    file("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
    EXPECT_EQ(tightest(memory_limits(root_))->free, 12000000.0 * 1024);
}

TEST_F(machine, processors_are_those_allowed_within_the_groups_share_of_time) {
    file("proc/self/cgroup", "0::/job\n");
    const Processors all = processors_here(root_);
    EXPECT_EQ(all.name, "A processor");
    EXPECT_GE(all.usable(), 1);
    EXPECT_FALSE(all.quota);
    file("sys/fs/cgroup/job/cpu.max", "50000 100000\n");
    const Processors half = processors_here(root_);
    EXPECT_EQ(half.quota, 0.5);
    EXPECT_EQ(half.usable(), 1);
    EXPECT_EQ((Processors{"", 64, 16, 2.5}.usable()), 3);
    EXPECT_EQ((Processors{"", 64, 16, 99.0}.usable()), 16);
}

TEST_F(machine, nothing_is_made_up_where_nothing_can_be_read) {
    EXPECT_TRUE(memory_limits(root_ / "absent").empty());
    EXPECT_FALSE(tightest({}));
    EXPECT_EQ(processors_here(root_ / "absent").name, "");
}

TEST_F(machine, disk_is_asked_where_a_place_that_is_not_there_yet_would_be_made) {
    const auto here = disk_free(root_), deeper = disk_free(root_ / "not/there/yet");
    ASSERT_TRUE(here && deeper);
    EXPECT_NEAR(*here, *deeper, 1e9);
    EXPECT_GT(*here, 0);
}

}  // namespace stellate::laboratory::testing
