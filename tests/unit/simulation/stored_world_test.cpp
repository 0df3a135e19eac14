// A world that was stored and put back is the same world: whatever tick it is split at, it ends with the bits of one
// that was never stopped; and no column of it can change unseen.
#include "simulation/stored_world.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <map>
#include <random>
#include <set>

#include "mouse.hpp"
#include "storage/snapshot.hpp"

namespace stellate::test {
namespace {

template <class Shape>
std::string stored(const World<Shape>& w) {
    storage::ColumnWriter to;
    store_world(w, to);
    return to.take();
}

// The stored state put into a world as made.
template <class Shape>
void restore(const std::string& bytes, Digest expected, World<Shape>& fresh) {
    storage::ColumnReader from(bytes, "world");
    restore_world(from, expected, 2, fresh);
    from.finish();
}

// Ganciclovir from the beginning on; that share of all cells carry the gene.
treatment::Plan a_plan(const Mouse& mouse, double carriers = 1) {
    treatment::SuicideGene gene;
    gene.name = "tk";
    for (std::size_t type = 0; type < mouse.model->types.size(); ++type) gene.carrier_types.push_back(int(type));
    gene.carrier_share = carriers;
    gene.dosing.dose_ug_per_g = 40;
    gene.dosing.interval_min = 1440;
    gene.dosing.elimination_per_min = 6.4e-4;
    gene.dosing.distribution_ml_per_g = 0.7;
    gene.effect.half = 0.08;
    gene.death_delay_h = 2;
    gene.bystander_radius_um = 15;
    gene.bystander_share.assign(mouse.model->types.size(), 0.2f);
    treatment::Plan plan;
    plan.suicide_genes.push_back(gene);
    return plan;
}

struct Tried {
    int splits = 0;
    std::set<std::string> seen;  // what happened in the worlds that were split
};

// Runs a world for so many ticks, storing it at each tick of `splits`; every one put back and run on ends alike.
template <class Shape>
void split_and_compare(const Mouse& mouse, std::uint64_t seed, Extent extent, int tumour_cells, bool sleep,
                       double carriers, std::uint32_t ticks, const std::set<std::uint32_t>& splits, Tried& tried) {
    const auto made = [&] { return world<Shape>(mouse, seed, extent, tumour_cells, sleep, a_plan(mouse, carriers)); };
    struct Stop {
        std::string bytes;
        Digest state;
    };
    std::map<std::uint32_t, Stop> stops;
    World<Shape> whole = made();
    {
        Stepper<Shape> stepper(2);
        while (whole.tick < ticks) {
            if (splits.contains(whole.tick)) stops[whole.tick] = {stored(whole), digest(whole)};
            stepper.step(whole);
        }
    }
    const Digest end = digest(whole);
    for (const auto& [tick, stop] : stops) {
        World<Shape> again = made();
        restore(stop.bytes, stop.state, again);
        ASSERT_EQ(again.tick, tick);
        ASSERT_EQ(stored(again), stop.bytes);  // it would be stored as it was
        run(again, int(ticks - tick), 1);
        ASSERT_EQ(to_string(digest(again)), to_string(end)) << "split at " << tick;
        ASSERT_EQ(again.kill_log.size(), whole.kill_log.size());
        for (std::size_t s = 0; s < whole.clamps.size(); ++s) ASSERT_EQ(again.clamps[s].voxels, whole.clamps[s].voxels);
        ++tried.splits;
    }
    const auto saw = [&](bool it, const char* what) {
        if (it) tried.seen.insert(what);
    };
    saw(whole.tally.divisions > 0, "births");
    saw(whole.tally.arrived_tumour > 0, "arrivals");
    saw(!whole.kill_log.empty(), "kills by treatment");
    saw(whole.tally.sprouts > 0, "sprouts");
    saw(std::any_of(whole.tally.kills.begin(), whole.tally.kills.end(), [](auto n) { return n > 0; }), "immune kills");
    saw(std::any_of(whole.tally.recruited.begin(), whole.tally.recruited.end(), [](auto n) { return n > 0; }),
        "recruits");
    saw(count(whole, "hsc_activated") > 0, "activation");
    const auto& bricks = whole.lattice.in_memory();
    saw(std::any_of(bricks.begin(), bricks.end(),
                    [](const auto* b) { return b->matrix.collagen != b->healthy.collagen; }),
        "matrix");
    saw(std::any_of(bricks.begin(), bricks.end(), [](const auto* b) { return !b->activity.cells_awake; }), "sleep");
    saw(std::any_of(bricks.begin(), bricks.end(),
                    [](const auto* b) {
                        return std::any_of(b->sinusoid.begin(), b->sinusoid.end(), [](float s) { return s < 1; });
                    }),
        "shut sinusoids");
}

// A mouse in which everything happens within half a day.
const Mouse& eventful() {
    static const Mouse mouse = [] {
        Mouse m = load_besieged({{"responses.hsc_activated.cycle_entry_max", "1.7 1/day"},
                                 {"responses.hsc_quiescent.activation_max", "1.5 1/day"}});
        Model model = *m.model;
        for (CellType& type : model.types)
            type.s_phase_min = std::min(type.s_phase_min, 60.0), type.g2m_min = std::min(type.g2m_min, 30.0);
        model.vessels.vegfa_threshold_nM *= 0.02;
        model.vessels.sprouting_per_min *= 200;
        m.model = std::make_shared<const Model>(std::move(model));
        return m;
    }();
    return mouse;
}

TEST(StoredWorld, split_at_any_tick_is_the_whole_run) {
    constexpr unsigned master_seed = 20261127;
    std::mt19937 random(master_seed);
    const auto between = [&](int low, int high) { return std::uniform_int_distribution(low, high)(random); };
    Tried tried;
    const char* more = std::getenv("STELLATE_WORLDS");  // the long form: tests/robustness/soak.sh
    const int worlds = more ? std::atoi(more) : 6;
    for (int n = 0; n < worlds && !HasFatalFailure(); ++n) {
        SCOPED_TRACE("world " + std::to_string(n) + " of master seed " + std::to_string(master_seed));
        const bool flat = n % 3 != 2, sleep = n % 4 != 3;
        const double carriers = n % 2 == 0 ? 1 : 0;
        const std::uint64_t seed = random();
        const bool lonely = n % 3 == 1;  // a tumour cell or two, far from most of the tissue
        const int cells = lonely ? between(1, 2) : between(50, 70), ticks = !flat ? 60 : lonely ? 160 : 600;
        std::set<std::uint32_t> splits{0, std::uint32_t(ticks - 1)};
        while (splits.size() < 6) splits.insert(std::uint32_t(between(1, ticks - 2)));
        if (flat)
            split_and_compare<SectionShape>(eventful(), seed, {lonely ? 12 : 3, lonely ? 1 : 2, 1}, cells, sleep,
                                            carriers, std::uint32_t(ticks), splits, tried);
        else
            split_and_compare<BlockShape>(eventful(), seed, {2, 2, 2}, cells, sleep, carriers, std::uint32_t(ticks),
                                          splits, tried);
    }
    EXPECT_EQ(tried.splits, worlds * 6);
    EXPECT_EQ(tried.seen,
              (std::set<std::string>{"activation", "arrivals", "births", "immune kills", "kills by treatment", "matrix",
                                     "recruits", "shut sinusoids", "sleep", "sprouts"}));
}

// Where each column's values begin and how many bytes they have.
std::map<std::string, std::pair<std::size_t, std::size_t>> columns_in(const std::string& bytes) {
    std::map<std::string, std::pair<std::size_t, std::size_t>> columns;
    for (std::size_t at = 0; at < bytes.size();) {
        const auto length = static_cast<unsigned char>(bytes[at]);
        const std::string name = bytes.substr(at + 1, length), type = bytes.substr(at + 1 + length, 2);
        std::uint64_t count = 0;
        std::memcpy(&count, bytes.data() + at + 1 + length + 2, 8);
        const std::size_t first = at + 1 + length + 2 + 8, size = count * std::size_t(type[1] - '0');
        columns[name] = {first, size};
        at = first + size;
    }
    return columns;
}

TEST(StoredWorld, no_column_of_the_state_can_change_unseen) {
    World<SectionShape> w = world<SectionShape>(eventful(), 4, {2, 2, 1}, 40, true, a_plan(eventful()));
    run(w, 150);
    const std::string bytes = stored(w);
    const Digest state = digest(w);
    // Told of the world and not part of its state.
    const std::set<std::string> told = {"kill.tick",       "kill.cell",      "kill.type",       "kill.cause",
                                        "kill.delay_min",  "kill.gene",      "kill.place_um.x", "kill.place_um.y",
                                        "kill.place_um.z", "clamped.voxels", "clamped.largest"};
    int changed = 0;
    for (const auto& [name, where] : columns_in(bytes)) {
        if (told.contains(name)) continue;
        ASSERT_GT(where.second, 0u) << name << " is empty: the world is too dull to try it";
        std::string altered = bytes;
        char& byte = altered[where.first + where.second / 2];
        byte = static_cast<char>(byte ^ 1);
        World<SectionShape> fresh = world<SectionShape>(eventful(), 4, {2, 2, 1}, 40, true, a_plan(eventful()));
        EXPECT_THROW(restore(altered, state, fresh), storage::Damaged) << name;
        ++changed;
    }
    EXPECT_GT(changed, 50);
}

// Worlds that other versions of the program have stored, one of each shape and version of the format, are read for
// ever. STELLATE_WRITE_GOLDEN=1 writes those of this version, where there are none yet.
template <class Shape>
void golden(const std::string& name, Extent extent, int ticks) {
    const std::filesystem::path path = std::filesystem::path(STELLATE_SOURCE_DIR "/tests/data/checkpoints") / name;
    const storage::Format format{"checkpoint", 1};
    if (std::getenv("STELLATE_WRITE_GOLDEN") && !std::filesystem::exists(path)) {
        World<Shape> w = world<Shape>(eventful(), 12, extent, 20, true, a_plan(eventful()));
        run(w, ticks);
        storage::write_snapshot(path, format, {{"state", to_string(digest(w))}}, {{"world", stored(w)}});
    }
    const storage::Snapshot snapshot = storage::read_snapshot(path, format);
    World<Shape> w = world<Shape>(eventful(), 12, extent, 20, true, a_plan(eventful()));
    const std::string& state = snapshot.manifest.fact("state");
    const Digest expected{std::stoull(state.substr(0, 16), nullptr, 16), std::stoull(state.substr(16), nullptr, 16)};
    restore(snapshot.part("world"), expected, w);
    EXPECT_EQ(to_string(digest(w)), state);
    EXPECT_EQ(stored(w), snapshot.part("world"));  // this version writes what that one wrote
}

TEST(StoredWorld, of_every_version_are_read) {
    golden<SectionShape>("section-1", {2, 1, 1}, 100);
    golden<BlockShape>("block-1", {1, 1, 1}, 40);
}

TEST(StoredWorld, another_mouse_or_tissue_is_refused_by_name) {
    World<SectionShape> w = world<SectionShape>(eventful(), 4, {2, 2, 1}, 5);
    run(w, 3);
    const std::string bytes = stored(w);
    const auto complaint = [&](auto fresh) {
        try {
            restore(bytes, digest(w), fresh);
        } catch (const storage::Damaged& damaged) {
            return std::string(damaged.what());
        }
        return std::string("nothing");
    };
    EXPECT_EQ(complaint(world<SectionShape>(eventful(), 5, {2, 2, 1}, 5)), "world: is of an animal of another seed");
    EXPECT_EQ(complaint(world<SectionShape>(eventful(), 4, {2, 3, 1}, 5)), "world: is of a tissue of another size");
    EXPECT_EQ(complaint(world<BlockShape>(eventful(), 4, {2, 2, 1}, 5)), "world: is of a tissue of the other geometry");
    Mouse other = load();
    Model model = *other.model;
    model.substrates[0].name = "TGFB2";
    other.model = std::make_shared<const Model>(std::move(model));
    EXPECT_EQ(complaint(world<SectionShape>(other, 4, {2, 2, 1}, 5)), "world: is of a model with other substrates");
    EXPECT_EQ(complaint(world<SectionShape>(eventful(), 4, {2, 2, 1}, 5)), "nothing");
}

TEST(StoredWorld, twins_stop_the_run_before_they_are_stored) {
    World<SectionShape> w = world<SectionShape>(eventful(), 4, {2, 2, 1}, 5);
    run(w, 3);
    Cells& cells = w.lattice.in_memory()[0]->cells;
    cells.id[1] = cells.id[0];
    EXPECT_THROW(stored(w), RunError);
}

}  // namespace
}  // namespace stellate::test
