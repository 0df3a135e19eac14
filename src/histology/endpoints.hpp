// Endpoints of one section, as docs/endpoints.md defines them: pure functions of a Section, scored on a 2-um raster.
// The same masks (outline, rim, stain-positive pixels) can be had for pictures and tests.
//
// It does not decide what is compared with what, and reads no arm, mouse or day.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "histology/linking.hpp"
#include "histology/raster.hpp"
#include "histology/section.hpp"

namespace stellate::histology {

// The numbers in the definitions. Defaults are the published definitions; `collagen_threshold_mg_per_ml`,
// `fibre_contrast` and `company_um` are assumed records of the model.
struct EndpointSettings {
    double pixel_um = 2;
    double link_um = 20;  // tumour cells this near belong together
    int least_cells = 5;  // of a focus
    double rim_um = 100;
    double near_um = 200;                     // "near tumour" for stellate cells
    double collagen_threshold_mg_per_ml = 4;  // local concentration that counts as picrosirius-red positive
    double fibre_contrast = 0.7;              // log-normal spread of collagen into bundles
    double hypoxia_mmhg = 10;                 // pimonidazole binds below
    double company_um = 20;     // from a tumour cell's surface to the centre of an alpha-SMA-positive cell
    int chance_points = 20000;  // tried for the share expected by chance
};

struct Focus {
    int cells = 0;
    double area_um2 = 0;
    double diameter_um = 0;     // of the circle of that area
    double x_um = 0, y_um = 0;  // centre of area
};

// One endpoint of one section. Absent where it has no meaning (a density inside foci where there are none).
struct EndpointValue {
    const char* id;
    const char* unit;
    std::optional<double> value;
};

// Under which heading a report shows it.
enum class EndpointGroup : std::uint8_t { tumour, stroma, vessels, immune, stellate, arrested, counts };
// What a study does with it: tests it on the last day beside the others, only describes it, or folds it away too;
// `comparison`: it is one with control already.
enum class Standing : std::uint8_t { tested, descriptive, minor, comparison };

// What an endpoint is, for tables, axes and the methods.
struct EndpointDefinition {
    const char* id;
    const char* unit;  // "%", "1", "1/mm2", "um", "mm2", "1/mm3"
    EndpointGroup group;
    Standing standing;
    const char* title;
    const char* definition;
    // What a block gives: null, the mean over the sections cut through it; else the same in space, said so or
    // as_defined.
    const char* in_block = nullptr;
};
inline constexpr const char* as_defined = "";
// Every endpoint of a section in the order of `measure`, then those of a block.
const std::vector<EndpointDefinition>& endpoint_definitions();

// Pixel sets of a section on the raster of the endpoints.
struct SectionMasks {
    Window window;
    Mask outline;                            // metastatic area: foci with the stroma in them
    std::vector<std::int32_t> focus_of;      // [pixel] focus whose outline it belongs to, -1 outside
    std::vector<float> squared_distance;     // [pixel] to the outline in pixels^2, 0 inside, infinity without foci
    Foci foci;                               // over tumour_cells
    std::vector<std::int32_t> tumour_cells;  // rows of the section's tumour cells, in order
};
SectionMasks outline_foci(const Section& section, const EndpointSettings& settings);

Mask collagen_positive(const Section& section, const Window& window, const EndpointSettings& settings);
Mask alpha_sma_positive(const Section& section, const Window& window);  // stromal cells; walls of vessels are not in it
Mask cd31_positive(const Section& section,
                   const Window& window);  // new vessels and their tips; sinusoids are not in it

struct SectionEndpoints {
    std::vector<Focus> foci;                               // numbered as in linking: by their first cell
    std::vector<EndpointValue> values;                     // one of every section endpoint, in order
    std::optional<double> get(std::string_view id) const;  // asserts that the id exists
};
// Throws InputError if the section is malformed.
SectionEndpoints measure(const Section& section, const EndpointSettings& settings = {});

struct Place {
    double x_um, y_um;
};
// Where a picture should look: the centre of the largest focus; without foci the tumour cell nearest to
// the middle of the section, without any the middle.
Place centre_of_interest(const Section& section, const EndpointSettings& settings = {});

}  // namespace stellate::histology
