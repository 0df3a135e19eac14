// Which foci descend from one another, from look to look at the same animal. A focus is founded if none of its cells
// has ever been in one, nor in a group with such a cell; its cells and their descendants are a family, and a focus that
// holds cells of two families makes them one. A focus in several pieces is then several foci and one family.
//
// Between two looks a mother keeps her id; a cell whose mother has died since is known by the group it stands in. What
// is founded and breaks in two between two looks counts twice.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "histology/linking.hpp"

namespace stellate::histology {

class FocusFamilies {
public:
    // All living tumour cells now: their ids, distinct, and the groups they stand in (link_foci with least_cells 1, in
    // the same order); a group of at least `least_cells` is a focus.
    void look(std::span<const std::uint64_t> ids, const Foci& groups, int least_cells);

    int founded() const { return static_cast<int>(parent_.size()); }  // since the first look
    int present() const { return present_; }                          // families with a focus at the last look

private:
    std::int32_t root(std::int32_t family);
    std::int32_t family_of(std::uint64_t id);  // -1: none

    std::vector<std::pair<std::uint64_t, std::int32_t>> members_;  // living cells of families, by id
    std::vector<std::int32_t> parent_;                             // [family] itself, or an older one it is one with
    int present_ = 0;
};

}  // namespace stellate::histology
