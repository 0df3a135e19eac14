// What the files of the contact kernel's variants share; private to mechanics.
#pragma once

#include <cstddef>
#include <cstdint>

#include "mechanics/contact_kernel.hpp"

namespace stellate::mechanics {

using Sums = bool(const KernelView&, const ContactTable&, KernelScratch&, float*);

extern Sums* const sums_baseline;
extern Sums* const sums_avx2;    // null where the compiler cannot make it
extern Sums* const sums_avx512;  // likewise

constexpr std::uint32_t lanes = 16;
constexpr std::uint32_t cells_at_once = 8;  // of a bin
// Lengths inside the kernel are in fixed units: that scales floats by a power of two and changes no digit.
constexpr float fixed_per_um = 1 << fixed_bits;

}  // namespace stellate::mechanics
