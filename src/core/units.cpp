#include "core/units.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <utility>
#include <vector>

#include "core/error.hpp"

namespace stellate {

namespace {

// Natural numbers of any size, just enough for one exact product and one correctly rounded quotient.
class Natural {
public:
    explicit Natural(std::uint64_t value = 0) {
        for (; value > 0; value >>= 32) limbs_.push_back(static_cast<std::uint32_t>(value));
    }
    bool zero() const { return limbs_.empty(); }
    int bits() const {
        return limbs_.empty() ? 0 : static_cast<int>(32 * limbs_.size()) - std::countl_zero(limbs_.back());
    }
    void multiply(std::uint32_t factor) {
        std::uint64_t carry = 0;
        for (std::uint32_t& limb : limbs_) {
            carry += static_cast<std::uint64_t>(limb) * factor;
            limb = static_cast<std::uint32_t>(carry);
            carry >>= 32;
        }
        if (carry > 0) limbs_.push_back(static_cast<std::uint32_t>(carry));
    }
    void multiply(const Natural& other) {
        std::vector<std::uint32_t> product(limbs_.size() + other.limbs_.size() + 1, 0);
        for (std::size_t i = 0; i < limbs_.size(); ++i) {
            std::uint64_t carry = 0;
            for (std::size_t j = 0; j < other.limbs_.size() || carry > 0; ++j) {
                carry += product[i + j];
                if (j < other.limbs_.size()) carry += static_cast<std::uint64_t>(limbs_[i]) * other.limbs_[j];
                product[i + j] = static_cast<std::uint32_t>(carry);
                carry >>= 32;
            }
        }
        limbs_ = std::move(product);
        trim();
    }
    void multiply_by_ten_to(int power) {
        for (int i = 0; i < power; ++i) multiply(10);
    }
    void double_up(int times) {
        if (zero()) return;
        limbs_.insert(limbs_.begin(), static_cast<std::size_t>(times / 32), 0);
        multiply(std::uint32_t{1} << (times % 32));
    }
    void halve() {
        std::uint32_t carry = 0;
        for (std::size_t i = limbs_.size(); i-- > 0;) {
            const std::uint32_t next = limbs_[i] << 31;
            limbs_[i] = (limbs_[i] >> 1) | carry;
            carry = next;
        }
        trim();
    }
    bool less_than(const Natural& other) const {
        if (limbs_.size() != other.limbs_.size()) return limbs_.size() < other.limbs_.size();
        for (std::size_t i = limbs_.size(); i-- > 0;)
            if (limbs_[i] != other.limbs_[i]) return limbs_[i] < other.limbs_[i];
        return false;
    }
    void subtract(const Natural& smaller) {
        std::int64_t borrow = 0;
        for (std::size_t i = 0; i < limbs_.size(); ++i) {
            borrow += limbs_[i];
            if (i < smaller.limbs_.size()) borrow -= smaller.limbs_[i];
            limbs_[i] = static_cast<std::uint32_t>(borrow);
            borrow >>= 32;
        }
        trim();
    }

private:
    void trim() {
        while (!limbs_.empty() && limbs_.back() == 0) limbs_.pop_back();
    }
    std::vector<std::uint32_t> limbs_;  // least significant first, no leading zeros
};

// An exact positive factor: above / below * 10^ten.
struct Rational {
    Natural above{1}, below{1};
    int ten = 0;

