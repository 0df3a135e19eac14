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

#include "mechanics/contact_lanes_eight.inl"

struct TwoFloats {
    __m256 low, high;
};
struct TwoInts {
    __m256i low, high;
};
struct Sixteen {
    using Floats = TwoFloats;
    using Ints = TwoInts;
    using Mask = TwoFloats;
    static constexpr std::uint32_t count = 16;
};

inline TwoInts load(Sixteen, const std::int32_t* p) { return {load(Eight{}, p), load(Eight{}, p + 8)}; }
inline TwoFloats load(Sixteen, const float* p) { return {load(Eight{}, p), load(Eight{}, p + 8)}; }
inline TwoInts load(Sixteen, const std::uint8_t* p) {
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
inline TwoInts broadcast(Sixteen, std::int32_t a) { return {_mm256_set1_epi32(a), _mm256_set1_epi32(a)}; }
inline TwoFloats broadcast(Sixteen, float a) { return {broadcast(Eight{}, a), broadcast(Eight{}, a)}; }
inline TwoFloats first_lanes(Sixteen, std::uint32_t n) {
    return {first_lanes(Eight{}, n), first_lanes(Eight{}, n > 8 ? n - 8 : 0)};
}
inline __m256 difference(__m256i a, __m256i b) { return _mm256_cvtepi32_ps(_mm256_sub_epi32(a, b)); }
inline TwoFloats difference(TwoInts a, TwoInts b) { return {difference(a.low, b.low), difference(a.high, b.high)}; }
inline TwoFloats add(TwoFloats a, TwoFloats b) { return {add(a.low, b.low), add(a.high, b.high)}; }
inline TwoFloats subtract(TwoFloats a, TwoFloats b) { return {subtract(a.low, b.low), subtract(a.high, b.high)}; }
inline TwoFloats multiply(TwoFloats a, TwoFloats b) { return {multiply(a.low, b.low), multiply(a.high, b.high)}; }
inline TwoFloats divide(TwoFloats a, TwoFloats b) { return {divide(a.low, b.low), divide(a.high, b.high)}; }
inline TwoFloats root(TwoFloats a) { return {root(a.low), root(a.high)}; }
inline TwoFloats larger(TwoFloats a, TwoFloats b) { return {larger(a.low, b.low), larger(a.high, b.high)}; }
inline TwoFloats less(TwoFloats a, TwoFloats b) { return {less(a.low, b.low), less(a.high, b.high)}; }
inline TwoFloats both(TwoFloats a, TwoFloats b) { return {both(a.low, b.low), both(a.high, b.high)}; }
inline int count(TwoFloats mask) { return count(mask.low) + count(mask.high); }
inline TwoFloats add_where(TwoFloats m, TwoFloats a, TwoFloats b) {
    return {add_where(m.low, a.low, b.low), add_where(m.high, a.high, b.high)};
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
inline __m256 lookup(const float* table32, __m256i index) {
    return _mm256_i32gather_ps(table32, _mm256_and_si256(index, _mm256_set1_epi32(31)), 4);
}
inline TwoFloats lookup(const float* table32, TwoInts index) {
    return {lookup(table32, index.low), lookup(table32, index.high)};
}
inline __m128 fold_to_four(TwoFloats a) { return fold_to_four(add(a.low, a.high)); }
inline void fold(TwoFloats a, TwoFloats b, TwoFloats c, TwoFloats d, float* p) {
    fold_fours(fold_to_four(a), fold_to_four(b), fold_to_four(c), fold_to_four(d), p);
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
