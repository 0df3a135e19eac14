#include <fmt/format.h>

#include "commands.hpp"
#include "core/error.hpp"
#include "laboratory/cohort.hpp"
#include "laboratory/json.hpp"
#include "laboratory/results.hpp"

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

laboratory::RunAddress address_of(const std::string& text, const laboratory::Experiment& e) {
    const auto refuse = [&](const std::string& message) { throw InputError({"--phases", 0, 0}, text, message); };
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

}  // namespace

int digest(const DigestOptions& options) {
    if (options.phases_of.empty()) return print_stored(options);
    const laboratory::Experiment e =
        laboratory::read_experiment(std::filesystem::path(options.results) / "experiment.toml", {}, model_roots());
    const auto phases = laboratory::phase_digests(
        e, address_of(options.phases_of, e), static_cast<std::uint32_t>(options.tick), options.threads, &stop_signal);
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

}  // namespace stellate::app
