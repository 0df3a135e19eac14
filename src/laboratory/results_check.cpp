#include "laboratory/results_check.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "laboratory/checkpoints.hpp"
#include "laboratory/results.hpp"

namespace stellate::laboratory {

namespace {

namespace fs = std::filesystem;
using storage::Damaged;

template <class Shape>
void decode(const storage::Snapshot& snapshot, const Experiment& e, const Animal& animal) {
    life_in<Shape>(snapshot, e, animal, 1);
}

// Decodes a state under the model of now. Returns why it could not be tried, empty if it was. Throws Damaged.
std::string decode_state(const storage::Snapshot& snapshot, const std::vector<fs::path>& model_roots) {
    const CheckpointFacts facts = facts_in(snapshot.manifest);
    try {
        const Experiment e = parse_experiment(stored_experiment(snapshot), snapshot.where + "/experiment.toml",
                                              snapshot.where, {}, model_roots);
        const auto primary = std::find_if(e.primaries.begin(), e.primaries.end(),
                                          [&](const Primary& p) { return p.name == facts.primary; });
        const Arm* arm = e.find_arm(facts.arms.front());
        if (primary == e.primaries.end() || !arm)
            throw Damaged(snapshot.where + ": does not fit the experiment it holds");
        const Animal animal = make_animal(ModelFiles(e), e, *primary, *arm, facts.mouse);
        if (e.geometry == Geometry::section)
            decode<SectionShape>(snapshot, e, animal);
        else
            decode<BlockShape>(snapshot, e, animal);
        return "";
    } catch (const InputError& error) {  // the model's files are others now
        return error.what();
    }
}

class Checker {
public:
    Checker(const fs::path& directory, const std::vector<fs::path>& model_roots)
        : directory_(directory), model_roots_(model_roots) {}

    ResultsFindings results() {
        found_.finished = true;
        std::optional<storage::Manifest> manifest;
        if (!trying([&] { manifest = storage::read_manifest(directory_, results_format); })) return std::move(found_);
        for (const storage::Manifest::File& file : manifest->files)
            if (trying([&] { storage::checked_file(directory_, file); })) ++found_.files;
        trying([&] {
            for (const std::string& name : storage::strangers(directory_, *manifest))
                found_.notes.push_back((directory_ / name).string() + ": is not part of these results");
        });
        for (const char* needed : {"experiment.toml", "digests.csv", "endpoints.csv", "provenance.json"})
            if (std::none_of(manifest->files.begin(), manifest->files.end(),
                             [&](const storage::Manifest::File& f) { return f.name == needed; }))
                found_.damage.push_back((directory_ / needed).string() + ": is missing from the manifest");
        if (!found_.damage.empty()) return std::move(found_);
        trying([&] { compare_digests(*manifest); });
        snapshots("checkpoint-");
        return std::move(found_);
    }

    ResultsFindings work() {
        snapshots("checkpoint-");
        snapshots("finished");
        return std::move(found_);
    }

private:
    template <class Body>
    bool trying(Body&& body) {
        try {
            body();
            return true;
        } catch (const Damaged& damaged) {
            found_.damage.emplace_back(damaged.what());
        } catch (const InputError& error) {
            found_.damage.emplace_back(error.what());
        }
        return false;
    }

    // digests.csv, the manifest and the provenance speak of the same states, and the provenance says what it must.
    void compare_digests(const storage::Manifest& manifest) {
        const std::string states = digest_of(read_digests(directory_));
        if (states != manifest.fact("digest"))
            found_.damage.push_back((directory_ / "digests.csv").string() + ": its states have the digest " + states +
                                    ", the manifest says " + manifest.fact("digest"));
        const fs::path file = directory_ / "provenance.json";
        const auto json = nlohmann::json::parse(read_file(file), nullptr, false);
        if (json.is_discarded()) throw Damaged(file.string() + ": is no JSON");
        for (const char* path : {"/program", "/version", "/command", "/started", "/sessions/0", "/build/compiler",
                                 "/build/flags", "/build/type", "/machine/architecture", "/machine/system",
                                 "/experiment/name", "/model/name", "/model/digest", "/digest"}) {
            const nlohmann::json::json_pointer at(path);
            if (!json.contains(at) || !json.at(at).is_string() || json.at(at).get<std::string>().empty())
                found_.damage.push_back(file.string() + ": does not say " + path);
        }
        for (const char* path : {"/experiment/seed", "/experiment/mice", "/threads", "/wall_s"})
            if (const nlohmann::json::json_pointer at(path); !json.contains(at) || !json.at(at).is_number())
                found_.damage.push_back(file.string() + ": does not say " + path);
        if (const nlohmann::json::json_pointer at("/digest"); json.contains(at) && json.at(at) != states)
            found_.damage.push_back(file.string() + ": speaks of states with another digest than digests.csv");
    }

    // Every snapshot of that name, whole; checkpoints decoded too.
    void snapshots(const std::string& prefix) {
        const bool checkpoints = prefix.starts_with("checkpoint");
        std::vector<fs::path> paths;
        std::error_code error;
        for (fs::recursive_directory_iterator entry(directory_ / "mice", error), end; !error && entry != end;
             entry.increment(error))
            if (entry->is_directory(error) && entry->path().filename().string().starts_with(prefix))
                paths.push_back(entry->path());
        std::sort(paths.begin(), paths.end());
        for (const fs::path& path : paths)
            trying([&] {
                const storage::Snapshot snapshot =
                    storage::read_snapshot(path, checkpoints ? checkpoint_format : finished_format);
                if (!found_.finished) found_.files += snapshot.manifest.files.size();
                if (!checkpoints) return;
                if (const std::string why = decode_state(snapshot, model_roots_); why.empty())
                    ++found_.states;
                else
                    found_.notes.push_back(path.string() + ": its state was not decoded: " + why);
            });
    }

    const fs::path& directory_;
    const std::vector<fs::path>& model_roots_;
    ResultsFindings found_;
};

bool has(const fs::path& directory, const char* name) {
    std::error_code error;
    return fs::is_regular_file(directory / name, error);
}

}  // namespace

bool is_results_or_work(const fs::path& directory) {
    return has(directory, storage::manifest_name) || has(directory, "unfinished") || has(directory, "provenance.json");
}

ResultsFindings check_results(const fs::path& directory, const std::vector<fs::path>& model_roots) {
    if (!is_results_or_work(directory))
        throw InputError({directory.string()}, "", "is neither results nor what a run has left unfinished");
    Checker checker(directory, model_roots);
    return has(directory, "unfinished") && !has(directory, storage::manifest_name) ? checker.work() : checker.results();
}

}  // namespace stellate::laboratory
