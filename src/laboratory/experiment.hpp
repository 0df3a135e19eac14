// An experiment as a methods section would state it: which liver, which tumours, how many animals, which arms, what is
// given when, what is read out on which day, which endpoints were fixed beforehand. This file owns the reading of
// experiments/*.toml, the overrides of the command line and the resolved text that results keep; what the numbers of
// the model mean is the model's business (model/), and running is the cohort's (cohort.hpp).
//
// Days count from the inoculation of tumour cells. Quantities carry their unit in the text ("3.2 mm", "-1 day");
// keys whose name is a unit (days) and counts (mice) are plain numbers. Nothing is silently defaulted: what a file may
// leave out, and what then holds, is written in docs/experiment-file.md and beside the members below.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/error.hpp"
#include "model/records.hpp"
#include "model/toml.hpp"
#include "simulation/world.hpp"

namespace stellate::laboratory {

enum class Geometry : std::uint8_t { section, block };
std::string_view name_of(Geometry geometry);

// A record of the model that gets another value: `text` as Records::set takes it.
struct Change {
    std::string path;
    std::string text;
    Place place;
};

bool same_changes(const std::vector<Change>& a, const std::vector<Change>& b);  // in the same order

struct Treatment {
    enum class Kind : std::uint8_t {
        suicide_gene,  // drug that kills cells carrying the gene while they pass through S phase
        sham,          // as many cells of another type die, at the places and times of another arm's kills
        replay,        // the very cells that another arm killed die, without any drug
    };
    Kind kind = Kind::suicide_gene;
    Place place;  // of what it refers to: record, or of
    Place kills_place;
    std::string key;  // where in the file, for messages: "arms[1].treatments[0]"

    // suicide_gene: the records under `record` hold the drug and the gene; `changes` lay other values over them in this
    // arm.
    std::string record;
    double start_min = 0;            // from inoculation
    std::optional<double> stop_min;  // absent: to the end
    bool carriers = true;            // false: wild type under the drug
    std::vector<Change> changes;     // paths complete

    // sham, replay
    std::string of;     // name of the arm whose kills are taken
    std::string kills;  // sham: cell type
};

struct Arm {
    std::string name, title;
    std::vector<Treatment> treatments;
    std::vector<std::string> switched_off;  // loops of the model's rules
    std::vector<Change> changes;
    Place place, switched_off_place;
    std::string key;  // "arms[1]"
    // Arms whose kill logs this one reads.
    std::vector<std::string> needs() const;
};

struct Primary {
    std::string name, title;
    std::optional<std::string> overlay;  // file under the model's primaries/, or an absolute path; absent: NAME.toml
    std::optional<double> days;          // absent: the experiment's
    std::vector<Change> changes;
    std::optional<std::string> model_digest;  // of the model's files with this primary's; others are refused
    Place place, days_place, model_digest_place;
    std::string key, model_digest_key;  // "primaries[0].name" or ".overlay", "primaries[0].model_digest"
};

// A record that differs between animals: times a log-normal factor of median 1, the same for one animal in every arm
// and primary. The path "inoculum.density" varies the number of tumour cells that arrive.
struct Variation {
    std::string record;
    double cv = 0;
    Place place;
    std::string key;
};

// Every animal is also one draw of the model's uncertain numbers, so that the cohort becomes an ensemble: all records
// of these kinds, each uniform in the logarithm over its plausible range (uniform where the range reaches 0 or below).
// Records whose source is "method" are never drawn.
struct Ensemble {
    std::vector<RecordKind> kinds;
    std::vector<std::string> except;  // paths or prefixes left alone
    Place place;
};

struct Published {  // what was reported for an endpoint of an arm against control
    std::string arm, endpoint;
    std::vector<std::string> primaries;  // in which it was reported; empty: in all
    int sign = 0;                        // -1 lower, +1 higher, 0 unchanged
    std::string source;
    Place place;
};

struct Attribution {  // which loop carries how much of the effect of an arm
    std::string arm;
    std::vector<std::string> loops;
    Place place;
};

struct Experiment {
    std::string name, title;
    std::vector<std::string> description;   // paragraphs for the report's methods
    std::string model;                      // directory under models/
    std::filesystem::path model_directory;  // where it was found
    Geometry geometry = Geometry::section;
    struct Size {
        double width_um = 0, height_um = 0, depth_um = 0;
    };
    std::optional<Size> section, block;  // the one of `geometry` exists
    int block_sections = 5;              // sections cut from a block at each endpoint day

