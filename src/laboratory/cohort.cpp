#include "laboratory/cohort.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <exception>
#include <iterator>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <thread>
#include <tuple>

#include "core/error.hpp"
#include "simulation/step.hpp"

namespace stellate::laboratory {

namespace {

using Clock = std::chrono::steady_clock;
double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

// Share of a run's work done after a share of its ticks: tumours grow, so the last day costs most. Only shown, never
// used to decide anything.
double work_done(double ticks) { return 0.3 * ticks + 0.7 * ticks * ticks; }

// The command that runs one mouse of one primary and arm again, alone.
std::string replay_command(const Experiment& e, const Primary& primary, const Arm& arm, int mouse) {
    std::string arms;
    for (const std::string& need : arm.needs()) arms += need + ",";
    return fmt::format("stellate run {}{} --primaries {} --arms {}{} --mouse {} --threads 1 --out replay",
                       shell_word(e.file), e.options, primary.name, arms, arm.name, mouse);
}

// Lives of one mouse of one primary that are still to be lived, from the same tick on: those of several arms at once,
// as long as they do not differ.
template <class Shape>
struct Branch {
    int primary = 0, mouse = 0;
    std::vector<int> arms;              // ascending
    std::unique_ptr<Life<Shape>> from;  // null: the beginning, or ...
    std::optional<StoredLife> stored;   // ... a checkpoint

    auto order() const { return std::tuple(primary, mouse, arms.front()); }
};

// Days that a life has lasted, acclimatisation included.
template <class Shape>
double days_lived(const Life<Shape>& life) {
    return life.world.tick * life.run.calendar.tick_min / 1440;
}

// The time that a shared part took belongs to its first arm alone.
template <class Shape>
void leave_times_to_another(MouseRun& run, const Life<Shape>& life) {
    run.shared_days = days_lived(life);
    run.stepping_s = run.readout_s = 0;
    for (auto& [phase, seconds] : run.phase_s) seconds = 0;
}

// How long a life of one arm is stepped before it is asked whether it is time for a checkpoint, min.
constexpr double own_stretch_min = 60;

// When a life is put on disk: at the multiples of the interval, and after so much time of the clock; but one that would
// cost more than its share of the time is put off until it has been earned. On days to keep whatever it costs.
class CheckpointTimes {
public:
    CheckpointTimes(const Experiment::CheckpointRules& rules, const Calendar& calendar, std::uint32_t now)
        : every_(std::max<std::uint32_t>(
              1, static_cast<std::uint32_t>(std::llround(std::min(rules.every_min, 1e9) / calendar.tick_min)))),
          wall_s_(rules.wall_min * 60),
          share_(rules.share),
          last_(now) {
        for (const double day : rules.keep_days) kept_.push_back(calendar.tick_of(day));
    }

    bool due(std::uint32_t now) {
        if (now == last_) return false;
        if (is_kept(now)) return true;
        const double elapsed_s = seconds_since(since_);
        wanted_ = wanted_ || now / every_ > last_ / every_ || elapsed_s >= wall_s_;
        return wanted_ && cost_s_ <= share_ * elapsed_s;
    }
    // The first tick after `now` at which one is due by the world's own clock.
    std::uint32_t next(std::uint32_t now) const {
        std::uint32_t first = (now / every_ + 1) * every_;
        for (const std::uint32_t tick : kept_)
            if (tick > now) first = std::min(first, tick);
        return first;
    }
    void saved(std::uint32_t now, double cost_s) {
        last_ = now;
        since_ = Clock::now();
        cost_s_ = cost_s;
        wanted_ = false;
    }

private:
    bool is_kept(std::uint32_t tick) const { return std::find(kept_.begin(), kept_.end(), tick) != kept_.end(); }
    std::uint32_t every_;
    double wall_s_, share_, cost_s_ = 0;  // of the last one
    std::uint32_t last_;                  // tick of the last one, or of the beginning
    bool wanted_ = false;
    Clock::time_point since_ = Clock::now();
    std::vector<std::uint32_t> kept_;
};

template <class Shape>
class Scheduler {
public:
    Scheduler(const Experiment& e, const CohortOptions& options)
        : e_(e), options_(options), files_(e), start_(Clock::now()) {
        results_.runs.resize(e.primaries.size() * e.arms.size() * e.mouse_numbers().size());
        sections_.resize(results_.runs.size());
        fraction_.resize(results_.runs.size());
        done_.resize(results_.runs.size());
        for (std::size_t primary = 0; primary < e.primaries.size(); ++primary) {
            for (const int mouse : e.mouse_numbers())
                for (const std::vector<int>& arms : sharing_arms(e)) plan_lives(int(primary), mouse, arms);
            if (all_done(int(primary))) choose_pictures(int(primary));
        }
    }

