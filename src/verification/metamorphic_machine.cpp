// Metamorphic checks of where and with whom a mouse is run: machine (X01), interruptions (X04), observers (X05),
// company (X11), what is in memory (X13). The answer is a digest, so one bit is a failure.
#include <fmt/format.h>

#include <cmath>
#include <memory>
#include <set>

#include "laboratory/readout.hpp"
#include "laboratory/sampling.hpp"
#include "simulation/stored_world.hpp"
#include "verification/small_mice.hpp"

namespace stellate::verification {

namespace {

template <class Shape>
void compare_machines(MouseHouse& house, const char* shape, const Mutation& mutation, Checks& checks) {
    const SmallMouse& mouse = house.besieged();
    const WorldSize size =
        Shape::flat ? WorldSize{2, 80, house.either(480, 120), 7} : WorldSize{2, 80, house.either(240, 120), 8};
    const World<Shape> alone = grown<Shape>(mouse, size, {1, Lanes::baseline, Lanes::baseline});
    const Digest one = digest(alone);
    if (mutation.name.empty()) checks.push_back(killers_at_work("X01", *alone.model, alone.tally));

    int different = 0, compared = 0;
    for (const int threads : {1, 2, 3, 8}) {
        WorldSize other = size;
        if (mutation.is("draws that depend on the number of threads")) other.seed += std::uint64_t(threads) - 1;
        different += digest(grown<Shape>(mouse, other, {.threads = threads})) != one;
        ++compared;
    }
    checks.push_back(same_bits("X01", fmt::format("{} grown on 1, 2, 3, 8 threads", shape), different, compared));

    different = compared = 0;
    for (const Lanes field : {Lanes::baseline, Lanes::avx2, Lanes::avx512})
        for (const Lanes contact : {Lanes::baseline, Lanes::avx2, Lanes::avx512}) {
            if (!runs_here(field) || !runs_here(contact)) continue;
            World<Shape> world = grown<Shape>(mouse, size, {1, field, contact});
            if (mutation.is("a radius off by its last bit")) {
                float& radius = world.lattice.in_memory().front()->cells.radius.front();
                radius = std::nextafter(radius, 0.0f);
            }
            different += digest(world) != one;
            ++compared;
        }
    checks.push_back(same_bits("X01", fmt::format("{} grown with each pair of field and contact lanes", shape),
                               different, compared));
}

}  // namespace

Case machine_case(const House& house) {
    Case c{"X01", "metamorphic", "threads and instruction sets give one digest", {}, {}};
    c.run = [house](const Mutation& mutation) {
        Checks checks;
        compare_machines<SectionShape>(*house, "section", mutation, checks);
        if (mutation.name.empty()) compare_machines<BlockShape>(*house, "block", mutation, checks);
        return checks;
    };
    c.mutants = {{"draws that depend on the number of threads"}, {"a radius off by its last bit"}};
    return c;
}

namespace {

// The same world, stopped at these ticks: each time it is stored, and another one goes on from what was stored.
template <class Shape>
World<Shape> grown_in_parts(const SmallMouse& mouse, const WorldSize& size, const std::set<int>& stops,
                            const Mutation& mutation) {
    World<Shape> world = found<Shape>(mouse, size);
    auto stepper = std::make_unique<Stepper<Shape>>();
    for (int tick = 0; tick < size.ticks; ++tick) {
        if (stops.contains(tick)) {
            storage::ColumnWriter to;
            store_world(world, to);
            const std::string bytes = to.take();
            const Digest state = digest(world);
            World<Shape> next = found<Shape>(mouse, size);
            storage::ColumnReader from(bytes, "stored");
            restore_world(from, state, 1, next);
            if (mutation.is("a column that is not stored"))
                for (Brick<Shape>* brick : next.lattice.in_memory())
                    std::fill(brick->emission.begin(), brick->emission.end(), 0.0f);
            world = std::move(next);
            stepper = std::make_unique<Stepper<Shape>>();
        }
        stepper->step(world);
    }
    return world;
}

template <class Shape>
void compare_parts(MouseHouse& house, const char* shape, const Mutation& mutation, Checks& checks) {
    const SmallMouse& mouse = house.besieged();
    const WorldSize size =
        Shape::flat ? WorldSize{2, 80, house.either(480, 120), 7} : WorldSize{2, 80, house.either(240, 60), 8};
    const Digest whole = digest(grown<Shape>(mouse, size));
    const auto compare = [&](const std::string& what, const std::set<int>& stops) {
        const World<Shape> world = grown_in_parts<Shape>(mouse, size, stops, mutation);
        checks.push_back(same_bits("X04", fmt::format("{} {}", shape, what), digest(world) != whole, 1));
    };
    compare("stopped once, stored and gone on with", {size.ticks * 2 / 5});
    std::set<int> many;
    for (int n = 1; n <= 10; ++n) many.insert(n * size.ticks / 11);
    compare("stopped ten times", many);
}

}  // namespace

Case stopping_case(const House& house) {
    Case c{"X04", "metamorphic", "a run stopped, stored and gone on with is the run that was never stopped", {}, {}};
    c.run = [house](const Mutation& mutation) {
        Checks checks;
        compare_parts<SectionShape>(*house, "section", mutation, checks);
        if (mutation.name.empty()) compare_parts<BlockShape>(*house, "block", mutation, checks);
        return checks;
    };
    c.mutants = {{"a column that is not stored"}};
    return c;
}

Case observer_case(const House& house) {
    Case c{"X05", "metamorphic", "observers, readings on the way and more endpoint days change nothing", {}, {}};
    c.run = [house](const Mutation& mutation) {
        const SmallMouse& mouse = house->mouse();
        const WorldSize size{2, 40, house->either(120, 40), 13};
        const Digest plain = digest(grown<SectionShape>(mouse, size));
        Checks checks;

        World<SectionShape> watched = found<SectionShape>(mouse, size);
        Stepper<SectionShape> stepper;
        std::map<std::string, Digest> last;
        stepper.observe([&](std::string_view phase, const World<SectionShape>& now) {
            last[std::string(phase)] = digest(now);
            if (mutation.is("an observer that writes") && phase == "push" && now.tick == 5)
                watched.lattice.in_memory().front()->matrix.collagen.front() *= static_cast<float>(mutation.factor);
        });
        for (int n = 0; n < size.ticks; ++n) stepper.step(watched);
        checks.push_back(same_bits("X05", fmt::format("world hashed after each of {} phases", last.size()),
                                   digest(watched) != plain, 1));

        World<SectionShape> read = found<SectionShape>(mouse, size);
        Stepper<SectionShape> reading;
        for (int n = 0; n < size.ticks; ++n) {
            reading.step(read);
            if (n % 8 != 0) continue;
            read.lattice.settle(1);
            histology::measure(laboratory::section_of(read));
            laboratory::count_cells(read, 20, 5);
        }
        checks.push_back(
            same_bits("X05", "world sectioned, measured and counted every 8 ticks", digest(read) != plain, 1));

        const std::string head = "mice = 2\nseed = 5\nacclimatisation = \"6 h\"\ndays = 1\n";
        const std::string rest =
            "[inoculum]\ninjected = 1e5\ncells = 24\n[[primaries]]\nname = \"colon\"\n[[arms]]\nname = \"control\"\n";
        const Ends few = run_text(*house, small_experiment(head, rest));
        const Ends many =
            run_text(*house, small_experiment(head + "endpoint_days = [0, 0.1, 0.25, 0.5, 0.75]\n", rest));
        checks.push_back(
            same_bits("X05", "mice with 1 and with 6 endpoint days", differing(few, many), int(few.size())));
        return checks;
    };
    c.mutants = {{"an observer that writes", 1.01}};
    return c;
}

Case alone_case(const House& house) {
    Case c{"X11", "metamorphic", "a mouse alone is the same mouse as in a cohort", {}, {}};
    const auto cohort = std::make_shared<Once<Ends>>();
    c.run = [house, cohort](const Mutation& mutation) {
        const int mice = house->either(40, 10);
        const std::string rest =
            "[inoculum]\ninjected = 1e5\ndensity = \"12000 cells/mm^3\"\n[[primaries]]\nname = "
            "\"colon\"\n[[arms]]\nname = "
            "\"control\"\n[[variation]]\nrecord = \"inoculum.density\"\ncv = \"25 %\"\n[[variation]]\nrecord = "
            "\"responses.hsc_quiescent.activation_max\"\ncv = \"15 %\"\n";
        const std::string head =
            fmt::format("mice = {}\nseed = 5\nacclimatisation = \"6 h\"\ndays = {}\n", mice, house->either(2, 1));
        const Ends& all = cohort->get([&] { return run_text(*house, small_experiment(head, rest)); });
        // The mistake: a mouse's seed from its place among those that are run.
        const int number = mutation.is("a seed by place in the cohort") ? 1 : 7;
        const Ends alone = run_text(*house, small_experiment(head + fmt::format("only_mice = [{}]\n", number), rest));
        Ends seventh;
        seventh["seventh"] = all.at("colon/control/7");
        Ends only;
        only["seventh"] = alone.begin()->second;
        std::vector<Digest> seen;
        int twins = 0;
        for (const auto& [who, state] : all) {
            twins += std::find(seen.begin(), seen.end(), state) != seen.end();
            seen.push_back(state);
        }
        return Checks{
            same_bits("X11", fmt::format("mouse 7 alone and in a cohort of {}", mice), differing(seventh, only), 1),
            same_bits("X11", "mice of the cohort that are another's twin", twins, mice)};
    };
    c.mutants = {{"a seed by place in the cohort"}};
    return c;
}

Case virtual_case(const House& house) {
    Case c{"X13", "metamorphic", "bricks that nobody disturbed are what anatomy says, in memory or not", {}, {}};
    c.run = [house](const Mutation& mutation) {
        const auto contents = [](const Brick<SectionShape>& brick) {
            Hasher hasher;
            brick.hash(hasher);
            return hasher.digest();
        };
        const auto contents_3d = [](const Brick<BlockShape>& brick) {
            Hasher hasher;
            brick.hash(hasher);
            return hasher.digest();
        };
        const SmallMouse& mouse = house->mouse();
        Checks checks;
        // A mouse with a few tumour cells: most of the liver sleeps or is virtual.
        const WorldSize size{house->either(8, 6), 2, house->either(240, 60), 17};
        World<SectionShape> world = found<SectionShape>(mouse, size);
        Stepper<SectionShape> stepper;
        std::vector<int> touched(std::size_t(size.bricks * size.bricks), 0);
        for (int n = 0; n < size.ticks; ++n) {
            stepper.step(world);
            for (const auto* brick : world.lattice.in_memory())
                touched[std::size_t(world.lattice.index(brick->at))] |=
                    brick->activity.cells_awake | brick->activity.fields_awake;
        }
        const World<SectionShape> fresh = found<SectionShape>(mouse, size);
        int asleep = 0, asleep_changed = 0, hidden = 0, hidden_changed = 0;
        for (int y = 0; y < size.bricks; ++y)
            for (int x = 0; x < size.bricks; ++x) {
                const BrickCoord at{x, y, 0};
                if (touched[std::size_t(world.lattice.index(at))]) continue;
                const Digest healthy = contents(fresh.lattice.anatomy(at));
                const bool kept = world.lattice.find(at) != nullptr;
                Brick<SectionShape>& brick = world.lattice.materialise(at);
                if (mutation.is("collagen of one voxel"))
                    brick.matrix.collagen[5] *= static_cast<float>(mutation.factor);
                (kept ? asleep : hidden) += 1;
                (kept ? asleep_changed : hidden_changed) += contents(brick) != healthy;
            }
        checks.push_back(
            same_bits("X13", "bricks in memory that never woke, against anatomy(seed, place)", asleep_changed, asleep));
        checks.push_back(
            same_bits("X13", "virtual bricks made real late, against a fresh mouse's", hidden_changed, hidden));
        checks.push_back(within("X13", "bricks compared, at least 4", 1, asleep + hidden >= 4, 0,
                                Check::Tier::discrete_exact, "coverage"));

        const World<BlockShape> block = found<BlockShape>(mouse, {2, 0, 0, 17}, false),
                                other = found<BlockShape>(mouse, {2, 0, 0, 17});
        int changed = 0;
        for (const auto* brick : block.lattice.in_memory()) {
            Brick<BlockShape> healthy = other.lattice.anatomy(brick->at);
            healthy.activity = brick->activity;
            changed += contents_3d(*brick) != contents_3d(healthy);
        }
        checks.push_back(same_bits("X13", "bricks of a block in memory from the start, against virtual ones", changed,
                                   int(block.lattice.in_memory().size())));
        return checks;
    };
    c.mutants = {{"collagen of one voxel", 1.01}};
    return c;
}

}  // namespace stellate::verification
