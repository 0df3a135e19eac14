// Units of measurement. One canonical unit per dimension (um, min, nN and so kPa, nM, mmHg for oxygen, mg/mL for
// matrix); data files state a unit for every number and conversion happens once, on reading. This file owns the list of
// dimensions, the spellings understood and the arithmetic of conversion. It does not read files.
//
// Conversion is exact: a double stands for the shortest decimal that reads back as it, is multiplied by the exact
// rational factor between the units, and is rounded once. So two texts that are equal as mathematics (1 h and 60 min,
// 0.07 h and 4.2 min, 1 kPa and 1000 Pa) give the same bits.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace stellate {

// What a number measures. The canonical unit and the spellings shown in messages are in the table of units.cpp;
// any compound of known units with the same dimensions is accepted ("cm^2/s" for a diffusion coefficient).
enum class Dimension : std::uint8_t {
    number,                     // 1            powers, ratios, factors
    fraction,                   // 1            a part of a whole; also %
    count,                      // 1            also cells
    length,                     // um
    area,                       // um^2
    volume,                     // um^3
    inverse_length,             // 1/um
    length_density,             // 1/um^2       vessel length per volume
    area_density,               // 1/um^2       cells per section area
    number_density,             // 1/um^3       cells per volume
    time,                       // min
    rate,                       // 1/min
    speed,                      // um/min       also permeability
    diffusion,                  // um^2/min
    flow,                       // um^3/min
    mass,                       // g            of an animal or an organ
    force,                      // nN
    pressure,                   // kPa          stress, elastic modulus, blood pressure
    pressure_rate,              // kPa/min
    spring,                     // nN/um
    friction,                   // nN min/um
    friction_density,           // nN min/um^3  friction per contact area
    viscosity,                  // kPa min
    hydraulic_conductivity,     // um^2/(kPa min)
    stiffness_per_mass,         // kPa mL/mg    modulus per matrix density
    oxygen_tension,             // mmHg
    oxygen_rate,                // mmHg/min
    oxygen_uptake,              // mmHg um^3/min, of one cell
    solubility,                 // nM/mmHg
    concentration,              // nM           also pg/mL with a molar mass
    concentration_rate,         // nM/min
    inverse_concentration,      // 1/nM
    association,                // 1/(nM min)
    secretion,                  // nM um^3/min, of one cell; also pg/cell/day with a molar mass
    chemotaxis,                 // um^2/(nM min)
    mass_density,               // mg/mL        matrix
    inverse_mass_density,       // mL/mg
    mass_density_rate,          // mg/mL/min
    mass_density_rate_of_cell,  // mg/mL/cell/min
    mass_secretion,             // mg/mL um^3/min, of one cell (= fg/min)
    molar_mass,                 // kDa
    dose,                       // ug/g         drug per body mass
    distribution_volume,        // mL/g
    clearance,                  // mL/(g min)
    drug_concentration,         // ug/mL        also uM with a molar mass
};

std::string_view name_of(Dimension dimension);         // "diffusion coefficient"
std::string_view canonical_unit(Dimension dimension);  // "um^2/min"
std::string expectation(Dimension dimension);  // "a diffusion coefficient in um^2/min (also um^2/s, mm^2/day, cm^2/s)"

struct Conversion {
    double value = 0;     // in the canonical unit
    std::string mistake;  // empty when converted; else what was found and what was expected
    bool ok() const { return mistake.empty(); }
};

// `value` in `unit` as the canonical unit of `expected`. Mass and amount meet only through a molar mass (kDa, > 0).
Conversion convert(double value, std::string_view unit, Dimension expected,
                   std::optional<double> molar_mass = std::nullopt);

// `value` in `from` as the unit `to`; a mistake if the two do not measure the same thing.
Conversion convert_unit(double value, std::string_view from, std::string_view to);

// Why `unit` is not a unit at all; empty if it is one.
std::string unit_mistake(std::string_view unit);

// A number and what follows it: "600 um^2/min", "5 %", "0.3" (unit then empty); nullopt if there is no leading number.
struct Quantity {
    double value = 0;
    std::string unit;
};
std::optional<Quantity> parse_quantity(std::string_view text);

// The whole of `text` as a finite double with a decimal point, whatever the locale; nullopt otherwise.
std::optional<double> parse_number(std::string_view text);

// The shortest decimal text that reads back as `value`.
std::string shortest(double value);

}  // namespace stellate
