#include "laboratory/cohort.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <exception>
#include <mutex>
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

template <class Shape>
double megabytes_of(const World<Shape>& world) {
    double bytes = 0;
    for (const Brick<Shape>* b : world.lattice.in_memory()) {
        bytes += double(b->cells.size()) * bytes_per_cell + double(b->segments.size()) * sizeof(Segment);
        bytes += 4.0 * double(b->deviation.size() + b->emission.size() + b->healthy.level.size());
        bytes += 4.0 * double(b->matrix.collagen.size() * 4 + b->sinusoid.size() + b->healthy.collagen.size() * 6) + 4.0 * double(b->bin_start.size());
    }
    return bytes / (1024.0 * 1024.0);
}

template <class Shape>
class Run {
public:
    Run(const Experiment& e, const Animal& animal, treatment::Plan plan, int threads)
        : e_(e), animal_(animal), threads_(threads),
          world_(animal.model, animal.anatomy, animal.seed, e.extent(), animal.inoculum, std::move(plan), e.sleep),
          stepper_(threads) {
        run_.mouse = animal.mouse;
        run_.seed = animal.seed;
        run_.inoculum_cells = animal.inoculum.cells;
        run_.calendar = animal.calendar;
        run_.factors = animal.factors;
        run_.threads = threads;
    }

    MouseRun go(const std::atomic<int>* cancelled, const std::function<void(double)>& fraction_done,
                std::vector<std::pair<double, histology::Section>>* sections) {
        const Calendar& calendar = animal_.calendar;
        const std::uint32_t last = calendar.tick_of(animal_.endpoint_days.back());
        const auto day_ticks = static_cast<std::uint32_t>(std::llround(1440 / calendar.tick_min));
        std::size_t next = 0;
        Awake sum;
        for (;;) {
            const bool daily = world_.tick >= calendar.inoculation && (world_.tick - calendar.inoculation) % day_ticks == 0;
            const bool endpoint = next < animal_.endpoint_days.size() && world_.tick == calendar.tick_of(animal_.endpoint_days[next]);
            if (daily || endpoint) {
                const Clock::time_point start = Clock::now();
                // Reading wants cells in the bricks they lie in. The next tick would begin with this anyway.
                world_.lattice.settle(threads_);
                write_growth();
                if (endpoint) {
                    write_day(sections);
                    ++next;
                }
                run_.readout_s += seconds_since(start);
            }
            if (world_.tick >= last) break;
            if (cancelled && cancelled->load(std::memory_order_relaxed) != 0) throw Cancelled();
            const Clock::time_point start = Clock::now();
            stepper_.step(world_);
            run_.stepping_s += seconds_since(start);
            live(calendar.tick_min / 1440);
            const Awake awake = awake_share(world_);
            sum.bricks_in_memory += awake.bricks_in_memory, sum.cells_awake += awake.cells_awake, sum.fields_awake += awake.fields_awake;
            if (fraction_done) fraction_done(double(world_.tick) / last);
        }
        const double ticks = std::max(1.0, double(last));
        run_.awake = {sum.bricks_in_memory / ticks, sum.cells_awake / ticks, sum.fields_awake / ticks};
        run_.kills = std::move(world_.kill_log);
        run_.phase_s = stepper_.timings();
        run_.megabytes = megabytes_of(world_);
        return std::move(run_);
    }

private:
    // Tumour cell-days lived in the tick just stepped, between what was alive before and after it.
    void live(double tick_days) {
        const std::uint64_t now = living_tumour_cells(world_);
        tumour_cell_days_ += 0.5 * double(living_ + now) * tick_days;
        living_ = now;
    }

    void write_growth() {
        DayCounts counts = count_cells(world_, animal_.endpoints.link_um, animal_.endpoints.least_cells);
        counts.day = animal_.calendar.day_of(world_.tick);
        run_.growth.push_back(std::move(counts));
    }

    void write_day(std::vector<std::pair<double, histology::Section>>* sections) {
        histology::Section section;
        DayRecord record = read_out(world_, animal_, e_.block_sections, sections ? &section : nullptr);
        record.endpoints.push_back({"treatment_kills", "1", double(world_.kill_log.size())});
        std::uint64_t kills = 0;
        for (const std::uint64_t by_type : record.tally.kills) kills += by_type;
        record.tumour_cell_days = tumour_cell_days_;
        std::optional<double> rate;
        if (tumour_cell_days_ > 0) rate = double(kills) / tumour_cell_days_;
        record.endpoints.push_back({"tumour_kills_per_cell_day", "1/day", rate});
        if (sections) sections->emplace_back(record.day, std::move(section));
        run_.days.push_back(std::move(record));
    }

