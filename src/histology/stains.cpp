#include "histology/stains.hpp"

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/math.hpp"
#include "histology/painter.hpp"

namespace stellate::histology {

namespace {

using Vector = std::array<double, 3>;

constexpr Vector haematoxylin{0.650, 0.704, 0.286}, dab{0.268, 0.570, 0.776};  // Ruifrok & Johnston
constexpr Vector haematoxylin_he{0.49015734, 0.76897085, 0.41040173},
    eosin{0.04615336, 0.8420684, 0.5373925};                                   // Landini
constexpr Vector sirius_red{0.12, 0.79, 0.60}, picric_acid{0.02, 0.12, 0.99};  // assumed
constexpr Vector melanin{0.43, 0.56, 0.71};                                    // assumed

constexpr double ln10 = 2.302585092994046;
constexpr double most_sirius = 1.5;

Vector unit(Vector v) {
    const double norm = std::sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
    return {v[0] / norm, v[1] / norm, v[2] / norm};
}

Vector cross(const Vector& a, const Vector& b) {
    return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}

}  // namespace

std::array<double, 3> stain_vector(Stain stain, Dye dye) {
    if (dye == Dye::melanin) return unit(melanin);
    switch (stain) {
        case Stain::picrosirius_red:
            return unit(dye == Dye::marker ? sirius_red : picric_acid);
        case Stain::haematoxylin_eosin:
            return unit(dye == Dye::nuclear ? haematoxylin_he : eosin);
        default:
            return unit(dye == Dye::marker ? dab : haematoxylin);
    }
}

const StainDescription& description_of(Stain stain) {
    static const std::array<StainDescription, 5> all{{
        {"picrosirius_red",
         "Picrosirius red",
         "PICROSIRIUS RED",
         {{{206, 52, 82}, "collagen (Sirius red)"},
          {{250, 240, 178}, "cells (picric acid)"},
          {{255, 255, 255}, "lumen"}}},
        {"alpha_sma",
         "alpha-SMA",
         "ALPHA-SMA",
         {{{133, 84, 46}, "alpha-SMA (DAB): activated stellate cells, portal myofibroblasts; vessel walls"},
          {{125, 125, 185}, "nuclei (haematoxylin)"}}},
        {"cd31",
         "CD31",
         "CD31",
         {{{133, 84, 46}, "CD31 (DAB): new vessels; endothelium of large vessels"},
          {{125, 125, 185}, "nuclei (haematoxylin)"}}},
        {"cd8", "CD8", "CD8", {{{133, 84, 46}, "CD8 T cells (DAB)"}, {{125, 125, 185}, "nuclei (haematoxylin)"}}},
        {"haematoxylin_eosin",
         "H&E-like overview",
         "H&E",
         {{{226, 158, 205}, "cytoplasm (eosin)"},
          {{84, 62, 148}, "nuclei (haematoxylin)"},
          {{255, 255, 255}, "lumen"}}},
    }};
    return all[static_cast<std::size_t>(stain)];
}

double sirius_density(double c, const StainSettings& settings) {
    const double half = settings.collagen_half_mg_per_ml;
    return most_sirius * c * c * c / (c * c * c + half * half * half);
}

// Densities were set by eye against the usual look of 5-um sections: hepatocyte cytoplasm pink (223, 150, 205), nuclei
// purple, DAB clearly brown, picric acid pale. They carry no measurement.
Look look_of(Stain stain) {
    Look l;
    if (stain == Stain::haematoxylin_eosin) {
        l.hepatocyte = {0.05f, 0.20f, 0, 0};
        l.hepatocyte_nucleus = {0.46f, 0.13f, 0, 0};
        l.tumour = {0.20f, 0.16f, 0, 0};
        l.tumour_nucleus = {0.80f, 0.16f, 0, 0};
        l.tumour_edge = {0.10f, 0.13f, 0, 0};
        l.lymphocyte_nucleus = {1.05f, 0.15f, 0, 0};
        l.small_cytoplasm = {0.10f, 0.20f, 0, 0};
        l.small_nucleus = {0.70f, 0.12f, 0, 0};
        l.dying = {0.20f, 0.62f, 0, 0};
        l.stroma = {0.03f, 0.12f, 0, 0};
        l.spindle_cell = {0.07f, 0.32f, 0, 0};
        l.duct = {0.16f, 0.22f, 0, 0};
        l.wall = {0.03f, 0.34f, 0, 0};
        l.resident_muscle = {0.06f, 0.44f, 0, 0};
        l.resident_endothelium = {0.30f, 0.25f, 0, 0};
        l.new_endothelium = {0.25f, 0.26f, 0, 0};
        l.activated = l.spindle_cell;
        l.cd8 = l.small_cytoplasm;
        l.melanin_grain = {0.15f, 0.15f, 0, 1.5f};
        l.fibre_cytoplasmic = 0.38f;
        return l;
    }
    if (stain == Stain::picrosirius_red) {
        const Bound cell{0, 0.15f, 0, 0}, nucleus{0, 0.23f, 0, 0}, pale{0, 0.04f, 0, 0};
        l.hepatocyte = l.small_cytoplasm = l.spindle_cell = l.activated = l.cd8 = l.duct = l.new_endothelium = cell;
        l.tumour = {0, 0.17f, 0, 0};
        l.tumour_edge = {0, 0.10f, 0, 0};
        l.hepatocyte_nucleus = l.small_nucleus = l.lymphocyte_nucleus = nucleus;
        l.tumour_nucleus = {0, 0.27f, 0, 0};
        l.dying = {0, 0.26f, 0, 0};
        l.stroma = pale;
        l.wall = {0, 0.05f, 0.75f, 0};
        l.resident_muscle = {0, 0.12f, 0.30f, 0};
        l.resident_endothelium = {0, 0.08f, 0.45f, 0};
        l.melanin_grain = {0, 0.10f, 0, 1.5f};
        l.fibre_marker = 1;
        l.kept_over_nuclei = 0.8f;
        return l;
    }
    const Bound cell{0.055f, 0, 0, 0}, nucleus{0.30f, 0, 0, 0}, pale{0.02f, 0, 0, 0}, brown{0.04f, 0, 0.95f, 0};
    l.hepatocyte = cell;
    l.hepatocyte_nucleus = nucleus;
    l.tumour = {0.13f, 0, 0, 0};
    l.tumour_nucleus = {0.46f, 0, 0, 0};
    l.tumour_edge = {0.07f, 0, 0, 0};
    l.lymphocyte_nucleus = {0.62f, 0, 0, 0};
    l.small_cytoplasm = {0.06f, 0, 0, 0};
    l.small_nucleus = {0.38f, 0, 0, 0};
    l.dying = {0.22f, 0, 0, 0};
    l.stroma = l.wall = pale;
    l.spindle_cell = l.activated = l.cd8 = l.new_endothelium = {0.06f, 0, 0, 0};
    l.duct = {0.10f, 0, 0, 0};
    l.resident_muscle = l.resident_endothelium = {0.06f, 0, 0, 0};
    l.melanin_grain = {0.05f, 0, 0, 1.5f};
    l.kept_over_nuclei = stain == Stain::cd8 ? 0.4f : 0.6f;
    if (stain == Stain::alpha_sma) l.activated = l.resident_muscle = brown;
    if (stain == Stain::cd31) l.new_endothelium = l.resident_endothelium = brown;
    if (stain == Stain::cd8) l.cd8 = {0.10f, 0, 1.05f, 0};
    return l;
}

Image render(const Section& section, Stain stain, const Window& window, const StainSettings& settings) {
    check(section);
    const Canvas canvas = paint(section, look_of(stain), window, settings);
    const Vector nuclear = stain_vector(stain, Dye::nuclear), cytoplasmic = stain_vector(stain, Dye::cytoplasmic),
                 marker = stain_vector(stain, Dye::marker), pigment = stain_vector(stain, Dye::melanin);
    // 253 = clear glass of a well-exposed scan; 10^-density in steps of 1/1024.
    constexpr int steps = 1024, range = 6;
    std::vector<float> passed(steps * range + 1);
    for (std::size_t k = 0; k < passed.size(); ++k)
        passed[k] = static_cast<float>(253 * math::exp(-ln10 * static_cast<double>(k) / steps));
    Image image(window.width, window.height, window.pixel_um);
    for (std::size_t p = 0; p < window.pixels(); ++p) {
        const Bound& b = canvas.bound[p];
        for (std::size_t k = 0; k < 3; ++k) {
            const double density =
                b.nuclear * nuclear[k] + b.cytoplasmic * cytoplasmic[k] + b.marker * marker[k] + b.melanin * pigment[k];
            const auto step =
                static_cast<std::size_t>(std::clamp(density * steps + 0.5, 0.0, double(passed.size() - 1)));
            image.rgb[3 * p + k] = static_cast<std::uint8_t>(passed[step] + 0.5f);
        }
    }
    return image;
}

Image overview(const Section& section, Stain stain, int width_px, const StainSettings& settings) {
    STELLATE_ASSERT(width_px > 0, width_px);
    const double fine = std::min(2.0, section.width_um / width_px);
    Image image = shrunk(render(section, stain, whole(section, fine), settings), width_px);
    burn_in(image, description_of(stain).label);
    return image;
}

Image close_up(const Section& section, Stain stain, Place centre, double edge_um, double pixel_um,
               const StainSettings& settings) {
    Image image = render(section, stain, field(section, centre.x_um, centre.y_um, edge_um, pixel_um), settings);
    burn_in(image, description_of(stain).label);
    return image;
}

std::vector<float> marker_density(const Image& image, Stain stain) {
    // Counterstain, marker and the direction perpendicular to both span the colour space.
    const Vector counter =
        stain == Stain::picrosirius_red ? stain_vector(stain, Dye::cytoplasmic) : stain_vector(stain, Dye::nuclear);
    const Vector marker =
        stain == Stain::haematoxylin_eosin ? stain_vector(stain, Dye::cytoplasmic) : stain_vector(stain, Dye::marker);
    const Vector residual = cross(counter, marker);
    // The row of the inverse matrix that gives the marker's share.
    const Vector row = cross(residual, counter);
    const double determinant = row[0] * marker[0] + row[1] * marker[1] + row[2] * marker[2];
    std::array<double, 256> density_of;
    for (std::size_t v = 0; v < density_of.size(); ++v)
        density_of[v] = -math::log((static_cast<double>(v) + (v == 0 ? 0.5 : 0)) / 253) / ln10;
    std::vector<float> density(image.rgb.size() / 3);
    for (std::size_t p = 0; p < density.size(); ++p) {
        double sum = 0;
        for (std::size_t k = 0; k < 3; ++k) sum += row[k] * density_of[image.rgb[3 * p + k]];
        density[p] = static_cast<float>(sum / determinant);
    }
    return density;
}

}  // namespace stellate::histology
