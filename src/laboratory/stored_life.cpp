#include "laboratory/stored_life.hpp"

#include <algorithm>

#include "simulation/stored_world.hpp"

namespace stellate::laboratory {

namespace {

using storage::ColumnReader;
using storage::ColumnWriter;

// The ids and units of endpoints are those of the tables, at which records point.
const char* lasting(const std::string& name, ColumnReader& from) {
    for (const histology::EndpointDefinition& d : every_endpoint_definition())
        for (const char* known : {d.id, d.unit})
            if (name == known) return known;
    from.refuse("holds an endpoint or unit '" + name.substr(0, 60) + "' that this version does not know");
}

void store_awake(const Awake& a, ColumnWriter& to) {
    to.column("awake", std::vector<double>{a.bricks_in_memory, a.cells_awake, a.fields_awake});
}
Awake awake_from(ColumnReader& from) {
    const auto shares = from.column<double>("awake", 3);
    return {shares[0], shares[1], shares[2]};
}

void store_day(const DayRecord& day, ColumnWriter& to) {
    to.value("day", day.day);
    to.value("tick", day.tick);
    to.column("digest", std::vector<std::uint64_t>{day.digest.high, day.digest.low});
    std::vector<std::string> ids, units;
    std::vector<std::uint8_t> given;
    std::vector<double> values;
    for (const histology::EndpointValue& e : day.endpoints) {
        ids.emplace_back(e.id), units.emplace_back(e.unit);
        given.push_back(e.value.has_value()), values.push_back(e.value.value_or(0));
    }
    to.texts("endpoint.id", ids), to.texts("endpoint.unit", units);
    to.column("endpoint.given", given), to.column("endpoint.value", values);
    ids.clear(), units.clear(), values.clear();
    std::vector<std::string> types;
    for (const Abundance& a : day.proteins)
        ids.push_back(a.gene), types.push_back(a.cell_type), units.push_back(a.unit), values.push_back(a.value);
    to.texts("protein.gene", ids), to.texts("protein.cell_type", types), to.texts("protein.unit", units);
    to.column("protein.value", values);
    to.value("types", static_cast<std::uint32_t>(day.tally.deaths.size()));
    store_tally(day.tally, to);
    to.value("tumour_cell_days", day.tumour_cell_days);
}

DayRecord day_from(ColumnReader& from) {
    DayRecord day;
    day.day = from.value<double>("day");
    day.tick = from.value<std::uint32_t>("tick");
    const auto digest = from.column<std::uint64_t>("digest", 2);
    day.digest = {digest[0], digest[1]};
    const auto ids = from.texts("endpoint.id"), units = from.texts("endpoint.unit");
    if (units.size() != ids.size()) from.refuse("has endpoints without a unit");
    const auto given = from.column<std::uint8_t>("endpoint.given", ids.size());
    const auto values = from.column<double>("endpoint.value", ids.size());
    for (std::size_t n = 0; n < ids.size(); ++n)
        day.endpoints.push_back(
            {lasting(ids[n], from), lasting(units[n], from), given[n] ? std::optional(values[n]) : std::nullopt});
    const auto genes = from.texts("protein.gene"), types = from.texts("protein.cell_type"),
               protein_units = from.texts("protein.unit");
    if (types.size() != genes.size() || protein_units.size() != genes.size())
        from.refuse("has proteins without a cell type or unit");
    const auto amounts = from.column<double>("protein.value", genes.size());
    for (std::size_t n = 0; n < genes.size(); ++n)
        day.proteins.push_back({genes[n], types[n], amounts[n], protein_units[n]});
    day.tally = restore_tally(from, from.value<std::uint32_t>("types"));
    day.tumour_cell_days = from.value<double>("tumour_cell_days");
    return day;
}

void store_counts(const DayCounts& c, ColumnWriter& to) {
    to.value("day", c.day);
    to.column("living", c.living);
    to.column("foci", std::vector<std::int32_t>{c.foci, c.foci_alpha_sma, c.foci_vessels, c.foci_both,
                                                c.descent.families, c.descent.clones});
    to.value("tumour_cells", c.tumour_cells);
    store_awake(c.awake, to);
}

DayCounts counts_from(ColumnReader& from) {
    DayCounts c;
    c.day = from.value<double>("day");
    c.living = from.column<std::uint64_t>("living");
    const auto foci = from.column<std::int32_t>("foci", 6);
    c.foci = foci[0], c.foci_alpha_sma = foci[1], c.foci_vessels = foci[2], c.foci_both = foci[3];
    c.descent = {foci[4], foci[5]};
    c.tumour_cells = from.value<std::uint64_t>("tumour_cells");
    c.awake = awake_from(from);
    return c;
}

// One column a member, over the rows of a section's small tables.
template <class Row, class Value>
void store_rows(const char* name, const std::vector<Row>& rows, Value&& value, ColumnWriter& to) {
    std::vector<std::remove_cvref_t<decltype(value(rows.front()))>> values;
    for (const Row& row : rows) values.push_back(value(row));
    to.column(name, values);
}

void store_section(const histology::Section& s, ColumnWriter& to) {
    using histology::Structure, histology::VesselSegment;
    to.column("size", std::vector<double>{s.width_um, s.height_um, s.thickness_um, s.voxel_um});
    to.column("voxels", std::vector<std::int32_t>{s.nx, s.ny});
    to.column("cell.x_um", s.cells.x_um), to.column("cell.y_um", s.cells.y_um);
    to.column("cell.radius_um", s.cells.radius_um);
    to.column("cell.class", s.cells.cell_class), to.column("cell.flags", s.cells.flags),
        to.column("cell.id", s.cells.id);
    to.column("collagen", s.collagen_mg_per_ml), to.column("fibre_angle", s.fibre_angle);
    to.column("oxygen", s.oxygen_mmhg), to.column("perfusion", s.sinusoid_perfusion);
    to.column("flow_x", s.flow_x), to.column("flow_y", s.flow_y), to.column("arrest_odds", s.arrest_odds);
    store_rows("vessel.x0", s.vessels, [](const VesselSegment& v) { return v.x0_um; }, to);
    store_rows("vessel.y0", s.vessels, [](const VesselSegment& v) { return v.y0_um; }, to);
    store_rows("vessel.x1", s.vessels, [](const VesselSegment& v) { return v.x1_um; }, to);
    store_rows("vessel.y1", s.vessels, [](const VesselSegment& v) { return v.y1_um; }, to);
    store_rows("vessel.radius", s.vessels, [](const VesselSegment& v) { return v.radius_um; }, to);
    store_rows("vessel.rise", s.vessels, [](const VesselSegment& v) { return v.rise_um; }, to);
    store_rows("vessel.perfused", s.vessels, [](const VesselSegment& v) { return std::uint8_t(v.perfused); }, to);
    store_rows("structure.x", s.structures, [](const Structure& v) { return v.x_um; }, to);
    store_rows("structure.y", s.structures, [](const Structure& v) { return v.y_um; }, to);
    store_rows("structure.radius", s.structures, [](const Structure& v) { return v.radius_um; }, to);
    store_rows(
        "structure.kind", s.structures, [](const Structure& v) { return static_cast<std::uint8_t>(v.kind); }, to);
}

histology::Section section_from(ColumnReader& from) {
    histology::Section s;
    const auto size = from.column<double>("size", 4);
    s.width_um = size[0], s.height_um = size[1], s.thickness_um = size[2], s.voxel_um = size[3];
    const auto voxels = from.column<std::int32_t>("voxels", 2);
    s.nx = voxels[0], s.ny = voxels[1];
    s.cells.x_um = from.column<float>("cell.x_um");
    const std::size_t cells = s.cells.size();
    s.cells.y_um = from.column<float>("cell.y_um", cells);
    s.cells.radius_um = from.column<float>("cell.radius_um", cells);
    s.cells.cell_class = from.column<histology::CellClass>("cell.class", cells);
    s.cells.flags = from.column<std::uint8_t>("cell.flags", cells);
    s.cells.id = from.column<std::uint64_t>("cell.id", cells);
    s.collagen_mg_per_ml = from.column<float>("collagen"), s.fibre_angle = from.column<float>("fibre_angle");
    s.oxygen_mmhg = from.column<float>("oxygen"), s.sinusoid_perfusion = from.column<float>("perfusion");
    s.flow_x = from.column<float>("flow_x"), s.flow_y = from.column<float>("flow_y");
    s.arrest_odds = from.column<float>("arrest_odds");
    const auto x0 = from.column<float>("vessel.x0");
    s.vessels.resize(x0.size());
    for (std::size_t n = 0; n < x0.size(); ++n) s.vessels[n].x0_um = x0[n];
    const auto fill = [&]<class Row, class Member>(const char* name, std::vector<Row>& rows, Member Row::* member) {
        const std::vector<Member> values = from.column<Member>(name, rows.size());
        for (std::size_t n = 0; n < rows.size(); ++n) rows[n].*member = values[n];
    };
    using histology::Structure, histology::VesselSegment;
    fill("vessel.y0", s.vessels, &VesselSegment::y0_um), fill("vessel.x1", s.vessels, &VesselSegment::x1_um);
    fill("vessel.y1", s.vessels, &VesselSegment::y1_um), fill("vessel.radius", s.vessels, &VesselSegment::radius_um);
    fill("vessel.rise", s.vessels, &VesselSegment::rise_um);
    const auto perfused = from.column<std::uint8_t>("vessel.perfused", s.vessels.size());
    for (std::size_t n = 0; n < perfused.size(); ++n) s.vessels[n].perfused = perfused[n] != 0;
    const auto x = from.column<float>("structure.x");
    s.structures.resize(x.size());
    for (std::size_t n = 0; n < x.size(); ++n) s.structures[n].x_um = x[n];
    fill("structure.y", s.structures, &Structure::y_um), fill("structure.radius", s.structures, &Structure::radius_um);
    fill("structure.kind", s.structures, &Structure::kind);
    try {
        histology::check(s);
    } catch (const InputError& error) {
        from.refuse(error.what());
    }
    return s;
}

}  // namespace

void store_run(const MouseRun& run, ColumnWriter& to) {
    to.value("mouse", std::int32_t(run.mouse));
    to.value("seed", run.seed);
    to.value("inoculum_cells", run.inoculum_cells);
    to.value("tick_min", run.calendar.tick_min);
    to.value("inoculation_tick", run.calendar.inoculation);
    std::vector<std::string> names;
    std::vector<double> drawn, in_effect;
    for (const Factor& f : run.factors)
        names.push_back(f.record), drawn.push_back(f.drawn), in_effect.push_back(f.in_effect);
    to.texts("factor.record", names), to.column("factor.drawn", drawn), to.column("factor.in_effect", in_effect);
    to.value("days", static_cast<std::uint32_t>(run.days.size()));
    for (const DayRecord& day : run.days) store_day(day, to);
    to.value("counts", static_cast<std::uint32_t>(run.growth.size()));
    for (const DayCounts& counts : run.growth) store_counts(counts, to);
    store_kills(run.kills, to);
    names.clear();
    std::vector<double> seconds;
    for (const auto& [phase, s] : run.phase_s) names.push_back(phase), seconds.push_back(s);
    to.texts("phase", names), to.column("phase.s", seconds);
    to.column("times", std::vector<double>{run.shared_days, run.stepping_s, run.readout_s, run.megabytes});
    store_awake(run.awake, to);
    std::vector<std::string> units;
    std::vector<std::uint64_t> voxels;
    std::vector<double> largest;
    names.clear();
    for (const SubstrateClamps& c : run.clamps) {
        names.push_back(c.substrate), units.push_back(c.unit);
        voxels.push_back(c.clamps.voxels), largest.push_back(c.clamps.largest);
    }
    to.texts("clamp.substrate", names), to.texts("clamp.unit", units);
    to.column("clamp.voxels", voxels), to.column("clamp.largest", largest);
    to.value("threads", std::int32_t(run.threads));
    to.text("failure", run.failure);
}

MouseRun restore_run(ColumnReader& from) {
    MouseRun run;
    run.mouse = from.value<std::int32_t>("mouse");
    run.seed = from.value<std::uint64_t>("seed");
    run.inoculum_cells = from.value<double>("inoculum_cells");
    run.calendar.tick_min = from.value<double>("tick_min");
    run.calendar.inoculation = from.value<std::uint32_t>("inoculation_tick");
    const auto records = from.texts("factor.record");
    const auto drawn = from.column<double>("factor.drawn", records.size()),
               in_effect = from.column<double>("factor.in_effect", records.size());
    for (std::size_t n = 0; n < records.size(); ++n) run.factors.push_back({records[n], drawn[n], in_effect[n]});
    for (auto left = from.value<std::uint32_t>("days"); left > 0; --left) run.days.push_back(day_from(from));
    for (auto left = from.value<std::uint32_t>("counts"); left > 0; --left) run.growth.push_back(counts_from(from));
    run.kills = restore_kills(from);
    const auto phases = from.texts("phase");
    const auto seconds = from.column<double>("phase.s", phases.size());
    for (std::size_t n = 0; n < phases.size(); ++n) run.phase_s.emplace_back(phases[n], seconds[n]);
    const auto times = from.column<double>("times", 4);
    run.shared_days = times[0], run.stepping_s = times[1], run.readout_s = times[2], run.megabytes = times[3];
    run.awake = awake_from(from);
    const auto substrates = from.texts("clamp.substrate"), units = from.texts("clamp.unit");
    if (units.size() != substrates.size()) from.refuse("has substrates without a unit");
    const auto voxels = from.column<std::uint64_t>("clamp.voxels", substrates.size());
    const auto largest = from.column<double>("clamp.largest", substrates.size());
    for (std::size_t n = 0; n < substrates.size(); ++n)
        run.clamps.push_back({substrates[n], units[n], {voxels[n], largest[n]}});
    run.threads = from.value<std::int32_t>("threads");
    run.failure = from.text("failure");
    return run;
}

void store_sections(const DatedSections& sections, ColumnWriter& to) {
    to.value("sections", static_cast<std::uint32_t>(sections.size()));
    for (const auto& [day, section] : sections) {
        to.value("day", day);
        store_section(section, to);
    }
}

DatedSections restore_sections(ColumnReader& from) {
    DatedSections sections;
    for (auto left = from.value<std::uint32_t>("sections"); left > 0; --left) {
        const double day = from.value<double>("day");
        sections.emplace_back(day, section_from(from));
    }
    return sections;
}

template <class Shape>
void store_progress(const Life<Shape>& life, ColumnWriter& to) {
    to.value("living_tumour", life.living_tumour);
    to.value("tumour_cell_days", life.tumour_cell_days);
    store_awake(life.awake_sum, to);
}

template <class Shape>
void restore_progress(ColumnReader& from, Life<Shape>& life) {
    life.living_tumour = from.value<std::uint64_t>("living_tumour");
    life.tumour_cell_days = from.value<double>("tumour_cell_days");
    life.awake_sum = awake_from(from);
}

template void store_progress(const Life<SectionShape>&, ColumnWriter&);
template void store_progress(const Life<BlockShape>&, ColumnWriter&);
template void restore_progress(ColumnReader&, Life<SectionShape>&);
template void restore_progress(ColumnReader&, Life<BlockShape>&);

}  // namespace stellate::laboratory
