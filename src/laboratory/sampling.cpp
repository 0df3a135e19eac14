#include "laboratory/sampling.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/error.hpp"
#include "histology/linking.hpp"

namespace stellate::laboratory {

namespace {

using histology::CellClass;

// Calls visit(brick) for every brick of the box, virtual ones filled in from anatomy.
template <class Shape, class Visit>
void for_each_brick(const World<Shape>& world, int z_first, int z_last, Visit&& visit) {
    for (int z = z_first; z <= z_last; ++z)
        for (int y = 0; y < world.lattice.ny(); ++y)
            for (int x = 0; x < world.lattice.nx(); ++x) {
                const BrickCoord at{x, y, z};
                if (const Brick<Shape>* brick = world.lattice.find(at))
                    visit(*brick);
                else
                    visit(world.lattice.anatomy(at));
            }
}

std::uint8_t flags_of(const CellLook& look, Phase phase) {
    std::uint8_t flags = look.flags;
    if (phase == Phase::dying)
        flags |= histology::flag::dying;
    else if (in_cycle(phase))
        flags |= histology::flag::ki67;
    return flags;
}

histology::Structure::Kind kind_of(liver::StructureKind kind) {
    using Kind = histology::Structure::Kind;
    switch (kind) {
        case liver::StructureKind::central_vein:
            return Kind::central_vein;
        case liver::StructureKind::bile_duct:
            return Kind::bile_duct;
        case liver::StructureKind::hepatic_artery:
            return Kind::hepatic_artery;
        default:
            return Kind::portal_vein;
    }
}

template <class Shape>
void add_cells(const Brick<Shape>& brick, const std::vector<CellLook>& looks, Fixed low, Fixed high,
               histology::Section& section) {
    const Vec3 corner = corner_um<Shape>(brick.at);
    const Cells& c = brick.cells;
    for (std::size_t row = 0; row < c.size(); ++row) {
        if (c.z[row] < low || c.z[row] >= high) continue;
        const CellLook& look = looks[c.type[row]];
        if (look.cell_class == absent_class || !(c.radius[row] > 0)) continue;
        section.cells.add(static_cast<float>(corner.x + um_from_fixed(c.x[row])),
                          static_cast<float>(corner.y + um_from_fixed(c.y[row])), c.radius[row], look.cell_class,
                          flags_of(look, c.phase[row]), c.id[row]);
    }
}

template <class Shape>
void add_voxels(const World<Shape>& world, const Brick<Shape>& brick, int layer_in_brick, histology::Section& section) {
    for (int j = 0; j < Shape::ny; ++j)
        for (int i = 0; i < Shape::nx; ++i) {
            const auto voxel = std::size_t(voxel_index<Shape>(i, j, layer_in_brick));
            const std::size_t at = std::size_t(brick.at.x * Shape::nx + i) +
                                   std::size_t(section.nx) * std::size_t(brick.at.y * Shape::ny + j);
            section.collagen_mg_per_ml[at] = brick.matrix.collagen[voxel];
            section.fibre_angle[at] = 0.5f * std::atan2(brick.matrix.fibre_sin[voxel], brick.matrix.fibre_cos[voxel]);
            section.oxygen_mmhg[at] = brick.level(world.model->oxygen, int(voxel));
            section.sinusoid_perfusion[at] = brick.sinusoid[voxel];
            section.flow_x[at] = brick.healthy.flow_x[voxel];
            section.flow_y[at] = brick.healthy.flow_y[voxel];
            section.arrest_odds[at] = static_cast<float>(arrest_odds(*world.model, brick.healthy, voxel));
        }
}

template <class Shape>
void add_vessels(const Brick<Shape>& brick, Fixed low, Fixed high, histology::Section& section) {
    const Vec3 corner = corner_um<Shape>(brick.at);
    for (const Segment& s : brick.segments) {
        const Fixed middle = s.z0 / 2 + s.z1 / 2;
        if (middle < low || middle >= high) continue;
        section.vessels.push_back(
            {static_cast<float>(corner.x + um_from_fixed(s.x0)), static_cast<float>(corner.y + um_from_fixed(s.y0)),
             static_cast<float>(corner.x + um_from_fixed(s.x1)), static_cast<float>(corner.y + um_from_fixed(s.y1)),
             s.radius, s.perfused != 0, static_cast<float>(um_from_fixed(s.z1 - s.z0))});
    }
}

}  // namespace

std::vector<CellLook> class_map(const Model& model) {
    std::vector<std::string> known{"melanoma"};
    for (int c = 0; c < int(CellClass::count); ++c) known.emplace_back(histology::name_of(CellClass(c)));
    std::vector<CellLook> looks;
    for (std::size_t type = 0; type < model.types.size(); ++type) {
        const CellType& t = model.types[type];
        CellLook look{absent_class, 0};
        if (int(type) != model.roles.blood) {
            const bool pigmented = t.marks.appearance == "melanoma";  // a tumour cell that carries pigment: looks only
            for (int c = 0; c < int(CellClass::count); ++c)
                if (t.marks.appearance == histology::name_of(CellClass(c))) look.cell_class = CellClass(c);
            if (pigmented) look.cell_class = CellClass::tumour, look.flags |= histology::flag::pigmented;
            if (look.cell_class == absent_class)
                throw InputError({}, "cell_types." + t.name + ".appearance",
                                 "'" + t.marks.appearance + "' is not what a section shows" +
                                     did_you_mean(t.marks.appearance, known));
            if (t.marks.alpha_sma) look.flags |= histology::flag::alpha_sma;
            if (int(type) == model.roles.tumour_arrested) look.flags |= histology::flag::arrested;
        }
        looks.push_back(look);
    }
    return looks;
}

template <class Shape>
histology::Section section_of(const World<Shape>& world, int layer) {
    const int brick_z = layer / Shape::nz, layer_in_brick = layer % Shape::nz;
    STELLATE_ASSERT(layer >= 0 && brick_z < world.lattice.nz(), layer, world.lattice.nz());
    histology::Section section;
    section.nx = world.lattice.nx() * Shape::nx;
    section.ny = world.lattice.ny() * Shape::ny;
    section.voxel_um = voxel_um;
    section.width_um = double(section.nx) * voxel_um;
    section.height_um = double(section.ny) * voxel_um;
    section.thickness_um = voxel_um;
    for (auto* raster : {&section.collagen_mg_per_ml, &section.fibre_angle, &section.oxygen_mmhg,
                         &section.sinusoid_perfusion, &section.flow_x, &section.flow_y, &section.arrest_odds})
        raster->resize(std::size_t(section.nx) * std::size_t(section.ny));

    const std::vector<CellLook> looks = class_map(*world.model);
    const Fixed low = fixed_from_um(double(layer_in_brick) * voxel_um),
                high = fixed_from_um(double(layer_in_brick + 1) * voxel_um);
    for_each_brick(world, brick_z, brick_z, [&](const Brick<Shape>& brick) {
        add_cells(brick, looks, low, high, section);
        add_voxels(world, brick, layer_in_brick, section);
        add_vessels(brick, low, high, section);
    });
    for (const liver::Structure& s : world.anatomy.structures_in(0, 0, section.width_um, section.height_um))
        if (s.kind != liver::StructureKind::portal_tract)
            section.structures.push_back(
                {static_cast<float>(s.x), static_cast<float>(s.y), static_cast<float>(s.radius), kind_of(s.kind)});
    return section;
}

std::vector<int> section_layers(int layers, int count) {
    STELLATE_ASSERT(count >= 1 && count <= layers, layers, count);
    std::vector<int> result;
    for (int n = 0; n < count; ++n) result.push_back((2 * n + 1) * layers / (2 * count));
    return result;
}

histology::BlockCells block_cells_of(const World<BlockShape>& world) {
    histology::BlockCells block;
    block.width_um = double(world.lattice.nx()) * BlockShape::nx * voxel_um;
    block.height_um = double(world.lattice.ny()) * BlockShape::ny * voxel_um;
    block.depth_um = double(world.lattice.nz()) * BlockShape::nz * voxel_um;
    const std::vector<CellLook> looks = class_map(*world.model);
    for_each_brick(world, 0, world.lattice.nz() - 1, [&](const Brick<BlockShape>& brick) {
        const Vec3 corner = corner_um<BlockShape>(brick.at);
        const Cells& c = brick.cells;
        for (std::size_t row = 0; row < c.size(); ++row) {
            const CellLook& look = looks[c.type[row]];
            if (look.cell_class == absent_class || look.cell_class == CellClass::hepatocyte || !(c.radius[row] > 0))
                continue;
            block.x_um.push_back(static_cast<float>(corner.x + um_from_fixed(c.x[row])));
            block.y_um.push_back(static_cast<float>(corner.y + um_from_fixed(c.y[row])));
            block.z_um.push_back(static_cast<float>(corner.z + um_from_fixed(c.z[row])));
            block.radius_um.push_back(c.radius[row]);
            block.cell_class.push_back(look.cell_class);
            block.flags.push_back(flags_of(look, c.phase[row]));
        }
    });
    return block;
}

namespace {

// Points of foci in bins of one linking distance: which foci lie within it of a place?
class FociNearby {
public:
    FociNearby(const std::vector<float>& x, const std::vector<float>& y, const std::vector<float>& z,
               const histology::Foci& foci, double link_um)
        : x_(x), y_(y), z_(z), foci_(foci), link_(link_um) {
        for (std::size_t n = 0; n < x.size(); ++n)
            if (foci.focus_of[n] >= 0) bins_.emplace_back(key(bin(x[n]), bin(y[n]), bin(z_at(n))), n);
        std::sort(bins_.begin(), bins_.end());
    }

