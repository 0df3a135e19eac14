// The experiment as text again, resolved: what was left out is written out, what the command line changed stands in
// place.
#include <fmt/format.h>

#include <filesystem>

#include "laboratory/experiment.hpp"

namespace stellate::laboratory {

namespace {

std::string in_quotes(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\')
            out += '\\', out += c;
        else if (c == '\n')
            out += "\\n";
        else if (c == '\t')
            out += "\\t";
        else if (byte < 0x20 || byte == 0x7f)
            out += fmt::format("\\u{:04x}", byte);
        else
            out += c;
    }
    return out + '"';
}

template <class List, class Item>
std::string array(const List& list, Item&& item) {
    std::string out = "[";
    for (const auto& entry : list) out += (out.size() > 1 ? ", " : "") + item(entry);
    return out + "]";
}

std::string texts(const std::vector<std::string>& list) { return array(list, in_quotes); }
std::string um(double value) { return in_quotes(shortest(value) + " um"); }
std::string minutes(double value) { return in_quotes(shortest(value) + " min"); }

void add_changes(std::string& out, const std::vector<Change>& changes) {
    if (changes.empty()) return;
    std::string list;
    for (const Change& change : changes) {
        // The last word on a path is the one that counts.
        bool later = false;
        for (const Change& other : changes)
            if (&other > &change && other.path == change.path) later = true;
        if (!later) list += (list.empty() ? "" : ", ") + in_quotes(change.path) + " = " + in_quotes(change.text);
    }
    out += "set = { " + list + " }\n";
}

void add_size(std::string& out, const char* name, const std::optional<Experiment::Size>& size, bool deep,
              int sections) {
    if (!size) return;
    out += fmt::format("\n[{}]\nwidth = {}\nheight = {}\n", name, um(size->width_um), um(size->height_um));
    if (deep) out += fmt::format("depth = {}\nsections = {}\n", um(size->depth_um), sections);
}

void add_treatment(std::string& out, const Treatment& t) {
    out += "\n[[arms.treatments]]\n";
    if (t.kind == Treatment::Kind::suicide_gene) {
        out += fmt::format("kind = \"suicide_gene\"\nrecord = {}\nstart = {}\n", in_quotes(t.record),
                           minutes(t.start_min));
        if (t.stop_min) out += fmt::format("stop = {}\n", minutes(*t.stop_min));
        out += fmt::format("carriers = {}\n", t.carriers);
        for (const Change& change : t.changes)
            out += fmt::format("{} = {}\n", in_quotes(change.path.substr(t.record.size() + 1)), in_quotes(change.text));
        return;
    }
    const bool sham = t.kind == Treatment::Kind::sham;
    out += fmt::format("kind = \"{}\"\nof = {}\n", sham ? "sham" : "replay", in_quotes(t.of));
    if (sham) out += fmt::format("kills = {}\n", in_quotes(t.kills));
}

const char* sign_name(int sign) { return sign < 0 ? "lower" : sign > 0 ? "higher" : "unchanged"; }

}  // namespace

