#include "storage/snapshot.hpp"

#include <unistd.h>
#include <zstd.h>

#include <atomic>
#include <cerrno>
#include <cstring>

#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/sha256.hpp"

namespace stellate::storage {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view suffix = ".zst";
constexpr int compression_level = 1;

std::string packed(std::string_view content) {
    std::string out(ZSTD_compressBound(content.size()), '\0');
    const std::size_t size = ZSTD_compress(out.data(), out.size(), content.data(), content.size(), compression_level);
    if (ZSTD_isError(size)) throw RunError(std::string("compression failed: ") + ZSTD_getErrorName(size));
    out.resize(size);
    return out;
}

std::string unpacked(const std::string& stored, const Manifest::File& file, const std::string& where) {
    if (ZSTD_getFrameContentSize(stored.data(), stored.size()) != file.raw)
        throw Damaged(where + ": is not what its manifest says when unpacked");
    std::string out(static_cast<std::size_t>(file.raw), '\0');
    const std::size_t size = ZSTD_decompress(out.data(), out.size(), stored.data(), stored.size());
    if (ZSTD_isError(size) || size != out.size()) throw Damaged(where + ": cannot be unpacked");
    return out;
}

void refuse_strangers(const fs::path& directory, const Manifest& manifest) {
    const std::vector<std::string> names = strangers(directory, manifest);
    if (!names.empty())
        throw Damaged((directory / names.front()).string() + ": is not part of the snapshot it lies in");
}

void remove_folder(const fs::path& directory) {
    std::error_code error;
    fs::remove_all(directory, error);
}

}  // namespace

const std::string& Snapshot::part(const std::string& name) const {
    const auto at = parts.find(name);
    if (at == parts.end()) throw Damaged(where + ": holds no part '" + name + "'");
    return at->second;
}

std::uint64_t write_snapshot(const fs::path& directory, const Format& format,
                             const std::vector<std::pair<std::string, std::string>>& facts,
                             const std::vector<Part>& parts) {
    static std::atomic<unsigned> number{0};
    const fs::path parent = directory.parent_path();
    const fs::path temporary =
        parent / (std::string(temporary_mark) + std::to_string(::getpid()) + "-" + std::to_string(number.fetch_add(1)));
    std::error_code error;
    fs::create_directories(parent, error);
    if (!error) fs::create_directory(temporary, error);
    if (error) throw RunError(directory.string() + ": could not be made: " + error.message());
    try {
        Manifest manifest{format, facts, {}};
        for (const Part& part : parts) {
            const std::string stored = packed(part.content);
            manifest.files.push_back(
                {part.name + std::string(suffix), stored.size(), part.content.size(), sha256_hex(stored)});
            write_new_file(temporary / manifest.files.back().name, stored);
        }
        write_new_file(temporary / manifest_name, text_of(manifest));
        flush_directory(temporary);
        if (::rename(temporary.c_str(), directory.c_str()) != 0)
            throw RunError(directory.string() + ": could not be put in place: " + std::strerror(errno));
        flush_directory(parent);
        return manifest.bytes();
    } catch (...) {
        remove_folder(temporary);
        throw;
    }
}

Manifest check_snapshot(const fs::path& directory, const Format& newest) {
    Manifest manifest = read_manifest(directory, newest);
    for (const Manifest::File& file : manifest.files) checked_file(directory, file);
    refuse_strangers(directory, manifest);
    return manifest;
}

Snapshot read_snapshot(const fs::path& directory, const Format& newest) {
    Snapshot snapshot{read_manifest(directory, newest), {}, directory.string()};
    for (const Manifest::File& file : snapshot.manifest.files) {
        const std::string stored = checked_file(directory, file);
        if (!file.name.ends_with(suffix)) throw Damaged((directory / file.name).string() + ": is of no known kind");
        snapshot.parts[file.name.substr(0, file.name.size() - suffix.size())] =
            unpacked(stored, file, (directory / file.name).string());
    }
    refuse_strangers(directory, snapshot.manifest);
    return snapshot;
}

void sweep_temporaries(const fs::path& directory) {
    std::error_code error;
    std::vector<fs::path> left;
    for (fs::recursive_directory_iterator entry(directory, error), end; !error && entry != end; entry.increment(error))
        if (entry->path().filename().string().find(temporary_mark) != std::string::npos) {
            left.push_back(entry->path());
            entry.disable_recursion_pending();
        }
    for (const fs::path& path : left) remove_folder(path);
}

}  // namespace stellate::storage
