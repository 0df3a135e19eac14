#include "simulation/step.hpp"

#include <array>
#include <chrono>
#include <utility>

#include "core/error.hpp"
#include "core/parallel.hpp"
#include "simulation/phases.hpp"

namespace stellate {

namespace {
constexpr std::array<const char*, 10> phase_names = {
    "settle", "relax fields", "sense", "decide", "walk", "commit", "remodel", "grow vessels", "push", "wake or rest"};
}

template <class Shape>
struct Stepper<Shape>::Parts {
    explicit Parts(const Machine& machine)
        : threads(machine.threads), contacts(machine.contacts), fields(machine.fields) {}
    int threads;
    Lanes contacts;
    std::vector<BrickScratch> scratch;
    FieldRelaxer<Shape> fields;
    mechanics::MoveScratch move;
    std::array<double, phase_names.size()> seconds{};
    // The state that left the last tick: settled by its push, every part checked after the phase that wrote it.
    const World<Shape>* left = nullptr;
    std::uint32_t left_tick = 0;

    // Whoever was woken inside the tick gets its neighbours into memory before anything looks at them; scratch follows
    // its brick to its new place in the order.
    void surround_and_realign(World<Shape>& world) {
        const std::vector<Brick<Shape>*> before = world.lattice.in_memory();
        surround_awake(world);
        const auto& after = world.lattice.in_memory();
        if (after.size() == before.size()) return;
        std::vector<BrickScratch> aligned(after.size());
        for (std::size_t old = 0, now = 0; old < before.size(); ++old) {
            while (after[now] != before[old]) ++now;
            aligned[now] = std::move(scratch[old]);
        }
        scratch = std::move(aligned);
    }

    // Runs body(b) on every cell-awake brick.
    template <class Body>
    void each_awake(World<Shape>& world, Body&& body) {
        const auto& bricks = world.lattice.in_memory();
        parallel_for(std::int64_t(bricks.size()), threads, [&](std::int64_t b) {
            if (bricks[std::size_t(b)]->activity.cells_awake) body(*bricks[std::size_t(b)], scratch[std::size_t(b)]);
        });
    }
};

template <class Shape>
Stepper<Shape>::Stepper(const Machine& machine) : parts_(std::make_unique<Parts>(machine)) {}
template <class Shape>
Stepper<Shape>::~Stepper() = default;

template <class Shape>
void Stepper<Shape>::step(World<Shape>& world) {
    Parts& p = *parts_;
    const Model& model = *world.model;
    std::size_t number = 0;
    // What a phase wrote is checked once the observer has seen it, so the run stops in the name of whoever wrote the
    // bad number.
    const auto phase = [&](Written wrote, auto&& body) {
        const auto timed = [&](auto&& part) {
            const auto start = std::chrono::steady_clock::now();
            try {
                part();
            } catch (const RunError& error) {
                throw RunError("phase '" + std::string(phase_names[number]) + "', tick " + std::to_string(world.tick) +
                               ": " + error.what());
            }
            p.seconds[number] += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        };
        timed(body);
        if (observer_) observer_(phase_names[number], world);
        timed([&] { guard(world, wrote, p.threads); });
        ++number;
    };

    phase(written::nothing, [&] {
        const bool goes_on = std::exchange(p.left, nullptr) == &world && p.left_tick == world.tick;
        if (!goes_on) guard(world, written::every_value, p.threads);
        const bool seeded = seed_tumour(world);
        surround_awake(world);
        if (!goes_on || seeded) {
            world.lattice.settle(p.threads);
            guard(world, written::whole_cells, p.threads);
        }
        p.scratch.resize(world.lattice.in_memory().size());
        for (BrickScratch& s : p.scratch) s.clear();
    });
    phase(written::levels, [&] { p.fields.relax(world, p.threads); });
    phase(written::nothing,
          [&] { p.each_awake(world, [&](Brick<Shape>& b, BrickScratch& s) { sense(world, b, s); }); });
    phase(written::emission | written::fates, [&] {
        guard_given(world);
        p.each_awake(world, [&](Brick<Shape>& b, BrickScratch& s) { decide(world, b, s); });
    });
    phase(written::headings | written::places, [&] {
        p.each_awake(world, [&](Brick<Shape>& b, BrickScratch& s) { mark_hunted(world, b, s); });
        p.each_awake(world, [&](Brick<Shape>& b, BrickScratch&) { walk(world, p.scratch, b); });
    });
    phase(written::whole_cells, [&] {
        commit(world, p.scratch, p.threads);
        p.surround_and_realign(world);
    });
    phase(written::matrix, [&] {
        p.each_awake(world, [&](Brick<Shape>& b, BrickScratch& s) {
            if (s.work.deposition.empty()) return;  // woken in this tick by an act: it decides from the next on
            const float rate = matrix::remodel(model.matrix, s.work, model.clocks.tick_min, b);
            s.restless = s.restless || s.work.any || rate > model.tolerances.collagen_rate;
        });
    });
    phase(written::vessels, [&] {
        const std::uint64_t sprouts_before = world.tally.sprouts;
        grow_vessels(world, p.scratch, p.threads);
        if (world.tally.sprouts != sprouts_before) guard(world, written::whole_cells, p.threads);  // their tips
    });
    phase(written::pressure | written::crowding, [&] { push(world, p.scratch, p.move, p.threads, p.contacts); });
    phase(written::nothing, [&] { wake_or_rest(world, p.scratch, p.threads, p.contacts); });
    ++world.tick;
    p.left = &world;
    p.left_tick = world.tick;
}

template <class Shape>
std::vector<std::pair<std::string, double>> Stepper<Shape>::timings() const {
    std::vector<std::pair<std::string, double>> out;
    for (std::size_t n = 0; n < phase_names.size(); ++n) out.emplace_back(phase_names[n], parts_->seconds[n]);
    return out;
}

template class Stepper<SectionShape>;
template class Stepper<BlockShape>;

}  // namespace stellate
