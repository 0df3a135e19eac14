#include "core/ids.hpp"

#include <cmath>

#include "core/error.hpp"

namespace stellate {

double length(Vec3 a) { return std::sqrt(dot(a, a)); }

std::uint64_t mix64(std::uint64_t value) {
    value += 0x9e3779b97f4a7c15ULL;
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
    return value ^ (value >> 31);
}

// FNV-1a, then mixed.
std::uint64_t name_address(std::string_view name) {
    std::uint64_t hash = 0xcbf29ce484222325ULL;
    for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    return mix64(hash);
}

namespace {
constexpr std::uint64_t top_bit = 1ULL << 63;
}

CellId founder_id(BrickCoord brick, std::uint32_t slot) {
    const auto fits = [](std::int32_t v) { return v >= 0 && v < (1 << 17); };
    STELLATE_ASSERT(fits(brick.x) && fits(brick.y) && fits(brick.z) && slot < 4096, brick.x, brick.y, brick.z, slot);
    return {(std::uint64_t(brick.x) << 46) | (std::uint64_t(brick.y) << 29) | (std::uint64_t(brick.z) << 12) | slot};
}

CellId daughter_id(CellId mother, std::uint32_t division) {
    return {mix64(mix64(mother.value) ^ (0xda0911e7ULL + division)) | top_bit};
}

CellId arrival_id(std::uint64_t place, std::uint32_t tick, std::uint32_t serial) {
    return {mix64(mix64(mix64(place) ^ tick) ^ (0xa771a1ULL + (std::uint64_t(serial) << 32))) | top_bit};
}

}  // namespace stellate
