// The typed, remembering reader of one TOML table.
#include <algorithm>

#include "model/toml.hpp"

namespace stellate {

namespace {
bool is_text(const TomlValue& v) { return v.kind == TomlValue::Kind::text; }
bool is_flag(const TomlValue& v) { return v.kind == TomlValue::Kind::boolean; }
bool is_integer(const TomlValue& v) { return v.kind == TomlValue::Kind::integer; }
bool is_number(const TomlValue& v) { return v.is_number(); }
constexpr const char* whose = " (limits of the program)";  // a record's are told with its source
bool is_table(const TomlValue& v) { return v.kind == TomlValue::Kind::table; }
bool is_array(const TomlValue& v) { return v.kind == TomlValue::Kind::array; }
}  // namespace

StrictTable::StrictTable(const TomlTable& table, std::string path, Problems& problems,
                         const std::vector<KnownKey>* elsewhere)
    : table_(&table), path_(std::move(path)), problems_(&problems), elsewhere_(elsewhere) {}

const TomlValue* StrictTable::find(const std::string& key) {
    asked_.insert(key);
    return table_->find(key);
}

bool StrictTable::has(const std::string& key) { return find(key) != nullptr; }

std::string StrictTable::path_of(const std::string& key) const { return path_.empty() ? key : path_ + "." + key; }

Place StrictTable::place_of(const std::string& key) const {
    const TomlValue* value = table_->find(key);
    return value ? value->place : table_->place;
}

void StrictTable::reject(const std::string& key, std::string message) {
    if (!absent_) problems_->add(place_of(key), path_of(key), std::move(message));
}

const TomlValue* StrictTable::typed(const std::string& key, bool required, const char* expected,
                                    bool (*fits)(const TomlValue&)) {
    const TomlValue* value = find(key);
    if (!value) {
        if (required) reject(key, std::string("is missing; expected ") + expected);
        return nullptr;
    }
    if (fits(*value)) return value;
    reject(key, describe(*value) + "; expected " + expected);
    return nullptr;
}

const TomlValue* StrictTable::list(const std::string& key, const char* expected, bool (*fits)(const TomlValue&)) {
    const TomlValue* value = typed(key, true, expected, is_array);
    if (!value) return nullptr;
    bool good = true;
    for (std::size_t i = 0; i < value->array.size(); ++i) {
        if (fits(value->array[i])) continue;
        good = false;
        problems_->add(value->array[i].place, path_of(key) + "[" + std::to_string(i) + "]",
                       describe(value->array[i]) + "; expected " + expected);
    }
    return good ? value : nullptr;
}

bool StrictTable::within(const std::string& key, double value, Between limits, std::string_view unit) {
    if (value >= limits.low && value <= limits.high) return true;
    const Between none;
    const auto with_unit = [unit](double number) {
        return shortest(number) + (unit.empty() || unit == "1" ? "" : " " + std::string(unit));
    };
    std::string message = with_unit(value) + " is out of range; expected ";
    if (limits.high == none.high)
        message += "at least " + with_unit(limits.low);
    else if (limits.low == none.low)
        message += "at most " + with_unit(limits.high);
    else
        message += shortest(limits.low) + " to " + with_unit(limits.high);
    reject(key, message + whose);
    return false;
}

namespace {
template <class T>
using Maybe = std::optional<T>;
}

bool StrictTable::exact(const std::string& key, const TomlValue& value) {
    constexpr std::int64_t most = std::int64_t{1} << 53;
    if (value.kind != TomlValue::Kind::integer || (value.integer <= most && value.integer >= -most)) return true;
    reject(key, "an integer beyond 2^53 cannot be held exactly where any number is expected");
    return false;
}

std::optional<double> StrictTable::maybe_number(const std::string& key, Between limits) {
    const TomlValue* v = typed(key, false, "a number", is_number);
    return v && exact(key, *v) && within(key, v->number, limits) ? Maybe<double>(v->number) : std::nullopt;
}
double StrictTable::number(const std::string& key, Between limits) {
    const TomlValue* v = typed(key, true, "a number", is_number);
    return v && exact(key, *v) && within(key, v->number, limits) ? v->number : 0;
}

std::optional<std::int64_t> StrictTable::maybe_integer(const std::string& key, std::int64_t low, std::int64_t high) {
    return has(key) ? Maybe<std::int64_t>(integer(key, low, high)) : std::nullopt;
}
std::int64_t StrictTable::integer(const std::string& key, std::int64_t low, std::int64_t high) {
    const std::string limits = std::to_string(low) + " to " + std::to_string(high);
    const TomlValue* v = typed(key, true, ("a whole number from " + limits).c_str(), is_integer);
    if (!v) return low;
    if (v->integer >= low && v->integer <= high) return v->integer;
    reject(key, std::to_string(v->integer) + " is out of range; expected " + limits + whose);
    return low;
}

std::optional<std::string> StrictTable::maybe_text(const std::string& key) {
    const TomlValue* v = typed(key, false, "a text in quotes", is_text);
    return v ? Maybe<std::string>(v->text) : std::nullopt;
}
std::string StrictTable::text(const std::string& key) {
    const TomlValue* v = typed(key, true, "a text in quotes", is_text);
    return v ? v->text : std::string{};
}

std::string StrictTable::choice(const std::string& key, const std::vector<std::string>& names) {
    const std::string expected = "one of " + listed(names);
    const TomlValue* v = typed(key, true, expected.c_str(), is_text);
    if (!v) return names.empty() ? std::string{} : names.front();
    if (std::find(names.begin(), names.end(), v->text) != names.end()) return v->text;
    reject(key, describe(*v) + did_you_mean(v->text, names) + "; expected " + expected);
    return names.empty() ? std::string{} : names.front();
}

std::optional<bool> StrictTable::maybe_flag(const std::string& key) {
    const TomlValue* v = typed(key, false, "true or false", is_flag);
    return v ? Maybe<bool>(v->flag) : std::nullopt;
}
bool StrictTable::flag(const std::string& key) {
    const TomlValue* v = typed(key, true, "true or false", is_flag);
    return v && v->flag;
}

std::optional<std::vector<std::string>> StrictTable::maybe_texts(const std::string& key) {
    return has(key) ? Maybe<std::vector<std::string>>(texts(key)) : std::nullopt;
}
std::vector<std::string> StrictTable::texts(const std::string& key) {
    std::vector<std::string> out;
    if (const TomlValue* v = list(key, "a list of texts in quotes", is_text))
        for (const TomlValue& item : v->array) out.push_back(item.text);
    return out;
}

std::optional<std::vector<double>> StrictTable::maybe_numbers(const std::string& key, Between limits) {
    return has(key) ? Maybe<std::vector<double>>(numbers(key, limits)) : std::nullopt;
}
std::vector<double> StrictTable::numbers(const std::string& key, Between limits) {
    std::vector<double> out;
    if (const TomlValue* v = list(key, "a list of numbers", is_number))
        for (const TomlValue& item : v->array)
            if (exact(key, item) && within(key, item.number, limits)) out.push_back(item.number);
    return out;
}

std::optional<double> StrictTable::maybe_quantity(const std::string& key, Dimension dimension, Between limits) {
    return has(key) ? Maybe<double>(quantity(key, dimension, limits)) : std::nullopt;
}
double StrictTable::quantity(const std::string& key, Dimension dimension, Between limits) {
    const std::string expected = expectation(dimension);
    const std::string in_quotes = "a number with its unit in quotes: " + expected;
    const TomlValue* v = typed(key, true, in_quotes.c_str(), is_text);
    if (!v) return 0;
    const std::optional<Quantity> q = parse_quantity(v->text);
    if (!q) {
        reject(key, describe(*v) + "; expected " + in_quotes);
        return 0;
    }
    const Conversion converted = convert(q->value, q->unit, dimension);
    if (!converted.ok()) {
        reject(key, converted.mistake);
        return 0;
    }
    return within(key, converted.value, limits, canonical_unit(dimension)) ? converted.value : 0;
}

std::optional<StrictTable> StrictTable::maybe_table(const std::string& key) {
    const TomlValue* v = typed(key, false, "a table", is_table);
    return v ? Maybe<StrictTable>(StrictTable(v->table, path_of(key), *problems_, elsewhere_)) : std::nullopt;
}
StrictTable StrictTable::table(const std::string& key) {
    static const TomlTable nothing;
    const TomlValue* v = typed(key, true, "a table", is_table);
    StrictTable out(v ? v->table : nothing, path_of(key), *problems_, elsewhere_);
    out.absent_ = v == nullptr;
    return out;
}

std::vector<StrictTable> StrictTable::tables(const std::string& key) {
    std::vector<StrictTable> out;
    if (const TomlValue* v = list(key, "a list of tables", is_table))
        for (std::size_t i = 0; i < v->array.size(); ++i)
            out.emplace_back(v->array[i].table, path_of(key) + "[" + std::to_string(i) + "]", *problems_, elsewhere_);
    return out;
}

std::vector<std::string> StrictTable::names() {
    std::vector<std::string> out;
    for (const TomlEntry& entry : table_->entries) {
        asked_.insert(entry.key);
        out.push_back(entry.key);
    }
    return out;
}

void StrictTable::finish() {
    const std::vector<std::string> known(asked_.begin(), asked_.end());
    for (const TomlEntry& entry : table_->entries) {
        if (asked_.contains(entry.key)) continue;
        const std::string near = did_you_mean(entry.key, known), home = home_of(entry.key);
        problems_->add(entry.key_place, path_of(entry.key),
                       "unknown key" + near +
                           (!home.empty()  ? "; " + home
                            : near.empty() ? "; expected one of " + listed(known)
                                           : ""));
    }
}

std::string StrictTable::home_of(const std::string& key) const {
    std::vector<std::string> tables;
    if (elsewhere_)
        for (const KnownKey& known : *elsewhere_)
            if (known.key == key) tables.push_back(known.table.empty() ? "the file itself" : known.table);
    return tables.empty() ? std::string{} : "'" + key + "' belongs in " + listed(tables);
}

}  // namespace stellate
