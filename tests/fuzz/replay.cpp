// Drives a target without libFuzzer: every file of the corpus, then random changes of them for so many seconds.
//   fuzz_TARGET CORPUS [SECONDS [SEED]]
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "core/atomic_file.hpp"
#include "core/random.hpp"
#include "target.hpp"

namespace {

using namespace stellate;

// A step longer than a target may take stands for one without end.
constexpr unsigned longest_s = 10;

std::string changed(const std::vector<std::string>& corpus, Draws& draws) {
    const auto below = [&](std::size_t bound) { return draws.below(static_cast<std::uint32_t>(bound)); };
    std::string text = corpus[below(corpus.size())];
    for (std::uint32_t edits = 1 + draws.below(6); edits > 0; --edits) {
        const std::size_t at = below(text.size() + 1);
        const std::string& other = corpus[below(corpus.size())];
        switch (draws.below(5)) {
            case 0:
                if (at < text.size()) text[at] = static_cast<char>(draws.below(256));
                break;
            case 1:
                text.insert(at, 1, "[]{}=\".,#'\n\\-"[draws.below(13)]);
                break;
            case 2:
                text.erase(at, 1 + draws.below(20));
                break;
            case 3:
                text.insert(at, other, below(other.size() + 1), draws.below(100));
                break;
            default: {
                const std::string piece = text.substr(at, 1 + draws.below(6));
                for (std::uint32_t times = draws.below(200); times > 0; --times) text.insert(at, piece);
            }
        }
    }
    return text;
}

const std::string* current = nullptr;

// What the program dies of is left on disk; the rest is the signal's default action.
extern "C" void keep_current(int signal) {
    const int file = ::open("fuzz-find", O_WRONLY | O_CREAT | O_TRUNC, 0644);
    const bool kept = file >= 0 && ::write(file, current->data(), current->size()) == ::ssize_t(current->size());
    const char told[] = "the input is in fuzz-find\n";
    if (kept && ::write(STDERR_FILENO, told, sizeof told - 1) < 0) ::_exit(3);
    std::signal(signal, SIG_DFL);
    std::raise(signal);
}

void take(const std::string& text) {
    current = &text;
    ::alarm(longest_s);
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) return 2;
    const double seconds = argc > 2 ? std::atof(argv[2]) : 0;
    const std::uint64_t seed = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 1;
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(argv[1])) files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    std::vector<std::string> corpus;
    for (const auto& file : files) corpus.push_back(read_file(file));
    if (corpus.empty()) return 2;
    for (const int signal : {SIGSEGV, SIGABRT, SIGFPE, SIGBUS, SIGALRM}) std::signal(signal, keep_current);
    for (const std::string& text : corpus) take(text);
    const auto start = std::chrono::steady_clock::now();
    std::uint64_t steps = 0;
    for (; std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() < seconds; ++steps) {
        Draws draws(seed, steps, 0, Purpose::test);
        take(changed(corpus, draws));
    }
    std::printf("%zu files, %llu changed ones\n", corpus.size(), static_cast<unsigned long long>(steps));
    return 0;
}
