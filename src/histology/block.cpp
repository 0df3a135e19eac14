#include "histology/block.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "core/error.hpp"

namespace stellate::histology {

namespace {

constexpr double mm3 = 1e9;  // um^3

RasterSize raster_of(const BlockCells& c, double voxel_um) {
    const std::size_t n = c.size();
    if (c.y_um.size() != n || c.z_um.size() != n || c.radius_um.size() != n || c.cell_class.size() != n ||
        c.flags.size() != n)
        throw InputError({}, "block.cells", "columns differ in length");
    if (!(c.width_um > 0) || !(c.height_um > 0) || !(c.depth_um > 0) || !(voxel_um > 0))
        throw InputError({}, "block.width_um", "extents and voxel must be positive");
    for (std::size_t i = 0; i < n; ++i)
        if (!std::isfinite(c.x_um[i] + c.y_um[i] + c.z_um[i]) || !(c.radius_um[i] > 0))
            throw InputError({}, "block.cells",
                             "cell " + std::to_string(i) + " needs a finite place and a positive radius");
    const auto steps = [&](double extent) { return std::ceil(extent / voxel_um - 1e-9); };
    const double voxels = steps(c.width_um) * steps(c.height_um) * steps(c.depth_um);
    if (voxels >= 2147483648.0) throw InputError({}, "block.width_um", "too large for a raster of this voxel");
    return {static_cast<int>(steps(c.width_um)), static_cast<int>(steps(c.height_um)),
            static_cast<int>(steps(c.depth_um))};
}

std::size_t voxel_at(const RasterSize& size, double voxel_um, double x, double y, double z) {
    const auto index = [&](double v, int n) { return std::clamp(static_cast<int>(v / voxel_um), 0, n - 1); };
    return (static_cast<std::size_t>(index(z, size.depth)) * size.height + index(y, size.height)) * size.width +
           index(x, size.width);
}

// Visits the voxels whose centre lies in a ball.
template <class Visit>
void for_ball(const RasterSize& size, double voxel_um, double x, double y, double z, double radius, Visit&& visit) {
    const auto low = [&](double v) { return std::max(static_cast<int>(std::floor((v - radius) / voxel_um - 0.5)), 0); };
    const auto high = [&](double v, int n) {
        return std::min(static_cast<int>(std::floor((v + radius) / voxel_um - 0.5)) + 1, n - 1);
    };
    for (int k = low(z); k <= high(z, size.depth); ++k)
        for (int j = low(y); j <= high(y, size.height); ++j)
            for (int i = low(x); i <= high(x, size.width); ++i) {
                const double dx = (i + 0.5) * voxel_um - x, dy = (j + 0.5) * voxel_um - y,
                             dz = (k + 0.5) * voxel_um - z;
                if (dx * dx + dy * dy + dz * dz <= radius * radius)
                    visit((static_cast<std::size_t>(k) * size.height + j) * size.width + i);
            }
}

}  // namespace

std::optional<double> BlockEndpoints::get(std::string_view id) const {
    for (const EndpointValue& v : values)
        if (v.id == id) return v.value;
    STELLATE_ASSERT(false, id);
}

BlockEndpoints measure_block(const BlockCells& c, const EndpointSettings& settings, double voxel_um) {
    const RasterSize size = raster_of(c, voxel_um);
    std::vector<std::int32_t> rows;
    std::vector<float> x, y, z;
    std::vector<std::uint8_t> living_rows;
    for (std::size_t i = 0; i < c.size(); ++i) {
        if (c.cell_class[i] != CellClass::tumour) continue;
        rows.push_back(static_cast<std::int32_t>(i));
        living_rows.push_back((c.flags[i] & flag::dying) == 0);
        x.push_back(c.x_um[i]);
        y.push_back(c.y_um[i]);
        z.push_back(c.z_um[i]);
    }
    const Foci linked = link_foci(x, y, z, living_rows, settings.link_um, settings.least_cells);

    Mask cells(size.pixels(), 0);
    std::vector<std::int32_t> owner(size.pixels(), -1);
    for (std::size_t k = 0; k < rows.size(); ++k) {
        if (linked.focus_of[k] < 0) continue;
        for_ball(size, voxel_um, x[k], y[k], z[k], c.radius_um[rows[k]], [&](std::size_t v) {
            cells[v] = 1;
            if (owner[v] < 0) owner[v] = linked.focus_of[k];
        });
    }
    std::vector<std::int32_t> nearest;
    const Mask outline = closed(cells, size, settings.link_um / 2 / voxel_um, &nearest);
    const std::vector<float> distance = distance_map(outline, size).squared;
    const float rim_limit = static_cast<float>(settings.rim_um / voxel_um * (settings.rim_um / voxel_um));

    BlockEndpoints result;
    result.foci.resize(linked.size());
    std::int64_t inside_voxels = 0, rim_voxels = 0;
    std::size_t v = 0;
    for (int k = 0; k < size.depth; ++k)
        for (int j = 0; j < size.height; ++j)
            for (int i = 0; i < size.width; ++i, ++v) {
                if (outline[v]) {
                    BlockFocus& focus =
                        result.foci[static_cast<std::size_t>(owner[static_cast<std::size_t>(nearest[v])])];
                    focus.volume_um3 += 1;
                    focus.x_um += i + 0.5;
                    focus.y_um += j + 0.5;
                    focus.z_um += k + 0.5;
                    ++inside_voxels;
                } else if (distance[v] <= rim_limit) {
                    ++rim_voxels;
                }
            }
    double diameters = 0, largest = 0;
    for (std::size_t f = 0; f < result.foci.size(); ++f) {
        BlockFocus& focus = result.foci[f];
        focus.cells = linked.cells[f];
        if (focus.volume_um3 > 0)
            for (double* place : {&focus.x_um, &focus.y_um, &focus.z_um}) *place *= voxel_um / focus.volume_um3;
        focus.volume_um3 *= voxel_um * voxel_um * voxel_um;
        focus.diameter_um = std::cbrt(6 * focus.volume_um3 / std::numbers::pi);
        diameters += focus.diameter_um;
        largest = std::max(largest, focus.diameter_um);
    }

    struct Counted {
        std::int64_t inside = 0, rim = 0;
    };
    std::array<Counted, static_cast<std::size_t>(CellClass::count)> where{};
    for (std::size_t i = 0; i < c.size(); ++i) {
        if (c.flags[i] & flag::dying) continue;
        const std::size_t at = voxel_at(size, voxel_um, c.x_um[i], c.y_um[i], c.z_um[i]);
        const CellClass kind = c.cell_class[i];
        Counted& n = where[static_cast<std::size_t>(is_cd8(kind) ? CellClass::cd8 : kind)];
        n.inside += outline[at];
        n.rim += !outline[at] && distance[at] <= rim_limit;
    }
    std::int64_t living = 0, cycling = 0;
    for (std::size_t k = 0; k < rows.size(); ++k) {
        const std::uint8_t flags = c.flags[rows[k]];
        if (linked.focus_of[k] < 0 || (flags & flag::dying)) continue;
        ++living;
        cycling += (flags & flag::ki67) != 0;
    }

    const double voxel_mm3 = voxel_um * voxel_um * voxel_um / mm3;
    const double block_mm3 = static_cast<double>(size.pixels()) * voxel_mm3;
    const double tumour_mm3 = static_cast<double>(inside_voxels) * voxel_mm3,
                 rim_mm3 = static_cast<double>(rim_voxels) * voxel_mm3;
    const auto foci = static_cast<double>(result.foci.size());
    const auto ratio = [](double part, double all, double scale) -> std::optional<double> {
        return all > 0 ? std::optional(part / all * scale) : std::nullopt;
    };
    const auto put = [&](std::string_view id, std::optional<double> value) {
        for (const EndpointDefinition& d : endpoint_definitions())
            if (id == d.id) {
                result.values.push_back({d.id, d.unit, value});
                return;
            }
        STELLATE_ASSERT(false, id);
    };
    put("metastatic_volume", 100 * tumour_mm3 / block_mm3);
    put("foci_count", foci);
    put("foci_per_volume", foci / block_mm3);
    put("focus_diameter_mean", ratio(diameters, foci, 1));
    put("focus_diameter_largest", result.foci.empty() ? std::nullopt : std::optional(largest));
    put("focus_profiles_expected", foci > 0 ? profiles_per_area(foci / block_mm3, diameters / foci * 1e-3) : 0.0);
    const auto densities = [&](CellClass cell_class, std::string_view inside, std::string_view rim) {
        const Counted& n = where[static_cast<std::size_t>(cell_class)];
        put(inside, ratio(static_cast<double>(n.inside), tumour_mm3, 1));
        put(rim, ratio(static_cast<double>(n.rim), rim_mm3, 1));
    };
    densities(CellClass::cd8, "cd8_per_volume_inside", "cd8_per_volume_rim");
    densities(CellClass::nk, "nk_per_volume_inside", "nk_per_volume_rim");
    densities(CellClass::mdsc, "mdsc_per_volume_inside", "mdsc_per_volume_rim");
    put("ki67_fraction", ratio(static_cast<double>(cycling), static_cast<double>(living), 100));
    return result;
}

}  // namespace stellate::histology
