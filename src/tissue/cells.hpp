// The cells of one brick: structure of arrays, one row a cell, 56 bytes of hot state a row. Rows are sorted by (bin,
// id); a row number is temporary, an id is for ever.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "core/hash.hpp"
#include "tissue/shape.hpp"

namespace stellate {

// Where a cell is in its cycle, or that it is on its way out.
// A condemned cell will die when its clock runs out and lives until then as in G1, but that it neither divides nor
// changes its type; a dying one does nothing and is taken away when its clock runs out.
enum class Phase : std::uint8_t { g1 = 0, s = 1, g2m = 2, dying = 3, condemned = 4 };
constexpr bool doomed(Phase p) { return p == Phase::dying || p == Phase::condemned; }
constexpr bool in_cycle(Phase p) { return p == Phase::s || p == Phase::g2m; }

struct Cells {
    std::vector<std::uint64_t> id;
    std::vector<Fixed> x, y, z;      // from the brick's corner
    std::vector<float> radius;       // um
    std::vector<std::uint8_t> type;  // index into the model's cell types
    std::vector<Phase> phase;
    std::vector<std::uint16_t> divisions;  // of this row's identity; names its next daughter
    std::vector<float> clock;              // min left in the phase (s, g2m, dying, condemned)
    std::vector<float> carry;     // min of the tick of birth, arrival or change of type, to be lived in the next
    std::vector<float> lineage;   // uniform in (0,1), drawn for the founder, inherited: heritable traits
    std::vector<float> pressure;  // kPa, from the last mechanics
    std::vector<float> heading_x, heading_y, heading_z;  // unit direction of a motile cell, 0 if it has none

    std::size_t size() const { return id.size(); }
    bool empty() const { return id.empty(); }

    // Visits every column of `a` (and its partner in b, ...), the one list of what a cell is.
    template <class Visit, class... C>
    static constexpr void for_each_column(Visit&& visit, C&&... c) {
        visit(c.id...);
        visit(c.x...);
        visit(c.y...);
        visit(c.z...);
        visit(c.radius...);
        visit(c.type...);
        visit(c.phase...);
        visit(c.divisions...);
        visit(c.clock...);
        visit(c.carry...);
        visit(c.lineage...);
        visit(c.pressure...);
        visit(c.heading_x...);
        visit(c.heading_y...);
        visit(c.heading_z...);
    }

    // Their names in stored files, in that order.
    static constexpr std::array column_names = {"id",      "x",        "y",         "z",         "radius",
                                                "type",    "phase",    "divisions", "clock",     "carry",
                                                "lineage", "pressure", "heading_x", "heading_y", "heading_z"};

    void append_row(const Cells& from, std::size_t row);
    void resize(std::size_t count);
    void hash(Hasher& hasher) const;
};

// Bytes of hot state a cell; the design allows 64.
inline constexpr std::size_t bytes_per_cell = [] {
    std::size_t bytes = 0;
    Cells::for_each_column([&bytes](const auto& column) { bytes += sizeof(column[0]); }, Cells{});
    return bytes;
}();
static_assert(bytes_per_cell <= 64);
static_assert(Cells::column_names.size() == [] {
    std::size_t columns = 0;
    Cells::for_each_column([&columns](const auto&) { ++columns; }, Cells{});
    return columns;
}());

}  // namespace stellate
