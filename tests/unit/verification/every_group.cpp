// What `stellate verify` lists is what the unit tests run.
#include <filesystem>
#include <set>

#include "group.hpp"

namespace stellate::verification {
namespace {

TEST(EveryGroup, has_a_unit_test_named_after_it) {
    std::set<std::string> groups, files;
    for (const Case& c : every_case()) groups.insert(c.group + "_group.cpp");
    for (const auto& entry : std::filesystem::directory_iterator(STELLATE_SOURCE_DIR "/tests/unit/verification")) {
        const std::string name = entry.path().filename().string();
        if (name.ends_with("_group.cpp") && name != "every_group.cpp") files.insert(name);
    }
    EXPECT_EQ(files, groups);
}

TEST(EveryGroup, lists_each_case_once_and_with_a_mutant) {
    std::set<std::string> ids;
    for (const Case& c : every_case()) {
        EXPECT_TRUE(ids.insert(c.id).second) << c.id;
        EXPECT_FALSE(c.mutants.empty()) << c.id;
    }
}

}  // namespace
}  // namespace stellate::verification