    CohortResults run() {
        const int threads = std::max(1, options_.threads);
        const int workers = std::max(1, std::min<int>(threads, static_cast<int>(results_.runs.size())));
        {
            std::vector<std::jthread> pool;
            for (int w = 1; w < workers; ++w) pool.emplace_back([this] { work(); });
            work();
        }
        if (failure_) {
            report();
            save_waiting();
            std::rethrow_exception(failure_);
        }
        finish(threads);
        return std::move(results_);
    }

private:
    // What is left to be lived of arms that would share a life: those that are done are taken as they are, those that
    // can go on from the same checkpoint go on together.
    void plan_lives(int primary, int mouse, const std::vector<int>& arms) {
        std::map<std::filesystem::path, Branch<Shape>> branches;  // by checkpoint, without one first
        for (const int arm : arms) {
            std::optional<StoredLife> stored;
            if (options_.checkpoints) {
                if (auto finished = options_.checkpoints->finished(primary, arm, mouse)) {
                    const std::size_t at = slot(primary, arm, mouse);
                    std::tie(results_.runs[at], sections_[at]) = std::move(*finished);
                    fraction_[at] = 1;
                    done_[at] = true;
                    continue;
                }
                stored = options_.checkpoints->newest(primary, arm, mouse);
                if (e_.branch && !stored)
                    throw NotKept(
                        fmt::format("arm '{}': nothing is left of the life that it branches from; remove the "
                                    "unfinished folder and begin the branch anew",
                                    e_.arms[std::size_t(arm)].name));
            }
            // Arms share a life until somebody is killed.
            std::filesystem::path key = stored ? stored->path : std::filesystem::path();
            if (stored && stored->killed) key /= e_.arms[std::size_t(arm)].name;
            Branch<Shape>& branch = branches[key];
            branch.primary = primary, branch.mouse = mouse;
            branch.arms.push_back(arm);
            branch.stored = std::move(stored);
        }
        for (auto& [path, branch] : branches) waiting_.push_back(std::move(branch));
    }

    // Lives that have parted and wait for their turn exist nowhere else.
    void save_waiting() {
        if (!options_.checkpoints) return;
        try {
            for (const Branch<Shape>& branch : waiting_)
                if (branch.from)
                    options_.checkpoints->save(branch.primary, branch.mouse, branch.arms, *branch.from,
                                               branch.from->run);
        } catch (const NotKept&) {
            if (failure_was_stop_) throw;  // else what stopped the run is the thing to tell
        }
    }

    // Where the run of that arm stands in results_.runs.
    std::size_t slot(int primary, int arm, int mouse) const {
        const std::vector<int> mice = e_.mouse_numbers();
        const auto m = static_cast<std::size_t>(std::find(mice.begin(), mice.end(), mouse) - mice.begin());
        return (std::size_t(primary) * e_.arms.size() + std::size_t(arm)) * mice.size() + m;
    }
    std::size_t slot(const Branch<Shape>& branch, int arm) const { return slot(branch.primary, arm, branch.mouse); }
    std::size_t slot(const Branch<Shape>& branch, const std::string& arm) const {
        return slot(branch, static_cast<int>(e_.find_arm(arm) - e_.arms.data()));
    }

    bool ready(const Branch<Shape>& branch) const {
        for (const int arm : branch.arms)
            for (const std::string& need : e_.arms[std::size_t(arm)].needs())
                if (!done_[slot(branch, need)]) return false;
        return true;
    }

    // The first in the order of work (primary, mouse, arm) that can be begun.
    typename std::vector<Branch<Shape>>::iterator next() {
        auto first = waiting_.end();
        for (auto at = waiting_.begin(); at != waiting_.end(); ++at)
            if (ready(*at) && (first == waiting_.end() || at->order() < first->order())) first = at;
        return first;
    }

