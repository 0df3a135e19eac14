#include "model/records.hpp"

#include <algorithm>
#include <cmath>

#include "core/atomic_file.hpp"

namespace stellate {

namespace {

const std::vector<std::string> kind_names{"measured", "fitted", "assumed"};

std::string joined(const std::string& prefix, const std::string& name) {
    return prefix.empty() ? name : prefix + "." + name;
}

std::string parent_of(const std::string& path) {
    const std::size_t dot = path.rfind('.');
    return dot == std::string::npos ? std::string{} : path.substr(0, dot);
}

bool below(const std::string& path, const std::string& prefix) {
    return prefix.empty() || (path.size() > prefix.size() && path.starts_with(prefix) && path[prefix.size()] == '.');
}

std::string at(const Place& place) { return place.file + (place.line > 0 ? ":" + std::to_string(place.line) : ""); }

bool plain_name(const std::string& name) {
    return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    });
}

// A table with one of a record's numbers directly in it is meant as a record, complete or not.
bool means_record(const TomlTable& table) {
    for (const char* key : {"value", "unit", "range"}) {
        const TomlValue* value = table.find(key);
        if (value && value->kind != TomlValue::Kind::table) return true;
    }
    return false;
}

bool belongs(double value, Domain domain) {
    switch (domain) {
        case Domain::not_negative:
            return value >= 0;
        case Domain::positive:
            return value > 0;
        case Domain::share:
            return value >= 0 && value <= 1;
        case Domain::any:
            break;
    }
    return true;
}

const char* words_of(Domain domain) {
    switch (domain) {
        case Domain::not_negative:
            return "at least 0";
        case Domain::positive:
            return "more than 0";
        case Domain::share:
            return "a share, 0 to 1";
        case Domain::any:
            break;
    }
    return "a number";
}

std::string range_text(const Record& record) {
    return shortest(record.low) + " to " + shortest(record.high) + " " + record.range_unit;
}

}  // namespace

std::string_view name_of(RecordKind kind) { return kind_names[static_cast<std::size_t>(kind)]; }

// Turns trees into records. With `overlay`, what is read replaces what is there.
class Records::Reader {
public:
    Reader(Records& out, Problems& problems) : out_(out), problems_(problems) {}

    void file(const TomlTable& tree, bool overlay) {
        overlay_ = overlay;
        const TomlValue* system = tree.find("system");
        file_system_ = system && system->kind == TomlValue::Kind::text ? system->text : "";
        if (!overlay)
            for (const TomlEntry& entry : tree.entries) out_.roots_.insert(entry.key);
        if (out_.tables_.empty()) out_.add_table("", tree.place, tree.entries.empty());
        table(tree, "");
    }

private:
    void table(const TomlTable& from, const std::string& prefix) {
        for (const TomlEntry& entry : from.entries) {
            const std::string path = joined(prefix, entry.key);
            const TomlValue& value = entry.value;
            if (path == "system" && value.kind == TomlValue::Kind::text) continue;  // the file's, see file()
            if (!plain_name(entry.key)) {
                problems_.add(entry.key_place, path, "a name is made of letters, digits, '_' and '-'");
            } else if (value.kind == TomlValue::Kind::table && means_record(value.table)) {
                record(value, path, entry.key_place);
            } else if (value.kind == TomlValue::Kind::table) {
                group(value.table, path, entry.key_place);
            } else {
                setting(value, path, entry.key_place);
            }
        }
    }

    void group(const TomlTable& from, const std::string& path, const Place& place) {
        if (const auto slot = out_.slots_.find(path); slot != out_.slots_.end()) {
            problems_.add(place, path, "is a table here and a single entry in " + at(out_.place_of(path)));
            return;
        }
        out_.add_table(path, place, from.entries.empty());
        table(from, path);
    }

