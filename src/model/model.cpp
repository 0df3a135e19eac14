#include "model/model.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "core/error.hpp"
#include "core/ids.hpp"
#include "fields/subticks.hpp"
#include "mechanics/move.hpp"
#include "model/records.hpp"
#include "rules/names.hpp"

namespace stellate {

namespace {

// A behaviour of the grammar: its words, the key of its base value in a type's [behaviours] table, what it measures.
struct BehaviourName {
    std::string words, key;
    Dimension dimension;
};

constexpr double longest_tick_min = 60;  // chosen: 60 was seen to run, 240 to end at a guard

std::string words_of(std::string name) {
    std::replace(name.begin(), name.end(), '_', ' ');
    return name;
}

// Does the text hold the path, and not a longer one?
bool names(std::string_view text, std::string_view path) {
    const auto continues = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
               c == '.';
    };
    for (std::size_t at = text.find(path); at != std::string_view::npos; at = text.find(path, at + 1)) {
        const std::size_t end = at + path.size();
        if ((at == 0 || !continues(text[at - 1])) && (end == text.size() || !continues(text[end]))) return true;
    }
    return false;
}

class ModelReader {
public:
    ModelReader(Records& records, const std::vector<std::string>& switched_off)
        : records_(records), switched_off_(switched_off.begin(), switched_off.end()) {}

    Model read(const std::string& rules_text, const std::string& rules_file) {
        model_.name = records_.text("model.name");
        read_clocks();
        read_substrates();
        type_names_ = sorted(records_.children("cell_types"));
        // At once: a set of types is a word of as many bits.
        if (type_names_.size() > mechanics::max_types)
            throw InputError(records_.place_of("cell_types"), "cell_types",
                             "has " + std::to_string(type_names_.size()) + " cell types; expected at most " +
                                 std::to_string(mechanics::max_types));
        name_behaviours();
        name_signals();
        read_surface();
        for (const std::string& name : type_names_) read_type(name);
        check_growth();
        find_roles();
        read_contact();
        check_mechanics_step();
        read_matrix();
        read_vessels();
        read_seeding();
        compile(rules_text, rules_file);
        return std::move(model_);
    }

private:
    // Order in memory decides the order of sums, so it must not come from the order of the files.
    static std::vector<std::string> sorted(std::vector<std::string> names) {
        std::sort(names.begin(), names.end());
        return names;
    }

    // Of what is counted, lasts or is somewhere there is none or some.
    double number(const std::string& path, Dimension d) { return records_.number(path, d, Domain::not_negative); }
    double positive(const std::string& path, Dimension d) { return records_.number(path, d, Domain::positive); }
    double share(const std::string& path) { return records_.number(path, Dimension::fraction, Domain::share); }
    double maybe(const std::string& path, Dimension d) {
        return records_.maybe(path, d, Domain::not_negative).value_or(0.0);
    }

    void read_clocks() {
        model_.clocks.tick_min = positive("clocks.tick", Dimension::time);
        if (model_.clocks.tick_min > longest_tick_min) {
            records_.reject("clocks.tick", shortest(model_.clocks.tick_min) + " min; expected at most " +
                                               shortest(longest_tick_min) +
                                               " min: cells look around, and drugs and counts are read, once a tick");
            model_.clocks.tick_min = longest_tick_min;
        }
        const double step = positive("clocks.mechanics_step", Dimension::time);
        model_.clocks.mechanics_substeps = int(std::ceil(model_.clocks.tick_min / step - 1e-9));
        Tolerances& t = model_.tolerances;
        t.resting_rate_per_min = number("tolerances.resting_rate", Dimension::rate);
        t.resting_speed_um_per_min = number("tolerances.resting_speed", Dimension::speed);
        t.resting_secretion = number("tolerances.resting_secretion", Dimension::secretion);
        t.field_relative = positive("tolerances.solver_relative", Dimension::number);
        t.subtick_error = positive("tolerances.subtick_error", Dimension::number);
        t.quiet_ticks = int(number("tolerances.quiet_ticks", Dimension::count));
        t.contact_reach = positive("tolerances.contact_reach", Dimension::number);
        t.collagen_rate = number("tolerances.resting_collagen_rate", Dimension::mass_density_rate);
        t.lowest_oxygen_mmHg = number("tolerances.lowest_oxygen", Dimension::oxygen_tension);
        t.guard_um = positive("tolerances.guard", Dimension::length);
    }

