// Reading an experiment: the order of the steps, and where models are looked for.
#include "laboratory/experiment.hpp"

#include <algorithm>
#include <cmath>

#include "core/atomic_file.hpp"
#include "laboratory/experiment_parts.hpp"

namespace stellate::laboratory {

namespace {

// Adds the arms that the attribution table compares, where the file has not spelt them out.
void add_attribution_arms(Experiment& e) {
    if (!e.analysis.attribution || e.analysis.control.empty()) return;
    const Attribution attribution = *e.analysis.attribution;
    for (const std::string& loop : attribution.loops)
        for (const std::string& name : {e.analysis.control, attribution.arm}) {
            const Arm* base = e.find_arm(name);
            if (!base || e.find_arm(without(name, loop))) continue;
            Arm arm = *base;
            arm.name = without(name, loop);
            arm.title = base->title + ", without " + loop;
            arm.switched_off.push_back(loop);
            e.arms.push_back(std::move(arm));
        }
}

// The options that made this experiment out of its file, for a shell.
std::string options_text(const Overrides& o) {
    std::string text;
    if (o.mice) text += " --mice " + std::to_string(*o.mice);
    if (o.days) text += " --days " + shortest(*o.days);
    if (o.seed) text += " --seed " + std::to_string(*o.seed);
    for (const auto& [path, value] : o.set) text += " --set " + shell_word(path + "=" + value);
    return text;
}

// A path in an experiment file: from that file's directory.
std::filesystem::path from(const std::filesystem::path& directory, const std::filesystem::path& path) {
    std::error_code error;
    return std::filesystem::absolute(directory / path, error).lexically_normal();
}

// Where the file says that the model was, if a model of that name is there still; else where models are looked for.
std::filesystem::path model_directory_of(const Experiment& e, const std::filesystem::path& directory,
                                         const std::vector<std::filesystem::path>& model_roots) {
    std::error_code error;
    if (!e.model_directory.empty()) {
        const std::filesystem::path given = from(directory, e.model_directory);
        if (given.filename() == e.model && std::filesystem::exists(given, error)) return given;
    }
    return find_model(e.model, directory, model_roots);
}

bool has_model(const std::filesystem::path& directory) {
    std::error_code error;
    return std::filesystem::is_regular_file(directory / "model.toml", error);
}

// Where a model may lie, in the order of precedence.
std::vector<std::filesystem::path> model_folders(const std::filesystem::path& directory,
                                                 const std::vector<std::filesystem::path>& roots) {
    std::vector<std::filesystem::path> folders;
    std::error_code error;
    const std::filesystem::path absolute = std::filesystem::absolute(directory.empty() ? "." : directory, error);
    if (!error)
        for (std::filesystem::path above = absolute.lexically_normal();; above = above.parent_path()) {
            folders.push_back(above / "models");
            if (above == above.parent_path()) break;
        }
    folders.emplace_back("models");
    folders.insert(folders.end(), roots.begin(), roots.end());
    return folders;
}

std::vector<std::string> models_in(const std::vector<std::filesystem::path>& folders) {
    std::vector<std::string> names;
    std::error_code error;
    for (const std::filesystem::path& folder : folders)
        for (const auto& entry : std::filesystem::directory_iterator(folder, error))
            if (has_model(entry.path())) names.push_back(entry.path().filename().string());
    return names;
}

// `problems`: of reading the tree.
Experiment judged(TomlTable tree, Problems problems, const std::string& name, const std::filesystem::path& directory,
                  const Overrides& overrides, const std::vector<std::filesystem::path>& model_roots) {
    std::vector<Change> record_changes;
    apply(overrides, tree, problems, record_changes);
    Experiment e = experiment_in(tree, problems);
    e.file = name;
    e.options = options_text(overrides);
    e.changes.insert(e.changes.end(), record_changes.begin(), record_changes.end());
    for (Primary& primary : e.primaries)  // a path is one from the experiment file, wherever it is written out again
        if (primary.overlay && primary.overlay->find('/') != std::string::npos)
            primary.overlay = from(directory, *primary.overlay).string();
    if (e.branch) e.branch->checkpoint = from(directory, e.branch->checkpoint);
    add_attribution_arms(e);
    keep_selected(overrides, e, problems);
    const bool read_well = problems.empty();
    if (!e.model.empty()) {
        e.model_directory = model_directory_of(e, directory, model_roots);
        if (e.model_directory.empty()) {
            const TomlValue* model = tree.find("model");
            problems.add(model->place, "model",
                         "there is no models/" + e.model +
                             did_you_mean(e.model, models_in(model_folders(directory, model_roots))) +
                             " beside or above the experiment file, in the working directory or with the program");
        } else if (!has_model(e.model_directory)) {
            problems.add(tree.find("model")->place, "model",
                         e.model_directory.string() + " is no model: model.toml is missing there or cannot be read");
        } else {
            Problems found;
            check_against_model(e, found);
            // A file that could not be read is judged by the model only where the model's word is about the file
            // itself.
            try {
                found.throw_if_any();
            } catch (const InputError& error) {
                for (const Problem& p : error.problems())
                    if (read_well || p.place.file == name || p.place.file == "--set")
                        problems.add(p.place, p.key, p.message);
            }
        }
    }
    problems.throw_if_any();
    return e;
}

}  // namespace

std::string_view name_of(Geometry geometry) { return geometry == Geometry::section ? "section" : "block"; }

bool same_changes(const std::vector<Change>& a, const std::vector<Change>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](const Change& x, const Change& y) { return x.path == y.path && x.text == y.text; });
}

