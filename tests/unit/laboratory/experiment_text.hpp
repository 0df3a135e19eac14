// A small valid experiment to spoil, and the messages a reader gives.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "laboratory/experiment.hpp"

namespace stellate::laboratory::testing {

inline const std::string small_experiment = R"(format = 1
name = "small"
title = "A small experiment"
model = "liver-mouse"
geometry = "section"
mice = 2
seed = 7
days = 2
acclimatisation = "1 day"
endpoint_days = [1]

[section]
width = "0.32 mm"
height = "0.32 mm"

[inoculum]
injected = 1.5e5
cells = 6

[[primaries]]
name = "colon"

[[arms]]
name = "control"

[[arms]]
name = "depleted"
[[arms.treatments]]
kind = "suicide_gene"
record = "treatments.ganciclovir_tk"
start = "-1 day"

[[arms]]
name = "sham"
[[arms.treatments]]
kind = "sham"
of = "depleted"
kills = "hepatocyte"

[[variation]]
record = "inoculum.density"
cv = "20 %"

[analysis]
control = "control"
primary_endpoints = ["foci_count"]
resamples = 200

[[analysis.published]]
arm = "depleted"
endpoint = "foci_count"
sign = "lower"
source = "somebody"
)";

inline std::string replaced(std::string text, const std::string& from, const std::string& to) {
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

// An arm under ganciclovir from each of these days on ("-1 day"); `more` follows in every treatment.
inline std::string ganciclovir_arm(const std::string& name, const std::vector<std::string>& starts,
                                   const std::string& more = "") {
    std::string text = "\n[[arms]]\nname = \"" + name + "\"\n";
    for (const std::string& start : starts)
        text += "[[arms.treatments]]\nkind = \"suicide_gene\"\nrecord = \"treatments.ganciclovir_tk\"\nstart = \"" +
                start + "\"\n" + more;
    return text;
}

// The smallest block that has so many sections.
inline Overrides in_a_small_block(int sections) {
    Overrides o;
    o.set = {{"geometry", "block"},
             {"block.width", "0.16 mm"},
             {"block.height", "0.16 mm"},
             {"block.depth", "0.16 mm"},
             {"block.sections", std::to_string(sections)}};
    return o;
}

// One mouse an arm for four days, activation made easy and all stellate cells carriers: there is something to kill.
inline Overrides something_to_kill(const std::string& cells = "40") {
    Overrides o;
    o.days = 4;
    o.mice = 1;
    o.set = {{"treatments.ganciclovir_tk.carrier_share", "100 %"},
             {"responses.hsc_activated.cycle_entry_max", "1.4 1/day"},
             {"responses.hsc_quiescent.activation_max", "1.5 1/day"},
             {"inoculum.cells", cells}};
    return o;
}

inline Experiment read(const std::string& text, const Overrides& overrides = {}) {
    return parse_experiment(text, "small.toml", STELLATE_SOURCE_DIR "/experiments", overrides);
}

// The message for a spoiled file; "" if it was accepted.
inline std::string complaint(const std::string& text, const Overrides& overrides = {}) {
    try {
        read(text, overrides);
    } catch (const InputError& error) {
        return error.what();
    }
    return "";
}

inline std::string complaint(const std::string& from, const std::string& to) {
    return complaint(replaced(small_experiment, from, to));
}

}  // namespace stellate::laboratory::testing
