#include "histology/section.hpp"

#include <cmath>
#include <string>

#include "core/error.hpp"

namespace stellate::histology {

const char* name_of(CellClass cell_class) {
    switch (cell_class) {
        case CellClass::hepatocyte:
            return "hepatocyte";
        case CellClass::lsec:
            return "lsec";
        case CellClass::kupffer:
            return "kupffer";
        case CellClass::hsc_quiescent:
            return "hsc_quiescent";
        case CellClass::hsc_activated:
            return "hsc_activated";
        case CellClass::hsc_reverted:
            return "hsc_reverted";
        case CellClass::portal_fibroblast:
            return "portal_fibroblast";
        case CellClass::portal_myofibroblast:
            return "portal_myofibroblast";
        case CellClass::tumour:
            return "tumour";
        case CellClass::nk:
            return "nk";
        case CellClass::cd8:
            return "cd8";
        case CellClass::cd8_exhausted:
            return "cd8_exhausted";
        case CellClass::mdsc:
            return "mdsc";
        case CellClass::endothelial_tip:
            return "endothelial_tip";
        case CellClass::count:
            break;
    }
    STELLATE_ASSERT(false, static_cast<int>(cell_class));
}

void SectionCells::add(float x, float y, float radius, CellClass what, std::uint8_t state, std::uint64_t identity) {
    x_um.push_back(x);
    y_um.push_back(y);
    radius_um.push_back(radius);
    cell_class.push_back(what);
    flags.push_back(state);
    id.push_back(identity);
}

namespace {
[[noreturn]] void refuse(const std::string& key, const std::string& message) {
    throw InputError({}, "section." + key, message);
}

template <class Values>
void need_length(const Values& values, std::size_t expected, const char* key) {
    if (values.size() != expected)
        refuse(key, "has " + std::to_string(values.size()) + " values, expected " + std::to_string(expected));
}

void need_finite(const std::vector<float>& values, const char* key) {
    for (std::size_t i = 0; i < values.size(); ++i)
        if (!std::isfinite(values[i])) refuse(key, "value " + std::to_string(i) + " is not a finite number");
}
}  // namespace

void check(const Section& s) {
    if (!(s.width_um > 0) || !(s.height_um > 0) || !(s.thickness_um > 0))
        refuse("width_um", "width, height and thickness must be positive");
    if (!(s.voxel_um > 0) || s.nx <= 0 || s.ny <= 0) refuse("nx", "the voxel raster must have a positive size");
    if (s.nx * s.voxel_um < s.width_um || s.ny * s.voxel_um < s.height_um)
        refuse("nx", "the voxel raster must cover the section");
    const std::size_t voxels = static_cast<std::size_t>(s.nx) * s.ny;
    need_length(s.collagen_mg_per_ml, voxels, "collagen_mg_per_ml");
    need_length(s.fibre_angle, voxels, "fibre_angle");
    need_length(s.oxygen_mmhg, voxels, "oxygen_mmhg");
    need_length(s.sinusoid_perfusion, voxels, "sinusoid_perfusion");
    need_finite(s.collagen_mg_per_ml, "collagen_mg_per_ml");
    need_finite(s.fibre_angle, "fibre_angle");
    need_finite(s.oxygen_mmhg, "oxygen_mmhg");
    need_finite(s.sinusoid_perfusion, "sinusoid_perfusion");
    if (!s.flow_x.empty() || !s.flow_y.empty()) {
        need_length(s.flow_x, voxels, "flow_x");
        need_length(s.flow_y, voxels, "flow_y");
        need_finite(s.flow_x, "flow_x");
        need_finite(s.flow_y, "flow_y");
    }
    if (!s.arrest_odds.empty()) need_length(s.arrest_odds, voxels, "arrest_odds");
    for (const float odds : s.arrest_odds)
        if (!(odds >= 0 && odds <= 1)) refuse("arrest_odds", "odds must lie in [0, 1]");

    const std::size_t cells = s.cells.size();
    need_length(s.cells.y_um, cells, "cells.y_um");
    need_length(s.cells.radius_um, cells, "cells.radius_um");
    need_length(s.cells.cell_class, cells, "cells.cell_class");
    need_length(s.cells.flags, cells, "cells.flags");
    need_length(s.cells.id, cells, "cells.id");
    need_finite(s.cells.x_um, "cells.x_um");
    need_finite(s.cells.y_um, "cells.y_um");
    need_finite(s.cells.radius_um, "cells.radius_um");
    for (std::size_t i = 0; i < cells; ++i) {
        if (!(s.cells.radius_um[i] > 0) || s.cells.radius_um[i] > 100)
            refuse("cells.radius_um", "cell " + std::to_string(i) + ": a radius must lie in (0, 100] um");
        if (s.cells.cell_class[i] >= CellClass::count)
            refuse("cells.cell_class", "cell " + std::to_string(i) + " has an unknown class");
    }
    for (const VesselSegment& v : s.vessels)
        if (!std::isfinite(v.x0_um + v.y0_um + v.x1_um + v.y1_um + v.rise_um) || !(v.radius_um > 0))
            refuse("vessels", "a segment needs finite ends and a positive radius");
    for (const Structure& v : s.structures)
        if (!std::isfinite(v.x_um + v.y_um) || !(v.radius_um > 0))
            refuse("structures", "a structure needs a finite centre and a positive radius");
}

}  // namespace stellate::histology
