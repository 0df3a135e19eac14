#include "storage/lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>
#include <sstream>
#include <utility>

#include "core/error.hpp"

namespace stellate::storage {

namespace {

std::string host_name() {
    std::array<char, 256> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "an unknown host";
}

std::string boot_id() {
    std::ifstream in("/proc/sys/kernel/random/boot_id");
    std::string id;
    in >> id;
    return id;
}

// What a lock file says: "pid 123\nhost name\nboot id\n"; none where it says nothing of the kind.
std::optional<Holder> holder_in(int fd) {
    std::array<char, 1024> buffer{};
    const ssize_t size = ::pread(fd, buffer.data(), buffer.size() - 1, 0);
    if (size <= 0) return std::nullopt;
    std::istringstream in(std::string(buffer.data(), static_cast<std::size_t>(size)));
    Holder holder;
    std::string pid, host, boot;
    if (!(in >> pid >> holder.pid >> host >> holder.host >> boot) || pid != "pid") return std::nullopt;
    in >> holder.boot;
    return holder;
}

bool same_file(int fd, const std::filesystem::path& path) {
    struct stat open{}, named{};
    return ::fstat(fd, &open) == 0 && ::stat(path.c_str(), &named) == 0 && open.st_dev == named.st_dev &&
           open.st_ino == named.st_ino;
}

}  // namespace

std::string Holder::text() const { return "pid " + std::to_string(pid) + " on " + host; }

Holder this_process() { return {static_cast<long>(::getpid()), host_name(), boot_id()}; }

FolderLock::FolderLock(const std::filesystem::path& folder) : file_(folder / lock_name) {
    for (;;) {
        fd_ = ::open(file_.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);
        if (fd_ < 0) throw RunError(file_.string() + ": could not be made: " + std::strerror(errno));
        const auto leave = [&] { ::close(std::exchange(fd_, -1)); };
        const int locked = ::flock(fd_, LOCK_EX | LOCK_NB);
        const int reason = errno;
        const std::optional<Holder> holder = holder_in(fd_);
        if (locked != 0 && reason == EWOULDBLOCK) {
            leave();
            throw InUse(folder, holder ? holder->text() : "another process", "");
        }
        // A holder that ended has taken the file's name away: this is not the file that others will look at.
        if (!same_file(fd_, file_)) {
            leave();
            continue;
        }
        const Holder self = this_process();
        if (holder && holder->host != self.host) {
            leave();
            throw InUse(folder, holder->text(),
                        ", or was when that stopped; if it no longer runs there, remove " + file_.string());
        }
        // Where the system has no such locks the word of the file counts.
        if (locked != 0 && holder && holder->boot == self.boot && holder->pid != self.pid &&
            (::kill(static_cast<pid_t>(holder->pid), 0) == 0 || errno == EPERM)) {
            leave();
            throw InUse(folder, holder->text(), "");
        }
        const std::string text =
            "pid " + std::to_string(self.pid) + "\nhost " + self.host + "\nboot " + self.boot + "\n";
        if (::ftruncate(fd_, 0) != 0 ||
            ::pwrite(fd_, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size())) {
            const std::string why = std::strerror(errno);
            ::unlink(file_.c_str());
            leave();
            throw RunError(file_.string() + ": could not be written: " + why);
        }
        return;
    }
}

FolderLock::FolderLock(FolderLock&& other) noexcept
    : file_(std::move(other.file_)), fd_(std::exchange(other.fd_, -1)) {}

FolderLock::~FolderLock() {
    if (fd_ < 0) return;
    if (same_file(fd_, file_)) ::unlink(file_.c_str());
    ::close(fd_);
}

bool FolderLock::held() const { return same_file(fd_, file_); }

void FolderLock::moved_to(const std::filesystem::path& folder) { file_ = folder / lock_name; }

}  // namespace stellate::storage
