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

std::uint32_t ContactTable::bearing_types() const {
    std::uint32_t bearing = 0;
    for (std::uint32_t a = 0; a < max_types; ++a) {
        int any = 0;
        for (std::uint32_t b = 0; b < max_types; ++b) any |= (repulsion[a][b] != 0) | (adhesion[a][b] != 0);
        bearing |= std::uint32_t(any) << a;
    }
    return bearing;
}

namespace {

KernelView view_of(const ContactScratch& m) {
    const Neighbourhood& around = m.around;
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
    view.own_start = m.own_start.data();
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

// Visits the entries of the brick's own cells: visit(entry of the neighbourhood, place among the brick's bearing
// cells).
template <class Visit>
void each_own(const Neighbourhood& around, Visit&& visit) {
    std::uint32_t place = 0;
    for (int k = 0; k < around.bins_z(); ++k)
        for (int j = 0; j < around.bins_y(); ++j) {
            const Neighbourhood::Range line = around.row_of_bins(0, around.bins_x() - 1, j, k);
            for (std::uint32_t entry = line.begin; entry < line.end; ++entry) visit(entry, place++);
        }
}

// Cells of exactly one place have no direction between them: the one with the larger id is pushed along +x, the other
// along -x, with the full repulsion less adhesion. Rare (nothing in the model creates such a pair), so by plain search
// within a bin, in which both must lie.
template <class Shape>
void part_coincident(const Brick<Shape>& brick, const ContactTable& table, ContactScratch& m) {
    const Cells& c = brick.cells;
    std::vector<std::uint32_t> rows;
    each_own(m.around, [&](std::uint32_t entry, std::uint32_t) { rows.push_back(m.around.row[entry]); });
    for (std::size_t bin = 0; bin + 1 < m.own_start.size(); ++bin)
        for (std::size_t p = m.own_start[bin]; p < m.own_start[bin + 1]; ++p)
            for (std::size_t q = m.own_start[bin]; q < m.own_start[bin + 1]; ++q) {
                const std::uint32_t a = rows[p], b = rows[q];
                if (a == b || c.x[a] != c.x[b] || c.y[a] != c.y[b] || c.z[a] != c.z[b]) continue;
                const std::size_t i = c.type[a] & 31u, j = c.type[b] & 31u;
                const float speed = table.repulsion[i][j] - table.adhesion[i][j];
                m.sums[4 * p] += c.id[a] > c.id[b] ? speed : -speed;
                if (table.repulsion[i][j] > 0) m.sums[4 * p + 3] += 1.0f;
            }
}

template <class Shape>
void gather(const Lattice<Shape>& lattice, const Brick<Shape>& brick, const ContactTable& table, ContactScratch& m) {
    m.around.build_of_types(lattice, brick, table.bearing_types());
    check_radii(lattice, brick, m.around, table);
    const int nx = m.around.bins_x(), ny = m.around.bins_y(), nz = m.around.bins_z();
    m.own_start.resize(std::size_t(nx) * std::size_t(ny) * std::size_t(nz) + 1);
    std::uint32_t count = 0;
    std::size_t bin = 0;
    for (int k = 0; k < nz; ++k)
        for (int j = 0; j < ny; ++j) {
            const std::uint32_t* const start = m.around.bin_start() +
                                               std::size_t(k + m.around.ring_z()) * std::size_t(m.around.stride_z()) +
                                               std::size_t(j + 1) * std::size_t(m.around.stride_y()) + 1;
            for (int i = 0; i < nx; ++i) m.own_start[bin++] = count + (start[i] - start[0]);
            count += start[nx] - start[0];
        }
    m.own_start[bin] = count;
    m.sums.resize(std::size_t(4) * count);
}

}  // namespace

template <class Shape>
void contact_velocities(const Lattice<Shape>& lattice, const Brick<Shape>& brick, const ContactTable& table,
                        std::span<const float> yield, std::span<const float> mobility, ContactScratch& scratch,
                        ContactVelocities& out, Lanes lanes) {
    const std::size_t rows = brick.cells.size();
    STELLATE_ASSERT(yield.size() == rows && mobility.size() == rows, yield.size(), mobility.size(), rows);
    for (auto* column : {&out.x, &out.y, &out.z, &out.pressure}) column->assign(rows, 0.0f);
    out.moving = false;
    if (rows == 0) return;

    gather(lattice, brick, table, scratch);
    if (contact_sums(lanes, view_of(scratch), table, scratch.kernel, scratch.sums.data()))
        part_coincident(brick, table, scratch);

    const std::size_t bearing = scratch.sums.size() / 4;
    for (auto* column : {&scratch.hold, &scratch.freedom, &scratch.vx, &scratch.vy, &scratch.vz})
        if (column->size() < bearing) column->resize(bearing);
    float *const hold = scratch.hold.data(), *const freedom = scratch.freedom.data();
    each_own(scratch.around, [&](std::uint32_t entry, std::uint32_t n) {
        hold[n] = yield[scratch.around.row[entry]];
        freedom[n] = mobility[scratch.around.row[entry]];
    });
    const float* const sums = scratch.sums.data();
    float *const vx = scratch.vx.data(), *const vy = scratch.vy.data(), *const vz = scratch.vz.data();
    int moving = 0;
#pragma omp simd reduction(| : moving)
    for (std::size_t n = 0; n < bearing; ++n) {
        const float x = sums[4 * n], y = sums[4 * n + 1], z = Shape::flat ? 0.0f : sums[4 * n + 2];
        const float speed = __builtin_sqrtf((x * x + y * y) + z * z);
        // Written so that a NaN passes on and is found by the guard of `advance`.
        const float factor = speed <= hold[n] ? 0.0f : (1.0f - hold[n] / speed) * freedom[n];
        vx[n] = x * factor;
        vy[n] = y * factor;
        vz[n] = z * factor;
        moving |= !(speed <= hold[n]);
    }
    out.moving = moving != 0;
    each_own(scratch.around, [&](std::uint32_t entry, std::uint32_t n) {
        const std::uint32_t row = scratch.around.row[entry];
        out.x[row] = vx[n];
        out.y[row] = vy[n];
        out.z[row] = vz[n];
        out.pressure[row] = table.contact_modulus * sums[4 * n + 3];
    });
}

template <class Shape>
float largest_excess_force(const Lattice<Shape>& lattice, const Brick<Shape>& brick, const ContactTable& table,
                           std::span<const float> yield, std::uint32_t neighbours, ContactScratch& scratch,
                           Lanes lanes) {
    const std::size_t rows = brick.cells.size();
    STELLATE_ASSERT(yield.size() == rows, yield.size(), rows);
    if (rows == 0 || neighbours == 0) return 0;
    gather(lattice, brick, table, scratch);
    const KernelView whole = view_of(scratch);
    std::fill(scratch.sums.begin(), scratch.sums.end(), 0.0f);

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
                coincident |= contact_sums(lanes, one, table, scratch.kernel, scratch.sums.data());
            }
    if (coincident) part_coincident(brick, table, scratch);

    float excess = 0;
    each_own(scratch.around, [&](std::uint32_t entry, std::uint32_t place) {
        const float* const s = scratch.sums.data() + 4 * std::size_t(place);  // 0 where the bin was not asked for
        const float z = Shape::flat ? 0.0f : s[2];
        excess = std::max(excess, std::sqrt((s[0] * s[0] + s[1] * s[1]) + z * z) - yield[scratch.around.row[entry]]);
    });
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
                                                  ContactScratch&, Lanes);
template float largest_excess_force<BlockShape>(const Lattice<BlockShape>&, const Brick<BlockShape>&,
                                                const ContactTable&, std::span<const float>, std::uint32_t,
                                                ContactScratch&, Lanes);

}  // namespace stellate::mechanics
