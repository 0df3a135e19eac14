// stellate check: judges input files, and results against what was written; runs nothing. Sound ones get a line on
// stdout, mistakes and damage go to stderr.
#include <fmt/format.h>

#include "commands.hpp"
#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "laboratory/check.hpp"
#include "laboratory/json.hpp"
#include "laboratory/results_check.hpp"
#include "rules/hill_rules.hpp"
#include "storage/columns.hpp"

namespace stellate::app {

namespace {

namespace fs = std::filesystem;

enum class Input { experiment, model, model_file, primary, rules, results };

bool is_model(const fs::path& directory) {
    std::error_code error;
    return fs::is_regular_file(directory / "model.toml", error);
}

fs::path folder_of(const fs::path& file) { return file.has_parent_path() ? file.parent_path() : fs::path("."); }

fs::path model_of_primary(const fs::path& file) {
    const fs::path folder = folder_of(file);
    return folder.has_parent_path() ? folder.parent_path() : folder / "..";
}

// What a path stands for, by what it is and what lies around it. The one place that decides.
Input input_at(const fs::path& path) {
    std::error_code error;
    if (fs::is_directory(path, error)) {
        if (is_model(path)) return Input::model;
        if (laboratory::is_results_or_work(path)) return Input::results;
        throw InputError({path.string()}, "",
                         "is a folder without model.toml or MANIFEST; expected a file, a model's folder or results");
    }
    if (path.extension() == ".csv")
        return path.filename() == "rules.csv" && is_model(folder_of(path)) ? Input::model_file : Input::rules;
    if (path.extension() != ".toml" && fs::exists(path, error))
        throw InputError({path.string()}, "",
                         "is neither TOML nor CSV by its name; expected an experiment (.toml), a model's folder or a "
                         "file in it, a primary's file in its primaries/, or rules (.csv)");
    if (is_model(folder_of(path))) return Input::model_file;
    const fs::path folder = fs::absolute(folder_of(path), error).lexically_normal();
    if (folder.filename() == "primaries" && is_model(model_of_primary(path))) return Input::primary;
    return Input::experiment;
}

std::string model_text(const laboratory::ModelSummary& model) {
    return fmt::format("model {} with {}: {}, {}", model.name,
                       model.primaries.empty() ? "no primary" : listed(model.primaries),
                       counted(model.records, "record", "records"), counted(model.rules, "rule", "rules"));
}

std::string experiment_text(const laboratory::Experiment& e) {
    return fmt::format("experiment {}: {} x {} x {}", e.name, counted(e.primaries.size(), "primary", "primaries"),
                       counted(e.arms.size(), "arm", "arms"), counted(e.mouse_numbers().size(), "mouse", "mice"));
}

std::string rules_text(const fs::path& file) {
    Problems problems;
    const std::size_t rules = rules::parse_rules(read_file(file), file.string(), problems).size();
    problems.throw_if_any();
    return counted(rules, "rule", "rules") + "; names and numbers are judged in a model's folder only";
}

// What the sound results are; throws storage::Damaged with every damage, a line each.
std::string results_text(const fs::path& directory, std::vector<std::string>& notes) {
    laboratory::ResultsFindings found = laboratory::check_results(directory, model_roots());
    notes = std::move(found.notes);
    std::string damage;
    for (const std::string& line : found.damage) damage += (damage.empty() ? "" : "\n") + line;
    if (!damage.empty()) throw storage::Damaged(damage);
    return fmt::format("{}: {} as written, {} decoded", found.finished ? "results" : "an unfinished run",
                       counted(found.files, "file", "files"), counted(found.states, "state", "states"));
}

// What the sound file is; throws InputError with every mistake, storage::Damaged.
std::string judge(const fs::path& file, const laboratory::Overrides& overrides, std::vector<std::string>& notes) {
    const Input input = input_at(file);
    if (input != Input::experiment && !overrides.set.empty())
        throw InputError({"--set", 0, 0}, "", "changes experiments, and " + file.string() + " is none");
    switch (input) {
        case Input::model:
            return model_text(laboratory::check_model(file, laboratory::primaries_of(file)));
        case Input::model_file: {
            const fs::path model = folder_of(file);
            read_file(file);  // it may be no file at all
            return "part of " + model_text(laboratory::check_model(model, laboratory::primaries_of(model)));
        }
        case Input::primary:
            return "part of " + model_text(laboratory::check_model(model_of_primary(file), {file}));
        case Input::rules:
            return rules_text(file);
        case Input::results:
            return results_text(file, notes);
        case Input::experiment:
            return experiment_text(laboratory::read_experiment(file, overrides, model_roots()));
    }
    return {};
}

void add_problems(JsonWriter& json, const InputError& error) {
    json.key("problems").begin_array();
    for (const Problem& p : error.problems())
        json.begin_object()
            .member("file", p.place.file)
            .member("line", p.place.line)
            .member("column", p.place.column)
            .member("key", p.key)
            .member("message", p.message)
            .end_object();
    json.end_array();
}

}  // namespace

int check(const CheckOptions& options) {
    int status = done;
    JsonWriter json;
    json.begin_object().key("files").begin_array();
    for (const std::string& file : options.files) {
        json.begin_object().member("file", file);
        try {
            std::vector<std::string> notes;
            const std::string what = judge(file, options.overrides, notes);
            json.member("sound", true).member("what", what);
            if (!options.json) print(file + ": sound, " + what + "\n");
            if (!options.json)
                for (const std::string& note : notes) tell(note);
        } catch (const storage::Damaged& damaged) {
            if (status == done) status = failed;
            json.member("sound", false).member("damage", std::string(damaged.what()));
            if (!options.json) tell(damaged.what());
        } catch (const InputError& error) {
            status = wrong_input;
            json.member("sound", false);
            add_problems(json, error);
            if (!options.json) tell(error.what());
        }
        json.end_object();
    }
    if (options.json) print(json.end_array().end_object().text());
    return status;
}

}  // namespace stellate::app
