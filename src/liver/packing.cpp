#include "liver/packing.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "core/math.hpp"
#include "core/random.hpp"
#include "liver/streams.hpp"

namespace stellate::liver {

namespace {

constexpr double mm3_per_um3 = 1e-9;
constexpr double sqrt2 = 1.41421356237309504880;
constexpr double sqrt3 = 1.73205080756887729353;

Vec3 cross(Vec3 a, Vec3 b) { return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x}; }

// Rotation by the unit quaternion (w, v).
Vec3 turned(double w, Vec3 v, Vec3 a) {
    const Vec3 t = 2.0 * cross(v, a);
    return a + (w * t + cross(v, t));
}

}  // namespace

template <class Shape>
Packing<Shape>::Packing(double per_mm3, double jitter, std::uint64_t seed) : seed_(seed) {
    constexpr double most_per_mm3 = 1e7;  // chosen: cells of 5 um
    if (!(per_mm3 > 0 && per_mm3 <= most_per_mm3))
        throw InputError({}, "anatomy.cells.hepatocytes", "expected a density above 0 and below 1e7 per mm3");
    if (!(jitter >= 0 && jitter <= 0.1))
        throw InputError({}, "anatomy.cells.hepatocyte_jitter", "expected a jitter from 0 to 0.1");
    Draws draws(seed, 0, stream::lattice, Purpose::anatomy_place);
    if constexpr (Shape::flat) {
        // sqrt(3)/2 spacing^2 = area of a cell
        spacing_ = std::sqrt(2.0 / sqrt3 / (per_mm3 * mm3_per_um3 * voxel_um));
        const double turn = draws.uniform();
        const double c = math::cos_turn(turn), s = math::sin_turn(turn);
        basis_[0] = {spacing_ * c, spacing_ * s, 0};
        basis_[1] = {spacing_ * (0.5 * c - 0.5 * sqrt3 * s), spacing_ * (0.5 * s + 0.5 * sqrt3 * c), 0};
        basis_[2] = {0, 0, 1};
        reach_ = jitter * spacing_;
        closest_ = spacing_ - 2.0 * sqrt2 * reach_;
        const double along_second = draws.uniform(), along_first = draws.uniform();
        origin_ = along_first * basis_[0] + along_second * basis_[1];
        origin_.z = 0.5 * voxel_um;
    } else {
        // spacing^3 / sqrt(2) = volume of a cell
        double volume = 1.0 / (per_mm3 * mm3_per_um3);
        spacing_ = math::exp(math::log(sqrt2 * volume) / 3.0);
        double q[4], norm = 0;
        for (double& component : q) {
            component = draws.normal();
            norm += component * component;
        }
        norm = std::sqrt(norm);
        const Vec3 axis{q[1] / norm, q[2] / norm, q[3] / norm};
        const Vec3 primitive[3] = {{1, 0, 0}, {0.5, 0.5 * sqrt3, 0}, {0.5, sqrt3 / 6.0, sqrt2 / sqrt3}};
        for (int a = 0; a < 3; ++a) basis_[a] = spacing_ * turned(q[0] / norm, axis, primitive[a]);
        reach_ = jitter * spacing_;
        closest_ = spacing_ - 2.0 * sqrt3 * reach_;
        const double along_third = draws.uniform(), along_second = draws.uniform(), along_first = draws.uniform();
        origin_ = along_first * basis_[0] + (along_second * basis_[1] + along_third * basis_[2]);
    }
    const double determinant = dot(basis_[0], cross(basis_[1], basis_[2]));
    for (int a = 0; a < 3; ++a) inverse_[a] = (1.0 / determinant) * cross(basis_[(a + 1) % 3], basis_[(a + 2) % 3]);
}

template <class Shape>
std::uint64_t Packing<Shape>::site_key(std::int32_t i, std::int32_t j, std::int32_t k) {
    return packed_key(i, j, k);
}

template <class Shape>
Vec3 Packing<Shape>::displaced(Vec3 site, std::uint64_t key) const {
    Draws draws(seed_, key, stream::hepatocyte, Purpose::anatomy_place);
    site.x += reach_ * (2.0 * draws.uniform_float() - 1.0);
    site.y += reach_ * (2.0 * draws.uniform_float() - 1.0);
    if (!Shape::flat) site.z += reach_ * (2.0 * draws.uniform_float() - 1.0);
    return site;
}

template <class Shape>
void Packing<Shape>::index_range(Vec3 low, Vec3 high, std::int32_t first[3], std::int32_t last[3]) const {
    // Lattice coordinates are linear in the place: their extremes over the box, sign by sign.
    const double low3[3] = {low.x - reach_ - origin_.x, low.y - reach_ - origin_.y, low.z - reach_ - origin_.z};
    const double high3[3] = {high.x + reach_ - origin_.x, high.y + reach_ - origin_.y, high.z + reach_ - origin_.z};
    for (int a = 0; a < 3; ++a) {
        if (Shape::flat && a == 2) {
            first[a] = last[a] = 0;
            continue;
        }
        const double weight[3] = {inverse_[a].x, inverse_[a].y, inverse_[a].z};
        double least = 0, most = 0;
        for (int c = 0; c < (Shape::flat ? 2 : 3); ++c) {
            const double p = weight[c] * low3[c], q = weight[c] * high3[c];
            least += std::min(p, q);
            most += std::max(p, q);
        }
        // One more on either side, so that rounding cannot lose a site.
        first[a] = std::int32_t(std::floor(least)) - 1;
        last[a] = std::int32_t(std::ceil(most)) + 1;
    }
}

template <class Shape>
Vec3 Packing<Shape>::nearest_site(Vec3 place) const {
    // The nearest site is a corner of the primitive cell around the place: that cell is made of two triangles, or of
    // two tetrahedra and an octahedron, and in each the nearest of all sites is one of its own corners.
    const Vec3 d = place - origin_;
    const auto i0 = std::int32_t(std::floor(dot(inverse_[0], d))), j0 = std::int32_t(std::floor(dot(inverse_[1], d)));
    const auto k0 = Shape::flat ? 0 : std::int32_t(std::floor(dot(inverse_[2], d)));
    Vec3 best{};
    double best_d2 = std::numeric_limits<double>::infinity();
    for (std::int32_t k = k0; k <= k0 + (Shape::flat ? 0 : 1); ++k)
        for (std::int32_t j = j0; j <= j0 + 1; ++j)
            for (std::int32_t i = i0; i <= i0 + 1; ++i) {
                const Vec3 site = undisturbed(i, j, k);
                const Vec3 off = place - site;
                const double d2 = dot(off, off);
                if (d2 < best_d2) best_d2 = d2, best = site;
            }
    return best;
}

template class Packing<SectionShape>;
template class Packing<BlockShape>;

}  // namespace stellate::liver