    const Experiment& e_;
    const Animal& animal_;
    int threads_;
    World<Shape> world_;
    Stepper<Shape> stepper_;
    std::uint64_t living_ = 0;     // tumour cells, after the last tick
    double tumour_cell_days_ = 0;  // since the beginning
    MouseRun run_;
};

// The command that runs one mouse of one primary and arm again, alone.
std::string replay_command(const Experiment& e, const Primary& primary, const Arm& arm, int mouse) {
    std::string arms;
    for (const std::string& need : arm.needs()) arms += need + ",";
    return fmt::format("stellate run {}{} --primaries {} --arms {}{} --mouse {} --threads 1 --out replay", e.file, e.options, primary.name,
                       arms, arm.name, mouse);
}

class Scheduler {
public:
    Scheduler(const Experiment& e, const CohortOptions& options) : e_(e), options_(options), files_(e), start_(Clock::now()) {
        for (const Primary& primary : e.primaries)
            for (const int mouse : e.mouse_numbers())
                for (const Arm& arm : e.arms) jobs_.push_back({int(&primary - e.primaries.data()), int(&arm - e.arms.data()), mouse});
        results_.runs.resize(jobs_.size());
        sections_.resize(jobs_.size());
        // In the order of work: primary, mouse, arm; dependent arms as soon as the arm they need is done.
        for (std::size_t j = 0; j < jobs_.size(); ++j) jobs_[j].slot = slot(jobs_[j]);
    }

    CohortResults run() {
        const int threads = std::max(1, options_.threads);
        const int workers = std::max(1, std::min<int>(threads, static_cast<int>(jobs_.size())));
        {
            std::vector<std::jthread> pool;
            for (int w = 1; w < workers; ++w) pool.emplace_back([this] { work(); });
            work();
        }
        if (failure_) std::rethrow_exception(failure_);
        finish(threads);
        return std::move(results_);
    }

private:
    struct Job {
        int primary, arm, mouse;
        std::size_t slot = 0;      // place in results_.runs
        enum class State : std::uint8_t { waiting, running, done } state = State::waiting;
        double fraction = 0;
    };

    std::size_t slot(const Job& job) const {
        const std::vector<int> mice = e_.mouse_numbers();
        const auto m = static_cast<std::size_t>(std::find(mice.begin(), mice.end(), job.mouse) - mice.begin());
        return (std::size_t(job.primary) * e_.arms.size() + std::size_t(job.arm)) * mice.size() + m;
    }

    Job* needed_job(const Job& job, const std::string& arm_name) {
        for (Job& other : jobs_)
            if (other.primary == job.primary && other.mouse == job.mouse && e_.arms[std::size_t(other.arm)].name == arm_name) return &other;
        return nullptr;
    }

    bool ready(const Job& job) {
        if (job.state != Job::State::waiting) return false;
        for (const std::string& need : e_.arms[std::size_t(job.arm)].needs())
            if (needed_job(job, need)->state != Job::State::done) return false;
        return true;
    }

    void work() {
        for (;;) {
            Job* job = nullptr;
            int inner = 1;
            {
                std::unique_lock lock(mutex_);
                for (;;) {
                    if (failure_) return;
                    const auto at = std::find_if(jobs_.begin(), jobs_.end(), [this](const Job& j) { return ready(j); });
                    if (at != jobs_.end()) {
                        job = &*at;
                        break;
                    }
                    const bool waiting = std::any_of(jobs_.begin(), jobs_.end(), [](const Job& j) { return j.state == Job::State::waiting; });
                    if (!waiting) return;
                    changed_.wait(lock);
                }
                job->state = Job::State::running;
                const auto open = std::count_if(jobs_.begin(), jobs_.end(), [](const Job& j) { return j.state != Job::State::done; });
                inner = std::max(1, options_.threads / static_cast<int>(std::min<std::ptrdiff_t>(open, options_.threads)));
            }
            try {
                carry_out(*job, inner);
            } catch (...) {
                fail(*job, std::current_exception());
            }
            {
                std::lock_guard lock(mutex_);
                job->state = Job::State::done;
                job->fraction = 1;
                if (!failure_) {
                    if (std::all_of(jobs_.begin(), jobs_.end(), [&](const Job& j) { return j.primary != job->primary || j.state == Job::State::done; }))
                        choose_pictures(job->primary);
                    report();
                }
            }
            changed_.notify_all();
        }
    }

