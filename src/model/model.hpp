// The model as flat tables: what models/ says, in canonical units, with every name resolved to an index. Immutable
// while mice live; one mouse's variation of named parameters gives it a Model of its own. No string is looked up in the
// step.
//
// Names in files: a behaviour is written in the rule grammar ("cycle entry", "TGFB1 secretion", "transform to
// hsc_activated", "recruit cd8") and has its base value in the type's [behaviours] table under a key of the same words
// (cycle_entry, secretion.TGFB1, transform.hsc_activated, recruit.cd8). A behaviour a type does not list is one it does
// not have: base value 0 and no rule may drive it.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "matrix/matrix.hpp"
#include "mechanics/contact.hpp"
#include "mechanics/motility.hpp"
#include "rules/hill_rules.hpp"
#include "vessels/vessels.hpp"

namespace stellate {

class Records;

struct Substrate {
    std::string name;  // gene symbol, or "oxygen"
    double diffusion_um2_per_min;
    double decay_per_min;
    double basal;                 // healthy level, nM; oxygen's comes from anatomy
    double wake_tolerance;        // deviation below which a brick's field may rest, nM (oxygen mmHg)
    double gradient_half = 0;     // level at which walkers read its relative gradient at half; 0 if nobody follows it
    int subticks = 1;             // backward-Euler steps a tick, from its rates (fields::subticks)
    double silent_deviation = 0;  // largest to which no resident of a healthy liver answers; derived at load
};

// What a stain or an endpoint sees in a cell type.
struct Marks {
    bool tumour = false, alpha_sma = false;
    std::string appearance;  // class of the histology, e.g. "hepatocyte"
};

// Behaviours of all types, one index space; the arguments (substrate, type) are part of the index.
struct BehaviourIndex {
    int cycle_entry, apoptosis, migration_speed, migration_bias, attack, collagen_deposition, collagen_degradation,
        crosslinking;
    std::vector<int> secretion;  // by substrate; -1 for oxygen
    std::vector<int> transform;  // by type
    std::vector<int> recruit;    // by type
    int count = 0;
};

struct SignalIndex {
    std::vector<int> substrate;  // by substrate
    std::vector<int> contact;    // by type: living neighbours of that type in touch
    // By signal: the types whose living neighbours in touch it sums, each with a weight; empty for all other signals. A
    // type's own signal has that type at weight 1, a surface protein's every type that bears it at its density.
    struct Touched {
        int type;
        float weight;
    };
    std::vector<std::vector<Touched>> touched;
    int pressure, collagen, stiffness, perfusion, hypoxia;
    int count = 0;
};

// A protein on the surface of cells, read by those that touch them ("contact with CD274").
struct SurfaceProtein {
    std::string name;  // gene symbol
    int signal;
    std::vector<float> density;  // by type, relative to a reference cell
};

struct CellType {
    std::string name;
    std::uint64_t address =
        0;  // of draws that belong to the type: a function of its name, not of its place in the list
    Marks marks;
    double radius_um;
    bool anchored;  // moves only when pushed beyond its yield
    double yield_um_per_min;
    bool excludes;  // takes room from others; a sinusoidal or luminal cell does not
    double s_phase_min, g2m_min;
    int phase_shape;         // Erlang shape of the two durations
    double dying_min;        // from the start of death to removal
    double growth_min;       // time constant of regrowth after division
    double persistence_min;  // of a migrating cell's heading
    double step_min;         // longest step of its walk
    double oxygen_uptake;    // mmHg um^3/min at saturation
    bool makes_timp;
    double arrives_after_h;  // immune types: blood brings none before this time after the tumour cells' arrival
    std::vector<std::pair<int, double>> taxis;  // (substrate, weight): heading bias up the weighted relative gradients
    std::uint32_t looks_for = 0;    // types, a bit each, whose contact a rule of this type reads or that it attacks
    std::vector<float> attackable;  // by target type: factor on this attacker's kill rate; empty if it attacks nobody
    std::vector<int>
        driven_place;  // [behaviour] place among the rule-driven ones, as CompiledRules writes them; -1 if constant
    std::size_t driven_count = 0;
    std::vector<float> base;      // [behaviour] base values, canonical units
    std::vector<int> transforms;  // types it can become
    bool has(int behaviour) const { return listed[std::size_t(behaviour)] != 0; }
    std::vector<std::uint8_t> listed;  // [behaviour]
};

struct Seeding {                 // tumour cells that arrive through the portal vein
    double periportal_bias;      // exponent of (1 - portal_to_central) in the arrest density
    double arrival_spread_h;     // arrivals are uniform over this time
    double clonogenic_fraction;  // of injected cells, fitted: the window holds only these
    double liver_volume_mm3;
    double window_cells_per_mm3;  // clonogenic cells put into the window (enriched)
};

struct Clocks {
    double tick_min;         // one pass of the step
    int mechanics_substeps;  // of a tick; their length must be stable for packed tissue (checked at load)
};

struct Tolerances {
    double resting_rate_per_min;      // rates below count as none: resident cells at rest draw no events
    double resting_speed_um_per_min;  // speeds below count as none
    double resting_secretion;         // nM um^3/min below counts as none
    double field_relative;            // solver: largest correction relative to the substrate's wake tolerance
    double subtick_error;             // share of a change by which sub-ticks of a ligand may miss its relaxation
    int quiet_ticks;                  // at rest for so long before a brick sleeps
    double contact_reach;             // cells touch when their distance is below this times the sum of radii
    double collagen_rate;             // mg/mL/min below which matrix counts as at rest
    double lowest_oxygen_mmHg;        // in healthy liver: residents must rest down to it
    double guard_um;                  // displacement of a cell in one sub-step that stops the run
};

struct Model {
    std::string name;
    Clocks clocks;
    Tolerances tolerances;
    std::vector<Substrate> substrates;  // by name
    int oxygen = -1, vegfa = -1;
    double oxygen_half_saturation_mmHg;
    double oxygen_supply_per_min;  // exchange coefficient of healthy sinusoids
    std::vector<CellType> types;   // by name
    std::uint32_t hunted = 0;      // types that some type attacks, a bit each
    // Roles the program itself must find; every other type is known by its tables alone.
    struct Roles {
        int hepatocyte, lsec, kupffer, hsc_quiescent, portal_fibroblast, nk, tumour_arrested, vessel_tip, blood;
    } roles;
    BehaviourIndex behaviours;
    SignalIndex signals;
    std::vector<SurfaceProtein> surface_proteins;  // by name
    rules::CompiledRules rules;
    mechanics::ContactTable contact;
    bool confines = true;                // collagen slows cells (loop "confinement")
    std::vector<mechanics::Walk> walks;  // by type
    matrix::Parameters matrix;
    vessels::Parameters vessels;
    Seeding seeding;

    int type_index(const std::string& name) const;       // -1 if unknown
    int substrate_index(const std::string& name) const;  // -1 if unknown
    std::vector<std::string> type_names() const;
};

// Feedback loops a rule may belong to and an arm may switch off.
const std::vector<std::string>& loop_names();

// Builds the tables from the records (already overlaid and varied) and the text of the rules file; the order of tables
// and rows in the files does not matter. Loops named in `switched_off` lose their rules; without "confinement" collagen
// slows no cell, without "angiogenesis" nothing sprouts. The caller ends with records.require_all_used(), which throws
// every mistake noted here too.
Model read_model(Records& records, const std::string& rules_text, const std::string& rules_file,
                 const std::vector<std::string>& switched_off);

}  // namespace stellate
