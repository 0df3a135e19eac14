// Attack: an immune cell holds on to the nearest living target it touches and kills it at a constant rate while it
// does (mass action over few killers: each attacker its own hazard; a target dies once, credit to the lowest id).
#pragma once

#include <cstdint>
#include <span>

#include "tissue/neighbourhood.hpp"

namespace stellate::immune {

// A cell elsewhere: which of the 27 bricks around (see Neighbourhood), its row there, its id.
struct Target {
    std::uint64_t id = 0;
    std::uint32_t row = 0;
    std::uint8_t source = 255;  // 255: none
    std::uint8_t type = 0;
    bool none() const { return source == 255; }
};

// The nearest living cell that entry `self` of the neighbourhood touches and may attack; ties go to the lower id.
// `attackable` [type] is above 0 for types it attacks; touching is a distance below reach * (sum of radii).
// `i, j, k` is the bin of `self`.
Target nearest_target(const Neighbourhood& around, std::uint32_t self, int i, int j, int k, double reach,
                      std::span<const float> attackable);

}  // namespace stellate::immune
