// The words of a study's report: subtitle, notes on arms, warnings, methods, further tables, provenance. Each is a pure
// function of the results; verdict_of (study.hpp) is here too.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "laboratory/results.hpp"
#include "report/report.hpp"

namespace stellate::report::study_text {

std::string drawn_numbers(const laboratory::Ensemble& ensemble);
std::string subtitle(const laboratory::CohortResults& results);
std::string arm_note(const laboratory::Experiment& experiment, const laboratory::Arm& arm);
std::vector<std::string> warnings(const laboratory::CohortResults& results, const laboratory::Analysis& analysis);
std::vector<TextBlock> methods(const laboratory::CohortResults& results);
std::vector<Table> tables(const laboratory::CohortResults& results, const laboratory::Analysis& analysis);
std::vector<std::pair<std::string, std::string>> provenance(const laboratory::CohortResults& results,
                                                            const laboratory::Provenance& provenance);

}  // namespace stellate::report::study_text
