// Data sets whose statistics were printed by R 4.2.2, and random samples for property tests.
#pragma once

#include <cstdint>
#include <vector>

#include "core/random.hpp"

namespace stellate::statistics::data {

using Values = std::vector<double>;

inline const Values sleep_x = {0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0, 2};              // data A
inline const Values sleep_y = {1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4};             // data A
inline const Values b_a = {.80, .83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, .73, 1.46};           // data B
inline const Values b_b = {1.15, .88, .90, .74, 1.21};                                         // data B
inline const Values plant_ctrl = {4.17, 5.58, 5.18, 6.11, 4.5, 4.61, 5.17, 4.53, 5.33, 5.14};  // data C
inline const Values plant_trt1 = {4.81, 4.17, 4.41, 3.59, 5.87, 3.83, 6.03, 4.89, 4.32, 4.69};
inline const Values plant_trt2 = {6.31, 5.12, 5.54, 5.5, 5.37, 5.29, 4.92, 6.15, 5.8, 5.26};
inline const Values burden_veh = {412, 388, 455, 501, 367, 430, 399, 476};  // data D
inline const Values burden_low = {350, 402, 310, 377, 365, 290, 341, 388};
inline const Values burden_high = {240, 198, 265, 222, 301, 187, 254, 210};

// |got - expected| <= relative * |expected|.
inline double within(double expected, double relative) { return relative * (expected < 0 ? -expected : expected); }

inline Draws draws(std::uint64_t which) { return {20, which, 0, Purpose::test}; }

inline Values normal_sample(Draws& from, int n, double mean = 0, double sd = 1) {
    Values values;
    for (int i = 0; i < n; ++i) values.push_back(mean + sd * from.normal());
    return values;
}

// Whole numbers 0 .. bound - 1, so that ties are common.
inline Values tied_sample(Draws& from, int n, std::uint32_t bound) {
    Values values;
    for (int i = 0; i < n; ++i) values.push_back(from.below(bound));
    return values;
}

}  // namespace stellate::statistics::data
