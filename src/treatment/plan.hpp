// What is done to a mouse: a list of actions, each a record of the experiment file. An action reads the clock and its
// own numbers; none reads an arm's name.
//
// Suicide gene (GFAP-HSV-Tk under ganciclovir). A carrier cell that passes through S phase while the drug is present
// incorporates it and dies: at the end of S phase it is condemned with chance emax C^n / (C^n + ec50^n), C the plasma
// level then; it lives on for `death_delay_h`, but does not divide. Carriage is heritable: a cell carries Tk if its
// lineage number lies below the carrier share. Bystander killing is a separate pair of chances, per dying cell and
// neighbour within a radius; 0 unless set.
//
// Replay kills the recorded cells at the recorded ticks (the proof that a treatment acts through its kills alone); a
// sham kills as many cells of another type, each the nearest to the place of a recorded kill.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/vec.hpp"
#include "treatment/pharmacokinetics.hpp"

namespace stellate::treatment {

struct Kill {
    enum class Cause : std::uint8_t { drug, bystander, replay, sham };
    std::uint32_t tick = 0;
    std::uint64_t cell = 0;
    std::uint8_t type = 0;
    Cause cause = Cause::drug;
    float delay_min = 0;     // from then to the death of the cell, which lives on as before until then
    Vec3 place_um;           // from the tissue's corner
    std::uint32_t gene = 0;  // drug and bystander: of which of the plan's suicide genes
};
using KillLog = std::vector<Kill>;  // ordered by tick

struct SuicideGene {
    std::string name;
    std::vector<int> carrier_types;  // cell types in which the promoter is on
    double carrier_share;            // of cells of these types, 0..1
    Dosing dosing;                   // the drug's schedule and kinetics
    Emax effect;                     // chance of death at the end of S phase
    double death_delay_h;            // from the end of S phase to the death of the cell
    double bystander_radius_um;
    std::vector<float> bystander_share;  // [type] chance that a neighbour of that type within the radius dies
    int draw = 0;                        // which of a cell's numbers decides: the gene's place in its arm's plan
    int arm = 0;                         // genes of several arms may act on one life (docs/decisions/0009): whose it is
};

struct Replay {
    const KillLog* log = nullptr;     // of another arm of the same mouse; outlives the plan
    std::optional<int> instead_type;  // sham: kill the nearest living cell of this type instead
};

struct Plan {
    std::vector<SuicideGene> suicide_genes;
    std::vector<Replay> replays;
};

}  // namespace stellate::treatment
