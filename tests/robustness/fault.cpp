// A library to be preloaded: makes one call of the system fail, so that every place where the world outside can say no
// is tried. FAULT="CALL:K:ERROR" fails the K-th call (from 1) of CALL with ERROR; K = 0 only counts. CALL is one of
// write, fsync, rename, close, mkdir, open, malloc. ERROR is EIO, ENOSPC, EINTR, or "short" (a write that takes half).
// FAULT_COUNT names a file in which the number of calls is left.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

std::atomic<long> calls{0};

struct Plan {
    char call[16] = "";
    long number = -1;
    int error = EIO;
    bool half = false;
};

const Plan& plan() {
    static const Plan made = [] {
        Plan p;
        char error[16] = "";
        const char* text = std::getenv("FAULT");
        if (text && std::sscanf(text, "%15[a-z]:%ld:%15s", p.call, &p.number, error) >= 2) {
            if (std::strcmp(error, "ENOSPC") == 0) p.error = ENOSPC;
            if (std::strcmp(error, "EINTR") == 0) p.error = EINTR;
            p.half = std::strcmp(error, "short") == 0;
        }
        return p;
    }();
    return made;
}

// Is this the call that fails?
bool hit(const char* call) {
    const Plan& p = plan();
    if (std::strcmp(p.call, call) != 0) return false;
    return calls.fetch_add(1) + 1 == p.number;
}

template <class F>
F real(const char* name) {
    return reinterpret_cast<F>(::dlsym(RTLD_NEXT, name));
}

struct Teller {
    ~Teller() {
        const char* path = std::getenv("FAULT_COUNT");
        if (!path) return;
        static const auto open_file = real<int (*)(const char*, int, ...)>("open");
        const int fd = open_file(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
        char text[32];
        const int length = std::snprintf(text, sizeof text, "%ld\n", calls.load());
        static const auto write_file = real<ssize_t (*)(int, const void*, size_t)>("write");
        if (fd >= 0) [[maybe_unused]]
            const ssize_t n = write_file(fd, text, size_t(length));
    }
} teller;

}  // namespace

extern "C" {

ssize_t write(int fd, const void* data, size_t size) {
    static const auto next = real<ssize_t (*)(int, const void*, size_t)>("write");
    if (fd > 2 && hit("write")) {
        if (plan().half && size > 1) return next(fd, data, size / 2);
        errno = plan().error;
        return -1;
    }
    return next(fd, data, size);
}

int fsync(int fd) {
    static const auto next = real<int (*)(int)>("fsync");
    if (hit("fsync")) return errno = plan().error, -1;
    return next(fd);
}

int rename(const char* from, const char* to) {
    static const auto next = real<int (*)(const char*, const char*)>("rename");
    if (hit("rename")) return errno = plan().error, -1;
    return next(from, to);
}

int close(int fd) {
    static const auto next = real<int (*)(int)>("close");
    const int result = next(fd);
    if (hit("close")) return errno = plan().error, -1;
    return result;
}

int mkdir(const char* path, mode_t mode) {
    static const auto next = real<int (*)(const char*, mode_t)>("mkdir");
    if (hit("mkdir")) return errno = plan().error, -1;
    return next(path, mode);
}

int open(const char* path, int flags, ...) {
    static const auto next = real<int (*)(const char*, int, ...)>("open");
    va_list list;
    va_start(list, flags);
    const int mode = va_arg(list, int);
    va_end(list);
    if (hit("open")) return errno = plan().error, -1;
    return next(path, flags, mode);
}

void* malloc(size_t size) {
    static const auto next = real<void* (*)(size_t)>("malloc");
    if (plan().call[0] == 'm' && hit("malloc")) return errno = ENOMEM, nullptr;
    return next(size);
}

}  // extern "C"
