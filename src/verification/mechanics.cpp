// M01-M07: contact mechanics, run through the lattice, the gather and the stepping of the program.
//
// The community's chains have the unit cell diameter; here a diameter is 20 um, so that a chain crosses bricks and
// every length is far from the rounding of places (2^-20 um). Laws other than the production one run through the same
// lattice, neighbourhood and `advance` (pair_law.hpp), the production law through its vectorised kernel and
// `move_cells`.
#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/ids.hpp"
#include "core/math.hpp"
#include "core/random.hpp"
#include "mechanics/move.hpp"
#include "mechanics/pair_law.hpp"
#include "verification/check.hpp"

namespace stellate::verification {

namespace {

using mechanics::ContactTable;

constexpr double float_tolerance = 5e-6;  // of the discrete-exact tier in single precision
const char* const openvt = "OpenVT reference tables and their ODE solved to 1e-13";
const char* const closed_form = "closed form";

Check exact(const char* id, std::string what, double expected, double got, double tolerance, const char* source) {
    return {id, std::move(what), expected, got, tolerance, Check::Tier::discrete_exact, source, true};
}
Check level(const char* id, std::string what, double expected, double got, double tolerance, const char* source) {
    return {id, std::move(what), expected, got, tolerance, Check::Tier::order, source, true};
}
Check order_of(const char* id, std::string what, double coarse, double middle, double fine, double expected) {
    const double observed = math::log((coarse - middle) / (middle - fine)) / math::log(2.0);
    return {id, std::move(what), expected, observed, 0.1, Check::Tier::order, "forward Euler is of first order", false};
}

struct Ball {
    std::uint64_t id;
    Vec3 at;  // um from the corner of the tissue
    double radius;
    int type = 0;
};

template <class Shape>
Vec3 brick_edges() {
    return {double(Shape::nx * voxel_um), double(Shape::ny * voxel_um), double(Shape::nz * voxel_um)};
}

// An awake lattice with all bricks in memory that holds these cells, settled.
template <class Shape>
Lattice<Shape> tissue(int nx, int ny, int nz, double range_um, const std::vector<Ball>& balls) {
    Lattice<Shape> lattice(nx, ny, nz, range_um, [](Brick<Shape>& brick) { brick.activity.cells_awake = 1; });
    for (int z = 0; z < nz; ++z)
        for (int y = 0; y < ny; ++y)
            for (int x = 0; x < nx; ++x) lattice.materialise({x, y, z});
    const Vec3 edge = brick_edges<Shape>();
    for (const Ball& ball : balls) {
        const BrickCoord at{int(std::floor(ball.at.x / edge.x)), int(std::floor(ball.at.y / edge.y)),
                            int(std::floor(ball.at.z / edge.z))};
        Brick<Shape>* brick = lattice.find(at);
        STELLATE_ASSERT(brick != nullptr, ball.at.x, ball.at.y, ball.at.z);
        const Vec3 place = ball.at - corner_um<Shape>(at);
        Cells& c = brick->cells;
        const std::size_t row = c.size();
        c.resize(row + 1);
        c.id[row] = ball.id;
        c.x[row] = nearest_fixed(place.x * (1 << fixed_bits));
        c.y[row] = nearest_fixed(place.y * (1 << fixed_bits));
        c.z[row] = nearest_fixed(place.z * (1 << fixed_bits));
        c.radius[row] = static_cast<float>(ball.radius);
        c.type[row] = static_cast<std::uint8_t>(ball.type);
    }
    lattice.settle(1);
    return lattice;
}

template <class Shape>
std::map<std::uint64_t, Vec3> places(const Lattice<Shape>& lattice) {
    std::map<std::uint64_t, Vec3> found;
    for (const Brick<Shape>* b : lattice.in_memory())
        for (std::size_t row = 0; row < b->cells.size(); ++row)
            found[b->cells.id[row]] =
                corner_um<Shape>(b->at) +
                Vec3{um_from_fixed(b->cells.x[row]), um_from_fixed(b->cells.y[row]), um_from_fixed(b->cells.z[row])};
    return found;
}

// One step of a plain law through lattice, neighbourhood and advance.
template <class Law>
void step_plainly(Lattice<BlockShape>& lattice, const Law& law, double dt, double guard_um) {
    static thread_local Neighbourhood around;
    static thread_local std::vector<std::vector<Vec3>> velocities;
    lattice.settle(1);
    const auto& bricks = lattice.in_memory();
    velocities.resize(bricks.size());
    for (std::size_t b = 0; b < bricks.size(); ++b)
        mechanics::pair_velocities(lattice, *bricks[b], law, around, velocities[b]);
    for (std::size_t b = 0; b < bricks.size(); ++b)
        mechanics::advance(*bricks[b], std::span<const Vec3>(velocities[b]), dt, guard_um);
}

// --- M01, M02: chains.

constexpr double diameter = 20;  // um
constexpr double spring = 18.2816647214633;

std::vector<Ball> chain(const std::vector<double>& nodes) {
    std::vector<Ball> balls;
    for (std::size_t n = 0; n < nodes.size(); ++n)
        balls.push_back({n, {240 + diameter * nodes[n], 81.7, 78.3}, diameter / 2, int(n)});
    return balls;
}

std::vector<double> short_chain() {
    std::vector<double> nodes;
    for (int n = -5; n <= 5; ++n) nodes.push_back(0.5 * n);
    return nodes;
}

std::vector<double> long_chain() {
    std::vector<double> nodes;
    for (int n = 0; n < 5; ++n) nodes.push_back(-7.25 + n);
    for (int n = -5; n <= 5; ++n) nodes.push_back(0.5 * n);
    for (int n = 0; n < 5; ++n) nodes.push_back(3.25 + n);
    return nodes;
}

struct Widths {
    double outer, inner;  // diameters
};

// Widths at the asked times (ascending) of a chain under a law between chain neighbours.
template <class Law>
std::vector<Widths> widths(const std::vector<double>& nodes, const Law& law, double dt,
                           const std::vector<double>& times) {
    auto lattice = tissue<BlockShape>(3, 1, 1, 1.55 * diameter, chain(nodes));
    const mechanics::ChainOnly<Law> between{law};
    std::vector<Widths> found;
    long step = 0;
    for (double t : times) {
        for (; step < std::lround(t / dt); ++step) step_plainly(lattice, between, dt, 10);
        const auto at = places(lattice);
        const std::size_t last = nodes.size() - 1, inner = nodes.size() == 11 ? 0 : 5;
        found.push_back({(at.at(last).x - at.at(0).x) / diameter, (at.at(last - inner).x - at.at(inner).x) / diameter});
    }
    return found;
}

// Width of the 11-cell chain after n Euler steps: its displacements from rest are the modes of a free chain, mode m
// with eigenvalue 2 - 2 cos(pi m / 11), each multiplied by 1 - dt k eigenvalue a step.
double euler_width(double dt, long steps) {
    constexpr int cells = 11;
    double width = 10;
    for (int mode = 1; mode < cells; ++mode) {
        const auto shape = [&](int cell) { return math::cos_turn(0.5 * mode * (cell + 0.5) / cells); };
        double amplitude = 0;
        for (int cell = 0; cell < cells; ++cell) amplitude += -0.5 * (cell - 5) * shape(cell) * 2 / cells;
        const double factor = 1 - dt * spring * (2 - 2 * math::cos_turn(0.5 * mode / cells));
        double power = 1;
        for (long n = 0; n < steps; ++n) power *= factor;
        width += amplitude * power * (shape(cells - 1) - shape(0));
    }
    return width;
}

// Expected widths of a law over time, checked by the extrapolation of two steps and by the order.
template <class Law>
void check_chain(std::vector<Check>& checks, const char* id, const std::string& name, const std::vector<double>& nodes,
                 const Law& law, const std::vector<double>& times, const std::vector<double>& outer,
                 const std::vector<double>& inner) {
    constexpr double dt = 1e-3;
    const auto coarse = widths(nodes, law, 2 * dt, times), middle = widths(nodes, law, dt, times),
               fine = widths(nodes, law, dt / 2, times);
    for (std::size_t n = 0; n < times.size(); ++n) {
        const auto what = [&](const char* part) {
            return fmt::format("{}, {} width at t = {}, Euler steps of 0.001 and 0.0005 extrapolated", name, part,
                               times[n]);
        };
        if (!outer.empty())
            checks.push_back(level(id, what("outer"), outer[n], 2 * fine[n].outer - middle[n].outer, 1e-4, openvt));
        if (!inner.empty())
            checks.push_back(level(id, what("inner"), inner[n], 2 * fine[n].inner - middle[n].inner, 1e-4, openvt));
    }
    const std::size_t last = times.size() - 1;
    checks.push_back(order_of(id, fmt::format("{}, observed order in the step at t = {}", name, times[last]),
                              coarse[last].inner, middle[last].inner, fine[last].inner, 1.0));
}

std::vector<Check> run_m01(const Mutation& mutation) {
    std::vector<Check> checks;
    const mechanics::LinearSpring linear{spring * mutation.of("spring stiffness"), diameter, 1e300};
    const mechanics::QuadraticRepulsion quadratic{88.54 * mutation.of("quadratic stiffness"), diameter};
    const mechanics::LogarithmicRepulsion logarithmic{15.6556 * mutation.of("logarithmic stiffness"), diameter};
    const std::vector<double> times{0.01, 0.1, 0.5, 1, 2};
    check_chain(checks, "M01", "linear springs", short_chain(), linear, times,
                {5.167931478, 6.0788517977579, 7.90215134917584, 9.0, 9.7726064795164}, {});
    check_chain(checks, "M01", "quadratic repulsion", short_chain(), quadratic, times,
                {5.327394229, 6.576883137, 8.350882334, 8.998904307, 9.439445143}, {});
    check_chain(checks, "M01", "logarithmic repulsion", short_chain(), logarithmic, times,
                {5.190256079, 6.139147988, 7.976332200, 8.998781218, 9.731859442}, {});
    for (double dt : {1e-3, 1e-2})
        checks.push_back(exact("M01", fmt::format("linear springs, width at t = 1, Euler steps of {}", dt),
                               euler_width(dt, std::lround(1 / dt)), widths(short_chain(), linear, dt, {1.0})[0].outer,
                               float_tolerance, "normal modes of the chain under forward Euler"));
    return checks;
}

std::vector<Check> run_m02(const Mutation& mutation) {
    std::vector<Check> checks;
    const double stiffer = mutation.of("spring stiffness");
    check_chain(checks, "M02", "linear springs below 1.5", long_chain(),
                mechanics::LinearSpring{spring * stiffer, diameter, 1.5}, {0.1, 0.5, 1, 2, 5},
                {14.511044588, 15.027433404, 15.883514426, 17.253931158, 19.193319487},
                {5.539426484, 6.467461273, 7.169577235, 8.126355861, 9.449779367});
    check_chain(checks, "M02", "quadratic repulsion", long_chain(),
                mechanics::QuadraticRepulsion{88.54 * stiffer, diameter}, {1}, {16.213368309}, {7.743629670});
    check_chain(checks, "M02", "logarithmic repulsion", long_chain(),
                mechanics::LogarithmicRepulsion{15.6556 * stiffer, diameter}, {1}, {15.899812620}, {7.264826333});
    return checks;
}

// --- M03: two cells under the production law.

ContactTable two_cell_table(double repulsion, double adhesion) {
    ContactTable table;
    table.set(0, 0, float(repulsion), float(adhesion));
    return table;
}

constexpr double start_distance = 5.73 * 1.7320508075688772;

// Distances of two cells of radius 10 across a seam at the asked times, by move_cells.
std::vector<double> two_cells(const ContactTable& table, double dt, const std::vector<double>& times) {
    auto lattice = tissue<BlockShape>(2, 1, 1, table.range_um(10),
                                      {{1, {157.25, 80.5, 79.5}, 10}, {2, {157.25 + start_distance, 80.5, 79.5}, 10}});
    mechanics::MoveScratch scratch;
    std::vector<double> found;
    long step = 0;
    for (double t : times) {
        const long until = std::lround(t / dt);
        mechanics::move_cells(lattice, table, {dt, int(until - step), 10}, mechanics::Limits<BlockShape>{}, 1, scratch);
        step = until;
        const auto at = places(lattice);
        found.push_back(at.at(2).x - at.at(1).x);
    }
    return found;
}

// The same by forward Euler in double.
double euler_distance(double repulsion, double adhesion, double dt, double t) {
    double d = start_distance;
    for (long step = 0; step < std::lround(t / dt); ++step) {
        const double overlap = std::max(1 - d / 20, 0.0), gap = std::max(1 - d / 25, 0.0);
        d += dt * 2 * (repulsion * overlap * overlap - adhesion * gap * gap);
    }
    return d;
}

std::vector<Check> run_m03(const Mutation& mutation) {
    std::vector<Check> checks;
    const double push = 10 * mutation.of("repulsion"), pull = 0.4 * mutation.of("adhesion");
    const ContactTable both = two_cell_table(push, pull), repulsion_only = two_cell_table(push, 0);
    const std::vector<double> times{1, 2, 3, 5, 10, 20, 30, 60};
    const std::array<double, 8> ode{13.1466836607, 14.7795993101, 15.7639429894, 16.8880031064,
                                    18.0378277555, 18.7086722727, 18.9108650935, 19.0360863552};
    const auto coarse = two_cells(both, 0.1, times), middle = two_cells(both, 0.05, times),
               fine = two_cells(both, 0.025, times);
    const auto small = two_cells(both, 0.01, times);
    for (std::size_t n = 0; n < times.size(); ++n) {
        checks.push_back(exact("M03", fmt::format("distance at {} min, steps of 0.1 min, um", times[n]),
                               euler_distance(10, 0.4, 0.1, times[n]), coarse[n], float_tolerance,
                               "forward Euler in double"));
        Check near = level("M03", fmt::format("distance at {} min, steps of 0.01 min, um (within 0.01 um)", times[n]),
                           ode[n], small[n], 0.01, "ODE solved to 1e-10");
        near.relative = false;
        checks.push_back(near);
    }
    checks.push_back(
        order_of("M03", "observed order in the step, distance at 3 min", coarse[2], middle[2], fine[2], 1.0));

    const auto lonely = two_cells(repulsion_only, 0.1, {3});
    checks.push_back(exact("M03", "repulsion only, distance at 3 min, steps of 0.1 min, um",
                           euler_distance(10, 0, 0.1, 3), lonely[0], float_tolerance, "forward Euler in double"));
    const auto lonely_small = two_cells(repulsion_only, 0.01, {3});
    Check near = level("M03", "repulsion only, distance at 3 min, steps of 0.01 min, um (within 0.01 um)",
                       15.9879984386, lonely_small[0], 0.01, closed_form);
    near.relative = false;
    checks.push_back(near);

    // The longest default step still ends at the equilibrium 800/42.
    checks.push_back(exact("M03", "equilibrium distance after 200 min, steps of 2 min, um", 800.0 / 42.0,
                           two_cells(both, 2, {200})[0], float_tolerance, closed_form));

    // A pair born in the middle of a run goes the same way as one that starts it: Euler has no start to get wrong.
    auto lattice = tissue<BlockShape>(2, 2, 1, both.range_um(10), {{8, {60, 60, 60}, 10}, {9, {65, 60, 60}, 10}});
    mechanics::MoveScratch scratch;
    mechanics::move_cells(lattice, both, {0.1, 10, 10}, mechanics::Limits<BlockShape>{}, 1, scratch);
    const auto pair = tissue<BlockShape>(
        2, 2, 1, both.range_um(10), {{1, {157.25, 80.5, 79.5}, 10}, {2, {157.25 + start_distance, 80.5, 79.5}, 10}});
    for (const auto* from : pair.in_memory())
        for (std::size_t row = 0; row < from->cells.size(); ++row)
            lattice.find(from->at)->cells.append_row(from->cells, row);
    lattice.settle(1);  // as commit does
    mechanics::move_cells(lattice, both, {0.1, 10, 10}, mechanics::Limits<BlockShape>{}, 1, scratch);
    const auto at = places(lattice);
    checks.push_back(exact("M03", "distance 1 min after a birth in mid-run, steps of 0.1 min, um", coarse[0],
                           at.at(2).x - at.at(1).x, 0, "the same pair at the start of a run"));
    return checks;
}

// --- M04: point values.

// Sum on a cell of radius 10 from one at distance d along a skew direction, by the kernel; signed along the direction.
double kernel_speed(const ContactTable& table, double d) {
    const Vec3 way{0.36, 0.48, 0.8};
    const auto lattice = tissue<BlockShape>(2, 1, 1, table.range_um(10),
                                            {{1, Vec3{158, 80, 80}, 10}, {2, Vec3{158, 80, 80} + d * way, 10}});
    const auto at = places(lattice);
    mechanics::ContactScratch scratch;
    mechanics::ContactVelocities v;
    const std::vector<float> yield(2, 0.0f), mobility(2, 1.0f);
    for (const auto* brick : lattice.in_memory())
        for (std::size_t row = 0; row < brick->cells.size(); ++row) {
            if (brick->cells.id[row] != 1) continue;
            const std::size_t n = brick->cells.size();
            mechanics::contact_velocities(lattice, *brick, table, std::span(yield).first(n),
                                          std::span(mobility).first(n), scratch, v);
            return -dot({v.x[row], v.y[row], v.z[row]}, way);
        }
    return 0;
}

std::vector<Check> run_m04(const Mutation& mutation) {
    std::vector<Check> checks;
    const mechanics::PairCell any{10, 0};
    const double k = mutation.of("stiffness");
    const auto attraction = [&](const auto& law, double r) {
        return -law(r, any, any);
    };  // the sources count it positive
    const char* const cbmos = "force forms of the comparison code cbmos";
    const mechanics::CubicSpring cubic{50 * k};
    const mechanics::GeneralisedLinearSpring gls{k};
    const mechanics::HertzRepulsion hertz{k};
    checks.push_back(exact("M04", "cubic law at 0.5", -25, attraction(cubic, 0.5), 1e-12, cbmos));
    checks.push_back(exact("M04", "cubic law at 1.25", 0.78125, attraction(cubic, 1.25), 1e-12, cbmos));
    checks.push_back(
        exact("M04", "generalised linear spring at 0.5", -0.69314718055994530942, attraction(gls, 0.5), 1e-12, cbmos));
    checks.push_back(exact("M04", "generalised linear spring at 1.25", 0.25 * 0.28650479686019010,
                           attraction(gls, 1.25), 1e-12, cbmos));
    checks.push_back(exact("M04", "Hertz law at 5/9", -8.0 / 27.0, attraction(hertz, 5.0 / 9.0), 1e-12, cbmos));

    const ContactTable table = two_cell_table(10 * k, 0.4 * mutation.of("adhesion"));
    const mechanics::AdhesionRepulsion plain{&table};
    for (double d : {5.0, 10.0, 15.0, 22.0}) {
        const double overlap = std::max(1 - d / 20, 0.0), gap = std::max(1 - d / 25, 0.0);
        const double expected = 10 * overlap * overlap - 0.4 * gap * gap;
        checks.push_back(exact("M04", fmt::format("production law, plain, at {} um, um/min", d), expected,
                               plain(d, any, any), 1e-7, closed_form));  // its coefficients are floats
        checks.push_back(exact("M04", fmt::format("production law, kernel, at {} um, um/min", d), expected,
                               kernel_speed(table, d), float_tolerance, closed_form));
    }
    Check rest = exact("M04", "production law, kernel, at its equilibrium 800/42 um, um/min", 0,
                       kernel_speed(table, 800.0 / 42.0), 1e-6, closed_form);
    checks.push_back(rest);

    // No law jumps where it ends: the values just inside and outside a cut-off differ by no more than the slope times
    // 2e-9.
    const auto jump = [&](const char* what, const auto& law, double cut) {
        checks.push_back(exact("M04", fmt::format("jump of the {} at {}", what, cut), 0,
                               law(cut * (1 + 1e-9), any, any) - law(cut * (1 - 1e-9), any, any), 1e-7, "continuity"));
    };
    jump("cubic law", cubic, 1.5);
    jump("Hertz law", hertz, 1.0);
    jump("quadratic repulsion", mechanics::QuadraticRepulsion{88.54 * k}, 1.0);
    jump("logarithmic repulsion", mechanics::LogarithmicRepulsion{15.6556 * k}, 1.0);
    jump("generalised linear spring", gls, 1.0);
    jump("production law", plain, 20.0);
    jump("production law", plain, 25.0);
    return checks;
}

// --- M05: Newton's third law.

std::vector<Ball> cluster(int cells, Vec3 low, double side, int types) {
    std::vector<Ball> balls;
    for (int n = 0; n < cells; ++n) {
        Draws draws(5, std::uint64_t(n), 0, Purpose::test);
        const double x = draws.uniform(), y = draws.uniform(), z = draws.uniform();
        balls.push_back({mix64(std::uint64_t(n)), low + side * Vec3{x, y, z}, 7 + 2 * draws.uniform(),
                         int(draws.below(std::uint32_t(types)))});
    }
    return balls;
}

struct Totals {
    Vec3 force, torque;
    double largest = 0;
};

Totals totals(const Lattice<BlockShape>& lattice, const ContactTable& table, Vec3 centre) {
    Totals t;
    mechanics::ContactScratch scratch;
    mechanics::ContactVelocities v;
    for (const auto* b : lattice.in_memory()) {
        const std::vector<float> yield(b->cells.size(), 0.0f), mobility(b->cells.size(), 1.0f);
        mechanics::contact_velocities(lattice, *b, table, yield, mobility, scratch, v);
        for (std::size_t row = 0; row < b->cells.size(); ++row) {
            const Vec3 f{v.x[row], v.y[row], v.z[row]};
            const Vec3 r =
                corner_um<BlockShape>(b->at) - centre +
                Vec3{um_from_fixed(b->cells.x[row]), um_from_fixed(b->cells.y[row]), um_from_fixed(b->cells.z[row])};
            t.force = t.force + f;
            t.torque = t.torque + Vec3{r.y * f.z - r.z * f.y, r.z * f.x - r.x * f.z, r.x * f.y - r.y * f.x};
            t.largest = std::max(t.largest, length(f));
        }
    }
    return t;
}

Vec3 centre_of(const Lattice<BlockShape>& lattice) {
    Vec3 sum;
    const auto at = places(lattice);
    for (const auto& [id, place] : at) sum = sum + place;
    return (1.0 / static_cast<double>(at.size())) * sum;
}

std::vector<Check> run_m05(const Mutation& mutation) {
    std::vector<Check> checks;
    constexpr int cells = 200;
    constexpr double side = 90;
    ContactTable table;
    table.set(0, 0, 10, 0.4f);
    table.set(0, 1, 7, 0.9f);
    table.set(1, 1, 5, 0.2f);
    table.repulsion[0][1] *= float(mutation.of("action without reaction"));
    const Vec3 middle{160, 160, 160};  // the corner where eight bricks meet
    auto lattice =
        tissue<BlockShape>(2, 2, 2, table.range_um(9), cluster(cells, middle - 0.5 * Vec3{side, side, side}, side, 2));

    const Totals t = totals(lattice, table, middle);
    checks.push_back(exact("M05", "|sum of forces| of 200 cells over N times the largest", 0,
                           length(t.force) / (cells * t.largest), 1e-5, "Newton's third law"));
    checks.push_back(exact("M05", "|sum of torques| over N times the largest force times the size", 0,
                           length(t.torque) / (cells * t.largest * side), 1e-5, "central forces"));

    // Every pair of the cluster alone: how many halves are not bitwise opposite.
    const auto balls = cluster(60, middle - Vec3{15, 15, 15}, 30, 2);
    int unequal = 0, pairs = 0;
    mechanics::ContactScratch scratch;
    mechanics::ContactVelocities v;
    for (std::size_t i = 0; i < balls.size(); ++i) {
        const std::size_t j = (i * 7 + 1) % balls.size();
        if (i == j) continue;
        const auto two = tissue<BlockShape>(2, 2, 2, table.range_um(9), {balls[i], balls[j]});
        std::array<std::array<float, 3>, 2> halves{};
        std::size_t n = 0;
        for (const auto* b : two.in_memory()) {
            const std::vector<float> yield(b->cells.size(), 0.0f), mobility(b->cells.size(), 1.0f);
            mechanics::contact_velocities(two, *b, table, yield, mobility, scratch, v);
            for (std::size_t row = 0; row < b->cells.size(); ++row) halves[n++] = {v.x[row], v.y[row], v.z[row]};
        }
        ++pairs;
        for (std::size_t a = 0; a < 3; ++a)
            if (halves[0][a] != -halves[1][a]) {
                ++unequal;
                break;
            }
    }
    checks.push_back(exact("M05", fmt::format("pairs of {} whose halves are not bitwise opposite", pairs), 0, unequal,
                           0, "exact integer differences"));

    const Vec3 before = centre_of(lattice);
    mechanics::MoveScratch move;
    mechanics::move_cells(lattice, table, {0.1, 10000, 20}, mechanics::Limits<BlockShape>{}, 1, move);
    Check drift = exact("M05", "drift of the centre of mass in 10,000 steps of 0.1 min, um", 0,
                        length(centre_of(lattice) - before), 1e-3, "Newton's third law");
    checks.push_back(drift);
    return checks;
}

// --- M06: stability and dissipation.

double spring_energy(const Lattice<BlockShape>& lattice) {
    const auto at = places(lattice);
    double energy = 0;
    for (std::uint64_t n = 1; n < at.size(); ++n) {
        const double stretch = (at.at(n).x - at.at(n - 1).x) / diameter - 1;
        energy += 0.5 * spring * stretch * stretch;
    }
    return energy;
}

// Steps at which the energy of the spring chain rose, of `steps`; -1 if the displacement guard stopped the run.
double rises_of_chain(double dt, int steps) {
    std::vector<double> nodes = short_chain();
    for (std::size_t n = 0; n < nodes.size(); ++n) nodes[n] += n % 2 == 0 ? 0.02 : -0.02;  // the stiffest mode is there
    auto lattice = tissue<BlockShape>(3, 1, 1, 1.55 * diameter, chain(nodes));
    const mechanics::ChainOnly<mechanics::LinearSpring> law{{spring, diameter, 1e300}};
    double before = spring_energy(lattice);
    int rises = 0;
    try {
        for (int step = 0; step < steps; ++step) {
            step_plainly(lattice, law, dt, 10);
            const double after = spring_energy(lattice);
            rises += after > before * (1 + 1e-9) + 1e-9;
            before = after;
        }
    } catch (const RunError&) {
        return -1;
    }
    return rises;
}

double contact_energy(const Lattice<BlockShape>& lattice, const ContactTable& table, double radius) {
    const auto at = places(lattice);
    const double r = 2 * radius, a = double(table.adhesion_reach) * r;
    double energy = 0;
    for (auto i = at.begin(); i != at.end(); ++i)
        for (auto j = std::next(i); j != at.end(); ++j) {
            const double d = length(i->second - j->second), overlap = std::max(1 - d / r, 0.0),
                         gap = std::max(1 - d / a, 0.0);
            energy += double(table.repulsion[0][0]) * r / 3 * overlap * overlap * overlap -
                      double(table.adhesion[0][0]) * a / 3 * gap * gap * gap;
        }
    return energy;
}

// Cells of a face-centred cubic lattice of the given spacing that lie within a ball around a place.
std::vector<Ball> face_centred(Vec3 centre, double spacing, double within, double radius) {
    std::vector<Ball> balls;
    const double half = spacing / 1.4142135623730951;
    for (int x = -8; x <= 8; ++x)
        for (int y = -8; y <= 8; ++y)
            for (int z = -8; z <= 8; ++z) {
                if ((x + y + z) % 2 != 0) continue;
                const Vec3 offset = half * Vec3{double(x), double(y), double(z)};
                if (length(offset) <= within) balls.push_back({balls.size(), centre + offset, radius});
            }
    return balls;
}

void perturb(std::vector<Ball>& balls, double amount, bool flat) {
    for (Ball& b : balls) {
        Draws draws(17, b.id, 0, Purpose::test);
        const Vec3 way = flat ? draws.direction_in_plane() : draws.direction_on_sphere();
        b.at = b.at + (amount * draws.uniform()) * way;
    }
}

std::vector<Check> run_m06(const Mutation& mutation) {
    std::vector<Check> checks;
    const double worst = 2 / (spring * (2 - 2 * math::cos_turn(0.5 * 10 / 11.0)));  // 2 / lambda_max of the free chain
    const double longer = mutation.of("step");
    checks.push_back(exact("M06", "rises of the spring chain's energy, 400 steps of 0.99 * 2 / lambda_max", 0,
                           rises_of_chain(0.99 * worst * longer, 400), 0, "Euler contracts every mode"));
    checks.push_back(exact("M06", "steps of 1.05 * 2 / lambda_max end at the displacement guard (-1)", -1,
                           rises_of_chain(1.05 * worst / longer, 4000), 0, "Euler amplifies the stiffest mode"));

    // The production law: close-packed cells squeezed by a tenth, which is what the step limit is derived for.
    const ContactTable table = two_cell_table(10, 0.4);
    const double limit = mechanics::step_limit(table, 10, 3);
    checks.push_back(exact("M06", "step limit of packed cells of radius 10, min: D R / (2 p e z)",
                           3 * 20 / (2 * 10 * 0.1 * 12), limit * longer, 1e-6,
                           "Gershgorin bound on the contact stiffness"));
    const auto refused = [&](double dt) {
        try {
            mechanics::require_stable_step(dt, limit);
        } catch (const RunError& error) {
            return std::string(error.what()).find("step limit") != std::string::npos ? 1.0 : -1.0;
        }
        return 0.0;
    };
    checks.push_back(exact("M06", "twice the step limit is refused by name", 1, refused(2 * limit), 0, "design"));
    checks.push_back(exact("M06", "the step limit itself is accepted", 0, refused(limit), 0, "design"));

    auto squeezed = face_centred({160, 160, 160}, 18, 55, 10);
    perturb(squeezed, 0.2, false);
    auto lattice = tissue<BlockShape>(2, 2, 2, table.range_um(10), squeezed);
    mechanics::MoveScratch scratch;
    double before = contact_energy(lattice, table, 10);
    int rises = 0;
    for (int step = 0; step < 100; ++step) {
        mechanics::move_cells(lattice, table, {limit, 1, 10}, mechanics::Limits<BlockShape>{}, 1, scratch);
        const double after = contact_energy(lattice, table, 10);
        rises += after > before + 1e-6;
        before = after;
    }
    checks.push_back(exact("M06", "rises of the contact energy of squeezed close-packed cells, 100 steps of the limit",
                           0, rises, 0, "gradient descent within the bound"));
    return checks;
}

// --- M07: packings.

std::vector<Ball> hexagonal(Vec3 centre, double spacing, double within, double radius) {
    std::vector<Ball> balls;
    for (int i = -12; i <= 12; ++i)
        for (int j = -12; j <= 12; ++j) {
            const Vec3 offset = spacing * Vec3{i + 0.5 * j, 0.8660254037844386 * j, 0};
            if (length(offset) <= within) balls.push_back({balls.size(), centre + offset, radius});
        }
    return balls;
}

template <class Shape>
double largest_speed(const Lattice<Shape>& lattice, const ContactTable& table) {
    mechanics::ContactScratch scratch;
    mechanics::ContactVelocities v;
    double largest = 0;
    for (const auto* b : lattice.in_memory()) {
        const std::vector<float> yield(b->cells.size(), 0.0f), mobility(b->cells.size(), 1.0f);
        mechanics::contact_velocities(lattice, *b, table, yield, mobility, scratch, v);
        for (std::size_t row = 0; row < b->cells.size(); ++row)
            largest = std::max(largest, length({v.x[row], v.y[row], v.z[row]}));
    }
    return largest;
}

// Largest deviation of a nearest-neighbour distance from the spacing.
template <class Shape>
double strain(const Lattice<Shape>& lattice, double spacing) {
    const auto at = places(lattice);
    double largest = 0;
    for (auto i = at.begin(); i != at.end(); ++i)
        for (auto j = std::next(i); j != at.end(); ++j) {
            const double d = length(i->second - j->second);
            if (d < 1.2 * spacing) largest = std::max(largest, std::abs(d / spacing - 1));
        }
    return largest;
}

std::vector<Ball> rotated(std::vector<Ball> balls, Vec3 centre, double turns) {
    const double c = math::cos_turn(turns), s = math::sin_turn(turns);
    for (Ball& b : balls) {
        const Vec3 r = b.at - centre;
        b.at = centre + Vec3{c * r.x - s * r.y, s * r.x + c * r.y, r.z};
    }
    return balls;
}

template <class Shape>
void check_packing(std::vector<Check>& checks, const std::string& name, std::vector<Ball> balls, Vec3 centre,
                   double spacing, const ContactTable& table, int bricks) {
    const int nz = Shape::flat ? 1 : bricks;
    const auto build = [&](const std::vector<Ball>& from) {
        return tissue<Shape>(bricks, bricks, nz, table.range_um(10), from);
    };
    checks.push_back(exact("M07", fmt::format("{}, {} cells: largest speed at rest, um/min", name, balls.size()), 0,
                           largest_speed(build(balls), table), 1e-6, "every pair is at its equilibrium distance"));
    perturb(balls, 0.01 * spacing, Shape::flat);
    auto lattice = build(balls);
    auto turned = build(rotated(balls, centre, 1.0 / 12));
    const double before = strain(lattice, spacing);
    mechanics::MoveScratch scratch;
    mechanics::move_cells(lattice, table, {2, 20, 10}, mechanics::Limits<Shape>{}, 1, scratch);
    mechanics::move_cells(turned, table, {2, 20, 10}, mechanics::Limits<Shape>{}, 1, scratch);
    const auto here = places(lattice), there = places(turned);
    double apart = 0;
    for (const auto& [id, place] : here) {
        const std::vector<Ball> back = rotated({{id, there.at(id), 10}}, centre, -1.0 / 12);
        apart = std::max(apart, length(back[0].at - place));
    }
    checks.push_back(exact("M07",
                           fmt::format("{}: rotated by 30 degrees, difference after 40 min over the spacing", name), 0,
                           apart / spacing, 1e-5, "isotropy"));
    mechanics::move_cells(lattice, table, {2, 1480, 10}, mechanics::Limits<Shape>{}, 1, scratch);
    checks.push_back(exact("M07", fmt::format("{}: perturbed by 1 %, strain after 3,000 min over that at first", name),
                           0, strain(lattice, spacing) / before, 1e-3, "the packing is stable"));
}

std::vector<Check> run_m07(const Mutation& mutation) {
    std::vector<Check> checks;
    const ContactTable table = two_cell_table(10 * mutation.of("repulsion"), 0.4);
    const double spacing = 800.0 / 42.0;
    const Vec3 corner{160, 160, 160}, flat{320, 320, 10};
    check_packing<BlockShape>(checks, "face-centred cubic", face_centred(corner, spacing, 46, 10), corner, spacing,
                              table, 2);
    check_packing<SectionShape>(checks, "hexagonal section", hexagonal(flat, spacing, 85, 10), flat, spacing, table, 2);
    return checks;
}

}  // namespace

std::vector<Case> mechanics_cases() {
    return {
        {"M01",
         "mechanics",
         "11-cell chain of overdamped springs",
         run_m01,
         {{"spring stiffness", 1.01}, {"quadratic stiffness", 1.01}, {"logarithmic stiffness", 1.01}}},
        {"M02", "mechanics", "21-cell chain with a compressed middle", run_m02, {{"spring stiffness", 1.01}}},
        {"M03", "mechanics", "two cells part to their equilibrium", run_m03, {{"repulsion", 1.01}, {"adhesion", 1.01}}},
        {"M04",
         "mechanics",
         "point values and continuity of the force laws",
         run_m04,
         {{"stiffness", 1.01}, {"adhesion", 1.01}}},
        {"M05", "mechanics", "Newton's third law", run_m05, {{"action without reaction", 1.01}}},
        {"M06", "mechanics", "stability limits and dissipation", run_m06, {{"step", 1.02}, {"step", 1.10}}},
        {"M07", "mechanics", "packings at rest, perturbed and rotated", run_m07, {{"repulsion", 1.01}}},
    };
}

}  // namespace stellate::verification
