#include "laboratory/checkpoints.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>

#include "core/error.hpp"
#include "core/sha256.hpp"
#include "laboratory/build_info.hpp"
#include "laboratory/sharing.hpp"
#include "simulation/stored_world.hpp"

namespace stellate::laboratory {

namespace {

namespace fs = std::filesystem;
using storage::Damaged;

constexpr std::string_view checkpoint_prefix = "checkpoint-";
constexpr const char* finished_name = "finished";
constexpr std::size_t checkpoints_kept = 2;

std::string joined(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : ",") + name;
    return text;
}

std::vector<std::string> split(const std::string& text) {
    std::vector<std::string> names;
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find(',', begin), text.size());
        names.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return names;
}

template <class Number>
Number number_of(const std::string& text, int base = 10) {
    Number value{};
    std::from_chars_result read{};
    if constexpr (std::is_floating_point_v<Number>)
        read = std::from_chars(text.data(), text.data() + text.size(), value);
    else
        read = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (read.ec != std::errc() || read.ptr != text.data() + text.size())
        throw Damaged("its manifest says '" + text.substr(0, 60) + "' where a number was expected");
    return value;
}

Digest digest_from(const std::string& text) {
    if (text.size() != 32) throw Damaged("its manifest holds no digest of a state");
    return {number_of<std::uint64_t>(text.substr(0, 16), 16), number_of<std::uint64_t>(text.substr(16), 16)};
}

std::string name_of(std::uint32_t tick) { return fmt::format("{}{:06}", checkpoint_prefix, tick); }

// Why a state is not on disk, and what to do about it.
template <class Body>
std::uint64_t or_not_kept(Body&& body) {
    const auto told = [](const std::exception& error) {
        return NotKept(std::string(error.what()) +
                       "\nWhat was on disk before is sound: mend this, and the same command goes on from there.");
    };
    try {
        return body();
    } catch (const RunError& error) {
        throw told(error);
    } catch (const Damaged& error) {
        throw told(error);
    }
}

}  // namespace

std::string identity_of(const Experiment& experiment) {
    Experiment plain = experiment;
    plain.checkpoint = {};
    plain.model_directory.clear();
    return to_toml(plain);
}

CheckpointFacts facts_in(const storage::Manifest& m) {
    CheckpointFacts facts;
    facts.program = m.fact("program"), facts.commit = m.fact("commit");
    facts.experiment = m.fact("experiment"), facts.identity = m.fact("identity");
    facts.primary = m.fact("primary"), facts.arms = split(m.fact("arms"));
    facts.mouse = number_of<int>(m.fact("mouse"));
    facts.seed = number_of<std::uint64_t>(m.fact("seed"));
    facts.day = number_of<double>(m.fact("day"));
    facts.tick = number_of<std::uint32_t>(m.fact("tick"));
    facts.kills = number_of<std::uint64_t>(m.fact("kills"));
    facts.state = digest_from(m.fact("state"));
    return facts;
}

template <class Shape>
Life<Shape> life_in(const storage::Snapshot& checkpoint, const Experiment& e, const Animal& animal, int threads) {
    Life<Shape> life = newborn<Shape>(e, animal);
    storage::ColumnReader world(checkpoint.part("world"), checkpoint.where + "/world");
    restore_world(world, facts_in(checkpoint.manifest).state, threads, life.world);
    world.finish();
    storage::ColumnReader record(checkpoint.part("record"), checkpoint.where + "/record");
    record.text("experiment.toml");
    restore_progress(record, life);
    life.run = restore_run(record);
    life.sections = restore_sections(record);
    record.finish();
    return life;
}

std::string stored_experiment(const storage::Snapshot& checkpoint) {
    return storage::ColumnReader(checkpoint.part("record"), checkpoint.where + "/record").text("experiment.toml");
}

Checkpoints::Checkpoints(fs::path folder, const Experiment& experiment, std::function<void(const std::string&)> notice)
    : folder_(std::move(folder)),
      e_(experiment),
      text_(to_toml(experiment)),
      identity_(sha256_hex(identity_of(experiment))),
      notice_(std::move(notice)) {
    storage::sweep_temporaries(folder_);
    for (std::size_t p = 0; p < e_.primaries.size(); ++p)
        for (std::size_t a = 0; a < e_.arms.size(); ++a)
            for (const int mouse : e_.mouse_numbers()) scan(int(p), int(a), mouse);
}

fs::path Checkpoints::place(int primary, int arm, int mouse) const {
    return folder_ / "mice" / e_.primaries[std::size_t(primary)].name / e_.arms[std::size_t(arm)].name /
           std::to_string(mouse);
}

