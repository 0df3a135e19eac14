// Cell identities. A founder's id is its brick and slot (top bit 0); a daughter's is a hash of its mother and her
// division count, an arrival's a hash of where and when it came (top bit 1). No global counter exists, so an id does
// not depend on threads, order or interruptions.
#pragma once

#include <compare>
#include <cstdint>
#include <string_view>

#include "core/vec.hpp"

namespace stellate {

struct CellId {
    std::uint64_t value = 0;
    friend auto operator<=>(const CellId&, const CellId&) = default;
};

// Packed as x:17 y:17 z:17 slot:12; asserts that each fits.
CellId founder_id(BrickCoord brick, std::uint32_t slot);
// A place in the whole tissue, for draws that belong to it.
inline std::uint64_t voxel_address(BrickCoord brick, int voxel) {
    return founder_id(brick, static_cast<std::uint32_t>(voxel)).value;
}
CellId daughter_id(CellId mother, std::uint32_t division);
// `place` is any number that names where (a voxel, a portal branch), `serial` tells arrivals of one tick there apart.
CellId arrival_id(std::uint64_t place, std::uint32_t tick, std::uint32_t serial);

inline bool is_founder(CellId id) { return (id.value >> 63) == 0; }

// A name (of a cell type, of a record) as part of an address of draws: it does not move when others are added.
std::uint64_t name_address(std::string_view name);

// A fixed 64-bit mixing function (SplitMix64 finaliser); the same on every machine.
std::uint64_t mix64(std::uint64_t value);

}  // namespace stellate
