#include "laboratory/history.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "core/error.hpp"

namespace stellate::laboratory {

namespace {

using Clock = std::chrono::steady_clock;
double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

template <class Shape>
double megabytes_of(const World<Shape>& world) {
    double bytes = 0;
    for (const Brick<Shape>* b : world.lattice.in_memory()) {
        bytes += double(b->cells.size()) * bytes_per_cell + double(b->segments.size()) * sizeof(Segment);
        bytes += 4.0 * double(b->deviation.size() + b->emission.size() + b->healthy.level.size());
        bytes += 4.0 * double(b->matrix.collagen.size() * 4 + b->sinusoid.size() + b->healthy.collagen.size() * 6) +
                 4.0 * double(b->bin_start.size());
    }
    return bytes / (1024.0 * 1024.0);
}

}  // namespace

template <class Shape>
Life<Shape> newborn(const Experiment& e, const Animal& animal) {
    Life<Shape> life{
        {animal.model, animal.anatomy, animal.seed, e.extent(), animal.inoculum, {}, e.sleep}, {}, {}, 0, 0, {}};
    life.run.mouse = animal.mouse;
    life.run.seed = animal.seed;
    life.run.inoculum_cells = animal.inoculum.cells;
    life.run.calendar = animal.calendar;
    life.run.factors = animal.factors;
    return life;
}

const DayRecord* MouseRun::on(double day) const {
    const auto at =
        std::find_if(days.begin(), days.end(), [&](const DayRecord& d) { return std::abs(d.day - day) < 1e-9; });
    return at == days.end() ? nullptr : &*at;
}

template <class Shape>
History<Shape>::History(const Experiment& e, const Animal& animal, treatment::Plan plan, int threads,
                        bool keep_sections)
    : History(e, animal, newborn<Shape>(e, animal), std::move(plan), threads, keep_sections) {
    read_if_due();
}

template <class Shape>
History<Shape>::History(const Experiment& e, const Animal& animal, Life<Shape> life, treatment::Plan plan, int threads,
                        bool keep_sections)
    : e_(e),
      animal_(animal),
      keep_sections_(keep_sections),
      last_(animal.calendar.tick_of(animal.endpoint_days.back())),
      life_(std::move(life)),
      phase_s_before_(life_.run.phase_s),
      stepper_(threads) {
    life_.world.plan = std::move(plan);
    life_.run.threads = threads;
}

template <class Shape>
void History<Shape>::live_until(std::uint32_t tick, bool to_first_kill, const std::atomic<int>* cancelled,
                                const std::function<void(double)>& fraction_done) {
    World<Shape>& world = life_.world;
    const double tick_days = animal_.calendar.tick_min / 1440;
    while (world.tick < std::min(tick, last_)) {
        if (cancelled && cancelled->load(std::memory_order_relaxed) != 0) throw Cancelled();
        const Clock::time_point start = Clock::now();
        stepper_.step(world);
        life_.run.stepping_s += seconds_since(start);

        // Tumour cell-days lived in this tick, between what was alive before and after it.
        const std::uint64_t living = living_tumour_cells(world);
        life_.tumour_cell_days += 0.5 * double(life_.living_tumour + living) * tick_days;
        life_.living_tumour = living;
        const Awake awake = awake_share(world);
        Awake& sum = life_.awake_sum;
        sum.bricks_in_memory += awake.bricks_in_memory, sum.cells_awake += awake.cells_awake,
            sum.fields_awake += awake.fields_awake;
        if (fraction_done) fraction_done(double(world.tick) / last_);
        if (to_first_kill && !world.kill_log.empty()) return;
        read_if_due();
    }
}

template <class Shape>
MouseRun History<Shape>::run() const {
    MouseRun run = life_.run;
    run.phase_s = stepper_.timings();
    for (std::size_t n = 0; n < std::min(run.phase_s.size(), phase_s_before_.size()); ++n) run.phase_s[n].second += phase_s_before_[n].second;
    const double ticks = std::max(1.0, double(life_.world.tick));
    run.awake = {life_.awake_sum.bricks_in_memory / ticks, life_.awake_sum.cells_awake / ticks,
                 life_.awake_sum.fields_awake / ticks};
    run.kills = life_.world.kill_log;
    run.megabytes = megabytes_of(life_.world);
    const Model& model = *life_.world.model;
    for (std::size_t s = 0; s < model.substrates.size(); ++s) {
        const Clamps& clamps = life_.world.clamps[s];
        if (clamps.voxels == 0) continue;
        run.clamps.push_back({model.substrates[s].name, int(s) == model.oxygen ? "mmHg" : "nM", clamps});
    }
    return run;
}

template <class Shape>
void History<Shape>::read_if_due() {
    const Calendar& calendar = animal_.calendar;
    const World<Shape>& world = life_.world;
    const auto day_ticks = static_cast<std::uint32_t>(std::llround(1440 / calendar.tick_min));
    const bool daily = world.tick >= calendar.inoculation && (world.tick - calendar.inoculation) % day_ticks == 0;
    const bool endpoint = std::any_of(animal_.endpoint_days.begin(), animal_.endpoint_days.end(),
                                      [&](double day) { return world.tick == calendar.tick_of(day); });
    // Once more when all have arrived: most are lost in the first days.
    const double spread_min = world.model->seeding.arrival_spread_h * 60;
    const bool arrived =
        world.tick == calendar.inoculation + static_cast<std::uint32_t>(std::ceil(spread_min / calendar.tick_min)) + 1;
    if (!daily && !endpoint && !arrived) return;
    const Clock::time_point start = Clock::now();
    DayCounts counts = count_cells(world, animal_.endpoints.link_um, animal_.endpoints.least_cells);
    counts.day = calendar.day_of(world.tick);
    if (endpoint) write_day(counts);
    life_.run.growth.push_back(std::move(counts));
    life_.run.readout_s += seconds_since(start);
}

template <class Shape>
void History<Shape>::write_day(const DayCounts& counts) {
    const World<Shape>& world = life_.world;
    histology::Section section;
    DayRecord record = read_out(world, animal_, counts, e_.block_sections, keep_sections_ ? &section : nullptr);
    record.endpoints.push_back({"treatment_kills", "1", double(world.kill_log.size())});
    std::uint64_t kills = 0;
    for (const std::uint64_t by_type : record.tally.kills) kills += by_type;
    record.tumour_cell_days = life_.tumour_cell_days;
    std::optional<double> rate;
    if (life_.tumour_cell_days > 0) rate = double(kills) / life_.tumour_cell_days;
    record.endpoints.push_back({"tumour_kills_per_cell_day", "1/day", rate});
    if (keep_sections_) life_.sections.emplace_back(record.day, std::move(section));
    life_.run.days.push_back(std::move(record));
}

template Life<SectionShape> newborn(const Experiment&, const Animal&);
template Life<BlockShape> newborn(const Experiment&, const Animal&);
template class History<SectionShape>;
template class History<BlockShape>;

}  // namespace stellate::laboratory
