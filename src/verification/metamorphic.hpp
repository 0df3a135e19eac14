// The metamorphic group: no known answer, but a change of the input after which the output must stay the same (to the
// last bit), stay within a stated bound, or turn with the input. X01-X03, X05, X07-X13; worlds are small mice of the
// shipped model.
#pragma once

#include <filesystem>
#include <vector>

#include "verification/check.hpp"

namespace stellate::verification {

struct MetamorphicOptions {
    bool quick = false;  // smaller worlds, fewer mice; bounds widen with the noise
    // Directories that hold models, searched after those at and above the program and the working directory.
    std::vector<std::filesystem::path> model_roots;
};
// A case that does not find models/liver-mouse throws InputError when it is run.
std::vector<Case> metamorphic_cases_with(const MetamorphicOptions& options);

}  // namespace stellate::verification
