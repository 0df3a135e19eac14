#include <gtest/gtest.h>

#include "core/random.hpp"
#include "rules/hill_rules.hpp"
#include "rules/names.hpp"

namespace stellate::rules {
namespace {

// Every row; throws with the mistakes of all of them.
std::vector<Rule> rows_of(const std::string& csv) {
    Problems problems;
    std::vector<Rule> rows = parse_rules(csv, "rules.csv", problems);
    problems.throw_if_any();
    return rows;
}

std::string error_of(const std::string& text) {
    try {
        rows_of(text);
    } catch (const InputError& error) {
        return error.what();
    }
    return "";
}

TEST(Grammar, reads_the_shared_columns) {
    const auto rules = rows_of(
        "// Cell type, signal, direction, behavior, max response value, half-max, Hill power, applies to dead?\n"
        "\n"
        "malignant epithelial cell,oxygen,increases,cycle entry,0.003333,21.5,4,0\r\n"
        "malignant epithelial cell , apoptotic,increases, apoptotic debris secretion,0.017,0.1,10,0");
    ASSERT_EQ(rules.size(), 2u);
    EXPECT_EQ(rules[0].cell_type, "malignant epithelial cell");
    EXPECT_EQ(rules[0].signal, "oxygen");
    EXPECT_TRUE(rules[0].increases);
    EXPECT_EQ(rules[0].behaviour, "cycle entry");
    EXPECT_EQ(rules[0].saturation.value, 0.003333);
    EXPECT_EQ(rules[0].half_max.value, 21.5);
    EXPECT_EQ(rules[0].power.value, 4.0);
    EXPECT_EQ(rules[0].place.line, 3);
    EXPECT_EQ(rules[0].half_max.place.column, 65);
    EXPECT_EQ(rules[1].cell_type, "malignant epithelial cell");
    EXPECT_EQ(rules[1].behaviour, "apoptotic debris secretion");
}

TEST(Grammar, reads_our_columns_quotes_header_and_records) {
    const auto rules = rows_of(
        "\xef\xbb\xbf"
        "Cell type,signal,direction,behavior,max response value,half-max,Hill power,applies to dead?,saturation "
        "unit,half-max unit,loop,kind,source\n"
        "# a comment\n"
        "hsc_quiescent,TGFB1,increases,transform to "
        "hsc_activated,rules.activation.rate,0.2,2,0,1/day,ng/mL,activation,measured,\"Smith, \"\"2020\"\"\"\n");
    ASSERT_EQ(rules.size(), 1u);
    EXPECT_EQ(rules[0].saturation.record, "rules.activation.rate");
    EXPECT_EQ(rules[0].half_max.unit, "ng/mL");
    EXPECT_EQ(rules[0].loop, "activation");
    EXPECT_EQ(rules[0].kind, "measured");
    EXPECT_EQ(rules[0].source, "Smith, \"2020\"");
}

TEST(Grammar, malformed_rows_have_these_messages) {
    EXPECT_EQ(error_of("a,b,increases,c,1,2,3"),
              "rules.csv:1:1: 7 fields; expected 8 (cell type, signal, direction, behaviour, saturation, half-max, "
              "Hill power, applies to "
              "dead) or 13 (and unit of saturation, unit of half-max, loop, kind, source)");
    EXPECT_NE(error_of("a\tb\tincreases\tc\t1\t2\t3\t0").find("separated by commas rather than tabs"),
              std::string::npos);
    EXPECT_EQ(error_of("a,b,incraeses,c,1,2,3,0"),
              "rules.csv:1:5: direction: 'incraeses' (did you mean 'increases'?); expected increases or decreases");
    EXPECT_EQ(
        error_of("a,b,increases,c,1;5,2,3,0"),
        "rules.csv:1:17: saturation: '1;5'; expected a finite number with a decimal point, or the path of a record");
    EXPECT_EQ(
        error_of("a,b,increases,c,1,,3,0"),
        "rules.csv:1:19: half-max: is empty; expected a finite number with a decimal point, or the path of a record");
    EXPECT_EQ(
        error_of("a,b,increases,c,1,2,nan,0"),
        "rules.csv:1:21: Hill power: 'nan'; expected a finite number with a decimal point, or the path of a record");
    EXPECT_EQ(error_of("a,b,increases,c,1,2,3,no"),
              "rules.csv:1:23: applies to dead: 'no'; expected 0: dead cells follow no rules here");
    EXPECT_EQ(error_of("a,b,increases,c,1,2,3,1"),
              "rules.csv:1:23: applies to dead: '1'; expected 0: dead cells follow no rules here");
    EXPECT_EQ(error_of(",b,increases,c,1,2,3,0"), "rules.csv:1:1: cell type: is empty");
    EXPECT_EQ(error_of("a,b,increases,c,1,2,3,0,1,1,,mesured,x"),
              "rules.csv:1:30: kind: 'mesured' (did you mean 'measured'?); expected measured, fitted or assumed");
    EXPECT_EQ(error_of("a,b,increases,c,1,2,3,0,1,1,,fitted,"),
              "rules.csv:1:37: source: is empty; a fitted rule names its source");
    EXPECT_EQ(error_of("a,b,increases,c,1,2,3,0,1,1,,assumed,"),
              "rules.csv:1:38: source: is empty; an assumed rule says why it was chosen");
    EXPECT_EQ(error_of("a,\"b,increases,c,1,2,3,0"), "rules.csv:1:3: a quote that is not closed");
    EXPECT_EQ(error_of("a,\"b\"x,increases,c,1,2,3,0"), "rules.csv:1:3: text after the closing quote");
    EXPECT_EQ(error_of("cell type,direction,signal,behaviour,saturation,half-max,Hill power,applies to dead"),
              "rules.csv:1:11: column 2 is 'direction'; expected 'signal'\nrules.csv:1:21: column 3 is 'signal'; "
              "expected 'direction'");
    EXPECT_EQ(error_of("a,b,increases,c,1,2,3,0\nx,\xff,"), "rules.csv:2:3: is not UTF-8 (byte 26)");
    EXPECT_EQ(error_of(std::string("\xef\xbb\xbf\u00e4\0b", 7)),
              "rules.csv:1:2: a NUL byte; expected UTF-8 text (byte 5)");
    EXPECT_EQ(error_of("# \u00e4\x01"), "rules.csv:1:4: a control character (byte 4)");
    EXPECT_EQ(error_of("# a\r# b"), "rules.csv:1:4: a carriage return without a line feed (byte 3)");
    EXPECT_EQ(error_of("\u00e4,b,up,c,1,2,3,0"), "rules.csv:1:5: direction: 'up'; expected increases or decreases");
    EXPECT_EQ(error_of("\xff\xfe"
                       "a"),
              "rules.csv:1:1: is UTF-16 (byte 0); expected UTF-8");
    EXPECT_NE(error_of(std::string(5 << 20, ' ')), "");
}

TEST(Grammar, all_malformed_rows_are_told) {
    const std::string text = error_of("a,b,up,c,1,2,3,0\na,b,increases,c,x,2,3,2\n1,2\n");
    EXPECT_NE(text.find("rules.csv:1:5"), std::string::npos);
    EXPECT_NE(text.find("rules.csv:2:17"), std::string::npos);
    EXPECT_NE(text.find("rules.csv:2:23"), std::string::npos);
    EXPECT_NE(text.find("rules.csv:3:1"), std::string::npos);
}

TEST(Grammar, rows_with_a_mistake_hide_none_of_the_others) {
    Problems problems;
    const auto rows =
        parse_rules("a,b,increases,c,1,2,3,0\na,b,up,c,1,2,3,0\na,d,increases,c,1,2,3,0\n", "r", problems);
    ASSERT_EQ(rows.size(), 2u);
    EXPECT_EQ(rows[1].signal, "d");
    EXPECT_EQ(problems.size(), 1u);
}

TEST(Grammar, synonyms_have_one_name) {
    const std::pair<const char*, const char*> same[] = {
        {"M0_macrophage", "m0 macrophage"},
        {"  Hsc \t activated ", "hsc activated"},
        {"transition to x", "transform to x"},
        {"phagocytosis of necrotic cells", "phagocytose necrotic cell"},
        {"contact with dead cells", "contact with dead cell"},
        {"contact with BM", "contact with basement membrane"},
        {"grad( TGFB1 )", "TGFB1 gradient"},
        {"gradient of TGFB1", "TGFB1 gradient"},
        {"internalized drug", "intracellular drug"},
        {"chemotactic sensitivity to CXCL12", "chemotactic response to CXCL12"},
        {"HGF secretion saturation density", "HGF secretion target"},
        {"exit from cycle phase 0", "cycle entry"},
        {"is dead", "dead"},
        {"global time", "time"},
    };
    for (const auto& [a, b] : same) EXPECT_EQ(canonical_name(a), canonical_name(b)) << a;
    EXPECT_NE(canonical_name("hsc activated"), canonical_name("hsc quiescent"));
    EXPECT_EQ(canonical_name(canonical_name("gradient of TGFB1")), canonical_name("gradient of TGFB1"));
}

TEST(Grammar, whatever_bytes_change_a_file_is_read_or_refused) {
    const std::string good =
        "cell type,signal,direction,behaviour,saturation,half-max,Hill power,applies to dead,unit of saturation,unit "
        "of half-max,loop,kind,source\n"
        "// HSC\nhsc,TGFB1,increases,cycle entry,3,0.2,2,0,1/day,nM,matrix,assumed,\"why, so\"\n"
        "hsc,oxygen,decreases,cycle entry,0,5,4,0,1/h,mmHg,,measured,doi\n";
    int accepted = 0, refused = 0;
    for (std::uint32_t i = 0; i < 5000; ++i) {
        Draws draws(13, i, 0, Purpose::test);
        std::string text = good;
        for (std::uint32_t edits = 1 + draws.below(3); edits > 0; --edits) {
            const auto at = draws.below(static_cast<std::uint32_t>(text.size()));
            const char byte = draws.below(2) ? static_cast<char>(draws.below(256)) : ",\"\n\r\t.#/"[draws.below(8)];
            switch (draws.below(3)) {
                case 0:
                    text[at] = byte;
                    break;
                case 1:
                    text.insert(at, 1, byte);
                    break;
                default:
                    text.erase(at, 1 + draws.below(6));
            }
        }
        Vocabulary v;
        v.cell_types = {"hsc"};
        v.signals = {{"TGFB1", Dimension::concentration}, {"oxygen", Dimension::oxygen_tension}};
        v.behaviours = {{"cycle entry", Dimension::rate}};
        v.base = {0.001};
        v.loops = {"matrix"};
        try {
            const CompiledRules compiled(rows_of(text), v);
            const float signals[] = {1.0f, 2.0f};
            float out[1] = {0};
            compiled.evaluate(0, signals, out);
            EXPECT_TRUE(out[0] >= 0 && out[0] < 1e30f);
            ++accepted;
        } catch (const InputError& error) {
            EXPECT_FALSE(error.problems().empty());
            ++refused;
        }
    }
    EXPECT_GT(accepted, 50);
    EXPECT_GT(refused, 4000);
}

}  // namespace
}  // namespace stellate::rules
