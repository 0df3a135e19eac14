#include "histology/focus_families.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/disjoint_sets.hpp"
#include "core/error.hpp"

namespace stellate::histology {

FocusFamilies families_of(std::span<const float> clone, const Foci& foci) {
    STELLATE_ASSERT(clone.size() == foci.focus_of.size(), clone.size(), foci.focus_of.size());
    std::vector<std::pair<float, std::int32_t>> members;  // (clone, focus)
    for (std::size_t n = 0; n < clone.size(); ++n)
        if (foci.focus_of[n] >= 0) members.emplace_back(clone[n], foci.focus_of[n]);
    std::sort(members.begin(), members.end());
    members.erase(std::unique(members.begin(), members.end()), members.end());

    FocusFamilies result;
    DisjointSets sets(foci.size());
    for (std::size_t n = 0; n < members.size(); ++n) {
        if (n > 0 && members[n].first == members[n - 1].first)
            sets.join(std::size_t(members[n].second), std::size_t(members[n - 1].second));
        else
            ++result.clones;
    }
    for (std::size_t focus = 0; focus < foci.size(); ++focus) result.families += sets.root(focus) == focus;
    return result;
}

}  // namespace stellate::histology
