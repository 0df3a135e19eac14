#include "model/toml.hpp"

// toml++ 3.3 aborts on "[=" through an assertion that its own error path makes needless.
#define TOML_ASSERT(x) static_cast<void>(0)
#define TOML_MAX_NESTED_VALUES 64
#define TOML_FLOAT_CHARCONV 1  // numbers too small or large are errors, and no locale is asked
#include <toml++/toml.h>

#include <algorithm>
#include <cmath>

#include "core/atomic_file.hpp"
#include "core/utf8.hpp"

namespace stellate {

namespace {

constexpr std::size_t most_bytes = 4 << 20;
constexpr int deepest = 64;

// Walks the text once before the library sees it: encoding, and nesting that the library would follow by recursion.
class Screen {
public:
    Screen(std::string_view text, const std::string& name) : text_(text), name_(name) {}

    void check() {
        while (at_ < text_.size()) {
            const char c = text_[at_];
            if (c == '#') {
                while (at_ < text_.size() && text_[at_] != '\n') step();
            } else if (c == '"' || c == '\'') {
                quoted(c);
            } else {
                if (static_cast<unsigned char>(c) >= 0x80) fail("a character outside ASCII outside quotes");
                nesting(c);
                step();
            }
        }
    }

private:
    [[noreturn]] void fail(std::string message) const {
        throw InputError({name_, line_, column_}, "", std::move(message));
    }

    // Moves over one character, a whole UTF-8 sequence if it is one.
    void step() {
        const auto c = static_cast<unsigned char>(text_[at_]);
        if (c == 0) fail("a NUL byte (byte " + std::to_string(at_) + "); expected UTF-8 text");
        if (c == '\r' && (at_ + 1 == text_.size() || text_[at_ + 1] != '\n'))
            fail("a carriage return without a line feed");
        const std::size_t length = utf8_length(text_.substr(at_));
        if (length == 0) fail("byte " + std::to_string(at_) + " is not UTF-8");
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
    const std::string& name_;
    std::size_t at_ = 0;
    int line_ = 1, column_ = 1, brackets_ = 0, dots_ = 0;
};

class Builder {
public:
    Builder(const std::string& name, Problems& problems) : name_(name), problems_(problems) {}

    TomlTable table(const toml::table& from, const std::string& path) {
        TomlTable out;
        out.place = place(from.source());
        out.written_inline = from.is_inline();
        for (const auto& [key, node] : from) {
            const std::string name(key.str());
            out.entries.push_back({name, place(key.source()), value(node, path.empty() ? name : path + "." + name)});
        }
        std::sort(out.entries.begin(), out.entries.end(), [](const TomlEntry& a, const TomlEntry& b) {
            return std::tie(a.key_place.line, a.key_place.column) < std::tie(b.key_place.line, b.key_place.column);
        });
        return out;
    }

private:
    Place place(const toml::source_region& region) const {
        return {name_, static_cast<int>(region.begin.line), static_cast<int>(region.begin.column)};
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
                if (!std::isfinite(out.number) || std::fpclassify(out.number) == FP_SUBNORMAL)
                    problems_.add(out.place, path, "is not a number that can be held: not finite, or too small");
                break;
            default:
                problems_.add(out.place, path, "dates and times are not used here; write a text or a number");
                break;
        }
        return out;
    }

    const std::string& name_;
    Problems& problems_;
};

std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t\r");
    return begin == std::string_view::npos ? "" : text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

// The parser stops at a whole number beyond 64 bits without naming its key: does this line, "key = number", hold one?
void tell_of_too_large(std::string_view line, Place place) {
    const auto equals = line.find('=');
    if (equals == std::string_view::npos) return;
    const std::string_view value = trimmed(line.substr(equals + 1, line.find('#', equals) - equals - 1));
    if (value.size() < 19 ||
        value.find_first_not_of("0123456789_", value[0] == '-' || value[0] == '+') != std::string_view::npos)
        return;
    place.column = static_cast<int>(value.data() - line.data()) + 1;
    throw InputError(place, std::string(trimmed(line.substr(0, equals))),
                     std::string(value) +
                         " cannot be held; expected a whole number from -9223372036854775808 to 9223372036854775807");
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
    }
    return {};
}

TomlTable parse_toml(std::string_view text, const std::string& name) {
    if (text.size() > most_bytes)
        throw InputError(
            {name}, "",
            "has " + std::to_string(text.size()) + " bytes; at most " + std::to_string(most_bytes) + " are read");
    if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff"))
        throw InputError({name, 1, 1}, "", "is UTF-16; expected UTF-8");
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    Screen(text, name).check();
    try {
        const toml::table parsed = toml::parse(text, name);
        Problems problems;
        TomlTable tree = Builder(name, problems).table(parsed, "");
        problems.throw_if_any();
        return tree;
    } catch (const toml::parse_error& error) {
        const toml::source_position at = error.source().begin;
        std::size_t begin = 0;
        for (toml::source_index line = 1; line < at.line; ++line) begin = text.find('\n', begin) + 1;
        tell_of_too_large(text.substr(begin, text.find('\n', begin) - begin), {name, static_cast<int>(at.line), 1});
        throw InputError({name, static_cast<int>(at.line), static_cast<int>(at.column)}, "",
                         std::string(error.description()));
    }
}

TomlTable read_toml(const std::filesystem::path& path) {
    std::error_code error;
    const auto size = std::filesystem::file_size(path, error);
    if (!error && size > most_bytes)
        throw InputError({path.string()}, "",
                         "has " + std::to_string(size) + " bytes; at most " + std::to_string(most_bytes) + " are read");
    return parse_toml(read_file(path), path.string());
}

}  // namespace stellate
