#include "histology/endpoints.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <string>

#include "core/error.hpp"

namespace stellate::histology {

namespace {

constexpr double mm2 = 1e6;  // um^2

bool is_hsc(CellClass c) {
    return c == CellClass::hsc_quiescent || c == CellClass::hsc_activated || c == CellClass::hsc_reverted;
}
bool has(std::uint8_t flags, std::uint8_t what) { return (flags & what) != 0; }
bool stromal_alpha_sma(std::uint8_t flags) { return has(flags, flag::alpha_sma) && !has(flags, flag::vessel_wall); }

// The pixel a place falls in; places on the far edge belong to the last pixel.
std::size_t pixel_at(const Window& w, double x, double y) {
    const int i = std::clamp(static_cast<int>((x - w.x0_um) / w.pixel_um), 0, w.width - 1);
    const int j = std::clamp(static_cast<int>((y - w.y0_um) / w.pixel_um), 0, w.height - 1);
    return static_cast<std::size_t>(j) * w.width + i;
}

std::int64_t count(const Mask& mask) {
    std::int64_t total = 0;
    for (const std::uint8_t m : mask) total += m;
    return total;
}

std::int64_t count_both(const Mask& a, const Mask& b) {
    std::int64_t total = 0;
    for (std::size_t p = 0; p < a.size(); ++p) total += a[p] & b[p];
    return total;
}

std::optional<double> ratio(double part, double whole, double scale = 1) {
    if (!(whole > 0)) return std::nullopt;
    return part / whole * scale;
}

// Separate objects of a mask: connected over edges and corners.
int objects(Mask mask, const Window& w) {
    int found = 0;
    std::vector<std::size_t> open;
    for (std::size_t start = 0; start < mask.size(); ++start) {
        if (!mask[start]) continue;
        ++found;
        mask[start] = 0;
        open.push_back(start);
        while (!open.empty()) {
            const std::size_t p = open.back();
            open.pop_back();
            const int i = static_cast<int>(p % w.width), j = static_cast<int>(p / w.width);
            for (int nj = std::max(j - 1, 0); nj <= std::min(j + 1, w.height - 1); ++nj)
                for (int ni = std::max(i - 1, 0); ni <= std::min(i + 1, w.width - 1); ++ni) {
                    const std::size_t q = static_cast<std::size_t>(nj) * w.width + ni;
                    if (!mask[q]) continue;
                    mask[q] = 0;
                    open.push_back(q);
                }
        }
    }
    return found;
}

struct Lengths {
    double all = 0, perfused = 0;  // um inside the outline
};

// Length in space of new vessels inside the outline, in steps of at most half a micrometre.
Lengths vessel_length_inside(const Section& s, const SectionMasks& masks) {
    Lengths sum;
    for (const VesselSegment& v : s.vessels) {
        const double dx = v.x1_um - v.x0_um, dy = v.y1_um - v.y0_um, length = v.length_um();
        const int steps = std::max(1, static_cast<int>(std::ceil(length / 0.5)));
        int inside = 0;
        for (int k = 0; k < steps; ++k) {
            const double t = (k + 0.5) / steps;
            inside += masks.outline[pixel_at(masks.window, v.x0_um + t * dx, v.y0_um + t * dy)];
        }
        sum.all += length * inside / steps;
        if (v.perfused) sum.perfused += length * inside / steps;
    }
    return sum;
}

// Does a place with a surface at `radius` have the centre of an alpha-SMA-positive cell within reach? Bins of one
// reach.
class Company {
public:
    Company(const Section& s, double reach) : cells_(s.cells), reach_(reach) {
        bin_ = reach;
        across_ = static_cast<int>(std::ceil(s.width_um / bin_)) + 1;
        down_ = static_cast<int>(std::ceil(s.height_um / bin_)) + 1;
        rows_.resize(static_cast<std::size_t>(across_) * down_);
        for (std::size_t i = 0; i < cells_.size(); ++i)
            if (stromal_alpha_sma(cells_.flags[i]) && !has(cells_.flags[i], flag::dying))
                rows_[bin_of(cells_.x_um[i], cells_.y_um[i])].push_back(static_cast<std::int32_t>(i));
    }
    bool near(double x, double y, double radius) const {
        const double reach = reach_ + radius;
        const int span = static_cast<int>(std::ceil(reach / bin_));
        const int bx = column(x), by = row(y);
        for (int j = std::max(by - span, 0); j <= std::min(by + span, down_ - 1); ++j)
            for (int i = std::max(bx - span, 0); i <= std::min(bx + span, across_ - 1); ++i)
                for (const std::int32_t c : rows_[static_cast<std::size_t>(j) * across_ + i]) {
                    const double dx = cells_.x_um[c] - x, dy = cells_.y_um[c] - y;
                    if (dx * dx + dy * dy <= reach * reach) return true;
                }
        return false;
    }

private:
    int column(double x) const { return std::clamp(static_cast<int>(x / bin_), 0, across_ - 1); }
    int row(double y) const { return std::clamp(static_cast<int>(y / bin_), 0, down_ - 1); }
    std::size_t bin_of(double x, double y) const { return static_cast<std::size_t>(row(y)) * across_ + column(x); }

