// What the command line changes in an experiment.
#include <algorithm>
#include <cmath>

#include "laboratory/experiment_parts.hpp"

namespace stellate::laboratory {

namespace {

std::vector<std::string> top_keys() {
    std::vector<std::string> keys;
    for (const KnownKey& known : experiment_keys())
        if (known.table.empty()) keys.push_back(known.key);
    return keys;
}

std::vector<std::string> split(std::string_view path) {
    std::vector<std::string> parts{""};
    for (const char c : path)
        if (c == '.')
            parts.emplace_back();
        else
            parts.back() += c;
    return parts;
}

void move_to(TomlValue& value, const Place& place) {
    value.place = place;
    for (TomlValue& item : value.array) move_to(item, place);
    for (TomlEntry& entry : value.table.entries) entry.key_place = place, move_to(entry.value, place);
    value.table.place = place;
}

// What the user typed after '=': a TOML value where it is one ("4", "[2, 7]", "true", "'a'"), else a bare text ("3.2
// mm").
TomlValue value_from(const std::string& text, const Place& place) {
    TomlValue value;
    const auto bare_text = [&] {
        value = {};
        value.kind = TomlValue::Kind::text;
        value.text = text;
    };
    try {
        Problems problems;
        TomlTable parsed = parse_toml("value = " + text + "\n", place.file, problems);
        if (problems.empty() && parsed.entries.size() == 1)
            value = std::move(parsed.entries.front().value);
        else
            bare_text();
    } catch (const InputError&) {
        bare_text();
    }
    move_to(value, place);
    return value;
}

TomlValue* find(TomlTable& table, const std::string& key) { return const_cast<TomlValue*>(table.find(key)); }

TomlValue number_value(std::int64_t number, const Place& place) {
    TomlValue value;
    value.kind = TomlValue::Kind::integer;
    value.integer = number;
    value.number = static_cast<double>(number);
    value.place = place;
    return value;
}

void put(TomlTable& table, const std::string& key, TomlValue value) {
    if (TomlValue* old = find(table, key)) {
        *old = std::move(value);
        return;
    }
    const Place place = value.place;
    table.entries.push_back({key, place, std::move(value)});
}

// The element of an array of tables with that name, or of that number (from 0).
TomlTable* element(TomlValue& array, const std::string& which) {
    for (TomlValue& item : array.array)
        if (const TomlValue* name = item.table.find("name"))
            if (name->text == which) return &item.table;
    if (!which.empty() && which.find_first_not_of("0123456789") == std::string::npos && which.size() < 6) {
        const auto index = static_cast<std::size_t>(std::stoul(which));
        if (index < array.array.size() && array.array[index].kind == TomlValue::Kind::table)
            return &array.array[index].table;
    }
    return nullptr;
}

void set_key(TomlTable& tree, const std::string& path, const std::string& text, const Place& place,
             Problems& problems) {
    const std::vector<std::string> parts = split(path);
    TomlTable* table = &tree;
    for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
        TomlValue* next = find(*table, parts[i]);
        if (!next) {  // a table the file left out
            TomlValue fresh;
            fresh.kind = TomlValue::Kind::table;
            fresh.place = fresh.table.place = place;
            put(*table, parts[i], std::move(fresh));
            next = find(*table, parts[i]);
        }
        if (next->kind == TomlValue::Kind::array && i + 2 < parts.size()) {
            TomlTable* chosen = element(*next, parts[++i]);
            if (!chosen) {
                std::vector<std::string> names;
                for (const TomlValue& item : next->array)
                    if (const TomlValue* name = item.table.find("name")) names.push_back(name->text);
                problems.add(place, path,
                             "there is no '" + parts[i] + "'" + did_you_mean(parts[i], names) +
                                 (names.empty() ? "" : "; expected one of " + listed(names)));
                return;
            }
            table = chosen;
            continue;
        }
        if (next->kind != TomlValue::Kind::table) {
            problems.add(place, path, "'" + parts[i] + "' is " + describe(*next) + ", not a table");
            return;
        }
        table = &next->table;
    }
    put(*table, parts.back(), value_from(text, place));
}

TomlValue real_value(double number, const Place& place) {
    TomlValue value;
    value.kind = TomlValue::Kind::real;
    value.number = number;
    value.place = place;
    return value;
}

double number_at(const TomlTable& tree, const char* key) {
    const TomlValue* value = tree.find(key);
    return value && (value->kind == TomlValue::Kind::integer || value->kind == TomlValue::Kind::real) ? value->number
                                                                                                      : 0;
}

// A run that the command line made shorter keeps in mind the length it was planned for.
void keep_plan(double planned_days, TomlTable& tree) {
    const TomlValue* days = tree.find("days");
    if (days && planned_days > number_at(tree, "days") && number_at(tree, "days") > 0)
        put(tree, "planned_days", real_value(planned_days, days->place));
    else
        std::erase_if(tree.entries, [](const TomlEntry& entry) { return entry.key == "planned_days"; });
}

}  // namespace

