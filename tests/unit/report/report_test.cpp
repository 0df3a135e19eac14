#include "report/report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "core/sha256.hpp"
#include "histology/png.hpp"
#include "report/page_style.hpp"
#include "synthetic_report.hpp"

namespace stellate::report {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::size_t count_of(std::string_view text, std::string_view what) {
    std::size_t n = 0;
    for (std::size_t at = text.find(what); at != std::string_view::npos; at = text.find(what, at + 1)) ++n;
    return n;
}

ReportData with_picture() {
    ReportData d = synthetic::make(3);
    Picture p;
    p.png = histology::encode_png(histology::Image(4, 4, 1));
    p.width = p.height = 4;
    p.primary = "mc38";
    p.arm = "control";
    p.stain = "cd8";
    p.mouse = 2;
    p.day = 14;
    d.pictures.push_back(p);
    return d;
}

// Every element closes, in order; returns what went wrong, or nothing.
std::string unbalanced(std::string_view page) {
    std::vector<std::string> open;
    for (std::size_t at = page.find('<'); at != std::string_view::npos; at = page.find('<', at + 1)) {
        const std::size_t end = page.find('>', at);
        if (end == std::string_view::npos) return "a tag without end";
        const std::string_view tag = page.substr(at + 1, end - at - 1);
        if (tag.substr(0, 8) == "!DOCTYPE" || tag.back() == '/') continue;
        if (tag.front() == '/') {
            if (open.empty() || open.back() != tag.substr(1)) return "unexpected </" + std::string(tag.substr(1)) + ">";
            open.pop_back();
            continue;
        }
        open.emplace_back(tag.substr(0, tag.find(' ')));
        if (open.back() == "script" || open.back() == "style") at = page.find("</" + open.back(), end) - 1;
    }
    return open.empty() ? "" : "unclosed " + open.back();
}

TEST(Report, OpensWithTheVerdictAndTheBurdenOfEveryMouse) {
    const std::string page = render_report(with_picture());
    const std::size_t lead = page.find("class=\"lead\""), burden = page.find("class=\"burden\""),
                      next = page.find("id=\"effects\"");
    ASSERT_NE(lead, std::string::npos);
    EXPECT_LT(lead, burden);
    EXPECT_LT(burden, next);
    EXPECT_EQ(count_of(page.substr(0, burden), "<figure"), 0u + 1u);  // itself: nothing is drawn before it
    std::size_t last = 0;
    for (const char* id : {"verdict", "effects", "endpoints", "growth", "sections", "statistics", "attribution",
                           "robustness", "further", "methods", "parameters", "provenance"}) {
        const std::size_t at = page.find("<section id=\"" + std::string(id));
        ASSERT_NE(at, std::string::npos) << id;
        EXPECT_LT(last, at) << id;
        last = at;
        EXPECT_THAT(page, HasSubstr("href=\"#" + std::string(id) + "\""));
    }
}

TEST(Report, IsWellFormed) { EXPECT_EQ(unbalanced(render_report(with_picture())), ""); }

TEST(Report, OfNothingIsAPageStill) {
    const std::string page = render_report({});
    EXPECT_EQ(unbalanced(page), "");
    EXPECT_THAT(page, HasSubstr("SIMULATED"));
    EXPECT_EQ(count_of(page, "<section"), 1u);
}

TEST(Report, TheSameDataGiveTheSameBytes) { EXPECT_EQ(render_report(with_picture()), render_report(with_picture())); }

TEST(Report, EveryFigureAndPictureSaysSimulated) {
    const std::string page = render_report(with_picture());
    EXPECT_GT(count_of(page, "class=\"panel\""), 50u);
    EXPECT_EQ(count_of(page, "class=\"panel\""), count_of(page, ">SIMULATED</text>"));
    EXPECT_EQ(count_of(page, "<img "), count_of(page, "alt=\"SIMULATED "));
    EXPECT_EQ(count_of(page, "<img "), 1u);
}

// Heights of the texts of one class inside the first burden panel.
std::vector<double> heights(std::string_view panel, const std::string& text_class) {
    std::vector<double> found;
    for (std::size_t at = panel.find("class=\"" + text_class + "\""); at != std::string_view::npos;
         at = panel.find("class=\"" + text_class + "\"", at + 1)) {
        const std::size_t y = panel.rfind("y=\"", at) + 3;
        found.push_back(std::stod(std::string(panel.substr(y, panel.find('"', y) - y))));
    }
    return found;
}

TEST(Report, LongNamesOfArmsKeepClearOfTheNumbersBelowThem) {
    for (const char* name : {"Short", "A name of an arm that takes more lines than two, from before inoculation on"}) {
        ReportData data = synthetic::make(3);
        data.arms[1].label = name;
        const std::string page = render_report(data);
        const std::size_t begin = page.find("<svg", page.find("class=\"grid"));
        const std::string_view panel = std::string_view(page).substr(begin, page.find("</svg>", begin) - begin);
        const auto names = heights(panel, "pl"), differences = heights(panel, "pd"), intervals = heights(panel, "pc");
        ASSERT_FALSE(names.empty());
        ASSERT_FALSE(differences.empty());
        EXPECT_LE(*std::max_element(names.begin(), names.end()) + 12,
                  *std::min_element(differences.begin(), differences.end()))
            << name;
        const std::size_t box = panel.find("viewBox=\"0 0 ") + 13;
        const double height = std::stod(std::string(panel.substr(panel.find(' ', box) + 1, 8)));
        EXPECT_LT(*std::max_element(intervals.begin(), intervals.end()), height - 3) << name;
    }
}

TEST(Report, LoadsNothingAndItsPolicyForbidsIt) {
    const std::string page = render_report(with_picture());
    EXPECT_THAT(page, HasSubstr("default-src &#39;none&#39;"));
    EXPECT_THAT(page, Not(HasSubstr("unsafe")));
    EXPECT_THAT(page, Not(HasSubstr(" style=\"")));
    EXPECT_THAT(page, Not(HasSubstr("@import")));
    EXPECT_THAT(page, Not(HasSubstr("url(")));
    EXPECT_EQ(count_of(page, "<link"), 0u);
    EXPECT_EQ(count_of(page, " src=\""), count_of(page, " src=\"data:image/png;base64,"));
    EXPECT_EQ(count_of(page, "http"), count_of(page, "http://www.w3.org/2000/svg") +
                                          count_of(page, "href=\"https://doi.org/10.") + count_of(page, "http-equiv"));
    for (const std::string_view code : {std::string_view(page_style), std::string_view(page_script)}) {
        EXPECT_THAT(page, HasSubstr("sha256-" + histology::base64(sha256(code))));
        EXPECT_THAT(page, HasSubstr(std::string(code)));
    }
}

// Any text may come from a user's file: none of it may become markup.
TEST(Report, NoFieldCanBecomeMarkup) {
    const std::string evil =
        "</title></script><script>alert(1)</script><img src=x onerror=alert(2)>\"'`onload='alert(3)& alpha-SMA";
    ReportData d;
    d.title = d.subtitle = evil;
    d.verdict = {evil, evil};
    d.warnings = {evil};
    d.primaries = {{evil, evil}};
    d.arms = {{evil, evil, evil}, {"b", evil, evil}};
    d.endpoints = {{evil, evil, evil, evil, evil, true, false}, {"e", evil, "1/" + evil, evil, "g", false, false}};
    d.values = {{evil, evil, 1, 2, evil, 3.0}, {"b", evil, 1, 2, evil, 4.0}, {"b", evil, 1, 2, "e", 4.0}};
    d.summaries = {{evil, evil, evil, 2, 3, {1.0, 0.5, 1.5}, 1.0, 1.0}};
    Comparison c;
    c.primary = c.endpoint = evil;
    c.arm = c.reference = "b";
    c.note = evil;
    c.day = 2;
    c.cliffs_delta = {0.1, 0.0, 0.2};
    c.unpaired = {0.1, 0.0, 0.2};
    c.published_sign = 1;
    d.comparisons = {c};
    d.growth = {{evil, evil, true, {{evil, evil, 1, {0, 1}, {2, 3}}}}};
    d.stains = {{evil, evil, {{{1, 2, 3}, evil}}}};
    Picture p;
    p.png = "png";
    p.primary = p.arm = p.stain = p.caption = evil;
    d.pictures = {p};
    d.attribution = {{evil, evil, evil, {}, {}, {}, evil}};
    d.attribution_caption = d.draws_caption = evil;
    d.draws = {{evil, evil, 1, 1, 0, 0, evil}};
    d.tables = {{evil, evil, {evil}, {{evil}}, {}}};
    d.methods = {{evil, {evil, "doi:10.1/" + evil}}};
    d.parameters = {{evil, evil, evil, evil, evil, evil, "doi:10.1000/x\"><script>" + evil}};
    d.provenance = {{evil, evil}};

    const std::string page = render_report(d);
    EXPECT_EQ(unbalanced(page), "");
    EXPECT_EQ(count_of(page, "<script"), 1u);
    EXPECT_EQ(count_of(page, "</script"), 1u);
    EXPECT_EQ(count_of(page, "</title></script"), 0u);
    EXPECT_THAT(page, Not(HasSubstr("<img src=x")));
    // Whatever looks like a handler stands in text or inside a quoted value, never as an attribute of a tag.
    for (std::size_t at = page.find('<'); at != std::string::npos; at = page.find('<', at + 1)) {
        std::string tag = page.substr(at, page.find('>', at) - at);
        if (tag.substr(0, 7) == "<script" || tag.substr(0, 6) == "<style") {
            at = page.find("</s", at);
            continue;
        }
        bool quoted = false;
        std::string outside;
        for (const char ch : tag) {
            if (ch == '"') quoted = !quoted;
            if (!quoted) outside += ch;
        }
        EXPECT_FALSE(quoted) << tag;
        EXPECT_THAT(outside, Not(HasSubstr("onerror")));
        EXPECT_THAT(outside, Not(HasSubstr("onload")));
    }
}

TEST(Report, ClaimsBeyondMiceAreWithheld) {
    ReportData d = synthetic::make(2);
    d.title = "Metastases ERADICATED in mice";
    d.verdict = {"Depletion virtually eradicated metastases.", "Patients would benefit.", "Foci fell by half."};
    d.warnings = {"Incidence in the general population would fall by 3 per 100,000."};
    d.tables = {{"Cured animals", "curative", {"a"}, {{"a clinical benefit"}}, {}}};
    d.pictures = with_picture().pictures;
    d.pictures[0].caption = "an eradicated focus";
    const std::string page = render_report(d);
    for (const char* claim :
         {"radicat", "RADICAT", "atients would", "general population", "ured animals", "curative", "clinical benefit"})
        EXPECT_THAT(page, Not(HasSubstr(claim))) << claim;
    EXPECT_THAT(page, HasSubstr("Foci fell by half."));
    EXPECT_GE(count_of(page, "Withheld"), 7u);
}

TEST(Report, AbsentAndNonFiniteValuesAreNotDrawn) {
    ReportData d;
    d.primaries = {{"p", "P"}};
    d.arms = {{"a", "A", ""}};
    d.endpoints = {{"e", "E", "%", "", "", true, false}};
    const double nan = std::numeric_limits<double>::quiet_NaN();
    d.values = {{"a", "p", 1, 7, "e", 2.0}, {"a", "p", 2, 7, "e", std::nullopt}, {"a", "p", 3, 7, "e", nan}};
    d.summaries = {{"a", "p", "e", 7, 1, {2.0, std::nullopt, std::nullopt}, std::nullopt, 2.0}};
    const std::string page = render_report(d);
    EXPECT_EQ(count_of(page, "A, mouse 1, day 7: 2.00"), 2u);  // in the opening figure and in its own
    EXPECT_THAT(page, Not(HasSubstr("mouse 2")));
    EXPECT_THAT(page, Not(HasSubstr("nan")));
    d.values = {{"a", "p", 2, 7, "e", std::nullopt}};
    d.summaries.clear();
    EXPECT_EQ(count_of(render_report(d), "class=\"panel\""), 0u);
}

TEST(Report, MissingSectionsAreNamedMissing) {
    const std::string page = render_report(with_picture());
    EXPECT_EQ(count_of(page, "No section was taken."), 2u);  // two of three arms have no picture
}

}  // namespace
}  // namespace stellate::report
