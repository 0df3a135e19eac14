// Which machine code of the inner loops runs.
#include "core/error.hpp"
#include "fields/kernels.hpp"

namespace stellate::fields::detail {

namespace {

template <class Real>
const Kernels<Real>* chosen(Lanes lanes, const Kernels<Real>* baseline, const Kernels<Real>* avx2,
                            const Kernels<Real>* avx512) {
    STELLATE_ASSERT(runs_here(lanes), static_cast<int>(lanes));
    return lanes == Lanes::avx512 ? avx512 : lanes == Lanes::avx2 ? avx2 : baseline;
}

}  // namespace

template <>
const Kernels<float>* kernels_for<float>(Lanes lanes) {
    return chosen(lanes, baseline_float(), avx2_float(), avx512_float());
}
template <>
const Kernels<double>* kernels_for<double>(Lanes lanes) {
    return chosen(lanes, baseline_double(), avx2_double(), avx512_double());
}

}  // namespace stellate::fields::detail
