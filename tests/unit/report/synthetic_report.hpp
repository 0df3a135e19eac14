// Made-up report data of the shape of the headline experiment, for tests of the page. The numbers mean nothing.
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "core/ids.hpp"
#include "histology/endpoints.hpp"
#include "histology/png.hpp"
#include "histology/stains.hpp"
#include "report/report.hpp"
#include "report/study.hpp"

namespace stellate::report::synthetic {

struct Dice {
    std::uint64_t state;
    double uniform() { return static_cast<double>(mix64(state++) >> 11) * 0x1p-53; }
    double normal() {
        double sum = -6;
        for (int k = 0; k < 12; ++k) sum += uniform();
        return sum;
    }
};

inline ReportData make(int mice = 8) {
    ReportData d;
    Dice dice{77};
    d.title = "Depletion of hepatic stellate cells in three liver metastasis models";
    d.subtitle =
        "experiments/hsc-depletion.toml \u00B7 liver sections of 3.2 \u00D7 3.2 mm, 20 um thick \u00B7 8 mice an arm "
        "\u00B7 14 days (melanoma 12)";
    d.verdict = {
        "Removing cycling stellate cells before seeding lowered the number of foci and the metastatic area in colon "
        "and melanoma; in pancreas the interval includes no change.",
        "On the last day the metastatic area fell by 4.1 points (95 % interval 2.2 to 6.0) in colon and by 2.0 points "
        "(0.6 to 3.4) in melanoma.",
        "Given once foci were established, the same drug changed little. The sign agrees with the published experiment "
        "for 9 of 10 endpoints; its size is not published in readable form."};
    d.warnings = {
        "The seeding is an enriched window: 1.5e5 cells stand for about 240 times the foci per volume of a whole "
        "liver.",
        "In 97 of 100 draws of the uncertain parameters depletion lowers burden: the sign follows from the wiring of "
        "the model."};
    d.primaries = {{"mc38", "Colon (MC38)"}, {"b16", "Melanoma (B16)"}, {"panc02", "Pancreas (Panc02)"}};
    d.arms = {
        {"control", "Control", "wild type under ganciclovir"},
        {"hsc_depleted", "HSC depleted",
         "GFAP-HSV-Tk under ganciclovir from before seeding; the drug kills cycling activated stellate cells only"},
        {"hsc_depleted_late", "HSC depleted late", "the same drug from day 7, once foci are established"}};
    for (const histology::EndpointDefinition& e : histology::endpoint_definitions()) {
        if (std::string_view(e.id) == "metastatic_volume") break;
        d.endpoints.push_back({e.id, e.title, e.unit, e.definition, heading_of(e.group),
                               std::string_view(e.id) == "metastatic_area" || std::string_view(e.id) == "foci_count",
                               std::string_view(e.id).substr(0, 6) == "cells_"});
    }
    std::size_t index = 0;
    for (const Endpoint& e : d.endpoints) {
        ++index;
        const double scale = e.unit == "%"                   ? 8
                             : e.unit == "1/mm2"             ? 90
                             : e.unit == "um"                ? 160
                             : e.id.substr(0, 6) == "cells_" ? 1500
                                                             : 12;
        for (const Primary& p : d.primaries) {
            const double last = p.id == "b16" ? 12 : 14;
            for (const double day : {2.0, 7.0, last}) {
                std::vector<std::vector<double>> by_arm(3);
                for (int mouse = 1; mouse <= mice; ++mouse) {
                    const double animal = std::exp(
                        0.35 * Dice{static_cast<std::uint64_t>(mouse) * 1000 + index * 17 + p.id.size()}.normal());
                    for (std::size_t a = 0; a < 3; ++a) {
                        const double effect = a == 1 && day > 2 ? 0.45 : a == 2 && day > 7 ? 0.85 : 1.0;
                        double value = scale * animal * effect * (0.25 + day / last) * (1 + 0.12 * dice.normal());
                        if (e.unit == "1") value = std::round(value);
                        const bool absent = day == 2 && (e.group == "Immune cells" || e.group == "Vessels");
                        d.values.push_back({d.arms[a].id, p.id, mouse, day, e.id,
                                            absent ? std::nullopt : std::optional(std::max(value, 0.0))});
                        if (!absent) by_arm[a].push_back(std::max(value, 0.0));
                    }
                }
                const auto mean_of = [](const std::vector<double>& v) {
                    double s = 0;
                    for (const double x : v) s += x;
                    return s / static_cast<double>(v.size());
                };
                const auto sd_of = [&](const std::vector<double>& v) {
                    double s = 0;
                    for (const double x : v) s += (x - mean_of(v)) * (x - mean_of(v));
                    return std::sqrt(s / static_cast<double>(v.size() - 1));
                };
                if (by_arm[0].size() < 2) continue;
                for (std::size_t a = 0; a < 3; ++a) {
                    const double m = mean_of(by_arm[a]), half = 2.3 * sd_of(by_arm[a]) / std::sqrt(double(mice));
                    auto sorted = by_arm[a];
                    std::sort(sorted.begin(), sorted.end());
                    d.summaries.push_back({d.arms[a].id,
                                           p.id,
                                           e.id,
                                           day,
                                           mice,
                                           {m, std::max(0.0, m - half), m + half},
                                           sd_of(by_arm[a]),
                                           sorted[sorted.size() / 2]});
                    if (a == 0) continue;
                    Comparison c;
                    c.primary = p.id;
                    c.endpoint = e.id;
                    c.arm = d.arms[a].id;
                    c.reference = "control";
                    c.day = day;
                    c.n_arm = c.n_reference = mice;
                    c.mean_arm = m;
                    c.sd_arm = sd_of(by_arm[a]);
                    c.median_arm = sorted[sorted.size() / 2];
                    c.mean_reference = mean_of(by_arm[0]);
                    c.sd_reference = sd_of(by_arm[0]);
                    c.median_reference = mean_of(by_arm[0]) * 0.95;
                    const double difference = m - mean_of(by_arm[0]);
                    c.unpaired = {difference, difference - 1.4 * half, difference + 1.4 * half};
                    c.paired = {difference, difference - 0.6 * half, difference + 0.6 * half};
                    const double delta = a == 1 ? -0.3 - 0.6 * dice.uniform() : -0.4 + 0.5 * dice.uniform();
                    c.cliffs_delta = {delta, std::max(-1.0, delta - 0.35), std::min(1.0, delta + 0.4)};
                    c.p_mann_whitney = a == 1 ? 0.00016 + 0.01 * dice.uniform() : 0.2 + 0.5 * dice.uniform();
                    c.p_signed_rank = a == 1 ? 0.0078 : 0.31;
                    if (day == last) c.p_holm = std::min(1.0, 8 * *c.p_mann_whitney);
                    if (index % 3 != 0 && a == 1) {
                        c.published_sign = -1;
                        c.sign_agrees = difference < 0;
                    }
                    d.comparisons.push_back(c);
                }
            }
        }
    }
    CurveFamily cells{"Tumour cells", "1", true, {}};
    for (const Primary& p : d.primaries)
        for (std::size_t a = 0; a < 3; ++a)
            for (int mouse = 1; mouse <= mice; ++mouse) {
                Curve c{p.id, d.arms[a].id, mouse, {}, {}};
                Dice own{static_cast<std::uint64_t>(mouse) * 91};
                const double start = 120 * std::exp(0.3 * own.normal()), last = p.id == "b16" ? 12 : 14;
                for (double day = 0; day <= last; day += 0.5) {
                    const double rate = a == 1 ? 0.16 : a == 2 && day > 7 ? 0.25 : 0.3;
                    double value = start * (day < 3 ? std::exp(-0.9 * day) : std::exp(-2.7 + rate * (day - 3)));
                    if (mouse == 3 && a == 1 && day > 6) value = 0;
                    c.day.push_back(day);
                    c.value.push_back(std::floor(value));
                }
                cells.curves.push_back(c);
            }
    d.growth.push_back(cells);
    for (const histology::Stain stain : histology::every_stain) {
        const histology::StainDescription& s = histology::description_of(stain);
        Stain out{s.id, s.title, {}};
        for (const histology::LegendEntry& l : s.legend) out.legend.push_back({l.colour, l.label});
        d.stains.push_back(out);
    }
    for (const Primary& p : d.primaries)
        for (const char* loop : {"direct support (HGF)", "new vessels (VEGFA)", "immune exclusion (CXCL12, TGFB1)",
                                 "collagen stiffness", "collagen confinement"})
            d.attribution.push_back({p.id,
                                     "metastatic_area",
                                     loop,
                                     {-6, -8, -4},
                                     {-4 + 3 * dice.uniform(), -5, -1},
                                     {40 * dice.uniform(), 2, 55},
                                     ""});
    d.attribution_caption =
        "The same mice, depleted and not, with one loop of the model switched off at a time. Shares need not add up to "
        "100 %: loops act on each other.";
    for (const Primary& p : d.primaries)
        d.draws.push_back({p.id, "metastatic_area", 100, 97, 2, 1, "the sign follows from the wiring"});
    d.draws_caption =
        "Assumed and fitted parameters drawn together from their ranges, depletion against control in each draw.";
    d.tables.push_back({"Control against control",
                        "Two control cohorts with other seeds: no difference is expected.",
                        {"Primary", "Endpoint", "Difference", "p"},
                        {{"Colon (MC38)", "Metastatic area, %", "+0.21 (\u22121.3 to +1.7)", "0.80"},
                         {"Melanoma (B16)", "Metastatic area, %", "\u22120.4 (\u22121.9 to +1.1)", "0.57"}},
                        {false, false, true, true}});
    d.methods = {{"Animals and seeding",
                  {"Eight simulated mice an arm. Mice differ by named parameters drawn per animal, and the same mouse "
                   "lives in every arm until the treatment first acts (doi:10.1097/HC9.0000000000000669).",
                   "Tumour cells arrive through the portal vein and arrest in sinusoids with a periportal bias."}},
                 {"Statistics",
                  {"Unpaired and paired differences of means with bootstrap intervals (10 000 resamples); exact "
                   "Mann-Whitney and signed-rank tests; Holm over the last-day endpoints of a primary."}}};
    for (int k = 0; k < 60; ++k)
        d.parameters.push_back({"substrates.TGFB1.value_" + std::to_string(k), std::to_string(k * 1.5).substr(0, 5),
                                "um^2/min", "[10 .. 90]", k % 3 ? "measured" : "assumed", "mouse liver, in vivo",
                                k % 3 ? "doi:10.1186/s12967-017-1142-7, table 2"
                                      : "none found; order of magnitude from similar proteins"});
    d.provenance = {{"Program", "stellate 0.1.0"},
                    {"Seed", "1"},
                    {"Final digest", "4f0c6a3d1e1b4d0b9a6a6c1a7b2e55d0"},
                    {"Machine", "2 cores"},
                    {"Run time", "17 min 12 s"}};
    return d;
}

}  // namespace stellate::report::synthetic
