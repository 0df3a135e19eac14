#include "mechanics/move.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/parallel.hpp"
#include "mechanics/pair_law.hpp"

namespace stellate::mechanics {

namespace {

// The first row that `velocity(row, axis)` (um/min) would move farther than the guard, or by no number; -1 if none.
template <class Velocity>
std::ptrdiff_t first_beyond(std::size_t rows, const Velocity& velocity, double dt_min, double guard_um) {
    STELLATE_ASSERT(guard_um > 0 && guard_um < 1000, guard_um);
    const auto square = [&](std::size_t row) {
        const double x = velocity(row, 0), y = velocity(row, 1), z = velocity(row, 2);
        return ((x * x + y * y) + z * z) * (dt_min * dt_min);
    };
    int beyond = 0;
#pragma omp simd reduction(| : beyond)
    for (std::size_t row = 0; row < rows; ++row) beyond |= !(square(row) <= guard_um * guard_um);
    if (!beyond) return -1;
    std::size_t row = 0;
    while (square(row) <= guard_um * guard_um) ++row;
    return std::ptrdiff_t(row);
}

template <class Shape, class Velocity>
[[noreturn]] void stop(const Brick<Shape>& brick, std::size_t row, const Velocity& velocity, double dt_min,
                       double guard_um, const std::string& why) {
    const double x = velocity(row, 0), y = velocity(row, 1), z = velocity(row, 2);
    throw RunError(fmt::format(
        "move: contacts would displace cell {} of brick ({}, {}, {}) by {} um in a sub-step of {} min; the limit is {} "
        "um{}",
        brick.cells.id[row], brick.at.x, brick.at.y, brick.at.z, std::sqrt((x * x + y * y) + z * z) * dt_min, dt_min,
        guard_um, why));
}

template <class Shape, class Velocity>
void advance_places(Brick<Shape>& brick, const Velocity& velocity, double dt_min) {
    Cells& cells = brick.cells;
    const std::size_t rows = cells.size();
    const double scale = dt_min * (1 << fixed_bits);
    Fixed *const x = cells.x.data(), *const y = cells.y.data(), *const z = cells.z.data();
#pragma omp simd
    for (std::size_t row = 0; row < rows; ++row) {
        x[row] += nearest_fixed(velocity(row, 0) * scale);
        y[row] += nearest_fixed(velocity(row, 1) * scale);
        if constexpr (!Shape::flat) z[row] += nearest_fixed(velocity(row, 2) * scale);
    }
}

auto of_contacts(const ContactVelocities& v) {
    return [x = v.x.data(), y = v.y.data(), z = v.z.data()](std::size_t row, int axis) {
        return double(axis == 0 ? x[row] : axis == 1 ? y[row] : z[row]);
    };
}

template <class Shape>
void advance_by_contacts(Brick<Shape>& brick, const ContactVelocities& v, double dt_min) {
    if (v.moving) advance_places(brick, of_contacts(v), dt_min);
    std::copy(v.pressure.begin(), v.pressure.end(), brick.cells.pressure.begin());
}

// The three contacts that act most on a cell, in words.
template <class Shape>
std::string strongest_contacts(const Lattice<Shape>& lattice, const Brick<Shape>& brick, const ContactTable& table,
                               std::size_t row) {
    struct Contact {
        double speed, apart_um;
        std::uint64_t id;
    };
    Neighbourhood around;
    around.build(lattice, brick);
    const std::uint64_t own = brick.cells.id[row];
    std::size_t self = 0;
    while (around.id[self] != own) ++self;
    std::vector<Contact> contacts;
    const AdhesionRepulsion law{&table};
    for (std::size_t other = 0; other < around.size(); ++other) {
        const Vec3 apart{um_from_fixed(around.x[self] - around.x[other]),
                         um_from_fixed(around.y[self] - around.y[other]),
                         um_from_fixed(around.z[self] - around.z[other])};
        const double d = std::sqrt(dot(apart, apart));
        if (other == self) continue;
        const double speed = law(d, PairCell{around.radius[self], around.type[self]},
                                 PairCell{around.radius[other], around.type[other]});
        if (speed != 0) contacts.push_back({speed, d, around.id[other]});
    }
    std::sort(contacts.begin(), contacts.end(), [](const Contact& a, const Contact& b) {
        return std::abs(a.speed) != std::abs(b.speed) ? std::abs(a.speed) > std::abs(b.speed) : a.id < b.id;
    });
    std::string text = fmt::format(" ({} contacts act on it", contacts.size());
    for (std::size_t n = 0; n < std::min<std::size_t>(3, contacts.size()); ++n)
        text += fmt::format("{}cell {}, {:.3g} um away, by {:.3g} um/min", n == 0 ? ": " : "; ", contacts[n].id,
                            contacts[n].apart_um, contacts[n].speed);
    return text + ")";
}

}  // namespace

template <class Shape>
void advance(Brick<Shape>& brick, const ContactVelocities& v, double dt_min, double guard_um) {
    STELLATE_ASSERT(v.x.size() == brick.cells.size(), v.x.size(), brick.cells.size());
    if (v.moving)
        if (const auto row = first_beyond(brick.cells.size(), of_contacts(v), dt_min, guard_um); row >= 0)
            stop(brick, std::size_t(row), of_contacts(v), dt_min, guard_um, "");
    advance_by_contacts(brick, v, dt_min);
}

template <class Shape>
void advance(Brick<Shape>& brick, std::span<const Vec3> v, double dt_min, double guard_um) {
    STELLATE_ASSERT(v.size() == brick.cells.size(), v.size(), brick.cells.size());
    const auto velocity = [&](std::size_t row, int axis) {
        return axis == 0 ? v[row].x : axis == 1 ? v[row].y : v[row].z;
    };
    if (const auto row = first_beyond(v.size(), velocity, dt_min, guard_um); row >= 0)
        stop(brick, std::size_t(row), velocity, dt_min, guard_um, "");
    advance_places(brick, velocity, dt_min);
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
            // Asked before anybody moves: the neighbours still stand where they pushed from.
            const ContactVelocities& v = scratch.velocities[std::size_t(b)];
            if (!v.moving) return;
            const auto velocity = of_contacts(v);
            const auto row = first_beyond(brick.cells.size(), velocity, settings.dt_min, settings.guard_um);
            if (row >= 0)
                stop(brick, std::size_t(row), velocity, settings.dt_min, settings.guard_um,
                     strongest_contacts(lattice, brick, table, std::size_t(row)));
        });
        parallel_for(count, threads, [&](std::int64_t b) {
            Brick<Shape>& brick = *bricks[std::size_t(b)];
            if (!brick.activity.cells_awake) return;
            advance_by_contacts(brick, scratch.velocities[std::size_t(b)], settings.dt_min);
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
