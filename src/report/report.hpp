// report.html: one self-contained page that a principal investigator can read, print and forward. It opens with the
// verdict in words and the burden of every mouse; then every endpoint, growth, stained sections, statistics, methods,
// parameters and provenance.
//
// The page is a pure function of ReportData. It loads nothing (its Content-Security-Policy forbids it), works without
// scripts, says SIMULATED on every figure and picture, and withholds sentences that claim what a simulation of mice
// cannot show. It computes no statistics (but the mean of growth curves): numbers come in, already decided, and are
// only set.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace stellate::report {

// What Holm's adjustment runs over, wherever the page says it (laboratory/analysis.hpp does it).
inline constexpr const char* holm_family = "over the last-day endpoints of a primary, all arms together";

struct Primary {
    std::string id, label;  // "mc38", "Colon (MC38)"
};

struct Arm {
    std::string id, label;  // "hsc_depleted", "HSC depleted"
    std::string note;       // one sentence: what was done to these mice
};

struct Endpoint {
    std::string id, title, unit, definition;
    std::string group;     // endpoints are shown by group, in order of first appearance
    bool primary = false;  // primary endpoints make the opening figure
    bool minor = false;    // folded away at first and left out of the effects at a glance (cell counts)
};

// One row of endpoints.csv.
struct MouseValue {
    std::string arm, primary;
    int mouse = 0;
    double day = 0;
    std::string endpoint;
    std::optional<double> value;
};

struct Estimate {
    std::optional<double> value, low, high;  // 95 % interval
};

struct ArmSummary {
    std::string arm, primary, endpoint;
    double day = 0;
    int n = 0;
    Estimate mean;
    std::optional<double> sd, median;
};

// An arm against its reference, one endpoint on one day.
struct Comparison {
    std::string primary, endpoint, arm, reference;
    double day = 0;
    int n_arm = 0, n_reference = 0;
    std::optional<double> mean_arm, sd_arm, median_arm, mean_reference, sd_reference, median_reference;
    Estimate unpaired;  // difference of means: what a bench could find
    Estimate paired;    // same animal with and without: counterfactual
    Estimate cliffs_delta;
    std::optional<double> p_mann_whitney, p_signed_rank, p_holm;
    std::optional<int> published_sign;  // -1, 0, +1; absent where nothing is published
    std::optional<bool> sign_agrees;
    bool sign_is_clear = true;  // the interval of the unpaired difference leaves out 0
    std::string note;
};

struct Curve {
    std::string primary, arm;
    int mouse = 0;
    std::vector<double> day, value;  // equal lengths
};
struct CurveFamily {
    std::string title, unit;
    bool logarithmic = false;  // zeros are then drawn on a line of their own
    std::vector<Curve> curves;
};

struct LegendEntry {
    std::array<std::uint8_t, 3> colour;
    std::string label;
};
struct Stain {
    std::string id, title;
    std::vector<LegendEntry> legend;
};
struct Picture {
    std::string png;  // bytes of a PNG file that says SIMULATED itself
    int width = 0, height = 0;
    std::string primary, arm, stain;
    int mouse = 0;
    double day = 0;
    bool whole_section = false;  // or a close-up
    std::string caption;
};

// Depletion with one loop switched off, same mice: which share of the effect the loop carries.
struct AttributionRow {
    std::string primary, endpoint, loop;
    Estimate effect, effect_without;  // of depletion, with the loop on and off
    Estimate share;                   // of the whole effect, %; empty where that may be none
    std::string note;
};

// Draws of the uncertain parameters: in how many depletion lowered, spared or raised an endpoint.
struct DrawsRow {
    std::string primary, endpoint;
    int draws = 0, lowered = 0, spared = 0, raised = 0;
    std::string note;
};

struct TextBlock {
    std::string heading;
    std::vector<std::string> paragraphs;
};

struct ParameterRow {
    std::string path, value, unit, range, kind, system, source;
};

// Any further table (null cohort, sham arms, order of arrival, kills per tumour cell).
struct Table {
    std::string title, caption;
    std::vector<std::string> columns;
    std::vector<std::vector<std::string>> rows;
    std::vector<bool> numeric;  // per column; empty: none
};

struct ReportData {
    std::string title;                 // of the experiment
    std::string subtitle;              // geometry, mice, days
    std::vector<std::string> verdict;  // sentences; the first is set large
    std::vector<std::string> warnings;
    std::vector<Primary> primaries;
    std::vector<Arm> arms;  // the first is the reference of the figures
    std::vector<Endpoint> endpoints;
    std::vector<MouseValue> values;
    std::vector<ArmSummary> summaries;
    std::vector<Comparison> comparisons;
    std::string statistics_csv;  // the file of that name, which the table offers
    std::vector<CurveFamily> growth;
    std::vector<Stain> stains;  // in the order of rows
    std::vector<Picture> pictures;
    std::vector<AttributionRow> attribution;
    std::string attribution_caption;
    std::vector<DrawsRow> draws;
    std::string draws_caption;
    std::vector<Table> tables;
    std::vector<TextBlock> methods;
    std::vector<ParameterRow> parameters;
    std::vector<std::pair<std::string, std::string>> provenance;
};

// The whole page, UTF-8. Anything absent (no pictures, no comparisons) leaves its section out.
std::string render_report(const ReportData& data);

}  // namespace stellate::report
