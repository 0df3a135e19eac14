// N03: the keys that a mouse uses. A short life with tumour, walkers, killers and a drug is raised while every block
// drawn is noted (core/random.hpp, BlockLog), and no key may serve two ends:
// - a key is always asked for by the same line of the program, and
// - a key of an event (fate, division, attack, arrival from the blood, ...) is drawn once.
// What a place or a founder is like is drawn anew whenever it is asked for, by design: a virtual brick is made from
// (seed, place) alone, the time and place of each cell of the inoculum are looked up in every tick of its arrival, a
// voxel's co-option in every tick under tumour. Such a key comes back from its own line with the same answer: one end.
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>
#include <tuple>

#include "verification/small_mice.hpp"

namespace stellate::verification {

namespace {

bool is_event(Purpose purpose) {
    switch (purpose) {
        case Purpose::anatomy_place:
        case Purpose::anatomy_lobule:
        case Purpose::anatomy_cell:
        case Purpose::arrival:
        case Purpose::co_option:
            return false;
        default:
            return true;
    }
}

// Every purpose that a mouse draws for (others belong to experiments and statistics, or are unused).
const std::set<Purpose>& of_a_mouse() {
    static const std::set<Purpose> purposes = {
        Purpose::anatomy_place, Purpose::anatomy_lobule, Purpose::anatomy_cell,  Purpose::arrival,
        Purpose::cell_fate,     Purpose::phase_duration, Purpose::division_axis, Purpose::heading,
        Purpose::attack,        Purpose::immune_arrival, Purpose::sprout,        Purpose::drug_kill,
        Purpose::bystander,     Purpose::co_option};
    return purposes;
}

struct Life {
    std::vector<Block> blocks;
    Tally tally;
};

template <class Shape>
Life logged(const SmallMouse& mouse, const WorldSize& size, const treatment::Plan& plan) {
    BlockLog log;  // of this thread, on which the world is founded and grown
    const World<Shape> world = grown<Shape>(mouse, size, {}, true, plan);
    return {std::move(log.blocks), world.tally};
}

std::string place(const std::source_location& at) {
    const std::string_view file = at.file_name();
    return fmt::format("{}:{}", file.substr(file.rfind('/') + 1), at.line());
}

struct Uses {
    int keys = 0, by_two_lines = 0, twice_for_events = 0;
    std::string example;
};
Uses count_uses(std::vector<Block> blocks) {
    const auto key = [](const Block& b) { return std::tie(b.key, b.counter); };
    std::sort(blocks.begin(), blocks.end(), [&](const Block& a, const Block& b) { return key(a) < key(b); });
    Uses uses;
    for (std::size_t n = 0; n < blocks.size(); ++n) {
        if (n == 0 || key(blocks[n]) != key(blocks[n - 1])) {
            ++uses.keys;
            continue;
        }
        const auto &a = blocks[n - 1].opened, &b = blocks[n].opened;
        const bool two_lines =
            a.line() != b.line() || std::string_view(a.file_name()) != std::string_view(b.file_name());
        const bool twice = is_event(blocks[n].purpose());
        uses.by_two_lines += two_lines;
        uses.twice_for_events += twice;
        if ((two_lines || twice) && uses.example.empty())
            uses.example = fmt::format(" (purpose {} at {} and {})", int(blocks[n].purpose()), place(a), place(b));
    }
    return uses;
}

// Mistakes in how an address is made of its parts, made in the log. (One that draws anew for each address is the
// generator's, and N01's.)
void forget(std::vector<Block>& blocks, const Mutation& mutation) {
    for (Block& b : blocks) {
        std::uint32_t &tick = b.counter[2], &purpose_and_block = b.counter[3];
        if (mutation.is("sub-steps of a walk at one address")) tick &= 0xffffff;
        if (mutation.is("blocks of a stream at one address")) purpose_and_block &= 0xffff0000;
        if (mutation.is("phase durations drawn as fates") && b.purpose() == Purpose::phase_duration)
            purpose_and_block = (std::uint32_t(Purpose::cell_fate) << 16) | (purpose_and_block & 0xffff);
        if (mutation.is("fates without their tick") && b.purpose() == Purpose::cell_fate) tick = 0;
    }
}

// The mistake: all types come from the blood by the same draws.
SmallMouse with_one_address(const SmallMouse& mouse) {
    Model model = *mouse.model;
    for (CellType& type : model.types) type.address = 1;
    return {std::make_shared<const Model>(std::move(model)), mouse.anatomy};
}

void check(const char* shape, std::vector<Block> blocks, const Mutation& mutation, Checks& checks) {
    forget(blocks, mutation);
    const Uses uses = count_uses(std::move(blocks));
    checks.push_back(same_bits("N03", fmt::format("keys of a {} that two lines ask for{}", shape, uses.example),
                               uses.by_two_lines, uses.keys));
    checks.push_back(same_bits("N03", fmt::format("keys of events of a {} drawn twice{}", shape, uses.example),
                               uses.twice_for_events, uses.keys));
}

}  // namespace

Case keys_case(const House& house) {
    Case c{"N03", "random", "no key serves two ends in a mouse", {}, {}};
    const auto section = std::make_shared<Once<Life>>();
    // Tumour that lives long enough to divide and to call vessels.
    const auto slow = std::make_shared<Once<SmallMouse>>();
    const auto mouse_of = [slow](MouseHouse& h) -> const SmallMouse& {
        return slow->get([&] {
            return make_besieged(h.texts(), {{"cell_types.cd8.behaviours.attack", "2 1/day"},
                                             {"cell_types.nk.behaviours.attack", "2 1/day"}});
        });
    };
    c.run = [house, section, mouse_of](const Mutation& mutation) {
        const SmallMouse& mouse = mouse_of(*house);
        treatment::Plan plan = shipped_plan(*house);
        plan.suicide_genes.front().bystander_share.assign(mouse.model->types.size(), 0.5f);
        const WorldSize size{2, 120, 480, 61};
        Checks checks;
        if (mutation.is("types at one address")) {
            check("section", logged<SectionShape>(with_one_address(mouse), size, plan).blocks, mutation, checks);
            return checks;
        }
        const Life& life = section->get([&] { return logged<SectionShape>(mouse, size, plan); });
        check("section", life.blocks, mutation, checks);
        if (!mutation.name.empty()) return checks;

        std::set<Purpose> drawn;
        for (const Block& b : life.blocks) drawn.insert(b.purpose());
        std::string missing;
        for (const Purpose p : of_a_mouse())
            if (!drawn.contains(p)) missing += fmt::format(" {}", int(p));
        checks.push_back(
            within("N03", "purposes of a mouse that this one drew for" + (missing.empty() ? "" : ", not" + missing),
                   double(of_a_mouse().size()), double(drawn.size()), 0, Check::Tier::discrete_exact, "coverage"));
        checks.push_back(killers_at_work("N03", *mouse.model, life.tally));
        check("block", logged<BlockShape>(mouse, {2, 20, 60, 62}, plan).blocks, mutation, checks);
        return checks;
    };
    c.mutants = {{"sub-steps of a walk at one address"},
                 {"blocks of a stream at one address"},
                 {"phase durations drawn as fates"},
                 {"fates without their tick"},
                 {"types at one address"}};
    return c;
}

}  // namespace stellate::verification
