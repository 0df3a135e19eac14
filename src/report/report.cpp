#include "report/report.hpp"

#include <algorithm>
#include <cctype>
#include <set>

#include "core/sha256.hpp"
#include "histology/png.hpp"
#include "report/figures.hpp"
#include "report/format.hpp"
#include "report/html.hpp"
#include "report/page_style.hpp"
#include "report/plot.hpp"

namespace stellate::report {

namespace {

std::string policy() {
    const auto digest = [](std::string_view code) { return "'sha256-" + histology::base64(sha256(code)) + "'"; };
    return "default-src 'none'; img-src data:; style-src " + digest(page_style) + "; script-src " +
           digest(page_script) + "; base-uri 'none'; form-action 'none'";
}

std::string finding(std::string_view text) { return restrained(typeset(text)); }

// Text in which every "doi:..." is a link to its resolver.
void text_with_links(Html& html, std::string_view text) {
    std::size_t from = 0;
    while (from < text.size()) {
        const std::size_t at = text.find("doi:10.", from);
        if (at == std::string_view::npos) break;
        std::size_t end = at + 4;
        const auto belongs = [](char c) {
            return std::isalnum(static_cast<unsigned char>(c)) ||
                   std::string_view("./-_()").find(c) != std::string_view::npos;
        };
        while (end < text.size() && belongs(text[end])) ++end;
        while (end > at && (text[end - 1] == '.' || text[end - 1] == ')')) --end;
        html.text(text.substr(from, at - from));
        html.element("a", text.substr(at, end - at),
                     {{"href", "https://doi.org/" + std::string(text.substr(at + 4, end - at - 4))},
                      {"rel", "noopener noreferrer"}});
        from = end;
    }
    html.text(text.substr(from));
}

struct Chapter {
    const char* id;
    const char* title;
    bool present;
};

std::vector<Chapter> chapters_of(const ReportData& d) {
    return {{"verdict", "Verdict", true},
            {"effects", "Effects", !endpoints_with_effects(d).empty()},
            {"endpoints", "Endpoints", !d.values.empty()},
            {"growth", "Growth", !d.growth.empty()},
            {"sections", "Sections", !d.pictures.empty()},
            {"statistics", "Statistics", !d.comparisons.empty()},
            {"attribution", "Attribution", !d.attribution.empty()},
            {"robustness", "Robustness", !d.draws.empty()},
            {"further", "Further results", !d.tables.empty()},
            {"methods", "Methods", !d.methods.empty() || !d.endpoints.empty()},
            {"parameters", "Parameters", !d.parameters.empty()},
            {"provenance", "Provenance", !d.provenance.empty()}};
}

void open_chapter(Html& html, const Chapter& chapter) {
    html.open("section", {{"id", chapter.id}});
    html.element("h2", chapter.title);
}

void verdict(Html& html, const ReportData& d) {
    html.open("section", {{"id", "verdict"}});
    html.open("div", {{"class", "verdict"}});
    for (std::size_t k = 0; k < d.verdict.size(); ++k)
        html.element("p", finding(d.verdict[k]), {{"class", k == 0 ? "lead" : "said"}});
    html.close();
    if (std::any_of(d.arms.begin(), d.arms.end(), [](const Arm& a) { return !a.note.empty(); })) {
        html.open("ul", {{"class", "arms"}});
        for (const Arm& a : d.arms) {
            if (a.note.empty()) continue;
            html.open("li");
            html.element("b", a.label);
            html.text(": " + finding(a.note));
            html.close();
        }
        html.close();
    }
    burden_figure(html, d);
    if (!d.warnings.empty()) {
        html.open("div", {{"class", "note"}});
        for (const std::string& w : d.warnings) {
            html.open("p");
            html.element("b", "Note. ");
            html.text(finding(w));
            html.close();
        }
        html.close();
    }
    html.close();
}

void endpoints(Html& html, const ReportData& d) {
    html.element("p",
                 "One panel per primary, one mark per mouse; thin lines join the same mouse across arms on that day. "
                 "Bars: mean of the arm and its 95 % interval. "
                 "An endpoint without meaning in a section (a density inside foci where there are none) is left out.");
    arms_legend(html, d);
    std::vector<std::string> groups;
    for (const Endpoint& e : d.endpoints)
        if (std::find(groups.begin(), groups.end(), e.group) == groups.end()) groups.push_back(e.group);
    for (const std::string& group : groups) {
        const bool open = std::any_of(d.endpoints.begin(), d.endpoints.end(),
                                      [&](const Endpoint& e) { return e.group == group && !e.minor; });
        if (open)
            html.open("details", {{"open", ""}});
        else
            html.open("details");
        html.element("summary", group.empty() ? std::string("Other") : group);
        html.open("div", {{"class", d.primaries.size() == 1 ? "grid cols3" : "figures"}});
        for (const Endpoint& e : d.endpoints) {
            const bool measured = std::any_of(d.values.begin(), d.values.end(),
                                              [&](const MouseValue& v) { return v.endpoint == e.id && v.value; });
            if (e.group == group && measured) endpoint_figure(html, d, e);
        }
        html.close().close();
    }
}

void swatches(Html& html, const Stain& stain, bool whole_section) {
    html.open("p", {{"class", "stain"}});
    html.element("b", typeset(stain.title) + (whole_section ? ", whole section" : ""));
    for (const LegendEntry& e : stain.legend) {
        html.open("span", {{"class", "swatch"}});
        html.open("svg", {{"viewBox", "0 0 12 12"}, {"aria-hidden", "true"}});
        html.empty("rect", {{"width", "12"},
                            {"height", "12"},
                            {"stroke", "#9aa1aa"},
                            {"fill", "rgb(" + std::to_string(e.colour[0]) + "," + std::to_string(e.colour[1]) + "," +
                                         std::to_string(e.colour[2]) + ")"}});
        html.close();
        html.text(typeset(e.label));
        html.close();
    }
    html.close();
}

void picture(Html& html, const ReportData& d, const Picture& p, std::string_view stain_title) {
    const std::string alt = "SIMULATED " + typeset(stain_title) + (p.whole_section ? ", whole section, " : ", ") +
                            primary_label(d, p.primary) + ", " + arm_label(d, p.arm) + ", mouse " +
                            std::to_string(p.mouse) + ", " + day_text(p.day);
    html.open("figure");
    html.empty("img", {{"src", "data:image/png;base64," + histology::base64(p.png)},
                       {"alt", alt},
                       {"width", std::to_string(p.width)},
                       {"height", std::to_string(p.height)},
                       {"loading", "lazy"},
                       {"decoding", "async"}});
    html.element("figcaption",
                 p.caption.empty() ? "mouse " + std::to_string(p.mouse) + ", " + day_text(p.day) : finding(p.caption));
    html.close();
}

void sections(Html& html, const ReportData& d) {
    html.element("p",
                 "Drawn from the cells, fibres and vessels of the model by absorbance, with the stain vectors that "
                 "colour-deconvolution macros use. "
                 "Every picture is simulated. The same mouse is shown in every arm, and within a row the same place of "
                 "its liver where the caption says so.");
    for (const Primary& primary : d.primaries) {
        std::set<double> days;
        for (const Picture& p : d.pictures)
            if (p.primary == primary.id) days.insert(p.day);
        for (auto day = days.rbegin(); day != days.rend(); ++day) {
            if (day == days.rbegin())
                html.open("details", {{"open", ""}});
            else
                html.open("details");
            html.element("summary", primary.label + ", " + day_text(*day));
            for (const bool whole : {true, false})
                for (const Stain& stain : d.stains) {
                    const auto wanted = [&](const Picture& p, const Arm& a) {
                        return p.primary == primary.id && p.day == *day && p.stain == stain.id &&
                               p.whole_section == whole && p.arm == a.id;
                    };
                    const bool any = std::any_of(d.pictures.begin(), d.pictures.end(), [&](const Picture& p) {
                        return std::any_of(d.arms.begin(), d.arms.end(), [&](const Arm& a) { return wanted(p, a); });
                    });
                    if (!any) continue;
                    swatches(html, stain, whole);
                    html.open("div",
                              {{"class", "sections a" + std::to_string(std::clamp<std::size_t>(d.arms.size(), 1, 4))}});
                    for (const Arm& a : d.arms) html.element("div", a.label, {{"class", "head"}});
                    for (const Arm& a : d.arms) {
                        const auto it = std::find_if(d.pictures.begin(), d.pictures.end(),
                                                     [&](const Picture& p) { return wanted(p, a); });
                        if (it != d.pictures.end())
                            picture(html, d, *it, stain.title);
                        else
                            html.element("div", "No section was taken.", {{"class", "missing"}});
                    }
                    html.close();
                }
            html.close();
        }
    }
}

void header_cell(Html& html, std::string_view title, std::string_view small, bool numeric) {
    if (numeric)
        html.open("th", {{"scope", "col"}, {"class", "n"}});
    else
        html.open("th", {{"scope", "col"}});
    html.text(title);
    if (!small.empty()) html.element("small", small);
    html.close();
}

void number_cell(Html& html, std::string_view text) { html.element("td", text, {{"class", "n"}}); }

void two_line_cell(Html& html, std::string_view first, std::string_view second) {
    html.open("td", {{"class", "n"}}).text(first).element("small", second).close();
}

std::string interval(const Estimate& e) {
    return e.low && e.high ? signed_number(e.low) + " to " + signed_number(e.high) : std::string();
}

void statistics(Html& html, const ReportData& d) {
    html.open("p");
    html.text(
        "The animal is the unit. The unpaired difference is what a bench could find; the paired one sets each mouse "
        "against itself without the treatment, a counterfactual "
        "no bench has. Effect and interval come first; p values (exact, two-sided; Holm's adjustment of "
        "Mann\u2013Whitney ");
    html.text(holm_family).text(") are for the planned number of mice only. ");
    csv_link(html, "statistics", d.statistics_csv);
    html.close();
    for (const Primary& p : d.primaries) {
        std::set<double> days;
        for (const Comparison& c : d.comparisons)
            if (c.primary == p.id) days.insert(c.day);
        for (auto day = days.rbegin(); day != days.rend(); ++day) {
            if (day == days.rbegin())
                html.open("details", {{"open", ""}});
            else
                html.open("details");
            html.element("summary", p.label + ", " + day_text(*day));
            html.open("div", {{"class", "scroll"}}).open("table", {{"class", "sortable"}}).open("thead").open("tr");
            header_cell(html, "Endpoint", "", false);
            header_cell(html, "Arm", "n, n of reference", false);
            header_cell(html, "Reference", "mean \u00B1 SD, median", true);
            header_cell(html, "Arm", "mean \u00B1 SD, median", true);
            header_cell(html, "Difference", "unpaired, 95 % CI", true);
            header_cell(html, "Difference", "paired (counterfactual)", true);
            header_cell(html, "Cliff\u2019s delta", "95 % CI", true);
            header_cell(html, "p", "Mann\u2013Whitney", true);
            header_cell(html, "p", "signed rank", true);
            header_cell(html, "p", "Holm", true);
            header_cell(html, "Published", "sign", false);
            html.close().close().open("tbody");
            for (const Comparison& c : d.comparisons) {
                if (c.primary != p.id || c.day != *day) continue;
                const Endpoint* e = find_endpoint(d, c.endpoint);
                if (e && e->primary)
                    html.open("tr", {{"class", "primary"}});
                else
                    html.open("tr");
                html.element("td", e ? with_unit(e->title, e->unit) : c.endpoint);
                html.open("td").text(arm_label(d, c.arm) + (d.arms.empty() || c.reference == d.arms.front().id
                                                                ? ""
                                                                : " vs " + arm_label(d, c.reference)));
                html.element("small", "n = " + std::to_string(c.n_arm) + ", " + std::to_string(c.n_reference)).close();
                two_line_cell(html, number(c.mean_reference) + " \u00B1 " + number(c.sd_reference),
                              number(c.median_reference));
                two_line_cell(html, number(c.mean_arm) + " \u00B1 " + number(c.sd_arm), number(c.median_arm));
                for (const Estimate* difference : {&c.unpaired, &c.paired, &c.cliffs_delta})
                    two_line_cell(html, signed_number(difference->value), interval(*difference));
                number_cell(html, p_value(c.p_mann_whitney));
                number_cell(html, p_value(c.p_signed_rank));
                number_cell(html, p_value(c.p_holm));
                const std::string published = !c.published_sign       ? "\u2013"
                                              : *c.published_sign < 0 ? "down"
                                              : *c.published_sign > 0 ? "up"
                                                                      : "unchanged";
                html.open("td").text(published);
                if (c.sign_agrees)
                    html.element("small",
                                 std::string(*c.sign_agrees           ? "agrees"
                                             : *c.published_sign == 0 ? "changed"
                                                                      : "opposite") +
                                     (c.sign_is_clear  ? ""
                                      : c.unpaired.low ? ", interval includes 0"
                                                       : ", no interval"),
                                 {{"class", !c.sign_is_clear ? ""
                                            : *c.sign_agrees ? "yes"
                                                             : "no"}});
                html.close();
                html.close();
            }
            html.close().close().close().close();
        }
    }
}

void attribution(Html& html, const ReportData& d) {
    if (!d.attribution_caption.empty()) html.element("p", finding(d.attribution_caption));
    html.open("div", {{"class", "scroll"}}).open("table", {{"class", "sortable"}}).open("thead").open("tr");
    header_cell(html, "Primary", "", false);
    header_cell(html, "Endpoint", "", false);
    header_cell(html, "Loop switched off", "", false);
    header_cell(html, "Whole effect", "95 % interval", true);
    header_cell(html, "Effect without the loop", "95 % interval", true);
    header_cell(html, "Share of the effect carried", "%, 95 % interval", true);
    header_cell(html, "Note", "", false);
    html.close().close().open("tbody");
    for (const AttributionRow& r : d.attribution) {
        const Endpoint* e = find_endpoint(d, r.endpoint);
        html.open("tr");
        html.element("td", primary_label(d, r.primary))
            .element("td", e ? with_unit(e->title, e->unit) : r.endpoint)
            .element("td", typeset(r.loop));
        number_cell(html, estimate(r.effect));
        number_cell(html, estimate(r.effect_without));
        number_cell(html, estimate(r.share, false));
        html.element("td", finding(r.note)).close();
    }
    html.close().close().close();
}

void robustness(Html& html, const ReportData& d) {
    if (!d.draws_caption.empty()) html.element("p", finding(d.draws_caption));
    html.open("div", {{"class", "scroll"}}).open("table").open("thead").open("tr");
    header_cell(html, "Primary", "", false);
    header_cell(html, "Endpoint", "", false);
    header_cell(html, "Draws", "", true);
    header_cell(html, "Lowered", "share of draws", true);
    header_cell(html, "Spared", "share of draws", true);
    header_cell(html, "Raised", "share of draws", true);
    header_cell(html, "Note", "", false);
    html.close().close().open("tbody");
    for (const DrawsRow& r : d.draws) {
        const Endpoint* e = find_endpoint(d, r.endpoint);
        const auto share = [&](int part) {
            return r.draws > 0 ? short_number(100.0 * part / r.draws) + "\u202F% (" + std::to_string(part) + ")"
                               : std::string("\u2013");
        };
        html.open("tr").element("td", primary_label(d, r.primary)).element("td", e ? typeset(e->title) : r.endpoint);
        number_cell(html, std::to_string(r.draws));
        number_cell(html, share(r.lowered));
        number_cell(html, share(r.spared));
        number_cell(html, share(r.raised));
        html.element("td", finding(r.note)).close();
    }
    html.close().close().close();
}

void further(Html& html, const ReportData& d) {
    for (const Table& t : d.tables) {
        html.element("h3", finding(t.title));
        if (!t.caption.empty()) html.element("p", finding(t.caption));
        const auto numeric = [&](std::size_t column) { return column < t.numeric.size() && t.numeric[column]; };
        html.open("div", {{"class", "scroll"}}).open("table", {{"class", "sortable"}}).open("thead").open("tr");
        for (std::size_t c = 0; c < t.columns.size(); ++c) header_cell(html, typeset(t.columns[c]), "", numeric(c));
        html.close().close().open("tbody");
        for (const auto& row : t.rows) {
            html.open("tr");
            for (std::size_t c = 0; c < row.size(); ++c) {
                if (numeric(c))
                    number_cell(html, row[c]);
                else
                    html.element("td", finding(row[c]));
            }
            html.close();
        }
        html.close().close().close();
    }
}

void methods(Html& html, const ReportData& d) {
    for (const TextBlock& block : d.methods) {
        html.element("h3", block.heading);
        for (const std::string& paragraph : block.paragraphs) {
            html.open("p");
            text_with_links(html, typeset(paragraph));
            html.close();
        }
    }
    if (d.endpoints.empty()) return;
    html.element("h3", "Definitions of the endpoints");
    html.open("div", {{"class", "scroll"}}).open("table").open("thead").open("tr");
    header_cell(html, "Endpoint", "", false);
    header_cell(html, "Unit", "", false);
    header_cell(html, "Definition", "", false);
    html.close().close().open("tbody");
    for (const Endpoint& e : d.endpoints) {
        html.open("tr").element("td", typeset(e.title) + (e.primary ? " (primary)" : ""), {{"class", "w"}});
        const std::string unit = unit_text(e.unit);
        html.element("td", unit.empty() ? "count" : unit, {{"class", "w"}})
            .element("td", typeset(e.definition))
            .close();
    }
    html.close().close().close();
}

void parameters(Html& html, const ReportData& d) {
    std::size_t assumed = 0;
    for (const ParameterRow& r : d.parameters) assumed += r.kind == "assumed";
    html.element("p", std::to_string(d.parameters.size()) + " records; " + std::to_string(assumed) +
                          " of them are assumed, not measured: the honest list of what to measure next.");
    html.open("div", {{"class", "scroll"}}).open("table", {{"class", "sortable filterable"}}).open("thead").open("tr");
    header_cell(html, "Parameter", "", false);
    header_cell(html, "Value", "", true);
    header_cell(html, "Unit", "", false);
    header_cell(html, "Range", "", false);
    header_cell(html, "Kind", "", false);
    header_cell(html, "System", "", false);
    header_cell(html, "Source", "", false);
    html.close().close().open("tbody");
    for (const ParameterRow& r : d.parameters) {
        html.open("tr")
            .element("td", r.path, {{"class", "path"}})
            .element("td", r.value, {{"class", "n"}})
            .element("td", r.unit, {{"class", "w"}})
            .element("td", r.range, {{"class", "w"}});
        html.open("td").element("span", r.kind, {{"class", r.kind == "assumed" ? "kind assumed" : "kind"}}).close();
        html.element("td", r.system).open("td", {{"class", "src"}});
        text_with_links(html, r.source);
        html.close().close();
    }
    html.close().close().close();
}

void provenance(Html& html, const ReportData& d) {
    html.open("dl");
    for (const auto& [key, value] : d.provenance) html.element("dt", key).element("dd", value);
    html.close();
}

}  // namespace

std::string render_report(const ReportData& d) {
    Html html;
    const std::string title = finding(d.title);
    html.open("html", {{"lang", "en"}}).open("head");
    html.empty("meta", {{"charset", "utf-8"}});
    html.empty("meta", {{"http-equiv", "Content-Security-Policy"}, {"content", policy()}});
    html.empty("meta", {{"name", "viewport"}, {"content", "width=device-width, initial-scale=1"}});
    html.element("title", title + " (simulated)");
    html.inline_code("style", page_style);
    html.close().open("body");
    html.open("div", {{"class", "strip"}})
        .element("b", "SIMULATED")
        .text("Every number and picture on this page comes from a computer model of mouse liver.")
        .close();
    html.open("main").open("header").element("h1", title);
    if (!d.subtitle.empty()) html.element("p", finding(d.subtitle), {{"class", "sub"}});
    html.close();
    const std::vector<Chapter> chapters = chapters_of(d);
    html.open("nav", {{"aria-label", "Contents"}});
    for (const Chapter& c : chapters)
        if (c.present) html.element("a", c.title, {{"href", std::string("#") + c.id}}).text(" ");
    html.close();

    using Writer = void (*)(Html&, const ReportData&);
    const auto growth = [](Html& h, const ReportData& data) {
        arms_legend(h, data);
        for (const CurveFamily& family : data.growth) growth_figure(h, data, family);
    };
    const std::vector<Writer> writers{verdict,     effects_figure, endpoints, growth,  sections,   statistics,
                                      attribution, robustness,     further,   methods, parameters, provenance};
    for (std::size_t k = 0; k < chapters.size(); ++k) {
        if (!chapters[k].present) continue;
        if (k == 0) {
            writers[k](html, d);
            continue;
        }
        open_chapter(html, chapters[k]);
        writers[k](html, d);
        html.close();
    }
    html.open("footer").text("SIMULATED. Written by Stellate. Nothing on this page was measured in an animal.").close();
    html.close();
    html.inline_code("script", page_script);
    html.close().close();
    return html.take();
}

}  // namespace stellate::report
