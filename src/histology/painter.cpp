#include "histology/painter.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <optional>

#include "core/math.hpp"

namespace stellate::histology {

namespace {

constexpr float far = std::numeric_limits<float>::max();
constexpr float two_pi = 2 * std::numbers::pi_v<float>;
constexpr float turn = 1 / two_pi;

bool has(std::uint8_t flags, std::uint8_t what) { return (flags & what) != 0; }
bool fills_space(CellClass c) { return c == CellClass::hepatocyte || c == CellClass::tumour; }
bool is_lymphocyte(CellClass c) { return c == CellClass::nk || is_cd8(c); }
float clamped(float v) { return std::clamp(v, 0.0f, 1.0f); }
Bound scaled(const Bound& b, float f) { return {b.nuclear * f, b.cytoplasmic * f, b.marker * f, b.melanin * f}; }
float cosine_of(float angle) { return static_cast<float>(math::cos_turn(angle * turn)); }
float sine_of(float angle) { return static_cast<float>(math::sin_turn(angle * turn)); }

// A tile of noise that repeats every 512 um, read by place: `grainy` changes from micrometre to micrometre, `soft` over
// about 6 um, `broad` over about 14 um, `wide` over about 40 um. Standard normal.
class Texture {
public:
    Texture() : grainy_(side * side), soft_(side * side), broad_(side * side), wide_(side * side) {
        for (int j = 0; j < side; ++j)
            for (int i = 0; i < side; ++i) {
                const std::size_t p = static_cast<std::size_t>(j) * side + i;
                grainy_[p] = 3.4641016f *
                             (hash_uniform(static_cast<std::uint64_t>(i), static_cast<std::uint64_t>(j), 0x67) - 0.5f);
                soft_[p] = place_noise(i, j, 6, 0x736f6674);
                broad_[p] = place_noise(i, j, 14, 0x62726f61);
                wide_[p] = place_noise(i, j, 40, 0x77696465);
            }
    }
    // One table of constants for all pictures.
    static const Texture& shared() {
        static const Texture texture;
        return texture;
    }
    float grainy(float x, float y) const { return grainy_[index(x, y)]; }
    float soft(float x, float y) const { return soft_[index(x, y)]; }
    float broad(float x, float y) const { return broad_[index(x, y)]; }
    float wide(float x, float y) const { return wide_[index(x, y)]; }

private:
    static constexpr int side = 512;
    static std::size_t index(float x, float y) {
        const auto i = static_cast<std::uint32_t>(static_cast<std::int32_t>(x + 65536)) % side;
        const auto j = static_cast<std::uint32_t>(static_cast<std::int32_t>(y + 65536)) % side;
        return static_cast<std::size_t>(j) * side + i;
    }
    std::vector<float> grainy_, soft_, broad_, wide_;
};

// The two space-filling cells nearest to a pixel, by distance to their surface.
struct Nearest {
    std::int32_t first = -1, second = -1;
    float surface = far, next_surface = far;  // um outside (negative: inside) of each
    float to_border() const { return second < 0 ? far : 0.5f * (next_surface - surface); }
};

class Painter {
public:
    Painter(const Section& section, const Look& look, const Window& window, const StainSettings& settings)
        : s_(section), c_(section.cells), look_(look), w_(window), settings_(settings) {
        canvas_.window = window;
        canvas_.bound.assign(window.pixels(), Bound{});
        lumen_.assign(window.pixels(), 0);
    }

    Canvas take() {
        assign_space();
        tissue();
        nuclei_of_space_fillers();
        new_vessels();
        for (const Structure& v : s_.structures) portal_stroma(v);
        for (const Structure& v : s_.structures) structure(v);
        for (std::size_t i = 0; i < c_.size(); ++i)
            if (!fills_space(c_.cell_class[i]) && shows(i, 40)) small_cell(i);
        return std::move(canvas_);
    }

private:
    float pixel() const { return static_cast<float>(w_.pixel_um); }
    bool shows(std::size_t cell, double margin) const {
        const double x = c_.x_um[cell] - w_.x0_um, y = c_.y_um[cell] - w_.y0_um;
        return x > -margin && y > -margin && x < w_.width * w_.pixel_um + margin &&
               y < w_.height * w_.pixel_um + margin;
    }

