// From a world to what the bench gets: sections, the points of a block, counts of cells. Virtual bricks are filled in
// from anatomy, so a sample shows the whole tissue however little of it is in memory. Reads a world, changes nothing.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "histology/block.hpp"
#include "histology/focus_families.hpp"
#include "histology/section.hpp"
#include "simulation/world.hpp"

namespace stellate::laboratory {

// What the microscope calls each cell type of a model.
struct CellLook {
    histology::CellClass cell_class;
    std::uint8_t flags;  // those that do not change while the cell keeps its type
};
// [type]; the type without cells (blood) is absent_class. Throws InputError naming a type whose appearance is unknown.
std::vector<CellLook> class_map(const Model& model);
inline constexpr histology::CellClass absent_class = histology::CellClass::count;

// One voxel layer (20 um) of the tissue, seen from above; a section has the one layer 0, a block nz x 8.
template <class Shape>
histology::Section section_of(const World<Shape>& world, int layer = 0);

// Layers that `count` sections evenly spaced through `layers` lie on, each in the middle of its share.
std::vector<int> section_layers(int layers, int count);

// All cells of a block but its hepatocytes, which no endpoint of a block reads.
histology::BlockCells block_cells_of(const World<BlockShape>& world);

// How much of the tissue is being stepped.
struct Awake {
    double bricks_in_memory = 0, cells_awake = 0, fields_awake = 0;  // shares of all bricks, 0..1
};
template <class Shape>
Awake awake_share(const World<Shape>& world);

// Living tumour cells at this moment, arrested ones included. Cheap enough for every tick.
template <class Shape>
std::uint64_t living_tumour_cells(const World<Shape>& world);

// Living cells that a healthy liver does not hold (tumour, activated stellate, recruited cells): cheap, for every day.
struct DayCounts {
    double day = 0;
    std::vector<std::uint64_t> living;  // [type], of cells in memory
    int foci = 0;                       // groups of tumour cells as the endpoints link them
    // What has reached them: of the foci, those with an alpha-SMA-positive cell within the linking distance of a tumour
    // cell, with the middle of a new vessel's segment there, and with both.
    int foci_alpha_sma = 0, foci_vessels = 0, foci_both = 0;
    histology::FocusFamilies descent;  // of these foci
    std::uint64_t tumour_cells = 0;
    Awake awake;  // at that moment
};
template <class Shape>
DayCounts count_cells(const World<Shape>& world, double link_um, int least_cells);

}  // namespace stellate::laboratory
