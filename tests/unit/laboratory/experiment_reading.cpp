// What a right file says is what comes in; options change it as they say; the resolved text reads back to the same.
#include <gmock/gmock.h>

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "core/atomic_file.hpp"
#include "experiment_text.hpp"
#include "laboratory/animal.hpp"

namespace stellate::laboratory::testing {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(experiment_reading, a_file_says_what_it_says) {
    const Experiment e = read(small_experiment);
    EXPECT_EQ(e.name, "small");
    EXPECT_EQ(e.mice, 2);
    EXPECT_EQ(e.extent().nx, 1);
    EXPECT_EQ(e.acclimatisation_min, 1440);
    EXPECT_THAT(e.endpoint_days_of(e.primaries[0]), ElementsAre(1, 2));
    ASSERT_EQ(e.arms.size(), 3u);
    EXPECT_EQ(e.arms[1].treatments[0].start_min, -1440);
    EXPECT_THAT(e.arms[2].needs(), ElementsAre("depleted"));
    EXPECT_DOUBLE_EQ(e.volume_mm3(), 0.32 * 0.32 * 0.02);
}

TEST(experiment_reading, every_experiment_of_the_repository_is_right_and_resolves_to_itself) {
    int files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(STELLATE_SOURCE_DIR "/experiments")) {
        if (entry.path().extension() != ".toml") continue;
        ++files;
        const Experiment e = read_experiment(entry.path());
        const std::string text = to_toml(e);
        const Experiment again = parse_experiment(text, "experiment.toml", STELLATE_SOURCE_DIR "/results/x");
        EXPECT_EQ(to_toml(again), text) << entry.path();
    }
    EXPECT_GE(files, 3);
}

namespace {

// Everything a run is a function of: every record, seed, day, dose and kill's source, in every primary and arm.
void expect_same_runs(const Experiment& a, const Experiment& b, const std::string& what) {
    SCOPED_TRACE(what);
    ASSERT_EQ(a.primaries.size(), b.primaries.size());
    ASSERT_EQ(a.arms.size(), b.arms.size());
    EXPECT_EQ(a.mouse_numbers(), b.mouse_numbers());
    EXPECT_EQ(a.size().width_um, b.size().width_um);
    EXPECT_EQ(a.analysis.control, b.analysis.control);
    Experiment plain_a = a, plain_b = b;
    plain_a.ensemble.reset(), plain_b.ensemble.reset();  // a draw may be impossible
    const ModelFiles files_a(a), files_b(b);
    EXPECT_EQ(to_string(files_a.digest()), to_string(files_b.digest()));
    const int mouse = a.mouse_numbers().back();
    for (std::size_t p = 0; p < a.primaries.size(); ++p)
        for (std::size_t arm = 0; arm < a.arms.size(); ++arm) {
            const Animal one = make_animal(files_a, plain_a, a.primaries[p], a.arms[arm], mouse);
            const Animal other = make_animal(files_b, plain_b, b.primaries[p], b.arms[arm], mouse);
            EXPECT_EQ(one.seed, other.seed);
            EXPECT_EQ(one.inoculum.cells, other.inoculum.cells);
            EXPECT_EQ(one.endpoint_days, other.endpoint_days);
            EXPECT_EQ(one.calendar.inoculation, other.calendar.inoculation);
            ASSERT_EQ(one.plan.suicide_genes.size(), other.plan.suicide_genes.size());
            for (std::size_t g = 0; g < one.plan.suicide_genes.size(); ++g) {
                EXPECT_EQ(one.plan.suicide_genes[g].dosing.first_min, other.plan.suicide_genes[g].dosing.first_min);
                EXPECT_EQ(one.plan.suicide_genes[g].dosing.last_min, other.plan.suicide_genes[g].dosing.last_min);
                EXPECT_EQ(one.plan.suicide_genes[g].carrier_share, other.plan.suicide_genes[g].carrier_share);
            }
            ASSERT_EQ(one.plan.replays.size(), other.plan.replays.size());
            ASSERT_EQ(one.records.size(), other.records.size());
            for (std::size_t r = 0; r < one.records.size(); ++r)
                EXPECT_EQ(one.records[r].value, other.records[r].value) << one.records[r].path;
        }
}

}  // namespace