    // The pixel that a place lies in; nothing outside the picture.
    std::optional<std::size_t> pixel_of(float x, float y) const {
        const int i = static_cast<int>(std::floor((x - w_.x0_um) / w_.pixel_um)),
                  j = static_cast<int>(std::floor((y - w_.y0_um) / w_.pixel_um));
        if (i < 0 || j < 0 || i >= w_.width || j >= w_.height) return std::nullopt;
        return static_cast<std::size_t>(j) * w_.width + i;
    }

    // Calls visit(pixel, x, y) for the pixels of a square around a place.
    template <class Visit>
    void around(float x, float y, float reach, Visit&& visit) const {
        const auto low = [&](double v, double origin) {
            return std::max(static_cast<int>(std::floor((v - reach - origin) / w_.pixel_um - 0.5)), 0);
        };
        const auto high = [&](double v, double origin, int n) {
            return std::min(static_cast<int>(std::floor((v + reach - origin) / w_.pixel_um - 0.5)) + 1, n - 1);
        };
        const int i0 = low(x, w_.x0_um), i1 = high(x, w_.x0_um, w_.width), j1 = high(y, w_.y0_um, w_.height);
        for (int j = low(y, w_.y0_um); j <= j1; ++j) {
            const auto py = static_cast<float>(w_.y_of(j));
            for (int i = i0; i <= i1; ++i)
                visit(static_cast<std::size_t>(j) * w_.width + i, static_cast<float>(w_.x_of(i)), py);
        }
    }

    // Share of a pixel covered by something whose edge lies `inside` um beyond the pixel's centre.
    float coverage(float inside) const { return clamped(inside / pixel() + 0.5f); }

    void assign_space() {
        nearest_.assign(w_.pixels(), Nearest{});
        for (std::size_t n = 0; n < c_.size(); ++n) {
            if (!fills_space(c_.cell_class[n]) || !shows(n, 30)) continue;
            const bool hepatocyte = c_.cell_class[n] == CellClass::hepatocyte;
            // Hepatocytes differ in girth and no border is straight: their outlines are drawn through a gently bent
            // space.
            const float x = c_.x_um[n], y = c_.y_um[n],
                        r = c_.radius_um[n] * (hepatocyte ? 0.88f + 0.24f * hash_uniform(c_.id[n], 4, 0) : 1.0f);
            const float slack = hepatocyte ? 7.0f : 4.0f, bent = hepatocyte ? 1.7f : 0.0f;
            const auto row = static_cast<std::int32_t>(n);
            around(x, y, r + slack, [&](std::size_t p, float px, float py) {
                const float dx = px + bent * texture_.broad(px, py) - x,
                            dy = py + bent * texture_.broad(py + 171, px) - y;
                const float surface = std::sqrt(dx * dx + dy * dy) - r;
                Nearest& at = nearest_[p];
                if (surface < at.surface) {
                    at.second = at.first;
                    at.next_surface = at.surface;
                    at.first = row;
                    at.surface = surface;
                } else if (surface < at.next_surface) {
                    at.second = row;
                    at.next_surface = surface;
                }
            });
        }
    }

    std::size_t voxel_at(float x, float y) const {
        const int vx = std::clamp(static_cast<int>(x / s_.voxel_um), 0, s_.nx - 1);
        const int vy = std::clamp(static_cast<int>(y / s_.voxel_um), 0, s_.ny - 1);
        return static_cast<std::size_t>(vy) * s_.nx + vx;
    }

    // Half the width of the sinusoid between two hepatocytes, um; 0 where they touch. Borders that run with the blood
    // are mostly sinusoids, borders across it mostly contacts: plates of hepatocytes appear.
    float sinusoid_between(std::int32_t a, std::int32_t b) const {
        const float dx = c_.x_um[a] - c_.x_um[b], dy = c_.y_um[a] - c_.y_um[b];
        const float length = std::max(std::sqrt(dx * dx + dy * dy), 1e-3f);
        const std::size_t voxel = voxel_at(0.5f * (c_.x_um[a] + c_.x_um[b]), 0.5f * (c_.y_um[a] + c_.y_um[b]));
        const float flow_x = s_.flow_x.empty() ? 0 : s_.flow_x[voxel],
                    flow_y = s_.flow_x.empty() ? 0 : s_.flow_y[voxel];
        const float across = (dx * flow_x + dy * flow_y) / length;
        const bool directed = flow_x != 0 || flow_y != 0;
        const float chance = directed ? 0.08f + 0.87f * (1 - across * across) : 0.5f;
        const std::uint64_t low = std::min(c_.id[a], c_.id[b]), high = std::max(c_.id[a], c_.id[b]);
        if (hash_uniform(low, high, 3) > chance) return 0;
        const float open = clamped(s_.sinusoid_perfusion[voxel]);
        return (0.5f + 1.7f * open) * (0.75f + 0.5f * hash_uniform(low, high, 4));
    }

