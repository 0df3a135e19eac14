#include "mechanics/move.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/parallel.hpp"

namespace stellate::mechanics {

namespace {

// `velocity(row, axis)` in um/min.
template <class Shape, class Velocity>
void advance_places(Brick<Shape>& brick, const Velocity& velocity, double dt_min, double guard_um) {
    Cells& cells = brick.cells;
    const std::size_t rows = cells.size();
    STELLATE_ASSERT(guard_um > 0 && guard_um < 1000, guard_um);
    const auto square = [&](std::size_t row) {
        const double x = velocity(row, 0), y = velocity(row, 1), z = velocity(row, 2);
        return ((x * x + y * y) + z * z) * (dt_min * dt_min);
    };
    int beyond = 0;
#pragma omp simd reduction(| : beyond)
    for (std::size_t row = 0; row < rows; ++row) beyond |= !(square(row) <= guard_um * guard_um);
    if (beyond)
        for (std::size_t row = 0; row < rows; ++row)
            if (!(square(row) <= guard_um * guard_um))
                throw RunError(fmt::format(
                    "move: contacts would displace cell {} of brick ({}, {}, {}) by {} um in a sub-step of {} min; the "
                    "limit "
                    "is {} um",
                    cells.id[row], brick.at.x, brick.at.y, brick.at.z, std::sqrt(square(row)), dt_min, guard_um));

    const double scale = dt_min * (1 << fixed_bits);
    Fixed *const x = cells.x.data(), *const y = cells.y.data(), *const z = cells.z.data();
#pragma omp simd
    for (std::size_t row = 0; row < rows; ++row) {
        x[row] += nearest_fixed(velocity(row, 0) * scale);
        y[row] += nearest_fixed(velocity(row, 1) * scale);
        if constexpr (!Shape::flat) z[row] += nearest_fixed(velocity(row, 2) * scale);
    }
}

}  // namespace

template <class Shape>
void advance(Brick<Shape>& brick, const ContactVelocities& v, double dt_min, double guard_um) {
    STELLATE_ASSERT(v.x.size() == brick.cells.size(), v.x.size(), brick.cells.size());
    const float* const of_axis[3] = {v.x.data(), v.y.data(), v.z.data()};
    if (v.moving)
        advance_places(brick, [&](std::size_t row, int axis) { return double(of_axis[axis][row]); }, dt_min, guard_um);
    std::copy(v.pressure.begin(), v.pressure.end(), brick.cells.pressure.begin());
}

template <class Shape>
void advance(Brick<Shape>& brick, std::span<const Vec3> v, double dt_min, double guard_um) {
    STELLATE_ASSERT(v.size() == brick.cells.size(), v.size(), brick.cells.size());
    advance_places(
        brick, [&](std::size_t row, int axis) { return axis == 0   ? v[row].x
                                                       : axis == 1 ? v[row].y
                                                                   : v[row].z; },
        dt_min, guard_um);
}

template <class Shape>
void move_cells(Lattice<Shape>& lattice, const ContactTable& table, const MoveSettings& settings,
                const Limits<Shape>& limits, int threads, MoveScratch& scratch) {
    struct OfThread {
        ContactScratch contact;
        std::vector<float> yield, mobility;
    };
    const auto& bricks = lattice.in_memory();
    const auto count = static_cast<std::int64_t>(bricks.size());
    scratch.velocities.resize(bricks.size());
    for (ContactVelocities& v : scratch.velocities) v.moving = false;  // of whom an arrival wakes in the last settle
    for (int substep = 0; substep < settings.substeps; ++substep) {
        parallel_for(count, threads, [&](std::int64_t b) {
            thread_local OfThread of_thread;
            const Brick<Shape>& brick = *bricks[std::size_t(b)];
            if (!brick.activity.cells_awake) return;
            of_thread.yield.assign(brick.cells.size(), 0.0f);
            of_thread.mobility.assign(brick.cells.size(), 1.0f);
            if (limits) limits(std::size_t(b), brick, of_thread.yield, of_thread.mobility);
            contact_velocities(lattice, brick, table, of_thread.yield, of_thread.mobility, of_thread.contact,
                               scratch.velocities[std::size_t(b)], settings.lanes);
        });
        parallel_for(count, threads, [&](std::int64_t b) {
            Brick<Shape>& brick = *bricks[std::size_t(b)];
            if (!brick.activity.cells_awake) return;
            advance(brick, scratch.velocities[std::size_t(b)], settings.dt_min, settings.guard_um);
        });
        lattice.settle(threads);
    }
}

double step_limit(const ContactTable& table, double smallest_radius_um, int dimensions, Packing packing) {
    STELLATE_ASSERT(smallest_radius_um > 0 && (dimensions == 2 || dimensions == 3), smallest_radius_um, dimensions);
    STELLATE_ASSERT(packing.neighbours > 0 && packing.overlap > 0, packing.neighbours, packing.overlap);
    double strongest = 0;
    for (const auto& row : table.repulsion)
        for (float push : row) strongest = std::max(strongest, double(push));
    const double stiffness = 2.0 * strongest * packing.overlap / (2.0 * smallest_radius_um);
    return dimensions / (packing.neighbours * stiffness);  // infinite where nothing repels
}

double step_limit(const ContactTable& table, double smallest_radius_um, int dimensions) {
    return step_limit(table, smallest_radius_um, dimensions, close_packing(dimensions));
}

void require_stable_step(double dt_min, double limit_min) {
    if (!(dt_min > 0 && dt_min <= limit_min))
        throw RunError(fmt::format("a sub-step of {} min is not stable for packed tissue; the step limit is {:.4g} min",
                                   dt_min, limit_min));
}

template void advance<SectionShape>(Brick<SectionShape>&, const ContactVelocities&, double, double);
template void advance<BlockShape>(Brick<BlockShape>&, const ContactVelocities&, double, double);
template void advance<SectionShape>(Brick<SectionShape>&, std::span<const Vec3>, double, double);
template void advance<BlockShape>(Brick<BlockShape>&, std::span<const Vec3>, double, double);
template void move_cells<SectionShape>(Lattice<SectionShape>&, const ContactTable&, const MoveSettings&,
                                       const Limits<SectionShape>&, int, MoveScratch&);
template void move_cells<BlockShape>(Lattice<BlockShape>&, const ContactTable&, const MoveSettings&,
                                     const Limits<BlockShape>&, int, MoveScratch&);

}  // namespace stellate::mechanics
