// The command line: verbs, options, errors to exit status. The only file that knows CLI11.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <limits>
#include <new>

#include "commands.hpp"
#include "core/error.hpp"
#include "core/units.hpp"
#include "laboratory/cohort.hpp"
#include "storage/columns.hpp"

namespace {

using namespace stellate;
using namespace stellate::app;

// The first asks the program to stop when it can do so cleanly; the second stops it at once.
extern "C" void on_signal(int signal) {
    if (stop_signal.exchange(signal, std::memory_order_relaxed) != 0) ::_exit(128 + signal);
}

void install_signal_handlers() {
    struct sigaction action{};
    action.sa_handler = on_signal;
    sigemptyset(&action.sa_mask);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ::sigaction(signal, &action, nullptr);
    // A reader that goes away and a file beyond the allowed size are errors of writing, told as such.
    action.sa_handler = SIG_IGN;
    for (const int signal : {SIGPIPE, SIGXFSZ}) ::sigaction(signal, &action, nullptr);
}

// Threads that wait for work sleep. OpenMP lets them spin, and where others use the machine too, one mouse on two
// spinning threads took twelve times as long as on one. It reads its environment only when a program is loaded, hence
// the new start; where that cannot be had the program goes on as it is.
void let_waiting_threads_sleep(char** argv) {
    if (std::getenv("OMP_WAIT_POLICY")) return;
    ::setenv("OMP_WAIT_POLICY", "passive", 1);
    ::execv("/proc/self/exe", argv);
}

// Throws InputError where an option was given and names nothing.
std::vector<std::string> split_at_commas(const char* option, const std::vector<std::string>& given) {
    std::vector<std::string> names;
    for (const std::string& list : given) {
        std::size_t begin = 0;
        while (begin <= list.size()) {
            const std::size_t end = std::min(list.find(',', begin), list.size());
            if (end > begin) names.push_back(list.substr(begin, end - begin));
            begin = end + 1;
        }
    }
    if (names.empty() && !given.empty())
        throw InputError({option, 0, 0}, "", "names nothing; expected names separated by commas");
    return names;
}

// What an option takes: the check answers with nothing, or with what is wrong.
template <class Number>
std::function<std::string(const std::string&)> expecting(const char* what, Number low, Number high) {
    return [=](const std::string& text) {
        Number value{};
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        const bool whole_text = error == std::errc() && end == text.data() + text.size();
        return whole_text && value >= low && value <= high ? std::string() : "'" + text + "'; expected " + what;
    };
}
const auto a_count = expecting<std::int64_t>("a whole number from 1 to 99999", 1, 99999);
const auto a_seed = expecting<std::int64_t>("a whole number from 0 to 9223372036854775807", 0,
                                            std::numeric_limits<std::int64_t>::max());
const auto a_tick =
    expecting<std::int64_t>("a whole number from 0 to 4294967295", 0, std::numeric_limits<std::uint32_t>::max());
const auto days_of_life = expecting<double>("a number of days above 0", std::numeric_limits<double>::min(),
                                            std::numeric_limits<double>::max());
const auto gigabytes_of_memory =
    expecting<double>("a number of gigabytes above 0", std::numeric_limits<double>::min(), 1e9);
const auto a_number_of_threads = expecting<int>("a whole number from 1 to 4096", 1, 4096);

// Throws InputError.
double walltime_s(const std::string& text) {
    const std::optional<Quantity> q = parse_quantity(text);
    const Conversion minutes = q ? convert(q->value, q->unit, Dimension::time) : Conversion{0, "is no time"};
    if (!minutes.ok() || !(minutes.value > 0))
        throw InputError({"--walltime", 0, 0}, text, "expected a time above 0, such as '90 s', '30 min' or '2h'");
    return minutes.value * 60;
}

struct CommandLine {
    CLI::App app{
        "Stellate: a virtual liver laboratory. Livers are grown cell by cell, given metastases, treated and measured "
        "as at the bench."};
    CLI::App *run, *branch, *check, *verify, *digest, *doctor, *version;
    RunOptions run_options;
    CheckOptions check_options;
    std::vector<std::string> arms, primaries, sets, check_sets;
    std::optional<std::int64_t> mice, seed;
    std::optional<double> days;
    std::optional<std::string> walltime;
    std::string checkpoint;
    double at_day = 0;
    VerifyOptions verify_options;
    DigestOptions digest_options;
    bool version_json = false, doctor_json = false;

