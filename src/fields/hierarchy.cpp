#include "fields/hierarchy.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace stellate::fields::detail {

namespace {

int half(int x) { return x >= 0 ? x / 2 : -((1 - x) / 2); }  // floor(x / 2)

// Links of one cell to voxels held at zero, per direction +x -x +y -y +z -z: area, and area times distance, in voxels.
struct Links {
    std::array<double, 6> area{}, moment{};
};

struct Linked {
    std::vector<std::int32_t> slot;  // per cell: its record, or -1
    std::vector<Links> records;
    Links& of(std::size_t cell) {
        if (slot[cell] < 0) {
            slot[cell] = static_cast<std::int32_t>(records.size());
            records.emplace_back();
        }
        return records[static_cast<std::size_t>(slot[cell])];
    }
};

Cells coarse_cells(const Cells& fine, bool flat) {
    Cells c;
    c.x0 = half(fine.x0);
    c.y0 = half(fine.y0);
    c.z0 = flat ? fine.z0 : half(fine.z0);
    c.nx = half(fine.x0 + fine.nx - 1) - c.x0 + 1;
    c.ny = half(fine.y0 + fine.ny - 1) - c.y0 + 1;
    c.nz = flat ? fine.nz : half(fine.z0 + fine.nz - 1) - c.z0 + 1;
    const std::size_t n = static_cast<std::size_t>(c.nx) * c.ny * c.nz;
    c.active.assign(n, 0);
    for (auto& f : c.face) f.assign(n, 0.0f);
    c.weight.assign(n, 0.0f);
    return c;
}

// Gives up the cells whose centre lies beyond (or within a tenth of an edge of) the zero in some direction.
void give_up_hidden_cells(Cells& c, Linked& linked, double edge) {
    std::vector<std::size_t> hidden;
    for (std::size_t i = 0; i < c.active.size(); ++i) {
        if (linked.slot[i] < 0) continue;
        const Links& own = linked.of(i);
        for (int d = 0; d < 6; ++d)
            if (own.area[d] > 0 && own.moment[d] <= 0.1 * edge * own.area[d]) {
                hidden.push_back(i);
                break;
            }
    }
    for (std::size_t i : hidden) c.active[i] = 0;
    const std::array<std::size_t, 3> step = {1, static_cast<std::size_t>(c.nx), static_cast<std::size_t>(c.nx) * c.ny};
    for (std::size_t i : hidden) {
        const Links own = linked.of(i);
        for (int axis = 0; axis < 3; ++axis)
            for (int side = 0; side < 2; ++side) {
                // face[axis][lower] joins `lower` and the next cell; there is none past the level's rim, where it is 0
                if (side == 1 && i < step[axis]) continue;
                const std::size_t lower = side == 0 ? i : i - step[axis];
                float& face = c.face[axis][lower];
                if (face <= 0) continue;
                const std::size_t other = side == 0 ? i + step[axis] : lower;
                if (c.active[other]) {
                    // For `other` the zero lies towards this cell, beyond which (seen from it) this cell's own zero
                    // lies.
                    const int towards = side == 0 ? 2 * axis + 1 : 2 * axis;
                    const double area = face * edge;
                    const double beyond = own.area[towards] > 0 ? own.moment[towards] / own.area[towards] : 0.0;
                    const double distance = std::max(edge + std::min(0.0, beyond), 0.25 * edge);
                    Links& links = linked.of(other);
                    links.area[towards] += area;
                    links.moment[towards] += area * distance;
                }
                face = 0;
            }
        linked.records[static_cast<std::size_t>(linked.slot[i])] = {};
    }
}

void sum_weights(Cells& c, const Linked& linked) {
    const std::size_t step[3] = {1, static_cast<std::size_t>(c.nx), static_cast<std::size_t>(c.nx) * c.ny};
    for (std::size_t i = 0; i < c.active.size(); ++i) {
        if (!c.active[i]) continue;
        double w = 0;
        for (int axis = 0; axis < 3; ++axis) {
            w += c.face[axis][i];
            if (i >= step[axis]) w += c.face[axis][i - step[axis]];
        }
        if (linked.slot[i] >= 0) {
            const Links& links = linked.records[static_cast<std::size_t>(linked.slot[i])];
            for (int d = 0; d < 6; ++d)
                if (links.area[d] > 0) w += links.area[d] * links.area[d] / links.moment[d];
        }
        c.weight[i] = static_cast<float>(w);
    }
}

// `face(axis, cell, place)` is the fine level's; `edge` the fine cell's edge in voxels.
template <class Face>
Cells coarsen(const Cells& fine, bool flat, double edge, Face face, const Linked& fine_links, Linked& links) {
    Cells c = coarse_cells(fine, flat);
    links.slot.assign(c.active.size(), -1);
    links.records.clear();
    for (int z = 0; z < fine.nz; ++z)
        for (int y = 0; y < fine.ny; ++y) {
            const int absolute_y = fine.y0 + y, absolute_z = fine.z0 + z;
            const std::size_t row = c.at(0, half(absolute_y) - c.y0, (flat ? absolute_z : half(absolute_z)) - c.z0);
            for (int x = 0; x < fine.nx; ++x) {
                const std::size_t i = fine.at(x, y, z);
                if (!fine.active[i]) continue;
                const int place[3] = {x, y, z};
                const int absolute[3] = {fine.x0 + x, absolute_y, absolute_z};
                const std::size_t parent = row + static_cast<std::size_t>(half(absolute[0]) - c.x0);
                c.active[parent] = 1;
                for (int axis = 0; axis < (flat ? 2 : 3); ++axis)
                    if (absolute[axis] & 1) c.face[axis][parent] += 0.5f * face(axis, i, place);
                if (fine_links.slot[i] < 0) continue;
                const Links& own = fine_links.records[static_cast<std::size_t>(fine_links.slot[i])];
                Links& sum = links.of(parent);
                for (int d = 0; d < 6; ++d) {
                    if (own.area[d] == 0) continue;
                    const bool upward = d % 2 == 0;
                    const bool upper = absolute[d / 2] & 1;
                    const double shift = (flat && d >= 4) ? 0.0 : (upward == upper ? 0.5 * edge : -0.5 * edge);
                    sum.area[d] += own.area[d];
                    sum.moment[d] += own.moment[d] + own.area[d] * shift;
                }
            }
        }
    give_up_hidden_cells(c, links, 2 * edge);
    sum_weights(c, links);
    return c;
}

}  // namespace

