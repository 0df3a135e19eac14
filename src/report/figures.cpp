#include "report/figures.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "histology/png.hpp"
#include "report/format.hpp"
#include "report/plot.hpp"

namespace stellate::report {

namespace {

struct Range {
    double low = 0, high = 0, smallest_positive = 0;
    void take(const std::optional<double>& value) {
        if (!value || !std::isfinite(*value)) return;
        low = std::min(low, *value);
        high = std::max(high, *value);
        if (*value > 0 && (smallest_positive == 0 || *value < smallest_positive)) smallest_positive = *value;
    }
};

// Values of one endpoint, primary and day: [arm] -> mouse -> value.
using ByArm = std::vector<std::map<int, double>>;

ByArm values_of(const ReportData& data, std::string_view primary, std::string_view endpoint, double day) {
    ByArm by_arm(data.arms.size());
    for (const MouseValue& v : data.values) {
        if (v.primary != primary || v.endpoint != endpoint || v.day != day || !v.value || !std::isfinite(*v.value))
            continue;
        for (std::size_t a = 0; a < data.arms.size(); ++a)
            if (data.arms[a].id == v.arm) by_arm[a][v.mouse] = *v.value;
    }
    return by_arm;
}

const ArmSummary* summary_of(const ReportData& data, std::string_view primary, std::string_view endpoint,
                             std::string_view arm, double day) {
    for (const ArmSummary& s : data.summaries)
        if (s.primary == primary && s.endpoint == endpoint && s.arm == arm && s.day == day) return &s;
    return nullptr;
}

const Comparison* comparison_of(const ReportData& data, std::string_view primary, std::string_view endpoint,
                                std::string_view arm, double day) {
    for (const Comparison& c : data.comparisons)
        if (c.primary == primary && c.endpoint == endpoint && c.arm == arm && c.day == day) return &c;
    return nullptr;
}

// Where in its column a mouse's dot stands: the same place in every arm.
double place_of(int mouse, const std::vector<int>& mice, double width) {
    const auto it = std::find(mice.begin(), mice.end(), mouse);
    if (mice.size() < 2) return 0;
    return (static_cast<double>(it - mice.begin()) / static_cast<double>(mice.size() - 1) - 0.5) * width;
}

std::vector<int> mice_in(const ByArm& by_arm) {
    std::set<int> mice;
    for (const auto& arm : by_arm)
        for (const auto& [mouse, value] : arm) mice.insert(mouse);
    return {mice.begin(), mice.end()};
}

// Dots of every mouse, joined across arms, with mean and interval, around `centre(arm)`.
template <class Centre>
void column_of_arms(Panel& panel, const ReportData& data, const ByArm& by_arm, std::string_view primary,
                    std::string_view endpoint, double day, Centre&& centre, double spread, double dot, double bar,
                    double bar_offset) {
    const std::vector<int> mice = mice_in(by_arm);
    for (const int mouse : mice) {
        std::vector<std::pair<double, double>> points;
        for (std::size_t a = 0; a < by_arm.size(); ++a) {
            const auto it = by_arm[a].find(mouse);
            if (it != by_arm[a].end())
                points.emplace_back(centre(a) + place_of(mouse, mice, spread), panel.y(it->second));
        }
        panel.path(points, "#9aa1aa", 0.8, 0.55);
    }
    for (std::size_t a = 0; a < by_arm.size(); ++a) {
        for (const auto& [mouse, value] : by_arm[a])
            panel.marker(
                centre(a) + place_of(mouse, mice, spread), panel.y(value), arm_style(a), dot,
                data.arms[a].label + ", mouse " + std::to_string(mouse) + ", " + day_text(day) + ": " + number(value));
        if (const ArmSummary* s = summary_of(data, primary, endpoint, data.arms[a].id, day))
            panel.mean_with_interval(centre(a) + bar_offset, s->mean.value, s->mean.low, s->mean.high,
                                     arm_style(a).colour, bar);
    }
}

Range range_of(const ReportData& data, std::string_view primary, std::string_view endpoint,
               const double* only_day = nullptr) {
    Range range;
    for (const MouseValue& v : data.values)
        if (v.primary == primary && v.endpoint == endpoint && (!only_day || v.day == *only_day)) range.take(v.value);
    for (const ArmSummary& s : data.summaries)
        if (s.primary == primary && s.endpoint == endpoint && (!only_day || s.day == *only_day)) {
            range.take(s.mean.value);
            range.take(s.mean.low);
            range.take(s.mean.high);
        }
    return range;
}

std::string values_csv(const ReportData& data, std::string_view endpoint, bool last_only) {
    std::string csv = "primary,arm,mouse,day,endpoint,value,unit\n";
    const Endpoint* e = find_endpoint(data, endpoint);
    for (const MouseValue& v : data.values) {
        if (v.endpoint != endpoint || (last_only && v.day != last_day(data, v.primary, endpoint))) continue;
        csv += csv_field(v.primary) + ',' + csv_field(v.arm) + ',' + std::to_string(v.mouse) + ',' + csv_number(v.day) +
               ',' + csv_field(v.endpoint) + ',' + csv_number(v.value) + ',' + csv_field(e ? e->unit : "") + '\n';
    }
    return csv;
}

void open_grid(Html& html, std::size_t columns) {
    html.open("div", {{"class", "grid cols" + std::to_string(std::clamp<std::size_t>(columns, 1, 4))}});
}

bool has_values(const ReportData& data, std::string_view primary, std::string_view endpoint) {
    return std::any_of(data.values.begin(), data.values.end(),
                       [&](const MouseValue& v) { return v.primary == primary && v.endpoint == endpoint && v.value; });
}

}  // namespace

double last_day(const ReportData& data, std::string_view primary, std::string_view endpoint) {
    double last = 0;
    for (const MouseValue& v : data.values)
        if (v.primary == primary && v.endpoint == endpoint) last = std::max(last, v.day);
    return last;
}

const Endpoint* find_endpoint(const ReportData& data, std::string_view id) {
    for (const Endpoint& e : data.endpoints)
        if (e.id == id) return &e;
    return nullptr;
}

std::string arm_label(const ReportData& data, std::string_view id) {
    for (const Arm& a : data.arms)
        if (a.id == id) return a.label;
    return std::string(id);
}

std::string primary_label(const ReportData& data, std::string_view id) {
    for (const Primary& p : data.primaries)
        if (p.id == id) return p.label;
    return std::string(id);
}

void csv_link(Html& html, std::string_view file_name, std::string_view csv) {
    html.element("a", "numbers (CSV)",
                 {{"class", "csv"},
                  {"download", std::string(file_name) + ".csv"},
                  {"href", "data:text/csv;charset=utf-8;base64," + histology::base64(csv)}});
}

void arms_legend(Html& html, const ReportData& data) {
    html.open("p", {{"class", "legend"}});
    for (std::size_t a = 0; a < data.arms.size(); ++a) {
        html.open("span", {{"class", "key"}});
        legend_marker(html, arm_style(a));
        html.text(data.arms[a].label);
        html.close();
    }
    html.close();
}

void burden_figure(Html& html, const ReportData& data) {
    std::vector<const Endpoint*> shown;
    for (const Endpoint& e : data.endpoints)
        if (e.primary && std::any_of(data.primaries.begin(), data.primaries.end(),
                                     [&](const Primary& p) { return has_values(data, p.id, e.id); }))
            shown.push_back(&e);
    if (shown.empty() || data.primaries.empty() || data.arms.empty()) return;
    html.open("figure", {{"class", "burden"}});
    arms_legend(html, data);
    open_grid(html, data.primaries.size() == 1 ? shown.size() : data.primaries.size());
    // Room below the axis for the longest label of an arm, then the difference and its interval.
    constexpr double width = 372, left = 44, right = 8, top = 42, plot_height = 190;
    const double column = (width - left - right) / static_cast<double>(data.arms.size());
    const auto letters = static_cast<std::size_t>(std::max(8.0, column / 6.2));
    std::size_t rows = 1;
    for (const Arm& arm : data.arms) rows = std::max(rows, broken(arm.label, letters).size());
    const double difference_below = 15 + Panel::line_height * static_cast<double>(rows) + 5,
                 interval_below = difference_below + 13;
    const double bottom = interval_below + 9;
    std::string csv;
    for (const Endpoint* e : shown) {
        const std::string part = values_csv(data, e->id, true);
        csv += csv.empty() ? part : part.substr(part.find('\n') + 1);
        for (const Primary& p : data.primaries) {
            if (!has_values(data, p.id, e->id)) {
                html.element("p", p.label + ": " + typeset(e->title) + " is not defined in any mouse.",
                             {{"class", "none"}});
                continue;
            }
            const double day = last_day(data, p.id, e->id);
            const ByArm by_arm = values_of(data, p.id, e->id, day);
            const Range range = range_of(data, p.id, e->id, &day);
            Panel panel(html, width, top + plot_height + bottom, {left, right, top, bottom},
                        Axis::linear(range.low, range.high), p.label,
                        with_unit(e->title, e->unit) + " \u00B7 " + day_text(day),
                        typeset(e->title) + " of every mouse, " + p.label + ", " + day_text(day));
            const auto centre = [&](std::size_t a) { return panel.left() + (static_cast<double>(a) + 0.42) * column; };
            column_of_arms(panel, data, by_arm, p.id, e->id, day, centre, std::min(34.0, 0.4 * column), 4.2, 8,
                           0.36 * column);
            bool compared = false;
            for (std::size_t a = 0; a < data.arms.size(); ++a) {
                const double middle = centre(a) + 0.08 * column;
                panel.lines_of_text(middle, panel.bottom() + 15, broken(data.arms[a].label, letters), "pl");
                const Comparison* c = comparison_of(data, p.id, e->id, data.arms[a].id, day);
                if (!c || !c->unpaired.value) continue;
                panel.label(middle, panel.bottom() + difference_below, signed_number(c->unpaired.value), "pd",
                            "middle");
                if (!compared) {
                    panel.label(centre(0) + 0.08 * column, panel.bottom() + difference_below, "difference", "pc",
                                "middle");
                    panel.label(centre(0) + 0.08 * column, panel.bottom() + interval_below, "95 % interval", "pc",
                                "middle");
                    compared = true;
                }
                if (c->unpaired.low && c->unpaired.high)
                    panel.label(middle, panel.bottom() + interval_below,
                                signed_number(c->unpaired.low) + " to " + signed_number(c->unpaired.high), "pc",
                                "middle");
            }
        }
    }
    html.close();
    html.open("figcaption");
    html.text(
        "Each mark is one simulated mouse on its last day; thin lines join the same mouse in every arm. Bars: mean of "
        "the arm with its 95 % interval. ");
    if (!data.comparisons.empty())
        html.text("Under an arm: unpaired difference of means to " + data.arms.front().label +
                  " with its 95 % interval. ");
    html.text("Panels have scales of their own. ");
    csv_link(html, "burden", csv);
    html.close();
    html.close();
}

void endpoint_figure(Html& html, const ReportData& data, const Endpoint& endpoint) {
    html.open("figure", {{"class", "endpoint"}});
    html.open("figcaption");
    html.element("strong", with_unit(endpoint.title, endpoint.unit));
    html.text(" ");
    html.element("span", typeset(endpoint.definition), {{"class", "def"}});
    html.text(" ");
    csv_link(html, endpoint.id, values_csv(data, endpoint.id, false));
    html.close();
    open_grid(html, data.primaries.size());
    for (const Primary& p : data.primaries) {
        if (!has_values(data, p.id, endpoint.id)) {
            html.element("p", p.label + ": not defined in any mouse.", {{"class", "none"}});
            continue;
        }
        std::set<double> days;
        for (const MouseValue& v : data.values)
            if (v.primary == p.id && v.endpoint == endpoint.id) days.insert(v.day);
        const Range range = range_of(data, p.id, endpoint.id);
        Panel panel(html, 372, 182, {44, 8, 40, 22}, Axis::linear(range.low, range.high, 3), p.label,
                    with_unit(endpoint.title, endpoint.unit),
                    typeset(endpoint.title) + " of every mouse over the days, " + p.label);
        const double group = (panel.right() - panel.left()) / static_cast<double>(days.size());
        const double column = group * 0.86 / static_cast<double>(data.arms.size());
        double start = panel.left();
        for (const double day : days) {
            const auto centre = [&](std::size_t a) {
                return start + 0.07 * group + (static_cast<double>(a) + 0.42) * column;
            };
            column_of_arms(panel, data, values_of(data, p.id, endpoint.id, day), p.id, endpoint.id, day, centre,
                           0.36 * column, 2.6, std::min(4.5, 0.16 * column), 0.36 * column);
            panel.label(start + group / 2, panel.bottom() + 15, day_text(day), "pl", "middle");
            start += group;
            if (start < panel.right() - 1) panel.line(start, panel.top(), start, panel.bottom(), "#eceef0", 1);
        }
    }
    html.close();
    html.close();
}

void growth_figure(Html& html, const ReportData& data, const CurveFamily& family) {
    html.open("figure", {{"class", "growth"}});
    open_grid(html, data.primaries.size());
    std::string csv = "primary,arm,mouse,day,value,unit\n";
    for (const Curve& c : family.curves)
        for (std::size_t k = 0; k < c.day.size() && k < c.value.size(); ++k)
            csv += csv_field(c.primary) + ',' + csv_field(c.arm) + ',' + std::to_string(c.mouse) + ',' +
                   csv_number(c.day[k]) + ',' + csv_number(c.value[k]) + ',' + csv_field(family.unit) + '\n';
    for (const Primary& p : data.primaries) {
        Range range;
        double last = 0;
        for (const Curve& c : family.curves) {
            if (c.primary != p.id) continue;
            for (const double v : c.value) range.take(v);
            for (const double d : c.day) last = std::max(last, d);
        }
        if (last == 0) continue;
        const Axis y = family.logarithmic ? Axis::logarithmic(range.smallest_positive, range.high)
                                          : Axis::linear(range.low, range.high);
        Panel panel(html, 372, 250, {52, 10, 42, 34}, y, p.label, with_unit(family.title, family.unit),
                    typeset(family.title) + " of every mouse over time, " + p.label);
        const auto x = [&](double day) { return panel.x(day / last); };
        const Axis days = Axis::linear(0, last, 6);
        for (const double tick : days.ticks())
            if (tick <= last + 1e-9) {
                panel.line(x(tick), panel.bottom(), x(tick), panel.bottom() + 4, "#8a9099", 1);
                panel.label(x(tick), panel.bottom() + 16, short_number(tick), "pn", "middle");
            }
        panel.label((panel.left() + panel.right()) / 2, panel.bottom() + 30, "day", "pn", "middle");
        for (std::size_t a = 0; a < data.arms.size(); ++a) {
            std::map<double, std::pair<double, int>> sum;
            for (const Curve& c : family.curves) {
                if (c.primary != p.id || c.arm != data.arms[a].id) continue;
                std::vector<std::pair<double, double>> points;
                for (std::size_t k = 0; k < c.day.size() && k < c.value.size(); ++k) {
                    points.emplace_back(x(c.day[k]), panel.y(c.value[k]));
                    sum[c.day[k]].first += c.value[k];
                    ++sum[c.day[k]].second;
                }
                panel.path(points, arm_style(a).colour, 0.9, 0.38);
            }
            std::vector<std::pair<double, double>> mean;
            for (const auto& [day, s] : sum) mean.emplace_back(x(day), panel.y(s.first / s.second));
            panel.path(mean, arm_style(a).colour, 2.4, 1, arm_style(a).dash);
            if (!mean.empty())
                panel.marker(mean.back().first - 2, mean.back().second, arm_style(a), 4, data.arms[a].label + ", mean");
        }
    }
    html.close();
    html.open("figcaption");
    html.element("strong", typeset(family.title));
    html.text(
        ". Thin: each mouse; heavy: mean of its arm, dashed for treated ones: where they coincide the dashes "
        "alternate.");
    html.text(family.logarithmic ? " The scale is logarithmic; zero has a line of its own. " : " ");
    csv_link(html, "growth", csv);
    html.close();
    html.close();
}

std::vector<const Endpoint*> endpoints_with_effects(const ReportData& data) {
    std::vector<const Endpoint*> rows;
    for (const Endpoint& e : data.endpoints)
        if (!e.minor && std::any_of(data.comparisons.begin(), data.comparisons.end(), [&](const Comparison& c) {
                return c.endpoint == e.id && c.cliffs_delta.low && c.day == last_day(data, c.primary, e.id);
            }))
            rows.push_back(&e);
    return rows;
}

void effects_figure(Html& html, const ReportData& data) {
    const std::vector<const Endpoint*> rows = endpoints_with_effects(data);
    if (rows.empty()) return;
    arms_legend(html, data);
    html.open("figure", {{"class", "effects"}});
    open_grid(html, data.primaries.size());
    std::size_t longest = 12;
    for (const Endpoint* e : rows) longest = std::max(longest, e->title.size());
    const double name_width = std::min(24 + 6.1 * static_cast<double>(longest), 220.0);
    // Arms of a row lie below each other, so that intervals never cover one another.
    std::size_t compared = 1;
    for (const Endpoint* e : rows)
        for (const Primary& p : data.primaries) {
            const double day = last_day(data, p.id, e->id);
            compared = std::max(
                compared, static_cast<std::size_t>(std::count_if(data.arms.begin(), data.arms.end(), [&](const Arm& a) {
                    const Comparison* c = comparison_of(data, p.id, e->id, a.id, day);
                    return c && c->cliffs_delta.low;
                })));
        }
    const double step = 8, row_height = 4 + step * static_cast<double>(std::max<std::size_t>(compared, 2)), foot = 40;
    std::string csv = "primary,endpoint,arm,reference,day,cliffs_delta,low,high,published_sign\n";
    for (const Primary& p : data.primaries) {
        const double height = 40 + row_height * static_cast<double>(rows.size()) + foot;
        Panel panel(html, 372, height, {name_width, 14, 40, foot}, Axis::fixed(0, 1, {}), p.label,
                    "Cliff\u2019s delta on the last day", "Cliff's delta of every endpoint, " + p.label);
        const auto x = [&](double delta) { return panel.x((std::clamp(delta, -1.0, 1.0) + 1) / 2); };
        for (const double tick : {-1.0, -0.5, 0.0, 0.5, 1.0}) {
            panel.line(x(tick), panel.top() - 2, x(tick), panel.bottom(), tick == 0 ? "#8a9099" : "#e3e5e8", 1);
            panel.label(x(tick), panel.bottom() + 14, short_number(tick), "pn", "middle");
        }
        panel.label(x(-0.5), panel.bottom() + 29, "\u2190 lower", "pn", "middle");
        panel.label(x(0.5), panel.bottom() + 29, "higher \u2192", "pn", "middle");
        for (std::size_t r = 0; r < rows.size(); ++r) {
            const double y = panel.top() + (static_cast<double>(r) + 0.5) * row_height;
            std::string title = typeset(rows[r]->title);
            panel.label(panel.left() - 20, y + 3.5, title, "pl", "end");
            const double day = last_day(data, p.id, rows[r]->id);
            std::size_t drawn = 0;
            bool sign_shown = false;
            for (std::size_t a = 0; a < data.arms.size(); ++a) {
                const Comparison* c = comparison_of(data, p.id, rows[r]->id, data.arms[a].id, day);
                if (!c || !c->cliffs_delta.low) continue;  // of too few mice to say anything
                const double offset = step * (static_cast<double>(drawn++) - 0.5 * static_cast<double>(compared - 1));
                panel.line(x(*c->cliffs_delta.low), y + offset, x(*c->cliffs_delta.high), y + offset,
                           arm_style(a).colour, 1.4);
                panel.marker(x(*c->cliffs_delta.value), y + offset, arm_style(a), 3.6,
                             data.arms[a].label + ": " + estimate(c->cliffs_delta));
                if (c->published_sign && !sign_shown) {
                    panel.label(panel.left() - 9, y + 4,
                                *c->published_sign < 0   ? "\u2193"
                                : *c->published_sign > 0 ? "\u2191"
                                                         : "=",
                                "pd", "middle");
                    sign_shown = true;
                }
                csv += csv_field(p.id) + ',' + csv_field(c->endpoint) + ',' + csv_field(c->arm) + ',' +
                       csv_field(c->reference) + ',' + csv_number(c->day) + ',' + csv_number(c->cliffs_delta.value) +
                       ',' + csv_number(c->cliffs_delta.low) + ',' + csv_number(c->cliffs_delta.high) + ',' +
                       (c->published_sign ? std::to_string(*c->published_sign) : "") + '\n';
            }
        }
    }
    html.close();
    html.open("figcaption");
    html.text(
        "All endpoints at a glance: \u22121 means every treated mouse lies below every reference mouse, +1 the "
        "opposite. Lines: 95 % intervals. "
        "An arrow beside a name is the published direction. ");
    csv_link(html, "effects", csv);
    html.close();
    html.close();
}

}  // namespace stellate::report
