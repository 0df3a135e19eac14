// Metamorphic check of sleep (X02): mice whose bricks may sleep end as the same mice kept awake throughout do, within
// the records' tolerances; killers are at work in them.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "verification/small_mice.hpp"

namespace stellate::verification {

namespace {

// Fields are compared while much of the liver still sleeps.
constexpr int fields_after = 160;  // ticks

struct Rest {
    Disturbance sum;                         // over mice
    Tally tally;                             // over mice: kills and recruits
    std::vector<std::vector<float>> fields;  // [mouse][substrate, brick, voxel] deviation
    double asleep = 0;                       // share of bricks and ticks without awake cells
};

// Deviations of every substrate, [substrate, brick, voxel]; 0 in what is not in memory.
std::vector<float> fields_of(const World<SectionShape>& world, std::size_t bricks) {
    const std::size_t substrates = world.model->substrates.size();
    constexpr auto voxels = std::size_t(voxels_per_brick<SectionShape>);
    std::vector<float> all(substrates * bricks * voxels, 0.0f);
    for (const auto* brick : world.lattice.in_memory())
        for (std::size_t s = 0; s < substrates; ++s) {
            const auto field = brick->field(int(s));
            std::copy(
                field.begin(), field.end(),
                all.begin() + std::ptrdiff_t((s * bricks + std::size_t(world.lattice.index(brick->at))) * voxels));
        }
    return all;
}

Rest raise(const SmallMouse& mouse, WorldSize size, int mice, bool sleep) {
    Rest rest;
    rest.tally.kills.assign(mouse.model->types.size(), 0);
    rest.tally.recruited = rest.tally.kills;
    rest.sum.level.assign(mouse.model->substrates.size(), 0.0);
    const auto bricks = std::size_t(size.bricks) * std::size_t(size.bricks);
    for (int m = 0; m < mice; ++m, ++size.seed) {
        World<SectionShape> world = found<SectionShape>(mouse, size, sleep);
        Stepper<SectionShape> stepper;
        for (int n = 0; n < size.ticks; ++n) {
            stepper.step(world);
            std::size_t awake = 0;
            for (const auto* brick : world.lattice.in_memory()) awake += brick->activity.cells_awake;
            if (n + 1 == fields_after) rest.fields.push_back(fields_of(world, bricks));
            rest.asleep += (1.0 - double(awake) / double(bricks)) / (double(mice) * size.ticks);
        }
        const Disturbance d = disturbance(world);
        rest.sum.tumour += d.tumour, rest.sum.arrested += d.arrested, rest.sum.activated += d.activated,
            rest.sum.recruited += d.recruited;
        for (std::size_t t = 0; t < world.tally.kills.size(); ++t) {
            rest.tally.kills[t] += world.tally.kills[t];
            rest.tally.recruited[t] += world.tally.recruited[t];
        }
        rest.sum.collagen += d.collagen, rest.sum.kills += d.kills, rest.sum.lost_hepatocytes += d.lost_hepatocytes;
    }
    return rest;
}

// The mistake: bricks sleep through signals that are `factor` times above their tolerance.
SmallMouse deaf(const SmallMouse& mouse, double factor) {
    Model model = *mouse.model;
    for (Substrate& s : model.substrates) s.wake_tolerance *= factor, s.silent_deviation *= factor;
    return {std::make_shared<const Model>(std::move(model)), mouse.anatomy};
}

}  // namespace

Case sleep_case(const House& house) {
    Case c{"X02", "metamorphic", "bricks that sleep and bricks kept awake end alike", {}, {}};
    const auto awake = std::make_shared<Once<Rest>>();
    c.run = [house, awake](const Mutation& mutation) {
        const SmallMouse& mouse = house->besieged();
        const WorldSize size{7, 6, house->either(480, fields_after), 31};
        const int mice = house->either(6, 3);
        const Rest& on = awake->get([&] { return raise(mouse, size, mice, false); });
        const Rest off = raise(mutation.is("bricks sleep through their signals") ? deaf(mouse, mutation.factor) : mouse,
                               size, mice, true);
        Checks checks;
        const auto bound = [&](const char* what, double awake_value, double asleep_value, double share, double least) {
            checks.push_back(within("X02", fmt::format("{} of {} mice, asleep against awake", what, mice), awake_value,
                                    asleep_value, std::max(share * awake_value, least), Check::Tier::order,
                                    "the same mice with every brick awake"));
        };
        bound("activated stellate cells", on.sum.activated, off.sum.activated, 0.02, 1);
        bound("tumour cells", on.sum.tumour + on.sum.arrested, off.sum.tumour + off.sum.arrested, 0.02, 1);
        bound("kills", on.sum.kills, off.sum.kills, 0.02, 1);
        bound("recruits", on.sum.recruited, off.sum.recruited, 0.02, 1);
        // As many cells lay it down, so its share is theirs.
        bound("collagen laid down, mg/mL voxels,", on.sum.collagen, off.sum.collagen, 0.02, 0);
        // A field rests below half its wake tolerance, so a voxel may miss that much.
        double worst = 0;
        const std::size_t per_substrate = on.fields.front().size() / mouse.model->substrates.size();
        for (std::size_t s = 0; s < mouse.model->substrates.size(); ++s) {
            double sum = 0;
            for (std::size_t m = 0; m < on.fields.size(); ++m)
                for (std::size_t v = s * per_substrate; v < (s + 1) * per_substrate; ++v)
                    sum += std::abs(double(on.fields[m][v]) - off.fields[m][v]);
            worst = std::max(
                worst, sum / double(per_substrate * on.fields.size()) / mouse.model->substrates[s].wake_tolerance);
        }
        checks.push_back(within("X02", "mean difference of the worst field over its wake tolerance", 0, worst, 0.5,
                                Check::Tier::order, "records wake_tolerance"));
        if (!mutation.name.empty()) return checks;
        checks.push_back(killers_at_work("X02", *mouse.model, off.tally));
        checks.push_back(within("X02", fmt::format("share of bricks asleep is {:.2f}; at least 0.2", off.asleep), 1,
                                off.asleep >= 0.2, 0, Check::Tier::discrete_exact, "coverage"));

        // Nobody disturbs this liver: awake or not, it stays what anatomy made it.
        const World<SectionShape> quiet = grown<SectionShape>(mouse, {2, 0, 60, 31}, {}, false);
        int changed = 0;
        for (const auto* brick : quiet.lattice.in_memory()) {
            Brick<SectionShape> healthy = quiet.lattice.anatomy(brick->at);
            healthy.activity = brick->activity;
            healthy.cells.pressure = brick->cells.pressure;  // written by the first tick
            Hasher a, b;
            brick->hash(a);
            healthy.hash(b);
            changed += a.digest() != b.digest();
        }
        checks.push_back(
            same_bits("X02", "bricks of a liver without tumour after 60 ticks awake, against anatomy", changed, 4));
        return checks;
    };
    // 3 is the least that the field check sees with a margin (1.1 over its bound of 0.5; 2 gives 0.52).
    c.mutants = {{"bricks sleep through their signals", 3}};
    return c;
}

}  // namespace stellate::verification