    void multiply(const Rational& other) {
        above.multiply(other.above);
        below.multiply(other.below);
        ten += other.ten;
    }
    void divide(const Rational& other) {
        above.multiply(other.below);
        below.multiply(other.above);
        ten -= other.ten;
    }
};

// The double nearest to above / below * 10^ten (ties to even); infinity when too large, 0 when below the normal range.
double nearest_double(Rational r) {
    r.above.multiply_by_ten_to(r.ten);
    r.below.multiply_by_ten_to(-r.ten);
    if (r.above.zero()) return 0;
    // Shift so that the quotient has 56 or 57 bits; what is left over becomes one sticky bit, and a single conversion
    // rounds to 53.
    const int shift = 56 - (r.above.bits() - r.below.bits());
    if (shift > 0) r.above.double_up(shift);
    if (shift < 0) r.below.double_up(-shift);
    r.below.double_up(57);
    std::uint64_t quotient = 0;
    for (int bit = 57; bit >= 0; --bit) {
        if (!r.above.less_than(r.below)) {
            r.above.subtract(r.below);
            quotient |= std::uint64_t{1} << bit;
        }
        r.below.halve();
    }
    double value = static_cast<double>((quotient << 1) | (r.above.zero() ? 0u : 1u));
    int exponent = -shift - 1;
    for (; exponent >= 512; exponent -= 512) value *= 0x1p512;
    for (; exponent <= -512; exponent += 512) value *= 0x1p-512;
    value *= std::bit_cast<double>(static_cast<std::uint64_t>(exponent + 1023) << 52);
    return value < 0x1p-1022 ? 0 : value;
}

// |value| as the exact rational its shortest decimal text spells.
Rational decimal(double value) {
    char text[32];
    const auto end = std::to_chars(text, text + sizeof text, std::abs(value), std::chars_format::scientific).ptr;
    Rational r;
    std::uint64_t digits = 0;
    const char* c = text;
    for (bool point = false; c != end && *c != 'e'; ++c) {
        if (*c == '.') {
            point = true;
            continue;
        }
        digits = 10 * digits + static_cast<std::uint64_t>(*c - '0');
        r.ten -= point;
    }
    int exponent = 0;
    const char* digits_of_exponent = c + 1 + (c[1] == '+');
    std::from_chars(digits_of_exponent, end, exponent);
    r.above = Natural(digits);
    r.ten += exponent;
    return r;
}

// Powers of length, time, mass, amount of substance, and of "cell", which is a name rather than a measure.
struct Powers {
    std::array<int, 5> of{};
    int& cell() { return of[4]; }
    int cell() const { return of[4]; }
    bool same_measure(const Powers& other) const { return std::equal(of.begin(), of.begin() + 4, other.of.begin()); }
    void add(const Powers& other, int times) {
        for (std::size_t i = 0; i < of.size(); ++i) of[i] += times * other.of[i];
    }
};

struct Unit {
    Powers powers;
    Rational factor;  // to um, s, g, mol
};

struct Symbol {
    std::string_view name;
    std::uint64_t mantissa;
    int ten;
    std::array<int, 5> powers;
    bool inverted = false;  // the factor is 1 / (mantissa 10^ten)
};

// Millimetre of mercury: 13595.1 kg/m3 * 9.80665 m/s2 * 1 mm; Avogadro's number: SI, 2019. Both exact.
constexpr Symbol symbols[] = {
    {"1", 1, 0, {}},
    {"%", 1, -2, {}},
    {"cell", 1, 0, {0, 0, 0, 0, 1}},
    {"cells", 1, 0, {0, 0, 0, 0, 1}},
    {"nm", 1, -3, {1}},
    {"um", 1, 0, {1}},
    {"mm", 1, 3, {1}},
    {"cm", 1, 4, {1}},
    {"m", 1, 6, {1}},
    {"s", 1, 0, {0, 1}},
    {"min", 60, 0, {0, 1}},
    {"h", 3600, 0, {0, 1}},
    {"day", 86400, 0, {0, 1}},
    {"days", 86400, 0, {0, 1}},
    {"d", 86400, 0, {0, 1}},
    {"week", 604800, 0, {0, 1}},
    {"weeks", 604800, 0, {0, 1}},
    {"fL", 1, 0, {3}},
    {"pL", 1, 3, {3}},
    {"nL", 1, 6, {3}},
    {"uL", 1, 9, {3}},
    {"mL", 1, 12, {3}},
    {"L", 1, 15, {3}},
    {"fg", 1, -15, {0, 0, 1}},
    {"pg", 1, -12, {0, 0, 1}},
    {"ng", 1, -9, {0, 0, 1}},
    {"ug", 1, -6, {0, 0, 1}},
    {"mg", 1, -3, {0, 0, 1}},
    {"g", 1, 0, {0, 0, 1}},
    {"kg", 1, 3, {0, 0, 1}},
    {"molecule", 602214076, 15, {0, 0, 0, 1}, true},
    {"molecules", 602214076, 15, {0, 0, 0, 1}, true},
    {"amol", 1, -18, {0, 0, 0, 1}},
    {"fmol", 1, -15, {0, 0, 0, 1}},
    {"pmol", 1, -12, {0, 0, 0, 1}},
    {"nmol", 1, -9, {0, 0, 0, 1}},
    {"umol", 1, -6, {0, 0, 0, 1}},
    {"mmol", 1, -3, {0, 0, 0, 1}},
    {"mol", 1, 0, {0, 0, 0, 1}},
    {"fM", 1, -30, {-3, 0, 0, 1}},
    {"pM", 1, -27, {-3, 0, 0, 1}},
    {"nM", 1, -24, {-3, 0, 0, 1}},
    {"uM", 1, -21, {-3, 0, 0, 1}},
    {"mM", 1, -18, {-3, 0, 0, 1}},
    {"M", 1, -15, {-3, 0, 0, 1}},
    {"Da", 1, 0, {0, 0, 1, -1}},
    {"kDa", 1, 3, {0, 0, 1, -1}},
    {"pN", 1, -3, {1, -2, 1}},
    {"nN", 1, 0, {1, -2, 1}},
    {"uN", 1, 3, {1, -2, 1}},
    {"mN", 1, 6, {1, -2, 1}},
    {"N", 1, 9, {1, -2, 1}},
    {"dyn", 1, 4, {1, -2, 1}},
    {"mPa", 1, -6, {-1, -2, 1}},
    {"Pa", 1, -3, {-1, -2, 1}},
    {"kPa", 1, 0, {-1, -2, 1}},
    {"MPa", 1, 3, {-1, -2, 1}},
    {"mmHg", 133322387415, -12, {-1, -2, 1}},
};

struct Row {
    Dimension dimension;
    std::string_view name;
    std::string_view canonical;
    std::string_view also;
    int fewest_cells = 0, most_cells = 0;  // power of "cell" a unit may carry
};

constexpr Row rows[] = {
    {Dimension::number, "plain number", "1", ""},
    {Dimension::fraction, "fraction", "1", "%"},
    {Dimension::count, "count", "1", "cells", 0, 1},
    {Dimension::length, "length", "um", "nm, mm, cm, m"},
    {Dimension::area, "area", "um^2", "mm^2, cm^2"},
    {Dimension::volume, "volume", "um^3", "fL, pL, nL, uL, mL, mm^3"},
    {Dimension::inverse_length, "inverse length", "1/um", "1/mm"},
    {Dimension::length_density, "length per volume", "1/um^2", "mm/mm^3, 1/mm^2"},
    {Dimension::area_density, "number per area", "1/um^2", "1/mm^2, cells/mm^2", 0, 1},
    {Dimension::number_density, "number per volume", "1/um^3", "1/mm^3, cells/mm^3, cells/mL", 0, 1},
    {Dimension::time, "time", "min", "s, h, day"},
    {Dimension::rate, "rate", "1/min", "1/s, 1/h, 1/day"},
    {Dimension::speed, "speed", "um/min", "um/s, um/h, mm/s, cm/s"},
    {Dimension::diffusion, "diffusion coefficient", "um^2/min", "um^2/s, cm^2/s, cm^2/day, m^2/s"},
    {Dimension::flow, "volume flow", "um^3/min", "um^3/s, mL/min, L/min"},
    {Dimension::mass, "mass", "g", "mg, kg"},
    {Dimension::force, "force", "nN", "pN, uN, N"},
    {Dimension::pressure, "pressure", "kPa", "Pa, MPa, mmHg, dyn/cm^2"},
    {Dimension::pressure_rate, "pressure rate", "kPa/min", "Pa/s, kPa/h, kPa/day"},
    {Dimension::spring, "spring constant", "nN/um", "mN/m, N/m"},
    {Dimension::friction, "friction coefficient", "nN min/um", "nN s/um"},
    {Dimension::friction_density, "friction coefficient per area", "nN min/um^3", "nN s/um^3"},
    {Dimension::viscosity, "viscosity", "kPa min", "Pa s, mPa s"},
    {Dimension::hydraulic_conductivity, "hydraulic conductivity", "um^2/(kPa min)", "um^2/(Pa s), m^2/(Pa s)"},
    {Dimension::stiffness_per_mass, "stiffness per matrix density", "kPa mL/mg", "Pa mL/mg, kPa/(mg/mL)"},
    {Dimension::oxygen_tension, "oxygen tension", "mmHg", "kPa"},
    {Dimension::oxygen_rate, "rate of oxygen tension", "mmHg/min", "mmHg/s, kPa/min"},
    {Dimension::oxygen_uptake, "oxygen uptake of a cell", "mmHg um^3/min", "mmHg um^3/min/cell", -1, 0},
    {Dimension::solubility, "solubility", "nM/mmHg", "uM/mmHg, mol/m^3/mmHg"},
    {Dimension::concentration, "concentration", "nM", "pM, uM, mol/m^3; pg/mL, ng/mL with a molar mass"},
    {Dimension::concentration_rate, "concentration rate", "nM/min", "nM/s, nM/h; ng/mL/h with a molar mass"},
    {Dimension::inverse_concentration, "inverse concentration", "1/nM", "1/uM"},
    {Dimension::association, "association rate", "1/(nM min)", "1/(M s), 1/(uM s)"},
    {Dimension::secretion, "secretion rate of a cell", "nM um^3/min",
     "mol/cell/s, molecules/cell/s; pg/cell/day with a molar mass", -1, 0},
    {Dimension::chemotaxis, "chemotactic coefficient", "um^2/(nM min)", "um^2/(nM s), cm^2/(M s)"},
    {Dimension::mass_density, "mass per volume", "mg/mL", "g/L, ug/mL, ng/mm^3"},
    {Dimension::inverse_mass_density, "volume per mass of matrix", "mL/mg", "L/g"},
    {Dimension::mass_density_rate, "rate of mass per volume", "mg/mL/min", "mg/mL/h, mg/mL/day"},
    {Dimension::mass_density_rate_of_cell, "rate of mass per volume of one cell", "mg/mL/cell/min", "mg/mL/cell/day",
     -1, -1},
    {Dimension::mass_secretion, "mass secreted by a cell", "mg/mL um^3/min", "fg/cell/min, pg/cell/day", -1, 0},
    {Dimension::molar_mass, "molar mass", "kDa", "Da, g/mol"},
    {Dimension::dose, "dose", "ug/g", "mg/kg, g/kg"},
    {Dimension::distribution_volume, "volume of distribution", "mL/g", "mL/kg, L/kg"},
    {Dimension::clearance, "clearance", "mL/(g min)", "mL/h/kg, L/h/kg"},
    {Dimension::drug_concentration, "drug concentration", "ug/mL", "mg/L, ng/mL; nM, uM with a molar mass"},
};

// Reads "pg/cell/day", "nM um^3/min", "1/(M s)": factors joined by blanks, '*' or '/', from left to right.
class UnitReader {
public:
    // `likely` are the spellings a misspelt symbol is first compared with.
    UnitReader(std::string_view text, std::string_view likely) : text_(text), likely_(likely) {}

