// Rows of the grammar: reading them.
#include <algorithm>
#include <array>
#include <utility>

#include "core/utf8.hpp"
#include "rules/hill_rules.hpp"
#include "rules/names.hpp"

namespace stellate::rules {

namespace {

constexpr std::size_t most_bytes = 4 << 20;
constexpr std::size_t shared_columns = 8, all_columns = 13;
constexpr std::array<const char*, all_columns> column_names = {
    "cell type", "signal",     "direction",       "behaviour",          "saturation",
    "half-max",  "Hill power", "applies to dead", "unit of saturation", "unit of half-max",
    "loop",      "kind",       "source"};

struct Field {
    std::string text;
    Place place;
};

std::string trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return std::string(text);
}

// The fields of one line; a field in double quotes may hold commas, and "" for a quote. False after noting a mistake.
bool split(std::string_view line, const Place& row, std::vector<Field>& fields, Problems& problems) {
    const auto place = [&](std::size_t at) {
        int column = 1;
        for (std::size_t byte = 0; byte < at; byte += std::max<std::size_t>(1, utf8_length(line.substr(byte))))
            ++column;
        return Place{row.file, row.line, column};
    };
    std::size_t at = 0;
    while (true) {
        while (at < line.size() && (line[at] == ' ' || line[at] == '\t')) ++at;
        Field field;
        field.place = place(at);
        if (at < line.size() && line[at] == '"') {
            bool closed = false;
            for (++at; at < line.size(); ++at) {
                if (line[at] != '"') {
                    field.text += line[at];
                } else if (at + 1 < line.size() && line[at + 1] == '"') {
                    field.text += line[at++];
                } else {
                    closed = true;
                    ++at;
                    break;
                }
            }
            while (at < line.size() && (line[at] == ' ' || line[at] == '\t')) ++at;
            if (!closed || (at < line.size() && line[at] != ',')) {
                problems.add(field.place, "", closed ? "text after the closing quote" : "a quote that is not closed");
                return false;
            }
        } else {
            const std::size_t end = std::min(line.find(',', at), line.size());
            field.text = trimmed(line.substr(at, end - at));
            at = end;
        }
        fields.push_back(std::move(field));
        if (at >= line.size()) return true;
        ++at;  // the comma
    }
}

// False after noting where the line is not plain text.
bool readable(std::string_view line, std::size_t begin, const Place& row, Problems& problems) {
    int column = 0;
    for (std::size_t at = 0; at < line.size();) {
        const std::size_t length = utf8_length(line.substr(at));
        const auto c = static_cast<unsigned char>(line[at]);
        ++column;
        if (length == 0 || (c < 0x20 && c != '\t') || c == 0x7f) {
            problems.add({row.file, row.line, column}, "",
                         (length == 0 ? "is not UTF-8"
                          : c == '\r' ? "a carriage return without a line feed"
                          : c == 0    ? "a NUL byte; expected UTF-8 text"
                                      : "a control character") +
                             (" (byte " + std::to_string(begin + at) + ")"));
            return false;
        }
        at += length;
    }
    return true;
}

std::string header_word(std::string_view text) {
    std::string word = folded(text);
    std::erase(word, '?');
    std::replace(word.begin(), word.end(), '-', ' ');
    return trimmed(word);
}

bool is_header(const std::vector<Field>& fields) {
    return header_word(fields[0].text) == "cell type" ||
           (fields.size() > 2 && header_word(fields[2].text) == "direction");
}

void check_header(const std::vector<Field>& fields, Problems& problems) {
    static const std::pair<std::string_view, std::string_view> also[] = {{"behavior", "behaviour"},
                                                                         {"saturation value", "saturation"},
                                                                         {"max response", "saturation"},
                                                                         {"max response value", "saturation"},
                                                                         {"saturation unit", "unit of saturation"},
                                                                         {"half max unit", "unit of half max"}};
    for (std::size_t i = 0; i < std::min(fields.size(), column_names.size()); ++i) {
        std::string word = header_word(fields[i].text);
        for (const auto& [other, name] : also)
            if (word == other) word = name;
        if (word != header_word(column_names[i]))
            problems.add(
                fields[i].place, "",
                "column " + std::to_string(i + 1) + " is '" + fields[i].text + "'; expected '" + column_names[i] + "'");
    }
}

class RowReader {
public:
    RowReader(std::vector<Field>& fields, Problems& problems) : fields_(fields), problems_(problems) {}

