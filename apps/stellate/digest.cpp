// stellate digest: the hashes that a results directory holds, those of single ticks computed again, and what differs
// between two machines.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "commands.hpp"
#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "laboratory/cohort.hpp"
#include "laboratory/json.hpp"
#include "laboratory/results.hpp"
#include "laboratory/trace.hpp"

namespace stellate::app {

namespace {

int print_stored(const DigestOptions& options) {
    const std::vector<laboratory::DigestRow> rows = laboratory::read_digests(options.results);
    if (options.json) {
        JsonWriter out;
        out.begin_object().member("digest", laboratory::digest_of(rows)).key("states").begin_array();
        for (const laboratory::DigestRow& row : rows)
            out.begin_object()
                .member("primary", row.primary)
                .member("arm", row.arm)
                .member("mouse", row.mouse)
                .member("day", row.day)
                .member("digest", row.digest)
                .end_object();
        out.end_array().end_object();
        print(out.text());
        return done;
    }
    std::string text;
    for (const laboratory::DigestRow& row : rows)
        text += fmt::format("{}  {:<12} {:<24} mouse {:>3}  day {:>5}\n", row.digest, row.primary, row.arm, row.mouse,
                            row.day);
    print(text + fmt::format("{}  all {} states\n", laboratory::digest_of(rows), rows.size()));
    return done;
}

laboratory::RunAddress address_of(const char* option, const std::string& text, const laboratory::Experiment& e) {
    const auto refuse = [&](const std::string& message) { throw InputError({option, 0, 0}, text, message); };
    const std::size_t first = text.find('/'), second = text.find('/', first == std::string::npos ? first : first + 1);
    if (second == std::string::npos) refuse("expected PRIMARY/ARM/MOUSE, such as colon/control/1");
    const std::string primary = text.substr(0, first), arm = text.substr(first + 1, second - first - 1),
                      mouse = text.substr(second + 1);
    laboratory::RunAddress address;
    std::vector<std::string> primaries, arms;
    for (const laboratory::Primary& p : e.primaries) primaries.push_back(p.name);
    for (const laboratory::Arm& a : e.arms) arms.push_back(a.name);
    const auto place = [&](const std::vector<std::string>& names, const std::string& name, const char* what) {
        for (std::size_t n = 0; n < names.size(); ++n)
            if (names[n] == name) return static_cast<int>(n);
        refuse(fmt::format("there is no {} '{}'{}", what, name, did_you_mean(name, names)));
        return 0;
    };
    address.primary = place(primaries, primary, "primary");
    address.arm = place(arms, arm, "arm");
    if (mouse.empty() || mouse.size() > 6 || mouse.find_first_not_of("0123456789") != std::string::npos)
        refuse("expected a mouse's number at the end");
    address.mouse = std::stoi(mouse);
    if (address.mouse < 1 || address.mouse > e.mice) refuse(fmt::format("the cohort has mice 1 to {}", e.mice));
    return address;
}

laboratory::Experiment experiment_of(const std::filesystem::path& results) {
    return laboratory::read_experiment(results / "experiment.toml", {}, model_roots());
}

int print_phases(const DigestOptions& options) {
    const laboratory::Experiment e = experiment_of(options.results);
    const auto phases =
        laboratory::phase_digests(e, address_of("--phases", options.phases_of, e),
                                  static_cast<std::uint32_t>(options.tick), options.threads, &stop_signal);
    if (options.json) {
        JsonWriter out;
        out.begin_object().member("run", options.phases_of).member("tick", options.tick).key("phases").begin_array();
        for (const auto& [phase, hash] : phases)
            out.begin_object().member("phase", phase).member("digest", to_string(hash)).end_object();
        out.end_array().end_object();
        print(out.text());
        return done;
    }
    std::string text;
    for (const auto& [phase, hash] : phases)
        text += fmt::format("{}  tick {}  {}\n", to_string(hash), options.tick, phase);
    print(text);
    return done;
}

int write_trace(const DigestOptions& options) {
    if (options.run.empty())
        throw InputError({"--trace", 0, 0}, options.trace, "of which run? expected --run PRIMARY/ARM/MOUSE");
    const laboratory::Experiment e = experiment_of(options.results);
    std::optional<std::uint32_t> last;
    if (options.to) last = static_cast<std::uint32_t>(*options.to);
    write_file_atomically(options.trace, laboratory::trace(e, address_of("--run", options.run, e),
                                                           static_cast<std::uint32_t>(options.from), last,
                                                           options.threads, &stop_signal));
    print(fmt::format("trace of {} in {}; compare it with another machine's:\n  stellate digest {} --compare OTHER\n",
                      options.run, options.trace, laboratory::shell_word(options.trace)));
    return done;
}

// --- Comparing

struct Verdict {
    bool same = true;
    std::string text;
    JsonWriter json;
};

Verdict compare_trace_files(const std::string& a, const std::string& b, const DigestOptions& options) {
    const laboratory::TraceComparison c = laboratory::compare_traces(a, options.results, b, options.compare);
    Verdict v;
    v.same = !c.difference;
    v.json.begin_object().member("same", v.same).member("same_model", c.same_model);
    v.json.member("first_tick", std::uint64_t(c.first_tick)).member("last_tick", std::uint64_t(c.last_tick));
    if (!c.same_model) v.text += "the files of the model are not the same\n";
    if (!c.difference) {
        v.text += fmt::format("the same from tick {} to tick {}\n", c.first_tick, c.last_tick);
    } else {
        const auto& [tick, phase, places] = *c.difference;
        std::string where;
        for (const std::string& place : places)
            where +=
                (where.empty() ? "" : ", ") + (place.find(',') == std::string::npos ? place : "brick (" + place + ")");
        if (where.empty()) where = "the clock or the seed";
        v.text +=
            tick == c.first_tick && phase == "settle"
                ? fmt::format("different from the first tick traced, {}, on: trace earlier ticks (--from)\n", tick)
                : "";
        v.text += fmt::format("first difference: tick {}, phase '{}', in {}\n", tick, phase, where);
        v.json.member("tick", std::uint64_t(tick)).member("phase", phase).key("places").begin_array();
        for (const std::string& place : places) v.json.value(place);
        v.json.end_array();
    }
    v.json.end_object();
    return v;
}

// How to find the tick where a run that differs on a day first does.
std::string next_command(const DigestOptions& options, const laboratory::DigestRow& first, double from_day,
                         double to_day) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(std::filesystem::path(options.results) / "experiment.toml", error)) return {};
    const laboratory::Experiment e = experiment_of(options.results);
    const std::string run = first.primary + "/" + first.arm + "/" + first.mouse;
    const laboratory::RunAddress address = address_of("--compare", run, e);
    const laboratory::Animal animal =
        laboratory::make_animal(laboratory::ModelFiles(e), e, e.primaries[std::size_t(address.primary)],
                                e.arms[std::size_t(address.arm)], address.mouse);
    const std::uint32_t from = from_day < 0 ? 0 : animal.calendar.tick_of(from_day),
                        end = animal.calendar.tick_of(to_day);
    return fmt::format(
        "To find the tick, phase and brick, run on both machines, each with its own results,\n"
        "  stellate digest {} --run {} --from {} --to {} --trace TRACE\n"
        "and compare the two files: stellate digest TRACE --compare OTHER_TRACE\n",
        laboratory::shell_word(options.results), laboratory::shell_word(run), from, end > from ? end - 1 : from);
}

