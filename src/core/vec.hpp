// Small value types for places and index triples. Lengths are in um unless a name says otherwise.
#pragma once

#include <compare>
#include <cstdint>

namespace stellate {

struct Vec3 {
    double x = 0, y = 0, z = 0;

    friend Vec3 operator+(Vec3 a, Vec3 b) { return {a.x + b.x, a.y + b.y, a.z + b.z}; }
    friend Vec3 operator-(Vec3 a, Vec3 b) { return {a.x - b.x, a.y - b.y, a.z - b.z}; }
    friend Vec3 operator*(double s, Vec3 a) { return {s * a.x, s * a.y, s * a.z}; }
    friend double dot(Vec3 a, Vec3 b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
    friend bool operator==(const Vec3&, const Vec3&) = default;
};

double length(Vec3 a);

// A brick's place on the lattice, counted in bricks from the corner of the tissue.
struct BrickCoord {
    std::int32_t x = 0, y = 0, z = 0;
    friend bool operator==(const BrickCoord&, const BrickCoord&) = default;
};

}  // namespace stellate
