// W04: what a walker smells and where it secretes, read off the program's `sense` and `decide` in a small world.
//
// The program's gradient is that of the voxel a cell lies in, by central differences, across bricks' faces too; levels
// and deposits are the voxel's own. So a linear field's gradient is exact at any place; that of a wave of wave number k
// has sin(k dx) / (k dx) of its size at a voxel's centre, an error O(dx^2), and a quadratic field's is exact there.
// Elsewhere in the voxel it is the centre's, off by half a voxel's bend at most. At the tissue's edge the field is
// mirrored (no flux): a linear field is no case for it.
#include <fmt/format.h>

#include <cmath>

#include "simulation/phases.hpp"
#include "verification/small_mice.hpp"

namespace stellate::verification {

namespace {

constexpr double pi = 3.14159265358979323846;
constexpr const char* scent = "CXCL10";  // what NK cells follow, and nothing else; tumour cells make it at one rate
using Field = std::function<double(Vec3 um)>;

// A block of bricks in memory, filled with a scent; cells of one type stand in the middle brick.
template <class Shape>
class Arena {
public:
    Arena(const SmallMouse& mouse, const Mutation& mutation)
        : mutation_(mutation),
          world_(found<Shape>(mouse, {3, 0, 0, 71}, false)),
          scent_(mouse.model->substrate_index(scent)) {
        for (auto* brick : world_.lattice.in_memory()) brick->cells.resize(0);
    }

    const Model& model() const { return *world_.model; }
    Vec3 middle_um() const {
        return corner_um<Shape>(middle()) +
               0.5 * Vec3{double(Shape::nx * voxel_um), double(Shape::ny * voxel_um), double(Shape::nz * voxel_um)};
    }

    void fill(const Field& level) {
        const int late = mutation_.is("the next brick's levels a voxel off") ? 1 : 0;
        for (auto* brick : world_.lattice.in_memory())
            for (int v = 0; v < voxels_per_brick<Shape>; ++v) {
                Vec3 at = centre_um(*brick, v);
                if (brick->at.x != middle().x) at.x += late * voxel_um;
                brick->field(scent_)[std::size_t(v)] = float(level(at)) - brick->healthy_level(scent_)[std::size_t(v)];
            }
    }

    // Cells at the brick's corners and at random places, one type.
    void people(const char* type, std::uint32_t count) {
        constexpr int corners = Shape::flat ? 4 : 8;
        Cells& c = brick().cells;
        c.resize(count);
        for (std::uint32_t row = 0; row < count; ++row) {
            Draws draws(1, row, 0, Purpose::test);
            Fixed* const place[3] = {&c.x[row], &c.y[row], &c.z[row]};
            for (int a = 0; a < 3; ++a) {
                const Fixed edge = edge_fixed<Shape>[a];
                *place[a] = int(row) < corners ? ((row >> a & 1) ? edge - 1 : 0) : Fixed(draws.uniform() * edge);
            }
            if (Shape::flat) c.z[row] = edge_fixed<Shape>[2] / 2;
            c.id[row] = 100 + row;
            c.type[row] = std::uint8_t(model().type_index(type));
            c.radius[row] = float(model().types[c.type[row]].radius_um);
        }
        world_.lattice.settle(1);
    }

    void decide() {
        sense(world_, brick(), scratch_);
        stellate::decide(world_, brick(), scratch_);
    }

    Brick<Shape>& brick() { return *world_.lattice.find(middle()); }
    std::size_t cells() { return brick().cells.size(); }

    // The voxel that holds a cell, from its place alone.
    int voxel(std::size_t row) {
        const double shift = mutation_.is("places half a voxel off") ? 0.5 : 0.0;
        const Cells& c = brick().cells;
        const auto index = [&](Fixed place, int n) {
            return std::min(int(std::floor(um_from_fixed(place) / voxel_um + shift)), n - 1);
        };
        return voxel_index<Shape>(index(c.x[row], Shape::nx), index(c.y[row], Shape::ny), index(c.z[row], Shape::nz));
    }
    Vec3 centre_of(std::size_t row) { return centre_um(brick(), voxel(row)); }
    double level(int voxel) { return brick().level(scent_, voxel); }
    double emission(int voxel) { return brick().emission[std::size_t(scent_ * voxels_per_brick<Shape> + voxel)]; }

    // The gradient that a walker of the type follows, per um: its bias is `migration bias` times the relative rise over
    // a voxel, |grad c| dx / (c + gradient half), as long as that is below 1.
    Vec3 gradient(std::size_t row) {
        const CellType& type = model().types[brick().cells.type[row]];
        const Walking& w = scratch_.walking;
        const double full = type.base[std::size_t(model().behaviours.migration_bias)];
        const double rise = w.bias[row] / full / type.taxis.front().second;
        const double scale =
            rise * (level(voxel(row)) + model().substrates[std::size_t(scent_)].gradient_half) / voxel_um;
        return scale * Vec3{w.toward_x[row], w.toward_y[row], w.toward_z[row]};
    }

private:
    static BrickCoord middle() { return Shape::flat ? BrickCoord{1, 1, 0} : BrickCoord{1, 1, 1}; }
    static Vec3 centre_um(const Brick<Shape>& brick, int v) {
        const int i = v % Shape::nx, j = v / Shape::nx % Shape::ny, k = v / (Shape::nx * Shape::ny);
        return corner_um<Shape>(brick.at) + double(voxel_um) * Vec3{i + 0.5, j + 0.5, k + 0.5};
    }

