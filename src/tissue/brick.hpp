// A brick owns everything inside it: cells, field values, matrix, vessels. It is the unit of memory, of parallel work,
// of sleep and of the digest. States: virtual (no object exists: its content is anatomy(seed, coordinate)), asleep
// (in memory, not stepped) and awake; cells and fields wake separately.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tissue/cells.hpp"
#include "tissue/shape.hpp"

namespace stellate {

enum class TissueKind : std::uint8_t { parenchyma = 0, portal_tract = 1, portal_vein = 2, central_vein = 3 };

// What anatomy gives each voxel and nothing changes: the healthy state from which fields are deviations.
struct Healthy {
    std::vector<float> level;              // [substrate][voxel], nM (oxygen mmHg)
    std::vector<float> oxygen_uptake;      // [voxel] mmHg/min at saturation, of the founder cells
    std::vector<float> collagen;           // [voxel] mg/mL
    std::vector<float> portal_to_central;  // [voxel] 0 at the portal tract, 1 at the central vein
    std::vector<float> flow_x, flow_y;     // [voxel] unit direction of sinusoidal flow, in plane; 0 in lumina
    std::vector<TissueKind> kind;          // [voxel]
};

// A piece of a new vessel, one endothelial cell long at most, whose midpoint lies in this brick.
struct Segment {
    Fixed x0 = 0, y0 = 0, z0 = 0, x1 = 0, y1 = 0, z1 = 0;  // from this brick's corner; an end may lie beyond it
    float radius = 0;                                      // um
    std::uint64_t sprout = 0;                              // the tip cell that laid it
    std::uint32_t sequence = 0;                            // 0 at the root
    std::uint32_t birth_tick = 0;
    std::uint32_t unfed_since = 0;  // tick since which it lacks its growth factor, or is blind; 0 = fed
    std::uint8_t perfused = 0;
};

struct Matrix {
    std::vector<float> collagen;   // [voxel] mg/mL of collagen I and III
    std::vector<float> crosslink;  // [voxel] 0..1, cross-linked share
    std::vector<float> fibre_cos,
        fibre_sin;  // [voxel] cos and sin of twice the in-plane fibre angle, length = order 0..1
};

struct Activity {
    std::uint8_t cells_awake = 0, fields_awake = 0;
    std::uint16_t quiet_cells = 0, quiet_fields = 0;  // ticks at rest in a row
    friend bool operator==(const Activity&, const Activity&) = default;
};

template <class Shape>
struct Brick {
    BrickCoord at;
    Activity activity;
    Cells cells;
    std::vector<std::uint32_t> bin_start;  // derived from cells by settle
    std::vector<float> deviation;          // [substrate][voxel] from the healthy level, nM (oxygen mmHg)
    std::vector<float> emission;           // [substrate][voxel] nM/min, what cells secreted in the last tick
    Matrix matrix;
    std::vector<float> sinusoid;    // [voxel] perfused share of the resident sinusoids, 1 when healthy
    std::vector<Segment> segments;  // ordered by (sprout, sequence)
    Healthy healthy;                // not state: a function of (seed, coordinate)

    std::span<float> field(int substrate) {
        return {deviation.data() + std::size_t(substrate) * voxels_per_brick<Shape>,
                std::size_t(voxels_per_brick<Shape>)};
    }
    std::span<const float> field(int substrate) const {
        return {deviation.data() + std::size_t(substrate) * voxels_per_brick<Shape>,
                std::size_t(voxels_per_brick<Shape>)};
    }
    std::span<const float> healthy_level(int substrate) const {
        return {healthy.level.data() + std::size_t(substrate) * voxels_per_brick<Shape>,
                std::size_t(voxels_per_brick<Shape>)};
    }
    // Absolute level of a substrate in a voxel, never below 0.
    float level(int substrate, int voxel) const {
        const float c = healthy_level(substrate)[std::size_t(voxel)] + field(substrate)[std::size_t(voxel)];
        return c > 0 ? c : 0.0f;
    }

    void hash(Hasher& hasher) const;  // the complete state, activity included
};

}  // namespace stellate
