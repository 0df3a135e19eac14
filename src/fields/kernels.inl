// Bodies of the multigrid's inner loops for one element type (macro REAL) and the instruction set in force. Included
// several times, inside an unnamed namespace. Only + - * / on one element at a time, selections and integer maxima: the
// width of the machine's vectors cannot change a bit. Sums for dot products run over 8 lanes anchored to absolute
// coordinates, in double. No header may be included from here: an inline function compiled for a wide instruction set
// could be kept by the linker for everybody.

// What differs from zero by less than this is zero: keeps the slow tiny numbers of a decaying tail out of the loops
// without touching the processor's flush-to-zero mode, which differs between makes.
inline REAL settle(REAL x) {
    const REAL size = x < 0 ? -x : x;
    return size < static_cast<REAL>(1e-20) ? static_cast<REAL>(0) : x;
}

struct Row {
    std::ptrdiff_t at;  // first pair of the row
    std::ptrdiff_t
        right;  // index of the right x-neighbour in the other colour, less that of the cell; left is one less
};

inline Row row_of(const Shape& s, int colour, int y, int z) { return {s.at(y, z), s.offset(colour, y, z)}; }

void start(const Shape& s, int begin, int end, const REAL* __restrict rhs, const REAL* __restrict inverse,
           REAL* __restrict own) {
    for (int z = begin; z < end; ++z)
        for (int y = 0; y < s.ny; ++y) {
            const std::ptrdiff_t at = s.at(y, z);
#pragma omp simd
            for (int i = 0; i < s.padded; ++i) own[at + i] = settle(rhs[at + i] * inverse[at + i]);
        }
}

template <bool flat>
void relax_rows(const Shape& s, int begin, int end, int colour, REAL k, const REAL* __restrict other,
                const REAL* __restrict rhs, const REAL* __restrict inverse, REAL* __restrict own) {
    const std::ptrdiff_t dy = s.row, dz = s.plane;
    for (int z = begin; z < end; ++z)
        for (int y = 0; y < s.ny; ++y) {
            const Row r = row_of(s, colour, y, z);
#pragma omp simd
            for (int i = 0; i < s.padded; ++i) {
                const std::ptrdiff_t a = r.at + i;
                REAL sum = (other[a + r.right - 1] + other[a + r.right]) + (other[a - dy] + other[a + dy]);
                if constexpr (!flat) sum = sum + (other[a - dz] + other[a + dz]);
                own[a] = settle((rhs[a] + k * sum) * inverse[a]);
            }
        }
}

void relax(const Shape& s, int begin, int end, int colour, REAL k, const REAL* other, const REAL* rhs,
           const REAL* inverse, REAL* own) {
    s.flat ? relax_rows<true>(s, begin, end, colour, k, other, rhs, inverse, own)
           : relax_rows<false>(s, begin, end, colour, k, other, rhs, inverse, own);
}

// Weighted sum of the neighbours of cell a of `colour`: a face is stored with its lower cell.
template <bool flat>
inline REAL weighted(std::ptrdiff_t a, std::ptrdiff_t right, std::ptrdiff_t dy, std::ptrdiff_t dz, const REAL* fx_own,
                     const REAL* fx_other, const REAL* fy_own, const REAL* fy_other, const REAL* fz_own,
                     const REAL* fz_other, const REAL* other) {
    REAL sum = (fx_other[a + right - 1] * other[a + right - 1] + fx_own[a] * other[a + right]) +
               (fy_other[a - dy] * other[a - dy] + fy_own[a] * other[a + dy]);
    if constexpr (!flat) sum = sum + (fz_other[a - dz] * other[a - dz] + fz_own[a] * other[a + dz]);
    return sum;
}

template <bool flat>
void relax_weighted_rows(const Shape& s, int begin, int end, int colour, REAL k, ConstPair<REAL> fx, ConstPair<REAL> fy,
                         ConstPair<REAL> fz, const REAL* __restrict other, const REAL* __restrict rhs,
                         const REAL* __restrict inverse, REAL* __restrict own) {
    const REAL* __restrict fx0 = fx[colour];
    const REAL* __restrict fx1 = fx[1 - colour];
    const REAL* __restrict fy0 = fy[colour];
    const REAL* __restrict fy1 = fy[1 - colour];
    const REAL* __restrict fz0 = fz[colour];
    const REAL* __restrict fz1 = fz[1 - colour];
    for (int z = begin; z < end; ++z)
        for (int y = 0; y < s.ny; ++y) {
            const Row r = row_of(s, colour, y, z);
#pragma omp simd
            for (int i = 0; i < s.padded; ++i) {
                const std::ptrdiff_t a = r.at + i;
                const REAL sum = weighted<flat>(a, r.right, s.row, s.plane, fx0, fx1, fy0, fy1, fz0, fz1, other);
                own[a] = settle((rhs[a] + k * sum) * inverse[a]);
            }
        }
}

