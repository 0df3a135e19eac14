#include "model/toml.hpp"

// toml++ 3.3 aborts on "[=" through an assertion that its own error path makes needless.
#define TOML_ASSERT(x) static_cast<void>(0)
#define TOML_MAX_NESTED_VALUES 64
#define TOML_FLOAT_CHARCONV 1  // numbers too small or large are errors, and no locale is asked
#include <toml++/toml.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>

#include "core/atomic_file.hpp"
#include "core/utf8.hpp"

namespace stellate {

namespace {

constexpr std::size_t most_bytes = 4 << 20;
constexpr int deepest = 64;

using LineAndColumn = std::pair<int, int>;

// A number as TOML may write it, of any size.
bool looks_like_number(std::string_view word) {
    const bool sign = word[0] == '-' || word[0] == '+';
    return word.size() > std::size_t(sign) && word[sign] >= '0' && word[sign] <= '9' &&
           word.find_first_not_of("0123456789_+-.eE") == std::string_view::npos;
}

// What a number is that no variable of ours can hold; empty for others.
std::string unholdable(std::string_view word) {
    if (!looks_like_number(word)) return {};
    std::string digits(word.substr(word[0] == '+'));
    std::erase(digits, '_');
    const char* const end = digits.data() + digits.size();
    if (digits.find_first_of(".eE") != std::string::npos) {
        double value = 0;
        const auto [stop, error] = std::from_chars(digits.data(), end, value);
        return error == std::errc::result_out_of_range && stop == end
                   ? std::string(word) + ", which is too large or too small to be held"
                   : std::string();
    }
    std::int64_t value = 0;
    const auto [stop, error] = std::from_chars(digits.data(), end, value);
    return error == std::errc::result_out_of_range && stop == end
               ? std::string(word) + ", which is beyond the whole numbers, -9223372036854775808 to 9223372036854775807"
               : std::string();
}

// Walks the text once before the library sees it: encoding, nesting that the library would follow by recursion, and
// numbers that cannot be held, at which the library would stop.
class Screen {
public:
    // `skipped`: bytes of the file before the text.
    Screen(std::string_view text, const std::string& name, std::size_t skipped)
        : text_(text), readable_(text), name_(name), skipped_(skipped) {}

    void check() {
        while (at_ < text_.size()) {
            const char c = text_[at_];
            if (c == '#') {
                while (at_ < text_.size() && text_[at_] != '\n') step();
            } else if (c == '"' || c == '\'') {
                quoted(c);
                before_ = c;
            } else if (in_word(c)) {
                word();
            } else {
                if (static_cast<unsigned char>(c) >= 0x80) {
                    const std::size_t length = utf8_length(text_.substr(at_));
                    fail(length == 0
                             ? "is not UTF-8"
                             : "'" + std::string(text_.substr(at_, length)) + "' is outside ASCII and outside quotes");
                }
                const bool header = c == '[' && (before_ == '[' ? header_ : brackets_ == 0 && before_ == '\n');
                nesting(c);
                step();
                if (c == ' ' || c == '\t' || c == '\r' || (c == '\n' && brackets_ > 0)) continue;
                header_ = header;
                before_ = c;
            }
        }
    }

    // The text with `nan` in place of each number that cannot be held; what stood there, by place.
    const std::string& readable() const { return readable_; }
    const std::map<LineAndColumn, std::string>& unheld() const { return unheld_; }

private:
    [[noreturn]] void fail(const std::string& message) const {
        throw InputError({name_, line_, column_}, "", message + " (byte " + std::to_string(skipped_ + at_) + ")");
    }

    static bool in_word(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
               c == '+' || c == '.';
    }

    void word() {
        const std::size_t begin = at_;
        const LineAndColumn place{line_, column_};
        while (at_ < text_.size() && in_word(text_[at_])) {
            nesting(text_[at_]);
            step();
        }
        const std::string_view word = text_.substr(begin, at_ - begin);
        const std::size_t next = text_.find_first_not_of(" \t", at_);
        const bool value = before_ == '=' || (before_ == '[' && !header_) || before_ == ',';
        const bool key = next != std::string_view::npos && text_[next] == '=';
        if (value && !key)
            if (std::string what = unholdable(word); !what.empty()) {
                unheld_.emplace(place, std::move(what));
                readable_.replace(begin, word.size(), word.size(), ' ').replace(begin, 3, "nan");
            }
        before_ = 'a';
    }

