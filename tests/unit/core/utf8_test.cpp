#include "core/utf8.hpp"

#include <gtest/gtest.h>

namespace stellate {
namespace {

TEST(Utf8, whole_characters_have_their_length) {
    EXPECT_EQ(utf8_length("a"), 1u);
    EXPECT_EQ(utf8_length("\u00b5m"), 2u);
    EXPECT_EQ(utf8_length("\u20ac"), 3u);
    EXPECT_EQ(utf8_length("\U0001F400"), 4u);
    EXPECT_EQ(utf8_length("\xf4\x8f\xbf\xbf"), 4u);
}

TEST(Utf8, anything_else_has_none) {
    for (const char* bad : {"", "\x80", "\xc0\x80", "\xc1\xbf", "\xc3", "\xe2\x82", "\xe0\x80\x80", "\xed\xa0\x80",
                            "\xf0\x80\x80\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xc3\x28"})
        EXPECT_EQ(utf8_length(bad), 0u);
}

}  // namespace
}  // namespace stellate
