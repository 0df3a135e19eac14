#include "storage/manifest.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>

#include "core/error.hpp"
#include "core/sha256.hpp"

namespace stellate::storage {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t longest_manifest = 1 << 26, longest_part = std::uint64_t(1) << 40;

// A regular file of at most that many bytes, whole; links are not followed.
std::string contents(const fs::path& file, std::uint64_t most) {
    const int fd = ::open(file.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    const std::string where = file.string();
    if (fd < 0) throw Damaged(where + ": cannot be opened: " + std::strerror(errno));
    const auto closing = [](const int* open) { ::close(*open); };
    const std::unique_ptr<const int, decltype(closing)> guard(&fd, closing);
    struct stat status{};
    if (::fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) throw Damaged(where + ": is not a file");
    if (static_cast<std::uint64_t>(status.st_size) > most)
        throw Damaged(where + ": has " + std::to_string(status.st_size) + " bytes, expected at most " +
                      std::to_string(most));
    std::string text(static_cast<std::size_t>(status.st_size), '\0');
    for (std::size_t at = 0; at < text.size();) {
        const ssize_t got = ::read(fd, text.data() + at, text.size() - at);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0)
            throw Damaged(where + ": cannot be read to its end" +
                          (got < 0 ? std::string(": ") + std::strerror(errno) : ""));
        at += static_cast<std::size_t>(got);
    }
    return text;
}

bool plain_word(std::string_view text) {
    return !text.empty() && text.size() < 1000 &&
           text.find_first_of(std::string_view(" \t\r\n\0", 5)) == std::string_view::npos;
}

// Words of a manifest's line, as many as asked for; the last takes the rest.
class Line {
public:
    Line(std::string_view line, const std::string& where) : rest_(line), where_(where) {}
    std::string_view word() {
        const std::size_t end = std::min(rest_.find(' '), rest_.size());
        const std::string_view word = rest_.substr(0, end);
        rest_.remove_prefix(std::min(end + 1, rest_.size()));
        return word;
    }
    std::uint64_t number() {
        const std::string_view text = word();
        std::uint64_t value = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (error != std::errc() || end != text.data() + text.size()) throw Damaged(where_ + ": is not a manifest");
        return value;
    }
    std::string_view rest() const { return rest_; }

private:
    std::string_view rest_;
    const std::string& where_;
};

// Would a file of that name lie outside the folder?
bool leaves(const std::string& name) {
    const fs::path path(name);
    return path.is_absolute() || std::find(path.begin(), path.end(), "..") != path.end();
}

Manifest::File file_of(Line line, const std::string& where) {
    Manifest::File file;
    file.name = line.word();
    file.stored = line.number();
    file.raw = line.number();
    file.digest = line.rest();
    if (!plain_word(file.name) || file.name == manifest_name || leaves(file.name) || file.digest.size() != 64 ||
        file.raw > longest_part)
        throw Damaged(where + ": is not a manifest");
    return file;
}

}  // namespace

const std::string& Manifest::fact(std::string_view key) const {
    const auto at = std::find_if(facts.begin(), facts.end(), [&](const auto& f) { return f.first == key; });
    if (at == facts.end()) throw Damaged("its manifest does not say the " + std::string(key));
    return at->second;
}

std::uint64_t Manifest::bytes() const {
    std::uint64_t sum = 0;
    for (const File& f : files) sum += f.stored;
    return sum;
}

std::string text_of(const Manifest& m) {
    std::string text = "stellate " + m.format.kind + " " + std::to_string(m.format.version) + "\n";
    for (const auto& [key, value] : m.facts) {
        STELLATE_ASSERT(plain_word(key) && value.find_first_of("\r\n") == std::string::npos, key, value);
        text += "fact " + key + " " + value + "\n";
    }
    for (const Manifest::File& f : m.files)
        text += "file " + f.name + " " + std::to_string(f.stored) + " " + std::to_string(f.raw) + " " + f.digest + "\n";
    return text + "digest " + sha256_hex(text) + "\n";
}

Manifest read_manifest(const fs::path& directory, const Format& newest) {
    const fs::path path = directory / manifest_name;
    const std::string where = path.string(), text = contents(path, longest_manifest);
    const auto refuse = [&](const std::string& what) { throw Damaged(where + ": " + what); };
    // The first line stands before any digest, so that a newer format can be told from damage.
    Line title(std::string_view(text).substr(0, text.find('\n')), where);
    if (title.word() != "stellate") refuse("is not a manifest");
    Manifest m;
    m.format.kind = title.word();
    if (m.format.kind != newest.kind)
        refuse("is of kind '" + m.format.kind.substr(0, 40) + "', expected '" + newest.kind + "'");
    const std::uint64_t version = title.number();
    if (version > std::uint64_t(newest.version))
        throw Newer(where + ": is of format " + std::to_string(version) +
               ", which a newer Stellate wrote; this one reads formats up to " + std::to_string(newest.version));
    m.format.version = static_cast<int>(version);

    const std::size_t last = text.rfind("digest ");
    if (last == std::string::npos || last == 0 || text[last - 1] != '\n' ||
        text.substr(last) != "digest " + sha256_hex(std::string_view(text).substr(0, last)) + "\n")
        refuse("is damaged: its digest is not that of its text");
    std::string_view lines = std::string_view(text).substr(0, last);
    lines.remove_prefix(lines.find('\n') + 1);
    while (!lines.empty()) {
        const std::size_t end = lines.find('\n');
        Line line(lines.substr(0, end), where);
        lines.remove_prefix(end + 1);
        const std::string_view what = line.word();
        if (what == "fact") {
            const std::string key(line.word());
            m.facts.emplace_back(key, line.rest());
        } else if (what == "file") {
            m.files.push_back(file_of(line, where));
        } else {
            refuse("is not a manifest");
        }
    }
    return m;
}

std::string checked_file(const fs::path& directory, const Manifest::File& file) {
    const fs::path path = directory / file.name;
    std::string stored = contents(path, file.stored);
    if (stored.size() != file.stored)
        throw Damaged(path.string() + ": has " + std::to_string(stored.size()) + " bytes, expected " +
                      std::to_string(file.stored));
    if (sha256_hex(stored) != file.digest) throw Damaged(path.string() + ": its content is not what was written");
    return stored;
}

std::vector<std::string> strangers(const fs::path& directory, const Manifest& manifest) {
    std::vector<std::string> names;
    std::error_code error;
    for (fs::recursive_directory_iterator entry(directory, error), end; !error && entry != end;
         entry.increment(error)) {
        if (entry->is_directory(error) && !entry->is_symlink(error)) continue;
        const std::string name = entry->path().lexically_relative(directory).generic_string();
        const bool known =
            name == manifest_name || std::any_of(manifest.files.begin(), manifest.files.end(),
                                                 [&](const Manifest::File& f) { return f.name == name; });
        if (!known) names.push_back(name);
    }
    if (error) throw Damaged(directory.string() + ": cannot be listed: " + error.message());
    std::sort(names.begin(), names.end());
    return names;
}

}  // namespace stellate::storage
