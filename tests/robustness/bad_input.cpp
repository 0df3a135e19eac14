// Spoiled input files, judged in this process: experiments, model files, primaries and rules with what users and disks
// do to them. Each is accepted or refused with an InputError, whatever it is; nothing else may happen, and not slowly.
// A mutation made in knowledge of the format says itself whether the file is still valid and which line it spoiled.
//
//   bad_input [MUTANTS] [SEED]      default 300 mutants; 4 of 10 by the format, 4 by bytes, 2 by a grammar
#include <omp.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "complete_experiment.hpp"
#include "core/atomic_file.hpp"
#include "core/random.hpp"
#include "laboratory/check.hpp"
#include "laboratory/experiment.hpp"
#include "misspelling.hpp"

namespace {

using namespace stellate;
namespace fs = std::filesystem;

constexpr double most_seconds = 2;       // of the processor, so that a busy machine fails no test
constexpr unsigned hangs_after_s = 120;  // by the clock
constexpr double most_megabytes = 256;   // of the whole process, without sanitizers

// --- What is spoiled

enum class Sort { experiment, model, primary, rules };
constexpr const char* sort_names[] = {"experiments", "model files", "primaries", "rules"};

struct Original {
    Sort sort;
    fs::path file;  // where it is read from
    std::string text;
};

enum class Truth { valid, invalid, open };  // open: the mutation cannot tell

struct Mutant {
    const Original* original = nullptr;
    std::string text, what;
    Truth truth = Truth::open;
    int line = 0;           // that must be named where it is invalid; 0: none is left to name
    std::string must_hold;  // in the message where it is invalid
    std::string right;      // of a misspelling: the name that should be offered
};

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines{""};
    for (const char c : text)
        if (c == '\n')
            lines.emplace_back();
        else
            lines.back() += c;
    return lines;
}

std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    for (std::size_t n = 0; n < lines.size(); ++n) text += (n ? "\n" : "") + lines[n];
    return text;
}

template <class T>
const T& one_of(const std::vector<T>& things, Draws& draws) {
    return things[draws.below(static_cast<std::uint32_t>(things.size()))];
}

