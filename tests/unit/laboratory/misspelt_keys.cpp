// Every key misspelt: the message names the line and, in at least 95 of 100, offers the right key. The keys are those
// the readers ask for, not a list of this file.
#include <gmock/gmock.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "../../robustness/complete_experiment.hpp"
#include "../../robustness/misspelling.hpp"
#include "core/atomic_file.hpp"
#include "core/ids.hpp"
#include "experiment_text.hpp"
#include "laboratory/animal.hpp"
#include "laboratory/check.hpp"
#include "laboratory/experiment_parts.hpp"

namespace stellate::laboratory::testing {

namespace fs = std::filesystem;
using stellate::testing::complete_experiment;
using stellate::testing::misspelt;

// The mistakes of the file alone or, where it may name records, of the file before its model.
std::vector<Problem> mistakes(const std::string& text, bool before_model = false) {
    Problems problems;
    try {
        if (before_model) read(text);
        const TomlTable tree = parse_toml(text, "small.toml", problems);
        experiment_in(tree, problems);
        problems.throw_if_any();
    } catch (const InputError& error) {
        return error.problems();
    }
    return {};
}

const std::string density_for_cells = replaced(complete_experiment, "cells = 6", "density = \"500 cells/mm^3\"");
const std::string with_digest = replaced(complete_experiment, "title = \"Colon\"", "model_digest = \"0\"");

// Table ("arms.treatments") -> keys its reader asks for, as it says itself of a key that nobody knows.
std::map<std::string, std::set<std::string>> asked_for() {
    std::string text = "zzzzzzzzzzzz = 1\n";
    for (std::size_t begin = 0; begin < complete_experiment.size();) {
        const std::size_t end = complete_experiment.find('\n', begin) + 1;
        const std::string line = complete_experiment.substr(begin, end - begin);
        text += line;
        if (line[0] == '[') text += "zzzzzzzzzzzz = 1\n";
        begin = end;
    }
    std::map<std::string, std::set<std::string>> keys;
    const std::string list = "expected one of ";
    for (const Problem& p : mistakes(text)) {
        const std::size_t at = p.message.find(list);
        if (!p.key.ends_with("zzzzzzzzzzzz") || at == std::string::npos) continue;
        std::string table;  // without "[0]"
        bool inside = false;
        for (const char c : p.key.substr(0, p.key.size() - std::min<std::size_t>(p.key.size(), 13))) {
            inside = c == '[' || (inside && c != ']');
            if (!inside && c != ']') table += c;
        }
        std::string names = p.message.substr(at + list.size()) + ", ";
        for (std::size_t begin = 0, comma; (comma = names.find(", ", begin)) != std::string::npos; begin = comma + 2)
            keys[table].insert(names.substr(begin, comma - begin));
    }
    return keys;
}

TEST(misspelt_keys, the_complete_experiment_is_sound) {
    EXPECT_EQ(complaint(complete_experiment), "");
    EXPECT_EQ(complaint(density_for_cells), "");
}

TEST(misspelt_keys, the_keys_the_reader_asks_for_are_those_it_says_there_are_and_those_documented) {
    std::set<std::pair<std::string, std::string>> asked, listed;
    for (const auto& [table, keys] : asked_for())
        for (const std::string& key : keys) asked.emplace(table, key);
    for (const KnownKey& known : experiment_keys()) listed.emplace(known.table, known.key);
    for (const char* key : {"kind", "record", "start", "stop", "carriers"}) asked.emplace("arms.treatments", key);
    EXPECT_EQ(asked, listed);
    const std::string manual = read_file(STELLATE_SOURCE_DIR "/docs/experiment-file.md");
    for (const auto& [table, key] : listed)
        EXPECT_TRUE(
            manual.find("`" + key + "`") != std::string::npos || manual.find("[" + key + "]") != std::string::npos ||
            manual.find("." + key + "]") != std::string::npos || manual.find("`" + key + " = ") != std::string::npos)
            << table << "." << key;
}

TEST(misspelt_keys, of_an_experiment_are_told_with_line_and_right_key) {
    std::set<std::string> tried_keys;
    int tried = 0, offered = 0;
    for (const std::string& text : {complete_experiment, density_for_cells, with_digest})
        for (std::uint32_t seed = 0; seed < 12; ++seed) {
            int line = 0;
            bool in_treatment = false;  // whose other keys are records
            for (std::size_t begin = 0; begin < text.size();) {
                const std::size_t end = text.find('\n', begin) + 1, at = text.find_first_not_of('[', begin);
                const std::size_t stop = text.find_first_of(" ].", at);
                ++line;
                const bool header = text[begin] == '[';
                const std::string whole = text.substr(at, text.find_first_of(header ? "]" : " ", at) - at);
                const std::size_t dot = header ? whole.rfind('.') : std::string::npos;
                const std::string key = dot == std::string::npos ? whole : whole.substr(dot + 1);
                begin = end;
                if (header) in_treatment = whole == "arms.treatments";
                if (text[at] == '\n' || key.empty() || stop == std::string::npos || key == "dose") continue;
                Draws draws(seed, static_cast<std::uint64_t>(line), 0, Purpose::test);
                const std::string wrong = misspelt(key, draws);
                std::string spoiled = text;
                spoiled.replace(at + whole.size() - key.size(), key.size(), wrong);
                if (in_treatment && (seed > 1 || text == with_digest)) continue;
                const std::vector<Problem> found = mistakes(spoiled, in_treatment && !header);
                const auto told = std::find_if(found.begin(), found.end(), [&](const Problem& p) {
                    return p.place.line == line && p.key.ends_with(wrong);
                });
                ASSERT_NE(told, found.end()) << wrong << " for " << key;
                ++tried;
                const bool right = told->message.find("'" + key + "'") != std::string::npos;
                offered += right;
                tried_keys.insert(key);
            }
        }
    for (const KnownKey& known : experiment_keys()) EXPECT_TRUE(tried_keys.contains(known.key)) << known.key;
    EXPECT_GE(offered, 0.95 * tried) << offered << " of " << tried;
    std::printf("%d of %d misspellings of an experiment's keys\n", offered, tried);
}

// A copy of the shipped model to spoil.
class misspelt_records : public ::testing::Test {
protected:
    void SetUp() override {
        root_ = fs::temp_directory_path() / ("stellate-misspelt-" + std::to_string(::getpid()));
        fs::create_directories(root_);
        fs::copy(STELLATE_SOURCE_DIR "/models/liver-mouse", root_ / "liver-mouse", fs::copy_options::recursive);
    }
    void TearDown() override { fs::remove_all(root_); }
    fs::path root_;
};

TEST_F(misspelt_records, of_the_model_are_told_with_line_and_right_path) {
    const fs::path model = root_ / "liver-mouse", primary = model / "primaries/colon.toml";
    ASSERT_NO_THROW(check_model(model, {primary}));
    Experiment e;
    e.model_directory = model;
    e.primaries.emplace_back();
    e.primaries.back().name = "colon";
    const Records records = ModelFiles(e).records(e.primaries.back());
    int tried = 0, offered = 0;
    const auto spoil = [&](const std::string& path, const Place& place) {
        // A protein of a surface is named by the file that has it.
        if (path.find(".surface.") != std::string::npos) return;
        const std::string key = path.substr(path.rfind('.') + 1), text = read_file(place.file);
        std::size_t at = 0;
        for (int line = 1; line < place.line; ++line) at = text.find('\n', at) + 1;
        at = text.find(key, at + std::size_t(place.column) - 1);
        ASSERT_NE(at, std::string::npos) << path;
        Draws draws(1, name_address(path), 0, Purpose::test);
        const std::string wrong = misspelt(key, draws);
        if (records.find(path.substr(0, path.size() - key.size()) + wrong)) return;
        std::ofstream(place.file) << std::string(text).replace(at, key.size(), wrong);
        try {
            check_model(model, {primary});
            ADD_FAILURE() << wrong << " for " << path << " was accepted";
        } catch (const InputError& error) {
            const auto told = std::find_if(error.problems().begin(), error.problems().end(), [&](const Problem& p) {
                return p.place.file == place.file && p.place.line == place.line;
            });
            ASSERT_NE(told, error.problems().end()) << wrong << " for " << path << "\n" << error.what();
            ++tried;
            offered += told->message.find(key + "'") != std::string::npos;
        }
        std::ofstream(place.file) << text;
    };
    std::size_t n = 0;
    for (const Record& record : records.all())
        if (n++ % 3 == 0) spoil(record.path, record.place);
    for (const Setting& setting : records.settings())
        if (n++ % 3 == 0) spoil(setting.path, setting.place);
    EXPECT_GT(tried, 100);
    EXPECT_GE(offered, 0.95 * tried) << offered << " of " << tried;
    std::printf("%d of %d misspellings of the model's paths\n", offered, tried);
}

TEST_F(misspelt_records, an_anatomy_that_makes_no_liver_is_refused_with_its_line) {
    const fs::path model = root_ / "liver-mouse", file = model / "anatomy.toml";
    const std::string text = read_file(file), wrong = "central_vein_radius = { value = 5, unit = \"um\", range = [1, ";
    std::size_t at = text.find("central_vein_radius = {");
    ASSERT_NE(at, std::string::npos);
    const std::size_t rest = text.find(", ", text.find("range = [", at)) + 2;
    std::ofstream(file) << std::string(text).replace(at, rest - at, wrong);
    const auto line = std::count(text.begin(), text.begin() + std::ptrdiff_t(at), '\n') + 1;
    try {
        check_model(model, {model / "primaries/colon.toml"});
        ADD_FAILURE() << "it was accepted";
    } catch (const InputError& error) {
        EXPECT_EQ(error.what(), file.string() + ":" + std::to_string(line) +
                                    ":1: anatomy.lobules.central_vein_radius: 5 um; expected at least 20 um, so that "
                                    "voxels see it");
    }
}

}  // namespace stellate::laboratory::testing
