// Small mice of the shipped liver-mouse model for the checks that need one, the metamorphic ones above all: the model's
// files as texts that can be rewritten, models made from them, worlds grown from those. Internal to the suite.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "laboratory/cohort.hpp"
#include "simulation/step.hpp"
#include "verification/check.hpp"

namespace stellate::verification {

// The model's files, each (name, text), without those that only the laboratory reads; a primary is laid over them.
struct ModelTexts {
    std::vector<std::pair<std::string, std::string>> files;
    std::pair<std::string, std::string> primary, rules;
};

struct SmallMouse {
    std::shared_ptr<const Model> model;
    liver::AnatomyParameters anatomy;
};

// A run that several cases or mutants compare with: made once. Cases of the group may run on several threads.
template <class T>
class Once {
public:
    template <class Make>
    const T& get(Make&& make) {
        std::lock_guard lock(mutex_);
        if (!value_) value_.emplace(make());
        return *value_;
    }

private:
    std::mutex mutex_;
    std::optional<T> value_;
};

// What the cases of the group share: where the model is and how large worlds may be.
class MouseHouse {
public:
    explicit MouseHouse(MouseOptions options) : options_(std::move(options)) {}

    bool quick() const { return options_.quick; }
    int either(int full, int quick) const { return options_.quick ? quick : full; }

    // Throws InputError if there is no model.
    const ModelTexts& texts();
    const SmallMouse& mouse();     // the model as shipped, with colon carcinoma
    const SmallMouse& besieged();  // make_besieged of it
    laboratory::Experiment experiment(std::string_view text) const;

private:
    std::filesystem::path start() const;  // the program's directory
    std::vector<std::filesystem::path> roots() const;
    MouseOptions options_;
    Once<ModelTexts> texts_;
    Once<SmallMouse> mouse_, besieged_;
};
using House = std::shared_ptr<MouseHouse>;
using Checks = std::vector<Check>;

// `changes` as on the command line: path and value; `switched_off`: loops. Throws InputError for any mistake in the
// texts.
using Changes = std::vector<std::pair<std::string, std::string>>;
SmallMouse make_mouse(const ModelTexts& texts, const Changes& changes = {},
                      const std::vector<std::string>& switched_off = {});
// The mouse with the whole immune machinery at work within a day (the shipped one has no CD8 cell for 5 days): killers
// and suppressors come from the third hour on and in numbers, kill fast, and CD8 cells take arrested cells too.
// `changes` come last.
SmallMouse make_besieged(const ModelTexts& texts, const Changes& changes = {});

// The shipped suicide gene as an experiment gives it, in a mouse whose cells all carry it.
treatment::Plan shipped_plan(const MouseHouse& house);

// The blocks of a TOML text of [tables] whose records stand in one line each: what precedes the first header, then each
// header with its lines.
std::vector<std::string> blocks_of(std::string_view text);
std::vector<std::string> lines_of(std::string_view text);

// One small world: a square section or a cube of bricks.
struct WorldSize {
    int bricks = 2;  // along each side
    int cells = 0;   // tumour cells that arrive
    int ticks = 0;
    std::uint64_t seed = 1;
};
template <class Shape>
World<Shape> found(const SmallMouse& mouse, const WorldSize& size, bool sleep = true, treatment::Plan plan = {}) {
    const Extent extent{size.bricks, size.bricks, Shape::flat ? 1 : size.bricks};
    return World<Shape>(mouse.model, mouse.anatomy, size.seed, extent, Inoculum{size.cells, 0.0}, std::move(plan),
                        sleep);
}
template <class Shape>
World<Shape> grown(const SmallMouse& mouse, const WorldSize& size, const Machine& machine = {}, bool sleep = true,
                   treatment::Plan plan = {}) {
    World<Shape> world = found<Shape>(mouse, size, sleep, std::move(plan));
    Stepper<Shape> stepper(machine);
    for (int n = 0; n < size.ticks; ++n) stepper.step(world);
    return world;
}

// What there is besides healthy liver; the parts of a world that are not in memory add nothing to it.
struct Disturbance {
    double tumour = 0, arrested = 0, activated = 0, recruited = 0, lost_hepatocytes = 0, kills = 0;
    double collagen = 0;        // above the healthy level, sum over voxels, mg/mL
    std::vector<double> level;  // [substrate] deviation, sum over voxels
};
template <class Shape>
Disturbance disturbance(const World<Shape>& world);

// --- Cohorts

// An experiment on one brick: `head` holds the top keys that differ (mice, seed, acclimatisation, days), `rest` the
// primaries, arms and what else follows.
std::string small_experiment(const std::string& head, const std::string& rest);
// Digest of the last day of every run, by "primary/arm/mouse".
using Ends = std::map<std::string, Digest>;
Ends run_text(const MouseHouse& house, const std::string& text);
int differing(const Ends& a, const Ends& b);  // runs of `a` that `b` lacks or has otherwise

// --- Checks

// `differing` of `compared` things that should be the same to the last bit.
Check same_bits(const std::string& id, const std::string& what, int differing, int compared);
// Coverage: CD8 cells and suppressors came in, CD8 and NK cells killed.
Check killers_at_work(const std::string& id, const Model& model, const Tally& tally);
// A number within an absolute bound.
Check within(const std::string& id, const std::string& what, double expected, double got, double bound,
             Check::Tier tier, const std::string& source);

// --- The cases, by file

// metamorphic_machine.cpp
Case machine_case(const House& house);  // X01
Case stopping_case(const House& house);
Case observer_case(const House& house);  // X05
Case alone_case(const House& house);     // X11
Case virtual_case(const House& house);   // X13
// metamorphic_input.cpp
Case idle_treatment_case(const House& house);  // X03
Case order_case(const House& house);           // X08
Case unit_case(const House& house);            // X09
Case addition_case(const House& house);        // X10
Case knock_out_case(const House& house);       // X14
// metamorphic_turn.cpp
Case turn_case(const House& house);  // X07
// metamorphic_sleep.cpp, metamorphic_halving.cpp
Case sleep_case(const House& house);    // X02
Case halving_case(const House& house);  // X12
// Of other groups: random_keys.cpp, motility_gradients.cpp
Case keys_case(const House& house);      // N03
Case gradient_case(const House& house);  // W04

}  // namespace stellate::verification
