// What is written down about one mouse on one day: endpoints as the bench scores them, the mechanisms' abundance by
// gene symbol and cell type, the digest of the whole state. Reads a settled world, changes nothing.
//
// A section is scored whole. A block is scored on evenly spaced sections, averaged within the animal, and beside that
// on its points in 3-D.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "histology/endpoints.hpp"
#include "laboratory/animal.hpp"
#include "laboratory/sampling.hpp"

namespace stellate::laboratory {

// Simulated abundance of a mechanism: a list of the model's mechanisms, not a proteome.
struct Abundance {
    std::string gene;       // symbol, as in the model
    std::string cell_type;  // or "tissue" (mean level), "matrix", "new_vessel"
    double value = 0;
    std::string unit;
};

struct DayRecord {
    double day = 0;
    std::uint32_t tick = 0;
    Digest digest;
    std::vector<histology::EndpointValue> endpoints;
    std::vector<Abundance> proteins;
    Tally tally;
    double tumour_cell_days = 0;  // lived by tumour cells so far, counted every tick

    std::optional<double> get(std::string_view id) const;  // empty too if the endpoint is not there
};

// Endpoints that the laboratory adds to those of a section or block (they need more than one day or another arm).
const std::vector<histology::EndpointDefinition>& laboratory_endpoint_definitions();
// Both lists, in the order of tables.
const std::vector<histology::EndpointDefinition>& every_endpoint_definition();

// `counts` are of the same moment; `sections` as in the experiment (blocks); `picture` receives the section shown in
// reports: the layer in the middle.
template <class Shape>
DayRecord read_out(const World<Shape>& world, const Animal& animal, const DayCounts& counts, int sections,
                   histology::Section* picture);

}  // namespace stellate::laboratory
