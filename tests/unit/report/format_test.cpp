#include "report/format.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "histology/png.hpp"
#include "report/html.hpp"
#include "report/plot.hpp"

namespace stellate::report {
namespace {

TEST(Numbers, HaveThreeDigitsAndATrueMinus) {
    EXPECT_EQ(number(0), "0");
    EXPECT_EQ(number(12.345), "12.3");
    EXPECT_EQ(number(-0.04567), "\u22120.0457");
    EXPECT_EQ(number(123.4), "123");
    EXPECT_EQ(number(1234.4), "1234");
    EXPECT_EQ(number(12345.6), "12\u202F346");
    EXPECT_EQ(number(-1234567.0), "\u22121\u202F234\u202F567");
    EXPECT_EQ(number(0.000123), "1.23\u202F\u00D7\u202F10\u207B\u2074");
    EXPECT_EQ(number(-2.5e9), "\u22122.50\u202F\u00D7\u202F10\u2079");
    EXPECT_EQ(number(9.999e-4), "1.00\u202F\u00D7\u202F10\u207B\u00B3");
    EXPECT_EQ(number(std::numeric_limits<double>::quiet_NaN()), "\u2013");
    EXPECT_EQ(number(std::optional<double>()), "\u2013");
    EXPECT_EQ(short_number(14.0), "14");
    EXPECT_EQ(short_number(100.0), "100");
    EXPECT_EQ(short_number(-0.5), "\u22120.5");
    EXPECT_EQ(short_number(2.25), "2.25");
    EXPECT_EQ(signed_number(3.0), "+3.00");
    EXPECT_EQ(signed_number(-3.0), "\u22123.00");
}

TEST(Numbers, EstimatesCarryTheirInterval) {
    EXPECT_EQ(estimate({-3.2, -4.1, -2.2}), "\u22123.20 (\u22124.10 to \u22122.20)");
    EXPECT_EQ(estimate({40.0, 2.0, 55.0}, false), "40.0 (2.00 to 55.0)");
    EXPECT_EQ(estimate({1.0, std::nullopt, std::nullopt}), "+1.00");
    EXPECT_EQ(estimate({}), "\u2013");
}

TEST(Numbers, PValuesKeepTwoDigits) {
    EXPECT_EQ(p_value(0.00001), "<\u202F0.0001");
    EXPECT_EQ(p_value(0.00016), "0.00016");
    EXPECT_EQ(p_value(0.0078), "0.0078");
    EXPECT_EQ(p_value(0.032), "0.032");
    EXPECT_EQ(p_value(0.51), "0.51");
    EXPECT_EQ(p_value(1.0), "1.00");
    EXPECT_EQ(p_value(std::nullopt), "\u2013");
}

TEST(Units, AreSetAsPrinted) {
    EXPECT_EQ(unit_text("1/mm2"), "per mm\u00B2");
    EXPECT_EQ(unit_text("1"), "");
    EXPECT_EQ(unit_text("um"), "\u00B5m");
    EXPECT_EQ(with_unit("alpha-SMA area", "%"), "\u03B1-SMA area, %");
    EXPECT_EQ(typeset("within 20 um of a column; 3 um2"), "within 20 \u00B5m of a column; 3 \u00B5m\u00B2");
    EXPECT_EQ(typeset("serum and volume"), "serum and volume");
}

TEST(Csv, FieldsAreQuotedAndFormulasMadeInert) {
    EXPECT_EQ(csv_field("plain"), "plain");
    EXPECT_EQ(csv_field("a,b"), "\"a,b\"");
    EXPECT_EQ(csv_field("say \"x\""), "\"say \"\"x\"\"\"");
    EXPECT_EQ(csv_field("=1+1"), "'=1+1");
    EXPECT_EQ(csv_field("@SUM(A1)"), "'@SUM(A1)");
    EXPECT_EQ(csv_number(-0.1), "-0.1");
    EXPECT_EQ(csv_number(std::nullopt), "");
    EXPECT_EQ(csv_number(std::numeric_limits<double>::infinity()), "");
}

TEST(Claims, OrdinaryFindingsPass) {
    for (const char* text : {"Foci fell by 40 % in colon.", "The cell population of stellate cells fell.",
                             "Curved fibres surround the focus.", "Kupffer cells secrete more."})
        EXPECT_EQ(restrained(text), text);
    EXPECT_TRUE(overclaims("Metastasis was Eradicated"));
    EXPECT_TRUE(overclaims("a benefit to patients"));
}

TEST(Html, EscapesTextAndAttributes) {
    EXPECT_EQ(escaped("<a href=\"x\">&'</a>"), "&lt;a href=&quot;x&quot;&gt;&amp;&#39;&lt;/a&gt;");
    EXPECT_EQ(escaped(std::string("a\0b\x07\tc\n", 7)), "ab\tc\n");
    Html html;
    html.open("p", {{"title", "\"><script>"}}).text("1 < 2").close();
    EXPECT_EQ(html.take(), "<!DOCTYPE html>\n<p title=\"&quot;&gt;&lt;script&gt;\">1 &lt; 2</p>\n\n");
}

TEST(Html, RepairsWhatIsNotUtf8) {
    EXPECT_EQ(escaped("\u00B5m \u2212 \U0001F52C"), "\u00B5m \u2212 \U0001F52C");
    EXPECT_EQ(escaped("\xff"), "\uFFFD");
    EXPECT_EQ(escaped("\xC0\xBC"), "\uFFFD\uFFFD");            // overlong '<'
    EXPECT_EQ(escaped("\xE0\x80\xBC"), "\uFFFD\uFFFD\uFFFD");  // overlong again
    EXPECT_EQ(escaped("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD");  // a surrogate
    EXPECT_EQ(escaped("\xE2\x88"), "\uFFFD\uFFFD");            // cut short
}

TEST(HtmlDeathTest, AnUnclosedElementStopsTheProgram) {
    Html html;
    html.open("p");
    EXPECT_DEATH(html.take(), "stack_");
}

TEST(Axis, CoversItsValuesWithRoundTicks) {
    for (const double high : {0.003, 0.9, 1.0, 7.3, 25.0, 99.0, 1234.0}) {
        const Axis axis = Axis::linear(0, high);
        EXPECT_EQ(axis.low(), 0);
        EXPECT_GE(axis.high(), high * (1 - 1e-12));
        EXPECT_GE(axis.ticks().size(), 3u) << high;
        EXPECT_LE(axis.ticks().size(), 9u) << high;
        EXPECT_NEAR(axis.share(0), 0, 1e-12);
        EXPECT_LE(axis.share(high), 1);
    }
    const Axis below = Axis::linear(-3, 8);
    EXPECT_LE(below.low(), -3);
    EXPECT_GT(below.share(0), 0);
    EXPECT_EQ(Axis::linear(0, 0).share(0), 0);
}

TEST(Axis, LogarithmicKeepsZeroOnALineOfItsOwn) {
    const Axis axis = Axis::logarithmic(3, 4000);
    EXPECT_EQ(axis.share(0), 0);
    EXPECT_GT(axis.share(3), 0.05);
    EXPECT_LT(axis.share(3), axis.share(30));
    EXPECT_NEAR(axis.share(10000), 1, 1e-12);
    EXPECT_FALSE(Axis::logarithmic(0, 0).is_logarithmic());
}

}  // namespace
}  // namespace stellate::report
