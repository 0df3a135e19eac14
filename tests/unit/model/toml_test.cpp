#include "model/toml.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <limits>

namespace stellate {
namespace {

std::string error_of(const std::string& text) {
    try {
        parse_toml(text, "file.toml");
    } catch (const InputError& error) {
        return error.what();
    }
    return "";
}

TEST(Toml, tables_keep_file_order_and_places) {
    const TomlTable tree = parse_toml(
        "zeta = 1\nalpha = \"a\"\n[middle]\nb.c = true\nlist = [1, 2.5]\n[[arm]]\nname = \"x\"\n[[arm]]\nname = "
        "\"y\"\n",
        "f");
    ASSERT_EQ(tree.entries.size(), 4u);
    EXPECT_EQ(tree.entries[0].key, "zeta");
    EXPECT_EQ(tree.entries[1].key, "alpha");
    EXPECT_EQ(tree.entries[2].key, "middle");
    EXPECT_EQ(tree.entries[1].key_place.line, 2);
    EXPECT_EQ(tree.entries[1].value.place.column, 9);
    const TomlTable& middle = tree.find("middle")->table;
    EXPECT_TRUE(middle.find("b")->table.find("c")->flag);
    EXPECT_EQ(middle.find("list")->array[1].number, 2.5);
    EXPECT_EQ(tree.find("arm")->array.size(), 2u);
    EXPECT_EQ(tree.find("nothing"), nullptr);
    EXPECT_FALSE(middle.written_inline);
    EXPECT_TRUE(parse_toml("a = { b = 1 }", "f").find("a")->table.written_inline);
}

TEST(Toml, a_byte_order_mark_is_accepted) {
    EXPECT_EQ(parse_toml("\xef\xbb\xbf"
                         "a = 1",
                         "f")
                  .find("a")
                  ->integer,
              1);
}

TEST(Toml, bad_text_is_refused_with_its_place) {
    EXPECT_EQ(error_of(std::string("a = 1\nb = \"x\0\"", 14)),
              "file.toml:2:7: a NUL byte (byte 12); expected UTF-8 text");
    EXPECT_EQ(error_of("a = \"\xff\""), "file.toml:1:6: byte 5 is not UTF-8");
    EXPECT_EQ(error_of("# \xed\xa0\x80"), "file.toml:1:3: byte 2 is not UTF-8");
    EXPECT_EQ(error_of("a = 1\rb = 2"), "file.toml:1:6: a carriage return without a line feed");
    EXPECT_EQ(error_of("\xff\xfe"
                       "a"),
              "file.toml:1:1: is UTF-16; expected UTF-8");
    EXPECT_EQ(error_of("a = \u0663"), "file.toml:1:5: a character outside ASCII outside quotes");
    EXPECT_EQ(error_of("a = nan"), "file.toml:1:5: a: is not a number that can be held: not finite, or too small");
    EXPECT_EQ(error_of("x.a = 1979-05-27"),
              "file.toml:1:7: x.a: dates and times are not used here; write a text or a number");
    EXPECT_EQ(error_of("a = 9223372036854775807\nb = -9223372036854775808"), "");
    EXPECT_EQ(
        error_of("b = 1\n a = 9_223372036854775808  # 2^63"),
        "file.toml:2:6: a: 9_223372036854775808 cannot be held; expected a whole number from -9223372036854775808 to "
        "9223372036854775807");
    EXPECT_NE(error_of("a = -9223372036854775809").find("file.toml:1:5: a: -9223372036854775809 cannot be held"),
              std::string::npos);
    EXPECT_EQ(error_of("a = 12345678901234567890x").find("cannot be held"), std::string::npos);
    EXPECT_NE(error_of("a = 1e999"), "");
    EXPECT_NE(error_of("a = 1e-400"), "");
    EXPECT_NE(error_of("a = 1\na = 2").find("file.toml:2"), std::string::npos);
    EXPECT_NE(error_of("a = [="), "");
    EXPECT_NE(error_of("a = [^"), "");
    EXPECT_NE(error_of("a = \"abc"), "");
    EXPECT_NE(error_of("a = \"\"\"abc"), "");
}

TEST(Toml, deep_nesting_is_refused_without_recursion) {
    EXPECT_NE(error_of("a = " + std::string(100'000, '[')).find("nested deeper than 64"), std::string::npos);
    EXPECT_NE(error_of("a = " + std::string(100'000, '{')).find("nested deeper than 64"), std::string::npos);
    std::string dotted = "a";
    for (int i = 0; i < 100'000; ++i) dotted += " . a";
    EXPECT_NE(error_of("[" + dotted + "]").find("more than 64 parts"), std::string::npos);
    EXPECT_NE(error_of(dotted + " = 1").find("more than 64 parts"), std::string::npos);
    EXPECT_NE(error_of("x = { \"a\"" + dotted.substr(1) + " = 1 }").find("more than 64 parts"), std::string::npos);
    EXPECT_EQ(error_of("a = [0.1, 0.2, 0.3]\nb = \"[[[[....\" # [[[["), "");
}

TEST(Toml, files_too_large_are_not_read) {
    EXPECT_NE(error_of(std::string(5 << 20, ' ')).find("at most 4194304 are read"), std::string::npos);
    const auto path = std::filesystem::temp_directory_path() / "stellate-toml-large.toml";
    std::ofstream(path) << std::string(5 << 20, ' ');
    EXPECT_THROW(read_toml(path), InputError);
    std::filesystem::remove(path);
    EXPECT_THROW(read_toml(path), InputError);
}

// --- StrictTable

struct Strict {
    explicit Strict(const std::string& text) : tree(parse_toml(text, "file.toml")), table(tree, "", problems) {}
    std::string mistakes() {
        try {
            problems.throw_if_any();
        } catch (const InputError& error) {
            return error.what();
        }
        return "";
    }
    TomlTable tree;
    Problems problems;
    StrictTable table;
};

TEST(StrictTable, hands_out_typed_values) {
    Strict s(
        "n = 3\nx = 2.5\ntext = \"abc\"\non = true\nlist = [\"a\", \"b\"]\nv = [1, 2]\ndose = \"40 mg/kg\"\nsex = "
        "\"female\"\n[t]\na = 1\n[[arm]]\n[[arm]]\n");
    EXPECT_EQ(s.table.integer("n", 0, 10), 3);
    EXPECT_EQ(s.table.number("n"), 3.0);
    EXPECT_EQ(s.table.number("x", {0, 5}), 2.5);
    EXPECT_EQ(s.table.text("text"), "abc");
    EXPECT_TRUE(s.table.flag("on"));
    EXPECT_EQ(s.table.texts("list").size(), 2u);
    EXPECT_EQ(s.table.numbers("v").size(), 2u);
    EXPECT_EQ(s.table.quantity("dose", Dimension::dose), 40.0);
    EXPECT_EQ(s.table.choice("sex", {"male", "female"}), "female");
    StrictTable t = s.table.table("t");
    EXPECT_EQ(t.names(), std::vector<std::string>{"a"});
    EXPECT_EQ(t.path_of("a"), "t.a");
    EXPECT_EQ(s.table.tables("arm").size(), 2u);
    EXPECT_EQ(s.table.maybe_number("absent"), std::nullopt);
    EXPECT_EQ(s.table.maybe_integer("n", 0, 5), 3);
    EXPECT_EQ(s.table.maybe_text("text"), "abc");
    EXPECT_EQ(s.table.maybe_flag("on"), true);
    EXPECT_TRUE(s.table.maybe_texts("list"));
    EXPECT_TRUE(s.table.maybe_numbers("v"));
    EXPECT_EQ(s.table.maybe_quantity("absent", Dimension::dose), std::nullopt);
    EXPECT_FALSE(s.table.maybe_table("absent"));
    t.finish();
    s.table.finish();
    EXPECT_EQ(s.mistakes(), "");
}

TEST(StrictTable, tells_all_mistakes_in_one_go_in_file_order) {
    Strict s("mice = \"eight\"\ndays = 0\nfrequnecy = 3\nprimary = \"colom\"\ndose = \"40\"\n[liver]\nsize = [1, 2]\n");
    s.table.integer("mice", 1, 100);
    s.table.number("days", {1, 100});
    s.table.maybe_number("frequency");
    s.table.choice("primary", {"colon", "melanoma"});
    s.table.quantity("dose", Dimension::dose);
    StrictTable liver = s.table.table("liver");
    liver.texts("size");
    liver.flag("fibrotic");
    liver.finish();
    StrictTable tumour = s.table.table("tumour");
    tumour.number("cells");
    tumour.finish();
    s.table.finish();
    EXPECT_EQ(s.mistakes(),
              "file.toml:1:1: tumour: is missing; expected a table\n"
              "file.toml:1:8: mice: the text 'eight'; expected a whole number from 1 to 100\n"
              "file.toml:2:8: days: 0 is out of range; expected 1 to 100\n"
              "file.toml:3:1: frequnecy: unknown key (did you mean 'frequency'?)\n"
              "file.toml:4:11: primary: the text 'colom' (did you mean 'colon'?); expected one of colon, melanoma\n"
              "file.toml:5:8: dose: no unit; expected a dose in ug/g (also mg/kg, g/kg)\n"
              "file.toml:6:1: liver.fibrotic: is missing; expected true or false\n"
              "file.toml:7:8: liver.size: an array of 2; expected a list of texts in quotes");
}

TEST(StrictTable, whole_numbers_are_exact_to_the_last_and_doubles_take_none_they_cannot_hold) {
    constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
    Strict s(
        "a = 9223372036854775807\nb = 9007199254740993\nc = 9223372036854775806\nd = 9007199254740993\ne = "
        "[9007199254740993]\nf = 9007199254740992\n");
    EXPECT_EQ(s.table.integer("a", 0, most), most);
    EXPECT_EQ(s.table.integer("b", 0, most), 9007199254740993);
    s.table.integer("c", 0, most - 2);
    s.table.number("d");
    s.table.numbers("e");
    EXPECT_EQ(s.table.number("f"), 9007199254740992.0);
    EXPECT_EQ(s.mistakes(),
              "file.toml:3:5: c: 9223372036854775806 is out of range; expected 0 to 9223372036854775805\n"
              "file.toml:4:5: d: an integer beyond 2^53 cannot be held exactly where any number is expected\n"
              "file.toml:5:5: e: an integer beyond 2^53 cannot be held exactly where any number is expected");
}

TEST(StrictTable, a_key_far_from_all_names_lists_them) {
    Strict s("zzzzzzzz = 1");
    s.table.maybe_flag("alpha");
    s.table.maybe_flag("beta");
    s.table.finish();
    EXPECT_EQ(s.mistakes(), "file.toml:1:1: zzzzzzzz: unknown key; expected one of alpha, beta");
}

}  // namespace
}  // namespace stellate
