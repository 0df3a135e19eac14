// The contact kernel for processors with AVX-512 (F, DQ, BW, VL).
#include "mechanics/contact.hpp"
#include "mechanics/contact_variants.hpp"

#if defined(__x86_64__)
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // of GCC 12's own vector headers
#endif
#include <immintrin.h>

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,popcnt"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx512f,avx512dq,avx512bw,avx512vl,popcnt")
#endif
namespace stellate::mechanics {
namespace {

using Floats = __m512;
using Ints = __m512i;
using Mask = __mmask16;

inline Ints load(const std::int32_t* p) { return _mm512_loadu_si512(p); }
inline Floats load(const float* p) { return _mm512_loadu_ps(p); }
inline Ints load(const std::uint8_t* p) {
    return _mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
}
inline void store(std::int32_t* p, Ints a) { _mm512_storeu_si512(p, a); }
inline void store(float* p, Floats a) { _mm512_storeu_ps(p, a); }
inline Ints broadcast(std::int32_t a) { return _mm512_set1_epi32(a); }
inline Floats broadcast(float a) { return _mm512_set1_ps(a); }
inline Mask first_lanes(std::uint32_t n) { return static_cast<Mask>(n >= lanes ? 0xffffu : (1u << n) - 1u); }
inline Floats difference(Ints a, Ints b) { return _mm512_cvtepi32_ps(_mm512_sub_epi32(a, b)); }
inline Floats add(Floats a, Floats b) { return _mm512_add_ps(a, b); }
inline Floats subtract(Floats a, Floats b) { return _mm512_sub_ps(a, b); }
inline Floats multiply(Floats a, Floats b) { return _mm512_mul_ps(a, b); }
inline Floats divide(Floats a, Floats b) { return _mm512_div_ps(a, b); }
inline Floats root(Floats a) { return _mm512_sqrt_ps(a); }
inline Floats larger(Floats a, Floats b) { return _mm512_max_ps(a, b); }
inline Mask less(Floats a, Floats b) { return _mm512_cmp_ps_mask(a, b, _CMP_LT_OQ); }
inline Mask both(Mask a, Mask b) { return static_cast<Mask>(a & b); }
inline int count(Mask a) { return __builtin_popcount(a); }
inline Floats add_where(Mask m, Floats a, Floats b) { return _mm512_mask_add_ps(a, m, a, b); }
inline void keep(Mask m, Floats a, float* p) { _mm512_storeu_ps(p, _mm512_maskz_compress_ps(m, a)); }
inline void keep(Mask m, Ints a, std::int32_t* p) { _mm512_storeu_si512(p, _mm512_maskz_compress_epi32(m, a)); }
inline Floats lookup(const float* table32, Ints index) {
    return _mm512_permutex2var_ps(_mm512_load_ps(table32), index, _mm512_load_ps(table32 + 16));
}

// Adds lanes l and l + 8, then l and l + 4: the first two levels of the tree.
inline __m128 fold_to_four(Floats a) {
    const __m256 eight = _mm256_add_ps(_mm512_castps512_ps256(a), _mm512_extractf32x8_ps(a, 1));
    return _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
}

// The last two levels, of four sums at once: lanes l and l + 2, then the two left.
inline void fold(Floats a, Floats b, Floats c, Floats d, float* p) {
    __m128 t0 = fold_to_four(a), t1 = fold_to_four(b), t2 = fold_to_four(c), t3 = fold_to_four(d);
    _MM_TRANSPOSE4_PS(t0, t1, t2, t3);
    _mm_storeu_ps(p, _mm_add_ps(_mm_add_ps(t0, t2), _mm_add_ps(t1, t3)));
}

#include "mechanics/contact_kernel.inl"

}  // namespace

Sums* const sums_avx512 = sums;

}  // namespace stellate::mechanics
#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

#else
namespace stellate::mechanics {
Sums* const sums_avx512 = nullptr;
}
#endif