    void work() {
        for (;;) {
            Branch<Shape> branch;
            int inner = 1;
            {
                std::unique_lock lock(mutex_);
                for (;;) {
                    if (failure_) return;
                    const auto at = next();
                    if (at != waiting_.end()) {
                        branch = std::move(*at);
                        waiting_.erase(at);
                        break;
                    }
                    if (waiting_.empty() && running_ == 0) return;
                    changed_.wait(lock);
                }
                ++running_;
                inner = std::max(1, options_.threads / std::clamp<int>(running_ + int(waiting_.size()), 1,
                                                                       std::max(1, options_.threads)));
            }
            try {
                carry_out(branch, inner);
                std::lock_guard lock(mutex_);
                if (!failure_) report();
            } catch (...) {
                fail(branch, std::current_exception());
            }
            {
                std::lock_guard lock(mutex_);
                --running_;
            }
            changed_.notify_all();
        }
    }

    void carry_out(Branch<Shape>& branch, int threads) {
        std::unique_ptr<Life<Shape>> before = std::move(branch.from);  // the last tick that all arms are known to share
        try {
            live(branch, before, threads);
        } catch (const RunError& error) {
            give_up(branch, std::move(before), error);
        } catch (const InputError& error) {  // numbers that are plausible one by one and impossible together
            give_up(branch, std::move(before), error);
        }
    }

    void live(const Branch<Shape>& branch, std::unique_ptr<Life<Shape>>& before, int threads) {
        const Primary& primary = e_.primaries[std::size_t(branch.primary)];
        std::vector<Animal> animals;
        treatment::Plan plan;  // of all arms at once
        for (const int arm : branch.arms) {
            animals.push_back(make_animal(files_, e_, primary, e_.arms[std::size_t(arm)], branch.mouse));
            const treatment::Plan& own = animals.back().plan;
            for (treatment::SuicideGene gene : own.suicide_genes) {
                gene.arm = arm;
                plan.suicide_genes.push_back(std::move(gene));
            }
            plan.replays.insert(plan.replays.end(), own.replays.begin(), own.replays.end());
        }
        join_logs(branch, plan);

        const Animal& animal = animals.front();
        const bool shared = branch.arms.size() > 1;
        const auto tell_fraction = [&](double fraction) {
            if (options_.cancelled && options_.cancelled->load(std::memory_order_relaxed) != 0) stop_ = 1;
            if (deadline_is_near()) stop_ = 1;
            tell(branch, fraction);
        };
        if (branch.stored) {
            before = std::make_unique<Life<Shape>>(
                options_.checkpoints->load<Shape>(branch.primary, *branch.stored, animal, threads));
            if (branch.arms.front() != branch.stored->arms.front()) leave_times_to_another(before->run, *before);
        }
        const bool keep = options_.pictures;
        History<Shape> history = !before ? History<Shape>(e_, animal, std::move(plan), threads, keep)
                                 : shared
                                     ? History<Shape>(e_, animal, *before, std::move(plan), threads, keep)
                                     : History<Shape>(e_, animal, std::move(*before), std::move(plan), threads, keep);
        if (!shared) before.reset();
        // Arms that still share are copied so often that little is lived twice after one has left.
        const double stretch_min = shared ? shared_stretch_min : own_stretch_min;
        const auto stretch = static_cast<std::uint32_t>(std::llround(stretch_min / animal.calendar.tick_min));
        CheckpointTimes times(e_.checkpoint, animal.calendar, history.life().world.tick);
        while (!history.over()) {
            const std::uint32_t now = history.life().world.tick;
            if (shared) {
                before.reset();
                before = std::make_unique<Life<Shape>>(history.life());
            }
            save_if_due(branch, history, times);
            try {
                history.live_until(std::min(now + stretch, times.next(now)), shared, &stop_, tell_fraction);
            } catch (const Cancelled&) {
                if (options_.checkpoints)
                    options_.checkpoints->save(branch.primary, branch.mouse, branch.arms, history.life(),
                                               history.run());
                throw;
            }
            const treatment::KillLog& kills = history.life().world.kill_log;
            if (!shared || kills.empty()) continue;
            std::set<int> acted;
            for (const treatment::Kill& kill : kills)
                acted.insert(history.life().world.plan.suicide_genes[kill.gene].arm);
            return part(branch, acted, std::move(before), history.run());
        }
        save_if_due(branch, history, times);
        for (std::size_t n = 0; n < branch.arms.size(); ++n) {
            MouseRun run = history.run();
            if (n > 0) leave_times_to_another(run, history.life());
            run.factors = animals[n].factors;
            hand_in(branch, branch.arms[n], std::move(run), history.life().sections);
        }
    }