void relax_weighted(const Shape& s, int begin, int end, int colour, REAL k, ConstPair<REAL> fx, ConstPair<REAL> fy,
                    ConstPair<REAL> fz, const REAL* other, const REAL* rhs, const REAL* inverse, REAL* own) {
    s.flat ? relax_weighted_rows<true>(s, begin, end, colour, k, fx, fy, fz, other, rhs, inverse, own)
           : relax_weighted_rows<false>(s, begin, end, colour, k, fx, fy, fz, other, rhs, inverse, own);
}

// Calls each(y, z, first) for the one to four fine rows of a coarse row.
template <class Each>
inline void children(const Shape& s, const Shape& c, int yc, int zc, Each each) {
    bool first = true;
    for (int dz = 0; dz < (s.flat ? 1 : 2); ++dz)
        for (int dy = 0; dy < 2; ++dy) {
            const int y = 2 * (c.y0 + yc) + dy - s.y0;
            const int z = s.flat ? zc : 2 * (c.z0 + zc) + dz - s.z0;
            if (y < 0 || y >= s.ny || z < 0 || z >= s.nz) continue;
            each(y, z, first);
            first = false;
        }
}

// A coarse row in natural order (line) to its two colours, and back.
inline void part(const Shape& c, int yc, int zc, const REAL* __restrict line, REAL* __restrict red,
                 REAL* __restrict black) {
    const std::ptrdiff_t at = c.at(yc, zc);
    const int even = c.offset(0, yc, zc);
    REAL* first = even ? black : red;
    REAL* second = even ? red : black;
#pragma omp simd
    for (int i = 0; i < c.padded; ++i) {
        first[at + i] = line[2 * i];
        second[at + i] = line[2 * i + 1];
    }
}

inline void join(const Shape& c, int yc, int zc, const REAL* __restrict red, const REAL* __restrict black,
                 REAL* __restrict line) {
    const std::ptrdiff_t at = c.at(yc, zc);
    const int even = c.offset(0, yc, zc);
    const REAL* first = even ? black : red;
    const REAL* second = even ? red : black;
#pragma omp simd
    for (int i = 0; i < c.padded; ++i) {
        line[2 * i] = first[at + i];
        line[2 * i + 1] = second[at + i];
    }
}

inline void clear(REAL* line, int count) {
#pragma omp simd
    for (int i = 0; i < count; ++i) line[i] = 0;
}

template <bool flat>
void restrict_rows(const Shape& s, const Shape& c, int begin, int end, int colour, REAL k, const REAL* __restrict count,
                   const REAL* __restrict rate, ConstPair<REAL> value, const REAL* __restrict rhs,
                   Pair<REAL> coarse_rhs, REAL* __restrict line) {
    const REAL* __restrict own = value[colour];
    const REAL* __restrict other = value[1 - colour];
    const std::ptrdiff_t dy = s.row, dz = s.plane;
    REAL* __restrict into = line + (s.pair0 - 2 * c.pair0);
    for (int zc = begin; zc < end; ++zc)
        for (int yc = 0; yc < c.ny; ++yc) {
            clear(line, 2 * c.padded + 8);
            children(s, c, yc, zc, [&](int y, int z, bool) {
                const Row r = row_of(s, colour, y, z);
#pragma omp simd
                for (int i = 0; i < s.padded; ++i) {
                    const std::ptrdiff_t a = r.at + i;
                    REAL sum = (other[a + r.right - 1] + other[a + r.right]) + (other[a - dy] + other[a + dy]);
                    if constexpr (!flat) sum = sum + (other[a - dz] + other[a + dz]);
                    const REAL left = rhs[a] + k * (sum - count[a] * own[a]) - rate[a] * own[a];
                    into[i] += count[a] >= 0 ? left : static_cast<REAL>(0);
                }
            });
            part(c, yc, zc, line, coarse_rhs[0], coarse_rhs[1]);
        }
}

