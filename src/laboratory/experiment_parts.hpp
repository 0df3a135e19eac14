// The steps of reading an experiment file, in their order, for experiment.cpp alone:
//   TOML tree -> command line laid over it -> Experiment -> arms and primaries kept -> checked against the model.
// Each notes the mistakes it finds and goes on.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "laboratory/experiment.hpp"
#include "model/toml.hpp"

namespace stellate::laboratory {

// overrides.cpp. What is set in the experiment goes into the tree, what is set in the model to `record_changes`.
void apply(const Overrides& overrides, TomlTable& tree, Problems& problems, std::vector<Change>& record_changes);
// --arms and --primaries: keeps what is named, in the order of the file.
void keep_selected(const Overrides& overrides, Experiment& e, Problems& problems);

// experiment_reader.cpp. Every key that some experiment file may hold, and its table.
const std::vector<KnownKey>& experiment_keys();
// The file, with the place of each key.
Experiment experiment_in(const TomlTable& tree, Problems& problems);

// experiment_checks.cpp. Names of records, loops, cell types; at last whether each arm makes a model at all.
void check_against_model(const Experiment& e, Problems& problems);

inline bool contains(const std::vector<std::string>& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace stellate::laboratory