    // False after noting that the path may not be given here.
    bool may_place(const std::string& path, const Place& place, What what) {
        if (const Table* table = out_.table_at(path)) {
            problems_.add(place, path, "is a single entry here and a table in " + at(table->place));
            return false;
        }
        const auto slot = out_.slots_.find(path);
        if (slot == out_.slots_.end()) return true;
        if (!overlay_) {
            problems_.add(place, path, "is given twice; first in " + at(out_.place_of(path)));
            return false;
        }
        if (slot->second.what != what) {
            problems_.add(place, path,
                          std::string("replaces a ") +
                              (what == What::record ? "setting by a number" : "number by a setting") + "; see " +
                              at(out_.place_of(path)));
            return false;
        }
        return true;
    }

    void record(const TomlValue& value, const std::string& path, const Place& place) {
        StrictTable fields(value.table, path, problems_);
        Record r;
        r.path = path;
        r.place = place;
        r.value = fields.number("value");
        r.unit = r.range_unit = fields.text("unit");
        if (fields.has("unit") && value.table.find("unit")->kind == TomlValue::Kind::text) {
            const std::string mistake =
                r.unit.empty() ? "no unit; write \"1\" for a plain number" : unit_mistake(r.unit);
            if (!mistake.empty()) fields.reject("unit", mistake);
        }
        const std::vector<double> range = fields.numbers("range");
        r.kind = static_cast<RecordKind>(
            std::find(kind_names.begin(), kind_names.end(), fields.choice("kind", kind_names)) - kind_names.begin());
        r.system = fields.maybe_text("system").value_or("");
        r.source = fields.maybe_text("source").value_or("");
        r.note = fields.maybe_text("note").value_or("");
        if (range.size() == 2) {
            r.low = range[0];
            r.high = range[1];
            if (r.low > r.high)
                fields.reject("range", "runs from " + shortest(r.low) + " down to " + shortest(r.high));
            else if (value.table.find("value") && value.table.find("value")->is_number() &&
                     !(r.value >= r.low && r.value <= r.high))
                fields.reject("value", shortest(r.value) + " lies outside its own range, " + range_text(r));
        } else if (!range.empty()) {
            fields.reject("range", "has " + std::to_string(range.size()) + " numbers; expected [lowest, highest]");
        }
        if (const TomlValue* kind = value.table.find("kind"); kind && kind->text == name_of(r.kind))
            provenance(fields, r);
        if (r.system.empty()) r.system = file_system_;
        fields.finish();
        if (!may_place(path, place, What::record)) return;
        if (const auto slot = out_.slots_.find(path); slot != out_.slots_.end()) {
            out_.records_[slot->second.index] = std::move(r);
        } else {
            out_.slots_.emplace(path, Slot{What::record, out_.records_.size()});
            out_.records_.push_back(std::move(r));
        }
    }

    void provenance(StrictTable& fields, const Record& r) {
        if (r.kind == RecordKind::assumed) {
            if (r.note.empty()) fields.reject("note", "is missing; an assumed number says why it was chosen");
            return;
        }
        if (r.source.empty())
            fields.reject("source", "is missing; a " + std::string(name_of(r.kind)) + " number names its source");
        if (r.kind == RecordKind::measured && r.system.empty())
            fields.reject("system", "is missing; a measured number names its species, tissue or assay");
    }

    void setting(const TomlValue& value, const std::string& path, const Place& place) {
        const bool texts = value.kind == TomlValue::Kind::array &&
                           std::all_of(value.array.begin(), value.array.end(),
                                       [](const TomlValue& v) { return v.kind == TomlValue::Kind::text; });
        if (value.kind != TomlValue::Kind::text && value.kind != TomlValue::Kind::boolean && !texts) {
            problems_.add(
                value.place, path,
                describe(value) + (value.is_number() ? " is bare" : "") +
                    "; expected a record { value = ..., unit = \"...\", range = [.., ..], kind = \"...\", source = "
                    "\"...\" }, a text, a flag or a list of texts");
            return;
        }
        if (!may_place(path, place, What::setting)) return;
        if (const auto slot = out_.slots_.find(path); slot != out_.slots_.end()) {
            out_.settings_[slot->second.index] = {path, value, place};
        } else {
            out_.slots_.emplace(path, Slot{What::setting, out_.settings_.size()});
            out_.settings_.push_back({path, value, place});
        }
    }

    Records& out_;
    Problems& problems_;
    bool overlay_ = false;
    std::string file_system_;
};

