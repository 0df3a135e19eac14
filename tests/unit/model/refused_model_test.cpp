// What the reader of the model refuses: input that the program would otherwise take and never act on, and numbers that
// are no law. Each case is the shipped model with a little laid over it, and ends with one message.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "core/atomic_file.hpp"
#include "model/model.hpp"
#include "model/records.hpp"

namespace stellate {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

const std::filesystem::path directory = std::filesystem::path(STELLATE_SOURCE_DIR) / "models" / "liver-mouse";

// The message for the shipped model with `extra` laid over it and `rule` added; empty if it is accepted.
std::string error_of(const std::string& extra, const std::string& rule = "") {
    // The files that this reader reads.
    std::vector<std::pair<std::string, std::string>> files;
    for (const char* name : {"cells", "matrix", "model", "responses", "seeding", "substrates", "vessels"})
        files.emplace_back(name, read_file(directory / (std::string(name) + ".toml")));
    try {
        Records records =
            Records::parse(files, {{"colon", read_file(directory / "primaries/colon.toml")}, {"extra.toml", extra}});
        const std::string rules = read_file(directory / "rules.csv");
        read_model(records, rule.empty() ? rules : rule, "rules.csv", {});
        records.require_all_used();
    } catch (const InputError& error) {
        return error.what();
    }
    return "";
}

std::string record(const std::string& value, const std::string& unit) {
    return "{ value = " + value + ", unit = \"" + unit + "\", range = [" + value + ", " + value +
           "], kind = \"assumed\", note = \"test\" }\n";
}

TEST(RefusedModel, nothing_laid_over_the_shipped_one_is_accepted) { EXPECT_EQ(error_of(""), ""); }

TEST(RefusedModel, a_healthy_liver_rests) {
    const std::string rules = read_file(directory / "rules.csv");
    const auto added = [&](const std::string& rule) { return error_of("", rules + rule); };
    EXPECT_THAT(
        added("hepatocyte,oxygen,increases,apoptosis,responses.hepatocyte.death,10,2,0,,mmHg,crowding,assumed,x\n"),
        AllOf(StartsWith("rules.csv:7:31: hepatocyte: its apoptosis reaches "),
              HasSubstr(" 1/day with every signal as in a healthy liver, which then would not rest")));
    EXPECT_EQ(added("hepatocyte,TGFB1,increases,apoptosis,responses.hepatocyte.death,10,4,0,,nM,crowding,assumed,x\n"),
              "");
}

TEST(RefusedModel, numbers_outside_what_they_can_be) {
    const auto told = [](const std::string& table, const std::string& key, const std::string& value,
                         const std::string& unit) {
        return error_of("[" + table + "]\n" + key + " = " + record(value, unit));
    };
    EXPECT_EQ(told("substrates.TGFB1", "decay", "-0.1", "1/min"),
              "extra.toml:2:1: substrates.TGFB1.decay: -0.1 1/min; expected at least 0");
    EXPECT_EQ(told("substrates.TGFB1", "diffusion", "-1", "um^2/min"),
              "extra.toml:2:1: substrates.TGFB1.diffusion: -1 um^2/min; expected at least 0");
    EXPECT_EQ(told("substrates.oxygen", "half_saturation", "0", "mmHg"),
              "extra.toml:2:1: substrates.oxygen.half_saturation: 0 mmHg; expected more than 0");
    EXPECT_EQ(told("tolerances", "subtick_error", "0", "1"),
              "extra.toml:2:1: tolerances.subtick_error: 0; expected more than 0");
    EXPECT_THAT(told("clocks", "tick", "0", "min"),
                HasSubstr("extra.toml:2:1: clocks.tick: 0 min; expected more than 0"));
    EXPECT_THAT(told("clocks", "tick", "120", "min"),
                HasSubstr("extra.toml:2:1: clocks.tick: 120 min; expected at most 60 min"));
    EXPECT_EQ(told("cell_types.cd8", "walk_step", "0.01", "min"),
              "extra.toml:2:1: cell_types.cd8.walk_step: makes 600 steps of a tick; expected at most 256");
    EXPECT_EQ(told("vessels", "segment", "0", "um"), "extra.toml:2:1: vessels.segment: 0 um; expected more than 0");
    EXPECT_EQ(told("vessels", "co_option_share", "1.2", "1"),
              "extra.toml:2:1: vessels.co_option_share: 1.2; expected a share, 0 to 1");
}

TEST(RefusedModel, a_step_of_mechanics_that_packed_tissue_does_not_bear) {
    EXPECT_THAT(error_of("[clocks]\nmechanics_step = " + record("6", "min")),
                AllOf(StartsWith("extra.toml:2:1: clocks.mechanics_step: a sub-step of 6 min is not stable for packed "
                                 "tissue; the step limit is "),
                      HasSubstr(" min (contact.repulsion and the radii set it)")));
}

TEST(RefusedModel, only_blood_recruits_and_it_does_nothing_else) {
    EXPECT_EQ(error_of("[cell_types.kupffer.behaviours]\nrecruit.nk = " + record("1", "1/day")),
              "extra.toml:2:9: cell_types.kupffer.behaviours.recruit.nk: only blood recruits; expected in "
              "cell_types.blood.behaviours");
    EXPECT_EQ(error_of("[cell_types.blood.behaviours]\nattack = " + record("1", "1/day")),
              "extra.toml:2:1: cell_types.blood.behaviours.attack: the blood does nothing but recruit; expected "
              "recruit.CELL_TYPE");
}

TEST(RefusedModel, who_takes_no_room_holds_no_place) {
    EXPECT_THAT(error_of("[cell_types.lsec]\nyield = " + record("0.15", "um/min")),
                StartsWith("extra.toml:2:1: cell_types.lsec.yield: "));
}

TEST(RefusedModel, who_others_become_grows_to_its_size) {
    EXPECT_THAT(
        error_of("[cell_types.cd8.behaviours.transform]\nnk = " + record("0", "1/day")),
        HasSubstr("cell_types.nk: needs growth above 0, the time in which cd8 cells that become nk take its size"));
}

TEST(RefusedModel, who_attacks_names_whom_and_who_names_whom_attacks) {
    EXPECT_EQ(error_of("[cell_types.mdsc.behaviours]\nattack = " + record("1", "1/day")),
              "extra.toml:2:1: cell_types.mdsc.behaviours.attack: a type that attacks needs a table "
              "cell_types.mdsc.attacks of the types it kills");
    EXPECT_EQ(error_of("[cell_types.mdsc.attacks]\ntumour = " + record("1", "1")),
              "extra.toml:1:18: cell_types.mdsc.attacks: a type that has a table of the types it kills needs "
              "behaviours.attack");
}

TEST(RefusedModel, a_type_that_divides_has_a_whole_cycle) {
    const std::string entry = "[cell_types.mdsc.behaviours]\ncycle_entry = " + record("1", "1/day"),
                      s_phase = "s_phase = " + record("8", "h"), g2m = "g2m = " + record("5", "h"),
                      shape = "phase_shape = " + record("10", "1"), growth = "growth = " + record("6", "h"),
                      mdsc = "[cell_types.mdsc]\n";
    EXPECT_EQ(error_of(entry + mdsc + s_phase + g2m + shape + growth), "");
    const auto missing = [](const std::string& key) { return "cell_types.mdsc." + key + ": is missing; expected"; };
    EXPECT_THAT(error_of(entry + mdsc + g2m + shape + growth), ::testing::HasSubstr(missing("s_phase")));
    EXPECT_THAT(error_of(entry + mdsc + s_phase + shape + growth), ::testing::HasSubstr(missing("g2m")));
    EXPECT_THAT(error_of(entry + mdsc + s_phase + g2m + growth), ::testing::HasSubstr(missing("phase_shape")));
    EXPECT_THAT(error_of(entry + mdsc + s_phase + g2m + shape), ::testing::HasSubstr(missing("growth")));
    EXPECT_EQ(error_of(entry + mdsc + s_phase + g2m + shape + "growth = " + record("0", "h")),
              "extra.toml:2:1: cell_types.mdsc.behaviours.cycle_entry: a type that divides needs s_phase, g2m and "
              "growth above 0 and a phase_shape of at least 1");
    // The other way round: without cycle_entry nobody would ever be in S phase.
    EXPECT_EQ(error_of(mdsc + s_phase), "extra.toml:2:1: cell_types.mdsc.s_phase: is read by nothing");
}

TEST(RefusedModel, rules_read_what_their_type_senses) {
    const std::string rules = read_file(directory / "rules.csv");
    const std::string last = "rules.csv:" + std::to_string(std::count(rules.begin(), rules.end(), '\n') + 1);
    const auto refused = [&](const std::string& type, const std::string& signal, const std::string& rest) {
        return error_of("", rules + type + "," + signal + "," + rest + ",assumed,why");
    };
    const std::string recruits = "increases,recruit nk,1,1,1,0,1/day,", dies = "increases,apoptosis,1,1,1,0,1/day,";
    const std::string blood =
        "; expected one of CXCL10, CXCL12, HGF, IL1B, PDGFB, TGFB1, VEGFA, oxygen, collagen, stiffness, perfusion, "
        "hypoxia";
    EXPECT_THAT(refused("blood", "contact with tumour", recruits + "1,"),
                HasSubstr(last + ":7: signal: 'blood' does not sense 'contact with tumour'" + blood));
    EXPECT_THAT(refused("blood", "contact with CD274", recruits + "1,"),
                HasSubstr(last + ":7: signal: 'blood' does not sense 'contact with CD274'" + blood));
    EXPECT_THAT(refused("blood", "pressure", recruits + "kPa,"),
                HasSubstr(last + ":7: signal: 'blood' does not sense 'pressure'" + blood));
    EXPECT_THAT(refused("cd8", "pressure", dies + "kPa,"),
                HasSubstr(last + ":5: signal: 'cd8' does not sense 'pressure'; expected one of CXCL10, "));
    EXPECT_THAT(refused("cd8", "contact with blood", dies + "1,"),
                HasSubstr(last + ":5: signal: 'cd8' does not sense 'contact with blood'; expected one of "));
}

TEST(RefusedModel, mistakes_of_rules_and_records_are_told_together_and_bring_no_others) {
    const std::string rules = read_file(directory / "rules.csv");
    const std::string last = "rules.csv:" + std::to_string(std::count(rules.begin(), rules.end(), '\n') + 1);
    EXPECT_EQ(error_of("[substrates.TGFB1]\ndecay = " + record("-0.1", "1/min"), rules + "hepatocyte,b,up,c,1,2,3,0\n"),
              "extra.toml:2:1: substrates.TGFB1.decay: -0.1 1/min; expected at least 0\n" + last +
                  ":14: direction: 'up'; expected increases or decreases");
    // A row that is wrong in one field still means the records it names.
    std::string spoiled = rules;
    const std::string row = "hepatocyte,hypoxia,increases";
    ASSERT_NE(spoiled.find(row), std::string::npos);
    spoiled.replace(spoiled.find(row), row.size(), "hepatocyte,hypoxia,raises");
    EXPECT_EQ(error_of("", spoiled), "rules.csv:8:20: direction: 'raises'; expected increases or decreases");
    // But not the beginning of another's name.
    EXPECT_THAT(error_of("[responses.hepatocyte]\ndeat = " + record("1", "1/day"), spoiled),
                HasSubstr("extra.toml:2:1: responses.hepatocyte.deat: is read by nothing"));
}

TEST(RefusedModel, more_cell_types_than_a_set_holds_are_refused_before_any_is_read) {
    std::string types;
    for (int n = 0; n < 40; ++n) types += "[cell_types.extra_" + std::to_string(n) + "]\n";
    EXPECT_THAT(error_of(types), ::testing::MatchesRegex("cells:[0-9]+:[0-9]+: cell_types: has 5[0-9] cell types; "
                                                         "expected at most 32"));
}

TEST(RefusedModel, a_contact_law_that_is_none) {
    EXPECT_EQ(error_of("[contact]\nadhesion = " + record("-0.1", "um/min")),
              "extra.toml:2:1: contact.adhesion: -0.1 um/min; expected at least 0");
    EXPECT_EQ(error_of("[contact]\nrepulsion = " + record("-3", "um/min")),
              "extra.toml:2:1: contact.repulsion: -3 um/min; expected at least 0");
    EXPECT_EQ(error_of("[contact]\nmodulus = " + record("-10", "kPa")),
              "extra.toml:2:1: contact.modulus: -10 kPa; expected at least 0");
    EXPECT_EQ(error_of("[contact]\nadhesion_reach = " + record("0.9", "1")),
              "extra.toml:2:1: contact.adhesion_reach: 0.9; expected at least 1");
    EXPECT_EQ(error_of("[cell_types.tumour]\ncohesion = " + record("-1", "1")),
              "extra.toml:2:1: cell_types.tumour.cohesion: -1; expected at least 0");
}

}  // namespace
}  // namespace stellate
