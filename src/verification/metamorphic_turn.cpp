// Metamorphic check of directions (X07): tissue that is mirrored or turned by 90 degrees gives mirrored or turned
// results, fields by fields, mice by the distribution of 50 of each. It sees a direction that the scheme prefers, not a
// rate that is 1 % off.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "core/random.hpp"
#include "fields/multigrid.hpp"
#include "verification/small_mice.hpp"

namespace stellate::verification {

namespace {

// --- Fields

// A random island: ragged walls, a resting border, scattered sources and sinks, saturable uptake.
template <class Real>
struct Puddle {
    fields::Box box;
    std::vector<fields::VoxelKind> kind;
    std::vector<Real> source, sink, capacity, healthy, value;

    Puddle(int n, int depth, std::uint64_t seed) : box{0, 0, 0, n, n, depth} {
        const auto voxels = std::size_t(box.voxels());
        kind.assign(voxels, fields::VoxelKind::resting);
        for (auto* column : {&source, &sink, &capacity, &healthy, &value}) column->assign(voxels, Real(0));
        std::size_t v = 0;
        for (int z = 0; z < depth; ++z)
            for (int y = 0; y < n; ++y)
                for (int x = 0; x < n; ++x, ++v) {
                    Draws draws(seed, v, 0, Purpose::test);
                    const double middle = 0.5 * (n - 1), dx = x - middle, dy = y - middle,
                                 dz = depth > 1 ? z - middle : 0;
                    const double r = std::sqrt(dx * dx + dy * dy + dz * dz) / n;
                    const double ragged = draws.uniform();
                    if (x < 3 && y > n / 3)
                        kind[v] = fields::VoxelKind::wall;  // one straight wall, so that no symmetry helps
                    else if (r < 0.38 || (r < 0.44 && ragged < 0.7))
                        kind[v] = ragged < 0.02 ? fields::VoxelKind::wall : fields::VoxelKind::awake;
                    if (draws.uniform() < 0.05) source[v] = static_cast<Real>(5 * draws.uniform());
                    sink[v] = static_cast<Real>(0.1 * draws.uniform());
                    capacity[v] = static_cast<Real>(2 * draws.uniform());
                    healthy[v] = static_cast<Real>(30 + 20 * draws.uniform());
                }
    }

