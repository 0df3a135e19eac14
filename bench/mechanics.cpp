// W2: contact mechanics of packed tissue, as performance.md defines it: N equal spheres of 2,494 um^3 in a cube of side
// (2887 N)^(1/3) um, uniform random places (SplitMix64, seed 12345, u = top 53 bits / 2^53, x then y then z a cell),
// 200 relaxation steps of 0.1 min clamped to the cube, then timed steps of 0.1 min with no wall. "sorted" enters the
// cells in the order of their bins, "shuffled" in a random permutation; a step includes forces, pressure, places and
// settle (bricks, bins, row order), and the first one the settle that puts the entered cells in order. Time integration
// is forward Euler, which is what the program uses (the definition says Adams-Bashforth: one more multiply-add a
// component). The cube stands in the middle of a lattice of 160-um bricks.
//
// The section variant packs a 20-um layer at 2.6e5 cells per mm^3 with the same volume fraction, brick 16 x 16 x 1.
//
// Counters: ns_per_cell of the mean, the best and the first step, in CPU time of the thread where one thread runs (a
// busy machine does not count) and in wall time else; times_the_limit = the best over limit_ns, the time that the
// arithmetic of W2's physical limit (9 rows of bins, 28 operations on 16 lanes each, a cell and step) takes at the rate
// of multiplications and additions measured in the same run; speeds (um/min) at the last relaxation step, which the
// definition gives as 0.10 on average and 0.7 to 1.0 at most.
//
// "variants" times the forces alone (settled tissue, no places moved) in each instruction set of this machine.

#include <benchmark/benchmark.h>
#include <time.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <memory>

#include "mechanics/move.hpp"

namespace {

using namespace stellate;

class SplitMix64 {
public:
    explicit SplitMix64(std::uint64_t seed) : state_(seed) {}
    std::uint64_t next() {
        std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
        return z ^ (z >> 31);
    }
    double uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }

private:
    std::uint64_t state_;
};

mechanics::ContactTable peer_table() {
    mechanics::ContactTable table;
    table.set(0, 0, 10.0f, 0.4f);
    table.adhesion_reach = 1.25f;
    return table;
}

// Multiplications and additions a second of one core in float lanes, unfused as the program must be; the best of
// several short runs on the widest vectors of this processor.
template <class Vector>
[[gnu::always_inline]] inline double multiply_add_rate() {
    constexpr int chains = 12, rounds = 100000, lanes = sizeof(Vector) / sizeof(float);
    double best = 0;
    for (int repeat = 0; repeat < 9; ++repeat) {
        Vector a[chains];
        for (int n = 0; n < chains; ++n) a[n] = Vector{} + float(n + 1);
        const Vector factor = Vector{} + 0.999f, term = Vector{} + 0.01f;
        const auto start = std::chrono::steady_clock::now();
        for (int round = 0; round < rounds; ++round)
            for (int n = 0; n < chains; ++n) a[n] = a[n] * factor + term;
        Vector sum = a[0];
        for (int n = 1; n < chains; ++n) sum += a[n];
        benchmark::DoNotOptimize(sum[0]);
        const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        best = std::max(best, 2.0 * lanes * chains * rounds / seconds);
    }
    return best;
}

typedef float Vector16 __attribute__((vector_size(64)));
typedef float Vector8 __attribute__((vector_size(32)));
typedef float Vector4 __attribute__((vector_size(16)));
#if defined(__x86_64__)
__attribute__((target("avx512f"))) double rate_avx512() { return multiply_add_rate<Vector16>(); }
__attribute__((target("avx2"))) double rate_avx2() { return multiply_add_rate<Vector8>(); }
#else
double rate_avx512() { return multiply_add_rate<Vector4>(); }
double rate_avx2() { return multiply_add_rate<Vector4>(); }
#endif

double measured_rate(Lanes lanes) {
    static std::map<Lanes, double> rates;
    double& rate = rates[lanes];
    if (rate == 0)
        rate = lanes == Lanes::avx512 ? rate_avx512()
               : lanes == Lanes::avx2 ? rate_avx2()
                                      : multiply_add_rate<Vector4>();
    return rate;
}

struct Place {
    double x, y, z;
};

// A packed box of cells inside a lattice.
template <class Shape>
struct Tissue {
    Lattice<Shape> lattice;
    Vec3 low, high;  // um
    mechanics::MoveScratch scratch;
};

template <class Shape>
constexpr double edge_um(int axis) {
    return um_from_fixed(edge_fixed<Shape>[axis]);
}

template <class Shape>
void insert(Lattice<Shape>& lattice, const std::vector<Place>& places, double radius) {
    std::uint64_t id = 0;
    for (const Place& p : places) {
        const BrickCoord at{int(p.x / edge_um<Shape>(0)), int(p.y / edge_um<Shape>(1)), int(p.z / edge_um<Shape>(2))};
        Cells& c = lattice.find(at)->cells;
        const std::size_t row = c.size();
        c.resize(row + 1);
        const Vec3 corner = corner_um<Shape>(at);
        c.id[row] = ++id;
        c.x[row] = fixed_from_um(p.x - corner.x);
        c.y[row] = fixed_from_um(p.y - corner.y);
        c.z[row] = fixed_from_um(p.z - corner.z);
        c.radius[row] = static_cast<float>(radius);
    }
}

