// stellate doctor: what a bug report needs, and a self-test of some ten seconds: a small mouse grown on one thread and
// on all must end in the state that this program is known to give.
#include <fmt/format.h>
#include <omp.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cfenv>
#include <chrono>
#include <clocale>
#include <cstdlib>
#include <limits>

#include "commands.hpp"
#include "core/error.hpp"
#include "core/lanes.hpp"
#include "laboratory/build_info.hpp"
#include "laboratory/cohort.hpp"
#include "laboratory/json.hpp"

namespace stellate::app {

namespace {

// The mouse of the self-test: dense with tumour cells and under a drug that kills, so that three days hold most that
// a mouse does. What it must come to, and the files of the model with which it does.
constexpr const char* self_test_mouse = R"(
format = 1
name = "self-test"
title = "The mouse of stellate doctor"
model = "liver-mouse"
geometry = "section"
mice = 1
seed = 1
acclimatisation = "6 h"
days = 3
[section]
width = "0.96 mm"
height = "0.96 mm"
[inoculum]
injected = 1.5e5
cells = 80
[[primaries]]
name = "colon"
[[arms]]
name = "depleted"
[[arms.treatments]]
kind = "suicide_gene"
record = "treatments.ganciclovir_tk"
start = "0 h"
[analysis]
control = ""
primary_endpoints = ["foci_count"]
)";
constexpr const char* known_model = "5a31fccaf20fd12f4220b4f6bd0b26b2";
constexpr const char* known_state = "2e5f7414608bdac890e653370e92905d";

constexpr const char* built_for =
#if defined(__AVX512F__)
    "x86-64-v4 (AVX-512)";
#elif defined(__AVX2__)
    "x86-64-v3 (AVX2)";
#elif defined(__x86_64__)
    "any x86-64";
#else
    "this kind of processor";
#endif

const char* name_of(Lanes lanes) {
    switch (lanes) {
        case Lanes::baseline:
            return "baseline";
        case Lanes::avx2:
            return "AVX2";
        case Lanes::avx512:
            return "AVX-512";
    }
    return "";
}

std::string of_environment(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "";
}

class Examination {
public:
    bool sound() const { return wrong_.empty(); }

    void program() {
        const std::string commit = build_info::commit;
        say("version", fmt::format("{}{}", build_info::version, commit.empty() ? "" : " of commit " + commit));
        say("built by", fmt::format("{}, {}", build_info::compiler, build_info::build_type));
        say("flags", build_info::flags);
        say("instruction set", fmt::format("built for {}; inner loops here: {}", built_for, name_of(fastest_here())));
        if (std::string_view(build_info::build_type) != "Release")
            notice(fmt::format("this is a {} build: slower than a Release build, with the same results",
                               build_info::build_type));
    }

    void machine() {
        utsname names{};
        if (::uname(&names) == 0) say("system", fmt::format("{} {} {}", names.sysname, names.release, names.machine));
        const laboratory::Processors p = laboratory::processors_here();
        say("processor", p.name.empty() ? "unknown" : p.name);
        usable_ = p.usable();
        say("cores",
            fmt::format("{} online, {} that this process may use{}; a run takes {} unless told otherwise", p.online,
                        p.allowed, p.quota ? fmt::format(", {:.3g} by its control group", *p.quota) : "",
                        counted(std::size_t(usable_), "thread", "threads")));
        say("OpenMP", fmt::format("version {}, at most {}; threads that wait: {}", _OPENMP,
                                  counted(std::size_t(omp_get_max_threads()), "thread", "threads"),
                                  of_environment("OMP_WAIT_POLICY")));
        if (of_environment("OMP_WAIT_POLICY") == "active")
            notice(
                "OMP_WAIT_POLICY is active: where others use the machine too, runs take many times as long; unset it");
        const std::vector<laboratory::MemoryLimit> limits = laboratory::memory_limits();
        for (const laboratory::MemoryLimit& limit : limits)
            say("memory", fmt::format("{}: {}, of which {} free", limit.name, laboratory::bytes_text(limit.total),
                                      laboratory::bytes_text(limit.free)));
        if (const auto least = laboratory::tightest(limits); !least)
            notice("how much memory is free cannot be read here: a run that does not fit is not refused beforehand");
        else if (least->free < 0.5e9)
            notice(fmt::format("little memory is free ({}): ask runs with --dry-run what they take", least->name));
    }

