#include "simulation/world.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "simulation/phases.hpp"

namespace stellate {

void Tally::hash(Hasher& hasher) const {
    for (std::uint64_t v : {arrived_tumour, divisions, tumour_divisions, sprouts, joined, segments_lost})
        hasher.value(v);
    for (const auto* column : {&deaths, &kills, &recruited}) hasher.column(std::span(column->data(), column->size()));
}

namespace {

liver::HealthyLevels healthy_levels(const Model& model) {
    liver::HealthyLevels levels;
    for (const Substrate& s : model.substrates) levels.basal_nM.push_back(s.basal);
    levels.oxygen = model.oxygen;
    return levels;
}

liver::ResidentTypes residents(const Model& model) {
    const auto index = [](int type) { return static_cast<std::uint8_t>(type); };
    const Model::Roles& r = model.roles;
    return {index(r.hepatocyte),        index(r.lsec), index(r.kupffer), index(r.hsc_quiescent),
            index(r.portal_fibroblast), index(r.nk)};
}

double largest_range_um(const Model& model, double hepatocyte_radius_um) {
    double radius = hepatocyte_radius_um;  // anatomy's, which follows from density and differs between shapes
    for (const CellType& t : model.types) radius = std::max(radius, t.radius_um);
    // Mechanics reaches as far as adhesion does, contacts as far as touching does.
    return 2 * radius * std::max(double(model.contact.adhesion_reach), model.tolerances.contact_reach);
}

}  // namespace

template <class Shape>
World<Shape>::World(std::shared_ptr<const Model> model_, const liver::AnatomyParameters& parameters,
                    std::uint64_t seed_, Extent extent, Inoculum inoculum_, treatment::Plan plan_, bool sleep_)
    : model(std::move(model_)),
      seed(seed_),
      anatomy(parameters, residents(*model), healthy_levels(*model), seed),
      lattice(extent.nx, extent.ny, extent.nz, largest_range_um(*model, anatomy.hepatocyte_radius_um()),
              [model = model, anatomy = anatomy](Brick<Shape>& brick) {
                  anatomy.fill(brick);
                  brick.emission.assign(model->substrates.size() * std::size_t(voxels_per_brick<Shape>), 0.0f);
                  oxygen_uptake(*model, brick, brick.healthy.oxygen_uptake);
              }),
      inoculum(inoculum_),
      plan(std::move(plan_)),
      sleep(sleep_) {
    for (auto* column : {&tally.deaths, &tally.kills, &tally.recruited}) column->assign(model->types.size(), 0);
    if (sleep) return;
    std::vector<BrickCoord> everywhere;
    for (int z = 0; z < extent.nz; ++z)
        for (int y = 0; y < extent.ny; ++y)
            for (int x = 0; x < extent.nx; ++x) everywhere.push_back({x, y, z});
    lattice.materialise(everywhere, 1);
    for (Brick<Shape>* brick : lattice.in_memory()) brick->activity.cells_awake = brick->activity.fields_awake = 1;
}

template <class Shape>
Digest digest(const World<Shape>& world) {
    Hasher hasher;
    hasher.value(world.seed);
    hasher.value(world.tick);
    for (const Brick<Shape>* brick : world.lattice.in_memory()) brick->hash(hasher);
    world.tree.hash(hasher);
    world.tally.hash(hasher);
    return hasher.digest();
}

template struct World<SectionShape>;
template struct World<BlockShape>;
template Digest digest(const World<SectionShape>&);
template Digest digest(const World<BlockShape>&);

}  // namespace stellate
