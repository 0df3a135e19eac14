// Stained pictures of a section, as absorbance: every compartment binds so much of each dye, dyes add up in optical
// density, and light that passes is I = I0 10^-(sum of c_k v_k) in each channel (Beer-Lambert). The unit vectors v_k
// are published ones where they exist, so that a laboratory's colour-deconvolution macro takes our pictures apart:
//   haematoxylin, DAB        Ruifrok & Johnston 2001, Anal Quant Cytol Histol 23:291 ("H DAB" of ImageJ)
//   haematoxylin and eosin   the "H&E 2" pair of the ImageJ plug-in Colour Deconvolution (Landini)
//   Sirius red, picric acid  assumed, from the dyes' spectra: Sirius red F3B absorbs most at 528-529 nm (Dapson et al.,
//                            Certification procedures for sirius red F3B), picric acid in the blue; no RGB vector found
//   melanin                  assumed: broad, rising towards the blue
// DAB scatters as much as it absorbs and is not stoichiometric on real slides; here it is linear, which is said so.
//
// Shapes and positions come from the section, texture from fixed hashes of place and cell id: the same section gives
// the same picture, byte for byte. Vessel walls of resident vessels are drawn stained, as on a slide, although the
// endpoints leave them out. Nothing drawn feeds back into an endpoint.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "histology/endpoints.hpp"
#include "histology/image.hpp"
#include "histology/raster.hpp"
#include "histology/section.hpp"

namespace stellate::histology {

enum class Stain { picrosirius_red, alpha_sma, cd31, cd8, haematoxylin_eosin };
inline constexpr std::array<Stain, 5> every_stain{Stain::picrosirius_red, Stain::alpha_sma, Stain::cd31, Stain::cd8,
                                                  Stain::haematoxylin_eosin};

struct LegendEntry {
    Rgb colour;
    const char* label;
};
struct StainDescription {
    const char* id;     // "picrosirius_red": in file names
    const char* title;  // "Picrosirius red"
    const char* label;  // capitals burned into the picture
    std::vector<LegendEntry> legend;
};
const StainDescription& description_of(Stain stain);

// Which absorbers a stain uses; a unit vector of optical density over red, green, blue.
enum class Dye { nuclear, cytoplasmic, marker, melanin };
std::array<double, 3> stain_vector(Stain stain, Dye dye);

struct StainSettings {
    double collagen_half_mg_per_ml = 8;  // local collagen that binds half of the most Sirius red
    double fibre_contrast = 0.7;         // as in the endpoints
};

// Optical density of Sirius red over collagen of a local concentration: 1.5 c^3 / (c^3 + half^3), steep, so that
// the thin perisinusoidal collagen of healthy parenchyma stays almost unstained, as on slides.
double sirius_density(double collagen_mg_per_ml, const StainSettings& settings = {});
// The DAB density that separates stained from unstained pixels in these pictures.
inline constexpr double dab_positive_density = 0.3;

// A picture of the window without anything burned in, [window.height][window.width]. Throws InputError if the section
// is malformed.
Image render(const Section& section, Stain stain, const Window& window, const StainSettings& settings = {});

// The whole section, rendered at 2 um (or finer) a pixel and seen at `width_px`, with SIMULATED, stain, and scale bar.
Image overview(const Section& section, Stain stain, int width_px = 640, const StainSettings& settings = {});
// A field of `edge_um` around a place at full resolution, with the same burned in.
Image close_up(const Section& section, Stain stain, Place centre, double edge_um = 640, double pixel_um = 1,
               const StainSettings& settings = {});

// Colour deconvolution: [pixel] optical density of the marker (Sirius red or DAB), unmixed from the counterstain and a
// residual, exactly as a laboratory's macro would. For scoring pictures.
std::vector<float> marker_density(const Image& image, Stain stain);

}  // namespace stellate::histology