bool holds(const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

// --- Mutations by the format. Written apart from the readers: what a line is, is seen in its text alone.

// "key = value" of one line.
struct Entry {
    std::string table, key, value;
    std::size_t line, key_begin, value_begin;
};

std::vector<Entry> entries_of(const std::vector<std::string>& lines) {
    std::vector<Entry> entries;
    std::string table;
    for (std::size_t n = 0; n < lines.size(); ++n) {
        const std::string& line = lines[n];
        if (line.empty() || line[0] == '#' || line[0] == ' ') continue;
        if (line[0] == '[') {
            const std::size_t begin = line.find_first_not_of('[');
            table = line.substr(begin, line.find(']') - begin);
            continue;
        }
        const std::size_t equals = line.find(" = ");
        if (equals == std::string::npos) continue;
        // A value that goes on in the next line is left alone.
        const std::string value = line.substr(equals + 3);
        if (value.ends_with("[") || value.ends_with("{") || value.ends_with(",") || value.starts_with("\"\"\""))
            continue;
        entries.push_back({table, line.substr(0, equals), value, n, 0, equals + 3});
    }
    return entries;
}

const std::vector<std::string> unusable = {"nan", "-inf", "1e999", "5e-324", "1979-05-27", "99999999999999999999"};

bool is_number(const std::string& value) {
    return !value.empty() && value.find_first_not_of("0123456789.e+-_") == std::string::npos;
}

// Keys without which a table is none.
const std::map<std::string, std::vector<std::string>> required = {
    {"", {"format", "name", "title", "model", "geometry", "mice", "seed", "days", "acclimatisation"}},
    {"section", {"width", "height"}},
    {"inoculum", {"injected"}},
    {"primaries", {"name"}},
    {"arms", {"name"}},
    {"arms.treatments", {"kind", "of", "kills", "record", "start"}},
    {"variation", {"record", "cv"}},
    {"ensemble", {"kinds"}},
    {"analysis", {"control", "primary_endpoints"}},
    {"analysis.published", {"arm", "endpoint", "sign", "source"}},
    {"analysis.attribution", {"arm", "loops"}},
};
// Texts that name something; others are free.
const std::vector<std::string> names_something = {"model", "geometry", "kind",     "record", "of",
                                                  "kills", "control",  "endpoint", "arm",    "sign"};
const std::vector<std::string> free_texts = {"title", "source", "description"};

bool spoil_entry(Mutant& m, std::vector<std::string>& lines, const std::vector<Entry>& entries, Draws& draws) {
    const Entry& e = one_of(entries, draws);
    std::string& line = lines[e.line];
    const bool quoted = e.value.size() > 2 && e.value.front() == '"' && e.value.back() == '"';
    const bool quantity = quoted && (e.value[1] == '-' || (e.value[1] >= '0' && e.value[1] <= '9'));
    m.line = static_cast<int>(e.line) + 1;
    m.truth = Truth::invalid;
    const auto put = [&](const std::string& value, const char* what) {
        line = e.key + " = " + value;
        m.what = what;
        return true;
    };
    switch (draws.below(8)) {
        case 0: {
            const std::string wrong = testing::misspelt(e.key, draws);
            for (const Entry& other : entries)
                if (other.key == wrong) return false;
            m.right = e.key;
            m.what = "misspelt key";
            line = wrong + " = " + e.value;
            return true;
        }
        case 1: {
            const auto keys = required.find(e.table);
            if (keys == required.end() || !holds(keys->second, e.key)) return false;
            lines.erase(lines.begin() + std::ptrdiff_t(e.line));
            m.line = 0;
            m.must_hold = e.key + ": is missing";
            m.what = "missing key";
            return true;
        }
        case 2:
            lines.insert(lines.begin() + std::ptrdiff_t(e.line), line);
            m.line += 1;
            m.must_hold = "is given twice; first in line " + std::to_string(m.line - 1);
            m.what = "key given twice";
            return true;
        case 3: {
            if (!quantity) return false;
            const std::size_t blank = e.value.find(' ');
            if (blank == std::string::npos) return false;
            static const std::vector<std::string> units = {"kPa", "mmol", "nM/kPa", "mmm", ""};
            m.must_hold = "expected";
            return put(e.value.substr(0, blank + 1) + one_of(units, draws) + "\"", "wrong unit");
        }
        case 4:
            if (quantity) {
                const std::size_t blank = e.value.find(' ');
                if (blank == std::string::npos) return false;
                return put("\"-1e30" + e.value.substr(blank), "out of range");
            }
            return is_number(e.value) && put("-1e30", "out of range");
        case 5:
            if (!quoted || !holds(names_something, e.key)) return false;
            m.must_hold = e.value.substr(1, e.value.size() - 2) + "_x";
            return put(e.value.substr(0, e.value.size() - 1) + "_x\"", "dangling name");
        case 6:
            return is_number(e.value) && put(one_of(unusable, draws), "unusable number");
        default:
            if (quoted && holds(free_texts, e.key)) {
                m.truth = Truth::valid;
                return put("\"another text, \u00e4 \u4e2d\"", "free text");
            }
            if (e.key == "description") return false;
            return put(quoted ? "[[7]]" : "\"seven\"", "wrong type");
    }
}

bool spoil_experiment(Mutant& m, std::vector<std::string>& lines, Draws& draws) {
    return spoil_entry(m, lines, entries_of(lines), draws);
}

// A record in one line: name = { value = 1, unit = "um", range = [0, 2], ... }.
bool spoil_record(Mutant& m, std::vector<std::string>& lines, Draws& draws) {
    std::vector<Entry> records;
    for (Entry& e : entries_of(lines))
        if (e.value.starts_with("{ value = ")) records.push_back(std::move(e));
    if (records.empty()) return false;
    const Entry& e = one_of(records, draws);
    std::string& line = lines[e.line];
    m.line = static_cast<int>(e.line) + 1;
    m.truth = Truth::invalid;
    const std::size_t value = line.find("{ value = ") + 10, unit = line.find(", unit = ", value);
    if (unit == std::string::npos) return false;
    switch (draws.below(8)) {
        case 0: {
            // A protein of a cell's surface is named by the file.
            if (e.table.ends_with("surface") || e.table.ends_with("attacks")) return false;
            const std::string wrong = testing::misspelt(e.key, draws);
            for (const Entry& other : records)
                if (other.key == wrong) return false;
            m.right = e.key;
            m.what = "misspelt record";
            line = wrong + line.substr(e.key.size());
            return true;
        }
        case 1: {
            static const std::vector<std::string> fields = {"value", "unit", "range", "kind"};
            const std::string& field = one_of(fields, draws);
            const std::size_t at = line.find((field == "value" ? "{ " : ", ") + field + " = ");
            if (at == std::string::npos) return false;
            m.right = field;
            m.what = "misspelt field";
            std::string wrong = testing::misspelt(field, draws);
            line.replace(at + 2, field.size(), wrong);
            return true;
        }
        case 2: {
            const std::size_t range = line.find(", range = "), end = line.find(']', range);
            if (range == std::string::npos || end == std::string::npos) return false;
            line.erase(range, end + 1 - range);
            m.must_hold = "range: is missing";
            m.what = "missing field";
            return true;
        }
        case 3:
            lines.insert(lines.begin() + std::ptrdiff_t(e.line), line);
            m.line += 1;
            m.must_hold = "is given twice; first in line " + std::to_string(m.line - 1);
            m.what = "record given twice";
            return true;
        case 4: {
            const std::size_t begin = unit + 10, end = line.find('"', begin);
            static const std::vector<std::string> units = {"kPa/nM", "mmol^2", "ums", ""};
            line.replace(begin, end - begin, one_of(units, draws));
            m.what = "wrong unit";
            return true;
        }
        case 5: {
            static const std::vector<std::string> numbers = {"-1e30", "1e30"};
            line.replace(value, unit - value, one_of(numbers, draws));
            m.must_hold = "lies outside its own range";
            m.what = "out of range";
            return true;
        }
        case 6:
            line.replace(value, unit - value, one_of(unusable, draws));
            m.what = "unusable number";
            return true;
        default: {
            const std::size_t note = line.find(", note = \"");
            if (note == std::string::npos) return false;
            line.insert(note + 10, "\u4e2d, or so; ");
            m.truth = Truth::valid;
            m.what = "free text";
            return true;
        }
    }
}

// A row of the rules, its fields without quotes but the last.
bool spoil_rule(Mutant& m, std::vector<std::string>& lines, Draws& draws) {
    std::vector<std::size_t> rows;
    for (std::size_t n = 0; n < lines.size(); ++n)
        if (!lines[n].empty() && lines[n][0] != '#' && !lines[n].starts_with("cell type")) rows.push_back(n);
    const std::size_t row = one_of(rows, draws);
    std::string& line = lines[row];
    std::vector<std::string> fields{""};
    for (std::size_t n = 0; n < line.size() && fields.size() < 13; ++n)
        if (line[n] == ',')
            fields.emplace_back();
        else
            fields.back() += line[n];
    const std::string last = line.substr(line.rfind(fields[11] + ",") + fields[11].size() + 1);
    fields[12] = last;
    m.line = static_cast<int>(row) + 1;
    m.truth = Truth::invalid;
    const auto write = [&](const char* what) {
        line.clear();
        for (std::size_t n = 0; n < fields.size(); ++n) line += (n ? "," : "") + fields[n];
        m.what = what;
        return true;
    };
    switch (draws.below(8)) {
        case 0: {
            static const std::vector<std::size_t> named = {0, 1, 3, 10};
            std::string& field = fields[one_of(named, draws)];
            if (field.empty()) return false;
            m.right = field;
            field = testing::misspelt(field, draws);
            // '_' is a blank, and capitals and blanks at the end do not count.
            const auto plain = [](std::string text) {
                std::replace(text.begin(), text.end(), '_', ' ');
                std::string out;
                for (const char c : text)
                    if (c != ' ' || (!out.empty() && out.back() != ' ')) out += static_cast<char>(std::tolower(c));
                return out;
            };
            if (plain(field) == plain(m.right)) return false;
            for (const std::size_t other : rows)
                for (const std::string& word : {m.right.substr(0, 0) + field})
                    if (("," + lines[other] + ",").find("," + word + ",") != std::string::npos) return false;
            return write("misspelt name");
        }
        case 1:
            fields[2] = "raises";
            return write("unknown direction");
        case 2:
            fields[4 + draws.below(3)] = one_of(unusable, draws);
            if (fields[4] == "5e-324" || fields[5] == "5e-324" || fields[6] == "5e-324" ||
                fields[4] == "99999999999999999999" || fields[5] == "99999999999999999999")
                m.truth = Truth::open;  // numbers all the same, if odd ones
            return write("unusable number");
        case 3:
            fields[6] = "-2";
            return write("negative power");
        case 4:
            lines.insert(lines.begin() + std::ptrdiff_t(row), line);
            m.line += 1;
            m.must_hold = ":" + std::to_string(m.line - 1);
            m.what = "row given twice";
            return true;
        case 5:
            fields.erase(fields.begin() + draws.below(11));
            return write("missing field");
        case 6:
            fields[5] = "responses.nobody.nothing";
            m.must_hold = "responses.nobody.nothing";
            return write("dangling record");
        default:
            fields[12] = "\"another source, \u00e4\"";
            m.truth = Truth::valid;
            return write("free text");
    }
}

Mutant by_format(const std::vector<Original>& originals, Draws& draws) {
    while (true) {
        Mutant m;
        m.original = &one_of(originals, draws);
        std::vector<std::string> lines = lines_of(m.original->text);
        bool done = false;
        switch (m.original->sort) {
            case Sort::experiment:
                done = spoil_experiment(m, lines, draws);
                break;
            case Sort::model:
            case Sort::primary:
                done = spoil_record(m, lines, draws);
                break;
            case Sort::rules:
                done = spoil_rule(m, lines, draws);
                break;
        }
        if (!done) continue;
        m.text = joined(lines);
        return m;
    }
}

// --- Mutations by bytes

Mutant by_bytes(const std::vector<Original>& originals, Draws& draws) {
    Mutant m;
    m.original = &one_of(originals, draws);
    m.text = m.original->text;
    m.what = "bytes";
    for (std::uint32_t edits = 1 + draws.below(4); edits > 0; --edits) {
        const std::size_t size = std::max<std::size_t>(1, m.text.size()),
                          at = draws.below(static_cast<std::uint32_t>(size));
        switch (draws.below(4)) {
            case 0:
                if (!m.text.empty()) m.text[at] = static_cast<char>(m.text[at] ^ (1 << draws.below(8)));
                break;
            case 1:
                m.text.insert(
                    at, 1, draws.below(2) ? static_cast<char>(draws.below(256)) : "[]{}=\".,#'\n\\"[draws.below(12)]);
                break;
            case 2:
                m.text.erase(at, 1 + draws.below(draws.below(8) == 0 ? 2000 : 8));
                break;
            default: {  // splice: a piece of any original
                const std::string& other = one_of(originals, draws).text;
                m.text.insert(at,
                              other.substr(draws.below(static_cast<std::uint32_t>(other.size())), draws.below(300)));
            }
        }
    }
    return m;
}

// --- Mutations by a grammar: TOML and rows made of nothing but form

const std::vector<std::string> odd_texts = {"",
                                            "a",
                                            "1 day",
                                            "-0.0 um",
                                            "1e308 mm",
                                            "\u0663 mm",
                                            "t\u0443mour",
                                            "\u202egnp",
                                            "\U0001f9ec\u200d\U0001f42d",
                                            "e\u0301",
                                            "\\u0000",
                                            "\\ud800",
                                            "\\U0010ffff",
                                            "../../etc/passwd",
                                            "%s%n",
                                            "nM um^3/min",
                                            "((((((1/s))))))",
                                            "um^9^9",
                                            "1/1/1/1/1"};
const std::vector<std::string> odd_keys = {"arms",  "name",     "set",       "days",   "cell_types", "tumour",
                                           "value", "unit",     "range",     "system", "\"\"",       "\"\u00e4\"",
                                           "'a.b'", "x",        "1e9",       "-",      "treatments", "format",
                                           "model", "analysis", "primaries", "kind"};

std::string odd_value(Draws& draws, int depth) {
    switch (draws.below(depth > 70 ? 4 : 7)) {
        case 0:
            return draws.below(3) ? std::to_string(draws.below(1000)) : one_of(unusable, draws);
        case 1:
            return "\"" + one_of(odd_texts, draws) + "\"";
        case 2:
            return draws.below(2) ? "true" : "'''\n" + std::string(draws.below(3000), 'x') + "'''";
        case 3:
            return std::to_string(draws.uniform() * 1e3 - 500);
        case 4: {
            std::string array = "[";
            for (std::uint32_t n = draws.below(3) + 1; n > 0; --n) array += odd_value(draws, depth + 1) + ", ";
            return array + "]";
        }
        case 5: {
            std::string table = "{ ";
            const std::uint32_t count = draws.below(3);
            for (std::uint32_t n = 0; n < count; ++n)
                table += (n ? ", " : "") + one_of(odd_keys, draws) + " = " + odd_value(draws, depth + 1);
            return table + " }";
        }
        default: {
            const std::uint32_t deep = draws.below(8) ? draws.below(8) : draws.below(5000);
            return std::string(deep, '[') + odd_value(draws, depth + 8) + std::string(deep, ']');
        }
    }
}

std::string odd_document(Draws& draws) {
    std::string text;
    for (std::uint32_t n = draws.below(30); n > 0; --n) {
        std::string key = one_of(odd_keys, draws);
        for (std::uint32_t parts = draws.below(5) ? draws.below(3) : draws.below(200); parts > 0; --parts)
            key += "." + one_of(odd_keys, draws);
        switch (draws.below(4)) {
            case 0:
                text += "[" + key + "]\n";
                break;
            case 1:
                text += "[[" + key + "]]\n";
                break;
            default:
                text += key + " = " + odd_value(draws, 0) + "\n";
        }
    }
    return text;
}

std::string odd_rows(Draws& draws) {
    std::string text;
    for (std::uint32_t n = draws.below(20); n > 0; --n) {
        for (std::uint32_t fields = draws.below(4) ? 13 : draws.below(2000); fields > 0; --fields)
            text += (draws.below(3) ? one_of(odd_texts, draws) : odd_value(draws, 60)) + (fields > 1 ? "," : "");
        text += draws.below(8) ? "\n" : "\r";
    }
    return text;
}

Mutant by_grammar(const std::vector<Original>& originals, Draws& draws) {
    Mutant m;
    m.original = &one_of(originals, draws);
    m.what = "grammar";
    const std::string odd = m.original->sort == Sort::rules ? odd_rows(draws) : odd_document(draws);
    // Half of them before or after a sound file, so that they get far.
    switch (draws.below(4)) {
        case 0:
            m.text = m.original->text + odd;
            break;
        case 1:
            m.text = odd + m.original->text;
            break;
        default:
            m.text = odd;
    }
    return m;
}

// --- Judging

// The message with which the file is refused; nullopt if it is accepted. Other exceptions are for the caller.
std::optional<InputError> judged(const Mutant& m, const fs::path& model) {
    const Original& o = *m.original;
    try {
        if (o.sort == Sort::experiment) {
            laboratory::parse_experiment(m.text, o.file.string(), o.file.parent_path());
            return std::nullopt;
        }
        std::ofstream(o.file, std::ios::binary) << m.text;
        laboratory::check_model(model, {o.sort == Sort::primary ? o.file : model / "primaries/colon.toml"});
        return std::nullopt;
    } catch (const InputError& error) {
        return error;
    }
}

// What is wrong with how the mutant was taken; empty if nothing is.
std::string objection(const Mutant& m, const std::optional<InputError>& error) {
    if (m.truth == Truth::valid && error) return std::string("is valid, but was refused: ") + error->what();
    if (!error) return m.truth == Truth::invalid ? "is invalid, but was accepted" : "";
    if (error->problems().empty()) return "was refused without a word";
    for (const Problem& p : error->problems())
        if (p.place.file.empty() && p.key.empty()) return "was refused without a place: " + p.message;
    if (m.truth != Truth::invalid) return "";
    const std::string text = error->what();
    if (m.line > 0 && std::none_of(error->problems().begin(), error->problems().end(), [&](const Problem& p) {
            return p.place.file == m.original->file.string() && p.place.line == m.line && p.place.column > 0;
        }))
        return "line " + std::to_string(m.line) + " is not named: " + text;
    if (text.find(m.must_hold) == std::string::npos) return "'" + m.must_hold + "' is not in: " + text;
    return "";
}

bool offers(const InputError& error, const std::string& right) {
    return std::any_of(error.problems().begin(), error.problems().end(), [&](const Problem& p) {
        return p.message.find("'" + right + "'") != std::string::npos ||
               p.message.find("." + right + "'") != std::string::npos;
    });
}

volatile std::sig_atomic_t current = 0;

// Says which mutant it was; the rest is the default action's.
extern "C" void on_crash(int signal) {
    char text[64];
    const int length = std::snprintf(text, sizeof text, "\nmutant %d: signal %d\n", static_cast<int>(current), signal);
    if (length > 0 && ::write(STDERR_FILENO, text, static_cast<std::size_t>(length)) < 0) ::_exit(3);
    std::signal(signal, SIG_DFL);
    std::raise(signal);
}

struct Count {
    int accepted = 0, refused = 0;
};

}  // namespace