void restrict_residual(const Shape& s, const Shape& c, int begin, int end, int colour, REAL k, const REAL* count,
                       const REAL* rate, ConstPair<REAL> value, const REAL* rhs, Pair<REAL> coarse_rhs, REAL* line) {
    s.flat ? restrict_rows<true>(s, c, begin, end, colour, k, count, rate, value, rhs, coarse_rhs, line)
           : restrict_rows<false>(s, c, begin, end, colour, k, count, rate, value, rhs, coarse_rhs, line);
}

template <bool flat>
void restrict_weighted_rows(const Shape& s, const Shape& c, int begin, int end, int colour, REAL k, ConstPair<REAL> fx,
                            ConstPair<REAL> fy, ConstPair<REAL> fz, const REAL* __restrict diagonal,
                            const REAL* __restrict inverse, ConstPair<REAL> value, const REAL* __restrict rhs,
                            Pair<REAL> coarse_rhs, REAL* __restrict line) {
    const REAL* __restrict own = value[colour];
    const REAL* __restrict other = value[1 - colour];
    const REAL* __restrict fx0 = fx[colour];
    const REAL* __restrict fx1 = fx[1 - colour];
    const REAL* __restrict fy0 = fy[colour];
    const REAL* __restrict fy1 = fy[1 - colour];
    const REAL* __restrict fz0 = fz[colour];
    const REAL* __restrict fz1 = fz[1 - colour];
    REAL* __restrict into = line + (s.pair0 - 2 * c.pair0);
    for (int zc = begin; zc < end; ++zc)
        for (int yc = 0; yc < c.ny; ++yc) {
            clear(line, 2 * c.padded + 8);
            children(s, c, yc, zc, [&](int y, int z, bool) {
                const Row r = row_of(s, colour, y, z);
#pragma omp simd
                for (int i = 0; i < s.padded; ++i) {
                    const std::ptrdiff_t a = r.at + i;
                    const REAL sum = weighted<flat>(a, r.right, s.row, s.plane, fx0, fx1, fy0, fy1, fz0, fz1, other);
                    const REAL left = (rhs[a] + k * sum) - diagonal[a] * own[a];
                    into[i] += inverse[a] != 0 ? left : static_cast<REAL>(0);
                }
            });
            part(c, yc, zc, line, coarse_rhs[0], coarse_rhs[1]);
        }
}

void restrict_weighted(const Shape& s, const Shape& c, int begin, int end, int colour, REAL k, ConstPair<REAL> fx,
                       ConstPair<REAL> fy, ConstPair<REAL> fz, const REAL* diagonal, const REAL* inverse,
                       ConstPair<REAL> value, const REAL* rhs, Pair<REAL> coarse_rhs, REAL* line) {
    s.flat ? restrict_weighted_rows<true>(s, c, begin, end, colour, k, fx, fy, fz, diagonal, inverse, value, rhs,
                                          coarse_rhs, line)
           : restrict_weighted_rows<false>(s, c, begin, end, colour, k, fx, fy, fz, diagonal, inverse, value, rhs,
                                           coarse_rhs, line);
}

void prolong(const Shape& s, const Shape& c, int begin, int end, ConstPair<REAL> coarse_value,
             const REAL* __restrict inverse, REAL* __restrict own, REAL* __restrict line) {
    const REAL* __restrict from = line + (s.pair0 - 2 * c.pair0);
    for (int zc = begin; zc < end; ++zc)
        for (int yc = 0; yc < c.ny; ++yc) {
            join(c, yc, zc, coarse_value[0], coarse_value[1], line);
            children(s, c, yc, zc, [&](int y, int z, bool) {
                const std::ptrdiff_t at = s.at(y, z);
#pragma omp simd
                for (int i = 0; i < s.padded; ++i) {
                    const REAL step = inverse[at + i] != 0 ? from[i] : static_cast<REAL>(0);
                    own[at + i] = own[at + i] + step;
                }
            });
        }
}

// Sum of (neighbour - value) over the `count` neighbours that are not wall (a wall's place holds 0). Differences of
// near values are exact, so a smooth field's flow keeps its digits; sums of values would lose them in single precision,
// and with 6 D dt / dx^2 = 9000 (oxygen, a tick of 6 min) an error of one part in 1e7 would grow to one in 1e3.
template <bool flat>
inline REAL inflow(std::ptrdiff_t a, std::ptrdiff_t right, std::ptrdiff_t dy, std::ptrdiff_t dz, const REAL* other,
                   REAL own, REAL count) {
    REAL sum =
        ((other[a + right - 1] - own) + (other[a + right] - own)) + ((other[a - dy] - own) + (other[a + dy] - own));
    if constexpr (!flat) sum = sum + ((other[a - dz] - own) + (other[a + dz] - own));
    return sum + (static_cast<REAL>(flat ? 4 : 6) - count) * own;
}

