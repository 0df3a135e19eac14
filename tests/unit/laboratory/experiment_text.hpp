// A small valid experiment to spoil, and the messages a reader gives.
#pragma once

#include <gtest/gtest.h>

#include <string>

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
