#include "immune/attack.hpp"

namespace stellate::immune {

Target nearest_target(const Neighbourhood& around, std::uint32_t self, int i, int j, int k, double reach,
                      std::span<const float> attackable) {
    Target best;
    double best_squared = 0;
    const int deep = around.ring_z();
    for (int dk = -deep; dk <= deep; ++dk)
        for (int dj = -1; dj <= 1; ++dj) {
            const auto range = around.row_of_bins(i - 1, i + 1, j + dj, k + dk);
            for (std::uint32_t n = range.begin; n < range.end; ++n) {
                if (!(attackable[around.type[n]] > 0) || around.phase[n] == Phase::dying || n == self) continue;
                const double dx = um_from_fixed(around.x[n] - around.x[self]);
                const double dy = um_from_fixed(around.y[n] - around.y[self]);
                const double dz = um_from_fixed(around.z[n] - around.z[self]);
                const double squared = dx * dx + dy * dy + dz * dz;
                const double touch = reach * (double(around.radius[n]) + double(around.radius[self]));
                if (squared >= touch * touch) continue;
                if (best.none() || squared < best_squared || (squared == best_squared && around.id[n] < best.id)) {
                    best = {around.id[n], around.row[n], around.source[n], around.type[n]};
                    best_squared = squared;
                }
            }
        }
    return best;
}

}  // namespace stellate::immune