    CommandLine() {
        app.require_subcommand(1);
        app.set_help_all_flag("--help-all", "Help for every verb");
        add_run();
        add_branch();
        add_check();
        add_verify();
        add_digest();
        doctor =
            app.add_subcommand("doctor", "Say what a bug report needs, and test program and machine in ten seconds.");
        doctor->add_flag("--json", doctor_json, "Print JSON");
        doctor->footer("Example:\n  stellate doctor > doctor.txt");
        version = app.add_subcommand("version", "Print version and build.");
        version->add_flag("--json", version_json, "Print JSON");
        version->footer("Example:\n  stellate version --json");
        app.footer(
            "Examples:\n  stellate run experiments/quick.toml --out results/quick\n  stellate verify --group fields\n  "
            "stellate doctor\n\n"
            "Exit status: 0 done, 1 the run failed or a check did not pass, 2 the input is wrong, 124 the time budget "
            "is used up, 129, 130 or 143 interrupted.");
    }

    void add_run() {
        run = app.add_subcommand("run", "Run an experiment and write its results directory.");
        RunOptions& o = run_options;
        run->add_option("FILE", o.file, "Experiment file (TOML)")->required();
        add_run_options(run);
        run->footer(
            "Example:\n  stellate run experiments/hsc-depletion.toml --out results/hsc-depletion --mice 4 \\\n"
            "      --arms control,hsc_depleted --set cell_types.tumour.s_phase='7 h'");
    }

    void add_branch() {
        branch = app.add_subcommand(
            "branch", "Grow one animal on from a checkpoint and let the arms of an experiment part from it on a day.");
        branch
            ->add_option(
                "CHECKPOINT", checkpoint,
                "A checkpoint, or the folder of a mouse in results or an unfinished run: the newest by that day")
            ->required();
        branch->add_option("FILE", run_options.file, "Experiment file (TOML) with the arms")->required();
        branch->add_option("--at", at_day, "Day on which they part; what an arm changes acts from then on")->required();
        add_run_options(branch);
        branch->footer(
            "Example:\n  stellate run experiments/first.toml --set checkpoint.keep='[3]' --out results/first\n"
            "  stellate branch results/first/mice/colon/control/1 --at 3 experiments/first.toml --out "
            "results/from-day-3");
    }

    // What run and branch have in common.
    void add_run_options(CLI::App* verb) {
        RunOptions& o = run_options;
        verb->add_option("--out,-o", o.out, "Results directory, which must not exist (default: results/NAME)");
        verb->add_option("--mice", mice, "Animals in each arm")->check(a_count);
        verb->add_option("--mouse", o.overrides.only_mice,
                         "Run only the mouse of this number, the same animal as in the whole cohort (repeatable)")
            ->check(a_count);
        verb->add_option("--days", days, "Last day")->check(days_of_life);
        verb->add_option("--threads", o.threads, "Threads (default: all); never changes a result")
            ->check(a_number_of_threads);
        verb->add_option("--memory", o.memory_gb,
                         "GB that the run may take: one that would take more is refused (default: what is free here)")
            ->check(gigabytes_of_memory);
        verb->add_option("--seed", seed, "Seed of the experiment")->check(a_seed);
        verb->add_option("--arms", arms, "Only these arms, separated by commas");
        verb->add_option("--primaries", primaries, "Only these primaries, separated by commas");
        verb->add_option("--set", sets,
                         "PATH=VALUE: a key of the experiment file, or a record of the model (repeatable)")
            ->allow_extra_args(false);
        verb->add_flag(
            "--force", o.force,
            "Replace an existing results directory, and what a run of another experiment has left unfinished");
        verb->add_flag(
            "--resume", o.resume,
            "Go on with the unfinished run there is; begin where there is none, do nothing where it is finished");
        verb->add_option(
            "--walltime", walltime,
            "Stop with everything on disk before so much time of the clock is over (90 s, 30 min, 2 h, 1 day)");
        verb->add_flag("--tables-only", o.tables_only, "Write tables alone: no stained sections, no report");
        verb->add_flag("--dry-run", o.dry_run, "Check the file and print what it would take; write nothing");
        verb->add_flag("--json", o.json, "Print the summary as JSON");
        verb->add_flag("--quiet,-q", o.quiet, "No progress");
    }