Records Records::parse(const std::vector<std::pair<std::string, std::string>>& files,
                       const std::vector<std::pair<std::string, std::string>>& overlays) {
    Records records;
    if (!files.empty()) records.directory_ = std::filesystem::path(files.front().first).parent_path().string();
    Problems problems;
    Reader reader(records, problems);
    for (const bool overlay : {false, true})
        for (const auto& [name, text] : overlay ? overlays : files) {
            try {
                reader.file(parse_toml(text, name, problems), overlay);
            } catch (const InputError& error) {
                problems.add(error);
            }
        }
    problems.throw_if_any();
    return records;
}

Records Records::read(const std::vector<std::filesystem::path>& files,
                      const std::vector<std::filesystem::path>& overlays) {
    Problems problems;
    std::vector<std::pair<std::string, std::string>> texts[2];
    for (const bool overlay : {false, true})
        for (const std::filesystem::path& path : overlay ? overlays : files) {
            try {
                texts[overlay].emplace_back(path.string(), read_file(path));
            } catch (const InputError& error) {
                problems.add(error);
            }
        }
    problems.throw_if_any();
    return parse(texts[0], texts[1]);
}

Records Records::read_directory(const std::filesystem::path& directory,
                                const std::vector<std::filesystem::path>& overlays) {
    std::vector<std::filesystem::path> files;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(directory, error))
        if (entry.path().extension() == ".toml" && entry.is_regular_file(error)) files.push_back(entry.path());
    if (files.empty())
        throw InputError({directory.string()}, "", "holds no model; expected a directory with *.toml files");
    std::sort(files.begin(), files.end());
    return read(files, overlays);
}

const Record* Records::find(const std::string& path) const {
    const auto slot = slots_.find(path);
    return slot != slots_.end() && slot->second.what == What::record ? &records_[slot->second.index] : nullptr;
}

Place Records::place_of(const std::string& path) const {
    if (const auto slot = slots_.find(path); slot != slots_.end())
        return slot->second.what == What::record ? records_[slot->second.index].place
                                                 : settings_[slot->second.index].place;
    for (std::string table = path;; table = parent_of(table)) {
        if (const Table* known = table_at(table)) return known->place;
        if (table.empty()) return {};
    }
}

const Records::Table* Records::table_at(const std::string& path) const {
    const auto found = table_index_.find(path);
    return found == table_index_.end() ? nullptr : &tables_[found->second];
}

void Records::add_table(const std::string& path, const Place& place, bool empty) {
    const auto [found, fresh] = table_index_.try_emplace(path, tables_.size());
    if (fresh)
        tables_.push_back({path, place, empty});
    else
        tables_[found->second].empty &= empty;
}

Records::Slot* Records::use(const std::string& path) {
    asked_.insert(path);
    const auto slot = slots_.find(path);
    if (slot == slots_.end()) return nullptr;
    slot->second.used = true;
    return &slot->second;
}

bool Records::has(const std::string& path) { return use(path) != nullptr; }

void Records::reject(const std::string& path, std::string message) {
    problems_.add(place_of(path), path, std::move(message));
}

void Records::reject(const InputError& error) {
    for (const Problem& p : error.problems())
        problems_.add(p.place.file.empty() ? place_of(p.key) : p.place, p.key, p.message);
}

void Records::reject(const Problems& problems) {
    try {
        problems.throw_if_any();
    } catch (const InputError& error) {
        reject(error);
    }
}

void Records::reject_missing(const std::string& path, const std::string& expected) {
    const std::string root = path.substr(0, path.find('.'));
    if (roots_.contains(root)) return reject(path, "is missing; expected " + expected);
    problems_.add(
        {directory_}, path,
        "is missing; expected " + expected + ". No file of the model has a table '" + root + "': is one of them gone?");
}

