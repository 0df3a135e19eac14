// Slips of the pen.
#pragma once

#include <string>
#include <utility>

#include "core/random.hpp"

namespace stellate::testing {

// `word` with one letter dropped, doubled or replaced, or two neighbours swapped; never `word` itself.
inline std::string misspelt(const std::string& word, Draws& draws) {
    while (true) {
        std::string wrong = word;
        const std::size_t at = draws.below(static_cast<std::uint32_t>(word.size()));
        switch (draws.below(4)) {
            case 0:
                if (word.size() > 1) wrong.erase(at, 1);
                break;
            case 1:
                wrong.insert(at, 1, word[at]);
                break;
            case 2:
                if (at + 1 < word.size()) std::swap(wrong[at], wrong[at + 1]);
                break;
            default:
                wrong[at] = static_cast<char>('a' + draws.below(26));
        }
        if (wrong != word) return wrong;
    }
}

}  // namespace stellate::testing
