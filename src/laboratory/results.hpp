// The results directory of a run, whole or absent. A run works in the folder NAME.unfinished beside its target NAME; at
// the end that gets a MANIFEST with the length and digest of every file, as the mark that it is finished, and is
// renamed into place. Until then the target is untouched. An existing directory is replaced only when asked to, and
// only if it is a results directory. What a run that was stopped has left in its work folder is there for the same
// command to go on from; one process works in it at a time.
//
//     experiment.toml   the exact input, resolved          provenance.json  version, seed, digests, machine, timings
//     digests.csv       hash of the complete state, by mouse, arm, primary and day
//     endpoints.csv     one row per arm, primary, mouse, day and endpoint
//     growth.csv        living cells and foci of every day
//     statistics.csv    one row per comparison
//     attribution.csv   where the experiment asks for it
//     signs.csv         mice in which an arm lowers, leaves and raises a primary endpoint
//     proteins.csv      simulated abundance of each mechanism by mouse, gene symbol and cell type: not a proteome
//     kills.csv         what the treatment killed
//     report.html, mice/PRIMARY/ARM/MOUSE/*.png            added by the caller
//     mice/PRIMARY/ARM/MOUSE/checkpoint-TICK/              of the days that the experiment asks to keep
//     MANIFEST          length and SHA-256 of every file
//
// CSV: UTF-8, comma, RFC 4180 quoting, a header, absent values empty, numbers as the shortest decimal that reads back,
// rows in the order of the experiment whatever finished first.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "laboratory/analysis.hpp"
#include "storage/lock.hpp"
#include "storage/manifest.hpp"

namespace stellate::laboratory {

inline const storage::Format results_format{"results", 1};

class ResultsDirectory {
public:
    // Makes missing parents and the work folder, or takes up the one that a run of the same `identity` has left, so
    // that what cannot be written is known before hours are spent. `force`: what is at the target may be replaced, and
    // work left by a run of another identity be thrown away. Throws InputError if the target may not be replaced, if
    // nothing can be made there, if another process works there or the work left is another run's; then nothing is
    // changed.
    ResultsDirectory(std::filesystem::path target, bool force, const std::string& identity);
    ~ResultsDirectory();  // unless committed, removes the work folder and the parents it made if there is nothing to go
                          // on from
    ResultsDirectory(const ResultsDirectory&) = delete;
    ResultsDirectory& operator=(const ResultsDirectory&) = delete;

    bool resumed() const { return resumed_; }  // there was work to go on from
    // The last run had all but put its results in place; commit() does the rest.
    bool finished() const { return finished_; }

    // Notes one more start of this run; returns the notes of all, the first first. Throws RunError.
    std::vector<std::string> begin_session(const std::string& line);
    // `relative` may lie in sub-folders, which are made. Throws RunError.
    void write(const std::filesystem::path& relative, std::string_view content);
    // Names all results in the MANIFEST, has `clear` remove what only the run needed, and renames into place;
    // afterwards nothing can be written. Throws RunError.
    void commit(const std::vector<std::pair<std::string, std::string>>& facts, const std::function<void()>& clear);

    const std::filesystem::path& target() const { return target_; }
    const std::filesystem::path& work() const { return work_; }

private:
    void make_folders();
    void take_up(const std::string& identity);
    void remove_folders();
    void put_in_place();
    std::filesystem::path target_, work_;
    std::vector<std::filesystem::path> made_;  // parents, outermost first
    std::optional<storage::FolderLock> lock_;
    bool ours_ = false;  // the work folder, to do with as is needed
    bool force_ = false, resumed_ = false, finished_ = false, committed_ = false;
};

// Throws InputError if a run could not put its results there; touches nothing.
void check_target(const std::filesystem::path& target, bool force);

// Tables as text.
std::string digests_csv(const CohortResults& results);
std::string endpoints_csv(const CohortResults& results);
std::string growth_csv(const CohortResults& results);
std::string proteins_csv(const CohortResults& results);
std::string kills_csv(const CohortResults& results);
std::string statistics_csv(const CohortResults& results, const Analysis& analysis);
std::string attribution_csv(const CohortResults& results, const Analysis& analysis);
std::string signs_csv(const CohortResults& results, const Analysis& analysis);

struct Provenance {
    std::string version, commit, compiler, flags, build_type;
    std::string command;  // as typed
    std::string started, machine, processor, system;
    std::vector<std::string> sessions;  // each start of this run: when, where, by which build and command
    double checkpoints_s = 0;           // that the last of them took to put states on disk
    int hardware_threads = 0;
};
// What the machine says of itself; `command` as typed. Unknown parts are empty.
Provenance provenance_here(std::string command);
// One start of a run in a line: when, where, by which build, with which command.
std::string session_text(const Provenance& provenance);
// What the manifest of results says.
std::vector<std::pair<std::string, std::string>> facts_of(const CohortResults& results, const Provenance& provenance);
std::string provenance_json(const CohortResults& results, const Analysis& analysis, const Provenance& provenance);
std::string version();

// Writes every table, experiment.toml and provenance.json.
void write_tables(ResultsDirectory& directory, const CohortResults& results, const Analysis& analysis,
                  const Provenance& provenance);

// The rows of a results directory's digests.csv, or of such a file, as they stand. Throws InputError if it is none.
struct DigestRow {
    std::string primary, arm, mouse, day, digest;
};
std::vector<DigestRow> read_digests(const std::filesystem::path& results);
// One digest of all of them, in their order.
std::string digest_of(const std::vector<DigestRow>& rows);

}  // namespace stellate::laboratory
