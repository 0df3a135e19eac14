// The model's texts written differently with the same meaning, for the metamorphic checks X08 and X09. Internal to the
// group.
#pragma once

#include <string>

#include "verification/small_mice.hpp"

namespace stellate::verification {

// A TOML text of one-line records with its tables, and the keys in each, in the reverse order; comments are dropped.
std::string reversed_tables(const std::string& text);
// Rules in the reverse order, behind their header. The mistake: one Hill power is 1 % off.
std::string reversed_rows(const std::string& text, bool slip);
// Every number of records and rules whose unit has another spelling here, with its range; returns how many. The
// mistake: rates a day are 1 % off.
int in_other_units(ModelTexts& texts, bool slip);

}  // namespace stellate::verification
