// How foci hang together by descent: a metastasis that lies in pieces is several foci and one family.
#pragma once

#include <span>

#include "histology/linking.hpp"

namespace stellate::histology {

struct FocusFamilies {
    // Foci there are, those that hold cells of the same clone counted once, and so on from focus to focus.
    int families = 0;
    int clones = 0;  // founders whose descendants make up these foci
};

// `clone` [points]: a number that a cell inherits from its founder and shares with nobody else's descendants; `foci`
// of the same points.
FocusFamilies families_of(std::span<const float> clone, const Foci& foci);

}  // namespace stellate::histology
