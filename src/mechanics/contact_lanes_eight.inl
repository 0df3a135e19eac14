// Eight lanes in one register of AVX2, for the variants whose processors have it: what contact_kernel.inl asks of
// `Eight`, but for lookup. Included inside an unnamed namespace; no header may be included from here either.

struct Eight {
    using Floats = __m256;
    using Ints = __m256i;
    using Mask = __m256;  // all bits of a lane, or none
    static constexpr std::uint32_t count = 8;
};

inline __m256i load(Eight, const std::int32_t* p) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)); }
inline __m256 load(Eight, const float* p) { return _mm256_loadu_ps(p); }
inline __m256 broadcast(Eight, float a) { return _mm256_set1_ps(a); }
inline __m256 first_lanes(Eight, std::uint32_t n) {
    const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    return _mm256_castsi256_ps(_mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(n)), lane));
}
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

// Adds lanes l and l + 4: of sixteen lanes, whose halves were added before, the second level of the tree.
inline __m128 fold_to_four(__m256 a) { return _mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1)); }

// The last two levels, of four sums at once: lanes l and l + 2, then the two left.
inline void fold_fours(__m128 a, __m128 b, __m128 c, __m128 d, float* p) {
    _MM_TRANSPOSE4_PS(a, b, c, d);
    _mm_storeu_ps(p, _mm_add_ps(_mm_add_ps(a, c), _mm_add_ps(b, d)));
}
inline void fold(__m256 a, __m256 b, __m256 c, __m256 d, float* p) {
    fold_fours(fold_to_four(a), fold_to_four(b), fold_to_four(c), fold_to_four(d), p);
}
