#include "simulation/stored_world.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "core/error.hpp"

namespace stellate {

namespace {

using storage::ColumnReader;
using storage::ColumnWriter;

// The list of what a stored brick holds besides its cells and segments: visit(name, values per brick, array of a
// brick).
template <class Shape, class Visit>
void each_array(std::size_t substrates, Visit&& visit) {
    constexpr auto voxels = std::size_t(voxels_per_brick<Shape>);
    visit("deviation", substrates * voxels, [](auto& b) -> auto& { return b.deviation; });
    visit("emission", substrates * voxels, [](auto& b) -> auto& { return b.emission; });
    visit("collagen", voxels, [](auto& b) -> auto& { return b.matrix.collagen; });
    visit("crosslink", voxels, [](auto& b) -> auto& { return b.matrix.crosslink; });
    visit("fibre_cos", voxels, [](auto& b) -> auto& { return b.matrix.fibre_cos; });
    visit("fibre_sin", voxels, [](auto& b) -> auto& { return b.matrix.fibre_sin; });
    visit("sinusoid", voxels, [](auto& b) -> auto& { return b.sinusoid; });
}

// One column a member, over rows of a struct: visit(name, member).
template <class Visit>
void each_member_of_segment(Visit&& visit) {
    visit("segment.x0", &Segment::x0), visit("segment.y0", &Segment::y0), visit("segment.z0", &Segment::z0);
    visit("segment.x1", &Segment::x1), visit("segment.y1", &Segment::y1), visit("segment.z1", &Segment::z1);
    visit("segment.radius", &Segment::radius);
    visit("segment.sprout", &Segment::sprout);
    visit("segment.sequence", &Segment::sequence);
    visit("segment.birth_tick", &Segment::birth_tick);
    visit("segment.unfed_since", &Segment::unfed_since);
    visit("segment.perfused", &Segment::perfused);
}

template <class Visit>
void each_member_of_sprout(Visit&& visit) {
    using vessels::Sprout;
    visit("sprout.segments", &Sprout::segments), visit("sprout.standing", &Sprout::standing);
    visit("sprout.birth_tick", &Sprout::birth_tick);
    visit("sprout.parent_sprout", &Sprout::parent_sprout), visit("sprout.parent_sequence", &Sprout::parent_sequence);
    visit("sprout.root_open", &Sprout::root_open), visit("sprout.joint_open", &Sprout::joint_open);
    visit("sprout.joined", &Sprout::joined);
    visit("sprout.joined_sprout", &Sprout::joined_sprout), visit("sprout.joined_sequence", &Sprout::joined_sequence);
}

template <class Visit>
void each_member_of_kill(Visit&& visit) {
    using treatment::Kill;
    visit("kill.cell", &Kill::cell), visit("kill.type", &Kill::type);
    visit("kill.cause", &Kill::cause), visit("kill.delay_min", &Kill::delay_min), visit("kill.gene", &Kill::gene);
}

template <class Row, class Member>
void store_member(const char* name, const std::vector<Row>& rows, Member Row::* member, ColumnWriter& to) {
    std::vector<Member> values;
    values.reserve(rows.size());
    for (const Row& row : rows) values.push_back(row.*member);
    to.column(name, values);
}
template <class Row, class Member>
void restore_member(const char* name, std::vector<Row>& rows, Member Row::* member, ColumnReader& from) {
    const std::vector<Member> values = from.column<Member>(name, rows.size());
    for (std::size_t n = 0; n < rows.size(); ++n) rows[n].*member = values[n];
}

template <class Row>
void store_place(const std::string& name, const std::vector<Row>& rows, Vec3 Row::* place, ColumnWriter& to) {
    for (const auto& [axis, of] : {std::pair(".x", &Vec3::x), std::pair(".y", &Vec3::y), std::pair(".z", &Vec3::z)}) {
        std::vector<double> values;
        for (const Row& row : rows) values.push_back((row.*place).*of);
        to.column(name + axis, values);
    }
}
template <class Row>
void restore_place(const std::string& name, std::vector<Row>& rows, Vec3 Row::* place, ColumnReader& from) {
    for (const auto& [axis, of] : {std::pair(".x", &Vec3::x), std::pair(".y", &Vec3::y), std::pair(".z", &Vec3::z)}) {
        const std::vector<double> values = from.column<double>(name + axis, rows.size());
        for (std::size_t n = 0; n < rows.size(); ++n) (rows[n].*place).*of = values[n];
    }
}

std::vector<std::string> substrate_names(const Model& model) {
    std::vector<std::string> names;
    for (const Substrate& s : model.substrates) names.push_back(s.name);
    return names;
}

template <class Shape>
void refuse_twins(const std::vector<const Brick<Shape>*>& bricks) {
    std::vector<std::uint64_t> ids;
    for (const Brick<Shape>* b : bricks) ids.insert(ids.end(), b->cells.id.begin(), b->cells.id.end());
    std::sort(ids.begin(), ids.end());
    const auto twin = std::adjacent_find(ids.begin(), ids.end());
    if (twin != ids.end()) throw RunError("two cells have the id " + std::to_string(*twin));
}

}  // namespace

void store_tally(const Tally& tally, ColumnWriter& to) {
    to.column("tally", std::vector<std::uint64_t>{tally.arrived_tumour, tally.divisions, tally.tumour_divisions,
                                                  tally.sprouts, tally.joined, tally.segments_lost});
    to.column("tally.deaths", tally.deaths);
    to.column("tally.kills", tally.kills);
    to.column("tally.recruited", tally.recruited);
}

Tally restore_tally(ColumnReader& from, std::size_t types) {
    Tally tally;
    const auto sums = from.column<std::uint64_t>("tally", 6);
    tally.arrived_tumour = sums[0], tally.divisions = sums[1], tally.tumour_divisions = sums[2];
    tally.sprouts = sums[3], tally.joined = sums[4], tally.segments_lost = sums[5];
    tally.deaths = from.column<std::uint64_t>("tally.deaths", types);
    tally.kills = from.column<std::uint64_t>("tally.kills", types);
    tally.recruited = from.column<std::uint64_t>("tally.recruited", types);
    return tally;
}

void store_kills(const treatment::KillLog& kills, ColumnWriter& to) {
    store_member("kill.tick", kills, &treatment::Kill::tick, to);
    each_member_of_kill([&](const char* name, auto member) { store_member(name, kills, member, to); });
    store_place("kill.place_um", kills, &treatment::Kill::place_um, to);
}

treatment::KillLog restore_kills(ColumnReader& from) {
    const std::vector<std::uint32_t> ticks = from.column<std::uint32_t>("kill.tick");
    treatment::KillLog kills(ticks.size());
    for (std::size_t n = 0; n < ticks.size(); ++n) kills[n].tick = ticks[n];
    each_member_of_kill([&](const char* name, auto member) { restore_member(name, kills, member, from); });
    restore_place("kill.place_um", kills, &treatment::Kill::place_um, from);
    return kills;
}

template <class Shape>
void store_world(const World<Shape>& world, ColumnWriter& to) {
    const std::vector<const Brick<Shape>*> bricks(world.lattice.in_memory().begin(), world.lattice.in_memory().end());
    refuse_twins<Shape>(bricks);
    to.text("shape", Shape::flat ? "section" : "block");
    to.texts("types", world.model->type_names());
    to.texts("substrates", substrate_names(*world.model));
    to.column("extent", std::vector<std::int32_t>{world.lattice.nx(), world.lattice.ny(), world.lattice.nz()});
    to.value("seed", world.seed);
    to.value("tick", world.tick);

    const auto per_brick = [&](const char* name, auto&& of) {
        std::vector<std::remove_cvref_t<decltype(of(*bricks[0]))>> values;
        values.reserve(bricks.size());
        for (const Brick<Shape>* b : bricks) values.push_back(of(*b));
        to.column(name, values);
    };
    per_brick("brick.x", [](const auto& b) { return b.at.x; });
    per_brick("brick.y", [](const auto& b) { return b.at.y; });
    per_brick("brick.z", [](const auto& b) { return b.at.z; });
    per_brick("brick.cells_awake", [](const auto& b) { return b.activity.cells_awake; });
    per_brick("brick.fields_awake", [](const auto& b) { return b.activity.fields_awake; });
    per_brick("brick.quiet_cells", [](const auto& b) { return b.activity.quiet_cells; });
    per_brick("brick.quiet_fields", [](const auto& b) { return b.activity.quiet_fields; });
    per_brick("brick.cells", [](const auto& b) { return static_cast<std::uint32_t>(b.cells.size()); });
    per_brick("brick.segments", [](const auto& b) { return static_cast<std::uint32_t>(b.segments.size()); });

    Cells cells;
    for (const Brick<Shape>* b : bricks)
        Cells::for_each_column([](auto& all, const auto& some) { all.insert(all.end(), some.begin(), some.end()); },
                               cells, b->cells);
    std::size_t number = 0;
    Cells::for_each_column([&](const auto& column) { to.column(Cells::column_names[number++], column); }, cells);
    each_array<Shape>(world.model->substrates.size(), [&](const char* name, std::size_t each, auto&& array) {
        to.begin<float>(name, each * bricks.size());
        for (const Brick<Shape>* b : bricks) to.append(std::span<const float>(array(*b)));
    });
    std::vector<Segment> segments;
    for (const Brick<Shape>* b : bricks) segments.insert(segments.end(), b->segments.begin(), b->segments.end());
    each_member_of_segment([&](const char* name, auto member) { store_member(name, segments, member, to); });

    const std::vector<vessels::Sprout>& sprouts = world.tree.sprouts;
    store_member("sprout.id", sprouts, &vessels::Sprout::id, to);
    store_place("sprout.last_um", sprouts, &vessels::Sprout::last_um, to);
    store_place("sprout.root_um", sprouts, &vessels::Sprout::root_um, to);
    each_member_of_sprout([&](const char* name, auto member) { store_member(name, sprouts, member, to); });
    store_tally(world.tally, to);

    store_kills(world.kill_log, to);
    std::vector<std::uint64_t> clamped;
    std::vector<double> largest;
    for (const Clamps& c : world.clamps) clamped.push_back(c.voxels), largest.push_back(c.largest);
    to.column("clamped.voxels", clamped);
    to.column("clamped.largest", largest);
}

namespace {

// Where the bricks lie that a stored world holds; each inside the tissue, in the order of the lattice.
template <class Shape>
std::vector<BrickCoord> stored_places(ColumnReader& from, const Lattice<Shape>& lattice) {
    const auto x = from.column<std::int32_t>("brick.x");
    const auto y = from.column<std::int32_t>("brick.y", x.size()), z = from.column<std::int32_t>("brick.z", x.size());
    std::vector<BrickCoord> places;
    for (std::size_t n = 0; n < x.size(); ++n) {
        places.push_back({x[n], y[n], z[n]});
        if (!lattice.contains(places[n]) || (n > 0 && lattice.index(places[n]) <= lattice.index(places[n - 1])))
            from.refuse("its brick " + std::to_string(n) + " is out of place");
    }
    return places;
}

std::size_t sum(const std::vector<std::uint32_t>& counts) {
    std::size_t total = 0;
    for (const std::uint32_t count : counts) total += count;
    return total;
}

}  // namespace

template <class Shape>
void restore_world(ColumnReader& from, Digest expected, int threads, World<Shape>& world) {
    const Model& model = *world.model;
    Lattice<Shape>& lattice = world.lattice;
    if (from.text("shape") != (Shape::flat ? "section" : "block")) from.refuse("is of a tissue of the other geometry");
    if (from.texts("types") != model.type_names()) from.refuse("is of a model with other cell types");
    if (from.texts("substrates") != substrate_names(model)) from.refuse("is of a model with other substrates");
    if (from.column<std::int32_t>("extent", 3) != std::vector<std::int32_t>{lattice.nx(), lattice.ny(), lattice.nz()})
        from.refuse("is of a tissue of another size");
    if (from.value<std::uint64_t>("seed") != world.seed) from.refuse("is of an animal of another seed");
    world.tick = from.value<std::uint32_t>("tick");

    lattice.materialise(stored_places(from, lattice), threads);
    const std::vector<Brick<Shape>*>& bricks = lattice.in_memory();
    const auto per_brick = [&]<class Value>(const char* name, Value Activity::* member) {
        const std::vector<Value> values = from.column<Value>(name, bricks.size());
        for (std::size_t n = 0; n < bricks.size(); ++n) bricks[n]->activity.*member = values[n];
    };
    per_brick("brick.cells_awake", &Activity::cells_awake);
    per_brick("brick.fields_awake", &Activity::fields_awake);
    per_brick("brick.quiet_cells", &Activity::quiet_cells);
    per_brick("brick.quiet_fields", &Activity::quiet_fields);
    const auto cell_counts = from.column<std::uint32_t>("brick.cells", bricks.size());
    const auto segment_counts = from.column<std::uint32_t>("brick.segments", bricks.size());

    Cells cells;
    std::size_t number = 0;
    Cells::for_each_column(
        [&, rows = sum(cell_counts)](auto& column) {
            using Value = typename std::remove_cvref_t<decltype(column)>::value_type;
            column = from.column<Value>(Cells::column_names[number++], rows);
        },
        cells);
    std::size_t row = 0;
    for (std::size_t n = 0; n < bricks.size(); row += cell_counts[n++])
        Cells::for_each_column(
            [&](auto& some, const auto& all) {
                const auto first = all.begin() + static_cast<std::ptrdiff_t>(row);
                some.assign(first, first + cell_counts[n]);
            },
            bricks[n]->cells, cells);
    for (const std::uint8_t type : cells.type)
        if (type >= model.types.size()) from.refuse("has a cell of no type of the model");
    each_array<Shape>(model.substrates.size(), [&](const char* name, std::size_t each, auto&& array) {
        from.begin<float>(name, each * bricks.size());
        for (Brick<Shape>* b : bricks) {
            array(*b).resize(each);
            from.take(std::span<float>(array(*b)));
        }
    });
    std::vector<Segment> segments(sum(segment_counts));
    each_member_of_segment([&](const char* name, auto member) { restore_member(name, segments, member, from); });
    auto segment = segments.begin();
    for (std::size_t n = 0; n < bricks.size(); segment += segment_counts[n++])
        bricks[n]->segments.assign(segment, segment + segment_counts[n]);

    const std::vector<std::uint64_t> sprout_ids = from.column<std::uint64_t>("sprout.id");
    std::vector<vessels::Sprout>& sprouts = world.tree.sprouts;
    sprouts.resize(sprout_ids.size());
    for (std::size_t n = 0; n < sprouts.size(); ++n) sprouts[n].id = sprout_ids[n];
    restore_place("sprout.last_um", sprouts, &vessels::Sprout::last_um, from);
    restore_place("sprout.root_um", sprouts, &vessels::Sprout::root_um, from);
    each_member_of_sprout([&](const char* name, auto member) { restore_member(name, sprouts, member, from); });
    world.tally = restore_tally(from, model.types.size());

    world.kill_log = restore_kills(from);
    const auto clamped = from.column<std::uint64_t>("clamped.voxels", model.substrates.size());
    const auto largest = from.column<double>("clamped.largest", model.substrates.size());
    for (std::size_t s = 0; s < clamped.size(); ++s) world.clamps[s] = {clamped[s], largest[s]};

    lattice.sort(threads);
    if (digest(world) != expected) from.refuse("its state has another digest than was written down with it");
}

template void store_world(const World<SectionShape>&, ColumnWriter&);
template void store_world(const World<BlockShape>&, ColumnWriter&);
template void restore_world(ColumnReader&, Digest, int, World<SectionShape>&);
template void restore_world(ColumnReader&, Digest, int, World<BlockShape>&);

}  // namespace stellate
