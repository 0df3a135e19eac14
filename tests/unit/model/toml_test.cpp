#include "model/toml.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <limits>

namespace stellate {
namespace {

TomlTable tree_of(const std::string& text) {
    Problems problems;
    TomlTable tree = parse_toml(text, "file.toml", problems);
    problems.throw_if_any();
    return tree;
}

std::string error_of(const std::string& text) {
    try {
        tree_of(text);
    } catch (const InputError& error) {
        return error.what();
    }
    return "";
}

TEST(Toml, tables_keep_file_order_and_places) {
    const TomlTable tree = tree_of(
        "zeta = 1\nalpha = \"a\"\n[middle]\nb.c = true\nlist = [1, 2.5]\n[[arm]]\nname = \"x\"\n[[arm]]\nname = "
        "\"y\"\n");
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
    EXPECT_TRUE(tree_of("a = { b = 1 }").find("a")->table.written_inline);
}

TEST(Toml, a_byte_order_mark_is_accepted) {
    EXPECT_EQ(tree_of("\xef\xbb\xbf"
                      "a = 1")
                  .find("a")
                  ->integer,
              1);
}

TEST(Toml, bad_text_is_refused_with_its_place_and_byte) {
    EXPECT_EQ(error_of(std::string("a = 1\nb = \"x\0\"", 14)),
              "file.toml:2:7: a NUL byte; expected UTF-8 text (byte 12)");
    EXPECT_EQ(error_of("a = \"\xff\""), "file.toml:1:6: is not UTF-8 (byte 5)");
    EXPECT_EQ(error_of("a = \xff"), "file.toml:1:5: is not UTF-8 (byte 4)");
    EXPECT_EQ(error_of("# \xed\xa0\x80"), "file.toml:1:3: is not UTF-8 (byte 2)");
    EXPECT_EQ(error_of("a = 1\rb = 2"), "file.toml:1:6: a carriage return without a line feed (byte 5)");
    EXPECT_EQ(error_of("\xef\xbb\xbf"
                       "a = 1\r"),
              "file.toml:1:6: a carriage return without a line feed (byte 8)");
    EXPECT_EQ(error_of("\xff\xfe"
                       "a"),
              "file.toml:1:1: is UTF-16 (byte 0); expected UTF-8");
    EXPECT_EQ(error_of("a = \u0663"), "file.toml:1:5: '\u0663' is outside ASCII and outside quotes (byte 4)");
    EXPECT_EQ(error_of("\u0430 = 1"), "file.toml:1:1: '\u0430' is outside ASCII and outside quotes (byte 0)");
}

TEST(Toml, letters_beyond_ascii_are_no_blanks) {
    // The sanitizer of undefined behaviour sees more of these than the values do.
    EXPECT_EQ(tree_of("a = \"\"\"b \\\n  \u00e4c\"\"\"").find("a")->text, "b \u00e4c");
    EXPECT_TRUE(error_of("a =0\"\u00e4\"").starts_with("file.toml:1:"));
}

TEST(Toml, broken_syntax_is_refused_with_its_place) {
    EXPECT_EQ(error_of("a = \"abc\nb = 1"), "file.toml:1:9: the quote is not closed on its line");
    EXPECT_EQ(error_of("a = 1\nb = colon\n"),
              "file.toml:2:5: Error while parsing value: could not determine value type; expected a number, true or "
              "false, or a text in quotes");
    for (const char* text : {"a = [=", "a = [^", "a = \"abc", "a = \"\"\"abc", "a = 12345678901234567890x", "a = 1 mm"})
        EXPECT_TRUE(error_of(text).starts_with("file.toml:1:")) << text << error_of(text);
}

TEST(Toml, a_key_or_table_given_twice_names_both_places_and_hides_nothing) {
    EXPECT_EQ(error_of("a = 1\nb = 2\n  a = 3\nb = \"x\"\n"),
              "file.toml:3:3: a: is given twice; first in line 1\nfile.toml:4:1: b: is given twice; first in line 2");
    EXPECT_EQ(error_of("[t]\nx = 1\n[ t ]\ny = 2\n"), "file.toml:3:3: t: is given twice; first in line 1");
    EXPECT_EQ(error_of("[t]\nx = 1\n[[t]]\ny = 2\n"), "file.toml:3:3: t: is given twice; first in line 1");
    EXPECT_EQ(error_of("[s]\na = { b = 1, c = \"\u00e4\", b = 2, c = 3 }\n"),
              "file.toml:2:23: s.a.b: is given twice; first in line 2\n"
              "file.toml:2:30: s.a.c: is given twice; first in line 2");
    EXPECT_EQ(error_of("a.b = 1\n'c d' = 1\na.b = 2\n'c d' = 3\na.b = 4"),
              "file.toml:3:3: a.b: is given twice; first in line 1\n"
              "file.toml:4:1: c d: is given twice; first in line 2\n"
              "file.toml:5:3: a.b: is given twice; first in line 1");
    EXPECT_TRUE(
        error_of("a = 1\na.b = 2").starts_with("file.toml:2:1: Error while parsing key-value pair: cannot redefine"));
    Problems problems;
    const TomlTable tree = parse_toml("a = 1\na = 2\nb = 3", "file.toml", problems);
    EXPECT_EQ(tree.find("a")->integer, 1);
    EXPECT_EQ(tree.find("b")->integer, 3);
    EXPECT_EQ(tree.entries.size(), 2u);
    EXPECT_EQ(problems.size(), 1u);
}

// What stands at `a` in the text, in words.
std::string described(const std::string& text) { return describe(*tree_of(text).find("a")); }

TEST(Toml, a_number_or_date_that_cannot_be_used_hides_nothing_and_is_described_as_written) {
    EXPECT_EQ(described("a = nan"), "nan, which is not finite");
    EXPECT_EQ(described("a = -inf"), "-inf, which is not finite");
    EXPECT_EQ(described("a = 5e-324"), "5e-324, which is too small to be held in full");
    EXPECT_EQ(described("a = 1979-05-27T07:32:00Z"), "a date or time, which is not used here");
    EXPECT_EQ(described("a = 1e9_99"), "1e9_99, which is too large or too small to be held");
    EXPECT_EQ(described("a =-1.5e-400 # 1e999"), "-1.5e-400, which is too large or too small to be held");
    EXPECT_EQ(described("b = 1\n a = 9_223372036854775808  # 2^63"),
              "9_223372036854775808, which is beyond the whole numbers, -9223372036854775808 to 9223372036854775807");
    EXPECT_EQ(described("a = 9223372036854775807"), "the number 9223372036854775807");
    const TomlTable tree = tree_of("[99999999999999999999]\n1e999 = [1, 1e999, [\n1e999]]\nt = { 1e999 = '1e999' }\n");
    const TomlTable& table = tree.find("99999999999999999999")->table;
    const std::vector<TomlValue>& items = table.find("1e999")->array;
    EXPECT_EQ(describe(items[0]), "the number 1");
    EXPECT_EQ(describe(items[1]), "1e999, which is too large or too small to be held");
    EXPECT_EQ(items[1].place.column, 13);
    EXPECT_EQ(describe(items[2].array[0]), "1e999, which is too large or too small to be held");
    EXPECT_EQ(describe(*table.find("t")->table.find("1e999")), "the text '1e999'");
    EXPECT_EQ(error_of("[[1e999]]\n[[1e999]]\n"), "");
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
    Problems problems;
    EXPECT_THROW(read_toml(path, problems), InputError);
    std::filesystem::remove(path);
    EXPECT_THROW(read_toml(path, problems), InputError);
}

// --- StrictTable

struct Strict {
    explicit Strict(const std::string& text) : tree(tree_of(text)), table(tree, "", problems) {}
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
              "file.toml:2:8: days: 0 is out of range; expected 1 to 100 (limits of the program)\n"
              "file.toml:3:1: frequnecy: unknown key (did you mean 'frequency'?)\n"
              "file.toml:4:11: primary: the text 'colom' (did you mean 'colon'?); expected one of colon, melanoma\n"
              "file.toml:5:8: dose: no unit; expected a dose in ug/g (also mg/kg, g/kg)\n"
              "file.toml:6:1: liver.fibrotic: is missing; expected true or false\n"
              "file.toml:7:9: liver.size[0]: the number 1; expected a list of texts in quotes\n"
              "file.toml:7:12: liver.size[1]: the number 2; expected a list of texts in quotes");
}

TEST(StrictTable, values_that_cannot_be_used_are_told_with_what_was_expected) {
    Strict s("a = nan\nb = 2020-01-01\nc = 1e999\nd = [1, inf, 'x']\ne = 99999999999999999999\n");
    s.table.number("a");
    s.table.text("b");
    s.table.maybe_number("c");
    s.table.numbers("d");
    s.table.integer("e", 1, 9);
    s.table.finish();
    EXPECT_EQ(s.mistakes(),
              "file.toml:1:5: a: nan, which is not finite; expected a number\n"
              "file.toml:2:5: b: a date or time, which is not used here; expected a text in quotes\n"
              "file.toml:3:5: c: 1e999, which is too large or too small to be held; expected a number\n"
              "file.toml:4:9: d[1]: inf, which is not finite; expected a list of numbers\n"
              "file.toml:4:14: d[2]: the text 'x'; expected a list of numbers\n"
              "file.toml:5:5: e: 99999999999999999999, which is beyond the whole numbers, -9223372036854775808 to "
              "9223372036854775807; expected a whole number from 1 to 9");
}

TEST(StrictTable, a_key_in_the_wrong_table_is_told_where_it_belongs) {
    const std::vector<KnownKey> keys = {
        {"", "arms"}, {"", "mice"}, {"arms", "name"}, {"arms.treatments", "start"}, {"drugs", "start"}};
    const TomlTable tree = tree_of("start = 1\n[[arms]]\nmice = 2\nnaem = 'x'\nzzzzzz = 1\n");
    Problems problems;
    StrictTable top(tree, "", problems, &keys);
    for (StrictTable& arm : top.tables("arms")) {
        arm.maybe_text("name");
        arm.finish();
    }
    top.maybe_number("mice");
    top.finish();
    std::string message;
    try {
        problems.throw_if_any();
    } catch (const InputError& error) {
        message = error.what();
    }
    EXPECT_EQ(message,
              "file.toml:1:1: start: unknown key; 'start' belongs in arms.treatments, drugs\n"
              "file.toml:3:1: arms[0].mice: unknown key; 'mice' belongs in the file itself\n"
              "file.toml:4:1: arms[0].naem: unknown key (did you mean 'name'?)\n"
              "file.toml:5:1: arms[0].zzzzzz: unknown key; expected one of name");
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
              "file.toml:3:5: c: 9223372036854775806 is out of range; expected 0 to 9223372036854775805 (limits of the "
              "program)\n"
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