std::optional<double> Records::maybe(const std::string& path, Dimension dimension, Domain domain) {
    const Slot* slot = use(path);
    if (!slot) return std::nullopt;
    if (slot->what != What::record) {
        reject(path, describe(settings_[slot->index].value) + "; expected a record, " + expectation(dimension));
        return 1;
    }
    Record& record = records_[slot->index];
    const Conversion converted = convert(record.value, record.unit, dimension);
    if (!converted.ok()) {
        reject(path, converted.mistake);
        return 1;
    }
    if (!belongs(converted.value, domain)) {
        const std::string unit = record.unit == "1" ? "" : " " + record.unit;
        reject(path, shortest(record.value) + unit + "; expected " + words_of(domain));
        return 1;
    }
    record.dimension = dimension;
    record.canonical = converted.value;
    return converted.value;
}

double Records::number(const std::string& path, Dimension dimension, Domain domain) {
    if (const std::optional<double> value = maybe(path, dimension, domain)) return *value;
    reject_missing(path, "a record, " + expectation(dimension));
    return 1;
}

const TomlValue* Records::setting(const std::string& path, bool required, TomlValue::Kind kind, const char* expected) {
    const Slot* slot = use(path);
    if (!slot) {
        if (required) reject_missing(path, expected);
        return nullptr;
    }
    if (slot->what == What::setting && settings_[slot->index].value.kind == kind) return &settings_[slot->index].value;
    reject(path, (slot->what == What::record ? "a number" : describe(settings_[slot->index].value)) + "; expected " +
                     expected);
    return nullptr;
}

std::optional<std::string> Records::maybe_text(const std::string& path) {
    const TomlValue* value = setting(path, false, TomlValue::Kind::text, "a text");
    return value ? std::optional(value->text) : std::nullopt;
}
std::string Records::text(const std::string& path) {
    const TomlValue* value = setting(path, true, TomlValue::Kind::text, "a text");
    return value ? value->text : std::string{};
}

std::optional<std::vector<std::string>> Records::maybe_texts(const std::string& path) {
    return has(path) ? std::optional(texts(path)) : std::nullopt;
}
std::vector<std::string> Records::texts(const std::string& path) {
    std::vector<std::string> out;
    if (const TomlValue* value = setting(path, true, TomlValue::Kind::array, "a list of texts"))
        for (const TomlValue& item : value->array) out.push_back(item.text);
    return out;
}

std::optional<bool> Records::maybe_flag(const std::string& path) {
    const TomlValue* value = setting(path, false, TomlValue::Kind::boolean, "true or false");
    return value ? std::optional(value->flag) : std::nullopt;
}
bool Records::flag(const std::string& path) {
    const TomlValue* value = setting(path, true, TomlValue::Kind::boolean, "true or false");
    return value && value->flag;
}

std::vector<std::string> Records::children(const std::string& prefix) {
    listed_.insert(prefix);
    std::vector<std::string> names;
    for (const Table& table : tables_)
        if (!table.path.empty() && parent_of(table.path) == prefix)
            names.push_back(table.path.substr(prefix.empty() ? 0 : prefix.size() + 1));
    return names;
}

std::vector<std::string> Records::entries(const std::string& prefix) {
    std::vector<std::string> names;
    const auto add = [&](const std::string& path) {
        if (parent_of(path) == prefix) names.push_back(path.substr(prefix.empty() ? 0 : prefix.size() + 1));
    };
    for (const Record& record : records_) add(record.path);
    for (const Setting& setting : settings_) add(setting.path);
    return names;
}

void Records::require_all_used() {
    const std::vector<std::string> asked(asked_.begin(), asked_.end());
    Problems problems = problems_;
    for (const auto& [path, slot] : slots_)
        if (!slot.used) problems.add(place_of(path), path, "is read by nothing" + did_you_mean_path(path, asked));
    for (const Table& table : tables_) {
        const bool wanted =
            table.path.empty() || !table.empty || listed_.contains(parent_of(table.path)) ||
            std::any_of(asked.begin(), asked.end(), [&](const std::string& a) { return below(a, table.path); });
        if (!wanted)
            problems.add(table.place, table.path,
                         "an empty table that nothing reads" + did_you_mean_path(table.path, asked));
    }
    problems.throw_if_any();
}

std::string Records::unknown(const std::string& path) const {
    std::vector<std::string> paths;
    for (const auto& [known, slot] : slots_) paths.push_back(known);
    return "the model has no such entry" + did_you_mean_path(path, paths);
}