bool Checkpoints::is_kept(double day) const {
    return std::any_of(e_.checkpoint.keep_days.begin(), e_.checkpoint.keep_days.end(),
                       [&](double kept) { return std::abs(kept - day) < 1e-9; });
}

bool Checkpoints::is_done(const Mouse& mouse, int arm) const {
    const auto at = done_.find(mouse);
    return at != done_.end() && std::find(at->second.begin(), at->second.end(), arm) != at->second.end();
}

void Checkpoints::scan(int primary, int arm, int mouse) {
    const fs::path directory = place(primary, arm, mouse);
    std::vector<fs::path> found;
    std::error_code error;
    for (fs::directory_iterator entry(directory, error), end; !error && entry != end; entry.increment(error))
        if (entry->path().filename().string().starts_with(checkpoint_prefix)) found.push_back(entry->path());
    std::sort(found.begin(), found.end());
    for (const fs::path& path : found)
        if (std::optional<StoredLife> stored = read_entry(path, primary, arm, mouse))
            stored_[{primary, mouse}].push_back(std::move(*stored));
    if (fs::exists(directory / finished_name, error)) done_[{primary, mouse}].push_back(arm);
}

std::optional<StoredLife> Checkpoints::read_entry(const fs::path& path, int primary, int arm_of_folder, int mouse) {
    try {
        const storage::Manifest manifest = storage::read_manifest(path, checkpoint_format);
        const CheckpointFacts facts = facts_in(manifest);
        if (facts.identity != identity_ || facts.primary != e_.primaries[std::size_t(primary)].name ||
            facts.mouse != mouse || facts.arms.front() != e_.arms[std::size_t(arm_of_folder)].name)
            throw Damaged(path.string() + ": is of another run or animal");
        if (path.filename() != name_of(facts.tick))
            throw Damaged(path.string() + ": is of tick " + std::to_string(facts.tick));
        StoredLife stored{path, {}, facts.tick, facts.kills > 0, is_kept(facts.day)};
        for (const std::string& name : facts.arms) {
            const Arm* arm = e_.find_arm(name);
            if (!arm) throw Damaged(path.string() + ": is of an arm '" + name + "' that is not there");
            stored.arms.push_back(static_cast<int>(arm - e_.arms.data()));
        }
        if ((facts.program != build_info::version || facts.commit != build_info::commit) && !told_of_build_) {
            told_of_build_ = true;
            notice_("the run was begun by " + facts.program + " of commit " + facts.commit + ", this is " +
                    build_info::version + " of commit " + build_info::commit +
                    ": if they differ in the model's code, results are of neither");
        }
        last_bytes_ = std::max(last_bytes_, manifest.bytes());
        return stored;
    } catch (const storage::Newer&) {
        throw;
    } catch (const Damaged& damaged) {
        // Whose it was it does not say: of those that may have shared it.
        std::vector<int> arms;
        for (const std::vector<int>& group : sharing_arms(e_))
            if (std::find(group.begin(), group.end(), arm_of_folder) != group.end()) arms = group;
        set_aside({primary, mouse}, arms, path, damaged.what());
        return std::nullopt;
    }
}

void Checkpoints::set_aside(const Mouse& mouse, const std::vector<int>& arms, const fs::path& path,
                            const std::string& why) {
    for (const int arm : arms) damaged_.insert({mouse, arm});
    std::error_code error;
    fs::path aside = path.parent_path() / ("damaged-" + path.filename().string());
    for (int n = 2; fs::exists(aside, error); ++n)
        aside = path.parent_path() / ("damaged-" + std::to_string(n) + "-" + path.filename().string());
    fs::rename(path, aside, error);
    notice_(why + "; set aside as " + aside.filename().string() + (error ? ", which failed: " + error.message() : ""));
}

void Checkpoints::refuse_if_gone_or_full() const {
    std::error_code error;
    if (!fs::exists(folder_, error)) throw RunError(folder_.string() + ": was taken away under the run");
    const fs::space_info space = fs::space(folder_, error);
    std::lock_guard lock(mutex_);
    const std::uint64_t needed = last_bytes_ + last_bytes_ / 10;
    if (!error && space.available < needed)
        throw RunError(fmt::format("{}: a checkpoint needs about {} bytes and {} are free", folder_.string(), needed,
                                   space.available));
}

