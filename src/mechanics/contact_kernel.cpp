#include "mechanics/contact_kernel.hpp"

#include <algorithm>

#include "mechanics/contact.hpp"

#if defined(__x86_64__)
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // of GCC 12's own vector headers
#endif
#include <immintrin.h>
#define STELLATE_AVX2 __attribute__((target("avx2")))
#define STELLATE_AVX512 __attribute__((target("avx512f,avx512dq,avx512bw,avx512vl")))
#endif

namespace stellate::mechanics {

void KernelScratch::reserve(std::size_t candidates) {
    const std::size_t size = candidates + 32;  // a full vector may be read or written behind the last entry
    if (capacity >= size) return;
    capacity = 2 * size;
    const auto grow = [this](auto&... column) {
        (column.grow(capacity), ...);
        (std::fill_n(column.data(), capacity, 0), ...);
    };
    grow(x, y, z, radius, type, index, dx, dy, dz, contact, neighbour_type);
}

namespace {

constexpr int lanes = 16;
// Lengths inside the kernel are in fixed units: that scales floats by a power of two and changes no digit.
constexpr float fixed_per_um = 1 << fixed_bits;

// Row ranges of candidates of the bins around (i, j, k), in the fixed order y within z, x contiguous.
struct Rows {
    std::uint32_t begin[9], end[9];
    int count = 0;
    std::uint32_t total = 0;
};

inline std::size_t bin_at(const KernelView& v, int i, int j, int k) {
    return std::size_t(k + v.ring_z) * std::size_t(v.stride_z) + std::size_t(j + 1) * std::size_t(v.stride_y) +
           std::size_t(i + 1);
}

inline std::uint32_t first_row(const KernelView& v, int i, int j, int k) {
    return v.own_start[i + v.bins_x * (j + v.bins_y * k)];
}

inline Rows rows_around(const KernelView& v, int i, int j, int k) {
    Rows rows;
    for (int dk = -v.ring_z; dk <= v.ring_z; ++dk)
        for (int dj = -1; dj <= 1; ++dj) {
            const std::size_t bin = bin_at(v, i, j + dj, k + dk);
            const std::uint32_t begin = v.bin_start[bin - 1], end = v.bin_start[bin + 2];
            rows.begin[rows.count] = begin;
            rows.end[rows.count] = end;
            rows.total += end - begin;
            ++rows.count;
        }
    return rows;
}

// The portable implementation, compiled for the baseline and for AVX2.
[[gnu::always_inline]] inline bool sums_portable(const KernelView& v, const ContactTable& table, KernelScratch& s,
                                                 KernelOut out) {
    const float reach = table.adhesion_reach, inverse_reach = 1.0f / table.adhesion_reach;
    bool coincident = false;
    for (int k = v.k0; k <= v.k1; ++k)
        for (int j = v.j0; j <= v.j1; ++j)
            for (int i = v.i0; i <= v.i1; ++i) {
                const std::size_t bin = bin_at(v, i, j, k);
                const std::uint32_t first = v.bin_start[bin], last = v.bin_start[bin + 1];
                if (first == last) continue;
                const Rows rows = rows_around(v, i, j, k);
                std::uint32_t row = first_row(v, i, j, k);
                s.reserve(rows.total);
                Fixed *const __restrict cx = s.x.data(), *const __restrict cy = s.y.data(), *const __restrict cz = s.z.data();
                float* const __restrict cr = s.radius.data();
                std::int32_t *const __restrict ct = s.type.data(), *const __restrict index = s.index.data();
                float *const __restrict nx = s.dx.data(), *const __restrict ny = s.dy.data(), *const __restrict nz = s.dz.data();
                float* const __restrict nr = s.contact.data();
                std::int32_t* const __restrict nt = s.neighbour_type.data();
                std::uint32_t candidates = 0;
                for (int r = 0; r < rows.count; ++r) {
                    const std::uint32_t from = rows.begin[r], n = rows.end[r] - rows.begin[r];
                    for (std::uint32_t m = 0; m < n; ++m) {
                        cx[candidates + m] = v.x[from + m];
                        cy[candidates + m] = v.y[from + m];
                        cz[candidates + m] = v.z[from + m];
                        cr[candidates + m] = v.radius[from + m];
                        ct[candidates + m] = v.type[from + m];
                    }
                    candidates += n;
                }
                for (std::uint32_t self = first; self < last; ++self, ++row) {
                    const Fixed x = v.x[self], y = v.y[self], z = v.z[self];
                    const float radius = v.radius[self];
                    const float* const rep = table.repulsion[v.type[self] & 31].data();
                    const float* const adh = table.adhesion[v.type[self] & 31].data();

                    // Who is in range. The test of a block is vectorised, the list is kept without a branch.
                    std::int32_t found = 0;
                    for (std::uint32_t block = 0; block < candidates; block += lanes) {
                        std::int32_t hit[lanes];
#pragma omp simd
                        for (int l = 0; l < lanes; ++l) {
                            const float dx = static_cast<float>(x - cx[block + l]);
                            const float dy = static_cast<float>(y - cy[block + l]);
                            const float dz = static_cast<float>(z - cz[block + l]);
                            const float d2 = (dx * dx + dy * dy) + dz * dz;
                            const float limit = reach * ((radius + cr[block + l]) * fixed_per_um);
                            hit[l] = d2 < limit * limit;
                        }
                        const std::uint32_t n = candidates - block < lanes ? candidates - block : lanes;
                        for (std::uint32_t l = 0; l < n; ++l) {
                            index[found] = static_cast<std::int32_t>(block + l);
                            found += hit[l];
                        }
                    }
                    int same_place = 0;
                    for (std::int32_t m = 0; m < found; ++m) {
                        const std::int32_t c = index[m];
                        nx[m] = static_cast<float>(x - cx[c]);
                        ny[m] = static_cast<float>(y - cy[c]);
                        nz[m] = static_cast<float>(z - cz[c]);
                        nr[m] = (radius + cr[c]) * fixed_per_um;
                        nt[m] = ct[c] & 31;
                        same_place += (x == cx[c]) & (y == cy[c]) & (z == cz[c]);
                    }
                    coincident |= same_place > 1;
                    for (std::int32_t m = found; m % lanes != 0; ++m) {
                        nx[m] = ny[m] = nz[m] = 0;
                        nr[m] = 1;
                        nt[m] = 0;
                    }

                    float sum_x[lanes] = {}, sum_y[lanes] = {}, sum_z[lanes] = {}, sum_e[lanes] = {};
                    std::int32_t touch[lanes] = {};
                    for (std::int32_t block = 0; block < found; block += lanes) {
#pragma omp simd
                        for (int l = 0; l < lanes; ++l) {
                            const float dx = nx[block + l], dy = ny[block + l], dz = nz[block + l];
                            const float d2 = (dx * dx + dy * dy) + dz * dz;
                            const float apart = d2 > 0.0f ? 1.0f : 0.0f;  // 0: the cell itself, or padding
                            const float d = __builtin_sqrtf(d2 > 1.0f ? d2 : 1.0f);
                            const float u = d / nr[block + l];
                            const float overlap = 1.0f - u, gap = 1.0f - u * inverse_reach;
                            const float e = (overlap > 0.0f ? overlap : 0.0f) * apart;
                            const float a = gap > 0.0f ? gap : 0.0f;
                            const float push = rep[nt[block + l]], pull = adh[nt[block + l]];
                            const float g = (push * (e * e) - pull * (a * a)) / d;
                            const float repels = push > 0.0f ? 1.0f : 0.0f;
                            sum_x[l] += g * dx;
                            sum_y[l] += g * dy;
                            sum_z[l] += g * dz;
                            sum_e[l] += (e * e) * repels;
                            touch[l] += (e > 0.0f) & (push > 0.0f);
                        }
                    }
                    for (int width = lanes / 2; width > 0; width /= 2)
                        for (int l = 0; l < width; ++l) {
                            sum_x[l] += sum_x[l + width];
                            sum_y[l] += sum_y[l + width];
                            sum_z[l] += sum_z[l + width];
                            sum_e[l] += sum_e[l + width];
                            touch[l] += touch[l + width];
                        }
                    float* const sum = out.sums + std::size_t(4) * row;
                    sum[0] = sum_x[0];
                    sum[1] = sum_y[0];
                    sum[2] = sum_z[0];
                    sum[3] = sum_e[0];
                    out.touching[row] = static_cast<std::uint8_t>(touch[0] < 255 ? touch[0] : 255);
                }
            }
    return coincident;
}

bool sums_baseline(const KernelView& v, const ContactTable& table, KernelScratch& s, KernelOut out) {
    return sums_portable(v, table, s, out);
}

#if defined(__x86_64__)

STELLATE_AVX2 bool sums_avx2(const KernelView& v, const ContactTable& table, KernelScratch& s, KernelOut out) {
    return sums_portable(v, table, s, out);
}

// Adds lanes l and l + 8, then l and l + 4: the first two levels of the tree.
STELLATE_AVX512 inline __m128 fold_to_four(__m512 a) {
    const __m256 eight = _mm256_add_ps(_mm512_castps512_ps256(a), _mm512_extractf32x8_ps(a, 1));
    return _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
}

STELLATE_AVX512 bool sums_avx512(const KernelView& v, const ContactTable& table, KernelScratch& s, KernelOut out) {
    const __m512 reach = _mm512_set1_ps(table.adhesion_reach);
    const __m512 inverse_reach = _mm512_set1_ps(1.0f / table.adhesion_reach);
    const __m512 scale = _mm512_set1_ps(fixed_per_um), one = _mm512_set1_ps(1.0f), zero = _mm512_setzero_ps();
    bool coincident = false;
    for (int k = v.k0; k <= v.k1; ++k)
        for (int j = v.j0; j <= v.j1; ++j)
            for (int i = v.i0; i <= v.i1; ++i) {
                const std::size_t bin = bin_at(v, i, j, k);
                const std::uint32_t first = v.bin_start[bin], last = v.bin_start[bin + 1];
                if (first == last) continue;
                const Rows rows = rows_around(v, i, j, k);
                std::uint32_t row = first_row(v, i, j, k);
                s.reserve(rows.total);
                Fixed *const cx = s.x.data(), *const cy = s.y.data(), *const cz = s.z.data();
                float* const cr = s.radius.data();
                std::int32_t* const ct = s.type.data();
                float *const nx = s.dx.data(), *const ny = s.dy.data(), *const nz = s.dz.data(), *const nr = s.contact.data();
                std::int32_t* const nt = s.neighbour_type.data();

                std::uint32_t candidates = 0;
                for (int r = 0; r < rows.count; ++r)
                    for (std::uint32_t c = rows.begin[r]; c < rows.end[r]; c += lanes) {
                        const std::uint32_t n = rows.end[r] - c;
                        _mm512_storeu_si512(cx + candidates, _mm512_loadu_si512(v.x + c));
                        _mm512_storeu_si512(cy + candidates, _mm512_loadu_si512(v.y + c));
                        _mm512_storeu_si512(cz + candidates, _mm512_loadu_si512(v.z + c));
                        _mm512_storeu_ps(cr + candidates, _mm512_loadu_ps(v.radius + c));
                        _mm512_storeu_si512(ct + candidates, _mm512_cvtepu8_epi32(_mm_loadu_si128(
                                                                 reinterpret_cast<const __m128i*>(v.type + c))));
                        candidates += n < lanes ? n : lanes;
                    }

                for (std::uint32_t self = first; self < last; ++self, ++row) {
                    const __m512i x = _mm512_set1_epi32(v.x[self]), y = _mm512_set1_epi32(v.y[self]),
                                  z = _mm512_set1_epi32(v.z[self]);
                    const __m512 radius = _mm512_set1_ps(v.radius[self]);
                    std::uint32_t found = 0;
                    for (std::uint32_t block = 0; block < candidates; block += lanes) {
                        const std::uint32_t left = candidates - block;
                        const auto valid = static_cast<__mmask16>(left >= lanes ? 0xffffu : (1u << left) - 1u);
                        const __m512 dx = _mm512_cvtepi32_ps(_mm512_sub_epi32(x, _mm512_loadu_si512(cx + block)));
                        const __m512 dy = _mm512_cvtepi32_ps(_mm512_sub_epi32(y, _mm512_loadu_si512(cy + block)));
                        const __m512 dz = _mm512_cvtepi32_ps(_mm512_sub_epi32(z, _mm512_loadu_si512(cz + block)));
                        const __m512 d2 = _mm512_add_ps(_mm512_add_ps(_mm512_mul_ps(dx, dx), _mm512_mul_ps(dy, dy)),
                                                        _mm512_mul_ps(dz, dz));
                        const __m512 contact = _mm512_mul_ps(_mm512_add_ps(radius, _mm512_loadu_ps(cr + block)), scale);
                        const __m512 limit = _mm512_mul_ps(reach, contact);
                        const __mmask16 hit = _mm512_mask_cmp_ps_mask(valid, d2, _mm512_mul_ps(limit, limit), _CMP_LT_OQ);
                        _mm512_storeu_ps(nx + found, _mm512_maskz_compress_ps(hit, dx));
                        _mm512_storeu_ps(ny + found, _mm512_maskz_compress_ps(hit, dy));
                        _mm512_storeu_ps(nz + found, _mm512_maskz_compress_ps(hit, dz));
                        _mm512_storeu_ps(nr + found, _mm512_maskz_compress_ps(hit, contact));
                        _mm512_storeu_si512(nt + found, _mm512_maskz_compress_epi32(hit, _mm512_loadu_si512(ct + block)));
                        found += static_cast<std::uint32_t>(__builtin_popcount(hit));
                    }

                    const float* const rep = table.repulsion[v.type[self] & 31].data();
                    const float* const adh = table.adhesion[v.type[self] & 31].data();
                    const __m512 rep_low = _mm512_load_ps(rep), rep_high = _mm512_load_ps(rep + 16);
                    const __m512 adh_low = _mm512_load_ps(adh), adh_high = _mm512_load_ps(adh + 16);
                    __m512 sum_x = zero, sum_y = zero, sum_z = zero, sum_e = zero;
                    int touch = 0, same_place = 0;
                    for (std::uint32_t block = 0; block < found; block += lanes) {
                        const std::uint32_t left = found - block;
                        const auto valid = static_cast<__mmask16>(left >= lanes ? 0xffffu : (1u << left) - 1u);
                        const __m512 dx = _mm512_loadu_ps(nx + block), dy = _mm512_loadu_ps(ny + block),
                                     dz = _mm512_loadu_ps(nz + block);
                        const __m512i type = _mm512_loadu_si512(nt + block);
                        const __m512 d2 = _mm512_add_ps(_mm512_add_ps(_mm512_mul_ps(dx, dx), _mm512_mul_ps(dy, dy)),
                                                        _mm512_mul_ps(dz, dz));
                        const __mmask16 apart = _mm512_mask_cmp_ps_mask(valid, d2, zero, _CMP_GT_OQ);
                        same_place += __builtin_popcount(valid & ~apart);
                        const __m512 d = _mm512_sqrt_ps(_mm512_max_ps(d2, one));
                        const __m512 u = _mm512_div_ps(d, _mm512_loadu_ps(nr + block));
                        const __m512 e = _mm512_max_ps(_mm512_sub_ps(one, u), zero);
                        const __m512 a = _mm512_max_ps(_mm512_sub_ps(one, _mm512_mul_ps(u, inverse_reach)), zero);
                        const __m512 push = _mm512_permutex2var_ps(rep_low, type, rep_high);
                        const __m512 pull = _mm512_permutex2var_ps(adh_low, type, adh_high);
                        const __m512 e2 = _mm512_mul_ps(e, e);
                        const __m512 g = _mm512_div_ps(
                            _mm512_sub_ps(_mm512_mul_ps(push, e2), _mm512_mul_ps(pull, _mm512_mul_ps(a, a))), d);
                        sum_x = _mm512_mask_add_ps(sum_x, apart, sum_x, _mm512_mul_ps(g, dx));
                        sum_y = _mm512_mask_add_ps(sum_y, apart, sum_y, _mm512_mul_ps(g, dy));
                        sum_z = _mm512_mask_add_ps(sum_z, apart, sum_z, _mm512_mul_ps(g, dz));
                        const __mmask16 repels = _mm512_mask_cmp_ps_mask(apart, push, zero, _CMP_GT_OQ);
                        sum_e = _mm512_mask_add_ps(sum_e, repels, sum_e, e2);
                        touch += __builtin_popcount(_mm512_mask_cmp_ps_mask(repels, e, zero, _CMP_GT_OQ));
                    }
                    coincident |= same_place > 1;
                    // Last two levels of the tree for the four sums at once: lanes l and l + 2, then the two left.
                    __m128 t0 = fold_to_four(sum_x), t1 = fold_to_four(sum_y), t2 = fold_to_four(sum_z),
                           t3 = fold_to_four(sum_e);
                    _MM_TRANSPOSE4_PS(t0, t1, t2, t3);
                    _mm_storeu_ps(out.sums + std::size_t(4) * row, _mm_add_ps(_mm_add_ps(t0, t2), _mm_add_ps(t1, t3)));
                    out.touching[row] = static_cast<std::uint8_t>(touch < 255 ? touch : 255);
                }
            }
    return coincident;
}

#endif

}  // namespace

bool runs_here([[maybe_unused]] Lanes which) {
    if (which == Lanes::baseline) return true;
#if defined(__x86_64__)
    if (which == Lanes::avx2) return __builtin_cpu_supports("avx2");
    if (which == Lanes::avx512)
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
#endif
    return false;
}

Lanes fastest_here() {
    static const Lanes fastest = runs_here(Lanes::avx512) ? Lanes::avx512
                                 : runs_here(Lanes::avx2) ? Lanes::avx2
                                                          : Lanes::baseline;
    return fastest;
}

bool contact_sums(Lanes which, const KernelView& view, const ContactTable& table, KernelScratch& scratch, KernelOut out) {
#if defined(__x86_64__)
    if (which == Lanes::avx512) return sums_avx512(view, table, scratch, out);
    if (which == Lanes::avx2) return sums_avx2(view, table, scratch, out);
#endif
    return sums_baseline(view, table, scratch, out);
}

}  // namespace stellate::mechanics
