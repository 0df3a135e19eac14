// Where lobules, central veins and portal tracts lie in the plane of a section; blocks repeat it along z (vessels are
// prisms). Pure functions of (seed, place): nothing is stored, so any brick may ask for any place.
//
// Central veins stand on a hexagonal lattice, each displaced uniformly inside a disk; a lobule is the Voronoi cell of
// its vein, and portal tracts stand at the corners, where three lobules meet. Along the edge between two corners (the
// vascular septum) blood runs in inlet venules: a length along the edge counts s = septal_path_ratio of its value. So
// the distance from the portal supply, at a point whose foot on the edge is L from the corner's centre and which lies h
// beside the edge, is the shortest path (as in Snell's law) s (L - r) + h sqrt(1 - s^2) past a tract of radius r, or
// the straight distance to the nearest tract's wall if that is shorter. With the distance to the central vein's wall,
//     portal_to_central = d_portal / (d_portal + d_central),     flow along its gradient.
// Lines of equal value are the sickle-shaped fronts of Matsumoto's primary lobule.
//
// It does not know branching vessels, sublobular veins or the liver's capsule.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "liver/parameters.hpp"
#include "tissue/brick.hpp"

namespace stellate::liver {

struct CentralVein {
    std::int32_t column, row;  // place on the hexagonal lattice: the name of the lobule
    double x, y, radius;       // um
    friend bool operator==(const CentralVein&, const CentralVein&) = default;
};

// A Voronoi vertex.
struct Corner {
    std::uint64_t key;                // the same from whichever lobule it is seen
    double x, y;                      // um
    double tract_radius;              // um; 0 where a tract nearby serves this corner too
    double direction_x, direction_y;  // unit vector from the portal vein to the artery and the duct
};

struct Circle {
    double x, y, radius;  // um
};

// The contents of a portal tract; the circles do not overlap and lie inside the tract.
struct Triad {
    Circle portal_vein, bile_duct, hepatic_artery;
};
Triad triad_of(const Corner& corner);

struct Place {
    double portal_to_central;  // 0 inside the portal tract .. 1 inside the central vein, continuous
    double flow_x, flow_y;     // unit direction of sinusoidal blood; 0 outside parenchyma
    TissueKind kind;
    int nearest_vein;      // index into LobuleMap::veins, by distance to the wall
    double to_vein_wall;   // um, negative inside
    int nearest_tract;     // index into LobuleMap::corners, by distance to the wall; -1: none in the map
    double to_tract_wall;  // um, negative inside; infinite without a tract
};

// All that decides a place inside the rectangle it was asked for.
class LobuleMap {
public:
    std::vector<CentralVein> veins;
    std::vector<Corner> corners;
    Place at(double x, double y) const;

private:
    friend class Lobules;
    struct Septum {
        double x, y, along_x, along_y, length;  // from one corner towards the other
        double radius_from, radius_to;          // um, of the tracts at its ends
    };
    std::vector<Septum> septa_;
    double along_cost_ = 0, across_cost_ = 1;  // s and sqrt(1 - s^2)
};

class Lobules {
public:
    // Throws InputError if a parameter lies outside the range given in parameters.hpp.
    Lobules(const LobuleParameters& parameters, std::uint64_t seed);

    // Rectangle in um, any size (cost grows with its area).
    LobuleMap map(double x0, double y0, double x1, double y1) const;
    CentralVein vein(std::int32_t column, std::int32_t row) const;
    // The vein whose Voronoi cell holds the point.
    CentralVein lobule_of(double x, double y) const;
    double spacing_um() const { return spacing_; }  // of the undisturbed lattice of veins

private:
    struct Workspace;
    LobuleParameters parameters_;
    std::uint64_t seed_;
    double spacing_, displacement_;  // um
};

}  // namespace stellate::liver
