// What a folder of files says of itself: a text file MANIFEST with facts, and the length and SHA-256 of every file, and
// last its own. Whatever was cut, altered, lost or put in from elsewhere is found. Format: docs/formats.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/columns.hpp"

namespace stellate::storage {

inline constexpr const char* manifest_name = "MANIFEST";

// What a folder is, and the version of what it holds.
struct Format {
    std::string kind;  // letters
    int version = 1;   // of what is written; what is read may be older
};

struct Manifest {
    Format format;
    std::vector<std::pair<std::string, std::string>> facts;  // key and value, both one line
    struct File {
        std::string name;                   // from the folder, with / between folders
        std::uint64_t stored = 0, raw = 0;  // bytes in the folder, and unpacked
        std::string digest;                 // SHA-256 of the stored bytes, hexadecimal
    };
    std::vector<File> files;

    const std::string& fact(std::string_view key) const;  // throws Damaged
    std::uint64_t bytes() const;                          // stored, all files
};

std::string text_of(const Manifest& manifest);
// Throws Damaged: none there, not of that kind, of a newer version, altered.
Manifest read_manifest(const std::filesystem::path& directory, const Format& newest);
// The stored bytes of a file, after its length and digest were compared. Throws Damaged.
std::string checked_file(const std::filesystem::path& directory, const Manifest::File& file);
// Files below the folder that the manifest does not name, in order.
std::vector<std::string> strangers(const std::filesystem::path& directory, const Manifest& manifest);

}  // namespace stellate::storage
