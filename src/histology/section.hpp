// What the microscope gets: one tissue section as plain columns and rasters, free of the simulation that made it.
// Whoever cuts a section (or types one by hand in a test) fills this struct; stains and endpoints read nothing else.
//
// A section is a slab of `thickness_um` seen from above: x to the right, y down, in um from the section's corner.
// It does not hold fields that no stain and no endpoint reads.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace stellate::histology {

enum class CellClass : std::uint8_t {
    hepatocyte,
    lsec,     // resident sinusoidal endothelium
    kupffer,  // resident and recruited macrophages
    hsc_quiescent,
    hsc_activated,
    hsc_reverted,
    portal_fibroblast,
    portal_myofibroblast,
    tumour,
    nk,
    cd8,
    cd8_exhausted,
    mdsc,             // myeloid suppressor
    endothelial_tip,  // tip cell of a new vessel
    count
};

// The name used in tables ("hsc_activated").
const char* name_of(CellClass cell_class);
// What the CD8 stain shows, whatever the cell can still do.
constexpr bool is_cd8(CellClass c) { return c == CellClass::cd8 || c == CellClass::cd8_exhausted; }

// State of one cell, or-ed together.
namespace flag {
inline constexpr std::uint8_t ki67 = 1;          // in cycle
inline constexpr std::uint8_t alpha_sma = 2;     // alpha-smooth-muscle actin positive
inline constexpr std::uint8_t pigmented = 4;     // carries melanin
inline constexpr std::uint8_t dying = 8;         // committed to death, not yet cleared
inline constexpr std::uint8_t arrested = 16;     // tumour cell stuck in a sinusoid
inline constexpr std::uint8_t vessel_wall = 32;  // smooth muscle or pericyte of a vessel's wall: never a stromal cell
}  // namespace flag

// One row a cell; all columns have the same length.
struct SectionCells {
    std::vector<float> x_um, y_um;
    std::vector<float> radius_um;
    std::vector<CellClass> cell_class;
    std::vector<std::uint8_t> flags;
    std::vector<std::uint64_t> id;  // only decides a cell's looks, so that it looks the same on every day

    std::size_t size() const { return x_um.size(); }
    void add(float x, float y, float radius, CellClass what, std::uint8_t state = 0, std::uint64_t identity = 0);
};

// A new (angiogenic, CD31-positive) vessel segment whose middle lies in the section, as seen from above.
struct VesselSegment {
    float x0_um, y0_um, x1_um, y1_um;
    float radius_um;  // of the lumen with its wall
    bool perfused;
    float rise_um = 0;  // from one end to the other across the plane: its length in space is more than what is seen

    double length_um() const {
        const double dx = double(x1_um) - x0_um, dy = double(y1_um) - y0_um, dz = rise_um;
        return std::sqrt(dx * dx + dy * dy + dz * dz);
    }
};

// Large resident vessels and ducts cut across. `radius_um` reaches to the outside of the wall.
struct Structure {
    enum class Kind : std::uint8_t { central_vein, portal_vein, bile_duct, hepatic_artery };
    float x_um, y_um, radius_um;
    Kind kind;
};

struct Section {
    double width_um = 0, height_um = 0, thickness_um = 0;
    SectionCells cells;

    // Voxel rasters, [ny][nx] with x fastest, values at voxel centres.
    double voxel_um = 20;
    int nx = 0, ny = 0;
    std::vector<float> collagen_mg_per_ml;
    std::vector<float> fibre_angle;  // radians from the x axis, modulo pi
    std::vector<float> oxygen_mmhg;
    std::vector<float> sinusoid_perfusion;  // 0 pressed shut .. 1 open
    // Unit direction of sinusoidal blood, 0 where there is none; both empty: not known.
    std::vector<float> flow_x, flow_y;
    // Odds that a tumour cell that comes here sticks, 0..1; empty: not known, the same everywhere outside `structures`.
    std::vector<float> arrest_odds;

    std::vector<VesselSegment> vessels;
    std::vector<Structure> structures;
};

// Throws InputError naming the first column or raster whose length or content cannot be (lengths differ, sizes not
// positive, values not finite, radii not positive).
void check(const Section& section);

}  // namespace stellate::histology
