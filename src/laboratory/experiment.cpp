// Reading: TOML tree -> overrides -> Experiment -> checks against the model, with every mistake noted on the way.
#include "laboratory/experiment.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "core/atomic_file.hpp"
#include "laboratory/animal.hpp"
#include "laboratory/readout.hpp"

namespace stellate::laboratory {

namespace {

constexpr int format_version = 1;
constexpr std::int64_t most_mice = 99999;
constexpr double shortest_days = 0.001, most_days = 365;

std::string listed(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
    return text;
}

bool contains(const std::vector<std::string>& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

// Names become folders and columns of tables.
bool is_plain_name(std::string_view name) {
    const auto plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    };
    return !name.empty() && name.size() <= 80 && name.front() != '-' && std::all_of(name.begin(), name.end(), plain);
}

std::string plain_name(StrictTable& table, const std::string& key) {
    std::string name = table.text(key);
    if (!name.empty() && !is_plain_name(name))
        table.reject(key,
                     "'" + name + "' cannot be a folder's name; expected letters, digits, '_' and '-', at most 80");
    if (name.empty() && table.has(key)) table.reject(key, "is empty; expected a name");
    return name;
}

// --- Overrides of the command line, laid over the tree

const std::vector<std::string> top_keys = {
    "format",   "name",         "title",          "description", "model", "geometry",        "section",
    "block",    "mice",         "only_mice",      "seed",        "days",  "acclimatisation", "endpoint_days",
    "sleep",    "inoculum",     "primaries",      "arms",        "set",   "variation",       "ensemble",
    "analysis", "planned_days", "model_directory"};

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
    try {
        TomlTable parsed = parse_toml("value = " + text + "\n", place.file);
        if (parsed.entries.size() == 1)
            value = std::move(parsed.entries.front().value);
        else
            throw InputError(place, "", "");
    } catch (const InputError&) {
        value = {};
        value.kind = TomlValue::Kind::text;
        value.text = text;
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

void apply(const Overrides& overrides, TomlTable& tree, Problems& problems, std::vector<Change>& record_changes) {
    const double planned_days = std::max(number_at(tree, "days"), number_at(tree, "planned_days"));
    const bool days_set = overrides.days || std::any_of(overrides.set.begin(), overrides.set.end(),
                                                        [](const auto& s) { return s.first == "days"; });
    for (const auto& [path, text] : overrides.set) {
        const Place place{"--set", 0, 0};
        const std::vector<std::string> parts = split(path);
        if (path.empty() || std::any_of(parts.begin(), parts.end(), [](const std::string& p) { return p.empty(); }))
            problems.add(place, path, "expected a dotted path before '=', such as cell_types.tumour.s_phase");
        else if (contains(top_keys, parts.front()))
            set_key(tree, path, text, place, problems);
        else if (parts.size() == 1)
            problems.add(place, path,
                         "unknown key" + did_you_mean(path, top_keys) +
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

// --- Parts of the file

std::string as_text(const TomlValue& value) {
    switch (value.kind) {
        case TomlValue::Kind::boolean:
            return value.flag ? "true" : "false";
        case TomlValue::Kind::integer:
            return std::to_string(value.integer);
        case TomlValue::Kind::real:
            return shortest(value.number);
        default:
            return value.text;
    }
}

// set = { "path" = "value unit" }, or the same with dotted keys.
void collect_changes(const TomlTable& table, const std::string& prefix, std::vector<Change>& changes,
                     Problems& problems) {
    for (const TomlEntry& entry : table.entries) {
        const std::string path = prefix.empty() ? entry.key : prefix + "." + entry.key;
        if (entry.value.kind == TomlValue::Kind::table)
            collect_changes(entry.value.table, path, changes, problems);
        else if (entry.value.kind == TomlValue::Kind::array)
            problems.add(entry.value.place, path, describe(entry.value) + "; expected a text such as \"12 h\"");
        else
            changes.push_back({path, as_text(entry.value), entry.value.place});
    }
}

std::vector<Change> changes_in(StrictTable& table, const std::string& key, Problems& problems) {
    std::vector<Change> changes;
    const TomlValue* value = table.find(key);
    if (!value) return changes;
    if (value->kind != TomlValue::Kind::table)
        table.reject(key, describe(*value) + "; expected { \"path of a record\" = \"value unit\" }");
    else
        collect_changes(value->table, "", changes, problems);
    return changes;
}

class Reader {
public:
    Reader(const TomlTable& tree, Problems& problems) : tree_(tree), problems_(problems) {}

    Experiment read() {
        StrictTable top(tree_, "", problems_);
        const std::int64_t format = top.integer("format", 1, 1000);
        if (format > format_version)
            top.reject("format", "is " + std::to_string(format) + "; this program reads format " +
                                     std::to_string(format_version) + ", so the file needs a later version of it");
        e_.name = plain_name(top, "name");
        e_.title = top.text("title");
        e_.description = paragraphs(top);
        e_.model = top.text("model");
        e_.model_directory = top.maybe_text("model_directory").value_or("");
        e_.geometry = top.choice("geometry", {"section", "block"}) == "block" ? Geometry::block : Geometry::section;
        e_.mice = static_cast<int>(top.integer("mice", 1, most_mice));
        e_.seed = static_cast<std::uint64_t>(top.integer("seed", 0, std::numeric_limits<std::int64_t>::max()));
        e_.days = top.number("days", {shortest_days, most_days});
        e_.planned_days =
            std::max(e_.days, top.maybe_number("planned_days", {shortest_days, most_days}).value_or(e_.days));
        e_.acclimatisation_min = top.quantity("acclimatisation", Dimension::time, {0, 30 * 1440.0});
        e_.days_place = top.place_of("days");
        e_.endpoint_days_place = top.place_of("endpoint_days");
        e_.acclimatisation_place = top.place_of("acclimatisation");
        e_.sleep = top.maybe_flag("sleep").value_or(true);
        if (const auto only = top.maybe_numbers("only_mice", {1, double(most_mice)})) {
            for (const double mouse : *only)
                if (mouse == std::floor(mouse))
                    e_.only_mice.push_back(static_cast<int>(mouse));
                else
                    top.reject("only_mice", shortest(mouse) + " is no mouse's number; expected whole numbers");
            std::sort(e_.only_mice.begin(), e_.only_mice.end());
            e_.only_mice.erase(std::unique(e_.only_mice.begin(), e_.only_mice.end()), e_.only_mice.end());
            for (const int mouse : e_.only_mice)
                if (e_.mice > 0 && mouse > e_.mice)
                    top.reject("only_mice", "there is no mouse " + std::to_string(mouse) + "; the cohort has " +
                                                std::to_string(e_.mice));
        }
        e_.section = size(top, Geometry::section);
        e_.block = size(top, Geometry::block);
        read_inoculum(top);
        read_primaries(top);
        read_endpoint_days(top);
        read_arms(top);
        e_.changes = changes_in(top, "set", problems_);
        read_variation(top);
        read_ensemble(top);
        read_analysis(top);
        top.finish();
        return std::move(e_);
    }

private:
    std::vector<std::string> paragraphs(StrictTable& top) {
        const TomlValue* value = top.find("description");
        if (!value) return {};
        if (value->kind == TomlValue::Kind::text) return {value->text};
        return top.texts("description");
    }

    static bool zero_quantity(const std::string& text) {
        const std::optional<Quantity> q = parse_quantity(text);
        return q && q->value == 0 && convert(0, q->unit, Dimension::length).ok();
    }

    // "3.2 mm" of 320-um bricks; says the sizes nearest to one that does not fit.
    double length_in_bricks(StrictTable& table, const std::string& key, double brick_um) {
        const double um = table.quantity(key, Dimension::length);
        const TomlValue* given = table.find(key);
        if (um == 0 && !(given && given->kind == TomlValue::Kind::text && zero_quantity(given->text)))
            return 0;  // told already
        const double bricks = um / brick_um, nearest = std::max(1.0, std::round(bricks));
        const double tile = nearest * brick_um;
        if (um <= 0 || std::abs(bricks - nearest) > 1e-9)
            table.reject(key, "'" + given->text + "' is not a multiple of a brick's " + shortest(brick_um) +
                                  " um; the nearest is \"" + shortest(tile / 1000) + " mm\"");
        else if (nearest > 4096)
            table.reject(key, "is above the most a tissue can have, 4096 bricks");
        return tile;
    }

    std::optional<Experiment::Size> size(StrictTable& top, Geometry geometry) {
        const std::string key(name_of(geometry));
        if (!top.has(key)) {
            if (e_.geometry == geometry) top.reject(key, "is missing; expected the size of the " + key);
            return std::nullopt;
        }
        std::optional<StrictTable> table = top.maybe_table(key);
        if (!table) return std::nullopt;
        Experiment::Size size;
        const double brick = geometry == Geometry::section ? SectionShape::nx * voxel_um : BlockShape::nx * voxel_um;
        size.width_um = length_in_bricks(*table, "width", brick);
        size.height_um = length_in_bricks(*table, "height", brick);
        size.depth_um = voxel_um;
        if (geometry == Geometry::block) {
            size.depth_um = length_in_bricks(*table, "depth", brick);
            e_.block_sections = static_cast<int>(table->maybe_integer("sections", 1, 1000).value_or(5));
            if (size.depth_um > 0 && e_.block_sections > size.depth_um / voxel_um)
                table->reject("sections", std::to_string(e_.block_sections) + " do not fit: the block is " +
                                              shortest(size.depth_um / voxel_um) + " voxel layers deep");
        }
        table->finish();
        return size;
    }

    void read_inoculum(StrictTable& top) {
        StrictTable table = top.table("inoculum");
        if (const auto cells = table.maybe_integer("cells", 0, 10000000)) e_.inoculum.cells = static_cast<int>(*cells);
        if (const auto density = table.maybe_quantity("density", Dimension::number_density, {0, 1e-3}))
            e_.inoculum.per_mm3 = *density * 1e9;
        if (e_.inoculum.cells && e_.inoculum.per_mm3)
            table.reject("density",
                         "stands beside cells; expected one of them (cells: in this tissue; density: per volume)");
        e_.inoculum.injected = table.number("injected", {1, 1e9});
        table.finish();
    }

    void read_primaries(StrictTable& top) {
        for (StrictTable& table : top.tables("primaries")) {
            Primary primary;
            primary.place = table.place_of(table.has("overlay") ? "overlay" : "name");
            primary.key = table.path_of(table.has("overlay") ? "overlay" : "name");
            primary.name = plain_name(table, "name");
            primary.title = table.maybe_text("title").value_or(primary.name);
            primary.overlay = table.maybe_text("overlay");
            primary.days = table.maybe_number("days", {shortest_days, most_days});
            if (primary.days && e_.days > 0 && *primary.days > e_.planned_days)
                table.reject("days", shortest(*primary.days) + " is after the experiment's last day, " +
                                         shortest(e_.planned_days));
            primary.changes = changes_in(table, "set", problems_);
            for (const Primary& other : e_.primaries)
                if (other.name == primary.name && !primary.name.empty())
                    table.reject("name", "'" + primary.name + "' is the name of two primaries (line " +
                                             std::to_string(other.place.line) + ")");
            table.finish();
            e_.primaries.push_back(std::move(primary));
        }
        if (const TomlValue* list = top.find("primaries");
            list && list->kind == TomlValue::Kind::array && list->array.empty())
            top.reject("primaries", "is empty; expected at least one [[primaries]]");
    }

    void read_endpoint_days(StrictTable& top) {
        const auto days = top.maybe_numbers("endpoint_days", {0, most_days});
        if (!days) return;
        double before = -1;
        for (const double day : *days) {
            if (day == before)
                top.reject("endpoint_days", "day " + shortest(day) + " is named twice");
            else if (day < before)
                top.reject("endpoint_days", "day " + shortest(day) + " comes after day " + shortest(before) +
                                                "; expected ascending days");
            before = std::max(before, day);
            if (day > e_.days && e_.days > 0) {  // a shortened run keeps the endpoint days that it still has
                if (day > e_.planned_days)
                    top.reject("endpoint_days",
                               "day " + shortest(day) + " is after the last day, " + shortest(e_.planned_days));
                continue;
            }
            for (const Primary& primary : e_.primaries)
                if (primary.days && day > *primary.days && day != e_.days)
                    top.reject("endpoint_days", "day " + shortest(day) + " is after the last day of primary '" +
                                                    primary.name + "', " + shortest(*primary.days));
            e_.endpoint_days.push_back(day);
        }
    }

    Treatment treatment(StrictTable& table, const TomlTable& tree) {
        Treatment t;
        t.key = table.path();
        const std::string kind = table.choice("kind", {"suicide_gene", "sham", "replay"});
        if (kind == "suicide_gene") {
            t.kind = Treatment::Kind::suicide_gene;
            t.record = table.text("record");
            t.place = table.place_of("record");
            t.start_min = table.quantity("start", Dimension::time, {-30 * 1440.0, most_days * 1440});
            if (t.start_min < -e_.acclimatisation_min)
                table.reject("start", "begins " + shortest(-t.start_min / 1440) +
                                          " days before inoculation, but acclimatisation is " +
                                          shortest(e_.acclimatisation_min / 1440) +
                                          " days; lengthen it, or start later");
            if (t.start_min > e_.planned_days * 1440 && e_.days > 0)
                table.reject("start", "is after the last day, " + shortest(e_.planned_days));
            t.stop_min = table.maybe_quantity("stop", Dimension::time);
            if (t.stop_min && *t.stop_min <= t.start_min)
                table.reject("stop", "is not after start (" + shortest(t.start_min / 1440) + " days)");
            t.carriers = table.maybe_flag("carriers").value_or(true);
            // Every other key is a record of the treatment; whether it exists is asked of the model.
            for (const TomlEntry& entry : tree.entries) {
                if (contains({"kind", "record", "start", "stop", "carriers"}, entry.key)) continue;
                table.find(entry.key);
                if (entry.value.kind == TomlValue::Kind::table || entry.value.kind == TomlValue::Kind::array)
                    table.reject(entry.key, describe(entry.value) + "; expected a text such as \"40 ug/g\"");
                else
                    t.changes.push_back({t.record + "." + entry.key, as_text(entry.value), entry.value.place});
            }
        } else {
            t.kind = kind == "sham" ? Treatment::Kind::sham : Treatment::Kind::replay;
            t.of = table.text("of");
            t.place = table.place_of("of");
            t.kills_place = table.place_of("kills");
            if (t.kind == Treatment::Kind::sham) t.kills = table.text("kills");
        }
        table.finish();
        return t;
    }

    void read_arms(StrictTable& top) {
        const TomlValue* list = top.find("arms");
        std::vector<StrictTable> tables = top.tables("arms");
        for (std::size_t i = 0; i < tables.size(); ++i) {
            StrictTable& table = tables[i];
            Arm arm;
            arm.place = table.place_of("name");
            arm.switched_off_place = table.place_of("switch_off");
            arm.key = table.path();
            arm.name = plain_name(table, "name");
            arm.title = table.maybe_text("title").value_or(arm.name);
            for (const Arm& other : e_.arms)
                if (other.name == arm.name && !arm.name.empty())
                    table.reject("name", "'" + arm.name + "' is the name of two arms (line " +
                                             std::to_string(other.place.line) + ")");
            if (table.has("treatments")) {
                const TomlValue* treatments = list->array[i].table.find("treatments");
                std::vector<StrictTable> given = table.tables("treatments");
                for (std::size_t k = 0; k < given.size(); ++k)
                    arm.treatments.push_back(treatment(given[k], treatments->array[k].table));
            }
            arm.switched_off = table.maybe_texts("switch_off").value_or(std::vector<std::string>{});
            arm.changes = changes_in(table, "set", problems_);
            table.finish();
            e_.arms.push_back(std::move(arm));
        }
        if (list && list->kind == TomlValue::Kind::array && list->array.empty())
            top.reject("arms", "is empty; expected at least one [[arms]]");
        check_numbers_of_treatments();
        check_sources_of_kills();
    }

    // A record's other numbers hold for the whole arm, so two treatments by one record must agree on them.
    void check_numbers_of_treatments() {
        for (const Arm& arm : e_.arms)
            for (std::size_t k = 0; k < arm.treatments.size(); ++k)
                for (std::size_t before = 0; before < k; ++before) {
                    const Treatment &one = arm.treatments[before], &other = arm.treatments[k];
                    if (one.kind != Treatment::Kind::suicide_gene || other.kind != one.kind ||
                        one.record != other.record || same_changes(one.changes, other.changes))
                        continue;
                    problems_.add(other.place, other.key + ".record",
                                  "'" + other.record + "' has other numbers in " + one.key + " (line " +
                                      std::to_string(one.place.line) +
                                      "); expected the same ones, or another record of the model for one of them");
                }
    }

    void check_sources_of_kills() {
        std::vector<std::string> treated;
        for (const Arm& arm : e_.arms)
            if (arm.needs().empty() && !arm.treatments.empty()) treated.push_back(arm.name);
        for (const Arm& arm : e_.arms)
            for (const Treatment& t : arm.treatments) {
                if (t.kind == Treatment::Kind::suicide_gene || t.of.empty()) continue;
                const char* kind = t.kind == Treatment::Kind::sham ? "sham" : "replay";
                const Arm* source = e_.find_arm(t.of);
                const std::string key = t.key + ".of";
                if (!source)
                    problems_.add(t.place, key,
                                  std::string(kind) + " of an unknown arm '" + t.of + "'" +
                                      did_you_mean(t.of, treated) +
                                      (treated.empty() ? "" : "; expected one of " + listed(treated)));
                else if (source->name == arm.name)
                    problems_.add(t.place, key, std::string(kind) + " of itself; expected another arm");
                else if (!contains(treated, t.of))
                    problems_.add(t.place, key,
                                  std::string(kind) + " of '" + t.of +
                                      "', whose own treatment kills nothing by itself; " +
                                      "expected an arm with a suicide gene");
            }
    }

    void read_variation(StrictTable& top) {
        if (!top.has("variation")) return;
        for (StrictTable& table : top.tables("variation")) {
            Variation v;
            v.place = table.place_of("record");
            v.key = table.path_of("record");
            v.record = table.text("record");
            v.cv = table.quantity("cv", Dimension::fraction, {0, 2});
            for (const Variation& other : e_.variation)
                if (other.record == v.record)
                    table.reject("record",
                                 "'" + v.record + "' varies twice (line " + std::to_string(other.place.line) + ")");
            table.finish();
            e_.variation.push_back(std::move(v));
        }
    }

    void read_ensemble(StrictTable& top) {
        std::optional<StrictTable> table = top.maybe_table("ensemble");
        if (!table) return;
        Ensemble ensemble;
        ensemble.place = top.place_of("ensemble");
        const std::vector<std::string> names = {"measured", "fitted", "assumed"};
        for (const std::string& kind : table->texts("kinds")) {
            if (kind == "measured")
                ensemble.kinds.push_back(RecordKind::measured);
            else if (kind == "fitted")
                ensemble.kinds.push_back(RecordKind::fitted);
            else if (kind == "assumed")
                ensemble.kinds.push_back(RecordKind::assumed);
            else
                table->reject("kinds", "'" + kind + "' is no kind of record" + did_you_mean(kind, names) +
                                           "; expected one of " + listed(names));
        }
        ensemble.except = table->maybe_texts("except").value_or(std::vector<std::string>{});
        table->finish();
        e_.ensemble = std::move(ensemble);
    }

    void read_analysis(StrictTable& top) {
        StrictTable table = top.table("analysis");
        std::vector<std::string> arms, primaries, endpoints;
        for (const Arm& arm : e_.arms) arms.push_back(arm.name);
        for (const Primary& primary : e_.primaries) primaries.push_back(primary.name);
        for (const histology::EndpointDefinition& d : every_endpoint_definition()) endpoints.emplace_back(d.id);
        auto& a = e_.analysis;
        if (const auto control = table.maybe_text("control")) {
            a.control = *control;
            if (!a.control.empty() && !e_.find_arm(a.control))
                table.reject("control", "there is no arm '" + a.control + "'" + did_you_mean(a.control, arms) +
                                            (arms.empty() ? "" : "; expected one of " + listed(arms)));
        } else if (!arms.empty() && !table.has("control")) {
            table.reject("control", "is missing; expected the arm the others are compared with, or \"\" for none");
        }
        a.primary_endpoints = table.texts("primary_endpoints");
        for (const std::string& id : a.primary_endpoints)
            if (!contains(endpoints, id))
                table.reject("primary_endpoints", "there is no endpoint '" + id + "'" + did_you_mean(id, endpoints) +
                                                      "; docs/endpoints.md lists them");
        a.resamples = static_cast<int>(table.maybe_integer("resamples", 100, 1000000).value_or(10000));
        if (table.has("published"))
            for (StrictTable& row : table.tables("published")) {
                Published p;
                p.place = row.place_of("endpoint");
                p.arm = row.text("arm");
                p.endpoint = row.text("endpoint");
                if (row.has("primaries")) p.primaries = row.texts("primaries");
                for (const std::string& name : p.primaries)
                    if (!contains(primaries, name))
                        row.reject("primaries", "there is no primary '" + name + "'" + did_you_mean(name, primaries));
                const std::string sign = row.choice("sign", {"lower", "higher", "unchanged"});
                p.sign = sign == "lower" ? -1 : sign == "higher" ? 1 : 0;
                p.source = row.text("source");
                if (row.has("arm") && !p.arm.empty() && !e_.find_arm(p.arm))
                    row.reject("arm", "there is no arm '" + p.arm + "'" + did_you_mean(p.arm, arms));
                if (row.has("endpoint") && !contains(endpoints, p.endpoint))
                    row.reject("endpoint", "there is no endpoint '" + p.endpoint + "'" +
                                               did_you_mean(p.endpoint, endpoints) + "; docs/endpoints.md lists them");
                row.finish();
                a.published.push_back(std::move(p));
            }
        if (std::optional<StrictTable> row = table.maybe_table("attribution")) {
            Attribution attribution;
            attribution.place = row->place_of("arm");
            attribution.arm = row->text("arm");
            attribution.loops = row->texts("loops");
            const Arm* arm = e_.find_arm(attribution.arm);
            if (!attribution.arm.empty() && !arm)
                row->reject("arm", "there is no arm '" + attribution.arm + "'" + did_you_mean(attribution.arm, arms));
            else if (attribution.arm == a.control && !a.control.empty())
                row->reject("arm", "is the control; expected a treated arm");
            else if (arm && !arm->needs().empty())
                row->reject("arm", "takes its kills from another arm; expected one with a treatment of its own");
            row->finish();
            a.attribution = std::move(attribution);
        }
        table.finish();
    }

    const TomlTable& tree_;
    Problems& problems_;
    Experiment e_;
};

// Adds the arms that the attribution table compares, where the file has not spelt them out.
void add_attribution_arms(Experiment& e) {
    if (!e.analysis.attribution || e.analysis.control.empty()) return;
    const Attribution attribution = *e.analysis.attribution;
    for (const std::string& loop : attribution.loops)
        for (const std::string& name : {e.analysis.control, attribution.arm}) {
            const Arm* base = e.find_arm(name);
            if (!base || e.find_arm(without(name, loop))) continue;
            Arm arm = *base;
            arm.name = without(name, loop);
            arm.title = base->title + ", without " + loop;
            arm.switched_off.push_back(loop);
            e.arms.push_back(std::move(arm));
        }
}

// --arms and --primaries: keeps what is named, in the order of the file.
void keep_selected(const Overrides& overrides, Experiment& e, Problems& problems) {
    const auto check = [&](const char* option, const std::vector<std::string>& wanted,
                           const std::vector<std::string>& known) {
        for (const std::string& name : wanted)
            if (!contains(known, name))
                problems.add({option, 0, 0}, "",
                             "there is no '" + name + "'" + did_you_mean(name, known) + "; expected " + listed(known));
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

// --- Checks against the model

class Noted {  // problems, each told once however many primaries and arms have it
public:
    explicit Noted(Problems& problems) : problems_(problems) {}
    void add(const Place& place, const std::string& key, const std::string& message) {
        if (told_.insert(to_string(Problem{place, key, message})).second) problems_.add(place, key, message), ++count_;
    }
    void add(const InputError& error) {
        for (const Problem& p : error.problems()) add(p.place, p.key, p.message);
    }
    int count() const { return count_; }

private:
    Problems& problems_;
    std::set<std::string> told_;
    int count_ = 0;
};

void apply_noting(const std::vector<Change>& changes, Records& records, Noted& noted) {
    for (const Change& change : changes) {
        try {
            records.set(change.path, change.text, change.place);
        } catch (const InputError& error) {
            noted.add(error);
        }
    }
}

bool has_under(const Records& records, const std::string& prefix) {
    return std::any_of(records.all().begin(), records.all().end(),
                       [&](const Record& r) { return r.path.starts_with(prefix + "."); });
}

void check_treatments(const Arm& arm, Records records, Noted& noted) {
    const std::vector<std::string> types = records.children("cell_types");
    std::vector<std::string> prefixes;
    for (const std::string& name : records.children("treatments")) prefixes.push_back("treatments." + name);
    for (const Treatment& t : arm.treatments) {
        if (t.kind == Treatment::Kind::sham && !t.kills.empty() && !contains(types, t.kills))
            noted.add(t.kills_place, t.key + ".kills",
                      "there is no cell type '" + t.kills + "'" + did_you_mean(t.kills, types));
        if (t.kind != Treatment::Kind::suicide_gene || t.record.empty()) continue;
        if (!contains(prefixes, t.record)) {
            noted.add(t.place, t.key + ".record",
                      "the model has no treatment '" + t.record + "'" + did_you_mean_path(t.record, prefixes) +
                          (prefixes.empty() ? "" : "; expected one of " + listed(prefixes)));
            continue;
        }
        for (const Change& change : t.changes) {
            if (records.find(change.path)) continue;
            std::vector<std::string> known = {"kind", "record", "start", "stop", "carriers"};
            for (const std::string& entry : records.entries(t.record)) known.push_back(entry);
            const std::string wrong = change.path.substr(t.record.size() + 1);
            noted.add(change.place, t.key + "." + wrong,
                      "unknown key" + did_you_mean(wrong, known) + "; expected one of " + listed(known));
        }
    }
}

void check_against_model(const Experiment& e, Problems& problems) {
    Noted noted(problems);
    std::optional<ModelFiles> files;
    try {
        files.emplace(e);
    } catch (const InputError& error) {
        noted.add(error);
        return;
    }
    const std::vector<std::string>& loops = loop_names();
    for (const Arm& arm : e.arms)
        for (const std::string& loop : arm.switched_off)
            if (!contains(loops, loop))
                noted.add(arm.switched_off_place, arm.key + ".switch_off",
                          "the model has no loop '" + loop + "'" + did_you_mean(loop, loops) + "; expected one of " +
                              listed(loops));
    for (const Primary& primary : e.primaries) {
        std::optional<Records> records;
        try {
            records = files->records(primary);
        } catch (const InputError& error) {
            noted.add(error);
            continue;
        }
        apply_noting(e.changes, *records, noted);
        apply_noting(primary.changes, *records, noted);
        for (const Variation& v : e.variation)
            if (v.record != inoculum_density && !v.record.empty() && !records->find(v.record)) {
                std::vector<std::string> paths{std::string(inoculum_density)};
                for (const Record& r : records->all()) paths.push_back(r.path);
                noted.add(v.place, v.key,
                          "the model has no record '" + v.record + "'" + did_you_mean_path(v.record, paths));
            }
        if (e.ensemble)
            for (const std::string& path : e.ensemble->except)
                if (!records->find(path) && !has_under(*records, path))
                    noted.add(e.ensemble->place, "ensemble.except", "the model has no record or table '" + path + "'");
        for (const Arm& arm : e.arms) {
            Records own = *records;
            apply_noting(arm.changes, own, noted);
            check_treatments(arm, own, noted);
            for (const Treatment& t : arm.treatments)
                for (const Change& change : t.changes)
                    if (own.find(change.path)) apply_noting({change}, own, noted);
        }
    }
    if (noted.count() > 0) return;
    // What only the whole model can tell: does each arm make one? (A draw of an ensemble may turn out impossible; that
    // is a result of the run.)
    Experiment plain = e;
    plain.ensemble.reset();
    for (const Primary& primary : e.primaries)
        for (const Arm& arm : e.arms) {
            try {
                make_animal(*files, plain, primary, arm, e.mouse_numbers().front());
            } catch (const InputError& error) {
                noted.add(error);
            }
        }
}

// The options that made this experiment out of its file, for a shell.
std::string options_text(const Overrides& o) {
    std::string text;
    if (o.mice) text += " --mice " + std::to_string(*o.mice);
    if (o.days) text += " --days " + shortest(*o.days);
    if (o.seed) text += " --seed " + std::to_string(*o.seed);
    for (const auto& [path, value] : o.set) text += " --set " + shell_word(path + "=" + value);
    return text;
}

// A path in an experiment file: from that file's directory.
std::filesystem::path from(const std::filesystem::path& directory, const std::filesystem::path& path) {
    std::error_code error;
    return std::filesystem::absolute(directory / path, error).lexically_normal();
}

// Where the file says that the model was, if a model of that name is there still; else where models are looked for.
std::filesystem::path model_directory_of(const Experiment& e, const std::filesystem::path& directory,
                                         const std::vector<std::filesystem::path>& model_roots) {
    std::error_code error;
    if (!e.model_directory.empty()) {
        const std::filesystem::path given = from(directory, e.model_directory);
        if (given.filename() == e.model && std::filesystem::exists(given / "model.toml", error)) return given;
    }
    return find_model(e.model, directory, model_roots);
}

// Where a model may lie, in the order of precedence.
std::vector<std::filesystem::path> model_folders(const std::filesystem::path& directory,
                                                 const std::vector<std::filesystem::path>& roots) {
    std::vector<std::filesystem::path> folders;
    std::error_code error;
    const std::filesystem::path absolute = std::filesystem::absolute(directory.empty() ? "." : directory, error);
    if (!error)
        for (std::filesystem::path above = absolute.lexically_normal();; above = above.parent_path()) {
            folders.push_back(above / "models");
            if (above == above.parent_path()) break;
        }
    folders.emplace_back("models");
    folders.insert(folders.end(), roots.begin(), roots.end());
    return folders;
}

std::vector<std::string> models_in(const std::vector<std::filesystem::path>& folders) {
    std::vector<std::string> names;
    std::error_code error;
    for (const std::filesystem::path& folder : folders)
        for (const auto& entry : std::filesystem::directory_iterator(folder, error))
            if (std::filesystem::exists(entry.path() / "model.toml", error))
                names.push_back(entry.path().filename().string());
    return names;
}

Experiment judged(TomlTable tree, const std::string& name, const std::filesystem::path& directory,
                  const Overrides& overrides, const std::vector<std::filesystem::path>& model_roots) {
    Problems problems;
    std::vector<Change> record_changes;
    apply(overrides, tree, problems, record_changes);
    Experiment e = Reader(tree, problems).read();
    e.file = name;
    e.options = options_text(overrides);
    e.changes.insert(e.changes.end(), record_changes.begin(), record_changes.end());
    for (Primary& primary : e.primaries)  // a path is one from the experiment file, wherever it is written out again
        if (primary.overlay && primary.overlay->find('/') != std::string::npos)
            primary.overlay = from(directory, *primary.overlay).string();
    add_attribution_arms(e);
    keep_selected(overrides, e, problems);
    const bool read_well = problems.empty();
    if (!e.model.empty()) {
        e.model_directory = model_directory_of(e, directory, model_roots);
        if (e.model_directory.empty()) {
            const TomlValue* model = tree.find("model");
            problems.add(model->place, "model",
                         "there is no models/" + e.model +
                             did_you_mean(e.model, models_in(model_folders(directory, model_roots))) +
                             " beside or above the experiment file, in the working directory or with the program");
        } else {
            Problems found;
            check_against_model(e, found);
            // A file that could not be read is judged by the model only where the model's word is about the file
            // itself.
            try {
                found.throw_if_any();
            } catch (const InputError& error) {
                for (const Problem& p : error.problems())
                    if (read_well || p.place.file == name || p.place.file == "--set")
                        problems.add(p.place, p.key, p.message);
            }
        }
    }
    problems.throw_if_any();
    return e;
}

}  // namespace

std::string_view name_of(Geometry geometry) { return geometry == Geometry::section ? "section" : "block"; }

bool same_changes(const std::vector<Change>& a, const std::vector<Change>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](const Change& x, const Change& y) { return x.path == y.path && x.text == y.text; });
}

std::string shell_word(const std::string& text) {
    const bool plain = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("._-=/+,^").find(c) != std::string_view::npos;
    });
    if (plain) return text;
    std::string out = "'";
    for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return out + "'";
}

std::string without(const std::string& arm, const std::string& loop) { return arm + "_without_" + loop; }

std::vector<std::string> Arm::needs() const {
    std::vector<std::string> names;
    for (const Treatment& t : treatments)
        if (t.kind != Treatment::Kind::suicide_gene && !contains(names, t.of)) names.push_back(t.of);
    return names;
}

double Experiment::volume_mm3() const {
    const Size& s = size();
    return s.width_um * s.height_um * s.depth_um * 1e-9;
}

Extent Experiment::extent() const {
    const auto bricks = [](double um, int voxels) { return static_cast<int>(std::lround(um / (voxels * voxel_um))); };
    const Size& s = size();
    if (geometry == Geometry::section)
        return {bricks(s.width_um, SectionShape::nx), bricks(s.height_um, SectionShape::ny), 1};
    return {bricks(s.width_um, BlockShape::nx), bricks(s.height_um, BlockShape::ny),
            bricks(s.depth_um, BlockShape::nz)};
}

std::vector<double> Experiment::endpoint_days_of(const Primary& primary) const {
    const double last = days_of(primary);
    std::vector<double> result;
    for (const double day : endpoint_days)
        if (day < last) result.push_back(day);
    result.push_back(last);
    return result;
}

std::vector<int> Experiment::mouse_numbers() const {
    if (!only_mice.empty()) return only_mice;
    std::vector<int> numbers;
    for (int mouse = 1; mouse <= mice; ++mouse) numbers.push_back(mouse);
    return numbers;
}

const Arm* Experiment::find_arm(std::string_view arm) const {
    const auto at = std::find_if(arms.begin(), arms.end(), [&](const Arm& a) { return a.name == arm; });
    return at == arms.end() ? nullptr : &*at;
}

std::filesystem::path find_model(const std::string& name, const std::filesystem::path& directory,
                                 const std::vector<std::filesystem::path>& roots) {
    std::error_code error;
    for (const std::filesystem::path& folder : model_folders(directory, roots))
        if (std::filesystem::exists(folder / name / "model.toml", error)) return folder / name;
    return {};
}

Experiment parse_experiment(std::string_view text, const std::string& name, const std::filesystem::path& directory,
                            const Overrides& overrides, const std::vector<std::filesystem::path>& model_roots) {
    return judged(parse_toml(text, name), name, directory, overrides, model_roots);
}

Experiment read_experiment(const std::filesystem::path& file, const Overrides& overrides,
                           const std::vector<std::filesystem::path>& model_roots) {
    return judged(read_toml(file), file.string(), file.parent_path(), overrides, model_roots);
}

}  // namespace stellate::laboratory
