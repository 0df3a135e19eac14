// What the machine has and what it lets this process use: processors, memory, disk. Everything is read from the
// kernel's files below `root`, so that a test can put others in their place; what cannot be read is absent or 0.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/error.hpp"

namespace stellate::laboratory {

// The value of the first "KEY : value" line of a file; empty where there is none.
std::string first_value(const std::filesystem::path& file, const std::string& key);

struct Processors {
    std::string name;
    int online = 0;               // processors of the machine
    int allowed = 0;              // that this process may run on
    std::optional<double> quota;  // of their time, in processors, where its control group has a limit
    int usable() const;           // whole ones, at least 1
};
Processors processors_here(const std::filesystem::path& root = "/");

// One bound on what this process may take.
struct MemoryLimit {
    std::string name;  // in words
    double total = 0;  // bytes
    double free = 0;   // bytes that are left now
};
// All that could be read, the machine's own memory first: available memory, every control group that the process is in
// (file cache that can be given back counts as free), and the limit on its address space.
std::vector<MemoryLimit> memory_limits(const std::filesystem::path& root = "/");
// The one with the least left; nothing where none could be read.
std::optional<MemoryLimit> tightest(const std::vector<MemoryLimit>& limits);

// Bytes free to this user where `path` is or would be made; nothing if that cannot be told.
std::optional<double> disk_free(std::filesystem::path path);

std::string bytes_text(double bytes);  // "85 MB", "1.5 GB"; 1 GB is 10^9 bytes

}  // namespace stellate::laboratory
