// Metamorphic check of halved steps (X12). Bounds come from the scheme's stated tolerances, or
// from the spread between mice of other seeds than those used here; the one of mechanics in X12 from a measurement
// (0.12 of the way). X12 compares means of mice: it sees a wrong law of time, not a rate that is 1 % off.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "fields/subticks.hpp"
#include "simulation/phases.hpp"
#include "verification/small_mice.hpp"

namespace stellate::verification {

namespace {

// A model whose clocks tick `halvings` times finer, its sub-ticks chosen anew as on reading.
SmallMouse finer(const SmallMouse& mouse, int tick_halvings, int mechanics_halvings) {
    Model model = *mouse.model;
    model.clocks.tick_min /= 1 << tick_halvings;
    model.clocks.mechanics_substeps =
        std::max(1, (model.clocks.mechanics_substeps << mechanics_halvings) >> tick_halvings);
    for (std::size_t s = 0; s < model.substrates.size(); ++s) {
        Substrate& substrate = model.substrates[s];
        const double rate = int(s) == model.oxygen ? model.oxygen_supply_per_min : substrate.decay_per_min;
        substrate.subticks = fields::subticks(rate, model.clocks.tick_min, model.tolerances.subtick_error);
    }
    for (std::size_t t = 0; t < model.types.size(); ++t)
        if (model.types[t].step_min > 0)
            model.walks[t].substeps = int(std::ceil(model.clocks.tick_min / model.types[t].step_min - 1e-9));
    return {std::make_shared<const Model>(std::move(model)), mouse.anatomy};
}

// Fields of a world after an hour from rest under the emission it has now, by tick.
std::vector<double> fields_after_an_hour(World<SectionShape>& world, const SmallMouse& mouse, int halvings,
                                         int substrate) {
    const std::shared_ptr<const Model> own = world.model;
    world.model = finer(mouse, halvings, 0).model;
    for (auto* brick : world.lattice.in_memory()) std::fill(brick->deviation.begin(), brick->deviation.end(), 0.0f);
    FieldRelaxer<SectionShape> relaxer;
    for (int n = 0; n < 10 << halvings; ++n) relaxer.relax(world, 1);
    world.model = own;
    std::vector<double> values;
    for (const auto* brick : world.lattice.in_memory())
        for (const float u : brick->field(substrate)) values.push_back(u);
    return values;
}

// Places of a world's cells, by id, after `ticks` of contact mechanics alone from the cells given.
std::vector<double> places_after_push(World<SectionShape>& world, const std::vector<Cells>& start,
                                      const SmallMouse& mouse, int halvings, int ticks) {
    const auto& bricks = world.lattice.in_memory();
    for (std::size_t b = 0; b < bricks.size(); ++b) bricks[b]->cells = start[b];
    world.lattice.settle(1);
    const std::shared_ptr<const Model> own = world.model;
    world.model = finer(mouse, 0, halvings).model;
    std::vector<BrickScratch> scratch(bricks.size());
    mechanics::MoveScratch move;
    for (int n = 0; n < ticks; ++n) push(world, scratch, move, 1);
    world.model = own;
    std::map<std::uint64_t, std::pair<double, double>> places;
    for (const auto* brick : bricks)
        for (std::size_t row = 0; row < brick->cells.size(); ++row) {
            const Vec3 at = corner_um<SectionShape>(brick->at) +
                            Vec3{um_from_fixed(brick->cells.x[row]), um_from_fixed(brick->cells.y[row]), 0};
            places[brick->cells.id[row]] = {at.x, at.y};
        }
    std::vector<double> values;
    for (const auto& [id, at] : places) values.push_back(at.first), values.push_back(at.second);
    return values;
}

double largest_difference(const std::vector<double>& a, const std::vector<double>& b) {
    double largest = 0;
    for (std::size_t n = 0; n < a.size(); ++n) largest = std::max(largest, std::abs(a[n] - b[n]));
    return largest;
}
double root_mean_square_difference(const std::vector<double>& a, const std::vector<double>& b) {
    double sum = 0;
    for (std::size_t n = 0; n < a.size(); ++n) sum += (a[n] - b[n]) * (a[n] - b[n]);
    return std::sqrt(sum / double(a.size()));
}

// What mice of one litter are like, by mouse.
struct Litter {
    std::vector<double> activated, collagen, kills, survivors, ligand;
};
Litter litter(const SmallMouse& mouse, WorldSize size, int mice, int tick_halvings) {
    Litter all;
    size.ticks <<= tick_halvings;
    const int tgfb = mouse.model->substrate_index("TGFB1");
    for (int m = 0; m < mice; ++m, ++size.seed) {
        const Disturbance d = disturbance(grown<SectionShape>(mouse, size));
        all.activated.push_back(d.activated);
        all.collagen.push_back(d.collagen);
        all.kills.push_back(d.kills);
        all.survivors.push_back(d.tumour + d.arrested);
        all.ligand.push_back(d.level[std::size_t(tgfb)]);
    }
    return all;
}
double mean(const std::vector<double>& values) {
    double sum = 0;
    for (const double v : values) sum += v;
    return sum / double(values.size());
}

// Fields alone: an hour from rest under a real mouse's emission. Each ligand's sub-ticks promise an error
// of at most the record tolerances.subtick_error of the change.
void halve_ticks_of_fields(const SmallMouse& mouse, Checks& checks) {
    WorldSize size{2, 80, 40, 41};
    World<SectionShape> world = grown<SectionShape>(mouse, size);
    double first = 0, second = 0;
    std::string worst;
    for (std::size_t s = 0; s < mouse.model->substrates.size(); ++s) {
        const auto by_tick = [&](int halvings) { return fields_after_an_hour(world, mouse, halvings, int(s)); };
        const auto coarse = by_tick(0), halved = by_tick(1), quartered = by_tick(2);
        const double size_of_field = largest_difference(quartered, std::vector<double>(quartered.size(), 0.0));
        if (!(size_of_field > mouse.model->substrates[s].wake_tolerance)) continue;
        const double change = largest_difference(coarse, halved) / size_of_field;
        if (change <= first) continue;
        first = change;
        second = largest_difference(halved, quartered) / size_of_field;
        worst = mouse.model->substrates[s].name;
    }
    checks.push_back(
        within("X12", fmt::format("field after 1 h, tick 6 to 3 min, worst ({}): change over its maximum", worst), 0,
               first, mouse.model->tolerances.subtick_error, Check::Tier::order, "record tolerances.subtick_error"));
    checks.push_back(within("X12", fmt::format("the same, 3 to 1.5 min over 6 to 3 ({})", worst), 0.5, second / first,
                            0.45, Check::Tier::order, "first order: a half"));
}

// Mechanics alone: a tenth of the cells has just divided.
void halve_steps_of_mechanics(const SmallMouse& mouse, Checks& checks) {
    WorldSize packed{2, 80, 240, 43};
    World<SectionShape> tissue = grown<SectionShape>(mouse, packed, {}, false);
    std::vector<BrickScratch> scratch(tissue.lattice.in_memory().size());
    for (std::size_t b = 0; b < scratch.size(); ++b)
        for (std::uint32_t row = 0; row < tissue.lattice.in_memory()[b]->cells.size(); row += 10)
            scratch[b].births.push_back({row, 0.0f});
    commit(tissue, scratch, 1);
    std::vector<Cells> start;
    for (const auto* brick : tissue.lattice.in_memory()) start.push_back(brick->cells);
    const auto by_step = [&](int halvings) { return places_after_push(tissue, start, mouse, halvings, 5); };
    const auto before = places_after_push(tissue, start, mouse, 0, 0), step3 = by_step(0), step15 = by_step(1),
               step075 = by_step(2);
    const double moved = root_mean_square_difference(before, step075);
    const double change = root_mean_square_difference(step3, step15),
                 again = root_mean_square_difference(step15, step075);
    checks.push_back(within(
        "X12",
        fmt::format("places 30 min after divisions, step 3 to 1.5 min: rms change over rms way ({:.2f} um)", moved), 0,
        change / moved, 0.2, Check::Tier::order, "measured 0.12: forward Euler near its longest stable step"));
    checks.push_back(within("X12", "the same, 1.5 to 0.75 min over 3 to 1.5: at most 0.6", 0, again / change, 0.6,
                            Check::Tier::order, "first order: a half"));
}

// Whole mice. Events are drawn anew with another tick, so the difference of two litters carries their noise.
// Bound: 3.3 standard errors of that difference (1 in 1000 by chance for each number), from the coefficients of
// variation of 16 mice of other seeds after one and two days.
void halve_ticks_of_mice(MouseHouse& house, Once<Litter>& whole, const Mutation& mutation, Checks& checks) {
    const SmallMouse& mouse = house.mouse();
    const WorldSize size{2, 200, house.either(480, 240), 500};
    const int mice = house.either(30, 6);
    const Litter& coarse = whole.get([&] { return litter(mouse, size, mice, 0); });
    std::vector<std::pair<std::string, std::string>> doubled;
    if (mutation.is("hazards twice as large"))  // as if they were given a tick, not a minute
        doubled = {{"cell_types.tumour_arrested.behaviours.apoptosis", "1.2 1/day"},
                   {"cell_types.kupffer.behaviours.attack", "1.2 1/day"},
                   {"cell_types.nk.behaviours.attack", "12 1/day"}};
    const Litter fine = litter(finer(make_mouse(house.texts(), doubled), 1, 1), size, mice, 1);
    const auto compare = [&](const char* what, std::vector<double> Litter::*of, double two_days, double one_day) {
        const double variation = house.quick() ? one_day : two_days;
        const double before = mean(coarse.*of), after = mean(fine.*of), bound = 3.3 * variation * std::sqrt(2.0 / mice);
        checks.push_back(within("X12", fmt::format("{}, tick 6 to 3 min: relative change in {} mice", what, mice), 0,
                                after / before - 1, bound, Check::Tier::statistical,
                                fmt::format("3.3 standard errors at a coefficient of variation of {}", variation)));
    };
    compare("immune kills", &Litter::kills, 0.11, 0.19);
    compare("activated stellate cells", &Litter::activated, 0.094, 0.093);
    compare("collagen laid down", &Litter::collagen, 0.12, 0.096);
    compare("TGFB1 above rest", &Litter::ligand, 0.18, 0.14);
    compare("tumour cells left", &Litter::survivors, 0.24, 0.15);
}

}  // namespace

Case halving_case(const House& house) {
    Case c{"X12", "metamorphic", "halved ticks and halved mechanics steps change little", {}, {}};
    const auto whole = std::make_shared<Once<Litter>>();
    c.run = [house, whole](const Mutation& mutation) {
        Checks checks;
        if (mutation.name.empty()) {
            halve_ticks_of_fields(house->mouse(), checks);
            halve_steps_of_mechanics(house->mouse(), checks);
        }
        halve_ticks_of_mice(*house, *whole, mutation, checks);
        return checks;
    };
    c.mutants = {{"hazards twice as large", 2}};
    return c;
}

}  // namespace stellate::verification