template <class Shape>
std::unique_ptr<Tissue<Shape>> empty_tissue(Vec3 box, double range) {
    const int nx = int(box.x / edge_um<Shape>(0)) + 1, ny = int(box.y / edge_um<Shape>(1)) + 1;
    const int nz = Shape::flat ? 1 : int(box.z / edge_um<Shape>(2)) + 1;
    auto tissue = std::make_unique<Tissue<Shape>>(Tissue<Shape>{
        Lattice<Shape>(nx, ny, nz, range, [](Brick<Shape>& b) { b.activity.cells_awake = 1; }), {}, {}, {}});
    for (int z = 0; z < nz; ++z)
        for (int y = 0; y < ny; ++y)
            for (int x = 0; x < nx; ++x) tissue->lattice.materialise({x, y, z});
    const Vec3 whole{nx * edge_um<Shape>(0), ny * edge_um<Shape>(1), nz * edge_um<Shape>(2)};
    tissue->low = 0.5 * (whole - box);
    tissue->high = 0.5 * (whole + box);
    return tissue;
}

template <class Shape>
std::vector<Place> places_of(const Lattice<Shape>& lattice) {
    std::vector<Place> places;
    for (const Brick<Shape>* b : lattice.in_memory())
        for (std::size_t row = 0; row < b->cells.size(); ++row) {
            const Vec3 c = corner_um<Shape>(b->at);
            places.push_back({c.x + um_from_fixed(b->cells.x[row]), c.y + um_from_fixed(b->cells.y[row]),
                              c.z + um_from_fixed(b->cells.z[row])});
        }
    return places;
}

template <class Shape>
void clamp_to_box(Tissue<Shape>& tissue) {
    for (Brick<Shape>* b : tissue.lattice.in_memory()) {
        const Vec3 c = corner_um<Shape>(b->at);
        for (std::size_t row = 0; row < b->cells.size(); ++row) {
            const auto clamp = [](Fixed v, double corner, double low, double high) {
                return std::clamp(v, fixed_from_um(low - corner), fixed_from_um(high - corner));
            };
            // The box reaches at most a brick beyond the brick's own corner; elsewhere no clamp can bite.
            const auto near = [](double corner, double edge, double low, double high) {
                return Vec3{std::max(low, corner - edge), std::min(high, corner + 2 * edge), 0};
            };
            const Vec3 x = near(c.x, edge_um<Shape>(0), tissue.low.x, tissue.high.x);
            const Vec3 y = near(c.y, edge_um<Shape>(1), tissue.low.y, tissue.high.y);
            const Vec3 z = near(c.z, edge_um<Shape>(2), tissue.low.z, tissue.high.z);
            b->cells.x[row] = clamp(b->cells.x[row], c.x, x.x, x.y);
            b->cells.y[row] = clamp(b->cells.y[row], c.y, y.x, y.y);
            if (!Shape::flat) b->cells.z[row] = clamp(b->cells.z[row], c.z, z.x, z.y);
        }
    }
}

constexpr double dt_min = 0.1;

struct Relaxed {
    std::vector<Place> places;
    double mean_speed = 0, largest_speed = 0;
};

// Relaxed places, computed once a size and shape.
template <class Shape>
const Relaxed& relaxed(std::int64_t cells, Vec3 box, double radius) {
    static std::map<std::int64_t, Relaxed> known;
    Relaxed& state = known[cells];
    if (!state.places.empty()) return state;
    auto tissue = empty_tissue<Shape>(box, peer_table().range_um(radius));
    SplitMix64 random(12345);
    std::vector<Place> places;
    for (std::int64_t n = 0; n < cells; ++n) {
        const double x = random.uniform(), y = random.uniform(), z = random.uniform();
        places.push_back({tissue->low.x + x * box.x, tissue->low.y + y * box.y, tissue->low.z + z * box.z});
    }
    insert(tissue->lattice, places, radius);
    tissue->lattice.settle(1);
    for (int step = 0; step < 200; ++step) {
        mechanics::move_cells(tissue->lattice, peer_table(), {dt_min, 1, 50.0}, mechanics::Limits<Shape>{}, 1,
                              tissue->scratch);
        clamp_to_box(*tissue);
    }
    for (const auto& v : tissue->scratch.velocities)
        for (std::size_t row = 0; row < v.x.size(); ++row) {
            const double speed =
                std::sqrt(double(v.x[row]) * v.x[row] + double(v.y[row]) * v.y[row] + double(v.z[row]) * v.z[row]);
            state.mean_speed += speed / static_cast<double>(cells);
            state.largest_speed = std::max(state.largest_speed, speed);
        }
    tissue->lattice.settle(1);
    state.places = places_of(tissue->lattice);
    return state;
}

