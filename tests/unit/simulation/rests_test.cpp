// Whom `rests` lets decide leave alone: in a mouse at work, no living cell of a type that is said to rest would do
// anything.
#include <gtest/gtest.h>

#include "mouse.hpp"
#include "simulation/phases.hpp"

namespace stellate {
namespace {

template <class Shape>
void expect_rest_is_rest(Extent extent, int ticks) {
    const auto mouse = test::load_besieged();
    auto w = test::world<Shape>(mouse, 31, extent, 25);
    test::run(w, ticks);
    const Model& model = *w.model;
    const Tolerances& tolerances = model.tolerances;
    std::size_t resting = 0, working = 0;
    for (const Brick<Shape>* brick : w.lattice.in_memory()) {
        BrickScratch scratch;
        sense(w, *brick, scratch);
        VoxelSignals voxels;
        voxels.read(model, *brick);
        std::vector<std::vector<std::uint32_t>> rows(model.types.size());
        for (std::size_t row = 0; row < brick->cells.size(); ++row)
            rows[brick->cells.type[row]].push_back(std::uint32_t(row));
        for (std::size_t type = 0; type < rows.size(); ++type) {
            if (rows[type].empty()) continue;
            if (!rests(model, int(type), *brick, scratch, rows[type], voxels)) {
                ++working;
                continue;
            }
            ++resting;
            TypeBehaviours b;
            b.evaluate(model, int(type), *brick, scratch, voxels, rows[type]);
            const BehaviourIndex& index = model.behaviours;
            for (std::size_t n = 0; n < rows[type].size(); ++n) {
                const std::string& name = model.types[type].name;
                EXPECT_LE(b.of(index.apoptosis)(n), tolerances.resting_rate_per_min) << name;
                EXPECT_LE(b.of(index.cycle_entry)(n), tolerances.resting_rate_per_min) << name;
                for (const int to : model.types[type].transforms)
                    EXPECT_LE(b.of(index.transform[std::size_t(to)])(n), tolerances.resting_rate_per_min) << name;
                for (const int secretion : index.secretion) {
                    if (secretion < 0) continue;
                    EXPECT_LE(b.of(secretion)(n), tolerances.resting_secretion) << name;
                }
                for (const int work : {index.collagen_deposition, index.collagen_degradation, index.crosslinking})
                    EXPECT_EQ(b.of(work)(n), 0) << name;
                EXPECT_LE(b.of(index.migration_speed)(n), tolerances.resting_speed_um_per_min) << name;
            }
        }
    }
    EXPECT_GT(resting, 10u);
    EXPECT_GT(working, 10u);
}

TEST(Rests, in_a_section_means_that_nobody_would_do_anything) { expect_rest_is_rest<SectionShape>({3, 3, 1}, 200); }
TEST(Rests, in_a_block_means_that_nobody_would_do_anything) { expect_rest_is_rest<BlockShape>({3, 3, 3}, 120); }

}  // namespace
}  // namespace stellate
