// Columns come back as they were put, and nothing else is taken for them.
#include "storage/columns.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>

#include "folder.hpp"

namespace stellate::storage {
namespace {

using testing::HasSubstr;
enum class Colour : std::uint8_t { red, blue };

std::string example() {
    ColumnWriter to;
    to.value("tick", std::uint32_t(7));
    to.column("x", std::vector<float>{1.5f, -0.0f, std::numeric_limits<float>::denorm_min()});
    to.column("colour", std::vector<Colour>{Colour::blue, Colour::red});
    to.texts("names", {"a", "", "gamma"});
    to.text("title", "two\nlines");
    return to.take();
}

void read(const std::string& bytes) {
    ColumnReader from(bytes, "file");
    from.value<std::uint32_t>("tick");
    from.column<float>("x", 3);
    from.column<Colour>("colour");
    from.texts("names");
    from.text("title");
    from.finish();
}

TEST(Columns, come_back_as_they_were_put) {
    const std::string bytes = example();
    ColumnReader from(bytes, "file");
    EXPECT_EQ(from.value<std::uint32_t>("tick"), 7u);
    const auto x = from.column<float>("x");
    ASSERT_EQ(x.size(), 3u);
    EXPECT_TRUE(std::signbit(x[1]));
    EXPECT_EQ(x[2], std::numeric_limits<float>::denorm_min());
    EXPECT_EQ(from.column<Colour>("colour"), (std::vector{Colour::blue, Colour::red}));
    EXPECT_EQ(from.texts("names"), (std::vector<std::string>{"a", "", "gamma"}));
    EXPECT_EQ(from.text("title"), "two\nlines");
    from.finish();
}

// The format is a promise to files that are there already.
TEST(Columns, lie_in_the_file_as_the_format_says) {
    ColumnWriter to;
    to.column("ab", std::vector<std::uint16_t>{0x0102, 3});
    EXPECT_EQ(to.take(), std::string("\x02"
                                     "abu2"
                                     "\x02\0\0\0\0\0\0\0"
                                     "\x02\x01\x03\0",
                                     17));
}

TEST(Columns, another_name_type_or_number_is_refused_by_name) {
    const std::string bytes = example();
    const auto saying = [&](auto&& body) {
        return told<Damaged>([&] {
            ColumnReader from(bytes, "file");
            body(from);
        });
    };
    EXPECT_EQ(saying([](ColumnReader& r) { r.value<std::uint32_t>("tock"); }),
              "file: holds another column where the column 'tock' was expected");
    EXPECT_EQ(saying([](ColumnReader& r) { r.value<float>("tick"); }),
              "file: the column 'tick' holds other numbers than f4");
    EXPECT_EQ(saying([](ColumnReader& r) { r.column<std::uint32_t>("tick", 2); }),
              "file: the column 'tick' has 1 values, expected 2");
    EXPECT_EQ(saying([](ColumnReader& r) { r.value<std::uint32_t>("tick"), r.finish(); }),
              "file: " + std::to_string(bytes.size() - (1 + 4 + 2 + 8 + 4)) + " bytes too many at its end");
}

TEST(Columns, cut_short_anywhere_are_refused) {
    const std::string bytes = example();
    read(bytes);
    for (std::size_t length = 0; length < bytes.size(); ++length)
        EXPECT_THROW(read(bytes.substr(0, length)), Damaged) << length;
}

TEST(Columns, a_number_of_values_that_cannot_be_there_is_refused_before_anything_is_made_for_them) {
    std::string bytes = example();
    const std::size_t count = 1 + 4 + 2;  // of "tick"
    for (const std::uint64_t lie :
         {std::uint64_t(2), std::uint64_t(1) << 40, ~std::uint64_t(0), ~std::uint64_t(0) / 4 + 2}) {
        std::memcpy(bytes.data() + count, &lie, sizeof lie);
        EXPECT_THROW(read(bytes), Damaged) << lie;
    }
}

RC_GTEST_PROP(Columns, altered_bytes_never_do_worse_than_be_refused, ()) {
    std::string bytes = example();
    const auto at = *rc::gen::inRange<std::size_t>(0, bytes.size());
    bytes[at] = static_cast<char>(*rc::gen::inRange(0, 256));
    try {
        read(bytes);
    } catch (const Damaged&) {
    }
}

}  // namespace
}  // namespace stellate::storage
