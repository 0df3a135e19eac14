// Cell behaviour rules: "in <cell type>, <signal> increases | decreases <behaviour>". This file owns the grammar (read
// from CSV), its compilation to flat tables and their evaluation.
//
// For one cell type and behaviour with base value b0, the rules that increase share a saturation b_max and those that
// decrease share b_min; with s, h, n the signal, half-max and Hill power of a rule
//
//     u = sum over increasing rules of (s/h)^n,  U = u / (1 + u),   D alike over decreasing rules,
//     B_up = b0 + (b_max - b0) U,    behaviour = B_up + (b_min - B_up) D.
//
// Grammar and columns: cell behaviour hypothesis grammar, CSV version 3 (Johnson et al. 2025,
// doi:10.1016/j.cell.2025.06.048); form read in its reference implementation, PhysiCell 1.14.2. Where that
// implementation ignores or overwrites silently (malformed rows, duplicates, unknown directions, rules that disagree
// about a saturation), this one stops with a place.
//
// It does not sense signals, know what a behaviour means, or change base values: those come in as arguments.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "core/units.hpp"

namespace stellate::rules {

// --- The grammar

// A number of a rule: written out, or the dotted path of a record that holds it.
struct Term {
    double value = 0;
    std::string record;  // empty when `value` counts
    std::string unit;    // of `value`; empty when not stated
    Place place;
};

// One row. Columns: cell type, signal, direction, behaviour, saturation, half-max, Hill power, applies to dead (0:
// rules are for living cells) | and ours: unit of saturation, unit of half-max, loop, kind (measured | fitted |
// assumed), source (for assumed: why).
struct Rule {
    std::string cell_type, signal, behaviour;
    bool increases = true;
    Term saturation, half_max, power;
    std::string loop, kind, source;
    Place place;  // of the row
    Place cell_type_place, signal_place, behaviour_place, loop_place;
};

// Reads rows of 8 columns (those shared with the reference implementation) or 13; a header, blank lines and lines that
// begin with // or # are passed over; fields may be quoted. Every mistake of a row is noted in `problems`, and rows
// with one are left out. Throws InputError where the file as a whole cannot be read.
std::vector<Rule> parse_rules(std::string_view text, const std::string& name, Problems& problems);

// --- What names mean

struct Name {
    std::string name;
    Dimension dimension = Dimension::number;
    std::optional<double> molar_mass = std::nullopt;  // kDa, for signals that may be given in pg/mL
};

// Names are matched whatever their capitals, and '_' is a blank. Index = position in the list.
struct Vocabulary {
    std::vector<std::string> cell_types;
    std::vector<Name> signals;
    std::vector<Name> behaviours;
    std::vector<double> base;  // [type * behaviours + behaviour], canonical; NaN: the type has no such behaviour
    // [type * signals + signal] 0 where nobody tells the type of the signal, so that no rule of it may read it; empty:
    // every type is told of everything.
    std::vector<std::uint8_t> senses;
    std::vector<std::string> loops;
};

struct CompileOptions {
    std::vector<std::string> switched_off;  // loops whose rules are left out
    // Rows without units, kind and source are accepted, their numbers taken as canonical (min, um, mmHg): for files of
    // other programs. Otherwise each is a mistake.
    bool reference_units = false;
    // The canonical value of a record named in place of a number, nothing where there is none of that name; it reports
    // the record's own mistakes. Without it, such a name is a mistake.
    std::function<std::optional<double>(const std::string& path, Dimension dimension)> record;
    std::vector<std::string> records;  // that there are, for messages
};

// --- Evaluation

// How far a signal may fall or rise from its baseline (infinity: any distance).
struct SilentBand {
    double below = 0, above = 0;
};

class CompiledRules {
public:
    CompiledRules() = default;
    // Notes every mistake in `problems`, and then holds no rule: unknown names (nearest given), a signal that the type
    // does not sense, wrong or missing units, half-max or Hill power not above 0, the same (type, signal, direction,
    // behaviour) twice under whatever names, saturations that disagree, a saturation on the wrong side of the base
    // value. The order of `rules` does not matter.
    CompiledRules(const std::vector<Rule>& rules, const Vocabulary& vocabulary, const CompileOptions& options,
                  Problems& problems);
    // The same; throws InputError with every mistake.
    CompiledRules(const std::vector<Rule>& rules, const Vocabulary& vocabulary, const CompileOptions& options = {});

    // Behaviours (global index) that rules drive in a type, ascending: the order of every output below.
    std::span<const int> behaviours(int type) const;
    // Signals (index) those rules read, ascending.
    std::span<const int> signals_used(int type) const;
    std::size_t rule_count() const { return rule_count_; }  // in force, switched-off loops left out

    // One cell: signals indexed by signal (only the used ones are read; negative counts as 0), out indexed by position
    // in behaviours(type). No allocation, no string; NaN in a signal gives NaN in what it drives.
    void evaluate(int type, const float* signals, float* out) const;
    void evaluate(int type, const double* signals, double* out) const;

    // `cells` cells of one type: signals[signal][cell] (pointers of unused signals may be null), out[position][cell].
    // Bit for bit what evaluate() gives for each.
    void evaluate_batch(int type, std::int64_t cells, const float* const* signals, float* const* out) const;

    // The largest value of each driven behaviour while every used signal s stays within low[s] .. high[s] (indexed by
    // signal; others are not read), out by position in behaviours(type). To rounding, as evaluate() would give it
    // there.
    void upper_bounds(int type, const float* low, const float* high, double* out) const;

    // The bands within which a sleeping cell may be left alone: as long as *every* used signal stays inside its band
    // around `baseline` [signal], no behaviour of the type differs from its value at the baseline by more than
    // tolerance[position]. Returned by position in signals_used(type). Bands are as wide as a common share of the
    // tolerances allows; computed by bisection, for load time.
    std::vector<SilentBand> largest_silent_deviation(int type, std::span<const double> baseline,
                                                     std::span<const double> tolerance) const;

private:
    struct Response {  // (s/h)^n of one rule
        int signal;
        int whole;  // Hill power as an integer, 0 if it is not one
        double inverse_half_max, power;
    };
    struct Drive {  // one behaviour of one type
        double base, low, high;
        int up, down, end;  // responses_[up..down) increase, [down..end) decrease
    };
    struct Program {              // one type
        int first = 0, last = 0;  // drives_[first..last)
        std::vector<int> behaviours, signals;
    };
    class Compiler;
    struct Interval;

    const Program& program(int type) const;
    template <class Real>
    double sum_of(int first, int last, const Real* signals) const;
    template <class Real>
    void evaluate_one(const Program& program, const Real* signals, Real* out) const;
    Interval range_of(const Drive& drive, const Program& program, std::span<const double> baseline,
                      std::span<const SilentBand> bands) const;

    std::vector<Program> programs_;  // [type]
    std::vector<Drive> drives_;
    std::vector<Response> responses_;
    std::size_t rule_count_ = 0;
};

}  // namespace stellate::rules