    void read_substrates() {
        for (const std::string& name : sorted(records_.children("substrates"))) {
            const std::string at = "substrates." + name + ".";
            const bool oxygen = name == "oxygen";
            Substrate s;
            s.name = name;
            s.diffusion_um2_per_min = number(at + "diffusion", Dimension::diffusion);
            s.decay_per_min = oxygen ? 0.0 : number(at + "decay", Dimension::rate);
            s.basal = oxygen ? 0.0 : number(at + "basal", Dimension::concentration);
            s.wake_tolerance =
                positive(at + "wake_tolerance", oxygen ? Dimension::oxygen_tension : Dimension::concentration);
            if (oxygen) {
                model_.oxygen = int(model_.substrates.size());
                model_.oxygen_half_saturation_mmHg = positive(at + "half_saturation", Dimension::oxygen_tension);
                model_.oxygen_supply_per_min = number(at + "supply_exchange", Dimension::rate);
            }
            s.gradient_half = maybe(at + "gradient_half", Dimension::concentration);
            const double slowest = oxygen ? model_.oxygen_supply_per_min : s.decay_per_min;
            s.subticks = fields::subticks(slowest, model_.clocks.tick_min, model_.tolerances.subtick_error);
            if (name == "VEGFA") model_.vegfa = int(model_.substrates.size());
            model_.substrates.push_back(std::move(s));
        }
        if (model_.oxygen < 0) records_.reject("substrates", "expected a table substrates.oxygen");
        if (model_.vegfa < 0) records_.reject("substrates", "expected a table substrates.VEGFA");
    }

    void name_behaviours() {
        BehaviourIndex& b = model_.behaviours;
        const auto add = [this](std::string words, std::string key, Dimension d) {
            behaviours_.push_back({std::move(words), std::move(key), d});
            return int(behaviours_.size()) - 1;
        };
        b.cycle_entry = add("cycle entry", "cycle_entry", Dimension::rate);
        b.apoptosis = add("apoptosis", "apoptosis", Dimension::rate);
        b.migration_speed = add("migration speed", "migration_speed", Dimension::speed);
        b.migration_bias = add("migration bias", "migration_bias", Dimension::fraction);
        b.attack = add("attack", "attack", Dimension::rate);
        b.collagen_deposition = add("collagen deposition", "collagen_deposition", Dimension::mass_secretion);
        b.collagen_degradation = add("collagen degradation", "collagen_degradation", Dimension::rate);
        b.crosslinking = add("crosslinking", "crosslinking", Dimension::rate);
        for (const Substrate& s : model_.substrates)
            b.secretion.push_back(
                s.name == "oxygen" ? -1 : add(s.name + " secretion", "secretion." + s.name, Dimension::secretion));
        for (const std::string& t : type_names_)
            b.transform.push_back(add("transform to " + words_of(t), "transform." + t, Dimension::rate));
        for (const std::string& t : type_names_)
            b.recruit.push_back(add("recruit " + words_of(t), "recruit." + t, Dimension::rate));
        b.count = int(behaviours_.size());
    }

    void name_signals() {
        SignalIndex& s = model_.signals;
        const auto add = [this](std::string words, Dimension d) { return add_signal(std::move(words), d); };
        for (const Substrate& substrate : model_.substrates)
            s.substrate.push_back(
                add(substrate.name, substrate.name == "oxygen" ? Dimension::oxygen_tension : Dimension::concentration));
        for (std::size_t t = 0; t < type_names_.size(); ++t)
            s.contact.push_back(add("contact with " + words_of(type_names_[t]), Dimension::count));
        s.pressure = add("pressure", Dimension::pressure);
        s.collagen = add("collagen", Dimension::mass_density);
        s.stiffness = add("stiffness", Dimension::pressure);
        s.perfusion = add("perfusion", Dimension::fraction);
        s.hypoxia = add("hypoxia", Dimension::fraction);
        for (std::size_t t = 0; t < type_names_.size(); ++t)
            s.touched[std::size_t(s.contact[t])].push_back({int(t), 1.0f});
    }

