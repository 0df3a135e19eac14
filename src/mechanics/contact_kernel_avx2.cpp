// The contact kernel for processors with AVX2: the sixteen lanes as two registers of eight.
#include <array>

#include "mechanics/contact.hpp"
#include "mechanics/contact_variants.hpp"

#if defined(__x86_64__)
#include <immintrin.h>

namespace stellate::mechanics {
namespace {

// For each pattern of eight bits, where the set ones are, in order: what a compress moves to the front.
constexpr std::array<std::array<std::uint8_t, 8>, 256> fronts = [] {
    std::array<std::array<std::uint8_t, 8>, 256> table{};
    for (unsigned pattern = 0; pattern < 256; ++pattern) {
        unsigned found = 0;
        for (unsigned bit = 0; bit < 8; ++bit)
            if (pattern >> bit & 1u) table[pattern][found++] = static_cast<std::uint8_t>(bit);
    }
    return table;
}();

}  // namespace
}  // namespace stellate::mechanics

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,popcnt"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,popcnt")
#endif
namespace stellate::mechanics {
namespace {

struct TwoFloats {
    __m256 low, high;
};
struct TwoInts {
    __m256i low, high;
};
struct Sixteen {
    using Floats = TwoFloats;
    using Ints = TwoInts;
    using Mask = TwoFloats;  // all bits of a lane, or none
    static constexpr std::uint32_t count = 16;
};
struct Eight {
    using Floats = __m256;
    using Ints = __m256i;
    using Mask = __m256;
    static constexpr std::uint32_t count = 8;
};
template <class Width>
constexpr bool wide = Width::count == 16;

template <class Width>
inline typename Width::Ints load(const std::int32_t* p) {
    if constexpr (wide<Width>)
        return {load<Eight>(p), load<Eight>(p + 8)};
    else
        return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
}
template <class Width>
inline typename Width::Floats load(const float* p) {
    if constexpr (wide<Width>)
        return {load<Eight>(p), load<Eight>(p + 8)};
    else
        return _mm256_loadu_ps(p);
}
template <class Width>
inline TwoInts load(const std::uint8_t* p) {
    static_assert(wide<Width>);
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    return {_mm256_cvtepu8_epi32(bytes), _mm256_cvtepu8_epi32(_mm_srli_si128(bytes, 8))};
}
inline void store(std::int32_t* p, TwoInts a) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), a.low);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(p + 8), a.high);
}
inline void store(float* p, TwoFloats a) {
    _mm256_storeu_ps(p, a.low);
    _mm256_storeu_ps(p + 8, a.high);
}
template <class Width>
inline TwoInts broadcast(std::int32_t a) {
    static_assert(wide<Width>);
    return {_mm256_set1_epi32(a), _mm256_set1_epi32(a)};
}
template <class Width>
inline typename Width::Floats broadcast(float a) {
    if constexpr (wide<Width>)
        return {_mm256_set1_ps(a), _mm256_set1_ps(a)};
    else
        return _mm256_set1_ps(a);
}
template <class Width>
inline typename Width::Mask first_lanes(std::uint32_t n) {
    const __m256i end = _mm256_set1_epi32(static_cast<int>(n));
    const __m256 low = _mm256_castsi256_ps(_mm256_cmpgt_epi32(end, _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7)));
    if constexpr (wide<Width>)
        return {low, _mm256_castsi256_ps(_mm256_cmpgt_epi32(end, _mm256_setr_epi32(8, 9, 10, 11, 12, 13, 14, 15)))};
    else
        return low;
}
inline __m256 difference(__m256i a, __m256i b) { return _mm256_cvtepi32_ps(_mm256_sub_epi32(a, b)); }
inline __m256 add(__m256 a, __m256 b) { return _mm256_add_ps(a, b); }
inline __m256 subtract(__m256 a, __m256 b) { return _mm256_sub_ps(a, b); }
inline __m256 multiply(__m256 a, __m256 b) { return _mm256_mul_ps(a, b); }
inline __m256 divide(__m256 a, __m256 b) { return _mm256_div_ps(a, b); }
inline __m256 root(__m256 a) { return _mm256_sqrt_ps(a); }
inline __m256 larger(__m256 a, __m256 b) { return _mm256_max_ps(a, b); }
inline __m256 less(__m256 a, __m256 b) { return _mm256_cmp_ps(a, b, _CMP_LT_OQ); }
inline __m256 both(__m256 a, __m256 b) { return _mm256_and_ps(a, b); }
inline unsigned bits(__m256 mask) { return static_cast<unsigned>(_mm256_movemask_ps(mask)); }
inline int count(__m256 mask) { return __builtin_popcount(bits(mask)); }
// Adds +0 where not asked: no sum here is ever -0, so that changes nothing.
inline __m256 add_where(__m256 m, __m256 a, __m256 b) { return _mm256_add_ps(a, _mm256_and_ps(m, b)); }
inline __m256 lookup(const float* table32, __m256i index) {
    return _mm256_i32gather_ps(table32, _mm256_and_si256(index, _mm256_set1_epi32(31)), 4);
}