TEST(experiment_reading, every_experiment_shortened_or_not_repeats_from_its_resolved_text) {
    std::vector<Overrides> all(5);
    all[1].days = 4;  // before hsc_depleted_late begins
    all[2].days = 1.5;
    all[3].set = {{"days", "10"}};  // before melanoma ends
    all[4].days = 20;
    for (const auto& entry : std::filesystem::directory_iterator(STELLATE_SOURCE_DIR "/experiments")) {
        if (entry.path().extension() != ".toml") continue;
        for (const Overrides& o : all) {
            const Experiment e = read_experiment(entry.path(), o);
            const std::string text = to_toml(e);
            const Experiment again = parse_experiment(text, "/nowhere/experiment.toml", "/nowhere");
            EXPECT_EQ(to_toml(again), text) << entry.path();
            expect_same_runs(e, again, entry.path().string() + e.options);
            // Made longer again, it is the longer run.
            if (!o.days) continue;
            Overrides longer;
            longer.days = 14;
            EXPECT_EQ(parse_experiment(text, "/nowhere/experiment.toml", "/nowhere", longer).planned_days,
                      std::max(14.0, e.planned_days));
        }
    }
}

TEST(experiment_reading, a_model_with_other_files_than_those_of_the_results_is_refused) {
    Experiment e = parse_experiment(small_experiment, "small.toml", STELLATE_SOURCE_DIR);
    e.primaries[0].model_digest = to_string(ModelFiles(e).digest_for(e.primaries[0]));
    const std::string text = to_toml(e);
    const Experiment again = parse_experiment(text, "again.toml", STELLATE_SOURCE_DIR);
    EXPECT_EQ(again.primaries[0].model_digest, e.primaries[0].model_digest);
    EXPECT_EQ(complaint(text), "");
    EXPECT_THAT(complaint(replaced(text, *e.primaries[0].model_digest, std::string(32, '0'))),
                ::testing::AllOf(::testing::HasSubstr("primaries[0].model_digest: the model in "),
                                 ::testing::HasSubstr("digest " + *e.primaries[0].model_digest),
                                 ::testing::HasSubstr("expected digest 00000000000000000000000000000000")));
}

TEST(experiment_reading, what_lies_under_a_models_name_is_that_model_though_it_be_broken) {
    const std::filesystem::path here =
        std::filesystem::temp_directory_path() / ("broken-" + std::to_string(::getpid()));
    std::filesystem::create_directories(here / "models" / "liver-mouse");
    const auto complain = [&] {
        try {
            parse_experiment(small_experiment, "small.toml", here);
        } catch (const InputError& error) {
            return std::string(error.what());
        }
        return std::string();
    };
    const std::string expected = "small.toml:4:9: model: " + (here / "models" / "liver-mouse").string() +
                                 " is no model: model.toml is missing there or cannot be read";
    EXPECT_EQ(complain(), expected);
    std::filesystem::remove(here / "models" / "liver-mouse");
    std::ofstream(here / "models" / "liver-mouse") << "no directory";
    EXPECT_EQ(complain(), expected);
    std::filesystem::remove_all(here);
}

TEST(experiment_reading, what_the_plan_does_not_reach_either_is_still_a_mistake) {
    Overrides o;
    o.days = 1;
    EXPECT_EQ(complaint(replaced(small_experiment, "start = \"-1 day\"", "start = \"3 day\""), o),
              "small.toml:31:9: arms[1].treatments[0].start: day 3 is after the last day, planned_days = 2 (--days)");
    EXPECT_EQ(complaint(replaced(small_experiment, "start = \"-1 day\"", "start = \"36 h\""), o), "");
}

