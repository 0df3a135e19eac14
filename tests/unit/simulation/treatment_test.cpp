// A suicide gene acts on carriers that leave S phase under the drug, and through those kills alone.
#include <gtest/gtest.h>

#include <array>
#include <map>
#include <set>

#include "mouse.hpp"
#include "treatment/plan.hpp"

namespace stellate {
namespace {

constexpr int ticks_a_day = 240;
constexpr int days = 5;

// Ganciclovir at a constant high level from the beginning, in mice whose stellate cells all carry the gene.
treatment::SuicideGene gene(const Model& model, double carrier_share = 1.0) {
    treatment::SuicideGene g;
    g.name = "GFAP-HSV-Tk";
    g.carrier_types = {model.type_index("hsc_activated"), model.type_index("hsc_quiescent"),
                       model.type_index("hsc_reverted")};
    g.carrier_share = carrier_share;
    g.dosing.dose_ug_per_g = 40;
    g.dosing.interval_min = 1440;
    g.dosing.elimination_per_min = 6.4e-4;
    g.dosing.distribution_ml_per_g = 0.7;
    g.effect.most = 1.0;
    g.effect.half = 0.08;
    g.effect.power = 1.5;
    g.death_delay_h = 24;
    g.bystander_radius_um = 15;
    return g;
}

World<SectionShape> treated(const test::Mouse& mouse, treatment::Plan plan) {
    auto w = test::world<SectionShape>(mouse, 11, {4, 4, 1}, 40, true, std::move(plan));
    test::run(w, days * ticks_a_day);
    return w;
}

class Treatment : public testing::Test {
protected:
    static void SetUpTestSuite() {
        mouse = new test::Mouse(test::load());
        control = new World<SectionShape>(treated(*mouse, {}));
        treatment::Plan plan;
        plan.suicide_genes.push_back(gene(*mouse->model));
        depleted = new World<SectionShape>(treated(*mouse, plan));
    }
    static void TearDownTestSuite() {
        delete control;
        delete depleted;
        delete mouse;
    }
    static test::Mouse* mouse;
    static World<SectionShape>*control, *depleted;
};
test::Mouse* Treatment::mouse = nullptr;
World<SectionShape>* Treatment::control = nullptr;
World<SectionShape>* Treatment::depleted = nullptr;

TEST_F(Treatment, kills_stellate_cells_only_and_some_of_them) {
    ASSERT_FALSE(depleted->kill_log.empty());
    for (const treatment::Kill& kill : depleted->kill_log) {
        EXPECT_EQ(kill.type, mouse->model->type_index("hsc_activated")) << kill.cell;
        EXPECT_EQ(kill.cause, treatment::Kill::Cause::drug);
    }
    EXPECT_NE(digest(*control), digest(*depleted));
    EXPECT_LT(test::count(*depleted, "hsc_activated"), test::count(*control, "hsc_activated"));
}

TEST_F(Treatment, lets_the_condemned_live_on_undivided_until_their_delay_has_passed) {
    World<SectionShape> w = *control;
    w.plan.suicide_genes.push_back(gene(*mouse->model));
    const int activated = mouse->model->type_index("hsc_activated");
    const auto each = [&](auto&& visit) {
        for (auto* brick : w.lattice.in_memory())
            for (std::size_t row = 0; row < brick->cells.size(); ++row) visit(brick->cells, row);
    };
    // All about to leave S phase under the drug.
    each([&](Cells& c, std::size_t row) {
        if (c.type[row] == activated && c.phase[row] == Phase::g1) c.phase[row] = Phase::s, c.clock[row] = 1;
    });
    test::run(w, 1);
    std::map<std::uint64_t, std::uint16_t> condemned;  // divisions by id
    each([&](const Cells& c, std::size_t row) {
        if (c.phase[row] == Phase::condemned) condemned[c.id[row]] = c.divisions[row];
    });
    ASSERT_GT(condemned.size(), 20u);
    ASSERT_EQ(condemned.size(), w.kill_log.size());
    constexpr int delay = 240;  // ticks
    test::run(w, delay - 1);
    std::size_t waiting = 0;
    each([&](const Cells& c, std::size_t row) {
        const auto found = condemned.find(c.id[row]);
        if (found == condemned.end()) return;
        waiting += c.phase[row] == Phase::condemned;
        EXPECT_TRUE(doomed(c.phase[row]));
        EXPECT_EQ(c.divisions[row], found->second);
    });
    EXPECT_GT(2 * waiting, condemned.size());  // some die by themselves
    test::run(w, 1);
    std::size_t dying = 0;
    each([&](const Cells& c, std::size_t row) {
        if (!condemned.contains(c.id[row])) return;
        EXPECT_EQ(c.phase[row], Phase::dying);
        ++dying;
    });
    EXPECT_GE(dying, waiting);
}

TEST_F(Treatment, lets_the_condemned_secrete_as_before) {
    World<SectionShape> living = *control, condemned = *control;
    const int activated = mouse->model->type_index("hsc_activated");
    std::size_t changed = 0;
    for (auto* brick : condemned.lattice.in_memory())
        for (std::size_t row = 0; row < brick->cells.size(); ++row)
            if (brick->cells.type[row] == activated && brick->cells.phase[row] == Phase::g1) {
                brick->cells.phase[row] = Phase::condemned;
                brick->cells.clock[row] = 1e4f;
                ++changed;
            }
    ASSERT_GT(changed, 20u);
    test::run(living, 1);
    test::run(condemned, 1);
    const auto sum = [&](const World<SectionShape>& w) {
        double of_tgfb1 = 0;
        const std::size_t s = std::size_t(mouse->model->substrate_index("TGFB1"));
        for (const auto* brick : w.lattice.in_memory())
            for (std::size_t v = 0; v < std::size_t(voxels_per_brick<SectionShape>); ++v)
                of_tgfb1 += brick->emission[s * std::size_t(voxels_per_brick<SectionShape>) + v];
        return of_tgfb1;
    };
    EXPECT_GT(sum(living), 0);
    EXPECT_NEAR(sum(condemned) / sum(living), 1, 0.05);  // a few of the living died or reverted in that tick
}

TEST_F(Treatment, no_carriers_no_drug_and_no_effect_are_each_the_control_to_the_bit) {
    treatment::Plan wild_type, no_drug, no_effect;
    wild_type.suicide_genes.push_back(gene(*mouse->model, 0.0));
    no_drug.suicide_genes.push_back(gene(*mouse->model));
    no_drug.suicide_genes[0].dosing.dose_ug_per_g = 0;
    no_effect.suicide_genes.push_back(gene(*mouse->model));
    no_effect.suicide_genes[0].effect.most = 0;
    for (const auto& plan : {wild_type, no_drug, no_effect}) EXPECT_EQ(digest(treated(*mouse, plan)), digest(*control));
}

TEST_F(Treatment, replaying_its_kills_in_the_control_gives_the_treated_animal) {
    treatment::Plan plan;
    plan.replays.push_back({&depleted->kill_log, std::nullopt});
    const auto replayed = treated(*mouse, plan);
    EXPECT_EQ(digest(replayed), digest(*depleted));
    EXPECT_EQ(replayed.kill_log.size(), depleted->kill_log.size());
}

TEST_F(Treatment, a_sham_kills_as_many_hepatocytes_and_no_stellate_cell) {
    treatment::Plan plan;
    plan.replays.push_back({&depleted->kill_log, mouse->model->roles.hepatocyte});
    const auto sham = treated(*mouse, plan);
    EXPECT_EQ(sham.kill_log.size(), depleted->kill_log.size());
    for (const treatment::Kill& kill : sham.kill_log) EXPECT_EQ(kill.type, mouse->model->roles.hepatocyte);
}

TEST_F(Treatment, is_bit_for_bit_the_control_until_the_first_kill) {
    const std::uint32_t first = depleted->kill_log.front().tick;
    ASSERT_GT(first, 0u);
    auto a = test::world<SectionShape>(*mouse, 11, {4, 4, 1}, 40);
    treatment::Plan plan;
    plan.suicide_genes.push_back(gene(*mouse->model));
    auto b = test::world<SectionShape>(*mouse, 11, {4, 4, 1}, 40, true, plan);
    test::run(a, int(first));
    test::run(b, int(first));
    EXPECT_EQ(digest(a), digest(b));
    test::run(a, 1);
    test::run(b, 1);
    EXPECT_NE(digest(a), digest(b));
}

TEST_F(Treatment, a_gene_that_nobody_carries_adds_nothing_to_another_not_even_bystanders) {
    treatment::Plan plan;
    plan.suicide_genes = {gene(*mouse->model, 0.0), gene(*mouse->model)};
    plan.suicide_genes[0].bystander_share.assign(mouse->model->types.size(), 1.0f);
    plan.suicide_genes[0].bystander_radius_um = 100;
    EXPECT_EQ(digest(treated(*mouse, plan)), digest(*depleted));
}

TEST_F(Treatment, a_carrier_of_two_genes_dies_once_by_the_first_that_kills_and_each_has_its_own_say) {
    treatment::Plan plan;
    plan.suicide_genes = {gene(*mouse->model), gene(*mouse->model)};
    plan.suicide_genes[1].draw = 1;
    plan.suicide_genes[0].death_delay_h = 12;
    const auto kills_of = [&](double first_chance) {
        for (auto& gene : plan.suicide_genes) gene.effect.half = 1e-9;  // at its most all the while
        plan.suicide_genes[0].effect.most = plan.suicide_genes[1].effect.most = first_chance;
        std::array<std::size_t, 2> kills{};
        std::set<std::uint64_t> dead;
        for (const treatment::Kill& kill : treated(*mouse, plan).kill_log) {
            ++kills[kill.delay_min == 12 * 60 ? 0 : 1];
            EXPECT_TRUE(dead.insert(kill.cell).second) << kill.cell;
        }
        return kills;
    };
    const auto certain = kills_of(1), even = kills_of(0.5);
    EXPECT_GT(certain[0], 0u);
    EXPECT_EQ(certain[1], 0u);
    EXPECT_GT(even[0], 0u);
    EXPECT_GT(even[1], 0u);
}

// Under the drugs of two arms at once (docs/decisions/0009) each arm condemns for itself, by the same number.
TEST_F(Treatment, genes_of_two_arms_do_not_hide_each_other) {
    treatment::Plan alone, both;
    alone.suicide_genes = {gene(*mouse->model)};
    auto& shares = alone.suicide_genes[0].bystander_share;
    shares.assign(mouse->model->types.size(), 0.0f);
    shares[std::size_t(mouse->model->type_index("hsc_activated"))] = 1.0f;
    alone.suicide_genes[0].bystander_radius_um = 100;
    both.suicide_genes = {gene(*mouse->model), alone.suicide_genes[0]};
    both.suicide_genes[1].arm = 1;
    EXPECT_EQ(digest(treated(*mouse, both)), digest(treated(*mouse, alone)));
    both.suicide_genes[1].arm = 0;  // one arm: the first gene that kills is the one, and it has no bystanders
    EXPECT_EQ(digest(treated(*mouse, both)), digest(*depleted));
}

TEST_F(Treatment, bystander_killing_takes_only_the_types_it_names_within_its_radius) {
    treatment::Plan plan;
    plan.suicide_genes.push_back(gene(*mouse->model));
    plan.suicide_genes[0].bystander_share.assign(mouse->model->types.size(), 0.0f);
    plan.suicide_genes[0].bystander_share[std::size_t(mouse->model->type_index("hsc_activated"))] = 1.0f;
    plan.suicide_genes[0].bystander_radius_um = 100;
    const auto w = treated(*mouse, plan);
    std::size_t bystanders = 0;
    for (const treatment::Kill& kill : w.kill_log) {
        bystanders += kill.cause == treatment::Kill::Cause::bystander;
        EXPECT_EQ(kill.type, mouse->model->type_index("hsc_activated"));
    }
    EXPECT_GT(bystanders, 0u);
}

}  // namespace
}  // namespace stellate