inline TwoFloats difference(TwoInts a, TwoInts b) { return {difference(a.low, b.low), difference(a.high, b.high)}; }
inline TwoFloats add(TwoFloats a, TwoFloats b) { return {add(a.low, b.low), add(a.high, b.high)}; }
inline TwoFloats subtract(TwoFloats a, TwoFloats b) { return {subtract(a.low, b.low), subtract(a.high, b.high)}; }
inline TwoFloats multiply(TwoFloats a, TwoFloats b) { return {multiply(a.low, b.low), multiply(a.high, b.high)}; }
inline TwoFloats divide(TwoFloats a, TwoFloats b) { return {divide(a.low, b.low), divide(a.high, b.high)}; }
inline TwoFloats root(TwoFloats a) { return {root(a.low), root(a.high)}; }
inline TwoFloats larger(TwoFloats a, TwoFloats b) { return {larger(a.low, b.low), larger(a.high, b.high)}; }
inline TwoFloats less(TwoFloats a, TwoFloats b) { return {less(a.low, b.low), less(a.high, b.high)}; }
inline TwoFloats both(TwoFloats a, TwoFloats b) { return {both(a.low, b.low), both(a.high, b.high)}; }
inline int count(TwoFloats mask) { return __builtin_popcount(bits(mask.low) | bits(mask.high) << 8); }
inline TwoFloats add_where(TwoFloats m, TwoFloats a, TwoFloats b) {
    return {add_where(m.low, a.low, b.low), add_where(m.high, a.high, b.high)};
}
inline TwoFloats lookup(const float* table32, TwoInts index) {
    return {lookup(table32, index.low), lookup(table32, index.high)};
}
inline __m256i front(unsigned pattern) {
    return _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(&fronts[pattern])));
}
inline void keep(TwoFloats m, TwoFloats a, float* p) {
    const unsigned low = bits(m.low), high = bits(m.high);
    _mm256_storeu_ps(p, _mm256_permutevar8x32_ps(a.low, front(low)));
    _mm256_storeu_ps(p + __builtin_popcount(low), _mm256_permutevar8x32_ps(a.high, front(high)));
}
inline void keep(TwoFloats m, TwoInts a, std::int32_t* p) {
    keep(m, TwoFloats{_mm256_castsi256_ps(a.low), _mm256_castsi256_ps(a.high)}, reinterpret_cast<float*>(p));
}

// Adds lanes l and l + 8, then l and l + 4: the first two levels of the tree.
inline __m128 fold_to_four(__m256 a) { return _mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1)); }
inline __m128 fold_to_four(TwoFloats a) { return fold_to_four(add(a.low, a.high)); }

// The last two levels, of four sums at once: lanes l and l + 2, then the two left.
template <class Floats>
inline void fold(Floats a, Floats b, Floats c, Floats d, float* p) {
    __m128 t0 = fold_to_four(a), t1 = fold_to_four(b), t2 = fold_to_four(c), t3 = fold_to_four(d);
    _MM_TRANSPOSE4_PS(t0, t1, t2, t3);
    _mm_storeu_ps(p, _mm_add_ps(_mm_add_ps(t0, t2), _mm_add_ps(t1, t3)));
}

#include "mechanics/contact_kernel.inl"

}  // namespace

Sums* const sums_avx2 = sums;

}  // namespace stellate::mechanics
#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

#else
namespace stellate::mechanics {
Sums* const sums_avx2 = nullptr;
}
#endif
