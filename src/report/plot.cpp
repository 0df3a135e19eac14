#include "report/plot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "report/format.hpp"

namespace stellate::report {

namespace {

std::string at(double v) {
    std::string text = fmt::format("{:.1f}", v);
    if (text == "-0.0") text = "0.0";
    return text;
}

constexpr const char* ink = "#333";

std::string shape_path(int shape, double x, double y, double r) {
    const auto p = [&](double dx, double dy) { return at(x + r * dx) + " " + at(y + r * dy); };
    switch (shape) {
        case 1:
            return "M" + p(-0.88, -0.88) + "L" + p(0.88, -0.88) + "L" + p(0.88, 0.88) + "L" + p(-0.88, 0.88) + "Z";
        case 2:
            return "M" + p(0, -1.15) + "L" + p(1.08, 0.8) + "L" + p(-1.08, 0.8) + "Z";
        case 3:
            return "M" + p(0, -1.25) + "L" + p(1.1, 0) + "L" + p(0, 1.25) + "L" + p(-1.1, 0) + "Z";
        case 4:
            return "M" + p(0, 1.15) + "L" + p(1.08, -0.8) + "L" + p(-1.08, -0.8) + "Z";
        default:
            return "M" + p(-1, -0.35) + "L" + p(-0.35, -0.35) + "L" + p(-0.35, -1) + "L" + p(0.35, -1) + "L" +
                   p(0.35, -0.35) + "L" + p(1, -0.35) + "L" + p(1, 0.35) + "L" + p(0.35, 0.35) + "L" + p(0.35, 1) +
                   "L" + p(-0.35, 1) + "L" + p(-0.35, 0.35) + "L" + p(-1, 0.35) + "Z";
    }
}

void draw_marker(Html& html, double x, double y, ArmStyle style, double size, std::string_view tip) {
    const Attributes round{{"cx", at(x)},          {"cy", at(y)},      {"r", at(size)},
                           {"fill", style.colour}, {"stroke", "#fff"}, {"stroke-width", "0.8"}};
    const bool circle = style.shape == 0;
    if (circle)
        html.open("circle", round);
    else
        html.open("path", {{"d", shape_path(style.shape, x, y, size)},
                           {"fill", style.colour},
                           {"stroke", "#fff"},
                           {"stroke-width", "0.8"}});
    if (!tip.empty()) html.element("title", tip);
    html.close();
}

}  // namespace

ArmStyle arm_style(std::size_t arm) {
    // The reference dark grey; then blue, vermilion, green, purple, orange, sky.
    static constexpr std::array<ArmStyle, 7> styles{{{"#4a4f57", 0, "none"},
                                                     {"#0072b2", 1, "9 7"},
                                                     {"#d55e00", 2, "3 6"},
                                                     {"#009e73", 3, "12 4 2 4"},
                                                     {"#a8528b", 4, "6 4"},
                                                     {"#b57a00", 5, "2 3"},
                                                     {"#3a9bd1", 0, "10 3"}}};
    return styles[arm % styles.size()];
}

Axis Axis::linear(double low, double high, int wanted) {
    Axis axis;
    if (!std::isfinite(low) || !std::isfinite(high)) low = high = 0;
    if (low > 0) low = 0;
    if (high < 0) high = 0;
    if (low == high) high = low + 1;
    const double rough = (high - low) / wanted, power = std::pow(10, std::floor(std::log10(rough)));
    double step = power;
    for (const double factor : {1.0, 2.0, 5.0, 10.0})
        if (factor * power <= rough * 1.0001) step = factor * power;
    axis.low_ = low < 0 ? std::floor(low / step - 1e-9) * step : 0;
    axis.high_ = high > 0 ? std::max(step, std::ceil(high / step - 1e-9) * step) : 0;
    for (double tick = std::ceil(axis.low_ / step - 1e-9); tick * step <= axis.high_ + 1e-9 * step; ++tick)
        axis.ticks_.push_back(tick * step);
    return axis;
}

Axis Axis::logarithmic(double smallest, double largest) {
    if (!(smallest > 0) || !std::isfinite(largest)) return linear(0, largest);
    Axis axis;
    axis.logarithmic_ = true;
    double first = std::floor(std::log10(smallest) + 1e-9);
    const double last = std::max(first + 1, std::ceil(std::log10(std::max(largest, smallest)) - 1e-9));
    first = std::max(first, last - 8);
    axis.low_ = first;
    axis.high_ = last;
    const int stride = last - first > 4 ? 2 : 1;
    for (double p = first; p <= last + 0.5; p += stride) axis.ticks_.push_back(std::pow(10, p));
    return axis;
}

Axis Axis::fixed(double low, double high, std::vector<double> ticks) {
    Axis axis;
    axis.low_ = low;
    axis.high_ = high;
    axis.ticks_ = std::move(ticks);
    return axis;
}

double Axis::share(double value) const {
    if (!logarithmic_) return std::clamp((value - low_) / (high_ - low_), 0.0, 1.0);
    constexpr double above_zero_line = 0.1;  // the lowest tenth belongs to zero
    if (!(value > 0)) return 0;
    const double power = std::log10(value);
    if (power < low_ - 1e-9) return 0;
    return std::min(1.0, above_zero_line + (1 - above_zero_line) * (power - low_) / (high_ - low_));
}

Panel::Panel(Html& html, double width, double height, Margins margins, Axis y_axis, std::string_view title,
             std::string_view axis_title, std::string_view description)
    : html_(html), width_(width), height_(height), m_(margins), axis_(std::move(y_axis)) {
    html_.open("svg", {{"viewBox", "0 0 " + at(width) + " " + at(height)},
                       {"role", "img"},
                       {"class", "panel"},
                       {"xmlns", "http://www.w3.org/2000/svg"}});
    html_.element("title", description);
    label(2, 13, title, "pt", "start");
    label(2, 27, axis_title, "pa", "start");
    label(width - 2, 12, "SIMULATED", "ps", "end");
    for (const double tick : axis_.ticks()) {
        line(left(), this->y(tick), right(), this->y(tick), "#e3e5e8", 1);
        label(left() - 5, this->y(tick) + 3.5, short_number(tick), "pn", "end");
    }
    if (axis_.is_logarithmic()) {
        line(left(), bottom(), right(), bottom(), "#e3e5e8", 1);
        label(left() - 5, bottom() + 3.5, "0", "pn", "end");
    }
    const double foot = axis_.is_logarithmic() ? bottom() : this->y(std::max(axis_.low(), 0.0));
    line(left(), foot, right(), foot, "#8a9099", 1);
}

Panel::~Panel() { html_.close(); }

void Panel::line(double x0, double y0, double x1, double y1, const char* colour, double width, double opacity) {
    html_.empty("line", {{"x1", at(x0)},
                         {"y1", at(y0)},
                         {"x2", at(x1)},
                         {"y2", at(y1)},
                         {"stroke", colour},
                         {"stroke-width", at(width)},
                         {"stroke-opacity", fmt::format("{:.2f}", opacity)}});
}

void Panel::path(const std::vector<std::pair<double, double>>& points, const char* colour, double width, double opacity,
                 const char* dash) {
    if (points.size() < 2) return;
    std::string list;
    for (const auto& [px, py] : points) list += (list.empty() ? "" : " ") + at(px) + "," + at(py);
    html_.empty("polyline", {{"points", list},
                             {"fill", "none"},
                             {"stroke", colour},
                             {"stroke-width", at(width)},
                             {"stroke-opacity", fmt::format("{:.2f}", opacity)},
                             {"stroke-dasharray", dash},
                             {"stroke-linejoin", "round"}});
}

void Panel::marker(double px, double py, ArmStyle style, double size, std::string_view tip) {
    draw_marker(html_, px, py, style, size, tip);
}

void Panel::label(double px, double py, std::string_view text, Name text_class, Name anchor) {
    html_.element("text", text,
                  {{"x", at(px)},
                   {"y", at(py)},
                   {"class", std::string(text_class.view())},
                   {"text-anchor", std::string(anchor.view())}});
}

void Panel::lines_of_text(double px, double py, const std::vector<std::string>& lines, Name text_class) {
    for (std::size_t n = 0; n < lines.size(); ++n)
        label(px, py + line_height * static_cast<double>(n), lines[n], text_class, "middle");
}

std::vector<std::string> broken(std::string_view text, std::size_t letters) {
    std::vector<std::string> lines;
    std::string row;
    for (std::size_t i = 0; i <= text.size();) {
        const std::size_t space = std::min(text.find(' ', i), text.size());
        const std::string_view word = text.substr(i, space - i);
        if (!row.empty() && row.size() + 1 + word.size() > letters) {
            lines.push_back(row);
            row.clear();
        }
        row += (row.empty() ? "" : " ") + std::string(word);
        i = space + 1;
    }
    if (!row.empty()) lines.push_back(row);
    return lines;
}

void Panel::mean_with_interval(double px, std::optional<double> mean, std::optional<double> low,
                               std::optional<double> high, const char* colour, double half_width) {
    if (!mean) return;
    if (low && high) {
        line(px, y(*low), px, y(*high), colour, 1.6);
        line(px - 0.6 * half_width, y(*low), px + 0.6 * half_width, y(*low), colour, 1.6);
        line(px - 0.6 * half_width, y(*high), px + 0.6 * half_width, y(*high), colour, 1.6);
    }
    line(px - half_width, y(*mean), px + half_width, y(*mean), colour, 2.6);
}

void legend_marker(Html& html, ArmStyle style) {
    html.open("svg", {{"viewBox", "0 0 14 14"}, {"class", "mark"}, {"aria-hidden", "true"}});
    draw_marker(html, 7, 7, style, 4.6, "");
    html.close();
}

}  // namespace stellate::report
