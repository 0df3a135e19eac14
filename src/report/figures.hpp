// The figures of the report, each a grid of small panels with the numbers behind it as CSV.
#pragma once

#include <string>
#include <vector>

#include "report/html.hpp"
#include "report/report.hpp"

namespace stellate::report {

// Burden per mouse on the last day: one panel per primary endpoint and primary; dots of one mouse joined across arms,
// mean and 95 % interval beside them, the unpaired difference under each arm.
void burden_figure(Html& html, const ReportData& data);

// One endpoint over the days, one panel per primary.
void endpoint_figure(Html& html, const ReportData& data, const Endpoint& endpoint);

// Growth of every mouse, one panel per primary; the mean of each arm drawn heavy.
void growth_figure(Html& html, const ReportData& data, const CurveFamily& family);

// Cliff's delta of every endpoint that is not minor on the last day, one panel per primary, with published signs.
std::vector<const Endpoint*> endpoints_with_effects(const ReportData& data);
void effects_figure(Html& html, const ReportData& data);

// Names and marks of the arms.
void arms_legend(Html& html, const ReportData& data);

// A download of text as CSV inside the page.
void csv_link(Html& html, std::string_view file_name, std::string_view csv);

// The last day on which an endpoint was taken in a primary; 0 without any.
double last_day(const ReportData& data, std::string_view primary, std::string_view endpoint);

const Endpoint* find_endpoint(const ReportData& data, std::string_view id);
std::string arm_label(const ReportData& data, std::string_view id);
std::string primary_label(const ReportData& data, std::string_view id);

}  // namespace stellate::report
