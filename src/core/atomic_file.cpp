#include "core/atomic_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>

#include "core/error.hpp"

namespace stellate {

namespace {

// "could not write: No space left on device; 5000000 bytes are needed and 12288 are free".
[[noreturn]] void fail(const std::filesystem::path& path, const char* doing, int reason, std::size_t needed = 0) {
    std::string message = path.string() + ": could not " + doing + ": " + std::strerror(reason);
    if (needed > 0 && (reason == ENOSPC || reason == EDQUOT)) {
        std::error_code error;
        const auto space = std::filesystem::space(path.parent_path().empty() ? "." : path.parent_path(), error);
        message += "; " + std::to_string(needed) + " bytes are needed";
        if (!error) message += " and " + std::to_string(space.available) + " are free";
    }
    throw RunError(message);
}

// `told` is the file that messages name.
void write_new(const std::filesystem::path& file, std::string_view content, const std::filesystem::path& told) {
    const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (fd < 0) fail(told, "create", errno, content.size());
    const auto give_up = [&](const char* doing, bool open) {
        const int reason = errno;
        if (open) ::close(fd);
        ::unlink(file.c_str());
        fail(told, doing, reason, content.size());
    };
    for (std::string_view rest = content; !rest.empty();) {
        const ssize_t written = ::write(fd, rest.data(), rest.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) give_up("write", true);
        rest.remove_prefix(static_cast<std::size_t>(written));
    }
    if (::fsync(fd) != 0) give_up("flush", true);
    if (::close(fd) != 0) give_up("close", false);
}

void flush(const std::filesystem::path& directory, const std::filesystem::path& told) {
    const int fd = ::open(directory.empty() ? "." : directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) fail(told, "open its directory", errno);
    const int result = ::fsync(fd);
    const int reason = errno;
    ::close(fd);
    if (result != 0) fail(told, "flush its directory", reason);
}

}  // namespace

void write_file_atomically(const std::filesystem::path& target, std::string_view content) {
    const std::filesystem::path temporary = target.string() + ".tmp-" + std::to_string(::getpid());
    ::unlink(temporary.c_str());  // of a process of that number that was killed
    write_new(temporary, content, target);
    if (::rename(temporary.c_str(), target.c_str()) != 0) {
        const int reason = errno;
        ::unlink(temporary.c_str());
        fail(target, "rename", reason);
    }
    flush(target.parent_path(), target);
}

void write_new_file(const std::filesystem::path& file, std::string_view content) { write_new(file, content, file); }

void flush_directory(const std::filesystem::path& directory) { flush(directory, directory); }

std::string read_file(const std::filesystem::path& path) {
    std::error_code error;
    if (std::filesystem::is_directory(path, error))
        throw InputError({path.string()}, "", "is a directory, expected a file");
    std::ifstream in(path, std::ios::binary);
    if (!in) throw InputError({path.string()}, "", std::string("cannot be opened: ") + std::strerror(errno));
    std::ostringstream text;
    text << in.rdbuf();
    if (in.bad()) throw InputError({path.string()}, "", "could not be read to its end");
    return std::move(text).str();
}

}  // namespace stellate
