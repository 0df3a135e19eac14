// The multigrid's inner loops for processors with AVX2; null on other machines. No fused multiply-add: it would change
// bits.
#include "fields/kernels.hpp"

#define STELLATE_KERNELS avx2
#if defined(__x86_64__) && defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,bmi,bmi2"))), apply_to = function)
#include "fields/kernels_table.inl"
#pragma clang attribute pop
#elif defined(__x86_64__) && defined(__GNUC__)
#pragma GCC push_options
#pragma GCC target("avx2,bmi,bmi2")
#include "fields/kernels_table.inl"
#pragma GCC pop_options
#else
namespace stellate::fields::detail {
const Kernels<float>* avx2_float() { return nullptr; }
const Kernels<double>* avx2_double() { return nullptr; }
}  // namespace stellate::fields::detail
#endif
