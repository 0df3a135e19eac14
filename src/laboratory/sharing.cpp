#include "laboratory/sharing.hpp"

#include <algorithm>

namespace stellate::laboratory {

std::vector<std::vector<int>> sharing_arms(const Experiment& e) {
    const auto alike = [](const Arm& a, const Arm& b) {
        return a.needs().empty() && b.needs().empty() && a.switched_off == b.switched_off &&
               same_changes(a.changes, b.changes);
    };
    std::vector<std::vector<int>> groups;
    for (std::size_t arm = 0; arm < e.arms.size(); ++arm) {
        const auto group = std::find_if(groups.begin(), groups.end(), [&](const std::vector<int>& g) {
            return alike(e.arms[std::size_t(g.front())], e.arms[arm]);
        });
        if (group == groups.end())
            groups.push_back({int(arm)});
        else
            group->push_back(int(arm));
    }
    return groups;
}

}  // namespace stellate::laboratory
