// Small SVG plots with axes: the parts that figures are made of. A panel owns the map from values to its drawing area;
// what is drawn into it is up to the figure. Every panel says SIMULATED.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "report/html.hpp"

namespace stellate::report {

// Colours that stay apart for colour-blind readers and in grey (Okabe & Ito), with a shape each, so that colour is
// never the only difference.
struct ArmStyle {
    const char* colour;
    int shape;         // 0 circle, 1 square, 2 triangle, 3 diamond, 4 triangle down, 5 cross
    const char* dash;  // of its mean curve, so that curves which coincide can be told apart; "none": drawn through
};
ArmStyle arm_style(std::size_t arm);

// An axis over values: linear, or logarithmic with a line of its own for zero.
class Axis {
public:
    // Linear and from zero if nothing is negative; a little room at the top. Round ticks.
    static Axis linear(double low, double high, int wanted_ticks = 4);
    // Powers of ten around the positive values; values of zero (or below the range) go to the zero line.
    static Axis logarithmic(double smallest_positive, double largest);
    static Axis fixed(double low, double high, std::vector<double> ticks);

    double share(double value) const;  // 0 at the low end, 1 at the high end; clamped to the axis
    const std::vector<double>& ticks() const { return ticks_; }
    bool is_logarithmic() const { return logarithmic_; }
    double low() const { return low_; }
    double high() const { return high_; }

private:
    double low_ = 0, high_ = 1;
    bool logarithmic_ = false;
    std::vector<double> ticks_;
};

struct Margins {
    double left = 46, right = 12, top = 34, bottom = 34;
};

// A text broken at spaces into lines of about `letters`.
std::vector<std::string> broken(std::string_view text, std::size_t letters);

class Panel {
public:
    // Opens the <svg>, with a title for readers who do not see it, and draws title and vertical axis with gridlines.
    Panel(Html& html, double width, double height, Margins margins, Axis y, std::string_view title,
          std::string_view axis_title, std::string_view description);
    ~Panel();  // closes the <svg>
    Panel(const Panel&) = delete;
    Panel& operator=(const Panel&) = delete;

    double x(double share) const { return m_.left + share * (width_ - m_.left - m_.right); }
    double y(double value) const { return bottom() - axis_.share(value) * (bottom() - top()); }
    double top() const { return m_.top; }
    double bottom() const { return height_ - m_.bottom; }
    double left() const { return m_.left; }
    double right() const { return width_ - m_.right; }

    void line(double x0, double y0, double x1, double y1, const char* colour, double width, double opacity = 1);
    void path(const std::vector<std::pair<double, double>>& points, const char* colour, double width,
              double opacity = 1, const char* dash = "none");
    void marker(double x, double y, ArmStyle style, double size, std::string_view tip);
    void label(double x, double y, std::string_view text, Name text_class, Name anchor);
    // Centred lines of text below each other, the first at y.
    void lines_of_text(double x, double y, const std::vector<std::string>& lines, Name text_class);
    static constexpr double line_height = 12;
    // A mean as a bar with the whisker of its interval.
    void mean_with_interval(double x, std::optional<double> mean, std::optional<double> low, std::optional<double> high,
                            const char* colour, double half_width);

private:
    Html& html_;
    double width_, height_;
    Margins m_;
    Axis axis_;
};

// The marker alone, for legends.
void legend_marker(Html& html, ArmStyle style);

}  // namespace stellate::report
