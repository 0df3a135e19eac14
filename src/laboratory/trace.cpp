#include "laboratory/trace.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <map>
#include <memory>

#include "core/error.hpp"
#include "laboratory/cohort.hpp"
#include "simulation/step.hpp"

namespace stellate::laboratory {

namespace {

constexpr std::string_view head = "stellate trace 1";

template <class Shape>
void live_through(const Experiment& e, const Animal& animal, treatment::Plan plan, std::uint32_t first,
                  std::uint32_t last, int threads, const std::atomic<int>* cancelled,
                  const typename Stepper<Shape>::Observer& observer) {
    World<Shape> world(animal.model, animal.anatomy, animal.seed, e.extent(), animal.inoculum, std::move(plan),
                       e.sleep);
    Stepper<Shape> stepper(threads);
    while (world.tick <= last) {
        if (cancelled && cancelled->load(std::memory_order_relaxed) != 0) throw Cancelled();
        if (world.tick == first) stepper.observe(observer);
        stepper.step(world);
    }
}

// A run ready to be lived, with the kills that its arm replays.
struct Prepared {
    Animal animal;
    treatment::Plan plan;
    std::vector<treatment::KillLog> logs;  // the plan's replays read these
};

void require_tick(const Animal& animal, const char* option, std::uint32_t tick) {
    if (const std::uint32_t end = animal.calendar.tick_of(animal.endpoint_days.back()); tick >= end)
        throw InputError({option, 0, 0}, std::to_string(tick),
                         "is after the run's last tick, " + std::to_string(end - 1));
}

std::unique_ptr<Prepared> prepare(const Experiment& e, const ModelFiles& files, RunAddress address,
                                  const std::function<void(const Animal&)>& check, int threads,
                                  const std::atomic<int>* cancelled) {
    const Primary& primary = e.primaries.at(std::size_t(address.primary));
    const Arm& arm = e.arms.at(std::size_t(address.arm));
    auto run = std::make_unique<Prepared>();
    run->animal = make_animal(files, e, primary, arm, address.mouse);
    check(run->animal);
    for (const Treatment& t : arm.treatments) {
        if (t.kind == Treatment::Kind::suicide_gene) continue;
        const Animal source = make_animal(files, e, primary, *e.find_arm(t.of), address.mouse);
        run->logs.push_back(run_mouse(e, source, {}, threads, cancelled).kills);
    }
    run->plan = run->animal.plan;
    for (std::size_t n = 0; n < run->logs.size(); ++n) run->plan.replays[n].log = &run->logs[n];
    return run;
}

// Lives through the run and shows what is asked for to `observe`, whatever the shape.
template <class Observe>
void watch(const Experiment& e, const Prepared& run, std::uint32_t first, std::uint32_t last, int threads,
           const std::atomic<int>* cancelled, Observe&& observe) {
    if (e.geometry == Geometry::section)
        live_through<SectionShape>(e, run.animal, run.plan, first, last, threads, cancelled, observe);
    else
        live_through<BlockShape>(e, run.animal, run.plan, first, last, threads, cancelled, observe);
}

template <class Hash>
std::uint32_t short_digest(Hash&& hash) {
    Hasher hasher;
    hash(hasher);
    return static_cast<std::uint32_t>(hasher.digest().low);
}

}  // namespace

std::string to_string(const Experiment& e, RunAddress address) {
    return fmt::format("{}/{}/{}", e.primaries.at(std::size_t(address.primary)).name,
                       e.arms.at(std::size_t(address.arm)).name, address.mouse);
}

std::vector<std::pair<std::string, Digest>> phase_digests(const Experiment& e, RunAddress address, std::uint32_t tick,
                                                          int threads, const std::atomic<int>* cancelled) {
    const auto in_time = [&](const Animal& animal) { require_tick(animal, "--tick", tick); };
    const auto run = prepare(e, ModelFiles(e), address, in_time, threads, cancelled);
    std::vector<std::pair<std::string, Digest>> digests;
    watch(e, *run, tick, tick, threads, cancelled,
          [&](std::string_view phase, const auto& world) { digests.emplace_back(phase, digest(world)); });
    return digests;
}

TraceWriter::TraceWriter(const std::string& run, const std::string& model_digest)
    : text_(fmt::format("{}\nrun\t{}\t{}\n", head, run, model_digest)) {}

template <class Shape>
void TraceWriter::add(std::string_view phase, const World<Shape>& world) {
    std::vector<std::pair<std::string, std::uint32_t>> parts;
    for (const Brick<Shape>* brick : world.lattice.in_memory())
        parts.emplace_back(fmt::format("{},{},{}", brick->at.x, brick->at.y, brick->at.z),
                           short_digest([&](Hasher& hasher) { brick->hash(hasher); }));
    parts.emplace_back("vessels", short_digest([&](Hasher& hasher) { world.tree.hash(hasher); }));
    parts.emplace_back("tally", short_digest([&](Hasher& hasher) { world.tally.hash(hasher); }));
    text_ += fmt::format("{}\t{}\t{}\t", world.tick, phase, to_string(digest(world)));
    // Bricks come into memory and stay, so what was written last is found in one pass.
    auto before = parts_.begin();
    const char* between = "";
    for (const auto& part : parts) {
        const bool known = before != parts_.end() && before->first == part.first;
        if (!known || before->second != part.second) {
            text_ += fmt::format("{}{}={:08x}", between, part.first, part.second);
            between = " ";
        }
        before += known;
    }
    text_ += '\n';
    parts_ = std::move(parts);
}
template void TraceWriter::add(std::string_view, const World<SectionShape>&);
template void TraceWriter::add(std::string_view, const World<BlockShape>&);

std::string trace(const Experiment& e, RunAddress address, std::uint32_t first, std::optional<std::uint32_t> last,
                  int threads, const std::atomic<int>* cancelled) {
    const ModelFiles files(e);
    const auto in_time = [&](const Animal& animal) {
        require_tick(animal, "--from", first);
        if (!last) last = animal.calendar.tick_of(animal.endpoint_days.back()) - 1;
        require_tick(animal, "--to", *last);
        if (*last < first)
            throw InputError({"--to", 0, 0}, std::to_string(*last), "is before --from " + std::to_string(first));
    };
    const auto run = prepare(e, files, address, in_time, threads, cancelled);
    TraceWriter writer(fmt::format("{} seed {}", to_string(e, address), run->animal.seed),
                       to_string(files.digest_for(e.primaries[std::size_t(address.primary)])));
    watch(e, *run, first, *last, threads, cancelled,
          [&](std::string_view phase, const auto& world) { writer.add(phase, world); });
    return std::move(writer).text();
}

bool is_trace(std::string_view text) { return text.starts_with(head); }

namespace {

// A trace that is read line by line.
class TraceReader {
public:
    TraceReader(std::string_view text, std::string file) : rest_(text), file_(std::move(file)) {
        if (next_line() != head) fail("is no trace; expected '" + std::string(head) + "' in its first line");
        const std::vector<std::string_view> fields = split(next_line(), '\t');
        if (fields.size() != 3 || fields[0] != "run") fail("is damaged; expected the run that was traced");
        run_ = fields[1], model_ = fields[2];
        if (!advance()) fail("has no tick");
    }