    bool read(Unit& unit) {
        if (!product(unit, 0)) return false;
        if (at_ != text_.size()) return fail("'" + std::string(text_.substr(at_)) + "' is not understood");
        return true;
    }
    const std::string& mistake() const { return mistake_; }

private:
    bool fail(std::string mistake) {
        mistake_ = std::move(mistake);
        return false;
    }
    char next() {
        while (at_ < text_.size() && text_[at_] == ' ') ++at_;
        return at_ < text_.size() ? text_[at_] : '\0';
    }
    bool product(Unit& unit, int depth) {
        if (depth > 4) return fail("has too many brackets");
        bool divide = false;
        do {
            if (!factor(unit, divide ? -1 : 1, depth)) return false;
            const char c = next();
            if (c == '\0' || c == ')') return true;
            divide = c == '/';
            if (c == '/' || c == '*') ++at_;
        } while (true);
    }
    bool factor(Unit& unit, int sign, int depth) {
        Unit one;
        if (next() == '(') {
            ++at_;
            if (!product(one, depth + 1)) return false;
            if (next() != ')') return fail("lacks a ')'");
            ++at_;
        } else if (!symbol(one)) {
            return false;
        }
        int power = 1;
        if (next() == '^') {
            ++at_;
            const auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), power);
            if (error != std::errc{} || power == 0 || power < -9 || power > 9)
                return fail("has '^' without a power from -9 to 9");
            at_ = static_cast<std::size_t>(end - text_.data());
        }
        const int times = sign * power;
        for (int i = 0; i < std::abs(times); ++i)
            times > 0 ? unit.factor.multiply(one.factor) : unit.factor.divide(one.factor);
        unit.powers.add(one.powers, times);
        const bool absurd = std::abs(unit.factor.ten) > 400 || std::any_of(unit.powers.of.begin(), unit.powers.of.end(),
                                                                           [](int p) { return std::abs(p) > 30; });
        return absurd ? fail("has powers beyond all measure") : true;
    }
    bool symbol(Unit& unit) {
        const std::size_t begin = at_;
        while (at_ < text_.size() && is_letter(text_[at_])) ++at_;
        if (at_ == begin && at_ < text_.size()) ++at_;  // '1' and '%'
        const std::string_view name = text_.substr(begin, at_ - begin);
        if (name.empty()) return fail("ends where a unit was expected");
        for (const Symbol& s : symbols) {
            if (s.name == name) {
                (s.inverted ? unit.factor.below : unit.factor.above) = Natural(s.mantissa);
                unit.factor.ten = s.inverted ? -s.ten : s.ten;
                unit.powers.of = s.powers;
                return true;
            }
        }
        return fail("'" + std::string(name) + "' is not a unit" + meant(name));
    }
    std::string meant(std::string_view name) const {
        std::vector<std::string> words{""}, all;
        for (const char c : likely_) {
            if (is_letter(c))
                words.back().push_back(c);
            else
                words.emplace_back();
        }
        for (const Symbol& s : symbols) all.emplace_back(s.name);
        std::erase_if(words, [&](const std::string& w) { return std::find(all.begin(), all.end(), w) == all.end(); });
        const std::string near = did_you_mean(name, words);
        return near.empty() ? did_you_mean(name, all) : near;
    }
    static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

