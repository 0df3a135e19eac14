#include "treatment/pharmacokinetics.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "core/random.hpp"

namespace stellate::treatment {
namespace {

// Verification R05: dose 100, V 20, ka 1.2, ke 0.15 per hour.
const OneCompartment drug{1.2 / 60, 0.15 / 60, 1, 20};

TEST(Pharmacokinetics, level_after_one_dose_follows_bateman) {
    const double hours[] = {0.5, 1, 4, 12, 24},
                 expected[] = {2.16532485848, 3.19722151150, 3.08903936597, 0.944561890464, 0.156135556840};
    for (int i = 0; i < 5; ++i) EXPECT_NEAR(drug.concentration(100, 60 * hours[i]), expected[i], 1e-11 * 4);
    EXPECT_EQ(drug.concentration(100, -1), 0.0);
    EXPECT_EQ(drug.concentration(100, 0), 0.0);
    EXPECT_NEAR(drug.peak_min(), 60 * 1.98042051589, 1e-8);
}

TEST(Pharmacokinetics, equal_rates_are_the_limit_of_near_ones) {
    const double k = 0.01;
    for (const double t : {1.0, 60.0, 600.0, 3000.0}) {
        const double limit = 100.0 / 20 * k * t * std::exp(-k * t);
        for (const double off : {0.0, 1e-18, 1e-14, 1e-10, -1e-12})
            EXPECT_NEAR((OneCompartment{k + off, k, 1, 20}.concentration(100, t)), limit, 1e-6 * limit + 1e-15);
    }
    EXPECT_EQ((OneCompartment{k, k, 1, 20}.peak_min()), 1 / k);
}

TEST(Pharmacokinetics, exposure_is_the_integral_and_ends_at_dose_over_clearance) {
    for (const OneCompartment& d :
         {drug, OneCompartment{0.01, 0.01, 0.8, 3}, OneCompartment{std::numeric_limits<double>::infinity(), 0.02, 1, 5},
          OneCompartment{0.002, 0.05, 1, 5}}) {
        double sum = 0;
        const double step = 0.05;
        for (double t = 0; t < 300; t += step) sum += step * d.concentration(100, t + step / 2);
        EXPECT_NEAR(d.exposure(100, 300), sum, 1e-4 * sum);
        EXPECT_NEAR(d.exposure(100, 1e6), d.bioavailability * 100 / d.distribution_ml_per_g / d.elimination_per_min,
                    1e-9 / d.elimination_per_min);
    }
}

TEST(Pharmacokinetics, dosing_is_the_sum_of_its_doses_at_their_own_times) {
    Dosing dosing;
    dosing.first_min = 363;
    dosing.interval_min = 480;
    dosing.last_min = 363 + 5 * 480;
    dosing.dose_ug_per_g = 100;
    dosing.absorption_per_min = drug.absorption_per_min;
    dosing.elimination_per_min = drug.elimination_per_min;
    dosing.distribution_ml_per_g = 20;
    std::vector<Dose> doses;
    for (int i = 0; i <= 5; ++i) doses.push_back({363 + 480.0 * i, 100});
    for (double t = 0; t < 6000; t += 7.5) EXPECT_NEAR(dosing.concentration(t), concentration(drug, doses, t), 1e-12);
    EXPECT_EQ(dosing.concentration(362.9), 0.0);
    Dosing earlier = dosing;
    earlier.first_min = 360;
    earlier.last_min -= 3;
    for (double t = 400; t < 6000; t += 50) EXPECT_EQ(dosing.concentration(t + 3), earlier.concentration(t));
    dosing.interval_min = 0;
    EXPECT_EQ(dosing.concentration(1000), drug.concentration(100, 637));
}

TEST(Pharmacokinetics, a_long_schedule_without_end_stays_cheap_and_steady) {
    Dosing dosing;
    dosing.interval_min = 1;
    dosing.dose_ug_per_g = 1;
    dosing.elimination_per_min = 1;
    EXPECT_NEAR(dosing.concentration(1e9), 1 / (1 - std::exp(-1.0)), 1e-12);
}

TEST(Emax, runs_from_nothing_to_everything) {
    const Emax effect{0.9, 4, 2};
    EXPECT_EQ(effect(0), 0.0);
    EXPECT_EQ(effect(4), 0.45);
    EXPECT_EQ(effect(std::numeric_limits<double>::infinity()), 0.9);
    EXPECT_EQ(Emax{}(-1), 0.0);
}

}  // namespace
}  // namespace stellate::treatment
