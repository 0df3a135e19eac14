#include "fields/multigrid.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/hash.hpp"
#include "core/ids.hpp"
#include "core/random.hpp"

namespace stellate::fields {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

// Number `index` of a long sequence in (0, 1).
double uniform(std::uint64_t sequence, std::uint64_t index) {
    return (static_cast<double>(mix64(mix64(sequence + 1) + index) >> 11) + 0.5) * 0x1p-53;
}

// A box with everything in it that an equation needs.
template <class Real>
struct Problem {
    Box box;
    std::vector<VoxelKind> kind;
    std::vector<Real> sink, source, value, healthy, capacity, healthy_capacity;
    double diffusion = 400, dt = 1, half_saturation = 1;

    explicit Problem(Box b) : box(b) {
        const auto n = static_cast<std::size_t>(b.voxels());
        kind.assign(n, VoxelKind::awake);
        sink.assign(n, 0);
        source.assign(n, 0);
        value.assign(n, 0);
    }
    std::size_t at(int x, int y, int z) const {
        return (static_cast<std::size_t>(z) * box.ny + y) * static_cast<std::size_t>(box.nx) + x;
    }
    Equation<Real> equation() {
        Equation<Real> e;
        e.name = "TGFB1";
        e.diffusion = diffusion;
        e.dt_min = dt;
        e.kind = kind;
        e.sink = sink;
        e.source = source;
        e.value = value;
        e.healthy = healthy;
        e.uptake.capacity = capacity;
        e.uptake.healthy_capacity = healthy_capacity;
        e.uptake.half_saturation = half_saturation;
        return e;
    }
};

// The same balance by Gaussian elimination (Newton on the uptake), in double, one row per awake voxel.
std::vector<double> dense_solution(const Problem<double>& p) {
    const Box& b = p.box;
    std::vector<int> unknown(p.kind.size(), -1);
    int n = 0;
    for (std::size_t i = 0; i < p.kind.size(); ++i)
        if (p.kind[i] == VoxelKind::awake) unknown[i] = n++;
    const double k = p.diffusion / 400.0, rate = 1.0 / p.dt;
    std::vector<double> now = p.value;
    for (std::size_t i = 0; i < now.size(); ++i)
        if (p.kind[i] == VoxelKind::resting) now[i] = 0;
    const std::vector<double> old = now;
    for (int newton = 0; newton < (p.capacity.empty() ? 1 : 60); ++newton) {
        std::vector<double> m(static_cast<std::size_t>(n) * (n + 1), 0.0);
        const auto entry = [&](int r, int c) -> double& { return m[static_cast<std::size_t>(r) * (n + 1) + c]; };
        for (int z = 0; z < b.nz; ++z)
            for (int y = 0; y < b.ny; ++y)
                for (int x = 0; x < b.nx; ++x) {
                    const std::size_t i = p.at(x, y, z);
                    const int r = unknown[i];
                    if (r < 0) continue;
                    entry(r, r) += rate + p.sink[i];
                    entry(r, n) += rate * old[i] + p.source[i];
                    if (!p.capacity.empty()) {
                        const double h = p.healthy.empty() ? 0 : p.healthy[i], V = p.capacity[i], K = p.half_saturation;
                        const double c = h + now[i];
                        const double slope = c > 0 ? V * K / ((K + c) * (K + c)) : V / K;
                        const double taken = c > 0 ? V * c / (K + c) : V * c / K;
                        const double V0 = p.healthy_capacity.empty() ? V : p.healthy_capacity[i];
                        entry(r, r) += slope;
                        entry(r, n) += slope * now[i] - taken + V0 * h / (K + h);
                    }
                    const int offsets[6][3] = {{1, 0, 0}, {-1, 0, 0}, {0, 1, 0}, {0, -1, 0}, {0, 0, 1}, {0, 0, -1}};
                    for (const auto& o : offsets) {
                        const int X = x + o[0], Y = y + o[1], Z = z + o[2];
                        if (X < 0 || Y < 0 || Z < 0 || X >= b.nx || Y >= b.ny || Z >= b.nz) continue;
                        const std::size_t j = p.at(X, Y, Z);
                        if (p.kind[j] == VoxelKind::wall) continue;
                        entry(r, r) += k;
                        if (unknown[j] >= 0)
                            entry(r, unknown[j]) -= k;
                        else
                            entry(r, n) += k * now[j];
                    }
                }
        for (int c = 0; c < n; ++c)  // diagonally dominant: no pivoting
            for (int r = c + 1; r < n; ++r) {
                const double f = entry(r, c) / entry(c, c);
                if (f == 0) continue;
                for (int q = c; q <= n; ++q) entry(r, q) -= f * entry(c, q);
            }
        double moved = 0;
        std::vector<double> x(static_cast<std::size_t>(n));
        for (int r = n - 1; r >= 0; --r) {
            double v = entry(r, n);
            for (int c = r + 1; c < n; ++c) v -= entry(r, c) * x[static_cast<std::size_t>(c)];
            x[static_cast<std::size_t>(r)] = v / entry(r, r);
        }
        for (std::size_t i = 0; i < now.size(); ++i)
            if (unknown[i] >= 0) {
                moved = std::max(moved, std::abs(now[i] - x[static_cast<std::size_t>(unknown[i])]));
                now[i] = x[static_cast<std::size_t>(unknown[i])];
            }
        if (moved < 1e-13) break;
    }
    return now;
}

double largest_difference(const std::vector<double>& a, const std::vector<double>& b) {
    double worst = 0;
    for (std::size_t i = 0; i < a.size(); ++i) worst = std::max(worst, std::abs(a[i] - b[i]));
    return worst;
}

// A small random box: sizes 1 to 7, a mask of one of several characters, random rates, sources and start.
Problem<double> random_problem(std::uint64_t seed) {
    Draws d(20250, seed, 0, Purpose::test);
    const auto size = [&](int most) { return 1 + static_cast<int>(d.below(static_cast<std::uint32_t>(most))); };
    const auto corner = [&] { return static_cast<int>(d.below(41)) - 20; };
    const int shape = static_cast<int>(d.below(4));  // block, section, sheet, rod
    Box b{corner(), corner(), corner(), size(7), shape == 3 ? size(2) : size(7), shape == 0 ? size(5) : 1};
    if (shape == 1) b.nx = size(14), b.ny = size(14);
    if (shape == 3) b.nx = size(60);
    Problem<double> p(b);
    const double resting = d.below(3) == 0 ? 0.0 : 0.5 * d.uniform(), wall = d.below(3) == 0 ? 0.0 : 0.4 * d.uniform();
    const double held = d.below(3) == 0 ? 0.1 : 0.0;
    const double stiffness = std::pow(10.0, 4 * d.uniform() - 2);  // D dt / dx^2
    p.dt = d.below(4) == 0 ? infinity : 6.0;
    p.diffusion = 400 * stiffness / 6.0;
    for (std::size_t i = 0; i < p.kind.size(); ++i) {
        const double u = d.uniform();
        p.kind[i] = u < resting                 ? VoxelKind::resting
                    : u < resting + wall        ? VoxelKind::wall
                    : u < resting + wall + held ? VoxelKind::prescribed
                                                : VoxelKind::awake;
        p.sink[i] = p.dt == infinity ? 0.01 + d.uniform() : (d.below(2) ? 0.0 : d.uniform());
        p.source[i] = d.below(5) == 0 ? 10 * d.uniform() : 0.0;
        p.value[i] = 3 * d.uniform() - 1;
    }
    return p;
}

TEST(Multigrid, agrees_with_a_dense_solution_on_random_masks) {
    Multigrid<double> solver;
    for (std::uint64_t seed = 0; seed < 400; ++seed) {
        Problem<double> p = random_problem(seed);
        const std::vector<double> expected = dense_solution(p);
        const SolveReport report = solver.solve(p.box, p.equation(), {.tolerance = 1e-12, .max_cycles = 200});
        for (std::size_t i = 0; i < p.kind.size(); ++i)
            if (p.kind[i] == VoxelKind::wall) p.value[i] = expected[i];
        EXPECT_LT(largest_difference(p.value, expected), 2e-11)
            << "seed " << seed << ", box " << p.box.nx << " x " << p.box.ny << " x " << p.box.nz << ", cycles "
            << report.cycles;
    }
}

TEST(Multigrid, agrees_with_a_dense_Newton_solution_where_uptake_saturates) {
    Multigrid<double> solver;
    for (std::uint64_t seed = 0; seed < 150; ++seed) {
        Problem<double> p = random_problem(seed);
        Draws d(20251, seed, 0, Purpose::test);
        p.half_saturation = std::pow(10.0, 3 * d.uniform() - 2);
        const bool from_health = d.below(2) == 0;
        for (std::size_t i = 0; i < p.kind.size(); ++i) {
            p.capacity.push_back(20 * d.uniform());
            if (!from_health) continue;
            p.healthy.push_back(5 * d.uniform());
            p.healthy_capacity.push_back(5 * d.uniform());
        }
        // Start and held values at or above concentration 0, and a source that health's own uptake cannot undo.
        for (std::size_t i = 0; i < p.kind.size(); ++i)
            p.value[i] = std::abs(p.value[i]) - (from_health ? 0.3 * p.healthy[i] : 0.0);
        const std::vector<double> expected = dense_solution(p);
        const SolveReport report = solver.solve(p.box, p.equation(), {.tolerance = 1e-11, .max_cycles = 300});
        for (std::size_t i = 0; i < p.kind.size(); ++i) {
            if (p.kind[i] != VoxelKind::awake) {
                p.value[i] = expected[i];
                continue;
            }
            const double h = from_health ? p.healthy[i] : 0;
            EXPECT_GE(h + p.value[i], 0) << "seed " << seed;
            EXPECT_NEAR(p.value[i], std::max(expected[i], -h), 1e-9) << "seed " << seed << " cycles " << report.cycles;
        }
    }
}

// Masks as the simulation makes them, and nastier ones.
std::vector<std::pair<std::string, Problem<double>>> typical_problems(double sink_over_k) {
    std::vector<std::pair<std::string, Problem<double>>> all;
    const auto add = [&](const std::string& name, Problem<double> p) {
        p.diffusion = 400;
        p.dt = infinity;
        for (std::size_t i = 0; i < p.kind.size(); ++i) {
            p.sink[i] = sink_over_k * (0.2 + 1.6 * uniform(2 * all.size(), i));
            p.source[i] = 2 * uniform(2 * all.size() + 1, i) - 1;
        }
        all.emplace_back(name, std::move(p));
    };
    add("closed block", Problem<double>(Box{0, 0, 0, 48, 48, 48}));
    add("closed odd block", Problem<double>(Box{-7, 3, 11, 45, 37, 29}));
    add("closed section", Problem<double>(Box{0, 0, 0, 160, 160, 1}));
    const auto rim = [](int n, int m) {
        Problem<double> p(Box{-1, -1, m > 1 ? -1 : 0, n, n, m});
        for (int z = 0; z < m; ++z)
            for (int y = 0; y < n; ++y)
                for (int x = 0; x < n; ++x)
                    if (x == 0 || y == 0 || x == n - 1 || y == n - 1 || (m > 1 && (z == 0 || z == m - 1)))
                        p.kind[p.at(x, y, z)] = VoxelKind::resting;
        return p;
    };
    add("block in resting tissue", rim(50, 50));
    add("section in resting tissue", rim(162, 1));
    Problem<double> shifted = rim(50, 50);
    shifted.box.x0 = 2, shifted.box.y0 = 1, shifted.box.z0 = 4;
    add("block in resting tissue, out of step with the coarse cells", shifted);
    const auto bricks = [](bool section, double share, VoxelKind outside) {
        const int n = section ? 130 : 50, edge = section ? 16 : 8;
        Problem<double> p(Box{-1, -1, section ? 0 : -1, n, n, section ? 1 : n});
        for (int z = 0; z < p.box.nz; ++z)
            for (int y = 0; y < n; ++y)
                for (int x = 0; x < n; ++x) {
                    const bool rim_voxel =
                        x == 0 || y == 0 || x == n - 1 || y == n - 1 || (!section && (z == 0 || z == n - 1));
                    const int brick = ((x - 1) / edge * 64 + (y - 1) / edge) * 64 + (section ? 0 : (z - 1) / edge);
                    const double u = uniform(99, static_cast<std::uint64_t>(brick));
                    p.kind[p.at(x, y, z)] = !rim_voxel && u < share ? VoxelKind::awake : outside;
                }
        return p;
    };
    add("random bricks", bricks(false, 0.5, VoxelKind::resting));
    add("random bricks of a section", bricks(true, 0.6, VoxelKind::resting));
    Problem<double> sheet(Box{0, 0, 0, 40, 40, 5});
    for (std::size_t i = 0; i < sheet.kind.size(); ++i)
        sheet.kind[i] = i / 1600 == 2 ? VoxelKind::awake : VoxelKind::resting;
    add("sheet one voxel thick", sheet);
    add("rod", Problem<double>(Box{3, 5, 7, 90, 3, 3}));
    add("line", Problem<double>(Box{3, 5, 7, 200, 1, 1}));
    return all;
}

TEST(Multigrid, reduces_the_correction_eightfold_a_cycle_on_the_islands_of_the_simulation) {
    for (const double sink : {1e-3, 1e-2, 1e-1})
        for (auto& [name, p] : typical_problems(sink)) {
            Multigrid<double> solver;
            const SolveReport r = solver.solve(p.box, p.equation(), {.tolerance = 1e-8, .max_cycles = 60});
            const double mean = std::pow(r.first_correction / r.largest_correction, 1.0 / (r.cycles - 1));
            EXPECT_GE(mean, 8.0) << name << ", sink / (D / dx^2) = " << sink << ", " << r.cycles << " cycles";
        }
}

TEST(Multigrid, gives_the_same_bits_with_every_instruction_set) {
    for (auto& [name, p] : typical_problems(1e-2)) {
        std::vector<Digest> digests;
        for (const Lanes lanes : {Lanes::baseline, Lanes::avx2, Lanes::avx512}) {
            if (!runs_here(lanes)) continue;
            Hasher h;
            Problem<double> twice = p;
            for (std::size_t i = 0; i < p.kind.size(); ++i)
                twice.capacity.push_back(static_cast<double>(i % 3)), twice.healthy.push_back(1);
            Multigrid<double> d(lanes);
            d.solve(p.box, twice.equation(), {.tolerance = 1e-9});
            h.column<double>(twice.value);
            Problem<float> single(p.box);
            single.kind = p.kind;
            single.sink.assign(p.sink.begin(), p.sink.end());
            single.source.assign(p.source.begin(), p.source.end());
            Multigrid<float> f(lanes);
            f.solve(p.box, single.equation(), {.tolerance = 1e-4});
            h.column<float>(single.value);
            digests.push_back(h.digest());
        }
        EXPECT_THAT(digests, testing::Each(digests.front())) << name;
    }
}

TEST(Multigrid, gives_the_same_bits_in_a_larger_box) {
    Multigrid<float> solver;
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
        const Problem<double> d = random_problem(seed);
        Problem<float> small(d.box);
        small.diffusion = d.diffusion, small.dt = d.dt, small.kind = d.kind;
        small.sink.assign(d.sink.begin(), d.sink.end());
        small.source.assign(d.source.begin(), d.source.end());
        small.value.assign(d.value.begin(), d.value.end());
        Draws draw(3, seed, 0, Purpose::test);
        const int left[3] = {static_cast<int>(draw.below(12)), static_cast<int>(draw.below(5)),
                             static_cast<int>(draw.below(4))};
        Box b = small.box;
        b.x0 -= left[0], b.y0 -= left[1], b.z0 -= left[2];
        b.nx += left[0] + static_cast<int>(draw.below(20));
        b.ny += left[1] + 3, b.nz += left[2] + 1;
        Problem<float> large(b);
        large.diffusion = small.diffusion, large.dt = small.dt;
        std::fill(large.kind.begin(), large.kind.end(), VoxelKind::wall);
        const auto each = [&](auto body) {
            for (int z = 0; z < small.box.nz; ++z)
                for (int y = 0; y < small.box.ny; ++y)
                    for (int x = 0; x < small.box.nx; ++x)
                        body(small.at(x, y, z), large.at(x + left[0], y + left[1], z + left[2]));
        };
        each([&](std::size_t s, std::size_t l) {
            large.kind[l] = small.kind[s];
            large.sink[l] = small.sink[s];
            large.source[l] = small.source[s];
            large.value[l] = small.value[s];
        });
        solver.solve(small.box, small.equation(), {.tolerance = 1e-5, .max_cycles = 200});
        solver.solve(large.box, large.equation(), {.tolerance = 1e-5, .max_cycles = 200});
        each([&](std::size_t s, std::size_t l) { ASSERT_EQ(small.value[s], large.value[l]) << "seed " << seed; });
    }
}