template <bool flat>
void residual_rows(const Shape& s, int colour, REAL k, const REAL* __restrict count, const REAL* __restrict rate,
                   const REAL* __restrict own, const REAL* __restrict other, REAL* __restrict left) {
    const std::ptrdiff_t dy = s.row, dz = s.plane;
    for (int z = 0; z < s.nz; ++z)
        for (int y = 0; y < s.ny; ++y) {
            const Row r = row_of(s, colour, y, z);
#pragma omp simd
            for (int i = 0; i < s.padded; ++i) {
                const std::ptrdiff_t a = r.at + i;
                const REAL flow = inflow<flat>(a, r.right, dy, dz, other, own[a], count[a]);
                const REAL full = left[a] - rate[a] * own[a] + k * flow;
                left[a] = count[a] >= 0 ? full : static_cast<REAL>(0);
            }
        }
}

void residual(const Shape& s, REAL k, ConstPair<REAL> count, ConstPair<REAL> rate, ConstPair<REAL> value,
              Pair<REAL> left) {
    for (int colour = 0; colour < 2; ++colour) {
        const int o = 1 - colour;
        s.flat ? residual_rows<true>(s, colour, k, count[colour], rate[colour], value[colour], value[o], left[colour])
               : residual_rows<false>(s, colour, k, count[colour], rate[colour], value[colour], value[o], left[colour]);
    }
}

typedef REAL Eight __attribute__((vector_size(8 * sizeof(REAL))));
typedef double EightDoubles __attribute__((vector_size(8 * sizeof(double))));

// Adds the products of eight pairs, in double.
inline void add_products(const REAL* a, const REAL* b, EightDoubles& sum) {
    Eight x, y;
    __builtin_memcpy(&x, a, sizeof x);
    __builtin_memcpy(&y, b, sizeof y);
    sum += __builtin_convertvector(x, EightDoubles) * __builtin_convertvector(y, EightDoubles);
}

// Runs each(i) for the groups of eight pairs of a row. Lane 0 of the sums belongs to absolute pairs divisible by 8; the
// row's empty pairs before and after hold zeros.
template <class Each>
inline void each_eight(const Shape& s, Each each) {
    for (int i = -(s.pair0 & 7); i < s.pairs; i += 8) each(i);
}

template <bool flat>
void apply_rows(const Shape& s, int begin, int end, int colour, REAL k, const REAL* __restrict count,
                const REAL* __restrict rate, const REAL* __restrict own, const REAL* __restrict other,
                const REAL* __restrict left, REAL* __restrict image, EightDoubles& with_image,
                EightDoubles& with_residual) {
    const std::ptrdiff_t dy = s.row, dz = s.plane;
    EightDoubles first = with_image, second = with_residual;
    for (int z = begin; z < end; ++z)
        for (int y = 0; y < s.ny; ++y) {
            const Row r = row_of(s, colour, y, z);
#pragma omp simd
            for (int i = 0; i < s.padded; ++i) {
                const std::ptrdiff_t a = r.at + i;
                const REAL full = rate[a] * own[a] - k * inflow<flat>(a, r.right, dy, dz, other, own[a], count[a]);
                image[a] = count[a] >= 0 ? full : static_cast<REAL>(0);
            }
            each_eight(s, [&](int i) {
                add_products(own + r.at + i, image + r.at + i, first);
                add_products(own + r.at + i, left + r.at + i, second);
            });
        }
    with_image = first;
    with_residual = second;
}