    const SectionCells& cells_;
    double reach_, bin_ = 0;
    int across_ = 0, down_ = 0;
    std::vector<std::vector<std::int32_t>> rows_;
};

struct Surrounded {
    int arrested = 0;
    std::optional<double> share_percent, chance_percent;
};

// Odds that a tumour cell sticks at a place; like the cells, they belong to a voxel and are not interpolated.
double arrest_odds_at(const Section& s, double x, double y) {
    if (!s.arrest_odds.empty()) {
        const auto i = static_cast<std::size_t>(std::min(static_cast<int>(x / s.voxel_um), s.nx - 1)),
                   j = static_cast<std::size_t>(std::min(static_cast<int>(y / s.voxel_um), s.ny - 1));
        return double(s.arrest_odds[j * static_cast<std::size_t>(s.nx) + i]);
    }
    const bool in_structure = std::any_of(s.structures.begin(), s.structures.end(), [&](const Structure& v) {
        const double dx = v.x_um - x, dy = v.y_um - y;
        return dx * dx + dy * dy < double(v.radius_um) * v.radius_um;
    });
    return in_structure ? 0 : 1;
}

// Arrested tumour cells with company, and what share of them would have it by chance: even points outside foci, each
// counted by the odds of arrest there and given the mean radius of the arrested cells. The points are the additive
// recurrence on the plastic number (Roberts 2018).
Surrounded surrounded(const Section& s, const SectionMasks& masks, const EndpointSettings& settings) {
    const Company company(s, settings.company_um);
    Surrounded result;
    int accompanied = 0;
    double radius = 0;
    for (const std::int32_t i : masks.tumour_cells) {
        const std::uint8_t flags = s.cells.flags[i];
        if (!has(flags, flag::arrested) || has(flags, flag::dying)) continue;
        ++result.arrested;
        radius += s.cells.radius_um[i];
        accompanied += company.near(s.cells.x_um[i], s.cells.y_um[i], s.cells.radius_um[i]);
    }
    if (result.arrested == 0) return result;
    radius /= result.arrested;
    result.share_percent = 100.0 * accompanied / result.arrested;

    double all = 0, met = 0;
    for (int k = 1; k <= settings.chance_points; ++k) {
        const double u = 0.7548776662466927 * k, v = 0.5698402909980532 * k;
        const double x = (u - std::floor(u)) * s.width_um, y = (v - std::floor(v)) * s.height_um;
        if (masks.outline[pixel_at(masks.window, x, y)]) continue;
        const double odds = arrest_odds_at(s, x, y);
        if (odds == 0) continue;
        all += odds;
        if (company.near(x, y, radius)) met += odds;
    }
    result.chance_percent = ratio(met, all, 100);
    return result;
}

std::vector<Focus> describe_foci(const SectionMasks& masks) {
    std::vector<Focus> foci(masks.foci.size());
    std::vector<double> x(foci.size()), y(foci.size());
    std::vector<std::int64_t> pixels(foci.size());
    const Window& w = masks.window;
    for (int j = 0; j < w.height; ++j)
        for (int i = 0; i < w.width; ++i) {
            const std::int32_t f = masks.focus_of[static_cast<std::size_t>(j) * w.width + i];
            if (f < 0) continue;
            ++pixels[f];
            x[f] += w.x_of(i);
            y[f] += w.y_of(j);
        }
    for (std::size_t f = 0; f < foci.size(); ++f) {
        foci[f].cells = masks.foci.cells[f];
        foci[f].area_um2 = static_cast<double>(pixels[f]) * w.pixel_um * w.pixel_um;
        foci[f].diameter_um = 2 * std::sqrt(foci[f].area_um2 / std::numbers::pi);
        if (pixels[f] > 0) {
            foci[f].x_um = x[f] / static_cast<double>(pixels[f]);
            foci[f].y_um = y[f] / static_cast<double>(pixels[f]);
        }
    }
    return foci;
}

struct Counted {
    std::int64_t inside = 0, rim = 0;
};

}  // namespace

SectionMasks outline_foci(const Section& s, const EndpointSettings& settings) {
    SectionMasks masks;
    const Window w = masks.window = whole(s, settings.pixel_um);
    std::vector<float> x, y;
    std::vector<std::uint8_t> living;
    for (std::size_t i = 0; i < s.cells.size(); ++i) {
        if (s.cells.cell_class[i] != CellClass::tumour) continue;
        living.push_back(!has(s.cells.flags[i], flag::dying));
        masks.tumour_cells.push_back(static_cast<std::int32_t>(i));
        x.push_back(s.cells.x_um[i]);
        y.push_back(s.cells.y_um[i]);
    }
    masks.foci = link_foci(x, y, {}, living, settings.link_um, settings.least_cells);

    Mask cells(w.pixels(), 0);
    std::vector<std::int32_t> owner(w.pixels(), -1);
    for (std::size_t k = 0; k < masks.tumour_cells.size(); ++k) {
        const std::int32_t focus = masks.foci.focus_of[k];
        if (focus < 0) continue;
        const std::int32_t row = masks.tumour_cells[k];
        const double r = s.cells.radius_um[row], cx = s.cells.x_um[row], cy = s.cells.y_um[row];
        fill_disc(cells, w, cx, cy, r);
        const int reach = static_cast<int>(r / w.pixel_um) + 1;
        const int ci = static_cast<int>((cx - w.x0_um) / w.pixel_um),
                  cj = static_cast<int>((cy - w.y0_um) / w.pixel_um);
        for (int j = std::max(cj - reach, 0); j <= std::min(cj + reach, w.height - 1); ++j)
            for (int i = std::max(ci - reach, 0); i <= std::min(ci + reach, w.width - 1); ++i) {
                const std::size_t p = static_cast<std::size_t>(j) * w.width + i;
                if (cells[p] && owner[p] < 0) owner[p] = focus;
            }
    }
    std::vector<std::int32_t> nearest;
    masks.outline = closed(cells, w.size(), settings.link_um / 2 / w.pixel_um, &nearest);
    masks.focus_of.assign(w.pixels(), -1);
    for (std::size_t p = 0; p < w.pixels(); ++p)
        if (masks.outline[p]) masks.focus_of[p] = owner[static_cast<std::size_t>(nearest[p])];
    masks.squared_distance = distance_map(masks.outline, w.size()).squared;
    return masks;
}

Mask collagen_positive(const Section& s, const Window& w, const EndpointSettings& settings) {
    const std::vector<float> collagen = local_collagen(s, w, settings.fibre_contrast);
    Mask mask(w.pixels());
    for (std::size_t p = 0; p < mask.size(); ++p)
        mask[p] = double(collagen[p]) >= settings.collagen_threshold_mg_per_ml;
    return mask;
}

Mask alpha_sma_positive(const Section& s, const Window& w) {
    Mask mask(w.pixels(), 0);
    for (std::size_t i = 0; i < s.cells.size(); ++i) {
        if (!stromal_alpha_sma(s.cells.flags[i])) continue;
        if (is_spindle(s.cells.cell_class[i]))
            fill_spindle(mask, w, spindle_of(s, i));
        else
            fill_disc(mask, w, s.cells.x_um[i], s.cells.y_um[i], s.cells.radius_um[i]);
    }
    return mask;
}

Mask cd31_positive(const Section& s, const Window& w) {
    Mask mask(w.pixels(), 0);
    for (const VesselSegment& v : s.vessels) fill_capsule(mask, w, v);
    for (std::size_t i = 0; i < s.cells.size(); ++i)
        if (s.cells.cell_class[i] == CellClass::endothelial_tip) fill_spindle(mask, w, spindle_of(s, i));
    return mask;
}

std::optional<double> SectionEndpoints::get(std::string_view id) const {
    for (const EndpointValue& v : values)
        if (v.id == id) return v.value;
    STELLATE_ASSERT(false, id);
}

SectionEndpoints measure(const Section& s, const EndpointSettings& settings) {
    check(s);
    const SectionMasks masks = outline_foci(s, settings);
    const Window& w = masks.window;
    const double pixel_mm2 = w.pixel_um * w.pixel_um / mm2;
    const double section_mm2 = static_cast<double>(w.pixels()) * pixel_mm2;
    const double tumour_pixels = static_cast<double>(count(masks.outline));
    const double tumour_mm2 = tumour_pixels * pixel_mm2;
    const auto within = [&](double um, std::size_t p) {
        const double pixels = um / w.pixel_um;
        return double(masks.squared_distance[p]) <= pixels * pixels;
    };
    Mask rim(w.pixels()), near(w.pixels());
    for (std::size_t p = 0; p < w.pixels(); ++p) {
        rim[p] = !masks.outline[p] && within(settings.rim_um, p);
        near[p] = within(settings.near_um, p);
    }
    const double rim_pixels = static_cast<double>(count(rim)), rim_mm2 = rim_pixels * pixel_mm2;
    const double near_mm2 = static_cast<double>(count(near)) * pixel_mm2;

    SectionEndpoints result;
    result.foci = describe_foci(masks);
    const auto put = [&](const char* id, std::optional<double> value) {
        const EndpointDefinition& d = endpoint_definitions()[result.values.size()];
        STELLATE_ASSERT(std::string_view(d.id) == id, d.id, id);
        result.values.push_back({d.id, d.unit, value});
    };

    const auto foci = static_cast<double>(result.foci.size());
    put("metastatic_area", 100 * tumour_mm2 / section_mm2);
    put("foci_count", foci);
    put("foci_density", foci / section_mm2);
    double diameters = 0, largest = 0;
    for (const Focus& f : result.foci) {
        diameters += f.diameter_um;
        largest = std::max(largest, f.diameter_um);
    }
    put("focus_diameter_mean", ratio(diameters, foci));
    put("focus_diameter_largest", result.foci.empty() ? std::nullopt : std::optional(largest));

    const Mask collagen = collagen_positive(s, w, settings);
    put("collagen_area_tumour", ratio(static_cast<double>(count_both(collagen, masks.outline)), tumour_pixels, 100));
    put("collagen_area_section", ratio(static_cast<double>(count(collagen)), static_cast<double>(w.pixels()), 100));
    const Mask sma = alpha_sma_positive(s, w);
    put("alpha_sma_area_tumour", ratio(static_cast<double>(count_both(sma, masks.outline)), tumour_pixels, 100));
    put("alpha_sma_area_rim", ratio(static_cast<double>(count_both(sma, rim)), rim_pixels, 100));
    put("alpha_sma_area_section", ratio(static_cast<double>(count(sma)), static_cast<double>(w.pixels()), 100));

    // Profiles per area of a thin section = length per volume / 2 for vessels of any direction (Smith & Guttman 1953).
    const Lengths length = vessel_length_inside(s, masks);
    const double tumour_mm3 = tumour_mm2 * s.thickness_um * 1e-3;
    put("cd31_vessel_density", ratio(length.all * 1e-3 / 2, tumour_mm3));
    Mask cd31 = cd31_positive(s, w);
    for (std::size_t p = 0; p < cd31.size(); ++p) cd31[p] &= masks.outline[p];
    put("cd31_profiles_counted", ratio(objects(cd31, w), tumour_mm2));
    put("cd31_area", ratio(static_cast<double>(count(cd31)), tumour_pixels, 100));
    put("cd31_perfused_share", ratio(length.perfused, length.all, 100));

    std::array<Counted, static_cast<std::size_t>(CellClass::count)> where{};
    std::array<std::int64_t, static_cast<std::size_t>(CellClass::count)> alive{};
    std::int64_t dying = 0, alpha_sma = 0, hsc = 0, hsc_near = 0;
    for (std::size_t i = 0; i < s.cells.size(); ++i) {
        const std::uint8_t flags = s.cells.flags[i];
        if (has(flags, flag::dying)) {
            ++dying;
            continue;
        }
        const CellClass c = s.cells.cell_class[i];
        const auto k = static_cast<std::size_t>(c);
        const std::size_t p = pixel_at(w, s.cells.x_um[i], s.cells.y_um[i]);
        ++alive[k];
        Counted& n = where[static_cast<std::size_t>(is_cd8(c) ? CellClass::cd8 : c)];
        n.inside += masks.outline[p];
        n.rim += rim[p];
        alpha_sma += stromal_alpha_sma(flags);
        hsc += is_hsc(c);
        hsc_near += is_hsc(c) && near[p];
    }
    const auto densities = [&](CellClass c, const char* inside, const char* at_rim) {
        const Counted& n = where[static_cast<std::size_t>(c)];
        put(inside, ratio(static_cast<double>(n.inside), tumour_mm2));
        put(at_rim, ratio(static_cast<double>(n.rim), rim_mm2));
    };
    densities(CellClass::cd8, "cd8_density_inside", "cd8_density_rim");
    densities(CellClass::nk, "nk_density_inside", "nk_density_rim");
    densities(CellClass::mdsc, "mdsc_density_inside", "mdsc_density_rim");

    std::int64_t living = 0, cycling = 0;
    for (std::size_t k = 0; k < masks.tumour_cells.size(); ++k) {
        const std::uint8_t flags = s.cells.flags[masks.tumour_cells[k]];
        if (masks.foci.focus_of[k] < 0 || has(flags, flag::dying)) continue;
        ++living;
        cycling += has(flags, flag::ki67);
    }
    put("ki67_fraction", ratio(static_cast<double>(cycling), static_cast<double>(living), 100));

    const std::vector<float> oxygen = at_pixels(s, s.oxygen_mmhg, w);
    std::int64_t hypoxic = 0;
    for (std::size_t p = 0; p < w.pixels(); ++p)
        hypoxic += masks.outline[p] && double(oxygen[p]) < settings.hypoxia_mmhg;
    put("hypoxic_fraction", ratio(static_cast<double>(hypoxic), tumour_pixels, 100));

    put("hsc_density_near_tumour", ratio(static_cast<double>(hsc_near), near_mm2));
    put("hsc_density_section", static_cast<double>(hsc) / section_mm2);
    const Surrounded company = surrounded(s, masks, settings);
    put("arrested_cells", company.arrested);
    put("surrounded_share", company.share_percent);
    put("surrounded_by_chance", company.chance_percent);
    for (std::size_t c = 0; c < alive.size(); ++c) {
        const std::string id = std::string("cells_") + name_of(static_cast<CellClass>(c));
        put(id.c_str(), static_cast<double>(alive[c]));
    }
    put("cells_dying", static_cast<double>(dying));
    put("cells_alpha_sma", static_cast<double>(alpha_sma));
    return result;
}

Place centre_of_interest(const Section& s, const EndpointSettings& settings) {
    const std::vector<Focus> foci = describe_foci(outline_foci(s, settings));
    const Focus* best = nullptr;
    for (const Focus& f : foci)
        if (!best || f.area_um2 > best->area_um2) best = &f;
    if (best) return {best->x_um, best->y_um};
    // Without foci the tumour cell nearest to the middle.
    Place place{s.width_um / 2, s.height_um / 2};
    const Place middle = place;
    double nearest = std::numeric_limits<double>::infinity();
    for (std::size_t n = 0; n < s.cells.size(); ++n) {
        if (s.cells.cell_class[n] != CellClass::tumour) continue;
        const double dx = s.cells.x_um[n] - middle.x_um, dy = s.cells.y_um[n] - middle.y_um, d2 = dx * dx + dy * dy;
        if (d2 < nearest) nearest = d2, place = {s.cells.x_um[n], s.cells.y_um[n]};
    }
    return place;
}

}  // namespace stellate::histology