int main(int argc, char** argv) {
    const int mutants = argc > 1 ? std::atoi(argv[1]) : 300;
    const std::uint64_t seed = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 2026;
    for (const int signal : {SIGSEGV, SIGABRT, SIGFPE, SIGBUS, SIGALRM}) std::signal(signal, on_crash);
    omp_set_num_threads(1);

    const fs::path source = STELLATE_SOURCE_DIR;
    const fs::path root = fs::temp_directory_path() / ("stellate-bad-input-" + std::to_string(::getpid()));
    const fs::path model = root / "models/liver-mouse";
    fs::create_directories(root / "models");
    fs::copy(source / "models/liver-mouse", model, fs::copy_options::recursive);

    std::vector<Original> originals;
    const auto add = [&](Sort sort, const fs::path& file, std::string text) {
        originals.push_back({sort, file, std::move(text)});
    };
    // As often an experiment as anything else.
    for (int n = 0; n < 8; ++n) add(Sort::experiment, root / "complete.toml", testing::complete_experiment);
    for (const char* name : {"first", "quick"})
        add(Sort::experiment, root / (std::string(name) + ".toml"),
            read_file(source / "experiments" / (std::string(name) + ".toml")));
    for (const auto& entry : fs::directory_iterator(model))
        if (entry.path().extension() == ".toml") add(Sort::model, entry.path(), read_file(entry.path()));
    for (const auto& entry : fs::directory_iterator(model / "primaries"))
        add(Sort::primary, entry.path(), read_file(entry.path()));
    for (int n = 0; n < 4; ++n) add(Sort::rules, model / "rules.csv", read_file(model / "rules.csv"));
    std::sort(originals.begin(), originals.end(), [](const Original& a, const Original& b) { return a.file < b.file; });

    int bad = 0;
    const auto complain = [&](int n, const Mutant& m, const std::string& what) {
        std::fprintf(stderr, "mutant %d of seed %llu (%s of %s) %s\n", n, static_cast<unsigned long long>(seed),
                     m.what.c_str(), m.original->file.filename().c_str(), what.c_str());
        const fs::path kept = fs::temp_directory_path() / ("stellate-bad-input-" + std::to_string(n));
        std::ofstream(kept, std::ios::binary) << m.text;
        ++bad;
    };
    for (const Original& original : originals) {
        Mutant sound;
        sound.original = &original;
        sound.text = original.text;
        sound.truth = Truth::valid;
        if (const std::string what = objection(sound, judged(sound, model)); !what.empty()) complain(-1, sound, what);
    }

    std::map<std::string, Count> by_what;
    Count by_sort[4];
    int misspelt = 0, offered = 0;
    double slowest = 0;
    const auto start = std::chrono::steady_clock::now();
    for (int n = 0; n < mutants; ++n) {
        current = n;
        Draws draws(seed, static_cast<std::uint64_t>(n), 0, Purpose::test);
        const int family = n % 10;
        const Mutant m = family < 4   ? by_format(originals, draws)
                         : family < 8 ? by_bytes(originals, draws)
                                      : by_grammar(originals, draws);
        ::alarm(hangs_after_s);
        const std::clock_t began = std::clock();
        try {
            const std::optional<InputError> error = judged(m, model);
            ++(error ? by_what[m.what].refused : by_what[m.what].accepted);
            Count& count = by_sort[int(m.original->sort)];
            ++(error ? count.refused : count.accepted);
            if (const std::string what = objection(m, error); !what.empty()) complain(n, m, what);
            if (!m.right.empty()) ++misspelt, offered += error && offers(*error, m.right);
        } catch (const std::exception& error) {
            complain(n, m, std::string("ended in another exception: ") + error.what());
        }
        const double seconds = double(std::clock() - began) / CLOCKS_PER_SEC;
        slowest = std::max(slowest, seconds);
        if (seconds > most_seconds) complain(n, m, "took " + std::to_string(seconds) + " s");
        if (m.original->sort != Sort::experiment) std::ofstream(m.original->file, std::ios::binary) << m.original->text;
    }
    ::alarm(0);

    std::size_t files = 0;
    for (const auto& entry : fs::recursive_directory_iterator(root)) files += entry.is_regular_file();
    std::size_t expected = 0;
    for (const auto& entry : fs::recursive_directory_iterator(source / "models/liver-mouse"))
        expected += entry.is_regular_file();
    if (files != expected) std::fprintf(stderr, "%zu files were left behind\n", files - expected), ++bad;
    fs::remove_all(root);

    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const double megabytes = double(usage.ru_maxrss) / 1024;
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    std::printf("%d mutants of seed %llu in %.1f s, the slowest %.0f ms; at most %.0f MB\n", mutants,
                static_cast<unsigned long long>(seed), seconds, 1000 * slowest, megabytes);
    for (int sort = 0; sort < 4; ++sort)
        std::printf("  %-20s %5d accepted %6d refused\n", sort_names[sort], by_sort[sort].accepted,
                    by_sort[sort].refused);
    for (const auto& [what, count] : by_what)
        std::printf("    %-18s %5d accepted %6d refused\n", what.c_str(), count.accepted, count.refused);
    std::printf("  right name offered for %d of %d misspellings\n", offered, misspelt);
#ifndef STELLATE_SANITIZED
    if (megabytes > most_megabytes) std::fprintf(stderr, "more than %.0f MB\n", most_megabytes), ++bad;
#endif
    if (offered < 0.95 * misspelt) std::fprintf(stderr, "fewer than 95 in 100\n"), ++bad;
    std::printf("%d taken wrongly\n", bad);
    return bad == 0 ? 0 : 1;
}
