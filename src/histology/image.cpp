#include "histology/image.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "core/error.hpp"

namespace stellate::histology {

namespace {

struct Glyph {
    char character;
    std::array<std::uint8_t, 7> rows;  // five bits each, leftmost highest
};

// A 5 x 7 face drawn for this program. 'u' is the micro sign and 'm' the small m; both occur only in "um".
constexpr Glyph face[] = {
    {'A', {0x0e, 0x11, 0x11, 0x1f, 0x11, 0x11, 0x11}}, {'B', {0x1e, 0x11, 0x11, 0x1e, 0x11, 0x11, 0x1e}},
    {'C', {0x0e, 0x11, 0x10, 0x10, 0x10, 0x11, 0x0e}}, {'D', {0x1e, 0x11, 0x11, 0x11, 0x11, 0x11, 0x1e}},
    {'E', {0x1f, 0x10, 0x10, 0x1e, 0x10, 0x10, 0x1f}}, {'F', {0x1f, 0x10, 0x10, 0x1e, 0x10, 0x10, 0x10}},
    {'G', {0x0e, 0x11, 0x10, 0x17, 0x11, 0x11, 0x0f}}, {'H', {0x11, 0x11, 0x11, 0x1f, 0x11, 0x11, 0x11}},
    {'I', {0x0e, 0x04, 0x04, 0x04, 0x04, 0x04, 0x0e}}, {'J', {0x07, 0x02, 0x02, 0x02, 0x02, 0x12, 0x0c}},
    {'K', {0x11, 0x12, 0x14, 0x18, 0x14, 0x12, 0x11}}, {'L', {0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x1f}},
    {'M', {0x11, 0x1b, 0x15, 0x15, 0x11, 0x11, 0x11}}, {'N', {0x11, 0x19, 0x15, 0x15, 0x13, 0x11, 0x11}},
    {'O', {0x0e, 0x11, 0x11, 0x11, 0x11, 0x11, 0x0e}}, {'P', {0x1e, 0x11, 0x11, 0x1e, 0x10, 0x10, 0x10}},
    {'Q', {0x0e, 0x11, 0x11, 0x11, 0x15, 0x12, 0x0d}}, {'R', {0x1e, 0x11, 0x11, 0x1e, 0x14, 0x12, 0x11}},
    {'S', {0x0f, 0x10, 0x10, 0x0e, 0x01, 0x01, 0x1e}}, {'T', {0x1f, 0x04, 0x04, 0x04, 0x04, 0x04, 0x04}},
    {'U', {0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x0e}}, {'V', {0x11, 0x11, 0x11, 0x11, 0x11, 0x0a, 0x04}},
    {'W', {0x11, 0x11, 0x11, 0x15, 0x15, 0x1b, 0x11}}, {'X', {0x11, 0x11, 0x0a, 0x04, 0x0a, 0x11, 0x11}},
    {'Y', {0x11, 0x11, 0x0a, 0x04, 0x04, 0x04, 0x04}}, {'Z', {0x1f, 0x01, 0x02, 0x04, 0x08, 0x10, 0x1f}},
    {'0', {0x0e, 0x11, 0x13, 0x15, 0x19, 0x11, 0x0e}}, {'1', {0x04, 0x0c, 0x04, 0x04, 0x04, 0x04, 0x0e}},
    {'2', {0x0e, 0x11, 0x01, 0x06, 0x08, 0x10, 0x1f}}, {'3', {0x1e, 0x01, 0x01, 0x0e, 0x01, 0x01, 0x1e}},
    {'4', {0x02, 0x06, 0x0a, 0x12, 0x1f, 0x02, 0x02}}, {'5', {0x1f, 0x10, 0x1e, 0x01, 0x01, 0x11, 0x0e}},
    {'6', {0x0e, 0x10, 0x10, 0x1e, 0x11, 0x11, 0x0e}}, {'7', {0x1f, 0x01, 0x02, 0x04, 0x08, 0x08, 0x08}},
    {'8', {0x0e, 0x11, 0x11, 0x0e, 0x11, 0x11, 0x0e}}, {'9', {0x0e, 0x11, 0x11, 0x0f, 0x01, 0x01, 0x0e}},
    {' ', {0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00}}, {'.', {0x00, 0x00, 0x00, 0x00, 0x00, 0x0c, 0x0c}},
    {',', {0x00, 0x00, 0x00, 0x00, 0x0c, 0x04, 0x08}}, {'-', {0x00, 0x00, 0x00, 0x0e, 0x00, 0x00, 0x00}},
    {'+', {0x00, 0x04, 0x04, 0x1f, 0x04, 0x04, 0x00}}, {'/', {0x01, 0x01, 0x02, 0x04, 0x08, 0x10, 0x10}},
    {':', {0x00, 0x0c, 0x0c, 0x00, 0x0c, 0x0c, 0x00}}, {'(', {0x02, 0x04, 0x08, 0x08, 0x08, 0x04, 0x02}},
    {')', {0x08, 0x04, 0x02, 0x02, 0x02, 0x04, 0x08}}, {'%', {0x19, 0x19, 0x02, 0x04, 0x08, 0x13, 0x13}},
    {'&', {0x0c, 0x12, 0x14, 0x08, 0x15, 0x12, 0x0d}}, {'_', {0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x1f}},
    {'u', {0x00, 0x11, 0x11, 0x11, 0x13, 0x1d, 0x10}}, {'m', {0x00, 0x00, 0x1a, 0x15, 0x15, 0x15, 0x15}},
};

const Glyph& glyph_of(char character) {
    for (const Glyph& g : face)
        if (g.character == character) return g;
    return face[36];  // a blank for what the face lacks
}

// The character to draw at position i of a text.
char drawn(std::string_view text, std::size_t i) {
    const bool unit = (i + 1 < text.size() && text[i] == 'u' && text[i + 1] == 'm') ||
                      (i > 0 && text[i - 1] == 'u' && text[i] == 'm');
    const bool alone = unit && (text[i] == 'u' ? (i == 0 || text[i - 1] == ' ') : (i == 1 || text[i - 2] == ' '));
    if (alone) return text[i];
    return text[i] >= 'a' && text[i] <= 'z' ? static_cast<char>(text[i] - 'a' + 'A') : text[i];
}

void blend_box(Image& image, int x0, int y0, int x1, int y1, Rgb colour, double share) {
    for (int y = std::max(y0, 0); y < std::min(y1, image.height); ++y)
        for (int x = std::max(x0, 0); x < std::min(x1, image.width); ++x)
            for (int k = 0; k < 3; ++k) {
                std::uint8_t& v = image.at(x, y)[k];
                v = static_cast<std::uint8_t>(std::lround(v * (1 - share) + colour[k] * share));
            }
}

}  // namespace

Image::Image(int w, int h, double um, Rgb fill) : width(w), height(h), pixel_um(um) {
    STELLATE_ASSERT(w > 0 && h > 0, w, h);
    rgb.resize(3 * static_cast<std::size_t>(w) * h);
    for (std::size_t i = 0; i < rgb.size(); ++i) rgb[i] = fill[i % 3];
}

Image shrunk(const Image& image, int width) {
    STELLATE_ASSERT(width > 0 && width <= image.width, width, image.width);
    const double ratio = static_cast<double>(image.width) / width;
    Image result(width, std::max(1, static_cast<int>(std::lround(image.height / ratio))), image.pixel_um * ratio);
    const double down = static_cast<double>(image.height) / result.height;
    for (int y = 0; y < result.height; ++y)
        for (int x = 0; x < width; ++x) {
            const double x0 = x * ratio, x1 = x0 + ratio, y0 = y * down, y1 = y0 + down;
            double sum[3] = {0, 0, 0}, area = 0;
            for (int j = static_cast<int>(y0); j < std::min(static_cast<int>(std::ceil(y1 - 1e-9)), image.height); ++j)
                for (int i = static_cast<int>(x0); i < std::min(static_cast<int>(std::ceil(x1 - 1e-9)), image.width);
                     ++i) {
                    const double share = (std::min(x1, i + 1.0) - std::max(x0, double(i))) *
                                         (std::min(y1, j + 1.0) - std::max(y0, double(j)));
                    area += share;
                    for (int k = 0; k < 3; ++k) sum[k] += share * image.at(i, j)[k];
                }
            for (int k = 0; k < 3; ++k) result.at(x, y)[k] = static_cast<std::uint8_t>(std::lround(sum[k] / area));
        }
    return result;
}

int text_width(std::string_view text, int scale) {
    return text.empty() ? 0 : static_cast<int>(text.size()) * 6 * scale - scale;
}

void draw_text(Image& image, int x, int y, std::string_view text, int scale, Rgb colour) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const Glyph& glyph = glyph_of(drawn(text, i));
        for (int row = 0; row < 7; ++row)
            for (int column = 0; column < 5; ++column)
                if (glyph.rows[row] >> (4 - column) & 1) {
                    const int left = x + (static_cast<int>(i) * 6 + column) * scale, top = y + row * scale;
                    blend_box(image, left, top, left + scale, top + scale, colour, 1);
                }
    }
}

