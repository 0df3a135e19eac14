// Wake or rest: bricks change state at the end of a tick only, first marked, then applied. Cells wake when a behaviour,
// a force or an arrival exceeds its tolerance or an attacker touches a target beyond a face, fields when something
// emits or a neighbour's deviation reaches the face; adjacency alone wakes nothing.
#include <algorithm>
#include <cmath>

#include "core/parallel.hpp"
#include "simulation/phases.hpp"

namespace stellate {

namespace {

struct Mark {
    bool wake_cells = false, rest_cells = false, wake_fields = false, rest_fields = false;
    std::uint32_t spread = 0;  // bit n: field deviation reaches the face towards neighbour n of `faces`
};

constexpr int faces[6][3] = {{-1, 0, 0}, {1, 0, 0}, {0, -1, 0}, {0, 1, 0}, {0, 0, -1}, {0, 0, 1}};

// Is there anything in the brick that keeps its fields from their healthy level?
template <class Shape>
bool disturbs_fields(const Model& model, const Brick<Shape>& brick) {
    if (std::any_of(brick.emission.begin(), brick.emission.end(), [](float e) { return e != 0; })) return true;
    for (const Segment& s : brick.segments)
        if (s.perfused) return true;
    for (std::size_t v = 0; v < brick.sinusoid.size(); ++v)
        if (brick.healthy.kind[v] == TissueKind::parenchyma && brick.sinusoid[v] != 1.0f) return true;
    for (std::size_t row = 0; row < brick.cells.size(); ++row)
        if (model.types[brick.cells.type[row]].marks.tumour || brick.cells.phase[row] == Phase::dying) return true;
    return false;
}

// Largest deviation over its substrate's tolerance, and as bits the faces whose voxels reach the tolerance.
template <class Shape>
double field_extent(const Model& model, const Brick<Shape>& brick, std::uint32_t& spread) {
    double largest = 0;
    for (std::size_t s = 0; s < model.substrates.size(); ++s) {
        const auto tolerance = static_cast<float>(model.substrates[s].wake_tolerance);
        const auto field = brick.field(int(s));
        float size = 0;
#pragma omp simd reduction(max : size)
        for (std::size_t v = 0; v < field.size(); ++v) size = std::max(size, std::abs(field[v]));
        largest = std::max(largest, double(size) / tolerance);
        if (size < tolerance) continue;
        const auto reaches = [&](int x, int y, int z) {
            return std::abs(field[std::size_t(voxel_index<Shape>(x, y, z))]) >= tolerance;
        };
        for (int b = 0; b < (Shape::flat ? 1 : Shape::nz); ++b)
            for (int a = 0; a < Shape::ny; ++a) {
                if (reaches(0, a, b)) spread |= 1;
                if (reaches(Shape::nx - 1, a, b)) spread |= 2;
            }
        for (int b = 0; b < (Shape::flat ? 1 : Shape::nz); ++b)
            for (int a = 0; a < Shape::nx; ++a) {
                if (reaches(a, 0, b)) spread |= 4;
                if (reaches(a, Shape::ny - 1, b)) spread |= 8;
            }
        if constexpr (!Shape::flat)
            for (int b = 0; b < Shape::ny; ++b)
                for (int a = 0; a < Shape::nx; ++a) {
                    if (reaches(a, b, 0)) spread |= 16;
                    if (reaches(a, b, Shape::nz - 1)) spread |= 32;
                }
    }
    return largest;
}

// Would a resident of this brick answer to its fields?
template <class Shape>
bool fields_call_cells(const Model& model, const Brick<Shape>& brick) {
    for (std::size_t s = 0; s < model.substrates.size(); ++s) {
        const auto silent = static_cast<float>(model.substrates[s].silent_deviation);
        const auto field = brick.field(int(s));
        if (std::any_of(field.begin(), field.end(), [silent](float u) { return std::abs(u) > silent; })) return true;
    }
    return false;
}

template <class Shape>
std::uint32_t awake_neighbours(const Lattice<Shape>& lattice, BrickCoord at) {
    std::uint32_t bits = 0;
    const int deep = Shape::flat ? 0 : 1;
    for (int dz = -deep; dz <= deep; ++dz)
        for (int dy = -1; dy <= 1; ++dy)
            for (int dx = -1; dx <= 1; ++dx) {
                const Brick<Shape>* other = lattice.find({at.x + dx, at.y + dy, at.z + dz});
                if (other && other->activity.cells_awake && (dx || dy || dz))
                    bits |= 1u << ((dx + 1) + 3 * (dy + 1) + 9 * (dz + 1));
            }
    return bits;
}

// Does a cell of a sleeping brick touch somebody in an awake neighbour (bits as in awake_neighbours) whom it attacks or
// whose touch its rules read? Places are looked at as `sense` will look at them in the next tick; a cheap look for such
// cells near the faces comes first.
template <class Shape>
bool touches_outside(const World<Shape>& world, const Brick<Shape>& brick, std::uint32_t neighbours) {
    const Model& model = *world.model;
    double largest = 0;
    std::uint32_t wanted = 0;
    for (std::size_t row = 0; row < brick.cells.size(); ++row) {
        const std::uint32_t looks_for = model.types[brick.cells.type[row]].looks_for;
        if (looks_for == 0 || brick.cells.phase[row] == Phase::dying) continue;
        largest = std::max(largest, double(brick.cells.radius[row]));
        wanted |= looks_for;
    }
    if (wanted == 0) return false;
    const auto near = [&](const Brick<Shape>& other, const int(&step)[3]) {
        const Cells& c = other.cells;
        for (std::size_t row = 0; row < c.size(); ++row) {
            if (!(wanted >> c.type[row] & 1) || c.phase[row] == Phase::dying) continue;
            const double reach = model.tolerances.contact_reach * (c.radius[row] + largest);
            const Fixed place[3] = {c.x[row], c.y[row], c.z[row]};
            bool within = true;
            for (int a = 0; a < 3; ++a) {
                const double from_face = um_from_fixed(step[a] < 0 ? edge_fixed<Shape>[a] - place[a] : place[a]);
                within = within && (step[a] == 0 || from_face < reach);
            }
            if (within) return true;
        }
        return false;
    };
    bool any = false;
    for (int n = 0; n < 27 && !any; ++n) {
        if (!(neighbours >> n & 1)) continue;
        const int step[3] = {n % 3 - 1, n / 3 % 3 - 1, n / 9 - 1};
        any = near(*world.lattice.find({brick.at.x + step[0], brick.at.y + step[1], brick.at.z + step[2]}), step);
    }
    if (!any) return false;
    thread_local BrickScratch scratch;
    sense(world, brick, scratch);
    const std::size_t types = model.types.size();
    for (std::size_t row = 0; row < brick.cells.size(); ++row) {
        if (brick.cells.phase[row] == Phase::dying) continue;
        const CellType& type = model.types[brick.cells.type[row]];
        if (!type.attackable.empty() && !scratch.target[row].none()) return true;
        for (std::size_t t = 0; t < types; ++t)
            if ((type.looks_for >> t & 1) && scratch.contact[row * types + t] > 0) return true;
    }
    return false;
}

template <class Shape>
Mark mark_brick(const World<Shape>& world, const Brick<Shape>& brick, const BrickScratch& scratch, Lanes lanes) {
    const Model& model = *world.model;
    const int quiet_ticks = model.tolerances.quiet_ticks;
    Mark mark;
    if (brick.activity.cells_awake) {
        mark.rest_cells = !scratch.restless && brick.activity.quiet_cells + 1 >= quiet_ticks;
    } else {
        mark.wake_cells = brick.activity.fields_awake && fields_call_cells(model, brick);
        if (!mark.wake_cells) {
            const std::uint32_t neighbours = awake_neighbours(world.lattice, brick.at);
            mark.wake_cells = neighbours && (pushed_from_outside(world, brick, neighbours, lanes) ||
                                             touches_outside(world, brick, neighbours));
        }
    }
    const bool disturbed = brick.activity.cells_awake && disturbs_fields(model, brick);
    if (brick.activity.fields_awake) {
        const double extent = field_extent(model, brick, mark.spread);
        mark.rest_fields = !disturbed && extent < 0.5 && brick.activity.quiet_fields + 1 >= quiet_ticks;
        if (disturbed || extent >= 0.5) mark.wake_fields = true;  // counts as not quiet
    } else {
        mark.wake_fields = disturbed;
    }
    return mark;
}

}  // namespace

template <class Shape>
void wake_or_rest(World<Shape>& world, const std::vector<BrickScratch>& scratch, int threads, Lanes lanes) {
    if (!world.sleep) return;
    const std::vector<Brick<Shape>*> bricks = world.lattice.in_memory();
    std::vector<Mark> marks(bricks.size());
    parallel_for(std::int64_t(bricks.size()), threads, [&](std::int64_t b) {
        marks[std::size_t(b)] = mark_brick(world, *bricks[std::size_t(b)], scratch[std::size_t(b)], lanes);
    });

    for (std::size_t b = 0; b < bricks.size(); ++b) {
        Brick<Shape>& brick = *bricks[b];
        Activity& a = brick.activity;
        const Mark& m = marks[b];
        if (a.cells_awake) {
            a.quiet_cells = scratch[b].restless ? 0 : static_cast<std::uint16_t>(a.quiet_cells + 1);
            if (m.rest_cells) {
                a.cells_awake = 0;
                a.quiet_cells = 0;
                std::fill(brick.emission.begin(), brick.emission.end(), 0.0f);
            }
        } else if (m.wake_cells) {
            a.cells_awake = 1;
            a.quiet_cells = 0;
        }
        if (a.fields_awake) {
            a.quiet_fields = m.wake_fields ? 0 : static_cast<std::uint16_t>(a.quiet_fields + 1);
            if (m.rest_fields) {
                a.fields_awake = 0;
                a.quiet_fields = 0;
                std::fill(brick.deviation.begin(), brick.deviation.end(), 0.0f);
            }
        } else if (m.wake_fields) {
            a.fields_awake = 1;
            a.quiet_fields = 0;
        }
    }
    // Only now may bricks come into memory: the marks above were made on what was there.
    for (std::size_t b = 0; b < bricks.size(); ++b) {
        const BrickCoord at = bricks[b]->at;
        for (int n = 0; n < 6; ++n) {
            const BrickCoord to{at.x + faces[n][0], at.y + faces[n][1], at.z + faces[n][2]};
            if (!(marks[b].spread >> n & 1) || !world.lattice.contains(to)) continue;
            Activity& a = world.lattice.materialise(to).activity;
            if (!a.fields_awake) {
                a.fields_awake = 1;
                a.quiet_fields = 0;
            }
        }
    }
    surround_awake(world);
}

template <class Shape>
void surround_awake(World<Shape>& world) {
    const int deep = Shape::flat ? 0 : 1;
    const std::vector<Brick<Shape>*> bricks = world.lattice.in_memory();
    for (const Brick<Shape>* brick : bricks) {
        if (!brick->activity.cells_awake) continue;
        for (int dz = -deep; dz <= deep; ++dz)
            for (int dy = -1; dy <= 1; ++dy)
                for (int dx = -1; dx <= 1; ++dx) {
                    const BrickCoord at{brick->at.x + dx, brick->at.y + dy, brick->at.z + dz};
                    if (world.lattice.contains(at) && !world.lattice.find(at)) world.lattice.materialise(at);
                }
    }
}

template void wake_or_rest<SectionShape>(World<SectionShape>&, const std::vector<BrickScratch>&, int, Lanes);
template void wake_or_rest<BlockShape>(World<BlockShape>&, const std::vector<BrickScratch>&, int, Lanes);
template void surround_awake<SectionShape>(World<SectionShape>&);
template void surround_awake<BlockShape>(World<BlockShape>&);

}  // namespace stellate
