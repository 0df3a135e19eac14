// Does a run fit the memory there is? Asked before anything is allocated or written.
#include <fmt/format.h>

#include "commands.hpp"
#include "core/error.hpp"
#include "laboratory/cohort.hpp"

namespace stellate::app {

std::optional<laboratory::MemoryLimit> memory_for(const RunOptions& options) {
    if (options.memory_gb)
        return laboratory::MemoryLimit{"--memory", *options.memory_gb * 1e9, *options.memory_gb * 1e9};
    return laboratory::tightest(laboratory::memory_limits());
}

void require_memory(const laboratory::Experiment& e, const laboratory::Estimate& estimate, const RunOptions& options,
                    int threads) {
    const std::optional<laboratory::MemoryLimit> room = memory_for(options);
    if (!room) return;
    constexpr double megabyte = 1024.0 * 1024.0;
    const double wanted = estimate.megabytes * megabyte;
    if (wanted <= room->free) return;
    std::string message = fmt::format("the run would take about {} of memory and {} are free ({}",
                                      laboratory::bytes_text(wanted), laboratory::bytes_text(room->free), room->name);
    message += room->total > room->free ? fmt::format(", {} in all). ", laboratory::bytes_text(room->total)) : "). ";
    // Mice side by side: fewer threads, fewer mice at a time.
    int fitting = threads;
    double with = wanted;
    while (fitting > 1 && with > room->free) with = laboratory::estimate(e, fitting = fitting / 2).megabytes * megabyte;
    if (with <= room->free)
        message += fmt::format("It fits with --threads {} (about {})", fitting, laboratory::bytes_text(with));
    else
        message += fmt::format("Even one mouse at a time takes about {}: make the tissue smaller ([{}])",
                               laboratory::bytes_text(with), laboratory::name_of(e.geometry));
    message += ", or free memory; --memory GB says yourself how much it may take";
    throw InputError({e.file, 0, 0}, std::string(laboratory::name_of(e.geometry)), message);
}

}  // namespace stellate::app
