// The tables of a results directory as text, and its provenance.
#include <fmt/format.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>
#include <fstream>
#include <thread>

#include "core/units.hpp"
#include "laboratory/build_info.hpp"
#include "laboratory/json.hpp"
#include "laboratory/machine.hpp"
#include "laboratory/results.hpp"

namespace stellate::laboratory {

namespace {

std::string field(const std::string& text) {
    if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
    std::string out = "\"";
    for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
    return out + '"';
}
std::string field(const char* text) { return field(std::string(text)); }
std::string field(double value) { return std::isfinite(value) ? shortest(value) : std::string{}; }
std::string field(const std::optional<double>& value) { return value ? field(*value) : std::string{}; }
std::string field(int value) { return std::to_string(value); }
std::string field(std::uint64_t value) { return std::to_string(value); }

template <class... Values>
void add_row(std::string& out, const Values&... values) {
    std::string line;
    ((line += field(values), line += ','), ...);
    line.back() = '\n';
    out += line;
}

const std::string& primary_name(const CohortResults& r, int primary) {
    return r.experiment.primaries[std::size_t(primary)].name;
}
const std::string& arm_name(const CohortResults& r, int arm) { return r.experiment.arms[std::size_t(arm)].name; }

std::optional<double> lower(const std::optional<statistics::Effect>& effect) {
    return effect && effect->interval ? std::optional(effect->interval->lower) : std::nullopt;
}
std::optional<double> upper(const std::optional<statistics::Effect>& effect) {
    return effect && effect->interval ? std::optional(effect->interval->upper) : std::nullopt;
}
std::optional<double> estimate_of(const std::optional<statistics::Effect>& effect) {
    return effect ? std::optional(effect->estimate) : std::nullopt;
}
std::optional<double> p_of(const std::optional<statistics::RankTest>& test) {
    return test ? std::optional(test->p) : std::nullopt;
}

std::string sign_text(const std::optional<int>& sign) {
    if (!sign) return {};
    return *sign < 0 ? "lower" : *sign > 0 ? "higher" : "unchanged";
}

std::string joined(const std::vector<std::string>& parts) {
    std::string text;
    for (const std::string& part : parts) text += (text.empty() ? "" : " ") + part;
    return text;
}

const char* name_of(treatment::Kill::Cause cause) {
    switch (cause) {
        case treatment::Kill::Cause::drug:
            return "drug";
        case treatment::Kill::Cause::bystander:
            return "bystander";
        case treatment::Kill::Cause::replay:
            return "replay";
        case treatment::Kill::Cause::sham:
            return "sham";
    }
    return "";
}

}  // namespace

std::string digests_csv(const CohortResults& r) {
    std::string out = "primary,arm,mouse,day,digest\n";
    for (const MouseRun& run : r.runs)
        for (const DayRecord& d : run.days)
            add_row(out, primary_name(r, run.primary), arm_name(r, run.arm), run.mouse, d.day, to_string(d.digest));
    return out;
}

std::string endpoints_csv(const CohortResults& r) {
    std::string out = "arm,primary,mouse,day,endpoint,value,unit\n";
    for (const MouseRun& run : r.runs)
        for (const DayRecord& d : run.days)
            for (const histology::EndpointDefinition& definition : every_endpoint_definition())
                for (const histology::EndpointValue& v : d.endpoints)
                    if (std::string_view(v.id) == definition.id)
                        add_row(out, arm_name(r, run.arm), primary_name(r, run.primary), run.mouse, d.day, v.id,
                                v.value, v.unit);
    return out;
}

std::string growth_csv(const CohortResults& r) {
    std::string out = "arm,primary,mouse,day,quantity,value\n";
    for (const MouseRun& run : r.runs)
        for (const DayCounts& d : run.growth) {
            const auto add = [&](const std::string& what, auto value) {
                add_row(out, arm_name(r, run.arm), primary_name(r, run.primary), run.mouse, d.day, what, value);
            };
            add("foci", std::uint64_t(d.foci));
            add("foci_with_alpha_sma", std::uint64_t(d.foci_alpha_sma));
            add("foci_with_new_vessels", std::uint64_t(d.foci_vessels));
            add("foci_with_both", std::uint64_t(d.foci_both));
            add("focus_families", std::uint64_t(d.descent.families));
            add("focus_clones", std::uint64_t(d.descent.clones));
            add("tumour_cells", d.tumour_cells);
            add("share_in_memory", d.awake.bricks_in_memory);
            add("share_cells_awake", d.awake.cells_awake);
            add("share_fields_awake", d.awake.fields_awake);
            for (std::size_t t = 0; t < d.living.size(); ++t)
                if (d.living[t] > 0) add("in_memory." + r.type_names[t], d.living[t]);
        }
    return out;
}

std::string proteins_csv(const CohortResults& r) {
    std::string out = "primary,arm,mouse,day,gene,cell_type,value,unit\n";
    for (const MouseRun& run : r.runs)
        for (const DayRecord& d : run.days)
            for (const Abundance& a : d.proteins)
                add_row(out, primary_name(r, run.primary), arm_name(r, run.arm), run.mouse, d.day, a.gene, a.cell_type,
                        a.value, a.unit);
    return out;
}

std::string kills_csv(const CohortResults& r) {
    std::string out = "primary,arm,mouse,tick,day,cell,cell_type,cause,x_um,y_um,z_um\n";
    for (const MouseRun& run : r.runs) {
        for (const treatment::Kill& kill : run.kills) {
            add_row(out, primary_name(r, run.primary), arm_name(r, run.arm), run.mouse, std::uint64_t(kill.tick),
                    run.calendar.day_of(kill.tick + 1), fmt::format("{:016x}", kill.cell), r.type_names[kill.type],
                    name_of(kill.cause), kill.place_um.x, kill.place_um.y, kill.place_um.z);
        }
    }
    return out;
}

std::string statistics_csv(const CohortResults& r, const Analysis& analysis) {
    std::string out =
        "primary,arm,control,day,endpoint,unit,role,n_control,n_arm,mean_control,sd_control,median_control,mean_arm,sd_"
        "arm,median_arm,"
        "difference,difference_low,difference_high,ratio,ratio_low,ratio_high,cliffs_delta,cliffs_delta_low,cliffs_"
        "delta_high,"
        "mann_whitney_p,mann_whitney_holm,pairs,paired_difference,paired_difference_low,paired_difference_high,signed_"
        "rank_p,"
        "signed_rank_holm,published,agreement,published_source,notes\n";
    for (const ComparisonRow& row : analysis.comparisons) {
        const statistics::Comparison& c = row.comparison;
        const auto n = [](const std::optional<statistics::Summary>& s) { return s ? s->n : 0; };
        const auto mean = [](const std::optional<statistics::Summary>& s) {
            return s ? std::optional(s->mean) : std::nullopt;
        };
        const auto sd = [](const std::optional<statistics::Summary>& s) { return s ? s->sd : std::nullopt; };
        const auto median = [](const std::optional<statistics::Summary>& s) {
            return s ? std::optional(s->median) : std::nullopt;
        };
        add_row(out, primary_name(r, row.primary), arm_name(r, row.arm), r.experiment.analysis.control, row.day,
                row.endpoint.id, row.endpoint.unit, row.fixed_beforehand ? "primary" : "descriptive", n(c.control),
                n(c.treated), mean(c.control), sd(c.control), median(c.control), mean(c.treated), sd(c.treated),
                median(c.treated), estimate_of(c.difference), lower(c.difference), upper(c.difference),
                estimate_of(c.ratio), lower(c.ratio), upper(c.ratio), estimate_of(c.cliffs_delta),
                lower(c.cliffs_delta), upper(c.cliffs_delta), p_of(c.mann_whitney), c.mann_whitney_holm, c.pairs,
                estimate_of(c.paired_difference), lower(c.paired_difference), upper(c.paired_difference),
                p_of(c.signed_rank), c.signed_rank_holm, sign_text(row.published_sign), row.agreement,
                row.published_source, joined(c.notes));
    }
    return out;
}

std::string attribution_csv(const CohortResults& r, const Analysis& analysis) {
    std::string out =
        "primary,loop,endpoint,unit,mice,mean_control,mean_arm,mean_control_without,mean_arm_without,effect,effect_low,"
        "effect_high,"
        "effect_without,effect_without_low,effect_without_high,share_of_difference,"
        "share_of_difference_low,share_of_difference_high,share_of_reduction,share_of_reduction_low,share_of_reduction_"
        "high\n";
    for (const AttributionRow& row : analysis.attribution)
        add_row(out, primary_name(r, row.primary), row.loop, row.endpoint.id, row.endpoint.unit, row.mice, row.control,
                row.treated, row.control_without, row.treated_without, estimate_of(row.effect), lower(row.effect),
                upper(row.effect), estimate_of(row.effect_without), lower(row.effect_without),
                upper(row.effect_without), estimate_of(row.share_of_difference), lower(row.share_of_difference),
                upper(row.share_of_difference), estimate_of(row.share_of_reduction), lower(row.share_of_reduction),
                upper(row.share_of_reduction));
    return out;
}

std::string signs_csv(const CohortResults& r, const Analysis& analysis) {
    std::string out =
        "primary,arm,endpoint,draws,lowers,spares,raises,empty,undefined,failed,share_lowers_low,share_lowers_high\n";
    for (const SignRow& row : analysis.signs)
        add_row(out, primary_name(r, row.primary), arm_name(r, row.arm), row.endpoint.id, row.draws, row.lowers,
                row.spares, row.raises, row.empty, row.undefined, row.failed,
                row.lowers_interval ? std::optional(row.lowers_interval->lower) : std::nullopt,
                row.lowers_interval ? std::optional(row.lowers_interval->upper) : std::nullopt);
    return out;
}

namespace {
std::vector<DigestRow> digest_rows(const CohortResults& r) {
    std::vector<DigestRow> rows;
    for (const MouseRun& run : r.runs)
        for (const DayRecord& d : run.days)
            rows.push_back({primary_name(r, run.primary), arm_name(r, run.arm), std::to_string(run.mouse),
                            shortest(d.day), to_string(d.digest)});
    return rows;
}
}  // namespace

std::string version() { return build_info::version; }

Provenance provenance_here(std::string command) {
    Provenance p;
    p.version = build_info::version;
    p.commit = build_info::commit;
    p.compiler = build_info::compiler;
    p.flags = build_info::flags;
    p.build_type = build_info::build_type;
    p.command = std::move(command);
    const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    std::tm utc{};
    if (::gmtime_r(&now, &utc))
        p.started = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday,
                                utc.tm_hour, utc.tm_min, utc.tm_sec);
    utsname names{};
    if (::uname(&names) == 0) {
        p.machine = names.machine;
        p.system = fmt::format("{} {}", names.sysname, names.release);
    }
    p.processor = first_value("/proc/cpuinfo", "model name");
    p.hardware_threads = static_cast<int>(std::thread::hardware_concurrency());
    return p;
}