    void tissue() {
        // Bundles show only where a dye binds them.
        const bool bundles = look_.fibre_marker > 0 || look_.fibre_cytoplasmic > 0;
        const std::vector<float> collagen = local_collagen(s_, w_, bundles ? settings_.fibre_contrast : 0);
        std::int32_t pair_a = -1, pair_b = -1;
        float pair_width = 0;
        for (int j = 0; j < w_.height; ++j)
            for (int i = 0; i < w_.width; ++i) {
                const std::size_t p = static_cast<std::size_t>(j) * w_.width + i;
                const auto x = static_cast<float>(w_.x_of(i)), y = static_cast<float>(w_.y_of(j));
                const Nearest& at = nearest_[p];
                const auto dense = static_cast<float>(sirius_density(collagen[p], settings_));
                Bound ground = gap(dense);  // what lies between cells
                const float grain =
                    1 + 0.05f * texture_.grainy(x, y) + 0.05f * texture_.soft(x, y) + 0.05f * texture_.wide(x, y);
                Bound& out = canvas_.bound[p];
                if (at.first < 0) {
                    out = scaled(ground, grain);
                } else if (c_.cell_class[at.first] == CellClass::hepatocyte) {
                    float width = 0;
                    if (at.second >= 0 && at.to_border() < 4) {
                        if (c_.cell_class[at.second] == CellClass::hepatocyte) {
                            if (at.first != pair_a || at.second != pair_b) {
                                pair_a = at.first;
                                pair_b = at.second;
                                pair_width = sinusoid_between(pair_a, pair_b);
                            }
                            width = pair_width;
                        }
                    }
                    hepatocyte_pixel(out, ground, at, width, x, y, grain);
                } else {
                    tumour_pixel(out, ground, at, x, y, grain);
                }
                out.marker += look_.fibre_marker * dense;
                out.cytoplasmic += 0.5f * look_.fibre_cytoplasmic * dense / 1.5f;
            }
    }

    // Between cells: clear lumen in healthy liver, loose to dense stroma where collagen lies.
    Bound gap(float dense) const {
        const float filled = clamped(dense / 0.3f);
        Bound b = scaled(look_.stroma, filled);
        b.cytoplasmic += look_.fibre_cytoplasmic * clamped(dense / 1.5f);
        return b;
    }

    void hepatocyte_pixel(Bound& out, const Bound& ground, const Nearest& at, float sinusoid, float x, float y,
                          float grain) const {
        const auto n = static_cast<std::size_t>(at.first);
        const float tone = 0.88f + 0.24f * hash_uniform(c_.id[n], 5, 0);
        Bound body = scaled(look_.hepatocyte, tone * grain);
        if (has(c_.flags[n], flag::dying)) body = scaled(look_.dying, grain);
        const float border = at.to_border() + 0.45f * texture_.soft(x, y);
        // A cell's membrane is a slightly darker line; beyond its reach and inside sinusoids lies the gap.
        if (sinusoid == 0 && border < 0.7f) body = scaled(body, 1.18f);
        float inside = 4.5f + 0.6f * texture_.soft(y, x) - at.surface;
        if (sinusoid > 0) inside = std::min(inside, border - sinusoid);
        const float share = coverage(inside);
        out = ground;
        canvas_cover(out, body, share);
        // The endothelial lining of a sinusoid, barely seen.
        if (sinusoid > 0 && share > 0.05f && share < 0.95f) canvas_cover(out, scaled(look_.hepatocyte, 1.25f), 0.35f);
    }

