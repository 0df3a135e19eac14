#include "report/format.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>

namespace stellate::report {

namespace {

constexpr std::string_view minus = "\u2212", narrow_space = "\u202F", times = "\u00D7", dash = "\u2013";

std::string with_minus(const std::string& plain) {
    return !plain.empty() && plain[0] == '-' ? std::string(minus) + plain.substr(1) : plain;
}

std::string superscript(int exponent) {
    static constexpr std::array<std::string_view, 10> digit{"\u2070", "\u00B9", "\u00B2", "\u00B3", "\u2074",
                                                            "\u2075", "\u2076", "\u2077", "\u2078", "\u2079"};
    std::string out = exponent < 0 ? "\u207B" : "";
    for (const char c : std::to_string(std::abs(exponent))) out += digit[static_cast<std::size_t>(c - '0')];
    return out;
}

std::string grouped(std::string plain) {  // digits of an integer, with or without sign
    const std::size_t first = plain[0] == '-' ? 1 : 0;
    if (plain.size() - first < 5) return plain;
    for (std::size_t at = plain.size() - 3; at > first && at < plain.size(); at -= 3) plain.insert(at, narrow_space);
    return plain;
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

// Replaces a unit where it stands as a word of its own.
void replace_word(std::string& text, std::string_view from, std::string_view to) {
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + 1)) {
        const bool starts = at == 0 || !is_letter(text[at - 1]);
        const std::size_t after = at + from.size();
        const bool ends =
            after == text.size() || !(is_letter(text[after]) || (text[after] >= '0' && text[after] <= '9'));
        if (starts && ends) text.replace(at, from.size(), to);
    }
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
}

}  // namespace

std::string number(double value, int digits) {
    if (!std::isfinite(value)) return std::string(dash);
    if (value == 0) return "0";
    const double size = std::fabs(value);
    if (size < 1e-3 || size >= 1e7) {
        // Rounding may carry into the next power of ten, so the exponent is read from what was printed.
        const std::string text = fmt::format("{:.{}e}", value, digits - 1);
        const std::size_t e = text.find('e');
        return with_minus(text.substr(0, e)) + std::string(narrow_space) + std::string(times) +
               std::string(narrow_space) + "10" + superscript(std::stoi(text.substr(e + 1)));
    }
    const int exponent = static_cast<int>(std::floor(std::log10(size)));
    const int decimals = std::max(0, digits - 1 - exponent);
    std::string text = fmt::format("{:.{}f}", value, decimals);
    if (decimals == 0) text = grouped(text);
    return with_minus(text);
}

std::string number(const std::optional<double>& value, int digits) {
    return value ? number(*value, digits) : std::string(dash);
}

std::string short_number(double value) {
    std::string text = number(value);
    if (text.find('.') == std::string::npos || text.find(times) != std::string::npos) return text;
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
    return text;
}

std::string signed_number(const std::optional<double>& value, int digits) {
    if (!value) return std::string(dash);
    return (*value > 0 ? "+" : "") + number(*value, digits);
}

std::string p_value(const std::optional<double>& p) {
    if (!p || !std::isfinite(*p)) return std::string(dash);
    if (*p < 1e-4) return "<\u202F0.0001";
    if (*p > 0.99) return "1.00";
    return fmt::format("{:.{}f}", *p, *p < 0.001 ? 5 : *p < 0.01 ? 4 : *p < 0.1 ? 3 : 2);
}

std::string estimate(const Estimate& e, bool with_sign) {
    const auto one = [&](const std::optional<double>& v) { return with_sign ? signed_number(v) : number(v); };
    if (!e.value) return std::string(dash);
    if (!e.low || !e.high) return one(e.value);
    return one(e.value) + " (" + one(e.low) + " to " + one(e.high) + ")";
}

std::string day_text(double day) { return "day " + short_number(day); }

std::string unit_text(std::string_view unit) {
    if (unit == "1") return "";
    if (unit.substr(0, 2) == "1/") return "per " + unit_text(unit.substr(2));
    return typeset(unit);
}

std::string with_unit(std::string_view title, std::string_view unit) {
    const std::string u = unit_text(unit);
    return u.empty() ? typeset(title) : typeset(title) + ", " + u;
}

std::string typeset(std::string_view text) {
    std::string out(text);
    replace_all(out, "alpha-SMA", "\u03B1-SMA");
    replace_word(out, "um", "\u00B5m");
    replace_word(out, "um2", "\u00B5m\u00B2");
    replace_word(out, "um3", "\u00B5m\u00B3");
    replace_word(out, "mm2", "mm\u00B2");
    replace_word(out, "mm3", "mm\u00B3");
    return out;
}

std::string csv_field(std::string_view text) {
    std::string value(text);
    if (!value.empty() && std::string_view("=+-@\t\r").find(value[0]) != std::string_view::npos) value.insert(0, "'");
    if (value.find_first_of(",\"\n\r") == std::string::npos) return value;
    replace_all(value, "\"", "\"\"");
    return '"' + value + '"';
}

std::string csv_number(const std::optional<double>& value) {
    return value && std::isfinite(*value) ? fmt::format("{}", *value) : std::string();
}

bool overclaims(std::string_view text) {
    static constexpr std::string_view claims[] = {"eradicat",
                                                  "cured",
                                                  "cures ",
                                                  "curative",
                                                  " cure ",
                                                  "patient",
                                                  "clinical benefit",
                                                  "survival benefit",
                                                  "in humans",
                                                  "of people",
                                                  "general population",
                                                  "in the population",
                                                  "population-wide",
                                                  "human population",
                                                  "per 100,000",
                                                  "per 100 000",
                                                  "lives saved"};
    const std::string words = lower(text);
    for (const std::string_view claim : claims)
        if (words.find(claim) != std::string::npos) return true;
    return false;
}

std::string restrained(std::string_view text) {
    if (!overclaims(text)) return std::string(text);
    return "[Withheld: this text claimed more than a simulation of mice can show.]";
}

}  // namespace stellate::report
