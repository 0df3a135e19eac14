// A small mouse for tests: the shipped liver-mouse model with a primary, on few bricks.
#pragma once

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
    std::vector<std::pair<std::string, std::string>> set;  // --set path=value
    std::vector<std::string> switched_off;
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

template <class Shape>
World<Shape> world(const Mouse& mouse, std::uint64_t seed, Extent extent, int tumour_cells, bool sleep = true,
                   treatment::Plan plan = {}) {
    return World<Shape>(mouse.model, mouse.anatomy, seed, extent, Inoculum{tumour_cells, 0.0}, std::move(plan), sleep);
}

template <class Shape>
void run(World<Shape>& w, int ticks, int threads = 1) {
    Stepper<Shape> stepper(threads);
    for (int n = 0; n < ticks; ++n) stepper.step(w);
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
