#include "liver/anatomy.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "core/error.hpp"
#include "core/ids.hpp"
#include "core/math.hpp"
#include "core/random.hpp"
#include "liver/streams.hpp"

namespace stellate::liver {

namespace {

constexpr double voxel_mm3 = 1e-9 * voxel_um * voxel_um * voxel_um;
constexpr double half_diagonal_um = 0.5 * 1.41421356237309504880 * voxel_um;

bool inside(const std::vector<Circle>& circles, double x, double y) {
    for (const Circle& c : circles) {
        const double dx = x - c.x, dy = y - c.y;
        if (dx * dx + dy * dy < c.radius * c.radius) return true;
    }
    return false;
}

bool inside(const Circle& c, double x, double y) {
    return (x - c.x) * (x - c.x) + (y - c.y) * (y - c.y) < c.radius * c.radius;
}

bool touches(const Circle& c, double x0, double y0, double x1, double y1) {
    const double dx = c.x - std::clamp(c.x, x0, x1), dy = c.y - std::clamp(c.y, y0, y1);
    return dx * dx + dy * dy < c.radius * c.radius;
}

// Central veins and portal tracts, widened by `clearance`, that touch the rectangle.
std::vector<Circle> obstacles_in(const LobuleMap& map, double clearance, double x0, double y0, double x1, double y1) {
    std::vector<Circle> found;
    const auto add = [&](Circle c) {
        if (touches(c, x0, y0, x1, y1)) found.push_back(c);
    };
    for (const CentralVein& v : map.veins) add({v.x, v.y, v.radius + clearance});
    for (const Corner& c : map.corners)
        if (c.tract_radius > 0) add({c.x, c.y, c.tract_radius + clearance});
    return found;
}

// By inversion; `none` = exp(-mean).
int poisson(double mean, double none, double uniform) {
    double term = none, sum = none;
    int n = 0;
    while (uniform > sum && n < stream::most_in_voxel - 1) {
        ++n;
        term *= mean / n;
        sum += term;
    }
    return n;
}

void require(bool ok, const char* key, const char* expected) {
    if (!ok) throw InputError({}, std::string("anatomy.") + key, std::string("expected ") + expected);
}

}  // namespace

TissueShares tissue_shares(const AnatomyParameters& parameters) {
    constexpr std::uint64_t reference_seed = 0x6c6f62756c6573ULL;
    constexpr int tiles = 20, points = 14;  // 5.6 mm square, a point each 20 um
    constexpr double edge = 280;
    const Lobules lobules(parameters.lobules, reference_seed);
    std::int64_t parenchyma = 0, room = 0;
    double sum = 0;
    for (int ty = 0; ty < tiles; ++ty)
        for (int tx = 0; tx < tiles; ++tx) {
            const double x0 = tx * edge, y0 = ty * edge;
            const LobuleMap map = lobules.map(x0, y0, x0 + edge, y0 + edge);
            for (int i = 0; i < points * points; ++i) {
                const double step = edge / points;
                const Place p = map.at(x0 + (i % points + 0.5) * step, y0 + (i / points + 0.5) * step);
                if (p.kind != TissueKind::parenchyma) continue;
                ++parenchyma;
                sum += p.portal_to_central;
                if (p.to_vein_wall >= parameters.wall_clearance_um && p.to_tract_wall >= parameters.wall_clearance_um)
                    ++room;
            }
        }
    const double all = double(tiles) * tiles * points * points;
    return {double(parenchyma) / all, double(room) / all, sum / double(parenchyma)};
}

template <class Shape>
Anatomy<Shape>::Anatomy(const AnatomyParameters& p, const ResidentTypes& types, HealthyLevels levels,
                        std::uint64_t seed)
    : parameters_(p),
      types_(types),
      levels_(std::move(levels)),
      seed_(seed),
      shares_(tissue_shares(p)),
      lobules_(p.lobules, seed),
      packing_(p.hepatocytes_per_mm3 / shares_.hepatocyte_room, p.hepatocyte_jitter, seed) {
    require(p.rest_distance_ratio > 0.5 && p.rest_distance_ratio <= 1, "rest_distance_ratio", "0.5 to 1");
    require(p.wall_clearance_um >= 0, "cells.wall_clearance", "0 um or more");
    for (const auto& [density, key] : {std::pair{p.lsec_per_mm3, "cells.lsec"},
                                       {p.kupffer_per_mm3, "cells.kupffer"},
                                       {p.hsc_quiescent_per_mm3, "cells.hsc_quiescent"},
                                       {p.nk_per_mm3, "cells.nk"},
                                       {p.portal_fibroblasts_per_mm3, "cells.portal_fibroblasts"}})
        require(density >= 0, key, "a density of 0 or more");
    for (const auto& [bias, key] : {std::pair{p.kupffer_periportal_bias, "cells.kupffer_periportal_bias"},
                                    {p.nk_periportal_bias, "cells.nk_periportal_bias"}})
        require(bias >= 0 && bias <= 1, key, "a bias from 0 to 1");
    require(levels_.oxygen < int(levels_.basal_nM.size()), "oxygen", "an index of a substrate");
    hepatocyte_radius_ = 0.5 * packing_.spacing_um() / p.rest_distance_ratio;
    const auto add = [&](const char* key, std::uint8_t type, double per_mm3, double bias, double radius) {
        const double mean = per_mm3 / shares_.parenchyma * voxel_mm3 * (1.0 + bias) /
                            (1.0 + bias * (1.0 - 2.0 * shares_.mean_portal_to_central));
        require(mean < 8, key, "a density below 1e6 per mm3");
        sinusoidal_.push_back({type, mean, math::exp(-mean), bias, float(radius)});
    };
    add("cells.lsec", types.lsec, p.lsec_per_mm3, 0, p.lsec_radius_um);
    add("cells.kupffer", types.kupffer, p.kupffer_per_mm3, p.kupffer_periportal_bias, p.kupffer_radius_um);
    add("cells.hsc_quiescent", types.hsc_quiescent, p.hsc_quiescent_per_mm3, 0, p.hsc_quiescent_radius_um);
    add("cells.nk", types.nk, p.nk_per_mm3, p.nk_periportal_bias, p.nk_radius_um);
}

template <class Shape>
void Anatomy<Shape>::fill(Brick<Shape>& brick) const {
    const Vec3 low = corner_um<Shape>(brick.at);
    const Vec3 high = corner_um<Shape>({brick.at.x + 1, brick.at.y + 1, brick.at.z + 1});
    const LobuleMap map = lobules_.map(low.x, low.y, high.x, high.y);

    std::vector<Place> columns(std::size_t(Shape::nx * Shape::ny));
    for (int y = 0; y < Shape::ny; ++y)
        for (int x = 0; x < Shape::nx; ++x)
            columns[std::size_t(x + Shape::nx * y)] =
                map.at(low.x + (x + 0.5) * voxel_um, low.y + (y + 0.5) * voxel_um);
    fill_voxels(brick, map, columns);

    std::vector<Founder> founders;
    founders.reserve(2048);
    found_hepatocytes(low, high, obstacles_in(map, parameters_.wall_clearance_um, low.x, low.y, high.x, high.y),
                      founders);
    found_sinusoidal(brick.at, obstacles_in(map, 0, low.x, low.y, high.x, high.y), columns, founders);
    found_fibroblasts(brick.at, map, columns, founders);

    Cells& cells = brick.cells;
    cells.resize(0);
    cells.resize(founders.size());
    const auto local = [](double um, Fixed edge) { return std::min(fixed_from_um(um), edge - 1); };
    for (std::size_t row = 0; row < founders.size(); ++row) {
        const Founder& f = founders[row];
        cells.id[row] = founder_id(brick.at, std::uint32_t(row)).value;
        cells.x[row] = local(f.place.x - low.x, edge_fixed<Shape>[0]);
        cells.y[row] = local(f.place.y - low.y, edge_fixed<Shape>[1]);
        cells.z[row] = local(f.place.z - low.z, edge_fixed<Shape>[2]);
        cells.radius[row] = f.radius;
        cells.type[row] = f.type;
        cells.lineage[row] = f.lineage;
    }
    brick.bin_start.clear();
    brick.segments.clear();
    brick.activity = {};
}

template <class Shape>
void Anatomy<Shape>::fill_voxels(Brick<Shape>& brick, const LobuleMap& map, const std::vector<Place>& columns) const {
    constexpr auto voxels = std::size_t(voxels_per_brick<Shape>);
    constexpr auto plane = std::size_t(Shape::nx * Shape::ny);
    const std::size_t substrates = levels_.basal_nM.size();
    Healthy& h = brick.healthy;
    h.level.resize(substrates * voxels);
    h.oxygen_uptake.assign(voxels, 0.0f);
    h.collagen.resize(voxels);
    h.portal_to_central.resize(voxels);
    h.flow_x.resize(voxels);
    h.flow_y.resize(voxels);
    h.kind.resize(voxels);
    brick.deviation.assign(substrates * voxels, 0.0f);
    brick.emission.assign(substrates * voxels, 0.0f);
    brick.sinusoid.resize(voxels);

    const Vec3 low = corner_um<Shape>(brick.at);
    for (std::size_t c = 0; c < plane; ++c) {
        const Place& place = columns[c];
        const double x = low.x + (double(c % Shape::nx) + 0.5) * voxel_um,
                     y = low.y + (double(c / Shape::nx) + 0.5) * voxel_um;
        h.portal_to_central[c] = float(place.portal_to_central);
        h.flow_x[c] = float(place.flow_x);
        h.flow_y[c] = float(place.flow_y);
        h.kind[c] = place.kind;
        h.collagen[c] = float(collagen_at(map, place, x, y));
        brick.sinusoid[c] = place.kind == TissueKind::parenchyma ? 1.0f : 0.0f;
    }
    for (std::size_t s = 0; s < substrates; ++s)
        for (std::size_t c = 0; c < plane; ++c) {
            const double along = columns[c].portal_to_central;
            h.level[s * voxels + c] =
                int(s) == levels_.oxygen
                    ? float(parameters_.oxygen_periportal_mmHg +
                            (parameters_.oxygen_perivenous_mmHg - parameters_.oxygen_periportal_mmHg) * along)
                    : float(levels_.basal_nM[s]);
        }
    // Vessels run along z: every layer equals the first.
    const auto repeat = [&](auto* first) {
        for (std::size_t layer = 1; layer < voxels / plane; ++layer)
            std::copy(first, first + plane, first + layer * plane);
    };
    repeat(h.portal_to_central.data());
    repeat(h.flow_x.data());
    repeat(h.flow_y.data());
    repeat(h.kind.data());
    repeat(h.collagen.data());
    repeat(brick.sinusoid.data());
    for (std::size_t s = 0; s < substrates; ++s) repeat(h.level.data() + s * voxels);

    brick.matrix.collagen = h.collagen;
    brick.matrix.crosslink.assign(voxels, float(parameters_.crosslinked_share));
    brick.matrix.fibre_cos.assign(voxels, 0.0f);
    brick.matrix.fibre_sin.assign(voxels, 0.0f);
}

// Mean over the voxel column around (x, y): exact away from walls, 4 x 4 points near one.
template <class Shape>
double Anatomy<Shape>::collagen_at(const LobuleMap& map, const Place& near, double x, double y) const {
    const CentralVein& vein = map.veins[std::size_t(near.nearest_vein)];
    const bool far_from_vein = near.to_vein_wall > half_diagonal_um + parameters_.central_vein_wall_um ||
                               near.to_vein_wall < -half_diagonal_um;
    const bool tract_near = near.to_tract_wall <= half_diagonal_um;
    if (far_from_vein && !tract_near)
        return near.kind == TissueKind::central_vein ? 0.0 : parameters_.collagen_parenchyma_mg_per_mL;
    const Circle lumen{vein.x, vein.y, vein.radius},
        wall{vein.x, vein.y, vein.radius + parameters_.central_vein_wall_um};
    const Corner corner = tract_near ? map.corners[std::size_t(near.nearest_tract)] : Corner{};
    const Circle tract{corner.x, corner.y, corner.tract_radius};  // holds no point if its radius is 0
    const Circle portal_vein = triad_of(corner).portal_vein;
    constexpr int points = 4;
    double sum = 0;
    for (int i = 0; i < points * points; ++i) {
        const double px = x + ((i % points + 0.5) / points - 0.5) * voxel_um;
        const double py = y + ((i / points + 0.5) / points - 0.5) * voxel_um;
        if (inside(lumen, px, py) || inside(portal_vein, px, py)) continue;
        sum += inside(tract, px, py)  ? parameters_.collagen_portal_tract_mg_per_mL
               : inside(wall, px, py) ? parameters_.collagen_central_vein_wall_mg_per_mL
                                      : parameters_.collagen_parenchyma_mg_per_mL;
    }
    return sum / (points * points);
}

template <class Shape>
void Anatomy<Shape>::found_hepatocytes(Vec3 low, Vec3 high, const std::vector<Circle>& obstacles,
                                       std::vector<Founder>& founders) const {
    const auto radius = float(hepatocyte_radius_);
    packing_.for_each_in(low, high, [&](std::uint64_t key, Vec3 place) {
        if (inside(obstacles, place.x, place.y)) return;
        Draws draws(seed_, key, stream::hepatocyte, Purpose::anatomy_cell);
        founders.push_back({place, radius, draws.uniform_float(), types_.hepatocyte});
    });
}

template <class Shape>
Vec3 Anatomy<Shape>::in_voxel(Vec3 low, Draws& draws) {
    const double x = draws.uniform_float(), y = draws.uniform_float(),
                 z = Shape::flat ? 0.5 : double(draws.uniform_float());
    return {low.x + voxel_um * x, low.y + voxel_um * y, low.z + voxel_um * z};
}

// Sinusoids run between hepatocytes: a cell drawn on the body of one is moved straight out to where two bodies meet. It
// stays in its voxel, so that the draw of a voxel concerns no other: where it would leave it, a new place is drawn.
template <class Shape>
Vec3 Anatomy<Shape>::between_bodies(Vec3 drawn, Vec3 low, const std::vector<Circle>& obstacles, Draws& draws) const {
    const double body = 0.5 * packing_.spacing_um();
    constexpr int tries = 8;
    Vec3 place = drawn;
    for (int i = 0; i < tries; ++i, place = in_voxel(low, draws)) {
        const Vec3 centre = packing_.nearest_site(place);
        const Vec3 off = place - centre;
        const double distance = length(off);
        if (distance < body && distance > 0) place = centre + (body / distance) * off;
        const auto within = [](double v, double from) { return v >= from && v < from + voxel_um; };
        if (within(place.x, low.x) && within(place.y, low.y) && (Shape::flat || within(place.z, low.z)) &&
            !inside(obstacles, place.x, place.y))
            return place;
    }
    return drawn;
}

template <class Shape>
void Anatomy<Shape>::found_sinusoidal(BrickCoord at, const std::vector<Circle>& obstacles,
                                      const std::vector<Place>& columns, std::vector<Founder>& founders) const {
    for (int z = 0; z < Shape::nz; ++z)
        for (int y = 0; y < Shape::ny; ++y)
            for (int x = 0; x < Shape::nx; ++x) {
                const Place& column = columns[std::size_t(x + Shape::nx * y)];
                if (std::min(column.to_vein_wall, column.to_tract_wall) < -half_diagonal_um) continue;
                const std::int32_t vx = at.x * Shape::nx + x, vy = at.y * Shape::ny + y, vz = at.z * Shape::nz + z;
                const std::uint64_t key = packed_key(vx, vy, vz);
                const Vec3 low{double(vx) * voxel_um, double(vy) * voxel_um, double(vz) * voxel_um};
                Draws counts(seed_, key, stream::sinusoidal_count, Purpose::anatomy_place);
                for (std::size_t t = 0; t < sinusoidal_.size(); ++t) {
                    const SinusoidalType& type = sinusoidal_[t];
                    const int count = poisson(type.per_voxel, type.none, counts.uniform_float());
                    // Drawn at the greatest density and thinned to the local one.
                    const double share = (1.0 + type.bias * (1.0 - 2.0 * column.portal_to_central)) / (1.0 + type.bias);
                    for (int n = 0; n < count; ++n) {
                        const auto address =
                            stream::first_of_voxel + std::uint32_t(t) * stream::most_in_voxel + std::uint32_t(n);
                        Draws draws(seed_, key, address, Purpose::anatomy_place);
                        Vec3 place = in_voxel(low, draws);
                        if (inside(obstacles, place.x, place.y)) continue;
                        if (type.bias > 0 && draws.uniform_float() >= share) continue;
                        place = between_bodies(place, low, obstacles, draws);
                        Draws lineage(seed_, key, address, Purpose::anatomy_cell);
                        founders.push_back({place, type.radius, lineage.uniform_float(), type.type});
                    }
                }
            }
}

template <class Shape>
void Anatomy<Shape>::found_fibroblasts(BrickCoord at, const LobuleMap& map, const std::vector<Place>& columns,
                                       std::vector<Founder>& founders) const {
    const double mean = parameters_.portal_fibroblasts_per_mm3 * voxel_mm3;
    const double none = math::exp(-mean);
    const auto type_number = std::uint32_t(sinusoidal_.size());
    for (int z = 0; z < Shape::nz; ++z)
        for (int y = 0; y < Shape::ny; ++y)
            for (int x = 0; x < Shape::nx; ++x) {
                const Place& column = columns[std::size_t(x + Shape::nx * y)];
                if (column.to_tract_wall > half_diagonal_um) continue;
                const Corner& corner = map.corners[std::size_t(column.nearest_tract)];
                const Triad triad = triad_of(corner);
                const std::int32_t vx = at.x * Shape::nx + x, vy = at.y * Shape::ny + y, vz = at.z * Shape::nz + z;
                const std::uint64_t key = packed_key(vx, vy, vz);
                Draws counts(seed_, key, stream::fibroblast_count, Purpose::anatomy_place);
                const int count = poisson(mean, none, counts.uniform_float());
                for (int n = 0; n < count; ++n) {
                    const auto address =
                        stream::first_of_voxel + type_number * stream::most_in_voxel + std::uint32_t(n);
                    Draws draws(seed_, key, address, Purpose::anatomy_place);
                    const Vec3 low{double(vx) * voxel_um, double(vy) * voxel_um, double(vz) * voxel_um};
                    const Vec3 place = in_voxel(low, draws);
                    if (!inside(Circle{corner.x, corner.y, corner.tract_radius}, place.x, place.y) ||
                        inside(triad.portal_vein, place.x, place.y) || inside(triad.bile_duct, place.x, place.y) ||
                        inside(triad.hepatic_artery, place.x, place.y))
                        continue;
                    Draws lineage(seed_, key, address, Purpose::anatomy_cell);
                    founders.push_back({place, float(parameters_.portal_fibroblast_radius_um), lineage.uniform_float(),
                                        types_.portal_fibroblast});
                }
            }
}

template <class Shape>
std::vector<Structure> Anatomy<Shape>::structures_in(double x0, double y0, double x1, double y1) const {
    const LobuleMap map = lobules_.map(x0, y0, x1, y1);
    std::vector<Structure> found;
    const auto add = [&](StructureKind kind, const Circle& c) {
        if (touches(c, x0, y0, x1, y1)) found.push_back({kind, c.x, c.y, c.radius});
    };
    for (const CentralVein& v : map.veins) add(StructureKind::central_vein, {v.x, v.y, v.radius});
    for (const Corner& c : map.corners) {
        if (c.tract_radius == 0) continue;
        const Triad triad = triad_of(c);
        add(StructureKind::portal_tract, {c.x, c.y, c.tract_radius});
        add(StructureKind::portal_vein, triad.portal_vein);
        add(StructureKind::bile_duct, triad.bile_duct);
        add(StructureKind::hepatic_artery, triad.hepatic_artery);
    }
    return found;
}

template class Anatomy<SectionShape>;
template class Anatomy<BlockShape>;

}  // namespace stellate::liver
