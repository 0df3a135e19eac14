// Owns the directory on disk: making it, refusing it, putting it in place.
#include "laboratory/results.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "core/atomic_file.hpp"
#include "core/error.hpp"

namespace stellate::laboratory {

namespace {

namespace fs = std::filesystem;

// "." and trailing slashes name the folder itself: a rename needs its real name.
fs::path plain(const fs::path& target) {
    std::error_code error;
    fs::path absolute = fs::absolute(target, error).lexically_normal();
    if (!absolute.has_filename()) absolute = absolute.parent_path();
    return absolute;
}

bool is_results(const fs::path& directory) {
    std::error_code error;
    return fs::exists(directory / "provenance.json", error) && fs::exists(directory / "experiment.toml", error);
}

void flush(const fs::path& directory) {
    const int fd = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY);
    if (fd < 0) return;
    ::fsync(fd);
    ::close(fd);
}

}  // namespace

void check_target(const fs::path& target, bool force) {
    const auto refuse = [&](const std::string& message) {
        throw InputError({"--out", 0, 0}, target.string(), message);
    };
    if (target.empty()) refuse("is empty; expected a folder that does not exist yet");
    std::error_code error;
    const fs::path place = plain(target);
    const fs::file_status status = fs::symlink_status(place, error);
    if (!fs::exists(status)) return;
    if (fs::is_symlink(status)) refuse("is a link; name the folder itself");
    if (!fs::is_directory(status)) refuse("exists and is a file");
    if (!force) refuse("exists; choose another name, or replace it with --force");
    const bool empty = fs::is_empty(place, error);
    if (!empty && !is_results(place))
        refuse("exists and holds no results of this program, so --force does not replace it");
    if (place == fs::current_path(error)) refuse("is the working directory; choose a folder in it");
}

ResultsDirectory::ResultsDirectory(fs::path target, bool force) : force_(force) {
    check_target(target, force);
    target_ = plain(target);
    try {
        make_folders();
    } catch (const fs::filesystem_error& error) {
        remove_folders();
        throw InputError(
            {"--out", 0, 0}, target.string(),
            "nothing can be made in " + error.path1().parent_path().string() + ": " + error.code().message());
    }
}

void ResultsDirectory::make_folders() {
    std::vector<fs::path> missing;
    for (fs::path parent = target_.parent_path(); !parent.empty() && !fs::exists(parent); parent = parent.parent_path())
        missing.push_back(parent);
    for (auto parent = missing.rbegin(); parent != missing.rend(); ++parent)
        if (fs::create_directory(*parent)) made_.push_back(*parent);
    // A hidden sibling, so that putting it in place is one rename; the name is ours alone.
    for (int attempt = 0; attempt < 1000; ++attempt) {
        const fs::path name = target_.parent_path() / ("." + target_.filename().string() + ".unfinished-" +
                                                       std::to_string(::getpid()) + "-" + std::to_string(attempt));
        if (fs::create_directory(name)) {
            temporary_ = name;
            return;
        }
    }
    throw fs::filesystem_error("", target_, std::make_error_code(std::errc::file_exists));
}

void ResultsDirectory::remove_folders() {
    std::error_code error;
    if (!temporary_.empty()) fs::remove_all(temporary_, error);
    for (auto parent = made_.rbegin(); parent != made_.rend(); ++parent) fs::remove(*parent, error);  // only if empty
}

ResultsDirectory::~ResultsDirectory() {
    if (!committed_) remove_folders();
}

void ResultsDirectory::write(const fs::path& relative, std::string_view content) {
    STELLATE_ASSERT(!committed_ && relative.is_relative(), relative.string());
    const fs::path file = temporary_ / relative;
    std::error_code error;
    fs::create_directories(file.parent_path(), error);
    if (error) throw RunError(file.parent_path().string() + ": could not be made: " + error.message());
    write_file_atomically(file, content);
}

void ResultsDirectory::commit() {
    std::error_code error;
    const fs::path aside = temporary_.string() + ".old";
    // Hours of work are not thrown away because they could not be put in their place: they stay where they are.
    const auto keep = [&](const std::string& why) {
        committed_ = true;
        throw RunError(why + ". The results are whole in " + temporary_.string());
    };
    try {
        check_target(target_, force_);
    } catch (const InputError& taken) {  // somebody else took the name meanwhile
        keep(std::string(taken.what()) + "; it was not there at the start");
    }
    const bool replaces = fs::exists(target_, error);
    flush(temporary_);
    if (replaces && ::rename(target_.c_str(), aside.c_str()) != 0)
        keep(target_.string() + ": could not be moved aside: " + std::strerror(errno));
    if (::rename(temporary_.c_str(), target_.c_str()) != 0) {
        std::string why = target_.string() + ": could not be put in place: " + std::strerror(errno);
        if (replaces && ::rename(aside.c_str(), target_.c_str()) != 0)
            why += "; the results that were there are in " + aside.string();
        keep(why);
    }
    flush(target_.parent_path());
    committed_ = true;
    if (replaces) fs::remove_all(aside, error);
}

std::vector<DigestRow> read_digests(const fs::path& results) {
    std::error_code error;
    const fs::path file = fs::is_regular_file(results, error) ? results : results / "digests.csv";
    if (!fs::exists(file, error))
        throw InputError({results.string()}, "", "holds no digests.csv; expected a results directory");
    const std::string text = read_file(file);
    std::vector<DigestRow> rows;
    std::size_t begin = 0;
    int line = 0;
    while (begin < text.size()) {
        std::size_t end = text.find('\n', begin);
        if (end == std::string::npos) end = text.size();
        std::string_view row(text.data() + begin, end - begin);
        begin = end + 1;
        if (row.ends_with('\r')) row.remove_suffix(1);
        if (++line == 1) {
            if (row != "primary,arm,mouse,day,digest")
                throw InputError({file.string(), 1, 1}, "",
                                 "is not the header of digests.csv; expected primary,arm,mouse,day,digest");
            continue;
        }
        std::vector<std::string> fields{""};
        for (const char c : row)
            if (c == ',')
                fields.emplace_back();
            else
                fields.back() += c;
        const bool hexadecimal = fields.size() == 5 && fields[4].size() == 32 &&
                                 fields[4].find_first_not_of("0123456789abcdef") == std::string::npos;
        if (!hexadecimal)
            throw InputError({file.string(), line, 1}, "",
                             "expected primary, arm, mouse, day and a digest of 32 hexadecimal digits");
        rows.push_back({fields[0], fields[1], fields[2], fields[3], fields[4]});
    }
    if (line == 0) throw InputError({file.string(), 1, 1}, "", "is empty; expected primary,arm,mouse,day,digest");
    return rows;
}

std::string digest_of(const std::vector<DigestRow>& rows) {
    Hasher hasher;
    for (const DigestRow& row : rows)
        for (const std::string* field : {&row.primary, &row.arm, &row.mouse, &row.day, &row.digest})
            hasher.column(std::span<const char>(field->data(), field->size()));
    return to_string(hasher.digest());
}

}  // namespace stellate::laboratory
