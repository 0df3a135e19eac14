// Speed of the field solver, in ns per voxel, on one core (CPU time of the thread, so that a busy machine disturbs
// little but the shared memory). For every case the memory limit is measured in the same run: the bytes that one cycle
// must move at the least, over the bandwidth of an in-place update of as many arrays of the same size.
//
//   multigrid   one cycle (V-cycle and conjugate-gradient step), the set-up of a solve, the first sight of a new mask
//   saturable   a whole solve with saturable uptake
//   lod         the established simulators' split step on the W1 workload: D 1e5 um^2/min, decay 0.1 /min, dt 0.01 min
//   minute      one simulated minute of oxygen: a sixth of a 6-min implicit step against a hundred split steps
#include <benchmark/benchmark.h>
#include <time.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "fields/lod.hpp"
#include "fields/multigrid.hpp"

namespace {

using namespace stellate::fields;

double cpu_seconds() {
    timespec t{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

template <class Body>
double seconds_of(Body body) {
    const double start = cpu_seconds();
    body();
    return cpu_seconds() - start;
}

// Bytes per second of a = a s + t over `arrays` arrays of n elements, read and write counted.
template <class Real>
double bandwidth(std::size_t n, int arrays) {
    std::vector<std::vector<Real>> a(static_cast<std::size_t>(arrays), std::vector<Real>(n, Real(1)));
    double best = 1e300;
    for (int repeat = 0; repeat < 6; ++repeat)
        best = std::min(best, seconds_of([&] {
                            for (auto& v : a) {
                                Real* p = v.data();
                                for (std::size_t i = 0; i < n; ++i) p[i] = p[i] * Real(0.999) + Real(0.001);
                                benchmark::DoNotOptimize(p);
                            }
                        }));
    return 2.0 * sizeof(Real) * static_cast<double>(n) * arrays / best;
}

template <class Real>
struct Island {
    Box box;
    std::vector<VoxelKind> kind;
    std::vector<Real> sink, source, value, capacity, healthy;

    // n voxels a side, awake, inside one layer of resting tissue (a section rests on two walls).
    Island(int n, bool section) : box{-1, -1, section ? 0 : -1, n + 2, n + 2, section ? 1 : n + 2} {
        const auto size = static_cast<std::size_t>(box.voxels());
        kind.assign(size, VoxelKind::awake);
        for (auto* a : {&sink, &source, &value}) a->assign(size, Real(0));
        std::size_t i = 0;
        std::uint32_t random = 12345;
        for (int z = 0; z < box.nz; ++z)
            for (int y = 0; y < box.ny; ++y)
                for (int x = 0; x < box.nx; ++x, ++i) {
                    random = random * 1664525u + 1013904223u;
                    if (x == 0 || y == 0 || x == n + 1 || y == n + 1 || (!section && (z == 0 || z == n + 1)))
                        kind[i] = VoxelKind::resting;
                    sink[i] = static_cast<Real>(0.1 + 0.4 * (random >> 8) / 16777216.0);
                    source[i] = static_cast<Real>((random >> 16) % 97 == 0 ? 40 : 0);
                }
    }
    Equation<Real> equation(double diffusion, double dt) {
        Equation<Real> e;
        e.name = "benchmark";
        e.diffusion = diffusion;
        e.dt_min = dt;
        e.kind = kind;
        e.sink = sink;
        e.source = source;
        e.value = value;
        e.healthy = healthy;
        e.uptake.capacity = capacity;
        e.uptake.half_saturation = 2;
        return e;
    }
};

template <class Real>
void multigrid(benchmark::State& state, bool section, double diffusion) {
    const int n = static_cast<int>(state.range(0));
    Island<Real> island(n, section);
    const double voxels = std::pow(n, section ? 2 : 3);
    Multigrid<Real> solver;
    const std::vector<Real> start = island.value;
    const SolveOptions accurate{.tolerance = sizeof(Real) == 4 ? 1e-5 : 1e-11}, rough{.tolerance = 1e30};
    // The least of several of each: the difference of two single times would be mostly noise.
    double first = 1e300, one = 1e300, whole = 1e300;
    SolveReport report;
    for (auto _ : state) {
        Multigrid<Real> fresh;
        const auto timed = [&](Multigrid<Real>& with, const SolveOptions& options) {
            std::copy(start.begin(), start.end(), island.value.begin());
            return seconds_of([&] { report = with.solve(island.box, island.equation(diffusion, 6), options); });
        };
        if (one == 1e300) timed(solver, rough);
        first = std::min(first, timed(fresh, rough));
        one = std::min(one, timed(solver, rough));
        const double t = timed(solver, accurate);
        whole = std::min(whole, t);
        state.SetIterationTime(t);
    }
    const double cycle = (whole - one) / (report.cycles - 1), setup = one - cycle, geometry = first - one;
    // Finest level, each array counted once per wave that needs it: down 4 (residual, inverse, correction, half of
    // count and rate), up 5 (those, correction written, image), search 7, step 6. Coarse levels add 1/7 (1/3 in a
    // section), with 1.7 times the arrays.
    const double arrays = 22 * (1 + 1.7 * (section ? 1.0 / 3 : 1.0 / 7));
    const double limit = arrays * sizeof(Real) / bandwidth<Real>(static_cast<std::size_t>(voxels), 9) * 1e9;
    state.counters["ns_per_voxel_cycle"] = cycle * 1e9 / voxels;
    state.counters["memory_limit_ns"] = limit;
    state.counters["times_limit"] = cycle * 1e9 / voxels / limit;
    state.counters["cycles"] = report.cycles;
    state.counters["reduction_per_cycle"] =
        std::pow(report.first_correction / report.largest_correction, 1.0 / (report.cycles - 1));
    state.counters["solve_ns_per_voxel"] = whole * 1e9 / voxels;
    state.counters["setup_ns_per_voxel"] = setup * 1e9 / voxels;
    state.counters["new_mask_ns_per_voxel"] = geometry * 1e9 / voxels;
}

template <class Real>
void saturable(benchmark::State& state, bool section) {
    const int n = static_cast<int>(state.range(0));
    Island<Real> island(n, section);
    const double voxels = std::pow(n, section ? 2 : 3);
    island.capacity.assign(island.value.size(), Real(20));
    island.healthy.assign(island.value.size(), Real(40));
    for (std::size_t i = 0; i < island.source.size(); ++i) island.source[i] = i % 11 == 0 ? Real(-8) : Real(0);
    const std::vector<Real> start = island.value;
    Multigrid<Real> solver;
    double best = 1e300;
    SolveReport report;
    for (auto _ : state) {
        island.value = start;
        const double t =
            seconds_of([&] { report = solver.solve(island.box, island.equation(1e5, 6), {.tolerance = 1e-3}); });
        state.SetIterationTime(t);
        best = std::min(best, t);
    }
    state.counters["solve_ns_per_voxel"] = best * 1e9 / voxels;
    state.counters["cycles"] = report.cycles;
}

template <class Real>
void lod(benchmark::State& state) {
    const int n = static_cast<int>(state.range(0)), substrates = static_cast<int>(state.range(1));
    const std::size_t size = static_cast<std::size_t>(n) * n * n;
    std::vector<std::vector<Real>> fields;
    for (int s = 0; s < substrates; ++s) {
        std::vector<Real> c(size);
        std::size_t i = 0;
        for (int z = 0; z < n; ++z)
            for (int y = 0; y < n; ++y)
                for (int x = 0; x < n; ++x, ++i) {
                    const auto off = [&](int a) { return (a + 0.5 - 0.5 * n) * 20; };
                    const double r2 = off(x) * off(x) + off(y) * off(y) + off(z) * off(z);
                    c[i] = static_cast<Real>(1 + (s + 1) * std::exp(-r2 / (2 * 200.0 * 200.0)));
                }
        fields.push_back(std::move(c));
    }
    Lod<Real> solver(n, n, n, 1e5, 0.1, 20, 0.01);
    for (int warm = 0; warm < 2; ++warm)
        for (auto& c : fields) solver.step(c);
    double best = 1e300;
    for (auto _ : state) {
        const double t = seconds_of([&] {
            for (auto& c : fields) solver.step(c);
        });
        state.SetIterationTime(t);
        best = std::min(best, t);
    }
    const double each = static_cast<double>(size) * substrates;
    const double limit = 4 * sizeof(Real) / bandwidth<Real>(size, substrates) * 1e9;  // x and y fused, then z
    state.counters["ns_per_voxel_substrate_step"] = best * 1e9 / each;
    state.counters["memory_limit_ns"] = limit;
    state.counters["times_limit"] = best * 1e9 / each / limit;
}

void minute(benchmark::State& state) {
    const int n = static_cast<int>(state.range(0));
    Island<float> island(n, false);
    const std::vector<float> start = island.value;
    Multigrid<float> solver;
    Lod<float> split(n, n, n, 1e5, 0.1, 20, 0.01);
    std::vector<float> c(static_cast<std::size_t>(n) * n * n, 1.0f);
    const double voxels = std::pow(n, 3);
    double implicit = 1e300, splitting = 1e300;
    for (auto _ : state) {
        island.value = start;
        const double a =
            seconds_of([&] { solver.solve(island.box, island.equation(1e5, 6), {.tolerance = 1e-4}); }) / 6;
        const double b = seconds_of([&] { split.step(c); }) * 100;
        state.SetIterationTime(a);
        implicit = std::min(implicit, a);
        splitting = std::min(splitting, b);
    }
    state.counters["implicit_ns_per_voxel_minute"] = implicit * 1e9 / voxels;
    state.counters["split_ns_per_voxel_minute"] = splitting * 1e9 / voxels;
    state.counters["times_faster"] = splitting / implicit;
}

void multigrid_block_float(benchmark::State& state) { multigrid<float>(state, false, 1e5); }
void multigrid_section_float(benchmark::State& state) { multigrid<float>(state, true, 1e5); }
void multigrid_section_float_slow_ligand(benchmark::State& state) { multigrid<float>(state, true, 600); }
void multigrid_block_double(benchmark::State& state) { multigrid<double>(state, false, 1e5); }
void multigrid_section_double(benchmark::State& state) { multigrid<double>(state, true, 1e5); }
void saturable_block_float(benchmark::State& state) { saturable<float>(state, false); }
void saturable_section_float(benchmark::State& state) { saturable<float>(state, true); }
void lod_double(benchmark::State& state) { lod<double>(state); }
void lod_float(benchmark::State& state) { lod<float>(state); }

}  // namespace

BENCHMARK(multigrid_block_float)->Arg(64)->Arg(96)->Arg(128)->UseManualTime()->Iterations(12);
BENCHMARK(multigrid_section_float)->Arg(32)->Arg(160)->Arg(320)->Arg(512)->UseManualTime()->Iterations(40);
BENCHMARK(multigrid_section_float_slow_ligand)->Arg(160)->UseManualTime()->Iterations(40);
BENCHMARK(multigrid_block_double)->Arg(64)->UseManualTime()->Iterations(12);
BENCHMARK(multigrid_section_double)->Arg(160)->UseManualTime()->Iterations(40);
BENCHMARK(saturable_section_float)->Arg(160)->UseManualTime()->Iterations(40);
BENCHMARK(saturable_block_float)->Arg(64)->UseManualTime()->Iterations(8);
BENCHMARK(lod_double)->Args({100, 1})->Args({100, 4})->Args({100, 10})->Args({200, 4})->UseManualTime()->Iterations(8);
BENCHMARK(lod_float)->Args({100, 1})->Args({100, 4})->Args({100, 10})->Args({200, 4})->UseManualTime()->Iterations(8);
BENCHMARK(minute)->Arg(64)->UseManualTime()->Iterations(8);