    int add_signal(std::string words, Dimension d) {
        signals_.push_back({std::move(words), d});
        model_.signals.touched.emplace_back();
        return model_.signals.count++;
    }

    // Every protein in a type's [surface] table becomes a signal of its own.
    void read_surface() {
        std::set<std::string> names;
        for (const std::string& type : type_names_)
            for (const std::string& protein : records_.entries("cell_types." + type + ".surface"))
                names.insert(protein);
        for (const std::string& protein : names) {
            SurfaceProtein p{protein, add_signal("contact with " + protein, Dimension::count), {}};
            p.density.assign(type_names_.size(), 0.0f);
            for (std::size_t t = 0; t < type_names_.size(); ++t) {
                const std::string path = "cell_types." + type_names_[t] + ".surface." + protein;
                const auto density = records_.maybe(path, Dimension::number, Domain::not_negative);
                if (!density) continue;
                if (names_a_type(protein)) records_.reject(path, "a cell type has this name");
                p.density[t] = static_cast<float>(*density);
                model_.signals.touched[std::size_t(p.signal)].push_back({int(t), p.density[t]});
            }
            model_.surface_proteins.push_back(std::move(p));
        }
    }

    bool names_a_type(const std::string& words) const {
        return std::any_of(type_names_.begin(), type_names_.end(),
                           [&](const std::string& t) { return words_of(t) == words || t == words; });
    }

    int type_of(const std::string& name, const std::string& path) {
        const auto at = std::find(type_names_.begin(), type_names_.end(), name);
        if (at == type_names_.end()) {
            records_.reject(path, "unknown cell type '" + name + "'" + did_you_mean(name, type_names_));
            return 0;
        }
        return int(at - type_names_.begin());
    }