std::string session_text(const Provenance& p) {
    std::string text = fmt::format("{} {} {} {} {}", p.started, storage::this_process().text(), p.version,
                                   p.commit.empty() ? "-" : p.commit, p.command);
    std::replace(text.begin(), text.end(), '\n', ' ');
    return text;
}

std::vector<std::pair<std::string, std::string>> facts_of(const CohortResults& r, const Provenance& p) {
    return {{"program", p.version},
            {"commit", p.commit},
            {"experiment", r.experiment.name},
            {"digest", digest_of(digest_rows(r))}};
}

namespace {

void add_run_timings(JsonWriter& json, const CohortResults& r) {
    json.key("runs").begin_array();
    for (const MouseRun& run : r.runs) {
        json.begin_object();
        json.member("primary", primary_name(r, run.primary))
            .member("arm", arm_name(r, run.arm))
            .member("mouse", run.mouse);
        json.member("seed", run.seed).member("inoculum_cells", run.inoculum_cells);
        json.member("shared_days", run.shared_days)
            .member("stepping_s", run.stepping_s)
            .member("readout_s", run.readout_s)
            .member("threads", run.threads);
        json.member("megabytes", run.megabytes);
        json.member("share_in_memory", run.awake.bricks_in_memory).member("share_cells_awake", run.awake.cells_awake);
        json.member("share_fields_awake", run.awake.fields_awake);
        // Levels that the solver's tolerance left below 0 and that were brought back to it.
        json.key("clamped_levels").begin_array();
        for (const SubstrateClamps& c : run.clamps)
            json.begin_object()
                .member("substrate", c.substrate)
                .member("voxels", c.clamps.voxels)
                .member("largest", c.clamps.largest)
                .member("unit", c.unit)
                .end_object();
        json.end_array();
        if (!run.failure.empty()) json.member("failure", run.failure);
        json.key("variation").begin_array();
        for (const Factor& f : run.factors)
            json.begin_object()
                .member("record", f.record)
                .member("factor", f.in_effect)
                .member("held_in_range", f.in_effect != f.drawn)
                .end_object();
        json.end_array();
        json.end_object();
    }
    json.end_array();
}

void add_phase_totals(JsonWriter& json, const CohortResults& r) {
    std::vector<std::pair<std::string, double>> sums;
    for (const MouseRun& run : r.runs)
        for (std::size_t n = 0; n < run.phase_s.size(); ++n) {
            if (sums.size() <= n) sums.emplace_back(run.phase_s[n].first, 0.0);
            sums[n].second += run.phase_s[n].second;
        }
    json.key("phases_s").begin_object();
    for (const auto& [name, seconds] : sums) json.member(name, seconds);
    json.end_object();
}

}  // namespace