    Rule read(const Place& place) {
        Rule rule;
        rule.place = place;
        rule.cell_type = name(0, rule.cell_type_place);
        rule.signal = name(1, rule.signal_place);
        rule.behaviour = name(3, rule.behaviour_place);
        rule.increases = increases();
        rule.saturation = number(4);
        rule.half_max = number(5);
        rule.power = number(6);
        if (fields_[7].text != "0") reject(7, "'" + fields_[7].text + "'; expected 0: dead cells follow no rules here");
        if (fields_.size() == shared_columns) return rule;
        rule.saturation.unit = fields_[8].text;
        rule.half_max.unit = fields_[9].text;
        rule.loop = fields_[10].text;
        rule.loop_place = fields_[10].place;
        rule.kind = kind();
        rule.source = fields_[12].text;
        if (!rule.kind.empty() && rule.source.empty())
            reject(12, rule.kind == "assumed" ? "is empty; an assumed rule says why it was chosen"
                                              : "is empty; a " + rule.kind + " rule names its source");
        return rule;
    }

private:
    void reject(std::size_t column, std::string message) {
        problems_.add(fields_[column].place, column_names[column], std::move(message));
    }
    std::string name(std::size_t column, Place& place) {
        place = fields_[column].place;
        if (fields_[column].text.empty()) reject(column, "is empty");
        return fields_[column].text;
    }
    bool increases() {
        const std::string word = folded(fields_[2].text);
        for (const char* up : {"increases", "increase", "promotes"})
            if (word == up) return true;
        for (const char* down : {"decreases", "decrease", "inhibits"})
            if (word == down) return false;
        reject(2, "'" + fields_[2].text + "'" + did_you_mean(word, {"increases", "decreases"}) +
                      "; expected increases or decreases");
        return true;
    }
    Term number(std::size_t column) {
        Term term;
        const std::string& text = fields_[column].text;
        term.place = fields_[column].place;
        if (const auto value = parse_number(text)) {
            term.value = *value;
        } else if (is_path(text)) {
            term.record = text;
        } else {
            reject(column, (text.empty() ? "is empty" : "'" + text + "'") +
                               "; expected a finite number with a decimal point, or the path of a record");
        }
        return term;
    }
    std::string kind() {
        const std::string& text = fields_[11].text;
        const std::vector<std::string> kinds{"measured", "fitted", "assumed"};
        if (text.empty() || std::find(kinds.begin(), kinds.end(), text) != kinds.end()) return text;
        reject(11, "'" + text + "'" + did_you_mean(text, kinds) + "; expected measured, fitted or assumed");
        return {};
    }
    static bool is_path(std::string_view text) {
        const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
        return !text.empty() && letter(text.front()) && text.find('.') != std::string_view::npos &&
               text.back() != '.' && text.find("..") == std::string_view::npos &&
               std::all_of(text.begin(), text.end(), [&](char c) {
                   return letter(c) || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
               });
    }

    std::vector<Field>& fields_;
    Problems& problems_;
};

}  // namespace

std::vector<Rule> parse_rules(std::string_view text, const std::string& name, Problems& problems) {
    if (text.size() > most_bytes)
        throw InputError(
            {name}, "",
            "has " + std::to_string(text.size()) + " bytes; at most " + std::to_string(most_bytes) + " are read");
    if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff"))
        throw InputError({name, 1, 1}, "", "is UTF-16 (byte 0); expected UTF-8");
    const char* const begin = text.data();
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    std::vector<Rule> rules;
    bool first = true;
    for (int line_number = 1; !text.empty(); ++line_number) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.ends_with('\r')) line.remove_suffix(1);
        const Place row{name, line_number, 1};
        if (!readable(line, static_cast<std::size_t>(line.data() - begin), row, problems)) continue;
        const std::string content = trimmed(line);
        if (content.empty() || content.starts_with("//") || content.starts_with('#')) continue;
        std::vector<Field> fields;
        if (!split(line, row, fields, problems)) continue;
        if (fields.size() != shared_columns && fields.size() != all_columns) {
            const bool tabs = fields.size() < shared_columns && line.find('\t') != std::string_view::npos;
            problems.add(row, "",
                         std::to_string(fields.size()) + (fields.size() == 1 ? " field" : " fields") +
                             "; expected 8 (cell type, signal, direction, behaviour, saturation, half-max, Hill power, "
                             "applies to dead) or 13 (and unit of saturation, unit of half-max, loop, kind, source)" +
                             (tabs ? ", separated by commas rather than tabs" : ""));
        } else if (first && is_header(fields)) {
            check_header(fields, problems);
        } else {
            Problems of_row;
            Rule rule = RowReader(fields, of_row).read(row);
            if (of_row.empty()) rules.push_back(std::move(rule));
            problems.add(of_row);
        }
        first = false;
    }
    return rules;
}

}  // namespace stellate::rules
