// From rows to flat tables: names to indices, units to canonical ones, and every check that needs both.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>

#include "rules/hill_rules.hpp"
#include "rules/names.hpp"

namespace stellate::rules {

namespace {

// Names of one kind with their indices; looks a text up and says what was expected when there is none.
class Index {
public:
    Index(std::string what, const std::vector<std::string>& names, Problems& problems)
        : what_(std::move(what)), names_(names) {
        for (std::size_t i = 0; i < names.size(); ++i)
            if (!index_.try_emplace(canonical_name(names[i]), static_cast<int>(i)).second)
                problems.add({}, names[i], "two " + what_ + "s of the model have the same name but for spelling");
    }
    int find(const std::string& text, const Place& place, Problems& problems) const {
        const auto found = index_.find(canonical_name(text));
        if (found != index_.end()) return found->second;
        problems.add(place, what_, "the model has no '" + text + "'" + did_you_mean(text, names_));
        return -1;
    }

private:
    std::string what_;
    std::vector<std::string> names_;
    std::map<std::string, int> index_;
};

std::vector<std::string> texts(const std::vector<Name>& names) {
    std::vector<std::string> out;
    for (const Name& name : names) out.push_back(name.name);
    return out;
}

std::string at(const Place& place) { return place.file + ":" + std::to_string(place.line); }

}  // namespace

class CompiledRules::Compiler {
public:
    Compiler(const Vocabulary& vocabulary, const CompileOptions& options, Problems& problems)
        : vocabulary_(vocabulary),
          options_(options),
          problems_(problems),
          types_("cell type", vocabulary.cell_types, problems_),
          signals_("signal", texts(vocabulary.signals), problems_),
          behaviours_("behaviour", texts(vocabulary.behaviours), problems_) {
        STELLATE_ASSERT(vocabulary.base.size() == vocabulary.cell_types.size() * vocabulary.behaviours.size(),
                        vocabulary.base.size(), vocabulary.cell_types.size(), vocabulary.behaviours.size());
        STELLATE_ASSERT(vocabulary.senses.empty() ||
                            vocabulary.senses.size() == vocabulary.cell_types.size() * vocabulary.signals.size(),
                        vocabulary.senses.size(), vocabulary.cell_types.size(), vocabulary.signals.size());
        for (const std::string& loop : options.switched_off)
            if (!known_loop(loop))
                problems_.add({}, loop, "no such loop to switch off" + did_you_mean(loop, vocabulary.loops));
    }

    void compile(const std::vector<Rule>& rules, CompiledRules& out) {
        for (const Rule& rule : rules) add(rule);
        check_saturations();
        if (problems_.size() > noted_before_) return;
        std::erase_if(entries_, [](const Entry& e) { return e.off; });
        std::sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) { return a.key() < b.key(); });
        out.rule_count_ = entries_.size();
        for (int type = 0; type < static_cast<int>(vocabulary_.cell_types.size()); ++type) emit(type, out);
    }

