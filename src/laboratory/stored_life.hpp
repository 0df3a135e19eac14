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

// What was written down of an animal so far.
void store_run(const MouseRun& run, storage::ColumnWriter& to);
MouseRun restore_run(storage::ColumnReader& from);  // throws storage::Damaged

void store_sections(const DatedSections& sections, storage::ColumnWriter& to);
DatedSections restore_sections(storage::ColumnReader& from);  // throws storage::Damaged

// Sums over a life that its run does not hold.
template <class Shape>
void store_progress(const Life<Shape>& life, storage::ColumnWriter& to);
template <class Shape>
void restore_progress(storage::ColumnReader& from, Life<Shape>& life);  // throws storage::Damaged

}  // namespace stellate::laboratory