std::string to_toml(const Experiment& e) {
    std::string out =
        "# An experiment of Stellate with everything resolved; `stellate run` on this file repeats it bit for bit.\n";
    out += fmt::format("format = 1\nname = {}\ntitle = {}\n", in_quotes(e.name), in_quotes(e.title));
    if (!e.description.empty()) out += fmt::format("description = {}\n", texts(e.description));
    std::error_code error;
    const std::string directory = std::filesystem::absolute(e.model_directory, error).lexically_normal().string();
    out += fmt::format("model = {}\n", in_quotes(e.model));
    if (!e.model_directory.empty()) out += fmt::format("model_directory = {}\n", in_quotes(directory));
    out += fmt::format("geometry = \"{}\"\nmice = {}\n", name_of(e.geometry), e.mice);
    if (!e.only_mice.empty())
        out += fmt::format("only_mice = {}\n", array(e.only_mice, [](int m) { return std::to_string(m); }));
    out += fmt::format("seed = {}\ndays = {}\nacclimatisation = {}\n", e.seed, shortest(e.days),
                       minutes(e.acclimatisation_min));
    if (e.planned_days > e.days) out += fmt::format("planned_days = {}\n", shortest(e.planned_days));
    out += fmt::format("endpoint_days = {}\nsleep = {}\n", array(e.endpoint_days, shortest), e.sleep);
    add_changes(out, e.changes);
    add_size(out, "section", e.section, false, 0);
    add_size(out, "block", e.block, true, e.block_sections);
    out += fmt::format("\n[inoculum]\ninjected = {}\n", shortest(e.inoculum.injected));
    if (e.inoculum.cells) out += fmt::format("cells = {}\n", *e.inoculum.cells);
    if (e.inoculum.per_mm3)
        out += fmt::format("density = {}\n", in_quotes(shortest(*e.inoculum.per_mm3) + " cells/mm^3"));
    for (const Primary& p : e.primaries) {
        out += fmt::format("\n[[primaries]]\nname = {}\ntitle = {}\n", in_quotes(p.name), in_quotes(p.title));
        if (p.overlay) out += fmt::format("overlay = {}\n", in_quotes(*p.overlay));
        if (p.days) out += fmt::format("days = {}\n", shortest(e.days_of(p)));
        if (p.model_digest) out += fmt::format("model_digest = {}\n", in_quotes(*p.model_digest));
        add_changes(out, p.changes);
    }
    for (const Arm& arm : e.arms) {
        out += fmt::format("\n[[arms]]\nname = {}\ntitle = {}\n", in_quotes(arm.name), in_quotes(arm.title));
        if (!arm.switched_off.empty()) out += fmt::format("switch_off = {}\n", texts(arm.switched_off));
        add_changes(out, arm.changes);
        for (const Treatment& t : arm.treatments) add_treatment(out, t);
    }
    for (const Variation& v : e.variation)
        out += fmt::format("\n[[variation]]\nrecord = {}\ncv = {}\n", in_quotes(v.record),
                           in_quotes(shortest(v.cv) + " 1"));
    if (e.ensemble) {
        out +=
            fmt::format("\n[ensemble]\nkinds = {}\n",
                        array(e.ensemble->kinds, [](RecordKind kind) { return in_quotes(stellate::name_of(kind)); }));
        if (!e.ensemble->except.empty()) out += fmt::format("except = {}\n", texts(e.ensemble->except));
    }
    if (e.branch) {
        out += fmt::format("\n[branch]\ncheckpoint = {}\nday = {}\n", in_quotes(e.branch->checkpoint.string()),
                           shortest(e.branch->day));
        if (e.branch->state) out += fmt::format("state = {}\n", in_quotes(*e.branch->state));
    }
    const auto& a = e.analysis;
    out += fmt::format("\n[analysis]\ncontrol = {}\nprimary_endpoints = {}\nresamples = {}\n", in_quotes(a.control),
                       texts(a.primary_endpoints), a.resamples);
    for (const Published& p : a.published)
        out += fmt::format("\n[[analysis.published]]\narm = {}\nendpoint = {}\n{}sign = \"{}\"\nsource = {}\n",
                           in_quotes(p.arm), in_quotes(p.endpoint),
                           p.primaries.empty() ? "" : fmt::format("primaries = {}\n", texts(p.primaries)),
                           sign_name(p.sign), in_quotes(p.source));
    out += fmt::format("\n[checkpoint]\nevery = {}\nwall = {}\nshare = {}\nkeep = {}\n",
                       minutes(e.checkpoint.every_min), minutes(e.checkpoint.wall_min),
                       in_quotes(shortest(e.checkpoint.share) + " 1"), array(e.checkpoint.keep_days, shortest));
    if (a.attribution)
        out += fmt::format("\n[analysis.attribution]\narm = {}\nloops = {}\n", in_quotes(a.attribution->arm),
                           texts(a.attribution->loops));
    return out;
}

}  // namespace stellate::laboratory
