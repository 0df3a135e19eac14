#include "laboratory/json.hpp"

#include <cmath>

#include "core/error.hpp"
#include "core/units.hpp"

namespace stellate {

namespace {

std::string quoted(std::string_view text) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        switch (c) {
            case '"':
                out += "\\\"";
                break;
            case '\\':
                out += "\\\\";
                break;
            case '\n':
                out += "\\n";
                break;
            case '\t':
                out += "\\t";
                break;
            default:
                if (byte < 0x20 || byte == 0x7f) {
                    out += "\\u00";
                    out += digits[byte >> 4];
                    out += digits[byte & 15];
                } else {
                    out += c;
                }
        }
    }
    return out + '"';
}

}  // namespace

void JsonWriter::begin_item() {
    if (after_key_) {
        after_key_ = false;
        return;
    }
    if (levels_.empty()) {
        STELLATE_ASSERT(out_.empty(), out_.size());
        return;
    }
    if (!levels_.back().empty) out_ += ',';
    levels_.back().empty = false;
    out_ += '\n';
    out_.append(2 * levels_.size(), ' ');
}

void JsonWriter::open(char bracket) {
    begin_item();
    out_ += bracket;
    levels_.push_back({bracket});
}

void JsonWriter::close(char bracket) {
    STELLATE_ASSERT(!levels_.empty() && !after_key_ && levels_.back().bracket == bracket, levels_.size(), bracket);
    const bool empty = levels_.back().empty;
    levels_.pop_back();
    if (!empty) {
        out_ += '\n';
        out_.append(2 * levels_.size(), ' ');
    }
    out_ += bracket == '{' ? '}' : ']';
}

JsonWriter& JsonWriter::begin_object() { return open('{'), *this; }
JsonWriter& JsonWriter::end_object() { return close('{'), *this; }
JsonWriter& JsonWriter::begin_array() { return open('['), *this; }
JsonWriter& JsonWriter::end_array() { return close('['), *this; }

JsonWriter& JsonWriter::key(std::string_view name) {
    STELLATE_ASSERT(!levels_.empty() && levels_.back().bracket == '{' && !after_key_, levels_.size());
    begin_item();
    out_ += quoted(name) + ": ";
    after_key_ = true;
    return *this;
}

JsonWriter& JsonWriter::value(std::string_view text) {
    begin_item();
    out_ += quoted(text);
    return *this;
}
JsonWriter& JsonWriter::value(double number) {
    begin_item();
    out_ += std::isfinite(number) ? shortest(number) : "null";
    return *this;
}
JsonWriter& JsonWriter::value(std::int64_t number) {
    begin_item();
    out_ += std::to_string(number);
    return *this;
}
JsonWriter& JsonWriter::value(std::uint64_t number) {
    begin_item();
    out_ += std::to_string(number);
    return *this;
}
JsonWriter& JsonWriter::value(bool flag) {
    begin_item();
    out_ += flag ? "true" : "false";
    return *this;
}
JsonWriter& JsonWriter::null() {
    begin_item();
    out_ += "null";
    return *this;
}

std::string JsonWriter::text() const {
    STELLATE_ASSERT(levels_.empty() && !after_key_ && !out_.empty(), levels_.size());
    return out_ + '\n';
}

}  // namespace stellate
