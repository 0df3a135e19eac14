// Exact Euclidean distances on a raster, and which seed is nearest: lower envelopes of parabolas, one axis after the
// other (Felzenszwalb & Huttenlocher 2012, doi:10.4086/toc.2012.v008a019), linear in the number of pixels.
// From it: closing (outline of a focus) and rims of a stated width. Works in 2-D (depth 1) and 3-D alike.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace stellate::histology {

struct RasterSize {
    int width = 0, height = 0, depth = 1;
    std::size_t pixels() const { return static_cast<std::size_t>(width) * height * depth; }
};

struct DistanceMap {
    std::vector<float>
        squared;  // [depth][height][width] squared distance to the nearest seed, in pixels^2; infinity without one
    std::vector<std::int32_t> nearest;  // index of that seed pixel, -1 without one
};

// Distances between pixel centres from every pixel to the nearest pixel whose seed is not 0.
DistanceMap distance_map(std::span<const std::uint8_t> seed, RasterSize size);

// Morphological closing of `mask` by a ball of `radius` pixels: gaps narrower than 2 radius are filled, the convex
// outside is unchanged. Outside the raster there is nothing to close against: masks at the border are not eroded there.
// `nearest`, if wanted, receives for every pixel of the result the nearest pixel of the original mask.
std::vector<std::uint8_t> closed(std::span<const std::uint8_t> mask, RasterSize size, double radius,
                                 std::vector<std::int32_t>* nearest = nullptr);

}  // namespace stellate::histology
