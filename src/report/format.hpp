// Numbers, units and names as they are set in print: true minus signs, three significant digits, no false precision.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "report/report.hpp"

namespace stellate::report {

// Three significant digits; grouped by narrow spaces from 10 000; powers of ten below 0.001; "0" for zero. Not finite
// or absent: an en dash.
std::string number(double value, int digits = 3);
std::string number(const std::optional<double>& value, int digits = 3);
std::string short_number(double value);                                         // no trailing zeros: ticks and days
std::string signed_number(const std::optional<double>& value, int digits = 3);  // with + as well
std::string p_value(const std::optional<double>& p);                            // "< 0.0001", two digits
std::string estimate(const Estimate& e, bool with_sign = true);                 // "-3.2 (-4.1 to -2.2)"
std::string day_text(double day);                                               // "day 14"

// "um" -> "µm", "1/mm2" -> "per mm²", "1" -> "".
std::string unit_text(std::string_view unit);
// Title with its unit: "Metastatic area, %".
std::string with_unit(std::string_view title, std::string_view unit);
// "alpha-SMA" -> "α-SMA", "um" after a number or space -> "µm", "mm2" -> "mm²".
std::string typeset(std::string_view text);

// One CSV field: quoted where needed; text that a spreadsheet would run as a formula is made inert.
std::string csv_field(std::string_view text);
std::string csv_number(const std::optional<double>& value);  // round-trips, '-' for minus, empty if absent

// What a simulation of mice must not say in a finding (cure, benefit to people, figures for a population): the text
// itself if it is free of it, otherwise a notice that it was withheld.
std::string restrained(std::string_view text);
bool overclaims(std::string_view text);

}  // namespace stellate::report