void apply(const Shape& s, int begin, int end, REAL k, ConstPair<REAL> count, ConstPair<REAL> rate, ConstPair<REAL> p,
           ConstPair<REAL> left, Pair<REAL> image, Lanes16& with_image, Lanes16& with_residual) {
    for (int colour = 0; colour < 2; ++colour) {
        const int o = 1 - colour;
        EightDoubles first, second;
        __builtin_memcpy(&first, with_image.lane + 8 * colour, sizeof first);
        __builtin_memcpy(&second, with_residual.lane + 8 * colour, sizeof second);
        s.flat ? apply_rows<true>(s, begin, end, colour, k, count[colour], rate[colour], p[colour], p[o], left[colour],
                                  image[colour], first, second)
               : apply_rows<false>(s, begin, end, colour, k, count[colour], rate[colour], p[colour], p[o], left[colour],
                                   image[colour], first, second);
        __builtin_memcpy(with_image.lane + 8 * colour, &first, sizeof first);
        __builtin_memcpy(with_residual.lane + 8 * colour, &second, sizeof second);
    }
}

// Both colours side by side, for a sum waits for itself.
void dot(const Shape& s, int begin, int end, ConstPair<REAL> a, ConstPair<REAL> b, Lanes16& sum) {
    EightDoubles red, black;
    __builtin_memcpy(&red, sum.lane, sizeof red);
    __builtin_memcpy(&black, sum.lane + 8, sizeof black);
    for (int z = begin; z < end; ++z)
        for (int y = 0; y < s.ny; ++y) {
            const std::ptrdiff_t at = s.at(y, z);
            each_eight(s, [&](int i) {
                add_products(a[0] + at + i, b[0] + at + i, red);
                add_products(a[1] + at + i, b[1] + at + i, black);
            });
        }
    __builtin_memcpy(sum.lane, &red, sizeof red);
    __builtin_memcpy(sum.lane + 8, &black, sizeof black);
}

void direct(const Shape& s, int begin, int end, REAL beta, ConstPair<REAL> z_pair, Pair<REAL> p_pair) {
    for (int colour = 0; colour < 2; ++colour) {
        const REAL* __restrict from = z_pair[colour];
        REAL* __restrict p = p_pair[colour];
        for (int z = begin; z < end; ++z)
            for (int y = 0; y < s.ny; ++y) {
                const std::ptrdiff_t at = s.at(y, z);
#pragma omp simd
                for (int i = 0; i < s.padded; ++i) p[at + i] = settle(from[at + i] + beta * p[at + i]);
            }
    }
}

// The sign-free bit pattern of a floating-point number orders like its size, with not-a-number above everything.
REAL advance(const Shape& s, REAL alpha, ConstPair<REAL> p_pair, ConstPair<REAL> image_pair, Pair<REAL> change_pair,
             Pair<REAL> left_pair) {
    BITS largest = 0;
    for (int colour = 0; colour < 2; ++colour) {
        const REAL* __restrict p = p_pair[colour];
        const REAL* __restrict image = image_pair[colour];
        REAL* __restrict change = change_pair[colour];
        REAL* __restrict left = left_pair[colour];
        for (int z = 0; z < s.nz; ++z)
            for (int y = 0; y < s.ny; ++y) {
                const std::ptrdiff_t at = s.at(y, z);
#pragma omp simd reduction(max : largest)
                for (int i = 0; i < s.padded; ++i) {
                    const REAL step = alpha * p[at + i];
                    change[at + i] = change[at + i] + step;
                    left[at + i] = left[at + i] - alpha * image[at + i];
                    const BITS bits = __builtin_bit_cast(BITS, step) & SIGN_FREE;
                    largest = bits > largest ? bits : largest;
                }
            }
    }
    return __builtin_bit_cast(REAL, largest);
}

REAL largest(const Shape& s, ConstPair<REAL> value) {
    BITS most = 0;
    for (int colour = 0; colour < 2; ++colour) {
        const REAL* __restrict v = value[colour];
        for (int z = 0; z < s.nz; ++z)
            for (int y = 0; y < s.ny; ++y) {
                const std::ptrdiff_t at = s.at(y, z);
#pragma omp simd reduction(max : most)
                for (int i = 0; i < s.padded; ++i) {
                    const BITS bits = __builtin_bit_cast(BITS, v[at + i]) & SIGN_FREE;
                    most = bits > most ? bits : most;
                }
            }
    }
    return __builtin_bit_cast(REAL, most);
}