Record* Records::record_to_change(const std::string& path, const Place& origin) {
    const auto slot = slots_.find(path);
    if (slot == slots_.end()) throw InputError(origin, path, unknown(path));
    return slot->second.what == What::record ? &records_[slot->second.index] : nullptr;
}

void Records::set(const std::string& path, std::string_view text, const Place& origin) {
    const auto refuse = [&](const std::string& message) { throw InputError(origin, path, message); };
    Record* record = record_to_change(path, origin);
    if (!record) {
        TomlValue& value = settings_[slots_.find(path)->second.index].value;
        if (value.kind == TomlValue::Kind::text) {
            value.text = std::string(text);
        } else if (value.kind == TomlValue::Kind::boolean && (text == "true" || text == "false")) {
            value.flag = text == "true";
        } else {
            refuse("'" + std::string(text) + "'; expected " +
                   (value.kind == TomlValue::Kind::boolean ? "true or false"
                                                           : "a change in the file: lists are not set here"));
        }
        return;
    }
    const std::optional<Quantity> quantity = parse_quantity(text);
    if (!quantity)
        refuse("'" + std::string(text) + "'; expected a number, or a number and its unit, such as '" +
               shortest(record->value) + " " + record->unit + "'");
    if (quantity->unit.empty() && record->range_unit != "1")
        refuse("'" + std::string(text) + "' has no unit; expected one, such as '" + shortest(quantity->value) + " " +
               record->range_unit + "'");
    const std::string unit = quantity->unit.empty() ? record->range_unit : quantity->unit;
    const Conversion in_range_unit = convert_unit(quantity->value, unit, record->range_unit);
    if (!in_range_unit.ok())
        refuse("'" + std::string(text) + "': " + in_range_unit.mistake + "; expected a value in " + record->range_unit +
               ", or in a unit that measures the same");
    if (!(in_range_unit.value >= record->low && in_range_unit.value <= record->high))
        refuse(shortest(quantity->value) + " " + unit + " lies outside the plausible range " + range_text(*record) +
               " (" + std::string(name_of(record->kind)) + "; " +
               (record->source.empty() ? record->note : record->source) + "; " + at(record->place) + ")");
    record->value = quantity->value;
    record->unit = unit;
    record->changed = true;
    record->canonical.reset();
}

double Records::scale(const std::string& path, double factor) {
    STELLATE_ASSERT(std::isfinite(factor) && factor > 0, factor);
    Record* record = record_to_change(path, {});
    if (!record) throw InputError(place_of(path), path, "is not a number; only numbers vary between animals");
    const double low = convert_unit(record->low, record->range_unit, record->unit).value;
    const double high = convert_unit(record->high, record->range_unit, record->unit).value;
    const double before = record->value;
    record->value = std::clamp(factor * before, low, high);
    record->changed = true;
    record->canonical.reset();
    return before == 0 || record->value == factor * before ? factor : record->value / before;
}

std::string did_you_mean_path(const std::string& wrong, const std::vector<std::string>& paths) {
    const auto part = [](const std::string& path, std::size_t begin) {
        return path.substr(begin, path.find('.', begin) - begin);
    };
    std::string prefix;  // of the parts that are right so far, with its dot
    std::vector<std::string> candidates = paths;
    while (prefix.size() < wrong.size()) {
        const std::string mine = part(wrong, prefix.size());
        std::set<std::string> next;
        std::vector<std::string> right;
        for (const std::string& path : candidates) {
            if (path.size() <= prefix.size()) continue;
            const std::string theirs = part(path, prefix.size());
            next.insert(theirs);
            if (theirs == mine) right.push_back(path);
        }
        if (right.empty()) {
            const std::string near = nearest_name(mine, {next.begin(), next.end()});
            if (near.empty()) return {};
            // The rest as written, if that is a path; else only as far as the corrected part.
            const std::string whole = prefix + near + wrong.substr(prefix.size() + mine.size());
            const bool exists = std::find(paths.begin(), paths.end(), whole) != paths.end();
            return " (did you mean '" + (exists ? whole : prefix + near) + "'?)";
        }
        candidates = std::move(right);
        prefix += mine + ".";
    }
    return {};
}

}  // namespace stellate