TEST(experiment_reading, an_overlay_beside_the_file_and_a_model_of_its_own_are_found_from_the_resolved_text) {
    namespace fs = std::filesystem;
    const fs::path root = fs::temp_directory_path() / ("stellate-overlay-" + std::to_string(::getpid()));
    fs::create_directories(root / "mine");
    fs::create_directories(root / "models");
    fs::copy(STELLATE_SOURCE_DIR "/models/liver-mouse", root / "models/liver-mouse", fs::copy_options::recursive);
    fs::copy_file(STELLATE_SOURCE_DIR "/models/liver-mouse/primaries/pancreas.toml", root / "mine/other.toml");
    write_file_atomically(root / "small.toml", replaced(small_experiment, "name = \"colon\"",
                                                        "name = \"colon\"\noverlay = \"mine/other.toml\""));
    const Experiment e = read_experiment(root / "small.toml");
    // Elsewhere, where another model of that name is nearer.
    const Experiment again = parse_experiment(to_toml(e), "experiment.toml", STELLATE_SOURCE_DIR "/results/x");
    EXPECT_EQ(again.model_directory, root / "models/liver-mouse");
    EXPECT_EQ(to_toml(again), to_toml(e));
    expect_same_runs(e, again, "overlay");
    const std::string text = to_toml(e);
    fs::remove_all(root / "models");
    EXPECT_EQ(parse_experiment(text, "experiment.toml", STELLATE_SOURCE_DIR "/results/x").model_directory,
              fs::path(STELLATE_SOURCE_DIR "/models/liver-mouse"));
    fs::remove_all(root);
}

TEST(experiment_reading, the_resolved_text_makes_the_same_animals) {
    Overrides o;
    o.mice = 3;
    o.days = 1.5;
    o.set = {{"cell_types.tumour.s_phase", "7 h"},
             {"section.width", "0.64 mm"},
             {"arms.depleted.treatments.0.dose", "50 ug/g"}};
    const Experiment e = read(small_experiment, o);
    const Experiment again = parse_experiment(to_toml(e), "experiment.toml", STELLATE_SOURCE_DIR "/results/x");
    const ModelFiles files(e), same(again);
    for (const int mouse : e.mouse_numbers()) {
        const Animal a = make_animal(files, e, e.primaries[0], e.arms[1], mouse),
                     b = make_animal(same, again, again.primaries[0], again.arms[1], mouse);
        EXPECT_EQ(a.seed, b.seed);
        EXPECT_EQ(a.inoculum.cells, b.inoculum.cells);
        EXPECT_EQ(a.plan.suicide_genes[0].dosing.dose_ug_per_g, 50);
        EXPECT_EQ(b.plan.suicide_genes[0].dosing.dose_ug_per_g, 50);
        EXPECT_EQ(a.model->types[std::size_t(a.model->type_index("tumour"))].s_phase_min, 420);
        EXPECT_EQ(b.model->types[std::size_t(b.model->type_index("tumour"))].s_phase_min, 420);
    }
}

TEST(experiment_reading, options_change_what_they_name_and_nothing_else) {
    Overrides o;
    o.mice = 5;
    o.seed = 99;
    o.days = 0.5;
    o.arms = {"control", "depleted"};
    o.only_mice = {4, 2, 4};
    o.set = {{"sleep", "false"}, {"title", "another"}, {"section.height", "0.64 mm"}};
    const Experiment e = read(small_experiment, o);
    EXPECT_EQ(e.seed, 99u);
    EXPECT_THAT(e.mouse_numbers(), ElementsAre(2, 4));
    EXPECT_THAT(e.endpoint_days_of(e.primaries[0]), ElementsAre(0.5));  // day 1 is no longer reached
    EXPECT_EQ(e.arms.size(), 2u);
    EXPECT_FALSE(e.sleep);
    EXPECT_EQ(e.title, "another");
    EXPECT_EQ(e.section->height_um, 640);
    EXPECT_EQ(e.section->width_um, 320);
    EXPECT_EQ(e.options,
              " --mice 5 --days 0.5 --seed 99 --set sleep=false --set title=another --set 'section.height=0.64 mm'");
}

TEST(experiment_reading, dropping_the_control_drops_the_comparisons) {
    Overrides o;
    o.arms = {"depleted"};
    const Experiment e = read(small_experiment, o);
    EXPECT_EQ(e.analysis.control, "");
    EXPECT_EQ(e.analysis.published.size(), 1u);
    o.arms = {"control"};
    EXPECT_TRUE(read(small_experiment, o).analysis.published.empty());
}