    void tumour_pixel(Bound& out, const Bound& ground, const Nearest& at, float x, float y, float grain) const {
        const auto n = static_cast<std::size_t>(at.first);
        const float tone = 0.85f + 0.3f * hash_uniform(c_.id[n], 5, 0);
        Bound body = scaled(look_.tumour, tone * grain);
        if (has(c_.flags[n], flag::dying)) body = scaled(look_.dying, grain);
        const float border = at.to_border() + 0.35f * texture_.soft(x, y);
        if (border < 0.6f && at.second >= 0 && c_.cell_class[at.second] == CellClass::tumour)
            body = scaled(look_.tumour_edge, grain);
        if (has(c_.flags[n], flag::pigmented)) {
            // Melanin lies in grains, more in some cells than in others.
            const float load = hash_uniform(c_.id[n], 6, 0);
            const float grains = texture_.soft(2 * x, 2 * y) + 0.25f * texture_.grainy(x, y);
            canvas_cover(body, look_.melanin_grain, 0.9f * clamped(0.45f * (grains - 1.0f + 2.2f * load * load)));
        }
        out = ground;
        canvas_cover(out, body, coverage(1.6f + 0.5f * texture_.soft(y, x) - at.surface));
    }

    static void canvas_cover(Bound& b, const Bound& what, float share) {
        b.nuclear += share * (what.nuclear - b.nuclear);
        b.cytoplasmic += share * (what.cytoplasmic - b.cytoplasmic);
        b.marker += share * (what.marker - b.marker);
        b.melanin += share * (what.melanin - b.melanin);
    }

    struct Nucleus {
        float x, y, along, across, cosine, sine;  // half axes
    };

    // A nucleus: an ellipse with an uneven outline, a darker rim, coarse chromatin, perhaps a nucleolus. Only pixels of
    // `owner` are touched if one is given.
    void nucleus(const Nucleus& n, const Bound& dye, std::int32_t owner, bool nucleolus, float coarse) {
        around(n.x, n.y, n.along + pixel(), [&](std::size_t p, float px, float py) {
            if (owner >= 0 && nearest_[p].first != owner) return;
            const float dx = px - n.x, dy = py - n.y;
            const float u = (dx * n.cosine + dy * n.sine) / n.along, v = (dy * n.cosine - dx * n.sine) / n.across;
            const float radius = std::sqrt(u * u + v * v) + 0.05f * texture_.soft(px, py);
            const float inside = (1 - radius) * n.across;
            if (inside < -pixel()) return;
            float tone = 0.86f + coarse * (texture_.soft(2 * px, 2 * py) + 0.6f * texture_.grainy(px, py));
            if (radius > 0.75f) tone += 0.16f;
            if (nucleolus && dx * dx + dy * dy < 0.8f) tone += 0.5f;
            // What lies above and below the nucleus still shows through.
            const float stained = look_.kept_over_nuclei * canvas_.bound[p].marker;
            canvas_.cover(p, scaled(dye, std::max(tone, 0.3f)), coverage(inside));
            canvas_.bound[p].marker = std::max(canvas_.bound[p].marker, stained);
        });
    }

    void nuclei_of_space_fillers() {
        for (std::size_t n = 0; n < c_.size(); ++n) {
            if (!fills_space(c_.cell_class[n]) || !shows(n, 15)) continue;
            const std::uint64_t id = c_.id[n];
            const float r = c_.radius_um[n], angle = two_pi * hash_uniform(id, 7, 0);
            const auto owner = static_cast<std::int32_t>(n);
            const float off = r * 0.3f * hash_uniform(id, 8, 0), towards = two_pi * hash_uniform(id, 9, 0);
            const float x = c_.x_um[n] + off * cosine_of(towards), y = c_.y_um[n] + off * sine_of(towards);
            if (has(c_.flags[n], flag::dying)) {
                // Pyknosis: a few dark drops.
                for (std::uint64_t k = 0; k < 3; ++k) {
                    const float a = two_pi * hash_uniform(id, 10, k), size = 0.9f + 0.9f * hash_uniform(id, 11, k);
                    nucleus({x + 2.2f * cosine_of(a), y + 2.2f * sine_of(a), size, size, 1, 0},
                            scaled(look_.lymphocyte_nucleus, 1.1f), owner, false, 0.02f);
                }
            } else if (c_.cell_class[n] == CellClass::hepatocyte) {
                const float size = std::min(0.36f * r, 4.2f) * (0.9f + 0.25f * hash_uniform(id, 12, 0));
                const bool two = hash_uniform(id, 13, 0) < 0.2f;
                if (two) {
                    for (const float side : {-1.0f, 1.0f})
                        nucleus({x + side * 1.25f * size * cosine_of(angle), y + side * 1.25f * size * sine_of(angle),
                                 0.9f * size, 0.88f * size, 1, 0},
                                look_.hepatocyte_nucleus, owner, true, 0.10f);
                } else {
                    nucleus({x, y, size, 0.95f * size, cosine_of(angle), sine_of(angle)}, look_.hepatocyte_nucleus,
                            owner, true, 0.10f);
                }
            } else {
                tumour_nucleus(n, x, y, angle);
            }
        }
    }