    void places() {
        const std::optional<double> free = laboratory::disk_free("results");
        say("disk", free ? fmt::format("{} free where results would go ({})", laboratory::bytes_text(*free),
                                       (std::filesystem::current_path() / "results").string())
                         : "unknown");
        if (free && *free < 0.1e9) notice("the disk is nearly full: give --out a place with more room");
        if (::access(".", W_OK) != 0) notice("this directory cannot be written: give --out a place that can");
        std::string locale;
        for (const char* name : {"LC_ALL", "LC_NUMERIC", "LANG"})
            if (const std::string value = of_environment(name); !value.empty())
                locale += fmt::format("{}{}={}", locale.empty() ? "" : " ", name, value);
        say("locale", fmt::format("{}; numbers are written with a point in any", locale.empty() ? "not set" : locale));
        // What the bits of every result stand on and a library or a launcher may have changed.
        volatile double tiny = std::numeric_limits<double>::min();
        if (std::fegetround() != FE_TONEAREST || tiny / 2 == 0)
            fail(
                "the processor is set to round otherwise or to take tiny numbers as 0: results would differ from "
                "others'. Start the program without what preloads libraries into it (LD_PRELOAD)");
        // The program never asks for the user's locale; a library that did would change how numbers are read.
        if (const char* numbers = std::setlocale(LC_NUMERIC, nullptr); numbers && std::string_view(numbers) != "C")
            fail(fmt::format("numbers follow the locale {}: please report this", numbers));
    }

    void self_test() {
        std::optional<laboratory::Experiment> e;
        std::optional<laboratory::ModelFiles> files;
        try {
            e = laboratory::parse_experiment(self_test_mouse, "self-test", ".", {}, model_roots());
            files.emplace(*e);
        } catch (const InputError& error) {
            say("model", "not usable");
            return fail(
                fmt::format("the model liver-mouse cannot be read, so no run is possible here: {}\nRun from the "
                            "source tree, or install the program with its share/stellate beside it",
                            error.what()));
        }
        const std::string model = to_string(files->digest_for(e->primaries.front()));
        const bool shipped = model == known_model;
        say("model", fmt::format("{}, digest {}, {}", files->directory().string(), model,
                                 shipped ? "as released" : "not the files of this release"));
        const std::string one = grow(*e, *files, 1);
        const int others = std::max(2, usable_);
        const std::string many = grow(*e, *files, others);
        if (one != many)
            fail(
                fmt::format("the self-test's mouse ends otherwise on {} threads than on one: results of this machine "
                            "cannot be trusted. If memory and processor are sound, please report this",
                            others));
        if (!shipped)
            notice(
                fmt::format("the model's files differ from those of this release, so the self-test could only "
                            "compare threads (expected model {})",
                            known_model));
        else if (one != known_state)
            fail(
                fmt::format("the self-test's mouse ends in a state that this program does not give (expected {}): "
                            "results of this build or machine differ from others'. Please report this with the lines "
                            "above",
                            known_state));
    }

    std::string text() const {
        std::string out;
        for (const auto& [what, value] : said_) out += fmt::format("{:<16} {}\n", what, value);
        for (const std::string& note : notices_) out += "note: " + note + "\n";
        for (const std::string& wrong : wrong_) out += "WRONG: " + wrong + "\n";
        return out + (sound() ? "all is well\n" : "not sound\n");
    }

    std::string json() const {
        JsonWriter out;
        out.begin_object().member("sound", sound()).key("facts").begin_array();
        for (const auto& [what, value] : said_)
            out.begin_object().member("what", what).member("value", value).end_object();
        out.end_array().key("notes").begin_array();
        for (const std::string& note : notices_) out.value(note);
        out.end_array().key("wrong").begin_array();
        for (const std::string& wrong : wrong_) out.value(wrong);
        return out.end_array().end_object().text();
    }

private:
    void say(std::string what, std::string value) { said_.emplace_back(std::move(what), std::move(value)); }
    void notice(std::string text) { notices_.push_back(std::move(text)); }
    void fail(std::string text) { wrong_.push_back(std::move(text)); }

    std::string grow(const laboratory::Experiment& e, const laboratory::ModelFiles& files, int threads) {
        const auto start = std::chrono::steady_clock::now();
        const laboratory::Animal animal = laboratory::make_animal(files, e, e.primaries.front(), e.arms.front(), 1);
        const laboratory::MouseRun run = laboratory::run_mouse(e, animal, {}, threads, &stop_signal);
        const std::string state = to_string(run.days.back().digest);
        say("self-test",
            fmt::format("state {} on {}, {:.1f} s", state, counted(std::size_t(threads), "thread", "threads"),
                        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count()));
        return state;
    }

    std::vector<std::pair<std::string, std::string>> said_;
    std::vector<std::string> notices_, wrong_;
    int usable_ = 1;
};

}  // namespace

int doctor(bool json) {
    Examination examination;
    examination.program();
    examination.machine();
    examination.places();
    examination.self_test();
    print(json ? examination.json() : examination.text());
    return examination.sound() ? done : failed;
}

}  // namespace stellate::app
