// The body of the contact kernel, in terms of sixteen lanes that the including file defines for its instruction set,
// and of the first eight of them, which are enough for most cells of a section:
//   Sixteen, Eight          each with Floats, Ints, Mask: floats, 32-bit integers, yes or no
//   load, broadcast, store, first_lanes, difference, add, subtract, multiply, divide, root, larger, less, both,
//   add_where, count, keep, lookup, fold
// Included once an instruction set, inside an unnamed namespace. No header may be included from here: an inline
// function compiled for a wide instruction set could be kept by the linker for everybody.

inline std::size_t bin_at(const KernelView& v, int i, int j, int k) {
    return std::size_t(k + v.ring_z) * std::size_t(v.stride_z) + std::size_t(j + 1) * std::size_t(v.stride_y) +
           std::size_t(i + 1);
}

// Copies the entries of the bins around (i, j, k) into one dense list: y within z, x contiguous.
inline std::uint32_t collect(const KernelView& v, int i, int j, int k, KernelScratch& s) {
    Fixed *const cx = s.x.data(), *const cy = s.y.data(), *const cz = s.z.data();
    float* const cr = s.radius.data();
    std::int32_t* const ct = s.type.data();
    std::uint32_t candidates = 0;
    for (int dk = -v.ring_z; dk <= v.ring_z; ++dk)
        for (int dj = -1; dj <= 1; ++dj) {
            const std::size_t bin = bin_at(v, i, j + dj, k + dk);
            const std::uint32_t begin = v.bin_start[bin - 1], end = v.bin_start[bin + 2];
            for (std::uint32_t from = begin; from < end;
                 from += Sixteen::count) {  // the last copy runs over; the next overwrites
                store(cx + candidates, load(Sixteen{}, v.x + from));
                store(cy + candidates, load(Sixteen{}, v.y + from));
                store(cz + candidates, load(Sixteen{}, v.z + from));
                store(cr + candidates, load(Sixteen{}, v.radius + from));
                store(ct + candidates, load(Sixteen{}, v.type + from));
                candidates += end - from < Sixteen::count ? end - from : Sixteen::count;
            }
        }
    return candidates;
}

inline std::uint32_t candidates_at_most(const KernelView& v, int i, int j, int k) {
    std::uint32_t sum = 0;
    for (int dk = -v.ring_z; dk <= v.ring_z; ++dk)
        for (int dj = -1; dj <= 1; ++dj) {
            const std::size_t bin = bin_at(v, i, j + dj, k + dk);
            sum += v.bin_start[bin + 2] - v.bin_start[bin - 1];
        }
    return sum;
}

template <class Floats>
inline Floats square(Floats x, Floats y, Floats z) {
    return add(add(multiply(x, x), multiply(y, y)), multiply(z, z));
}

// Of one cell: where its neighbours lie from it (fixed units), their contact distances and types.
struct Found {
    const float *dx, *dy, *dz, *contact;
    const std::int32_t* type;
    std::uint32_t count;
};

// What the neighbours do: their sums to `out`. The cell itself is among them, at distance 0, and counts for nothing.
// Returns how many were apart from the cell.
template <class Width>
inline int act(const Found& found, const float* push_of, const float* pull_of, float adhesion_reach, float* out) {
    using Floats = typename Width::Floats;
    const Floats inverse_reach = broadcast(Width{}, 1.0f / adhesion_reach), one = broadcast(Width{}, 1.0f),
                 zero = broadcast(Width{}, 0.0f);
    Floats sum_x = zero, sum_y = zero, sum_z = zero, sum_e = zero;
    int apart_from = 0;
    for (std::uint32_t block = 0; block < found.count; block += Width::count) {
        const Floats dx = load(Width{}, found.dx + block), dy = load(Width{}, found.dy + block),
                     dz = load(Width{}, found.dz + block);
        const typename Width::Ints type = load(Width{}, found.type + block);
        const Floats d2 = square(dx, dy, dz);
        const typename Width::Mask apart = both(less(zero, d2), first_lanes(Width{}, found.count - block));
        const Floats d = root(larger(d2, one));
        const Floats u = divide(d, load(Width{}, found.contact + block));
        const Floats e = larger(subtract(one, u), zero);
        const Floats a = larger(subtract(one, multiply(u, inverse_reach)), zero);
        const Floats push = lookup(push_of, type), pull = lookup(pull_of, type);
        const Floats e2 = multiply(e, e);
        const Floats g = divide(subtract(multiply(push, e2), multiply(pull, multiply(a, a))), d);
        sum_x = add_where(apart, sum_x, multiply(g, dx));
        sum_y = add_where(apart, sum_y, multiply(g, dy));
        sum_z = add_where(apart, sum_z, multiply(g, dz));
        sum_e = add_where(both(less(zero, push), apart), sum_e, e2);
        apart_from += count(apart);
    }
    fold(sum_x, sum_y, sum_z, sum_e, out);
    return apart_from;
}

