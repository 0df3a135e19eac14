// Files that are whole or absent. The text is written beside the target, flushed to disk, renamed over it, and the
// directory is flushed; whoever reads the target sees the old file or the new one, never a part. A flush that fails is
// final: what the disk then holds is not known, so it is never tried again.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace stellate {

// Throws RunError naming the file and the system's reason, and for want of space what is needed and what is free; the
// target is then untouched and no temporary is left.
void write_file_atomically(const std::filesystem::path& target, std::string_view content);

// The steps of it, for whoever puts several files in place at once. Both throw as above.
// Makes a file that must not exist, writes and flushes it; what could not be written whole is removed.
void write_new_file(const std::filesystem::path& file, std::string_view content);
void flush_directory(const std::filesystem::path& directory);

// Reads a whole file; throws InputError if it cannot be opened or read.
std::string read_file(const std::filesystem::path& path);

}  // namespace stellate