    void add_check() {
        check = app.add_subcommand(
            "check", "Judge experiments, models, primaries, rules, and results; run nothing, write nothing.");
        check
            ->add_option(
                "FILE", check_options.files,
                "Experiment (.toml), model folder or a file in it, primary's file, rules (.csv), results directory or "
                "what a run has left unfinished; repeatable")
            ->required();
        check->add_option("--set", check_sets, "PATH=VALUE: as in run, for the experiments given (repeatable)")
            ->allow_extra_args(false);
        check->add_flag("--json", check_options.json, "Print JSON, mistakes included");
        check->footer(
            "Example:\n  stellate check experiments/first.toml models/liver-mouse --set section.width='0.64 mm'\n\n"
            "Exit status: 0 all sound, 1 results are damaged, 2 an input is wrong.");
    }

    void add_verify() {
        verify = app.add_subcommand("verify", "Run the verification suite and print its table.");
        verify->add_option("--group", verify_options.groups, "Only these groups (repeatable)");
        verify->add_option("--id", verify_options.ids, "Only these cases (repeatable)");
        verify->add_flag("--mutants", verify_options.mutants,
                         "Also show that every deliberate mistake makes its case fail");
        verify->add_flag("--list", verify_options.list, "Only list groups and cases");
        verify->add_flag("--json", verify_options.json, "Print JSON");
        verify->footer("Example:\n  stellate verify --group fields --mutants");
    }

    void add_digest() {
        digest = app.add_subcommand(
            "digest", "Print the hashes of the complete states of a results directory, or what differs from another.");
        DigestOptions& o = digest_options;
        digest->add_option("RESULTS", o.results, "Results directory; with --compare also its digests.csv, or a trace")
            ->required();
        CLI::Option* phases = digest->add_option(
            "--phases", o.phases_of, "PRIMARY/ARM/MOUSE: run this mouse again and print one hash per phase of a tick");
        digest->add_option("--tick", o.tick, "The tick, from 0 at the beginning of acclimatisation")
            ->needs(phases)
            ->check(a_tick);
        digest->add_option("--compare", o.compare,
                           "Results, digests.csv or trace of another machine: print the first mouse and day, or the "
                           "first tick, phase and brick, that differ");
        CLI::Option* trace =
            digest->add_option("--trace", o.trace,
                               "File to write: the mouse of --run is run again and hashed after every phase, by brick");
        digest->add_option("--run", o.run, "PRIMARY/ARM/MOUSE to trace")->needs(trace);
        digest->add_option("--from", o.from, "First tick to trace (default: 0)")->needs(trace)->check(a_tick);
        digest->add_option("--to", o.to, "Last tick to trace (default: its last)")->needs(trace)->check(a_tick);
        digest->add_option("--threads", o.threads, "Threads for that mouse")->check(a_number_of_threads);
        digest->add_flag("--json", o.json, "Print JSON");
        digest->footer(
            "Examples:\n  stellate digest results/quick --compare ../other/digests.csv\n"
            "  stellate digest results/quick --run colon/control/1 --from 240 --to 479 --trace here.trace\n"
            "  stellate digest here.trace --compare there.trace\n"
            "  stellate digest results/quick --phases colon/control/1 --tick 240");
    }