    void mark(Vec3 place, std::vector<std::uint8_t>& reached) const {
        const auto px = static_cast<float>(place.x), py = static_cast<float>(place.y),
                   pz = static_cast<float>(z_.empty() ? 0 : place.z);
        const int deep = z_.empty() ? 0 : 1;
        for (int k = -deep; k <= deep; ++k)
            for (int j = -1; j <= 1; ++j)
                for (int i = -1; i <= 1; ++i) {
                    const std::uint64_t wanted = key(bin(px) + i, bin(py) + j, bin(pz) + k);
                    for (auto at = std::lower_bound(bins_.begin(), bins_.end(),
                                                    std::pair<std::uint64_t, std::size_t>{wanted, 0});
                         at != bins_.end() && at->first == wanted; ++at) {
                        const std::size_t n = at->second;
                        const double dx = x_[n] - px, dy = y_[n] - py, dz = z_at(n) - pz;
                        if (dx * dx + dy * dy + dz * dz <= link_ * link_) reached[std::size_t(foci_.focus_of[n])] = 1;
                    }
                }
    }

private:
    float z_at(std::size_t n) const { return z_.empty() ? 0.0f : z_[n]; }
    std::int64_t bin(float um) const { return static_cast<std::int64_t>(std::floor(um / link_)) + (1 << 18); }
    static std::uint64_t key(std::int64_t i, std::int64_t j, std::int64_t k) {
        return (std::uint64_t(k) << 42) | (std::uint64_t(j) << 21) | std::uint64_t(i);
    }
    const std::vector<float>&x_, &y_, &z_;
    const histology::Foci& foci_;
    double link_;
    std::vector<std::pair<std::uint64_t, std::size_t>> bins_;
};

}  // namespace

template <class Shape>
std::uint64_t living_tumour_cells(const World<Shape>& world) {
    std::array<std::uint8_t, 256> counts_as{};
    for (std::size_t t = 0; t < world.model->types.size(); ++t) counts_as[t] = world.model->types[t].marks.tumour;
    std::uint64_t sum = 0;
    for (const Brick<Shape>* brick : world.lattice.in_memory()) {
        const Cells& c = brick->cells;
        for (std::size_t row = 0; row < c.size(); ++row)
            sum += counts_as[c.type[row]] & std::uint8_t(c.phase[row] != Phase::dying);
    }
    return sum;
}

template <class Shape>
DayCounts count_cells(const World<Shape>& world, double link_um, int least_cells) {
    const Model& model = *world.model;
    DayCounts counts;
    counts.living.assign(model.types.size(), 0);
    std::vector<float> x, y, z, clone;
    std::vector<Vec3> stroma, vessels;
    for (const Brick<Shape>* brick : world.lattice.in_memory()) {
        const Vec3 corner = corner_um<Shape>(brick->at);
        const Cells& c = brick->cells;
        for (std::size_t row = 0; row < c.size(); ++row) {
            if (c.phase[row] == Phase::dying) continue;
            ++counts.living[c.type[row]];
            const Marks& marks = model.types[c.type[row]].marks;
            if (!marks.tumour && !marks.alpha_sma) continue;
            const Vec3 place = corner + Vec3{um_from_fixed(c.x[row]), um_from_fixed(c.y[row]), um_from_fixed(c.z[row])};
            if (marks.alpha_sma) stroma.push_back(place);
            if (!marks.tumour) continue;
            x.push_back(static_cast<float>(place.x));
            y.push_back(static_cast<float>(place.y));
            if (!Shape::flat) z.push_back(static_cast<float>(place.z));
            clone.push_back(c.lineage[row]);
        }
        for (const Segment& s : brick->segments)
            vessels.push_back(corner + 0.5 * Vec3{um_from_fixed(s.x0) + um_from_fixed(s.x1),
                                                  um_from_fixed(s.y0) + um_from_fixed(s.y1),
                                                  um_from_fixed(s.z0) + um_from_fixed(s.z1)});
    }
    counts.tumour_cells = x.size();
    counts.awake = awake_share(world);
    const histology::Foci foci = histology::link_foci(x, y, z, link_um, least_cells);
    counts.foci = static_cast<int>(foci.size());
    const FociNearby nearby(x, y, z, foci, link_um);
    std::vector<std::uint8_t> with_stroma(foci.size(), 0), with_vessels(foci.size(), 0);
    for (const Vec3& place : stroma) nearby.mark(place, with_stroma);
    for (const Vec3& place : vessels) nearby.mark(place, with_vessels);
    for (std::size_t f = 0; f < foci.size(); ++f) {
        counts.foci_alpha_sma += with_stroma[f];
        counts.foci_vessels += with_vessels[f];
        counts.foci_both += with_stroma[f] & with_vessels[f];
    }
    counts.descent = histology::families_of(clone, foci);
    return counts;
}

template <class Shape>
Awake awake_share(const World<Shape>& world) {
    const auto all = double(world.lattice.nx()) * world.lattice.ny() * world.lattice.nz();
    Awake awake;
    for (const Brick<Shape>* brick : world.lattice.in_memory()) {
        awake.bricks_in_memory += 1;
        awake.cells_awake += brick->activity.cells_awake;
        awake.fields_awake += brick->activity.fields_awake;
    }
    for (double* share : {&awake.bricks_in_memory, &awake.cells_awake, &awake.fields_awake}) *share /= all;
    return awake;
}

template histology::Section section_of(const World<SectionShape>&, int);
template histology::Section section_of(const World<BlockShape>&, int);
template std::uint64_t living_tumour_cells(const World<SectionShape>&);
template std::uint64_t living_tumour_cells(const World<BlockShape>&);
template DayCounts count_cells(const World<SectionShape>&, double, int);
template DayCounts count_cells(const World<BlockShape>&, double, int);
template Awake awake_share(const World<SectionShape>&);
template Awake awake_share(const World<BlockShape>&);

}  // namespace stellate::laboratory
