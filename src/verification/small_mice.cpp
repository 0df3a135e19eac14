#include "verification/small_mice.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "model/records.hpp"

namespace stellate::verification {

namespace {
const char* const model_name = "liver-mouse";
}

std::filesystem::path MouseHouse::start() const {
    std::error_code error;
    const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", error);
    return error ? std::filesystem::path(".") : program.parent_path();
}

std::vector<std::filesystem::path> MouseHouse::roots() const {
    std::vector<std::filesystem::path> roots = {(start() / "../share/stellate/models").lexically_normal()};
    roots.insert(roots.end(), options_.model_roots.begin(), options_.model_roots.end());
    return roots;
}

const ModelTexts& MouseHouse::texts() {
    return texts_.get([this] {
        const std::filesystem::path directory = laboratory::find_model(model_name, start(), roots());
        if (directory.empty())
            throw InputError(
                {}, "", fmt::format("there is no models/{} with the program or in the working directory", model_name));
        ModelTexts texts;
        for (const auto& entry : std::filesystem::directory_iterator(directory)) {
            const std::filesystem::path& file = entry.path();
            // Treatments and histology belong to the laboratory, which reads them for its own runs.
            if (file.extension() == ".toml" && file.stem() != "treatments" && file.stem() != "histology")
                texts.files.emplace_back(file.string(), read_file(file));
        }
        std::sort(texts.files.begin(), texts.files.end());
        const std::filesystem::path primary = directory / "primaries" / "colon.toml", rules = directory / "rules.csv";
        texts.primary = {primary.string(), read_file(primary)};
        texts.rules = {rules.string(), read_file(rules)};
        return texts;
    });
}

const SmallMouse& MouseHouse::mouse() {
    const ModelTexts& all = texts();
    return mouse_.get([&] { return make_mouse(all); });
}

laboratory::Experiment MouseHouse::experiment(std::string_view text) const {
    return laboratory::parse_experiment(text, "metamorphic.toml", start(), {}, roots());
}

SmallMouse make_mouse(const ModelTexts& texts, const std::vector<std::pair<std::string, std::string>>& changes) {
    Records records = Records::parse(texts.files, {texts.primary});
    for (const auto& [path, value] : changes) records.set(path, value);
    SmallMouse mouse;
    mouse.anatomy = liver::read_anatomy(records);
    mouse.model = std::make_shared<const Model>(read_model(records, texts.rules.second, texts.rules.first, {}));
    records.require_all_used();
    return mouse;
}

std::vector<std::string> lines_of(std::string_view text) {
    std::vector<std::string> lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size() - 1);
        lines.emplace_back(text.substr(0, end + 1));
        text.remove_prefix(end + 1);
    }
    return lines;
}

std::vector<std::string> blocks_of(std::string_view text) {
    std::vector<std::string> blocks{""};
    for (const std::string& line : lines_of(text)) {
        if (line.starts_with("[")) blocks.emplace_back();
        blocks.back() += line;
    }
    return blocks;
}

template <class Shape>
Disturbance disturbance(const World<Shape>& world) {
    const Model& model = *world.model;
    Disturbance d;
    d.level.assign(model.substrates.size(), 0.0);
    for (const Brick<Shape>* brick : world.lattice.in_memory()) {
        for (std::size_t row = 0; row < brick->cells.size(); ++row) {
            if (brick->cells.phase[row] == Phase::dying) continue;
            const int type = brick->cells.type[row];
            const Marks& marks = model.types[std::size_t(type)].marks;
            if (type == model.roles.tumour_arrested)
                ++d.arrested;
            else if (marks.tumour)
                ++d.tumour;
            else if (marks.alpha_sma)
                ++d.activated;
        }
        for (std::size_t v = 0; v < brick->matrix.collagen.size(); ++v)
            d.collagen += double(brick->matrix.collagen[v]) - brick->healthy.collagen[v];
        for (std::size_t s = 0; s < model.substrates.size(); ++s)
            for (const float u : brick->field(int(s))) d.level[s] += u;
    }
    for (const std::uint64_t r : world.tally.recruited) d.recruited += double(r);
    for (const std::uint64_t k : world.tally.kills) d.kills += double(k);
    d.lost_hepatocytes = double(world.tally.deaths[std::size_t(model.roles.hepatocyte)]);
    return d;
}
template Disturbance disturbance(const World<SectionShape>&);
template Disturbance disturbance(const World<BlockShape>&);

std::string small_experiment(const std::string& head, const std::string& rest) {
    return "format = 1\nname = \"small\"\ntitle = \"small\"\nmodel = \"liver-mouse\"\ngeometry = \"section\"\n" + head +
           "[section]\nwidth = \"0.32 mm\"\nheight = \"0.32 mm\"\n" + rest +
           "[analysis]\ncontrol = \"\"\nprimary_endpoints = [\"foci_count\"]\n";
}

Ends run_text(const MouseHouse& house, const std::string& text) {
    const laboratory::CohortResults results = laboratory::run_cohort(house.experiment(text), {});
    Ends ends;
    for (const laboratory::MouseRun& run : results.runs) {
        const laboratory::Experiment& e = results.experiment;
        const std::string who = fmt::format("{}/{}/{}", e.primaries[std::size_t(run.primary)].name,
                                            e.arms[std::size_t(run.arm)].name, run.mouse);
        ends[who] = run.days.back().digest;
    }
    return ends;
}

int differing(const Ends& a, const Ends& b) {
    int count = 0;
    for (const auto& [who, digest] : a) {
        const auto other = b.find(who);
        count += other == b.end() || other->second != digest;
    }
    return count;
}

Check same_bits(const std::string& id, const std::string& what, int differing, int compared) {
    Check check;
    check.id = id;
    check.what = fmt::format("{}: different, of {}", what, compared);
    check.got = differing;
    check.source = "another run of this program";
    check.relative = false;
    return check;
}

Check within(const std::string& id, const std::string& what, double expected, double got, double bound,
             Check::Tier tier, const std::string& source) {
    Check check;
    check.id = id;
    check.what = what;
    check.expected = expected;
    check.got = got;
    check.tolerance = bound;
    check.tier = tier;
    check.source = source;
    check.relative = false;
    return check;
}

}  // namespace stellate::verification
