// What a drug's plasma level is and what it does. One compartment with first-order absorption (Bateman 1910; textbook
// form: Gabrielsson & Weiner, Pharmacokinetic and Pharmacodynamic Data Analysis) after each dose,
//
//     C(t) = F D / V * ka / (ka - ke) * (exp(-ke t) - exp(-ka t)),
//
// superposed over doses given at their own instants, whatever the tick; closed form, so nothing is integrated and
// nothing is stored. Effect: Emax C^n / (C^n + EC50^n). It knows no tissue: how a drug gets from plasma to a cell is
// not here.
#pragma once

#include <limits>
#include <span>

namespace stellate::treatment {

// A drug in one animal. All rates positive; absorption of infinity is an intravenous bolus.
struct OneCompartment {
    double absorption_per_min = std::numeric_limits<double>::infinity();  // ka
    double elimination_per_min = 0;                                       // ke
    double bioavailability = 1;                                           // F
    double distribution_ml_per_g = 1;                                     // V

    // ug/mL, `elapsed_min` after one dose of `dose_ug_per_g`; 0 before it. Stable where ka = ke.
    double concentration(double dose_ug_per_g, double elapsed_min) const;
    // Area under the concentration from the dose to `elapsed_min`, ug/mL min.
    double exposure(double dose_ug_per_g, double elapsed_min) const;
    // Time from dose to peak, min; 0 for a bolus.
    double peak_min() const;
};

struct Dose {
    double time_min = 0;
    double ug_per_g = 0;
};

// Level at `time_min` after any list of doses, in any order (summed in the order given).
double concentration(const OneCompartment& drug, std::span<const Dose> doses, double time_min);

// One dose every `interval_min` from `first_min` on, the last not after `last_min`; an interval of 0 is a single dose.
struct Dosing {
    double first_min = 0;
    double last_min = std::numeric_limits<double>::infinity();
    double interval_min = 0;
    double dose_ug_per_g = 0;
    double absorption_per_min = std::numeric_limits<double>::infinity();
    double elimination_per_min = 0;
    double bioavailability = 1;
    double distribution_ml_per_g = 1;

    OneCompartment drug() const {
        return {absorption_per_min, elimination_per_min, bioavailability, distribution_ml_per_g};
    }
    // ug/mL. Doses so old that less than 1e-26 of them is left are not summed.
    double concentration(double time_min) const;
};

// Effect of a level, 0 at level 0, half of `most` at `half`, `most` at infinity.
struct Emax {
    double most = 1;
    double half = 1;   // EC50, in the unit of the level
    double power = 1;  // n
    double operator()(double level) const;
};

}  // namespace stellate::treatment
