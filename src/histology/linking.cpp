#include "histology/linking.hpp"

#include <algorithm>
#include <cmath>

#include "core/error.hpp"

namespace stellate::histology {

namespace {

// Union-find whose root is always the lowest index of its set.
class Sets {
public:
    explicit Sets(std::size_t count) : parent_(count) {
        for (std::size_t i = 0; i < count; ++i) parent_[i] = static_cast<std::int32_t>(i);
    }
    std::int32_t root(std::int32_t i) {
        while (parent_[i] != i) {
            parent_[i] = parent_[parent_[i]];
            i = parent_[i];
        }
        return i;
    }
    void join(std::int32_t a, std::int32_t b) {
        a = root(a);
        b = root(b);
        if (a != b) parent_[std::max(a, b)] = std::min(a, b);
    }

private:
    std::vector<std::int32_t> parent_;
};

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

}  // namespace

Foci link_foci(std::span<const float> x, std::span<const float> y, std::span<const float> z, double link_um,
               int least_cells) {
    STELLATE_ASSERT(y.size() == x.size() && (z.empty() || z.size() == x.size()), x.size(), y.size(), z.size());
    STELLATE_ASSERT(link_um > 0 && least_cells > 0, link_um, least_cells);
    const auto count = x.size();
    const auto z_of = [&](std::size_t i) { return z.empty() ? 0.0 : static_cast<double>(z[i]); };

    std::vector<Bin> bins(count);
    const auto bin_of = [&](double v) { return static_cast<std::int64_t>(std::floor(v / link_um)); };
    for (std::size_t i = 0; i < count; ++i)
        bins[i] = {bin_of(x[i]), bin_of(y[i]), bin_of(z_of(i)), static_cast<std::int32_t>(i)};
    std::sort(bins.begin(), bins.end());

    // Every pair is met once: a row of bins (same z and y, x from -1 to +1) is one run of the sorted list.
    Sets sets(count);
    const double limit = link_um * link_um;
    for (const Bin& here : bins)
        for (std::int64_t dz = -1; dz <= 1; ++dz)
            for (std::int64_t dy = -1; dy <= 1; ++dy) {
                const Bin first{here.x - 1, here.y + dy, here.z + dz, 0};
                for (auto it = std::lower_bound(bins.begin(), bins.end(), first);
                     it != bins.end() && it->z == first.z && it->y == first.y && it->x <= here.x + 1; ++it) {
                    const std::int32_t a = here.point, b = it->point;
                    if (b <= a) continue;
                    const double px = double(x[a]) - x[b], py = double(y[a]) - y[b], pz = z_of(a) - z_of(b);
                    if (px * px + py * py + pz * pz <= limit) sets.join(a, b);
                }
            }

    std::vector<std::int32_t> size_of_root(count, 0);
    for (std::size_t i = 0; i < count; ++i) ++size_of_root[sets.root(static_cast<std::int32_t>(i))];
    Foci foci;
    foci.focus_of.assign(count, -1);
    std::vector<std::int32_t> number_of_root(count, -1);
    for (std::size_t i = 0; i < count; ++i) {
        const std::int32_t root = sets.root(static_cast<std::int32_t>(i));
        if (size_of_root[root] < least_cells) continue;
        if (number_of_root[root] < 0) {
            number_of_root[root] = static_cast<std::int32_t>(foci.cells.size());
            foci.cells.push_back(size_of_root[root]);
        }
        foci.focus_of[i] = number_of_root[root];
    }
    return foci;
}

}  // namespace stellate::histology
