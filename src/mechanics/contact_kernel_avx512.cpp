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

struct Sixteen {
    using Floats = __m512;
    using Ints = __m512i;
    using Mask = __mmask16;
    static constexpr std::uint32_t count = 16;
};
struct Eight {
    using Floats = __m256;
    using Ints = __m256i;
    using Mask = __mmask8;
    static constexpr std::uint32_t count = 8;
};
template <class Width>
constexpr bool wide = Width::count == 16;

template <class Width>
inline typename Width::Ints load(const std::int32_t* p) {
    if constexpr (wide<Width>)
        return _mm512_loadu_si512(p);
    else
        return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
}
template <class Width>
inline typename Width::Floats load(const float* p) {
    if constexpr (wide<Width>)
        return _mm512_loadu_ps(p);
    else
        return _mm256_loadu_ps(p);
}
template <class Width>
inline __m512i load(const std::uint8_t* p) {
    static_assert(wide<Width>);
    return _mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
}
inline void store(std::int32_t* p, __m512i a) { _mm512_storeu_si512(p, a); }
inline void store(float* p, __m512 a) { _mm512_storeu_ps(p, a); }
template <class Width>
inline __m512i broadcast(std::int32_t a) {
    static_assert(wide<Width>);
    return _mm512_set1_epi32(a);
}
template <class Width>
inline typename Width::Floats broadcast(float a) {
    if constexpr (wide<Width>)
        return _mm512_set1_ps(a);
    else
        return _mm256_set1_ps(a);
}
template <class Width>
inline typename Width::Mask first_lanes(std::uint32_t n) {
    constexpr std::uint32_t all = (1u << Width::count) - 1u;
    return static_cast<typename Width::Mask>(n >= Width::count ? all : (1u << n) - 1u);
}
inline __m512 difference(__m512i a, __m512i b) { return _mm512_cvtepi32_ps(_mm512_sub_epi32(a, b)); }
inline __m512 add(__m512 a, __m512 b) { return _mm512_add_ps(a, b); }
inline __m256 add(__m256 a, __m256 b) { return _mm256_add_ps(a, b); }
inline __m512 subtract(__m512 a, __m512 b) { return _mm512_sub_ps(a, b); }
inline __m256 subtract(__m256 a, __m256 b) { return _mm256_sub_ps(a, b); }
inline __m512 multiply(__m512 a, __m512 b) { return _mm512_mul_ps(a, b); }
inline __m256 multiply(__m256 a, __m256 b) { return _mm256_mul_ps(a, b); }
inline __m512 divide(__m512 a, __m512 b) { return _mm512_div_ps(a, b); }
inline __m256 divide(__m256 a, __m256 b) { return _mm256_div_ps(a, b); }
inline __m512 root(__m512 a) { return _mm512_sqrt_ps(a); }
inline __m256 root(__m256 a) { return _mm256_sqrt_ps(a); }
inline __m512 larger(__m512 a, __m512 b) { return _mm512_max_ps(a, b); }
inline __m256 larger(__m256 a, __m256 b) { return _mm256_max_ps(a, b); }
inline __mmask16 less(__m512 a, __m512 b) { return _mm512_cmp_ps_mask(a, b, _CMP_LT_OQ); }
inline __mmask8 less(__m256 a, __m256 b) { return _mm256_cmp_ps_mask(a, b, _CMP_LT_OQ); }
template <class Mask>
inline Mask both(Mask a, Mask b) {
    return static_cast<Mask>(a & b);
}
template <class Mask>
inline int count(Mask a) {
    return __builtin_popcount(a);
}
inline __m512 add_where(__mmask16 m, __m512 a, __m512 b) { return _mm512_mask_add_ps(a, m, a, b); }
inline __m256 add_where(__mmask8 m, __m256 a, __m256 b) { return _mm256_mask_add_ps(a, m, a, b); }
inline void keep(__mmask16 m, __m512 a, float* p) { _mm512_storeu_ps(p, _mm512_maskz_compress_ps(m, a)); }
inline void keep(__mmask16 m, __m512i a, std::int32_t* p) { _mm512_storeu_si512(p, _mm512_maskz_compress_epi32(m, a)); }
inline __m512 lookup(const float* table32, __m512i index) {
    return _mm512_permutex2var_ps(_mm512_load_ps(table32), index, _mm512_load_ps(table32 + 16));
}
inline __m256 lookup(const float* table32, __m256i index) {
    return _mm512_castps512_ps256(lookup(table32, _mm512_castsi256_si512(index)));
}

// Adds lanes l and l + 8, then l and l + 4: the first two levels of the tree.
inline __m128 fold_to_four(__m256 a) { return _mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1)); }
inline __m128 fold_to_four(__m512 a) {
    return fold_to_four(_mm256_add_ps(_mm512_castps512_ps256(a), _mm512_extractf32x8_ps(a, 1)));
}

// The last two levels, of four sums at once: lanes l and l + 2, then the two left.
template <class Floats>
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
