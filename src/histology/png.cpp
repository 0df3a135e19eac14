#include "histology/png.hpp"

#include <png.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <csetjmp>
#include <numeric>
#include <vector>

#include "core/error.hpp"

namespace stellate::histology {

namespace {

void append(png_structp png, png_bytep data, png_size_t size) {
    static_cast<std::string*>(png_get_io_ptr(png))->append(reinterpret_cast<const char*>(data), size);
}
void nothing_to_flush(png_structp) {}

struct Palette {
    std::vector<png_color> colours;
    std::vector<std::uint8_t> index;  // [pixel]
};

// Writes one PNG; `palette` null for true colour. Returns false if libpng gave up. No object with a destructor lives in
// here, because libpng leaves by longjmp.
bool write(const Image& image, const Palette* palette, png_bytepp rows, std::string* out) {
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
    if (!png) return false;
    png_infop info = png_create_info_struct(png);
    if (!info || setjmp(png_jmpbuf(png))) {
        png_destroy_write_struct(&png, &info);
        return false;
    }
    png_set_write_fn(png, out, append, nothing_to_flush);
    png_set_IHDR(png, info, static_cast<png_uint_32>(image.width), static_cast<png_uint_32>(image.height), 8,
                 palette ? PNG_COLOR_TYPE_PALETTE : PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    if (palette) {
        png_set_PLTE(png, info, palette->colours.data(), static_cast<int>(palette->colours.size()));
        png_set_filter(png, 0, PNG_FILTER_NONE);
        png_set_compression_level(png, 6);
    } else {
        png_set_compression_level(png, 6);
    }
    if (image.pixel_um > 0) {
        const auto per_metre = static_cast<png_uint_32>(std::lround(1e6 / image.pixel_um));
        png_set_pHYs(png, info, per_metre, per_metre, PNG_RESOLUTION_METER);
    }
    char key[] = "Comment", value[] = "SIMULATED section; not a photograph of tissue";
    png_text text{};
    text.compression = PNG_TEXT_COMPRESSION_NONE;
    text.key = key;
    text.text = value;
    png_set_text(png, info, &text, 1);
    png_write_info(png, info);
    png_write_image(png, rows);
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    return true;
}

std::string encode(const Image& image, const Palette* palette) {
    STELLATE_ASSERT(image.width > 0 && image.height > 0, image.width, image.height);
    const std::uint8_t* data = palette ? palette->index.data() : image.rgb.data();
    const std::size_t stride = static_cast<std::size_t>(image.width) * (palette ? 1 : 3);
    std::vector<png_bytep> rows(static_cast<std::size_t>(image.height));
    for (std::size_t j = 0; j < rows.size(); ++j) rows[j] = const_cast<png_bytep>(data + j * stride);
    std::string out;
    if (!write(image, palette, rows.data(), &out)) throw RunError("libpng could not write a picture");
    return out;
}

// Median cut (Heckbert 1982, doi:10.1145/965145.801294) over colours with 5 bits a channel.
Palette median_cut(const Image& image, int wanted) {
    constexpr int levels = 32;
    struct Tally {
        std::int64_t pixels = 0;
        std::array<std::int64_t, 3> sum{};
    };
    const auto cell_of = [](const std::uint8_t* c) {
        return ((c[0] >> 3) * levels + (c[1] >> 3)) * levels + (c[2] >> 3);
    };
    std::vector<Tally> tally(levels * levels * levels);
    for (std::size_t p = 0; p < image.rgb.size(); p += 3) {
        Tally& t = tally[static_cast<std::size_t>(cell_of(image.rgb.data() + p))];
        ++t.pixels;
        for (int k = 0; k < 3; ++k) t.sum[k] += image.rgb[p + k];
    }
    std::vector<int> used;
    for (int c = 0; c < static_cast<int>(tally.size()); ++c)
        if (tally[c].pixels > 0) used.push_back(c);
    const auto level = [](int cell, int channel) { return (cell >> (5 * (2 - channel))) & (levels - 1); };

    struct Box {
        int first, last;  // range of `used`
        std::int64_t pixels;
        int channel, extent;  // longest side
    };
    const auto box_of = [&](int first, int last) {
        Box box{first, last, 0, 0, -1};
        for (int channel = 0; channel < 3; ++channel) {
            int low = levels, high = 0;
            for (int u = first; u < last; ++u) {
                low = std::min(low, level(used[u], channel));
                high = std::max(high, level(used[u], channel));
            }
            if (high - low > box.extent) {
                box.extent = high - low;
                box.channel = channel;
            }
        }
        for (int u = first; u < last; ++u) box.pixels += tally[used[u]].pixels;
        return box;
    };
    std::vector<Box> boxes{box_of(0, static_cast<int>(used.size()))};
    while (static_cast<int>(boxes.size()) < wanted) {
        // Split where most pixels are spread farthest.
        std::size_t best = boxes.size();
        double most = 0;
        for (std::size_t b = 0; b < boxes.size(); ++b) {
            const double weight = std::sqrt(static_cast<double>(boxes[b].pixels)) * boxes[b].extent;
            if (boxes[b].last - boxes[b].first > 1 && weight > most) {
                most = weight;
                best = b;
            }
        }
        if (best == boxes.size()) break;
        const Box box = boxes[best];
        std::sort(used.begin() + box.first, used.begin() + box.last, [&](int a, int b) {
            return std::pair(level(a, box.channel), a) < std::pair(level(b, box.channel), b);
        });
        std::int64_t below = 0;
        int cut = box.first;
        while (cut < box.last - 1 && (cut == box.first || 2 * below < box.pixels)) below += tally[used[cut++]].pixels;
        boxes[best] = box_of(box.first, cut);
        boxes.push_back(box_of(cut, box.last));
    }

    Palette palette;
    std::vector<std::uint8_t> number(tally.size());
    for (std::size_t b = 0; b < boxes.size(); ++b) {
        std::array<std::int64_t, 3> sum{};
        for (int u = boxes[b].first; u < boxes[b].last; ++u) {
            number[used[u]] = static_cast<std::uint8_t>(b);
            for (int k = 0; k < 3; ++k) sum[k] += tally[used[u]].sum[k];
        }
        const auto mean = [&](int k) {
            return static_cast<png_byte>((sum[k] + boxes[b].pixels / 2) / boxes[b].pixels);
        };
        palette.colours.push_back({mean(0), mean(1), mean(2)});
    }
    palette.index.resize(image.rgb.size() / 3);
    for (std::size_t p = 0; p < palette.index.size(); ++p)
        palette.index[p] = number[static_cast<std::size_t>(cell_of(image.rgb.data() + 3 * p))];
    return palette;
}

}  // namespace

std::string encode_png(const Image& image) { return encode(image, nullptr); }

std::string encode_png_palette(const Image& image, int colours) {
    STELLATE_ASSERT(colours >= 2 && colours <= 256, colours);
    const Palette palette = median_cut(image, colours);
    return encode(image, &palette);
}

Image decode_png(std::string_view bytes) {
    png_image png{};
    png.version = PNG_IMAGE_VERSION;
    if (!png_image_begin_read_from_memory(&png, bytes.data(), bytes.size())) throw InputError({}, "png", png.message);
    png.format = PNG_FORMAT_RGB;
    if (png.width > 30000 || png.height > 30000) {
        png_image_free(&png);
        throw InputError({}, "png", "larger than 30000 pixels");
    }
    Image image(static_cast<int>(png.width), static_cast<int>(png.height), 0);
    if (!png_image_finish_read(&png, nullptr, image.rgb.data(), 0, nullptr)) throw InputError({}, "png", png.message);
    return image;
}

std::string base64(std::string_view bytes) {
    static constexpr char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::uint32_t block = 0;
        for (std::size_t k = 0; k < 3; ++k)
            block = block << 8 | (i + k < bytes.size() ? static_cast<std::uint8_t>(bytes[i + k]) : 0u);
        for (std::size_t k = 0; k < 4; ++k) text += i + k > bytes.size() ? '=' : digits[block >> (18 - 6 * k) & 63];
    }
    return text;
}

}  // namespace stellate::histology
