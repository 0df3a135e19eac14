// The body of the contact kernel, in terms of sixteen lanes that the including file defines for its instruction set:
//   Floats, Ints, Mask      sixteen floats, sixteen 32-bit integers, sixteen yes or no
//   load, broadcast, store, first_lanes, difference, add, subtract, multiply, divide, root, larger, less, both,
//   keep_where, add_where, count, keep, lookup, fold_to_four
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
                 from += lanes) {  // the last copy runs over; the next overwrites
                store(cx + candidates, load(v.x + from));
                store(cy + candidates, load(v.y + from));
                store(cz + candidates, load(v.z + from));
                store(cr + candidates, load(v.radius + from));
                store(ct + candidates, load(v.type + from));
                candidates += end - from < lanes ? end - from : lanes;
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

inline Floats square(Floats x, Floats y, Floats z) { return add(add(multiply(x, x), multiply(y, y)), multiply(z, z)); }

bool sums(const KernelView& v, const ContactTable& table, KernelScratch& s, float* out) {
    const Floats reach = broadcast(table.adhesion_reach), inverse_reach = broadcast(1.0f / table.adhesion_reach);
    const Floats scale = broadcast(fixed_per_um), one = broadcast(1.0f), zero = broadcast(0.0f);
    bool coincident = false;
    for (int k = v.k0; k <= v.k1; ++k)
        for (int j = v.j0; j <= v.j1; ++j)
            for (int i = v.i0; i <= v.i1; ++i) {
                const std::size_t bin = bin_at(v, i, j, k);
                const std::uint32_t first = v.bin_start[bin], last = v.bin_start[bin + 1];
                if (first == last) continue;
                s.reserve(candidates_at_most(v, i, j, k));
                const std::uint32_t candidates = collect(v, i, j, k, s);
                const Fixed *const cx = s.x.data(), *const cy = s.y.data(), *const cz = s.z.data();
                const float* const cr = s.radius.data();
                const std::int32_t* const ct = s.type.data();
                float *const nx = s.dx.data(), *const ny = s.dy.data(), *const nz = s.dz.data(),
                             *const nr = s.contact.data();
                std::int32_t* const nt = s.neighbour_type.data();
                std::uint32_t row = v.own_start[i + v.bins_x * (j + v.bins_y * k)];
                for (std::uint32_t self = first; self < last; ++self, ++row) {
                    const Ints x = broadcast(v.x[self]), y = broadcast(v.y[self]), z = broadcast(v.z[self]);
                    const Floats radius = broadcast(v.radius[self]);

                    // Who is in range, in the order of the candidates.
                    std::uint32_t found = 0;
                    for (std::uint32_t block = 0; block < candidates; block += lanes) {
                        const Floats dx = difference(x, load(cx + block)), dy = difference(y, load(cy + block)),
                                     dz = difference(z, load(cz + block));
                        const Floats contact = multiply(add(radius, load(cr + block)), scale);
                        const Floats limit = multiply(reach, contact);
                        const Mask hit =
                            both(less(square(dx, dy, dz), multiply(limit, limit)), first_lanes(candidates - block));
                        keep(hit, dx, nx + found);
                        keep(hit, dy, ny + found);
                        keep(hit, dz, nz + found);
                        keep(hit, contact, nr + found);
                        keep(hit, load(ct + block), nt + found);
                        found += static_cast<std::uint32_t>(count(hit));
                    }

                    // What they do. The cell itself is among them, at distance 0, and counts for nothing.
                    const float* const push_of = table.repulsion[v.type[self] & 31].data();
                    const float* const pull_of = table.adhesion[v.type[self] & 31].data();
                    Floats sum_x = zero, sum_y = zero, sum_z = zero, sum_e = zero;
                    int apart_from = 0;
                    for (std::uint32_t block = 0; block < found; block += lanes) {
                        const Floats dx = load(nx + block), dy = load(ny + block), dz = load(nz + block);
                        const Ints type = load(nt + block);
                        const Floats d2 = square(dx, dy, dz);
                        const Mask apart = both(less(zero, d2), first_lanes(found - block));
                        const Floats d = root(larger(d2, one));
                        const Floats u = divide(d, load(nr + block));
                        const Floats e = larger(subtract(one, u), zero);
                        const Floats a = larger(subtract(one, multiply(u, inverse_reach)), zero);
                        const Floats push = lookup(push_of, type), pull = lookup(pull_of, type);
                        const Floats e2 = multiply(e, e);
                        const Floats g = divide(subtract(multiply(push, e2), multiply(pull, multiply(a, a))), d);
                        sum_x = add_where(apart, sum_x, multiply(g, dx));
                        sum_y = add_where(apart, sum_y, multiply(g, dy));
                        sum_z = add_where(apart, sum_z, multiply(g, dz));
                        const Mask repels = both(less(zero, push), apart);
                        sum_e = add_where(repels, sum_e, e2);
                        apart_from += count(apart);
                    }
                    coincident |= apart_from + 1 < static_cast<int>(found);
                    fold(sum_x, sum_y, sum_z, sum_e, out + std::size_t(4) * row);
                }
            }
    return coincident;
}