    void read_type(const std::string& name) {
        const std::string at = "cell_types." + name + ".";
        CellType t{};
        t.name = name;
        t.address = name_address(name);
        const bool blood = name == "blood";
        if (!blood) {
            t.marks.appearance = records_.text(at + "appearance");
            static const std::vector<std::string> known = {"tumour", "alpha_sma"};
            for (const std::string& mark : records_.texts(at + "marks")) {
                if (mark == "tumour")
                    t.marks.tumour = true;
                else if (mark == "alpha_sma")
                    t.marks.alpha_sma = true;
                else
                    records_.reject(at + "marks", "unknown mark '" + mark + "'" + did_you_mean(mark, known));
            }
            t.radius_um = positive(at + "radius", Dimension::length);
            t.anchored = records_.flag(at + "anchored");
            t.excludes = records_.flag(at + "excludes");
            // Nobody pushes who takes no room.
            t.yield_um_per_min = t.anchored && t.excludes ? number(at + "yield", Dimension::speed) : 0.0;
            cohesion_.push_back(t.excludes ? number(at + "cohesion", Dimension::number) : 0.0);
            t.dying_min = number(at + "dying", Dimension::time);
            read_cycle(t, at);
            t.persistence_min = maybe(at + "persistence", Dimension::time);
            t.step_min = maybe(at + "walk_step", Dimension::time);
            t.oxygen_uptake = maybe(at + "oxygen_uptake", Dimension::oxygen_uptake);
            t.makes_timp = records_.flag(at + "makes_timp");
            t.arrives_after_h = maybe(at + "arrives_after", Dimension::time) / 60;
            for (const std::string& substrate : sorted(records_.entries(at + "taxis"))) {
                const int s = model_.substrate_index(substrate);
                if (s < 0)
                    records_.reject(at + "taxis." + substrate,
                                    "unknown substrate" + did_you_mean(substrate, substrate_names()));
                else if (!(model_.substrates[std::size_t(s)].gradient_half > 0))
                    records_.reject(at + "taxis." + substrate, "needs substrates." + substrate +
                                                                   ".gradient_half above 0, the level at which its "
                                                                   "relative gradient is read at half");
                t.taxis.emplace_back(std::max(s, 0), records_.number(at + "taxis." + substrate, Dimension::number));
            }
            for (const std::string& target : records_.entries(at + "attacks")) {
                if (t.attackable.empty()) t.attackable.assign(type_names_.size(), 0.0f);
                t.attackable[std::size_t(type_of(target, at + "attacks." + target))] =
                    static_cast<float>(number(at + "attacks." + target, Dimension::number));
            }
        } else {
            cohesion_.push_back(0);
        }
        t.base.assign(behaviours_.size(), 0.0f);
        t.listed.assign(behaviours_.size(), 0);
        for (std::size_t b = 0; b < behaviours_.size(); ++b) {
            const auto value =
                records_.maybe(at + "behaviours." + behaviours_[b].key, behaviours_[b].dimension, Domain::not_negative);
            if (!value) continue;
            t.base[b] = static_cast<float>(*value);
            t.listed[b] = 1;
            // The blood brings cells and has none of its own.
            if (behaviours_[b].key.starts_with("recruit.") != blood)
                records_.reject(at + "behaviours." + behaviours_[b].key,
                                blood ? "the blood does nothing but recruit; expected recruit.CELL_TYPE"
                                      : "only blood recruits; expected in cell_types.blood.behaviours");
        }
        const bool attacks = t.listed[std::size_t(model_.behaviours.attack)] != 0;
        if (attacks && t.attackable.empty() && !blood)
            records_.reject(at + "behaviours.attack",
                            "a type that attacks needs a table " + at + "attacks of the types it kills");
        if (!attacks && !t.attackable.empty())
            records_.reject(at + "attacks", "a type that has a table of the types it kills needs behaviours.attack");
        // Without the loop `killing` attackers find nobody to attack.
        if (switched_off_.contains("killing")) std::fill(t.attackable.begin(), t.attackable.end(), 0.0f);
        for (std::size_t to = 0; to < type_names_.size(); ++to)
            if (t.listed[std::size_t(model_.behaviours.transform[to])]) t.transforms.push_back(int(to));
        const bool walks = t.listed[std::size_t(model_.behaviours.migration_speed)] != 0;
        if (walks && !(t.persistence_min > 0 && t.step_min > 0))
            records_.reject(at + "behaviours.migration_speed",
                            "a type that migrates needs persistence and walk_step above 0");
        const double steps = walks ? std::ceil(model_.clocks.tick_min / std::max(t.step_min, 1e-9) - 1e-9) : 1;
        if (walks && t.step_min > 0 && steps > mechanics::most_walk_steps)
            records_.reject(at + "walk_step", "makes " + shortest(steps) + " steps of a tick; expected at most " +
                                                  std::to_string(mechanics::most_walk_steps));
        model_.walks.push_back({t.persistence_min, int(std::min(steps, double(mechanics::most_walk_steps))), t.excludes,
                                !t.attackable.empty()});
        model_.types.push_back(std::move(t));
    }

    // A type without cycle_entry has no cycle; it may still grow after it has become another.
    void read_cycle(CellType& t, const std::string& at) {
        if (!records_.has(at + "behaviours.cycle_entry")) {
            t.growth_min = maybe(at + "growth", Dimension::time);
            return;
        }
        t.s_phase_min = number(at + "s_phase", Dimension::time);
        t.g2m_min = number(at + "g2m", Dimension::time);
        t.phase_shape = int(number(at + "phase_shape", Dimension::count));
        t.growth_min = number(at + "growth", Dimension::time);
        if (!(t.s_phase_min > 0 && t.g2m_min > 0 && t.phase_shape > 0 && t.growth_min > 0))
            records_.reject(
                at + "behaviours.cycle_entry",
                "a type that divides needs s_phase, g2m and growth above 0 and a phase_shape of at least 1");
    }