// Who of the candidates is in range of cell `self`, in their order, written from place `at` of the scratch on.
inline Found find_neighbours(const KernelView& v, float adhesion_reach, std::uint32_t candidates, std::uint32_t self,
                             KernelScratch& s, std::size_t at) {
    using Floats = Sixteen::Floats;
    const Fixed *const cx = s.x.data(), *const cy = s.y.data(), *const cz = s.z.data();
    const float* const cr = s.radius.data();
    const std::int32_t* const ct = s.type.data();
    float *const nx = s.dx.data() + at, *const ny = s.dy.data() + at, *const nz = s.dz.data() + at,
                 *const nr = s.contact.data() + at;
    std::int32_t* const nt = s.neighbour_type.data() + at;
    const Floats reach = broadcast(Sixteen{}, adhesion_reach), scale = broadcast(Sixteen{}, fixed_per_um);
    const Sixteen::Ints x = broadcast(Sixteen{}, v.x[self]), y = broadcast(Sixteen{}, v.y[self]),
                        z = broadcast(Sixteen{}, v.z[self]);
    const Floats radius = broadcast(Sixteen{}, v.radius[self]);
    std::uint32_t found = 0;
    for (std::uint32_t block = 0; block < candidates; block += Sixteen::count) {
        const Floats dx = difference(x, load(Sixteen{}, cx + block)), dy = difference(y, load(Sixteen{}, cy + block)),
                     dz = difference(z, load(Sixteen{}, cz + block));
        const Floats contact = multiply(add(radius, load(Sixteen{}, cr + block)), scale);
        const Floats limit = multiply(reach, contact);
        const Sixteen::Mask hit =
            both(less(square(dx, dy, dz), multiply(limit, limit)), first_lanes(Sixteen{}, candidates - block));
        keep(hit, dx, nx + found);
        keep(hit, dy, ny + found);
        keep(hit, dz, nz + found);
        keep(hit, contact, nr + found);
        keep(hit, load(Sixteen{}, ct + block), nt + found);
        found += static_cast<std::uint32_t>(count(hit));
    }
    return {nx, ny, nz, nr, nt, found};
}

bool sums(const KernelView& v, const ContactTable& table, KernelScratch& s, float* out) {
    bool coincident = false;
    for (int k = v.k0; k <= v.k1; ++k)
        for (int j = v.j0; j <= v.j1; ++j)
            for (int i = v.i0; i <= v.i1; ++i) {
                const std::size_t bin = bin_at(v, i, j, k);
                const std::uint32_t last = v.bin_start[bin + 1];
                std::uint32_t self = v.bin_start[bin];
                if (self == last) continue;
                s.reserve(candidates_at_most(v, i, j, k));
                const std::uint32_t candidates = collect(v, i, j, k, s);
                float* to = out + std::size_t(4) * v.own_start[i + v.bins_x * (j + v.bins_y * k)];
                // First whose neighbours all are, then what these do: what has just been written in parts cannot be
                // read at once.
                while (self < last) {
                    Found found[cells_at_once];
                    const std::uint32_t cells = last - self < cells_at_once ? last - self : cells_at_once;
                    for (std::uint32_t n = 0; n < cells; ++n)
                        found[n] = find_neighbours(v, table.adhesion_reach, candidates, self + n, s,
                                                   std::size_t(n) * (candidates + Sixteen::count));
                    for (std::uint32_t n = 0; n < cells; ++n, ++self, to += 4) {
                        const float* const push_of = table.repulsion[v.type[self] & 31].data();
                        const float* const pull_of = table.adhesion[v.type[self] & 31].data();
                        // The lanes beyond eight would hold 0, and no sum here is ever -0: the bits are the same.
                        const int apart = found[n].count <= Eight::count
                                              ? act<Eight>(found[n], push_of, pull_of, table.adhesion_reach, to)
                                              : act<Sixteen>(found[n], push_of, pull_of, table.adhesion_reach, to);
                        coincident |= apart + 1 < static_cast<int>(found[n].count);
                    }
                }
            }
    return coincident;
}
