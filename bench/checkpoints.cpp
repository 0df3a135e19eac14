// What it costs to put a state on disk and to go on from it: a block of half a million cells, every brick in memory. ns
// per cell on one core, beside writing the same number of bytes to a file and flushing it.
#include <benchmark/benchmark.h>
#include <stdlib.h>

#include <filesystem>

#include "core/atomic_file.hpp"
#include "liver/parameters.hpp"
#include "model/records.hpp"
#include "simulation/step.hpp"
#include "simulation/stored_world.hpp"
#include "storage/snapshot.hpp"

namespace {

using namespace stellate;
namespace fs = std::filesystem;

struct Bench {
    Bench() {
        const std::string directory = STELLATE_SOURCE_DIR "/models/liver-mouse";
        Records records = Records::read_directory(directory, {directory + "/primaries/colon.toml"});
        anatomy = liver::read_anatomy(records);
        model = std::make_shared<const Model>(
            read_model(records, read_file(directory + "/rules.csv"), directory + "/rules.csv", {}));
        std::string name = (fs::temp_directory_path() / "stellate-bench-XXXXXX").string();
        if (!::mkdtemp(name.data())) throw std::runtime_error("no folder for temporaries");
        folder = name;
        World<BlockShape> w = made(false);
        Stepper<BlockShape> stepper(1);
        for (int n = 0; n < 3; ++n) stepper.step(w);
        for (const auto* brick : w.lattice.in_memory()) cells += brick->cells.size();
        state = digest(w);
        write(w);
    }
    ~Bench() { fs::remove_all(folder); }

    World<BlockShape> made(bool sleep) const { return {model, anatomy, 1, {9, 9, 9}, {2000, 0}, {}, sleep}; }
    std::uint64_t write(const World<BlockShape>& w) const {
        storage::ColumnWriter to;
        store_world(w, to);
        fs::remove_all(folder / "state");
        return storage::write_snapshot(folder / "state", {"checkpoint", 1}, {}, {{"world", to.take()}});
    }

    liver::AnatomyParameters anatomy;
    std::shared_ptr<const Model> model;
    fs::path folder;
    std::size_t cells = 0;
    Digest state;
};

const Bench& bench() {
    static const Bench made;
    return made;
}

void per_cell(benchmark::State& state, std::size_t cells) {
    state.counters["ns_per_cell"] =
        benchmark::Counter(double(cells), benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert,
                           benchmark::Counter::kIs1000);
    state.counters["cells"] = double(cells);
}

World<BlockShape> grown() {
    World<BlockShape> w = bench().made(true);
    const storage::Snapshot snapshot = storage::read_snapshot(bench().folder / "state", {"checkpoint", 1});
    storage::ColumnReader from(snapshot.part("world"), "world");
    restore_world(from, bench().state, 1, w);
    return w;
}

void checkpoint_write(benchmark::State& state) {
    const World<BlockShape> w = grown();
    std::uint64_t bytes = 0;
    for (auto _ : state) bytes = bench().write(w);
    per_cell(state, bench().cells);
    state.counters["bytes_per_cell"] = double(bytes) / double(bench().cells);
}
BENCHMARK(checkpoint_write)->Unit(benchmark::kMillisecond)->UseRealTime();

void checkpoint_read(benchmark::State& state) {
    for (auto _ : state) benchmark::DoNotOptimize(grown());
    per_cell(state, bench().cells);
}
BENCHMARK(checkpoint_read)->Unit(benchmark::kMillisecond)->UseRealTime();

// The limit: as many bytes as a checkpoint has, into one file, and flushed.
void write_and_flush(benchmark::State& state) {
    std::string bytes(fs::file_size(bench().folder / "state/world.zst"), 'x');
    for (auto _ : state) {
        fs::remove(bench().folder / "plain");
        write_new_file(bench().folder / "plain", bytes);
    }
    per_cell(state, bench().cells);
}
BENCHMARK(write_and_flush)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
