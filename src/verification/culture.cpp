#include "verification/culture.hpp"

#include <cmath>

#include "core/error.hpp"
#include "core/ids.hpp"
#include "core/random.hpp"
#include "simulation/phases.hpp"

namespace stellate::verification {

namespace {

// Behaviours and signals in the order of the model's own indices.
struct Names {
    std::vector<rules::Name> signals, behaviours;
    int signal(std::string name) {
        signals.push_back({std::move(name)});
        return int(signals.size()) - 1;
    }
    int behaviour(std::string name) {
        behaviours.push_back({std::move(name)});
        return int(behaviours.size()) - 1;
    }
};

constexpr int oxygen = 0, medium_substrate = 1;

Model model_of(const std::vector<Kind>& kinds, double tick_min, Medium medium) {
    Model m{};
    m.name = "culture";
    m.clocks = {tick_min, 1};
    m.tolerances.contact_reach = 1;
    m.tolerances.guard_um = 1e9;
    m.oxygen = oxygen;
    m.vegfa = medium_substrate;
    for (const char* name : {"oxygen", "medium"}) {
        Substrate s{};
        s.name = name;
        m.substrates.push_back(s);
    }
    std::vector<std::string> type_names;
    for (std::size_t k = 0; k < kinds.size(); ++k) type_names.push_back("kind " + std::to_string(k));
    const int resident = int(kinds.size()), blood = resident + 1;
    type_names.insert(type_names.end(), {"resident", "blood"});
    m.roles = {resident, resident, resident, resident, resident, resident, resident, resident, blood};

    Names names;
    BehaviourIndex& b = m.behaviours;
    b.cycle_entry = names.behaviour("cycle entry");
    b.apoptosis = names.behaviour("apoptosis");
    b.migration_speed = names.behaviour("migration speed");
    b.migration_bias = names.behaviour("migration bias");
    b.attack = names.behaviour("attack");
    b.collagen_deposition = names.behaviour("collagen deposition");
    b.collagen_degradation = names.behaviour("collagen degradation");
    b.crosslinking = names.behaviour("crosslinking");
    b.secretion = {-1, names.behaviour("medium secretion")};
    for (const std::string& name : type_names) b.transform.push_back(names.behaviour("transform to " + name));
    for (const std::string& name : type_names) b.recruit.push_back(names.behaviour("recruit " + name));
    b.count = int(names.behaviours.size());

    SignalIndex& s = m.signals;
    for (const Substrate& substrate : m.substrates) s.substrate.push_back(names.signal(substrate.name));
    for (const std::string& name : type_names) s.contact.push_back(names.signal("contact with " + name));
    s.pressure = names.signal("pressure");
    s.collagen = names.signal("collagen");
    s.stiffness = names.signal("stiffness");
    s.perfusion = names.signal("perfusion");
    s.hypoxia = names.signal("hypoxia");
    s.count = int(names.signals.size());
    s.touched.resize(std::size_t(s.count));
    for (std::size_t t = 0; t < type_names.size(); ++t) s.touched[std::size_t(s.contact[t])].push_back({int(t), 1.0f});

    rules::Vocabulary words{type_names, names.signals, names.behaviours, {}, {}, {}};
    for (std::size_t t = 0; t < type_names.size(); ++t) {
        const Kind kind = t < kinds.size() ? kinds[t] : Kind{};
        CellType type{};
        type.name = type_names[t];
        type.address = name_address(type.name);
        type.radius_um = int(t) == resident ? 10 : kind.radius_um;
        type.s_phase_min = kind.s_phase;
        type.g2m_min = kind.g2m;
        type.phase_shape = kind.shape;
        type.dying_min = kind.dying;
        type.growth_min = kind.growth;
        type.base.assign(std::size_t(b.count), 0.0f);
        type.listed.assign(std::size_t(b.count), 0);
        const auto list = [&](int behaviour, double rate) {
            type.listed[std::size_t(behaviour)] = 1;
            type.base[std::size_t(behaviour)] = static_cast<float>(rate);
        };
        list(b.cycle_entry, kind.entry);
        list(b.apoptosis, kind.death);
        for (const auto& [to, rate] : kind.turns) {
            list(b.transform[std::size_t(to)], rate);
            type.transforms.push_back(to);
        }
        if (int(t) == blood)
            for (std::size_t k = 0; k < kinds.size(); ++k)
                if (kinds[k].arrival > 0) list(b.recruit[k], kinds[k].arrival);
        for (std::size_t n = 0; n < type.base.size(); ++n)
            words.base.push_back(type.listed[n] ? double(type.base[n]) : std::nan(""));
        type.driven_place.assign(std::size_t(b.count), -1);
        m.types.push_back(std::move(type));
    }
    std::vector<rules::Rule> rows;
    if (medium.saturation > 0) {
        rules::Rule rule;
        rule.cell_type = type_names[0];
        rule.signal = "medium";
        rule.behaviour = "cycle entry";
        rule.saturation.value = medium.saturation;
        rule.half_max.value = rule.power.value = 1;
        rows.push_back(rule);
    }
    rules::CompileOptions options;
    options.reference_units = true;
    m.rules = rules::CompiledRules(rows, words, options);
    for (std::size_t t = 0; t < m.types.size(); ++t) {
        const auto driven = m.rules.behaviours(int(t));
        m.types[t].driven_count = driven.size();
        for (std::size_t d = 0; d < driven.size(); ++d) m.types[t].driven_place[std::size_t(driven[d])] = int(d);
    }
    m.walks.resize(m.types.size());
    return m;
}

// Anatomy is asked for, then emptied; any that its checks accept will do.
liver::AnatomyParameters some_anatomy() {
    liver::AnatomyParameters p;
    p.lobules = {285, 0.07, 35, 48, 0.2, 150, 0.3};
    p.hepatocytes_per_mm3 = 1.35e5;
    p.rest_distance_ratio = 1;
    p.lsec_radius_um = p.kupffer_radius_um = p.hsc_quiescent_radius_um = p.nk_radius_um =
        p.portal_fibroblast_radius_um = 5;
    return p;
}

}  // namespace

template <class Shape>
Culture<Shape>::Culture(const std::vector<Kind>& kinds, double tick_min, std::uint64_t seed, Extent bricks,
                        Medium medium)
    : model_(std::make_shared<Model>(model_of(kinds, tick_min, medium))),
      world_(
          std::make_unique<World<Shape>>(model_, some_anatomy(), seed, bricks, Inoculum{}, treatment::Plan{}, false)) {
    for (Brick<Shape>* brick : world_->lattice.in_memory()) {
        brick->cells.resize(0);
        for (auto* column : {&brick->healthy.level, &brick->deviation}) column->assign(column->size(), 0.0f);
        brick->sinusoid.assign(brick->sinusoid.size(), 1.0f);
    }
    world_->lattice.settle(1);
    scratch_.resize(world_->lattice.in_memory().size());
}

template <class Shape>
void Culture<Shape>::found(int kind, std::size_t clones, std::size_t each, Phase phase) {
    clones_ = clones;
    const auto& bricks = world_->lattice.in_memory();
    for (std::size_t n = 0; n < clones * each; ++n, ++founders_) {
        Draws draws(world_->seed, founders_, 0, Purpose::arrival);
        Cells& c = bricks[founders_ % bricks.size()]->cells;
        const std::size_t row = c.size();
        c.resize(row + 1);
        c.id[row] = arrival_id(founders_, 0, 0).value;
        const auto inside = [&draws](Fixed edge) {
            return edge / 4 + static_cast<Fixed>(draws.below(std::uint32_t(edge / 2)));
        };
        c.x[row] = inside(edge_fixed<Shape>[0]);
        c.y[row] = inside(edge_fixed<Shape>[1]);
        c.z[row] = Shape::flat ? edge_fixed<Shape>[2] / 2 : inside(edge_fixed<Shape>[2]);
        c.type[row] = static_cast<std::uint8_t>(kind);
        c.phase[row] = phase;
        c.radius[row] = static_cast<float>(model_->types[std::size_t(kind)].radius_um);
        c.lineage[row] = static_cast<float>((double(n / each) + 0.5) / double(clones));
    }
    world_->lattice.settle(1);
}

template <class Shape>
void Culture<Shape>::run(int ticks) {
    const auto& bricks = world_->lattice.in_memory();
    for (int n = 0; n < ticks; ++n) {
        for (std::size_t b = 0; b < bricks.size(); ++b) {
            scratch_[b].clear();
            sense(*world_, *bricks[b], scratch_[b]);
            decide(*world_, *bricks[b], scratch_[b]);
        }
        commit(*world_, scratch_, 1);
        ++world_->tick;
    }
}

template <class Shape>
void Culture<Shape>::run_until(double time) {
    const double ticks = (time - time_min()) / model_->clocks.tick_min;
    STELLATE_ASSERT(ticks >= 0 && std::abs(ticks - std::round(ticks)) < 1e-9, time, time_min(),
                    model_->clocks.tick_min);
    run(static_cast<int>(std::round(ticks)));
}

template <class Shape>
void Culture<Shape>::set_entry(int kind, double rate) {
    model_->types[std::size_t(kind)].base[std::size_t(model_->behaviours.cycle_entry)] = static_cast<float>(rate);
}

template <class Shape>
void Culture<Shape>::set_medium(double level) {
    for (Brick<Shape>* brick : world_->lattice.in_memory())
        for (float& v : brick->field(medium_substrate)) v = static_cast<float>(level);
}

template <class Shape>
template <class Visit>
void Culture<Shape>::each_living(Visit&& visit) const {
    const auto& bricks = world_->lattice.in_memory();
    for (std::size_t b = 0; b < bricks.size(); ++b) {
        const Cells& c = bricks[b]->cells;
        for (std::size_t row = 0; row < c.size(); ++row)
            if (c.phase[row] != Phase::dying) visit(b, c, row);
    }
}

template <class Shape>
std::vector<double> Culture<Shape>::by_clone(int kind) const {
    std::vector<double> counts(clones_, 0.0);
    each_living([&](std::size_t, const Cells& c, std::size_t row) {
        if (c.type[row] == kind) ++counts[static_cast<std::size_t>(double(c.lineage[row]) * double(clones_))];
    });
    return counts;
}

template <class Shape>
std::vector<double> Culture<Shape>::by_clone(int kind, Phase phase) const {
    std::vector<double> counts(clones_, 0.0);
    each_living([&](std::size_t, const Cells& c, std::size_t row) {
        if (c.type[row] == kind && c.phase[row] == phase)
            ++counts[static_cast<std::size_t>(double(c.lineage[row]) * double(clones_))];
    });
    return counts;
}

template <class Shape>
double Culture<Shape>::count(int kind) const {
    double sum = 0;
    each_living([&](std::size_t, const Cells& c, std::size_t row) { sum += c.type[row] == kind; });
    return sum;
}

template <class Shape>
double Culture<Shape>::count(int kind, Phase phase) const {
    double sum = 0;
    each_living(
        [&](std::size_t, const Cells& c, std::size_t row) { sum += c.type[row] == kind && c.phase[row] == phase; });
    return sum;
}

template <class Shape>
std::vector<double> Culture<Shape>::by_brick(int kind) const {
    std::vector<double> counts(world_->lattice.in_memory().size(), 0.0);
    each_living([&](std::size_t b, const Cells& c, std::size_t row) { counts[b] += c.type[row] == kind; });
    return counts;
}

template class Culture<SectionShape>;
template class Culture<BlockShape>;

}  // namespace stellate::verification
