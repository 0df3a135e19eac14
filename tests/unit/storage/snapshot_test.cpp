// A snapshot is there whole or not at all, and whatever has been done to it since is found before it is read.
#include "storage/snapshot.hpp"

#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <random>

#include "core/error.hpp"
#include "core/sha256.hpp"
#include "folder.hpp"

namespace stellate::storage {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

const Format format{"example", 2};

class SnapshotFolder : public Folder {
protected:
    // Two parts, one that packs well and one that does not.
    fs::path write(const std::string& name, unsigned salt = 1) const {
        std::mt19937 random(salt);
        std::string noise(20000, '\0');
        for (char& c : noise) c = static_cast<char>(random());
        write_snapshot(root / name, format, {{"seed", std::to_string(salt)}, {"title", "of two words"}},
                       {{"flat", std::string(30000, 'x')}, {"noise", noise}});
        return root / name;
    }
    static std::string complaint(const fs::path& path) {
        return told<Damaged>([&] { read_snapshot(path, format); });
    }
    std::vector<std::string> names() const {
        std::vector<std::string> found;
        for (const auto& entry : fs::directory_iterator(root)) found.push_back(entry.path().filename());
        std::sort(found.begin(), found.end());
        return found;
    }
};

TEST_F(SnapshotFolder, comes_back_as_it_was_written) {
    const Snapshot snapshot = read_snapshot(write("one"), format);
    EXPECT_EQ(snapshot.part("flat"), std::string(30000, 'x'));
    EXPECT_EQ(snapshot.part("noise").size(), 20000u);
    EXPECT_EQ(snapshot.manifest.fact("title"), "of two words");
    EXPECT_LT(snapshot.manifest.files[0].stored, 1000u);
    EXPECT_THAT(told<Damaged>([&] { (void)snapshot.part("other"); }), HasSubstr("holds no part 'other'"));
    EXPECT_THAT(told<Damaged>([&] { (void)snapshot.manifest.fact("day"); }), HasSubstr("does not say the day"));
    EXPECT_EQ(names(), (std::vector<std::string>{"one"}));
}

// 500 of the bits of a stored snapshot, 200 places to cut it at, blocks zeroed or swapped, files lost or put in from
// another one: each is found.
TEST_F(SnapshotFolder, whatever_was_done_to_it_is_found) {
    const fs::path sound = write("sound"), other = write("other", 2), copy = root / "copy";
    std::mt19937 random(20261127);
    const auto below = [&](std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random); };
    const std::vector<std::string> files = {"MANIFEST", "flat.zst", "noise.zst"};
    int found = 0, tried = 0;
    const auto try_it = [&](const std::string& what) {
        const std::string complained = complaint(copy);
        ++tried;
        found += complained != "nothing";
        EXPECT_NE(complained, "nothing") << what;
    };
    const auto fresh = [&] {
        fs::remove_all(copy);
        fs::copy(sound, copy);
    };
    for (int n = 0; n < 500; ++n) {
        fresh();
        const fs::path file = copy / files[below(3)];
        std::string text = content(file);
        const std::size_t bit = below(text.size() * 8);
        text[bit / 8] = static_cast<char>(text[bit / 8] ^ (1 << (bit % 8)));
        put(file, text);
        try_it("bit " + std::to_string(bit) + " of " + file.string());
    }
    for (int n = 0; n < 200; ++n) {
        fresh();
        const fs::path file = copy / files[below(3)];
        const std::size_t length = below(content(file).size());
        fs::resize_file(file, length);
        try_it("cut at " + std::to_string(length) + " of " + file.string());
    }
    for (int n = 0; n < 100; ++n) {
        fresh();
        std::string text = content(copy / "noise.zst");
        const std::size_t at = below(text.size() - 4096);
        std::fill_n(text.begin() + std::ptrdiff_t(at), 4096, '\0');
        put(copy / "noise.zst", text);
        try_it("zeros at " + std::to_string(at));
    }
    for (int n = 0; n < 100; ++n) {
        fresh();
        std::string text = content(copy / "noise.zst");
        const std::size_t one = below(2) * 4096, two = one + 4096 + below(2) * 4096;
        std::swap_ranges(text.begin() + std::ptrdiff_t(one), text.begin() + std::ptrdiff_t(one) + 4096,
                         text.begin() + std::ptrdiff_t(two));
        put(copy / "noise.zst", text);
        try_it("blocks swapped at " + std::to_string(one));
    }
    for (const std::string& file : files)
        for (const int kind : {0, 1, 2}) {
            if (kind == 1 && file == "flat.zst") continue;  // the same in the other one
            fresh();
            fs::remove(copy / file);
            if (kind == 1) fs::copy(other / file, copy / file);
            if (kind == 2) fs::create_directory(copy / file);
            try_it(file + " of kind " + std::to_string(kind));
        }
    fresh();
    put(copy / "extra.zst", "x");
    try_it("a file too many");
    fresh();
    fs::remove(copy / "noise.zst");
    fs::create_symlink(sound / "noise.zst", copy / "noise.zst");
    try_it("a link");
    EXPECT_EQ(found, tried);
    EXPECT_GE(tried, 900);
    EXPECT_EQ(complaint(sound), "nothing");
}

