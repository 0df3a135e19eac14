// A snapshot: a folder of compressed files and a MANIFEST that says what they are, how long they are and what their
// SHA-256 is, its own too. It is written beside its place, every file and folder flushed, and renamed into it; so
// it is there whole or not at all, whatever moment the program is killed at. It is read only after every length and
// digest has been checked. What is inside is the caller's business. Format: docs/formats.md; library: zstd.
//
// It keeps no history and takes no lock (lock.hpp).
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/manifest.hpp"

namespace stellate::storage {

// In the names of all that is not yet in its place, here and in core/atomic_file.
inline constexpr std::string_view temporary_mark = ".tmp-";

// One file of a snapshot, unpacked.
struct Part {
    std::string name;
    std::string content;
};

// Throws RunError where it cannot be written; then nothing is left. `directory` must not exist. Returns the bytes
// written.
std::uint64_t write_snapshot(const std::filesystem::path& directory, const Format& format,
                             const std::vector<std::pair<std::string, std::string>>& facts,
                             const std::vector<Part>& parts);

// Checks every file of it, and that there is no other. Throws Damaged.
Manifest check_snapshot(const std::filesystem::path& directory, const Format& newest);

// Its files unpacked, by name; checked as above.
struct Snapshot {
    Manifest manifest;
    std::map<std::string, std::string> parts;
    const std::string& part(const std::string& name) const;  // throws Damaged
    std::string where;                                       // the folder, for messages
};
Snapshot read_snapshot(const std::filesystem::path& directory, const Format& newest);

// Removes what writers that were killed have left in `directory`. Nothing else is touched; no error is one.
void sweep_temporaries(const std::filesystem::path& directory);

}  // namespace stellate::storage
