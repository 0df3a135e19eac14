// The parts of the populations group.
#pragma once

#include <vector>

#include "verification/check.hpp"

namespace stellate::verification {

Case cycle_case();               // P06: populations_cycle.cpp
std::vector<Case> cell_cases();  // P05, P07-P10: populations_cells.cpp

}  // namespace stellate::verification