    void solve(double diffusion, double tolerance) {
        fields::Equation<Real> e;
        e.name = "puddle";
        e.diffusion = diffusion;
        e.dt_min = 6;
        e.decay = 0.02;
        e.kind = kind;
        e.sink = sink;
        e.source = source;
        e.value = value;
        e.healthy = healthy;
        e.uptake.capacity = capacity;
        e.uptake.half_saturation = 3;
        fields::Multigrid<Real> multigrid;
        fields::SolveOptions options;
        options.tolerance = tolerance;
        for (int step = 0; step < 3; ++step) multigrid.solve(box, e, options);
    }
};

// Where voxel (x, y, z) of a cube or square of n goes.
using Turn = std::array<int, 3> (*)(int n, int x, int y, int z);
struct NamedTurn {
    const char* name;
    bool solid;  // needs three dimensions
    Turn turn;
};
constexpr NamedTurn turns[] = {
    {"mirrored in x", false, [](int n, int x, int y, int z) { return std::array{n - 1 - x, y, z}; }},
    {"turned by 90 degrees", false, [](int n, int x, int y, int z) { return std::array{n - 1 - y, x, z}; }},
    {"turned by 90 degrees about x", true, [](int n, int x, int y, int z) { return std::array{x, n - 1 - z, y}; }},
};

template <class Real>
double turned_error(const Puddle<Real>& at_rest, const NamedTurn& turn, double diffusion, double factor,
                    double tolerance) {
    Puddle<Real> straight = at_rest, turned = at_rest;
    const int n = straight.box.nx;
    std::vector<std::size_t> to;
    std::size_t v = 0;
    for (int z = 0; z < straight.box.nz; ++z)
        for (int y = 0; y < n; ++y)
            for (int x = 0; x < n; ++x, ++v) {
                const std::array<int, 3> at = turn.turn(n, x, y, z);
                to.push_back(std::size_t(at[0]) +
                             std::size_t(n) * (std::size_t(at[1]) + std::size_t(n) * std::size_t(at[2])));
                turned.kind[to[v]] = straight.kind[v];
                turned.source[to[v]] = straight.source[v], turned.sink[to[v]] = straight.sink[v];
                turned.capacity[to[v]] = straight.capacity[v], turned.healthy[to[v]] = straight.healthy[v];
            }
    straight.solve(diffusion, tolerance);
    turned.solve(diffusion * factor, tolerance);
    double largest = 0, apart = 0;
    for (v = 0; v < to.size(); ++v) {
        largest = std::max(largest, std::abs(double(straight.value[v])));
        apart = std::max(apart, std::abs(double(straight.value[v]) - double(turned.value[to[v]])));
    }
    return apart / largest;
}

// --- Mice

// Turns the whole of a world on square ground, all of it in memory: state, healthy state and places.
struct GroundTurn {
    const char* name;
    int xx, xy, yx, yy;  // place (x, y) from the middle goes to (xx x + xy y, yx x + yy y)
    // Cosine and sine of twice an angle under it.
    float fibre_cos(float c) const { return xx == 0 ? -c : c; }
    float fibre_sin(float s) const { return xx == 0 && xy * yx < 0 ? -s : xx != 0 && xx * yy < 0 ? -s : s; }
};
constexpr GroundTurn mirror{"mirrored", -1, 0, 0, 1}, quarter{"turned by 90 degrees", 0, -1, 1, 0};

void turn_ground(World<SectionShape>& world, const GroundTurn& t) {
    using Shape = SectionShape;
    const auto at = [&](std::int64_t x, std::int64_t y, std::int64_t last, std::int64_t& to_x, std::int64_t& to_y) {
        to_x = (t.xx < 0 || t.xy < 0 ? last : 0) + t.xx * x + t.xy * y;
        to_y = (t.yx < 0 || t.yy < 0 ? last : 0) + t.yx * x + t.yy * y;
    };
    std::vector<Brick<Shape>> before;
    for (const Brick<Shape>* brick : world.lattice.in_memory()) before.push_back(*brick);
    for (Brick<Shape>* brick : world.lattice.in_memory()) brick->cells.resize(0);
    const std::size_t substrates = world.model->substrates.size();
    const std::int64_t voxels = std::int64_t(world.lattice.nx()) * Shape::nx, edge = edge_fixed<Shape>[0],
                       length = edge * world.lattice.nx();
    for (const Brick<Shape>& from : before) {
        for (int v = 0; v < voxels_per_brick<Shape>; ++v) {
            std::int64_t x, y;
            at(from.at.x * Shape::nx + v % Shape::nx, from.at.y * Shape::ny + v / Shape::nx, voxels - 1, x, y);
            Brick<Shape>& to = *world.lattice.find({std::int32_t(x / Shape::nx), std::int32_t(y / Shape::ny), 0});
            const auto n = std::size_t(voxel_index<Shape>(int(x % Shape::nx), int(y % Shape::ny), 0)),
                       o = std::size_t(v);
            for (std::size_t s = 0; s < substrates; ++s) {
                const std::size_t row = s * std::size_t(voxels_per_brick<Shape>);
                to.deviation[row + n] = from.deviation[row + o];
                to.emission[row + n] = from.emission[row + o];
                to.healthy.level[row + n] = from.healthy.level[row + o];
            }
            to.matrix.collagen[n] = from.matrix.collagen[o], to.matrix.crosslink[n] = from.matrix.crosslink[o];
            to.matrix.fibre_cos[n] = t.fibre_cos(from.matrix.fibre_cos[o]),
            to.matrix.fibre_sin[n] = t.fibre_sin(from.matrix.fibre_sin[o]);
            to.sinusoid[n] = from.sinusoid[o];
            const Healthy& h = from.healthy;
            Healthy& g = to.healthy;
            g.oxygen_uptake[n] = h.oxygen_uptake[o], g.collagen[n] = h.collagen[o],
            g.portal_to_central[n] = h.portal_to_central[o];
            g.kind[n] = h.kind[o];
            g.flow_x[n] = float(t.xx) * h.flow_x[o] + float(t.xy) * h.flow_y[o];
            g.flow_y[n] = float(t.yx) * h.flow_x[o] + float(t.yy) * h.flow_y[o];
        }
        for (std::size_t row = 0; row < from.cells.size(); ++row) {
            std::int64_t x, y;
            at(from.at.x * edge + from.cells.x[row], from.at.y * edge + from.cells.y[row], length - 1, x, y);
            Cells& cells = world.lattice.find({std::int32_t(x / edge), std::int32_t(y / edge), 0})->cells;
            cells.append_row(from.cells, row);
            cells.x.back() = Fixed(x % edge), cells.y.back() = Fixed(y % edge);
            cells.heading_x.back() = float(t.xx) * from.cells.heading_x[row] + float(t.xy) * from.cells.heading_y[row];
            cells.heading_y.back() = float(t.yx) * from.cells.heading_x[row] + float(t.yy) * from.cells.heading_y[row];
        }
    }
    world.lattice.settle(1);
}

const std::vector<std::string>& direction_names() {
    static const std::vector<std::string> names = {"tumour cells",       "activated stellate cells",
                                                   "shift in x",         "shift in y",
                                                   "spread in x less y", "spread along the diagonal"};
    return names;
}

// One mouse on ground turned by `t`, read in the unturned frame: counts, and how far founders have been moved. `wind`
// (um a tick along x of the laboratory) is the mistake.
std::vector<double> directions(const SmallMouse& mouse, const WorldSize& size, const GroundTurn* t, double wind) {
    World<SectionShape> world = found<SectionShape>(mouse, size, false);
    if (t) turn_ground(world, *t);
    const auto places = [&] {
        std::map<std::uint64_t, Vec3> all;
        for (const auto* brick : world.lattice.in_memory())
            for (std::size_t row = 0; row < brick->cells.size(); ++row)
                all[brick->cells.id[row]] =
                    corner_um<SectionShape>(brick->at) +
                    Vec3{um_from_fixed(brick->cells.x[row]), um_from_fixed(brick->cells.y[row]), 0};
        return all;
    };
    const std::map<std::uint64_t, Vec3> start = places();
    Stepper<SectionShape> stepper;
    for (int n = 0; n < size.ticks; ++n) {
        stepper.step(world);
        if (wind == 0) continue;
        for (auto* brick : world.lattice.in_memory())
            for (std::size_t row = 0; row < brick->cells.size(); ++row)
                if (!world.model->types[brick->cells.type[row]].anchored) brick->cells.x[row] += fixed_from_um(wind);
    }
    double moved = 0, x = 0, y = 0, straight = 0, diagonal = 0;
    for (const auto& [id, place] : places()) {
        const auto from = start.find(id);
        if (from == start.end()) continue;
        const Vec3 step = place - from->second;
        if (dot(step, step) < 1) continue;  // less than 1 um: holds its place
        const double dx = t ? t->xx * step.x + t->yx * step.y : step.x,
                     dy = t ? t->xy * step.x + t->yy * step.y : step.y;
        moved += 1, x += dx, y += dy, straight += dx * dx - dy * dy, diagonal += dx * dy;
    }
    moved = std::max(moved, 1.0);
    const Disturbance d = disturbance(world);
    return {d.tumour + d.arrested, d.activated, x / moved, y / moved, straight / moved, diagonal / moved};
}

// Largest distance between two empirical distribution functions.
double kolmogorov_smirnov(std::vector<double> a, std::vector<double> b) {
    std::sort(a.begin(), a.end());
    std::sort(b.begin(), b.end());
    double largest = 0;
    std::size_t i = 0, j = 0;
    while (i < a.size() && j < b.size()) {
        const double at = std::min(a[i], b[j]);
        while (i < a.size() && a[i] <= at) ++i;
        while (j < b.size() && b[j] <= at) ++j;
        largest = std::max(largest, std::abs(double(i) / double(a.size()) - double(j) / double(b.size())));
    }
    return largest;
}

}  // namespace

Case turn_case(const House& house) {
    Case c{"X07", "metamorphic", "mirrored and turned tissue gives mirrored and turned results", {}, {}};
    const auto straight = std::make_shared<Once<std::vector<std::vector<double>>>>();
    c.run = [house, straight](const Mutation& mutation) {
        Checks checks;
        const double factor = mutation.of("diffusion 1 % off in the turned box");
        for (const NamedTurn& turn : turns) {
            if (!turn.solid)
                checks.push_back(within(
                    "X07", fmt::format("field in a ragged plane {}, largest difference over the maximum", turn.name), 0,
                    turned_error(Puddle<double>(48, 1, 3), turn, 2000, factor, 1e-11), 1e-6,
                    Check::Tier::discrete_exact, "the unturned field"));
            checks.push_back(
                within("X07", fmt::format("field in a ragged cube {}, largest difference over the maximum", turn.name),
                       0, turned_error(Puddle<float>(24, 24, 5), turn, 2000, factor, 1e-6), 1e-6,
                       Check::Tier::discrete_exact, "the unturned field"));
        }
        if (factor != 1) return checks;

        const SmallMouse& mouse = house->mouse();
        const int mice = house->either(50, 16);
        const double wind = mutation.is("a wind along x, um a tick") ? mutation.factor : 0;
        const WorldSize size{1, 24, house->either(360, 200), 0};
        const auto herd = [&](std::uint64_t first, const GroundTurn* t, double blown) {
            std::vector<std::vector<double>> all;
            for (int m = 0; m < mice; ++m) {
                WorldSize own = size;
                own.seed = first + std::uint64_t(m);
                all.push_back(directions(mouse, own, t, blown));
            }
            return all;
        };
        const auto column = [](const std::vector<std::vector<double>>& rows, std::size_t n) {
            std::vector<double> values;
            for (const auto& row : rows) values.push_back(row[n]);
            return values;
        };
        const auto plain =
            wind == 0 ? straight->get([&] { return herd(1000, nullptr, 0); }) : herd(1000, nullptr, wind);
        // Two-sided significance 1e-3, asymptotic: sqrt(-ln(1e-3 / 2) / 2) sqrt(2 / n).
        const double critical = 1.9495 * std::sqrt(2.0 / mice);
        for (const GroundTurn* t : {&mirror, &quarter}) {
            const auto turned = herd(t == &mirror ? 2000 : 3000, t, wind);
            for (std::size_t n = 0; n < direction_names().size(); ++n)
                checks.push_back(within("X07",
                                        fmt::format("{} mice and {} {}, {}: Kolmogorov-Smirnov distance", mice, mice,
                                                    t->name, direction_names()[n]),
                                        0, kolmogorov_smirnov(column(plain, n), column(turned, n)), critical,
                                        Check::Tier::statistical, "alpha 1e-3"));
            if (wind != 0) break;
        }
        return checks;
    };
    c.mutants = {{"diffusion 1 % off in the turned box", 1.01}, {"a wind along x, um a tick", 0.5}};
    return c;
}

}  // namespace stellate::verification