    void tumour_nucleus(std::size_t n, float x, float y, float angle) {
        const std::uint64_t id = c_.id[n];
        const auto owner = static_cast<std::int32_t>(n);
        const float r = c_.radius_um[n];
        const Bound dye = scaled(look_.tumour_nucleus, 0.8f + 0.4f * hash_uniform(id, 14, 0));
        if (has(c_.flags[n], flag::ki67) && hash_uniform(id, 15, 0) < 0.05f) {
            // A metaphase plate: mitosis is about a twentieth of the cycle.
            nucleus({x, y, 0.55f * r, 0.16f * r, cosine_of(angle), sine_of(angle)},
                    scaled(look_.lymphocyte_nucleus, 1.25f), owner, false, 0.03f);
            return;
        }
        const float size = r * (0.52f + 0.22f * hash_uniform(id, 16, 0)),
                    slender = 0.66f + 0.3f * hash_uniform(id, 17, 0);
        nucleus({x, y, size / std::sqrt(slender), size * std::sqrt(slender), cosine_of(angle), sine_of(angle)}, dye,
                owner, hash_uniform(id, 18, 0) < 0.5f, 0.14f);
    }

    // New vessels: tubes that join where they touch; an open lumen only where blood flows.
    void new_vessels() {
        if (s_.vessels.empty()) return;
        std::vector<float> depth(w_.pixels(), -far);  // um inside the tube's outer wall
        std::vector<std::uint8_t> open(w_.pixels(), 0);
        for (const VesselSegment& v : s_.vessels) {
            const float ax = v.x1_um - v.x0_um, ay = v.y1_um - v.y0_um, squared = ax * ax + ay * ay;
            const float middle_x = 0.5f * (v.x0_um + v.x1_um), middle_y = 0.5f * (v.y0_um + v.y1_um);
            around(middle_x, middle_y, 0.5f * std::sqrt(squared) + v.radius_um + 2,
                   [&](std::size_t p, float px, float py) {
                       const float qx = px - v.x0_um, qy = py - v.y0_um;
                       const float t = squared > 0 ? std::clamp((qx * ax + qy * ay) / squared, 0.0f, 1.0f) : 0.0f;
                       const float dx = qx - t * ax, dy = qy - t * ay;
                       const float calibre = v.perfused ? v.radius_um : 0.75f * v.radius_um;  // a blind cord is thin
                       const float inside = calibre - std::sqrt(dx * dx + dy * dy) + 0.55f * texture_.soft(px, py);
                       if (inside > depth[p]) depth[p] = inside;
                       if (v.perfused && inside > -1) open[p] = 1;
                   });
        }
        for (std::size_t p = 0; p < depth.size(); ++p) {
            if (depth[p] < -pixel()) continue;
            canvas_.cover(p, look_.new_endothelium, coverage(depth[p]));
            if (open[p]) canvas_.cover(p, Bound{}, coverage(depth[p] - 1.6f));
        }
        for (const VesselSegment& v : s_.vessels) {
            const auto salt = static_cast<std::uint64_t>(static_cast<std::int64_t>(v.x0_um * 16)),
                       more = static_cast<std::uint64_t>(static_cast<std::int64_t>(v.y0_um * 16));
            const float ax = v.x1_um - v.x0_um, ay = v.y1_um - v.y0_um, length = std::sqrt(ax * ax + ay * ay);
            if (length < 4 || hash_uniform(salt, more, 20) < 0.3f) continue;
            const float t = 0.2f + 0.6f * hash_uniform(salt, more, 21),
                        side = hash_uniform(salt, more, 22) < 0.5f ? -1.0f : 1.0f;
            const float off = v.perfused ? side * std::max(v.radius_um - 0.8f, 0.5f) : 0;
            nucleus({v.x0_um + t * ax - off * ay / length, v.y0_um + t * ay + off * ax / length, 3.4f, 1.1f,
                     ax / length, ay / length},
                    look_.small_nucleus, -1, false, 0.08f);
        }
    }

