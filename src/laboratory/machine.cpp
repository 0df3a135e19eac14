#include "laboratory/machine.hpp"

#include <fmt/format.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <sstream>
#include <thread>

namespace stellate::laboratory {

namespace fs = std::filesystem;

namespace {

// A file that holds one number; nothing if there is no such file or it says "max".
std::optional<double> number_in(const fs::path& file) {
    std::ifstream in(file);
    double value = 0;
    if (in >> value) return value;
    return std::nullopt;
}

// Of a file of lines "key value" or "key: value kB".
std::optional<double> number_of(const fs::path& file, const std::string& key) {
    std::ifstream in(file);
    std::string line;
    while (std::getline(in, line)) {
        std::istringstream words(line);
        std::string word;
        double value = 0;
        if (words >> word >> value && (word == key || word == key + ":")) return value;
    }
    return std::nullopt;
}

// The directories of the control group that this process is in for `controller`, innermost first. In a container the
// path may be one of the host, of which only the mounted top is seen.
std::vector<fs::path> group_directories(const fs::path& root, const std::string& controller) {
    std::ifstream in(root / "proc/self/cgroup");
    std::string line;
    std::vector<fs::path> found;
    while (std::getline(in, line)) {  // number:controllers:path, no controllers in version 2
        const std::size_t first = line.find(':'), second = line.find(':', first + 1);
        if (first == std::string::npos || second == std::string::npos) continue;
        const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
        const bool second_version = controllers == ",,";
        if (!second_version && controllers.find("," + controller + ",") == std::string::npos) continue;
        const fs::path top = second_version ? root / "sys/fs/cgroup" : root / "sys/fs/cgroup" / controller;
        for (fs::path path = line.substr(second + 1);; path = path.parent_path()) {
            std::error_code error;
            const fs::path directory = top / path.relative_path();
            if (fs::is_directory(directory, error)) found.push_back(directory);
            if (path == path.parent_path()) break;
        }
    }
    return found;
}

// A limit beyond any machine's memory is how version 1 says "none".
constexpr double no_limit = 1e18;

std::optional<MemoryLimit> group_limit(const fs::path& directory) {
    std::optional<double> most = number_in(directory / "memory.max"), used = number_in(directory / "memory.current");
    const char* cache = "inactive_file";
    if (!most) {
        most = number_in(directory / "memory.limit_in_bytes");
        used = number_in(directory / "memory.usage_in_bytes");
        cache = "total_inactive_file";
    }
    if (!most || !used || *most > no_limit) return std::nullopt;
    const double reclaimable = number_of(directory / "memory.stat", cache).value_or(0);
    return MemoryLimit{"limit of the control group " + directory.string(), *most,
                       std::max(0.0, *most - std::max(0.0, *used - reclaimable))};
}

}  // namespace

std::string first_value(const fs::path& file, const std::string& key) {
    std::ifstream in(file);
    std::string line;
    while (std::getline(in, line)) {
        const std::size_t colon = line.find(':');
        if (colon == std::string::npos || !line.starts_with(key)) continue;
        const std::size_t begin = line.find_first_not_of(" \t", colon + 1);
        return begin == std::string::npos ? "" : line.substr(begin);
    }
    return {};
}

int Processors::usable() const {
    const int most = std::max(1, allowed);
    return quota ? std::clamp(static_cast<int>(std::ceil(*quota - 1e-9)), 1, most) : most;
}

Processors processors_here(const fs::path& root) {
    Processors p;
    p.name = first_value(root / "proc/cpuinfo", "model name");
    p.online = static_cast<int>(::sysconf(_SC_NPROCESSORS_ONLN));
    p.allowed = p.online;
    cpu_set_t set;
    CPU_ZERO(&set);
    if (::sched_getaffinity(0, sizeof set, &set) == 0) p.allowed = CPU_COUNT(&set);
    const auto consider = [&](double share) { p.quota = std::min(p.quota.value_or(share), share); };
    for (const fs::path& directory : group_directories(root, "cpu")) {
        std::ifstream in(directory / "cpu.max");  // "max 100000" or "150000 100000"
        double quota = 0, period = 0;
        if (in >> quota >> period && quota > 0 && period > 0) consider(quota / period);
        const auto first_quota = number_in(directory / "cpu.cfs_quota_us"),
                   first_period = number_in(directory / "cpu.cfs_period_us");
        if (first_quota && first_period && *first_quota > 0 && *first_period > 0)
            consider(*first_quota / *first_period);
    }
    return p;
}

std::vector<MemoryLimit> memory_limits(const fs::path& root) {
    std::vector<MemoryLimit> limits;
    const fs::path of_machine = root / "proc/meminfo";
    const auto total = number_of(of_machine, "MemTotal"), available = number_of(of_machine, "MemAvailable");
    if (total && available) limits.push_back({"memory of the machine", *total * 1024, *available * 1024});
    for (const fs::path& directory : group_directories(root, "memory"))
        if (const auto limit = group_limit(directory)) limits.push_back(*limit);
    rlimit space{};
    const auto pages = number_in(root / "proc/self/statm");
    if (::getrlimit(RLIMIT_AS, &space) == 0 && space.rlim_cur != RLIM_INFINITY && pages) {
        const double used = *pages * double(::sysconf(_SC_PAGESIZE)), most = double(space.rlim_cur);
        limits.push_back({"limit on address space (ulimit -v)", most, std::max(0.0, most - used)});
    }
    return limits;
}

std::optional<MemoryLimit> tightest(const std::vector<MemoryLimit>& limits) {
    const auto least = std::min_element(limits.begin(), limits.end(),
                                        [](const MemoryLimit& a, const MemoryLimit& b) { return a.free < b.free; });
    return least == limits.end() ? std::nullopt : std::optional(*least);
}

std::optional<double> disk_free(fs::path path) {
    std::error_code error;
    path = fs::absolute(path, error);
    while (!fs::exists(path, error) && path.has_relative_path()) path = path.parent_path();
    const fs::space_info space = fs::space(path, error);
    return error ? std::nullopt : std::optional(double(space.available));
}

std::string bytes_text(double bytes) {
    if (bytes < 1e9) return fmt::format("{:.0f} MB", bytes / 1e6);
    return bytes < 1e11 ? fmt::format("{:.1f} GB", bytes / 1e9) : fmt::format("{:.0f} GB", bytes / 1e9);
}

}  // namespace stellate::laboratory
