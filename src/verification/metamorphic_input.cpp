// Metamorphic checks of what is read: treatments that do nothing (X03), order of rows, tables, arms and mice (X08),
// units (X09), substrates and cell types that nobody uses (X10), a gene whose rates are 0 knocked out (X14).
#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "core/error.hpp"
#include "laboratory/readout.hpp"
#include "laboratory/sampling.hpp"
#include "verification/rewritten.hpp"
#include "verification/small_mice.hpp"

namespace stellate::verification {

namespace {

// --- X03

std::vector<Digest> every_12_h(const SmallMouse& mouse, const WorldSize& size, const treatment::Plan& plan) {
    World<SectionShape> world = found<SectionShape>(mouse, size, true, plan);
    Stepper<SectionShape> stepper;
    std::vector<Digest> states;
    for (int n = 1; n <= size.ticks; ++n) {
        stepper.step(world);
        if (n % 120 == 0) states.push_back(digest(world));
    }
    return states;
}

// --- X14

// The model in which endothelium, the only source of IL-1beta, makes `factor` times as much of it; none for 0, where
// the rules by which it makes some go with the two records that only they read (a rule may not drive by nothing).
ModelTexts with_il1b(ModelTexts texts, double factor) {
    int changed = 0;
    const auto each_line = [&](std::string& text, auto&& change) {
        std::string out;
        for (const std::string& line : lines_of(text)) out += change(line);
        text = std::move(out);
    };
    for (auto& file : texts.files) {
        std::string table;
        each_line(file.second, [&](const std::string& line) -> std::string {
            if (line.starts_with("[")) table = line;
            if (table != "[responses.lsec]\n") return line;
            const std::string start = "IL1B_max = { value = ";
            if (factor == 0 && (line.starts_with(start) || line.starts_with("half_contact = "))) {
                ++changed;
                return "";
            }
            if (!line.starts_with(start)) return line;
            ++changed;
            const double value = factor * std::stod(line.substr(start.size()));
            return fmt::format(
                "{0}{1}, unit = \"nM um^3/min\", range = [{1}, {1}], kind = \"assumed\", source = "
                "\"chosen\", note = \"X14\" }}\n",
                start, value);
        });
    }
    if (factor == 0)
        each_line(texts.rules.second, [&](const std::string& line) -> std::string {
            const bool makes = line.starts_with("lsec,") && line.find(",IL1B secretion,") != std::string::npos;
            changed += makes;
            return makes ? "" : line;
        });
    if (changed != (factor == 0 ? 4 : 1)) throw RunError("the model says otherwise than X14 how IL-1beta is made");
    return texts;
}

// --- X10

// The blocks of a table and of the tables under it, once more under another name.
std::string copied_blocks(const std::string& text, const std::string& table, const std::string& copy) {
    std::string out;
    for (const std::string& block : blocks_of(text))
        if (block.starts_with("[" + table + "]") || block.starts_with("[" + table + "."))
            out += "[" + copy + block.substr(1 + table.size());
    return out;
}

std::string with_copy(const ModelTexts& texts, const std::string& table, const std::string& copy) {
    std::string out;
    for (const auto& file : texts.files) out += copied_blocks(file.second, table, copy);
    if (out.empty()) throw RunError("the model has no table " + table);
    return out;
}

// State of a world in the numbering of another model, which lacks some of its substrates and types.
Digest digest_as(const World<SectionShape>& world, const Model& other) {
    const Model& model = *world.model;
    std::vector<int> types, substrates;
    for (const CellType& t : other.types) types.push_back(model.type_index(t.name));
    for (const Substrate& s : other.substrates) substrates.push_back(model.substrate_index(s.name));
    std::vector<std::uint8_t> number(model.types.size(), 255);
    for (std::size_t n = 0; n < types.size(); ++n) number[std::size_t(types[n])] = static_cast<std::uint8_t>(n);

    Hasher hasher;
    hasher.value(world.tick);
    for (const Brick<SectionShape>* brick : world.lattice.in_memory()) {
        Brick<SectionShape> renumbered = *brick;
        for (std::uint8_t& type : renumbered.cells.type) type = number[type];
        renumbered.deviation.clear(), renumbered.emission.clear();
        constexpr auto voxels = std::ptrdiff_t(voxels_per_brick<SectionShape>);
        for (const int s : substrates) {
            const auto field = brick->field(s);
            renumbered.deviation.insert(renumbered.deviation.end(), field.begin(), field.end());
            const auto emission = brick->emission.begin() + s * voxels;
            renumbered.emission.insert(renumbered.emission.end(), emission, emission + voxels);
        }
        renumbered.hash(hasher);
    }
    world.tree.hash(hasher);
    Tally tally = world.tally;
    for (auto [to, from] : {std::pair(&tally.deaths, &world.tally.deaths),
                            {&tally.kills, &world.tally.kills},
                            {&tally.recruited, &world.tally.recruited}}) {
        to->clear();
        for (const int t : types) to->push_back((*from)[std::size_t(t)]);
    }
    tally.hash(hasher);
    return hasher.digest();
}

int different_endpoints(const World<SectionShape>& a, const World<SectionShape>& b, int& compared) {
    const auto of = [](const World<SectionShape>& w) { return histology::measure(laboratory::section_of(w)).values; };
    const auto x = of(a), y = of(b);
    int different = 0;
    for (std::size_t n = 0; n < x.size(); ++n) different += x[n].value != y[n].value;
    compared = int(x.size());
    return different;
}

}  // namespace

Case idle_treatment_case(const House& house) {
    Case c{"X03", "metamorphic", "a treatment without dose, effect, carriers or time is the control", {}, {}};
    const auto control = std::make_shared<Once<std::vector<Digest>>>();
    c.run = [house, control](const Mutation& mutation) {
        const SmallMouse& mouse = house->mouse();
        const WorldSize size{2, 80, house->either(720, 480), 11};
        const treatment::Plan shipped = shipped_plan(*house);
        const std::vector<Digest>& expected = control->get([&] { return every_12_h(mouse, size, {}); });

        std::vector<std::pair<std::string, treatment::Plan>> idle;
        const auto without = [&](const char* what, auto&& change) {
            treatment::Plan plan = shipped;
            change(plan.suicide_genes.front());
            idle.emplace_back(what, std::move(plan));
        };
        const double dose = mutation.is("a hundredth of the dose") ? mutation.factor : 0.0;
        without("dose", [&](treatment::SuicideGene& gene) { gene.dosing.dose_ug_per_g *= dose; });
        if (mutation.name.empty()) {
            without("effect", [](treatment::SuicideGene& gene) { gene.effect.most = 0; });
            without("carriers", [](treatment::SuicideGene& gene) { gene.carrier_share = 0; });
            without("time", [&](treatment::SuicideGene& gene) {
                gene.dosing.first_min = (size.ticks + 1) * mouse.model->clocks.tick_min;
            });
        }
        Checks checks;
        const auto compare = [&](const std::string& what, const treatment::Plan& plan) {
            const std::vector<Digest> states = every_12_h(mouse, size, plan);
            int different = 0;
            for (std::size_t n = 0; n < states.size(); ++n) different += states[n] != expected[n];
            checks.push_back(same_bits("X03", "states every 12 h, control and " + what, different, int(states.size())));
        };
        for (const auto& [what, plan] : idle) compare("a drug without " + what, plan);
        if (!mutation.name.empty()) return checks;
        const treatment::KillLog nobody;
        treatment::Plan replay, sham;
        replay.replays.push_back({&nobody, std::nullopt});
        sham.replays.push_back({&nobody, mouse.model->roles.hepatocyte});
        compare("the replay of no kill", replay);
        compare("the sham of no kill", sham);
        return checks;
    };
    c.mutants = {{"a hundredth of the dose", 0.01}};
    return c;
}

Case order_case(const House& house) {
    Case c{"X08", "metamorphic", "the order of rows, tables, arms, primaries and mice does not matter", {}, {}};
    const auto in_order = std::make_shared<Once<World<SectionShape>>>();
    c.run = [house, in_order](const Mutation& mutation) {
        const WorldSize size{2, 80, house->either(480, 300), 19};
        const World<SectionShape>& expected =
            in_order->get([&] { return grown<SectionShape>(house->besieged(), size); });
        const auto differs = [&](const ModelTexts& other) {
            return digest(grown<SectionShape>(make_besieged(other), size)) != digest(expected);
        };
        ModelTexts texts = house->texts();
        texts.rules.second = reversed_rows(texts.rules.second, mutation.is("a Hill power off by 1 %"));
        Checks checks;
        checks.push_back(same_bits("X08", "mouse with the rows of rules.csv reversed", differs(texts), 1));
        if (!mutation.name.empty()) return checks;
        checks.push_back(killers_at_work("X08", *expected.model, expected.tally));
        for (auto& file : texts.files) file.second = reversed_tables(file.second);
        texts.primary.second = reversed_tables(texts.primary.second);
        std::reverse(texts.files.begin(), texts.files.end());
        checks.push_back(same_bits("X08", "mouse with rules, tables and keys reversed", differs(texts), 1));

        const std::string head = "seed = 5\nacclimatisation = \"6 h\"\nmice = 2\ndays = 1\n",
                          inoculum = "[inoculum]\ninjected = 1e5\ndensity = \"12000 cells/mm^3\"\n";
        const std::string primaries[2] = {"[[primaries]]\nname = \"colon\"\n", "[[primaries]]\nname = \"pancreas\"\n"};
        const std::string arms[2] = {
            "[[arms]]\nname = \"control\"\n",
            "[[arms]]\nname = \"stiff\"\nset = { \"responses.hsc_quiescent.activation_max\" = \"0.5 1/day\" }\n"};
        const std::string varied[2] = {
            "[[variation]]\nrecord = \"inoculum.density\"\ncv = \"25 %\"\n",
            "[[variation]]\nrecord = \"cell_types.tumour.behaviours.cycle_entry\"\ncv = \"5 %\"\n"};
        const auto text = [&](std::size_t a, std::size_t b) {
            return small_experiment(head,
                                    inoculum + primaries[a] + primaries[b] + arms[a] + arms[b] + varied[a] + varied[b]);
        };
        const Ends one = run_text(*house, text(0, 1)), other = run_text(*house, text(1, 0));
        checks.push_back(same_bits("X08", "mice with primaries, arms and variation in the other order",
                                   differing(one, other), int(one.size())));
        Ends by_number;  // the second mouse first
        for (const char* only : {"only_mice = [2]\n", "only_mice = [1]\n"})
            by_number.merge(run_text(
                *house, small_experiment(head + only, inoculum + primaries[0] + arms[0] + varied[0] + varied[1])));
        Ends colon;
        for (const auto& [who, state] : by_number) colon[who] = one.at(who);
        checks.push_back(
            same_bits("X08", "mice run in the other order", differing(by_number, colon), int(by_number.size())));
        return checks;
    };
    c.mutants = {{"a Hill power off by 1 %"}};
    return c;
}

Case unit_case(const House& house) {
    Case c{"X09", "metamorphic", "the same quantities in other units", {}, {}};
    c.run = [house](const Mutation& mutation) {
        const WorldSize size{2, 80, house->either(240, 60), 23};
        ModelTexts texts = house->texts();
        const int numbers = in_other_units(texts, mutation.is("a factor between units off by 1 %"));
        Checks checks;
        const Digest plain = digest(grown<SectionShape>(house->mouse(), size)),
                     other = digest(grown<SectionShape>(make_mouse(texts), size));
        checks.push_back(same_bits("X09", fmt::format("mouse of a model with {} numbers in other units", numbers),
                                   plain != other, 1));
        if (!mutation.name.empty()) return checks;
        const auto text = [&](const char* rest, const char* density, const char* cv, const char* rate) {
            return small_experiment(
                fmt::format("mice = 2\nseed = 9\nacclimatisation = \"{}\"\ndays = 1\n", rest),
                fmt::format("[inoculum]\ninjected = 1e5\ndensity = \"{}\"\n[[primaries]]\nname = "
                            "\"colon\"\n[[arms]]\nname = \"control\"\n"
                            "set = {{ \"responses.hsc_quiescent.activation_max\" = \"{}\" }}\n[[variation]]\nrecord = "
                            "\"inoculum.density\"\ncv = \"{}\"\n",
                            density, rate, cv));
        };
        const Ends one = run_text(*house, text("6 h", "12000 cells/mm^3", "25 %", "0.5 1/day")),
                   rewritten = run_text(*house, text("0.25 day", "1.2e7 1/mL", "0.25 1", "3.5 1/week"));
        checks.push_back(
            same_bits("X09", "mice of an experiment in other units", differing(one, rewritten), int(one.size())));
        return checks;
    };
    c.mutants = {{"a factor between units off by 1 %"}};
    return c;
}

Case addition_case(const House& house) {
    Case c{"X10", "metamorphic", "a substrate and a cell type that nobody uses", {}, {}};
    c.run = [house](const Mutation& mutation) {
        // Recruits come in early and in numbers here: their draws are addressed by cell type.
        const WorldSize size{2, 80, house->either(600, 300), 29};
        // The mistake: arrivals drawn by a type's place in the list.
        const auto with_addresses = [&](SmallMouse mouse) {
            if (!mutation.is("draws addressed by a type's number")) return mouse;
            Model numbered = *mouse.model;
            for (std::size_t n = 0; n < numbered.types.size(); ++n) numbered.types[n].address = n;
            mouse.model = std::make_shared<const Model>(std::move(numbered));
            return mouse;
        };
        const World<SectionShape> plain = grown<SectionShape>(with_addresses(house->besieged()), size);
        // The names make them the first of their list, so that every other changes its number.
        ModelTexts texts = house->texts();
        texts.files.emplace_back("added.toml", with_copy(texts, "substrates.CXCL12", "substrates.ADDED") +
                                                   with_copy(texts, "cell_types.mdsc", "cell_types.added"));
        const World<SectionShape> more = grown<SectionShape>(with_addresses(make_besieged(texts)), size);
        int compared = 0;
        const int endpoints = different_endpoints(plain, more, compared);
        Checks checks;
        checks.push_back(same_bits("X10", "endpoints with an unused substrate and cell type", endpoints, compared));
        checks.push_back(same_bits("X10", "state but for the added (a digest also covers their empty columns)",
                                   digest_as(more, *plain.model) != digest_as(plain, *plain.model), 1));
        if (mutation.name.empty()) checks.push_back(killers_at_work("X10", *plain.model, plain.tally));
        return checks;
    };
    c.mutants = {{"draws addressed by a type's number"}};
    return c;
}

Case knock_out_case(const House& house) {
    Case c{"X14", "metamorphic", "knocking out a gene whose rates are 0 already changes nothing", {}, {}};
    const auto knocked_out = std::make_shared<Once<Digest>>();
    c.run = [house, knocked_out](const Mutation& mutation) {
        const WorldSize size{2, 80, house->either(480, 240), 31};
        // The loop "relay" is all that the model says of IL-1beta: the rules that make it and those that read it.
        const Digest& without = knocked_out->get(
            [&] { return digest(grown<SectionShape>(make_mouse(house->texts(), {}, {"relay"}), size)); });
        const auto differs = [&](double factor) {
            return digest(grown<SectionShape>(make_mouse(with_il1b(house->texts(), factor)), size)) != without;
        };
        const double rate = mutation.is("a hundredth of the rate left") ? mutation.factor : 0.0;
        Checks checks;
        checks.push_back(same_bits("X14", "mouse that makes no IL1B, and without the gene", differs(rate), 1));
        if (mutation.name.empty())
            checks.push_back(within("X14", "the knock-out of IL1B at its rate shipped changes the mouse", 1, differs(1),
                                    0, Check::Tier::discrete_exact, "coverage"));
        return checks;
    };
    c.mutants = {{"a hundredth of the rate left", 0.01}};
    return c;
}

}  // namespace stellate::verification