Hierarchy build_hierarchy(const Box& box, std::span<const VoxelKind> kind) {
    Hierarchy h;
    int lo[3] = {std::numeric_limits<int>::max(), std::numeric_limits<int>::max(), std::numeric_limits<int>::max()};
    int hi[3] = {-1, -1, -1};
    const auto box_at = [&](int x, int y, int z) { return (static_cast<std::size_t>(z) * box.ny + y) * box.nx + x; };
    for (int z = 0; z < box.nz; ++z)
        for (int y = 0; y < box.ny; ++y) {
            const VoxelKind* row = kind.data() + box_at(0, y, z);
            int first = 0, last = box.nx - 1;
            while (first < box.nx && row[first] != VoxelKind::awake) ++first;
            if (first == box.nx) continue;
            while (row[last] != VoxelKind::awake) --last;
            lo[0] = std::min(lo[0], first), hi[0] = std::max(hi[0], last);
            lo[1] = std::min(lo[1], y), hi[1] = std::max(hi[1], y);
            lo[2] = std::min(lo[2], z), hi[2] = std::max(hi[2], z);
        }
    if (hi[0] < 0) return h;

    Cells& f = h.finest;
    f.x0 = box.x0 + lo[0], f.y0 = box.y0 + lo[1], f.z0 = box.z0 + lo[2];
    f.nx = hi[0] - lo[0] + 1, f.ny = hi[1] - lo[1] + 1, f.nz = hi[2] - lo[2] + 1;
    h.flat = f.nz == 1;
    const std::size_t n = static_cast<std::size_t>(f.nx) * f.ny * f.nz;
    f.active.assign(n, 0);
    h.count.assign(n, -1);
    Linked fine_links;
    fine_links.slot.assign(n, -1);
    const std::ptrdiff_t step[3] = {1, box.nx, static_cast<std::ptrdiff_t>(box.nx) * box.ny};
    for (int z = 0; z < f.nz; ++z)
        for (int y = 0; y < f.ny; ++y)
            for (int x = 0; x < f.nx; ++x) {
                const int place[3] = {lo[0] + x, lo[1] + y, lo[2] + z};
                const int extent[3] = {box.nx, box.ny, box.nz};
                const std::size_t b = box_at(place[0], place[1], place[2]);
                if (kind[b] != VoxelKind::awake) continue;
                const std::size_t i = f.at(x, y, z);
                f.active[i] = 1;
                int neighbours = 0;
                for (int d = 0; d < 6; ++d) {
                    const int axis = d / 2;
                    const bool upward = d % 2 == 0;
                    if (upward ? place[axis] + 1 >= extent[axis] : place[axis] == 0) continue;
                    const std::size_t beside = b + static_cast<std::size_t>(upward ? step[axis] : -step[axis]);
                    if (kind[beside] == VoxelKind::wall) continue;
                    ++neighbours;
                    if (kind[beside] == VoxelKind::awake) continue;
                    Links& links = fine_links.of(i);
                    links.area[d] = links.moment[d] = 1;
                    if (kind[beside] == VoxelKind::prescribed) h.held.push_back({i, beside});
                }
                h.count[i] = static_cast<std::int8_t>(neighbours);
            }

    const auto small = [&](const Cells& c) { return c.nx <= 2 && c.ny <= 2 && c.nz <= 2; };
    const std::size_t fine_step[3] = {1, static_cast<std::size_t>(f.nx), static_cast<std::size_t>(f.nx) * f.ny};
    // A voxel on the level's upper rim has no awake neighbour beyond it, but the next index may be another row's voxel.
    const int extent[3] = {f.nx, f.ny, f.nz};
    const auto fine_face = [&](int axis, std::size_t i, const int* place) {
        return place[axis] + 1 < extent[axis] && f.active[i + fine_step[axis]] ? 1.0f : 0.0f;
    };
    if (small(f)) {  // solved directly: needs its faces and weights in full
        for (int axis = 0; axis < 3; ++axis) {
            f.face[axis].assign(n, 0.0f);
            for (int z = 0; z < f.nz; ++z)
                for (int y = 0; y < f.ny; ++y)
                    for (int x = 0; x < f.nx; ++x) {
                        const int place[3] = {x, y, z};
                        if (f.active[f.at(x, y, z)])
                            f.face[axis][f.at(x, y, z)] = fine_face(axis, f.at(x, y, z), place);
                    }
        }
        f.weight.assign(n, 0.0f);
        sum_weights(f, fine_links);
        return h;
    }
    Linked links[2];
    h.coarse.push_back(coarsen(f, h.flat, 1.0, fine_face, fine_links, links[0]));
    double edge = 2;
    for (int level = 1; !small(h.coarse.back()); ++level, edge *= 2) {
        const Cells& above = h.coarse.back();
        const auto face = [&](int axis, std::size_t i, const int*) { return above.face[axis][i]; };
        Cells next = coarsen(above, h.flat, edge, face, links[(level + 1) % 2], links[level % 2]);
        h.coarse.push_back(std::move(next));
    }
    return h;
}

Shape shape_of(const Cells& c, bool flat) {
    Shape s;
    s.pair0 = half(c.x0);
    s.pairs = half(c.x0 + c.nx - 1) - s.pair0 + 1;
    s.ny = c.ny, s.nz = c.nz, s.y0 = c.y0, s.z0 = c.z0;
    s.flat = flat;
    s.padded = (s.pairs + 7) / 8 * 8;
    s.row = s.padded + 8;
    s.plane = s.row * (s.ny + 2);
    s.origin = 8 + s.row + (flat ? 0 : s.plane);
    s.size = 8 + s.plane * (s.nz + (flat ? 0 : 2)) + 8;
    return s;
}

}  // namespace stellate::fields::detail
