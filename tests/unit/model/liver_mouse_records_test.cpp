// The shipped model, models/liver-mouse with each primary: complete records, rules that fit over the whole of the
// plausible ranges, and residents of healthy liver that rest.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/atomic_file.hpp"
#include "core/random.hpp"
#include "model/model.hpp"
#include "model/records.hpp"

namespace stellate {
namespace {

const std::filesystem::path directory = std::filesystem::path(STELLATE_SOURCE_DIR) / "models" / "liver-mouse";
const std::vector<std::string> primaries = {"colon", "melanoma", "pancreas"};

std::filesystem::path overlay(const std::string& primary) { return directory / "primaries" / (primary + ".toml"); }
Records records_with(const std::string& primary) { return Records::read_directory(directory, {overlay(primary)}); }
const std::string& rules_text() {
    static const std::string text = read_file(directory / "rules.csv");
    return text;
}
Model model_of(Records& records) { return read_model(records, rules_text(), "rules.csv", {}); }

// What other folders read from the same directory; paths with a dot belong to readers above this folder.
bool read_elsewhere(const std::string& path) {
    const std::vector<std::string> tables = {"anatomy.", "histology.", "treatments."};
    return std::any_of(tables.begin(), tables.end(), [&](const std::string& t) { return path.starts_with(t); });
}

// Every assumed and fitted record at one end of its range, by the toss of a coin.
void toss(Records& records, std::uint64_t seed) {
    std::vector<std::pair<std::string, std::string>> ends;
    std::uint64_t n = 0;
    for (const Record& r : records.all()) {
        Draws draws(seed, ++n, 0, Purpose::test);
        if (r.kind == RecordKind::measured || r.low == r.high || r.path.starts_with("clocks.") ||
            r.path.starts_with("tolerances."))
            continue;
        ends.emplace_back(r.path, shortest(draws.uniform() < 0.5 ? r.low : r.high) + " " + r.range_unit);
    }
    for (const auto& [path, text] : ends) records.set(path, text);
}

// What the reader does not ask of a record, for a laboratory's own need not have it.
TEST(LiverMouse, every_record_names_system_and_source_and_what_was_measured_can_be_looked_up) {
    const std::vector<std::string> places = {"doi:",  "PMID", "PMC", ".com/", ".com,", "discovery.researcher.life",
                                             "et al."};
    for (const std::string& primary : primaries) {
        const Records records = records_with(primary);
        EXPECT_GT(records.all().size(), 300u);
        for (const Record& r : records.all()) {
            EXPECT_FALSE(r.system.empty()) << r.path;
            EXPECT_FALSE(r.source.empty()) << r.path;
            if (r.kind != RecordKind::measured) continue;
            EXPECT_TRUE(std::any_of(places.begin(), places.end(),
                                    [&](const std::string& p) { return r.source.find(p) != std::string::npos; }))
                << r.path << ": " << r.source;
        }
    }
}

TEST(LiverMouse, fitted_records_name_what_they_were_fitted_to) {
    for (const std::string& primary : primaries) {
        const Records records = records_with(primary);
        int fitted = 0;
        for (const Record& r : records.all()) {
            if (r.kind != RecordKind::fitted) continue;
            ++fitted;
            const bool named = r.note.find("fitted to G01") != std::string::npos ||
                               r.note.find("fitted to G02") != std::string::npos ||
                               r.note.find("fitted to V02") != std::string::npos;
            EXPECT_TRUE(named) << r.path << " with " << primary << ": " << r.note;
        }
        EXPECT_GT(fitted, 0) << primary;
    }
}

TEST(LiverMouse, primaries_set_the_same_paths_to_different_values) {
    std::map<std::string, std::set<std::string>> paths;
    std::map<std::string, std::set<double>> values;
    for (const std::string& primary : primaries) {
        const Records own = Records::read({overlay(primary)});
        for (const Record& r : own.all()) {
            paths[primary].insert(r.path + " in " + r.unit);
            values[r.path].insert(r.value);
        }
        for (const Setting& s : own.settings()) paths[primary].insert(s.path);
    }
    EXPECT_EQ(paths["melanoma"], paths["colon"]);
    EXPECT_EQ(paths["pancreas"], paths["colon"]);
    for (const char* path : {"cell_types.tumour.radius", "cell_types.tumour.behaviours.cycle_entry",
                             "cell_types.cd8.attacks.tumour", "cell_types.tumour.behaviours.secretion.TGFB1",
                             "cell_types.tumour.behaviours.secretion.CXCL10", "responses.tumour.cycle_entry_supported"})
        EXPECT_EQ(values[path].size(), primaries.size()) << path;
}

TEST(LiverMouse, makes_a_model_with_each_primary_and_leaves_no_record_unread) {
    for (const std::string& primary : primaries) {
        Records records = records_with(primary);
        const Model model = model_of(records);
        std::vector<std::string> others;
        for (const Record& r : records.all())
            if (read_elsewhere(r.path)) others.push_back(r.path);
        for (const Setting& s : records.settings())
            if (read_elsewhere(s.path)) others.push_back(s.path);
        for (const std::string& path : others) records.has(path);
        EXPECT_NO_THROW(records.require_all_used()) << primary;
        EXPECT_EQ(model.name, "liver-mouse");
        EXPECT_GT(model.rules.rule_count(), 50u);
    }
}

TEST(LiverMouse, a_loop_switched_off_takes_its_rules_and_what_else_it_stands_for) {
    const auto kills = [](const Model& m) {
        return std::any_of(m.types.begin(), m.types.end(), [](const CellType& t) {
            return std::any_of(t.attackable.begin(), t.attackable.end(), [](float factor) { return factor > 0; });
        });
    };
    for (const std::string& loop : loop_names()) {
        Records all = records_with("colon"), without = records_with("colon");
        const Model whole = model_of(all);
        const Model less = read_model(without, rules_text(), "rules.csv", {loop});
        if (loop == "confinement")  // of mechanics, not of a rule
            EXPECT_EQ(less.rules.rule_count(), whole.rules.rule_count());
        else
            EXPECT_LT(less.rules.rule_count(), whole.rules.rule_count()) << loop;
        EXPECT_EQ(less.confines, loop != "confinement") << loop;
        EXPECT_EQ(less.vessels.sprouting_per_min > 0, loop != "angiogenesis") << loop;
        EXPECT_EQ(kills(less), loop != "killing") << loop;
    }
}

TEST(LiverMouse, no_rule_turns_round_anywhere_in_the_plausible_ranges) {
    for (std::uint64_t seed = 0; seed < 48; ++seed) {
        Records records = records_with(primaries[seed % primaries.size()]);
        toss(records, seed);
        EXPECT_NO_THROW(model_of(records)) << "toss " << seed;  // a saturation on the wrong side of its base is refused
    }
}

// Rates of residents, from `lowest` to `highest` healthy oxygen and under the pressure of a healthy packing.
void expect_rest(const Model& model, const std::string& what) {
    for (const double oxygen : {25.0, 70.0})
        for (const double pressure : {0.0, 0.4}) {
            std::vector<double> signals(std::size_t(model.signals.count), 0.0);
            for (std::size_t s = 0; s < model.substrates.size(); ++s)
                signals[std::size_t(model.signals.substrate[s])] =
                    int(s) == model.oxygen ? oxygen : model.substrates[s].basal;
            signals[std::size_t(model.signals.hypoxia)] = 1 / (1 + oxygen);
            signals[std::size_t(model.signals.pressure)] = pressure;
            signals[std::size_t(model.signals.stiffness)] = model.matrix.stiffness_baseline_kpa;
            signals[std::size_t(model.signals.collagen)] = 0.8;
            signals[std::size_t(model.signals.perfusion)] = 1;
            for (const int type :
                 {model.roles.hepatocyte, model.roles.lsec, model.roles.kupffer, model.roles.hsc_quiescent,
                  model.roles.portal_fibroblast, model.roles.nk, model.roles.blood}) {
                const CellType& t = model.types[std::size_t(type)];
                const auto driven = model.rules.behaviours(type);
                std::vector<double> now(driven.size());
                model.rules.evaluate(type, signals.data(), now.data());
                std::vector<double> value(t.base.begin(), t.base.end());
                for (std::size_t d = 0; d < driven.size(); ++d) value[std::size_t(driven[d])] = now[d];
                const auto still = [&](int behaviour, double limit, const char* name) {
                    EXPECT_LE(value[std::size_t(behaviour)], limit) << what << ": " << t.name << ", " << name << " at "
                                                                    << oxygen << " mmHg, " << pressure << " kPa";
                };
                const double rate = model.tolerances.resting_rate_per_min;
                still(model.behaviours.cycle_entry, rate, "cycle entry");
                still(model.behaviours.apoptosis, rate, "apoptosis");
                still(model.behaviours.migration_speed, model.tolerances.resting_speed_um_per_min, "migration speed");
                still(model.behaviours.collagen_deposition, 0, "collagen deposition");
                still(model.behaviours.crosslinking, 0, "crosslinking");
                for (const int b : model.behaviours.transform) still(b, rate, "transform");
                for (const int b : model.behaviours.recruit) still(b, rate, "recruit");
                for (const int b : model.behaviours.secretion)
                    if (b >= 0) still(b, model.tolerances.resting_secretion, "secretion");
            }
        }
}

TEST(LiverMouse, residents_rest_at_healthy_levels) {
    for (const std::string& primary : primaries) {
        Records records = records_with(primary);
        expect_rest(model_of(records), primary);
    }
}

TEST(LiverMouse, residents_rest_wherever_the_plausible_ranges_lead) {
    for (std::uint64_t seed = 100; seed < 148; ++seed) {
        Records records = records_with("colon");
        toss(records, seed);
        expect_rest(model_of(records), "toss " + std::to_string(seed));
    }
}

}  // namespace
}  // namespace stellate
