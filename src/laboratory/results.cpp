// Owns the directory on disk: making it, refusing it, putting it in place.
#include "laboratory/results.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/sha256.hpp"

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

// The first line of the file by which a work folder is known; what follows is the identity of its run.
constexpr const char* mark_name = "unfinished";
constexpr const char* sessions_name = "sessions";
constexpr std::string_view mark_title = "stellate unfinished run 1\n";

fs::path work_of(const fs::path& target) { return target.string() + ".unfinished"; }

// Is everything there that a finished run names in its manifest, as it was written?
bool is_whole(const fs::path& directory) {
    try {
        const storage::Manifest manifest = storage::read_manifest(directory, results_format);
        for (const storage::Manifest::File& file : manifest.files) storage::checked_file(directory, file);
        return true;
    } catch (const storage::Damaged&) {
        return false;
    }
}

// Does any file lie below?
bool holds_files(const fs::path& directory) {
    std::error_code error;
    for (fs::recursive_directory_iterator entry(directory, error), end; !error && entry != end; entry.increment(error))
        if (entry->is_regular_file(error)) return true;
    // What cannot be looked at is not taken for nothing.
    return error && error != std::errc::no_such_file_or_directory;
}

// The first lines in which two texts differ: "'days = 14' there, 'days = 21' here".
std::string difference(std::string_view there, std::string_view here) {
    const auto line = [](std::string_view& text) {
        const std::string_view first = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(first.size() + 1, text.size()));
        return first;
    };
    while (!there.empty() || !here.empty()) {
        const std::string_view one = line(there), other = line(here);
        if (one != other) return "'" + std::string(one) + "' there, '" + std::string(other) + "' here";
    }
    return "nothing";
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

ResultsDirectory::ResultsDirectory(fs::path target, bool force, const std::string& identity) : force_(force) {
    check_target(target, force);
    target_ = plain(target);
    work_ = work_of(target_);
    try {
        make_folders();
        lock_.emplace(work_);
        check_target(target, force);  // whoever held the lock may have ended meanwhile
        take_up(identity);
    } catch (const fs::filesystem_error& error) {
        remove_folders();
        throw InputError(
            {"--out", 0, 0}, target.string(),
            "nothing can be made in " + error.path1().parent_path().string() + ": " + error.code().message());
    } catch (const storage::InUse& in_use) {
        throw InputError({"--out", 0, 0}, target.string(), in_use.what());
    } catch (const RunError& error) {
        remove_folders();
        throw InputError({"--out", 0, 0}, target.string(), error.what());
    } catch (const InputError&) {
        remove_folders();
        throw;
    }
}

void ResultsDirectory::make_folders() {
    std::vector<fs::path> missing;
    for (fs::path parent = target_.parent_path(); !parent.empty() && !fs::exists(parent); parent = parent.parent_path())
        missing.push_back(parent);
    for (auto parent = missing.rbegin(); parent != missing.rend(); ++parent)
        if (fs::create_directory(*parent)) made_.push_back(*parent);
    fs::create_directory(work_);
}

// The work folder is new and empty, or what a run has left.
void ResultsDirectory::take_up(const std::string& identity) {
    const fs::path mark = work_ / mark_name;
    std::error_code error;
    const auto refuse = [&](const std::string& message) { throw InputError({"--out", 0, 0}, work_.string(), message); };
    if (fs::exists(mark, error)) {
        const std::string text = read_file(mark);
        if (!text.starts_with(mark_title))
            refuse("was left by another version of this program; remove it to start anew");
        const std::string_view there = std::string_view(text).substr(mark_title.size());
        if (there == identity) {
            ours_ = true;
            resumed_ = holds_files(work_ / "mice");
            finished_ = is_whole(work_);
            return;
        }
        if (!force_)
            refuse("holds an unfinished run of another experiment (" + difference(there, identity) +
                   "); go on with that one, choose another name, or start anew with --force");
    } else {
        for (fs::directory_iterator entry(work_, error), end; !error && entry != end; entry.increment(error))
            if (entry->path().filename() != storage::lock_name &&
                entry->path().filename().string().find(".tmp-") == std::string::npos)
                refuse("exists and is no unfinished run of this program; choose another name");
    }
    for (fs::directory_iterator entry(work_), end; entry != end; ++entry)
        if (entry->path().filename() != storage::lock_name) fs::remove_all(entry->path());
    ours_ = true;
    write_file_atomically(mark, std::string(mark_title) + identity);
}