    // Who becomes another type takes its size over that type's time of growth.
    void check_growth() {
        for (const CellType& from : model_.types)
            for (const int to : from.transforms) {
                const CellType& t = model_.types[std::size_t(to)];
                if (!(t.growth_min > 0))
                    records_.reject("cell_types." + t.name, "needs growth above 0, the time in which " + from.name +
                                                                " cells that become " + t.name + " take its size");
            }
    }

    std::vector<std::string> substrate_names() const {
        std::vector<std::string> names;
        for (const Substrate& s : model_.substrates) names.push_back(s.name);
        return names;
    }

    void find_roles() {
        const auto role = [this](const char* name) { return type_of(name, "cell_types"); };
        model_.roles = {role("hepatocyte"),
                        role("lsec"),
                        role("kupffer"),
                        role("hsc_quiescent"),
                        role("portal_fibroblast"),
                        role("nk"),
                        role("tumour_arrested"),
                        role("vessel_tip"),
                        role("blood")};
    }

    void read_contact() {
        mechanics::ContactTable& table = model_.contact;
        const double repulsion = number("contact.repulsion", Dimension::speed),
                     adhesion = number("contact.adhesion", Dimension::speed);
        const double reach = number("contact.adhesion_reach", Dimension::number);
        if (!(reach >= 1)) records_.reject("contact.adhesion_reach", shortest(reach) + "; expected at least 1");
        table.adhesion_reach = static_cast<float>(reach);
        table.contact_modulus = static_cast<float>(number("contact.modulus", Dimension::pressure));
        for (std::size_t a = 0; a < model_.types.size(); ++a)
            for (std::size_t b = a; b < model_.types.size(); ++b)
                if (model_.types[a].excludes && model_.types[b].excludes)
                    table.set(int(a), int(b), static_cast<float>(repulsion),
                              static_cast<float>(adhesion * std::min(cohesion_[a], cohesion_[b])));
    }

    // The sub-step of mechanics must be stable for the smallest cells that push, in sections and in blocks.
    void check_mechanics_step() {
        double smallest = std::numeric_limits<double>::infinity();
        for (const CellType& t : model_.types)
            if (t.excludes) smallest = std::min(smallest, t.radius_um);
        if (!(smallest > 0) || std::isinf(smallest)) return;
        const double step = model_.clocks.tick_min / model_.clocks.mechanics_substeps;
        const double limit = std::min(mechanics::step_limit(model_.contact, smallest, 2),
                                      mechanics::step_limit(model_.contact, smallest, 3));
        try {
            mechanics::require_stable_step(step, limit);
        } catch (const RunError& error) {
            records_.reject("clocks.mechanics_step",
                            std::string(error.what()) + " (contact.repulsion and the radii set it)");
        }
    }

    void read_matrix() {
        matrix::Parameters& m = model_.matrix;
        m.degradation_per_min = number("matrix.degradation", Dimension::rate);
        m.crosslink_protection = share("matrix.crosslink_protection");
        m.timp_half_density_per_um3 = positive("matrix.timp_half_density", Dimension::number_density);
        m.crosslink_opening_per_min = number("matrix.crosslink_opening", Dimension::rate);
        m.crosslink_baseline = share("matrix.crosslink_baseline");
        m.stiffness_baseline_kpa = number("matrix.stiffness_baseline", Dimension::pressure);
        m.stiffness_per_collagen_kpa = number("matrix.stiffness_per_collagen", Dimension::stiffness_per_mass);
        m.crosslink_stiffening = number("matrix.crosslink_stiffening", Dimension::number);
        m.collagen_ceiling_mg_per_ml = positive("matrix.collagen_ceiling", Dimension::mass_density);
        m.alignment_per_deposit = number("matrix.alignment_per_deposit", Dimension::inverse_mass_density);
        m.confinement_half_mg_per_ml = positive("matrix.confinement_half", Dimension::mass_density);
        m.confinement_power = number("matrix.confinement_power", Dimension::number);
        model_.confines = !switched_off_.contains("confinement");
    }