    // The clock stops a run so long before its deadline that every life can be put on disk.
    bool deadline_is_near() const {
        if (!options_.deadline) return false;
        const double longest_s = options_.checkpoints ? options_.checkpoints->longest_s() : 0;
        return Clock::now() + std::chrono::duration<double>(1 + 3 * longest_s) >= *options_.deadline;
    }

    void save_if_due(const Branch<Shape>& branch, const History<Shape>& history, CheckpointTimes& times) {
        const std::uint32_t now = history.life().world.tick;
        if (!options_.checkpoints || !times.due(now)) return;
        const Clock::time_point start = Clock::now();
        options_.checkpoints->save(branch.primary, branch.mouse, branch.arms, history.life(), history.run());
        times.saved(now, seconds_since(start));
    }

    // Logs of kills for sham and replay. The kills of a draw that stopped itself are not none: they are not known.
    void join_logs(const Branch<Shape>& branch, treatment::Plan& plan) const {
        std::size_t n = 0;
        for (const int arm : branch.arms)
            for (const Treatment& t : e_.arms[std::size_t(arm)].treatments) {
                if (t.kind == Treatment::Kind::suicide_gene) continue;
                const MouseRun& source = results_.runs[slot(branch, t.of)];
                if (!source.failure.empty())
                    throw RunError(
                        fmt::format("arm '{}', whose kills it takes, could not be run: {}", t.of, source.failure));
                plan.replays[n++].log = &source.kills;
            }
    }

    // Each arm whose drug has acted goes its own way from `before` on, where all were still alike; the others stay
    // together. `lived` holds the times up to now.
    void part(const Branch<Shape>& branch, const std::set<int>& acted, std::unique_ptr<Life<Shape>> before,
              const MouseRun& lived) {
        std::vector<std::vector<int>> ways;
        std::vector<int> together;
        for (const int arm : branch.arms)
            if (acted.contains(arm))
                ways.push_back({arm});
            else
                together.push_back(arm);
        if (!together.empty()) ways.push_back(together);
        before->run.stepping_s = lived.stepping_s, before->run.readout_s = lived.readout_s;
        before->run.phase_s = lived.phase_s;
        send_on(branch, ways, std::move(before));
    }

    // Branches for these arms, each on from a copy; the one with the first arm keeps the times.
    void send_on(const Branch<Shape>& branch, const std::vector<std::vector<int>>& ways,
                 std::unique_ptr<Life<Shape>> from) {
        std::vector<Branch<Shape>> branches;
        for (std::size_t n = 0; n < ways.size(); ++n) {
            Branch<Shape> way{branch.primary, branch.mouse, ways[n], nullptr, from ? std::nullopt : branch.stored};
            const bool last = n + 1 == ways.size();
            if (from) way.from = last ? std::move(from) : std::make_unique<Life<Shape>>(*from);
            if (way.from && ways[n].front() != branch.arms.front()) leave_times_to_another(way.from->run, *way.from);
            branches.push_back(std::move(way));
        }
        std::lock_guard lock(mutex_);
        std::move(branches.begin(), branches.end(), std::back_inserter(waiting_));
    }

    // A draw of an ensemble that cannot be run is kept with its reason. Where several arms shared it, each finds out
    // for itself.
    void give_up(const Branch<Shape>& branch, std::unique_ptr<Life<Shape>> before, const std::exception& error) {
        if (branch.arms.size() > 1) {
            std::vector<std::vector<int>> alone;
            for (const int arm : branch.arms) alone.push_back({arm});
            return send_on(branch, alone, std::move(before));
        }
        if (!e_.ensemble) throw;
        MouseRun run;
        run.mouse = branch.mouse;
        run.seed = mouse_seed(e_.seed, branch.mouse);
        run.failure = error.what();
        hand_in(branch, branch.arms.front(), std::move(run), {});
    }

    void hand_in(const Branch<Shape>& branch, int arm, MouseRun run,
                 std::vector<std::pair<double, histology::Section>> sections) {
        run.primary = branch.primary;
        run.arm = arm;
        if (options_.checkpoints) options_.checkpoints->finish(run, sections);
        std::lock_guard lock(mutex_);
        const std::size_t at = slot(branch, arm);
        results_.runs[at] = std::move(run);
        sections_[at] = std::move(sections);
        fraction_[at] = 1;
        done_[at] = true;
        if (all_done(branch.primary)) choose_pictures(branch.primary);
    }

