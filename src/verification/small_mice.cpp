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

const SmallMouse& MouseHouse::besieged() {
    const ModelTexts& all = texts();
    return besieged_.get([&] { return make_besieged(all); });
}

laboratory::Experiment MouseHouse::experiment(std::string_view text) const {
    return laboratory::parse_experiment(text, "metamorphic.toml", start(), {}, roots());
}

SmallMouse make_mouse(const ModelTexts& texts, const Changes& changes, const std::vector<std::string>& switched_off) {
    Records records = Records::parse(texts.files, {texts.primary});
    for (const auto& [path, value] : changes) records.set(path, value);
    SmallMouse mouse;
    mouse.anatomy = liver::read_anatomy(records);
    mouse.model =
        std::make_shared<const Model>(read_model(records, texts.rules.second, texts.rules.first, switched_off));
    records.require_all_used();
    return mouse;
}

SmallMouse make_besieged(const ModelTexts& texts, const Changes& changes) {
    Changes all = {{"cell_types.tumour_arrested.behaviours.secretion.CXCL10", "1600 nM um^3/min"},
                   {"cell_types.tumour.behaviours.secretion.CXCL10", "1600 nM um^3/min"},
                   {"responses.tumour_arrested.niche_founding", "0.6 1/day"},
                   {"cell_types.tumour_arrested.behaviours.transform.tumour", "0.06 1/day"},
                   {"responses.blood.nk_max", "0.02 1/day"},
                   {"responses.blood.mdsc_max", "0.2 1/day"},
                   {"responses.blood.cd8_max", "0.1 1/day"},
                   {"responses.blood.half_CXCL10", "0.05 nM"},
                   {"responses.blood.half_CXCL12", "0.3 nM"},
                   {"cell_types.hsc_activated.behaviours.secretion.CXCL12", "1500 nM um^3/min"},
                   {"responses.hsc_quiescent.activation_max", "1.5 1/day"},
                   {"cell_types.cd8.behaviours.attack", "16 1/day"}};
    all.insert(all.end(), changes.begin(), changes.end());
    SmallMouse mouse = make_mouse(texts, all);
    // What no record's range allows.
    Model model = *mouse.model;
    for (CellType& type : model.types) type.arrives_after_h = std::min(type.arrives_after_h, 3.0);
    CellType& cd8 = model.types[std::size_t(model.type_index("cd8"))];
    cd8.attackable[std::size_t(model.roles.tumour_arrested)] = 1;
    cd8.looks_for |= 1u << model.roles.tumour_arrested;
    mouse.model = std::make_shared<const Model>(std::move(model));
    return mouse;
}

treatment::Plan shipped_plan(const MouseHouse& house) {
    const laboratory::Experiment e = house.experiment(
        small_experiment("mice = 1\nseed = 1\nacclimatisation = \"0 h\"\ndays = 1\n",
                         "[inoculum]\ninjected = 1e5\n[[primaries]]\nname = \"colon\"\n[[arms]]\nname = "
                         "\"depleted\"\n[[arms.treatments]]\nkind = "
                         "\"suicide_gene\"\nrecord = \"treatments.ganciclovir_tk\"\nstart = \"0 h\"\n"));
    const laboratory::ModelFiles files(e);
    treatment::Plan plan = laboratory::make_animal(files, e, e.primaries.front(), e.arms.front(), 1).plan;
    plan.suicide_genes.front().carrier_share = 1;
    return plan;
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

Check killers_at_work(const std::string& id, const Model& model, const Tally& tally) {
    const auto of = [&](const std::vector<std::uint64_t>& counts, const char* type) {
        return counts[std::size_t(model.type_index(type))];
    };
    const std::uint64_t cd8 = of(tally.recruited, "cd8"), mdsc = of(tally.recruited, "mdsc"),
                        by_cd8 = of(tally.kills, "cd8"), by_nk = of(tally.kills, "nk");
    return within(
        id,
        fmt::format("{} CD8 cells and {} suppressors came; {} kills by CD8, {} by NK cells", cd8, mdsc, by_cd8, by_nk),
        1, cd8 && mdsc && by_cd8 && by_nk, 0, Check::Tier::discrete_exact, "coverage");
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
