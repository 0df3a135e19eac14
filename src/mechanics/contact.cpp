#include "mechanics/contact.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/error.hpp"

namespace stellate::mechanics {

void ContactTable::set(int a, int b, float repulsion_um_min, float adhesion_um_min) {
    STELLATE_ASSERT(a >= 0 && a < max_types && b >= 0 && b < max_types, a, b);
    const auto i = static_cast<std::size_t>(a), j = static_cast<std::size_t>(b);
    repulsion[i][j] = repulsion[j][i] = repulsion_um_min;
    adhesion[i][j] = adhesion[j][i] = adhesion_um_min;
}

void check(const ContactTable& table) {
    const auto usable = [](float v) { return v >= 0 && std::isfinite(v); };
    if (!(table.adhesion_reach >= 1) || !std::isfinite(table.adhesion_reach))
        throw RunError(fmt::format("contact table: adhesion reach {} must be at least 1", table.adhesion_reach));
    if (!usable(table.contact_modulus))
        throw RunError(
            fmt::format("contact table: contact modulus {} kPa must not be negative", table.contact_modulus));
    for (std::size_t i = 0; i < max_types; ++i)
        for (std::size_t j = 0; j < max_types; ++j) {
            const float push = table.repulsion[i][j], pull = table.adhesion[i][j];
            if (!usable(push) || !usable(pull))
                throw RunError(
                    fmt::format("contact table: types {} and {}: repulsion {} and adhesion {} um/min must be finite "
                                "and not negative",
                                i, j, push, pull));
            if (push != table.repulsion[j][i] || pull != table.adhesion[j][i])
                throw RunError(fmt::format("contact table: types {} and {} act on each other differently", i, j));
        }
}

namespace {

template <class Shape>
KernelView view_of(const Neighbourhood& around, const Brick<Shape>& brick) {
    KernelView view{};
    view.x = around.x.data();
    view.y = around.y.data();
    view.z = around.z.data();
    view.radius = around.radius.data();
    view.type = around.type.data();
    view.bin_start = around.bin_start();
    view.stride_y = around.stride_y();
    view.stride_z = around.stride_z();
    view.ring_z = around.ring_z();
    view.own_start = brick.bin_start.data();
    view.bins_x = around.bins_x();
    view.bins_y = around.bins_y();
    view.i1 = around.bins_x() - 1;
    view.j1 = around.bins_y() - 1;
    view.k1 = around.bins_z() - 1;
    return view;
}

std::string name_of(BrickCoord at) { return fmt::format("({}, {}, {})", at.x, at.y, at.z); }

// Every radius must be a positive number that the bins can hold: else a neighbour might lie beyond the adjacent bin.
template <class Shape>
void check_radii(const Lattice<Shape>& lattice, const Brick<Shape>& brick, const Neighbourhood& around,
                 const ContactTable& table) {
    const double edge = bin_edge_um<Shape>(lattice.bins());
    const auto largest = static_cast<float>(edge / (2.0 * double(table.adhesion_reach)));
    int bad = 0;
    const float* const radius = around.radius.data();
    for (std::size_t n = 0; n < around.size(); ++n) bad |= !(radius[n] > 0 && radius[n] <= largest);
    if (!bad) return;
    for (std::size_t n = 0; n < around.size(); ++n)
        if (!(radius[n] > 0 && radius[n] <= largest))
            throw RunError(
                fmt::format("mechanics: a cell in or beside brick {} has radius {} um; bins of {:.3f} um and an "
                            "adhesion reach of {} allow more than 0 and at most {} um",
                            name_of(brick.at), radius[n], edge, table.adhesion_reach, largest));
}

// Cells of exactly one place have no direction between them: the one with the larger id is pushed along +x, the other
// along -x, with the full repulsion less adhesion. Rare (nothing in the model creates such a pair), so by plain search
// within a bin, in which both must lie.
template <class Shape>
void part_coincident(const Brick<Shape>& brick, const ContactTable& table, ContactVelocities& out) {
    const Cells& c = brick.cells;
    for (std::size_t bin = 0; bin + 1 < brick.bin_start.size(); ++bin)
        for (std::size_t a = brick.bin_start[bin]; a < brick.bin_start[bin + 1]; ++a)
            for (std::size_t b = brick.bin_start[bin]; b < brick.bin_start[bin + 1]; ++b) {
                if (a == b || c.x[a] != c.x[b] || c.y[a] != c.y[b] || c.z[a] != c.z[b]) continue;
                const std::size_t i = c.type[a] & 31u, j = c.type[b] & 31u;
                const float speed = table.repulsion[i][j] - table.adhesion[i][j];
                out.sums[4 * a] += c.id[a] > c.id[b] ? speed : -speed;
                if (table.repulsion[i][j] > 0) {
                    out.sums[4 * a + 3] += 1.0f;
                    out.touching[a] = static_cast<std::uint8_t>(std::min(255, out.touching[a] + 1));
                }
            }
}

}  // namespace

template <class Shape>
void contact_velocities(const Lattice<Shape>& lattice, const Brick<Shape>& brick, const ContactTable& table,
                        std::span<const float> yield, std::span<const float> mobility, ContactScratch& scratch,
                        ContactVelocities& out, Lanes lanes) {
    const std::size_t rows = brick.cells.size();
    STELLATE_ASSERT(yield.size() == rows && mobility.size() == rows, yield.size(), mobility.size(), rows);
    out.x.resize(rows);
    out.y.resize(rows);
    out.z.resize(rows);
    out.pressure.resize(rows);
    out.touching.resize(rows);
    out.sums.resize(4 * rows);
    if (rows == 0) return;

    scratch.around.build(lattice, brick, Neighbourhood::Columns::places);
    check_radii(lattice, brick, scratch.around, table);
    if (contact_sums(lanes, view_of(scratch.around, brick), table, scratch.kernel,
                     {out.sums.data(), out.touching.data()}))
        part_coincident(brick, table, out);

    const float* const sums = out.sums.data();
    float *const vx = out.x.data(), *const vy = out.y.data(), *const vz = out.z.data(),
                 *const pressure = out.pressure.data();
    const float *const hold = yield.data(), *const freedom = mobility.data();
#pragma omp simd
    for (std::size_t row = 0; row < rows; ++row) {
        const float x = sums[4 * row], y = sums[4 * row + 1], z = Shape::flat ? 0.0f : sums[4 * row + 2];
        const float speed = __builtin_sqrtf((x * x + y * y) + z * z);
        // Written so that a NaN passes on and is found by the guard of `advance`.
        const float factor = speed <= hold[row] ? 0.0f : (1.0f - hold[row] / speed) * freedom[row];
        vx[row] = x * factor;
        vy[row] = y * factor;
        vz[row] = z * factor;
        pressure[row] = table.contact_modulus * sums[4 * row + 3];
    }
}

template <class Shape>
float largest_excess_force(const Lattice<Shape>& lattice, const Brick<Shape>& brick, const ContactTable& table,
                           std::span<const float> yield, std::uint32_t neighbours, ContactScratch& scratch) {
    const std::size_t rows = brick.cells.size();
    STELLATE_ASSERT(yield.size() == rows, yield.size(), rows);
    if (rows == 0 || neighbours == 0) return 0;
    scratch.around.build(lattice, brick, Neighbourhood::Columns::places);
    check_radii(lattice, brick, scratch.around, table);
    const KernelView whole = view_of(scratch.around, brick);
    scratch.rim.sums.assign(4 * rows, 0.0f);
    scratch.rim.touching.assign(rows, 0);

    bool coincident = false;
    const int n[3] = {whole.i1 + 1, whole.j1 + 1, whole.k1 + 1};
    const auto beside = [&](int bin, int axis, int step) { return step == 0 || bin == (step < 0 ? 0 : n[axis] - 1); };
    for (int k = 0; k < n[2]; ++k)
        for (int j = 0; j < n[1]; ++j)
            for (int i = 0; i < n[0]; ++i) {
                bool touched = false;
                for (int m = 0; m < 27; ++m)
                    touched =
                        touched || ((neighbours >> m & 1u) != 0 && m != Neighbourhood::own && beside(i, 0, m % 3 - 1) &&
                                    beside(j, 1, m / 3 % 3 - 1) && beside(k, 2, m / 9 - 1));
                if (!touched) continue;
                KernelView one = whole;
                one.i0 = one.i1 = i;
                one.j0 = one.j1 = j;
                one.k0 = one.k1 = k;
                coincident |= contact_sums(fastest_here(), one, table, scratch.kernel,
                                           {scratch.rim.sums.data(), scratch.rim.touching.data()});
            }
    if (coincident) part_coincident(brick, table, scratch.rim);

    float excess = 0;
    for (std::size_t row = 0; row < rows; ++row) {
        const float* const s = scratch.rim.sums.data() + 4 * row;  // 0 where the bin was not asked for
        const float z = Shape::flat ? 0.0f : s[2];
        excess = std::max(excess, std::sqrt((s[0] * s[0] + s[1] * s[1]) + z * z) - yield[row]);
    }
    return excess;
}

template void contact_velocities<SectionShape>(const Lattice<SectionShape>&, const Brick<SectionShape>&,
                                               const ContactTable&, std::span<const float>, std::span<const float>,
                                               ContactScratch&, ContactVelocities&, Lanes);
template void contact_velocities<BlockShape>(const Lattice<BlockShape>&, const Brick<BlockShape>&, const ContactTable&,
                                             std::span<const float>, std::span<const float>, ContactScratch&,
                                             ContactVelocities&, Lanes);
template float largest_excess_force<SectionShape>(const Lattice<SectionShape>&, const Brick<SectionShape>&,
                                                  const ContactTable&, std::span<const float>, std::uint32_t,
                                                  ContactScratch&);
template float largest_excess_force<BlockShape>(const Lattice<BlockShape>&, const Brick<BlockShape>&,
                                                const ContactTable&, std::span<const float>, std::uint32_t,
                                                ContactScratch&);

}  // namespace stellate::mechanics
