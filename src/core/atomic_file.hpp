// Files that are whole or absent. The text is written beside the target, flushed to disk, renamed over it, and the
// directory is flushed; whoever reads the target sees the old file or the new one, never a part.
#pragma once

#include <filesystem>
#include <string_view>

namespace stellate {

// Throws RunError naming the file and the system's reason; the target is then untouched and no temporary is left.
void write_file_atomically(const std::filesystem::path& target, std::string_view content);

// Reads a whole file; throws InputError if it cannot be opened or read.
std::string read_file(const std::filesystem::path& path);

}  // namespace stellate
