// Sets that are joined and never parted (union-find). The root of a set is its lowest member, so that what comes out
// does not depend on the order of joining.
#pragma once

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <vector>

namespace stellate {

class DisjointSets {
public:
    explicit DisjointSets(std::size_t count) : parent_(count) {
        std::iota(parent_.begin(), parent_.end(), std::size_t(0));
    }

    std::size_t root(std::size_t member) {
        while (parent_[member] != member) member = parent_[member] = parent_[parent_[member]];
        return member;
    }
    void join(std::size_t a, std::size_t b) {
        a = root(a);
        b = root(b);
        if (a != b) parent_[std::max(a, b)] = std::min(a, b);
    }

private:
    std::vector<std::size_t> parent_;
};

}  // namespace stellate
