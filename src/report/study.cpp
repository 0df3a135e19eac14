#include "report/study.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/parallel.hpp"
#include "core/units.hpp"
#include "histology/png.hpp"
#include "histology/stains.hpp"
#include "report/format.hpp"
#include "report/study_text.hpp"
#include "statistics/bootstrap.hpp"

namespace stellate::report {

namespace {

using laboratory::Analysis;
using laboratory::CohortResults;
using laboratory::ComparisonRow;
using laboratory::Experiment;
using laboratory::MouseRun;

// As files: fit for scoring and slides. On the page: small enough to forward.
constexpr int overview_px = 800, page_overview_px = 420;
constexpr double close_up_um = 480, close_up_pixel_um = 1, page_pixel_um = 1.5;
constexpr int file_colours = 128, page_colours = 32;

Estimate estimate_of(const std::optional<statistics::Effect>& effect) {
    if (!effect) return {};
    if (!effect->interval) return {effect->estimate, std::nullopt, std::nullopt};
    return {effect->estimate, effect->interval->lower, effect->interval->upper};
}

std::optional<double> mean_of(const std::optional<statistics::Summary>& s) {
    return s ? std::optional(s->mean) : std::nullopt;
}
std::optional<double> sd_of(const std::optional<statistics::Summary>& s) { return s ? s->sd : std::nullopt; }
std::optional<double> median_of(const std::optional<statistics::Summary>& s) {
    return s ? std::optional(s->median) : std::nullopt;
}

// Arms on the page, control first. The arms of an attribution table are read in that table.
std::vector<int> arms_shown(const Experiment& e) {
    std::vector<int> arms;
    for (std::size_t a = 0; a < e.arms.size(); ++a) {
        if (!laboratory::serves_attribution(e, static_cast<int>(a))) arms.push_back(static_cast<int>(a));
    }
    std::stable_sort(arms.begin(), arms.end(), [&](int a, int b) {
        return (e.arms[std::size_t(a)].name == e.analysis.control) >
               (e.arms[std::size_t(b)].name == e.analysis.control);
    });
    return arms;
}

bool is_shown(const std::vector<int>& arms, int arm) { return std::find(arms.begin(), arms.end(), arm) != arms.end(); }

void add_endpoints(const CohortResults& r, ReportData& d) {
    const std::vector<std::string> fixed = laboratory::primary_endpoints_of(r.experiment);
    for (const histology::EndpointDefinition& e : laboratory::every_endpoint_definition()) {
        const bool measured = std::any_of(r.runs.begin(), r.runs.end(), [&](const MouseRun& run) {
            return std::any_of(run.days.begin(), run.days.end(), [&](const laboratory::DayRecord& day) {
                return std::any_of(day.endpoints.begin(), day.endpoints.end(),
                                   [&](const histology::EndpointValue& v) { return std::string_view(v.id) == e.id; });
            });
        });
        if (!measured) continue;
        const std::string_view id = e.id;
        const bool primary = std::find(fixed.begin(), fixed.end(), id) != fixed.end();
        const bool minor = e.standing == histology::Standing::minor;
        std::string definition = e.definition;
        if (r.experiment.geometry == laboratory::Geometry::block) {
            if (!e.in_block)
                definition += " Mean over the sections cut through the block.";
            else if (e.in_block != std::string_view(histology::as_defined))
                definition = e.in_block;
        }
        d.endpoints.push_back({e.id, e.title, e.unit, definition, heading_of(e.group), primary, minor});
    }
}

void add_values(const CohortResults& r, const std::vector<int>& arms, ReportData& d) {
    const Experiment& e = r.experiment;
    for (const MouseRun& run : r.runs) {
        if (!is_shown(arms, run.arm)) continue;
        for (const laboratory::DayRecord& day : run.days)
            for (const histology::EndpointValue& v : day.endpoints)
                d.values.push_back({e.arms[std::size_t(run.arm)].name, e.primaries[std::size_t(run.primary)].name,
                                    run.mouse, day.day, v.id, v.value});
    }
}

// Mean of an arm with the bootstrap interval of a mean.
void add_summaries(const CohortResults& r, const std::vector<int>& arms, ReportData& d) {
    const Experiment& e = r.experiment;
    std::vector<ArmSummary> rows;
    for (std::size_t p = 0; p < e.primaries.size(); ++p)
        for (const int a : arms)
            for (const double day : e.endpoint_days_of(e.primaries[p]))
                for (const Endpoint& endpoint : d.endpoints) {
                    ArmSummary row;
                    row.arm = e.arms[std::size_t(a)].name, row.primary = e.primaries[p].name,
                    row.endpoint = endpoint.id, row.day = day;
                    rows.push_back(std::move(row));
                }
    parallel_for(std::int64_t(rows.size()), r.threads, [&](std::int64_t n) {
        ArmSummary& row = rows[std::size_t(n)];
        const auto index = [](const auto& list, const std::string& name) {
            return static_cast<int>(
                std::find_if(list.begin(), list.end(), [&](const auto& item) { return item.name == name; }) -
                list.begin());
        };
        std::vector<double> values =
            laboratory::values_of(r, index(e.primaries, row.primary), index(e.arms, row.arm), row.day, row.endpoint);
        std::erase_if(values, [](double v) { return !std::isfinite(v); });
        const auto summary = statistics::summarise(values);
        if (!summary) return;
        row.n = summary->n;
        row.sd = summary->sd;
        row.median = summary->median;
        row.mean.value = summary->mean;
        statistics::BootstrapOptions options;
        options.seed = e.seed;
        options.resamples = 2000;
        const int sizes[1] = {summary->n};
        const auto boot = statistics::bootstrap(
            sizes,
            [&](const statistics::Picks& picks) {
                double sum = 0;
                for (const std::uint32_t pick : picks[0]) sum += values[pick];
                return sum / double(picks[0].size());
            },
            options);
        if (boot && boot->interval) row.mean.low = boot->interval->lower, row.mean.high = boot->interval->upper;
    });
    std::erase_if(rows, [](const ArmSummary& row) { return row.n == 0; });
    d.summaries = std::move(rows);
}

void add_comparisons(const CohortResults& r, const Analysis& analysis, const std::vector<int>& arms, ReportData& d) {
    const Experiment& e = r.experiment;
    for (const ComparisonRow& row : analysis.comparisons) {
        if (!is_shown(arms, row.arm)) continue;
        const statistics::Comparison& from = row.comparison;
        if (!from.control && !from.treated) continue;
        Comparison c;
        c.primary = e.primaries[std::size_t(row.primary)].name;
        c.arm = e.arms[std::size_t(row.arm)].name;
        c.reference = e.analysis.control;
        c.endpoint = row.endpoint.id;
        c.day = row.day;
        c.n_arm = from.treated ? from.treated->n : 0;
        c.n_reference = from.control ? from.control->n : 0;
        c.mean_arm = mean_of(from.treated), c.sd_arm = sd_of(from.treated), c.median_arm = median_of(from.treated);
        c.mean_reference = mean_of(from.control), c.sd_reference = sd_of(from.control),
        c.median_reference = median_of(from.control);
        c.unpaired = estimate_of(from.difference);
        c.paired = estimate_of(from.paired_difference);
        c.cliffs_delta = estimate_of(from.cliffs_delta);
        if (from.mann_whitney) c.p_mann_whitney = from.mann_whitney->p;
        if (from.signed_rank) c.p_signed_rank = from.signed_rank->p;
        c.p_holm = from.mann_whitney_holm;
        c.published_sign = row.published_sign;
        if (row.agreement.starts_with("agrees")) c.sign_agrees = true;
        if (row.agreement.starts_with("opposite") || row.agreement == "changed") c.sign_agrees = false;
        c.sign_is_clear = row.agreement.find(',') == std::string::npos;
        for (const std::string& note : from.notes) c.note += (c.note.empty() ? "" : " ") + note;
        d.comparisons.push_back(std::move(c));
    }
}

void add_growth(const CohortResults& r, const std::vector<int>& arms, ReportData& d) {
    const Experiment& e = r.experiment;
    const auto add = [&](const char* title, const char* unit, bool logarithmic, auto&& value) {
        CurveFamily family{title, unit, logarithmic, {}};
        for (const MouseRun& run : r.runs) {
            if (!is_shown(arms, run.arm)) continue;
            Curve curve{
                e.primaries[std::size_t(run.primary)].name, e.arms[std::size_t(run.arm)].name, run.mouse, {}, {}};
            for (const laboratory::DayCounts& day : run.growth) {
                curve.day.push_back(day.day);
                curve.value.push_back(double(value(day)));
            }
            family.curves.push_back(std::move(curve));
        }
        d.growth.push_back(std::move(family));
    };
    add("Tumour cells", "1", true, [](const laboratory::DayCounts& c) { return c.tumour_cells; });
    add("Foci", "1", false, [](const laboratory::DayCounts& c) { return c.foci; });
    const auto type = [&](const char* name) {
        return std::size_t(std::find(r.type_names.begin(), r.type_names.end(), name) - r.type_names.begin());
    };
    for (const auto& [name, title] : {std::pair{"hsc_activated", "Activated stellate cells"},
                                      std::pair{"cd8", "CD8 T cells"}, std::pair{"mdsc", "Myeloid suppressor cells"}}) {
        const std::size_t index = type(name);
        if (index < r.type_names.size())
            add(title, "1", false,
                [index](const laboratory::DayCounts& c) { return index < c.living.size() ? c.living[index] : 0; });
    }
}

void add_attribution(const CohortResults& r, const Analysis& analysis, ReportData& d) {
    for (const laboratory::AttributionRow& row : analysis.attribution) {
        Estimate share = estimate_of(row.share_of_difference);
        for (std::optional<double>* part : {&share.value, &share.low, &share.high})
            if (*part) **part *= 100;
        std::string note = fmt::format("{} mice; control {} with the loop, {} without", row.mice, number(row.control),
                                       number(row.control_without));
        if (row.effect && !row.share_of_difference) note += "; the whole effect's interval includes 0: no share";
        if (row.share_of_reduction)
            note += fmt::format("; share of the relative reduction {} %",
                                number(100 * row.share_of_reduction->estimate, 2));
        d.attribution.push_back({r.experiment.primaries[std::size_t(row.primary)].name, row.endpoint.id, row.loop,
                                 estimate_of(row.effect), estimate_of(row.effect_without), share, note});
    }
    d.attribution_caption =
        "The same mice, control and treated, with one loop of the model switched off at a time in both. A loop's share "
        "is what of the paired difference goes "
        "without it; shares need not add up to 100 %, for loops act on each other. No share is given where the "
        "interval of "
        "the whole effect includes 0.";
}

void add_draws(const CohortResults& r, const Analysis& analysis, ReportData& d) {
    if (!r.experiment.ensemble) return;
    for (const laboratory::SignRow& row : analysis.signs) {
        std::string note = r.experiment.arms[std::size_t(row.arm)].title;
        if (row.failed > 0) note += fmt::format("; {} draws stopped themselves", row.failed);
        if (row.empty > 0) note += fmt::format("; {} of the spared had none in either arm", row.empty);
        if (row.undefined > 0) note += fmt::format("; {} without a value", row.undefined);
        if (row.lowers_interval)
            note +=
                fmt::format("; lowered in {} % of the {} draws that have any (95 % interval {} to {} %)",
                            number(100.0 * row.lowers / (row.draws - row.empty), 2), row.draws - row.empty,
                            number(100 * row.lowers_interval->lower, 2), number(100 * row.lowers_interval->upper, 2));
        if (row.follows_from_wiring())
            note += "; nearly every draw with any has this sign: it follows from the wiring of the model";
        d.draws.push_back({r.experiment.primaries[std::size_t(row.primary)].name, row.endpoint.id, row.draws,
                           row.lowers, row.spares, row.raises, note});
    }
    d.draws_caption =
        fmt::format("{} The arm against control in the same draw. Within {:.0f} % of control counts as spared.",
                    study_text::drawn_numbers(*r.experiment.ensemble), 100 * laboratory::sign_band);
}

void add_parameters(const CohortResults& r, ReportData& d) {
    const auto add = [&](const Record& record, const std::string& prefix) {
        d.parameters.push_back(
            {prefix + record.path, shortest(record.value), record.unit,
             shortest(record.low) + " to " + shortest(record.high) +
                 (record.range_unit == record.unit ? "" : " " + record.range_unit),
             std::string(stellate::name_of(record.kind)), record.system,
             record.source + (record.note.empty() ? "" : (record.source.empty() ? "" : "; ") + record.note)});
    };
    for (std::size_t p = 0; p < r.records.size(); ++p)
        for (const Record& record : r.records[p]) {
            const auto differs = [&](const std::vector<Record>& other) {
                const auto same =
                    std::find_if(other.begin(), other.end(), [&](const Record& o) { return o.path == record.path; });
                return same == other.end() || same->value != record.value || same->unit != record.unit;
            };
            const bool shared = std::none_of(r.records.begin(), r.records.end(), differs);
            if (shared && p == 0) add(record, "");
            if (!shared) add(record, r.experiment.primaries[p].name + ": ");
        }
}

}  // namespace

const char* heading_of(histology::EndpointGroup group) {
    using enum histology::EndpointGroup;
    switch (group) {
        case tumour:
            return "Tumour";
        case stroma:
            return "Stroma and matrix";
        case vessels:
            return "Vessels";
        case immune:
            return "Immune cells";
        case stellate:
            return "Stellate cells";
        case arrested:
            return "Arrested tumour cells";
        case counts:
            return "Cell counts";
    }
    return "";
}

std::vector<PictureFile> draw_pictures(const CohortResults& r, const std::function<void()>& check) {
    const Experiment& e = r.experiment;
    const std::vector<int> arms = arms_shown(e);
    struct Task {
        const laboratory::Picture* from;
        histology::Stain stain;
        bool whole;
        histology::Place place;
    };
    std::vector<Task> tasks;
    for (const laboratory::Picture& picture : r.pictures) {
        // One place for a row of close-ups: the largest focus of the first arm on the page.
        const auto reference =
            std::find_if(r.pictures.begin(), r.pictures.end(), [&](const laboratory::Picture& other) {
                return other.primary == picture.primary && other.arm == arms.front() && other.day == picture.day;
            });
        const histology::Section& of = reference == r.pictures.end() ? picture.section : reference->section;
        const histology::Place place = histology::centre_of_interest(of, r.endpoint_settings);
        for (const histology::Stain stain : histology::every_stain)
            for (const bool whole : {true, false}) tasks.push_back({&picture, stain, whole, place});
    }
    std::vector<PictureFile> files(tasks.size());
    histology::StainSettings settings;
    settings.fibre_contrast = r.endpoint_settings.fibre_contrast;
    parallel_for(std::int64_t(tasks.size()), r.threads, [&](std::int64_t n) {
        check();
        const Task& task = tasks[std::size_t(n)];
        const histology::StainDescription& stain = histology::description_of(task.stain);
        const double edge = std::min({close_up_um, task.from->section.width_um, task.from->section.height_um});
        const auto drawn = [&](int width_px, double pixel_um) {
            return task.whole
                       ? histology::overview(task.from->section, task.stain, width_px, settings)
                       : histology::close_up(task.from->section, task.stain, task.place, edge, pixel_um, settings);
        };
        PictureFile& file = files[std::size_t(n)];
        const std::string& primary = e.primaries[std::size_t(task.from->primary)].name;
        const std::string& arm = e.arms[std::size_t(task.from->arm)].name;
        file.path = fmt::format("mice/{}/{}/{}/day-{}-{}{}.png", primary, arm, task.from->mouse,
                                shortest(task.from->day), stain.id, task.whole ? "" : "-close-up");
        file.png = histology::encode_png_palette(drawn(overview_px, close_up_pixel_um), file_colours);
        // The page shows every stain close up and the whole section in the overview stain; the files have both.
        if (!is_shown(arms, task.from->arm) || (task.whole && task.stain != histology::Stain::haematoxylin_eosin))
            return;
        const histology::Image small = drawn(page_overview_px, page_pixel_um);
        file.on_page = Picture{histology::encode_png_palette(small, page_colours),
                               small.width,
                               small.height,
                               primary,
                               arm,
                               stain.id,
                               task.from->mouse,
                               task.from->day,
                               task.whole,
                               {}};
        file.on_page->caption =
            task.whole
                ? fmt::format("mouse {}, day {}", task.from->mouse, shortest(task.from->day))
                : fmt::format("mouse {}, day {}, {} um around x {:.0f}, y {:.0f} um in every arm", task.from->mouse,
                              shortest(task.from->day), shortest(edge), task.place.x_um, task.place.y_um);
    });
    return files;
}

ReportData report_of(const CohortResults& r, const Analysis& analysis, const laboratory::Provenance& provenance,
                     const std::vector<PictureFile>& pictures) {
    const Experiment& e = r.experiment;
    const std::vector<int> arms = arms_shown(e);
    ReportData d;
    d.title = e.title;
    d.subtitle = study_text::subtitle(r);
    d.verdict = verdict_of(r, analysis);
    d.warnings = study_text::warnings(r, analysis);
    for (const laboratory::Primary& p : e.primaries) d.primaries.push_back({p.name, p.title});
    for (const int a : arms)
        d.arms.push_back({e.arms[std::size_t(a)].name, e.arms[std::size_t(a)].title,
                          study_text::arm_note(e, e.arms[std::size_t(a)])});
    add_endpoints(r, d);
    add_values(r, arms, d);
    add_summaries(r, arms, d);
    add_comparisons(r, analysis, arms, d);
    d.statistics_csv = laboratory::statistics_csv(r, analysis);
    add_growth(r, arms, d);
    const bool pigment = std::any_of(r.pictures.begin(), r.pictures.end(), [](const laboratory::Picture& p) {
        const auto& flags = p.section.cells.flags;
        return std::any_of(flags.begin(), flags.end(), [](std::uint8_t f) { return f & histology::flag::pigmented; });
    });
    for (const histology::Stain stain : histology::every_stain) {
        const histology::StainDescription& s = histology::description_of(stain);
        Stain out{s.id, s.title, {}};
        for (const histology::LegendEntry& entry : s.legend) out.legend.push_back({entry.colour, entry.label});
        if (pigment) out.legend.push_back({{38, 24, 14}, "melanin (pigmented tumours)"});
        d.stains.push_back(std::move(out));
    }
    for (const PictureFile& file : pictures)
        if (file.on_page) d.pictures.push_back(*file.on_page);
    if (!analysis.attribution.empty()) add_attribution(r, analysis, d);
    add_draws(r, analysis, d);
    d.tables = study_text::tables(r, analysis);
    d.methods = study_text::methods(r);
    add_parameters(r, d);
    d.provenance = study_text::provenance(r, provenance);
    return d;
}

void write_study(laboratory::ResultsDirectory& directory, const CohortResults& results, const Analysis& analysis,
                 const laboratory::Provenance& provenance, const std::function<void()>& check) {
    const std::vector<PictureFile> pictures = draw_pictures(results, check);
    for (const PictureFile& file : pictures) directory.write(file.path, file.png);
    check();
    directory.write("report.html", render_report(report_of(results, analysis, provenance, pictures)));
}

}  // namespace stellate::report
