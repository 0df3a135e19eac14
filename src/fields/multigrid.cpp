#include "fields/multigrid.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "fields/direct.hpp"
#include "fields/hierarchy.hpp"
#include "fields/kernels.hpp"

namespace stellate::fields {

using detail::Cells;
using detail::Direct;
using detail::Hierarchy;
using detail::Kernels;
using detail::Shape;

namespace {

// Both colours of one quantity on one level.
template <class Real>
struct Colours {
    std::array<std::vector<Real>, 2> store;
    std::array<Real*, 2> pointer{};
    void reset(std::ptrdiff_t size, Real value) {
        for (auto& s : store) s.assign(static_cast<std::size_t>(size), value);
        point();
    }
    void point() {
        for (int c = 0; c < 2; ++c) pointer[c] = store[c].data();
    }
    Real* operator[](int colour) const { return pointer[colour]; }
    Real* const* mutable_pair() const { return pointer.data(); }
    const Real* const* pair() const { return pointer.data(); }
};

// Calls each(natural index, colour, split index) for the cells of a level, in natural order.
template <class Each>
void for_cells(const Cells& cells, const Shape& shape, Each each) {
    for (int z = 0; z < cells.nz; ++z)
        for (int y = 0; y < cells.ny; ++y) {
            const std::ptrdiff_t at = shape.at(y, z);
            const int red = shape.offset(0, y, z);
            const std::size_t natural = cells.at(0, y, z);
            for (int x = 0; x < cells.nx; ++x) {
                const int within = cells.x0 + x - 2 * shape.pair0;
                each(natural + static_cast<std::size_t>(x), (within & 1) == red ? 0 : 1, at + within / 2);
            }
        }
}

// The last plane of `s` inside plane `plane` of the next level.
int last_child(const Shape& s, const Shape& c, int plane) {
    return s.flat ? plane : std::min(2 * (c.z0 + plane) + 1 - s.z0, s.nz - 1);
}

struct NoEquilibrium {};

// Arrays of one coarse level. `value` is the correction, zero outside the active cells.
template <class Real>
struct CoarseLevel {
    Shape shape;
    Colours<Real> face_x, face_y, face_z, weight, active;  // geometry
    Colours<Real> rate, diagonal, inverse;                 // of the substrate at hand
    Colours<Real> value, rhs;
};

}  // namespace

template <class Real>
struct Multigrid<Real>::State {
    const Kernels<Real>* run;
    Box box;
    std::vector<VoxelKind> kind;
    Hierarchy geometry;
    Shape shape;
    std::vector<CoarseLevel<Real>> coarse;
    Direct direct;
    Colours<Real> count, rate, inverse;                           // operator
    Colours<Real> value, change, residual, correction, p, image;  // iteration
    Colours<Real> sink, source, capacity, healthy;                // kept for the refreshes of a saturable uptake,
    Colours<Real> healthy_uptake;  // the last: U at the healthy level beyond the healthy U
    std::vector<Real> line;
    Real k = 0;           // D / dx^2
    double per_step = 0;  // 1 / dt

    struct Iteration {
        double first = 0, last = 0;  // largest corrections of the first and the last cycle
    };

