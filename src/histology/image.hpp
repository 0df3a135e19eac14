// An 8-bit RGB picture in memory, and what is burned into it: text in a small bitmap font, a scale bar, the word
// SIMULATED. It knows nothing of tissue.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace stellate::histology {

using Rgb = std::array<std::uint8_t, 3>;

struct Image {
    int width = 0, height = 0;
    double pixel_um = 0;            // edge of a pixel on the tissue; 0 if it has none
    std::vector<std::uint8_t> rgb;  // [height][width][3]

    Image() = default;
    Image(int w, int h, double um, Rgb fill = {255, 255, 255});
    std::uint8_t* at(int x, int y) { return rgb.data() + 3 * (static_cast<std::size_t>(y) * width + x); }
    const std::uint8_t* at(int x, int y) const { return rgb.data() + 3 * (static_cast<std::size_t>(y) * width + x); }
};

// Mean over the area of each new pixel, as a camera of fewer pixels would see it. `width` at most the image's.
Image shrunk(const Image& image, int width);

// Text at (x, y) = top left, `scale` image pixels a font pixel; the font is 5 x 7 with one column between. Letters are
// capitals (small ones are written as such, except "um", which becomes the micrometre sign and m). Clipped at the
// edges.
void draw_text(Image& image, int x, int y, std::string_view text, int scale, Rgb colour);
int text_width(std::string_view text, int scale);

// The longest of 1, 2, 5 x 10^k um that is at most a quarter of `width_um`.
double scale_bar_um(double width_um);

// Burns SIMULATED (top left), `label` (top right) and a scale bar (bottom right) on light plates into the picture.
void burn_in(Image& image, std::string_view label);

}  // namespace stellate::histology
