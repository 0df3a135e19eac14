// From the TOML tree to the Experiment, key by key.
#include <algorithm>
#include <cmath>
#include <limits>

#include "laboratory/experiment_parts.hpp"
#include "laboratory/readout.hpp"

namespace stellate::laboratory {

namespace {

constexpr int format_version = 1;
constexpr std::int64_t most_mice = 99999;
constexpr double shortest_days = 0.001, most_days = 365;

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

// Can it stand for a record's value?
bool is_single(const TomlValue& value) {
    using Kind = TomlValue::Kind;
    return value.kind != Kind::table && value.kind != Kind::array && value.kind != Kind::unusable;
}

// set = { "path" = "value unit" }, or the same with dotted keys.
void collect_changes(const TomlTable& table, const std::string& prefix, std::vector<Change>& changes,
                     Problems& problems) {
    for (const TomlEntry& entry : table.entries) {
        const std::string path = prefix.empty() ? entry.key : prefix + "." + entry.key;
        if (entry.value.kind == TomlValue::Kind::table)
            collect_changes(entry.value.table, path, changes, problems);
        else if (!is_single(entry.value))
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

// Both sides of a disagreement: "days = 2 (line 8)".
std::string with_place(const std::string& key, const std::string& value, const Place& place) {
    return key + " = " + value + " (" + where(place) + ")";
}

class Reader {
public:
    Reader(const TomlTable& tree, Problems& problems) : tree_(tree), problems_(problems) {}

    Experiment read() {
        StrictTable top(tree_, "", problems_, &experiment_keys());
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
        e_.planned_days = top.maybe_number("planned_days", {shortest_days, most_days}).value_or(e_.days);
        e_.days_place = top.place_of("days");
        planned_days_place_ = top.place_of("planned_days");
        if (e_.planned_days < e_.days) {
            top.reject("planned_days", shortest(e_.planned_days) + " is less than " + days_text(e_.days));
            e_.planned_days = e_.days;
        }
        e_.acclimatisation_min = top.quantity("acclimatisation", Dimension::time, {0, 30 * 1440.0});
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
                                                with_place("mice", std::to_string(e_.mice), top.place_of("mice")));
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
        read_checkpoint(top);
        read_branch(top);
        top.finish();
        return std::move(e_);
    }

private:
    // The last day, or the one planned for, as the file says it.
    std::string days_text(double days) const {
        return with_place(days == e_.days ? "days" : "planned_days", shortest(days),
                          days == e_.days ? e_.days_place : planned_days_place_);
    }

    // A list of names, none of them twice; at least one where the key stands at all.
    static std::vector<std::string> names_in(StrictTable& table, const std::string& key) {
        std::vector<std::string> names = table.texts(key);
        const TomlValue* given = table.find(key);
        if (given && given->kind == TomlValue::Kind::array && given->array.empty())
            table.reject(key, "is empty; expected at least one name");
        for (std::size_t n = 0; n < names.size(); ++n)
            if (std::find(names.begin(), names.begin() + std::ptrdiff_t(n), names[n]) !=
                names.begin() + std::ptrdiff_t(n))
                table.reject(key, "'" + names[n] + "' is named twice");
        return names;
    }

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
            table.reject(key, "'" + given->text + "' is " + shortest(nearest) +
                                  " bricks; expected at most 4096 (limit of the program), " +
                                  shortest(4096 * brick_um / 1000) + " mm");
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
                table->reject("sections",
                              std::to_string(e_.block_sections) + " do not fit: the block is " +
                                  shortest(size.depth_um / voxel_um) + " voxel layers deep, " +
                                  with_place("depth", shortest(size.depth_um) + " um", table->place_of("depth")));
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
                         "'" + table.find("density")->text + "' stands beside " +
                             with_place("cells", std::to_string(*e_.inoculum.cells), table.place_of("cells")) +
                             "; expected one of them (cells: in this tissue; density: per volume)");
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
            primary.days_place = table.place_of("days");
            if (primary.days && e_.days > 0 && *primary.days > e_.planned_days)
                table.reject("days", shortest(*primary.days) + " is after the experiment's last day, " +
                                         days_text(e_.planned_days));
            primary.changes = changes_in(table, "set", problems_);
            primary.model_digest_place = table.place_of("model_digest");
            primary.model_digest_key = table.path_of("model_digest");
            primary.model_digest = table.maybe_text("model_digest");
            for (const Primary& other : e_.primaries)
                if (other.name == primary.name && !primary.name.empty())
                    table.reject("name",
                                 "'" + primary.name + "' is the name of two primaries (" + where(other.place) + ")");
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
                               "day " + shortest(day) + " is after the last day, " + days_text(e_.planned_days));
                continue;
            }
            for (const Primary& primary : e_.primaries)
                if (primary.days && day > *primary.days && day != e_.days)
                    top.reject("endpoint_days", "day " + shortest(day) + " is after the last day of primary '" +
                                                    primary.name + "', " +
                                                    with_place("days", shortest(*primary.days), primary.days_place));
            e_.endpoint_days.push_back(day);
        }
    }

    void read_branch(StrictTable& top) {
        std::optional<StrictTable> table = top.maybe_table("branch");
        if (!table) return;
        Experiment::BranchPoint branch;
        branch.place = table->place_of("checkpoint");
        branch.checkpoint = table->text("checkpoint");
        branch.day = table->number("day", {-e_.acclimatisation_min / 1440, most_days});
        branch.state = table->maybe_text("state");
        table->finish();
        e_.branch = std::move(branch);
    }

    void read_checkpoint(StrictTable& top) {
        std::optional<StrictTable> table = top.maybe_table("checkpoint");
        if (!table) return;
        auto& rules = e_.checkpoint;
        rules.every_min =
            table->maybe_quantity("every", Dimension::time, {1, most_days * 1440}).value_or(rules.every_min);
        rules.wall_min =
            table->maybe_quantity("wall", Dimension::time, {1.0 / 60, 7 * 1440.0}).value_or(rules.wall_min);
        rules.share = table->maybe_quantity("share", Dimension::fraction, {1e-6, 1}).value_or(rules.share);
        const double first = -e_.acclimatisation_min / 1440;
        rules.keep_days = table->maybe_numbers("keep", {first, most_days}).value_or(std::vector<double>{});
        rules.keep_place = table->place_of("keep");
        for (const double day : rules.keep_days)
            if (day > e_.planned_days && e_.days > 0)
                table->reject("keep", "day " + shortest(day) + " is after the last day, " + shortest(e_.planned_days));
        table->finish();
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
                                          shortest(e_.acclimatisation_min / 1440) + " days (" +
                                          where(e_.acclimatisation_place) + "); lengthen it, or start later");
            if (t.start_min > e_.planned_days * 1440 && e_.days > 0)
                table.reject("start", "day " + shortest(t.start_min / 1440) + " is after the last day, " +
                                          days_text(e_.planned_days));
            t.stop_min = table.maybe_quantity("stop", Dimension::time);
            if (t.stop_min && *t.stop_min <= t.start_min)
                table.reject("stop", "day " + shortest(*t.stop_min / 1440) + " is not after the start, day " +
                                         shortest(t.start_min / 1440) + " (" + where(table.place_of("start")) + ")");
            t.carriers = table.maybe_flag("carriers").value_or(true);
            // Every other key is a record of the treatment; whether it exists is asked of the model.
            const std::vector<std::string> own = {"kind", "record", "start", "stop", "carriers"};
            for (const TomlEntry& entry : tree.entries) {
                if (contains(own, entry.key)) continue;
                table.find(entry.key);
                if (t.record.empty()) {  // no telling whether it has such a record
                    if (const std::string near = did_you_mean(entry.key, own); !near.empty())
                        problems_.add(entry.key_place, table.path_of(entry.key), "unknown key" + near);
                    continue;
                }
                if (!is_single(entry.value))
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
                    table.reject("name", "'" + arm.name + "' is the name of two arms (" + where(other.place) + ")");
            if (table.has("treatments")) {
                const TomlValue* treatments = list->array[i].table.find("treatments");
                std::vector<StrictTable> given = table.tables("treatments");
                for (std::size_t k = 0; k < given.size(); ++k)
                    arm.treatments.push_back(treatment(given[k], treatments->array[k].table));
            }
            if (table.has("switch_off")) arm.switched_off = names_in(table, "switch_off");
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
                                  "'" + other.record + "' has other numbers in " + one.key + " (" + where(one.place) +
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
                    table.reject("record", "'" + v.record + "' varies twice (" + where(other.place) + ")");
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
        for (const std::string& kind : names_in(*table, "kinds")) {
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

    // Do two published results speak of a primary in common? Naming none is naming all.
    static bool meet(const std::vector<std::string>& one, const std::vector<std::string>& other) {
        return one.empty() || other.empty() ||
               std::any_of(one.begin(), one.end(), [&](const std::string& name) { return contains(other, name); });
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
        a.primary_endpoints = names_in(table, "primary_endpoints");
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
                if (row.has("primaries")) p.primaries = names_in(row, "primaries");
                for (const std::string& name : p.primaries)
                    if (!contains(primaries, name))
                        row.reject("primaries", "there is no primary '" + name + "'" + did_you_mean(name, primaries) +
                                                    "; expected one of " + listed(primaries));
                const std::string sign = row.choice("sign", {"lower", "higher", "unchanged"});
                p.sign = sign == "lower" ? -1 : sign == "higher" ? 1 : 0;
                p.source = row.text("source");
                if (row.has("arm") && !p.arm.empty() && !e_.find_arm(p.arm))
                    row.reject("arm", "there is no arm '" + p.arm + "'" + did_you_mean(p.arm, arms));
                else if (!p.arm.empty() && p.arm == a.control)
                    row.reject("arm", "is the control, which is not compared with itself; expected a treated arm");
                if (row.has("endpoint") && !contains(endpoints, p.endpoint))
                    row.reject("endpoint", "there is no endpoint '" + p.endpoint + "'" +
                                               did_you_mean(p.endpoint, endpoints) + "; docs/endpoints.md lists them");
                for (const Published& other : a.published)
                    if (other.arm == p.arm && other.endpoint == p.endpoint && meet(other.primaries, p.primaries))
                        row.reject("endpoint", "'" + p.endpoint + "' of '" + p.arm + "' is published twice (" +
                                                   where(other.place) + ")");
                row.finish();
                a.published.push_back(std::move(p));
            }
        if (std::optional<StrictTable> row = table.maybe_table("attribution")) {
            Attribution attribution;
            attribution.place = row->place_of("loops");
            attribution.arm = row->text("arm");
            attribution.loops = names_in(*row, "loops");
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
    Place planned_days_place_;
};

}  // namespace

const std::vector<KnownKey>& experiment_keys() {
    static const std::vector<KnownKey> keys = [] {
        const std::pair<const char*, std::vector<const char*>> tables[] = {
            {"", {"format",          "name",          "title",     "description", "model",    "model_directory",
                  "geometry",        "mice",          "only_mice", "seed",        "days",     "planned_days",
                  "acclimatisation", "endpoint_days", "sleep",     "section",     "block",    "inoculum",
                  "primaries",       "arms",          "set",       "variation",   "ensemble", "analysis",
                  "checkpoint",      "branch"}},
            {"section", {"width", "height"}},
            {"block", {"width", "height", "depth", "sections"}},
            {"inoculum", {"cells", "density", "injected"}},
            {"primaries", {"name", "title", "overlay", "days", "set", "model_digest"}},
            {"arms", {"name", "title", "treatments", "switch_off", "set"}},
            {"arms.treatments", {"kind", "record", "start", "stop", "carriers", "of", "kills"}},
            {"variation", {"record", "cv"}},
            {"ensemble", {"kinds", "except"}},
            {"analysis", {"control", "primary_endpoints", "resamples", "published", "attribution"}},
            {"analysis.published", {"arm", "endpoint", "primaries", "sign", "source"}},
            {"analysis.attribution", {"arm", "loops"}},
            {"checkpoint", {"every", "wall", "share", "keep"}},
            {"branch", {"checkpoint", "day", "state"}},
        };
        std::vector<KnownKey> all;
        for (const auto& [table, names] : tables)
            for (const char* name : names) all.push_back({table, name});
        return all;
    }();
    return keys;
}

Experiment experiment_in(const TomlTable& tree, Problems& problems) { return Reader(tree, problems).read(); }

}  // namespace stellate::laboratory