void apply(const Overrides& overrides, TomlTable& tree, Problems& problems, std::vector<Change>& record_changes) {
    const double planned_days = std::max(number_at(tree, "days"), number_at(tree, "planned_days"));
    const bool days_set = overrides.days || std::any_of(overrides.set.begin(), overrides.set.end(),
                                                        [](const auto& s) { return s.first == "days"; });
    for (const auto& [path, text] : overrides.set) {
        const Place place{"--set", 0, 0};
        const std::vector<std::string> parts = split(path);
        if (path.empty() || std::any_of(parts.begin(), parts.end(), [](const std::string& p) { return p.empty(); }))
            problems.add(place, path, "expected a dotted path before '=', such as cell_types.tumour.s_phase");
        else if (contains(top_keys(), parts.front()))
            set_key(tree, path, text, place, problems);
        else if (parts.size() == 1)
            problems.add(place, path,
                         "unknown key" + did_you_mean(path, top_keys()) +
                             "; expected a key of the experiment or the path of a record of the model");
        else
            record_changes.push_back({path, text, place});
    }
    if (overrides.mice) put(tree, "mice", number_value(*overrides.mice, {"--mice", 0, 0}));
    if (overrides.seed) put(tree, "seed", number_value(*overrides.seed, {"--seed", 0, 0}));
    if (overrides.days) put(tree, "days", real_value(*overrides.days, {"--days", 0, 0}));
    if (days_set) keep_plan(planned_days, tree);
    if (!overrides.only_mice.empty()) {
        TomlValue value;
        value.kind = TomlValue::Kind::array;
        value.place = {"--mouse", 0, 0};
        for (const std::int64_t mouse : overrides.only_mice) value.array.push_back(number_value(mouse, value.place));
        put(tree, "only_mice", std::move(value));
    }
}

void keep_selected(const Overrides& overrides, Experiment& e, Problems& problems) {
    const auto check = [&](const char* option, const std::vector<std::string>& wanted,
                           const std::vector<std::string>& known) {
        for (auto name = wanted.begin(); name != wanted.end(); ++name)
            if (!contains(known, *name))
                problems.add(
                    {option, 0, 0}, "",
                    "there is no '" + *name + "'" + did_you_mean(*name, known) + "; expected " + listed(known));
            else if (std::find(wanted.begin(), name, *name) != name)
                problems.add({option, 0, 0}, "", "'" + *name + "' is named twice");
    };
    std::vector<std::string> arms, primaries;
    for (const Arm& arm : e.arms) arms.push_back(arm.name);
    for (const Primary& primary : e.primaries) primaries.push_back(primary.name);
    if (!overrides.primaries.empty()) {
        check("--primaries", overrides.primaries, primaries);
        std::erase_if(e.primaries, [&](const Primary& p) { return !contains(overrides.primaries, p.name); });
        std::erase_if(e.analysis.published, [&](Published& p) {
            const bool in_all = p.primaries.empty();
            std::erase_if(p.primaries, [&](const std::string& name) { return !contains(overrides.primaries, name); });
            return !in_all && p.primaries.empty();
        });
    }
    if (!overrides.arms.empty()) {
        check("--arms", overrides.arms, arms);
        for (const Arm& arm : e.arms)
            for (const std::string& need : arm.needs())
                if (contains(overrides.arms, arm.name) && !contains(overrides.arms, need))
                    problems.add({"--arms", 0, 0}, "",
                                 "arm '" + arm.name + "' needs the kills of '" + need + "'; name it too");
        std::erase_if(e.arms, [&](const Arm& arm) { return !contains(overrides.arms, arm.name); });
        auto& a = e.analysis;
        if (!e.find_arm(a.control)) a.control.clear();
        std::erase_if(a.published, [&](const Published& p) { return !e.find_arm(p.arm); });
    }
    if (auto& attribution = e.analysis.attribution) {
        bool complete = !e.analysis.control.empty();
        for (const std::string& name : {e.analysis.control, attribution->arm}) {
            complete = complete && e.find_arm(name);
            for (const std::string& loop : attribution->loops) complete = complete && e.find_arm(without(name, loop));
        }
        if (!complete) attribution.reset();
    }
}

}  // namespace stellate::laboratory
