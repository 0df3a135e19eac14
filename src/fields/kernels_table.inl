// Compiles the inner loops for float and double under the name STELLATE_KERNELS. See kernels.inl.
namespace stellate::fields::detail {

namespace {
namespace single {
#define REAL float
#define BITS std::int32_t
#define SIGN_FREE 0x7fffffff
#include "fields/kernels.inl"
#undef REAL
#undef BITS
#undef SIGN_FREE
}  // namespace single
namespace twice {
#define REAL double
#define BITS std::int64_t
#define SIGN_FREE 0x7fffffffffffffffLL
#include "fields/kernels.inl"
#undef REAL
#undef BITS
#undef SIGN_FREE
}  // namespace twice
}  // namespace

#define STELLATE_PASTE(a, b) a##b
#define STELLATE_NAME(a, b) STELLATE_PASTE(a, b)
const Kernels<float>* STELLATE_NAME(STELLATE_KERNELS, _float)() { return &single::table; }
const Kernels<double>* STELLATE_NAME(STELLATE_KERNELS, _double)() { return &twice::table; }
#undef STELLATE_NAME
#undef STELLATE_PASTE

}  // namespace stellate::fields::detail
