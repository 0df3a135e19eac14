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
[[noreturn]] void fail(const std::filesystem::path& path, const char* doing, const std::filesystem::path& temporary) {
    const std::string reason = std::strerror(errno);
    if (!temporary.empty()) ::unlink(temporary.c_str());
    throw RunError(path.string() + ": could not " + doing + ": " + reason);
}

void flush_directory(const std::filesystem::path& directory, const std::filesystem::path& target) {
    const int fd = ::open(directory.empty() ? "." : directory.c_str(), O_RDONLY | O_DIRECTORY);
    if (fd < 0) fail(target, "open its directory", {});
    const int result = ::fsync(fd);
    ::close(fd);
    if (result != 0) fail(target, "flush its directory", {});
}
}  // namespace

void write_file_atomically(const std::filesystem::path& target, std::string_view content) {
    const std::filesystem::path temporary = target.string() + ".tmp-" + std::to_string(::getpid());
    const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0) fail(target, "create", {});
    while (!content.empty()) {
        const ssize_t written = ::write(fd, content.data(), content.size());
        if (written < 0) {
            if (errno == EINTR) continue;
            const int reason = errno;
            ::close(fd);
            errno = reason;
            fail(target, "write", temporary);
        }
        content.remove_prefix(static_cast<std::size_t>(written));
    }
    if (::fsync(fd) != 0) {
        const int reason = errno;
        ::close(fd);
        errno = reason;
        fail(target, "flush", temporary);
    }
    if (::close(fd) != 0) fail(target, "close", temporary);
    if (::rename(temporary.c_str(), target.c_str()) != 0) fail(target, "rename", temporary);
    flush_directory(target.parent_path(), target);
}

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