    void read_vessels() {
        vessels::Parameters& v = model_.vessels;
        v.closing_per_min = number("vessels.closing", Dimension::rate);
        v.closing_half_fraction = positive("vessels.closing_half_fraction", Dimension::fraction);
        v.opening_per_min = number("vessels.opening", Dimension::rate);
        v.open_share = share("vessels.open_share");
        v.co_option_share = share("vessels.co_option_share");
        v.vegfa_threshold_nM = number("vessels.vegfa_threshold", Dimension::concentration);
        v.sprouting_per_min = number("vessels.sprouting", Dimension::rate);
        v.tip_inhibition_um = number("vessels.tip_inhibition", Dimension::length);
        v.segment_um = positive("vessels.segment", Dimension::length);
        v.capture_um = number("vessels.capture", Dimension::length);
        v.maturation_um = number("vessels.maturation", Dimension::length);
        v.regression_h = number("vessels.regression", Dimension::time) / 60;
        v.radius_um = positive("vessels.radius", Dimension::length);
        v.oxygen_exchange_um_per_min = number("vessels.oxygen_exchange", Dimension::speed);
        v.blood_oxygen_mmHg = number("vessels.blood_oxygen", Dimension::oxygen_tension);
        v.tip_longest_h = number("vessels.tip_longest", Dimension::time) / 60;
        if (switched_off_.contains("angiogenesis")) v.sprouting_per_min = 0;
    }

    void read_seeding() {
        Seeding& s = model_.seeding;
        s.periportal_bias = number("seeding.periportal_bias", Dimension::number);
        s.arrival_spread_h = number("seeding.arrival_spread", Dimension::time) / 60;
        s.clonogenic_fraction = share("seeding.clonogenic_fraction");
        s.liver_volume_mm3 = positive("seeding.liver_volume", Dimension::volume) * 1e-9;
        s.window_cells_per_mm3 = number("seeding.window_cells_per_mm3", Dimension::number_density) * 1e9;
    }

    void compile(const std::string& text, const std::string& file) {
        rules::Vocabulary vocabulary;
        for (const std::string& t : type_names_) vocabulary.cell_types.push_back(words_of(t));
        for (const auto& s : signals_) vocabulary.signals.push_back({s.words, s.dimension});
        for (const auto& b : behaviours_) vocabulary.behaviours.push_back({b.words, b.dimension});
        for (const CellType& t : model_.types)
            for (std::size_t b = 0; b < behaviours_.size(); ++b)
                vocabulary.base.push_back(t.listed[b] ? double(t.base[b]) : std::nan(""));
        for (const CellType& t : model_.types)
            for (int signal = 0; signal < model_.signals.count; ++signal)
                vocabulary.senses.push_back(senses(t, signal));
        vocabulary.loops = loop_names();
        rules::CompileOptions options;
        options.switched_off.assign(switched_off_.begin(), switched_off_.end());
        options.record = [this](const std::string& path, Dimension d) -> std::optional<double> {
            if (!records_.has(path)) return std::nullopt;
            return records_.number(path, d);
        };
        for (const Record& r : records_.all()) options.records.push_back(r.path);
        Problems problems;
        const bool records_good = records_.good();
        std::vector<rules::Rule> rules;
        try {
            rules = rules::parse_rules(text, file, problems);
            rules::CompiledRules compiled(rules, vocabulary, options, problems);
            if (problems.empty()) model_.rules = std::move(compiled);
        } catch (const InputError& error) {
            problems.add(error);
        }
        records_.reject(problems);
        if (!problems.empty())  // a rule that is wrong still means the records it names
            for (const Record& r : records_.all())
                if (names(text, r.path)) records_.has(r.path);
        // With placeholders in place of numbers, or without rules, the rest would be told of what is not there.
        if (!records_good || !problems.empty()) return;

        for (std::size_t n = 0; n < model_.types.size(); ++n) {
            CellType& t = model_.types[n];
            const auto driven = model_.rules.behaviours(int(n));
            t.driven_place.assign(behaviours_.size(), -1);
            for (std::size_t d = 0; d < driven.size(); ++d) t.driven_place[std::size_t(driven[d])] = int(d);
            t.driven_count = driven.size();
            for (std::size_t to = 0; to < t.attackable.size(); ++to)
                if (t.attackable[to] > 0) t.looks_for |= 1u << to, model_.hunted |= 1u << to;
            for (const int s : model_.rules.signals_used(int(n)))
                for (const SignalIndex::Touched& touched : model_.signals.touched[std::size_t(s)])
                    t.looks_for |= 1u << touched.type;
        }
        refuse_unrest(rules);
        find_silent_deviations();
    }

