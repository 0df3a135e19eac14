// Addresses of the draws that make anatomy: who = the absolute lattice site or voxel, tick = one of these numbers, so
// that no two draws share an address. Part of every result ever published: append, never renumber.
#pragma once

#include <cstdint>

#include "core/error.hpp"

namespace stellate::liver {

namespace stream {
inline constexpr std::uint32_t lattice = 0;           // turn and shift of the packing
inline constexpr std::uint32_t hepatocyte = 1;        // site of the packing
inline constexpr std::uint32_t sinusoidal_count = 2;  // voxel: how many of each sinusoidal type
inline constexpr std::uint32_t fibroblast_count = 3;  // voxel
// Cell n of a type in a voxel: first_of_voxel + 64 type + n; types in the order of AnatomyParameters.
inline constexpr std::uint32_t first_of_voxel = 64;
inline constexpr int most_in_voxel = 64;
}  // namespace stream

// Three integers in [-2^20, 2^20) as one address.
inline std::uint64_t packed_key(std::int32_t i, std::int32_t j, std::int32_t k) {
    constexpr std::int32_t half = 1 << 20;
    STELLATE_ASSERT(i >= -half && j >= -half && k >= -half && i < half && j < half && k < half, i, j, k);
    return (std::uint64_t(i + half) << 42) | (std::uint64_t(j + half) << 21) | std::uint64_t(k + half);
}

}  // namespace stellate::liver
