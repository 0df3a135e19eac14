// A made-up but plausible section for tests of pictures and of the report: lobules with triads, hepatocytes and
// sinusoidal cells, and foci with stroma, vessels and immune cells. No biology is claimed; only the struct is
// exercised.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/ids.hpp"
#include "histology/section.hpp"

namespace stellate::histology::synthetic {

struct FocusPlan {
    double x_um, y_um, radius_um;
    double stroma;  // 0 none .. 1 desmoplastic
};

struct Plan {
    double edge_um = 1600;
    std::uint64_t seed = 1;
    bool pigmented = false;
    std::vector<FocusPlan> foci;
    double arrested_per_mm2 = 0;
};

inline Section empty(double width_um, double height_um, float collagen = 0, float oxygen = 45) {
    Section s;
    s.width_um = width_um;
    s.height_um = height_um;
    s.thickness_um = 20;
    s.nx = static_cast<int>(std::ceil(width_um / 20));
    s.ny = static_cast<int>(std::ceil(height_um / 20));
    const std::size_t voxels = static_cast<std::size_t>(s.nx) * s.ny;
    s.collagen_mg_per_ml.assign(voxels, collagen);
    s.fibre_angle.assign(voxels, 0.0f);
    s.oxygen_mmhg.assign(voxels, oxygen);
    s.sinusoid_perfusion.assign(voxels, 1.0f);
    return s;
}

inline Section make(const Plan& plan) {
    Section s = empty(plan.edge_um, plan.edge_um, 0.8f);
    struct {
        std::uint64_t state;
        double uniform() { return static_cast<double>(mix64(state++) >> 11) * 0x1p-53; }
    } draws{plan.seed << 32};
    std::uint64_t id = 1;
    const double edge = plan.edge_um;
    const auto between = [&](double a, double b) { return a + (b - a) * draws.uniform(); };

    // Central veins on a jittered triangular lattice 480 um apart, triads in the middle of the triangles.
    const double step = 480, row_step = step * 0.866;
    for (int r = -1; r * row_step < edge + row_step; ++r)
        for (int c = -1; c * step < edge + step; ++c) {
            const double x = c * step + (r & 1 ? step / 2 : 0) + between(-40, 40) + 120,
                         y = r * row_step + between(-40, 40) + 120;
            s.structures.push_back({float(x), float(y), float(between(24, 38)), Structure::Kind::central_vein});
            for (int k = 0; k < 2; ++k) {
                const double px = x + step / 2, py = y + (k ? 1 : -1) * row_step / 3 + between(-15, 15),
                             size = between(20, 32);
                s.structures.push_back({float(px), float(py), float(size), Structure::Kind::portal_vein});
                s.structures.push_back({float(px + size + 14), float(py - 8), 9, Structure::Kind::bile_duct});
                s.structures.push_back(
                    {float(px + 0.4 * size), float(py + size + 12), 6, Structure::Kind::hepatic_artery});
            }
        }
    const auto in_structure = [&](double x, double y, double margin) {
        for (const Structure& v : s.structures)
            if (std::hypot(v.x_um - x, v.y_um - y) < v.radius_um + margin) return true;
        return false;
    };
    // Signed distance to the nearest focus' uneven outline; negative inside.
    const auto outside_foci = [&](double x, double y, const FocusPlan** nearest = nullptr) {
        double best = 1e9;
        for (const FocusPlan& f : plan.foci) {
            const double dx = x - f.x_um, dy = y - f.y_um, a = std::atan2(dy, dx);
            const double d = std::hypot(dx, dy) -
                             f.radius_um * (1 + 0.09 * std::sin(3 * a + f.x_um) + 0.06 * std::sin(7 * a + f.y_um));
            if (d < best) {
                best = d;
                if (nearest) *nearest = &f;
            }
        }
        return best;
    };
    const auto nearest_vein = [&](double x, double y, bool central) {
        double best = 1e9;
        for (const Structure& v : s.structures)
            if (v.kind == (central ? Structure::Kind::central_vein : Structure::Kind::portal_vein))
                best = std::min<double>(best, std::hypot(v.x_um - x, v.y_um - y));
        return best;
    };

    for (int vy = 0; vy < s.ny; ++vy)
        for (int vx = 0; vx < s.nx; ++vx) {
            const double x = (vx + 0.5) * 20, y = (vy + 0.5) * 20;
            const std::size_t v = static_cast<std::size_t>(vy) * s.nx + vx;
            const double central = nearest_vein(x, y, true), portal = nearest_vein(x, y, false);
            s.oxygen_mmhg[v] = float(30 + 35 * central / (central + portal));
            s.fibre_angle[v] = float(3.14159 * draws.uniform());
            const FocusPlan* f = nullptr;
            const double d = outside_foci(x, y, &f);
            if (!f || d > 120) continue;
            const double across = std::atan2(y - f->y_um, x - f->x_um) + 1.5708;
            s.fibre_angle[v] = float(across + 0.5 * std::sin(x / 35) + 0.4 * std::sin(y / 28));
            const double strands = std::pow(std::fabs(std::sin((x + 0.6 * y) / 33 + std::sin(y / 41))), 3);
            const double rim = std::exp(-d * d / (2 * 22.0 * 22.0));
            const double inside = d < 0 ? 1 : 0;
            s.collagen_mg_per_ml[v] += float(f->stroma * (9 * rim + inside * (2 + 9 * strands)));
            s.oxygen_mmhg[v] =
                float(std::max(2.0, s.oxygen_mmhg[v] - (d < 0 ? 14 + 0.22 * -d : 14 * std::exp(-d / 40))));
            s.sinusoid_perfusion[v] = float(d < 0 ? 0.1 : 1 - 0.8 * std::exp(-d / 30));
        }

    const double spacing = 19;
    for (int r = 0; r * spacing * 0.866 < edge; ++r)
        for (int c = 0; c * spacing < edge; ++c) {
            const double x = c * spacing + (r & 1 ? spacing / 2 : 0) + between(-1, 1),
                         y = r * spacing * 0.866 + between(-1, 1);
            if (x < 0 || y < 0 || x >= edge || y >= edge || in_structure(x, y, 6) || outside_foci(x, y) < 4) continue;
            s.cells.add(float(x), float(y), float(between(9.4, 11.2)), CellClass::hepatocyte, 0, id++);
            if (draws.uniform() < 0.45)
                s.cells.add(float(x + between(-10, 10)), float(y + between(-10, 10)), 4, CellClass::lsec, 0, id++);
            if (draws.uniform() < 0.14)
                s.cells.add(float(x + between(-10, 10)), float(y + between(-10, 10)), 5, CellClass::kupffer, 0, id++);
            const double d = outside_foci(x, y);
            if (draws.uniform() < 0.11) {
                const bool active = d < 60 && draws.uniform() < 0.7;
                s.cells.add(float(x + between(-10, 10)), float(y + between(-10, 10)), 5,
                            active ? CellClass::hsc_activated : CellClass::hsc_quiescent, active ? flag::alpha_sma : 0,
                            id++);
            }
            if (draws.uniform() < (d < 100 ? 0.12 : 0.015))
                s.cells.add(float(x + between(-9, 9)), float(y + between(-9, 9)), 4, CellClass::cd8, 0, id++);
            if (draws.uniform() < 0.02)
                s.cells.add(float(x + between(-9, 9)), float(y + between(-9, 9)), 4, CellClass::nk, 0, id++);
            if (d < 80 && draws.uniform() < 0.06)
                s.cells.add(float(x + between(-9, 9)), float(y + between(-9, 9)), 5, CellClass::mdsc, 0, id++);
        }
    const auto tumour_flags = [&] {
        std::uint8_t flags = draws.uniform() < 0.55 ? flag::ki67 : 0;
        if (draws.uniform() < 0.02) flags |= flag::dying;
        if (plan.pigmented) flags |= flag::pigmented;
        return flags;
    };
    const double close = 12.3;
    for (const FocusPlan& f : plan.foci) {
        for (double y = f.y_um - 1.3 * f.radius_um; y < f.y_um + 1.3 * f.radius_um; y += close * 0.866)
            for (double x = f.x_um - 1.3 * f.radius_um + (static_cast<int>(y / close) & 1 ? close / 2 : 0);
                 x < f.x_um + 1.3 * f.radius_um; x += close) {
                const double px = x + between(-3, 3), py = y + between(-3, 3);
                if (px < 0 || py < 0 || px >= edge || py >= edge || outside_foci(px, py) > 0 || in_structure(px, py, 3))
                    continue;
                const std::size_t v = static_cast<std::size_t>(py / 20) * s.nx + static_cast<std::size_t>(px / 20);
                const double dense = s.collagen_mg_per_ml[v];
                if (draws.uniform() < 0.035 * dense) {
                    if (draws.uniform() < 0.5)
                        s.cells.add(float(px), float(py), 5, CellClass::hsc_activated, flag::alpha_sma, id++);
                    continue;
                }
                if (draws.uniform() < 0.012)
                    s.cells.add(float(px), float(py), 4, CellClass::cd8, 0, id++);
                else if (draws.uniform() < 0.02)
                    s.cells.add(float(px), float(py), 5, CellClass::mdsc, 0, id++);
                s.cells.add(float(px), float(py), float(between(6.4, 7.8)), CellClass::tumour, tumour_flags(), id++);
            }
        // Wandering vessels for foci past the angiogenic switch.
        if (f.radius_um < 70) continue;
        const int roots = static_cast<int>(f.radius_um / 14);
        for (int k = 0; k < roots; ++k) {
            double a = 6.2832 * draws.uniform(), x = f.x_um + f.radius_um * std::cos(a),
                   y = f.y_um + f.radius_um * std::sin(a);
            double heading = a + 3.1416;
            const bool perfused = draws.uniform() < 0.6;
            const int links = static_cast<int>(between(4, 12));
            for (int n = 0; n < links; ++n) {
                heading += between(-0.6, 0.6);
                const double nx = x + 13 * std::cos(heading), ny = y + 13 * std::sin(heading);
                s.vessels.push_back({float(x), float(y), float(nx), float(ny), perfused ? 5.0f : 3.0f, perfused});
                x = nx;
                y = ny;
            }
            if (!perfused && x > 0 && y > 0 && x < edge && y < edge)
                s.cells.add(float(x), float(y), 5, CellClass::endothelial_tip, 0, id++);
        }
    }
    const int arrested = static_cast<int>(plan.arrested_per_mm2 * edge * edge * 1e-6);
    for (int k = 0; k < arrested; ++k)
        s.cells.add(float(between(0, edge)), float(between(0, edge)), 7, CellClass::tumour, flag::arrested, id++);
    return s;
}

}  // namespace stellate::histology::synthetic