    // Does a signal ever reach cells of this type? The blood has no cells: it touches nobody and nobody touches it.
    // Only who takes room is under pressure.
    bool senses(const CellType& t, int signal) const {
        if (signal == model_.signals.pressure) return t.excludes;
        const auto& touched = model_.signals.touched[std::size_t(signal)];
        const auto has_cells = [this](const SignalIndex::Touched& other) { return other.type != model_.roles.blood; };
        return touched.empty() || (t.name != "blood" && std::any_of(touched.begin(), touched.end(), has_cells));
    }

    // A healthy liver rests: none of its cells may die, divide or change where every signal is as in health. Else it
    // would only seem to rest while it sleeps.
    void refuse_unrest(const std::vector<rules::Rule>& rules) {
        Problems problems;
        const std::vector<double> healthy = healthy_signals();
        std::vector<float> low(healthy.begin(), healthy.end()), high = low;
        const int oxygen = model_.signals.substrate[std::size_t(model_.oxygen)], hypoxia = model_.signals.hypoxia;
        high[std::size_t(oxygen)] =
            std::max(low[std::size_t(oxygen)], static_cast<float>(model_.vessels.blood_oxygen_mmHg));
        low[std::size_t(hypoxia)] = 1 / (1 + high[std::size_t(oxygen)]);
        for (const int type : residents()) {
            if (type == model_.roles.blood) continue;
            const auto driven = model_.rules.behaviours(type);
            std::vector<double> most(driven.size());
            model_.rules.upper_bounds(type, low.data(), high.data(), most.data());
            for (std::size_t d = 0; d < driven.size(); ++d) {
                const BehaviourIndex& index = model_.behaviours;
                const bool fate =
                    driven[d] == index.apoptosis || driven[d] == index.cycle_entry ||
                    std::find(index.transform.begin(), index.transform.end(), driven[d]) != index.transform.end();
                if (fate && most[d] > model_.tolerances.resting_rate_per_min)
                    problems.add(place_of_first(rules, type, driven[d]), model_.types[std::size_t(type)].name,
                                 "its " + behaviours_[std::size_t(driven[d])].words + " reaches " +
                                     shortest(most[d] * 1440) +
                                     " 1/day with every signal as in a healthy liver, which then would not rest; " +
                                     "expected at most " + shortest(model_.tolerances.resting_rate_per_min * 1440));
            }
        }
        records_.reject(problems);
    }

    Place place_of_first(const std::vector<rules::Rule>& rules, int type, int behaviour) const {
        const std::string of = rules::canonical_name(model_.types[std::size_t(type)].name),
                          what = rules::canonical_name(behaviours_[std::size_t(behaviour)].words);
        const auto rule = std::find_if(rules.begin(), rules.end(), [&](const rules::Rule& r) {
            return rules::canonical_name(r.cell_type) == of && rules::canonical_name(r.behaviour) == what;
        });
        STELLATE_ASSERT(rule != rules.end(), type, behaviour);  // what is driven is driven by a rule
        return rule->behaviour_place;
    }

    // [signal] where oxygen is lowest.
    std::vector<double> healthy_signals() const {
        std::vector<double> healthy(std::size_t(model_.signals.count), 0.0);
        for (std::size_t s = 0; s < model_.substrates.size(); ++s)
            healthy[std::size_t(model_.signals.substrate[s])] =
                int(s) == model_.oxygen ? model_.tolerances.lowest_oxygen_mmHg : model_.substrates[s].basal;
        healthy[std::size_t(model_.signals.hypoxia)] = 1 / (1 + model_.tolerances.lowest_oxygen_mmHg);
        healthy[std::size_t(model_.signals.stiffness)] = model_.matrix.stiffness_baseline_kpa;
        healthy[std::size_t(model_.signals.perfusion)] = 1;
        return healthy;
    }