TEST(experiment_reading, a_published_result_holds_for_the_primaries_it_names) {
    const auto with = [](const std::string& primaries) {
        std::string text = small_experiment;
        const std::size_t at = text.find("endpoint = \"foci_count\"");
        return text.insert(at, "primaries = [" + primaries + "]\n");
    };
    EXPECT_TRUE(read(small_experiment).analysis.published.front().primaries.empty());
    const Experiment e = read(with("\"colon\""));
    EXPECT_EQ(e.analysis.published.front().primaries, std::vector<std::string>{"colon"});
    EXPECT_EQ(read(to_toml(e)).analysis.published.front().primaries, std::vector<std::string>{"colon"});
    EXPECT_THAT(complaint(with("\"colom\"")), HasSubstr("there is no primary 'colom' (did you mean 'colon'?)"));
}

TEST(experiment_reading, a_list_of_names_holds_each_once_and_at_least_one) {
    const auto with = [](const std::string& from, const std::string& to) {
        std::string text = small_experiment;
        return text.replace(text.find(from), from.size(), to);
    };
    EXPECT_THAT(complaint(with("primary_endpoints = [", "primary_endpoints = [] # [")),
                HasSubstr("analysis.primary_endpoints: is empty; expected at least one name"));
    EXPECT_THAT(
        complaint(small_experiment + "\n[analysis.attribution]\narm = \"depleted\"\nloops = [\"niche\", \"niche\"]\n"),
        HasSubstr("analysis.attribution.loops: 'niche' is named twice"));
    EXPECT_THAT(complaint(small_experiment + "\n[analysis.attribution]\narm = \"depleted\"\nloops = [\"nich\"]\n"),
                HasSubstr("analysis.attribution.loops: the model has no loop 'nich' (did you mean 'niche'?)"));
    const std::string again =
        "\n[[analysis.published]]\narm = \"depleted\"\nendpoint = \"foci_count\"\nsign = \"higher\"\n"
        "source = \"somebody else\"\n";
    EXPECT_THAT(complaint(small_experiment + again), HasSubstr("'foci_count' of 'depleted' is published twice (line "));
    Overrides twice;
    twice.arms = {"control", "control"};
    EXPECT_THAT(complaint(small_experiment, twice), HasSubstr("--arms: 'control' is named twice"));
}

TEST(experiment_reading, an_attribution_adds_the_arms_it_compares) {
    const std::string text =
        small_experiment + "\n[analysis.attribution]\narm = \"depleted\"\nloops = [\"niche\", \"relay\"]\n";
    const Experiment e = read(text);
    ASSERT_EQ(e.arms.size(), 7u);
    ASSERT_NE(e.find_arm("depleted_without_relay"), nullptr);
    EXPECT_THAT(e.find_arm("depleted_without_relay")->switched_off, ElementsAre("relay"));
    EXPECT_EQ(e.find_arm("control_without_niche")->treatments.size(), 0u);
    Overrides o;
    o.arms = {"control", "control_without_niche"};
    const Experiment part = read(text, o);
    EXPECT_EQ(part.arms.size(), 2u);
    EXPECT_FALSE(part.analysis.attribution.has_value());
}

TEST(animals, are_the_same_in_every_arm_primary_and_cohort) {
    const std::string text = replaced(small_experiment, "[[arms]]\nname = \"control\"",
                                      "[[primaries]]\nname = \"pancreas\"\n\n[[arms]]\nname = \"control\"") +
                             "\n[[variation]]\nrecord = \"cell_types.tumour.behaviours.cycle_entry\"\ncv = \"10 %\"\n";
    const Experiment e = read(replaced(text, "mice = 2", "mice = 40"));
    Overrides o;
    o.only_mice = {7};
    const Experiment alone = read(replaced(text, "mice = 2", "mice = 7"), o);
    const ModelFiles files(e), files_alone(alone);
    const Animal reference = make_animal(files, e, e.primaries[0], e.arms[0], 7);
    for (const Primary& primary : e.primaries)
        for (const Arm& arm : e.arms) {
            const Animal animal = make_animal(files, e, primary, arm, 7);
            EXPECT_EQ(animal.seed, reference.seed);
            EXPECT_EQ(animal.inoculum.cells, reference.inoculum.cells);
            ASSERT_EQ(animal.factors.size(), reference.factors.size());
            for (std::size_t n = 0; n < animal.factors.size(); ++n)
                EXPECT_EQ(animal.factors[n].drawn, reference.factors[n].drawn);
        }
    EXPECT_EQ(make_animal(files_alone, alone, alone.primaries[0], alone.arms[0], 7).seed, reference.seed);
}

