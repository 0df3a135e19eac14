// A sound experiment that holds every key of docs/experiment-file.md but two: inoculum.density, which excludes cells,
// and primaries.model_digest, which is of the model at hand.
#pragma once

#include <string>

namespace stellate::testing {

inline const std::string complete_experiment = R"(format = 1
name = "complete"
title = "Every key an experiment may have"
description = ["One paragraph.", "Another."]
model = "liver-mouse"
model_directory = "models/liver-mouse"
geometry = "section"
mice = 3
only_mice = [1, 2]
seed = 7
days = 2
planned_days = 4
acclimatisation = "1 day"
endpoint_days = [1]
sleep = true
set = { "cell_types.tumour.s_phase" = "8 h" }

[section]
width = "0.32 mm"
height = "0.32 mm"

[block]
width = "0.16 mm"
height = "0.16 mm"
depth = "0.16 mm"
sections = 2

[inoculum]
injected = 1.5e5
cells = 6

[[primaries]]
name = "colon"
title = "Colon"
overlay = "colon.toml"
days = 1.5
set = { "cell_types.tumour.g2m" = "5 h" }

[[arms]]
name = "control"

[[arms]]
name = "depleted"
title = "Depleted"
switch_off = ["niche"]
set = { "cell_types.tumour.g2m" = "4 h" }
[[arms.treatments]]
kind = "suicide_gene"
record = "treatments.ganciclovir_tk"
start = "-1 day"
stop = "1 day"
carriers = true
dose = "50 ug/g"

[[arms]]
name = "sham"
[[arms.treatments]]
kind = "sham"
of = "depleted"
kills = "hepatocyte"

[[variation]]
record = "inoculum.density"
cv = "20 %"

[ensemble]
kinds = ["assumed"]
except = ["vessels"]

[analysis]
control = "control"
primary_endpoints = ["foci_count"]
resamples = 200

[[analysis.published]]
arm = "depleted"
endpoint = "foci_count"
primaries = ["colon"]
sign = "lower"
source = "somebody"

[analysis.attribution]
arm = "depleted"
loops = ["confinement"]
)";

}  // namespace stellate::testing