    // Moves over one character, a whole UTF-8 sequence if it is one.
    void step() {
        const auto c = static_cast<unsigned char>(text_[at_]);
        if (c == 0) fail("a NUL byte; expected UTF-8 text");
        if (c == '\r' && (at_ + 1 == text_.size() || text_[at_ + 1] != '\n'))
            fail("a carriage return without a line feed");
        const std::size_t length = utf8_length(text_.substr(at_));
        if (length == 0) fail("is not UTF-8");
        at_ += length;
        ++column_;
        if (c == '\n') {
            ++line_;
            column_ = 1;
        }
    }

    // A string of any of the four kinds; unended ones are left for the library to report.
    void quoted(char quote) {
        const std::string three(3, quote);
        const bool long_form = text_.substr(at_).starts_with(three);
        for (int i = 0; i < (long_form ? 3 : 1); ++i) step();
        while (at_ < text_.size()) {
            if (long_form ? text_.substr(at_).starts_with(three) : text_[at_] == quote) {
                for (int i = 0; i < (long_form ? 3 : 1); ++i) step();
                return;
            }
            if (!long_form && text_[at_] == '\n') return;
            const bool escape = quote == '"' && text_[at_] == '\\';
            step();
            if (escape && at_ < text_.size()) step();
        }
    }

    void nesting(char c) {
        if (c == '[' || c == '{') {
            if (++brackets_ > deepest) fail("nested deeper than " + std::to_string(deepest));
        } else if (c == ']' || c == '}') {
            brackets_ = std::max(0, brackets_ - 1);
        }
        const bool in_key = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                            c == '-' || c == ' ' || c == '\t';
        if (c == '.') {
            if (++dots_ > deepest) fail("a key of more than " + std::to_string(deepest) + " parts");
        } else if (!in_key) {
            dots_ = 0;
        }
    }

    std::string_view text_;
    std::string readable_;
    const std::string& name_;
    std::map<LineAndColumn, std::string> unheld_;
    std::size_t at_ = 0, skipped_;
    int line_ = 1, column_ = 1, brackets_ = 0, dots_ = 0;
    char before_ = '\n';   // the last character that is no blank; 'a' for a word
    bool header_ = false;  // that is the '[' of a table's header
};

std::size_t beginning_of_line(std::string_view text, toml::source_index line) {
    std::size_t begin = 0;
    for (toml::source_index n = 1; n < line; ++n) begin = text.find('\n', begin) + 1;
    return begin;
}

std::size_t bytes_before_column(std::string_view line, toml::source_index column) {
    std::size_t bytes = 0;
    for (toml::source_index n = 1; n < column && bytes < line.size(); ++n)
        bytes += std::max<std::size_t>(1, utf8_length(line.substr(bytes)));
    return bytes;
}

// Keys given twice: the library stops at the second, so it is renamed and the text read once more.
class Again {
public:
    explicit Again(std::string text) : text_(std::move(text)) {}
    const std::string& text() const { return text_; }

