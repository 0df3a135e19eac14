#include "mechanics/motility.hpp"

#include <array>
#include <cmath>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/math.hpp"

namespace stellate::mechanics {

template <class Shape>
Vec3 biased_heading(Draws& draws, double bias, Vec3 toward) {
    const Vec3 xi = Shape::flat ? draws.direction_in_plane() : draws.direction_on_sphere();
    if (Shape::flat) toward.z = 0;
    if (toward == Vec3{}) return xi;
    const Vec3 sum = bias * toward + (1.0 - bias) * xi;
    const double size = std::sqrt(dot(sum, sum));
    return size > 1e-9 ? (1.0 / size) * sum : xi;
}

template <class Shape>
void walk(Brick<Shape>& brick, const WalkRows& rows, std::span<const Walk> by_type, double dt_min, std::uint64_t seed,
          std::uint32_t tick, int first_substep, double guard_um, const Barrier& barrier, const Arrival& arrival) {
    Cells& c = brick.cells;
    STELLATE_ASSERT(rows.speed.size() == c.size() && rows.bias.size() == c.size() && rows.toward_x.size() == c.size(),
                    rows.speed.size(), rows.bias.size(), rows.toward_x.size(), c.size());
    STELLATE_ASSERT(tick < (1u << 24), tick);
    std::array<double, 256> renewal;  // of a sub-step, by type
    renewal.fill(-1);
    for (std::size_t row = 0; row < c.size(); ++row) {
        const double speed = rows.speed[row];
        if (speed == 0) continue;
        STELLATE_ASSERT(c.type[row] < by_type.size(), int(c.type[row]), by_type.size());
        const Walk& walk = by_type[c.type[row]];
        const double step_min = dt_min / walk.substeps;
        if (!(std::abs(speed) * step_min <= guard_um))
            throw RunError(
                fmt::format("move: cell {} of brick ({}, {}, {}) would walk {} um in a sub-step of {} min; the limit "
                            "is {} um",
                            c.id[row], brick.at.x, brick.at.y, brick.at.z, speed * step_min, step_min, guard_um));
        double& chance = renewal[c.type[row]];
        if (chance < 0) chance = walk.persistence_min > 0 ? math::chance(step_min / walk.persistence_min) : 1.0;

        const Vec3 toward{rows.toward_x[row], rows.toward_y[row], rows.toward_z[row]};
        if (!(rows.bias[row] >= 0 && rows.bias[row] <= 1 && dot(toward, toward) <= 1.001))
            throw RunError(fmt::format(
                "move: cell {} of brick ({}, {}, {}) is to walk with bias {} towards ({}, {}, {}); "
                "expected a bias in [0, 1] and a unit direction",
                c.id[row], brick.at.x, brick.at.y, brick.at.z, rows.bias[row], toward.x, toward.y, toward.z));
        Vec3 heading{c.heading_x[row], c.heading_y[row], c.heading_z[row]};
        const double length = speed * step_min * (1 << fixed_bits);
        for (int s = 0; s < walk.substeps; ++s) {
            const int substep = first_substep + s;
            STELLATE_ASSERT(substep < most_walk_steps, substep);
            Draws draws(seed, c.id[row], tick | (static_cast<std::uint32_t>(substep) << 24), Purpose::heading);
            const bool renews = draws.uniform() < chance;
            if (renews || heading == Vec3{}) {
                const Vec3 chosen = biased_heading<Shape>(draws, rows.bias[row], toward);
                // As stored: a heading that is read back gives the same step.
                heading = {float(chosen.x), float(chosen.y), float(chosen.z)};
            }
            const Place from{c.x[row], c.y[row], c.z[row]};
            Place to{from[0] + nearest_fixed(length * heading.x), from[1] + nearest_fixed(length * heading.y), from[2]};
            if constexpr (!Shape::flat) to[2] += nearest_fixed(length * heading.z);
            if (walk.barred && barrier && barrier(from, to)) {
                heading = {};
                continue;
            }
            c.x[row] = to[0], c.y[row] = to[1], c.z[row] = to[2];
            if (walk.seeks && arrival && arrival(row, to)) break;
        }
        c.heading_x[row] = static_cast<float>(heading.x);
        c.heading_y[row] = static_cast<float>(heading.y);
        c.heading_z[row] = static_cast<float>(heading.z);
    }
}

template Vec3 biased_heading<SectionShape>(Draws&, double, Vec3);
template Vec3 biased_heading<BlockShape>(Draws&, double, Vec3);
template void walk<SectionShape>(Brick<SectionShape>&, const WalkRows&, std::span<const Walk>, double, std::uint64_t,
                                 std::uint32_t, int, double, const Barrier&, const Arrival&);
template void walk<BlockShape>(Brick<BlockShape>&, const WalkRows&, std::span<const Walk>, double, std::uint64_t,
                               std::uint32_t, int, double, const Barrier&, const Arrival&);

}  // namespace stellate::mechanics
