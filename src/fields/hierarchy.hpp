// Geometry of the multigrid: which cells exist on which level, the weights of their faces and of their links to voxels
// held at zero. Depends on the kinds of voxels only, in units of D / dx^2, so that every substrate shares it. Internal.
//
// Coarse cell = floor(absolute coordinate / 2), in z only if the awake voxels fill more than one plane. A level's
// balance is summed over the cell: sum_faces F (e_i - e_j) + Z e_i + S e_i = R_i, with S and R summed over the fine
// cells.
//   faces  F = (sum of the fine faces) / 2: same area, twice the distance.
//   links  Z = area / distance to the zero, per direction: moving from a fine centre to the coarse one lengthens the
//          distance by half a fine cell if the fine cell lies on the side of the zero, else shortens it. A cell whose
//          centre comes to lie beyond the zero is given up: it carries no correction, and its neighbours are linked to
//          the zero at the true distance.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "fields/kernels.hpp"
#include "fields/multigrid.hpp"

namespace stellate::fields::detail {

// One level in natural order (x fastest), cut to the cells that matter.
struct Cells {
    int x0 = 0, y0 = 0, z0 = 0, nx = 0, ny = 0, nz = 0;  // absolute coordinates of this level
    std::vector<std::uint8_t> active;
    std::vector<float> face[3];  // to the next cell in x, y, z; 0 where there is none
    std::vector<float> weight;   // sum of the cell's faces and links
    std::size_t at(int x, int y, int z) const {
        return (static_cast<std::size_t>(z) * ny + y) * static_cast<std::size_t>(nx) + x;
    }
};

struct Hierarchy {
    bool flat = false;               // the awake voxels fill one plane
    Cells finest;                    // active = awake; faces and links are implied by `count`
    std::vector<std::int8_t> count;  // per finest cell: neighbours that are not wall; -1 = not awake
    std::vector<Cells> coarse;       // levels 1, 2, ...; the last has at most 2 cells a side
    struct Held {                    // an awake voxel beside a prescribed one
        std::size_t awake;           // index into `finest`
        std::size_t prescribed;      // index into the box
    };
    std::vector<Held> held;
};

// Empty `finest` (nx = 0) if nothing is awake.
Hierarchy build_hierarchy(const Box& box, std::span<const VoxelKind> kind);

// The split-row layout of a level.
Shape shape_of(const Cells& cells, bool flat);

}  // namespace stellate::fields::detail
