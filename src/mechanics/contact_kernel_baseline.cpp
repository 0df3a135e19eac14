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

template <class Part, int parts>
struct Parts {
    Part part[parts];
};
template <int lanes_>
struct Of {
    using Floats = Parts<Four, lanes_ / 4>;
    using Ints = Parts<FourInts, lanes_ / 4>;
    using Mask = Parts<FourInts, lanes_ / 4>;  // -1 or 0
    static constexpr std::uint32_t count = lanes_;
};
using Sixteen = Of<16>;
using Eight = Of<8>;

// of(n) for every part.
template <class To, class Operation>
inline To each(Operation&& of) {
    To to;
    for (int n = 0; n < int(sizeof to.part / sizeof to.part[0]); ++n) to.part[n] = of(n);
    return to;
}

template <int n>
inline typename Of<n>::Ints load(Of<n>, const std::int32_t* p) {
    typename Of<n>::Ints to;
    __builtin_memcpy(&to, p, sizeof to);
    return to;
}
template <int n>
inline typename Of<n>::Floats load(Of<n>, const float* p) {
    typename Of<n>::Floats to;
    __builtin_memcpy(&to, p, sizeof to);
    return to;
}
inline Sixteen::Ints load(Sixteen, const std::uint8_t* p) {
    Sixteen::Ints to;
    for (int l = 0; l < 16; ++l) to.part[l / 4][l % 4] = p[l];
    return to;
}
inline void store(std::int32_t* p, Sixteen::Ints a) { __builtin_memcpy(p, &a, sizeof a); }
inline void store(float* p, Sixteen::Floats a) { __builtin_memcpy(p, &a, sizeof a); }
inline Sixteen::Ints broadcast(Sixteen, std::int32_t a) {
    return each<Sixteen::Ints>([a](int) { return FourInts{a, a, a, a}; });
}
template <int n>
inline typename Of<n>::Floats broadcast(Of<n>, float a) {
    return each<typename Of<n>::Floats>([a](int) { return Four{a, a, a, a}; });
}
template <int n>
inline typename Of<n>::Mask first_lanes(Of<n>, std::uint32_t count) {
    const auto end = static_cast<std::int32_t>(count);
    const FourInts four{end, end, end, end}, lane{0, 1, 2, 3};
    return each<typename Of<n>::Mask>([&](int part) { return FourInts(lane + 4 * part < four); });
}
template <int parts>
using Floats = Parts<Four, parts>;
template <int parts>
using Ints = Parts<FourInts, parts>;

template <int parts>
inline Floats<parts> difference(Ints<parts> a, Ints<parts> b) {
    return each<Floats<parts>>([&](int n) { return __builtin_convertvector(a.part[n] - b.part[n], Four); });
}
template <int parts>
inline Floats<parts> add(Floats<parts> a, Floats<parts> b) {
    return each<Floats<parts>>([&](int n) { return a.part[n] + b.part[n]; });
}
template <int parts>
inline Floats<parts> subtract(Floats<parts> a, Floats<parts> b) {
    return each<Floats<parts>>([&](int n) { return a.part[n] - b.part[n]; });
}
template <int parts>
inline Floats<parts> multiply(Floats<parts> a, Floats<parts> b) {
    return each<Floats<parts>>([&](int n) { return a.part[n] * b.part[n]; });
}
template <int parts>
inline Floats<parts> divide(Floats<parts> a, Floats<parts> b) {
    return each<Floats<parts>>([&](int n) { return a.part[n] / b.part[n]; });
}
inline Four chosen(FourInts where, Four a, Four b) {
    return reinterpret_cast<Four>((where & reinterpret_cast<FourInts>(a)) | (~where & reinterpret_cast<FourInts>(b)));
}
template <int parts>
inline Floats<parts> larger(Floats<parts> a, Floats<parts> b) {
    return each<Floats<parts>>([&](int n) { return chosen(a.part[n] > b.part[n], a.part[n], b.part[n]); });
}
template <int parts>
inline Ints<parts> less(Floats<parts> a, Floats<parts> b) {
    return each<Ints<parts>>([&](int n) { return FourInts(a.part[n] < b.part[n]); });
}
template <int parts>
inline Ints<parts> both(Ints<parts> a, Ints<parts> b) {
    return each<Ints<parts>>([&](int n) { return a.part[n] & b.part[n]; });
}
#if defined(__SSE2__)
inline Four root(Four a) { return Four(_mm_sqrt_ps(a)); }
inline unsigned bits(FourInts a) { return static_cast<unsigned>(_mm_movemask_ps(reinterpret_cast<__m128>(a))); }
#else
inline Four root(Four a) {
    return {__builtin_sqrtf(a[0]), __builtin_sqrtf(a[1]), __builtin_sqrtf(a[2]), __builtin_sqrtf(a[3])};
}
inline unsigned bits(FourInts a) { return (a[0] & 1u) | (a[1] & 2u) | (a[2] & 4u) | (a[3] & 8u); }
#endif
template <int parts>
inline Floats<parts> root(Floats<parts> a) {
    return each<Floats<parts>>([&](int n) { return root(a.part[n]); });
}
template <int parts>
inline unsigned bits(const Ints<parts>& a) {
    unsigned all = 0;
    for (int n = 0; n < parts; ++n) all |= bits(a.part[n]) << (4 * n);
    return all;
}
template <int parts>
inline int count(const Ints<parts>& a) {
    return __builtin_popcount(bits(a));
}
// Adds +0 where not asked: no sum here is ever -0, so that changes nothing.
template <int parts>
inline Floats<parts> add_where(Ints<parts> m, Floats<parts> a, Floats<parts> b) {
    return each<Floats<parts>>(
        [&](int n) { return a.part[n] + reinterpret_cast<Four>(m.part[n] & reinterpret_cast<FourInts>(b.part[n])); });
}
template <class Part, int parts, class T>
inline void keep(const Ints<parts>& m, const Parts<Part, parts>& a, T* p) {
    T value[4 * parts];
    __builtin_memcpy(value, &a, sizeof value);
    for (unsigned left = bits(m); left != 0; left &= left - 1) *p++ = value[__builtin_ctz(left)];
}
template <int parts>
inline Floats<parts> lookup(const float* table32, Ints<parts> index) {
    return each<Floats<parts>>([&](int n) {
        const FourInts at = index.part[n] & 31;
        return Four{table32[at[0]], table32[at[1]], table32[at[2]], table32[at[3]]};
    });
}

// Lanes l and l + 8, then l and l + 4, then l and l + 2, then the two left.
inline float fold_to_one(Floats<2> a) {
    const Four four = a.part[0] + a.part[1];
    return (four[0] + four[2]) + (four[1] + four[3]);
}
inline float fold_to_one(Floats<4> a) { return fold_to_one(Floats<2>{{a.part[0] + a.part[2], a.part[1] + a.part[3]}}); }
template <int parts>
inline void fold(Floats<parts> a, Floats<parts> b, Floats<parts> c, Floats<parts> d, float* p) {
    p[0] = fold_to_one(a);
    p[1] = fold_to_one(b);
    p[2] = fold_to_one(c);
    p[3] = fold_to_one(d);
}

#include "mechanics/contact_kernel.inl"

}  // namespace

Sums* const sums_baseline = sums;

}  // namespace stellate::mechanics
