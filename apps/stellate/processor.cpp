// Stops a program that was compiled for a processor with more instructions than this one has, before any of them is
// met. This file alone is compiled for every processor.
#include <unistd.h>

namespace {

constexpr char message[] =
    "stellate: this program was built for processors with " STELLATE_ARCH
    " instructions, which this one does not have; build it here (./dev build), or for any processor "
    "(STELLATE_ARCH=none ./dev build)\n";

// Before all other initialisation, which is compiled for the wider processor.
[[gnu::constructor(101)]] void check_processor() {
    __builtin_cpu_init();
    if (__builtin_cpu_supports(STELLATE_ARCH)) return;
    [[maybe_unused]] const auto told = ::write(STDERR_FILENO, message, sizeof message - 1);
    ::_exit(2);
}

}  // namespace
