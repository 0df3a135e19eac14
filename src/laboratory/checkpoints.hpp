// What a run has on disk while it is under way, so that it can go on after whatever stopped it: a checkpoint of every
// life now and then, and every animal that is done. All of it lies in the run's work folder (docs/formats.md):
//
//     mice/PRIMARY/ARM/MOUSE/checkpoint-TICK/   a life at that tick; ARM is the first of the arms that share it
//     mice/PRIMARY/ARM/MOUSE/finished/          what was written down of an animal, and its sections
//
// Of each arm of a mouse the last two checkpoints are kept, and those of the days that the experiment asks to keep. One
// that is damaged is named, set aside under another name, and never read. An animal that is done needs none.
//
// It decides neither when a life is stored nor who lives (cohort.hpp).
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "laboratory/history.hpp"
#include "laboratory/stored_life.hpp"
#include "storage/snapshot.hpp"

namespace stellate::laboratory {

inline const storage::Format checkpoint_format{"checkpoint", 1};
inline const storage::Format finished_format{"animal", 1};

// The text of an experiment by which a run is known again: resolved, its model's files named by digest, without what
// says when checkpoints are made.
std::string identity_of(const Experiment& experiment);

// What the manifest of a checkpoint says.
struct CheckpointFacts {
    std::string program, commit;
    std::string experiment;  // its name
    std::string identity;    // SHA-256 of its identity
    std::string primary;
    std::vector<std::string> arms;  // that share this life
    int mouse = 0;
    std::uint64_t seed = 0;
    double day = 0;
    std::uint32_t tick = 0;
    std::uint64_t kills = 0;  // by treatments, up to now
    Digest state;
};
CheckpointFacts facts_in(const storage::Manifest& manifest);  // throws storage::Damaged

// The state in a checkpoint, put into an animal as made: the arm's, or that of a branch. Throws storage::Damaged.
template <class Shape>
Life<Shape> life_in(const storage::Snapshot& checkpoint, const Experiment& experiment, const Animal& animal,
                    int threads);

// The experiment that it is of, as a file. Throws storage::Damaged.
std::string stored_experiment(const storage::Snapshot& checkpoint);

// A state could not be put on disk, or not be had from there. What was there before is sound.
class NotKept : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

struct StoredLife {
    std::filesystem::path path;
    std::vector<int> arms;  // indices into the experiment's
    std::uint32_t tick = 0;
    bool killed = false;  // somebody, by a treatment
    bool kept = false;    // of a day that the experiment asks to keep
};

class Checkpoints {
public:
    // Of the run of `experiment` (resolved) in `folder`. `notice` is told, in a line, of everything that a user should
    // know. Removes what a killed writer left half done.
    Checkpoints(std::filesystem::path folder, const Experiment& experiment,
                std::function<void(const std::string&)> notice);

    // Both from any thread. Throw NotKept. `run`: what is written down by now, with the times it took.
    template <class Shape>
    void save(int primary, int mouse, const std::vector<int>& arms, const Life<Shape>& life, MouseRun run);
    void finish(const MouseRun& run, const DatedSections& sections);

    // An animal that was done before; none if it was not, or if what there is of it is damaged (then that is set
    // aside).
    std::optional<std::pair<MouseRun, DatedSections>> finished(int primary, int arm, int mouse);
    // The newest sound checkpoint that this arm of the mouse can go on from; none where there never was one. Throws
    // NotKept where all that there were are damaged.
    std::optional<StoredLife> newest(int primary, int arm, int mouse);
    // Throws NotKept if it turns out not to be what it says; it is then set aside.
    template <class Shape>
    Life<Shape> load(int primary, const StoredLife& stored, const Animal& animal, int threads);

    bool empty() const;  // nothing to go on from
    // Seconds that the longest checkpoint took, and all of them.
        double longest_s() const;
    double total_s() const;

    // Removes all that the finished run does not need: everything but the kept checkpoints.
    void clear();

private:
    using Mouse = std::pair<int, int>;  // primary, number
    std::filesystem::path place(int primary, int arm, int mouse) const;
    bool is_kept(double day) const;
    bool is_done(const Mouse& mouse, int arm) const;
    void prune(const Mouse& mouse);
    void scan(int primary, int arm, int mouse);
    std::optional<StoredLife> read_entry(const std::filesystem::path& path, int primary, int arm_of_folder, int mouse);
    void set_aside(const Mouse& mouse, const std::vector<int>& arms, const std::filesystem::path& path,
                   const std::string& why);
    void refuse_if_gone_or_full() const;

    std::filesystem::path folder_;
    const Experiment e_;
    std::string text_, identity_;
    std::function<void(const std::string&)> notice_;
    mutable std::mutex mutex_;
    std::map<Mouse, std::vector<StoredLife>> stored_;
    std::map<Mouse, std::vector<int>> done_;   // arms
    std::set<std::pair<Mouse, int>> damaged_;  // and arms, of which something was set aside
    std::uint64_t last_bytes_ = 0;
    double longest_s_ = 0, total_s_ = 0;
    bool told_of_build_ = false;
};

}  // namespace stellate::laboratory