// What is worth nothing goes; so do the parents made for it, where they are empty.
void ResultsDirectory::remove_folders() {
    std::error_code error;
    const bool empty = !holds_files(work_ / "mice") && !fs::exists(work_ / storage::manifest_name, error);
    if (ours_ && empty && !error) fs::remove_all(work_, error);
    lock_.reset();
    fs::remove(work_, error);  // only if empty
    for (auto parent = made_.rbegin(); parent != made_.rend(); ++parent) fs::remove(*parent, error);
}

ResultsDirectory::~ResultsDirectory() {
    if (!committed_) remove_folders();
}

std::vector<std::string> ResultsDirectory::begin_session(const std::string& line) {
    std::error_code error;
    std::string text = fs::exists(work_ / sessions_name, error) ? read_file(work_ / sessions_name) : "";
    text += line + "\n";
    write(sessions_name, text);
    std::vector<std::string> lines;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = text.find('\n', begin);
        lines.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return lines;
}

void ResultsDirectory::write(const fs::path& relative, std::string_view content) {
    STELLATE_ASSERT(!committed_ && relative.is_relative(), relative.string());
    if (!lock_->held()) throw RunError(work_.string() + ": was taken away under the run");
    const fs::path file = work_ / relative;
    std::error_code error;
    fs::create_directories(file.parent_path(), error);
    if (error) throw RunError(file.parent_path().string() + ": could not be made: " + error.message());
    write_file_atomically(file, content);
}

namespace {

// Files that only the run needs: not results.
bool passing(const std::string& name) {
    return name == mark_name || name == storage::lock_name || name == sessions_name ||
           name.find("/finished/") != std::string::npos || name.find("/damaged-") != std::string::npos;
}

storage::Manifest manifest_of(const fs::path& directory,
                              const std::vector<std::pair<std::string, std::string>>& facts) {
    storage::Manifest manifest{results_format, facts, {}};
    for (const std::string& name : storage::strangers(directory, manifest)) {
        if (passing(name)) continue;
        const std::string content = read_file(directory / name);
        manifest.files.push_back({name, content.size(), content.size(), sha256_hex(content)});
    }
    return manifest;
}

}  // namespace

void ResultsDirectory::commit(const std::vector<std::pair<std::string, std::string>>& facts,
                              const std::function<void()>& clear) {
    if (!finished_) {
        try {
            write("MANIFEST", storage::text_of(manifest_of(work_, facts)));
        } catch (const InputError& unreadable) {
            throw RunError(unreadable.what());
        }
    }
    clear();
    std::error_code error;
    fs::remove(work_ / sessions_name, error);
    put_in_place();
}

void ResultsDirectory::put_in_place() {
    std::error_code error;
    const fs::path aside = work_.string() + ".old";
    // Hours of work are not thrown away because they could not be put in their place: they stay where they are.
    const auto keep = [&](const std::string& why) {
        committed_ = true;
        throw RunError(why + ". The results are whole in " + work_.string());
    };
    try {
        check_target(target_, force_);
    } catch (const InputError& taken) {  // somebody else took the name meanwhile
        keep(std::string(taken.what()) + "; it was not there at the start");
    }
    const bool replaces = fs::exists(target_, error);
    try {
        flush_directory(work_);
    } catch (const RunError& error_of_disk) {
        keep(error_of_disk.what());
    }
    if (replaces && ::rename(target_.c_str(), aside.c_str()) != 0)
        keep(target_.string() + ": could not be moved aside: " + std::strerror(errno));
    if (::rename(work_.c_str(), target_.c_str()) != 0) {
        std::string why = target_.string() + ": could not be put in place: " + std::strerror(errno);
        if (replaces && ::rename(aside.c_str(), target_.c_str()) != 0)
            why += "; the results that were there are in " + aside.string();
        keep(why);
    }
    committed_ = true;
    fs::remove(target_ / mark_name, error);
    lock_->moved_to(target_);
    lock_.reset();
    flush_directory(target_.parent_path());
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
