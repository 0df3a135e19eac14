// Where which dye binds: paints the compartments of a section (cytoplasm, nuclei, lumina, walls, fibres) as optical
// densities of four absorbers. Part of the stains; split from them because geometry is the same for every stain and
// colour the same for every geometry.
#pragma once

#include <cstdint>
#include <vector>

#include "histology/stains.hpp"

namespace stellate::histology {

// Optical densities of the absorbers of one stain at one pixel or bound by one compartment.
struct Bound {
    float nuclear = 0, cytoplasmic = 0, marker = 0, melanin = 0;
};

// [pixel] densities over a window.
struct Canvas {
    Window window;
    std::vector<Bound> bound;

    // Covers a pixel with `what`, `share` of it (0..1).
    void cover(std::size_t pixel, const Bound& what, float share) {
        Bound& b = bound[pixel];
        b.nuclear += share * (what.nuclear - b.nuclear);
        b.cytoplasmic += share * (what.cytoplasmic - b.cytoplasmic);
        b.marker += share * (what.marker - b.marker);
        b.melanin += share * (what.melanin - b.melanin);
    }
};

// What each compartment binds under one stain.
struct Look {
    Bound hepatocyte, hepatocyte_nucleus, tumour, tumour_nucleus, tumour_edge;
    Bound lymphocyte_nucleus, small_cytoplasm, small_nucleus, dying, stroma, spindle_cell;
    Bound duct, wall;  // epithelium of bile ducts; connective wall of vessels
    Bound resident_muscle, resident_endothelium;
    Bound new_endothelium, activated, cd8;  // what the marker may add
    Bound melanin_grain;
    float kept_over_nuclei = 1;   // share of the marker that still shows where a nucleus lies in a stained body
    float fibre_cytoplasmic = 0;  // cytoplasmic dye on dense collagen
    float fibre_marker = 0;       // marker on dense collagen (1 = sirius_density)
};
Look look_of(Stain stain);

// Everything of the section that shows in the window.
Canvas paint(const Section& section, const Look& look, const Window& window, const StainSettings& settings);

}  // namespace stellate::histology
