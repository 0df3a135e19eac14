// Commit, phase by phase: what it is handed in the scratch of the bricks is carried out once, in order, and conserved.
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "core/ids.hpp"
#include "mouse.hpp"
#include "simulation/phases.hpp"

namespace stellate {
namespace {

// A settled liver, wholly awake, without tumour, and empty scratch for it.
template <class Shape>
struct Stage {
    explicit Stage(Extent extent) : mouse(test::load()), w(test::world<Shape>(mouse, 5, extent, 0, false)) {
        scratch.resize(w.lattice.in_memory().size());
        w.lattice.settle(1);
    }
    Brick<Shape>& brick(std::size_t n = 0) { return *w.lattice.in_memory()[n]; }
    void commit(int threads = 1) {
        stellate::commit(w, scratch, threads);
        for (BrickScratch& s : scratch) s.clear();
    }
    struct Found {
        Brick<Shape>* brick;
        std::size_t row;
    };
    Found find(std::uint64_t id) {
        for (Brick<Shape>* b : w.lattice.in_memory())
            for (std::size_t row = 0; row < b->cells.size(); ++row)
                if (b->cells.id[row] == id) return {b, row};
        return {nullptr, 0};
    }
    std::size_t first_of(int type, std::size_t n = 0) {
        const auto& types = brick(n).cells.type;
        return std::size_t(std::find(types.begin(), types.end(), type) - types.begin());
    }
    double room() {  // what all cells fill: area of disks in a section, volume of spheres in a block, over pi
        double sum = 0;
        for (const Brick<Shape>* b : w.lattice.in_memory())
            for (const double r : b->cells.radius) sum += Shape::flat ? r * r : 4.0 / 3.0 * r * r * r;
        return sum;
    }
    std::size_t cells() {
        std::size_t n = 0;
        for (const Brick<Shape>* b : w.lattice.in_memory()) n += b->cells.size();
        return n;
    }

