// PNG files in memory (library: libpng) and their base64 text. Every file carries the text chunk "Comment: SIMULATED"
// and, where known, the size of a pixel, which image macros read as calibration.
#pragma once

#include <string>
#include <string_view>

#include "histology/image.hpp"

namespace stellate::histology {

// True colour. Throws RunError if libpng fails.
std::string encode_png(const Image& image);

// At most `colours` (2..256) colours, chosen by median cut; a stained section has few hues and loses nothing the eye
// sees, at a third of the size. For pictures inside reports; scoring wants `encode_png`.
std::string encode_png_palette(const Image& image, int colours = 64);

// The picture in a PNG file, as 8-bit RGB. Throws InputError if it is not one.
Image decode_png(std::string_view bytes);

std::string base64(std::string_view bytes);

}  // namespace stellate::histology