double scale_bar_um(double width_um) {
    const double most = width_um / 4;
    double best = 1;
    for (double decade = 1; decade <= 10000; decade *= 10)
        for (const double step : {1.0, 2.0, 5.0})
            if (step * decade <= most) best = step * decade;
    return best;
}

void burn_in(Image& image, std::string_view label) {
    const int scale = std::max(1, image.width / 320), margin = 3 * scale, line = 7 * scale;
    const Rgb ink{20, 20, 20}, plate{255, 255, 255};
    const auto words = [&](int x, int y, std::string_view text) {
        blend_box(image, x - margin, y - margin, x + text_width(text, scale) + margin, y + line + margin, plate, 0.85);
        draw_text(image, x, y, text, scale, ink);
    };
    words(2 * margin, 2 * margin, "SIMULATED");
    if (!label.empty()) words(image.width - 2 * margin - text_width(label, scale), 2 * margin, label);
    if (image.pixel_um <= 0) return;

    const double bar_um = scale_bar_um(image.width * image.pixel_um);
    const int length = static_cast<int>(std::lround(bar_um / image.pixel_um)), thick = 2 * scale;
    const std::string text = std::to_string(static_cast<int>(bar_um)) + " um";
    const int wide = std::max(length, text_width(text, scale)), right = image.width - 2 * margin,
              bottom = image.height - 2 * margin;
    blend_box(image, right - wide - margin, bottom - line - 2 * margin - thick, right + margin, bottom + margin, plate,
              0.85);
    draw_text(image, right - wide / 2 - text_width(text, scale) / 2, bottom - line - margin - thick, text, scale, ink);
    blend_box(image, right - wide / 2 - length / 2, bottom - thick, right - wide / 2 - length / 2 + length, bottom, ink,
              1);
}

}  // namespace stellate::histology
