#include "simulation/signals.hpp"

#include <algorithm>
#include <tuple>

#include "core/error.hpp"
#include "matrix/matrix.hpp"
#include "vessels/vessels.hpp"

namespace stellate {

template <class Shape>
void VoxelSignals::read(const Model& model, const Brick<Shape>& brick) {
    voxels_ = std::size_t(voxels_per_brick<Shape>);
    values_.resize(std::size_t(model.signals.count) * voxels_);
    ranges_.assign(std::size_t(model.signals.count), {1.0f, 0.0f});
    const auto column = [this](int signal) { return values_.data() + std::size_t(signal) * voxels_; };
    for (std::size_t s = 0; s < model.substrates.size(); ++s) {
        float* out = column(model.signals.substrate[s]);
        const auto healthy = brick.healthy_level(int(s));
        const auto deviation = brick.field(int(s));
        for (std::size_t v = 0; v < voxels_; ++v) out[v] = std::max(0.0f, healthy[v] + deviation[v]);
    }
    const float* oxygen = column(model.signals.substrate[std::size_t(model.oxygen)]);
    float* hypoxia = column(model.signals.hypoxia);
    for (std::size_t v = 0; v < voxels_; ++v) hypoxia[v] = 1.0f / (1.0f + oxygen[v]);  // oxygen over 1 mmHg

    float* collagen = column(model.signals.collagen);
    float* stiffness = column(model.signals.stiffness);
    for (std::size_t v = 0; v < voxels_; ++v) {
        collagen[v] = brick.matrix.collagen[v];
        stiffness[v] = matrix::stiffness_kpa(model.matrix, brick.matrix.collagen[v], brick.healthy.collagen[v],
                                             brick.matrix.crosslink[v]);
    }
    vessels::length_of_segments(brick, true, new_vessels_);
    perfusion_.resize(voxels_);
    for (std::size_t v = 0; v < voxels_; ++v) perfusion_[v] = brick.sinusoid[v] + new_vessels_[v] / float(voxel_um);
    // Tracts and veins have blood of their own that tumour does not shut; only nobody leaves it there for the tissue.
    float* perfused = column(model.signals.perfusion);
    for (std::size_t v = 0; v < voxels_; ++v)
        perfused[v] = brick.healthy.kind[v] == TissueKind::parenchyma ? perfusion_[v] : 1.0f + perfusion_[v];
}

std::pair<float, float> VoxelSignals::range(int signal) {
    auto& known = ranges_[std::size_t(signal)];
    if (known.first <= known.second) return known;
    const float* const values = column(signal);
    float low = values[0], high = values[0];
#pragma omp simd reduction(min : low) reduction(max : high)
    for (std::size_t v = 0; v < voxels_; ++v) {
        low = std::min(low, values[v]);
        high = std::max(high, values[v]);
    }
    return known = {low, high};
}

namespace {

// What a cell feels of those it touches: their numbers by type, weighted.
float contact(const std::vector<SignalIndex::Touched>& touched, const BrickScratch& scratch, std::uint32_t row,
              std::size_t types) {
    const std::uint8_t* const count = scratch.contact.data() + row * types;
    float sum = 0;
    for (const SignalIndex::Touched& t : touched) sum += t.weight * float(count[t.type]);
    return sum;
}

}  // namespace

template <class Shape>
bool rests(const Model& model, int type, const Brick<Shape>& brick, const BrickScratch& scratch,
           const std::vector<std::uint32_t>& rows, VoxelSignals& voxels) {
    const CellType& t = model.types[std::size_t(type)];
    if (t.makes_timp) return false;
    thread_local std::vector<float> low, high;
    thread_local std::vector<double> driven;
    low.resize(std::size_t(model.signals.count));
    high.resize(std::size_t(model.signals.count));
    for (const int signal : model.rules.signals_used(type)) {
        float &least = low[std::size_t(signal)], &greatest = high[std::size_t(signal)];
        if (const auto& touched = model.signals.touched[std::size_t(signal)]; !touched.empty()) {
            least = greatest = contact(touched, scratch, rows.front(), model.types.size());
            for (const std::uint32_t row : rows) {
                const float sum = contact(touched, scratch, row, model.types.size());
                least = std::min(least, sum);
                greatest = std::max(greatest, sum);
            }
        } else if (signal == model.signals.pressure) {
            least = greatest = brick.cells.pressure[rows.front()];
            for (const std::uint32_t row : rows) {
                least = std::min(least, brick.cells.pressure[row]);
                greatest = std::max(greatest, brick.cells.pressure[row]);
            }
        } else {
            std::tie(least, greatest) = voxels.range(signal);
        }
    }
    driven.resize(t.driven_count);
    model.rules.upper_bounds(type, low.data(), high.data(), driven.data());
    const auto at_most = [&](int behaviour, double limit) {
        const int place = t.driven_place[std::size_t(behaviour)];
        return place < 0 ? double(t.base[std::size_t(behaviour)]) <= limit
                         : driven[std::size_t(place)] <= limit * (1 - 1e-6);
    };
    const BehaviourIndex& index = model.behaviours;
    const Tolerances& tolerances = model.tolerances;
    for (const int behaviour : {index.apoptosis, index.cycle_entry})
        if (!at_most(behaviour, tolerances.resting_rate_per_min)) return false;
    for (const int to : t.transforms)
        if (!at_most(index.transform[std::size_t(to)], tolerances.resting_rate_per_min)) return false;
    for (const int behaviour : index.secretion)
        if (behaviour >= 0 && !at_most(behaviour, tolerances.resting_secretion)) return false;
    for (const int behaviour : {index.collagen_deposition, index.collagen_degradation, index.crosslinking})
        if (!at_most(behaviour, 0)) return false;
    return at_most(index.migration_speed, tolerances.resting_speed_um_per_min);
}

float* TypeBehaviours::signal_column(int signal, std::size_t count) {
    auto& column = signals_[std::size_t(signal)];
    if (column.size() < count) column.resize(count);
    columns_[std::size_t(signal)] = column.data();
    return column.data();
}

void TypeBehaviours::run(const Model& model, int type, std::size_t count) {
    const std::size_t driven = model.types[std::size_t(type)].driven_count;
    stride_ = count;
    out_.resize(driven * count);
    out_columns_.resize(driven);
    for (std::size_t d = 0; d < driven; ++d) out_columns_[d] = out_.data() + d * count;
    if (driven > 0) model.rules.evaluate_batch(type, std::int64_t(count), columns_.data(), out_columns_.data());
}

template <class Shape>
void TypeBehaviours::evaluate(const Model& model, int type, const Brick<Shape>& brick, const BrickScratch& scratch,
                              const VoxelSignals& voxels, const std::vector<std::uint32_t>& rows) {
    type_ = &model.types[std::size_t(type)];
    signals_.resize(std::size_t(model.signals.count));
    columns_.assign(std::size_t(model.signals.count), nullptr);
    const Cells& c = brick.cells;
    for (const int signal : model.rules.signals_used(type)) {
        float* out = signal_column(signal, rows.size());
        const auto& touched = model.signals.touched[std::size_t(signal)];
        if (!touched.empty()) {
            for (std::size_t n = 0; n < rows.size(); ++n)
                out[n] = contact(touched, scratch, rows[n], model.types.size());
        } else if (signal == model.signals.pressure) {
            for (std::size_t n = 0; n < rows.size(); ++n) out[n] = c.pressure[rows[n]];
        } else {
            const float* at = voxels.column(signal);
            for (std::size_t n = 0; n < rows.size(); ++n) out[n] = at[scratch.voxel[rows[n]]];
        }
    }
    run(model, type, rows.size());
}

void TypeBehaviours::evaluate_at_voxels(const Model& model, int type, std::size_t count, const VoxelSignals& voxels) {
    type_ = &model.types[std::size_t(type)];
    signals_.resize(std::size_t(model.signals.count));
    columns_.assign(std::size_t(model.signals.count), nullptr);
    for (const int signal : model.rules.signals_used(type)) columns_[std::size_t(signal)] = voxels.column(signal);
    run(model, type, count);
}

std::optional<TypeBehaviours::Wrong> TypeBehaviours::first_wrong(std::size_t count) const {
    // A rule that takes a behaviour down to 0 may leave a rounding below it. False for NaN; without branches.
    const auto fits = [](float v) { return int(v >= -1e-9f) & int(v <= 1e12f); };
    const std::size_t driven = type_->driven_count * count;
    int bad = 0;
#pragma omp simd reduction(| : bad)
    for (std::size_t n = 0; n < driven; ++n) bad |= int(!fits(out_[n]));
    if (!bad) return std::nullopt;
    std::size_t at = 0;
    while (fits(out_[at])) ++at;
    const auto& places = type_->driven_place;
    const auto behaviour = std::find(places.begin(), places.end(), int(at / count)) - places.begin();
    return Wrong{int(behaviour), at % count, out_[at]};
}

template bool rests<SectionShape>(const Model&, int, const Brick<SectionShape>&, const BrickScratch&,
                                  const std::vector<std::uint32_t>&, VoxelSignals&);
template bool rests<BlockShape>(const Model&, int, const Brick<BlockShape>&, const BrickScratch&,
                                const std::vector<std::uint32_t>&, VoxelSignals&);
template void VoxelSignals::read<SectionShape>(const Model&, const Brick<SectionShape>&);
template void VoxelSignals::read<BlockShape>(const Model&, const Brick<BlockShape>&);
template void TypeBehaviours::evaluate<SectionShape>(const Model&, int, const Brick<SectionShape>&, const BrickScratch&,
                                                     const VoxelSignals&, const std::vector<std::uint32_t>&);
template void TypeBehaviours::evaluate<BlockShape>(const Model&, int, const Brick<BlockShape>&, const BrickScratch&,
                                                   const VoxelSignals&, const std::vector<std::uint32_t>&);

}  // namespace stellate
