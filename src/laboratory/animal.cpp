#include "laboratory/animal.hpp"

#include <algorithm>
#include <cmath>

#include "core/atomic_file.hpp"
#include "core/ids.hpp"
#include "core/math.hpp"
#include "core/random.hpp"
#include "laboratory/sampling.hpp"

namespace stellate::laboratory {

namespace {

std::vector<std::string> stems_in(const std::filesystem::path& directory) {
    std::vector<std::string> names;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(directory, error))
        if (entry.path().extension() == ".toml" && entry.is_regular_file(error))
            names.push_back(entry.path().stem().string());
    std::sort(names.begin(), names.end());
    return names;
}

// Where a primary's file lies: NAME.toml or the overlay named, under primaries/ unless it is a path of its own.
std::filesystem::path overlay_of(const Experiment& e, const Primary& primary) {
    const std::string name = primary.overlay.value_or(primary.name + ".toml");
    if (name.find('/') == std::string::npos) return e.model_directory / "primaries" / name;
    return name;
}

// One draw of an uncertain number: uniform in the logarithm over its plausible range where that is positive.
double ensemble_value(const Record& record, double u) {
    if (record.low > 0) return record.low * math::pow(record.high / record.low, u);
    return record.low + (record.high - record.low) * u;
}

bool excepted(const Ensemble& ensemble, const std::string& path) {
    return std::any_of(ensemble.except.begin(), ensemble.except.end(),
                       [&](const std::string& e) { return path == e || path.starts_with(e + "."); });
}

// Numbers of the method (steps, tolerances, guards) say how the model is solved, not what a liver is.
bool is_method(const Record& record) { return record.source == "method"; }

void draw_ensemble(const Experiment& e, std::uint64_t seed, Records& records, std::vector<Factor>& factors) {
    if (!e.ensemble) return;
    std::vector<std::pair<std::string, double>> drawn;
    for (const Record& record : records.all()) {
        const auto& kinds = e.ensemble->kinds;
        if (is_method(record)) continue;
        if (std::find(kinds.begin(), kinds.end(), record.kind) == kinds.end() || record.low == record.high) continue;
        if (excepted(*e.ensemble, record.path) || record.changed) continue;
        Draws draws(seed, name_address(record.path), 0, Purpose::ensemble);
        drawn.emplace_back(record.path, ensemble_value(record, draws.uniform()));
    }
    for (const auto& [path, value] : drawn) {
        const Record& record = *records.find(path);
        const double inside = std::clamp(value, record.low, record.high);
        const double before = record.value;
        records.set(path, shortest(inside) + " " + record.range_unit, e.ensemble->place);
        if (before != 0) factors.push_back({path, inside / before, inside / before});
    }
}

class AnimalReader {
public:
    AnimalReader(const Experiment& e, Records& records, Animal& animal) : e_(e), records_(records), animal_(animal) {}

    void vary() {
        for (const Variation& v : e_.variation) {
            const double factor = variation_factor(animal_.seed, v.record, v.cv);
            const double in_effect = v.record == inoculum_density ? factor : records_.scale(v.record, factor);
            animal_.factors.push_back({v.record, factor, in_effect});
        }
    }

    void read_calendar(const Primary& primary) {
        Calendar& c = animal_.calendar;
        c.tick_min = animal_.model->clocks.tick_min;
        c.inoculation = static_cast<std::uint32_t>(
            whole_ticks(e_.acclimatisation_min, "acclimatisation", e_.acclimatisation_place));
        animal_.endpoint_days = e_.endpoint_days_of(primary);
        for (const double day : animal_.endpoint_days) {
            const bool last = day == animal_.endpoint_days.back();
            whole_ticks(day * 1440, last ? "days" : "endpoint_days", last ? e_.days_place : e_.endpoint_days_place);
        }
        for (const double day : e_.checkpoint.keep_days)
            whole_ticks(day * 1440, "checkpoint.keep", e_.checkpoint.keep_place);
    }

    void read_inoculum() {
        double factor = 1;
        for (const Factor& f : animal_.factors)
            if (f.record == inoculum_density) factor = f.in_effect;
        const double volume = e_.volume_mm3();
        const double cells = e_.inoculum.cells     ? double(*e_.inoculum.cells)
                             : e_.inoculum.per_mm3 ? *e_.inoculum.per_mm3 * volume
                                                   : animal_.model->seeding.window_cells_per_mm3 * volume;
        animal_.inoculum.cells = static_cast<int>(std::lround(cells * factor));
        animal_.inoculum.start_h = e_.acclimatisation_min / 60;
        animal_.inoculum_per_mm3 = animal_.inoculum.cells / volume;
    }

