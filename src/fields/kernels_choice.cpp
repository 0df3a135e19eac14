// Which machine code of the inner loops runs.
#include "fields/kernels.hpp"
#include "fields/multigrid.hpp"

namespace stellate::fields {

bool supported(Lanes lanes) {
    switch (lanes) {
        case Lanes::automatic:
        case Lanes::baseline:
            return true;
#if defined(__x86_64__)
        case Lanes::avx2:
            return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2");
        case Lanes::avx512:
            return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                   __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
#endif
        default:
            return false;
    }
}

namespace detail {

template <>
const Kernels<float>* best_kernels<float>() {
    return supported(Lanes::avx512) ? avx512_float() : supported(Lanes::avx2) ? avx2_float() : baseline_float();
}
template <>
const Kernels<double>* best_kernels<double>() {
    return supported(Lanes::avx512) ? avx512_double() : supported(Lanes::avx2) ? avx2_double() : baseline_double();
}

}  // namespace detail

}  // namespace stellate::fields
