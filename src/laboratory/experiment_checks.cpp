// An experiment against the model it names.
#include <algorithm>
#include <set>

#include "laboratory/animal.hpp"
#include "laboratory/experiment_parts.hpp"

namespace stellate::laboratory {

namespace {

class Noted {  // problems, each told once however many primaries and arms have it
public:
    explicit Noted(Problems& problems) : problems_(problems) {}
    void add(const Place& place, const std::string& key, const std::string& message) {
        if (told_.insert(to_string(Problem{place, key, message})).second) problems_.add(place, key, message), ++count_;
    }
    void add(const InputError& error) {
        for (const Problem& p : error.problems()) add(p.place, p.key, p.message);
    }
    int count() const { return count_; }

private:
    Problems& problems_;
    std::set<std::string> told_;
    int count_ = 0;
};

void apply_noting(const std::vector<Change>& changes, Records& records, Noted& noted) {
    for (const Change& change : changes) {
        try {
            records.set(change.path, change.text, change.place);
        } catch (const InputError& error) {
            noted.add(error);
        }
    }
}

bool has_under(const Records& records, const std::string& prefix) {
    return std::any_of(records.all().begin(), records.all().end(),
                       [&](const Record& r) { return r.path.starts_with(prefix + "."); });
}

std::vector<std::string> records_and_tables(const Records& records) {
    std::set<std::string> paths;
    for (const Record& r : records.all())
        for (std::size_t end = r.path.find('.');; end = r.path.find('.', end + 1)) {
            paths.insert(r.path.substr(0, end));
            if (end == std::string::npos) break;
        }
    return {paths.begin(), paths.end()};
}

void check_treatments(const Arm& arm, Records records, Noted& noted) {
    const std::vector<std::string> types = records.children("cell_types");
    std::vector<std::string> prefixes;
    for (const std::string& name : records.children("treatments")) prefixes.push_back("treatments." + name);
    for (const Treatment& t : arm.treatments) {
        if (t.kind == Treatment::Kind::sham && !t.kills.empty() && !contains(types, t.kills))
            noted.add(t.kills_place, t.key + ".kills",
                      "there is no cell type '" + t.kills + "'" + did_you_mean(t.kills, types));
        if (t.kind != Treatment::Kind::suicide_gene || t.record.empty()) continue;
        if (!contains(prefixes, t.record)) {
            noted.add(t.place, t.key + ".record",
                      "the model has no treatment '" + t.record + "'" + did_you_mean_path(t.record, prefixes) +
                          (prefixes.empty() ? "" : "; expected one of " + listed(prefixes)));
            continue;
        }
        for (const Change& change : t.changes) {
            if (records.find(change.path)) continue;
            std::vector<std::string> known = {"kind", "record", "start", "stop", "carriers"};
            for (const std::string& entry : records.entries(t.record)) known.push_back(entry);
            const std::string wrong = change.path.substr(t.record.size() + 1);
            noted.add(change.place, t.key + "." + wrong,
                      "unknown key" + did_you_mean(wrong, known) + "; expected one of " + listed(known));
        }
    }
}

// A healthy liver of one brick: its numbers may make none though each of them is one.
void check_liver(const Animal& animal, Geometry geometry, Noted& noted) {
    try {
        if (geometry == Geometry::section)
            World<SectionShape>(animal.model, animal.anatomy, animal.seed, {1, 1, 1}, {}, {}, true);
        else
            World<BlockShape>(animal.model, animal.anatomy, animal.seed, {1, 1, 1}, {}, {}, true);
    } catch (const InputError& error) {
        for (const Problem& p : error.problems()) {
            const auto record = std::find_if(animal.records.begin(), animal.records.end(),
                                             [&](const Record& r) { return r.path == p.key; });
            if (record == animal.records.end())
                noted.add(p.place, p.key, p.message);
            else
                noted.add(record->place, p.key, shortest(record->value) + " " + record->unit + "; " + p.message);
        }
    }
}

}  // namespace

void check_against_model(const Experiment& e, Problems& problems) {
    Noted noted(problems);
    std::optional<ModelFiles> files;
    try {
        files.emplace(e);
    } catch (const InputError& error) {
        noted.add(error);
        return;
    }
    const std::vector<std::string>& loops = loop_names();
    const std::vector<std::string> attributed =
        e.analysis.attribution ? e.analysis.attribution->loops : std::vector<std::string>{};
    for (const std::string& loop : attributed)
        if (!contains(loops, loop))
            noted.add(e.analysis.attribution->place, "analysis.attribution.loops",
                      "the model has no loop '" + loop + "'" + did_you_mean(loop, loops) + "; expected one of " +
                          listed(loops));
    for (const Arm& arm : e.arms)
        for (const std::string& loop : arm.switched_off)
            if (!contains(loops, loop) && !contains(attributed, loop))
                noted.add(arm.switched_off_place, arm.key + ".switch_off",
                          "the model has no loop '" + loop + "'" + did_you_mean(loop, loops) + "; expected one of " +
                              listed(loops));
    for (const Primary& primary : e.primaries) {
        std::optional<Records> records;
        try {
            records = files->records(primary);
        } catch (const InputError& error) {
            noted.add(error);
            continue;
        }
        apply_noting(e.changes, *records, noted);
        apply_noting(primary.changes, *records, noted);
        for (const Variation& v : e.variation)
            if (v.record != inoculum_density && !v.record.empty() && !records->find(v.record)) {
                std::vector<std::string> paths{std::string(inoculum_density)};
                for (const Record& r : records->all()) paths.push_back(r.path);
                noted.add(v.place, v.key,
                          "the model has no record '" + v.record + "'" + did_you_mean_path(v.record, paths));
            }
        if (e.ensemble)
            for (const std::string& path : e.ensemble->except)
                if (!records->find(path) && !has_under(*records, path))
                    noted.add(e.ensemble->place, "ensemble.except",
                              "the model has no record or table '" + path + "'" +
                                  did_you_mean_path(path, records_and_tables(*records)));
        for (const Arm& arm : e.arms) {
            Records own = *records;
            apply_noting(arm.changes, own, noted);
            check_treatments(arm, own, noted);
            for (const Treatment& t : arm.treatments)
                for (const Change& change : t.changes)
                    if (own.find(change.path)) apply_noting({change}, own, noted);
        }
    }
    if (noted.count() > 0) return;
    // What only the whole model can tell: does each arm make one, and a liver? (A draw of an ensemble may turn out
    // impossible; that is a result of the run.)
    Experiment plain = e;
    plain.ensemble.reset();
    for (const Primary& primary : e.primaries)
        for (const Arm& arm : e.arms) {
            try {
                const Animal animal = make_animal(*files, plain, primary, arm, e.mouse_numbers().front());
                // Treatments and loops leave the healthy liver as it is.
                if (&arm == &e.arms.front() || !arm.changes.empty()) check_liver(animal, e.geometry, noted);
            } catch (const InputError& error) {
                noted.add(error);
            }
        }
}

}  // namespace stellate::laboratory
