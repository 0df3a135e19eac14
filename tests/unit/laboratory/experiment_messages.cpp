// What a user is told of a mistake: file, line, column, key, what was expected, the nearest name. Golden texts.
#include <gmock/gmock.h>

#include "experiment_text.hpp"

namespace stellate::laboratory::testing {

using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(experiment_messages, the_small_experiment_has_no_mistake) { EXPECT_EQ(complaint(small_experiment), ""); }

TEST(experiment_messages, a_misspelt_key_is_named_with_its_nearest) {
    EXPECT_EQ(complaint("sham\"\n[[arms.treat", "sham\"\ntitel = \"x\"\n[[arms.treat"),
              "small.toml:35:1: arms[2].titel: unknown key (did you mean 'title'?)");
}

TEST(experiment_messages, a_key_misspelt_and_so_missing_is_told_as_both) {
    EXPECT_EQ(complaint("mice = 2", "mcie = 2"),
              "small.toml:1:1: mice: is missing; expected a whole number from 1 to 99999\n"
              "small.toml:6:1: mcie: unknown key (did you mean 'mice'?)");
}

TEST(experiment_messages, seeds_are_whole_numbers_below_2_to_the_63) {
    const auto with = [](const std::string& seed) { return complaint("seed = 7", "seed = " + seed); };
    EXPECT_EQ(with("0"), "");
    EXPECT_EQ(with("9223372036854775807"), "");
    EXPECT_EQ(with("-1"),
              "small.toml:7:8: seed: -1 is out of range; expected 0 to 9223372036854775807 (limits of the program)");
    EXPECT_EQ(with("9223372036854775808"),
              "small.toml:7:8: seed: 9223372036854775808, which is beyond the whole numbers, -9223372036854775808 to "
              "9223372036854775807; expected a whole number from 0 to 9223372036854775807");
    EXPECT_EQ(with("1.5"),
              "small.toml:7:8: seed: the number 1.5; expected a whole number from 0 to 9223372036854775807");
    EXPECT_EQ(with("\"5\""),
              "small.toml:7:8: seed: the text '5'; expected a whole number from 0 to 9223372036854775807");
}

TEST(experiment_messages, a_wrong_unit_says_what_it_measures) {
    EXPECT_EQ(complaint("width = \"0.32 mm\"", "width = \"0.32 min\""),
              "small.toml:13:9: section.width: 0.32 min is a time; expected a length in um (also nm, mm, cm, m)");
}

TEST(experiment_messages, a_number_without_unit_is_refused) {
    EXPECT_EQ(complaint("width = \"0.32 mm\"", "width = 0.32"),
              "small.toml:13:9: section.width: the number 0.32; expected a number with its unit in quotes: a length in "
              "um (also nm, mm, "
              "cm, m)");
}

TEST(experiment_messages, a_size_between_bricks_gets_the_nearest) {
    EXPECT_EQ(
        complaint("width = \"0.32 mm\"", "width = \"3 mm\""),
        "small.toml:13:9: section.width: '3 mm' is not a multiple of a brick's 320 um; the nearest is \"2.88 mm\"");
    EXPECT_EQ(
        complaint("width = \"0.32 mm\"", "width = \"0 mm\""),
        "small.toml:13:9: section.width: '0 mm' is not a multiple of a brick's 320 um; the nearest is \"0.32 mm\"");
    EXPECT_EQ(complaint("width = \"0.32 mm\"", "width = \"3.2 m\""),
              "small.toml:13:9: section.width: '3.2 m' is 10000 bricks; expected at most 4096 (limit of the program), "
              "1310.72 mm");
}

TEST(experiment_messages, blocks_have_smaller_bricks) {
    const std::string text =
        replaced(replaced(small_experiment, "geometry = \"section\"", "geometry = \"block\""), "[inoculum]",
                 "[block]\nwidth = \"0.16 mm\"\nheight = \"0.2 mm\"\ndepth = \"0.16 mm\"\n\n[inoculum]");
    EXPECT_EQ(
        complaint(text),
        "small.toml:18:10: block.height: '0.2 mm' is not a multiple of a brick's 160 um; the nearest is \"0.16 mm\"");
}

TEST(experiment_messages, a_geometry_without_its_size_is_refused) {
    EXPECT_EQ(complaint("geometry = \"section\"", "geometry = \"block\""),
              "small.toml:1:1: block: is missing; expected the size of the block");
}

TEST(experiment_messages, an_arm_named_twice_is_refused_with_both_places) {
    EXPECT_THAT(complaint("name = \"sham\"", "name = \"control\""),
                HasSubstr("small.toml:34:8: arms[2].name: 'control' is the name of two arms (line 24)"));
}

TEST(experiment_messages, a_sham_of_an_unknown_arm_names_the_nearest) {
    EXPECT_EQ(complaint("of = \"depleted\"", "of = \"depletd\""),
              "small.toml:37:6: arms[2].treatments[0].of: sham of an unknown arm 'depletd' (did you mean 'depleted'?); "
              "expected one of depleted");
}

TEST(experiment_messages, a_sham_of_an_arm_that_kills_nothing_is_refused) {
    EXPECT_EQ(complaint("of = \"depleted\"", "of = \"control\""),
              "small.toml:37:6: arms[2].treatments[0].of: sham of 'control', whose own treatment kills nothing by "
              "itself; expected an arm "
              "with a suicide gene");
}

TEST(experiment_messages, two_treatments_of_an_arm_by_one_record_agree_on_its_numbers) {
    const std::string first = "start = \"-1 day\"\ndose = \"40 ug/g\"\n",
                      next =
                          "[[arms.treatments]]\nkind = \"suicide_gene\"\nrecord = \"treatments.ganciclovir_tk\"\n"
                          "start = \"1 day\"\n";
    EXPECT_EQ(complaint("start = \"-1 day\"\n", first + next + "dose = \"40 ug/g\"\n"), "");
    EXPECT_EQ(
        complaint("start = \"-1 day\"\n", first + next + "dose = \"100 ug/g\"\n"),
        "small.toml:35:10: arms[1].treatments[1].record: 'treatments.ganciclovir_tk' has other numbers in "
        "arms[1].treatments[0] (line 30); expected the same ones, or another record of the model for one of them");
}

TEST(experiment_messages, a_sham_of_an_unknown_cell_type_names_the_nearest) {
    EXPECT_EQ(complaint("kills = \"hepatocyte\"", "kills = \"hepatocite\""),
              "small.toml:38:9: arms[2].treatments[0].kills: there is no cell type 'hepatocite' (did you mean "
              "'hepatocyte'?)");
}

TEST(experiment_messages, an_endpoint_after_the_last_day_is_refused) {
    EXPECT_EQ(complaint("endpoint_days = [1]", "endpoint_days = [1, 5]"),
              "small.toml:10:17: endpoint_days: day 5 is after the last day, days = 2 (line 8)");
}

TEST(experiment_messages, an_endpoint_after_the_last_day_of_one_primary_is_refused) {
    EXPECT_EQ(complaint("name = \"colon\"", "name = \"colon\"\ndays = 0.5"),
              "small.toml:10:17: endpoint_days: day 1 is after the last day of primary 'colon', days = 0.5 (line 22)");
}

TEST(experiment_messages, endpoint_days_ascend) {
    EXPECT_EQ(complaint("endpoint_days = [1]", "endpoint_days = [1, 1]"),
              "small.toml:10:17: endpoint_days: day 1 is named twice");
    EXPECT_EQ(complaint("endpoint_days = [1]", "endpoint_days = [1, 0.5]"),
              "small.toml:10:17: endpoint_days: day 0.5 comes after day 1; expected ascending days");
}

TEST(experiment_messages, a_day_that_is_no_whole_tick_is_refused) {
    EXPECT_EQ(
        complaint("endpoint_days = [1]", "endpoint_days = [1.001]"),
        "small.toml:10:17: endpoint_days: 1.001 days are not a whole number of ticks of 6 min (record clocks.tick)");
}

TEST(experiment_messages, a_treatment_before_the_beginning_is_refused) {
    EXPECT_EQ(complaint("start = \"-1 day\"", "start = \"-3 day\""),
              "small.toml:31:9: arms[1].treatments[0].start: begins 3 days before inoculation, but acclimatisation is "
              "1 days (line 9); lengthen it, or start later");
}

TEST(experiment_messages, a_treatment_that_stops_before_it_starts_is_refused) {
    EXPECT_EQ(complaint("start = \"-1 day\"", "start = \"1 day\"\nstop = \"12 h\""),
              "small.toml:32:8: arms[1].treatments[0].stop: day 0.5 is not after the start, day 1 (line 31)");
    EXPECT_EQ(complaint("start = \"-1 day\"", "start = \"3 day\""),
              "small.toml:31:9: arms[1].treatments[0].start: day 3 is after the last day, days = 2 (line 8)");
}

TEST(experiment_messages, settings_that_disagree_are_named_together) {
    EXPECT_EQ(complaint("days = 2\n", "days = 2\nplanned_days = 1\n"),
              "small.toml:9:16: planned_days: 1 is less than days = 2 (line 8)");
    EXPECT_EQ(complaint("name = \"colon\"", "name = \"colon\"\ndays = 3"),
              "small.toml:22:8: primaries[0].days: 3 is after the experiment's last day, days = 2 (line 8)");
    EXPECT_EQ(complaint("seed = 7", "only_mice = [3]\nseed = 7"),
              "small.toml:7:13: only_mice: there is no mouse 3; the cohort has mice = 2 (line 6)");
    const std::string block =
        replaced(replaced(small_experiment, "geometry = \"section\"", "geometry = \"block\""), "[inoculum]",
                 "[block]\nwidth = \"0.16 mm\"\nheight = \"0.16 mm\"\ndepth = \"0.16 mm\"\n"
                 "sections = 9\n\n[inoculum]");
    EXPECT_EQ(complaint(block),
              "small.toml:20:12: block.sections: 9 do not fit: the block is 8 voxel layers deep, depth = 160 um (line "
              "19)");
    Overrides o;
    o.set = {{"mice", "1"}};
    o.only_mice = {2};
    EXPECT_EQ(complaint(small_experiment, o),
              "--mouse: only_mice: there is no mouse 2; the cohort has mice = 1 (--set)");
}

TEST(experiment_messages, mice_have_whole_numbers) {
    EXPECT_EQ(complaint("seed = 7", "only_mice = [1.5]\nseed = 7"),
              "small.toml:7:13: only_mice: 1.5 is no mouse's number; expected whole numbers");
    EXPECT_EQ(complaint("seed = 7", "only_mice = [2, 1]\nseed = 7"), "");
}

TEST(experiment_messages, an_unknown_treatment_names_the_nearest) {
    EXPECT_THAT(complaint("record = \"treatments.ganciclovir_tk\"", "record = \"treatments.gancyclovir_tk\""),
                StartsWith("small.toml:30:10: arms[1].treatments[0].record: the model has no treatment "
                           "'treatments.gancyclovir_tk' (did you mean "
                           "'treatments.ganciclovir_tk'?)"));
}

TEST(experiment_messages, a_misspelt_record_of_a_treatment_names_the_nearest) {
    EXPECT_THAT(complaint("start = \"-1 day\"", "start = \"-1 day\"\ndoze = \"40 ug/g\""),
                StartsWith("small.toml:32:8: arms[1].treatments[0].doze: unknown key (did you mean 'dose'?); expected "
                           "one of kind, record, start"));
}

TEST(experiment_messages, a_treatment_without_its_record_still_names_what_was_meant_to_be_it) {
    EXPECT_EQ(complaint("record = \"treatments.ganciclovir_tk\"",
                        "recrod = \"treatments.ganciclovir_tk\"\ndose = \"50 ug/g\""),
              "small.toml:28:1: arms[1].treatments[0].record: is missing; expected a text in quotes\n"
              "small.toml:30:1: arms[1].treatments[0].recrod: unknown key (did you mean 'record'?)");
}

TEST(experiment_messages, a_record_outside_its_range_names_range_and_source) {
    EXPECT_THAT(complaint("start = \"-1 day\"", "start = \"-1 day\"\ndose = \"400 ug/g\""),
                StartsWith("small.toml:32:8: treatments.ganciclovir_tk.dose: 400 ug/g lies outside the plausible range "
                           "40 to 100 ug/g (measured; "
                           "Stewart 2014"));
}

TEST(experiment_messages, an_unknown_record_names_the_nearest) {
    EXPECT_EQ(
        complaint("name = \"depleted\"\n", "name = \"depleted\"\nset = { \"cell_types.tumor.s_phase\" = \"8 h\" }\n"),
        "small.toml:28:38: cell_types.tumor.s_phase: the model has no such entry (did you mean "
        "'cell_types.tumour.s_phase'?)");
}

TEST(experiment_messages, an_unknown_loop_names_the_nearest) {
    EXPECT_THAT(complaint("name = \"depleted\"\n", "name = \"depleted\"\nswitch_off = [\"nich\"]\n"),
                StartsWith("small.toml:28:14: arms[1].switch_off: the model has no loop 'nich' (did you mean "
                           "'niche'?); expected one of "));
}

TEST(experiment_messages, an_unknown_primary_names_the_files_there_are) {
    const std::string message = complaint("name = \"colon\"", "name = \"color\"");
    EXPECT_THAT(message, StartsWith("small.toml:21:8: primaries[0].name: there is no file "));
    EXPECT_THAT(message, HasSubstr("primaries/color.toml (did you mean 'colon'?); the model has colon"));
}

TEST(experiment_messages, an_unknown_model_says_where_it_was_looked_for) {
    EXPECT_EQ(complaint("model = \"liver-mouse\"", "model = \"liver-human\""),
              "small.toml:4:9: model: there is no models/liver-human beside or above the experiment file, in the "
              "working directory or with the "
              "program");
}

TEST(experiment_messages, an_unknown_endpoint_is_refused) {
    EXPECT_EQ(complaint("primary_endpoints = [\"foci_count\"]", "primary_endpoints = [\"foci_counts\"]"),
              "small.toml:46:21: analysis.primary_endpoints: there is no endpoint 'foci_counts' (did you mean "
              "'foci_count'?); docs/endpoints.md "
              "lists them");
}

TEST(experiment_messages, a_control_that_is_no_arm_lists_the_arms) {
    EXPECT_EQ(complaint("control = \"control\"", "control = \"wild\""),
              "small.toml:45:11: analysis.control: there is no arm 'wild'; expected one of control, depleted, sham");
}

TEST(experiment_messages, a_number_of_cells_and_a_density_exclude_each_other) {
    EXPECT_EQ(complaint("cells = 6", "cells = 6\ndensity = \"500 cells/mm^3\""),
              "small.toml:19:11: inoculum.density: '500 cells/mm^3' stands beside cells = 6 (line 18); expected one of "
              "them (cells: in this tissue; density: per volume)");
}

TEST(experiment_messages, a_variation_of_nothing_names_what_there_is) {
    EXPECT_THAT(complaint("record = \"inoculum.density\"", "record = \"inoculum.densty\""),
                HasSubstr("small.toml:41:10: variation[0].record: the model has no record 'inoculum.densty' (did you "
                          "mean 'inoculum.density'?)"));
}

TEST(experiment_messages, names_are_fit_for_folders) {
    EXPECT_EQ(
        complaint("name = \"small\"", "name = \"a/b\""),
        "small.toml:2:8: name: 'a/b' cannot be a folder's name; expected letters, digits, '_' and '-', at most 80");
}

TEST(experiment_messages, a_file_of_a_later_program_is_refused_by_name) {
    EXPECT_EQ(complaint("format = 1", "format = 9"),
              "small.toml:1:10: format: is 9; this program reads format 1, so the file needs a later version of it");
}

TEST(experiment_messages, all_mistakes_are_told_at_once_in_order_of_lines) {
    std::string text = replaced(small_experiment, "mice = 2", "mice = 2\ncolour = 3");
    text = replaced(text, "kills = \"hepatocyte\"", "kills = \"hepatocyt\"");
    text = replaced(text, "cv = \"20 %\"", "cv = 0.2");
    const std::string message = complaint(text);
    const std::size_t first = message.find("small.toml:7:1: colour"),
                      second = message.find("small.toml:39:9: arms[2].treatments[0].kills"),
                      third = message.find("small.toml:43:6: variation[0].cv");
    EXPECT_LT(first, second) << message;
    EXPECT_LT(second, third) << message;
    EXPECT_NE(third, std::string::npos) << message;
}

TEST(experiment_messages, numbers_that_cannot_be_used_and_keys_given_twice_hide_nothing) {
    std::string text = replaced(small_experiment, "mice = 2", "mice = nan\ncolour = 3");
    text = replaced(text, "days = 2", "days = 1e999");
    text = replaced(text, "injected = 1.5e5", "injected = 5e-324\ninjected = 3");
    text = replaced(text, "kills = \"hepatocyte\"", "kills = 2020-01-01");
    text = replaced(text, "cv = \"20 %\"", "cv = 0.2");
    text = replaced(text, "arm = \"depleted\"", "arm = \"depletd\"");
    EXPECT_EQ(
        complaint(text),
        "small.toml:6:8: mice: nan, which is not finite; expected a whole number from 1 to 99999\n"
        "small.toml:7:1: colour: unknown key; expected one of acclimatisation, analysis, arms, block, branch, "
        "checkpoint, days, "
        "description, endpoint_days, ensemble, format, geometry, inoculum, mice, model, model_directory, name, "
        "only_mice, planned_days, primaries, section, seed, set, sleep, title, variation\n"
        "small.toml:9:8: days: 1e999, which is too large or too small to be held; expected a number\n"
        "small.toml:18:12: inoculum.injected: 5e-324, which is too small to be held in full; expected a number\n"
        "small.toml:19:1: inoculum.injected: is given twice; first in line 18\n"
        "small.toml:40:9: arms[2].treatments[0].kills: a date or time, which is not used here; expected a text in "
        "quotes\n"
        "small.toml:44:6: variation[0].cv: the number 0.2; expected a number with its unit in quotes: a fraction in "
        "1 (also %)\n"
        "small.toml:52:7: analysis.published[0].arm: there is no arm 'depletd' (did you mean 'depleted'?)");
}

TEST(experiment_messages, a_key_in_the_wrong_table_is_told_where_it_belongs) {
    EXPECT_EQ(complaint("name = \"depleted\"\n", "name = \"depleted\"\nstart = \"1 day\"\n"),
              "small.toml:28:1: arms[1].start: unknown key; 'start' belongs in arms.treatments");
}

TEST(experiment_messages, a_letter_that_only_looks_right_is_shown) {
    EXPECT_EQ(
        complaint("control = \"control\"", "control = \"c\u043entrol\""),
        "small.toml:45:11: analysis.control: there is no arm 'c\u043entrol' (did you mean 'control'? '\u043e' is no "
        "ASCII letter); expected one of control, depleted, sham");
}

TEST(experiment_messages, twenty_mistakes_are_told_and_the_others_counted) {
    std::string text;
    for (int n = 0; n < 25; ++n) text += "wrong_" + std::to_string(n) + " = 1\n";
    const std::string message = complaint(text + small_experiment);
    EXPECT_EQ(std::count(message.begin(), message.end(), '\n'), 20);
    EXPECT_THAT(message, HasSubstr("small.toml:20:1: wrong_19"));
    EXPECT_THAT(message, ::testing::EndsWith("\n... and 5 more"));
}

TEST(experiment_messages, options_are_judged_like_the_file) {
    const auto with = [](const Overrides& o) { return complaint(small_experiment, o); };
    Overrides o;
    o.arms = {"contrl"};
    EXPECT_EQ(with(o), "--arms: there is no 'contrl' (did you mean 'control'?); expected control, depleted, sham");
    o.arms = {"control", "sham"};
    EXPECT_EQ(with(o), "--arms: arm 'sham' needs the kills of 'depleted'; name it too");
    o = {};
    o.set = {{"cell_types.tumour.s_phas", "7 h"}};
    EXPECT_EQ(
        with(o),
        "--set: cell_types.tumour.s_phas: the model has no such entry (did you mean 'cell_types.tumour.s_phase'?)");
    o.set = {{"section.widht", "0.64 mm"}};
    EXPECT_EQ(with(o), "--set: section.widht: unknown key (did you mean 'width'?)");
    o.set = {{"arms.deplet.title", "x"}};
    EXPECT_EQ(with(o),
              "--set: arms.deplet.title: there is no 'deplet' (did you mean 'depleted'?); expected one of control, "
              "depleted, sham");
    o.set = {{"mcie", "7"}};
    EXPECT_THAT(with(o), StartsWith("--set: mcie: unknown key (did you mean 'mice'?)"));
    o = {};
    o.mice = 0;
    EXPECT_EQ(with(o), "--mice: mice: 0 is out of range; expected 1 to 99999 (limits of the program)");
    o = {};
    o.only_mice = {5};
    EXPECT_EQ(with(o), "--mouse: only_mice: there is no mouse 5; the cohort has mice = 2 (line 6)");
    o = {};
    for (const auto& [text, what] : {std::pair{"nan", "nan, which is not finite"},
                                     {"1e999", "1e999, which is too large or too small to be held"},
                                     {"2020-01-01", "a date or time, which is not used here"},
                                     {"2 mm", "the text '2 mm'"}}) {
        o.set = {{"days", text}};
        EXPECT_EQ(with(o), std::string("--set: days: ") + what + "; expected a number");
    }
    o.set = {{"section.width", "0.64 min"}};
    EXPECT_EQ(with(o), "--set: section.width: 0.64 min is a time; expected a length in um (also nm, mm, cm, m)");
    o.set = {{"cell_types.tumour.s_phase", "nan h"}};
    EXPECT_EQ(with(o),
              "--set: cell_types.tumour.s_phase: 'nan h'; expected a number, or a number and its unit, such as '8 h'");
    o.set = {{"inoculum.cv", "1"}};
    EXPECT_EQ(with(o), "--set: inoculum.cv: unknown key; 'cv' belongs in variation");
}

}  // namespace stellate::laboratory::testing