template <class Shape>
void Checkpoints::save(int primary, int mouse, const std::vector<int>& arms, const Life<Shape>& life, MouseRun run) {
    using Clock = std::chrono::steady_clock;
    const Clock::time_point start = Clock::now();
    const std::uint32_t tick = life.world.tick;
    run.kills.clear();  // the world has them, and these
    run.clamps.clear();
    const fs::path path = place(primary, arms.front(), mouse) / name_of(tick);
    std::error_code error;
    if (fs::exists(path, error)) return;  // the same state, put there before
    std::vector<std::string> names;
    for (const int arm : arms) names.push_back(e_.arms[std::size_t(arm)].name);
    const double day = life.run.calendar.day_of(tick);
    const std::uint64_t bytes = or_not_kept([&] {
        refuse_if_gone_or_full();
        storage::ColumnWriter world, record;
        store_world(life.world, world);
        record.text("experiment.toml", text_);
        store_progress(life, record);
        store_run(run, record);
        store_sections(life.sections, record);
        const std::uint64_t written = storage::write_snapshot(path, checkpoint_format,
                                                              {{"program", build_info::version},
                                                               {"commit", build_info::commit},
                                                               {"experiment", e_.name},
                                                               {"identity", identity_},
                                                               {"primary", e_.primaries[std::size_t(primary)].name},
                                                               {"arms", joined(names)},
                                                               {"mouse", std::to_string(mouse)},
                                                               {"seed", std::to_string(life.world.seed)},
                                                               {"day", shortest(day)},
                                                               {"tick", std::to_string(tick)},
                                                               {"kills", std::to_string(life.world.kill_log.size())},
                                                               {"state", to_string(digest(life.world))}},
                                                              {{"world", world.take()}, {"record", record.take()}});
        // What older ones are given up for is read back first.
        storage::check_snapshot(path, checkpoint_format);
        return written;
    });
    std::lock_guard lock(mutex_);
    last_bytes_ = bytes;
    stored_[{primary, mouse}].push_back({path, arms, tick, !life.world.kill_log.empty(), is_kept(day)});
    prune({primary, mouse});
    const double took = std::chrono::duration<double>(Clock::now() - start).count();
    longest_s_ = std::max(longest_s_, took);
    total_s_ += took;
}

void Checkpoints::finish(const MouseRun& run, const DatedSections& sections) {
    const fs::path path = place(run.primary, run.arm, run.mouse) / finished_name;
    std::error_code error;
    if (fs::exists(path, error)) return;
    or_not_kept([&] {
        refuse_if_gone_or_full();
        storage::ColumnWriter record;
        store_run(run, record);
        store_sections(sections, record);
        const std::uint64_t written = storage::write_snapshot(path, finished_format,
                                                              {{"program", build_info::version},
                                                               {"commit", build_info::commit},
                                                               {"identity", identity_},
                                                               {"primary", e_.primaries[std::size_t(run.primary)].name},
                                                               {"arm", e_.arms[std::size_t(run.arm)].name},
                                                               {"mouse", std::to_string(run.mouse)}},
                                                              {{"record", record.take()}});
        storage::check_snapshot(path, finished_format);
        return written;
    });
    std::lock_guard lock(mutex_);
    done_[{run.primary, run.mouse}].push_back(run.arm);
    prune({run.primary, run.mouse});
}

namespace {
// Killed on the way, this leaves a name that the next start sweeps, and no checkpoint in part.
void remove_stored(const fs::path& path) {
    std::error_code error;
    const fs::path going = path.parent_path() / (std::string(storage::temporary_mark) + path.filename().string());
    fs::rename(path, going, error);
    fs::remove_all(error ? path : going, error);
}
}  // namespace

// Removes what no arm that still lives would go on from.
void Checkpoints::prune(const Mouse& mouse) {
    std::vector<StoredLife>& all = stored_[mouse];
    std::sort(all.begin(), all.end(), [](const StoredLife& a, const StoredLife& b) { return a.tick > b.tick; });
    std::vector<bool> needed;
    for (const StoredLife& stored : all) needed.push_back(stored.kept);
    for (std::size_t arm = 0; arm < e_.arms.size(); ++arm) {
        if (is_done(mouse, int(arm))) continue;
        std::size_t found = 0;
        for (std::size_t n = 0; n < all.size() && found < checkpoints_kept; ++n) {
            if (std::find(all[n].arms.begin(), all[n].arms.end(), int(arm)) == all[n].arms.end()) continue;
            needed[n] = true;
            ++found;
        }
    }
    std::vector<StoredLife> left;
    for (std::size_t n = 0; n < all.size(); ++n) {
        std::error_code error;
        if (needed[n])
            left.push_back(std::move(all[n]));
        else
            remove_stored(all[n].path);
    }
    all = std::move(left);
}

