// Named columns of plain numbers in one string of bytes: what a state is stored as. Each entry is
//
//     length of its name (1 byte), name, type (2 characters: u1 u2 u4 u8 i4 f4 f8), number of values (8 bytes), values
//
// little-endian, without padding, in the order written (docs/formats.md). A reader asks for the entries in that order
// and by name, so a file of another shape is refused and never taken for something else. Nothing is allocated before it
// is known that the bytes are there.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace stellate::storage {

static_assert(std::endian::native == std::endian::little, "files are little-endian");

// A stored file that is not what it should be: which, and what is wrong with it.
class Damaged : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// Of a format that a newer version of the program wrote: sound, perhaps, and to be left as it is.
class Newer : public Damaged {
public:
    using Damaged::Damaged;
};

namespace detail {
template <class T>
constexpr std::string_view type_code() {
    if constexpr (std::is_enum_v<T>) {
        return type_code<std::underlying_type_t<T>>();
    } else if constexpr (std::is_floating_point_v<T>) {
        static_assert(sizeof(T) == 4 || sizeof(T) == 8);
        return sizeof(T) == 4 ? "f4" : "f8";
    } else if constexpr (std::is_signed_v<T>) {
        static_assert(sizeof(T) == 4);
        return "i4";
    } else {
        static_assert(std::is_unsigned_v<T>);
        return sizeof(T) == 1 ? "u1" : sizeof(T) == 2 ? "u2" : sizeof(T) == 4 ? "u4" : "u8";
    }
}
}  // namespace detail

class ColumnWriter {
public:
    template <class T>
    void column(std::string_view name, std::span<const T> values) {
        begin(name, detail::type_code<T>(), values.size());
        append(values);
    }
    template <class T>
    void column(std::string_view name, const std::vector<T>& values) {
        column(name, std::span<const T>(values));
    }
    template <class T>
    void value(std::string_view name, T v) {
        column(name, std::span<const T>(&v, 1));
    }
    void text(std::string_view name, std::string_view text);
    void texts(std::string_view name, const std::vector<std::string>& texts);

    // A long column in pieces: `begin`, then as many values as it was told.
    template <class T>
    void begin(std::string_view name, std::size_t values) {
        begin(name, detail::type_code<T>(), values);
    }
    template <class T>
    void append(std::span<const T> values) {
        if (!values.empty()) bytes_.append(reinterpret_cast<const char*>(values.data()), values.size_bytes());
    }

    std::string take() { return std::move(bytes_); }

private:
    void begin(std::string_view name, std::string_view type, std::size_t values);
    std::string bytes_;
};

class ColumnReader {
public:
    // `bytes` outlive the reader; `where` names them in messages.
    ColumnReader(std::string_view bytes, std::string where) : rest_(bytes), where_(std::move(where)) {}

    // All throw Damaged: another entry than asked for, other type or number of values, or cut short.
    template <class T>
    std::vector<T> column(std::string_view name) {
        const std::size_t count = begin(name, detail::type_code<T>(), sizeof(T));
        std::vector<T> values(count);
        copy(values.data(), count * sizeof(T));
        return values;
    }
    template <class T>
    std::vector<T> column(std::string_view name, std::size_t expected) {
        expect(name, begin(name, detail::type_code<T>(), sizeof(T)), expected);
        std::vector<T> values(expected);
        copy(values.data(), expected * sizeof(T));
        return values;
    }
    template <class T>
    T value(std::string_view name) {
        return column<T>(name, 1).front();
    }
    std::string text(std::string_view name);
    std::vector<std::string> texts(std::string_view name);

    // A long column in pieces that together must have `expected` values.
    template <class T>
    void begin(std::string_view name, std::size_t expected) {
        expect(name, begin(name, detail::type_code<T>(), sizeof(T)), expected);
    }
    template <class T>
    void take(std::span<T> into) {
        copy(into.data(), into.size_bytes());
    }

    void finish() const;  // nothing may be left
    [[noreturn]] void refuse(const std::string& what) const;

private:
    std::size_t begin(std::string_view name, std::string_view type, std::size_t bytes_each);
    void expect(std::string_view name, std::size_t found, std::size_t expected) const;
    void copy(void* into, std::size_t bytes);
    std::string_view rest_;
    std::string where_;
};

}  // namespace stellate::storage
