#include "report/study_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/units.hpp"
#include "report/format.hpp"
#include "report/study.hpp"

namespace stellate::report {

namespace {

using laboratory::Analysis;
using StudyArm = laboratory::Arm;
using laboratory::CohortResults;
using laboratory::ComparisonRow;
using laboratory::Experiment;
using laboratory::MouseRun;
using laboratory::Treatment;

// "a", "a and b", "a, b and c".
std::string listing(const std::vector<std::string>& items) {
    std::string text;
    for (std::size_t n = 0; n < items.size(); ++n)
        text += (n == 0 ? "" : n + 1 == items.size() ? " and " : ", ") + items[n];
    return text;
}

std::string capital(std::string text) {
    if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
    return text;
}

std::string small(std::string text) {
    const bool word = text.size() > 1 && text[0] >= 'A' && text[0] <= 'Z' && text[1] >= 'a' && text[1] <= 'z';
    if (word) text[0] = static_cast<char>(text[0] - 'A' + 'a');
    return text;
}

const std::string& primary_title(const CohortResults& r, int primary) {
    return r.experiment.primaries[std::size_t(primary)].title;
}

bool resolved(const statistics::Comparison& c) {
    return c.difference && c.difference->interval &&
           (c.difference->interval->lower > 0 || c.difference->interval->upper < 0);
}

// A bootstrap over fewer animals is too narrow, and no exact test of them can reach significance.
constexpr int least_mice = 5;

bool too_few(const statistics::Comparison& c) { return std::min(c.control->n, c.treated->n) < least_mice; }

// The arm the verdict is about: the first with a published result, else the first that is not control.
int headline_arm(const CohortResults& r) {
    const Experiment& e = r.experiment;
    for (std::size_t a = 0; a < e.arms.size(); ++a)
        for (const laboratory::Published& p : e.analysis.published)
            if (p.arm == e.arms[a].name) return static_cast<int>(a);
    for (std::size_t a = 0; a < e.arms.size(); ++a)
        if (e.arms[a].name != e.analysis.control) return static_cast<int>(a);
    return -1;
}

// "lower in colon and melanoma, not resolved in pancreas" for one endpoint of one arm on the last day.
std::string directions(const CohortResults& r, const Analysis& analysis, int arm, const std::string& endpoint) {
    std::vector<std::string> lower, higher, open, few, absent;
    for (const ComparisonRow& row : analysis.comparisons) {
        if (!row.fixed_beforehand || row.arm != arm || row.endpoint.id != endpoint) continue;
        const std::string title = small(primary_title(r, row.primary));
        if (!row.comparison.difference)
            absent.push_back(title);
        else if (too_few(row.comparison))
            few.push_back(title);
        else if (!resolved(row.comparison))
            open.push_back(title);
        else
            (row.comparison.difference->estimate < 0 ? lower : higher).push_back(title);
    }
    std::vector<std::string> parts;
    if (!lower.empty()) parts.push_back("lower in " + listing(lower));
    if (!higher.empty()) parts.push_back("higher in " + listing(higher));
    if (!open.empty()) parts.push_back("not told apart from control in " + listing(open));
    if (!few.empty()) parts.push_back("too few mice to tell in " + listing(few));
    if (!absent.empty()) parts.push_back("without a value in " + listing(absent));
    std::string text;
    for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + part;
    return text;
}

std::string sizes(const CohortResults& r, const Analysis& analysis, int arm, const std::string& endpoint) {
    std::vector<std::string> parts;
    std::string title, unit;
    for (const ComparisonRow& row : analysis.comparisons) {
        if (!row.fixed_beforehand || row.arm != arm || row.endpoint.id != endpoint || !row.comparison.difference)
            continue;
        title = row.endpoint.title, unit = unit_text(row.endpoint.unit);
        const auto& c = row.comparison;
        std::string part = fmt::format("from {} to {}{} in {} (difference {}", number(c.control->mean),
                                       number(c.treated->mean), unit.empty() ? "" : " " + unit,
                                       small(primary_title(r, row.primary)), signed_number(c.difference->estimate));
        if (c.difference->interval)
            part += fmt::format(", 95 % interval {} to {}", signed_number(c.difference->interval->lower),
                                signed_number(c.difference->interval->upper));
        parts.push_back(part + ")");
    }
    if (parts.empty()) return {};
    return capital(small(title)) + " went " + listing(parts) + ".";
}

// The area of metastases is that of their outline, stroma and all; beside it stands how many tumour cells live.
std::string tumour_itself(const CohortResults& r, const Analysis& analysis, int arm) {
    std::vector<std::string> parts;
    for (const ComparisonRow& row : analysis.comparisons) {
        if (!row.last_day || row.arm != arm || row.endpoint.id != std::string_view("cells_tumour")) continue;
        const statistics::Comparison& c = row.comparison;
        if (!c.control || !c.treated || !(c.control->mean > 0)) continue;
        std::string part = fmt::format("from {} to {} in {} ({} %", number(c.control->mean), number(c.treated->mean),
                                       small(primary_title(r, row.primary)),
                                       signed_number(100 * (c.treated->mean / c.control->mean - 1), 2));
        if (c.paired_difference && c.paired_difference->interval)
            part += fmt::format("; in the same mice {}, 95 % interval {} to {}",
                                signed_number(c.paired_difference->estimate),
                                signed_number(c.paired_difference->interval->lower),
                                signed_number(c.paired_difference->interval->upper));
        parts.push_back(part + ")");
    }
    if (parts.empty()) return {};
    return "Foci hold stroma, and so does their area. Living tumour cells went " + listing(parts) + ".";
}

// How the signs of an arm compare with published ones. A published null is another question than a published direction:
// an interval that includes 0 does not show it.
std::string agreement(const Analysis& analysis, int arm) {
    int directions = 0, agree = 0, clear = 0, adjusted = 0, against = 0, nulls = 0, open = 0;
    for (const ComparisonRow& row : analysis.comparisons) {
        if (row.arm != arm || !row.published_sign || row.agreement == "not given") continue;
        const bool agrees = row.agreement.starts_with("agrees");
        if (*row.published_sign == 0)
            ++nulls, open += row.agreement == "not told apart";
        else
            ++directions, agree += agrees, clear += row.agreement == "agrees",
                adjusted += agrees && row.comparison.mann_whitney_holm.value_or(1) < 0.05,
                against += row.agreement.starts_with("opposite");
    }
    std::string text;
    if (directions > 0)
        text = fmt::format(
            "Directions reported by the published experiment, over endpoints and primaries: {}. Agreeing: {} (half "
            "would "
            "by chance), of which with an interval that excludes no difference: {}, and with a Mann-Whitney p below "
            "0.05 after Holm's adjustment: {}{}{}. Sizes were not published in readable form.",
            directions, agree, clear, adjusted, against > 0 ? fmt::format("; opposite: {}", against) : "",
            directions > agree + against ? fmt::format("; no difference: {}", directions - agree - against) : "");
    if (nulls > 0)
        text += fmt::format(
            "{}Of {} endpoints reported unchanged {} have an interval that includes no difference, which does not show "
            "that there is none.",
            text.empty() ? "" : " ", nulls, open);
    return text;
}

std::string days_text(double days) { return shortest(days) + (days == 1 ? " day" : " days"); }

// An endpoint of an arm's mice on the last day; nothing where there is no such arm.
std::optional<statistics::Summary> summary_of(const CohortResults& r, std::size_t primary, const std::string& arm,
                                              const char* endpoint) {
    const Experiment& e = r.experiment;
    for (std::size_t a = 0; a < e.arms.size(); ++a) {
        if (e.arms[a].name != arm) continue;
        std::vector<double> values =
            laboratory::values_of(r, int(primary), int(a), e.endpoint_days_of(e.primaries[primary]).back(), endpoint);
        std::erase_if(values, [](double v) { return !std::isfinite(v); });
        return statistics::summarise(values);
    }
    return std::nullopt;
}

}  // namespace

std::vector<std::string> verdict_of(const CohortResults& r, const Analysis& analysis) {
    const Experiment& e = r.experiment;
    const int arm = headline_arm(r);
    if (e.analysis.control.empty() || arm < 0)
        return {"No arm is compared with another: the page describes what was grown."};
    const std::vector<std::string> endpoints = laboratory::primary_endpoints_of(e);
    std::vector<std::string> said;
    const std::string control = e.find_arm(e.analysis.control)->title;
    const auto sentence = [&](int which) {
        std::string text;
        for (const std::string& id : endpoints) {
            const std::string how = directions(r, analysis, which, id);
            if (how.empty()) continue;
            for (const histology::EndpointDefinition& d : laboratory::every_endpoint_definition())
                if (id == d.id) text += fmt::format(" {}: {}.", d.title, how);
        }
        return text;
    };
    said.push_back(fmt::format("{}, against {}.{}", e.arms[std::size_t(arm)].title, small(control), sentence(arm)));
    for (const std::string& id : endpoints)
        if (std::string text = sizes(r, analysis, arm, id); !text.empty()) said.push_back(std::move(text));

    if (std::string text = tumour_itself(r, analysis, arm); !text.empty()) said.push_back(std::move(text));
    if (std::string text = agreement(analysis, arm); !text.empty()) said.push_back(std::move(text));
    for (std::size_t a = 0; a < e.arms.size(); ++a) {
        const bool other = static_cast<int>(a) != arm && e.arms[a].name != e.analysis.control;
        if (!other || laboratory::serves_attribution(e, static_cast<int>(a))) continue;
        if (const std::string text = sentence(static_cast<int>(a)); !text.empty())
            said.push_back(fmt::format("{}.{}", e.arms[a].title, text));
    }
    return said;
}

namespace study_text {

std::string drawn_numbers(const laboratory::Ensemble& ensemble) {
    std::vector<std::string> kinds;
    for (const RecordKind kind : ensemble.kinds) kinds.emplace_back(stellate::name_of(kind));
    std::string text = "Each animal is one draw of every record of the model that is " + listing(kinds) +
                       " over its plausible range (the Hill powers of the rules are no records and stay)";
    if (!ensemble.except.empty()) text += ", but for those of " + listing(ensemble.except);
    return text + ".";
}

std::string subtitle(const CohortResults& r) {
    const Experiment& e = r.experiment;
    const Experiment::Size& s = e.size();
    std::string size = fmt::format("{} x {}", shortest(s.width_um / 1000), shortest(s.height_um / 1000));
    const bool block = e.geometry == laboratory::Geometry::block;
    if (block) size += " x " + shortest(s.depth_um / 1000);
    std::string days;
    std::vector<std::string> shorter;
    for (const laboratory::Primary& p : e.primaries)
        if (e.days_of(p) < e.days) shorter.push_back(fmt::format("{} {}", p.title, shortest(e.days_of(p))));
    const std::size_t mice = e.mouse_numbers().size();
    return fmt::format("{} \u00B7 liver {} of {} mm{} \u00B7 {} {} an arm \u00B7 {}{}", e.name,
                       block ? "blocks" : "sections", size, block ? "" : ", 20 um thick", mice,
                       mice == 1 ? "mouse" : "mice", days_text(e.days),
                       shorter.empty() ? "" : " (" + listing(shorter) + ")");
}

std::string arm_note(const Experiment& e, const StudyArm& arm) {
    std::vector<std::string> parts;
    const auto day = [](double minutes) { return "day " + shortest(minutes / 1440); };
    for (const Treatment& t : arm.treatments) {
        if (t.kind == Treatment::Kind::suicide_gene) {
            const std::string drug = t.record.substr(t.record.rfind('.') + 1);
            std::string text =
                t.carriers ? "carriers of the suicide gene under the drug" : "wild type under the same drug";
            text += fmt::format(" ({}) from {}", drug, day(t.start_min));
            if (t.stop_min) text += " to " + day(*t.stop_min);
            for (const laboratory::Change& change : t.changes)
                text += fmt::format(", {} {}", change.path.substr(t.record.size() + 1), change.text);
            parts.push_back(text);
        } else {
            const StudyArm* of = e.find_arm(t.of);
            const std::string source = of ? of->title : t.of;
            if (t.kind == Treatment::Kind::sham)
                parts.push_back(
                    fmt::format("each cell killed in '{}' is answered by the nearest {} dying at that time and place, "
                                "without any drug",
                                source, t.kills));
            else
                parts.push_back(
                    fmt::format("the cells killed in '{}' die at the same times, without any drug", source));
        }
    }
    for (const std::string& loop : arm.switched_off) parts.push_back("loop " + loop + " switched off");
    for (const laboratory::Change& change : arm.changes)
        parts.push_back(fmt::format("{} set to {}", change.path, change.text));
    if (parts.empty()) parts.emplace_back("untreated");
    std::string text;
    for (const std::string& part : parts) text += (text.empty() ? "" : "; ") + part;
    return text;
}

std::vector<std::string> warnings(const CohortResults& r, const Analysis& analysis) {
    const Experiment& e = r.experiment;
    std::vector<std::string> out;
    if (const int mice = static_cast<int>(e.mouse_numbers().size()); mice < least_mice)
        out.push_back(
            fmt::format("{} an arm {} nothing: bootstrap intervals over so few animals are too narrow, and tests "
                        "cannot reach small "
                        "p values.",
                        mice == 1 ? "1 mouse" : fmt::format("{} mice", mice), mice == 1 ? "settles" : "settle"));
    if (!r.enrichment.empty()) {
        const laboratory::Enrichment& x = r.enrichment.front();
        out.push_back(fmt::format(
            "The tissue is an enriched window: {} clonogenic tumour cells per mm3 were put in it, {} times as many as "
            "a whole liver holds after {} injected cells "
            "({} per mm3); at this density a whole liver would have been given {} cells. Counts here are not counts "
            "per liver{}.",
            number(x.window_per_mm3), number(x.factor, 2), number(e.inoculum.injected, 2),
            number(x.whole_liver_per_mm3, 2), number(x.injected_equivalent, 2),
            e.geometry == laboratory::Geometry::section
                ? ", and a slab one voxel thick is not a thin section of a solid liver (N_A = N_V x mean diameter)"
                : ""));
    }
    for (std::size_t p = 0; p < e.primaries.size(); ++p) {
        const auto of = [&](const std::string& arm, const char* endpoint) { return summary_of(r, p, arm, endpoint); };
        const std::string& control = e.analysis.control;
        const auto summary = of(control, "foci_count"), families = of(control, "focus_families");
        if (summary && families && families->mean < 0.9 * summary->mean) {
            std::string text = fmt::format("{}: the {} foci of control mice are {} families", e.primaries[p].title,
                                           number(summary->mean), number(families->mean));
            for (const StudyArm& arm : e.arms) {
                const bool other = arm.name != control && !laboratory::serves_attribution(e, int(&arm - e.arms.data()));
                const auto foci = other ? of(arm.name, "foci_count") : std::nullopt,
                           kin = other ? of(arm.name, "focus_families") : std::nullopt;
                if (foci && kin)
                    text += fmt::format(", the {} of '{}' {}", number(foci->mean), arm.title, number(kin->mean));
            }
            out.push_back(text +
                          ". Tumour cells more than 20 um from the rest of their metastasis count as a focus of their "
                          "own, so stroma between tumour nests raises the count; families, foci that share descendants "
                          "of one arrived cell, say how many metastases there are.");
        }
        if (e.geometry != laboratory::Geometry::section) continue;
        if (summary && summary->mean < 8)
            out.push_back(
                fmt::format("{}: control mice have {} foci on average on the last day; below 8 a count says little. "
                            "Enlarge the section.",
                            e.primaries[p].title, number(summary->mean)));
    }
    out.push_back(
        "Paired differences set an animal against itself without the treatment. No bench can; the unpaired difference "
        "stands first.");
    for (const std::string& note : analysis.notes) out.push_back(note);
    return out;
}

std::vector<TextBlock> methods(const CohortResults& r) {
    const Experiment& e = r.experiment;
    std::vector<TextBlock> blocks;
    if (!e.description.empty()) blocks.push_back({"The experiment", e.description});
    TextBlock animals{"Animals and tissue", {}};
    animals.paragraphs.push_back(
        fmt::format("Model {}, {}. Tissue is grown as it rests for {} before inoculation; days count from "
                    "inoculation. Mouse n is the same animal in every arm and every primary: "
                    "its seed follows from the experiment's seed ({}) and n, so it does not depend on how many mice or "
                    "arms there are.",
                    e.model, subtitle(r), days_text(e.acclimatisation_min / 1440), e.seed));
    if (!e.variation.empty()) {
        std::vector<std::string> records;
        for (const laboratory::Variation& v : e.variation)
            records.push_back(fmt::format("{} ({} %)", v.record, shortest(std::round(1000 * v.cv) / 10)));
        animals.paragraphs.push_back(
            "Animals differ by log-normal factors of median 1, drawn once for each animal, held inside the plausible "
            "range of the record; coefficient of variation: " +
            listing(records) + ".");
    }
    if (e.ensemble) animals.paragraphs.push_back(drawn_numbers(*e.ensemble));
    for (std::size_t p = 0; p < r.enrichment.size(); ++p) {
        const laboratory::Enrichment& x = r.enrichment[p];
        std::string text = fmt::format(
            "{}: {} clonogenic tumour cells per mm3 of tissue arrive through the portal vein (enrichment "
            "{} over a liver given {} cells).",
            e.primaries[p].title, number(x.window_per_mm3), number(x.factor, 2), number(e.inoculum.injected, 2));
        if (const auto foci = summary_of(r, p, e.analysis.control, "foci_count"); foci && x.factor > 0)
            text += fmt::format(
                " Control mice end with {} foci on average, {} per mm3; over the enrichment that stands for {} foci "
                "per "
                "mm3 of such a liver.",
                number(foci->mean), number(foci->mean / e.volume_mm3()),
                number(foci->mean / e.volume_mm3() / x.factor, 2));
        animals.paragraphs.push_back(std::move(text));
    }
    blocks.push_back(std::move(animals));
    TextBlock arms{"Arms", {}};
    for (const StudyArm& arm : e.arms) arms.paragraphs.push_back(arm.title + ": " + arm_note(e, arm) + ".");
    blocks.push_back(std::move(arms));
    TextBlock reading{"Read-out", {}};
    reading.paragraphs.push_back(
        e.geometry == laboratory::Geometry::section
            ? "Each section is scored whole on a raster of 2 um."
            : fmt::format("{} sections of 20 um, evenly spaced through the block, are scored on a raster of 2 um and "
                          "averaged within the animal; foci, volumes and "
                          "densities per volume come from the points of the block in three dimensions.",
                          e.block_sections));
    std::vector<std::string> fixed;
    for (const std::string& id : laboratory::primary_endpoints_of(e)) fixed.push_back(id);
    reading.paragraphs.push_back("Fixed beforehand: " + listing(fixed) +
                                 " on the last day of each primary. Everything else is descriptive.");
    reading.paragraphs.push_back(
        "Pictures show, for each primary, the mouse whose metastatic area in control is the median on the last day, in "
        "every arm.");
    blocks.push_back(std::move(reading));
    blocks.push_back({"Statistics",
                      {fmt::format("The animal is the unit. Differences of means, unpaired and paired, with 95 % "
                                   "bootstrap intervals ({} resamples of whole animals, widened for small "
                                   "samples); Cliff's delta with Newcombe's interval; exact Mann-Whitney and "
                                   "signed-rank tests. Holm's adjustment runs {}; counts of cells and other rows "
                                   "that only describe are left out. Simulated animals are free, so p values mean "
                                   "something at the planned number only.",
                                   e.analysis.resamples, holm_family)}});
    return blocks;
}

namespace {

std::string mean_text(const CohortResults& r, int primary, int arm, double day, const char* endpoint) {
    std::vector<double> values = laboratory::values_of(r, primary, arm, day, endpoint);
    std::erase_if(values, [](double v) { return !std::isfinite(v); });
    const auto summary = statistics::summarise(values);
    if (!summary) return "\u2013";
    return number(summary->mean) + (summary->sd ? " \u00B1 " + number(*summary->sd) : "");
}

// A table with one row per primary and arm (and day) and one column per endpoint.
Table table_of(const CohortResults& r, const char* title, const char* caption,
               const std::vector<std::pair<const char*, const char*>>& columns, bool every_day, bool with_control) {
    const Experiment& e = r.experiment;
    Table t{title, caption, {"Primary", "Arm", "Day"}, {}, {false, false, true}};
    for (const auto& [id, name] : columns) t.columns.emplace_back(name), t.numeric.push_back(true);
    for (std::size_t p = 0; p < e.primaries.size(); ++p)
        for (std::size_t a = 0; a < e.arms.size(); ++a) {
            if (!with_control && e.arms[a].name == e.analysis.control) continue;
            if (laboratory::serves_attribution(e, static_cast<int>(a))) continue;
            std::vector<double> days = e.endpoint_days_of(e.primaries[p]);
            if (!every_day) days = {days.back()};
            for (const double day : days) {
                std::vector<std::string> row = {e.primaries[p].title, e.arms[a].title, shortest(day)};
                for (const auto& [id, name] : columns) row.push_back(mean_text(r, int(p), int(a), day, id));
                t.rows.push_back(std::move(row));
            }
        }
    return t;
}

}  // namespace

std::vector<Table> tables(const CohortResults& r, const Analysis& analysis) {
    const Experiment& e = r.experiment;
    std::vector<Table> out;
    const bool killing =
        std::any_of(r.runs.begin(), r.runs.end(), [](const MouseRun& run) { return !run.kills.empty(); });
    if (killing)
        out.push_back(table_of(
            r, "Stellate cells lost",
            "How many the treatment condemned or killed, and how far the density of stellate cells of any state "
            "lies below the same mouse's in control "
            "(mean \u00B1 SD of mice; below 0: more than in control). Near tumour: inside foci and "
            "within 200 um of each arm's own. The published 64-72 % belongs to another "
            "protocol, without tumour, and is no expectation here.",
            {{"treatment_kills", "Cells condemned or killed"},
             {"hsc_loss_near_tumour", "Lost near tumour, %"},
             {"hsc_loss_section", "Lost in the section, %"}},
            true, false));
    out.push_back(table_of(r, "Foci, families and clones",
                           "Pieces of a metastasis more than 20 um apart are several foci. Foci that share descendants "
                           "of one arrived tumour cell are one family; clones are the arrived cells whose descendants "
                           "make up the foci.",
                           {{"foci_count", "Foci"}, {"focus_families", "Families"}, {"focus_clones", "Clones"}}, true,
                           true));
    out.push_back(table_of(r, "Company of arrested tumour cells",
                           "Share of arrested tumour cells with an alpha-SMA-positive stromal cell nearby, and the "
                           "share expected by chance; the "
                           "published 65 % at 48 h is one of the numbers the model was built on.",
                           {{"arrested_cells", "Arrested cells"},
                            {"surrounded_share", "With company, %"},
                            {"surrounded_by_chance", "By chance, %"}},
                           true, true));
    out.push_back(table_of(r, "What reaches a focus first",
                           "Foci with myofibroblasts but no new vessel, with a new vessel but no myofibroblast, and "
                           "with both. Myofibroblasts before endothelium "
                           "(doi:10.1053/jhep.2003.50068) means that the first column fills before the second.",
                           {{"foci_alpha_sma_only", "Myofibroblasts only"},
                            {"foci_vessels_only", "New vessels only"},
                            {"foci_alpha_sma_and_vessels", "Both"}},
                           true, true));
    out.push_back(table_of(
        r, "Immune pressure",
        "Kills per tumour cell and day since inoculation, and densities inside foci and at their rim on the last day.",
        {{"tumour_kills_per_cell_day", "Kills per tumour cell and day"},
         {"cd8_density_inside", "CD8 inside, 1/mm2"},
         {"cd8_density_rim", "CD8 at the rim, 1/mm2"},
         {"nk_density_inside", "NK inside, 1/mm2"},
         {"mdsc_density_inside", "Myeloid inside, 1/mm2"}},
        false, true));
    if (!e.ensemble && !analysis.signs.empty()) {
        Table t{"Mice by the sign of their own effect",
                fmt::format("Mice whose value lies more than {:.0f} % of control's below, within, or above the same "
                            "mouse in control; of those within, how many have none in either arm.",
                            100 * laboratory::sign_band),
                {"Primary", "Arm", "Endpoint", "Mice", "Lower", "Within", "Higher", "None in either"},
                {},
                {false, false, false, true, true, true, true, true}};
        for (const laboratory::SignRow& row : analysis.signs) {
            if (laboratory::serves_attribution(e, row.arm)) continue;
            t.rows.push_back({primary_title(r, row.primary), e.arms[std::size_t(row.arm)].title, row.endpoint.title,
                              std::to_string(row.draws), std::to_string(row.lowers), std::to_string(row.spares),
                              std::to_string(row.raises), std::to_string(row.empty)});
        }
        out.push_back(std::move(t));
    }
    return out;
}

std::vector<std::pair<std::string, std::string>> provenance(const CohortResults& r, const laboratory::Provenance& p) {
    double stepping = 0, readout = 0, awake = 0, days = 0, shared = 0;
    for (const MouseRun& run : r.runs) {
        stepping += run.stepping_s, readout += run.readout_s, awake += run.awake.cells_awake, shared += run.shared_days;
        if (!run.days.empty()) days += run.days.back().tick * run.calendar.tick_min / 1440;
    }
    const double runs = std::max<double>(1, double(r.runs.size()));
    std::vector<laboratory::DigestRow> rows;
    for (const MouseRun& run : r.runs)
        for (const laboratory::DayRecord& d : run.days)
            rows.push_back({r.experiment.primaries[std::size_t(run.primary)].name,
                            r.experiment.arms[std::size_t(run.arm)].name, std::to_string(run.mouse), shortest(d.day),
                            to_string(d.digest)});
    return {
        {"Program", "stellate " + p.version + (p.commit.empty() ? "" : " of commit " + p.commit) + ", " + p.compiler +
                        ", " + p.build_type + " (" + p.flags + ")"},
        {"Command", p.command},
        {"Experiment", r.experiment.file},
        {"Seed", std::to_string(r.experiment.seed)},
        {"Digest of all states", laboratory::digest_of(rows)},
        {"Model", r.experiment.model + ", digest " + to_string(r.model_digest)},
        {"Machine",
         p.processor + ", " + std::to_string(p.hardware_threads) + " threads, " + p.system + " " + p.machine},
        {"Started", p.started},
        {"Run time",
         fmt::format("{:.0f} s for {} runs on {} threads; on average {:.1f} s to grow a run and {:.1f} s to read it",
                     r.wall_s, r.runs.size(), r.threads, stepping / runs, readout / runs)},
        {"Shared",
         fmt::format(
             "{:.0f} of {:.0f} mouse-days were lived once for several arms, which are alike until a drug first kills",
             shared, days)},
        {"Awake", fmt::format("{:.0f} % of the bricks' cells on average over a run", 100 * awake / runs)},
        {"Proteins", "proteins.csv lists the simulated abundance of the model's mechanisms; it is not a proteome"}};
}

}  // namespace study_text

}  // namespace stellate::report
