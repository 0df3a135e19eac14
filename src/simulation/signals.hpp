// From tissue to signals and from signals to behaviours: the only place that knows where each signal of the rule
// grammar comes from. Batches over the cells of one type in one brick, structure of arrays.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "simulation/scratch.hpp"
#include "simulation/world.hpp"

namespace stellate {

// Signals that belong to a place, for every voxel of a brick.
class VoxelSignals {
public:
    template <class Shape>
    void read(const Model& model, const Brick<Shape>& brick);
    float at(int signal, std::size_t voxel) const { return values_[std::size_t(signal) * voxels_ + voxel]; }
    const float* column(int signal) const { return values_.data() + std::size_t(signal) * voxels_; }
    // Endothelium through which cells leave the blood: sinusoids and new vessels; the signal counts tracts and veins
    // too.
    float perfusion(std::size_t voxel) const { return perfusion_[voxel]; }
    // Least and greatest value of a signal in the brick; worked out when first asked for.
    std::pair<float, float> range(int signal);

private:
    std::size_t voxels_ = 0;
    std::vector<float> values_;     // [signal][voxel]; the columns of contacts and pressure mean nothing
    std::vector<float> perfusion_;  // [voxel] perfused endothelium, 1 = healthy sinusoid
    std::vector<float> new_vessels_;
    std::vector<std::pair<float, float>> ranges_;  // [signal]; first above second: not known yet
};

// Would no living cell of a type in this brick do anything that is not done every tick alike: die, divide, change,
// secrete, work on the matrix, walk? From the ranges of the signals that its rules read; `rows` are its cells. Says no
// where unsure.
template <class Shape>
bool rests(const Model& model, int type, const Brick<Shape>& brick, const BrickScratch& scratch,
           const std::vector<std::uint32_t>& rows, VoxelSignals& voxels);

// Behaviours of the cells of one type, rules applied.
class TypeBehaviours {
public:
    template <class Shape>
    void evaluate(const Model& model, int type, const Brick<Shape>& brick, const BrickScratch& scratch,
                  const VoxelSignals& voxels, const std::vector<std::uint32_t>& rows);
    // For a type without cells, at every voxel (the blood).
    void evaluate_at_voxels(const Model& model, int type, std::size_t count, const VoxelSignals& voxels);

    // One behaviour of all rows: driven by rules, or the same for every cell.
    struct Column {
        const float* driven = nullptr;
        float base = 0;
        float operator()(std::size_t n) const { return driven ? driven[n] : base; }  // of the n-th of `rows`
        bool absent() const { return !driven && base == 0; }
    };
    // The first behaviour driven by rules that is no number, below 0 or running away, and of which of the `count` rows
    // or voxels.
    struct Wrong {
        int behaviour;
        std::size_t n;
        float value;
    };
    std::optional<Wrong> first_wrong(std::size_t count) const;
    Column of(int behaviour) const {
        const int driven = type_->driven_place[std::size_t(behaviour)];
        if (driven < 0) return {nullptr, type_->base[std::size_t(behaviour)]};
        return {out_.data() + std::size_t(driven) * stride_, 0};
    }

private:
    void run(const Model& model, int type, std::size_t count);
    float* signal_column(int signal, std::size_t count);

    const CellType* type_ = nullptr;
    std::size_t stride_ = 0;
    std::vector<std::vector<float>> signals_;  // by signal; only those the type's rules read are filled
    std::vector<const float*> columns_;
    std::vector<float> out_;  // [driven behaviour][cell]
    std::vector<float*> out_columns_;
};

}  // namespace stellate
