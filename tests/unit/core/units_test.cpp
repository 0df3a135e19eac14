#include "core/units.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "core/random.hpp"

namespace stellate {
namespace {

double converted(double value, const char* unit, Dimension dimension, std::optional<double> molar_mass = {}) {
    const Conversion c = convert(value, unit, dimension, molar_mass);
    EXPECT_TRUE(c.ok()) << c.mistake;
    return c.value;
}

std::string mistake(double value, const char* unit, Dimension dimension) {
    return convert(value, unit, dimension).mistake;
}

TEST(Units, known_conversions) {
    EXPECT_EQ(converted(1, "h", Dimension::time), 60.0);
    EXPECT_EQ(converted(1, "day", Dimension::time), 1440.0);
    EXPECT_EQ(converted(1, "1/day", Dimension::rate), 1.0 / 1440.0);
    EXPECT_EQ(converted(3e-9, "m^2/s", Dimension::diffusion), 1.8e5);
    EXPECT_EQ(converted(104, "um^2/s", Dimension::diffusion), 6240.0);
    EXPECT_EQ(converted(0.0432, "cm^2/day", Dimension::diffusion), 3000.0);
    EXPECT_EQ(converted(7.5, "%", Dimension::fraction), 0.075);
    EXPECT_EQ(converted(2500, "cells/mm^3", Dimension::number_density), 2.5e-6);
    EXPECT_EQ(converted(40, "mg/kg", Dimension::dose), 40.0);
    EXPECT_EQ(converted(1, "g/L", Dimension::mass_density), 1.0);
    EXPECT_EQ(converted(20, "pN", Dimension::force), 0.02);
    EXPECT_EQ(converted(3.5, "mPa s", Dimension::viscosity), 3.5e-6 / 60.0);
    EXPECT_EQ(converted(1, "1/(M s)", Dimension::association), 6e-8);
    EXPECT_EQ(converted(1, "mg/mL um^3/min", Dimension::mass_secretion),
              converted(1, "fg/cell/min", Dimension::mass_secretion));
    EXPECT_NEAR(converted(7.22, "kPa", Dimension::oxygen_tension), 54.15444, 1e-4);
    EXPECT_NEAR(converted(100, "mmHg", Dimension::pressure), 13.3322387415, 1e-12);
    EXPECT_NEAR(converted(4.8e-17, "mol/cell/s", Dimension::secretion), 2.88e9, 1e-3);
    EXPECT_NEAR(converted(1, "molecules/cell/s", Dimension::secretion), 60 / 0.602214076, 1e-10);
}

TEST(Units, mass_becomes_amount_through_the_molar_mass_only) {
    // TGFB1, 25 kDa: 1 pg/mL = 1e-9 g/L / 25000 g/mol = 0.04 pM.
    EXPECT_EQ(converted(1, "pg/mL", Dimension::concentration, 25.0), 4e-5);
    EXPECT_EQ(converted(0.5, "ng/mL", Dimension::concentration, 45.0), 0.5 / 45.0);
    // 0.07 pg/cell/day of 25 kDa = 2.8e-18 mol/day = 2.8e-18 / 1440 / 1e-24 nM um^3/min.
    EXPECT_NEAR(converted(0.07, "pg/cell/day", Dimension::secretion, 25.0), 1944.4444444444443, 1e-9);
    EXPECT_EQ(converted(4, "uM", Dimension::drug_concentration, 0.255), 1.02);
    EXPECT_NE(mistake(1, "pg/mL", Dimension::concentration).find("needs a molar mass"), std::string::npos);
}

TEST(Units, equal_quantities_have_equal_bits_whatever_their_unit) {
    // Mathematically equal decimals, written in units a power of ten or a factor of 60 apart.
    Draws draws(7, 0, 0, Purpose::test);
    for (int i = 0; i < 2000; ++i) {
        const auto n = static_cast<std::int64_t>(draws.below(1'000'000)) + 1;
        const auto value = [](std::int64_t digits, int ten) {
            return *parse_number(std::to_string(digits) + "e" + std::to_string(ten));
        };
        EXPECT_EQ(converted(value(n, -4), "h", Dimension::time), converted(value(60 * n, -4), "min", Dimension::time));
        EXPECT_EQ(converted(value(n, -4), "kPa", Dimension::pressure),
                  converted(value(n, -1), "Pa", Dimension::pressure));
        EXPECT_EQ(converted(value(24 * n, -5), "1/day", Dimension::rate),
                  converted(value(n, -5), "1/h", Dimension::rate));
        EXPECT_EQ(converted(value(n, -7), "cm^2/s", Dimension::diffusion),
                  converted(value(n, 1), "um^2/s", Dimension::diffusion));
        EXPECT_EQ(converted(value(25 * n, -3), "pg/mL", Dimension::concentration, 25.0),
                  converted(value(n, -6), "nM", Dimension::concentration));
        EXPECT_EQ(converted(value(n, -4), "min", Dimension::time), value(n, -4));  // the canonical unit changes nothing
    }
}

TEST(Units, conversion_rounds_once) {
    // Against long double, whose 64 bits suffice for these factors.
    Draws draws(8, 0, 0, Purpose::test);
    for (int i = 0; i < 2000; ++i) {
        const auto n = static_cast<double>(draws.below(1u << 30));
        EXPECT_EQ(converted(n, "week", Dimension::time), static_cast<double>(static_cast<long double>(n) * 10080.0L));
        EXPECT_EQ(converted(n, "1/week", Dimension::rate), static_cast<double>(static_cast<long double>(n) / 10080.0L));
        EXPECT_EQ(converted(-n, "week", Dimension::time), -converted(n, "week", Dimension::time));
    }
}

TEST(Units, there_and_back_is_the_same_number) {
    Draws draws(9, 0, 0, Purpose::test);
    for (int i = 0; i < 1000; ++i) {
        const double v = std::floor(draws.uniform() * 1e9) / 1e4;
        EXPECT_EQ(convert_unit(convert_unit(v, "mmHg/s", "kPa/s").value, "kPa/s", "kPa/s").value,
                  convert_unit(v, "mmHg/s", "kPa/s").value);
        EXPECT_EQ(convert_unit(convert_unit(v, "um^2/s", "cm^2/s").value, "cm^2/s", "um^2/s").value, v);
    }
}

TEST(Units, typography_is_understood) {
    EXPECT_EQ(converted(5, "\u00b5m\u00b2/min", Dimension::diffusion), 5.0);
    EXPECT_EQ(converted(5, "\u03bcm^2/min", Dimension::diffusion), 5.0);
    EXPECT_EQ(converted(5, "nN*min/um", Dimension::friction), 5.0);
    EXPECT_EQ(converted(5, "nN\u00b7min / um ", Dimension::friction), 5.0);
}

TEST(Units, wrong_units_say_what_was_found_and_what_was_expected) {
    EXPECT_EQ(
        mistake(600, "um/min", Dimension::diffusion),
        "600 um/min is a speed; expected a diffusion coefficient in um^2/min (also um^2/s, cm^2/s, cm^2/day, m^2/s)");
    EXPECT_EQ(mistake(600, "", Dimension::rate), "no unit; expected a rate in 1/min (also 1/s, 1/h, 1/day)");
    EXPECT_EQ(mistake(600, "um^2/mn", Dimension::diffusion),
              "unit 'um^2/mn': 'mn' is not a unit (did you mean 'min'?); expected a diffusion coefficient in um^2/min "
              "(also um^2/s, "
              "cm^2/s, cm^2/day, m^2/s)");
    EXPECT_EQ(mistake(5, "1", Dimension::length),
              "5 1 is a plain number; expected a length in um (also nm, mm, cm, m)");
}

TEST(Units, nonsense_is_refused) {
    for (const char* unit :
         {" ", "/", "/min", "um^", "um^0", "um^10", "um^^2", "(um", "um)", "um//min", "1e6/mL", "u m", "min-1",
          "((((((um))))))", "((((um^9)^9)^9)^9)", "%^9/%^9 %^9 (%^9)^9", "\xff", "um\xc2"})
        EXPECT_FALSE(convert(1, unit, Dimension::length).ok()) << unit;
    EXPECT_FALSE(convert(1, std::string(5000, 'm'), Dimension::length).ok());
    EXPECT_FALSE(convert(1e300, "m^3", Dimension::volume).ok());
    EXPECT_FALSE(convert(1e-300, "1/week", Dimension::rate).value == 0);
    EXPECT_FALSE(convert(2.3e-308, "1/week", Dimension::rate).ok());
    EXPECT_FALSE(convert(std::nan(""), "um", Dimension::length).ok());
    EXPECT_FALSE(convert(INFINITY, "um", Dimension::length).ok());
    EXPECT_FALSE(convert(1, "pg/mL", Dimension::concentration, 0.0).ok());
    EXPECT_FALSE(convert_unit(1, "um", "min").ok());
}

TEST(Units, every_dimension_reads_its_own_unit_unchanged) {
    for (int d = 0; d <= static_cast<int>(Dimension::drug_concentration); ++d) {
        const auto dimension = static_cast<Dimension>(d);
        EXPECT_EQ(converted(0.3, std::string(canonical_unit(dimension)).c_str(), dimension), 0.3) << name_of(dimension);
    }
}

TEST(Units, spellings_shown_in_messages_are_accepted) {
    for (int d = 0; d <= static_cast<int>(Dimension::drug_concentration); ++d) {
        const auto dimension = static_cast<Dimension>(d);
        const std::string text = expectation(dimension);
        const std::size_t open = text.find("(also ");
        if (open == std::string::npos) continue;
        std::string list = text.substr(open + 6, text.size() - open - 7), word;
        for (const char c : list + ",") {
            if (c != ',' && c != ';') {
                word += c;
                continue;
            }
            const std::size_t with = word.find(" with a molar mass");
            if (with != std::string::npos) word.resize(with);
            EXPECT_TRUE(convert(1, word.substr(word.find_first_not_of(' ')), dimension, 25.0).ok()) << word;
            word.clear();
        }
    }
}

TEST(Units, numbers_and_quantities_are_read_whole) {
    EXPECT_EQ(parse_number("1e3"), 1000.0);
    EXPECT_EQ(parse_number("+0.5"), 0.5);
    for (const char* text : {"", "1,5", "1 ", " 1", "nan", "inf", "1e999", "0x10", "+-1", "--1", "1e"})
        EXPECT_FALSE(parse_number(text)) << text;
    EXPECT_EQ(parse_quantity("600 um^2/min")->unit, "um^2/min");
    EXPECT_EQ(parse_quantity(" 5% ")->value, 5.0);
    EXPECT_EQ(parse_quantity("0.3")->unit, "");
    EXPECT_FALSE(parse_quantity("um"));
    EXPECT_FALSE(parse_quantity("nan um"));
}

TEST(Units, shortest_text_reads_back) {
    Draws draws(10, 0, 0, Purpose::test);
    for (int i = 0; i < 1000; ++i) {
        const double v = (draws.uniform() - 0.5) * std::pow(10.0, static_cast<int>(draws.below(40)) - 20);
        EXPECT_EQ(parse_number(shortest(v)), v);
    }
}

}  // namespace
}  // namespace stellate
