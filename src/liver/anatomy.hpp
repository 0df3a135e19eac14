// Healthy mouse liver as a pure function of (seed, brick coordinate): the content of every virtual brick, the state
// from which fields are deviations and in which cells rest.
//
// Lobules and vessels: lobules.hpp. Hepatocytes stand on packing.hpp at mechanical rest. Sinusoidal cells (endothelium,
// Kupffer, quiescent stellate, NK) are Poisson draws per voxel, each then moved off the body of the nearest hepatocyte
// (within its voxel); portal fibroblasts are Poisson draws in the connective tissue of portal tracts. In a section all
// centres lie in the mid-plane, and counts are those of the slab of one voxel. Equations, sources and limits:
// docs/model/anatomy.md.
#pragma once

#include <cstdint>
#include <vector>

#include "core/random.hpp"
#include "liver/lobules.hpp"
#include "liver/packing.hpp"
#include "liver/parameters.hpp"
#include "tissue/brick.hpp"

namespace stellate::liver {

// Indices of the founder types in the model.
struct ResidentTypes {
    std::uint8_t hepatocyte, lsec, kupffer, hsc_quiescent, portal_fibroblast, nk;
};

// Healthy levels of all substrates, in the model's order; oxygen's follows the lobule instead.
struct HealthyLevels {
    std::vector<double> basal_nM;
    int oxygen = -1;  // index into basal_nM whose value is not used; -1: no oxygen
};

enum class StructureKind : std::uint8_t { central_vein, portal_tract, portal_vein, bile_duct, hepatic_artery };

struct Structure {
    StructureKind kind;
    double x, y, radius;  // um from the corner of the tissue
};

// What lobules are like on average, from a reference patch of about 100 lobules with a seed of its own: it turns
// densities per mm3 of liver into densities of the room that cells have, the same for all mice.
struct TissueShares {
    double parenchyma;              // share of liver volume outside tracts and central veins
    double hepatocyte_room;         // share of liver volume where a hepatocyte's centre may lie
    double mean_portal_to_central;  // over parenchyma
};
TissueShares tissue_shares(const AnatomyParameters& parameters);

template <class Shape>
class Anatomy {
public:
    // Throws InputError if a parameter lies outside the range given in parameters.hpp.
    Anatomy(const AnatomyParameters& parameters, const ResidentTypes& types, HealthyLevels levels, std::uint64_t seed);

    // Fills the brick at brick.at; everything else in it is overwritten. Safe from several threads.
    void fill(Brick<Shape>& brick) const;
    void operator()(Brick<Shape>& brick) const { fill(brick); }  // Lattice<Shape>::Founder

    // Vessels, ducts and tracts that touch the rectangle (um), each tract before its contents.
    std::vector<Structure> structures_in(double x0, double y0, double x1, double y1) const;
    CentralVein lobule_of(double x, double y) const { return lobules_.lobule_of(x, y); }

    const Lobules& lobules() const { return lobules_; }
    const TissueShares& shares() const { return shares_; }
    double hepatocyte_spacing_um() const { return packing_.spacing_um(); }
    double hepatocyte_closest_um() const { return packing_.closest_um(); }
    double hepatocyte_radius_um() const { return hepatocyte_radius_; }

private:
    struct Founder {
        Vec3 place;  // um, absolute
        float radius, lineage;
        std::uint8_t type;
    };
    struct SinusoidalType {
        std::uint8_t type;
        double per_voxel;  // mean number in a voxel of parenchyma at the portal tract, where it is greatest
        double none;       // exp(-per_voxel)
        double bias;       // periportal
        float radius;
    };
    void fill_voxels(Brick<Shape>& brick, const LobuleMap& map, const std::vector<Place>& columns) const;
    double collagen_at(const LobuleMap& map, const Place& near, double x, double y) const;
    static Vec3 in_voxel(Vec3 low, Draws& draws);
    Vec3 between_bodies(Vec3 drawn, Vec3 low, const std::vector<Circle>& obstacles, Draws& draws) const;
    void found_hepatocytes(Vec3 low, Vec3 high, const std::vector<Circle>& obstacles,
                           std::vector<Founder>& founders) const;
    void found_sinusoidal(BrickCoord at, const std::vector<Circle>& obstacles, const std::vector<Place>& columns,
                          std::vector<Founder>& founders) const;
    void found_fibroblasts(BrickCoord at, const LobuleMap& map, const std::vector<Place>& columns,
                           std::vector<Founder>& founders) const;

    AnatomyParameters parameters_;
    ResidentTypes types_;
    HealthyLevels levels_;
    std::uint64_t seed_;
    TissueShares shares_;
    Lobules lobules_;
    Packing<Shape> packing_;
    double hepatocyte_radius_;
    std::vector<SinusoidalType> sinusoidal_;
};

}  // namespace stellate::liver
