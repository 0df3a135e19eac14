#include "liver/lobules.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "core/error.hpp"
#include "core/ids.hpp"
#include "core/math.hpp"
#include "core/random.hpp"

namespace stellate::liver {

namespace {

constexpr double pi = 3.14159265358979323846;
constexpr double sqrt3 = 1.73205080756887729353;

// The coefficient of variation of the lobules' equivalent radii when veins are displaced by up to `ratio` spacings:
// fitted to 1200 cells at each of five ratios up to 0.37, within 2 %; tests/unit/liver checks it.
double radius_cv(double ratio) { return 0.2 * ratio * (1.0 + 0.64 * ratio * ratio); }

double displacement_ratio(double cv) {
    double ratio = cv / 0.2;
    for (int i = 0; i < 20; ++i) ratio = cv / (0.2 * (1.0 + 0.64 * ratio * ratio));
    return ratio;
}

// The lattice neighbours that can cut a Voronoi cell, nearest first: with displacements below 0.37 spacings the next
// ring, sqrt(7) away, cannot reach it.
struct Step {
    std::int32_t column, row;
};
constexpr std::array<Step, 18> neighbour_steps = {{{1, 0},
                                                   {0, 1},
                                                   {-1, 1},
                                                   {-1, 0},
                                                   {0, -1},
                                                   {1, -1},
                                                   {1, 1},
                                                   {-1, 2},
                                                   {-2, 1},
                                                   {-1, -1},
                                                   {1, -2},
                                                   {2, -1},
                                                   {2, 0},
                                                   {0, 2},
                                                   {-2, 2},
                                                   {-2, 0},
                                                   {0, -2},
                                                   {2, -2}}};
constexpr double largest_displacement = 0.37;  // of the spacing; also keeps veins 0.26 spacings apart

std::uint64_t site_key(std::int32_t column, std::int32_t row) {
    return (std::uint64_t(std::uint32_t(column)) << 32) | std::uint32_t(row);
}

// A convex polygon around a vein, relative to it; edge[k] runs from vertex k to k + 1 and faces neighbour edge[k].
struct Polygon {
    int count;
    std::array<double, 24> x, y;
    std::array<std::int8_t, 24> edge;

