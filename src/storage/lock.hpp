// One writer to a folder. The lock is a file held locked by the system for as long as its process lives, so it falls
// with it, however that ends; what it says (process, host, boot) is for people and for folders that several hosts
// share, where the system's lock may reach one host only.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace stellate::storage {

// Who holds a lock, as its file says.
struct Holder {
    long pid = 0;
    std::string host, boot;    // boot: an id that a host gets each time it starts
    std::string text() const;  // "pid 123 on host"
};
Holder this_process();

class InUse : public std::runtime_error {
public:
    InUse(const std::filesystem::path& folder, const std::string& by, const std::string& advice)
        : std::runtime_error(folder.string() + ": is in use by " + by + advice) {}
};

class FolderLock {
public:
    // Takes `folder`/lock. Throws InUse while a living process of this host holds it, or a process of another host may;
    // RunError if the file cannot be made. The lock of a dead process is taken over.
    explicit FolderLock(const std::filesystem::path& folder);
    ~FolderLock();  // removes the file
    FolderLock(FolderLock&& other) noexcept;
    FolderLock& operator=(FolderLock&&) = delete;

    // Is the file that others look at still the one that is held?
    bool held() const;
    // The folder has another name now.
    void moved_to(const std::filesystem::path& folder);

private:
    std::filesystem::path file_;
    int fd_ = -1;
};

inline constexpr const char* lock_name = "lock";

}  // namespace stellate::storage
