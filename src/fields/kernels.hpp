// Inner loops of the multigrid, one table of functions per instruction set. Internal to src/fields.
//
// Layout ("split rows"). A level's cells are stored by colour: red has (x + y + z) even in absolute coordinates. In the
// row (y, z), pair i holds x = 2 i' and 2 i' + 1 (i' = pair0 + i): one red, one black. So a row of one colour is
// contiguous, its x-neighbours are the other colour's row at i and i +- 1, its y- and z-neighbours the other colour's
// neighbouring rows at the same i, and a half-sweep is a plain loop without masks or waste. Rows are padded to 8 pairs
// and followed by 8 empty ones; rows and planes of zeros surround the level, so loops have no borders.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/lanes.hpp"

namespace stellate::fields::detail {

struct Shape {
    int pairs = 0, ny = 0, nz = 0;      // extent; x counted in pairs
    int pair0 = 0, y0 = 0, z0 = 0;      // absolute coordinates of the first pair, row and plane
    bool flat = false;                  // no neighbours in z (one plane): no planes of zeros, no z-terms
    int padded = 0;                     // pairs rounded up to 8
    std::ptrdiff_t row = 0, plane = 0;  // strides
    std::ptrdiff_t origin = 0, size = 0;

    std::ptrdiff_t at(int y, int z) const { return origin + row * y + plane * z; }
    // 0 or 1: offset within a pair of the cells of `colour` (0 red, 1 black) in this row.
    int offset(int colour, int y, int z) const { return (y0 + y + z0 + z + colour) & 1; }
};

// Two arrays of one level, indexed by colour.
template <class Real>
using Pair = Real* const*;
template <class Real>
using ConstPair = const Real* const*;

struct Sums {
    double first = 0, second = 0;
};

// Sums of products by lane: 8 of the red cells, 8 of the black ones.
struct Lanes16 {
    double lane[16] = {};
    double total() const {
        double sum[2];
        for (int c = 0; c < 2; ++c) {
            const double* l = lane + 8 * c;
            sum[c] = ((l[0] + l[1]) + (l[2] + l[3])) + ((l[4] + l[5]) + (l[6] + l[7]));
        }
        return sum[0] + sum[1];
    }
};

// Every function works on the planes [begin, end) (of the coarse level in restrict_* and prolong), so that the caller
// can send several of them through the level in one wave while the planes are in the cache.
template <class Real>
struct Kernels {
    // own = rhs * inverse
    void (*start)(const Shape&, int begin, int end, const Real* rhs, const Real* inverse, Real* own);
    // One half-sweep on the finest level: own = (rhs + k * sum of neighbours) * inverse.
    void (*relax)(const Shape&, int begin, int end, int colour, Real k, const Real* other, const Real* rhs,
                  const Real* inverse, Real* own);
    // One half-sweep with face weights.
    void (*relax_weighted)(const Shape&, int begin, int end, int colour, Real k, ConstPair<Real> fx, ConstPair<Real> fy,
                           ConstPair<Real> fz, const Real* other, const Real* rhs, const Real* inverse, Real* own);
    // Sums the residual of one colour (the other's is zero) into the right-hand side of the next level.
    void (*restrict_residual)(const Shape&, const Shape& coarse, int begin, int end, int colour, Real k,
                              const Real* count, const Real* rate, ConstPair<Real> value, const Real* rhs,
                              Pair<Real> coarse_rhs, Real* line);
    void (*restrict_weighted)(const Shape&, const Shape& coarse, int begin, int end, int colour, Real k,
                              ConstPair<Real> fx, ConstPair<Real> fy, ConstPair<Real> fz, const Real* diagonal,
                              const Real* inverse, ConstPair<Real> value, const Real* rhs, Pair<Real> coarse_rhs,
                              Real* line);
    // Adds the coarse correction to the active cells of one colour.
    void (*prolong)(const Shape&, const Shape& coarse, int begin, int end, ConstPair<Real> coarse_value,
                    const Real* inverse, Real* own, Real* line);
    // residual = residual - rate * value + k * (sum of neighbours - count * value) where awake, 0 elsewhere.
    void (*residual)(const Shape&, Real k, ConstPair<Real> count, ConstPair<Real> rate, ConstPair<Real> value,
                     Pair<Real> residual);
    // p = z + beta p
    void (*direct)(const Shape&, int begin, int end, Real beta, ConstPair<Real> z, Pair<Real> p);
    // image = A p with A = rate - k (sum of neighbours - count); adds (p, image) and (p, residual) to the lanes.
    void (*apply)(const Shape&, int begin, int end, Real k, ConstPair<Real> count, ConstPair<Real> rate,
                  ConstPair<Real> p, ConstPair<Real> residual, Pair<Real> image, Lanes16& with_image,
                  Lanes16& with_residual);
    void (*dot)(const Shape&, int begin, int end, ConstPair<Real> a, ConstPair<Real> b, Lanes16& sum);
    // change += alpha p, residual -= alpha image; returns the largest |alpha p| (NaN if any is).
    Real (*advance)(const Shape&, Real alpha, ConstPair<Real> p, ConstPair<Real> image, Pair<Real> change,
                    Pair<Real> residual);
    // The largest |value| (NaN if any is).
    Real (*largest)(const Shape&, ConstPair<Real> value);
    // rate += more and inverse = 1 / (k * count + rate) where awake (count >= 0), inverse = 0 elsewhere; false if one
    // of the diagonals is not a positive number.
    bool (*invert)(const Shape&, Real k, Real more, ConstPair<Real> count, Pair<Real> rate, Pair<Real> inverse);
    // Newton's linearisation of a saturable uptake (see multigrid.cpp) at now = value + change: sets residual, rate,
    // slope.
    void (*linearise)(const Shape&, Real half_saturation, Real per_step, ConstPair<Real> value, ConstPair<Real> change,
                      ConstPair<Real> sink, ConstPair<Real> source, ConstPair<Real> capacity, ConstPair<Real> healthy,
                      ConstPair<Real> extra, Pair<Real> now, Pair<Real> residual, Pair<Real> rate, Pair<Real> slope);
    // Sums the rates of a level into the next.
    void (*restrict_rates)(const Shape&, const Shape& coarse, ConstPair<Real> rate, Pair<Real> coarse_rate, Real* line);
    // diagonal = k * weight + rate and its inverse where active, else 0; rate = 0 where not active.
    void (*invert_weighted)(const Shape&, Real k, ConstPair<Real> weight, ConstPair<Real> active, Pair<Real> rate,
                            Pair<Real> diagonal, Pair<Real> inverse);
    // Thomas algorithm along one axis for `width` neighbouring lines of n places, `stride` apart (lod.hpp).
    void (*solve_lines)(int n, Real coupling, const Real* denominator, const Real* above, Real* value,
                        std::ptrdiff_t stride, int width);
    // The same along x for `rows` lines of n places that follow one another; `lines` holds 16 n.
    void (*solve_rows)(int n, Real coupling, const Real* denominator, const Real* above, Real* value,
                       std::ptrdiff_t rows, Real* lines);
};

// The table of these lanes, which the processor must have (kernels_choice.cpp).
template <class Real>
const Kernels<Real>* kernels_for(Lanes lanes);

// Null where the machine or the compiler has no such instructions.
const Kernels<float>* baseline_float();
const Kernels<double>* baseline_double();
const Kernels<float>* avx2_float();
const Kernels<double>* avx2_double();
const Kernels<float>* avx512_float();
const Kernels<double>* avx512_double();

}  // namespace stellate::fields::detail
