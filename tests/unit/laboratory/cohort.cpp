// A cohort gives the same results in the same order whatever the threads; failures and interruptions are told and
// clean.
#include <gmock/gmock.h>

#include <unistd.h>

#include <filesystem>
#include <map>

#include "core/atomic_file.hpp"
#include "experiment_text.hpp"
#include "laboratory/analysis.hpp"
#include "laboratory/results.hpp"
#include "simulation/step.hpp"

namespace stellate::laboratory::testing {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

namespace {

CohortResults run(const Experiment& e, int threads) {
    CohortOptions options;
    options.threads = threads;
    return run_cohort(e, options);
}

// Every table of a run, with times of the wall clock left out.
std::map<std::string, std::string> tables(const CohortResults& r) {
    const Analysis analysis = analyse(r);
    return {{"digests", digests_csv(r)},      {"endpoints", endpoints_csv(r)},
            {"growth", growth_csv(r)},        {"proteins", proteins_csv(r)},
            {"kills", kills_csv(r)},          {"statistics", statistics_csv(r, analysis)},
            {"signs", signs_csv(r, analysis)}};
}

const CohortResults& reference() {
    static const CohortResults results = run(read(small_experiment), 1);
    return results;
}

}  // namespace

TEST(cohort, gives_the_same_tables_at_any_number_of_threads) {
    const auto one = tables(reference());
    for (const int threads : {2, 3, 8}) {
        const auto other = tables(run(read(small_experiment), threads));
        for (const auto& [name, text] : one) EXPECT_EQ(other.at(name), text) << name << " at " << threads << " threads";
    }
}

TEST(cohort, a_mouse_alone_is_the_mouse_of_the_cohort) {
    Overrides o;
    o.only_mice = {2};
    const CohortResults alone = run(read(small_experiment, o), 2);
    for (int arm = 0; arm < 3; ++arm) {
        const MouseRun *here = alone.find(0, arm, 2), *there = reference().find(0, arm, 2);
        ASSERT_TRUE(here && there);
        for (std::size_t d = 0; d < here->days.size(); ++d) EXPECT_EQ(here->days[d].digest, there->days[d].digest);
    }
}

TEST(cohort, rows_are_in_the_order_of_the_experiment) {
    std::vector<std::tuple<int, int, int>> order;
    for (const MouseRun& r : reference().runs) order.emplace_back(r.primary, r.arm, r.mouse);
    EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
    EXPECT_EQ(order.size(), 6u);
    for (const MouseRun& r : reference().runs) {
        ASSERT_EQ(r.days.size(), 2u);
        EXPECT_EQ(r.days[0].day, 1);
        EXPECT_EQ(r.days[1].day, 2);
        ASSERT_EQ(r.growth.size(), 4u);  // days 0, 1 and 2, and once when all have arrived
        EXPECT_EQ(r.growth[0].day, 0);
        EXPECT_EQ(r.growth[0].tumour_cells, 0u);
        EXPECT_LT(r.growth[1].day, 0.1);
        EXPECT_GT(r.growth[1].tumour_cells, 0u);
    }
}

TEST(cohort, kills_are_told_over_the_days_that_tumour_cells_have_lived_tick_by_tick) {
    Overrides o;
    o.set = {{"inoculum.cells", "60"}};
    const Experiment e = read(small_experiment, o);
    const Animal animal = make_animal(ModelFiles(e), e, e.primaries[0], e.arms[0], 1);
    const MouseRun run = run_mouse(e, animal, {}, 1, nullptr);
    World<SectionShape> world(animal.model, animal.anatomy, animal.seed, e.extent(), animal.inoculum, {}, e.sleep);
    Stepper<SectionShape> stepper;
    const auto alive = [&] { return double(count_cells(world, 20, 5).tumour_cells); };
    double cell_days = 0;
    for (const DayRecord& day : run.days) {
        while (world.tick < day.tick) {
            const double before = alive();
            stepper.step(world);
            cell_days += 0.5 * (before + alive()) / 240;
        }
        double kills = 0;
        for (const std::uint64_t k : day.tally.kills) kills += double(k);
        ASSERT_GT(kills, 0) << "day " << day.day;
        EXPECT_NEAR(day.tumour_cell_days, cell_days, 1e-9 * cell_days);
        EXPECT_NEAR(*day.get("tumour_kills_per_cell_day"), kills / cell_days, 1e-9 * kills / cell_days)
            << "day " << day.day;
    }
}

TEST(cohort, every_endpoint_has_a_definition_and_no_name_twice) {
    std::vector<MouseRun> runs = reference().runs;
    Overrides o = in_a_small_block(2);
    o.mice = 1;
    o.days = 0.5;
    o.arms = {"control"};
    const CohortResults block = run(read(small_experiment, o), 1);
    ASSERT_TRUE(block.runs[0].days.back().get("foci_per_volume").has_value());
    ASSERT_TRUE(block.runs[0].days.back().get("metastatic_area").has_value());
    runs.push_back(block.runs[0]);
    for (const MouseRun& r : runs)
        for (const DayRecord& day : r.days) {
            std::map<std::string, int> seen;
            for (const histology::EndpointValue& v : day.endpoints) {
                EXPECT_EQ(++seen[v.id], 1) << v.id;
                const auto& list = every_endpoint_definition();
                EXPECT_TRUE(std::any_of(list.begin(), list.end(), [&](const auto& d) {
                    return std::string_view(d.id) == v.id;
                })) << v.id;
            }
        }
}

// Few tumour cells in a wide section, so that most of it may sleep.
TEST(cohort, sleep_changes_no_endpoint_by_more_than_a_fiftieth) {
    Overrides o;
    o.days = 4;
    o.arms = {"control"};
    o.set = {{"section.width", "1.6 mm"}, {"section.height", "1.6 mm"}, {"inoculum.cells", "4"}};
    const CohortResults asleep = run(read(small_experiment, o), 2);
    o.set.emplace_back("sleep", "false");
    const CohortResults awake = run(read(small_experiment, o), 2);
    int compared = 0;
    for (std::size_t n = 0; n < awake.runs.size(); ++n) {
        EXPECT_EQ(awake.runs[n].awake.cells_awake, 1);
        EXPECT_LT(asleep.runs[n].awake.cells_awake, 0.8);
        for (std::size_t d = 0; d < awake.runs[n].days.size(); ++d)
            for (const histology::EndpointValue& v : awake.runs[n].days[d].endpoints) {
                const std::optional<double> other = asleep.runs[n].days[d].get(v.id);
                ASSERT_EQ(v.value.has_value(), other.has_value()) << v.id;
                if (!other) continue;
                EXPECT_NEAR(*other, *v.value, 0.02 * std::abs(*v.value))
                    << v.id << ", mouse " << awake.runs[n].mouse << ", day " << awake.runs[n].days[d].day;
                compared += *v.value != 0;
            }
    }
    EXPECT_GT(compared, 40);
}

TEST(cohort, a_replay_of_the_kills_is_the_treated_animal_to_the_bit) {
    std::string text = replaced(small_experiment, "kind = \"sham\"", "kind = \"replay\"");
    text = replaced(text, "kills = \"hepatocyte\"\n", "");
    const CohortResults r = run(read(text, something_to_kill()), 2);
    const MouseRun *treated = r.find(0, 1, 1), *replayed = r.find(0, 2, 1), *control = r.find(0, 0, 1);
    ASSERT_GT(treated->kills.size(), 0u);
    EXPECT_EQ(treated->days.back().digest, replayed->days.back().digest);
    EXPECT_NE(treated->days.back().digest, control->days.back().digest);
    EXPECT_EQ(treated->kills.size(), replayed->kills.size());
}

namespace {

// The small experiment with more arms before its sham, over two bricks.
Experiment parting(const std::string& arms) {
    const std::string sham = "[[arms]]\nname = \"sham\"";
    Overrides o = something_to_kill("60");
    o.set.emplace_back("section.width", "0.64 mm");
    return read(replaced(small_experiment, sham, arms + "\n" + sham), o);
}

// Arms that part one after the other.
const std::string late_and_twice = ganciclovir_arm("late", {"3 day"}) + ganciclovir_arm("twice", {"1 day", "2 day"}) +
                                   ganciclovir_arm("bystander", {"-1 day"}, "bystander_hsc = \"50 %\"\n") +
                                   ganciclovir_arm("wild_type", {"-1 day"}, "carriers = false\n");

}  // namespace

TEST(cohort, arms_that_share_a_life_end_as_if_each_had_lived_alone) {
    const Experiment e = parting(late_and_twice);
    const CohortResults together = run(e, 2);
    const ModelFiles files(e);
    std::map<std::string, double> shared;
    for (const Arm& arm : e.arms) {
        if (!arm.needs().empty()) continue;
        const MouseRun alone = run_mouse(e, make_animal(files, e, e.primaries[0], arm, 1), {}, 1, nullptr);
        const MouseRun& here = *together.find(0, int(&arm - e.arms.data()), 1);
        EXPECT_EQ(alone.shared_days, 0);
        shared[arm.name] = here.shared_days;
        ASSERT_EQ(here.days.size(), alone.days.size()) << arm.name;
        for (std::size_t d = 0; d < here.days.size(); ++d) {
            EXPECT_EQ(here.days[d].digest, alone.days[d].digest) << arm.name << " day " << here.days[d].day;
            EXPECT_EQ(here.days[d].tumour_cell_days, alone.days[d].tumour_cell_days) << arm.name;
            EXPECT_EQ(here.days[d].get("treatment_kills"), alone.days[d].get("treatment_kills")) << arm.name;
        }
        ASSERT_EQ(here.growth.size(), alone.growth.size()) << arm.name;
        for (std::size_t d = 0; d < here.growth.size(); ++d)
            EXPECT_EQ(here.growth[d].living, alone.growth[d].living) << arm.name;
        ASSERT_EQ(here.kills.size(), alone.kills.size()) << arm.name;
        for (std::size_t k = 0; k < here.kills.size(); ++k) {
            EXPECT_EQ(here.kills[k].tick, alone.kills[k].tick) << arm.name;
            EXPECT_EQ(here.kills[k].cell, alone.kills[k].cell) << arm.name;
        }
        EXPECT_EQ(here.awake.cells_awake, alone.awake.cells_awake) << arm.name;
        EXPECT_EQ(here.kills.empty(), arm.name == "control" || arm.name == "wild_type") << arm.name;
    }
    // The first arm is timed for what is shared; the late arm goes along until its drug is given, the wild type to the
    // end.
    EXPECT_EQ(shared.at("control"), 0);
    EXPECT_GT(shared.at("depleted"), 0);
    EXPECT_EQ(shared.at("bystander"), shared.at("depleted"));
    EXPECT_GE(shared.at("twice"), shared.at("depleted"));
    EXPECT_GE(shared.at("late"), 1 + 3 - shared_stretch_min / 1440);
    EXPECT_EQ(shared.at("wild_type"), 1 + 4);
    EXPECT_EQ(together.find(0, 5, 1)->days.back().digest, together.find(0, 0, 1)->days.back().digest);
}

TEST(cohort, only_arms_that_differ_by_their_drugs_share) {
    EXPECT_THAT(sharing_arms(parting(late_and_twice)), ElementsAre(ElementsAre(0, 1, 2, 3, 4, 5), ElementsAre(6)));
    const std::string without = "switch_off = [\"matrix_growth\"]\n";
    const Experiment other =
        parting("\n[[arms]]\nname = \"no_growth\"\n" + without +
                replaced(ganciclovir_arm("no_growth_depleted", {"-1 day"}), "[[arms.treat", without + "[[arms.treat") +
                "\n[[arms]]\nname = \"stiff\"\n[arms.set]\n\"matrix.stiffness_baseline\" = \"0.6 kPa\"\n");
    EXPECT_THAT(sharing_arms(other), ElementsAre(ElementsAre(0, 1), ElementsAre(2, 3), ElementsAre(4), ElementsAre(5)));
}

TEST(cohort, a_treatment_without_carriers_is_the_control_to_the_bit) {
    const CohortResults r =
        run(read(replaced(small_experiment, "start = \"-1 day\"", "start = \"-1 day\"\ncarriers = false")), 2);
    for (const int mouse : {1, 2}) {
        EXPECT_EQ(r.find(0, 0, mouse)->days.back().digest, r.find(0, 1, mouse)->days.back().digest);
        EXPECT_TRUE(r.find(0, 1, mouse)->kills.empty());
    }
}

TEST(cohort, shows_one_mouse_of_each_primary_in_every_arm_on_every_day) {
    const CohortResults& r = reference();
    ASSERT_EQ(r.shown_mouse.size(), 1u);
    EXPECT_EQ(r.pictures.size(), 3u * 2u);
    for (const Picture& picture : r.pictures) {
        EXPECT_EQ(picture.mouse, r.shown_mouse[0]);
        EXPECT_EQ(picture.section.nx, 16);
        EXPECT_GT(picture.section.cells.size(), 100u);
    }
}

TEST(cohort, stops_when_asked_and_says_so) {
    std::atomic<int> stop{0};
    CohortOptions options;
    options.threads = 2;
    options.cancelled = &stop;
    const Experiment e = read(replaced(small_experiment, "days = 2\n", "days = 30\n"));
    options.progress = [&](const Progress&) { stop = 2; };
    EXPECT_THROW(run_cohort(e, options), Cancelled);
}

namespace {

// A folder with a copy of the model whose guard no moving cell can pass.
struct GuardedModel {
    GuardedModel() {
        namespace fs = std::filesystem;
        fs::create_directories(root / "models");
        fs::copy(STELLATE_SOURCE_DIR "/models/liver-mouse", root / "models/liver-mouse", fs::copy_options::recursive);
        const fs::path file = root / "models/liver-mouse/model.toml";
        std::string text = read_file(file);
        const std::size_t guard = text.find("guard = {");
        const std::size_t end = text.find(", unit", guard);
        text.replace(guard, end - guard, "guard = { value = 1e-6");
        const std::size_t range = text.find("range = [", guard);
        text.replace(range, text.find(']', range) - range, "range = [1e-7, 15");
        write_file_atomically(file, text);
    }
    ~GuardedModel() { std::filesystem::remove_all(root); }
    std::filesystem::path root =
        std::filesystem::temp_directory_path() / ("stellate-guard-" + std::to_string(::getpid()));
};

}  // namespace

TEST(cohort, a_run_that_stops_itself_names_the_mouse_and_how_to_replay_it) {
    const GuardedModel model;
    const Experiment e = parse_experiment(small_experiment, "guarded.toml", model.root);
    std::string message;
    try {
        run(e, 2);
    } catch (const RunError& error) {
        message = error.what();
    }
    EXPECT_THAT(message, HasSubstr("primary 'colon', arm '"));
    EXPECT_THAT(message, HasSubstr("(seed "));
    EXPECT_THAT(message, HasSubstr("tick"));
    EXPECT_THAT(message, HasSubstr("To replay this mouse alone: stellate run guarded.toml --primaries colon --arms "));
}

TEST(cohort, a_draw_that_fails_fails_the_arms_that_take_its_kills) {
    const GuardedModel model;
    const Experiment e =
        parse_experiment(small_experiment + "\n[ensemble]\nkinds = [\"fitted\"]\n", "guarded.toml", model.root);
    const CohortResults r = run(e, 2);
    for (const int mouse : {1, 2}) {
        ASSERT_THAT(r.find(0, 1, mouse)->failure, HasSubstr("tick"));
        EXPECT_THAT(r.find(0, 2, mouse)->failure,
                    HasSubstr("arm 'depleted', whose kills it takes, could not be run: "));
        EXPECT_TRUE(r.find(0, 2, mouse)->days.empty());
    }
    for (const SignRow& row : analyse(r).signs) EXPECT_EQ(row.failed, 2);
}

TEST(analysis, signs_count_who_lies_below_within_and_above_and_where_there_was_nothing_to_lower) {
    CohortResults r = reference();
    const auto set = [&](int arm, int mouse, double value) {
        for (MouseRun& run : r.runs)
            if (run.primary == 0 && run.arm == arm && run.mouse == mouse)
                for (histology::EndpointValue& v : run.days.back().endpoints)
                    if (std::string_view(v.id) == "foci_count") v.value = value;
    };
    const auto row_for = [&](double control, double treated) {
        for (const int mouse : r.experiment.mouse_numbers()) set(0, mouse, control), set(1, mouse, treated);
        for (const SignRow& row : analyse(r).signs)
            if (row.primary == 0 && row.arm == 1 && std::string_view(row.endpoint.id) == "foci_count") return row;
        ADD_FAILURE() << "no row";
        return SignRow{};
    };
    const int mice = int(r.experiment.mouse_numbers().size());
    const auto expect = [&](const SignRow& row, int lowers, int spares, int raises, int empty) {
        EXPECT_EQ(row.draws, mice);
        EXPECT_EQ(std::tie(row.lowers, row.spares, row.raises, row.empty), std::tie(lowers, spares, raises, empty));
    };
    expect(row_for(10, 9), mice, 0, 0, 0);
    expect(row_for(10, 9.6), 0, mice, 0, 0);
    expect(row_for(10, 11), 0, 0, mice, 0);
    expect(row_for(0, 1), 0, 0, mice, 0);
    expect(row_for(0, 0), 0, mice, 0, mice);
}

TEST(analysis, a_sign_follows_from_the_wiring_only_where_enough_draws_say_so) {
    const auto row = [](int draws, int empty, int lowers, int raises) {
        SignRow r;
        r.draws = draws, r.empty = empty, r.lowers = lowers, r.raises = raises;
        return r;
    };
    EXPECT_FALSE(row(6, 5, 0, 1).follows_from_wiring());  // one draw that has any
    EXPECT_FALSE(row(10, 0, 10, 0).follows_from_wiring());
    EXPECT_TRUE(row(20, 0, 20, 0).follows_from_wiring());
    EXPECT_TRUE(row(100, 50, 0, 49).follows_from_wiring());
    EXPECT_FALSE(row(100, 0, 90, 0).follows_from_wiring());
    EXPECT_FALSE(SignRow{}.follows_from_wiring());
}

TEST(analysis, compares_every_arm_with_control_and_marks_what_was_fixed) {
    const Analysis analysis = analyse(reference());
    int fixed = 0, published = 0;
    for (const ComparisonRow& row : analysis.comparisons) {
        EXPECT_NE(row.arm, 0);
        fixed += row.fixed_beforehand;
        published += row.published_sign.has_value();
        if (row.in_family) {
            EXPECT_TRUE(row.last_day);
        }
        if (row.fixed_beforehand) {
            EXPECT_STREQ(row.endpoint.id, "foci_count");
        }
    }
    EXPECT_EQ(fixed, 2);
    EXPECT_EQ(published, 1);
    EXPECT_EQ(analysis.signs.size(), 2u);
}

TEST(analysis, a_family_of_holm_is_the_last_day_of_a_primary_with_all_its_arms) {
    const Analysis analysis = analyse(reference());
    std::vector<double> p, adjusted;
    std::vector<int> arms;
    for (const ComparisonRow& row : analysis.comparisons) {
        if (!row.in_family) {
            EXPECT_FALSE(row.comparison.mann_whitney_holm.has_value()) << row.endpoint.id;
            continue;
        }
        if (!row.comparison.mann_whitney) continue;
        p.push_back(row.comparison.mann_whitney->p);
        adjusted.push_back(row.comparison.mann_whitney_holm.value());
        if (arms.empty() || arms.back() != row.arm) arms.push_back(row.arm);
    }
    EXPECT_THAT(arms, ElementsAre(1, 2));
    EXPECT_EQ(adjusted, statistics::holm(p));
    ASSERT_EQ(analysis.families.size(), 1u);
    EXPECT_EQ(analysis.families[0].comparisons, int(p.size()));
}

TEST(analysis, a_block_tests_nothing_both_in_its_volume_and_in_its_sections) {
    CohortResults r;
    r.experiment = read(small_experiment, in_a_small_block(1));
    for (int arm = 0; arm < 3; ++arm)
        for (int mouse = 1; mouse <= r.experiment.mice; ++mouse) {
            MouseRun run;
            run.arm = arm, run.mouse = mouse;
            run.days.emplace_back().day = 2;
            for (const auto& d : every_endpoint_definition())
                run.days[0].endpoints.push_back({d.id, d.unit, mouse + 0.1 * arm});
            r.runs.push_back(run);
        }
    std::map<std::string, int> tested;  // by what is told
    for (const ComparisonRow& row : analyse(r).comparisons)
        if (row.in_family && row.arm == 1) ++tested[endpoint_in(Geometry::block, row.endpoint.id)];
    EXPECT_GT(tested.size(), 15u);
    for (const char* id : {"foci_per_volume", "metastatic_volume", "cd8_per_volume_inside", "nk_per_volume_rim",
                           "mdsc_per_volume_inside", "collagen_area_tumour"})
        EXPECT_EQ(tested[id], 1) << id;
    for (const auto& [what, times] : tested) EXPECT_EQ(times, 1) << what;
}

TEST(analysis, says_where_no_effect_could_reach_significance) {
    CohortResults r;
    r.experiment = read(small_experiment);
    r.experiment.mice = 8;
    r.experiment.endpoint_days.clear();
    for (int arm = 0; arm < 3; ++arm)
        for (int mouse = 1; mouse <= 8; ++mouse) {
            MouseRun run;
            run.arm = arm, run.mouse = mouse;
            DayRecord day;
            day.day = 2;
            // Depleted lies below all of control, in every endpoint.
            for (const auto& d : every_endpoint_definition())
                if (!std::string_view(d.id).starts_with("hsc_loss"))
                    day.endpoints.push_back({d.id, d.unit, mouse + (arm == 1 ? 0.0 : 100.0) + 0.01 * arm * mouse});
            run.days.push_back(day);
            r.runs.push_back(run);
        }
    const Analysis analysis = analyse(r);
    ASSERT_EQ(analysis.families.size(), 1u);
    const Family& f = analysis.families[0];
    EXPECT_EQ(f.pairs, 8);
    EXPECT_EQ(f.signed_rank_p, 2.0 / 256);
    EXPECT_GT(f.comparisons, 40);  // more than 20 endpoints, two arms
    ASSERT_EQ(analysis.notes.size(), 1u);
    EXPECT_THAT(analysis.notes[0], HasSubstr("with 8 mice an arm the exact signed-rank p cannot fall below 0.0078"));
    for (const ComparisonRow& row : analysis.comparisons) {
        if (!row.in_family) continue;
        EXPECT_GE(*row.comparison.signed_rank_holm, f.signed_rank_holm());
        EXPECT_GE(*row.comparison.mann_whitney_holm, f.mann_whitney_holm() * (1 - 1e-12));
    }
}

TEST(analysis, agreement_is_of_signs_and_says_what_the_interval_allows) {
    statistics::Comparison c;
    EXPECT_EQ(agreement_of(-1, c), "not given");
    c.difference = statistics::Effect{-2, statistics::Interval{-3, -1}};
    EXPECT_EQ(agreement_of(-1, c), "agrees");
    EXPECT_EQ(agreement_of(1, c), "opposite");
    EXPECT_EQ(agreement_of(0, c), "changed");
    c.difference = statistics::Effect{-2, statistics::Interval{-5, 1}};
    EXPECT_EQ(agreement_of(-1, c), "agrees, interval includes 0");
    EXPECT_EQ(agreement_of(1, c), "opposite, interval includes 0");
    EXPECT_EQ(agreement_of(0, c), "not told apart");
    c.difference = statistics::Effect{0, statistics::Interval{0, 0}};
    EXPECT_EQ(agreement_of(-1, c), "no difference");
    c.difference = statistics::Effect{-2, std::nullopt};  // too few mice
    EXPECT_EQ(agreement_of(-1, c), "agrees, no interval");
    EXPECT_EQ(agreement_of(1, c), "opposite, no interval");
    EXPECT_EQ(agreement_of(0, c), "not given");
}

TEST(analysis, a_block_counts_foci_per_volume) {
    EXPECT_EQ(endpoint_in(Geometry::block, "foci_count"), "foci_per_volume");
    EXPECT_EQ(endpoint_in(Geometry::block, "metastatic_area"), "metastatic_volume");
    EXPECT_EQ(endpoint_in(Geometry::section, "foci_count"), "foci_count");
}

TEST(estimate, threads_help_as_far_as_there_are_runs_for_them) {
    const std::vector<double> four(4, 10.0);
    EXPECT_DOUBLE_EQ(seconds_of(four, 1), 40);
    EXPECT_DOUBLE_EQ(seconds_of(four, 2), 20);
    EXPECT_DOUBLE_EQ(seconds_of(four, 3), 20);  // one of three takes two runs
    EXPECT_DOUBLE_EQ(seconds_of(four, 4), 10);
    // Beyond that only what a run shares out: never 4 / 64 of it.
    EXPECT_LT(seconds_of(four, 8), 10);
    EXPECT_GE(seconds_of(four, 256), 10 * (1 - parallel_share));
    EXPECT_DOUBLE_EQ(seconds_of({30, 10, 10, 10}, 2), 30);  // the longest bounds it
    const Experiment e = read(small_experiment);
    const double alone = estimate(e, 1).seconds;
    EXPECT_NEAR(alone, 6 * 256 * 2 * seconds_per_voxel_day + 3 * 2 * 800 * 800 * seconds_per_pixel, 1e-9 * alone);
    EXPECT_NEAR(estimate(e, 6).seconds, alone / 6, 1e-9 * alone);
    EXPECT_GT(estimate(e, 600).seconds, alone / 60);
}

TEST(sampling, sections_through_a_block_are_evenly_spaced) {
    EXPECT_THAT(section_layers(40, 5), ElementsAre(4, 12, 20, 28, 36));
    EXPECT_THAT(section_layers(8, 1), ElementsAre(4));
    EXPECT_THAT(section_layers(3, 3), ElementsAre(0, 1, 2));
}

}  // namespace stellate::laboratory::testing