TEST(Multigrid, leaves_an_undisturbed_field_exactly_at_zero_and_without_a_cycle) {
    Problem<float> p(Box{0, 0, 0, 24, 24, 8});
    for (std::size_t i = 0; i < p.kind.size(); ++i) {
        p.sink[i] = 0.1f + 0.001f * static_cast<float>(i % 97);
        p.capacity.push_back(3.0f + 0.01f * static_cast<float>(i % 31));
        p.healthy.push_back(20.0f + 0.1f * static_cast<float>(i % 53));
    }
    p.healthy_capacity = p.capacity;
    Multigrid<float> solver;
    EXPECT_EQ(solver.solve(p.box, p.equation()).cycles, 0);
    EXPECT_THAT(p.value, testing::Each(0.0f));
}

TEST(Multigrid, sets_resting_voxels_to_zero_and_leaves_walls_and_prescribed_values_alone) {
    Problem<float> p(Box{0, 0, 0, 4, 1, 1});
    p.kind = {VoxelKind::wall, VoxelKind::resting, VoxelKind::awake, VoxelKind::prescribed};
    p.value = {5, 6, 7, 8};
    p.dt = infinity;
    Multigrid<float> solver;
    solver.solve(p.box, p.equation());
    EXPECT_THAT(p.value, testing::ElementsAre(5.0f, 0.0f, testing::FloatNear(4.0f, 1e-5f), 8.0f));
}