    std::string_view text_, likely_;
    std::size_t at_ = 0;
    std::string mistake_;
};

// Spellings that differ only in typography: the two micro signs, raised digits, the middle dot.
std::string plain(std::string_view text) {
    static constexpr std::pair<std::string_view, std::string_view> typography[] = {
        {"\u00b5", "u"}, {"\u03bc", "u"}, {"\u00b2", "^2"}, {"\u00b3", "^3"}, {"\u00b7", "*"}};
    std::string out;
    while (!text.empty()) {
        const auto* found = std::find_if(std::begin(typography), std::end(typography),
                                         [&](const auto& t) { return text.starts_with(t.first); });
        if (found != std::end(typography)) {
            out += found->second;
            text.remove_prefix(found->first.size());
        } else {
            out += text.front();
            text.remove_prefix(1);
        }
    }
    while (!out.empty() && out.back() == ' ') out.pop_back();
    return out;
}

// The unit, or a mistake that begins with the text as read.
bool read_unit(std::string_view text, std::string_view likely, Unit& unit, std::string& mistake) {
    if (text.size() > 60) {
        mistake = "a unit of " + std::to_string(text.size()) + " characters";
        return false;
    }
    const std::string ascii = plain(text);
    UnitReader reader(ascii, likely);
    if (reader.read(unit)) return true;
    mistake = "unit '" + std::string(text) + "': " + reader.mistake();
    return false;
}

