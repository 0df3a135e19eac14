#include "laboratory/branch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"

namespace stellate::laboratory {

namespace {

namespace fs = std::filesystem;

constexpr double minutes_a_day = 1440;

// The checkpoint meant by a path: itself, or of a mouse's folder the newest not after that day.
fs::path chosen(const Experiment::BranchPoint& branch) {
    const auto refuse = [&](const std::string& message) {
        throw InputError(branch.place, branch.checkpoint.string(), message);
    };
    std::error_code error;
    if (!fs::is_directory(branch.checkpoint, error))
        refuse("is no folder; expected a checkpoint or the folder of a mouse");
    if (fs::exists(branch.checkpoint / storage::manifest_name, error)) return branch.checkpoint;
    fs::path best;
    double best_day = 0;
    std::vector<double> days;
    for (fs::directory_iterator entry(branch.checkpoint, error), end; !error && entry != end; entry.increment(error)) {
        if (!entry->path().filename().string().starts_with("checkpoint-")) continue;
        try {
            const double day = facts_in(storage::read_manifest(entry->path(), checkpoint_format)).day;
            days.push_back(day);
            if (day > branch.day + 1e-9 || (!best.empty() && day < best_day)) continue;
            best = entry->path(), best_day = day;
        } catch (const storage::Damaged& damaged) {
            refuse(damaged.what());
        }
    }
    std::sort(days.begin(), days.end());
    std::vector<std::string> listed_days;
    for (const double day : days) listed_days.push_back(shortest(day));
    if (best.empty())
        refuse("holds no checkpoint of day " + shortest(branch.day) + " or before" +
               (days.empty() ? "" : " (there are those of day " + listed(listed_days) + ")") +
               "; a run keeps those of the days in its [checkpoint] keep = [...]");
    return best;
}

// The parts of an experiment that make the animal and its past, as text: label and value.
std::vector<std::pair<std::string, std::string>> past_of(const Experiment& e, const Primary& primary) {
    std::vector<std::pair<std::string, std::string>> parts;
    parts.emplace_back("model", e.model);
    parts.emplace_back("geometry", std::string(name_of(e.geometry)));
    const Extent extent = e.extent();
    parts.emplace_back("size in bricks", fmt::format("{} x {} x {}", extent.nx, extent.ny, extent.nz));
    parts.emplace_back("seed", std::to_string(e.seed));
    parts.emplace_back("acclimatisation", shortest(e.acclimatisation_min) + " min");
    parts.emplace_back("inoculum", e.inoculum.cells     ? fmt::format("{} cells", *e.inoculum.cells)
                                   : e.inoculum.per_mm3 ? shortest(*e.inoculum.per_mm3) + " per mm3"
                                                        : "the model's");
    parts.emplace_back("sleep", e.sleep ? "true" : "false");
    std::string varied;
    for (const Variation& v : e.variation) varied += v.record + " " + shortest(v.cv) + " ";
    parts.emplace_back("variation", varied.empty() ? "none" : varied);
    parts.emplace_back("ensemble", e.ensemble ? "given" : "none");
    parts.emplace_back("model file", primary.model_digest.value_or("unknown"));
    return parts;
}

// A treatment as far as it tells what was given before a day: its stop counts from then on only.
std::string given_before(const Treatment& t, double day) {
    std::string text = t.record + " from day " + shortest(t.start_min / minutes_a_day);
    if (t.stop_min && *t.stop_min < day * minutes_a_day) text += " to day " + shortest(*t.stop_min / minutes_a_day);
    if (!t.carriers) text += " without carriers";
    for (const Change& change : t.changes) text += ", " + change.path + " = " + change.text;
    return text;
}

std::vector<std::string> given_before(const Arm& arm, double day) {
    std::vector<std::string> given;
    for (const Treatment& t : arm.treatments)
        if (t.kind == Treatment::Kind::suicide_gene && t.start_min < day * minutes_a_day)
            given.push_back(given_before(t, day));
    return given;
}

std::string listed_or_none(const std::vector<std::string>& names) { return names.empty() ? "nothing" : listed(names); }

void refuse_another_past(const Experiment& e, const Origin& origin, Problems& problems) {
    const Experiment& before = origin.experiment;
    const Primary& primary = before.primaries[std::size_t(origin.primary)];
    const Place& place = e.branch->place;
    const auto here = past_of(e, e.primaries.front()), there = past_of(before, primary);
    for (std::size_t n = 0; n < here.size(); ++n)
        if (here[n].second != there[n].second)
            problems.add(place, "branch.checkpoint",
                         "its animal grew with another " + here[n].first + ": " + there[n].second + " there, " +
                             here[n].second + " here");
    const double day = e.branch->day;
    const std::vector<std::string> past = given_before(before.arms[std::size_t(origin.arm)], day);
    for (const Arm& arm : e.arms)
        if (const std::vector<std::string> own = given_before(arm, day); own != past)
            problems.add(arm.place, arm.key,
                         "was given " + listed_or_none(own) + " before day " + shortest(day) +
                             ", the animal it branches from " + listed_or_none(past) +
                             "; what differs must begin on that day or after");
    if (!before.arms[std::size_t(origin.arm)].needs().empty())
        problems.add(place, "branch.checkpoint",
                     "is of an arm that takes its kills from another one; expected an arm that stands alone");
}

}  // namespace

Origin settle_branch(Experiment& e, const std::vector<fs::path>& model_roots) {
    STELLATE_ASSERT(e.branch.has_value(), e.name);
    Experiment::BranchPoint& branch = *e.branch;
    Origin origin;
    origin.checkpoint = chosen(branch);
    try {
        const storage::Snapshot snapshot = storage::read_snapshot(origin.checkpoint, checkpoint_format);
        origin.facts = facts_in(snapshot.manifest);
        origin.experiment =
            parse_experiment(stored_experiment(snapshot), (origin.checkpoint / "experiment.toml").string(),
                             origin.checkpoint, {}, model_roots);
    } catch (const storage::Damaged& damaged) {
        throw InputError(branch.place, "branch.checkpoint", damaged.what());
    }
    const CheckpointFacts& facts = origin.facts;
    const auto refuse = [&](const std::string& key, const std::string& message) {
        throw InputError(branch.place, key, message);
    };
    const Arm* arm = origin.experiment.find_arm(facts.arms.front());
    std::vector<std::string> names;
    for (const Primary& p : origin.experiment.primaries) {
        if (p.name == facts.primary) origin.primary = int(&p - origin.experiment.primaries.data());
        names.push_back(p.name);
    }
    if (!arm || std::find(names.begin(), names.end(), facts.primary) == names.end())
        refuse("branch.checkpoint", "does not fit the experiment it holds");
    origin.arm = static_cast<int>(arm - origin.experiment.arms.data());
    if (branch.day < facts.day - 1e-9)
        refuse("branch.day", "is day " + shortest(branch.day) + ", before the checkpoint's day " + shortest(facts.day));
    if (branch.state && *branch.state != to_string(facts.state))
        refuse("branch.state", "is " + *branch.state + "; the checkpoint there has another state");

    const auto own =
        std::find_if(e.primaries.begin(), e.primaries.end(), [&](const Primary& p) { return p.name == facts.primary; });
    if (own == e.primaries.end())
        refuse("branch.checkpoint",
               "is of a mouse with the primary '" + facts.primary + "', which the experiment lacks");
    const Primary kept = *own;
    e.primaries = {kept};
    e.mice = std::max(e.mice, facts.mouse);
    e.only_mice = {facts.mouse};
    branch.checkpoint = fs::absolute(origin.checkpoint).lexically_normal();
    branch.state = to_string(facts.state);
    if (branch.day > e.days_of(kept))
        refuse("branch.day", "is day " + shortest(branch.day) + ", after the last day, " + shortest(e.days_of(kept)));
    Problems problems;
    refuse_another_past(e, origin, problems);
    problems.throw_if_any();
    return origin;
}

namespace {

// What was written down before the branch, on the days that the new experiment asks for.
void keep_asked_days(const Experiment& e, const Animal& animal, MouseRun& run) {
    std::erase_if(run.days, [&](const DayRecord& record) {
        return std::none_of(animal.endpoint_days.begin(), animal.endpoint_days.end(),
                            [&](double day) { return std::abs(day - record.day) < 1e-9; });
    });
    for (const double day : animal.endpoint_days)
        if (day <= e.branch->day + 1e-9 && !run.on(day))
            throw InputError(e.endpoint_days_place, "endpoint_days",
                             "day " + shortest(day) + " is not after the branch, and was not read then");
}

// What a change of the model would make of the healthy liver, in which the past was lived.
template <class Shape>
Digest healthy_liver(const Experiment& e, const Animal& animal) {
    const World<Shape> world(animal.model, animal.anatomy, animal.seed, e.extent(), {}, {}, true);
    const Brick<Shape> brick = world.lattice.anatomy({0, 0, 0});
    Hasher hasher;
    brick.cells.hash(hasher);
    const auto& h = brick.healthy;
    for (const auto* column : {&h.level, &h.collagen, &h.portal_to_central, &h.flow_x, &h.flow_y})
        hasher.column(std::span(column->data(), column->size()));
    hasher.column(std::span(h.kind.data(), h.kind.size()));
    return hasher.digest();
}

template <class Shape>
void plant(const Experiment& e, const Origin& origin, Checkpoints& checkpoints, int threads,
           const std::atomic<int>* cancelled) {
    const Experiment& before = origin.experiment;
    const Primary& primary = before.primaries[std::size_t(origin.primary)];
    const Animal animal =
        make_animal(ModelFiles(before), before, primary, before.arms[std::size_t(origin.arm)], origin.facts.mouse);
    const ModelFiles files(e);
    const Animal next = make_animal(files, e, e.primaries.front(), e.arms.front(), origin.facts.mouse);
    const Digest healthy = healthy_liver<Shape>(before, animal);
    for (const Arm& arm : e.arms) {
        const Animal own = make_animal(files, e, e.primaries.front(), arm, origin.facts.mouse);
        if (own.calendar.tick_min != animal.calendar.tick_min ||
            own.calendar.inoculation != animal.calendar.inoculation)
            throw InputError(arm.place, arm.key,
                             "changes the tick or the day of inoculation, and the animal has lived by others");
        if (healthy_liver<Shape>(e, own) != healthy)
            throw InputError(arm.place, arm.key,
                             "changes what a healthy liver is, and the animal has grown in another one");
    }
    const std::uint32_t tick = animal.calendar.tick_of(e.branch->day);
    if (std::abs(animal.calendar.day_of(tick) - e.branch->day) > 1e-9)
        throw InputError(e.branch->place, "branch.day",
                         "day " + shortest(e.branch->day) + " is no whole number of ticks of " +
                             shortest(animal.calendar.tick_min) + " min");
    std::optional<Life<Shape>> life;
    try {
        life.emplace(
            life_in<Shape>(storage::read_snapshot(origin.checkpoint, checkpoint_format), before, animal, threads));
    } catch (const storage::Damaged& damaged) {
        throw InputError(e.branch->place, "branch.checkpoint", damaged.what());
    }
    History<Shape> history(before, animal, std::move(*life), animal.plan, threads, true);
    if (tick > history.last_tick())
        throw InputError(e.branch->place, "branch.day",
                         "is day " + shortest(e.branch->day) + ", after the end of the run that the checkpoint is of");
    history.live_until(tick, false, cancelled, {});
    MouseRun run = history.run();
    keep_asked_days(e, next, run);
    std::vector<int> arms;
    for (std::size_t arm = 0; arm < e.arms.size(); ++arm) arms.push_back(int(arm));
    checkpoints.save(0, origin.facts.mouse, arms, history.life(), run);
}

}  // namespace

void plant_branch(const Experiment& e, const Origin& origin, Checkpoints& checkpoints, int threads,
                  const std::atomic<int>* cancelled) {
    if (e.geometry == Geometry::section)
        plant<SectionShape>(e, origin, checkpoints, threads, cancelled);
    else
        plant<BlockShape>(e, origin, checkpoints, threads, cancelled);
}

}  // namespace stellate::laboratory