std::string shell_word(const std::string& text) {
    const bool plain = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("._-=/+,^").find(c) != std::string_view::npos;
    });
    if (plain) return text;
    std::string out = "'";
    for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return out + "'";
}

std::string without(const std::string& arm, const std::string& loop) { return arm + "_without_" + loop; }

std::vector<std::string> Arm::needs() const {
    std::vector<std::string> names;
    for (const Treatment& t : treatments)
        if (t.kind != Treatment::Kind::suicide_gene && !contains(names, t.of)) names.push_back(t.of);
    return names;
}

double Experiment::volume_mm3() const {
    const Size& s = size();
    return s.width_um * s.height_um * s.depth_um * 1e-9;
}

Extent Experiment::extent() const {
    const auto bricks = [](double um, int voxels) { return static_cast<int>(std::lround(um / (voxels * voxel_um))); };
    const Size& s = size();
    if (geometry == Geometry::section)
        return {bricks(s.width_um, SectionShape::nx), bricks(s.height_um, SectionShape::ny), 1};
    return {bricks(s.width_um, BlockShape::nx), bricks(s.height_um, BlockShape::ny),
            bricks(s.depth_um, BlockShape::nz)};
}

std::vector<double> Experiment::endpoint_days_of(const Primary& primary) const {
    const double last = days_of(primary);
    std::vector<double> result;
    for (const double day : endpoint_days)
        if (day < last) result.push_back(day);
    result.push_back(last);
    return result;
}

std::vector<int> Experiment::mouse_numbers() const {
    if (!only_mice.empty()) return only_mice;
    std::vector<int> numbers;
    for (int mouse = 1; mouse <= mice; ++mouse) numbers.push_back(mouse);
    return numbers;
}

const Arm* Experiment::find_arm(std::string_view arm) const {
    const auto at = std::find_if(arms.begin(), arms.end(), [&](const Arm& a) { return a.name == arm; });
    return at == arms.end() ? nullptr : &*at;
}

std::filesystem::path find_model(const std::string& name, const std::filesystem::path& directory,
                                 const std::vector<std::filesystem::path>& roots) {
    std::error_code error;
    for (const std::filesystem::path& folder : model_folders(directory, roots))
        // Whatever goes by that name is meant, though it may turn out to be broken or out of reach.
        if (std::filesystem::status(folder / name, error).type() != std::filesystem::file_type::not_found)
            return folder / name;
    return {};
}

Experiment parse_experiment(std::string_view text, const std::string& name, const std::filesystem::path& directory,
                            const Overrides& overrides, const std::vector<std::filesystem::path>& model_roots) {
    Problems problems;
    TomlTable tree = parse_toml(text, name, problems);
    return judged(std::move(tree), std::move(problems), name, directory, overrides, model_roots);
}

Experiment read_experiment(const std::filesystem::path& file, const Overrides& overrides,
                           const std::vector<std::filesystem::path>& model_roots) {
    Problems problems;
    TomlTable tree = read_toml(file, problems);
    return judged(std::move(tree), std::move(problems), file.string(), file.parent_path(), overrides, model_roots);
}

}  // namespace stellate::laboratory