    int mice = 0;
    std::vector<int> only_mice;  // numbers run; empty: 1 .. mice
    std::uint64_t seed = 1;
    double days = 0;                    // from inoculation
    double planned_days = 0;            // at least days; more where the command line made the run shorter
    double acclimatisation_min = 1440;  // of the tissue before inoculation
    std::vector<double> endpoint_days;  // ascending; the last day of a primary is always one and not listed
    bool sleep = true;                  // false: every brick awake throughout, for checks

    struct Seeding {
        std::optional<int> cells;       // clonogenic tumour cells that arrive in the tissue simulated ...
        std::optional<double> per_mm3;  // ... or their density; neither: the model's record
        double injected = 0;            // cells injected at the bench, for the statement of enrichment
    } inoculum;

    std::vector<Primary> primaries;
    std::vector<Arm> arms;
    std::vector<Change> changes;  // of the model, in every arm
    std::vector<Variation> variation;
    std::optional<Ensemble> ensemble;

    struct Analysis {
        std::string control;  // arm; empty: no comparisons
        std::vector<std::string> primary_endpoints;
        std::vector<Published> published;
        std::optional<Attribution> attribution;
        int resamples = 10000;
    } analysis;

    // A life grown before, from which every arm goes on (branch.hpp).
    struct BranchPoint {
        std::filesystem::path checkpoint;
        double day = 0;
        std::optional<std::string> state;  // digest of the state in the checkpoint; another one is refused
        Place place;
    };
    std::optional<BranchPoint> branch;

    // When the state of every life is put on disk; changes no result.
    struct CheckpointRules {
        double every_min = 1440;        // of simulated time
        double wall_min = 10;           // and after so much time of the clock
        double share = 0.03;            // of the time that they may cost: those beyond are put off
        std::vector<double> keep_days;  // the checkpoints of these days stay in the results, to branch from
        Place keep_place;
    } checkpoint;

    std::string file;  // as given, for messages and for the command that replays a mouse
    Place days_place, endpoint_days_place, acclimatisation_place;
    std::string options;  // what the command line changed, as options again, each with a blank before it

    const Size& size() const { return geometry == Geometry::section ? *section : *block; }
    double volume_mm3() const;
    Extent extent() const;
    double days_of(const Primary& primary) const { return primary.days ? std::min(*primary.days, days) : days; }
    std::vector<double> endpoint_days_of(const Primary& primary) const;  // ascending, the last day included
    std::vector<int> mouse_numbers() const;
    const Arm* find_arm(std::string_view arm) const;
};

// What the command line changes. Applied before the file is judged, so a mistake is told in the same way.
struct Overrides {
    std::optional<std::int64_t> mice, seed;
    std::optional<double> days;
    std::vector<std::int64_t> only_mice;
    std::vector<std::string> arms, primaries;              // names kept; empty: all
    std::vector<std::pair<std::string, std::string>> set;  // key of the file or path of a record, and its text
};

// Reads an experiment and checks it against the model it names: every record path, unit, loop and cell type, and that
// each primary and arm makes a model. `model_roots`: directories searched for the model after those of the file and the
// working directory (find_model). Throws InputError with every mistake found; writes nothing.
Experiment read_experiment(const std::filesystem::path& file, const Overrides& overrides = {},
                           const std::vector<std::filesystem::path>& model_roots = {});
// The same from a text; `directory` stands for the file's.
Experiment parse_experiment(std::string_view text, const std::string& name, const std::filesystem::path& directory,
                            const Overrides& overrides = {},
                            const std::vector<std::filesystem::path>& model_roots = {});

// The directory of model `name`: models/NAME in the experiment file's directory or any directory above it, then in the
// working directory, then NAME in each of `roots`. Empty if there is none.
std::filesystem::path find_model(const std::string& name, const std::filesystem::path& directory,
                                 const std::vector<std::filesystem::path>& roots);

// The experiment with everything resolved, as a file that reads back to the same experiment.
std::string to_toml(const Experiment& experiment);

// A word as a shell takes it: in quotes where it needs them.
std::string shell_word(const std::string& text);

// The name of the arm that leaves out a loop: "control" without "matrix_growth".
std::string without(const std::string& arm, const std::string& loop);

}  // namespace stellate::laboratory
