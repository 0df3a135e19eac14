// From a cohort's results to its report and its pictures: what the page says of an experiment, in words and in the
// order a reader wants it. It decides no statistics (laboratory/analysis.hpp did) and writes no markup (report.hpp
// does).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "histology/endpoints.hpp"
#include "laboratory/results.hpp"
#include "report/report.hpp"

namespace stellate::report {

// The heading under which the page shows endpoints of a group.
const char* heading_of(histology::EndpointGroup group);

// A stained section as a file of the results directory.
struct PictureFile {
    std::string path;  // mice/PRIMARY/ARM/MOUSE/day-14-alpha_sma.png
    std::string png;
    std::optional<Picture> on_page;  // the same view in smaller, where the page shows it
};

// Pictures of the mouse shown, each primary, arm, endpoint day and stain: whole sections, and close-ups of one place
// per primary and day, the control's largest focus. `check` is called between pictures and may throw.
std::vector<PictureFile> draw_pictures(const laboratory::CohortResults& results, const std::function<void()>& check);

ReportData report_of(const laboratory::CohortResults& results, const laboratory::Analysis& analysis,
                     const laboratory::Provenance& provenance, const std::vector<PictureFile>& pictures);

// The sentences the report opens with.
std::vector<std::string> verdict_of(const laboratory::CohortResults& results, const laboratory::Analysis& analysis);

// Draws, writes the pictures and report.html. `check` as above.
void write_study(laboratory::ResultsDirectory& directory, const laboratory::CohortResults& results,
                 const laboratory::Analysis& analysis, const laboratory::Provenance& provenance,
                 const std::function<void()>& check);

}  // namespace stellate::report
