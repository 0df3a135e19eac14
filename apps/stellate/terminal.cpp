// What the verbs share towards the terminal and the machine.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "commands.hpp"
#include "core/error.hpp"

namespace stellate::app {

std::atomic<int> stop_signal{0};

std::vector<std::filesystem::path> model_roots() {
    std::vector<std::filesystem::path> roots;
    std::error_code error;
    const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", error);
    if (error) return roots;
    const std::filesystem::path bin = program.parent_path();
    roots.push_back((bin / "../share/stellate/models").lexically_normal());
    roots.push_back((bin / "../../../models").lexically_normal());
    return roots;
}

StatusLine::StatusLine(bool quiet) : active_(!quiet && ::isatty(STDERR_FILENO) == 1) {}
StatusLine::~StatusLine() { clear(); }

void StatusLine::show(const std::string& text) {
    if (!active_) return;
    std::fprintf(stderr, "\r\x1b[K%s", text.c_str());
    std::fflush(stderr);
    shown_ = true;
}

void StatusLine::clear() {
    if (!shown_) return;
    std::fputs("\r\x1b[K", stderr);
    std::fflush(stderr);
    shown_ = false;
}

std::string duration_text(double seconds) {
    const auto s = static_cast<long long>(std::llround(std::max(0.0, seconds)));
    if (s < 60) return fmt::format("{} s", s);
    if (s < 3600) return fmt::format("{} min {:02} s", s / 60, s % 60);
    return fmt::format("{} h {:02} min", s / 3600, s / 60 % 60);
}

std::string counted(std::size_t number, const char* one, const char* many) {
    return fmt::format("{} {}", number, number == 1 ? one : many);
}

int threads_to_use(int asked) {
    if (asked > 0) return asked;
    return laboratory::processors_here().usable();
}

void print(const std::string& text) {
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0)
        throw RunError("the standard output could not be written");
}

void tell(const std::string& text) { std::fprintf(stderr, "%s\n", text.c_str()); }

}  // namespace stellate::app