bool invert(const Shape& s, REAL k, REAL more, ConstPair<REAL> count, Pair<REAL> rate, Pair<REAL> inverse) {
    int wrong = 0;
    for (int colour = 0; colour < 2; ++colour) {
        const REAL* __restrict n = count[colour];
        REAL* __restrict sink = rate[colour];
        REAL* __restrict out = inverse[colour];
        for (int z = 0; z < s.nz; ++z)
            for (int y = 0; y < s.ny; ++y) {
                const std::ptrdiff_t at = s.at(y, z);
#pragma omp simd reduction(+ : wrong)
                for (int i = 0; i < s.padded; ++i) {
                    const bool awake = n[at + i] >= 0;
                    const REAL full = sink[at + i] + more;
                    const REAL diagonal = awake ? k * n[at + i] + full : static_cast<REAL>(1);
                    wrong += diagonal > 0 ? 0 : 1;
                    sink[at + i] = awake ? full : static_cast<REAL>(0);
                    out[at + i] = awake ? static_cast<REAL>(1) / diagonal : static_cast<REAL>(0);
                }
            }
    }
    return wrong == 0;
}

void linearise(const Shape& s, REAL K, REAL per_step, ConstPair<REAL> value, ConstPair<REAL> change,
               ConstPair<REAL> sink, ConstPair<REAL> source, ConstPair<REAL> capacity, ConstPair<REAL> healthy,
               ConstPair<REAL> extra, Pair<REAL> now, Pair<REAL> left, Pair<REAL> rate, Pair<REAL> slope) {
    for (int colour = 0; colour < 2; ++colour) {
        const REAL* __restrict from = value[colour];
        const REAL* __restrict moved = change[colour];
        const REAL* __restrict base = sink[colour];
        const REAL* __restrict given = source[colour];
        const REAL* __restrict most = capacity[colour];
        const REAL* __restrict health = healthy[colour];
        const REAL* __restrict beyond = extra[colour];
        REAL* __restrict u_out = now[colour];
        REAL* __restrict left_out = left[colour];
        REAL* __restrict rate_out = rate[colour];
        REAL* __restrict slope_out = slope[colour];
        for (int z = 0; z < s.nz; ++z)
            for (int y = 0; y < s.ny; ++y) {
                const std::ptrdiff_t at = s.at(y, z);
#pragma omp simd
                for (int i = 0; i < s.padded; ++i) {
                    const std::ptrdiff_t a = at + i;
                    const REAL u = from[a] + moved[a], V = most[a], h = health[a], c = h + u;
                    const REAL reach = c > 0 ? K + c : K;
                    // U(c) - V h / (K + h) without cancellation where c > 0: nothing is taken up where u = 0.
                    const REAL above = V * K * u / ((K + h) * reach);
                    const REAL below = V * c / K - V * h / (K + h);
                    const REAL taken = c > 0 ? above : below;
                    u_out[a] = u;
                    left_out[a] = given[a] - per_step * moved[a] - (taken + beyond[a]);
                    rate_out[a] = base[a];
                    slope_out[a] = V * K / (reach * reach);
                }
            }
    }
}

void restrict_rates(const Shape& s, const Shape& c, ConstPair<REAL> rate, Pair<REAL> coarse_rate,
                    REAL* __restrict line) {
    const REAL* __restrict red = rate[0];
    const REAL* __restrict black = rate[1];
    REAL* __restrict into = line + (s.pair0 - 2 * c.pair0);
    for (int zc = 0; zc < c.nz; ++zc)
        for (int yc = 0; yc < c.ny; ++yc) {
            clear(line, 2 * c.padded + 8);
            children(s, c, yc, zc, [&](int y, int z, bool) {
                const std::ptrdiff_t at = s.at(y, z);
#pragma omp simd
                for (int i = 0; i < s.padded; ++i) into[i] += red[at + i] + black[at + i];
            });
            part(c, yc, zc, line, coarse_rate[0], coarse_rate[1]);
        }
}

void invert_weighted(const Shape& s, REAL k, ConstPair<REAL> weight, ConstPair<REAL> active, Pair<REAL> rate,
                     Pair<REAL> diagonal, Pair<REAL> inverse) {
    for (int colour = 0; colour < 2; ++colour) {
        const REAL* __restrict w = weight[colour];
        const REAL* __restrict on = active[colour];
        REAL* __restrict sink = rate[colour];
        REAL* __restrict d = diagonal[colour];
        REAL* __restrict out = inverse[colour];
        for (int z = 0; z < s.nz; ++z)
            for (int y = 0; y < s.ny; ++y) {
                const std::ptrdiff_t at = s.at(y, z);
#pragma omp simd
                for (int i = 0; i < s.padded; ++i) {
                    const REAL full = k * w[at + i] + sink[at + i];
                    const bool used = on[at + i] != 0 && full > 0;
                    sink[at + i] = on[at + i] != 0 ? sink[at + i] : static_cast<REAL>(0);
                    d[at + i] = used ? full : static_cast<REAL>(0);
                    out[at + i] =
                        used ? static_cast<REAL>(1) / (used ? full : static_cast<REAL>(1)) : static_cast<REAL>(0);
                }
            }
    }
}