TEST(Multigrid, gives_the_same_bits_after_other_boxes_as_fresh) {
    auto problems = typical_problems(1e-2);
    Multigrid<double> used;
    for (auto& [name, p] : problems) {
        Problem<double> again = p;
        used.solve(p.box, p.equation());
        Multigrid<double> fresh;
        fresh.solve(again.box, again.equation());
        EXPECT_EQ(p.value, again.value) << name;
    }
}

TEST(Multigrid, brings_concentrations_back_to_zero_from_below_and_says_how_many) {
    Problem<double> p(Box{0, 0, 0, 9, 9, 1});
    p.source[40] = -1;  // a taker that does not ask how much there is
    Equation<double> e = p.equation();
    e.nonnegative = true;
    Multigrid<double> solver;
    const SolveReport r = solver.solve(p.box, e);
    EXPECT_EQ(r.clamped, 81);
    EXPECT_GT(r.largest_clamp, 0);
    EXPECT_THAT(p.value, testing::Each(0.0));
}

template <class Body>
std::string message_of(Body body) {
    try {
        body();
    } catch (const RunError& e) {
        return e.what();
    }
    return "";
}

TEST(Multigrid, names_the_substrate_and_the_box_when_it_does_not_converge) {
    Problem<double> p(Box{8, -16, 24, 16, 16, 16});
    p.source[5] = 1;
    Multigrid<double> solver;
    const std::string message =
        message_of([&] { solver.solve(p.box, p.equation(), {.tolerance = 1e-14, .max_cycles = 2}); });
    EXPECT_THAT(message, testing::AllOf(testing::HasSubstr("TGFB1"), testing::HasSubstr("(8, -16, 24)"),
                                        testing::HasSubstr("16 x 16 x 16"), testing::HasSubstr("2 cycles")));
}

