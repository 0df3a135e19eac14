// W01-W03: persistent walks, biased migration and the isotropy of directions, run through the program's `walk` (W04 is
// in motility_gradients.cpp). Statistical checks with a fixed seed: the tolerance is 4.42 standard errors (alpha =
// 1e-5, two-sided), so `error` is |z|. What W01 sees: squared displacements of 10 000 cells a persistence 7 % off, the
// count of their renewals one 1.5 % off.
#include <cmath>

#include <fmt/format.h>

#include "core/ids.hpp"
#include "core/math.hpp"
#include "core/random.hpp"
#include "mechanics/motility.hpp"
#include "verification/small_mice.hpp"

namespace stellate::verification {

namespace {

constexpr double largest_z = 4.42;
constexpr std::uint64_t seed = 20240607;

// Mean of a sample against its exact value, as z.
class Sample {
public:
    void add(double value) {
        ++count_;
        const double before = value - mean_;
        mean_ += before / count_;
        squares_ += before * (value - mean_);
    }
    double mean() const { return mean_; }
    double standard_error() const { return std::sqrt(squares_ / (count_ - 1) / count_); }

private:
    double count_ = 0, mean_ = 0, squares_ = 0;
};

Check z_check(const char* id, std::string what, double expected, const Sample& sample, const char* source) {
    Check c{id,
            std::move(what),
            expected,
            sample.mean(),
            largest_z * sample.standard_error(),
            Check::Tier::statistical,
            source,
            false};
    return c;
}

// A brick of walkers at its centre. Their places stay local: nobody looks at a neighbour.
template <class Shape>
Brick<Shape> walkers(std::uint32_t count, std::uint64_t salt) {
    Brick<Shape> brick;
    brick.cells.resize(count);
    for (std::uint32_t n = 0; n < count; ++n) brick.cells.id[n] = mix64(salt + n);
    return brick;
}

template <class Shape>
Vec3 place(const Brick<Shape>& b, std::size_t n) {
    return {um_from_fixed(b.cells.x[n]), um_from_fixed(b.cells.y[n]), um_from_fixed(b.cells.z[n])};
}
template <class Shape>
Vec3 heading(const Brick<Shape>& b, std::size_t n) {
    return {b.cells.heading_x[n], b.cells.heading_y[n], b.cells.heading_z[n]};
}

struct Rows {
    std::vector<float> speed, bias, x, y, z;
    Rows(std::size_t n, double v, double b, Vec3 toward)
        : speed(n, float(v)), bias(n, float(b)), x(n, float(toward.x)), y(n, float(toward.y)), z(n, float(toward.z)) {}
    operator mechanics::WalkRows() const { return {speed, bias, x, y, z}; }
};

// Mean squared displacement of a walk with correlation q from step to step, after n steps of length l.
double stepwise_msd(double l, double q, double n) {
    return l * l * (n * (1 + q) / (1 - q) - 2 * q * (1 - math::pow(q, n)) / ((1 - q) * (1 - q)));
}
double exact_msd(double speed, double tau, double t) {
    return 2 * speed * speed * tau * tau * (t / tau - math::chance(t / tau));
}

struct WalkTest {
    double speed, tau, dt;
    int substeps;  // dt is one call of so many sub-steps
    std::vector<double> times, expected;
};

template <class Shape>
void check_walk(std::vector<Check>& checks, const char* geometry, const WalkTest& test, double tau_as_run) {
    constexpr std::uint32_t cells = 10000;
    auto brick = walkers<Shape>(cells, 0);
    const Rows rows(cells, test.speed, 0, {});
    const std::vector<mechanics::Walk> walk{{tau_as_run, test.substeps}};
    std::vector<Vec3> first(cells), before(cells);
    long tick = 0;
    double renewed = 0, asked = 0;
    for (std::size_t k = 0; k < test.times.size(); ++k) {
        const double t = test.times[k];
        for (; tick < std::lround(t / test.dt); ++tick) {
            mechanics::walk(brick, rows, walk, test.dt, seed, std::uint32_t(tick), 0, 50.0);
            for (std::uint32_t n = 0; n < cells; ++n) {
                const Vec3 now = heading(brick, n);
                if (tick == 0) first[n] = now;
                if (tick > 0) ++asked, renewed += now != before[n];
                before[n] = now;
            }
        }
        Sample msd, correlation;
        for (std::uint32_t n = 0; n < cells; ++n) {
            msd.add(dot(place(brick, n), place(brick, n)));
            correlation.add(dot(first[n], heading(brick, n)));
        }
        const double step = test.dt / test.substeps;
        const auto what = [&](const char* quantity) {
            return fmt::format("{}, speed {}, persistence {} min, steps of {} x {} min: {} at {} min", geometry,
                               test.speed, test.tau, test.substeps, step, quantity, t);
        };
        checks.push_back(z_check("W01", what("mean squared displacement by the discrete law, um^2"),
                                 stepwise_msd(test.speed * step, 1 - math::chance(step / test.tau), t / step), msd,
                                 "renewal chain with q = exp(-dt/tau)"));
        if (t >= 20 * step)  // before that the steps themselves show: 0.4 % at four steps of tau/20
            checks.push_back(z_check("W01", what("mean squared displacement, um^2"), test.expected[k], msd,
                                     "Fuerth's formula, any dimension"));
        if (test.substeps == 1)  // the first heading is known at the end of the first step
            checks.push_back(z_check("W01", what("velocity autocorrelation"), math::exp(-(t - step) / test.tau),
                                     correlation, "Poisson renewals"));
    }
    if (test.substeps > 1) return;  // the headings between are not seen
    const double chance = math::chance(test.dt / test.tau);
    checks.push_back(
        {"W01",
         fmt::format("{}, speed {}, persistence {} min: steps of {} min with a new heading, share of {:.0f}", geometry,
                     test.speed, test.tau, test.dt, asked),
         chance, renewed / asked, largest_z * std::sqrt(chance * (1 - chance) / asked), Check::Tier::statistical,
         "1 - exp(-dt/tau)", false});
}

std::vector<Check> run_w01(const Mutation& mutation) {
    std::vector<Check> checks;
    // PhysiCell's rule, a renewal with chance dt/tau, as the mistake: the persistence that has that chance.
    const auto as_run = [&](const WalkTest& t) {
        const double step = t.dt / t.substeps;
        if (mutation.is("renewal with chance dt/tau")) return -step / math::log(1 - step / t.tau);
        return t.tau * mutation.of("persistence");
    };
    const std::vector<double> times{1, 5, 15, 60, 240};
    const std::vector<double> brisk{0.936537653899, 18.3939720586, 102.489353418, 550.000307211, 2350.0};
    const std::vector<double> slow{0.244535816057, 5.60977243955, 41.3864371318, 339.560509375, 1687.50001266};
    const auto first = [](std::size_t n, std::vector<double> v) {
        v.resize(n);
        return v;
    };
    const WalkTest tests_3d[] = {
        {1, 5, 0.25, 1, times, brisk},                      // the table
        {1, 5, 0.05, 1, first(2, times), first(2, brisk)},  // its short times, in steps that do not show
        {0.5, 15, 0.5, 1, first(4, times), first(4, slow)},
        {0.5, 15, 0.05, 1, first(2, times), first(2, slow)},
        {1, 5, 1, 4, first(4, times), first(4, brisk)},    // sub-steps within a call
        {1, 5, 1, 1, {60, 240}, {550.000307211, 2350.0}},  // a coarse tick gives the same walk
    };
    for (const WalkTest& test : tests_3d) check_walk<BlockShape>(checks, "3-D", test, as_run(test));
    check_walk<SectionShape>(checks, "2-D", tests_3d[0], as_run(tests_3d[0]));

    // The published numbers of both formulas, so that the formulas above are themselves checked.
    for (std::size_t k = 0; k < times.size(); ++k) {
        checks.push_back(tabulated("W01", fmt::format("formula, speed 1, persistence 5 min, at {} min, um^2", times[k]),
                                   brisk[k], exact_msd(1, 5, times[k]), 1e-11));
        checks.push_back(tabulated("W01",
                                   fmt::format("formula, speed 0.5, persistence 15 min, at {} min, um^2", times[k]),
                                   slow[k], exact_msd(0.5, 15, times[k]), 1e-11));
    }
    const auto renewal_rule = [&](double dt, double t) { return stepwise_msd(dt, 1 - dt / 5, t / dt); };
    checks.push_back(tabulated("W01", "formula, renewal with chance dt/tau, steps of 1 min, at 15 min, um^2",
                               96.4073748836, renewal_rule(1, 15), 1e-11));
    checks.push_back(tabulated("W01", "formula, renewal with chance dt/tau, steps of 0.1 min, at 240 min, um^2", 2327.0,
                               renewal_rule(0.1, 240), 1e-11));
    return checks;
}

template <class Shape>
void check_drift(std::vector<Check>& checks, const char* geometry, double bias, double expected, double bias_as_run) {
    constexpr std::uint32_t cells = 10000;
    const Vec3 toward = Shape::flat ? Vec3{0.6, -0.8, 0} : Vec3{0.36, -0.48, 0.8};
    auto brick = walkers<Shape>(cells, std::uint64_t(bias * 1000) << 32);
    const Rows rows(cells, 2.0, bias_as_run, toward);
    // Ten renewed steps a cell: each adds an independent projection, so a cell's mean is one draw of the sample.
    const std::vector<mechanics::Walk> walk{{0.0, 10}};
    mechanics::walk(brick, rows, walk, 5.0, seed, 0, 0, 50.0);
    Sample drift;
    for (std::uint32_t n = 0; n < cells; ++n) drift.add(dot(place(brick, n), toward) / (2.0 * 5.0));
    checks.push_back(z_check("W02", fmt::format("{}, bias {}: drift over speed", geometry, bias), expected, drift,
                             Shape::flat ? "elliptic integral" : "closed form 2a/3 or 1 - 1/(3a^2), a = b/(1-b)"));
}

std::vector<Check> run_w02(const Mutation& mutation) {
    std::vector<Check> checks;
    struct Row {
        double bias, space, plane;
    };
    const Row table[] = {
        {0.1, 0.0740740741, 0.0556416889},  {0.2, 0.1666666667, 0.1260002255}, {0.25, 0.2222222222, 0.1690839246},
        {0.3, 0.2857142857, 0.2195809904},  {0.5, 0.6666666667, 0.6366197724}, {0.7, 0.9387755102, 0.9523654686},
        {0.75, 0.9629629630, 0.9716149753}, {0.8, 0.9791666667, 0.9841869565}, {0.9, 0.9958847737, 0.9969063988}};
    for (const Row& row : table) {
        const double as_run = row.bias * mutation.of("bias");
        check_drift<BlockShape>(checks, "3-D", row.bias, row.space, as_run);
        check_drift<SectionShape>(checks, "2-D", row.bias, row.plane, as_run);
    }
    return checks;
}

std::vector<Check> run_w03(const Mutation& mutation) {
    std::vector<Check> checks;
    constexpr std::uint64_t draws = 1'000'000;
    const double stretch = mutation.of("stretch along z");
    Sample mean[3], square[3], fourth[3], plane_square, plane_fourth;
    double out_of_plane = 0;
    for (std::uint64_t n = 0; n < draws; ++n) {
        Draws stream(seed, mix64(n), 0, Purpose::heading);
        Vec3 d = mechanics::biased_heading<BlockShape>(stream, 0, {});
        if (stretch != 1) {
            d.z *= stretch;
            d = (1 / length(d)) * d;
        }
        const double of[3] = {d.x, d.y, d.z};
        for (int a = 0; a < 3; ++a) {
            mean[a].add(of[a]);
            square[a].add(of[a] * of[a]);
            fourth[a].add(of[a] * of[a] * of[a] * of[a]);
        }
        const Vec3 p = mechanics::biased_heading<SectionShape>(stream, 0, {});
        plane_square.add(p.x * p.x);
        plane_fourth.add(p.y * p.y * p.y * p.y);
        out_of_plane = std::max(out_of_plane, std::abs(p.z));
    }
    const char* const axis[3] = {"x", "y", "z"};
    const char* const source = "moments of the uniform direction";
    for (int a = 0; a < 3; ++a) {
        checks.push_back(z_check("W03", fmt::format("sphere: mean of n_{}", axis[a]), 0, mean[a], source));
        checks.push_back(z_check("W03", fmt::format("sphere: mean of n_{}^2", axis[a]), 1.0 / 3, square[a], source));
        checks.push_back(z_check("W03", fmt::format("sphere: mean of n_{}^4", axis[a]), 1.0 / 5, fourth[a], source));
    }
    checks.push_back(z_check("W03", "circle: mean of n_x^2", 1.0 / 2, plane_square, source));
    checks.push_back(z_check("W03", "circle: mean of n_y^4", 3.0 / 8, plane_fourth, source));
    checks.push_back({"W03", "circle: largest |n_z|", 0, out_of_plane, 0, Check::Tier::discrete_exact, source, false});
    return checks;
}

}  // namespace

std::vector<Case> motility_cases(const MouseOptions& options) {
    return {
        {"W01",
         "motility",
         "persistent random walk",
         run_w01,
         {{"persistence", 1.02}, {"renewal with chance dt/tau", 1}}},
        {"W02", "motility", "drift of biased migration", run_w02, {{"bias", 1.02}}},
        {"W03", "motility", "isotropy of directions", run_w03, {{"stretch along z", 1.01}}},
        gradient_case(std::make_shared<MouseHouse>(options)),
    };
}

}  // namespace stellate::verification