TEST(animals, a_varied_record_more_shifts_no_other) {
    const Experiment one = read(small_experiment);
    const Experiment two = read(
        replaced(small_experiment, "[[variation]]",
                 "[[variation]]\nrecord = \"cell_types.kupffer.behaviours.attack\"\ncv = \"20 %\"\n\n[[variation]]"));
    for (const int mouse : one.mouse_numbers()) {
        const Animal a = make_animal(ModelFiles(one), one, one.primaries[0], one.arms[0], mouse);
        const Animal b = make_animal(ModelFiles(two), two, two.primaries[0], two.arms[0], mouse);
        ASSERT_EQ(a.factors.size(), 1u);
        ASSERT_EQ(b.factors.size(), 2u);
        EXPECT_EQ(a.factors[0].drawn, b.factors[1].drawn);
        EXPECT_EQ(b.factors[1].record, "inoculum.density");
    }
}

TEST(animals, factors_have_median_1_and_the_stated_spread) {
    double sum = 0, squares = 0;
    int above = 0;
    constexpr int animals = 20000;
    for (int mouse = 1; mouse <= animals; ++mouse) {
        const double f = variation_factor(mouse_seed(5, mouse), "a.path", 0.3);
        above += f > 1;
        sum += f;
        squares += f * f;
    }
    const double mean = sum / animals, cv = std::sqrt(squares / animals - mean * mean) / mean;
    EXPECT_NEAR(above / double(animals), 0.5, 0.015);
    EXPECT_NEAR(cv, 0.3, 0.01);
}

TEST(animals, an_ensemble_draws_inside_the_plausible_ranges) {
    const Experiment e =
        read(small_experiment +
             "\n[ensemble]\nkinds = [\"assumed\", \"fitted\"]\nexcept = [\"seeding\", \"anatomy\", \"contact\"]\n");
    const ModelFiles files(e);
    const Animal animal = make_animal(files, e, e.primaries[0], e.arms[0], 1);
    std::size_t changed = 0;
    for (const Record& record : animal.records) {
        if (!record.changed) continue;
        ++changed;
        EXPECT_GE(record.value, record.low) << record.path;
        EXPECT_LE(record.value, record.high) << record.path;
        EXPECT_NE(record.kind, RecordKind::measured) << record.path;
        EXPECT_FALSE(record.path.starts_with("seeding.")) << record.path;
    }
    EXPECT_GT(changed, 100u);
}

TEST(animals, an_ensemble_never_draws_numbers_of_the_method) {
    const Experiment e = read(small_experiment + "\n[ensemble]\nkinds = [\"measured\", \"assumed\", \"fitted\"]\n");
    const ModelFiles files(e);
    std::size_t methods = 0;
    for (const int mouse : e.mouse_numbers()) {
        const Records plain = files.records(e.primaries[0]);
        Animal animal;
        try {
            animal = make_animal(files, e, e.primaries[0], e.arms[0], mouse);
        } catch (const InputError&) {
            continue;  // an impossible draw
        }
        for (const Record& record : animal.records) {
            if (record.source != "method") continue;
            ++methods;
            EXPECT_FALSE(record.changed) << record.path;
            EXPECT_EQ(record.value, plain.find(record.path)->value) << record.path;
        }
        for (const Factor& factor : animal.factors)
            EXPECT_EQ(factor.record.find("walk_step"), std::string::npos) << factor.record;
    }
    EXPECT_GE(methods, 20u);
}

TEST(experiment_reading, the_statement_of_enrichment_is_arithmetic) {
    const Experiment e = read(small_experiment);
    const Animal animal = make_animal(ModelFiles(e), e, e.primaries[0], e.arms[0], 1);
    Model model = *animal.model;
    model.seeding.clonogenic_fraction = 1e-3;
    model.seeding.liver_volume_mm3 = 1500;
    const Enrichment x = enrichment_of(e, model, 300);
    EXPECT_DOUBLE_EQ(x.whole_liver_per_mm3, 0.1);  // 1.5e5 x 1e-3 / 1500
    EXPECT_DOUBLE_EQ(x.factor, 3000);
    EXPECT_DOUBLE_EQ(x.injected_equivalent, 300.0 * 1500 / 1e-3);
}

}  // namespace stellate::laboratory::testing