double day_of(const laboratory::DigestRow& row, const std::string& file) {
    double day = 0;
    const auto [end, error] = std::from_chars(row.day.data(), row.day.data() + row.day.size(), day);
    if (error != std::errc() || end != row.day.data() + row.day.size())
        throw InputError({file, 0, 0}, "digests.csv", "'" + row.day + "' is no day");
    return day;
}

Verdict compare_results(const DigestOptions& options) {
    const std::vector<laboratory::DigestRow> a = laboratory::read_digests(options.results),
                                             b = laboratory::read_digests(options.compare);
    const auto same_run = [](const laboratory::DigestRow& x, const laboratory::DigestRow& y) {
        return x.primary == y.primary && x.arm == y.arm && x.mouse == y.mouse;
    };
    std::size_t compared = 0, different = 0;
    std::vector<laboratory::DigestRow> first;  // of each run that differs, the first day on which it does
    std::vector<double> same_until;            // its last day before that; below 0: none
    double last_same = -1;
    for (std::size_t n = 0; n < a.size(); ++n) {
        const laboratory::DigestRow& row = a[n];
        if (n == 0 || !same_run(a[n - 1], row)) last_same = -1;
        const auto other = std::find_if(
            b.begin(), b.end(), [&](const laboratory::DigestRow& r) { return same_run(r, row) && r.day == row.day; });
        if (other == b.end()) continue;
        ++compared;
        if (other->digest == row.digest) {
            last_same = day_of(row, options.results);
            continue;
        }
        ++different;
        if (!first.empty() && same_run(first.back(), row)) continue;
        first.push_back(row);
        same_until.push_back(last_same);
    }
    if (compared == 0)
        throw InputError({options.compare, 0, 0}, "", "has no run and day in common with " + options.results);
    Verdict v;
    v.same = different == 0;
    v.json.begin_object().member("same", v.same).member("compared", std::uint64_t(compared));
    v.json.member("different", std::uint64_t(different)).key("first_differences").begin_array();
    if (const std::size_t alone = a.size() + b.size() - 2 * compared; alone > 0)
        v.text += fmt::format("{} in one of the two only\n", counted(alone, "state is", "states are"));
    for (std::size_t n = 0; n < first.size(); ++n) {
        const laboratory::DigestRow& row = first[n];
        v.text += fmt::format("{}/{}/{}: different from day {} on{}\n", row.primary, row.arm, row.mouse, row.day,
                              same_until[n] < 0 ? "" : fmt::format(", the same on day {}", same_until[n]));
        v.json.begin_object().member("primary", row.primary).member("arm", row.arm).member("mouse", row.mouse);
        v.json.member("day", row.day).end_object();
    }
    v.json.end_array().end_object();
    v.text += different == 0 ? fmt::format("all {} compared are the same\n", counted(compared, "state", "states"))
                             : fmt::format("{} of {} differ\n", different, counted(compared, "state", "states"));
    if (!first.empty())
        v.text += next_command(options, first.front(), same_until.front(), day_of(first.front(), options.results));
    return v;
}

int compare(const DigestOptions& options) {
    const auto text_of = [](const std::string& path) {
        std::error_code error;
        return std::filesystem::is_directory(path, error) ? std::string() : read_file(path);
    };
    const std::string a = text_of(options.results), b = text_of(options.compare);
    if (laboratory::is_trace(a) != laboratory::is_trace(b))
        throw InputError({"--compare", 0, 0}, options.compare,
                         "expected two traces or two results, and of these one is each");
    const Verdict v = laboratory::is_trace(a) ? compare_trace_files(a, b, options) : compare_results(options);
    print(options.json ? v.json.text() : v.text);
    return v.same ? done : failed;
}

}  // namespace

int digest(const DigestOptions& options) {
    const int asked = int(!options.phases_of.empty()) + int(!options.trace.empty()) + int(!options.compare.empty());
    if (asked > 1) throw InputError({}, "digest", "--phases, --trace and --compare are asked one at a time");
    if (!options.compare.empty()) return compare(options);
    if (!options.trace.empty()) return write_trace(options);
    if (!options.phases_of.empty()) return print_phases(options);
    return print_stored(options);
}

}  // namespace stellate::app
