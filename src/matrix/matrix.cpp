#include "matrix/matrix.hpp"

#include <algorithm>
#include <cmath>

#include "core/math.hpp"

namespace stellate::matrix {

void Work::clear(std::size_t voxels) {
    for (auto* column : {&deposition, &crosslinking, &degradation, &timp, &align_cos, &align_sin})
        column->assign(voxels, 0.0f);
    any = false;
}

template <class Shape>
float remodel(const Parameters& p, const Work& work, double dt_min, Brick<Shape>& brick) {
    float largest_rate = 0;
    Matrix& m = brick.matrix;
    // Cross-links go to `rest` by a share within the tick; most voxels have nobody who closes them, and then both are
    // the same.
    struct Course {
        double rest = 0, share = 0;
    };
    const auto course = [&](double closing) -> Course {
        const double open = p.crosslink_opening_per_min, total = closing + open;
        if (!(total > 0)) return {};
        return {(closing + open * p.crosslink_baseline) / total, math::chance(total * dt_min)};
    };
    const Course undisturbed = course(0);
    for (std::size_t v = 0; v < std::size_t(voxels_per_brick<Shape>); ++v) {
        const double healthy = brick.healthy.collagen[v];
        const double excess = m.collagen[v] - healthy;
        const double opening = m.crosslink[v] - p.crosslink_baseline;
        if (excess == 0 && opening == 0 && work.deposition[v] == 0 && work.crosslinking[v] == 0) continue;

        // Linear in the excess over one tick, so the exponential step is exact for constant work.
        const double inhibition = work.timp[v] == 0 ? 1.0 : 1.0 + work.timp[v] / p.timp_half_density_per_um3;
        const double shield = 1.0 - p.crosslink_protection * m.crosslink[v];
        const double rate = (p.degradation_per_min + work.degradation[v]) * shield / inhibition;
        const double lost =
            excess == 0 && work.deposition[v] == 0 ? 0.0 : math::chance(rate * dt_min);  // share of the excess
        double gained = 0;
        if (work.deposition[v] != 0) {
            const double room = std::max(0.0, 1.0 - m.collagen[v] / p.collagen_ceiling_mg_per_ml);
            const double deposition = work.deposition[v] * room;
            gained = rate > 0 ? deposition * lost / rate : deposition * dt_min;
        }
        const double collagen = healthy + (excess - excess * lost) + gained;

        // New collagen dilutes the cross-links; cells close them; they open slowly.
        const double fresh = gained != 0 ? std::min(1.0, gained / collagen) : 0.0;  // share of the collagen
        const double diluted =
            collagen > 0 ? m.crosslink[v] + (p.crosslink_baseline - m.crosslink[v]) * fresh : p.crosslink_baseline;
        const Course now = work.crosslinking[v] == 0 ? undisturbed : course(work.crosslinking[v]);
        const double crosslink = diluted + (now.rest - diluted) * now.share;

        if (gained > 0) {
            const double turn = math::chance(p.alignment_per_deposit * gained);
            const double weight = work.deposition[v];
            m.fibre_cos[v] = static_cast<float>(m.fibre_cos[v] + turn * (work.align_cos[v] / weight - m.fibre_cos[v]));
            m.fibre_sin[v] = static_cast<float>(m.fibre_sin[v] + turn * (work.align_sin[v] / weight - m.fibre_sin[v]));
        }
        largest_rate = std::max(largest_rate, static_cast<float>(std::abs(collagen - m.collagen[v]) / dt_min));
        m.collagen[v] = static_cast<float>(collagen);
        m.crosslink[v] = static_cast<float>(crosslink);
    }
    return largest_rate;
}

float stiffness_kpa(const Parameters& p, float collagen, float healthy_collagen, float crosslink) {
    const double excess = std::max(0.0f, collagen - healthy_collagen);
    return static_cast<float>(p.stiffness_baseline_kpa +
                              p.stiffness_per_collagen_kpa * excess * (1.0 + p.crosslink_stiffening * crosslink));
}

float mobility(const Parameters& p, float collagen, float healthy_collagen) {
    const double excess = std::max(0.0f, collagen - healthy_collagen);
    return static_cast<float>(1.0 - math::hill(excess, p.confinement_half_mg_per_ml, p.confinement_power));
}

template float remodel<SectionShape>(const Parameters&, const Work&, double, Brick<SectionShape>&);
template float remodel<BlockShape>(const Parameters&, const Work&, double, Brick<BlockShape>&);

}  // namespace stellate::matrix