    // False if the mistake is another, or no renaming helps.
    bool rename(const toml::parse_error& error) {
        const std::string_view what = error.description();
        if (what.find("cannot redefine existing") == std::string_view::npos) return false;
        if (text_.size() > most_bytes_read_again || renamed_.size() >= most_renamed) return false;
        const toml::source_position stopped = error.source().begin;
        const std::size_t begin = beginning_of_line(text_, stopped.line);
        const std::string_view line = std::string_view(text_).substr(begin, text_.find('\n', begin) - begin);
        const bool header = what.find("table header") != std::string_view::npos;
        // The library stands at the value, or before the header.
        std::size_t end =
            header ? line.find_first_of("]\"'") : line.substr(0, bytes_before_column(line, stopped.column)).rfind('=');
        if (end == std::string_view::npos || (header && line[end] != ']')) return false;
        while (end > 0 && (line[end - 1] == ' ' || line[end - 1] == '\t')) --end;
        if (end > 0 && (line[end - 1] == '"' || line[end - 1] == '\'')) --end;
        const std::size_t marked = line.substr(0, end).rfind(mark);
        if (marked != std::string_view::npos && line.find_first_not_of("0123456789", marked + mark.size()) >= end)
            return false;  // it has been renamed, and that did not help
        int column = 1;
        for (std::size_t at = 0; at < end; ++column) at += std::max<std::size_t>(1, utf8_length(line.substr(at)));
        const std::string suffix = std::string(mark) + std::to_string(renamed_.size());
        renamed_.emplace(LineAndColumn{static_cast<int>(stopped.line), column}, suffix.size());
        text_.insert(begin + end, suffix);
        return true;
    }

    // The key as it was written; nullopt if it is not one that was renamed.
    static std::optional<std::string> written(const std::string& key) {
        const std::size_t at = key.rfind(mark);
        if (at == std::string::npos) return std::nullopt;
        return key.substr(0, at);
    }

    // The column it had before keys to its left were renamed.
    int column_before(int line, int column) const {
        int moved = 0;
        for (auto key = renamed_.lower_bound({line, 0}); key != renamed_.end() && key->first.first == line; ++key)
            if (key->first.second < column) moved += static_cast<int>(key->second);
        return column - moved;
    }

private:
    static constexpr std::string_view mark = "-given-again-";
    static constexpr std::size_t most_renamed = 20, most_bytes_read_again = 1 << 18;
    std::string text_;
    std::map<LineAndColumn, std::size_t> renamed_;  // end of the key as written -> bytes put there
};

class Builder {
public:
    Builder(const std::string& name, const std::map<LineAndColumn, std::string>& unheld, const Again& again,
            Problems& problems)
        : name_(name), unheld_(unheld), again_(again), problems_(problems) {}

    TomlTable table(const toml::table& from, const std::string& path) {
        TomlTable out;
        out.place = place(from.source());
        out.written_inline = from.is_inline();
        for (const auto& [key, node] : from) {
            const std::string name(key.str());
            if (const auto written = Again::written(name); written && from.contains(*written)) {
                const Place first = place(from.find(*written)->first.source());
                problems_.add(place(key.source()), path.empty() ? *written : path + "." + *written,
                              "is given twice; first in line " + std::to_string(first.line));
                continue;
            }
            out.entries.push_back({name, place(key.source()), value(node, path.empty() ? name : path + "." + name)});
        }
        std::sort(out.entries.begin(), out.entries.end(), [](const TomlEntry& a, const TomlEntry& b) {
            return std::tie(a.key_place.line, a.key_place.column) < std::tie(b.key_place.line, b.key_place.column);
        });
        return out;
    }

private:
    Place place(const toml::source_region& region) const {
        const auto line = static_cast<int>(region.begin.line), column = static_cast<int>(region.begin.column);
        return {name_, line, again_.column_before(line, column)};
    }

    static void make_unusable(TomlValue& value, std::string what) {
        value.kind = TomlValue::Kind::unusable;
        value.text = std::move(what);
    }

    TomlValue value(const toml::node& node, const std::string& path) {
        using Kind = TomlValue::Kind;
        TomlValue out;
        out.place = place(node.source());
        switch (node.type()) {
            case toml::node_type::table:
                out.kind = Kind::table;
                out.table = table(*node.as_table(), path);
                break;
            case toml::node_type::array:
                out.kind = Kind::array;
                for (const toml::node& item : *node.as_array()) out.array.push_back(value(item, path));
                break;
            case toml::node_type::string:
                out.kind = Kind::text;
                out.text = node.as_string()->get();
                break;
            case toml::node_type::boolean:
                out.kind = Kind::boolean;
                out.flag = node.as_boolean()->get();
                break;
            case toml::node_type::integer:
                out.kind = Kind::integer;
                out.integer = node.as_integer()->get();
                out.number = static_cast<double>(out.integer);
                break;
            case toml::node_type::floating_point:
                out.kind = Kind::real;
                out.number = node.as_floating_point()->get();
                if (const auto number = unheld_.find({out.place.line, out.place.column}); number != unheld_.end())
                    make_unusable(out, number->second);
                else if (!std::isfinite(out.number))
                    make_unusable(out, shortest(out.number) + ", which is not finite");
                else if (std::fpclassify(out.number) == FP_SUBNORMAL)
                    make_unusable(out, shortest(out.number) + ", which is too small to be held in full");
                break;
            default:
                make_unusable(out, "a date or time, which is not used here");
                break;
        }
        return out;
    }