    void read_plan(const Arm& arm) {
        // Every treatment of the model is read, given or not, so that a mistake in one is told in every arm.
        for (const std::string& name : records_.children("treatments")) read_gene("treatments." + name);
        for (const Treatment& t : arm.treatments) {
            if (t.kind == Treatment::Kind::suicide_gene) {
                treatment::SuicideGene gene = read_gene(t.record);
                if (!t.carriers) gene.carrier_share = 0;
                gene.dosing.first_min = t.start_min + e_.acclimatisation_min;
                gene.dosing.last_min =
                    t.stop_min ? *t.stop_min + e_.acclimatisation_min : std::numeric_limits<double>::infinity();
                gene.draw = static_cast<int>(animal_.plan.suicide_genes.size());
                animal_.plan.suicide_genes.push_back(std::move(gene));
            } else {
                treatment::Replay replay;
                if (t.kind == Treatment::Kind::sham) replay.instead_type = animal_.model->type_index(t.kills);
                animal_.plan.replays.push_back(replay);
            }
        }
    }

    // How a section is scored: the model's records of the bench's reading.
    void read_endpoint_settings() {
        histology::EndpointSettings& s = animal_.endpoints;
        s.collagen_threshold_mg_per_ml =
            records_.number("histology.collagen_threshold", Dimension::mass_density, Domain::positive);
        s.fibre_contrast = records_.number("histology.fibre_contrast", Dimension::number, Domain::not_negative);
        s.company_um = records_.number("histology.company", Dimension::length, Domain::not_negative);
        s.hypoxia_mmhg = records_.number("histology.hypoxia", Dimension::oxygen_tension, Domain::not_negative);
    }

private:
    double whole_ticks(double minutes, const char* key, const Place& place) {
        const double ticks = minutes / animal_.calendar.tick_min;
        if (std::abs(ticks - std::round(ticks)) > 1e-6)
            records_.reject(InputError(place, key,
                                       shortest(minutes / 1440) + " days are not a whole number of ticks of " +
                                           shortest(animal_.calendar.tick_min) + " min (record clocks.tick)"));
        return std::round(ticks);
    }

    treatment::SuicideGene read_gene(const std::string& prefix) {
        const auto number = [&](const char* key, Dimension d, Domain domain) {
            return records_.number(prefix + "." + key, d, domain);
        };
        const auto share = [&](const char* key) { return number(key, Dimension::fraction, Domain::share); };
        const Model& model = *animal_.model;
        treatment::SuicideGene gene;
        gene.name = prefix;
        for (const std::string& type : records_.texts(prefix + ".carrier_types")) {
            const int index = model.type_index(type);
            if (index < 0)
                records_.reject(prefix + ".carrier_types",
                                "there is no cell type '" + type + "'" + did_you_mean(type, model.type_names()));
            else
                gene.carrier_types.push_back(index);
        }
        gene.carrier_share = share("carrier_share");
        gene.dosing.dose_ug_per_g = number("dose", Dimension::dose, Domain::not_negative);
        gene.dosing.interval_min = number("interval", Dimension::time, Domain::positive);
        gene.dosing.absorption_per_min = number("absorption", Dimension::rate, Domain::positive);
        gene.dosing.elimination_per_min = number("elimination", Dimension::rate, Domain::positive);
        gene.dosing.bioavailability = share("bioavailability");
        gene.dosing.distribution_ml_per_g = number("distribution", Dimension::distribution_volume, Domain::positive);
        gene.effect.half = number("ec50", Dimension::drug_concentration, Domain::positive);
        gene.effect.most = share("emax");
        gene.effect.power = number("hill", Dimension::number, Domain::positive);
        gene.death_delay_h = number("death_delay", Dimension::time, Domain::not_negative) / 60;
        gene.bystander_radius_um = number("bystander_radius", Dimension::length, Domain::not_negative);
        const double hsc = share("bystander_hsc"), tumour = share("bystander_tumour");
        if (hsc > 0 || tumour > 0) {
            gene.bystander_share.assign(model.types.size(), 0.0f);
            for (std::size_t type = 0; type < model.types.size(); ++type) {
                if (model.types[type].marks.tumour)
                    gene.bystander_share[type] = static_cast<float>(tumour);
                else if (std::find(gene.carrier_types.begin(), gene.carrier_types.end(), int(type)) !=
                         gene.carrier_types.end())
                    gene.bystander_share[type] = static_cast<float>(hsc);
            }
        }
        return gene;
    }

    const Experiment& e_;
    Records& records_;
    Animal& animal_;
};

}  // namespace

