#include "laboratory/readout.hpp"

#include <algorithm>
#include <cmath>

#include "simulation/phases.hpp"

namespace stellate::laboratory {

namespace {

constexpr double voxel_um3 = double(voxel_um) * voxel_um * voxel_um;
constexpr double amol_per_day = 1440 * 1e-6;  // from nM um^3 / min (1 nM um^3 = 1e-24 mol)
constexpr double ng = 1e-6;                   // from mg/mL um^3 (= fg)
constexpr double pg_per_day = 1440 * 1e-3;    // from mg/mL um^3 / min (= fg/min)

// Cell-type markers counted as cells: gene, and which cells express it.
struct Marker {
    const char* gene;
    bool (*expresses)(const CellType&);
};
bool looks(const CellType& t, std::string_view appearance) { return t.marks.appearance == appearance; }
const Marker markers[] = {
    {"ACTA2", [](const CellType& t) { return t.marks.alpha_sma; }},
    {"CD8A", [](const CellType& t) { return looks(t, "cd8") || looks(t, "cd8_exhausted"); }},
    {"CLEC4F", [](const CellType& t) { return looks(t, "kupffer"); }},
    {"DES", [](const CellType& t) { return t.marks.appearance.starts_with("hsc_"); }},
    {"LRAT", [](const CellType& t) { return looks(t, "hsc_quiescent") || looks(t, "hsc_reverted"); }},
    {"NCR1", [](const CellType& t) { return looks(t, "nk"); }},
    {"PECAM1", [](const CellType& t) { return looks(t, "lsec") || looks(t, "endothelial_tip"); }},
    {"S100A8", [](const CellType& t) { return looks(t, "mdsc"); }},
    {"TIMP1", [](const CellType& t) { return t.makes_timp; }},
};

struct Sums {
    std::vector<std::uint64_t> living, cycling, dying;          // [type]
    std::vector<double> secretion;                              // [substrate * types + type] nM um^3 / min, above rest
    std::vector<double> level;                                  // [substrate] sum over voxels
    std::vector<double> deposition, degradation, crosslinking;  // [type]
    double collagen_above_healthy = 0;                          // mg/mL um^3
    double vessel_um = 0;
    double voxels = 0;
};

template <class Shape>
void add_brick(const Model& model, const Brick<Shape>& brick, Sums& sums) {
    const Cells& c = brick.cells;
    for (std::size_t row = 0; row < c.size(); ++row) {
        if (c.phase[row] == Phase::dying)
            ++sums.dying[c.type[row]];
        else {
            ++sums.living[c.type[row]];
            if (in_cycle(c.phase[row])) ++sums.cycling[c.type[row]];
        }
    }
    for (std::size_t v = 0; v < std::size_t(voxels_per_brick<Shape>); ++v) {
        sums.collagen_above_healthy += (double(brick.matrix.collagen[v]) - brick.healthy.collagen[v]) * voxel_um3;
        for (std::size_t s = 0; s < model.substrates.size(); ++s) sums.level[s] += brick.level(int(s), int(v));
    }
    sums.voxels += voxels_per_brick<Shape>;
    for (const Segment& s : brick.segments)
        sums.vessel_um += length({um_from_fixed(s.x1 - s.x0), um_from_fixed(s.y1 - s.y0), um_from_fixed(s.z1 - s.z0)});
}

// What the living cells of an awake brick make at this moment, by the rules.
template <class Shape>
void add_secretion(const World<Shape>& world, const Brick<Shape>& brick, Sums& sums) {
    const Model& model = *world.model;
    BrickScratch scratch;
    sense(world, brick, scratch);
    VoxelSignals voxels;
    voxels.read(model, brick);
    std::vector<std::vector<std::uint32_t>> rows(model.types.size());
    for (std::size_t row = 0; row < brick.cells.size(); ++row)
        if (brick.cells.phase[row] != Phase::dying)
            rows[brick.cells.type[row]].push_back(static_cast<std::uint32_t>(row));
    TypeBehaviours behaviours;
    const BehaviourIndex& index = model.behaviours;
    for (std::size_t type = 0; type < model.types.size(); ++type) {
        if (rows[type].empty()) continue;
        behaviours.evaluate(model, int(type), brick, scratch, voxels, rows[type]);
        for (std::size_t n = 0; n < rows[type].size(); ++n) {
            for (std::size_t s = 0; s < model.substrates.size(); ++s) {
                if (index.secretion[s] < 0) continue;
                const double amount = behaviours.of(index.secretion[s])(n);
                if (amount > model.tolerances.resting_secretion)
                    sums.secretion[s * model.types.size() + type] += amount;
            }
            sums.deposition[type] += behaviours.of(index.collagen_deposition)(n);
            sums.degradation[type] += behaviours.of(index.collagen_degradation)(n);
            sums.crosslinking[type] += behaviours.of(index.crosslinking)(n);
        }
    }
}

template <class Shape>
std::vector<Abundance> abundances(const World<Shape>& world) {
    const Model& model = *world.model;
    const std::size_t types = model.types.size();
    Sums sums;
    for (auto* column : {&sums.living, &sums.cycling, &sums.dying}) column->assign(types, 0);
    for (auto* column : {&sums.deposition, &sums.degradation, &sums.crosslinking}) column->assign(types, 0);
    sums.secretion.assign(types * model.substrates.size(), 0);
    sums.level.assign(model.substrates.size(), 0);
    for (int z = 0; z < world.lattice.nz(); ++z)
        for (int y = 0; y < world.lattice.ny(); ++y)
            for (int x = 0; x < world.lattice.nx(); ++x) {
                const Brick<Shape>* brick = world.lattice.find({x, y, z});
                if (!brick) {
                    add_brick(model, world.lattice.anatomy({x, y, z}), sums);
                    continue;
                }
                add_brick(model, *brick, sums);
                if (brick->activity.cells_awake) add_secretion(world, *brick, sums);
            }

    std::vector<Abundance> rows;
    const auto add = [&](const std::string& gene, const std::string& who, double value, const char* unit) {
        rows.push_back({gene, who, value, unit});
    };
    for (std::size_t s = 0; s < model.substrates.size(); ++s) {
        if (int(s) == model.oxygen) continue;
        add(model.substrates[s].name, "tissue", sums.level[s] / sums.voxels, "nM");
        for (std::size_t t = 0; t < types; ++t)
            if (model.types[t].has(model.behaviours.secretion[s]))
                add(model.substrates[s].name, model.types[t].name, sums.secretion[s * types + t] * amol_per_day,
                    "amol/day");
    }
    add("COL1A1", "matrix", sums.collagen_above_healthy * ng, "ng");
    for (std::size_t t = 0; t < types; ++t) {
        const CellType& type = model.types[t];
        if (type.has(model.behaviours.collagen_deposition))
            add("COL1A1", type.name, sums.deposition[t] * pg_per_day, "pg/day");
        if (type.has(model.behaviours.crosslinking)) add("LOXL2", type.name, sums.crosslinking[t] * 1440, "1/day");
        if (type.has(model.behaviours.collagen_degradation))
            add("MMP9", type.name, sums.degradation[t] * 1440, "1/day");
    }
    for (const Marker& marker : markers)
        for (std::size_t t = 0; t < types; ++t)
            if (int(t) != model.roles.blood && marker.expresses(model.types[t]))
                add(marker.gene, model.types[t].name, double(sums.living[t]), "cells");
    for (const SurfaceProtein& p : model.surface_proteins)
        for (std::size_t t = 0; t < types; ++t)
            if (p.density[t] > 0)
                add(p.name, model.types[t].name, double(p.density[t]) * double(sums.living[t]), "reference cells");
    add("PECAM1", "new_vessel", sums.vessel_um, "um");
    for (std::size_t t = 0; t < types; ++t) {
        if (model.types[t].has(model.behaviours.cycle_entry))
            add("MKI67", model.types[t].name, double(sums.cycling[t]), "cells");
    }
    for (std::size_t t = 0; t < types; ++t)
        if (int(t) != model.roles.blood && (sums.dying[t] > 0 || model.types[t].marks.tumour))
            add("CASP3", model.types[t].name, double(sums.dying[t]), "cells");
    return rows;
}

// Means over the sections of an animal, of those in which the endpoint has a meaning.
std::vector<histology::EndpointValue> averaged(const std::vector<histology::SectionEndpoints>& sections) {
    std::vector<histology::EndpointValue> values = sections.front().values;
    for (std::size_t n = 0; n < values.size(); ++n) {
        double sum = 0;
        int present = 0;
        for (const histology::SectionEndpoints& s : sections)
            if (s.values[n].value) sum += *s.values[n].value, ++present;
        values[n].value = present > 0 ? std::optional<double>(sum / present) : std::nullopt;
    }
    return values;
}

}  // namespace

std::optional<double> DayRecord::get(std::string_view id) const {
    for (const histology::EndpointValue& v : endpoints)
        if (id == v.id) return v.value;
    return std::nullopt;
}

const std::vector<histology::EndpointDefinition>& laboratory_endpoint_definitions() {
    using histology::EndpointGroup, histology::Standing, histology::as_defined;
    static const std::vector<histology::EndpointDefinition> list = {
        {"foci_alpha_sma_only", "1", EndpointGroup::vessels, Standing::minor, "Foci with myofibroblasts, no vessels",
         "Foci with an alpha-SMA-positive stromal cell and no new vessel within 20 um of a tumour cell.", as_defined},
        {"foci_vessels_only", "1", EndpointGroup::vessels, Standing::minor, "Foci with vessels, no myofibroblasts",
         "Foci with a new vessel and no alpha-SMA-positive stromal cell within 20 um of a tumour cell.", as_defined},
        {"foci_alpha_sma_and_vessels", "1", EndpointGroup::vessels, Standing::minor, "Foci with both",
         "Foci with both within 20 um of a tumour cell.", as_defined},
        {"focus_families", "1", EndpointGroup::tumour, Standing::descriptive, "Families of foci",
         "Foci there are, those that hold descendants of the same arrived tumour cell counted once.", as_defined},
        {"focus_clones", "1", EndpointGroup::tumour, Standing::descriptive, "Clones in foci",
         "Arrived tumour cells whose descendants make up the foci.", as_defined},
        {"tumour_kills_per_cell_day", "1/day", EndpointGroup::immune, Standing::tested, "Immune kills per tumour cell",
         "Tumour cells killed by immune cells since inoculation over the days that tumour cells have lived, summed "
         "over every tick.",
         as_defined},
        {"treatment_kills", "1", EndpointGroup::tumour, Standing::minor, "Cells killed by the treatment",
         "Cells condemned by the treatment's drug, its bystander effect, its replay or its sham so far, whatever their "
         "type; they die after its delay.",
         as_defined},
        {"hsc_loss_near_tumour", "%", EndpointGroup::stellate, Standing::comparison, "Stellate cells lost near tumour",
         "How far the density of stellate cells inside and within 200 um of foci lies below the same mouse's in "
         "control.",
         as_defined},
        {"hsc_loss_section", "%", EndpointGroup::stellate, Standing::comparison, "Stellate cells lost, whole section",
         "How far the density of stellate cells of the section lies below the same mouse's in control.", as_defined},
    };
    return list;
}

const std::vector<histology::EndpointDefinition>& every_endpoint_definition() {
    static const std::vector<histology::EndpointDefinition> list = [] {
        std::vector<histology::EndpointDefinition> all = histology::endpoint_definitions();
        const auto& own = laboratory_endpoint_definitions();
        all.insert(all.end(), own.begin(), own.end());
        return all;
    }();
    return list;
}

template <class Shape>
DayRecord read_out(const World<Shape>& world, const Animal& animal, const DayCounts& counts, int sections,
                   histology::Section* picture) {
    DayRecord record;
    record.tick = world.tick;
    record.day = animal.calendar.day_of(world.tick);
    record.digest = digest(world);
    record.tally = world.tally;
    if constexpr (Shape::flat) {
        histology::Section section = section_of(world);
        record.endpoints = histology::measure(section, animal.endpoints).values;
        if (picture) *picture = std::move(section);
        (void)sections;
    } else {
        const std::vector<int> layers = section_layers(world.lattice.nz() * Shape::nz, sections);
        std::vector<histology::SectionEndpoints> measured;
        for (std::size_t n = 0; n < layers.size(); ++n) {
            histology::Section section = section_of(world, layers[n]);
            measured.push_back(histology::measure(section, animal.endpoints));
            if (picture && n == layers.size() / 2) *picture = std::move(section);
        }
        record.endpoints = averaged(measured);
        const histology::BlockEndpoints block = histology::measure_block(block_cells_of(world), animal.endpoints);
        // What the block tells in three dimensions is not told again as a mean over its sections.
        std::erase_if(record.endpoints, [&](const histology::EndpointValue& v) {
            return std::any_of(block.values.begin(), block.values.end(),
                               [&](const auto& b) { return std::string_view(b.id) == v.id; });
        });
        record.endpoints.insert(record.endpoints.end(), block.values.begin(), block.values.end());
    }
    record.endpoints.push_back({"foci_alpha_sma_only", "1", double(counts.foci_alpha_sma - counts.foci_both)});
    record.endpoints.push_back({"foci_vessels_only", "1", double(counts.foci_vessels - counts.foci_both)});
    record.endpoints.push_back({"foci_alpha_sma_and_vessels", "1", double(counts.foci_both)});
    record.endpoints.push_back({"focus_families", "1", double(counts.descent.families)});
    record.endpoints.push_back({"focus_clones", "1", double(counts.descent.clones)});
    record.proteins = abundances(world);
    return record;
}

template DayRecord read_out(const World<SectionShape>&, const Animal&, const DayCounts&, int, histology::Section*);
template DayRecord read_out(const World<BlockShape>&, const Animal&, const DayCounts&, int, histology::Section*);

}  // namespace stellate::laboratory
