// Endpoints of a block of tissue in 3-D, over points: the same linking, outline and rim as in a section, with volumes
// on a 4-um raster in the place of areas. What a thin section of the block would show follows from the stereological
// identity N_A = N_V x mean diameter.
//
// It reads no voxel field: collagen, oxygen and vessels of a block are scored on sections cut from it.
#pragma once

#include <span>
#include <vector>

#include "histology/endpoints.hpp"

namespace stellate::histology {

// Columns of equal length; the block reaches from the origin to its extents.
struct BlockCells {
    double width_um = 0, height_um = 0, depth_um = 0;
    std::vector<float> x_um, y_um, z_um, radius_um;
    std::vector<CellClass> cell_class;
    std::vector<std::uint8_t> flags;

    std::size_t size() const { return x_um.size(); }
};

struct BlockFocus {
    int cells = 0;
    double volume_um3 = 0;
    double diameter_um = 0;  // of the ball of that volume
    double x_um = 0, y_um = 0, z_um = 0;
};

struct BlockEndpoints {
    std::vector<BlockFocus> foci;
    std::vector<EndpointValue> values;
    std::optional<double> get(std::string_view id) const;
};

inline constexpr double block_raster_um = 4;

// Throws InputError if columns differ in length, extents or radii are not positive, or the raster passes 2^31 voxels.
BlockEndpoints measure_block(const BlockCells& cells, const EndpointSettings& settings = {},
                             double voxel_um = block_raster_um);

// Profiles per area that a slab of `thickness_um` shows of bodies of `per_volume` and mean diameter `diameter_um`
// (all in um): N_A = N_V (D + t). Thickness 0 is a section thin against the bodies.
inline double profiles_per_area(double per_volume, double diameter_um, double thickness_um = 0) {
    return per_volume * (diameter_um + thickness_um);
}

}  // namespace stellate::histology
