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

#include "mechanics/contact_lanes_eight.inl"

struct Sixteen {
    using Floats = __m512;
    using Ints = __m512i;
    using Mask = __mmask16;
    static constexpr std::uint32_t count = 16;
};

inline __m512i load(Sixteen, const std::int32_t* p) { return _mm512_loadu_si512(p); }
inline __m512 load(Sixteen, const float* p) { return _mm512_loadu_ps(p); }
inline __m512i load(Sixteen, const std::uint8_t* p) {
    return _mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
}
inline void store(std::int32_t* p, __m512i a) { _mm512_storeu_si512(p, a); }
inline void store(float* p, __m512 a) { _mm512_storeu_ps(p, a); }
inline __m512i broadcast(Sixteen, std::int32_t a) { return _mm512_set1_epi32(a); }
inline __m512 broadcast(Sixteen, float a) { return _mm512_set1_ps(a); }
inline __mmask16 first_lanes(Sixteen, std::uint32_t n) {
    return static_cast<__mmask16>(n >= 16 ? 0xffffu : (1u << n) - 1u);
}
inline __m512 difference(__m512i a, __m512i b) { return _mm512_cvtepi32_ps(_mm512_sub_epi32(a, b)); }
inline __m512 add(__m512 a, __m512 b) { return _mm512_add_ps(a, b); }
inline __m512 subtract(__m512 a, __m512 b) { return _mm512_sub_ps(a, b); }
inline __m512 multiply(__m512 a, __m512 b) { return _mm512_mul_ps(a, b); }
inline __m512 divide(__m512 a, __m512 b) { return _mm512_div_ps(a, b); }
inline __m512 root(__m512 a) { return _mm512_sqrt_ps(a); }
inline __m512 larger(__m512 a, __m512 b) { return _mm512_max_ps(a, b); }
inline __mmask16 less(__m512 a, __m512 b) { return _mm512_cmp_ps_mask(a, b, _CMP_LT_OQ); }
inline __mmask16 both(__mmask16 a, __mmask16 b) { return static_cast<__mmask16>(a & b); }
inline int count(__mmask16 a) { return __builtin_popcount(a); }
inline __m512 add_where(__mmask16 m, __m512 a, __m512 b) { return _mm512_mask_add_ps(a, m, a, b); }
inline void keep(__mmask16 m, __m512 a, float* p) { _mm512_storeu_ps(p, _mm512_maskz_compress_ps(m, a)); }
inline void keep(__mmask16 m, __m512i a, std::int32_t* p) { _mm512_storeu_si512(p, _mm512_maskz_compress_epi32(m, a)); }
inline __m512 lookup(const float* table32, __m512i index) {
    return _mm512_permutex2var_ps(_mm512_load_ps(table32), index, _mm512_load_ps(table32 + 16));
}
inline __m256 lookup(const float* table32, __m256i index) {
    return _mm512_castps512_ps256(lookup(table32, _mm512_castsi256_si512(index)));
}
inline __m128 fold_to_four(__m512 a) {
    return fold_to_four(add(_mm512_castps512_ps256(a), _mm512_extractf32x8_ps(a, 1)));
}
inline void fold(__m512 a, __m512 b, __m512 c, __m512 d, float* p) {
    fold_fours(fold_to_four(a), fold_to_four(b), fold_to_four(c), fold_to_four(d), p);
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