    static float wall_of(const Structure& v) {
        switch (v.kind) {
            case Structure::Kind::central_vein:
                return std::min(2.5f, 0.3f * v.radius_um);
            case Structure::Kind::portal_vein:
                return std::min(3.5f, 0.3f * v.radius_um);
            case Structure::Kind::hepatic_artery:
                return 0.45f * v.radius_um;
            case Structure::Kind::bile_duct:
                return 0.62f * v.radius_um;
        }
        return 0;
    }

    // Loose connective tissue around the members of a portal triad.
    void portal_stroma(const Structure& v) {
        if (v.kind == Structure::Kind::central_vein) return;
        const float collar = v.kind == Structure::Kind::portal_vein ? 8.0f : 6.0f;
        around(v.x_um, v.y_um, v.radius_um + collar + 3, [&](std::size_t p, float px, float py) {
            const float dx = px - v.x_um, dy = py - v.y_um;
            const float inside = v.radius_um + collar + 1.8f * texture_.soft(px, py) - std::sqrt(dx * dx + dy * dy);
            if (inside < -pixel()) return;
            const float weave = 0.75f + 0.3f * texture_.soft(1.3f * px, 2.1f * py) + 0.1f * texture_.grainy(px, py);
            canvas_.cover(p, scaled(look_.wall, std::max(weave, 0.15f)), coverage(inside));
        });
        const int nuclei = std::max(3, static_cast<int>(v.radius_um * 0.35f));
        for (int k = 0; k < nuclei; ++k) {
            const auto salt = static_cast<std::uint64_t>(k) + (static_cast<std::uint64_t>(v.kind) << 8);
            const auto place = static_cast<std::uint64_t>(static_cast<std::int64_t>(v.x_um * 8 + v.y_um * 4096));
            const float a = two_pi * hash_uniform(place, salt, 30),
                        off = v.radius_um + collar * (0.3f + 0.6f * hash_uniform(place, salt, 31));
            nucleus({v.x_um + off * cosine_of(a), v.y_um + off * sine_of(a), 3.2f, 1.1f, -sine_of(a), cosine_of(a)},
                    look_.small_nucleus, -1, false, 0.08f);
        }
    }

    void structure(const Structure& v) {
        const float wall = wall_of(v), r = v.radius_um;
        const bool duct = v.kind == Structure::Kind::bile_duct,
                   vein = v.kind == Structure::Kind::central_vein || v.kind == Structure::Kind::portal_vein;
        Bound muscle = duct ? look_.duct : look_.resident_muscle;
        if (vein) {  // thin walls: connective tissue with a little muscle
            muscle = look_.wall;
            canvas_cover(muscle, look_.resident_muscle, 0.55f);
        }
        around(v.x_um, v.y_um, r + 3, [&](std::size_t p, float px, float py) {
            const float dx = px - v.x_um, dy = py - v.y_um;
            const float uneven = (vein ? 0.035f * r : 0.02f * r) * texture_.wide(px, py) + 0.3f * texture_.soft(px, py);
            const float depth = r + uneven - std::sqrt(dx * dx + dy * dy);
            if (depth < -pixel()) return;
            canvas_.cover(p, scaled(muscle, 1 + 0.1f * texture_.soft(px, py)), coverage(depth));
            if (!duct) canvas_.cover(p, look_.resident_endothelium, coverage(depth - wall + 1.2f));
            canvas_.cover(p, Bound{}, coverage(depth - wall));
            if (depth > wall) lumen_[p] = 1;
        });
        // Nuclei along the wall: round and close in a duct, flat and sparse in a vessel.
        const float ring = r - (duct ? 0.5f : 0.35f) * wall;
        const int count = std::max(duct ? 5 : 3, static_cast<int>(two_pi * ring / (duct ? 6.5f : 26.0f)));
        const auto place = static_cast<std::uint64_t>(static_cast<std::int64_t>(v.x_um * 8 + v.y_um * 4096));
        for (int k = 0; k < count; ++k) {
            const float a = two_pi *
                            (static_cast<float>(k) + 0.5f * hash_uniform(place, static_cast<std::uint64_t>(k), 32)) /
                            static_cast<float>(count);
            const float across = duct ? std::min(2.4f, 0.42f * wall) : 0.9f, along = duct ? 1.15f * across : 3.2f;
            nucleus(
                {v.x_um + ring * cosine_of(a), v.y_um + ring * sine_of(a), along, across, -sine_of(a), cosine_of(a)},
                duct ? look_.hepatocyte_nucleus : look_.small_nucleus, -1, false, 0.1f);
        }
    }

