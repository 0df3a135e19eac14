// Names of the rule grammar and their spellings: which texts mean the same cell type, signal or behaviour.
#pragma once

#include <string>
#include <string_view>

namespace stellate::rules {

// Lower case, '_' as a blank, single blanks, none at the ends.
std::string folded(std::string_view text);

// The folded name with the grammar's synonyms resolved ("transition to x" -> "transform to x", "grad(x)" -> "x
// gradient"). Two texts name the same thing exactly if their canonical names are equal.
std::string canonical_name(std::string_view text);

}  // namespace stellate::rules
