// The verification cases of the reaction-diffusion solver.
#include "verification/fields_domain.hpp"

namespace stellate::verification {

std::vector<Case> fields_cases() {
    std::vector<Case> all;
    for (auto part : {mode_cases(), steady_cases(), reaction_cases()})
        for (Case& c : part) all.push_back(std::move(c));
    std::sort(all.begin(), all.end(), [](const Case& a, const Case& b) { return a.id < b.id; });
    return all;
}

}  // namespace stellate::verification
