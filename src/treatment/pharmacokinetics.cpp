#include "treatment/pharmacokinetics.hpp"

#include <algorithm>
#include <cmath>

#include "core/math.hpp"

namespace stellate::treatment {

namespace {
constexpr double forgotten = 60;  // time constants of the slower process after which exp(-60) = 1e-26 is left
}

double OneCompartment::concentration(double dose_ug_per_g, double elapsed_min) const {
    if (!(elapsed_min >= 0)) return 0;
    const double start = bioavailability * dose_ug_per_g / distribution_ml_per_g;
    if (absorption_per_min == std::numeric_limits<double>::infinity())
        return start * math::exp(-elimination_per_min * elapsed_min);
    // (exp(-ke t) - exp(-ka t)) / (ka - ke) is symmetric in its rates; written with the slower one outside it is
    // exp(-slow t) (1 - exp(-(fast - slow) t)) / (fast - slow), which loses nothing as the rates meet.
    const double slow = std::min(absorption_per_min, elimination_per_min);
    const double gap = std::max(absorption_per_min, elimination_per_min) - slow;
    const double course = gap > 0 ? math::chance(gap * elapsed_min) / gap : elapsed_min;
    return start * absorption_per_min * math::exp(-slow * elapsed_min) * course;
}

double OneCompartment::exposure(double dose_ug_per_g, double elapsed_min) const {
    if (!(elapsed_min > 0)) return 0;
    // What was absorbed and is no longer in the body was eliminated: ke * exposure = F D / V * absorbed - C.
    const double start = bioavailability * dose_ug_per_g / distribution_ml_per_g;
    const bool bolus = absorption_per_min == std::numeric_limits<double>::infinity();
    const double absorbed = bolus ? 1.0 : math::chance(absorption_per_min * elapsed_min);
    return (start * absorbed - concentration(dose_ug_per_g, elapsed_min)) / elimination_per_min;
}

double OneCompartment::peak_min() const {
    if (absorption_per_min == std::numeric_limits<double>::infinity()) return 0;
    const double gap = absorption_per_min - elimination_per_min;
    return gap == 0 ? 1 / elimination_per_min : math::log(absorption_per_min / elimination_per_min) / gap;
}

double concentration(const OneCompartment& drug, std::span<const Dose> doses, double time_min) {
    double total = 0;
    for (const Dose& dose : doses) total += drug.concentration(dose.ug_per_g, time_min - dose.time_min);
    return total;
}

double Dosing::concentration(double time_min) const {
    const double until = std::min(time_min, last_min);
    if (!(until >= first_min)) return 0;
    const OneCompartment kinetics = drug();
    const double newest = interval_min > 0 ? std::floor((until - first_min) / interval_min) : 0;
    const double slow = std::min(absorption_per_min, elimination_per_min);
    double total = 0;
    for (double k = newest; k >= 0; --k) {
        const double elapsed = time_min - (first_min + k * interval_min);
        if (slow * elapsed > forgotten) break;
        total += kinetics.concentration(dose_ug_per_g, elapsed);
    }
    return total;
}

double Emax::operator()(double level) const { return most * math::hill(level, half, power); }

}  // namespace stellate::treatment