    // A spindle hugs the wall of a large vessel, never hangs in its blood: a voxel that the wall cuts holds cells of
    // the tissue beside it.
    void spindle_cell(const Spindle& shape, const Bound& body, const Bound& core, float core_length) {
        around(shape.x_um, shape.y_um, shape.half_length_um * 1.3f, [&](std::size_t p, float px, float py) {
            const float inside = shape.depth(px, py);
            if (inside < -pixel() || lumen_[p]) return;
            const float fibres = look_.fibre_marker > 0 ? canvas_.bound[p].marker : 0;
            canvas_.cover(p, scaled(body, 1 + 0.08f * texture_.soft(px, py)), coverage(inside));
            canvas_.bound[p].marker = std::max(canvas_.bound[p].marker, fibres);
        });
        const float across = std::min(0.75f * shape.half_width_um, 1.7f);
        const float sag = -shape.bend_per_um * shape.half_length_um * shape.half_length_um / 3;
        const float x = shape.x_um - sag * shape.sine, y = shape.y_um + sag * shape.cosine;
        const auto middle = pixel_of(x, y);
        if (!middle || !lumen_[*middle])
            nucleus({x, y, core_length, across, shape.cosine, shape.sine}, core, -1, false, 0.08f);
    }

    // Sinusoidal cells lie along the border of the nearest hepatocytes; in the picture they are moved onto it (at most
    // 6 um), because a section shows them in the sinusoid, never inside a hepatocyte.
    struct Bed {
        float x, y, cosine, sine;  // and the direction of the border
    };
    Bed bed_of(std::size_t n) const {
        const float x = c_.x_um[n], y = c_.y_um[n];
        const auto pixel = pixel_of(x, y);
        const float any = two_pi * hash_uniform(c_.id[n], 40, 0);
        if (!pixel) return {x, y, cosine_of(any), sine_of(any)};
        const Nearest& at = nearest_[*pixel];
        if (at.first < 0 || at.second < 0) return {x, y, cosine_of(any), sine_of(any)};
        const float dx = c_.x_um[at.second] - c_.x_um[at.first], dy = c_.y_um[at.second] - c_.y_um[at.first];
        const float length = std::max(std::sqrt(dx * dx + dy * dy), 1e-3f),
                    shift = std::clamp(at.to_border(), 0.0f, 6.0f);
        return {x + shift * dx / length, y + shift * dy / length, -dy / length, dx / length};
    }

    static Spindle lying(const Bed& bed, float radius, float stretch) {
        Spindle shape = spindle(bed.x, bed.y, radius, stretch, 0, 0.02f);
        shape.cosine = bed.cosine;
        shape.sine = bed.sine;
        return shape;
    }

