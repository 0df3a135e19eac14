// The dense packing on which hepatocytes start: the hexagonal lattice in a section, the face-centred cubic lattice in a
// block, turned and shifted by the seed. All neighbours of a site stand at the same distance, so with radii of half
// that distance over the rest ratio every pair is at mechanical rest under any central law, whatever neighbours are
// missing; what force remains comes from the stated jitter alone. Sites have absolute names: any brick computes the
// same places.
#pragma once

#include <cstdint>

#include "core/vec.hpp"
#include "tissue/shape.hpp"

namespace stellate::liver {

template <class Shape>
class Packing {
public:
    // `per_mm3` of tissue that holds cells; in a section, of the slab one voxel thick. `jitter`: largest displacement
    // along each axis over the spacing.
    Packing(double per_mm3, double jitter, std::uint64_t seed);

    double spacing_um() const { return spacing_; }  // centre distance of neighbours
    double closest_um() const { return closest_; }  // no two centres can lie nearer

    // Calls visit(key, place in um) for every site whose place lies in the box [low, high), in the order of the
    // lattice; in a section z is the mid-plane and the box's z is not looked at.
    template <class Visit>
    void for_each_in(Vec3 low, Vec3 high, Visit&& visit) const {
        std::int32_t first[3], last[3];
        index_range(low, high, first, last);
        for (std::int32_t k = first[2]; k <= last[2]; ++k)
            for (std::int32_t j = first[1]; j <= last[1]; ++j)
                for (std::int32_t i = first[0]; i <= last[0]; ++i) {
                    const Vec3 site = undisturbed(i, j, k);
                    if (site.x < low.x - reach_ || site.x >= high.x + reach_ || site.y < low.y - reach_ ||
                        site.y >= high.y + reach_)
                        continue;
                    if (!Shape::flat && (site.z < low.z - reach_ || site.z >= high.z + reach_)) continue;
                    const std::uint64_t key = site_key(i, j, k);
                    const Vec3 place = displaced(site, key);
                    if (place.x < low.x || place.x >= high.x || place.y < low.y || place.y >= high.y) continue;
                    if (!Shape::flat && (place.z < low.z || place.z >= high.z)) continue;
                    visit(key, place);
                }
    }

    // The undisturbed site nearest to a place.
    Vec3 nearest_site(Vec3 place) const;

private:
    Vec3 undisturbed(std::int32_t i, std::int32_t j, std::int32_t k) const {
        return origin_ + (double(i) * basis_[0] + (double(j) * basis_[1] + double(k) * basis_[2]));
    }
    static std::uint64_t site_key(std::int32_t i, std::int32_t j, std::int32_t k);
    Vec3 displaced(Vec3 site, std::uint64_t key) const;
    void index_range(Vec3 low, Vec3 high, std::int32_t first[3], std::int32_t last[3]) const;

    std::uint64_t seed_;
    double spacing_, reach_, closest_;
    Vec3 origin_, basis_[3], inverse_[3];  // inverse_: dot products with place - origin give lattice coordinates
};

}  // namespace stellate::liver