    // What a verb or an option that nobody knows could have been; empty where there is no such.
    std::string complaint(int argc, char** argv) const {
        std::vector<std::string> verbs;
        for (const CLI::App* verb : app.get_subcommands({})) verbs.push_back(verb->get_name());
        for (int i = 1; i < argc; ++i) {
            const std::string word = argv[i];
            const auto verb = std::find(verbs.begin(), verbs.end(), argv[1]);
            if (i == 1 && !word.starts_with('-') && verb == verbs.end())
                return word + ": is unknown" + did_you_mean(word, verbs) + "; expected one of " + listed(verbs);
            if (!word.starts_with("--") || verb == verbs.end()) continue;
            const CLI::App* const chosen = app.get_subcommand(*verb);
            std::vector<std::string> options;
            for (const CLI::Option* option : chosen->get_options())
                for (const std::string& name : option->get_lnames()) options.push_back("--" + name);
            const std::string name = word.substr(0, word.find('='));
            if (std::find(options.begin(), options.end(), name) == options.end())
                return name + ": is unknown" + did_you_mean(name, options) + "; expected one of " + listed(options);
        }
        return {};
    }

    static std::vector<std::pair<std::string, std::string>> changes(const std::vector<std::string>& given) {
        std::vector<std::pair<std::string, std::string>> changes;
        for (const std::string& set : given) {
            const std::size_t equals = set.find('=');
            if (equals == std::string::npos)
                throw InputError({"--set", 0, 0}, set, "expected PATH=VALUE, such as cell_types.tumour.s_phase='7 h'");
            changes.emplace_back(set.substr(0, equals), set.substr(equals + 1));
        }
        return changes;
    }

    int go() {
        if (*run || *branch) {
            if (*branch) run_options.branch.emplace(checkpoint, at_day);
            laboratory::Overrides& o = run_options.overrides;
            o.mice = mice, o.seed = seed, o.days = days;
            o.arms = split_at_commas("--arms", arms), o.primaries = split_at_commas("--primaries", primaries);
            o.set = changes(sets);
            if (walltime) run_options.walltime_s = walltime_s(*walltime);
            return app::run(run_options);
        }
        if (*check) {
            check_options.overrides.set = changes(check_sets);
            return app::check(check_options);
        }
        if (*verify) return app::verify(verify_options);
        if (*digest) return app::digest(digest_options);
        if (*doctor) return app::doctor(doctor_json);
        return app::version(version_json);
    }
};

int status_of_signal() { return 128 + stop_signal.load(); }

}  // namespace

int main(int argc, char** argv) {
    let_waiting_threads_sleep(argv);
    install_signal_handlers();
    CommandLine line;
    try {
        line.app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        const std::string unknown = error.get_exit_code() == 0 ? "" : line.complaint(argc, argv);
        if (unknown.empty()) return line.app.exit(error) == 0 ? done : wrong_input;
        tell(unknown);
        return wrong_input;
    }
    for (int i = 0; i < argc; ++i)
        line.run_options.command += (i ? " " : "") + laboratory::shell_word(i ? argv[i] : "stellate");
    try {
        return line.go();
    } catch (const InputError& error) {
        tell(error.what());
        return wrong_input;
    } catch (const storage::Newer& error) {
        tell(error.what());
        return wrong_input;
    } catch (const laboratory::Cancelled&) {
        tell("interrupted; nothing was written");
        return status_of_signal();
    } catch (const RunError& error) {
        tell(std::string("the run failed: ") + error.what());
        return failed;
    } catch (const std::bad_alloc&) {
        tell("the run failed: out of memory; see --dry-run for what it takes");
        return failed;
    } catch (const std::exception& error) {
        tell(std::string("the run failed: ") + error.what());
        return failed;
    }
}
