// From the values per mouse to what may be said: every arm against control, endpoint by endpoint, day by day; which
// loop carries how much of an effect; in how many draws of an ensemble an effect has which sign. The animal is the
// unit.
//
// What was fixed beforehand: the primary endpoints of the experiment file, on the last day of each primary. Holm's
// adjustment runs over the last-day endpoints of a primary, all arms together; counts of cells, other rows that only
// describe, and arms that serve the attribution table are left out. It draws no conclusion in words; the report does
// (report/).
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "laboratory/cohort.hpp"
#include "statistics/compare.hpp"

namespace stellate::laboratory {

struct ComparisonRow {
    int primary = 0, arm = 0;  // indices into the experiment's; the other arm is control
    double day = 0;
    bool last_day = false;
    histology::EndpointDefinition endpoint;
    bool fixed_beforehand = false;  // a primary endpoint on the last day
    bool in_family = false;         // took part in Holm's adjustment
    statistics::Comparison comparison;
    std::optional<int> published_sign;  // -1, 0, +1
    std::string published_source;
    std::string agreement;  // "", or one of the texts of agreement_of
};

// "agrees" | "opposite", either with ", interval includes 0" or ", no interval" (too few mice for one), "no difference"
// | "not given": the sign of the unpaired difference against the published one. For a published null: "not told apart"
// where the interval includes 0, which does not show that there is no difference, else "changed"; "not given" without
// interval.
std::string agreement_of(int published_sign, const statistics::Comparison& comparison);

// Share of an arm's effect that goes when a loop is switched off in arm and control alike, in the same mice:
// 1 - E_without / E, E the mean paired difference, or the relative reduction of the means.
struct AttributionRow {
    int primary = 0;
    std::string loop;
    histology::EndpointDefinition endpoint;  // a primary endpoint, on the last day
    int mice = 0;
    double control = 0, treated = 0, control_without = 0, treated_without = 0;  // means
    std::optional<statistics::Effect> effect, effect_without;  // mean paired differences E and E_without
    std::optional<statistics::Effect> share_of_difference, share_of_reduction;  // absent where E's interval includes 0
};

// Signs of an effect over the draws of an ensemble: the arm's value lies more than `band` of control's below, within,
// above. Of those within, `empty` have 0 in both arms, so that there was nothing to lower.
struct SignRow {
    int primary = 0, arm = 0;
    histology::EndpointDefinition endpoint;
    int draws = 0, lowers = 0, spares = 0, raises = 0, empty = 0, failed = 0, undefined = 0;
    std::optional<statistics::Interval> lowers_interval;  // of lowers / (draws - empty), exact binomial

    // Nearly every draw that has anything has this one sign, and they are enough to say so: 95 % of them, and at least
    // 80 % by the interval.
    bool follows_from_wiring() const;
};
inline constexpr double sign_band = 0.05;

// What Holm's adjustment ran over in one primary, and the smallest p that any effect could reach there.
struct Family {
    int primary = 0;
    int comparisons = 0;  // that have a test
    int pairs = 0;        // mice in both arms, at most
    double mann_whitney_p = 1, signed_rank_p = 1;
    double mann_whitney_holm() const { return std::min(1.0, comparisons * mann_whitney_p); }
    double signed_rank_holm() const { return std::min(1.0, comparisons * signed_rank_p); }
};

struct Analysis {
    std::vector<ComparisonRow> comparisons;  // by primary, arm, day, endpoint
    std::vector<Family> families;            // by primary
    std::vector<AttributionRow> attribution;
    std::vector<SignRow> signs;  // one draw a mouse; also given for an ordinary cohort
    std::vector<std::string> notes;
};

Analysis analyse(const CohortResults& results);

// Is this one of the arms that are there for the attribution table only?
bool serves_attribution(const Experiment& experiment, int arm);

// An endpoint as the geometry gives it: in a block, foci, immune cells and area of a section have their like in volume.
std::string endpoint_in(Geometry geometry, const std::string& endpoint);
std::vector<std::string> primary_endpoints_of(const Experiment& experiment);

// Values of an endpoint by mouse, in the order of experiment.mouse_numbers(); NaN where it has none.
std::vector<double> values_of(const CohortResults& results, int primary, int arm, double day,
                              std::string_view endpoint);

}  // namespace stellate::laboratory
