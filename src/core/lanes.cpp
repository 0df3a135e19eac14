#include "core/lanes.hpp"

namespace stellate {

bool runs_here([[maybe_unused]] Lanes lanes) {
    if (lanes == Lanes::baseline) return true;
#if defined(__x86_64__)
    const bool avx2 =
        __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt");
    if (lanes == Lanes::avx2) return avx2;
    return avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
#else
    return false;
#endif
}

Lanes fastest_here() {
    static const Lanes fastest = runs_here(Lanes::avx512) ? Lanes::avx512
                                 : runs_here(Lanes::avx2) ? Lanes::avx2
                                                          : Lanes::baseline;
    return fastest;
}

}  // namespace stellate