    const std::string& name_;
    const std::map<LineAndColumn, std::string>& unheld_;
    const Again& again_;
    Problems& problems_;
};

// The library's words where they leave a user none the wiser.
std::string in_plain_words(const toml::parse_error& error, const std::string& text) {
    const toml::source_position at = error.source().begin;
    const std::string_view description = error.description(),
                           rest = std::string_view(text).substr(beginning_of_line(text, at.line));
    const std::size_t stopped = bytes_before_column(rest, at.column);
    if (description.find("unescaped control characters") != std::string_view::npos && stopped < rest.size() &&
        rest[stopped] == '\n')
        return "the quote is not closed on its line";
    if (description.find("could not determine value type") != std::string_view::npos)
        return std::string(description) + "; expected a number, true or false, or a text in quotes";
    return std::string(description);
}

}  // namespace

const TomlValue* TomlTable::find(std::string_view key) const {
    const auto entry = std::find_if(entries.begin(), entries.end(), [&](const TomlEntry& e) { return e.key == key; });
    return entry == entries.end() ? nullptr : &entry->value;
}

std::string describe(const TomlValue& value) {
    switch (value.kind) {
        case TomlValue::Kind::boolean:
            return value.flag ? "the flag true" : "the flag false";
        case TomlValue::Kind::integer:
            return "the number " + std::to_string(value.integer);
        case TomlValue::Kind::real:
            return "the number " + shortest(value.number);
        case TomlValue::Kind::text:
            return value.text.size() > 60 ? "a text of " + std::to_string(value.text.size()) + " characters"
                                          : "the text '" + value.text + "'";
        case TomlValue::Kind::array:
            return "an array of " + std::to_string(value.array.size());
        case TomlValue::Kind::table:
            return "a table";
        case TomlValue::Kind::unusable:
            return value.text;
    }
    return {};
}

TomlTable parse_toml(std::string_view text, const std::string& name, Problems& problems) {
    if (text.size() > most_bytes)
        throw InputError(
            {name}, "",
            "has " + std::to_string(text.size()) + " bytes; at most " + std::to_string(most_bytes) + " are read");
    if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff"))
        throw InputError({name, 1, 1}, "", "is UTF-16 (byte 0); expected UTF-8");
    const bool marked = text.starts_with("\xef\xbb\xbf");
    if (marked) text.remove_prefix(3);
    Screen screen(text, name, marked ? 3 : 0);
    screen.check();
    Again again(screen.readable());
    while (true) {
        try {
            const toml::table parsed = toml::parse(again.text(), name);
            return Builder(name, screen.unheld(), again, problems).table(parsed, "");
        } catch (const toml::parse_error& error) {
            if (again.rename(error)) continue;
            const auto line = static_cast<int>(error.source().begin.line);
            throw InputError({name, line, again.column_before(line, static_cast<int>(error.source().begin.column))}, "",
                             in_plain_words(error, again.text()));
        }
    }
}

TomlTable read_toml(const std::filesystem::path& path, Problems& problems) {
    std::error_code error;
    const auto size = std::filesystem::file_size(path, error);
    if (!error && size > most_bytes)
        throw InputError({path.string()}, "",
                         "has " + std::to_string(size) + " bytes; at most " + std::to_string(most_bytes) + " are read");
    return parse_toml(read_file(path), path.string(), problems);
}

}  // namespace stellate
