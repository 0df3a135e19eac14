// Are results, or what a run has left unfinished, still what was written? Every file against the length and digest it
// was written with, every checkpoint decoded and its state's digest compared, the tables' digest against the manifest's
// and the provenance's, and the provenance for what it must say. Reads, changes nothing.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace stellate::laboratory {

struct ResultsFindings {
    bool finished = false;            // results; else work that a run has left
    std::size_t files = 0;            // compared with their digest
    std::size_t states = 0;           // of checkpoints, decoded and compared
    std::vector<std::string> damage;  // one line each; empty: all is as it was written
    std::vector<std::string> notes;   // what is odd and no damage
};

// Is this folder results of this program, or the work folder of a run?
bool is_results_or_work(const std::filesystem::path& directory);

// Throws InputError if it is neither. `model_roots` as for experiments.
ResultsFindings check_results(const std::filesystem::path& directory,
                              const std::vector<std::filesystem::path>& model_roots);

}  // namespace stellate::laboratory
