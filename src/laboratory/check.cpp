#include "laboratory/check.hpp"

#include <algorithm>

#include "laboratory/animal.hpp"
#include "laboratory/experiment_parts.hpp"

namespace stellate::laboratory {

namespace {

// One animal for a day in the smallest section there is, under no treatment.
Experiment plainest_of(const std::filesystem::path& directory, const std::vector<std::filesystem::path>& primaries) {
    Experiment e;
    e.name = e.model = directory.filename().string();
    e.model_directory = directory;
    e.section = Experiment::Size{SectionShape::nx * double(voxel_um), SectionShape::ny * double(voxel_um), voxel_um};
    e.mice = 1;
    e.days = e.planned_days = 1;
    e.inoculum.cells = 1;
    e.inoculum.injected = 1;
    for (const std::filesystem::path& file : primaries) {
        Primary primary;
        primary.name = file.stem().string();
        primary.overlay = file.has_parent_path() ? file.string() : "./" + file.string();
        e.primaries.push_back(std::move(primary));
    }
    if (e.primaries.empty()) e.primaries.emplace_back();
    Arm arm;
    arm.name = "control";
    e.arms.push_back(std::move(arm));
    return e;
}

}  // namespace

std::vector<std::filesystem::path> primaries_of(const std::filesystem::path& directory) {
    std::vector<std::filesystem::path> files;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(directory / "primaries", error))
        if (entry.path().extension() == ".toml" && entry.is_regular_file(error)) files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    return files;
}

ModelSummary check_model(const std::filesystem::path& directory, const std::vector<std::filesystem::path>& primaries) {
    const Experiment e = plainest_of(directory, primaries);
    Problems problems;
    check_against_model(e, problems);
    problems.throw_if_any();
    ModelSummary summary;
    for (const std::filesystem::path& file : primaries) summary.primaries.push_back(file.stem().string());
    const Animal animal = make_animal(ModelFiles(e), e, e.primaries.back(), e.arms.front(), 1);
    summary.name = animal.model->name;
    summary.records = animal.records.size();
    summary.rules = animal.model->rules.rule_count();
    return summary;
}

}  // namespace stellate::laboratory