    // Goes on to the next phase; false at the end.
    bool advance() {
        if (rest_.empty()) return false;
        const std::vector<std::string_view> fields = split(next_line(), '\t');
        if (fields.size() != 4 || fields[2].size() != 32) fail("is damaged; expected tick, phase, digest and parts");
        const auto [end, error] = std::from_chars(fields[0].data(), fields[0].data() + fields[0].size(), tick_);
        if (error != std::errc() || end != fields[0].data() + fields[0].size()) fail("is damaged; expected a tick");
        phase_ = fields[1], digest_ = fields[2];
        for (const std::string_view part : split(fields[3], ' ')) {
            if (part.empty()) continue;
            const std::size_t equals = part.find('=');
            if (equals == std::string_view::npos) fail("is damaged; expected PLACE=HASH");
            const std::string place(part.substr(0, equals));
            if (!parts_.contains(place)) order_.push_back(place);
            parts_[place] = part.substr(equals + 1);
        }
        return true;
    }

    [[noreturn]] void fail(const std::string& what) const { throw InputError({file_, line_, 0}, "", what); }

    std::string_view run() const { return run_; }
    std::string_view model() const { return model_; }
    std::uint32_t tick() const { return tick_; }
    std::string_view phase() const { return phase_; }
    std::string_view digest() const { return digest_; }

    std::vector<std::string> parts_that_differ(const TraceReader& other) const {
        std::vector<std::string> different;
        for (const std::string& place : order_) {
            const auto there = other.parts_.find(place);
            if (there == other.parts_.end() || there->second != parts_.at(place)) different.push_back(place);
        }
        for (const std::string& place : other.order_)
            if (!parts_.contains(place)) different.push_back(place);
        return different;
    }

private:
    static std::vector<std::string_view> split(std::string_view text, char at) {
        std::vector<std::string_view> fields;
        for (std::size_t begin = 0;;) {
            const std::size_t end = text.find(at, begin);
            fields.push_back(text.substr(begin, end - begin));
            if (end == std::string_view::npos) return fields;
            begin = end + 1;
        }
    }
    std::string_view next_line() {
        ++line_;
        const std::size_t end = rest_.find('\n');
        if (end == std::string_view::npos) fail("ends in the middle of a line");
        const std::string_view line = rest_.substr(0, end);
        rest_.remove_prefix(end + 1);
        return line;
    }

    std::string_view rest_;
    std::string file_;
    int line_ = 0;
    std::string_view run_, model_, phase_, digest_;
    std::uint32_t tick_ = 0;
    std::map<std::string, std::string_view, std::less<>> parts_;
    std::vector<std::string> order_;  // places as they first came
};

}  // namespace

TraceComparison compare_traces(std::string_view text_a, const std::string& file_a, std::string_view text_b,
                               const std::string& file_b) {
    TraceReader a(text_a, file_a), b(text_b, file_b);
    if (a.run() != b.run()) b.fail(fmt::format("is of another run: {}; {} is of {}", b.run(), file_a, a.run()));
    TraceComparison result;
    result.same_model = a.model() == b.model();
    // To the first tick that both have; each has all phases of its ticks.
    while (a.tick() != b.tick())
        if (!(a.tick() < b.tick() ? a : b).advance()) a.fail("has no tick in common with " + file_b);
    result.first_tick = a.tick();
    do {
        result.last_tick = a.tick();
        if (a.tick() != b.tick() || a.phase() != b.phase()) b.fail("has other ticks or phases than " + file_a);
        if (a.digest() == b.digest()) continue;
        result.difference = {a.tick(), std::string(a.phase()), a.parts_that_differ(b)};
        return result;
    } while (a.advance() && b.advance());
    return result;
}

}  // namespace stellate::laboratory
