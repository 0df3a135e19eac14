// A small mouse for tests: the shipped liver-mouse model with a primary, on few bricks.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/atomic_file.hpp"
#include "liver/parameters.hpp"
#include "model/model.hpp"
#include "model/records.hpp"
#include "simulation/step.hpp"
#include "simulation/world.hpp"

namespace stellate::test {

struct Setting {
    std::string primary = "colon";
    std::vector<std::pair<std::string, std::string>> set = {};  // --set path=value
    std::vector<std::string> switched_off = {};
};

struct Mouse {
    std::shared_ptr<const Model> model;
    liver::AnatomyParameters anatomy;
};

inline Mouse load(const Setting& setting = {}) {
    const std::string directory = std::string(STELLATE_SOURCE_DIR) + "/models/liver-mouse";
    Records records = Records::read_directory(directory, {directory + "/primaries/" + setting.primary + ".toml"});
    for (const auto& [path, value] : setting.set) records.set(path, value);
    Mouse mouse;
    mouse.anatomy = liver::read_anatomy(records);
    mouse.model = std::make_shared<Model>(
        read_model(records, read_file(directory + "/rules.csv"), directory + "/rules.csv", setting.switched_off));
    return mouse;
}

// A mouse with the whole immune machinery at work within half a day: the shipped one has no CD8 cell for 5 days.
// Killers and suppressors come from the third hour on and in numbers, and CD8 cells take arrested tumour cells too.
inline Mouse load_besieged(const std::vector<std::pair<std::string, std::string>>& more = {}) {
    Setting setting;
    setting.set = {{"cell_types.tumour_arrested.behaviours.secretion.CXCL10", "1600 nM um^3/min"},
                   {"responses.blood.nk_max", "0.02 1/day"},
                   {"responses.blood.mdsc_max", "0.2 1/day"},
                   {"responses.blood.cd8_max", "0.1 1/day"},
                   {"responses.blood.half_CXCL10", "0.05 nM"},
                   {"responses.blood.half_CXCL12", "0.3 nM"},
                   {"cell_types.cd8.behaviours.attack", "16 1/day"}};
    setting.set.insert(setting.set.end(), more.begin(), more.end());
    Mouse mouse = load(setting);
    Model model = *mouse.model;  // what no record's range allows
    for (CellType& type : model.types) type.arrives_after_h = std::min(type.arrives_after_h, 3.0);
    CellType& cd8 = model.types[std::size_t(model.type_index("cd8"))];
    cd8.attackable[std::size_t(model.roles.tumour_arrested)] = 1;
    cd8.looks_for |= 1u << model.roles.tumour_arrested;
    mouse.model = std::make_shared<const Model>(std::move(model));
    return mouse;
}

template <class Shape>
World<Shape> world(const Mouse& mouse, std::uint64_t seed, Extent extent, int tumour_cells, bool sleep = true,
                   treatment::Plan plan = {}) {
    return World<Shape>(mouse.model, mouse.anatomy, seed, extent, Inoculum{tumour_cells, 0.0}, std::move(plan), sleep);
}

template <class Shape>
void run(World<Shape>& w, int ticks, const Machine& machine) {
    Stepper<Shape> stepper(machine);
    for (int n = 0; n < ticks; ++n) stepper.step(w);
}

template <class Shape>
void run(World<Shape>& w, int ticks, int threads = 1) {
    run(w, ticks, Machine{.threads = threads});
}

// Of a tally's column: kills, recruits or deaths of a type.
template <class Shape>
std::uint64_t of(const World<Shape>& w, const std::vector<std::uint64_t>& column, const char* type) {
    return column[std::size_t(w.model->type_index(type))];
}

template <class Shape>
std::size_t count(const World<Shape>& w, const char* type) {
    const int index = w.model->type_index(type);
    std::size_t n = 0;
    for (const auto* brick : w.lattice.in_memory())
        for (std::size_t row = 0; row < brick->cells.size(); ++row)
            n += brick->cells.type[row] == index && brick->cells.phase[row] != Phase::dying;
    return n;
}

}  // namespace stellate::test