    bool all_done(int primary) const {
        const std::size_t each = e_.arms.size() * e_.mouse_numbers().size();
        const auto first = done_.begin() + std::ptrdiff_t(std::size_t(primary) * each);
        return std::all_of(first, first + std::ptrdiff_t(each), [](bool done) { return done; });
    }

    void fail(const Branch<Shape>& branch, std::exception_ptr what) {
        const Primary& primary = e_.primaries[std::size_t(branch.primary)];
        const Arm& arm = e_.arms[std::size_t(branch.arms.front())];
        try {
            std::rethrow_exception(what);
        } catch (const RunError& error) {
            what = std::make_exception_ptr(
                RunError(fmt::format("primary '{}', arm '{}', mouse {} (seed {}): {}\nThe whole run stops, for a "
                                     "cohort with a mouse missing would mislead.\n"
                                     "To replay this mouse alone: {}",
                                     primary.name, arm.name, branch.mouse, mouse_seed(e_.seed, branch.mouse),
                                     error.what(), replay_command(e_, primary, arm, branch.mouse))));
        } catch (...) {
        }
        std::lock_guard lock(mutex_);
        // Of several failures the first in the order of work is told; one that only followed the stop is not.
        bool only_stopped = false;
        try {
            std::rethrow_exception(what);
        } catch (const Cancelled&) {
            only_stopped = true;
        } catch (...) {
        }
        const bool earlier = !failure_ || failure_was_stop_ || (!only_stopped && branch.order() < failed_);
        if (earlier && !(failure_ && only_stopped)) {
            failure_ = what;
            failed_ = branch.order();
            failure_was_stop_ = only_stopped;
        }
        stop_ = 1;
    }

    void tell(const Branch<Shape>& branch, double fraction) {
        std::lock_guard lock(mutex_);
        for (const int arm : branch.arms) fraction_[slot(branch, arm)] = fraction;
        if (seconds_since(last_report_) < 0.25) return;
        report();
    }

    void report() {
        last_report_ = Clock::now();
        if (!options_.progress) return;
        Progress progress;
        progress.runs = static_cast<int>(results_.runs.size());
        progress.runs_done = static_cast<int>(std::count(done_.begin(), done_.end(), true));
        double work = 0;
        for (const double fraction : fraction_) work += work_done(fraction);
        progress.fraction = work / double(results_.runs.size());
        progress.elapsed_s = seconds_since(start_);
        const bool known = progress.fraction > 0.002 && progress.elapsed_s > 1;
        progress.left_s = known ? progress.elapsed_s * (1 - progress.fraction) / progress.fraction : -1;
        options_.progress(progress);
    }

    // The mouse shown of a primary: the one whose metastatic area on the last day is the (upper) median of the
    // control's, ties to the lower number; its sections are kept in every arm, all others are let go.
    void choose_pictures(int primary) {
        int control = 0;
        for (std::size_t a = 0; a < e_.arms.size(); ++a)
            if (e_.arms[a].name == e_.analysis.control) control = static_cast<int>(a);
        std::vector<std::pair<double, int>> areas;
        for (const int mouse : e_.mouse_numbers()) {
            const MouseRun& run = results_.runs[slot(primary, control, mouse)];
            if (!run.days.empty()) areas.emplace_back(run.days.back().get("metastatic_area").value_or(0), mouse);
        }
        std::sort(areas.begin(), areas.end());
        const int shown = areas.empty() ? e_.mouse_numbers().front() : areas[areas.size() / 2].second;
        shown_.emplace_back(primary, shown);
        for (const int mouse : e_.mouse_numbers())
            for (int arm = 0; arm < int(e_.arms.size()); ++arm) {
                auto& kept = sections_[slot(primary, arm, mouse)];
                if (mouse == shown)
                    for (auto& [day, section] : kept)
                        pictures_.push_back({primary, arm, mouse, day, std::move(section)});
                kept.clear();
                kept.shrink_to_fit();
            }
    }