std::optional<std::pair<MouseRun, DatedSections>> Checkpoints::finished(int primary, int arm, int mouse) {
    if (!is_done({primary, mouse}, arm)) return std::nullopt;
    const fs::path path = place(primary, arm, mouse) / finished_name;
    try {
        const storage::Snapshot snapshot = storage::read_snapshot(path, finished_format);
        if (snapshot.manifest.fact("identity") != identity_) throw Damaged(path.string() + ": is of another run");
        storage::ColumnReader record(snapshot.part("record"), path.string() + "/record");
        MouseRun run = restore_run(record);
        DatedSections sections = restore_sections(record);
        record.finish();
        if (run.mouse != mouse || snapshot.manifest.fact("primary") != e_.primaries[std::size_t(primary)].name ||
            snapshot.manifest.fact("arm") != e_.arms[std::size_t(arm)].name)
            throw Damaged(path.string() + ": is of another animal");
        run.primary = primary, run.arm = arm;
        return std::pair(std::move(run), std::move(sections));
    } catch (const Damaged& damaged) {
        set_aside({primary, mouse}, {}, path, damaged.what());
        std::erase(done_[{primary, mouse}], arm);
        return std::nullopt;
    }
}

std::optional<StoredLife> Checkpoints::newest(int primary, int arm, int mouse) {
    std::vector<StoredLife>& all = stored_[{primary, mouse}];
    std::sort(all.begin(), all.end(), [](const StoredLife& a, const StoredLife& b) { return a.tick > b.tick; });
    for (std::size_t n = 0; n < all.size();) {
        if (std::find(all[n].arms.begin(), all[n].arms.end(), arm) == all[n].arms.end()) {
            ++n;
            continue;
        }
        try {
            storage::check_snapshot(all[n].path, checkpoint_format);
            return all[n];
        } catch (const Damaged& damaged) {
            set_aside({primary, mouse}, all[n].arms, all[n].path, damaged.what());
            all.erase(all.begin() + std::ptrdiff_t(n));
        }
    }
    if (damaged_.contains({{primary, mouse}, arm}))
        throw NotKept(
            fmt::format("primary '{}', arm '{}', mouse {}: nothing sound is left to go on from; what there was is "
                        "kept beside under names with 'damaged'. The same command once more begins this animal "
                        "anew.",
                        e_.primaries[std::size_t(primary)].name, e_.arms[std::size_t(arm)].name, mouse));
    return std::nullopt;
}

template <class Shape>
Life<Shape> Checkpoints::load(int primary, const StoredLife& stored, const Animal& animal, int threads) {
    try {
        return life_in<Shape>(storage::read_snapshot(stored.path, checkpoint_format), e_, animal, threads);
    } catch (const Damaged& damaged) {
        std::lock_guard lock(mutex_);
        set_aside({primary, animal.mouse}, stored.arms, stored.path, damaged.what());
        throw NotKept("a checkpoint was not what it says; the same command goes on from the one before");
    }
}

bool Checkpoints::empty() const {
    std::lock_guard lock(mutex_);
    const auto none = [](const auto& entry) { return entry.second.empty(); };
    return std::all_of(stored_.begin(), stored_.end(), none) && std::all_of(done_.begin(), done_.end(), none);
}

double Checkpoints::longest_s() const {
    std::lock_guard lock(mutex_);
    return longest_s_;
}

double Checkpoints::total_s() const {
    std::lock_guard lock(mutex_);
    return total_s_;
}

void Checkpoints::clear() {
    std::error_code error;
    for (auto& [mouse, all] : stored_)
        for (const StoredLife& stored : all)
            if (!stored.kept) remove_stored(stored.path);
    for (std::size_t p = 0; p < e_.primaries.size(); ++p)
        for (std::size_t a = 0; a < e_.arms.size(); ++a)
            for (const int mouse : e_.mouse_numbers()) {
                const fs::path directory = place(int(p), int(a), mouse);
                fs::remove_all(directory / finished_name, error);
                fs::remove(directory, error);  // only where nothing else is in it
                fs::remove(directory.parent_path(), error);
                fs::remove(directory.parent_path().parent_path(), error);
            }
    fs::remove(folder_ / "mice", error);
}

template Life<SectionShape> life_in(const storage::Snapshot&, const Experiment&, const Animal&, int);
template Life<BlockShape> life_in(const storage::Snapshot&, const Experiment&, const Animal&, int);
template void Checkpoints::save(int, int, const std::vector<int>&, const Life<SectionShape>&, MouseRun);
template void Checkpoints::save(int, int, const std::vector<int>&, const Life<BlockShape>&, MouseRun);
template Life<SectionShape> Checkpoints::load(int, const StoredLife&, const Animal&, int);
template Life<BlockShape> Checkpoints::load(int, const StoredLife&, const Animal&, int);

}  // namespace stellate::laboratory
