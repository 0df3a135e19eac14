// TOML as a plain tree, read strictly. This file owns the reading of every TOML file of the program: the tree keeps
// file order and the place of each key, and a StrictTable hands out typed values while it remembers what was asked for,
// so that a misspelt key is a mistake and never a silent default. Library: toml++ 3.3, in toml.cpp alone.
//
// Refused with file, line and column: bad UTF-8, NUL, UTF-16, lone carriage returns, characters outside ASCII outside
// quotes, nesting beyond 64, files beyond 4 MB, broken syntax. A byte order mark is accepted. What is wrong with one
// value or key alone stops nothing: dates and numbers that are not finite or cannot be held become `unusable` values,
// which whoever asks for them refuses, and a key given twice is noted with both places.
#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "core/units.hpp"

namespace stellate {

struct TomlEntry;
struct TomlValue;

struct TomlTable {
    std::vector<TomlEntry> entries;  // in file order
    Place place;
    bool written_inline = false;  // { ... } rather than a [header] or a dotted key

    const TomlValue* find(std::string_view key) const;
};

struct TomlValue {
    enum class Kind : std::uint8_t { boolean, integer, real, text, array, table, unusable };
    Kind kind = Kind::boolean;
    Place place;
    bool flag = false;
    std::int64_t integer = 0;
    double number = 0;  // of integers too
    std::string text;   // of what is unusable: what it is
    std::vector<TomlValue> array;
    TomlTable table;

    bool is_number() const { return kind == Kind::integer || kind == Kind::real; }
};

struct TomlEntry {
    std::string key;
    Place key_place;
    TomlValue value;
};

// What a value is, for messages: "the text 'abc'", "the number 5", "an array of 3", "a table".
std::string describe(const TomlValue& value);

// `name` stands for the file in messages. Throws InputError where the text cannot be read to its end; keys given twice
// are noted in `problems`, and the first counts.
TomlTable parse_toml(std::string_view text, const std::string& name, Problems& problems);
TomlTable read_toml(const std::filesystem::path& path, Problems& problems);

// A key and the tables that hold it ("" the file, "arms", "arms.treatments"), so that one in the wrong table can be
// told where it belongs.
struct KnownKey {
    std::string table, key;
};

// Limits of a number, both allowed.
struct Between {
    double low = -std::numeric_limits<double>::max();
    double high = std::numeric_limits<double>::max();
};

// One table while it is being read. Every getter marks its key as known; a missing or wrong value is noted in
// `problems` and a harmless placeholder returned, so that all mistakes of a file are told in one go. The caller ends
// with finish() on every StrictTable and problems.throw_if_any(). The tree and `problems` must outlive it.
class StrictTable {
public:
    // `path` is the dotted path of the table ("" for the file). `elsewhere`: every key of the file's tables; outlives
    // it.
    StrictTable(const TomlTable& table, std::string path, Problems& problems,
                const std::vector<KnownKey>* elsewhere = nullptr);

    bool has(const std::string& key);
    const TomlValue* find(const std::string& key);  // nullptr when absent

    // Required: a problem and a placeholder (0, "", false, an empty list) when missing or wrong.
    double number(const std::string& key, Between limits = {});
    std::int64_t integer(const std::string& key, std::int64_t low, std::int64_t high);
    std::string text(const std::string& key);
    std::string choice(const std::string& key, const std::vector<std::string>& names);
    bool flag(const std::string& key);
    std::vector<std::string> texts(const std::string& key);
    std::vector<double> numbers(const std::string& key, Between limits = {});
    // Text such as "40 ug/g", in canonical units; limits apply to the canonical value.
    double quantity(const std::string& key, Dimension dimension, Between limits = {});
    StrictTable table(const std::string& key);  // when missing: one problem, and none for what it should hold
    std::vector<StrictTable> tables(const std::string& key);  // [[key]], or an array of inline tables

    // Optional: nullopt when absent; wrong values are problems.
    std::optional<double> maybe_number(const std::string& key, Between limits = {});
    std::optional<std::int64_t> maybe_integer(const std::string& key, std::int64_t low, std::int64_t high);
    std::optional<std::string> maybe_text(const std::string& key);
    std::optional<bool> maybe_flag(const std::string& key);
    std::optional<std::vector<std::string>> maybe_texts(const std::string& key);
    std::optional<std::vector<double>> maybe_numbers(const std::string& key, Between limits = {});
    std::optional<double> maybe_quantity(const std::string& key, Dimension dimension, Between limits = {});
    std::optional<StrictTable> maybe_table(const std::string& key);

    // All keys in file order, each marked as known: for tables whose keys are names the user chooses.
    std::vector<std::string> names();

    void reject(const std::string& key, std::string message);  // a problem at the key's value, or at the table
    Place place_of(const std::string& key) const;
    std::string path_of(const std::string& key) const;
    const std::string& path() const { return path_; }

    // Notes every key nobody asked for, with the nearest of those asked for and the tables it would belong in.
    void finish();

private:
    const TomlValue* typed(const std::string& key, bool required, const char* expected, bool (*fits)(const TomlValue&));
    const TomlValue* list(const std::string& key, const char* expected, bool (*fits)(const TomlValue&));
    bool within(const std::string& key, double value, Between limits, std::string_view unit = {});
    bool exact(const std::string& key, const TomlValue& value);  // can be held as a double
    std::string home_of(const std::string& key) const;           // "'x' belongs in a, b"; empty if it is known nowhere

    const TomlTable* table_;
    std::string path_;
    Problems* problems_;
    const std::vector<KnownKey>* elsewhere_;
    std::set<std::string> asked_;
    bool absent_ = false;  // stands for a missing table: says nothing more
};

}  // namespace stellate
