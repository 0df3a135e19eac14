// The instruction sets that inner loops are compiled for, one variant each, all equal to the last bit: which one runs
// is a matter of speed alone.
#pragma once

#include <cstdint>

namespace stellate {

enum class Lanes : std::uint8_t { baseline, avx2, avx512 };

bool runs_here(Lanes lanes);  // does this processor have the instructions
Lanes fastest_here();

}  // namespace stellate
