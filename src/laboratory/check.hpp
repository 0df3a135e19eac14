// A model judged without an experiment: every record, every rule, and that each of its primaries makes a mouse.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace stellate::laboratory {

struct ModelSummary {
    std::string name;
    std::size_t records = 0, rules = 0;  // of the last primary
    std::vector<std::string> primaries;
};

// The primaries' files of the model in `directory`, by name.
std::vector<std::filesystem::path> primaries_of(const std::filesystem::path& directory);

// Reads the model in `directory` with each of the files `primaries` laid over it, or with none if there are none.
// Throws InputError with every mistake; writes nothing.
ModelSummary check_model(const std::filesystem::path& directory, const std::vector<std::filesystem::path>& primaries);

}  // namespace stellate::laboratory