void count(benchmark::State& state, const Relaxed& start, double cells, double seconds, double best, double first,
           Lanes lanes) {
    const double rate = measured_rate(lanes), limit_ns = 9.0 * 28.0 * 16.0 / rate * 1e9;
    state.counters["ns_per_cell"] = seconds / static_cast<double>(state.iterations()) * 1e9 / cells;
    state.counters["best_ns_per_cell"] = best * 1e9 / cells;
    state.counters["first_ns_per_cell"] = first * 1e9 / cells;
    state.counters["limit_ns"] = limit_ns;
    state.counters["times_the_limit"] = best * 1e9 / cells / limit_ns;
    state.counters["Gops_per_s"] = rate * 1e-9;
    state.counters["mean_speed"] = start.mean_speed;
    state.counters["largest_speed"] = start.largest_speed;
}

double seconds_on(clockid_t clock) {
    timespec now{};
    clock_gettime(clock, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

template <class Step>
void time_steps(benchmark::State& state, const Relaxed& start, int threads, Lanes lanes, Step&& step) {
    const clockid_t clock = threads == 1 ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC;
    double best = 1e30, sum = 0, first = 0;
    for (auto _ : state) {
        const double begin = seconds_on(clock);
        step();
        const double seconds = seconds_on(clock) - begin;
        if (sum == 0) first = seconds;
        best = std::min(best, seconds);
        sum += seconds;
    }
    count(state, start, static_cast<double>(start.places.size()), sum, best, first, lanes);
}

template <class Shape>
void run_steps(benchmark::State& state, Vec3 box, double radius) {
    const bool shuffled = state.range(1) != 0;
    const int threads = static_cast<int>(state.range(2));
    const Relaxed& start = relaxed<Shape>(state.range(0), box, radius);
    auto places = start.places;
    if (shuffled) {
        SplitMix64 random(54321);
        for (std::size_t n = places.size(); n > 1; --n) std::swap(places[n - 1], places[random.next() % n]);
    }
    auto tissue = empty_tissue<Shape>(box, peer_table().range_um(radius));
    insert(tissue->lattice, places, radius);
    const mechanics::ContactTable table = peer_table();
    bool in_order = false;
    time_steps(state, start, threads, fastest_here(), [&] {
        if (!in_order) tissue->lattice.settle(threads);
        in_order = true;
        mechanics::move_cells(tissue->lattice, table, {dt_min, 1, 10.0}, mechanics::Limits<Shape>{}, threads,
                              tissue->scratch);
    });
}

double block_side(std::int64_t cells) { return std::cbrt(2887.0 * static_cast<double>(cells)); }
double ball_radius(double volume) { return std::cbrt(volume * 3.0 / (4.0 * 3.14159265358979323846)); }

void W2_block(benchmark::State& state) {
    const double side = block_side(state.range(0));
    run_steps<BlockShape>(state, {side, side, side}, ball_radius(2494.0));
}

void W2_section(benchmark::State& state) {
    const double volume = 1e9 / 2.6e5;  // um^3 a cell
    const double side = std::sqrt(volume * static_cast<double>(state.range(0)) / voxel_um);
    run_steps<SectionShape>(state, {side, side, voxel_um - 0.001}, ball_radius(0.864 * volume));
}

void W2_variants(benchmark::State& state) {
    const auto lanes = static_cast<Lanes>(state.range(1));
    if (!runs_here(lanes)) {
        state.SkipWithError("this processor lacks the instructions");
        return;
    }
    const double side = block_side(state.range(0)), radius = ball_radius(2494.0);
    const Relaxed& start = relaxed<BlockShape>(state.range(0), {side, side, side}, radius);
    auto tissue = empty_tissue<BlockShape>({side, side, side}, peer_table().range_um(radius));
    insert(tissue->lattice, start.places, radius);
    tissue->lattice.settle(1);
    const mechanics::ContactTable table = peer_table();
    mechanics::ContactScratch scratch;
    mechanics::ContactVelocities velocities;
    std::vector<float> yield, mobility;
    time_steps(state, start, 1, lanes, [&] {
        for (const auto* brick : tissue->lattice.in_memory()) {
            yield.assign(brick->cells.size(), 0.0f);
            mobility.assign(brick->cells.size(), 1.0f);
            mechanics::contact_velocities(tissue->lattice, *brick, table, yield, mobility, scratch, velocities, lanes);
        }
    });
}

BENCHMARK(W2_block)
    ->ArgNames({"cells", "shuffled", "threads"})
    ->ArgsProduct({{10'000, 100'000, 1'000'000}, {0, 1}, {1}})
    ->Args({100'000, 0, 2})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK(W2_section)
    ->ArgNames({"cells", "shuffled", "threads"})
    ->Args({100'000, 0, 1})
    ->Args({100'000, 1, 1})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK(W2_variants)
    ->ArgNames({"cells", "lanes"})
    ->ArgsProduct({{100'000}, {0, 1, 2}})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

}  // namespace
