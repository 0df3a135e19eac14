// stellate run: reads, checks, runs, analyses, writes, says where.
#include <fmt/format.h>

#include <chrono>
#include <optional>

#include "commands.hpp"
#include "core/error.hpp"
#include "laboratory/analysis.hpp"
#include "laboratory/branch.hpp"
#include "laboratory/cohort.hpp"
#include "laboratory/json.hpp"
#include "laboratory/results.hpp"
#include "report/study.hpp"

namespace stellate::app {

namespace {

using laboratory::Analysis;
using laboratory::CohortResults;
using laboratory::ComparisonRow;
using laboratory::Experiment;

laboratory::Animal first_animal(const Experiment& e, std::size_t primary) {
    return laboratory::make_animal(laboratory::ModelFiles(e), e, e.primaries[primary], e.arms.front(),
                                   e.mouse_numbers().front());
}

std::string size_text(const Experiment& e) {
    const Experiment::Size& s = e.size();
    std::string text = fmt::format("{} x {} mm", s.width_um / 1000, s.height_um / 1000);
    if (e.geometry == laboratory::Geometry::block) text += fmt::format(" x {} mm", s.depth_um / 1000);
    return text;
}

int dry_run(const Experiment& e, const RunOptions& options, const std::filesystem::path& out, int threads) {
    const laboratory::Estimate estimate = laboratory::estimate(e, threads);
    const std::optional<laboratory::MemoryLimit> room = memory_for(options);
    constexpr double megabyte = 1024.0 * 1024.0;
    const bool fits = !room || estimate.megabytes * megabyte <= room->free;
    if (options.json) {
        JsonWriter json;
        json.begin_object()
            .member("experiment", e.name)
            .member("runs", estimate.runs)
            .member("cells", estimate.healthy_cells);
        json.member("voxels", estimate.voxels)
            .member("megabytes", estimate.megabytes)
            .member("disk_megabytes", estimate.disk_megabytes)
            .member("seconds", estimate.seconds);
        json.key("megabytes_free").value(room ? std::optional(room->free / megabyte) : std::nullopt);
        json.member("fits", fits);
        json.member("threads", threads).end_object();
        print(json.text());
        return done;
    }
    std::string text = fmt::format("{}: {}\n", e.name, e.title);
    text += fmt::format("  model      {} ({})\n", e.model, e.model_directory.string());
    text += fmt::format("  tissue     {} {}, {} voxels, about {} cells when healthy\n", name_of(e.geometry),
                        size_text(e), estimate.voxels, estimate.healthy_cells);
    text += fmt::format("  animals    {} x {} x {} = {}\n", counted(e.primaries.size(), "primary", "primaries"),
                        counted(e.arms.size(), "arm", "arms"), counted(e.mouse_numbers().size(), "mouse", "mice"),
                        estimate.runs);
    for (std::size_t p = 0; p < e.primaries.size(); ++p) {
        const laboratory::Animal animal = first_animal(e, p);
        const laboratory::Enrichment x = laboratory::enrichment_of(e, *animal.model, animal.inoculum_per_mm3);
        std::string days;
        for (const double day : animal.endpoint_days) days += (days.empty() ? "" : ", ") + fmt::format("{}", day);
        text += fmt::format(
            "  {:<10} endpoints on days {}; {} clonogenic cells in mouse {} ({:.0f} per mm3, {:.0f} times a liver "
            "given {:.3g} cells)\n",
            e.primaries[p].name, days, animal.inoculum.cells, animal.mouse, x.window_per_mm3, x.factor,
            e.inoculum.injected);
    }
    text += fmt::format("  memory     about {}", laboratory::bytes_text(estimate.megabytes * megabyte));
    if (room)
        text += fmt::format("; free here: {} ({}){}", laboratory::bytes_text(room->free), room->name,
                            fits ? "" : ": the run will be refused");
    text += "\n";
    text += fmt::format("  disk       about {}\n", laboratory::bytes_text(estimate.disk_megabytes * megabyte));
    text += fmt::format("  time       about {} on {} of the reference machine\n", duration_text(estimate.seconds),
                        counted(std::size_t(threads), "thread", "threads"));
    std::error_code error;
    if (std::filesystem::exists(out, error) && !options.force)
        text += "  results    " + out.string() + " exists: another name or --force will be needed\n";
    print(text + "  nothing was written (--dry-run)\n");
    return done;
}

std::string progress_text(const laboratory::Progress& p) {
    constexpr int width = 24;
    std::string bar;
    for (int i = 0; i < width; ++i) bar += i < p.fraction * width ? '#' : '.';
    return fmt::format("[{}] {:3.0f} %  {}/{} animals grown  {}{}", bar, 100 * p.fraction, p.runs_done, p.runs,
                       duration_text(p.elapsed_s), p.left_s >= 0 ? ", about " + duration_text(p.left_s) + " left" : "");
}

void check_interrupted() {
    if (stop_signal.load(std::memory_order_relaxed) != 0) throw laboratory::Cancelled();
}

std::string effect_text(const std::optional<statistics::Effect>& effect) {
    if (!effect) return "-";
    if (!effect->interval) return fmt::format("{:.3g}", effect->estimate);
    return fmt::format("{:.3g} ({:.3g} to {:.3g})", effect->estimate, effect->interval->lower, effect->interval->upper);
}

std::string summary_text(const CohortResults& r, const Analysis& analysis, const std::filesystem::path& out,
                         double whole_s, bool with_report) {
    const Experiment& e = r.experiment;
    std::string text;
    const auto mean = [](const std::optional<statistics::Summary>& s) {
        return s ? fmt::format("{:.3g}", s->mean) : std::string("-");
    };
    if (!analysis.comparisons.empty()) {
        text += "Primary endpoints on the last day; means, and differences with 95 % intervals. SIMULATED.\n";
        text += fmt::format("{:<12} {:<26} {:<20} {:>9} {:>9}  {:<28} {:<28} {}\n", "primary", "arm", "endpoint",
                            "control", "arm", "unpaired difference", "paired (counterfactual)", "published sign");
    }
    for (const ComparisonRow& row : analysis.comparisons)
        if (row.fixed_beforehand)
            text += fmt::format("{:<12} {:<26} {:<20} {:>9} {:>9}  {:<28} {:<28} {}\n",
                                e.primaries[std::size_t(row.primary)].name, e.arms[std::size_t(row.arm)].name,
                                row.endpoint.id, mean(row.comparison.control), mean(row.comparison.treated),
                                effect_text(row.comparison.difference), effect_text(row.comparison.paired_difference),
                                row.agreement);
    if (e.ensemble)
        for (const laboratory::SignRow& row : analysis.signs)
            text += fmt::format("{}, {}: of {} draws {} lower {}, {} leave it, {} raise it{}\n",
                                e.primaries[std::size_t(row.primary)].name, e.arms[std::size_t(row.arm)].name,
                                row.draws, row.lowers, row.endpoint.id, row.spares, row.raises,
                                row.empty > 0 ? fmt::format(" ({} have none in either arm)", row.empty) : "");
    for (const std::string& note : analysis.notes) text += note + "\n";
    text += fmt::format("{} in {} on {}; with all that was written {}\n", counted(r.runs.size(), "animal", "animals"),
                        duration_text(r.wall_s), counted(std::size_t(r.threads), "thread", "threads"),
                        duration_text(whole_s));
    text += "results " + out.string() + "\n";
    return with_report ? text + "report  " + (out / "report.html").string() + "\n" : text;
}

std::string summary_json(const CohortResults& r, const Analysis& analysis, const std::filesystem::path& out,
                         bool with_report) {
    const Experiment& e = r.experiment;
    JsonWriter json;
    json.begin_object().member("experiment", e.name).member("results", out.string());
    if (with_report) json.member("report", (out / "report.html").string());
    json.member("simulated", true).member("runs", static_cast<std::uint64_t>(r.runs.size())).member("wall_s", r.wall_s);
    json.key("primary_endpoints").begin_array();
    const auto effect = [&json](const char* name, const std::optional<statistics::Effect>& value) {
        json.key(name);
        if (!value) {
            json.null();
            return;
        }
        json.begin_object().member("estimate", value->estimate).key("interval");
        if (value->interval)
            json.begin_array().value(value->interval->lower).value(value->interval->upper).end_array();
        else
            json.null();
        json.end_object();
    };
    for (const ComparisonRow& row : analysis.comparisons) {
        if (!row.fixed_beforehand) continue;
        json.begin_object()
            .member("primary", e.primaries[std::size_t(row.primary)].name)
            .member("arm", e.arms[std::size_t(row.arm)].name);
        json.member("endpoint", row.endpoint.id).member("unit", row.endpoint.unit).member("day", row.day);
        effect("difference", row.comparison.difference);
        effect("paired_difference", row.comparison.paired_difference);
        json.member("agreement", row.agreement).end_object();
    }
    return json.end_array().end_object().text();
}

}  // namespace

namespace {

using Clock = std::chrono::steady_clock;
double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

// The same experiment as results keep it: its model's files named by their digest.
Experiment resolved(Experiment e) {
    const laboratory::ModelFiles files(e);
    for (laboratory::Primary& primary : e.primaries) primary.model_digest = to_string(files.digest_for(primary));
    return e;
}

// Are the results that stand there those of this experiment, with as much as is asked for?
bool are_of(const std::filesystem::path& results, const Experiment& e, bool tables_only) {
    std::error_code error;
    const std::filesystem::path file = results / "experiment.toml";
    if (!std::filesystem::exists(file, error) || !std::filesystem::exists(results / "MANIFEST", error)) return false;
    if (!tables_only && !std::filesystem::exists(results / "report.html", error)) return false;
    return laboratory::identity_of(laboratory::read_experiment(file, {}, model_roots())) == laboratory::identity_of(e);
}

// Throws RunError where the files of the run would not fit.
void require_disk(const laboratory::Estimate& estimate, const std::filesystem::path& work) {
    std::error_code error;
    const std::filesystem::space_info space = std::filesystem::space(work, error);
    const double needed = estimate.disk_megabytes * 1024 * 1024;
    if (!error && needed > double(space.available))
        throw RunError(fmt::format("{}: about {} are needed on disk and {} are free; nothing was begun",
                                   work.parent_path().string(), laboratory::bytes_text(needed),
                                   laboratory::bytes_text(double(space.available))));
}

// How a run that was told to stop, or ran out of time, ends.
int stopped(const laboratory::ResultsDirectory& directory, const laboratory::Checkpoints& checkpoints,
            const laboratory::Progress& progress, const RunOptions& options) {
    const int signal = stop_signal.load();
    std::string text = signal != 0 ? "interrupted" : "the time budget is used up";
    if (checkpoints.empty()) {
        text += "; nothing was written";
    } else {
        text += fmt::format("; {} of {} animals are done, and every other is on disk as it stood, in {}\n",
                            progress.runs_done, progress.runs, directory.work().string());
        text += "the same command goes on from there: " + options.command;
    }
    tell(text);
    return signal != 0 ? 128 + signal : out_of_time;
}

}  // namespace

int run(const RunOptions& options) {
    const Clock::time_point start = Clock::now();
    const int threads = threads_to_use(options.threads);
    Experiment e = laboratory::read_experiment(options.file, options.overrides, model_roots());
    if (options.branch) e.branch = {options.branch->first, options.branch->second, std::nullopt, {"CHECKPOINT", 0, 0}};
    const std::filesystem::path out =
        options.out ? std::filesystem::path(*options.out) : std::filesystem::path("results") / e.name;
    e = resolved(std::move(e));
    std::optional<laboratory::Origin> origin;
    if (e.branch) origin = laboratory::settle_branch(e, model_roots());
    if (options.dry_run) return dry_run(e, options, out, threads);

    std::error_code error;
    if (options.resume && !options.force && std::filesystem::exists(out, error) &&
        are_of(out, e, options.tables_only)) {
        print(out.string() + " is finished; there is nothing to go on with\n");
        return done;
    }
    const laboratory::Estimate estimate = laboratory::estimate(e, threads);
    require_memory(e, estimate, options, threads);
    // Lives of a run without pictures have kept no sections that one with pictures could go on with.
    const std::string identity = laboratory::identity_of(e) + (options.tables_only ? "tables_only = true\n" : "");
    laboratory::ResultsDirectory directory(out, options.force, identity);
    StatusLine status(options.quiet);
    laboratory::Checkpoints checkpoints(directory.work(), e, [&](const std::string& notice) {
        status.clear();
        tell(notice);
    });
    if (directory.finished()) {
        directory.commit({}, [&] { checkpoints.clear(); });
        print("all had been done but the last step; results " + out.string() + "\n");
        return done;
    }
    if (!directory.resumed()) require_disk(estimate, directory.work());
    if (directory.resumed()) tell("going on with the unfinished run in " + directory.work().string());
    laboratory::Provenance provenance = laboratory::provenance_here(options.command);
    provenance.sessions = directory.begin_session(laboratory::session_text(provenance));
    directory.write("experiment.toml", to_toml(e));

    laboratory::Progress progress;
    laboratory::CohortOptions cohort;
    cohort.threads = threads;
    cohort.cancelled = &stop_signal;
    cohort.progress = [&](const laboratory::Progress& p) {
        progress = p;
        status.show(progress_text(p));
    };
    cohort.checkpoints = &checkpoints;
    cohort.pictures = !options.tables_only;
    if (options.walltime_s)
        cohort.deadline =
            start + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(*options.walltime_s));
    const auto check_time = [&] {
        check_interrupted();
        if (cohort.deadline && Clock::now() + std::chrono::seconds(1) >= *cohort.deadline)
            throw laboratory::Cancelled();
    };
    try {
        if (origin && checkpoints.empty()) {
            status.show("growing to the day of the branch");
            laboratory::plant_branch(e, *origin, checkpoints, threads, &stop_signal);
        }
        const CohortResults results = laboratory::run_cohort(e, cohort);
        provenance.checkpoints_s = checkpoints.total_s();
        status.show("comparing arms");
        const Analysis analysis = laboratory::analyse(results);
        check_time();
        status.show("writing tables");
        laboratory::write_tables(directory, results, analysis, provenance);
        check_time();
        if (!options.tables_only) {
            status.show("drawing sections");
            report::write_study(directory, results, analysis, provenance, check_time);
            check_time();
        }
        directory.commit(laboratory::facts_of(results, provenance), [&] { checkpoints.clear(); });
        status.clear();
        const double whole_s = seconds_since(start);
        print(options.json ? summary_json(results, analysis, out, !options.tables_only)
                           : summary_text(results, analysis, out, whole_s, !options.tables_only));
        return done;
    } catch (const laboratory::Cancelled&) {
        status.clear();
        return stopped(directory, checkpoints, progress, options);
    }
}

}  // namespace stellate::app
