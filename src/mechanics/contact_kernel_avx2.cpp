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

struct Floats {
    __m256 low, high;
};
struct Ints {
    __m256i low, high;
};
struct Mask {
    __m256 low, high;  // all bits of a lane, or none
};

inline __m256i load8(const std::int32_t* p) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)); }
inline Ints load(const std::int32_t* p) { return {load8(p), load8(p + 8)}; }
inline Floats load(const float* p) { return {_mm256_loadu_ps(p), _mm256_loadu_ps(p + 8)}; }
inline Ints load(const std::uint8_t* p) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    return {_mm256_cvtepu8_epi32(bytes), _mm256_cvtepu8_epi32(_mm_srli_si128(bytes, 8))};
}
inline void store(std::int32_t* p, Ints a) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), a.low);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(p + 8), a.high);
}
inline void store(float* p, Floats a) {
    _mm256_storeu_ps(p, a.low);
    _mm256_storeu_ps(p + 8, a.high);
}
inline Ints broadcast(std::int32_t a) { return {_mm256_set1_epi32(a), _mm256_set1_epi32(a)}; }
inline Floats broadcast(float a) { return {_mm256_set1_ps(a), _mm256_set1_ps(a)}; }
inline Mask first_lanes(std::uint32_t n) {
    const __m256i end = _mm256_set1_epi32(static_cast<int>(n));
    return {_mm256_castsi256_ps(_mm256_cmpgt_epi32(end, _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7))),
            _mm256_castsi256_ps(_mm256_cmpgt_epi32(end, _mm256_setr_epi32(8, 9, 10, 11, 12, 13, 14, 15)))};
}
inline Floats difference(Ints a, Ints b) {
    return {_mm256_cvtepi32_ps(_mm256_sub_epi32(a.low, b.low)), _mm256_cvtepi32_ps(_mm256_sub_epi32(a.high, b.high))};
}
inline Floats add(Floats a, Floats b) { return {_mm256_add_ps(a.low, b.low), _mm256_add_ps(a.high, b.high)}; }
inline Floats subtract(Floats a, Floats b) { return {_mm256_sub_ps(a.low, b.low), _mm256_sub_ps(a.high, b.high)}; }
inline Floats multiply(Floats a, Floats b) { return {_mm256_mul_ps(a.low, b.low), _mm256_mul_ps(a.high, b.high)}; }
inline Floats divide(Floats a, Floats b) { return {_mm256_div_ps(a.low, b.low), _mm256_div_ps(a.high, b.high)}; }
inline Floats root(Floats a) { return {_mm256_sqrt_ps(a.low), _mm256_sqrt_ps(a.high)}; }
inline Floats larger(Floats a, Floats b) { return {_mm256_max_ps(a.low, b.low), _mm256_max_ps(a.high, b.high)}; }
inline Mask less(Floats a, Floats b) {
    return {_mm256_cmp_ps(a.low, b.low, _CMP_LT_OQ), _mm256_cmp_ps(a.high, b.high, _CMP_LT_OQ)};
}
inline Mask both(Mask a, Mask b) { return {_mm256_and_ps(a.low, b.low), _mm256_and_ps(a.high, b.high)}; }
inline int count(Mask a) {
    return __builtin_popcount(static_cast<unsigned>(_mm256_movemask_ps(a.low)) |
                              static_cast<unsigned>(_mm256_movemask_ps(a.high)) << 8);
}
// Adds +0 where not asked: no sum here is ever -0, so that changes nothing.
inline Floats add_where(Mask m, Floats a, Floats b) {
    return {_mm256_add_ps(a.low, _mm256_and_ps(m.low, b.low)), _mm256_add_ps(a.high, _mm256_and_ps(m.high, b.high))};
}
inline __m256i front(unsigned pattern) {
    return _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(&fronts[pattern])));
}
inline void keep(Mask m, Floats a, float* p) {
    const auto low = static_cast<unsigned>(_mm256_movemask_ps(m.low)),
               high = static_cast<unsigned>(_mm256_movemask_ps(m.high));
    _mm256_storeu_ps(p, _mm256_permutevar8x32_ps(a.low, front(low)));
    _mm256_storeu_ps(p + __builtin_popcount(low), _mm256_permutevar8x32_ps(a.high, front(high)));
}
inline void keep(Mask m, Ints a, std::int32_t* p) {
    keep(m, Floats{_mm256_castsi256_ps(a.low), _mm256_castsi256_ps(a.high)}, reinterpret_cast<float*>(p));
}
inline Floats lookup(const float* table32, Ints index) {
    const __m256i in_table = _mm256_set1_epi32(31);
    return {_mm256_i32gather_ps(table32, _mm256_and_si256(index.low, in_table), 4),
            _mm256_i32gather_ps(table32, _mm256_and_si256(index.high, in_table), 4)};
}

// Adds lanes l and l + 8, then l and l + 4: the first two levels of the tree.
inline __m128 fold_to_four(Floats a) {
    const __m256 eight = _mm256_add_ps(a.low, a.high);
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
