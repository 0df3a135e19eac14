// A thousand ways in which a checkpoint can rot on a disk: every one is found before any state is used, and the one
// before it is used instead.
#include <gmock/gmock.h>

#include <stdlib.h>

#include <fstream>
#include <functional>
#include <random>

#include "core/atomic_file.hpp"
#include "experiment_text.hpp"
#include "laboratory/checkpoints.hpp"
#include "laboratory/cohort.hpp"

namespace stellate::laboratory::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class rotted_checkpoints : public ::testing::Test {
protected:
    void SetUp() override {
        std::string name = (fs::temp_directory_path() / "stellate-rot-XXXXXX").string();
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        root_ = name;
    }
    void TearDown() override { fs::remove_all(root_); }

    // A control animal with two checkpoints, on the ticks given.
    void keep_two(const Experiment& e, const fs::path& folder) const {
        fs::create_directories(folder);
        Checkpoints checkpoints(folder, e, [](const std::string& notice) { ADD_FAILURE() << notice; });
        const Animal animal = make_animal(ModelFiles(e), e, e.primaries[0], e.arms[0], 1);
        History<SectionShape> history(e, animal, animal.plan, 1, true);
        for (const std::uint32_t tick : {250u, 300u}) {
            history.live_until(tick, false, nullptr, {});
            checkpoints.save(0, 1, {0}, history.life(), history.run());
        }
    }
    static std::string read(const fs::path& file) { return read_file(file); }
    static void write(const fs::path& file, const std::string& text) {
        std::ofstream(file, std::ios::binary | std::ios::trunc) << text;
    }
    fs::path root_;
};

TEST_F(rotted_checkpoints, are_all_found_and_the_one_before_is_used) {
    Overrides o;
    o.mice = 1;
    const Experiment e = testing::read(small_experiment, o);
    Overrides elsewhere = o;
    elsewhere.seed = 8;
    const fs::path sound = root_ / "sound", foreign = root_ / "foreign", copy = root_ / "copy";
    keep_two(e, sound);
    keep_two(testing::read(small_experiment, elsewhere), foreign);
    const fs::path mouse = "mice/colon/control/1", newer = mouse / "checkpoint-000300",
                   older = mouse / "checkpoint-000250";
    const std::vector<std::string> files = {"MANIFEST", "world.zst", "record.zst"};

    constexpr unsigned master_seed = 20261127;
    std::mt19937 random(master_seed);
    const auto below = [&](std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random); };
    int tried = 0, found = 0;
    const auto expect_older = [&](const std::string& what) {
        std::vector<std::string> notices;
        Checkpoints checkpoints(copy, e, [&](const std::string& notice) { notices.push_back(notice); });
        const std::optional<StoredLife> stored = checkpoints.newest(0, 0, 1);
        ++tried;
        const bool as_expected = stored && stored->path == copy / older && notices.size() == 1 &&
                                 notices[0].find("; set aside as damaged-checkpoint-000300") != std::string::npos &&
                                 fs::exists(copy / mouse / "damaged-checkpoint-000300");
        found += as_expected;
        EXPECT_TRUE(as_expected) << what << " (master seed " << master_seed << ")";
    };
    const auto fresh = [&] {
        fs::remove_all(copy);
        fs::copy(sound, copy, fs::copy_options::recursive);
    };
    const auto change = [&](const std::string& file, const std::function<void(std::string&)>& how) {
        fresh();
        std::string text = read(copy / newer / file);
        how(text);
        write(copy / newer / file, text);
        expect_older(file);
    };
    for (int n = 0; n < 500; ++n)  // one bit
        change(files[below(3)], [&](std::string& text) {
            const std::size_t bit = below(text.size() * 8);
            text[bit / 8] = static_cast<char>(text[bit / 8] ^ (1 << (bit % 8)));
        });
    for (int n = 0; n < 200; ++n)  // cut short
        change(files[below(3)], [&](std::string& text) { text.resize(below(text.size())); });
    for (int n = 0; n < 100; ++n)  // a block of zeros
        change(files[1 + below(2)], [&](std::string& text) {
            const std::size_t size = std::min<std::size_t>(4096, text.size() / 2), at = below(text.size() - size);
            std::fill_n(text.begin() + std::ptrdiff_t(at), size, '\0');
        });
    for (int n = 0; n < 100; ++n)  // two blocks in each other's place
        change(files[1 + below(2)], [&](std::string& text) {
            const std::size_t size = std::min<std::size_t>(4096, text.size() / 4), one = below(text.size() - 2 * size),
                              two = one + size + below(text.size() - one - 2 * size + 1);
            std::swap_ranges(text.begin() + std::ptrdiff_t(one), text.begin() + std::ptrdiff_t(one + size),
                             text.begin() + std::ptrdiff_t(two));
        });
    for (int n = 0; n < 100;
         ++n) {  // a file lost, of another run, of the older one, of nobody; the whole of another run
        const std::string file = files[below(3)];
        fresh();
        switch (n % 5) {
            case 0:
                fs::remove(copy / newer / file);
                break;
            case 1:
                fs::copy(foreign / newer / file, copy / newer / file, fs::copy_options::overwrite_existing);
                break;
            case 2:
                fs::copy(sound / older / file, copy / newer / file, fs::copy_options::overwrite_existing);
                if (file == "MANIFEST") fs::remove(copy / newer / "world.zst");
                break;
            case 3:
                write(copy / newer / "notes.txt", "x");
                break;
            default:
                fs::remove_all(copy / newer);
                fs::copy(foreign / newer, copy / newer);
        }
        expect_older(file + " of kind " + std::to_string(n % 5));
    }
    EXPECT_EQ(tried, 1000);
    EXPECT_EQ(found, 1000);

    // All of them bad: nothing is taken, nothing is overwritten.
    fresh();
    for (const fs::path& checkpoint : {newer, older}) fs::resize_file(copy / checkpoint / "world.zst", 100);
    Checkpoints checkpoints(copy, e, [](const std::string&) {});
    try {
        checkpoints.newest(0, 0, 1);
        ADD_FAILURE() << "took something";
    } catch (const NotKept& error) {
        EXPECT_THAT(error.what(), HasSubstr("nothing sound is left to go on from"));
    }
    EXPECT_EQ(fs::file_size(copy / mouse / "damaged-checkpoint-000250/world.zst"), 100u);
    EXPECT_EQ(fs::file_size(copy / mouse / "damaged-checkpoint-000300/world.zst"), 100u);
}

}  // namespace
}  // namespace stellate::laboratory::testing
