#include "histology/focus_families.hpp"

#include <algorithm>

#include "core/error.hpp"

namespace stellate::histology {

std::int32_t FocusFamilies::root(std::int32_t family) {
    while (parent_[std::size_t(family)] != family) family = parent_[std::size_t(family)];
    return family;
}

std::int32_t FocusFamilies::family_of(std::uint64_t id) {
    const auto at = std::lower_bound(members_.begin(), members_.end(), std::pair<std::uint64_t, std::int32_t>{id, -1});
    return at == members_.end() || at->first != id ? -1 : root(at->second);
}

void FocusFamilies::look(std::span<const std::uint64_t> ids, const Foci& groups, int least_cells) {
    STELLATE_ASSERT(ids.size() == groups.focus_of.size(), ids.size(), groups.focus_of.size());
    const auto is_focus = [&](std::size_t group) { return groups.cells[group] >= least_cells; };
    std::vector<std::int32_t> own(ids.size()), of_group(groups.size(), -1);
    for (std::size_t n = 0; n < ids.size(); ++n) {
        own[n] = family_of(ids[n]);
        if (own[n] < 0) continue;
        const auto group = std::size_t(groups.focus_of[n]);
        std::int32_t& family = of_group[group];
        if (family < 0) {
            family = own[n];
        } else if (is_focus(group)) {  // single cells that meet do not make two foci one
            const std::int32_t a = root(family), b = root(own[n]);
            parent_[std::size_t(std::max(a, b))] = std::min(a, b);
            family = std::min(a, b);
        }
    }
    for (std::size_t group = 0; group < groups.size(); ++group)
        if (of_group[group] < 0 && is_focus(group)) {
            of_group[group] = static_cast<std::int32_t>(parent_.size());
            parent_.push_back(of_group[group]);
        }
    members_.clear();
    for (std::size_t n = 0; n < ids.size(); ++n) {
        const std::int32_t family = own[n] >= 0 ? own[n] : of_group[std::size_t(groups.focus_of[n])];
        if (family >= 0) members_.emplace_back(ids[n], root(family));
    }
    std::sort(members_.begin(), members_.end());
    std::vector<std::int32_t> present;
    for (std::size_t group = 0; group < groups.size(); ++group)
        if (is_focus(group)) present.push_back(root(of_group[group]));
    std::sort(present.begin(), present.end());
    present_ = static_cast<int>(std::unique(present.begin(), present.end()) - present.begin());
}

}  // namespace stellate::histology
