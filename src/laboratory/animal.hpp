// One animal of a cohort: its seed, its variation of named parameters, and from them its model, anatomy, inoculum and
// plan of treatment. Mouse n is the same animal in every arm and primary and in every cohort of the same experiment
// seed: its seed is a function of (experiment seed, n), and the factor on a record a function of (that seed, the
// record's path) alone, so adding a varied record, a mouse or an arm shifts nothing else.
//
// It does not run anything; the kill logs that sham and replay arms need are joined to the plan by whoever runs it.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/hash.hpp"
#include "histology/endpoints.hpp"
#include "laboratory/experiment.hpp"
#include "liver/parameters.hpp"
#include "model/model.hpp"

namespace stellate::laboratory {

// The varied quantity that is no record of the model: how many tumour cells arrive.
inline constexpr std::string_view inoculum_density = "inoculum.density";

// The model's files as read once, at the start: what happens to them on disk later does not reach a running cohort.
class ModelFiles {
public:
    // Throws InputError: files that cannot be read, a primary without a file (nearest named), files of another digest
    // than the experiment asks for.
    explicit ModelFiles(const Experiment& experiment);

    Records records(const Primary& primary) const;  // the primary's file laid over, nothing changed; throws InputError
    const std::string& rules_text() const { return rules_.second; }
    const std::string& rules_file() const { return rules_.first; }
    Digest digest() const;                            // of names and contents, in order
    Digest digest_for(const Primary& primary) const;  // the same of what this primary reads
    const std::filesystem::path& directory() const { return directory_; }

private:
    std::filesystem::path directory_;
    std::vector<std::pair<std::string, std::string>> files_;  // (name for messages, text)
    std::pair<std::string, std::string> rules_;
    std::map<std::string, std::pair<std::string, std::string>> overlays_;  // by primary
};

std::uint64_t mouse_seed(std::uint64_t experiment_seed, int mouse);
// Log-normal factor of median 1 and coefficient of variation `cv`.
double variation_factor(std::uint64_t seed, std::string_view path, double cv);

struct Factor {
    std::string record;
    double drawn = 1;
    double in_effect = 1;  // held inside the record's plausible range
};

// Clock of one run: tick 0 is the beginning of acclimatisation, day 0 the inoculation.
struct Calendar {
    double tick_min = 0;
    std::uint32_t inoculation = 0;            // tick
    std::uint32_t tick_of(double day) const;  // nearest; whole for every day an experiment names
    double day_of(std::uint32_t tick) const;
};

struct Animal {
    int mouse = 0;
    std::uint64_t seed = 0;
    std::vector<Factor> factors;
    std::shared_ptr<const Model> model;
    liver::AnatomyParameters anatomy;
    double inoculum_per_mm3 = 0;
    Inoculum inoculum;
    treatment::Plan plan;  // without the logs of replays
    histology::EndpointSettings endpoints;
    Calendar calendar;
    std::vector<double> endpoint_days;  // ascending, the last day included
    std::vector<Record> records;        // every number in force
};

// Throws InputError (a change that makes no model, a day that is no whole number of ticks, a treatment it lacks).
Animal make_animal(const ModelFiles& files, const Experiment& experiment, const Primary& primary, const Arm& arm,
                   int mouse);

// What the inoculum stands for: the honest statement of an enriched window.
struct Enrichment {
    double window_per_mm3 = 0;       // clonogenic tumour cells per volume of the tissue simulated
    double whole_liver_per_mm3 = 0;  // the same after the injection named in the experiment
    double factor = 0;
    double injected_equivalent = 0;  // injected cells that would fill a whole liver at the window's density
};
Enrichment enrichment_of(const Experiment& experiment, const Model& model, double window_per_mm3);

}  // namespace stellate::laboratory
