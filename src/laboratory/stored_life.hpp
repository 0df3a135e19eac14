// A life as the parts of a snapshot, and back: the world, what was written down of it, and the sections kept for
// pictures. docs/formats.md lists the columns.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "laboratory/history.hpp"
#include "storage/columns.hpp"

namespace stellate::laboratory {

using DatedSections = std::vector<std::pair<double, histology::Section>>;  // by day

std::string stored_run(const MouseRun& run);
MouseRun run_from(const std::string& bytes, const std::string& where);  // throws storage::Damaged

std::string stored_sections(const DatedSections& sections);
DatedSections sections_from(const std::string& bytes, const std::string& where);  // throws storage::Damaged

// Sums over a life that its run does not hold.
template <class Shape>
std::string stored_progress(const Life<Shape>& life);
template <class Shape>
void progress_from(const std::string& bytes, const std::string& where, Life<Shape>& life);  // throws storage::Damaged

}  // namespace stellate::laboratory