std::string provenance_json(const CohortResults& r, const Analysis& analysis, const Provenance& p) {
    const Experiment& e = r.experiment;
    JsonWriter json;
    json.begin_object();
    json.member("simulated", true);
    json.member("program", "stellate")
        .member("version", p.version)
        .member("command", p.command)
        .member("started", p.started);
    json.key("sessions").begin_array();
    for (const std::string& session : p.sessions) json.value(session);
    json.end_array();
    json.key("build").begin_object();
    json.member("commit", p.commit).member("compiler", p.compiler);
    json.member("flags", p.flags).member("type", p.build_type).end_object();
    json.key("machine").begin_object();
    json.member("architecture", p.machine).member("processor", p.processor).member("system", p.system);
    json.member("hardware_threads", p.hardware_threads).end_object();
    json.key("experiment").begin_object();
    json.member("name", e.name)
        .member("file", e.file)
        .member("seed", e.seed)
        .member("geometry", std::string(name_of(e.geometry)));
    json.member("mice", e.mice).member("runs", static_cast<std::uint64_t>(r.runs.size())).end_object();
    json.key("model").begin_object();
    json.member("name", e.model)
        .member("directory", r.model_directory)
        .member("digest", to_string(r.model_digest))
        .end_object();
    json.key("inoculum").begin_array();
    for (std::size_t n = 0; n < r.enrichment.size(); ++n) {
        const Enrichment& x = r.enrichment[n];
        json.begin_object().member("primary", e.primaries[n].name).member("window_cells_per_mm3", x.window_per_mm3);
        json.member("whole_liver_cells_per_mm3", x.whole_liver_per_mm3).member("enrichment", x.factor);
        json.member("injected_equivalent", x.injected_equivalent).end_object();
    }
    json.end_array();
    json.member("digest", digest_of(digest_rows(r)));
    json.member("threads", r.threads).member("wall_s", r.wall_s).member("checkpoints_s", p.checkpoints_s);
    add_phase_totals(json, r);
    add_run_timings(json, r);
    json.member("proteins",
                "proteins.csv lists the simulated abundance of the model's mechanisms; it is not a proteome");
    json.key("notes").begin_array();
    for (const std::string& note : analysis.notes) json.value(note);
    json.end_array();
    json.end_object();
    return json.text();
}

void write_tables(ResultsDirectory& directory, const CohortResults& r, const Analysis& analysis,
                  const Provenance& provenance) {
    directory.write("experiment.toml", to_toml(r.experiment));
    directory.write("digests.csv", digests_csv(r));
    directory.write("endpoints.csv", endpoints_csv(r));
    directory.write("growth.csv", growth_csv(r));
    directory.write("proteins.csv", proteins_csv(r));
    directory.write("kills.csv", kills_csv(r));
    directory.write("statistics.csv", statistics_csv(r, analysis));
    if (!analysis.attribution.empty()) directory.write("attribution.csv", attribution_csv(r, analysis));
    if (!analysis.signs.empty()) directory.write("signs.csv", signs_csv(r, analysis));
    directory.write("provenance.json", provenance_json(r, analysis, provenance));
}

}  // namespace stellate::laboratory