    Polygon() : count(0) {}
    void push(double px, double py, std::int8_t e) {
        x[std::size_t(count)] = px;
        y[std::size_t(count)] = py;
        edge[std::size_t(count)] = e;
        ++count;
    }
};

// Cuts away what lies nearer to the neighbour at (nx, ny).
void clip(Polygon& polygon, double nx, double ny, std::int8_t label) {
    const double half = 0.5 * (nx * nx + ny * ny);
    std::array<double, 24> beyond;
    bool any = false;
    for (int k = 0; k < polygon.count; ++k) {
        beyond[std::size_t(k)] = polygon.x[std::size_t(k)] * nx + polygon.y[std::size_t(k)] * ny - half;
        any = any || beyond[std::size_t(k)] > 0;
    }
    if (!any) return;
    Polygon kept;
    for (int k = 0; k < polygon.count; ++k) {
        const auto a = std::size_t(k), b = std::size_t(k + 1 == polygon.count ? 0 : k + 1);
        const bool in = beyond[a] <= 0;
        if (in) kept.push(polygon.x[a], polygon.y[a], polygon.edge[a]);
        if (in != (beyond[b] <= 0)) {
            const double t = beyond[a] / (beyond[a] - beyond[b]);
            kept.push(polygon.x[a] + t * (polygon.x[b] - polygon.x[a]),
                      polygon.y[a] + t * (polygon.y[b] - polygon.y[a]), in ? label : polygon.edge[a]);
        }
    }
    polygon = kept;
}

double varied(double mean, double cv, double uniform) { return mean * (1.0 + sqrt3 * cv * (2.0 * uniform - 1.0)); }

double distance(double ax, double ay, double bx, double by) {
    const double dx = ax - bx, dy = ay - by;
    return std::sqrt(dx * dx + dy * dy);
}

double distance_to_rectangle(double x, double y, double x0, double y0, double x1, double y1) {
    return distance(x, y, std::clamp(x, x0, x1), std::clamp(y, y0, y1));
}

void require(bool ok, const char* key, const char* expected) {
    if (!ok) throw InputError({}, std::string("anatomy.lobules.") + key, std::string("expected ") + expected);
}

}  // namespace

// Drawn as in a section of an ordinary tract: the vein takes what anatomy.portal_tract_radius says it does; duct and
// artery are drawn, and no portal fibroblast stands in them.
Triad triad_of(const Corner& c) {
    const double r = c.tract_radius, ux = c.direction_x, uy = c.direction_y;
    const auto at = [&](double along, double beside, double radius) {
        return Circle{c.x + r * (along * ux - beside * uy), c.y + r * (along * uy + beside * ux), r * radius};
    };
    return {at(-0.34, 0, 0.60), at(0.46, 0.36, 0.15), at(0.50, -0.32, 0.11)};
}

Place LobuleMap::at(double x, double y) const {
    constexpr double far = std::numeric_limits<double>::infinity();
    Place place{};
    double to_vein = far, to_supply = far, to_tract = far;
    std::size_t supply = 0;
    place.nearest_tract = -1;
    for (std::size_t i = 0; i < veins.size(); ++i) {
        const double dx = x - veins[i].x, dy = y - veins[i].y;
        const double limit = to_vein + veins[i].radius;
        const double d2 = dx * dx + dy * dy;
        if (d2 >= limit * limit) continue;
        to_vein = std::sqrt(d2) - veins[i].radius;
        place.nearest_vein = int(i);
    }
    for (std::size_t i = 0; i < corners.size(); ++i) {
        const double dx = x - corners[i].x, dy = y - corners[i].y;
        const double d2 = dx * dx + dy * dy, radius = corners[i].tract_radius;
        const double limit = (radius > 0 ? to_tract : to_supply) + radius;  // to_supply <= to_tract
        if (limit <= 0 || d2 >= limit * limit) continue;
        const double to_wall = std::sqrt(d2) - radius;
        if (to_wall < to_supply) {
            to_supply = to_wall;
            supply = i;
        }
        if (radius > 0) {
            to_tract = to_wall;
            place.nearest_tract = int(i);
        }
    }
    place.to_vein_wall = to_vein;
    place.to_tract_wall = to_tract;
    if (to_vein <= 0) {
        place.kind = TissueKind::central_vein;
        place.portal_to_central = 1;
        return place;
    }
    if (to_tract <= 0) {
        const Circle vein = triad_of(corners[std::size_t(place.nearest_tract)]).portal_vein;
        place.kind = distance(x, y, vein.x, vein.y) < vein.radius ? TissueKind::portal_vein : TissueKind::portal_tract;
        return place;
    }
    place.kind = TissueKind::parenchyma;

    // The shortest way from the portal supply: straight from a tract, or along a septum and then off it.
    const Corner& corner = corners[supply];
    const double from_corner = distance(x, y, corner.x, corner.y);
    double away_x = from_corner > 0 ? (x - corner.x) / from_corner : 0;
    double away_y = from_corner > 0 ? (y - corner.y) / from_corner : 0;
    const double slope = along_cost_ / across_cost_;
    for (const Septum& s : septa_) {
        const double dx = x - s.x, dy = y - s.y;
        const double across = s.along_x * dy - s.along_y * dx;
        const double h = across < 0 ? -across : across;
        if (h * across_cost_ >= to_supply) continue;
        const double foot = dx * s.along_x + dy * s.along_y;
        const auto try_end = [&](double from_end, double radius, double sign) {
            const double leaves = from_end - h * slope;  // where the shortest path leaves the septum
            if (leaves < radius || leaves > s.length) return;
            const double d = along_cost_ * (from_end - radius) + across_cost_ * h;
            if (d >= to_supply) return;
            to_supply = d;
            const double side = across < 0 ? -across_cost_ : across_cost_;
            away_x = sign * along_cost_ * s.along_x - side * s.along_y;
            away_y = sign * along_cost_ * s.along_y + side * s.along_x;
        };
        try_end(foot, s.radius_from, 1);
        try_end(s.length - foot, s.radius_to, -1);
    }

    place.portal_to_central = to_supply / (to_supply + to_vein);
    // The gradient of to_supply / (to_supply + to_vein), up to a positive factor.
    const CentralVein& vein = veins[std::size_t(place.nearest_vein)];
    const double to_centre = to_vein + vein.radius;
    const double toward_x = (vein.x - x) / to_centre, toward_y = (vein.y - y) / to_centre;
    double fx = to_vein * away_x + to_supply * toward_x, fy = to_vein * away_y + to_supply * toward_y;
    double norm = std::sqrt(fx * fx + fy * fy);
    if (norm < 1e-6 * (to_vein + to_supply)) fx = toward_x, fy = toward_y, norm = 1;
    place.flow_x = fx / norm;
    place.flow_y = fy / norm;
    return place;
}

Lobules::Lobules(const LobuleParameters& p, std::uint64_t seed) : parameters_(p), seed_(seed) {
    require(p.lobule_radius_um > 0, "lobule_radius", "more than 0 um");
    require(p.lobule_radius_cv >= 0 && p.lobule_radius_cv <= radius_cv(largest_displacement), "lobule_radius_cv",
            "0 to 0.08");
    require(p.vessel_radius_cv >= 0 && p.vessel_radius_cv <= 0.4, "vessel_radius_cv", "0 to 0.4");
    require(p.central_vein_radius_um >= 20, "central_vein_radius", "at least 20 um, so that voxels see it");
    require(p.portal_tract_radius_um >= 20, "portal_tract_radius", "at least 20 um, so that voxels see it");
    require(p.central_vein_radius_um + p.portal_tract_radius_um < 0.4 * p.lobule_radius_um, "central_vein_radius",
            "a sum with portal_tract_radius below 0.4 times lobule_radius");
    require(p.septal_path_ratio > 0 && p.septal_path_ratio < 1, "septal_path_ratio", "more than 0 and less than 1");
    // Mean area = pi E[r^2] = pi radius^2 (1 + cv^2) = sqrt(3)/2 spacing^2.
    spacing_ = p.lobule_radius_um * std::sqrt(2.0 * pi * (1.0 + p.lobule_radius_cv * p.lobule_radius_cv) / sqrt3);
    displacement_ = spacing_ * displacement_ratio(p.lobule_radius_cv);
}

CentralVein Lobules::vein(std::int32_t column, std::int32_t row) const {
    Draws draws(seed_, site_key(column, row), 0, Purpose::anatomy_lobule);
    const double radius =
        varied(parameters_.central_vein_radius_um, parameters_.vessel_radius_cv, draws.uniform_float());
    double ux, uy;
    do {
        ux = 2.0 * draws.uniform_float() - 1.0;
        uy = 2.0 * draws.uniform_float() - 1.0;
    } while (ux * ux + uy * uy > 1.0);
    return {column, row, spacing_ * (column + 0.5 * row) + displacement_ * ux,
            spacing_ * (0.5 * sqrt3) * row + displacement_ * uy, radius};
}

// Veins of a rectangle of the lattice and the Voronoi cells computed from them on demand.
struct Lobules::Workspace {
    const Lobules& lobules;
    std::int32_t column0, row0, columns, rows;
    std::vector<CentralVein> veins;
    std::vector<std::int16_t> cell_at;  // [vein] index into cells; -1: not yet computed
    std::vector<Polygon> cells;

