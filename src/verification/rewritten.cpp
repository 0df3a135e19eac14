#include "verification/rewritten.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

#include "core/error.hpp"

namespace stellate::verification {

std::string reversed_tables(const std::string& text) {
    std::vector<std::string> blocks = blocks_of(text);
    std::string out = blocks.front();
    for (std::size_t b = blocks.size() - 1; b > 0; --b) {
        std::vector<std::string> lines = lines_of(blocks[b]);
        std::erase_if(lines, [](const std::string& line) {
            return line.starts_with("#") || line.find_first_not_of(" \r\n") == std::string::npos;
        });
        std::reverse(lines.begin() + 1, lines.end());
        for (const std::string& line : lines) out += line.ends_with("\n") ? line : line + "\n";
    }
    return out;
}

std::string reversed_rows(const std::string& text, bool slip) {
    std::vector<std::string> lines = lines_of(text);
    std::erase_if(lines, [](const std::string& line) { return line.starts_with("#"); });
    std::reverse(lines.begin() + 1, lines.end());
    if (slip)
        for (std::string& line : lines)
            if (line.starts_with("hsc_activated,TGFB1,increases,collagen deposition"))
                if (const std::size_t at = line.find(",2,"); at != std::string::npos) line.replace(at, 3, ",2.02,");
    std::string out;
    for (const std::string& line : lines) out += line.ends_with("\n") ? line : line + "\n";
    return out;
}

namespace {

// Another spelling of a unit in which a number is `factor` times as large.
struct Spelling {
    const char *unit, *other;
    std::uint64_t factor;
};
constexpr Spelling spellings[] = {
    {"1/day", "1/week", 7},
    {"1/h", "1/day", 24},
    {"1/min", "1/h", 60},
    {"day", "h", 24},
    {"h", "min", 60},
    {"min", "s", 60},
    {"um", "nm", 1000},
    {"um/min", "um/h", 60},
    {"um/h", "nm/h", 1000},
    {"um^2/min", "um^2/h", 60},
    {"nM", "pM", 1000},
    {"nM um^3/min", "pM um^3/min", 1000},
    {"mg/mL", "ug/mL", 1000},
    {"mg/mL/min", "mg/mL/h", 60},
    {"mL/mg", "uL/mg", 1000},
    {"kPa", "Pa", 1000},
    {"kPa mL/mg", "Pa mL/mg", 1000},
    {"mL", "uL", 1000},
    {"1/mm^3", "1/mL", 1000},
    {"mmHg um^3/min", "mmHg um^3/h", 60},
    {"pg/cell/day", "fg/cell/day", 1000},
};
const Spelling* spelling_of(std::string_view unit) {
    for (const Spelling& s : spellings)
        if (unit == s.unit) return &s;
    return nullptr;
}

// A decimal number times factor 10^ten, exactly: "0.0385" and 24 give "9240e-4".
std::string times(std::string_view number, std::uint64_t factor, int ten = 0) {
    std::string digits;
    bool fraction = false, negative = false;
    for (std::size_t n = 0; n < number.size(); ++n) {
        const char c = number[n];
        if (c == 'e' || c == 'E') {
            std::string_view rest = number.substr(n + 1);
            if (rest.starts_with('+')) rest.remove_prefix(1);
            int exponent = 0;
            std::from_chars(rest.data(), rest.data() + rest.size(), exponent);
            ten += exponent;
            break;
        }
        if (c == '-') negative = true;
        if (c == '.') fraction = true;
        if (c < '0' || c > '9') continue;
        digits += c;
        ten -= fraction;
    }
    std::uint64_t mantissa = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), mantissa);
    STELLATE_ASSERT(mantissa < std::numeric_limits<std::uint64_t>::max() / factor, mantissa, factor);
    return fmt::format("{}{}e{}", negative ? "-" : "", mantissa * factor, ten);
}

// The part of a line from `from` on up to the first of `ends`.
struct Part {
    std::size_t begin, end;
};
Part part(const std::string& line, std::string_view before, std::string_view ends, std::size_t from) {
    const std::size_t at = line.find(before, from);
    if (at == std::string::npos) return {line.size(), line.size()};
    const std::size_t begin = at + before.size();
    return {begin, std::min(line.find_first_of(ends, begin), line.size())};
}

struct Rewriter {
    bool slip;      // the mistake: rates a day are 1 % off
    int count = 0;  // numbers rewritten

    std::string number(const std::string& text, const Spelling& s) {
        ++count;
        if (slip && s.unit == std::string_view("1/day")) return times(text, s.factor * 101, -2);
        return times(text, s.factor);
    }

    // { value = 0.6, unit = "1/day", range = [0.3, 1.5], ... }
    std::string record(const std::string& line) {
        const Part value = part(line, "{ value = ", ",", 0), unit = part(line, "unit = \"", "\"", value.end);
        if (line.starts_with("#") || unit.end >= line.size()) return line;
        const Part low = part(line, "range = [", ",", unit.end), high = part(line, ",", "]", low.end);
        const Spelling* s = spelling_of(line.substr(unit.begin, unit.end - unit.begin));
        if (!s || high.end >= line.size()) return line;
        const auto text = [&](const Part& p) { return line.substr(p.begin, p.end - p.begin); };
        return line.substr(0, value.begin) + number(text(value), *s) + line.substr(value.end, unit.begin - value.end) +
               s->other + line.substr(unit.end, low.begin - unit.end) + number(text(low), *s) + ", " +
               number(text(high), *s) + line.substr(high.end);
    }

    // cell type, signal, direction, behaviour, saturation, half-max, power, dead, unit of saturation, unit of half-max,
    // ...
    std::string rule(const std::string& line) {
        std::vector<std::string> fields(11);
        std::size_t at = 0;
        for (std::size_t n = 0; n < 10; ++n) {
            const std::size_t comma = line.find(',', at);
            if (comma == std::string::npos) return line;
            fields[n] = line.substr(at, comma - at);
            at = comma + 1;
        }
        fields[10] = line.substr(at);
        for (const std::size_t n : {4u, 5u})
            if (const Spelling* s = spelling_of(fields[n + 4])) {
                fields[n] = number(fields[n], *s);
                fields[n + 4] = s->other;
            }
        std::string out = fields[0];
        for (std::size_t n = 1; n < fields.size(); ++n) out += "," + fields[n];
        return out;
    }
};

}  // namespace

int in_other_units(ModelTexts& texts, bool slip) {
    Rewriter rewriter{slip};
    const auto each = [](std::string& text, auto&& change) {
        std::string out;
        for (const std::string& line : lines_of(text)) out += change(line);
        text = std::move(out);
    };
    const auto record = [&](const std::string& line) { return rewriter.record(line); };
    for (auto& file : texts.files) each(file.second, record);
    each(texts.primary.second, record);
    each(texts.rules.second,
         [&](const std::string& line) { return line.starts_with("#") ? line : rewriter.rule(line); });
    return rewriter.count;
}

}  // namespace stellate::verification