void solve_lines(int n, REAL coupling, const REAL* __restrict denominator, const REAL* __restrict above, REAL* value,
                 std::ptrdiff_t stride, int width) {
    for (int x = 0; x < width; ++x) value[x] = value[x] * denominator[0];
    for (int i = 1; i < n; ++i) {
        REAL* __restrict now = value + i * stride;
        const REAL* __restrict before = now - stride;
        const REAL d = denominator[i];
#pragma omp simd
        for (int x = 0; x < width; ++x) now[x] = (now[x] + coupling * before[x]) * d;
    }
    for (int i = n - 2; i >= 0; --i) {
        REAL* __restrict now = value + i * stride;
        const REAL* __restrict after = now + stride;
        const REAL f = above[i];
#pragma omp simd
        for (int x = 0; x < width; ++x) now[x] = now[x] + f * after[x];
    }
}

typedef REAL Four __attribute__((vector_size(4 * sizeof(REAL))));

// to[j * to_stride + i] = from[i * from_stride + j] for i, j in [0, 4).
inline void transpose_four(const REAL* from, std::ptrdiff_t from_stride, REAL* to, std::ptrdiff_t to_stride) {
    Four row[4], half[4], column[4];
    for (int i = 0; i < 4; ++i) __builtin_memcpy(&row[i], from + i * from_stride, sizeof(Four));
    half[0] = __builtin_shufflevector(row[0], row[1], 0, 4, 1, 5);
    half[1] = __builtin_shufflevector(row[0], row[1], 2, 6, 3, 7);
    half[2] = __builtin_shufflevector(row[2], row[3], 0, 4, 1, 5);
    half[3] = __builtin_shufflevector(row[2], row[3], 2, 6, 3, 7);
    column[0] = __builtin_shufflevector(half[0], half[2], 0, 1, 4, 5);
    column[1] = __builtin_shufflevector(half[0], half[2], 2, 3, 6, 7);
    column[2] = __builtin_shufflevector(half[1], half[3], 0, 1, 4, 5);
    column[3] = __builtin_shufflevector(half[1], half[3], 2, 3, 6, 7);
    for (int i = 0; i < 4; ++i) __builtin_memcpy(to + i * to_stride, &column[i], sizeof(Four));
}

// Sixteen lines are transposed together, so that their recurrences run side by side.
void solve_rows(int n, REAL coupling, const REAL* denominator, const REAL* above, REAL* value, std::ptrdiff_t rows,
                REAL* __restrict lines) {
    constexpr int together = 16;
    std::ptrdiff_t row = 0;
    for (; row + together <= rows; row += together) {
        REAL* __restrict from = value + row * n;
        for (int l = 0; l < together; l += 4)
            for (int x = 0; x + 4 <= n; x += 4)
                transpose_four(from + static_cast<std::ptrdiff_t>(l) * n + x, n, lines + x * together + l, together);
        for (int x = n / 4 * 4; x < n; ++x)
            for (int l = 0; l < together; ++l) lines[x * together + l] = from[static_cast<std::ptrdiff_t>(l) * n + x];
        solve_lines(n, coupling, denominator, above, lines, together, together);
        for (int l = 0; l < together; l += 4)
            for (int x = 0; x + 4 <= n; x += 4)
                transpose_four(lines + x * together + l, together, from + static_cast<std::ptrdiff_t>(l) * n + x, n);
        for (int x = n / 4 * 4; x < n; ++x)
            for (int l = 0; l < together; ++l) from[static_cast<std::ptrdiff_t>(l) * n + x] = lines[x * together + l];
    }
    for (; row < rows; ++row) solve_lines(n, coupling, denominator, above, value + row * n, 1, 1);
}

constexpr Kernels<REAL> table = {start,
                                 relax,
                                 relax_weighted,
                                 restrict_residual,
                                 restrict_weighted,
                                 prolong,
                                 residual,
                                 direct,
                                 apply,
                                 dot,
                                 advance,
                                 largest,
                                 invert,
                                 linearise,
                                 restrict_rates,
                                 invert_weighted,
                                 solve_lines,
                                 solve_rows};
