// A world as columns of numbers, and back: all that the digest covers, and what the world has told of itself so far
// (kills, levels brought back to 0). What a world is given (model, anatomy, inoculum, plan, sleep) is not stored;
// whoever reads makes the world anew and has its state put in. docs/formats.md lists the columns.
#pragma once

#include "simulation/world.hpp"
#include "storage/columns.hpp"

namespace stellate {

// Throws RunError if two cells have one id: then the state is broken, and nobody should go on from it.
template <class Shape>
void store_world(const World<Shape>& world, storage::ColumnWriter& to);

// Puts the state into `world`, which must be as made, with the same cell types, substrates and extent as the one
// stored. Throws storage::Damaged if it is of another kind or its digest is not `expected`.
template <class Shape>
void restore_world(storage::ColumnReader& from, Digest expected, int threads, World<Shape>& world);

// What a treatment killed, on its own.
void store_kills(const treatment::KillLog& kills, storage::ColumnWriter& to);
treatment::KillLog restore_kills(storage::ColumnReader& from);  // throws storage::Damaged

void store_tally(const Tally& tally, storage::ColumnWriter& to);
Tally restore_tally(storage::ColumnReader& from, std::size_t types);  // throws storage::Damaged

}  // namespace stellate