TEST(Multigrid, stops_at_what_is_not_a_number_and_works_again_afterwards) {
    Problem<double> p(Box{0, 0, 0, 16, 16, 1});
    Multigrid<double> solver;
    for (std::vector<double>* a : {&p.source, &p.value, &p.sink}) {
        Problem<double> bad = p;
        (a == &p.source ? bad.source : a == &p.value ? bad.value : bad.sink)[17] = std::nan("");
        EXPECT_NE(message_of([&] { solver.solve(bad.box, bad.equation()); }), "");
        Problem<double> good = p;
        good.source[17] = 1;
        EXPECT_EQ(message_of([&] { solver.solve(good.box, good.equation()); }), "");
        EXPECT_GT(good.value[17], 0.1);
    }
}

TEST(Multigrid, refuses_a_steady_state_that_does_not_exist) {
    Multigrid<double> solver;
    Problem<double> lonely(Box{0, 0, 0, 3, 1, 1});
    lonely.kind = {VoxelKind::awake, VoxelKind::wall, VoxelKind::awake};
    lonely.dt = infinity;
    lonely.source = {1, 0, 0};
    EXPECT_NE(message_of([&] { solver.solve(lonely.box, lonely.equation()); }), "");
    Problem<double> closed(Box{0, 0, 0, 20, 20, 1});
    closed.dt = infinity;
    closed.source[3] = 1;
    EXPECT_NE(message_of([&] { solver.solve(closed.box, closed.equation()); }), "");
}

