#include "laboratory/analysis.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/parallel.hpp"
#include "statistics/proportions.hpp"

namespace stellate::laboratory {

namespace {

using histology::EndpointDefinition;

bool descriptive_only(Geometry geometry, const EndpointDefinition& endpoint) {
    // The block tells it in three dimensions, and once is enough.
    return endpoint.standing != histology::Standing::tested || endpoint_in(geometry, endpoint.id) != endpoint.id;
}

bool recorded(const CohortResults& results, int primary, std::string_view id) {
    for (const MouseRun& run : results.runs)
        if (run.primary == primary && !run.days.empty())
            return std::any_of(run.days.back().endpoints.begin(), run.days.back().endpoints.end(),
                               [&](const histology::EndpointValue& v) { return id == v.id; });
    return false;
}

bool reported_in(const Published& published, const std::string& primary) {
    const auto& in = published.primaries;
    return in.empty() || std::find(in.begin(), in.end(), primary) != in.end();
}

int control_arm(const Experiment& e) {
    for (std::size_t a = 0; a < e.arms.size(); ++a)
        if (e.arms[a].name == e.analysis.control) return static_cast<int>(a);
    return -1;
}

int arm_index(const Experiment& e, const std::string& name) {
    const Arm* arm = e.find_arm(name);
    return arm ? static_cast<int>(arm - e.arms.data()) : -1;
}

statistics::BootstrapOptions bootstrap_options(const Experiment& e) {
    statistics::BootstrapOptions options;
    options.seed = e.seed;
    options.resamples = e.analysis.resamples;
    return options;
}

std::vector<ComparisonRow> planned_comparisons(const CohortResults& results) {
    const Experiment& e = results.experiment;
    const int control = control_arm(e);
    std::vector<ComparisonRow> rows;
    if (control < 0) return rows;
    const std::vector<std::string> fixed = primary_endpoints_of(e);
    for (std::size_t p = 0; p < e.primaries.size(); ++p) {
        const std::vector<double> days = e.endpoint_days_of(e.primaries[p]);
        for (std::size_t a = 0; a < e.arms.size(); ++a) {
            if (static_cast<int>(a) == control) continue;
            for (const double day : days)
                for (const EndpointDefinition& d : every_endpoint_definition()) {
                    const std::string_view id = d.id;
                    if (d.standing == histology::Standing::comparison || !recorded(results, static_cast<int>(p), id))
                        continue;
                    ComparisonRow row;
                    row.primary = static_cast<int>(p);
                    row.arm = static_cast<int>(a);
                    row.day = day;
                    row.last_day = day == days.back();
                    row.endpoint = d;
                    row.fixed_beforehand = row.last_day && std::find(fixed.begin(), fixed.end(), id) != fixed.end();
                    row.in_family =
                        row.last_day && !descriptive_only(e.geometry, d) && !serves_attribution(e, static_cast<int>(a));
                    for (const Published& published : e.analysis.published)
                        if (row.last_day && published.arm == e.arms[a].name &&
                            reported_in(published, e.primaries[p].name) &&
                            endpoint_in(e.geometry, published.endpoint) == id) {
                            row.published_sign = published.sign;
                            row.published_source = published.source;
                        }
                    rows.push_back(std::move(row));
                }
        }
    }
    return rows;
}

// Adjusts over each family and says how large it is; rows come by primary.
std::vector<Family> apply_holm(std::vector<ComparisonRow>& rows) {
    std::vector<Family> families;
    for (std::size_t first = 0; first < rows.size();) {
        std::size_t last = first;
        std::vector<std::size_t> members;
        for (; last < rows.size() && rows[last].primary == rows[first].primary; ++last)
            if (rows[last].in_family) members.push_back(last);
        std::vector<statistics::Comparison> comparisons;
        for (const std::size_t m : members) comparisons.push_back(std::move(rows[m].comparison));
        statistics::apply_holm(comparisons);
        Family family;
        family.primary = rows[first].primary;
        for (const statistics::Comparison& c : comparisons) {
            if (!c.mann_whitney) continue;
            ++family.comparisons;
            family.mann_whitney_p = std::min(
                family.mann_whitney_p, statistics::smallest_mann_whitney_p(c.mann_whitney->n_x, c.mann_whitney->n_y));
            family.pairs = std::max(family.pairs, c.pairs);
        }
        family.signed_rank_p = statistics::smallest_signed_rank_p(family.pairs);
        for (std::size_t n = 0; n < members.size(); ++n) {
            if (comparisons[n].mann_whitney)
                comparisons[n].notes.push_back(fmt::format(
                    "Holm: {} comparisons in the family, so at these numbers of mice an adjusted p is at least {:.2g} "
                    "(Mann-Whitney) and {:.2g} (signed rank).",
                    family.comparisons, family.mann_whitney_holm(), family.signed_rank_holm()));
            rows[members[n]].comparison = std::move(comparisons[n]);
        }
        if (family.comparisons > 0) families.push_back(family);
        first = last;
    }
    return families;
}

// What no effect, however large, could bring below 0.05.
void note_attainable(const Experiment& e, Analysis& analysis) {
    std::vector<std::pair<std::string, std::string>> told;  // sentence, primaries
    for (const Family& f : analysis.families) {
        const auto out_of_reach = [&](const char* test, double p, double adjusted) {
            if (adjusted < 0.05) return;
            const std::string sentence = fmt::format(
                "with {} an arm the exact {} p cannot fall below {:.2g}, nor below {:.2g} after Holm's adjustment "
                "over {} comparisons: no adjusted {} p can be "
                "below 0.05, whatever the effect.",
                f.pairs == 1 ? "1 mouse" : fmt::format("{} mice", f.pairs), test, p, adjusted, f.comparisons, test);
            const std::string& title = e.primaries[std::size_t(f.primary)].title;
            const auto at = std::find_if(told.begin(), told.end(), [&](const auto& t) { return t.first == sentence; });
            if (at == told.end())
                told.emplace_back(sentence, title);
            else
                at->second += ", " + title;
        };
        if (f.pairs == 0) continue;
        out_of_reach("signed-rank", f.signed_rank_p, f.signed_rank_holm());
        out_of_reach("Mann-Whitney", f.mann_whitney_p, f.mann_whitney_holm());
    }
    for (const auto& [sentence, primaries] : told) analysis.notes.push_back(primaries + ": " + sentence);
}

double mean_at(const std::vector<double>& values, const std::vector<std::uint32_t>& picks) {
    double sum = 0;
    for (const std::uint32_t pick : picks) sum += values[pick];
    return sum / double(picks.size());
}

AttributionRow attribution_row(const CohortResults& results, int primary, const std::string& loop,
                               const EndpointDefinition& endpoint) {
    const Experiment& e = results.experiment;
    const std::string& arm = e.analysis.attribution->arm;
    const double day = e.endpoint_days_of(e.primaries[std::size_t(primary)]).back();
    const std::string names[4] = {e.analysis.control, arm, without(e.analysis.control, loop), without(arm, loop)};
    std::vector<double> values[4], kept[4];
    for (int n = 0; n < 4; ++n) values[n] = values_of(results, primary, arm_index(e, names[n]), day, endpoint.id);
    for (std::size_t m = 0; m < values[0].size(); ++m)
        if (std::all_of(values, values + 4, [m](const std::vector<double>& v) { return std::isfinite(v[m]); }))
            for (int n = 0; n < 4; ++n) kept[n].push_back(values[n][m]);

    AttributionRow row;
    row.primary = primary;
    row.loop = loop;
    row.endpoint = endpoint;
    row.mice = static_cast<int>(kept[0].size());
    if (row.mice == 0) return row;
    std::vector<std::uint32_t> everyone;
    for (std::uint32_t m = 0; m < std::uint32_t(row.mice); ++m) everyone.push_back(m);
    double* means[4] = {&row.control, &row.treated, &row.control_without, &row.treated_without};
    for (int n = 0; n < 4; ++n) *means[n] = mean_at(kept[n], everyone);

    const int sizes[1] = {row.mice};
    const auto share = [&](bool relative) -> std::optional<statistics::Effect> {
        const auto result = statistics::bootstrap(
            sizes,
            [&](const statistics::Picks& picks) {
                double mean[4];
                for (int n = 0; n < 4; ++n) mean[n] = mean_at(kept[n], picks[0]);
                double full = mean[1] - mean[0], rest = mean[3] - mean[2];
                if (relative) full /= mean[0], rest /= mean[2];
                return 1 - rest / full;
            },
            bootstrap_options(e));
        if (!result) return std::nullopt;
        return statistics::Effect{result->estimate, result->interval};
    };
    row.effect = statistics::compare_arms(kept[0], kept[1], bootstrap_options(e)).paired_difference;
    row.effect_without = statistics::compare_arms(kept[2], kept[3], bootstrap_options(e)).paired_difference;
    const bool none =
        row.effect && row.effect->interval && row.effect->interval->lower <= 0 && row.effect->interval->upper >= 0;
    if (none) return row;  // a share of nothing
    row.share_of_difference = share(false);
    row.share_of_reduction = share(true);
    return row;
}

std::vector<SignRow> sign_rows(const CohortResults& results) {
    const Experiment& e = results.experiment;
    const int control = control_arm(e);
    std::vector<SignRow> rows;
    if (control < 0) return rows;
    for (std::size_t p = 0; p < e.primaries.size(); ++p)
        for (std::size_t a = 0; a < e.arms.size(); ++a) {
            if (static_cast<int>(a) == control) continue;
            for (const std::string& id : primary_endpoints_of(e)) {
                const auto& list = every_endpoint_definition();
                const auto definition =
                    std::find_if(list.begin(), list.end(), [&](const EndpointDefinition& d) { return id == d.id; });
                const double day = e.endpoint_days_of(e.primaries[p]).back();
                const std::vector<double> before = values_of(results, int(p), control, day, id),
                                          after = values_of(results, int(p), int(a), day, id);
                SignRow row;
                row.primary = static_cast<int>(p), row.arm = static_cast<int>(a), row.endpoint = *definition;
                const std::vector<int> mice = e.mouse_numbers();
                for (std::size_t m = 0; m < mice.size(); ++m) {
                    const MouseRun* one = results.find(int(p), control, mice[m]);
                    const MouseRun* other = results.find(int(p), int(a), mice[m]);
                    if (!one->failure.empty() || !other->failure.empty())
                        ++row.failed;
                    else if (!std::isfinite(before[m]) || !std::isfinite(after[m]))
                        ++row.undefined;
                    else {
                        const double change = after[m] - before[m], band = sign_band * std::abs(before[m]);
                        ++row.draws;
                        ++(change < -band ? row.lowers : change > band ? row.raises : row.spares);
                        row.empty += before[m] == 0 && after[m] == 0;
                    }
                }
                if (row.draws > row.empty)
                    row.lowers_interval = statistics::binomial_interval(row.lowers, row.draws - row.empty);
                rows.push_back(std::move(row));
            }
        }
    return rows;
}

}  // namespace

bool SignRow::follows_from_wiring() const {
    const int any = draws - empty, with_sign = std::max(lowers, raises);
    return any > 0 && with_sign >= 0.95 * any && statistics::binomial_interval(with_sign, any).value().lower >= 0.8;
}

bool serves_attribution(const Experiment& e, int arm) {
    if (!e.analysis.attribution) return false;
    for (const std::string& loop : e.analysis.attribution->loops)
        for (const std::string& base : {e.analysis.control, e.analysis.attribution->arm})
            if (e.arms[std::size_t(arm)].name == without(base, loop)) return true;
    return false;
}

std::string endpoint_in(Geometry geometry, const std::string& endpoint) {
    if (geometry == Geometry::section) return endpoint;
    if (endpoint == "foci_count") return "foci_per_volume";
    if (endpoint == "metastatic_area") return "metastatic_volume";
    for (const char* cells : {"cd8", "nk", "mdsc"})
        for (const char* where : {"inside", "rim"})
            if (endpoint == std::string(cells) + "_density_" + where)
                return std::string(cells) + "_per_volume_" + where;
    return endpoint;
}

std::vector<std::string> primary_endpoints_of(const Experiment& e) {
    std::vector<std::string> ids;
    for (const std::string& id : e.analysis.primary_endpoints) ids.push_back(endpoint_in(e.geometry, id));
    return ids;
}

std::vector<double> values_of(const CohortResults& results, int primary, int arm, double day,
                              std::string_view endpoint) {
    std::vector<double> values;
    for (const int mouse : results.experiment.mouse_numbers()) {
        const MouseRun* run = results.find(primary, arm, mouse);
        const DayRecord* record = run ? run->on(day) : nullptr;
        values.push_back(record ? record->get(endpoint).value_or(std::nan("")) : std::nan(""));
    }
    return values;
}

std::string agreement_of(int published_sign, const statistics::Comparison& c) {
    if (!c.difference) return "not given";
    const double d = c.difference->estimate;
    const auto& interval = c.difference->interval;
    const bool open = interval && interval->lower <= 0 && interval->upper >= 0;
    if (published_sign == 0) return !interval ? "not given" : open ? "not told apart" : "changed";
    if (d == 0) return "no difference";
    const std::string word = (d > 0) == (published_sign > 0) ? "agrees" : "opposite";
    return !interval ? word + ", no interval" : open ? word + ", interval includes 0" : word;
}

Analysis analyse(const CohortResults& results) {
    const Experiment& e = results.experiment;
    Analysis analysis;
    analysis.comparisons = planned_comparisons(results);
    const int control = control_arm(e);
    parallel_for(std::int64_t(analysis.comparisons.size()), results.threads, [&](std::int64_t n) {
        ComparisonRow& row = analysis.comparisons[std::size_t(n)];
        const std::vector<double> without_it = values_of(results, row.primary, control, row.day, row.endpoint.id);
        const std::vector<double> with_it = values_of(results, row.primary, row.arm, row.day, row.endpoint.id);
        row.comparison = statistics::compare_arms(without_it, with_it, bootstrap_options(e));
        if (row.published_sign) row.agreement = agreement_of(*row.published_sign, row.comparison);
    });
    analysis.families = apply_holm(analysis.comparisons);
    note_attainable(e, analysis);
    if (e.analysis.attribution)
        for (std::size_t p = 0; p < e.primaries.size(); ++p)
            for (const std::string& loop : e.analysis.attribution->loops)
                for (const std::string& id : primary_endpoints_of(e))
                    for (const EndpointDefinition& d : every_endpoint_definition())
                        if (id == d.id) analysis.attribution.push_back(attribution_row(results, int(p), loop, d));
    analysis.signs = sign_rows(results);
    if (control < 0) analysis.notes.push_back("No arm is named as control, so nothing is compared.");
    int failed = 0;
    for (const MouseRun& run : results.runs) failed += !run.failure.empty();
    if (failed > 0)
        analysis.notes.push_back(std::to_string(failed) +
                                 " runs of the ensemble stopped themselves and have no values.");
    return analysis;
}

}  // namespace stellate::laboratory