    test::Mouse mouse;
    World<Shape> w;
    std::vector<BrickScratch> scratch;
};

template <class Shape>
class Commit : public testing::Test {
protected:
    static Extent extent() { return Shape::flat ? Extent{2, 2, 1} : Extent{2, 2, 2}; }
};
using Shapes = testing::Types<SectionShape, BlockShape>;
TYPED_TEST_SUITE(Commit, Shapes);

TYPED_TEST(Commit, births_share_the_mothers_room_and_time_and_part_by_her_centre) {
    Stage<TypeParam> s(this->extent());
    const double room = s.room();
    const std::size_t cells = s.cells();
    struct Mother {
        std::uint64_t id;
        Vec3 place;
        float radius;
    };
    std::vector<Mother> mothers;
    for (std::size_t b = 0; b < s.scratch.size(); ++b)
        for (std::uint32_t row = 0; row < s.brick(b).cells.size(); row += 3) {
            Brick<TypeParam>& brick = s.brick(b);
            brick.cells.phase[row] = Phase::g2m;
            brick.cells.clock[row] = 2;
            s.scratch[b].births.push_back({row, 1.5f});
            mothers.push_back({brick.cells.id[row],
                               corner_um<TypeParam>(brick.at) + Vec3{um_from_fixed(brick.cells.x[row]),
                                                                     um_from_fixed(brick.cells.y[row]),
                                                                     um_from_fixed(brick.cells.z[row])},
                               brick.cells.radius[row]});
        }
    s.commit();
    EXPECT_EQ(s.cells(), cells + mothers.size());
    EXPECT_NEAR(s.room() / room, 1.0, 1e-6);
    EXPECT_EQ(s.w.tally.divisions, mothers.size());
    EXPECT_EQ(s.w.tally.tumour_divisions, 0u);

    const double whole = TypeParam::flat ? 2.0 : 3.0;
    const double width[3] = {s.w.lattice.nx() * TypeParam::nx * 20.0, s.w.lattice.ny() * TypeParam::ny * 20.0,
                             s.w.lattice.nz() * TypeParam::nz * 20.0};
    int inside = 0;
    for (const Mother& mother : mothers) {
        const auto old = s.find(mother.id), young = s.find(daughter_id({mother.id}, 0).value);
        ASSERT_TRUE(old.brick && young.brick) << mother.id;
        Vec3 place[2];
        for (const int n : {0, 1}) {
            const auto& found = n == 0 ? old : young;
            const Cells& c = found.brick->cells;
            EXPECT_NEAR(std::pow(c.radius[found.row] / mother.radius, whole), 0.5, 1e-6);
            EXPECT_EQ(c.phase[found.row], Phase::g1);
            EXPECT_EQ(c.clock[found.row], 0);
            EXPECT_EQ(c.carry[found.row], 1.5f);
            place[n] =
                corner_um<TypeParam>(found.brick->at) +
                Vec3{um_from_fixed(c.x[found.row]), um_from_fixed(c.y[found.row]), um_from_fixed(c.z[found.row])};
        }
        EXPECT_EQ(old.brick->cells.divisions[old.row], 1);
        EXPECT_EQ(young.brick->cells.divisions[young.row], 0);
        EXPECT_EQ(old.brick->cells.lineage[old.row], young.brick->cells.lineage[young.row]);
        const double reach = mother.radius;  // farther than a daughter goes
        if (mother.place.x < reach || mother.place.y < reach || mother.place.x > width[0] - reach ||
            mother.place.y > width[1] - reach)
            continue;
        if (!TypeParam::flat && (mother.place.z < reach || mother.place.z > width[2] - reach)) continue;
        ++inside;  // away from the tissue's wall, where places are cut
        EXPECT_NEAR(length(place[0] + place[1] - 2.0 * mother.place), 0, 1e-5);
        EXPECT_NEAR(length(place[1] - place[0]), old.brick->cells.radius[old.row], 1e-4);
        if (TypeParam::flat) {
            EXPECT_EQ(place[0].z, place[1].z);
        }
    }
    EXPECT_GT(inside, 50);
}

TYPED_TEST(Commit, leaves_every_cell_in_the_brick_and_bin_it_lies_in) {
    Stage<TypeParam> s(this->extent());
    for (std::size_t b = 0; b < s.scratch.size(); ++b)
        for (std::uint32_t row = 0; row < s.brick(b).cells.size(); ++row) s.scratch[b].births.push_back({row, 0.0f});
    s.commit();
    for (const Brick<TypeParam>* b : s.w.lattice.in_memory())
        for (std::size_t row = 0; row < b->cells.size(); ++row) {
            const Fixed at[3] = {b->cells.x[row], b->cells.y[row], b->cells.z[row]};
            for (int a = 0; a < 3; ++a) {
                ASSERT_GE(at[a], 0);
                ASSERT_LT(at[a], edge_fixed<TypeParam>[a]);
            }
        }
}

TYPED_TEST(Commit, ids_stay_unique_over_many_divisions_of_many_lines) {
    Stage<TypeParam> s(this->extent());
    for (Brick<TypeParam>* b : s.w.lattice.in_memory()) {  // a few founders each
        b->cells.resize(std::min<std::size_t>(b->cells.size(), 8));
        b->activity.cells_awake = 1;
    }
    s.w.lattice.settle(1);
    std::size_t expected = s.cells();
    for (int generation = 0; generation < 8; ++generation) {
        for (std::size_t b = 0; b < s.scratch.size(); ++b)
            for (std::uint32_t row = 0; row < s.brick(b).cells.size(); ++row)
                s.scratch[b].births.push_back({row, 0.0f});
        ++s.w.tick;
        s.commit();
        expected *= 2;
    }
    std::set<std::uint64_t> ids;
    for (const Brick<TypeParam>* b : s.w.lattice.in_memory()) ids.insert(b->cells.id.begin(), b->cells.id.end());
    EXPECT_EQ(ids.size(), expected);
    EXPECT_EQ(s.cells(), expected);
    EXPECT_EQ(s.w.tally.divisions, expected - expected / 256);
}

TYPED_TEST(Commit, a_target_dies_once_and_the_lowest_attacker_has_the_credit) {
    for (const int threads : {1, 2}) {
        Stage<TypeParam> s(this->extent());
        const int cd8 = s.w.model->type_index("cd8"), nk = s.w.model->type_index("nk"),
                  tumour = s.w.model->type_index("tumour");
        const std::size_t row = s.first_of(s.w.model->roles.hepatocyte);
        Brick<TypeParam>& brick = s.brick(0);
        brick.cells.type[row] = std::uint8_t(tumour);
        const std::uint64_t target = brick.cells.id[row];
        const auto attack = [&](std::uint64_t actor, int type, float dying) {
            Act act;
            act.kind = Act::Kind::attack;
            act.cell = target;
            act.actor = actor;
            act.row = std::uint32_t(row);
            act.brick = brick.at;
            act.actor_type = std::uint8_t(type);
            act.delay_min = dying;
            return act;
        };
        // Handed in from other bricks and in no order; the lowest id is a CD8's.
        s.scratch[2].acts.push_back(attack(900, nk, 30));
        s.scratch[1].acts.push_back(attack(17, cd8, 20));
        s.scratch[0].acts.push_back(attack(400, nk, 40));
        s.commit(threads);
        EXPECT_EQ(s.w.tally.kills[std::size_t(cd8)], 1u);
        EXPECT_EQ(s.w.tally.kills[std::size_t(nk)], 0u);
        EXPECT_EQ(s.w.tally.deaths[std::size_t(tumour)], 1u);
        const auto found = s.find(target);
        ASSERT_TRUE(found.brick);
        EXPECT_EQ(found.brick->cells.phase[found.row], Phase::dying);
        EXPECT_EQ(found.brick->cells.clock[found.row], 20.0f);
        EXPECT_TRUE(s.w.kill_log.empty());  // of the treatment's kills only

        s.scratch[0].acts.push_back(attack(1, nk, 10));
        s.scratch[0].acts.back().row = std::uint32_t(found.row);
        s.commit(threads);
        EXPECT_EQ(s.w.tally.kills[std::size_t(nk)], 0u);
        EXPECT_EQ(s.w.tally.deaths[std::size_t(tumour)], 1u);
        EXPECT_EQ(s.find(target).brick->cells.clock[s.find(target).row], 20.0f);
    }
}

TYPED_TEST(Commit, the_tally_of_kills_is_of_tumour_cells) {
    Stage<TypeParam> s(this->extent());
    Act attack;
    attack.kind = Act::Kind::attack;
    attack.row = std::uint32_t(s.first_of(s.w.model->roles.hepatocyte));
    attack.brick = s.brick(0).at;
    attack.cell = s.brick(0).cells.id[attack.row];
    attack.actor_type = std::uint8_t(s.w.model->type_index("cd8"));
    s.scratch[0].acts = {attack};
    s.commit();
    EXPECT_EQ(s.w.tally.deaths[std::size_t(s.w.model->roles.hepatocyte)], 1u);
    EXPECT_EQ(s.w.tally.kills[attack.actor_type], 0u);
}

TYPED_TEST(Commit, an_attack_comes_before_a_drug_upon_the_same_cell) {
    Stage<TypeParam> s(this->extent());
    s.w.plan.suicide_genes.resize(1);  // without bystanders
    Brick<TypeParam>& brick = s.brick(0);
    brick.cells.type[0] = std::uint8_t(s.w.model->type_index("tumour"));
    Act drug;
    drug.kind = Act::Kind::drug;
    drug.cell = drug.actor = brick.cells.id[0];
    drug.row = 0;
    drug.brick = brick.at;
    drug.delay_min = 60;
    Act attack = drug;
    attack.kind = Act::Kind::attack;
    attack.actor = ~0ull;
    attack.actor_type = std::uint8_t(s.w.model->type_index("cd8"));
    Act other = drug;
    other.cell = other.actor = brick.cells.id[1];
    other.row = 1;
    s.scratch[0].acts = {other, drug};
    s.scratch[1].acts = {attack};
    s.commit();
    EXPECT_EQ(s.w.tally.kills[attack.actor_type], 1u);
    ASSERT_EQ(s.w.kill_log.size(), 1u);
    EXPECT_EQ(s.w.kill_log[0].cell, other.cell);
}

TYPED_TEST(Commit, bystanders_go_by_the_rules_of_the_gene_that_killed) {
    Stage<TypeParam> s(this->extent());
    const int hepatocyte = s.w.model->roles.hepatocyte, lsec = s.w.model->roles.lsec;
    s.w.plan.suicide_genes.resize(2);
    for (auto& gene : s.w.plan.suicide_genes) {
        gene.bystander_share.assign(s.w.model->types.size(), 0.0f);
        gene.bystander_radius_um = 60;
    }
    s.w.plan.suicide_genes[0].bystander_share[std::size_t(hepatocyte)] = 1;
    s.w.plan.suicide_genes[1].bystander_share[std::size_t(lsec)] = 1;
    s.w.plan.suicide_genes[0].death_delay_h = 10;
    s.w.plan.suicide_genes[1].death_delay_h = 20;
    Brick<TypeParam>& brick = s.brick(0);
    Act act;
    act.kind = Act::Kind::drug;
    act.row = std::uint32_t(s.first_of(s.w.model->roles.hsc_quiescent));
    ASSERT_LT(act.row, brick.cells.size());
    act.cell = act.actor = brick.cells.id[act.row];
    act.brick = brick.at;
    act.gene = 1;
    act.delay_min = 60;
    s.scratch[0].acts = {act};
    s.commit();
    std::size_t bystanders = 0;
    for (const treatment::Kill& kill : s.w.kill_log) {
        const bool bystander = kill.cause == treatment::Kill::Cause::bystander;
        EXPECT_EQ(kill.type, bystander ? lsec : s.w.model->roles.hsc_quiescent);
        EXPECT_EQ(kill.delay_min, bystander ? 1200.0f : 60.0f);
        bystanders += bystander;
    }
    EXPECT_GT(bystanders, 0u);
    EXPECT_EQ(s.w.kill_log.size(), bystanders + 1);
}

TYPED_TEST(Commit, a_mother_killed_in_the_tick_of_her_division_has_no_daughter_and_counts_as_no_division) {
    Stage<TypeParam> s(this->extent());
    const std::size_t cells = s.cells();
    Brick<TypeParam>& brick = s.brick(0);
    Act act;
    act.kind = Act::Kind::attack;
    act.cell = brick.cells.id[5];
    act.actor = 1;
    act.row = 5;
    act.brick = brick.at;
    act.delay_min = 30;
    s.scratch[0].births.push_back({5, 0.0f});
    s.scratch[3].acts.push_back(act);
    s.commit();
    EXPECT_EQ(s.cells(), cells);
    EXPECT_EQ(s.w.tally.divisions, 0u);
    EXPECT_EQ(s.find(act.cell).brick->cells.divisions[s.find(act.cell).row], 0);
}

TYPED_TEST(Commit, removes_the_dead_and_none_of_those_still_dying) {
    Stage<TypeParam> s(this->extent());
    Cells& c = s.brick(1).cells;
    std::set<std::uint64_t> dead, dying, living;
    for (std::size_t row = 0; row < c.size(); ++row) {
        if (row % 4 == 0)
            c.phase[row] = Phase::dying, c.clock[row] = row % 8 == 0 ? 0.0f : -3.0f, dead.insert(c.id[row]);
        else if (row % 4 == 1)
            c.phase[row] = Phase::dying, c.clock[row] = 1e-3f, dying.insert(c.id[row]);
        else
            living.insert(c.id[row]);
    }
    s.commit();
    for (const std::uint64_t id : dead) EXPECT_EQ(s.find(id).brick, nullptr);
    for (const std::uint64_t id : dying) EXPECT_NE(s.find(id).brick, nullptr);
    for (const std::uint64_t id : living) EXPECT_NE(s.find(id).brick, nullptr);
    EXPECT_EQ(s.brick(1).cells.size(), dying.size() + living.size());
}

TYPED_TEST(Commit, newcomers_enter_where_they_are_told_whole_and_counted) {
    Stage<TypeParam> s(this->extent());
    const int cd8 = s.w.model->type_index("cd8");
    const std::size_t cells = s.cells();
    s.w.tick = 31;
    Newcomer cell;
    cell.id = arrival_id(99, 31, 0).value;
    cell.x = fixed_from_um(33.25), cell.y = fixed_from_um(7.5), cell.z = fixed_from_um(10);
    cell.type = std::uint8_t(cd8);
    s.scratch[2].newcomers.push_back(cell);
    s.brick(2).activity.cells_awake = 0;
    s.commit();
    const auto found = s.find(cell.id);
    ASSERT_EQ(found.brick, &s.brick(2));
    EXPECT_TRUE(found.brick->activity.cells_awake);
    const Cells& c = found.brick->cells;
    EXPECT_EQ(c.x[found.row], cell.x);
    EXPECT_EQ(c.y[found.row], cell.y);
    EXPECT_EQ(c.z[found.row], cell.z);
    EXPECT_EQ(c.type[found.row], cell.type);
    EXPECT_EQ(c.radius[found.row], float(s.w.model->types[std::size_t(cd8)].radius_um));
    EXPECT_EQ(c.phase[found.row], Phase::g1);
    EXPECT_GT(c.lineage[found.row], 0);
    EXPECT_LT(c.lineage[found.row], 1);
    EXPECT_EQ(s.cells(), cells + 1);
    EXPECT_EQ(s.w.tally.recruited[std::size_t(cd8)], 1u);
}

}  // namespace
}  // namespace stellate