const Row& row_of(Dimension dimension) {
    const auto* row =
        std::find_if(std::begin(rows), std::end(rows), [&](const Row& r) { return r.dimension == dimension; });
    STELLATE_ASSERT(row != std::end(rows), static_cast<int>(dimension));
    return *row;
}

Unit unit_of(std::string_view known) {
    Unit unit;
    std::string mistake;
    const bool read = read_unit(known, known, unit, mistake);
    STELLATE_ASSERT(read, mistake);
    return unit;
}

bool fits(const Row& row, const Powers& powers) {
    return powers.same_measure(unit_of(row.canonical).powers) && powers.cell() >= row.fewest_cells &&
           powers.cell() <= row.most_cells;
}

std::string with_article(std::string_view name) {
    const bool vowel = std::string_view("aeiou").find(name.front()) != std::string_view::npos;
    return (vowel ? "an " : "a ") + std::string(name);
}

std::string_view without_plus(std::string_view text) {
    return text.size() > 1 && text[0] == '+' && text[1] != '-' ? text.substr(1) : text;
}

Conversion scaled(double value, const Rational& factor, std::string_view unit) {
    Rational r = decimal(value);
    r.multiply(factor);
    const double magnitude = nearest_double(std::move(r));
    if (!std::isfinite(magnitude)) return {0, shortest(value) + " " + std::string(unit) + " is too large to hold"};
    if (magnitude == 0 && value != 0) return {0, shortest(value) + " " + std::string(unit) + " is too small to hold"};
    return {std::signbit(value) && magnitude != 0 ? -magnitude : magnitude, {}};
}

}  // namespace

