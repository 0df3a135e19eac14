// Pixels of a section: the window a raster shows, voxel values read at a pixel, shapes filled into masks, and the
// fibrous texture that turns a voxel's collagen concentration into bundles.
//
// A pixel belongs to a shape if its centre does. Cells are discs of their radius, except the elongated ones: stellate
// cells and fibroblasts are curved spindles of the same area as their disc, lying along the fibres.
//
// Fibres. Collagen does not fill a 20-um voxel evenly; it lies in bundles. A pixel's local concentration is
//     c(x) exp(s g(x) - s^2 / 2),
// c the voxel value (bilinear between voxel centres), g a standard normal noise drawn out to some 30 um along the
// fibre direction, s the contrast. The mean over many pixels is c: no mass is made. g is a pure function of place, the
// same in every arm, on every day and at every magnification.
#pragma once

#include <cstdint>
#include <vector>

#include "histology/distance_map.hpp"
#include "histology/section.hpp"

namespace stellate::histology {

// A rectangle of square pixels; pixel (i, j) is centred at (x0 + (i + 1/2) pixel, y0 + (j + 1/2) pixel).
struct Window {
    double x0_um = 0, y0_um = 0, pixel_um = 2;
    int width = 0, height = 0;  // pixels

    double x_of(int i) const { return x0_um + (i + 0.5) * pixel_um; }
    double y_of(int j) const { return y0_um + (j + 0.5) * pixel_um; }
    std::size_t pixels() const { return static_cast<std::size_t>(width) * height; }
    RasterSize size() const { return {width, height, 1}; }
};

// The whole section; the last row and column may reach past its edge by less than a pixel.
Window whole(const Section& section, double pixel_um);
// A square field of `edge_um` around a centre, moved inside the section where it fits.
Window field(const Section& section, double x_um, double y_um, double edge_um, double pixel_um);

using Mask = std::vector<std::uint8_t>;  // [height][width], 0 or 1

// Voxel values at the centre of each pixel, bilinear between voxel centres and constant beyond the outermost.
std::vector<float> at_pixels(const Section& section, const std::vector<float>& voxels, const Window& window);

void fill_disc(Mask& mask, const Window& window, double x_um, double y_um, double radius_um, std::uint8_t value = 1);
// A segment with round ends.
void fill_capsule(Mask& mask, const Window& window, const VesselSegment& segment);

// A curved lens: in its own frame |v - bend (u^2 - a^2 / 3)| < b (1 - (u / a)^2), whose area is 8 a b / 3.
struct Spindle {
    float x_um, y_um, cosine, sine;
    float half_length_um, half_width_um;  // a, b
    float bend_per_um;

    // How far a point lies inside (um across the spindle; negative outside, very negative beyond its ends).
    float depth(float x, float y) const;
};
// Stellate cells, fibroblasts and tip cells are drawn elongated.
bool is_spindle(CellClass cell_class);
// The spindle of a cell: the area of its disc, half-length 2.2 to 3.6 radii, along the fibres give or take 20 degrees.
Spindle spindle_of(const Section& section, std::size_t cell);
// A spindle of the area of a disc, along `angle` (radians), its half-length `stretch` radii.
Spindle spindle(float x_um, float y_um, float radius_um, float stretch, float angle, float bend);
void fill_spindle(Mask& mask, const Window& window, const Spindle& spindle);

// Collagen bundles: [pixel] local concentration in mg/mL (above). `contrast` 0 gives the smooth field itself.
std::vector<float> local_collagen(const Section& section, const Window& window, double contrast);

// Fixed hash noise: uniform in [0, 1) from any three integers. Decides looks only.
float hash_uniform(std::uint64_t a, std::uint64_t b, std::uint64_t c);
// Smooth noise of place, standard normal at every point, correlated over about `grain_um`.
float place_noise(double x_um, double y_um, double grain_um, std::uint64_t salt);

}  // namespace stellate::histology
