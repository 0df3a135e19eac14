// The multigrid's inner loops for processors with AVX-512; null on other machines. No fused multiply-add: it would
// change bits.
#include "fields/kernels.hpp"

#define STELLATE_KERNELS avx512
#if defined(__x86_64__) && defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,bmi,bmi2"))), \
                             apply_to = function)
#include "fields/kernels_table.inl"
#pragma clang attribute pop
#elif defined(__x86_64__) && defined(__GNUC__)
#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,bmi,bmi2,prefer-vector-width=512")
#include "fields/kernels_table.inl"
#pragma GCC pop_options
#else
namespace stellate::fields::detail {
const Kernels<float>* avx512_float() { return nullptr; }
const Kernels<double>* avx512_double() { return nullptr; }
}  // namespace stellate::fields::detail
#endif
