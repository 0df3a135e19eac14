#include "model/records.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>

#include "core/random.hpp"

namespace stellate {
namespace {

const char* const model_text = R"([substrates.TGFB1]
diffusion = { value = 600, unit = "um^2/min", range = [100, 3000], kind = "assumed", note = "between albumin and VEGFA" }
decay = { value = 15, unit = "1/day", range = [1, 500], kind = "measured", system = "rat plasma", source = "doi:10/abc" }
basal = { value = 0.4, unit = "pM", range = [0.12, 0.64], kind = "measured", system = "human plasma", source = "doi:10/def" }

[substrates.oxygen]
diffusion = { value = 1.8e5, unit = "um^2/min", range = [1e5, 2e5], kind = "measured", system = "water, 37 C", source = "doi:10/ghi" }

[cells.hsc]
appearance = "stellate"
excludes = true
moves_up = ["TGFB1", "PDGFB"]
behaviours.secretion.TGFB1 = { value = 0.1, unit = "1/h", range = [0, 1], kind = "fitted", source = "docs/calibration.md" }

[cells.kupffer]
appearance = "kupffer"
)";

Records model() { return Records::parse({{"model.toml", model_text}}); }

template <class Act>
std::string error_of(Act&& act) {
    try {
        act();
    } catch (const InputError& error) {
        return error.what();
    }
    return "";
}

void read_all(Records& r) {
    for (const std::string& name : r.children("substrates")) {
        r.number("substrates." + name + ".diffusion", Dimension::diffusion);
        r.maybe("substrates." + name + ".decay", Dimension::rate);
        r.maybe("substrates." + name + ".basal", Dimension::concentration);
    }
    for (const std::string& name : r.children("cells")) {
        r.text("cells." + name + ".appearance");
        r.maybe_flag("cells." + name + ".excludes");
        r.maybe_texts("cells." + name + ".moves_up");
        r.maybe("cells." + name + ".behaviours.secretion.TGFB1", Dimension::rate);
    }
}

TEST(Records, are_read_in_canonical_units) {
    Records r = model();
    EXPECT_EQ(r.number("substrates.TGFB1.diffusion", Dimension::diffusion), 600.0);
    EXPECT_EQ(r.number("substrates.TGFB1.decay", Dimension::rate), 15.0 / 1440.0);
    EXPECT_EQ(r.number("substrates.TGFB1.basal", Dimension::concentration), 4e-4);
    EXPECT_EQ(r.maybe("substrates.oxygen.decay", Dimension::rate), std::nullopt);
    EXPECT_EQ(r.text("cells.hsc.appearance"), "stellate");
    EXPECT_TRUE(r.flag("cells.hsc.excludes"));
    EXPECT_EQ(r.texts("cells.hsc.moves_up"), (std::vector<std::string>{"TGFB1", "PDGFB"}));
    EXPECT_EQ(r.children("substrates"), (std::vector<std::string>{"TGFB1", "oxygen"}));
    EXPECT_EQ(r.children(""), (std::vector<std::string>{"substrates", "cells"}));
    EXPECT_EQ(r.children("cells.hsc"), std::vector<std::string>{"behaviours"});
    EXPECT_EQ(r.entries("cells.hsc.behaviours.secretion"), std::vector<std::string>{"TGFB1"});
    EXPECT_TRUE(r.has("cells.kupffer.appearance"));
    const Record* decay = r.find("substrates.TGFB1.decay");
    ASSERT_NE(decay, nullptr);
    EXPECT_EQ(decay->unit, "1/day");
    EXPECT_EQ(decay->kind, RecordKind::measured);
    EXPECT_EQ(decay->system, "rat plasma");
    EXPECT_EQ(decay->place.line, 3);
    EXPECT_EQ(decay->canonical, 15.0 / 1440.0);
    EXPECT_EQ(name_of(decay->kind), "measured");
    EXPECT_EQ(r.find("cells.hsc.excludes"), nullptr);
}

TEST(Records, that_are_all_read_leave_nothing_to_say) {
    Records r = model();
    read_all(r);
    EXPECT_NO_THROW(r.require_all_used());
}

TEST(Records, nobody_reads_are_named_with_the_nearest_that_is_read) {
    Records r = Records::parse({{"model.toml", std::string(model_text) + R"([substrates.VEGFA]
difusion = { value = 600, unit = "um^2/min", range = [100, 3000], kind = "assumed", note = "as TGFB1" }
[cell.nk]
appearance = "lymphocyte"
[clels]
)"}});
    read_all(r);
    EXPECT_EQ(
        error_of([&] { r.require_all_used(); }),
        "model.toml:17:13: substrates.VEGFA.diffusion: is missing; expected a record, a diffusion coefficient in "
        "um^2/min (also "
        "um^2/s, cm^2/s, cm^2/day, m^2/s)\n"
        "model.toml:18:1: substrates.VEGFA.difusion: is read by nothing (did you mean 'substrates.VEGFA.diffusion'?)\n"
        "model.toml:20:1: cell.nk.appearance: is read by nothing (did you mean 'cells'?)\n"
        "model.toml:21:2: clels: an empty table that nothing reads (did you mean 'cells'?)");
}

TEST(Records, of_the_wrong_sort_are_told_together) {
    Records r = model();
    r.number("substrates.TGFB1.diffusion", Dimension::rate);
    r.number("cells.hsc.excludes", Dimension::rate);
    r.text("substrates.TGFB1.decay");
    r.flag("cells.hsc.appearance");
    r.texts("cells.hsc.excludes");
    r.text("cells.hsc.nothing");
    r.reject("substrates.TGFB1.basal", "own complaint");
    Records all = r;
    read_all(all);
    EXPECT_EQ(error_of([&] { all.require_all_used(); }),
              "model.toml:2:1: substrates.TGFB1.diffusion: 600 um^2/min is a diffusion coefficient; expected a rate in "
              "1/min (also "
              "1/s, 1/h, 1/day)\n"
              "model.toml:3:1: substrates.TGFB1.decay: a number; expected a text\n"
              "model.toml:4:1: substrates.TGFB1.basal: own complaint\n"
              "model.toml:9:8: cells.hsc.nothing: is missing; expected a text\n"
              "model.toml:10:1: cells.hsc.appearance: the text 'stellate'; expected true or false\n"
              "model.toml:11:1: cells.hsc.excludes: the flag true; expected a record, a rate in 1/min (also 1/s, 1/h, "
              "1/day)\n"
              "model.toml:11:1: cells.hsc.excludes: the flag true; expected a list of texts");
}

// Fifteen mistakes a first-time author makes, with the message each gets.
TEST(Records, mistakes_have_these_messages) {
    const auto message = [](const std::string& line) {
        return error_of([&] { Records::parse({{"m.toml", "[s]\n" + line + "\n"}}); });
    };
    const std::string tail = R"(, range = [1, 9], kind = "assumed", note = "n" })";
    EXPECT_EQ(message("d = 600"),
              "m.toml:2:5: s.d: the number 600 is bare; expected a record { value = ..., unit = \"...\", range = [.., "
              "..], kind = "
              "\"...\", source = \"...\" }, a text, a flag or a list of texts");
    EXPECT_EQ(message("d = { value = 5" + tail), "m.toml:2:5: s.d.unit: is missing; expected a text in quotes");
    EXPECT_EQ(message("d = { value = 5, unit = \"\"" + tail),
              "m.toml:2:25: s.d.unit: no unit; write \"1\" for a plain number");
    EXPECT_EQ(message("d = { value = 5, unit = \"um^2/mn\"" + tail),
              "m.toml:2:25: s.d.unit: unit 'um^2/mn': 'mn' is not a unit (did you mean 'min'?)");
    EXPECT_EQ(message("d = { valu = 5, unit = \"um\"" + tail),
              "m.toml:2:5: s.d.value: is missing; expected a number\n"
              "m.toml:2:7: s.d.valu: unknown key (did you mean 'value'?)");
    EXPECT_EQ(message("d = { value = \"5\", unit = \"um\"" + tail),
              "m.toml:2:15: s.d.value: the text '5'; expected a number");
    EXPECT_EQ(message("d = { value = 50, unit = \"um\"" + tail),
              "m.toml:2:15: s.d.value: 50 lies outside its own range, 1 to 9 um");
    EXPECT_EQ(message(R"(d = { value = 5, unit = "um", range = [9, 1], kind = "assumed", note = "n" })"),
              "m.toml:2:39: s.d.range: runs from 9 down to 1");
    EXPECT_EQ(message(R"(d = { value = 5, unit = "um", range = [1], kind = "assumed", note = "n" })"),
              "m.toml:2:39: s.d.range: has 1 numbers; expected [lowest, highest]");
    EXPECT_EQ(message(R"(d = { value = 5, unit = "um", kind = "assumed", note = "n" })"),
              "m.toml:2:5: s.d.range: is missing; expected a list of numbers");
    EXPECT_EQ(message(R"(d = { value = 5, unit = "um", range = [1, 9], kind = "mesured", source = "s" })"),
              "m.toml:2:54: s.d.kind: the text 'mesured' (did you mean 'measured'?); expected one of measured, fitted, "
              "assumed");
    EXPECT_EQ(message(R"(d = { value = 5, unit = "um", range = [1, 9], kind = "fitted" })"),
              "m.toml:2:5: s.d.source: is missing; a fitted number names its source");
    EXPECT_EQ(message(R"(d = { value = 5, unit = "um", range = [1, 9], kind = "measured", source = "s" })"),
              "m.toml:2:5: s.d.system: is missing; a measured number names its species, tissue or assay");
    EXPECT_EQ(message(R"(d = { value = 5, unit = "um", range = [1, 9], kind = "assumed" })"),
              "m.toml:2:5: s.d.note: is missing; an assumed number says why it was chosen");
    EXPECT_EQ(message("\"a.b\" = true"), "m.toml:2:1: s.a.b: a name is made of letters, digits, '_' and '-'");
    EXPECT_EQ(message("d = [1, 2]"),
              "m.toml:2:5: s.d: an array of 2; expected a record { value = ..., unit = \"...\", range = [.., ..], kind "
              "= \"...\", "
              "source = \"...\" }, a text, a flag or a list of texts");
}

TEST(Records, the_system_at_the_top_of_a_file_holds_for_its_records_that_name_none) {
    const std::string tail = R"(value = 1, unit = "1", range = [0, 2], kind = "assumed", note = "n" })";
    const Records records = Records::parse(
        {{"a.toml", "system = \"mouse\"\n[a]\nx = { " + tail + "\ny = { system = \"rat\", " + tail + "\n"},
         {"b.toml", "[b]\nz = { " + tail + "\n"}});
    EXPECT_EQ(records.find("a.x")->system, "mouse");
    EXPECT_EQ(records.find("a.y")->system, "rat");
    EXPECT_EQ(records.find("b.z")->system, "");
    const std::string measured = R"(value = 1, unit = "1", range = [0, 2], kind = "measured", source = "s" })";
    EXPECT_EQ(error_of([&] { Records::parse({{"m.toml", "system = \"mouse\"\n[a]\nx = { " + measured}}); }),
              "m.toml:3:5: a.x.system: is missing; a measured number names its species, tissue or assay");
}

TEST(Records, all_files_mistakes_come_in_one_go) {
    const std::string text =
        error_of([] { Records::parse({{"a.toml", "x = 1\ny = 2\n"}, {"b.toml", "z = ["}, {"c.toml", "w = 1"}}); });
    EXPECT_NE(text.find("a.toml:1"), std::string::npos);
    EXPECT_NE(text.find("a.toml:2"), std::string::npos);
    EXPECT_NE(text.find("b.toml:1"), std::string::npos);
    EXPECT_NE(text.find("c.toml:1"), std::string::npos);
}

TEST(Records, an_overlay_replaces_and_adds) {
    Records r = Records::parse({{"model.toml", model_text}}, {{"colon.toml", R"([substrates.TGFB1]
diffusion = { value = 10, unit = "um^2/s", range = [5, 50], kind = "assumed", note = "denser" }
[cells.hsc]
appearance = "dark"
[cells.tumour]
appearance = "tumour"
)"}});
    EXPECT_EQ(r.number("substrates.TGFB1.diffusion", Dimension::diffusion), 600.0);
    EXPECT_EQ(r.find("substrates.TGFB1.diffusion")->place.file, "colon.toml");
    EXPECT_EQ(r.text("cells.hsc.appearance"), "dark");
    EXPECT_EQ(r.children("cells"), (std::vector<std::string>{"hsc", "kupffer", "tumour"}));
    EXPECT_EQ(r.all().front().path, "substrates.TGFB1.diffusion");
    EXPECT_EQ(r.settings().back().path, "cells.tumour.appearance");
}

TEST(Records, given_twice_or_as_two_sorts_are_mistakes_with_both_places) {
    const std::string one = "[a]\nx = true\n";
    EXPECT_EQ(error_of([&] { Records::parse({{"1.toml", one}, {"2.toml", one}}); }),
              "2.toml:2:1: a.x: is given twice; first in 1.toml:2");
    EXPECT_EQ(error_of([&] { Records::parse({{"1.toml", one}}, {{"2.toml", "[a.x]\ny = true"}}); }),
              "2.toml:1:4: a.x: is a table here and a single entry in 1.toml:2");
    EXPECT_EQ(error_of([&] { Records::parse({{"1.toml", one}}, {{"2.toml", "a = true"}}); }),
              "2.toml:1:1: a: is a single entry here and a table in 1.toml:1");
    EXPECT_EQ(
        error_of([&] {
            Records::parse(
                {{"1.toml", one}},
                {{"2.toml", "a.x = { value = 1, unit = \"1\", range = [1, 1], kind = \"assumed\", note = \"n\" }"}});
        }),
        "2.toml:1:3: a.x: replaces a setting by a number; see 1.toml:2");
}

TEST(Records, a_missing_file_is_suspected_where_none_has_the_table) {
    const std::string overlay =
        "[vessels]\nx = { value = 1, unit = \"1\", range = [0, 2], kind = \"assumed\", note = \"n\" }\n";
    Records r = Records::parse({{"dir/a.toml", "[other]\n"}}, {{"dir/primaries/b.toml", overlay}});
    r.number("vessels.y", Dimension::number);
    r.number("other.z", Dimension::number);
    const std::string message = error_of([&] { r.require_all_used(); });
    EXPECT_THAT(message, ::testing::HasSubstr(
                             "dir: vessels.y: is missing; expected a record, a plain number in 1. No file of the "
                             "model has a table 'vessels': is one of them gone?\n"));
    EXPECT_THAT(message,
                ::testing::HasSubstr("dir/a.toml:1:2: other.z: is missing; expected a record, a plain number in 1\n"));
}

TEST(Records, set_takes_a_value_in_any_fitting_unit) {
    Records r = model();
    r.set("substrates.TGFB1.decay", "30 1/day");
    EXPECT_EQ(r.number("substrates.TGFB1.decay", Dimension::rate), 30.0 / 1440.0);
    r.set("substrates.TGFB1.decay", "0.5 1/h");
    EXPECT_EQ(r.number("substrates.TGFB1.decay", Dimension::rate), 0.5 / 60.0);
    r.set("substrates.TGFB1.decay", "30 1/day");
    EXPECT_EQ(r.find("substrates.TGFB1.decay")->unit, "1/day");
    EXPECT_TRUE(r.find("substrates.TGFB1.decay")->changed);
    r.set("cells.hsc.excludes", "false");
    EXPECT_FALSE(r.flag("cells.hsc.excludes"));
    r.set("cells.hsc.appearance", "blue");
    EXPECT_EQ(r.text("cells.hsc.appearance"), "blue");
}

TEST(Records, set_gives_the_bits_of_the_file) {
    Records a = model(), b = model();
    a.set("substrates.TGFB1.decay", "24 1/day");
    b.set("substrates.TGFB1.decay", "1 1/h");
    EXPECT_EQ(a.number("substrates.TGFB1.decay", Dimension::rate), b.number("substrates.TGFB1.decay", Dimension::rate));
}

TEST(Records, set_refuses_what_does_not_fit) {
    Records r = model();
    const auto message = [&](const char* path, const char* text) { return error_of([&] { r.set(path, text); }); };
    EXPECT_EQ(message("substrates.TGFB1.decya", "5"),
              "--set: substrates.TGFB1.decya: the model has no such entry (did you mean 'substrates.TGFB1.decay'?)");
    EXPECT_EQ(message("substrates.TGFb.decay", "5"),
              "--set: substrates.TGFb.decay: the model has no such entry (did you mean 'substrates.TGFB1.decay'?)");
    EXPECT_EQ(
        message("substrates.TGFB1.decay", "5 um"),
        "--set: substrates.TGFB1.decay: '5 um': 'um' does not measure the same as '1/day'; expected a value in 1/day, "
        "or in a unit that measures the same");
    EXPECT_EQ(message("substrates.TGFB1.decay", "5000"),
              "--set: substrates.TGFB1.decay: '5000' has no unit; expected one, such as '5000 1/day'");
    EXPECT_EQ(message("substrates.TGFB1.decay", "5000 1/day"),
              "--set: substrates.TGFB1.decay: 5000 1/day lies outside the plausible range 1 to 500 1/day (measured; "
              "doi:10/abc; "
              "model.toml:3)");
    EXPECT_EQ(message("substrates.TGFB1.decay", "fast"),
              "--set: substrates.TGFB1.decay: 'fast'; expected a number, or a number and its unit, such as '15 1/day'");
    EXPECT_EQ(message("cells.hsc.excludes", "yes"), "--set: cells.hsc.excludes: 'yes'; expected true or false");
    EXPECT_EQ(message("cells.hsc.moves_up", "a"),
              "--set: cells.hsc.moves_up: 'a'; expected a change in the file: lists are not set here");
    EXPECT_EQ(message("zzz", "5"), "--set: zzz: the model has no such entry");
    EXPECT_EQ(r.number("substrates.TGFB1.decay", Dimension::rate), 15.0 / 1440.0);
}

TEST(Records, scale_keeps_to_the_range_and_says_what_it_did) {
    Records r = model();
    EXPECT_EQ(r.scale("substrates.TGFB1.decay", 2), 2.0);
    EXPECT_EQ(r.number("substrates.TGFB1.decay", Dimension::rate), 30.0 / 1440.0);
    EXPECT_EQ(r.scale("substrates.TGFB1.decay", 100), 500.0 / 30.0);
    EXPECT_EQ(r.number("substrates.TGFB1.decay", Dimension::rate), 500.0 / 1440.0);
    EXPECT_NE(error_of([&] { r.scale("substrates.TGFB1.decya", 2); }).find("did you mean"), std::string::npos);
    EXPECT_THROW(r.scale("cells.hsc.excludes", 2), InputError);
}

TEST(Records, copies_are_independent) {
    const Records base = model();
    Records mouse = base;
    mouse.scale("substrates.TGFB1.decay", 2);
    EXPECT_EQ(base.find("substrates.TGFB1.decay")->value, 15.0);
}

TEST(Records, a_directory_is_read_by_name) {
    const auto dir = std::filesystem::temp_directory_path() / "stellate-records-test";
    std::filesystem::remove_all(dir);
    std::filesystem::create_directories(dir / "primaries");
    EXPECT_THROW(Records::read_directory(dir), InputError);
    std::ofstream(dir / "b.toml") << "[b]\nx = true\n";
    std::ofstream(dir / "a.toml") << "[a]\nx = true\n";
    std::ofstream(dir / "notes.txt") << "not a model";
    std::ofstream(dir / "primaries" / "colon.toml") << "[b]\nx = false\n";
    Records r = Records::read_directory(dir, {dir / "primaries" / "colon.toml"});
    EXPECT_EQ(r.children(""), (std::vector<std::string>{"a", "b"}));
    EXPECT_FALSE(r.flag("b.x"));
    EXPECT_THROW(Records::read({dir / "missing.toml"}), InputError);
    std::filesystem::remove_all(dir);
}

TEST(Records, whatever_bytes_change_a_file_is_read_or_refused) {
    const std::string good = model_text;
    int accepted = 0, refused = 0;
    const auto started = std::chrono::steady_clock::now();
    for (std::uint32_t i = 0; i < 4000; ++i) {
        Draws draws(11, i, 0, Purpose::test);
        std::string text = good;
        for (std::uint32_t edits = 1 + draws.below(4); edits > 0; --edits) {
            const auto at = draws.below(static_cast<std::uint32_t>(text.size()));
            const char byte = draws.below(2) ? static_cast<char>(draws.below(256)) : "[]{}=\".,#'\n\\"[draws.below(12)];
            switch (draws.below(4)) {
                case 0:
                    text[at] = byte;
                    break;
                case 1:
                    text.insert(at, 1, byte);
                    break;
                case 2:
                    text.erase(at, 1 + draws.below(5));
                    break;
                default:
                    text.insert(at, good.substr(draws.below(static_cast<std::uint32_t>(good.size())), draws.below(60)));
            }
        }
        try {
            Records r = Records::parse({{"m.toml", text}});
            read_all(r);
            r.require_all_used();
            ++accepted;
        } catch (const InputError& error) {
            EXPECT_FALSE(error.problems().empty());
            ++refused;
        }
    }
    EXPECT_GT(accepted, 50);
    EXPECT_GT(refused, 2000);
    EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::minutes(2));
}

TEST(Records, a_misspelt_key_is_found_and_corrected) {
    // Every key of the model, misspelt in one of four ways, must name the line, and suggest the right key nearly
    // always.
    const std::vector<std::string> keys{"substrates", "TGFB1",      "diffusion", "decay",    "basal", "oxygen",
                                        "cells",      "appearance", "excludes",  "moves_up", "value", "unit",
                                        "range",      "kind",       "system",    "source",   "note"};
    int tried = 0, suggested = 0;
    for (std::uint32_t i = 0; i < 400; ++i) {
        Draws draws(12, i, 0, Purpose::test);
        const std::string& key = keys[draws.below(static_cast<std::uint32_t>(keys.size()))];
        std::string wrong = key;
        const auto at = draws.below(static_cast<std::uint32_t>(key.size() - 1));
        switch (draws.below(4)) {
            case 0:
                std::swap(wrong[at], wrong[at + 1]);
                break;
            case 1:
                wrong.erase(at, 1);
                break;
            case 2:
                wrong.insert(at, 1, 'x');
                break;
            default:
                wrong[at] = 'q';
        }
        if (wrong == key) continue;
        std::string text = model_text;
        const std::size_t place = text.find(key);
        text.replace(place, key.size(), wrong);
        const std::string message = error_of([&] {
            Records r = Records::parse({{"m.toml", text}});
            r.number("substrates.oxygen.diffusion", Dimension::diffusion);
            r.number("substrates.TGFB1.diffusion", Dimension::diffusion);
            read_all(r);
            r.require_all_used();
        });
        ++tried;
        EXPECT_NE(message, "") << wrong;
        // A renamed substrate or cell type is a new one, not a mistake, unless it lacks what the reader wants.
        if (message.find(key + "'") != std::string::npos || message.find(key + ":") != std::string::npos ||
            message.find(key + ".") != std::string::npos)
            ++suggested;
    }
    EXPECT_GE(suggested, 0.95 * tried);
}

TEST(DidYouMeanPath, corrects_the_first_part_that_differs) {
    const std::vector<std::string> paths{"a.alpha.x", "a.beta.x", "b.gamma"};
    EXPECT_EQ(did_you_mean_path("a.alpah.x", paths), " (did you mean 'a.alpha.x'?)");
    EXPECT_EQ(did_you_mean_path("a.alpah.y", paths), " (did you mean 'a.alpha'?)");
    EXPECT_EQ(did_you_mean_path("b.gama", paths), " (did you mean 'b.gamma'?)");
    EXPECT_EQ(did_you_mean_path("zzzz.q", paths), "");
    EXPECT_EQ(did_you_mean_path("a", paths), "");
}

}  // namespace
}  // namespace stellate
