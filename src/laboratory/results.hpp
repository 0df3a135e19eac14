// The results directory of a run, whole or absent. Files are written into a temporary folder beside the target, which
// is renamed into place at the end; until then the target is untouched. An existing directory is replaced only when
// asked to, and only if it is a results directory.
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
//
// CSV: UTF-8, comma, RFC 4180 quoting, a header, absent values empty, numbers as the shortest decimal that reads back,
// rows in the order of the experiment whatever finished first.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "laboratory/analysis.hpp"

namespace stellate::laboratory {

class ResultsDirectory {
public:
    // Makes missing parents and the temporary folder, so that what cannot be written is known before hours are spent.
    // Throws InputError if `target` exists and may not be replaced, or if nothing can be made there; then nothing is
    // left.
    ResultsDirectory(std::filesystem::path target, bool force);
    ~ResultsDirectory();  // unless committed, removes the temporary folder and the parents it made, if empty
    ResultsDirectory(const ResultsDirectory&) = delete;
    ResultsDirectory& operator=(const ResultsDirectory&) = delete;

    // `relative` may lie in sub-folders, which are made. Throws RunError.
    void write(const std::filesystem::path& relative, std::string_view content);
    // Renames into place; afterwards nothing can be written.
    void commit();

    const std::filesystem::path& target() const { return target_; }

private:
    void make_folders();
    void remove_folders();
    std::filesystem::path target_, temporary_;
    std::vector<std::filesystem::path> made_;  // parents, outermost first
    bool force_ = false, committed_ = false;
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
    int hardware_threads = 0;
};
// What the machine says of itself; `command` as typed. Unknown parts are empty.
Provenance provenance_here(std::string command);
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