ModelFiles::ModelFiles(const Experiment& e) : directory_(e.model_directory) {
    for (const std::string& stem : stems_in(directory_)) {
        const std::filesystem::path file = directory_ / (stem + ".toml");
        files_.emplace_back(file.string(), read_file(file));
    }
    if (files_.empty())
        throw InputError({directory_.string()}, "", "holds no model; expected a directory with *.toml files");
    const std::filesystem::path rules = directory_ / "rules.csv";
    std::error_code error;
    if (!std::filesystem::is_regular_file(rules, error))
        throw InputError({rules.string()}, "", "is no file; expected the rules of the model");
    rules_ = {rules.string(), read_file(rules)};
    Problems problems;
    for (const Primary& primary : e.primaries) {
        if (primary.name.empty()) continue;
        const std::filesystem::path file = overlay_of(e, primary);
        if (!std::filesystem::is_regular_file(file, error)) {
            const std::vector<std::string> known = stems_in(directory_ / "primaries");
            problems.add(primary.place, primary.key,
                         "there is no file " + file.string() + did_you_mean(primary.name, known) +
                             (known.empty() ? "" : "; the model has " + listed(known)));
            continue;
        }
        overlays_[primary.name] = {file.string(), read_file(file)};
        const std::string digest = to_string(digest_for(primary));
        if (primary.model_digest && *primary.model_digest != digest)
            problems.add(primary.model_digest_place, primary.model_digest_key,
                         "the model in " + directory_.string() + " has other files now (digest " + digest +
                             "), so results would differ; expected digest " + *primary.model_digest +
                             ". Leave this line out to run with the model as it is");
    }
    problems.throw_if_any();
}

Records ModelFiles::records(const Primary& primary) const {
    const auto overlay = overlays_.find(primary.name);
    if (overlay == overlays_.end()) return Records::parse(files_);
    return Records::parse(files_, {overlay->second});
}

namespace {

void add_file(Hasher& hasher, const std::pair<std::string, std::string>& file) {
    const std::string name = std::filesystem::path(file.first).filename().string();
    for (const std::string& text : {name, file.second}) hasher.column(std::span<const char>(text.data(), text.size()));
}

}  // namespace

Digest ModelFiles::digest() const {
    Hasher hasher;
    for (const auto& file : files_) add_file(hasher, file);
    add_file(hasher, rules_);
    for (const auto& [primary, file] : overlays_) add_file(hasher, file);
    return hasher.digest();
}

Digest ModelFiles::digest_for(const Primary& primary) const {
    Hasher hasher;
    for (const auto& file : files_) add_file(hasher, file);
    add_file(hasher, rules_);
    if (const auto overlay = overlays_.find(primary.name); overlay != overlays_.end())
        add_file(hasher, overlay->second);
    return hasher.digest();
}

std::uint64_t mouse_seed(std::uint64_t experiment_seed, int mouse) {
    return mix64(mix64(experiment_seed + 0x9e3779b97f4a7c15) ^ static_cast<std::uint64_t>(mouse));
}

double variation_factor(std::uint64_t seed, std::string_view path, double cv) {
    // A log-normal of median 1 has coefficient of variation sqrt(exp(sigma^2) - 1).
    const double sigma = std::sqrt(math::log(1 + cv * cv));
    return math::exp(sigma * Draws(seed, name_address(path), 0, Purpose::animal).normal());
}

std::uint32_t Calendar::tick_of(double day) const {
    return inoculation + static_cast<std::uint32_t>(std::llround(day * 1440 / tick_min));
}

double Calendar::day_of(std::uint32_t tick) const { return (double(tick) - double(inoculation)) * tick_min / 1440; }

Animal make_animal(const ModelFiles& files, const Experiment& e, const Primary& primary, const Arm& arm, int mouse) {
    Animal animal;
    animal.mouse = mouse;
    animal.seed = mouse_seed(e.seed, mouse);
    Records records = files.records(primary);
    const auto apply = [&](const std::vector<Change>& changes) {
        for (const Change& change : changes) records.set(change.path, change.text, change.place);
    };
    apply(e.changes);
    apply(primary.changes);
    apply(arm.changes);
    for (const Treatment& t : arm.treatments) apply(t.changes);
    draw_ensemble(e, animal.seed, records, animal.factors);
    AnimalReader reader(e, records, animal);
    reader.vary();
    animal.model =
        std::make_shared<const Model>(read_model(records, files.rules_text(), files.rules_file(), arm.switched_off));
    animal.anatomy = liver::read_anatomy(records);
    reader.read_calendar(primary);
    reader.read_inoculum();
    reader.read_plan(arm);
    reader.read_endpoint_settings();
    try {
        class_map(*animal.model);
    } catch (const InputError& error) {  // a cell type's appearance is unknown
        records.reject(error);
    }
    records.require_all_used();
    animal.records = records.all();
    return animal;
}

Enrichment enrichment_of(const Experiment& e, const Model& model, double window_per_mm3) {
    Enrichment result;
    const Seeding& s = model.seeding;
    result.window_per_mm3 = window_per_mm3;
    result.whole_liver_per_mm3 = e.inoculum.injected * s.clonogenic_fraction / s.liver_volume_mm3;
    result.factor = result.whole_liver_per_mm3 > 0 ? window_per_mm3 / result.whole_liver_per_mm3 : 0;
    result.injected_equivalent =
        s.clonogenic_fraction > 0 ? window_per_mm3 * s.liver_volume_mm3 / s.clonogenic_fraction : 0;
    return result;
}

}  // namespace stellate::laboratory
