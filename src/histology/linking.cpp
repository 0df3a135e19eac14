#include "histology/linking.hpp"

#include <algorithm>
#include <cmath>

#include "core/disjoint_sets.hpp"
#include "core/error.hpp"

namespace stellate::histology {

namespace {

struct Bin {
    std::int64_t x, y, z;
    std::int32_t point;
    friend bool operator<(const Bin& a, const Bin& b) {
        if (a.z != b.z) return a.z < b.z;
        if (a.y != b.y) return a.y < b.y;
        if (a.x != b.x) return a.x < b.x;
        return a.point < b.point;
    }
};

// The living points in bins of one linking distance, sorted, so that a row of three bins along x is one run.
class Bins {
public:
    Bins(std::span<const float> x, std::span<const float> y, std::span<const float> z,
         std::span<const std::uint8_t> living, double link_um)
        : x_(x), y_(y), z_(z), link_(link_um) {
        for (std::size_t i = 0; i < x.size(); ++i)
            if (living.empty() || living[i]) bins_.push_back(at(i));
        std::sort(bins_.begin(), bins_.end());
    }

    // Visits (living point, squared distance) of those within the linking distance of a point, itself included if
    // living.
    template <class Visit>
    void near(std::int32_t point, Visit&& visit) const {
        const auto p = static_cast<std::size_t>(point);
        const Bin here = at(p);
        for (std::int64_t dz = -1; dz <= 1; ++dz)
            for (std::int64_t dy = -1; dy <= 1; ++dy) {
                const Bin first{here.x - 1, here.y + dy, here.z + dz, 0};
                for (auto it = std::lower_bound(bins_.begin(), bins_.end(), first);
                     it != bins_.end() && it->z == first.z && it->y == first.y && it->x <= here.x + 1; ++it) {
                    const auto q = static_cast<std::size_t>(it->point);
                    const double px = double(x_[p]) - x_[q], py = double(y_[p]) - y_[q], pz = z_of(p) - z_of(q);
                    const double squared = px * px + py * py + pz * pz;
                    if (squared <= link_ * link_) visit(it->point, squared);
                }
            }
    }

private:
    double z_of(std::size_t i) const { return z_.empty() ? 0.0 : static_cast<double>(z_[i]); }
    Bin at(std::size_t i) const {
        const auto bin_of = [&](double v) { return static_cast<std::int64_t>(std::floor(v / link_)); };
        return {bin_of(x_[i]), bin_of(y_[i]), bin_of(z_of(i)), static_cast<std::int32_t>(i)};
    }
    std::span<const float> x_, y_, z_;
    double link_;
    std::vector<Bin> bins_;
};

}  // namespace

Foci link_foci(std::span<const float> x, std::span<const float> y, std::span<const float> z, double link_um,
               int least_cells) {
    return link_foci(x, y, z, {}, link_um, least_cells);
}

Foci link_foci(std::span<const float> x, std::span<const float> y, std::span<const float> z,
               std::span<const std::uint8_t> living, double link_um, int least_cells) {
    STELLATE_ASSERT(y.size() == x.size() && (z.empty() || z.size() == x.size()), x.size(), y.size(), z.size());
    STELLATE_ASSERT(living.empty() || living.size() == x.size(), living.size(), x.size());
    STELLATE_ASSERT(link_um > 0 && least_cells > 0, link_um, least_cells);
    const auto count = static_cast<std::int32_t>(x.size());
    const auto lives = [&](std::int32_t i) { return living.empty() || living[static_cast<std::size_t>(i)] != 0; };
    const Bins bins(x, y, z, living, link_um);

    DisjointSets sets(x.size());
    for (std::int32_t i = 0; i < count; ++i)
        if (lives(i))
            bins.near(i, [&](std::int32_t other, double) {
                if (other > i) sets.join(std::size_t(i), std::size_t(other));  // every pair once
            });

    std::vector<std::int32_t> size_of_root(x.size(), 0), number_of_root(x.size(), -1);
    for (std::int32_t i = 0; i < count; ++i)
        if (lives(i)) ++size_of_root[sets.root(std::size_t(i))];
    Foci foci;
    foci.focus_of.assign(x.size(), -1);
    for (std::int32_t i = 0; i < count; ++i) {
        if (!lives(i)) continue;
        const std::size_t root = sets.root(std::size_t(i));
        if (size_of_root[root] < least_cells) continue;
        if (number_of_root[root] < 0) {
            number_of_root[root] = static_cast<std::int32_t>(foci.cells.size());
            foci.cells.push_back(size_of_root[root]);
        }
        foci.focus_of[i] = number_of_root[root];
    }
    for (std::int32_t i = 0; i < count; ++i) {
        if (lives(i)) continue;
        double nearest = 0;
        std::int32_t best = -1;
        bins.near(i, [&](std::int32_t other, double squared) {
            if (foci.focus_of[other] < 0) return;
            if (best < 0 || squared < nearest || (squared == nearest && other < best)) nearest = squared, best = other;
        });
        if (best >= 0) foci.focus_of[i] = foci.focus_of[best];
    }
    return foci;
}

}  // namespace stellate::histology
