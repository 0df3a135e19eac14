// What the phases of one tick hand to each other. Nothing here outlives a tick, so nothing here is state.
#pragma once

#include <cstdint>
#include <vector>

#include "core/vec.hpp"
#include "immune/attack.hpp"
#include "matrix/matrix.hpp"
#include "vessels/vessels.hpp"

namespace stellate {

// An act upon a cell, carried out by commit in the order of (cell, kind, actor, gene): a cell dies once, by an attack
// before a drug, credit to the lowest actor.
struct Act {
    enum class Kind : std::uint8_t { attack, drug, bystander };
    Kind kind;
    std::uint64_t cell = 0;   // who dies
    std::uint64_t actor = 0;  // the attacker, or the cell itself for a drug
    std::uint32_t row = 0;    // where it is: in `brick`, unmoved since the sense phase
    BrickCoord brick;
    std::uint8_t actor_type = 0;
    std::uint32_t gene = 0;  // of a drug or bystander: which of the plan's suicide genes killed
    float delay_min = 0;     // of an attack: from now to its loss; else from now to its death
};

struct Birth {
    std::uint32_t mother_row = 0;
    float left_min = 0;  // of this tick, after the division
};

struct Newcomer {  // from the blood
    std::uint64_t id = 0;
    Fixed x = 0, y = 0, z = 0;
    std::uint8_t type = 0;
    float left_min = 0;  // of this tick, after it came
};

// Who walks this tick, one entry a row; where the speed is 0 the others mean nothing.
struct Walking {
    std::vector<float> speed, bias, toward_x, toward_y, toward_z;
    void clear(std::size_t rows) {
        speed.assign(rows, 0.0f);
        for (auto* column : {&bias, &toward_x, &toward_y, &toward_z}) column->resize(rows);
    }
};

// Living cells of a brick that somebody attacks, where they are while others walk: by bin, in the brick's coordinates.
struct Hunted {
    std::vector<Fixed> x, y, z;
    std::vector<float> radius;
    std::vector<std::uint8_t> type;
    std::vector<std::uint32_t> start;  // [bin], one more closes; empty: nobody
};

// One per brick in memory, by its place in Lattice::in_memory().
struct BrickScratch {
    std::vector<std::uint16_t> voxel;    // [row] in which it lies
    std::vector<std::uint8_t> contact;   // [row * types + type] living neighbours in touch, at most 255; only of types
                                         // that look for somebody
    std::vector<immune::Target> target;  // [row] whom an attacker holds; of others it means nothing
    Walking walking;
    Hunted hunted;
    std::vector<Act> acts;
    std::vector<Birth> births;
    std::vector<Newcomer> newcomers;
    std::vector<vessels::Budding> buds;
    matrix::Work work;
    std::vector<float> mobility;                        // [voxel] of cells that contacts push
    bool restless = false;                              // something here acts, moves or will
    std::vector<std::uint64_t> begun_deaths;            // [type] this tick
    std::uint64_t divisions = 0, tumour_divisions = 0;  // carried out by commit

    void clear() {
        acts.clear(), births.clear(), newcomers.clear(), buds.clear();
        work.deposition.clear();  // empty: the cells of this brick did not decide in this tick
        begun_deaths.clear();
        hunted.start.clear();  // a brick that sleeps marks nobody
        restless = false;
        divisions = tumour_divisions = 0;
    }
};

}  // namespace stellate