    std::array<int, 7> residents() const {
        const auto& r = model_.roles;
        return {r.hepatocyte, r.lsec, r.kupffer, r.hsc_quiescent, r.portal_fibroblast, r.nk, r.blood};
    }

    // How far each substrate may stray before any resident of a healthy liver would act.
    void find_silent_deviations() {
        const double lowest_oxygen_mmHg = model_.tolerances.lowest_oxygen_mmHg;
        const std::vector<double> baseline = healthy_signals();
        for (Substrate& s : model_.substrates) s.silent_deviation = std::numeric_limits<double>::infinity();
        // Endothelium sprouts above the threshold, whatever the rules read.
        if (model_.vessels.sprouting_per_min > 0)
            shrink(model_.vegfa,
                   model_.vessels.vegfa_threshold_nM - model_.substrates[std::size_t(model_.vegfa)].basal);
        const Tolerances& tolerances = model_.tolerances;
        for (const int type : residents()) {
            std::vector<double> allowed;
            for (const int b : model_.rules.behaviours(type)) {
                switch (behaviours_[std::size_t(b)].dimension) {
                    case Dimension::rate:
                        allowed.push_back(tolerances.resting_rate_per_min);
                        break;
                    case Dimension::speed:
                        allowed.push_back(tolerances.resting_speed_um_per_min);
                        break;
                    case Dimension::secretion:
                        allowed.push_back(tolerances.resting_secretion);
                        break;
                    default:
                        allowed.push_back(std::numeric_limits<double>::infinity());
                }
            }
            const auto used = model_.rules.signals_used(type);
            const auto bands = model_.rules.largest_silent_deviation(type, baseline, allowed);
            for (std::size_t n = 0; n < used.size(); ++n) {
                if (used[n] == model_.signals.hypoxia) {
                    const double oxygen = 1 / (baseline[std::size_t(used[n])] + bands[n].above) - 1;
                    shrink(model_.oxygen, lowest_oxygen_mmHg - oxygen);
                }
                for (std::size_t s = 0; s < model_.substrates.size(); ++s)
                    if (used[n] == model_.signals.substrate[s])
                        shrink(int(s), std::min(bands[n].below, bands[n].above));
            }
        }
    }

    void shrink(int substrate, double deviation) {
        double& silent = model_.substrates[std::size_t(substrate)].silent_deviation;
        silent = std::min(silent, std::max(deviation, 0.0));
    }

    Records& records_;
    std::set<std::string> switched_off_;
    Model model_{};
    std::vector<std::string> type_names_;
    std::vector<double> cohesion_;
    struct SignalName {
        std::string words;
        Dimension dimension;
    };
    std::vector<BehaviourName> behaviours_;
    std::vector<SignalName> signals_;
};

}  // namespace

const std::vector<std::string>& loop_names() {
    static const std::vector<std::string> names = {"activation",    "relay",          "stiffness_activation",
                                                   "matrix_growth", "confinement",    "crowding",
                                                   "slowing",       "blunting",       "exclusion",
                                                   "angiogenesis",  "suppression",    "checkpoint",
                                                   "exhaustion",    "direct_support", "niche",
                                                   "hypoxia",       "killing"};
    return names;
}

int Model::type_index(const std::string& wanted) const {
    for (std::size_t t = 0; t < types.size(); ++t)
        if (types[t].name == wanted) return int(t);
    return -1;
}

int Model::substrate_index(const std::string& wanted) const {
    for (std::size_t s = 0; s < substrates.size(); ++s)
        if (substrates[s].name == wanted) return int(s);
    return -1;
}

std::vector<std::string> Model::type_names() const {
    std::vector<std::string> names;
    for (const CellType& t : types) names.push_back(t.name);
    return names;
}

Model read_model(Records& records, const std::string& rules_text, const std::string& rules_file,
                 const std::vector<std::string>& switched_off) {
    return ModelReader(records, switched_off).read(rules_text, rules_file);
}

}  // namespace stellate
