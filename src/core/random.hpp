// Random draws with an address. A draw is a pure function of (seed, cell or place, tick, purpose, position), computed
// by Philox4x32-10 (Salmon et al. 2011, doi:10.1145/2063384.2063405; library: Random123). Nothing is stored between
// draws, so they cannot depend on threads, order or interruptions.
#pragma once

#include <array>
#include <cstdint>
#include <source_location>
#include <vector>

#include "core/vec.hpp"

namespace stellate {

// Why a draw is made. Numbers are part of every result ever published: append, never renumber. Nothing draws for 12,
// 14, 17 and 20.
enum class Purpose : std::uint16_t {
    test = 0,             // free for tests
    anatomy_place = 1,    // jitter and occupancy of founder cells in a brick
    anatomy_lobule = 2,   // places of central veins
    anatomy_cell = 3,     // per-founder attributes (lineage number, radius)
    animal = 4,           // between-animal variation of named parameters
    arrival = 5,          // tumour cells that arrive through the portal vein
    cell_fate = 6,        // competing hazards of one cell in one tick (divide, die, transform, ...)
    phase_duration = 7,   // length of a cell-cycle or death phase
    division_axis = 8,    // direction in which daughters part
    heading = 9,          // new direction of a persistent walk
    attack = 10,          // kill by an attached immune cell
    immune_arrival = 11,  // extravasation of immune cells in a voxel
    sprout = 13,          // start of a vessel sprout in a voxel
    drug_kill = 15,       // does a cell that leaves S phase under drug die
    bystander = 16,       // does a neighbour of a drug-killed cell die
    bootstrap = 18,       // resampling in statistics
    ensemble = 19,        // draws of uncertain parameters
    co_option = 21,       // is a voxel's sinusoid compressed or co-opted
};

// Fills four 32-bit words: the raw generator, counter and key as published.
std::array<std::uint32_t, 4> philox4x32_10(std::array<std::uint32_t, 4> counter, std::array<std::uint32_t, 2> key);

// Words to numbers in (0, 1), never 0 (for log) nor 1: the middle of the interval that 53 (24) of the bits name, as
// near as a double (float) can hold it; in the upper half that is the end of the interval with the even number.
double unit_double(std::uint32_t first, std::uint32_t second);
float unit_float(std::uint32_t word);

// A block of words that a stream took from the generator, and the line that opened the stream: its end.
struct Block {
    std::array<std::uint32_t, 4> counter;
    std::array<std::uint32_t, 2> key;
    std::source_location opened;

    Purpose purpose() const { return static_cast<Purpose>(counter[3] >> 16); }
};

// While it lives, every block that its thread draws is noted here; at most one at a time a thread. For checks that no
// address serves two ends; without one a block costs a branch more.
class BlockLog {
public:
    BlockLog();
    ~BlockLog();
    BlockLog(const BlockLog&) = delete;
    BlockLog& operator=(const BlockLog&) = delete;

    std::vector<Block> blocks;
};

// The stream of draws at one address. Two streams differ if any part of their address differs.
class Draws {
public:
    Draws(std::uint64_t seed, std::uint64_t who, std::uint32_t tick, Purpose purpose,
          std::source_location opened = std::source_location::current())
        : seed_(seed), who_(who), tick_(tick), purpose_(purpose), opened_(opened) {}

    std::uint32_t bits();                      // 32 random bits
    double uniform();                          // in (0, 1): unit_double of the next two words
    float uniform_float();                     // in (0, 1): unit_float of the next word
    double exponential();                      // mean 1
    double normal();                           // mean 0, standard deviation 1 (Box-Muller, one value of the pair)
    double erlang(int shape);                  // mean 1, sum of `shape` exponentials over `shape`
    std::uint32_t below(std::uint32_t bound);  // 0 .. bound-1 (bound > 0), bias < 2^-32 bound
    Vec3 direction_on_sphere();                // uniform unit vector
    Vec3 direction_in_plane();                 // uniform unit vector with z = 0

private:
    std::uint64_t seed_;
    std::uint64_t who_;
    std::uint32_t tick_;
    Purpose purpose_;
    std::uint16_t block_ = 0;
    int used_ = 4;
    std::array<std::uint32_t, 4> words_{};
    std::source_location opened_;  // a pointer
};

}  // namespace stellate