TEST(Multigrid, finds_the_mean_of_a_nearly_closed_box) {
    Problem<double> p(Box{-5, 1000, 31, 33, 17, 9});
    p.dt = infinity;
    double total = 0;
    for (std::size_t i = 0; i < p.source.size(); ++i) {
        p.sink[i] = 1e-9;
        p.source[i] = i % 7 == 0 ? 1e-9 : 0;
        total += p.source[i];
    }
    Multigrid<double> solver;
    solver.solve(p.box, p.equation(), {.tolerance = 1e-10});
    double mass = 0;
    for (double v : p.value) mass += v;
    EXPECT_NEAR(mass * 1e-9 / total, 1.0, 1e-8);
}

TEST(Multigrid, keeps_single_precision_within_a_few_ulp_of_double) {
    for (const double diffusion : {600.0, 1e5}) {  // a slow ligand, and oxygen, where 6 D dt / dx^2 = 9000
        Problem<double> d(Box{0, 0, 0, 160, 160, 1});
        Problem<float> f(d.box);
        for (std::size_t i = 0; i < d.kind.size(); ++i) {
            d.sink[i] = f.sink[i] = static_cast<float>(0.1 + 0.2 * uniform(11, i));
            d.source[i] = f.source[i] = static_cast<float>(uniform(12, i) < 0.05 ? 40.0 : 0.0);
        }
        d.diffusion = f.diffusion = diffusion;
        d.dt = f.dt = 6;
        Multigrid<double> in_double;
        Multigrid<float> in_single;
        for (int tick = 0; tick < 50; ++tick) {
            in_double.solve(d.box, d.equation(), {.tolerance = 1e-10});
            in_single.solve(f.box, f.equation(), {.tolerance = 1e-7});
        }
        double worst = 0, size = 0;
        for (std::size_t i = 0; i < d.value.size(); ++i) {
            worst = std::max(worst, std::abs(d.value[i] - static_cast<double>(f.value[i])));
            size = std::max(size, d.value[i]);
        }
        EXPECT_LT(worst / size, 3e-6) << "D = " << diffusion;
        RecordProperty("single_precision_error", std::to_string(worst / size));
    }
}

}  // namespace
}  // namespace stellate::fields