private:
    struct Entry {
        int type, behaviour, signal;
        bool decreases;
        double saturation, half_max, power;
        bool off;
        const Rule* rule;
        std::tuple<int, int, bool, int> key() const { return {type, behaviour, decreases, signal}; }
    };

    bool known_loop(const std::string& loop) const {
        return std::find(vocabulary_.loops.begin(), vocabulary_.loops.end(), loop) != vocabulary_.loops.end();
    }
    double base(int type, int behaviour) const {
        return vocabulary_
            .base[static_cast<std::size_t>(type) * vocabulary_.behaviours.size() + static_cast<std::size_t>(behaviour)];
    }

    bool senses(int type, int signal) const {
        return vocabulary_.senses.empty() ||
               vocabulary_.senses[static_cast<std::size_t>(type) * vocabulary_.signals.size() +
                                  static_cast<std::size_t>(signal)] != 0;
    }
    void check_sensed(const Rule& rule, int type, int signal) {
        if (senses(type, signal)) return;
        std::vector<std::string> sensed;
        for (std::size_t s = 0; s < vocabulary_.signals.size(); ++s)
            if (senses(type, static_cast<int>(s))) sensed.push_back(vocabulary_.signals[s].name);
        problems_.add(
            rule.signal_place, "signal",
            "'" + rule.cell_type + "' does not sense '" + rule.signal + "'; expected one of " + listed(sensed));
    }

    // A term's canonical value, NaN after noting a mistake.
    double value(const Term& term, const char* key, const Name& name) {
        const double nothing = std::nan("");
        if (!term.record.empty()) {
            if (!options_.record) {
                problems_.add(term.place, key,
                              "'" + term.record + "' is not a number, and no records are at hand here");
                return nothing;
            }
            if (const std::optional<double> number = options_.record(term.record, name.dimension)) return *number;
            problems_.add(term.place, key,
                          "there is no record '" + term.record + "'" + did_you_mean(term.record, options_.records));
            return nothing;
        }
        if (term.unit.empty() && options_.reference_units) return term.value;
        const Conversion converted = convert(term.value, term.unit, name.dimension, name.molar_mass);
        if (converted.ok()) return converted.value;
        problems_.add(term.place, key, converted.mistake);
        return nothing;
    }

    void add(const Rule& rule) {
        Entry e{};
        e.rule = &rule;
        e.type = types_.find(rule.cell_type, rule.cell_type_place, problems_);
        e.signal = signals_.find(rule.signal, rule.signal_place, problems_);
        e.behaviour = behaviours_.find(rule.behaviour, rule.behaviour_place, problems_);
        e.decreases = !rule.increases;
        e.power = value(with_unit_one(rule.power), "Hill power", {"", Dimension::number});
        if (e.power <= 0 || e.power > 100)
            problems_.add(rule.power.place, "Hill power", shortest(e.power) + "; expected above 0 and at most 100");
        if (e.signal >= 0) {
            e.half_max = value(rule.half_max, "half-max", vocabulary_.signals[static_cast<std::size_t>(e.signal)]);
            if (e.half_max <= 0)
                problems_.add(rule.half_max.place, "half-max", shortest(e.half_max) + "; expected above 0");
        }
        if (e.type >= 0 && e.signal >= 0) check_sensed(rule, e.type, e.signal);
        if (!rule.loop.empty() && !known_loop(rule.loop))
            problems_.add(rule.loop_place, "loop",
                          "the model has no loop '" + rule.loop + "'" + did_you_mean(rule.loop, vocabulary_.loops));
        e.off = std::find(options_.switched_off.begin(), options_.switched_off.end(), rule.loop) !=
                options_.switched_off.end();
        if (!options_.reference_units && rule.kind.empty())
            problems_.add(rule.place, "kind", "is missing; expected measured, fitted or assumed");
        if (e.behaviour < 0) return;
        e.saturation =
            value(rule.saturation, "saturation", vocabulary_.behaviours[static_cast<std::size_t>(e.behaviour)]);
        if (e.type < 0 || e.signal < 0) return;
        const auto [first, fresh] = seen_.try_emplace(e.key(), &rule);
        if (!fresh)
            problems_.add(rule.place, "",
                          "the same cell type, signal, direction and behaviour as " + at(first->second->place) +
                              same_names(rule, *first->second));
        entries_.push_back(e);
    }

    static Term with_unit_one(Term term) {
        term.unit = "1";
        return term;
    }
    static std::string same_names(const Rule& a, const Rule& b) {
        for (const auto& [mine, theirs] :
             {std::pair(a.cell_type, b.cell_type), {a.signal, b.signal}, {a.behaviour, b.behaviour}})
            if (mine != theirs) return " ('" + mine + "' and '" + theirs + "' are the same)";
        return {};
    }

    void check_saturations() {
        std::map<std::tuple<int, int, bool>, const Entry*> first;
        for (const Entry& e : entries_) {
            const Place& place = e.rule->saturation.place;
            const double b0 = base(e.type, e.behaviour);
            const Name& name = vocabulary_.behaviours[static_cast<std::size_t>(e.behaviour)];
            const std::string unit =
                canonical_unit(name.dimension) == "1" ? "" : " " + std::string(canonical_unit(name.dimension));
            if (std::isnan(b0)) {
                problems_.add(e.rule->behaviour_place, "behaviour",
                              "'" + e.rule->cell_type + "' has no base value for '" + e.rule->behaviour + "'");
                continue;
            }
            if (std::isnan(e.saturation)) continue;
            if (e.saturation < 0)
                problems_.add(place, "saturation", shortest(e.saturation) + unit + "; expected at least 0");
            if (e.decreases ? e.saturation > b0 : e.saturation <= b0)
                problems_.add(place, "saturation",
                              shortest(e.saturation) + unit + " is on the wrong side of the base value " +
                                  shortest(b0) + unit + ": the rule " + (e.decreases ? "decreases" : "increases") +
                                  " '" + e.rule->behaviour + "'");
            const auto [other, fresh] = first.try_emplace({e.type, e.behaviour, e.decreases}, &e);
            if (!fresh && other->second->saturation != e.saturation && !std::isnan(other->second->saturation))
                problems_.add(
                    place, "saturation",
                    shortest(e.saturation) + unit + " disagrees with " + shortest(other->second->saturation) + unit +
                        " in " + at(other->second->rule->place) +
                        "; rules that move one behaviour of one cell type in one direction share a saturation");
        }
    }

    void emit(int type, CompiledRules& out) {
        Program program;
        program.first = static_cast<int>(out.drives_.size());
        std::set<int> signals;
        for (const Entry& lead : entries_) {
            if (lead.type != type || (!program.behaviours.empty() && program.behaviours.back() == lead.behaviour))
                continue;
            Drive drive{};
            drive.base = drive.low = drive.high = base(type, lead.behaviour);
            const auto append = [&](bool decreases) {
                for (const Entry& e : entries_) {
                    if (e.type != type || e.behaviour != lead.behaviour || e.decreases != decreases) continue;
                    (decreases ? drive.low : drive.high) = e.saturation;
                    const bool whole = e.power == std::floor(e.power) && e.power <= 64;
                    out.responses_.push_back(
                        {e.signal, whole ? static_cast<int>(e.power) : 0, 1.0 / e.half_max, e.power});
                    signals.insert(e.signal);
                }
                return static_cast<int>(out.responses_.size());
            };
            drive.up = static_cast<int>(out.responses_.size());
            drive.down = append(false);
            drive.end = append(true);
            out.drives_.push_back(drive);
            program.behaviours.push_back(lead.behaviour);
        }
        program.last = static_cast<int>(out.drives_.size());
        program.signals.assign(signals.begin(), signals.end());
        out.programs_.push_back(std::move(program));
    }

    const Vocabulary& vocabulary_;
    const CompileOptions& options_;
    Problems& problems_;
    std::size_t noted_before_ = problems_.size();
    Index types_, signals_, behaviours_;
    std::map<std::tuple<int, int, bool, int>, const Rule*> seen_;
    std::vector<Entry> entries_;
};

CompiledRules::CompiledRules(const std::vector<Rule>& rules, const Vocabulary& vocabulary,
                             const CompileOptions& options, Problems& problems) {
    Compiler(vocabulary, options, problems).compile(rules, *this);
}

CompiledRules::CompiledRules(const std::vector<Rule>& rules, const Vocabulary& vocabulary,
                             const CompileOptions& options) {
    Problems problems;
    *this = CompiledRules(rules, vocabulary, options, problems);
    problems.throw_if_any();
}

}  // namespace stellate::rules
