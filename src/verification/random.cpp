// N01-N03: the random numbers. The generator against its published answers, the conversion of words to numbers and the
// bits of a million normals, the independence of streams whose addresses differ in one part; the keys that a mouse uses
// (N03 too) are in random_keys.cpp.
#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "core/hash.hpp"
#include "core/ids.hpp"
#include "core/math.hpp"
#include "core/random.hpp"
#include "verification/small_mice.hpp"

namespace stellate::verification {

namespace {

using Words = std::array<std::uint32_t, 4>;
constexpr double z_limit = 4.42;  // two-sided chance 1e-5

Check exact(const char* id, std::string what, double expected, double got, double tolerance, const char* source) {
    return {id, std::move(what), expected, got, tolerance, Check::Tier::discrete_exact, source, true};
}

// An estimate with the standard error it would have by the exact law.
Check estimate(const char* id, std::string what, double expected, double got, double standard_error) {
    return {id, std::move(what), expected, got, z_limit * standard_error, Check::Tier::statistical, "exact law", false};
}

// --- N01

std::vector<Check> n01(const Mutation& m) {
    struct Row {
        const char* what;
        Words counter;
        std::array<std::uint32_t, 2> key;
        Words answer;
    };
    constexpr std::uint32_t ones = 0xffffffff;
    static const Row rows[] = {
        {"counter and key 0", {0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {"counter and key all ones",
         {ones, ones, ones, ones},
         {ones, ones},
         {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {"digits of pi",
         {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
         {0xa4093822, 0x299f31d0},
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    std::vector<Check> checks;
    for (Row row : rows) {
        if (m.is("one bit of the counter")) row.counter[3] ^= 1;
        if (m.is("one bit of the key")) row.key[0] ^= 1;
        if (m.is("halves of the key swapped")) std::swap(row.key[0], row.key[1]);
        const Words got = philox4x32_10(row.counter, row.key);
        for (std::size_t w = 0; w < 4; ++w)
            checks.push_back(exact("N01", std::string("Philox4x32-10, ") + row.what + ", word " + std::to_string(w),
                                   row.answer[w], got[w], 0, "Random123, known answers"));
    }
    return checks;
}

// --- N02

// The program's normal and the C library's from the same words.
struct Normal {
    double ours, library;
};
Normal normal_at(std::uint64_t place, const Mutation& m) {
    const auto draws = [place] { return Draws(20, place, 1, Purpose::test); };
    Draws ours = draws(), words = draws();
    const double first = words.uniform(), second = words.uniform();
    return {ours.normal() * m.of("deviation of normals"),
            std::sqrt(-2 * std::log(first)) * std::cos(2 * 3.14159265358979323846 * second)};
}

std::vector<Check> n02(const Mutation& m) {
    std::vector<Check> checks;
    constexpr std::uint32_t ones = 0xffffffff;
    const char* const required = "required";
    const double largest = unit_double(ones, ones) * m.of("scale of units"), smallest = unit_double(0, 0);
    checks.push_back(
        exact("N02", "smallest double of 53 bits", 0x1p-54, smallest * m.of("scale of units"), 0, required));
    checks.push_back(exact("N02", "largest double of 53 bits, below 1", 1 - 0x1p-53, largest, 0, required));
    checks.push_back(exact("N02", "smallest float of 24 bits", 0x1p-25, double(unit_float(0)), 0, required));
    checks.push_back(
        exact("N02", "largest float of 24 bits, below 1", 1 - 0x1p-24, double(unit_float(ones)), 0, required));
    int doubles = 0, floats = 0;
    for (int bit = 0; bit < 31; ++bit)
        doubles += unit_double(1u << bit, 0) - smallest == (bit < 5 ? 0 : std::ldexp(1.0, bit - 32));
    for (int bit = 0; bit < 32; ++bit)
        doubles += unit_double(0, 1u << bit) - smallest == (bit < 6 ? 0 : std::ldexp(1.0, bit - 59));
    for (int bit = 0; bit < 31; ++bit)
        floats += unit_float(1u << bit) - unit_float(0) == (bit < 8 ? 0 : std::ldexp(1.0f, bit - 32));
    checks.push_back(exact("N02", "bits of two words with the right weight in a double", 63, doubles, 0, required));
    checks.push_back(exact("N02", "bits of a word with the right weight in a float", 31, floats, 0, required));

    constexpr int count = 1000000;
    Hasher hasher;
    double sum = 0, squares = 0, cubes = 0, fourths = 0, furthest = 0, library_squares = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
        const auto [ours, library] = normal_at(i, m);
        hasher.value(ours);
        furthest = std::max(furthest, std::abs(ours - library));
        const double square = ours * ours;
        sum += ours, squares += square, cubes += square * ours, fourths += square * square;
        library_squares += library * library;
    }
    const Digest digest = hasher.digest();
    const char* const fixed = "this program, every compiler and processor";
    checks.push_back(
        exact("N02", "digest of 1e6 normals, bits 127 to 76", 1813948313296858, double(digest.high >> 12), 0, fixed));
    checks.push_back(exact("N02", "digest of 1e6 normals, bits 51 to 0", 519168088442999,
                           double(digest.low & 0xfffffffffffffULL), 0, fixed));
    checks.push_back({"N02", "1e6 normals: furthest from the C library's", 0, furthest, 1e-14, Check::Tier::order,
                      "C library", false});
    checks.push_back(
        exact("N02", "1e6 normals: sum of squares, the C library's", library_squares, squares, 1e-14, "C library"));
    const double n = count;
    checks.push_back(estimate("N02", "mean of 1e6 normals", 0, sum / n, std::sqrt(1 / n)));
    checks.push_back(estimate("N02", "their mean square", 1, squares / n, std::sqrt(2 / n)));
    checks.push_back(estimate("N02", "their mean cube", 0, cubes / n, std::sqrt(15 / n)));
    checks.push_back(estimate("N02", "their mean fourth power", 3, fourths / n, std::sqrt(96 / n)));
    return checks;
}

// --- N03

// Correlation of a million pairs of streams; `leak` of the first runs over into the second.
template <class First, class Second>
double correlation(First&& first, Second&& second, double leak) {
    constexpr std::uint32_t count = 1000000;
    double product = 0, a_squares = 0, b_squares = 0;
    for (std::uint32_t i = 0; i < count; ++i) {
        const double a = first(i) - 0.5, b = second(i) - 0.5 + leak * a;
        product += a * b, a_squares += a * a, b_squares += b * b;
    }
    return product / std::sqrt(a_squares * b_squares);
}

std::vector<Check> correlations(const Mutation& m) {
    const auto at = [](std::uint64_t seed, std::uint64_t who, std::uint32_t tick, Purpose purpose) {
        return Draws(seed, who, tick, purpose).uniform();
    };
    const auto here = [&](std::uint32_t i) { return at(5, i, 9, Purpose::cell_fate); };
    const double leak = m.of("leak") - 1;
    std::vector<Check> checks;
    const auto check = [&](const char* what, auto&& other) {
        checks.push_back(
            estimate("N03", std::string("correlation of 1e6 pairs: ") + what, 0, correlation(here, other, leak), 1e-3));
    };
    check("a cell and the next", [&](std::uint32_t i) { return at(5, i + 1, 9, Purpose::cell_fate); });
    check("a cell and her daughter",
          [&](std::uint32_t i) { return at(5, daughter_id({i}, 0).value, 9, Purpose::cell_fate); });
    check("a tick and the next", [&](std::uint32_t i) { return at(5, i, 10, Purpose::cell_fate); });
    check("one purpose and another", [&](std::uint32_t i) { return at(5, i, 9, Purpose::phase_duration); });
    check("one seed and the next", [&](std::uint32_t i) { return at(6, i, 9, Purpose::cell_fate); });
    check("a draw and the next of its stream", [&](std::uint32_t i) {
        Draws draws(5, i, 9, Purpose::cell_fate);
        draws.uniform();
        return draws.uniform();
    });
    return checks;
}

}  // namespace

std::vector<Case> random_cases(const MouseOptions& options) {
    const Case keys = keys_case(std::make_shared<MouseHouse>(options));
    Case streams{"N03", "random", "independence of streams", {}, {{"leak", 1.01}}};
    streams.run = [keys](const Mutation& m) {
        std::vector<Check> checks = m.is("leak") || m.name.empty() ? correlations(m) : std::vector<Check>{};
        if (m.is("leak")) return checks;
        for (Check& c : keys.run(m)) checks.push_back(std::move(c));
        return checks;
    };
    streams.mutants.insert(streams.mutants.end(), keys.mutants.begin(), keys.mutants.end());
    return {
        {"N01",
         "random",
         "known answers of the generator",
         n01,
         {{"one bit of the counter"}, {"one bit of the key"}, {"halves of the key swapped"}}},
        {"N02",
         "random",
         "from bits to numbers in (0, 1) and to normals",
         n02,
         {{"scale of units", 1.01}, {"deviation of normals", 1.01}}},
        streams,
    };
}

}  // namespace stellate::verification
