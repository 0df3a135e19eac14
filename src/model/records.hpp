// The model's numbers as records. Every number of models/ is a record: value, unit, plausible range, kind (measured,
// fitted, assumed), system (species, tissue, assay), source and note; a bare number is a mistake. This file owns
// reading them, laying a primary's file over them, changing them from the command line or between animals, and finding
// the keys that nobody read. What the records mean is the typed model's business (model.hpp).
//
//     [substrates.TGFB1]
//     diffusion = { value = 600, unit = "um^2/min", range = [100, 3000], kind = "assumed", source = "doi:...", note =
//     "..." }
//
// makes the path substrates.TGFB1.diffusion. Other keys may hold a text, a flag or a list of texts ("settings"). The
// text `system` at the top of a file holds for those of its fitted and assumed records that name none.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "core/units.hpp"
#include "model/toml.hpp"

namespace stellate {

enum class RecordKind : std::uint8_t { measured, fitted, assumed };
std::string_view name_of(RecordKind kind);

struct Record {
    std::string path;  // dotted
    double value = 0;  // as written, in `unit`
    std::string unit;
    double low = 0, high = 0;  // plausible range, in `range_unit` (the unit of the file, whatever set() used)
    std::string range_unit;
    RecordKind kind = RecordKind::assumed;
    std::string system, source, note;
    Place place;
    bool changed = false;             // by set() or scale()
    std::optional<double> canonical;  // set when a reader has bound it to a dimension
    std::optional<Dimension> dimension;
};

// A key that holds no number.
struct Setting {
    std::string path;
    TomlValue value;  // a text, a flag or an array of texts
    Place place;
};

// Which numbers a reader takes. All are finite.
enum class Domain : std::uint8_t { any, not_negative, positive, share };  // share: 0 to 1

class Records {
public:
    // Reads `files` as one model (a path given twice is a mistake that names both places), then lays each of `overlays`
    // over it in order: its records and settings replace those of the same path or are added. Throws InputError with
    // every mistake found in all of them.
    static Records read(const std::vector<std::filesystem::path>& files,
                        const std::vector<std::filesystem::path>& overlays = {});
    // Every *.toml directly in `directory`, by name. Throws InputError if there is none.
    static Records read_directory(const std::filesystem::path& directory,
                                  const std::vector<std::filesystem::path>& overlays = {});
    // The same from texts already in memory: (name for messages, text).
    static Records parse(const std::vector<std::pair<std::string, std::string>>& files,
                         const std::vector<std::pair<std::string, std::string>>& overlays = {});

    // --- Reading. Each marks its path as used. A missing or wrong entry is noted and a placeholder returned (1 for
    // numbers, "" or nothing else); require_all_used() then throws it with all the others.
    double number(const std::string& path, Dimension dimension, Domain domain = Domain::any);
    std::optional<double> maybe(const std::string& path, Dimension dimension, Domain domain = Domain::any);
    std::string text(const std::string& path);
    std::optional<std::string> maybe_text(const std::string& path);
    std::vector<std::string> texts(const std::string& path);
    std::optional<std::vector<std::string>> maybe_texts(const std::string& path);
    bool flag(const std::string& path);
    std::optional<bool> maybe_flag(const std::string& path);
    bool has(const std::string& path);                             // a record or setting of that path
    std::vector<std::string> children(const std::string& prefix);  // names of sub-tables, in file order
    std::vector<std::string> entries(const std::string& prefix);   // names of records and settings directly in a table

    // Notes a mistake the reader found at `path` (its place, or its table's).
    void reject(const std::string& path, std::string message);
    // Notes mistakes found elsewhere, in rules or in an experiment; one without a place is of the record its key names.
    void reject(const Problems& problems);
    void reject(const InputError& error);
    bool good() const { return problems_.empty(); }  // nothing is noted yet
    // Throws every mistake noted so far, and every record and setting that nobody asked for, with the nearest of the
    // paths that were asked for.
    void require_all_used();

    // --- Changing. `text` is "value unit" or a number in the record's own unit; "true"/"false" for a flag; the new
    // text for a text. Throws InputError (place `origin`) for an unknown path (nearest named), a wrong unit, or a value
    // outside the plausible range (range and source named).
    void set(const std::string& path, std::string_view text, const Place& origin = {"--set", 0, 0});
    // Between-animal variation: multiplies by `factor` > 0, held inside the plausible range. Returns the factor in
    // effect, so that the caller can count and report the cuts. Throws InputError for an unknown path.
    double scale(const std::string& path, double factor);

    // All records in file order, overlays' additions last.
    const std::vector<Record>& all() const { return records_; }
    const std::vector<Setting>& settings() const { return settings_; }
    const Record* find(const std::string& path) const;
    Place place_of(const std::string& path) const;

private:
    struct Table {
        std::string path;
        Place place;
        bool empty = true;
    };
    enum class What : std::uint8_t { record, setting };
    struct Slot {
        What what;
        std::size_t index;
        bool used = false;
    };
    class Reader;

    Slot* use(const std::string& path);
    const Table* table_at(const std::string& path) const;
    void add_table(const std::string& path, const Place& place, bool empty);
    void reject_missing(const std::string& path, const std::string& expected);
    const TomlValue* setting(const std::string& path, bool required, TomlValue::Kind kind, const char* expected);
    Record* record_to_change(const std::string& path, const Place& origin);
    std::string unknown(const std::string& path) const;

    std::vector<Record> records_;
    std::vector<Setting> settings_;
    std::vector<Table> tables_;  // every table, in file order
    std::map<std::string, std::size_t, std::less<>> table_index_;
    std::map<std::string, Slot, std::less<>> slots_;
    std::string directory_;         // of the files
    std::set<std::string> roots_;   // tables at the top of the files, overlays apart
    std::set<std::string> asked_;   // paths of records and settings
    std::set<std::string> listed_;  // prefixes whose children were listed
    Problems problems_;
};

// " (did you mean 'a.b.c'?)": compares dotted paths part by part, so that the first part that differs is what is
// corrected; "" if nothing is near.
std::string did_you_mean_path(const std::string& wrong, const std::vector<std::string>& paths);

}  // namespace stellate
