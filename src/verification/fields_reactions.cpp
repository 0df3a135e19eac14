// F10 F11 F13 F16: fields in time with reactions: a step at a wall, travelling waves, a manufactured solution, Turing
// modes.
#include <fmt/format.h>

#include <array>

#include "verification/fields_domain.hpp"

namespace stellate::verification {

namespace {

const char* closed_form = "closed form";

std::vector<Check> f10(const Mutation& m) {
    static constexpr double table[][2] = {{10, 0.943628022203},  {50, 0.723673609832},  {100, 0.479500122187},
                                          {150, 0.288844366346}, {200, 0.157299207050}, {300, 0.0338948535247}};
    std::vector<Check> checks;
    const auto run = [&](double dx, double dt) {
        const int n = static_cast<int>(1200 / dx) + 1;
        Domain<double> d({0, 0, 0, n, 1, 1}, 1000 * m.of("diffusion"), 0, dx);
        d.kind[0] = m.is("closed wall") ? VoxelKind::wall : VoxelKind::prescribed;
        d.value[0] = m.of("boundary value");
        for (int s = 0; s < std::lround(10 / dt); ++s) d.step(dt, 1e-12);
        return d.value;
    };
    const auto coarse = run(20, 0.1);
    for (const auto& [x, expected] : table) {
        const double at = x / 20;
        const auto low = static_cast<std::size_t>(at);
        const double got = coarse[low] + (at - static_cast<double>(low)) * (coarse[low + 1] - coarse[low]);
        checks.push_back(within("F10", fmt::format("x {} um, dx 20, dt 0.1", x), expected, got, 0.01, closed_form));
        checks.push_back(
            tabulated("F10", fmt::format("table against erfc, x {} um", x), expected, std::erfc(x / 200), 1e-11));
    }
    // Fine enough that a diffusion of 1 % more shows: the error at 100 um falls with dx^2 and dt.
    const auto fine = run(10, 0.0125);
    checks.push_back(level("F10", "x 100 um, dx 10, dt 0.0125", table[2][1], fine[10], 1e-3, closed_form));
    checks.push_back(level("F10", "x 200 um, dx 10, dt 0.0125", table[4][1], fine[20], 3e-3, closed_form));
    return checks;
}

// u_t = D u_xx + r u (1 - u) on [0, length): diffusion implicit, reaction explicit. Returns where u = 1/2 at each time.
std::vector<double> front(const Mutation& m, double dx, double dt, double length, const std::vector<double>& times,
                          bool exact_start) {
    const int n = static_cast<int>(std::lround(length / dx));
    Domain<double> d({0, 0, 0, n, 1, 1}, m.of("diffusion"), 0, dx);
    const auto wave = [](double z) {
        const double e = 1 + (std::sqrt(2.0) - 1) * std::exp(z / std::sqrt(6.0));
        return 1 / (e * e);
    };
    d.each([&](std::size_t i, int x, int, int) {
        const double place = (x + 0.5) * dx;
        d.value[i] = exact_start ? wave(place - 20) : (place < 10 ? 1.0 : 0.0);
    });
    std::vector<double> where;
    int step = 0;
    for (const double t : times) {
        for (; step < std::lround(t / dt); ++step) {
            for (std::size_t i = 0; i < d.value.size(); ++i)
                d.source[i] = m.of("growth") * d.value[i] * (1 - d.value[i]);
            d.step(dt, 1e-12);
        }
        std::size_t i = 0;
        while (i + 1 < d.value.size() && d.value[i + 1] > 0.5) ++i;
        where.push_back((static_cast<double>(i) + 0.5 + (d.value[i] - 0.5) / (d.value[i] - d.value[i + 1])) * dx);
    }
    return where;
}

// Speed of the pulled front of the scheme: min over s of ln((1 + r dt) / (1 - dt (2 cosh(s dx) - 2) / dx^2)) / (s dt).
double scheme_speed(double dx, double dt, double& steepness) {
    double best = 1e300;
    for (double s = 0.3; s < 2.0; s += 1e-6) {
        const double stencil = (2 * std::cosh(s * dx) - 2) / (dx * dx);
        if (dt * stencil >= 1) break;
        const double c = (std::log1p(dt) - std::log1p(-dt * stencil)) / (s * dt);
        if (c < best) best = c, steepness = s;
    }
    return best;
}

std::vector<Check> f11(const Mutation& m) {
    std::vector<Check> checks;
    {
        const auto x = front(m, 0.1, 0.002, 90, {5, 20}, true);
        checks.push_back(level("F11", "speed of the exact wave, dx 0.1, dt 0.002", 2.04124145231932, (x[1] - x[0]) / 15,
                               0.002, closed_form));
    }
    struct Row {
        double dx, dt, published;
    };
    static constexpr Row rows[] = {{1, 0.1, 2.060190625}, {0.5, 0.1, 2.014158281}, {0.5, 0.01, 2.019683769}};
    for (const Row& r : rows) {
        double steepness = 1;
        const double expected = scheme_speed(r.dx, r.dt, steepness);
        const std::string what = fmt::format("dx {}, dt {}", r.dx, r.dt);
        checks.push_back(tabulated("F11", "the scheme's KPP speed, table against dispersion relation, " + what,
                                   r.published, expected, 1e-9));
        // Bramson's delay -3/2 ln t / s is taken out of the distance run.
        const auto x = front(m, r.dx, r.dt, 240, {50, 100}, false);
        const double speed = (x[1] - x[0] + 1.5 / steepness * std::log(2.0)) / 50;
        checks.push_back(level("F11", "compact start, speed over t 50 to 100 with Bramson's delay, " + what,
                               r.published, speed, 0.005, closed_form));
    }
    return checks;
}

// ---- F13
std::vector<Check> f13(const Mutation& m) {
    constexpr double L = 640, D = 1e4, V = 5, K = 2, lambda = 0.02;
    const double waves = 6 * (pi / L) * (pi / L);  // 1 + 4 + 1
    const auto shape = [&](double t) { return 1 + 0.5 * std::sin(2 * pi * t / 10); };
    // Largest error (or the values themselves) at `end`, from the exact start.
    const auto run = [&](double dx, double dt, double end, Box box) {
        Domain<double> d(box, D * m.of("diffusion"), lambda * m.of("decay"), dx);
        d.capacity.assign(d.kind.size(), V * m.of("uptake"));
        d.half_saturation = K;
        std::vector<double> space(d.kind.size());
        d.each([&](std::size_t i, int x, int y, int z) {
            space[i] = 3 * mode(1, x, box.nx) * mode(2, y, box.ny) * mode(1, z, box.nz);
            d.value[i] = 10 + space[i];
        });
        const int steps = static_cast<int>(std::lround(end / dt));
        for (int n = 1; n <= steps; ++n) {
            const double t = n * dt;
            for (std::size_t i = 0; i < space.size(); ++i) {
                const double c = 10 + space[i] * shape(t);
                d.source[i] = space[i] * (pi / 10) * std::cos(2 * pi * t / 10) + D * waves * (c - 10) + lambda * c +
                              V * c / (K + c);
            }
            d.step(dt, 1e-8);
        }
        return std::pair{d.value, space};
    };
    const auto error = [&](double dx, double dt, double end, Box box) {
        const auto [value, space] = run(dx, dt, end, box);
        double sum = 0;
        for (std::size_t i = 0; i < value.size(); ++i) {
            const double off = value[i] - 10 - space[i] * shape(end);
            sum += off * off;
        }
        return std::sqrt(sum / static_cast<double>(value.size()));
    };
    std::vector<Check> checks;
    // dt falls with dx^2: both parts of the error fall fourfold.
    const double e40 = error(40, 0.1, 0.4, {0, 0, 0, 16, 16, 16}), e20 = error(20, 0.025, 0.4, {0, 0, 0, 32, 32, 32}),
                 e10 = error(10, 0.00625, 0.4, {0, 0, 0, 64, 64, 64});
    checks.push_back(
        within("F13", "order in dx with dt ~ dx^2, dx 40 to 20", 2, observed_order(e40, e20), 0.1, "manufactured"));
    checks.push_back(
        within("F13", "order in dx with dt ~ dx^2, dx 20 to 10", 2, observed_order(e20, e10), 0.1, "manufactured"));
    checks.push_back(within("F13", "root mean square error at dx 10, dt 0.00625", 0, e10, 0.0005, "manufactured"));
    // Order in time from differences of successive step sizes, which the error in space drops out of.
    std::array<std::vector<double>, 4> by_dt;
    const double steps[] = {0.4, 0.2, 0.1, 0.05};
    for (int i = 0; i < 4; ++i)
        by_dt[static_cast<std::size_t>(i)] = run(20, steps[i], 1.6, {3, -2, 5, 32, 32, 32}).first;
    const auto gap = [&](int i) {
        double worst = 0;
        for (std::size_t j = 0; j < by_dt[0].size(); ++j)
            worst = std::max(
                worst, std::abs(by_dt[static_cast<std::size_t>(i)][j] - by_dt[static_cast<std::size_t>(i + 1)][j]));
        return worst;
    };
    checks.push_back(within("F13", "order in dt, 0.4 to 0.1", 1, observed_order(gap(0), gap(1)), 0.1, "manufactured"));
    checks.push_back(within("F13", "order in dt, 0.2 to 0.05", 1, observed_order(gap(1), gap(2)), 0.1, "manufactured"));
    return checks;
}

// ---- F16: Schnakenberg kinetics around their homogeneous state (1, 0.9), cosine of 1e-6.
std::vector<Check> f16(const Mutation& m) {
    struct Row {
        int mode;
        double rate;
    };
    static constexpr Row rows[] = {
        {6, 0.0302028997704}, {8, 0.261688242277}, {10, 0.362331997227}, {12, 0.403957806245}, {4, -0.423723024356}};
    constexpr int n = 400;
    constexpr double dx = 0.25, interval = 1;
    const double a = 0.1, b = 0.9;
    // Four amplitudes an interval apart obey x2 = trace x1 - det x0: the growth of both eigenvectors, whatever their
    // mix.
    const auto rate = [&](int k, double dt) {
        Domain<double> u({0, 0, 0, n, 1, 1}, 1 * m.of("diffusion of u"), 0, dx),
            v({0, 0, 0, n, 1, 1}, 40 * m.of("diffusion of v"), 0, dx);
        for (int i = 0; i < n; ++i) {
            u.value[static_cast<std::size_t>(i)] = 1 + 1e-6 * mode(k, i, n);
            v.value[static_cast<std::size_t>(i)] = 0.9;
        }
        std::vector<double> x;
        const int per_interval = static_cast<int>(std::lround(interval / dt));
        for (int step = 0; step <= 3 * per_interval; ++step) {
            if (step % per_interval == 0) {
                std::vector<double> off = u.value;
                for (double& c : off) c -= 1;
                x.push_back(amplitude(off, u.box, {k, 0, 0}));
            }
            for (std::size_t i = 0; i < n; ++i) {
                const double uu = u.value[i], vv = v.value[i];
                u.source[i] = a - uu + uu * uu * vv * m.of("reaction");
                v.source[i] = b - uu * uu * vv;
            }
            u.step(dt, 1e-15);
            v.step(dt, 1e-15);
        }
        const double trace_det = x[1] * x[1] - x[0] * x[2];
        const double det = (x[2] * x[2] - x[1] * x[3]) / trace_det, trace = (x[1] * x[2] - x[0] * x[3]) / trace_det;
        const double quarter = 0.25 * trace * trace - det;
        const double growth = quarter >= 0 ? 0.5 * trace + std::sqrt(quarter) : std::sqrt(det);
        return std::log(growth) / interval;
    };
    std::vector<Check> checks;
    for (const Row& r : rows) {
        const double coarse = rate(r.mode, 0.005), fine = rate(r.mode, 0.0025);
        checks.push_back(level("F16", fmt::format("growth rate of mode {}, extrapolated to dt 0", r.mode), r.rate,
                               2 * fine - coarse, 0.01, closed_form));
    }
    return checks;
}

}  // namespace

std::vector<Case> reaction_cases() {
    return {
        {"F10", "fields", "step at a wall", f10, {{"diffusion", 1.01}, {"boundary value", 1.01}, {"closed wall"}}},
        {"F11", "fields", "travelling waves", f11, {{"diffusion", 1.01}, {"growth", 1.01}}},
        {"F13",
         "fields",
         "manufactured solution with every term",
         f13,
         {{"diffusion", 1.01}, {"decay", 1.01}, {"uptake", 1.01}}},
        {"F16",
         "fields",
         "growth of Turing modes",
         f16,
         {{"diffusion of u", 1.01}, {"diffusion of v", 1.01}, {"reaction", 1.01}}},
    };
}

}  // namespace stellate::verification
