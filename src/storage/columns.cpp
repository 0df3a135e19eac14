#include "storage/columns.hpp"

#include "core/error.hpp"

namespace stellate::storage {

void ColumnWriter::begin(std::string_view name, std::string_view type, std::size_t values) {
    STELLATE_ASSERT(!name.empty() && name.size() < 256, name);
    bytes_ += static_cast<char>(name.size());
    bytes_ += name;
    bytes_ += type;
    const std::uint64_t count = values;
    bytes_.append(reinterpret_cast<const char*>(&count), sizeof count);
}

void ColumnWriter::text(std::string_view name, std::string_view text) {
    begin(name, "u1", text.size());
    bytes_ += text;
}

void ColumnWriter::texts(std::string_view name, const std::vector<std::string>& texts) {
    std::vector<std::uint64_t> lengths;
    std::string all;
    for (const std::string& text : texts) lengths.push_back(text.size()), all += text;
    column(name, lengths);
    text(name, all);
}

void ColumnReader::refuse(const std::string& what) const { throw Damaged(where_ + ": " + what); }

std::size_t ColumnReader::begin(std::string_view name, std::string_view type, std::size_t bytes_each) {
    const std::string entry = "the column '" + std::string(name) + "'";
    if (rest_.empty()) refuse(entry + " is missing at its end");
    const auto length = static_cast<std::size_t>(static_cast<unsigned char>(rest_[0]));
    constexpr std::size_t type_bytes = 2, count_bytes = 8;
    if (rest_.size() < 1 + length + type_bytes + count_bytes) refuse("is cut short at " + entry);
    const std::string_view found = rest_.substr(1, length), found_type = rest_.substr(1 + length, type_bytes);
    if (found != name) refuse("holds another column where " + entry + " was expected");
    if (found_type != type) refuse(entry + " holds other numbers than " + std::string(type));
    std::uint64_t count = 0;
    std::memcpy(&count, rest_.data() + 1 + length + type_bytes, count_bytes);
    rest_.remove_prefix(1 + length + type_bytes + count_bytes);
    if (count > rest_.size() / bytes_each) refuse("is cut short in " + entry);
    return static_cast<std::size_t>(count);
}

void ColumnReader::expect(std::string_view name, std::size_t found, std::size_t expected) const {
    if (found != expected)
        refuse("the column '" + std::string(name) + "' has " + std::to_string(found) + " values, expected " +
               std::to_string(expected));
}

void ColumnReader::copy(void* into, std::size_t bytes) {
    if (bytes > rest_.size()) refuse("is cut short");
    if (bytes > 0) std::memcpy(into, rest_.data(), bytes);
    rest_.remove_prefix(bytes);
}

std::string ColumnReader::text(std::string_view name) {
    const std::size_t length = begin(name, "u1", 1);
    std::string text(rest_.substr(0, length));
    rest_.remove_prefix(length);
    return text;
}

std::vector<std::string> ColumnReader::texts(std::string_view name) {
    const auto lengths = column<std::uint64_t>(name);
    const std::string all = text(name);
    std::vector<std::string> texts;
    std::size_t at = 0;
    for (const std::uint64_t length : lengths) {
        if (length > all.size() - at) refuse("the texts '" + std::string(name) + "' are cut short");
        texts.push_back(all.substr(at, static_cast<std::size_t>(length)));
        at += static_cast<std::size_t>(length);
    }
    if (at != all.size()) refuse("the texts '" + std::string(name) + "' are longer than they say");
    return texts;
}

void ColumnReader::finish() const {
    if (!rest_.empty()) refuse(std::to_string(rest_.size()) + " bytes too many at its end");
}

}  // namespace stellate::storage
