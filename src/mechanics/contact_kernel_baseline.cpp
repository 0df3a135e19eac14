// The contact kernel for any processor: the sixteen lanes as four short vectors of the compiler's own kind.
#include <cmath>

#include "mechanics/contact.hpp"
#include "mechanics/contact_variants.hpp"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace stellate::mechanics {
namespace {

typedef float Four __attribute__((vector_size(16)));
typedef std::int32_t FourInts __attribute__((vector_size(16)));

struct Floats {
    Four part[4];
};
struct Ints {
    FourInts part[4];
};
struct Mask {
    FourInts part[4];  // -1 or 0
};

template <class To, class From>
inline To load_parts(const From* p) {
    To to;
    __builtin_memcpy(&to, p, sizeof to);
    return to;
}
inline Ints load(const std::int32_t* p) { return load_parts<Ints>(p); }
inline Floats load(const float* p) { return load_parts<Floats>(p); }
inline Ints load(const std::uint8_t* p) {
    Ints to;
    for (int l = 0; l < 16; ++l) to.part[l / 4][l % 4] = p[l];
    return to;
}
inline void store(std::int32_t* p, Ints a) { __builtin_memcpy(p, &a, sizeof a); }
inline void store(float* p, Floats a) { __builtin_memcpy(p, &a, sizeof a); }
inline Ints broadcast(std::int32_t a) {
    const FourInts v{a, a, a, a};
    return {{v, v, v, v}};
}
inline Floats broadcast(float a) {
    const Four v{a, a, a, a};
    return {{v, v, v, v}};
}
template <class Operation>
inline Floats each(Operation&& of) {
    return {{of(0), of(1), of(2), of(3)}};
}
inline Mask first_lanes(std::uint32_t n) {
    const auto end = static_cast<std::int32_t>(n);
    const FourInts four{end, end, end, end}, lane{0, 1, 2, 3};
    return {{lane < four, lane + 4 < four, lane + 8 < four, lane + 12 < four}};
}
inline Floats difference(Ints a, Ints b) {
    return each([&](int n) { return __builtin_convertvector(a.part[n] - b.part[n], Four); });
}
inline Floats add(Floats a, Floats b) {
    return each([&](int n) { return a.part[n] + b.part[n]; });
}
inline Floats subtract(Floats a, Floats b) {
    return each([&](int n) { return a.part[n] - b.part[n]; });
}
inline Floats multiply(Floats a, Floats b) {
    return each([&](int n) { return a.part[n] * b.part[n]; });
}
inline Floats divide(Floats a, Floats b) {
    return each([&](int n) { return a.part[n] / b.part[n]; });
}
inline Four chosen(FourInts where, Four a, Four b) {
    return reinterpret_cast<Four>((where & reinterpret_cast<FourInts>(a)) | (~where & reinterpret_cast<FourInts>(b)));
}
inline Floats larger(Floats a, Floats b) {
    return each([&](int n) { return chosen(a.part[n] > b.part[n], a.part[n], b.part[n]); });
}
inline Mask less(Floats a, Floats b) {
    return {{a.part[0] < b.part[0], a.part[1] < b.part[1], a.part[2] < b.part[2], a.part[3] < b.part[3]}};
}
inline Mask both(Mask a, Mask b) {
    return {{a.part[0] & b.part[0], a.part[1] & b.part[1], a.part[2] & b.part[2], a.part[3] & b.part[3]}};
}
#if defined(__SSE2__)
inline Floats root(Floats a) {
    return each([&](int n) { return Four(_mm_sqrt_ps(a.part[n])); });
}
inline unsigned bits(FourInts a) { return static_cast<unsigned>(_mm_movemask_ps(reinterpret_cast<__m128>(a))); }
#else
inline Floats root(Floats a) {
    return each([&](int n) {
        return Four{__builtin_sqrtf(a.part[n][0]), __builtin_sqrtf(a.part[n][1]), __builtin_sqrtf(a.part[n][2]),
                    __builtin_sqrtf(a.part[n][3])};
    });
}
inline unsigned bits(FourInts a) { return (a[0] & 1u) | (a[1] & 2u) | (a[2] & 4u) | (a[3] & 8u); }
#endif
inline unsigned bits(const Mask& a) {
    return bits(a.part[0]) | bits(a.part[1]) << 4 | bits(a.part[2]) << 8 | bits(a.part[3]) << 12;
}
inline int count(const Mask& a) { return __builtin_popcount(bits(a)); }
// Adds +0 where not asked: no sum here is ever -0, so that changes nothing.
inline Floats add_where(Mask m, Floats a, Floats b) {
    return each(
        [&](int n) { return a.part[n] + reinterpret_cast<Four>(m.part[n] & reinterpret_cast<FourInts>(b.part[n])); });
}
template <class Sixteen, class T>
inline void keep(const Mask& m, const Sixteen& a, T* p) {
    T value[16];
    __builtin_memcpy(value, &a, sizeof value);
    for (unsigned left = bits(m); left != 0; left &= left - 1) *p++ = value[__builtin_ctz(left)];
}
inline Floats lookup(const float* table32, Ints index) {
    return each([&](int n) {
        const FourInts at = index.part[n] & 31;
        return Four{table32[at[0]], table32[at[1]], table32[at[2]], table32[at[3]]};
    });
}

// Lanes l and l + 8, then l and l + 4, then l and l + 2, then the two left.
inline float fold_to_one(Floats a) {
    const Four four = (a.part[0] + a.part[2]) + (a.part[1] + a.part[3]);
    return (four[0] + four[2]) + (four[1] + four[3]);
}
inline void fold(Floats a, Floats b, Floats c, Floats d, float* p) {
    p[0] = fold_to_one(a);
    p[1] = fold_to_one(b);
    p[2] = fold_to_one(c);
    p[3] = fold_to_one(d);
}

#include "mechanics/contact_kernel.inl"

}  // namespace

Sums* const sums_baseline = sums;

}  // namespace stellate::mechanics