    void carry_out(Job& job, int threads) {
        const Primary& primary = e_.primaries[std::size_t(job.primary)];
        const Arm& arm = e_.arms[std::size_t(job.arm)];
        std::vector<const treatment::KillLog*> logs;
        std::string without_source;
        for (const Treatment& t : arm.treatments) {
            if (t.kind == Treatment::Kind::suicide_gene) continue;
            const MouseRun& source = results_.runs[needed_job(job, t.of)->slot];
            logs.push_back(&source.kills);
            if (!source.failure.empty()) without_source = fmt::format("arm '{}', whose kills it takes, could not be run: {}", t.of, source.failure);
        }
        MouseRun run;
        const auto failed_draw = [&](const std::exception& error) {
            if (!e_.ensemble) throw;
            run = {};
            run.mouse = job.mouse;
            run.seed = mouse_seed(e_.seed, job.mouse);
            run.failure = error.what();
            sections_[job.slot].clear();
        };
        try {
            // The kills of a draw that stopped itself are not none: they are not known.
            if (!without_source.empty()) throw RunError(without_source);
            const Animal animal = make_animal(files_, e_, primary, arm, job.mouse);
            run = run_mouse(
                e_, animal, logs, threads, &stop_,
                [&](double fraction) {
                    if (options_.cancelled && options_.cancelled->load(std::memory_order_relaxed) != 0) stop_ = 1;
                    tell(job, fraction);
                },
                &sections_[job.slot]);
        } catch (const RunError& error) {
            failed_draw(error);
        } catch (const InputError& error) {  // numbers that are plausible one by one and impossible together
            failed_draw(error);
        }
        run.primary = job.primary;
        run.arm = job.arm;
        results_.runs[job.slot] = std::move(run);
    }