    Mutation mutation_;
    World<Shape> world_;
    int scent_;
    BrickScratch scratch_;
};

template <class Shape>
void check_gradients(const SmallMouse& mouse, const char* shape, const Mutation& mutation, Checks& checks) {
    constexpr double largest = 1e-5;  // levels are floats
    Arena<Shape> arena(mouse, mutation);
    arena.people("nk", 500);
    const auto furthest = [&](const Field& level, auto&& gradient, double scale) {
        arena.fill(level);
        arena.decide();
        double worst = 0;
        for (std::size_t row = 0; row < arena.cells(); ++row)
            worst = std::max(worst, length(arena.gradient(row) - gradient(arena.centre_of(row))) / scale);
        return worst;
    };
    const auto add = [&](const char* what, double got) {
        checks.push_back(within("W04", fmt::format("{}: {}", shape, what), 0, got, largest, Check::Tier::discrete_exact,
                                "central differences"));
    };

    const Vec3 up = 0.03 / voxel_um * (Shape::flat ? Vec3{0.6, -0.8, 0} : Vec3{0.48, -0.64, 0.6});
    const Vec3 tilted{up.x * mutation.of("slope"), up.y, up.z};
    const Vec3 origin = arena.middle_um();
    add("linear field, gradient at 500 places and the brick's corners: furthest off, of its size",
        furthest([&](Vec3 p) { return 1.2 + dot(tilted, p - origin); }, [&](Vec3) { return up; }, length(up)));
    if (!mutation.name.empty()) return;

    const double bend = 0.03 / voxel_um / (8 * voxel_um);  // um^-2
    add("quadratic field, gradient of the voxel's centre: furthest off, of the largest",
        furthest([&](Vec3 p) { return 1 + dot(up, p - origin) + 0.5 * bend * (p.x - origin.x) * (p.x - origin.x); },
                 [&](Vec3 p) { return up + Vec3{bend * (p.x - origin.x), 0, 0}; }, length(up)));

    // Waves along x, steepest at a voxel's centre: the scheme's own gradient, and how fast the exact one is approached.
    const double crest = origin.x + 0.5 * voxel_um;
    double errors[3];
    for (int n = 0; n < 3; ++n) {
        const double k = 2 * pi / ((8 << n) * voxel_um), size = 0.3;
        const auto level = [&](Vec3 p) { return 1 + size * std::sin(k * (p.x - crest)); };
        const auto slope = [&](Vec3 p) { return Vec3{size * k * std::cos(k * (p.x - crest)), 0, 0}; };
        const double kept = std::sin(k * voxel_um) / (k * voxel_um);
        add(fmt::format("wave of {} voxels, gradient against sin(k dx)/(k dx) of the exact", 8 << n).c_str(),
            furthest(level, [&](Vec3 p) { return kept * slope(p); }, size * k));
        errors[n] = furthest(level, slope, size * k);
    }
    for (int n = 0; n < 2; ++n)
        checks.push_back(within(
            "W04", fmt::format("{}: waves of {} and {} voxels: order of the gradient in dx", shape, 8 << n, 16 << n), 2,
            std::log2(errors[n] / errors[n + 1]), 0.1, Check::Tier::order, "second order at centres"));
}

// What cells give to the voxels and what they read from them are transposes of each other.
template <class Shape>
void check_deposits(const SmallMouse& mouse, const char* shape, const Mutation& mutation, Checks& checks) {
    Arena<Shape> arena(mouse, mutation);
    arena.people("tumour_arrested", 300);
    arena.fill(
        [](Vec3 p) { return 1 + 0.5 * std::sin(0.7 * p.x) * std::cos(0.9 * p.y); });  // another level in every voxel
    arena.decide();
    const CellType& type = arena.model().types[std::size_t(arena.model().roles.tumour_arrested)];
    const double made =
        type.base[std::size_t(arena.model().behaviours.secretion[std::size_t(arena.model().substrate_index(scent))])];
    double by_cells = 0, by_voxels = 0;
    for (std::size_t row = 0; row < arena.cells(); ++row)
        if (arena.brick().cells.phase[row] != Phase::dying) by_cells += made * arena.level(arena.voxel(row));
    for (int v = 0; v < voxels_per_brick<Shape>; ++v)
        by_voxels += arena.level(v) * arena.emission(v) * voxel_um * voxel_um * voxel_um;
    Check c = within("W04", fmt::format("{}: secretion of 300 cells times their level, by cells and by voxels", shape),
                     by_cells, by_voxels, 1e-6, Check::Tier::discrete_exact, "transposes");
    c.relative = true;
    checks.push_back(c);
}

}  // namespace

Case gradient_case(const House& house) {
    Case c{"W04", "motility", "gradients that walkers follow, and deposits", {}, {}};
    c.run = [house](const Mutation& mutation) {
        Checks checks;
        check_gradients<SectionShape>(house->mouse(), "section", mutation, checks);
        check_gradients<BlockShape>(house->mouse(), "block", mutation, checks);
        check_deposits<SectionShape>(house->mouse(), "section", mutation, checks);
        check_deposits<BlockShape>(house->mouse(), "block", mutation, checks);
        return checks;
    };
    c.mutants = {{"slope", 1.01}, {"the next brick's levels a voxel off"}, {"places half a voxel off"}};
    return c;
}

}  // namespace stellate::verification