    void small_cell(std::size_t n) {
        const CellClass kind = c_.cell_class[n];
        const std::uint64_t id = c_.id[n];
        const std::uint8_t flags = c_.flags[n];
        const float r = c_.radius_um[n];
        if (has(flags, flag::dying)) {
            blob(c_.x_um[n], c_.y_um[n], 0.8f * r, look_.dying, id);
            nucleus({c_.x_um[n], c_.y_um[n], 1.3f, 1.2f, 1, 0}, scaled(look_.lymphocyte_nucleus, 1.1f), -1, false,
                    0.02f);
            return;
        }
        const Bound brown = scaled(look_.activated, 0.8f + 0.3f * hash_uniform(id, 41, 0));
        if (is_spindle(kind) &&
            (has(flags, flag::alpha_sma) || kind == CellClass::hsc_activated || kind == CellClass::portal_fibroblast ||
             kind == CellClass::portal_myofibroblast || kind == CellClass::endothelial_tip)) {
            const Bound body = kind == CellClass::endothelial_tip ? look_.new_endothelium
                               : has(flags, flag::alpha_sma)      ? brown
                                                                  : look_.spindle_cell;
            spindle_cell(spindle_of(s_, n), body, look_.small_nucleus, std::min(0.9f * r, 4.5f));
        } else if (kind == CellClass::hsc_quiescent || kind == CellClass::hsc_reverted || kind == CellClass::lsec) {
            const Bed bed = bed_of(n);
            const float stretch = kind == CellClass::lsec ? 2.4f : 1.9f,
                        size = kind == CellClass::lsec ? std::min(r, 2.6f) : std::min(r, 3.0f);
            spindle_cell(lying(bed, size, stretch), look_.small_cytoplasm, look_.small_nucleus,
                         kind == CellClass::lsec ? 3.3f : 2.8f);
        } else if (has(flags, flag::alpha_sma)) {
            blob(c_.x_um[n], c_.y_um[n], r, brown, id);
            nucleus({c_.x_um[n], c_.y_um[n], 0.5f * r, 0.45f * r, 1, 0}, look_.small_nucleus, -1, false, 0.08f);
        } else if (is_lymphocyte(kind)) {
            // A round dark nucleus that almost fills the cell; CD8 sits on the membrane around it.
            const float size = std::min(0.72f * r, 2.9f);
            blob(c_.x_um[n], c_.y_um[n], std::min(r, 4.2f), is_cd8(kind) ? look_.cd8 : look_.small_cytoplasm, id);
            nucleus({c_.x_um[n], c_.y_um[n], size, 0.94f * size, 1, 0}, look_.lymphocyte_nucleus, -1, false, 0.07f);
        } else if (kind == CellClass::mdsc) {
            // A bent, lobed nucleus in pale cytoplasm.
            const float a = two_pi * hash_uniform(id, 42, 0);
            blob(c_.x_um[n], c_.y_um[n], std::min(r, 5.5f), look_.small_cytoplasm, id);
            for (int lobe = -1; lobe <= 1; ++lobe) {
                const float turned = a + 1.1f * static_cast<float>(lobe);
                nucleus({c_.x_um[n] + 1.7f * cosine_of(turned), c_.y_um[n] + 1.7f * sine_of(turned), 1.5f, 1.3f, 1, 0},
                        look_.lymphocyte_nucleus, -1, false, 0.05f);
            }
        } else {  // Kupffer: a plump irregular body in the sinusoid with a bean-shaped nucleus
            const Bed bed = bed_of(n);
            const float size = std::min(r, 4.5f);
            blob(bed.x, bed.y, size, scaled(look_.small_cytoplasm, 1.2f), id);
            nucleus({bed.x, bed.y, 2.7f, 1.7f, bed.cosine, bed.sine}, look_.small_nucleus, -1, false, 0.08f);
        }
    }

    // A cell body with an uneven outline.
    void blob(float x, float y, float radius, const Bound& body, std::uint64_t id) {
        const float phase = two_pi * hash_uniform(id, 43, 0), cos_phase = cosine_of(phase), sin_phase = sine_of(phase);
        around(x, y, 1.25f * radius + pixel(), [&](std::size_t p, float px, float py) {
            const float dx = px - x, dy = py - y, distance = std::sqrt(dx * dx + dy * dy);
            const float lobes = distance > 0 ? (dx * cos_phase + dy * sin_phase) / distance : 0;
            const float inside = radius * (1 + 0.08f * lobes) + 0.3f * texture_.soft(px, py) - distance;
            if (inside < -pixel()) return;
            const float fibres = look_.fibre_marker > 0 ? canvas_.bound[p].marker : 0;
            canvas_.cover(p, scaled(body, 1 + 0.06f * texture_.grainy(px, py)), coverage(inside));
            canvas_.bound[p].marker = std::max(canvas_.bound[p].marker, fibres);
        });
    }

    const Section& s_;
    const SectionCells& c_;
    const Look& look_;
    const Window& w_;
    const StainSettings& settings_;
    const Texture& texture_ = Texture::shared();
    Canvas canvas_;
    std::vector<Nearest> nearest_;
    std::vector<std::uint8_t> lumen_;  // [pixel] inside a large vessel or duct
};

}  // namespace

Canvas paint(const Section& section, const Look& look, const Window& window, const StainSettings& settings) {
    return Painter(section, look, window, settings).take();
}

}  // namespace stellate::histology