    Workspace(const Lobules& l, double x0, double y0, double x1, double y1) : lobules(l) {
        const double row_height = l.spacing_ * 0.5 * sqrt3;
        row0 = std::int32_t(std::floor(y0 / row_height)) - 1;
        rows = std::int32_t(std::ceil(y1 / row_height)) + 2 - row0;
        column0 = std::int32_t(std::floor(x0 / l.spacing_ - 0.5 * (row0 + rows))) - 1;
        columns = std::int32_t(std::ceil(x1 / l.spacing_ - 0.5 * row0)) + 2 - column0;
        veins.resize(std::size_t(columns) * std::size_t(rows), CentralVein{0, 0, 0, 0, -1});
        cell_at.resize(veins.size(), -1);
        cells.reserve(64);
    }
    std::size_t index(std::int32_t column, std::int32_t row) const {
        STELLATE_ASSERT(column >= column0 && row >= row0 && column < column0 + columns && row < row0 + rows, column,
                        row);
        return std::size_t(column - column0) + std::size_t(columns) * std::size_t(row - row0);
    }
    const CentralVein& vein(std::int32_t column, std::int32_t row) {
        CentralVein& v = veins[index(column, row)];
        if (v.radius < 0) v = lobules.vein(column, row);
        return v;
    }
    const CentralVein& neighbour(const CentralVein& v, int edge) {
        const Step s = neighbour_steps[std::size_t(edge)];
        return vein(v.column + s.column, v.row + s.row);
    }
    // Valid until the next call.
    const Polygon& cell(const CentralVein& v) {
        std::int16_t& slot = cell_at[index(v.column, v.row)];
        if (slot >= 0) return cells[std::size_t(slot)];
        const double far = 2.0 * lobules.spacing_;
        Polygon p;
        p.push(-far, -far, -1);
        p.push(far, -far, -1);
        p.push(far, far, -1);
        p.push(-far, far, -1);
        for (std::size_t n = 0; n < neighbour_steps.size(); ++n) {
            const CentralVein& other = neighbour(v, int(n));
            clip(p, other.x - v.x, other.y - v.y, std::int8_t(n));
        }
        STELLATE_ASSERT(cells.size() < 0x7fff, cells.size());
        slot = std::int16_t(cells.size());
        cells.push_back(p);
        return cells.back();
    }
    // The corner where edges k-1 and k of the cell meet, without its tract: the circumcentre of three veins, computed
    // from them in a fixed order so that all three lobules see the same bits.
    Corner bare_corner(const CentralVein& v, const Polygon& polygon, int k) {
        std::array<CentralVein, 3> three = {v,
                                            neighbour(v, polygon.edge[std::size_t(k == 0 ? polygon.count - 1 : k - 1)]),
                                            neighbour(v, polygon.edge[std::size_t(k)])};
        std::sort(three.begin(), three.end(), [](const CentralVein& a, const CentralVein& b) {
            return a.row != b.row ? a.row < b.row : a.column < b.column;
        });
        std::uint64_t key = 0;
        for (const CentralVein& t : three) key = mix64(key ^ site_key(t.column, t.row));
        const double bx = three[1].x - three[0].x, by = three[1].y - three[0].y;
        const double cx = three[2].x - three[0].x, cy = three[2].y - three[0].y;
        const double b2 = bx * bx + by * by, c2 = cx * cx + cy * cy, twice = 2.0 * (bx * cy - by * cx);
        return {key, three[0].x + (cy * b2 - by * c2) / twice, three[0].y + (bx * c2 - cx * b2) / twice, 0, 1, 0};
    }
    // Gives a corner its portal tract unless its veins, or a corner of a higher key, stand nearer than the separation.
    void furnish(Corner& corner, const CentralVein& v, const Polygon& polygon, int k) {
        const LobuleParameters& p = lobules.parameters_;
        if (distance(v.x, v.y, corner.x, corner.y) < p.tract_separation_um) return;
        const std::array<const CentralVein*, 3> around = {
            &v, &neighbour(v, polygon.edge[std::size_t(k == 0 ? polygon.count - 1 : k - 1)]),
            &neighbour(v, polygon.edge[std::size_t(k)])};
        for (const CentralVein* lobule : around) {
            const Polygon& cell_of = cell(*lobule);
            for (int m = 0; m < cell_of.count; ++m) {
                const double near_x = lobule->x + cell_of.x[std::size_t(m)],
                             near_y = lobule->y + cell_of.y[std::size_t(m)];
                if (distance(near_x, near_y, corner.x, corner.y) > p.tract_separation_um + 1.0) continue;
                const Corner other = bare_corner(*lobule, cell_of, m);
                if (other.key > corner.key && distance(other.x, other.y, corner.x, corner.y) < p.tract_separation_um)
                    return;
            }
        }
        Draws draws(lobules.seed_, corner.key, 1, Purpose::anatomy_lobule);
        corner.tract_radius = varied(p.portal_tract_radius_um, p.vessel_radius_cv, draws.uniform_float());
        const Vec3 direction = draws.direction_in_plane();
        corner.direction_x = direction.x;
        corner.direction_y = direction.y;
    }
};

LobuleMap Lobules::map(double x0, double y0, double x1, double y1) const {
    // No point lies farther than `cover` from the nearest vein, hence from the nearest corner of its cell; what
    // supplies a place in the rectangle lies within `cover` of it, and so belongs to a vein within twice that.
    const double cover = spacing_ / sqrt3 + displacement_;
    const double margin = 2.0 * cover + 4.0 * spacing_;
    Workspace work(*this, x0 - margin, y0 - margin, x1 + margin, y1 + margin);
    LobuleMap map;
    map.along_cost_ = parameters_.septal_path_ratio;
    map.across_cost_ = std::sqrt(1.0 - map.along_cost_ * map.along_cost_);

    const auto reach = [&](const CentralVein& v) {
        return distance_to_rectangle(v.x, v.y, x0, y0, x1, y1) <= 2.0 * cover;
    };
    const auto corner_of = [&](const CentralVein& v, const Polygon& polygon, int k) -> std::size_t {
        Corner corner = work.bare_corner(v, polygon, k);
        for (std::size_t i = 0; i < map.corners.size(); ++i)
            if (map.corners[i].key == corner.key) return i;
        work.furnish(corner, v, polygon, k);
        map.corners.push_back(corner);
        return map.corners.size() - 1;
    };
    const double row_height = spacing_ * 0.5 * sqrt3, around = 2.0 * cover + displacement_;
    const auto row_first = std::int32_t(std::floor((y0 - around) / row_height));
    const auto row_last = std::int32_t(std::ceil((y1 + around) / row_height));
    for (std::int32_t row = row_first; row <= row_last; ++row) {
        const auto column_first = std::int32_t(std::floor((x0 - around) / spacing_ - 0.5 * row));
        const auto column_last = std::int32_t(std::ceil((x1 + around) / spacing_ - 0.5 * row));
        for (std::int32_t column = column_first; column <= column_last; ++column) {
            const CentralVein v = work.vein(column, row);
            if (!reach(v)) continue;
            if (distance_to_rectangle(v.x, v.y, x0, y0, x1, y1) <= cover + v.radius) map.veins.push_back(v);
            const Polygon polygon = work.cell(v);
            for (int k = 0; k < polygon.count; ++k) {
                const CentralVein& beyond = work.neighbour(v, polygon.edge[std::size_t(k)]);
                const bool seen = reach(beyond) && (beyond.row != row ? beyond.row < row : beyond.column < column);
                if (seen) continue;  // the septum was taken with the other lobule
                const Corner from = work.bare_corner(v, polygon, k);
                const Corner to = work.bare_corner(v, polygon, k + 1 == polygon.count ? 0 : k + 1);
                // Boxes farther apart than `cover` hold no points nearer.
                const double apart_x = std::max({0.0, x0 - std::max(from.x, to.x), std::min(from.x, to.x) - x1});
                const double apart_y = std::max({0.0, y0 - std::max(from.y, to.y), std::min(from.y, to.y) - y1});
                if (apart_x * apart_x + apart_y * apart_y > cover * cover) continue;
                const Corner& a = map.corners[corner_of(v, polygon, k)];
                LobuleMap::Septum s{a.x, a.y, 0, 0, 0, a.tract_radius, 0};
                const Corner& b = map.corners[corner_of(v, polygon, k + 1 == polygon.count ? 0 : k + 1)];
                s.length = distance(s.x, s.y, b.x, b.y);
                s.radius_to = b.tract_radius;
                if (s.length < 1e-6) continue;
                s.along_x = (b.x - s.x) / s.length;
                s.along_y = (b.y - s.y) / s.length;
                map.septa_.push_back(s);
            }
        }
    }
    return map;
}

CentralVein Lobules::lobule_of(double x, double y) const {
    const double row_height = spacing_ * 0.5 * sqrt3;
    const auto middle_row = std::int32_t(std::floor(y / row_height));
    CentralVein best{};
    double best_d2 = std::numeric_limits<double>::infinity();
    for (std::int32_t row = middle_row - 1; row <= middle_row + 2; ++row) {
        const auto middle = std::int32_t(std::floor(x / spacing_ - 0.5 * row));
        for (std::int32_t column = middle - 1; column <= middle + 2; ++column) {
            const CentralVein v = vein(column, row);
            const double d2 = (x - v.x) * (x - v.x) + (y - v.y) * (y - v.y);
            if (d2 < best_d2) best_d2 = d2, best = v;
        }
    }
    return best;
}

}  // namespace stellate::liver
