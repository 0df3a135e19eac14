// Which arms of a mouse live one life (docs/decisions/0009-shared-history.md).
#pragma once

#include <vector>

#include "laboratory/experiment.hpp"

namespace stellate::laboratory {

// Arms in groups of those whose mice live alike until a drug first kills: they differ by the suicide genes and drugs
// given and by nothing else. An arm that takes kills from another one stands alone.
std::vector<std::vector<int>> sharing_arms(const Experiment& experiment);

}  // namespace stellate::laboratory