    void prepare_geometry(const Box& new_box, std::span<const VoxelKind> new_kind);
    void load(const Equation<Real>& e);
    template <class Each>
    void for_rows(Each each) const;
    void gather(std::span<const Real> natural, Real more, Colours<Real>& split);
    void scatter(const Equation<Real>& e, SolveReport& report);
    bool prepare_operator();
    void add_held_values(const Equation<Real>& e);
    void load_uptake(const Equation<Real>& e);
    double cycle();
    std::pair<double, double> search(double beta);
    void descend(std::size_t level);
    void solve_coarsest(const Cells& cells, const Shape& at, Colours<Real>& rhs, Colours<Real>& value_there);
    Iteration iterate(double enough, double fall, int budget, SolveReport& report);
    void solve_linear(const Equation<Real>& e, double tolerance, int max_cycles, SolveReport& report);
    void solve_saturable(const Equation<Real>& e, double tolerance, int max_cycles, SolveReport& report);
};

template <class Real>
void Multigrid<Real>::State::prepare_geometry(const Box& new_box, std::span<const VoxelKind> new_kind) {
    if (new_box == box && new_kind.size() == kind.size() && std::memcmp(new_kind.data(), kind.data(), kind.size()) == 0)
        return;
    box = new_box;
    kind.assign(new_kind.begin(), new_kind.end());
    geometry = detail::build_hierarchy(box, kind);
    coarse.resize(geometry.coarse.size());
    if (geometry.finest.nx == 0) return;

    shape = detail::shape_of(geometry.finest, geometry.flat);
    count.reset(shape.size, -1);
    for (Colours<Real>* a : {&rate, &inverse, &value, &change, &residual, &correction, &p, &image})
        a->reset(shape.size, 0);
    for (Colours<Real>* a : {&sink, &source, &capacity, &healthy, &healthy_uptake}) a->reset(0, 0);
    for_cells(geometry.finest, shape, [&](std::size_t natural, int colour, std::ptrdiff_t split) {
        count[colour][split] = geometry.count[natural];
    });
    int widest = shape.padded;
    for (std::size_t l = 0; l < coarse.size(); ++l) {
        const Cells& cells = geometry.coarse[l];
        CoarseLevel<Real>& level = coarse[l];
        level.shape = detail::shape_of(cells, geometry.flat);
        widest = std::max(widest, level.shape.padded);
        for (Colours<Real>* a : {&level.face_x, &level.face_y, &level.face_z, &level.weight, &level.active, &level.rate,
                                 &level.diagonal, &level.inverse, &level.value, &level.rhs})
            a->reset(level.shape.size, 0);
        for_cells(cells, level.shape, [&](std::size_t natural, int colour, std::ptrdiff_t split) {
            level.face_x[colour][split] = cells.face[0][natural];
            level.face_y[colour][split] = cells.face[1][natural];
            level.face_z[colour][split] = cells.face[2][natural];
            level.weight[colour][split] = cells.weight[natural];
            level.active[colour][split] = cells.active[natural];
        });
    }
    line.assign(static_cast<std::size_t>(2 * widest + 16), 0);
}

// Calls each(voxel, skipped, even, at) for the rows of the finest level: the split row's pairs begin at `at`, the cells
// of colour `even` are the first of them, and cell n of the pairs, counted one by one, is voxel + n - skipped of the
// box, for n in [skipped, skipped + nx).
template <class Real>
template <class Each>
void Multigrid<Real>::State::for_rows(Each each) const {
    const Cells& f = geometry.finest;
    for (int z = 0; z < f.nz; ++z)
        for (int y = 0; y < f.ny; ++y)
            each(
                (static_cast<std::size_t>(f.z0 - box.z0 + z) * box.ny + (f.y0 - box.y0 + y)) * box.nx + (f.x0 - box.x0),
                f.x0 - 2 * shape.pair0, shape.offset(0, y, z), shape.at(y, z));
}

// From the box's natural order to split rows: natural + more in awake voxels, 0 elsewhere.
template <class Real>
void Multigrid<Real>::State::gather(std::span<const Real> natural, Real more, Colours<Real>& split) {
    const int nx = geometry.finest.nx, pairs = shape.pairs;
    for_rows([&](std::size_t voxel, int skipped, int even, std::ptrdiff_t at) {
        Real* const __restrict in_order = line.data();
        const Real* const from = natural.data() + voxel;
        in_order[0] = 0;  // of the cells before the first and behind the last, which are not awake
        for (int x = 0; x < nx; ++x) in_order[skipped + x] = from[x] + more;
        in_order[skipped + nx] = 0;
        const Real *const n0 = count[even] + at, *const n1 = count[1 - even] + at;
        Real* const __restrict to0 = split[even] + at, * const __restrict to1 = split[1 - even] + at;
        for (int i = 0; i < pairs; ++i) {
            const Real first = in_order[2 * i], second = in_order[2 * i + 1];
            to0[i] = n0[i] >= 0 ? first : 0;
            to1[i] = n1[i] >= 0 ? second : 0;
        }
    });
}

// Takes in a substrate: value, rate = decay + sink, residual = source; no change yet.
template <class Real>
void Multigrid<Real>::State::load(const Equation<Real>& e) {
    k = static_cast<Real>(e.diffusion / (e.dx_um * e.dx_um));
    per_step = 1.0 / e.dt_min;
    const auto clear = [](Colours<Real>& a) {
        for (auto& store : a.store) std::fill(store.begin(), store.end(), Real(0));
    };
    clear(change);
    gather(e.value, 0, value);
    const Real decay = static_cast<Real>(e.decay);
    if (e.sink.empty())
        for (int c = 0; c < 2; ++c)
            for (std::ptrdiff_t i = 0; i < shape.size; ++i) rate[c][i] = count[c][i] >= 0 ? decay : 0;
    else
        gather(e.sink, decay, rate);
    if (e.source.empty())
        clear(residual);
    else
        gather(e.source, 0, residual);
}

// Writes the new values of the awake voxels to the box.
template <class Real>
void Multigrid<Real>::State::scatter(const Equation<Real>& e, SolveReport& report) {
    const bool nonnegative = e.nonnegative || !e.uptake.capacity.empty();
    const int nx = geometry.finest.nx, pairs = shape.pairs;
    for_rows([&](std::size_t voxel, int skipped, int even, std::ptrdiff_t at) {
        Real* const __restrict in_order = line.data();
        const Real *const from0 = value[even] + at, *const moved0 = change[even] + at;
        const Real *const from1 = value[1 - even] + at, *const moved1 = change[1 - even] + at;
        const auto settled = [](Real now) { return std::abs(now) < static_cast<Real>(1e-20) ? 0 : now; };
        for (int i = 0; i < pairs; ++i) {
            const Real first = from0[i] + moved0[i], second = from1[i] + moved1[i];
            in_order[2 * i] = settled(first);
            in_order[2 * i + 1] = settled(second);
        }
        Real* const __restrict to = e.value.data() + voxel;
        const Real* const __restrict now = in_order + skipped;
        const VoxelKind* const of = kind.data() + voxel;
#pragma omp simd
        for (int x = 0; x < nx; ++x) {
            const Real before = to[x];
            to[x] = of[x] == VoxelKind::awake ? now[x] : before;
        }
        if (!nonnegative) return;
        const Real* health = e.healthy.empty() ? nullptr : e.healthy.data() + voxel;
        for (int x = 0; x < nx; ++x) {
            const Real least = health ? -health[x] : 0;
            if (of[x] == VoxelKind::awake && to[x] < least) {
                ++report.clamped;
                report.largest_clamp = std::max(report.largest_clamp, static_cast<double>(least - to[x]));
                to[x] = least;
            }
        }
    });
}

// Adds 1 / dt to the rates and makes the diagonals of every level; false if an awake voxel has no balance at all.
template <class Real>
bool Multigrid<Real>::State::prepare_operator() {
    if (!run->invert(shape, k, static_cast<Real>(per_step), count.pair(), rate.mutable_pair(), inverse.mutable_pair()))
        return false;
    const Shape* above = &shape;
    const Colours<Real>* rate_above = &rate;
    for (CoarseLevel<Real>& level : coarse) {
        run->restrict_rates(*above, level.shape, rate_above->pair(), level.rate.mutable_pair(), line.data());
        run->invert_weighted(level.shape, k, level.weight.pair(), level.active.pair(), level.rate.mutable_pair(),
                             level.diagonal.mutable_pair(), level.inverse.mutable_pair());
        above = &level.shape;
        rate_above = &level.rate;
    }
    const Cells& last = coarse.empty() ? geometry.finest : geometry.coarse.back();
    std::array<double, 8> rates{};
    for_cells(last, *above, [&](std::size_t natural, int colour, std::ptrdiff_t split) {
        rates[natural] = static_cast<double>((*rate_above)[colour][split]);
    });
    direct.factor(last, static_cast<double>(k), rates.data());
    return true;
}

template <class Real>
void Multigrid<Real>::State::solve_coarsest(const Cells& cells, const Shape& at, Colours<Real>& rhs,
                                            Colours<Real>& value_there) {
    std::array<double, 8> x{};
    int n = 0;
    for_cells(cells, at, [&](std::size_t natural, int colour, std::ptrdiff_t split) {
        if (cells.active[natural]) x[static_cast<std::size_t>(n++)] = static_cast<double>(rhs[colour][split]);
    });
    direct.solve(x.data());
    n = 0;
    for_cells(cells, at, [&](std::size_t natural, int colour, std::ptrdiff_t split) {
        if (cells.active[natural]) value_there[colour][split] = static_cast<Real>(x[static_cast<std::size_t>(n++)]);
    });
}

// The first half of a V-cycle on one level from a correction of zero: red, black, red, residual of black into the next
// level, in one wave of planes. `relax(plane, colour)`; `restrict_to(coarse plane)`.
template <class Start, class Relax, class Restrict>
void wave_down(const Shape& s, const Shape& c, Start start, Relax relax, Restrict restrict_to) {
    int done = 0;  // coarse planes
    for (int step = 0; step < s.nz + 3; ++step) {
        if (step < s.nz) start(step);
        if (step >= 1 && step - 1 < s.nz) relax(step - 1, 1);
        if (step >= 2 && step - 2 < s.nz) relax(step - 2, 0);
        while (done < c.nz && last_child(s, c, done) <= step - 3) restrict_to(done++);
    }
}

// The second half: the coarse correction onto black, then red, black, red. `finish(plane)` sees a plane done.
template <class Prolong, class Relax, class Finish>
void wave_up(const Shape& s, const Shape& c, Prolong prolong, Relax relax, Finish finish) {
    int done = 0, covered = -1;
    for (int step = 0; step < s.nz + 3; ++step) {
        while (done < c.nz && covered < step) {
            covered = last_child(s, c, done);
            prolong(done++);
        }
        if (step >= 1 && step - 1 < s.nz) relax(step - 1, 0);
        if (step >= 2 && step - 2 < s.nz) relax(step - 2, 1);
        if (step >= 3) {
            relax(step - 3, 0);
            finish(step - 3);
        }
    }
}

// correction = M residual, M one symmetric V-cycle from zero; returns (correction, image).
template <class Real>
double Multigrid<Real>::State::cycle() {
    detail::Lanes16 sum;
    if (coarse.empty()) {
        solve_coarsest(geometry.finest, shape, residual, correction);
        run->dot(shape, 0, shape.nz, correction.pair(), image.pair(), sum);
        return sum.total();
    }
    Colours<Real>& z = correction;
    CoarseLevel<Real>& next = coarse[0];
    const auto relax = [&](int plane, int colour) {
        run->relax(shape, plane, plane + 1, colour, k, z[1 - colour], residual[colour], inverse[colour], z[colour]);
    };
    wave_down(
        shape, next.shape, [&](int plane) { run->start(shape, plane, plane + 1, residual[0], inverse[0], z[0]); },
        relax,
        [&](int plane) {
            run->restrict_residual(shape, next.shape, plane, plane + 1, 1, k, count[1], rate[1], z.pair(), residual[1],
                                   next.rhs.mutable_pair(), line.data());
        });
    descend(0);
    wave_up(
        shape, next.shape,
        [&](int plane) {
            run->prolong(shape, next.shape, plane, plane + 1, next.value.pair(), inverse[1], z[1], line.data());
        },
        relax, [&](int plane) { run->dot(shape, plane, plane + 1, z.pair(), image.pair(), sum); });
    return sum.total();
}

template <class Real>
void Multigrid<Real>::State::descend(std::size_t l) {
    CoarseLevel<Real>& level = coarse[l];
    if (l + 1 == coarse.size()) {
        solve_coarsest(geometry.coarse[l], level.shape, level.rhs, level.value);
        return;
    }
    CoarseLevel<Real>& next = coarse[l + 1];
    const Shape& s = level.shape;
    const auto relax = [&](int plane, int colour) {
        run->relax_weighted(s, plane, plane + 1, colour, k, level.face_x.pair(), level.face_y.pair(),
                            level.face_z.pair(), level.value[1 - colour], level.rhs[colour], level.inverse[colour],
                            level.value[colour]);
    };
    wave_down(
        s, next.shape,
        [&](int plane) { run->start(s, plane, plane + 1, level.rhs[0], level.inverse[0], level.value[0]); }, relax,
        [&](int plane) {
            run->restrict_weighted(s, next.shape, plane, plane + 1, 1, k, level.face_x.pair(), level.face_y.pair(),
                                   level.face_z.pair(), level.diagonal[1], level.inverse[1], level.value.pair(),
                                   level.rhs[1], next.rhs.mutable_pair(), line.data());
        });
    descend(l + 1);
    wave_up(
        s, next.shape,
        [&](int plane) {
            run->prolong(s, next.shape, plane, plane + 1, next.value.pair(), level.inverse[1], level.value[1],
                         line.data());
        },
        relax, [](int) {});
}

// p = correction + beta p and image = A p in one wave; returns (p, image) and (p, residual).
template <class Real>
std::pair<double, double> Multigrid<Real>::State::search(double beta) {
    detail::Lanes16 with_image, with_residual;
    const auto apply = [&](int plane) {
        run->apply(shape, plane, plane + 1, k, count.pair(), rate.pair(), p.pair(), residual.pair(),
                   image.mutable_pair(), with_image, with_residual);
    };
    for (int plane = 0; plane < shape.nz; ++plane) {
        run->direct(shape, plane, plane + 1, static_cast<Real>(beta), correction.pair(), p.mutable_pair());
        if (plane > 0) apply(plane - 1);
    }
    apply(shape.nz - 1);
    return {with_image.total(), with_residual.total()};
}

// Voxels held at a value push on their awake neighbours; those held at zero have nothing to push with.
template <class Real>
void Multigrid<Real>::State::add_held_values(const Equation<Real>& e) {
    const Cells& f = geometry.finest;
    for (const Hierarchy::Held& held : geometry.held) {
        const int x = static_cast<int>(held.awake % static_cast<std::size_t>(f.nx));
        const int y = static_cast<int>(held.awake / static_cast<std::size_t>(f.nx) % static_cast<std::size_t>(f.ny));
        const int z = static_cast<int>(held.awake / (static_cast<std::size_t>(f.nx) * f.ny));
        const int within = f.x0 + x - 2 * shape.pair0;
        const int colour = (within & 1) == shape.offset(0, y, z) ? 0 : 1;
        residual[colour][shape.at(y, z) + within / 2] += k * e.value[held.prescribed];
    }
}

template <class Real>
void Multigrid<Real>::State::load_uptake(const Equation<Real>& e) {
    for (Colours<Real>* a : {&sink, &source, &capacity, &healthy, &healthy_uptake}) a->reset(shape.size, 0);
    gather(e.uptake.capacity, 0, capacity);
    if (!e.healthy.empty()) gather(e.healthy, 0, healthy);
    sink.store = rate.store;
    source.store = residual.store;
    for (Colours<Real>* a : {&sink, &source}) a->point();
    if (e.uptake.healthy_capacity.empty()) return;
    gather(e.uptake.healthy_capacity, 0, healthy_uptake);
    const Real K = static_cast<Real>(e.uptake.half_saturation);
    for (int c = 0; c < 2; ++c)
        for (std::ptrdiff_t i = 0; i < shape.size; ++i)
            healthy_uptake[c][i] = (capacity[c][i] - healthy_uptake[c][i]) * (healthy[c][i] / (K + healthy[c][i]));
}

// Conjugate gradients on the residual at hand, until a correction is below `enough` or below `fall` times the first.
template <class Real>
typename Multigrid<Real>::State::Iteration Multigrid<Real>::State::iterate(double enough, double fall, int budget,
                                                                           SolveReport& report) {
    Iteration done{0, std::numeric_limits<double>::quiet_NaN()};
    double curvature = 0;
    for (int n = 0; n < budget; ++n) {
        const double overlap = cycle();  // with the last image
        const auto [steepness, descent] = search(n == 0 ? 0 : -overlap / curvature);
        curvature = steepness;
        if (curvature == 0 && descent == 0) {  // nothing left to correct
            done.last = 0;
            break;
        }
        done.last = static_cast<double>(run->advance(shape, static_cast<Real>(descent / curvature), p.pair(),
                                                     image.pair(), change.mutable_pair(), residual.mutable_pair()));
        if (n == 0) done.first = done.last;
        if (++report.cycles == 1) report.first_correction = done.first;
        if (!(done.last >= std::max(enough, fall * done.first))) break;  // small enough, or not a number
    }
    return done;
}

template <class Real>
void Multigrid<Real>::State::solve_linear(const Equation<Real>& e, double tolerance, int max_cycles,
                                          SolveReport& report) {
    run->residual(shape, k, count.pair(), rate.pair(), value.pair(), residual.mutable_pair());
    add_held_values(e);
    if (!prepare_operator()) throw NoEquilibrium{};
    report.largest_correction = iterate(tolerance, 0, max_cycles, report).last;
}

// Newton's linearisation of the uptake at value + change: its slope joins the rates, its balance the residual. Below
// zero the uptake goes on as the straight line of its slope at zero, so that it stays concave and the iteration ends.
// The uptake is refreshed whenever the correction has fallen tenfold (or after four cycles); done when the first
// correction after a refresh is small.
template <class Real>
void Multigrid<Real>::State::solve_saturable(const Equation<Real>& e, double tolerance, int max_cycles,
                                             SolveReport& report) {
    load_uptake(e);
    do {
        run->linearise(shape, static_cast<Real>(e.uptake.half_saturation), static_cast<Real>(per_step), value.pair(),
                       change.pair(), sink.pair(), source.pair(), capacity.pair(), healthy.pair(),
                       healthy_uptake.pair(), p.mutable_pair(), residual.mutable_pair(), rate.mutable_pair(),
                       image.mutable_pair());
        run->residual(shape, k, count.pair(), rate.pair(), p.pair(), residual.mutable_pair());
        add_held_values(e);
        for (int c = 0; c < 2; ++c)
            for (std::ptrdiff_t i = 0; i < shape.size; ++i) rate[c][i] += image[c][i];
        if (!prepare_operator()) throw NoEquilibrium{};
        const Iteration done = iterate(tolerance, 0.1, std::min(4, max_cycles - report.cycles), report);
        report.largest_correction = done.last == done.last ? done.first : done.last;
    } while (report.largest_correction >= tolerance && report.cycles < max_cycles);
}

template <class Real>
Multigrid<Real>::Multigrid(Lanes lanes) : state_(std::make_unique<State>()) {
    state_->run = detail::kernels_for<Real>(lanes);
}
template <class Real>
Multigrid<Real>::~Multigrid() = default;
template <class Real>
Multigrid<Real>::Multigrid(Multigrid&&) noexcept = default;
template <class Real>
Multigrid<Real>& Multigrid<Real>::operator=(Multigrid&&) noexcept = default;

template <class Real>
SolveReport Multigrid<Real>::solve(const Box& box, const Equation<Real>& e, const SolveOptions& options) {
    State& s = *state_;
    const std::size_t voxels = static_cast<std::size_t>(box.voxels());
    const auto fits = [&](const auto& span) { return span.empty() || span.size() == voxels; };
    STELLATE_ASSERT(e.kind.size() == voxels && e.value.size() == voxels && fits(e.sink) && fits(e.source) &&
                        fits(e.healthy) && fits(e.uptake.capacity) && fits(e.uptake.healthy_capacity),
                    voxels, e.kind.size(), e.value.size(), e.sink.size(), e.source.size(), e.healthy.size());
    STELLATE_ASSERT(e.diffusion >= 0 && e.dx_um > 0 && e.dt_min > 0 && e.decay >= 0, e.diffusion, e.dx_um, e.dt_min,
                    e.decay);
    const bool saturable = !e.uptake.capacity.empty();
    STELLATE_ASSERT(!saturable || e.uptake.half_saturation > 0, e.uptake.half_saturation);

    s.prepare_geometry(box, e.kind);
    for (std::size_t i = 0; i < voxels; ++i) e.value[i] = e.kind[i] == VoxelKind::resting ? 0 : e.value[i];
    SolveReport report;
    if (s.geometry.finest.nx == 0) return report;
    s.load(e);

    double size = static_cast<double>(s.run->largest(s.shape, s.value.pair()));
    for (const Hierarchy::Held& held : s.geometry.held)
        size = std::max(size, static_cast<double>(std::abs(e.value[held.prescribed])));
    // A correction too small to change the largest value is none. Where the uptake is refreshed, the residual is
    // computed anew from rounded values, and corrections of a few ulp never cease.
    const double ulps = (saturable ? 4 : 0.25) * static_cast<double>(std::numeric_limits<Real>::epsilon());
    const double tolerance = std::max(options.tolerance, ulps * size);
    const auto fail = [&](const std::string& why) {
        s.kind.clear();  // what is not a number must not outlive this call in the scratch
        throw RunError(fmt::format("relax fields: {} in the box at voxel ({}, {}, {}) of {} x {} x {} voxels: {}",
                                   e.name.empty() ? "a substrate" : e.name, box.x0, box.y0, box.z0, box.nx, box.ny,
                                   box.nz, why));
    };
    try {
        if (saturable)
            s.solve_saturable(e, tolerance, options.max_cycles, report);
        else
            s.solve_linear(e, tolerance, options.max_cycles, report);
    } catch (const NoEquilibrium&) {
        fail("the balance of an awake voxel is singular or not a number");
    }
    if (!(report.largest_correction < tolerance))
        fail(fmt::format("no convergence after {} cycles; the largest correction is {:.3g}, the tolerance {:.3g}",
                         report.cycles, report.largest_correction, tolerance));
    s.scatter(e, report);
    return report;
}

template class Multigrid<float>;
template class Multigrid<double>;

}  // namespace stellate::fields