    void finish(int threads) {
        CohortResults& r = results_;
        r.experiment = e_;
        for (Primary& primary : r.experiment.primaries) primary.model_digest = to_string(files_.digest_for(primary));
        r.threads = threads;
        r.model_directory = files_.directory().string();
        r.model_digest = files_.digest();
        std::sort(pictures_.begin(), pictures_.end(), [](const Picture& a, const Picture& b) {
            return std::tie(a.primary, a.arm, a.day) < std::tie(b.primary, b.arm, b.day);
        });
        r.pictures = std::move(pictures_);
        std::sort(shown_.begin(), shown_.end());
        Experiment plain = e_;
        plain.variation.clear();
        plain.ensemble.reset();
        for (std::size_t p = 0; p < e_.primaries.size(); ++p) {
            r.shown_mouse.push_back(shown_[p].second);
            const Animal animal =
                make_animal(files_, plain, e_.primaries[p], e_.arms.front(), e_.mouse_numbers().front());
            r.records.push_back(animal.records);
            r.enrichment.push_back(enrichment_of(e_, *animal.model, animal.inoculum_per_mm3));
            r.endpoint_settings = animal.endpoints;
            r.type_names = animal.model->type_names();
        }
        add_losses();
        r.wall_s = seconds_since(start_);
    }

    // Stellate cells lost: against the same mouse's control on the same day.
    void add_losses() {
        const Arm* control = e_.find_arm(e_.analysis.control);
        if (!control) return;
        const int control_arm = static_cast<int>(control - e_.arms.data());
        for (MouseRun& run : results_.runs) {
            const MouseRun* own = results_.find(run.primary, control_arm, run.mouse);
            for (DayRecord& record : run.days) {
                const DayRecord* reference = own->on(record.day);  // absent: a draw that failed in control
                const auto loss = [&](const char* density) -> std::optional<double> {
                    if (run.arm == control_arm || !reference) return std::nullopt;
                    const std::optional<double> now = record.get(density), then = reference->get(density);
                    if (!now || !then || !(*then > 0)) return std::nullopt;
                    return 100 * (*then - *now) / *then;
                };
                const std::optional<double> near = loss("hsc_density_near_tumour"), all = loss("hsc_density_section");
                record.endpoints.push_back({"hsc_loss_near_tumour", "%", near});
                record.endpoints.push_back({"hsc_loss_section", "%", all});
            }
        }
    }

    const Experiment& e_;
    const CohortOptions& options_;
    ModelFiles files_;
    Clock::time_point start_, last_report_ = Clock::now();
    std::vector<Branch<Shape>> waiting_;
    int running_ = 0;               // branches
    std::vector<double> fraction_;  // of each run, as far as it has come
    std::vector<bool> done_;        // each run
    CohortResults results_;
    std::vector<std::vector<std::pair<double, histology::Section>>> sections_;
    std::vector<Picture> pictures_;
    std::vector<std::pair<int, int>> shown_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::atomic<int> stop_{0};
    std::exception_ptr failure_;
    std::tuple<int, int, int> failed_;
    bool failure_was_stop_ = false;
};

}  // namespace

const MouseRun* CohortResults::find(int primary, int arm, int mouse) const {
    const auto at = std::find_if(runs.begin(), runs.end(), [&](const MouseRun& r) {
        return r.primary == primary && r.arm == arm && r.mouse == mouse;
    });
    return at == runs.end() ? nullptr : &*at;
}

namespace {

template <class Shape>
MouseRun whole_life(const Experiment& e, const Animal& animal, treatment::Plan plan, int threads,
                    const std::atomic<int>* cancelled) {
    History<Shape> history(e, animal, std::move(plan), threads, false);
    history.live_until(history.last_tick(), false, cancelled, {});
    return history.run();
}

}  // namespace

MouseRun run_mouse(const Experiment& e, const Animal& animal, const std::vector<const treatment::KillLog*>& needed,
                   int threads, const std::atomic<int>* cancelled) {
    treatment::Plan plan = animal.plan;
    STELLATE_ASSERT(plan.replays.size() == needed.size(), plan.replays.size(), needed.size());
    for (std::size_t n = 0; n < needed.size(); ++n) plan.replays[n].log = needed[n];
    return e.geometry == Geometry::section ? whole_life<SectionShape>(e, animal, std::move(plan), threads, cancelled)
                                           : whole_life<BlockShape>(e, animal, std::move(plan), threads, cancelled);
}

CohortResults run_cohort(const Experiment& e, const CohortOptions& options) {
    return e.geometry == Geometry::section ? Scheduler<SectionShape>(e, options).run()
                                           : Scheduler<BlockShape>(e, options).run();
}

}  // namespace stellate::laboratory