std::string_view name_of(Dimension dimension) { return row_of(dimension).name; }
std::string_view canonical_unit(Dimension dimension) { return row_of(dimension).canonical; }

std::string expectation(Dimension dimension) {
    const Row& row = row_of(dimension);
    std::string text = with_article(row.name) + " in " + std::string(row.canonical);
    if (!row.also.empty()) text += " (also " + std::string(row.also) + ")";
    return text;
}

Conversion convert(double value, std::string_view unit, Dimension expected, std::optional<double> molar_mass) {
    const Row& row = row_of(expected);
    const std::string wanted = "; expected " + expectation(expected);
    if (!std::isfinite(value)) return {0, "is not a finite number" + wanted};
    if (unit.empty()) return {0, "no unit" + wanted};
    Unit from;
    std::string mistake;
    const std::string likely = std::string(row.canonical) + " " + std::string(row.also);
    if (!read_unit(unit, likely, from, mistake)) return {0, mistake + wanted};
    const Unit canonical = unit_of(row.canonical);
    // Mass and amount differ by grams per mole; try the molar mass in the direction that makes them meet.
    const Unit kda = unit_of("kDa");
    if (!fits(row, from.powers))
        for (const int sign : {-1, 1}) {
            Powers bridged = from.powers;
            bridged.add(kda.powers, sign);
            if (!fits(row, bridged)) continue;
            if (!molar_mass || !(*molar_mass > 0) || !std::isfinite(*molar_mass))
                return {0, "'" + std::string(unit) + "' needs a molar mass to become " + std::string(row.canonical) +
                               wanted};
            Rational grams_per_mole = decimal(*molar_mass);
            grams_per_mole.multiply(kda.factor);
            sign > 0 ? from.factor.multiply(grams_per_mole) : from.factor.divide(grams_per_mole);
            from.powers = bridged;
            break;
        }
    if (!fits(row, from.powers)) {
        std::string found = shortest(value) + " " + std::string(unit);
        const auto* other =
            std::find_if(std::begin(rows), std::end(rows), [&](const Row& r) { return fits(r, from.powers); });
        found += other != std::end(rows) && other->dimension != expected ? " is " + with_article(other->name)
                                                                         : " is something else";
        return {0, found + wanted};
    }
    from.factor.divide(canonical.factor);
    return scaled(value, from.factor, unit);
}

Conversion convert_unit(double value, std::string_view from, std::string_view to) {
    Unit a, b;
    std::string mistake;
    if (!read_unit(from, to, a, mistake) || !read_unit(to, from, b, mistake)) return {0, mistake};
    if (!a.powers.same_measure(b.powers))
        return {0, "'" + std::string(from) + "' does not measure the same as '" + std::string(to) + "'"};
    a.factor.divide(b.factor);
    return scaled(value, a.factor, from);
}

std::string unit_mistake(std::string_view unit) {
    Unit read;
    std::string mistake;
    return read_unit(unit, "um min h day nM kPa mmHg mg mL cells", read, mistake) ? std::string{} : mistake;
}

std::optional<double> parse_number(std::string_view text) {
    text = without_plus(text);
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
    return value;
}

std::optional<Quantity> parse_quantity(std::string_view text) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with(' ')) text.remove_suffix(1);
    text = without_plus(text);
    Quantity quantity;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), quantity.value);
    if (error != std::errc{} || !std::isfinite(quantity.value)) return std::nullopt;
    std::string_view rest = text.substr(static_cast<std::size_t>(end - text.data()));
    while (rest.starts_with(' ')) rest.remove_prefix(1);
    quantity.unit = std::string(rest);
    return quantity;
}

std::string shortest(double value) {
    char text[32];
    return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

}  // namespace stellate