    void fail(const Job& job, std::exception_ptr what) {
        const Primary& primary = e_.primaries[std::size_t(job.primary)];
        const Arm& arm = e_.arms[std::size_t(job.arm)];
        try {
            std::rethrow_exception(what);
        } catch (const RunError& error) {
            what = std::make_exception_ptr(RunError(fmt::format(
                "primary '{}', arm '{}', mouse {} (seed {}): {}\nThe whole run stops, for a cohort with a mouse missing would mislead.\n"
                "To replay this mouse alone: {}",
                primary.name, arm.name, job.mouse, mouse_seed(e_.seed, job.mouse), error.what(), replay_command(e_, primary, arm, job.mouse))));
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
        const bool earlier = !failure_ || failure_was_stop_ || (!only_stopped && &job < failed_job_);
        if (earlier && !(failure_ && only_stopped)) {
            failure_ = what;
            failed_job_ = &job;
            failure_was_stop_ = only_stopped;
        }
        stop_ = 1;
    }

    void tell(Job& job, double fraction) {
        std::lock_guard lock(mutex_);
        job.fraction = fraction;
        if (seconds_since(last_report_) < 0.25) return;
        report();
    }

    void report() {
        last_report_ = Clock::now();
        if (!options_.progress) return;
        Progress progress;
        progress.runs = static_cast<int>(jobs_.size());
        double work = 0;
        for (const Job& job : jobs_) {
            progress.runs_done += job.state == Job::State::done;
            work += job.state == Job::State::done ? 1 : work_done(job.fraction);
        }
        progress.fraction = work / double(jobs_.size());
        progress.elapsed_s = seconds_since(start_);
        const bool known = progress.fraction > 0.002 && progress.elapsed_s > 1;
        progress.left_s = known ? progress.elapsed_s * (1 - progress.fraction) / progress.fraction : -1;
        options_.progress(progress);
    }

    // The mouse shown of a primary: the one whose metastatic area on the last day is the (lower) median of the control's,
    // ties to the lower number; its sections are kept in every arm, all others are let go.
    void choose_pictures(int primary) {
        int arm = 0;
        for (std::size_t a = 0; a < e_.arms.size(); ++a)
            if (e_.arms[a].name == e_.analysis.control) arm = static_cast<int>(a);
        std::vector<std::pair<double, int>> areas;
        for (const Job& job : jobs_)
            if (job.primary == primary && job.arm == arm && !results_.runs[job.slot].days.empty())
                areas.emplace_back(results_.runs[job.slot].days.back().get("metastatic_area").value_or(0), job.mouse);
        std::sort(areas.begin(), areas.end());
        const int shown = areas.empty() ? e_.mouse_numbers().front() : areas[(areas.size() - 1) / 2].second;
        shown_.emplace_back(primary, shown);
        for (const Job& job : jobs_) {
            if (job.primary != primary) continue;
            if (job.mouse == shown)
                for (auto& [day, section] : sections_[job.slot]) pictures_.push_back({primary, job.arm, job.mouse, day, std::move(section)});
            sections_[job.slot].clear();
            sections_[job.slot].shrink_to_fit();
        }
    }

    void finish(int threads) {
        CohortResults& r = results_;
        r.experiment = e_;
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
            const Animal animal = make_animal(files_, plain, e_.primaries[p], e_.arms.front(), e_.mouse_numbers().front());
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
    std::vector<Job> jobs_;
    CohortResults results_;
    std::vector<std::vector<std::pair<double, histology::Section>>> sections_;
    std::vector<Picture> pictures_;
    std::vector<std::pair<int, int>> shown_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::atomic<int> stop_{0};
    std::exception_ptr failure_;
    const Job* failed_job_ = nullptr;
    bool failure_was_stop_ = false;
};

}  // namespace

const DayRecord* MouseRun::on(double day) const {
    const auto at = std::find_if(days.begin(), days.end(), [&](const DayRecord& d) { return std::abs(d.day - day) < 1e-9; });
    return at == days.end() ? nullptr : &*at;
}

const MouseRun* CohortResults::find(int primary, int arm, int mouse) const {
    const auto at = std::find_if(runs.begin(), runs.end(),
                                 [&](const MouseRun& r) { return r.primary == primary && r.arm == arm && r.mouse == mouse; });
    return at == runs.end() ? nullptr : &*at;
}

MouseRun run_mouse(const Experiment& e, const Animal& animal, const std::vector<const treatment::KillLog*>& needed, int threads,
                   const std::atomic<int>* cancelled, const std::function<void(double)>& fraction_done,
                   std::vector<std::pair<double, histology::Section>>* sections) {
    treatment::Plan plan = animal.plan;
    STELLATE_ASSERT(plan.replays.size() == needed.size(), plan.replays.size(), needed.size());
    for (std::size_t n = 0; n < needed.size(); ++n) plan.replays[n].log = needed[n];
    if (e.geometry == Geometry::section)
        return Run<SectionShape>(e, animal, std::move(plan), threads).go(cancelled, fraction_done, sections);
    return Run<BlockShape>(e, animal, std::move(plan), threads).go(cancelled, fraction_done, sections);
}

namespace {

template <class Shape>
std::vector<std::pair<std::string, Digest>> phases_of(const Experiment& e, const Animal& animal, treatment::Plan plan, std::uint32_t tick,
                                                      int threads, const std::atomic<int>* cancelled) {
    World<Shape> world(animal.model, animal.anatomy, animal.seed, e.extent(), animal.inoculum, std::move(plan), e.sleep);
    Stepper<Shape> stepper(threads);
    while (world.tick < tick) {
        if (cancelled && cancelled->load(std::memory_order_relaxed) != 0) throw Cancelled();
        stepper.step(world);
    }
    std::vector<std::pair<std::string, Digest>> digests;
    stepper.observe([&](std::string_view phase, const World<Shape>& now) { digests.emplace_back(phase, digest(now)); });
    stepper.step(world);
    return digests;
}

}  // namespace

std::vector<std::pair<std::string, Digest>> phase_digests(const Experiment& e, RunAddress address, std::uint32_t tick, int threads,
                                                          const std::atomic<int>* cancelled) {
    const ModelFiles files(e);
    const Primary& primary = e.primaries.at(std::size_t(address.primary));
    const Arm& arm = e.arms.at(std::size_t(address.arm));
    const Animal animal = make_animal(files, e, primary, arm, address.mouse);
    if (const std::uint32_t last = animal.calendar.tick_of(animal.endpoint_days.back()); tick >= last)
        throw InputError({"--tick", 0, 0}, std::to_string(tick), "is after the run's last tick, " + std::to_string(last - 1));
    std::vector<treatment::KillLog> logs;
    for (const Treatment& t : arm.treatments) {
        if (t.kind == Treatment::Kind::suicide_gene) continue;
        const Animal source = make_animal(files, e, primary, *e.find_arm(t.of), address.mouse);
        logs.push_back(run_mouse(e, source, {}, threads, cancelled, {}, nullptr).kills);
    }
    treatment::Plan plan = animal.plan;
    for (std::size_t n = 0; n < logs.size(); ++n) plan.replays[n].log = &logs[n];
    if (e.geometry == Geometry::section) return phases_of<SectionShape>(e, animal, std::move(plan), tick, threads, cancelled);
    return phases_of<BlockShape>(e, animal, std::move(plan), tick, threads, cancelled);
}

CohortResults run_cohort(const Experiment& experiment, const CohortOptions& options) { return Scheduler(experiment, options).run(); }

}  // namespace stellate::laboratory