TEST_F(SnapshotFolder, of_a_newer_version_or_another_kind_is_refused_by_name) {
    const fs::path path = write("one");
    EXPECT_THAT(told<Damaged>([&] { read_snapshot(path, {"example", 1}); }),
                HasSubstr("is of format 2, which a newer Stellate wrote; this one reads formats up to 1"));
    EXPECT_THAT(told<Damaged>([&] { read_snapshot(path, {"checkpoint", 9}); }),
                HasSubstr("is of kind 'example', expected 'checkpoint'"));
    EXPECT_EQ(read_snapshot(path, {"example", 3}).manifest.format.version, 2);
}

TEST_F(SnapshotFolder, a_manifest_cannot_point_outside_its_folder) {
    const fs::path path = write("one");
    for (const std::string name : {"../one/flat.zst", "/etc/passwd", "a/../../x"}) {
        const std::string lines = "stellate example 2\nfile " + name + " 5 5 " + std::string(64, 'a') + "\n";
        put(path / "MANIFEST", lines + "digest " + sha256_hex(lines) + "\n");
        EXPECT_THAT(complaint(path), HasSubstr("is not a manifest")) << name;
    }
}

// Killed at any moment of writing, a snapshot is whole or absent, and what is left of it is swept.
TEST_F(SnapshotFolder, killed_at_any_moment_it_is_whole_or_absent) {
    int whole = 0, absent = 0;
    for (int n = 0; n < 60; ++n) {
        const pid_t child = ::fork();
        if (child == 0) {
            write("one");
            ::_exit(0);
        }
        ::usleep(static_cast<useconds_t>(n * 100));
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
        if (fs::exists(root / "one")) {
            EXPECT_EQ(complaint(root / "one"), "nothing");
            ++whole;
        } else {
            ++absent;
        }
        fs::remove_all(root / "one");
        sweep_temporaries(root);
        EXPECT_TRUE(names().empty());
    }
    EXPECT_EQ(whole + absent, 60);
}

TEST_F(SnapshotFolder, a_full_disk_leaves_nothing_and_is_told) {
    for (const rlim_t limit : {rlim_t(0), rlim_t(100), rlim_t(19000)}) {
        const pid_t child = ::fork();
        if (child == 0) {
            const rlimit small = {limit, limit};
            std::signal(SIGXFSZ, SIG_IGN);
            ::setrlimit(RLIMIT_FSIZE, &small);
            const std::string message = told<RunError>([&] { write("one"); });
            ::_exit(message.find("could not write: File too large") != std::string::npos ? 0 : 1);
        }
        int status = 0;
        ::waitpid(child, &status, 0);
        EXPECT_EQ(status, 0) << limit;
        EXPECT_TRUE(names().empty()) << limit;
    }
}

TEST_F(SnapshotFolder, is_never_written_over_another) {
    const fs::path path = write("one");
    EXPECT_THAT(told<RunError>([&] { write("one", 2); }), HasSubstr("could not be put in place"));
    EXPECT_EQ(read_snapshot(path, format).manifest.fact("seed"), "1");
    EXPECT_EQ(names(), (std::vector<std::string>{"one"}));
}

}  // namespace
}  // namespace stellate::storage
