#include "histology/raster.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "core/error.hpp"
#include "core/ids.hpp"
#include "core/math.hpp"

namespace stellate::histology {

namespace {

constexpr float turn = 0.15915494309189535f;  // 1 / (2 pi): radians to turns

// Standard normal from 64 random bits: the sum of four uniforms (Irwin-Hall), within 0.01 of the normal distribution
// function everywhere and bounded at 3.46.
float normal_from_bits(std::uint64_t bits) {
    const auto sum =
        static_cast<float>((bits & 0xffff) + ((bits >> 16) & 0xffff) + ((bits >> 32) & 0xffff) + (bits >> 48));
    return (sum * (1.0f / 65536.0f) - 2.0f) * 1.7320508f;
}

std::uint64_t place_bits(std::int64_t ix, std::int64_t iy, std::uint64_t salt) {
    return mix64(mix64(mix64(static_cast<std::uint64_t>(ix) + salt) + static_cast<std::uint64_t>(iy)) +
                 0x9e3779b97f4a7c15ULL);
}

struct PixelRange {
    int first_i, last_i, first_j, last_j;  // inclusive; empty if first > last
};

PixelRange pixels_within(const Window& w, double x0, double x1, double y0, double y1) {
    const auto low = [&](double v, double origin) {
        return static_cast<int>(std::floor((v - origin) / w.pixel_um - 0.5));
    };
    return {std::max(low(x0, w.x0_um), 0), std::min(low(x1, w.x0_um) + 1, w.width - 1), std::max(low(y0, w.y0_um), 0),
            std::min(low(y1, w.y0_um) + 1, w.height - 1)};
}

}  // namespace

Window whole(const Section& s, double pixel_um) {
    STELLATE_ASSERT(pixel_um > 0, pixel_um);
    const auto count = [&](double extent) { return static_cast<int>(std::ceil(extent / pixel_um - 1e-9)); };
    return {0, 0, pixel_um, count(s.width_um), count(s.height_um)};
}

Window field(const Section& s, double x_um, double y_um, double edge_um, double pixel_um) {
    const auto place = [&](double centre, double edge, double extent) {
        if (edge >= extent) return 0.0;
        return std::clamp(centre - edge / 2, 0.0, extent - edge);
    };
    const double wide = std::min(edge_um, s.width_um), high = std::min(edge_um, s.height_um);
    return {place(x_um, wide, s.width_um), place(y_um, high, s.height_um), pixel_um,
            static_cast<int>(std::lround(wide / pixel_um)), static_cast<int>(std::lround(high / pixel_um))};
}

std::vector<float> at_pixels(const Section& s, const std::vector<float>& voxels, const Window& w) {
    struct Weight {
        int low, high;
        float share;  // of high
    };
    const auto weights = [&](int pixels, double origin, int count) {
        std::vector<Weight> list(pixels);
        for (int i = 0; i < pixels; ++i) {
            const double v = std::clamp((origin + (i + 0.5) * w.pixel_um) / s.voxel_um - 0.5, 0.0, double(count - 1));
            const int low = std::min(static_cast<int>(v), count - 1);
            list[i] = {low, std::min(low + 1, count - 1), static_cast<float>(v - low)};
        }
        return list;
    };
    const auto across = weights(w.width, w.x0_um, s.nx), down = weights(w.height, w.y0_um, s.ny);
    std::vector<float> values(w.pixels());
    for (int j = 0; j < w.height; ++j) {
        const float* upper = voxels.data() + static_cast<std::size_t>(down[j].low) * s.nx;
        const float* lower = voxels.data() + static_cast<std::size_t>(down[j].high) * s.nx;
        float* out = values.data() + static_cast<std::size_t>(j) * w.width;
        for (int i = 0; i < w.width; ++i) {
            const Weight& a = across[i];
            const float top = upper[a.low] + a.share * (upper[a.high] - upper[a.low]);
            const float bottom = lower[a.low] + a.share * (lower[a.high] - lower[a.low]);
            out[i] = top + down[j].share * (bottom - top);
        }
    }
    return values;
}

void fill_disc(Mask& mask, const Window& w, double x, double y, double radius, std::uint8_t value) {
    const PixelRange r = pixels_within(w, x - radius, x + radius, y - radius, y + radius);
    for (int j = r.first_j; j <= r.last_j; ++j)
        for (int i = r.first_i; i <= r.last_i; ++i) {
            const double dx = w.x_of(i) - x, dy = w.y_of(j) - y;
            if (dx * dx + dy * dy <= radius * radius) mask[static_cast<std::size_t>(j) * w.width + i] = value;
        }
}

void fill_capsule(Mask& mask, const Window& w, const VesselSegment& v) {
    const double radius = v.radius_um, ax = v.x1_um - v.x0_um, ay = v.y1_um - v.y0_um, squared = ax * ax + ay * ay;
    const PixelRange r = pixels_within(w, std::min(v.x0_um, v.x1_um) - radius, std::max(v.x0_um, v.x1_um) + radius,
                                       std::min(v.y0_um, v.y1_um) - radius, std::max(v.y0_um, v.y1_um) + radius);
    for (int j = r.first_j; j <= r.last_j; ++j)
        for (int i = r.first_i; i <= r.last_i; ++i) {
            const double px = w.x_of(i) - v.x0_um, py = w.y_of(j) - v.y0_um;
            const double t = squared > 0 ? std::clamp((px * ax + py * ay) / squared, 0.0, 1.0) : 0.0;
            const double dx = px - t * ax, dy = py - t * ay;
            if (dx * dx + dy * dy <= radius * radius) mask[static_cast<std::size_t>(j) * w.width + i] = 1;
        }
}

float Spindle::depth(float x, float y) const {
    const float dx = x - x_um, dy = y - y_um;
    const float u = dx * cosine + dy * sine, v = dy * cosine - dx * sine;
    const float a = half_length_um, t = u / a;
    return half_width_um * (1 - t * t) - std::fabs(v - bend_per_um * (u * u - a * a / 3));
}

bool is_spindle(CellClass c) {
    return c == CellClass::hsc_quiescent || c == CellClass::hsc_activated || c == CellClass::hsc_reverted ||
           c == CellClass::portal_fibroblast || c == CellClass::portal_myofibroblast || c == CellClass::endothelial_tip;
}

Spindle spindle(float x, float y, float radius, float stretch, float angle, float bend) {
    const float a = stretch * radius;
    const float b = std::numbers::pi_v<float> * radius * radius * 3.0f / (8.0f * a);
    return {
        x, y,   static_cast<float>(math::cos_turn(angle * turn)), static_cast<float>(math::sin_turn(angle * turn)), a,
        b, bend};
}

Spindle spindle_of(const Section& s, std::size_t cell) {
    const SectionCells& c = s.cells;
    const float x = c.x_um[cell], y = c.y_um[cell], radius = c.radius_um[cell];
    const int vx = std::clamp(static_cast<int>(x / s.voxel_um), 0, s.nx - 1);
    const int vy = std::clamp(static_cast<int>(y / s.voxel_um), 0, s.ny - 1);
    const float spread = 0.35f * (2 * hash_uniform(c.id[cell], 1, 0) - 1);
    const float angle = s.fibre_angle[static_cast<std::size_t>(vy) * s.nx + vx] + spread;
    const float stretch = 2.2f + 1.4f * hash_uniform(c.id[cell], 3, 0);
    const float bend = 0.4f * (2 * hash_uniform(c.id[cell], 2, 0) - 1) / (stretch * radius);
    return spindle(x, y, radius, stretch, angle, bend);
}

void fill_spindle(Mask& mask, const Window& w, const Spindle& p) {
    const double reach =
        p.half_length_um + p.half_width_um + std::fabs(p.bend_per_um) * p.half_length_um * p.half_length_um;
    const PixelRange r = pixels_within(w, p.x_um - reach, p.x_um + reach, p.y_um - reach, p.y_um + reach);
    for (int j = r.first_j; j <= r.last_j; ++j)
        for (int i = r.first_i; i <= r.last_i; ++i)
            if (p.depth(static_cast<float>(w.x_of(i)), static_cast<float>(w.y_of(j))) > 0)
                mask[static_cast<std::size_t>(j) * w.width + i] = 1;
}

float hash_uniform(std::uint64_t a, std::uint64_t b, std::uint64_t c) {
    return static_cast<float>(mix64(mix64(mix64(a) + b) + c) >> 40) * 0x1p-24f;
}

float place_noise(double x, double y, double grain, std::uint64_t salt) {
    const double u = x / grain, v = y / grain;
    const double fu = std::floor(u), fv = std::floor(v);
    const auto iu = static_cast<std::int64_t>(fu), iv = static_cast<std::int64_t>(fv);
    const auto smooth = [](double t) { return static_cast<float>(t * t * (3 - 2 * t)); };
    const float su = smooth(u - fu), sv = smooth(v - fv);
    const std::array<float, 4> weight{(1 - su) * (1 - sv), su * (1 - sv), (1 - su) * sv, su * sv};
    float sum = 0, square = 0;
    for (int k = 0; k < 4; ++k) {
        sum += weight[k] * normal_from_bits(place_bits(iu + (k & 1), iv + (k >> 1), salt));
        square += weight[k] * weight[k];
    }
    return sum / std::sqrt(square);  // the same variance on lattice points and between them
}

namespace {

// g of the header. Every voxel owns a weave: value noise on a lattice 26 um long and 2.6 um wide, turned along its
// fibres and gently waved, over the square of its eight neighbours' centres. A pixel blends the weaves of the four
// voxels around it. The sum of normals is divided by the root of its squared weights, so that g is standard normal at
// every point, on lattice points and between them alike.
class Weave {
public:
    Weave(const Section& section, const Window& window) : s_(section) {
        first_x_ = clamped_voxel((window.x0_um) / s_.voxel_um - 0.5, s_.nx);
        first_y_ = clamped_voxel((window.y0_um) / s_.voxel_um - 0.5, s_.ny);
        const int last_x = clamped_voxel((window.x0_um + window.width * window.pixel_um) / s_.voxel_um + 0.5, s_.nx);
        const int last_y = clamped_voxel((window.y0_um + window.height * window.pixel_um) / s_.voxel_um + 0.5, s_.ny);
        across_ = last_x - first_x_ + 1;
        const int down = last_y - first_y_ + 1;
        reach_ = 1.5 * s_.voxel_um;  // beyond the diagonal to a neighbouring centre
        nodes_u_ = 2 * static_cast<int>(std::ceil(reach_ / long_um)) + 2;
        nodes_v_ = 2 * static_cast<int>(std::ceil((reach_ + wave_um) / wide_um)) + 2;
        frames_.resize(static_cast<std::size_t>(across_) * down);
        noise_.resize(frames_.size() * static_cast<std::size_t>(nodes_u_ * nodes_v_));
        for (int j = 0; j < down; ++j)
            for (int i = 0; i < across_; ++i) {
                const std::size_t f = static_cast<std::size_t>(j) * across_ + i;
                const int vx = first_x_ + i, vy = first_y_ + j;
                const float angle = s_.fibre_angle[static_cast<std::size_t>(vy) * s_.nx + vx] * turn;
                frames_[f] = {static_cast<float>(math::cos_turn(angle)), static_cast<float>(math::sin_turn(angle)),
                              hash_uniform(static_cast<std::uint64_t>(vx), static_cast<std::uint64_t>(vy), 0x77617665)};
                float* nodes = noise_.data() + f * static_cast<std::size_t>(nodes_u_ * nodes_v_);
                for (int n = 0; n < nodes_u_ * nodes_v_; ++n)
                    nodes[n] = normal_from_bits(place_bits(static_cast<std::int64_t>(vy) << 24 | vx, n, 0x66696272));
            }
        for (std::size_t k = 0; k < sine_.size(); ++k)
            sine_[k] = static_cast<float>(math::sin_turn(static_cast<double>(k) / static_cast<double>(sine_.size())));
    }

    float at(float x, float y) const {
        const float voxel = static_cast<float>(s_.voxel_um);
        const float gx = std::clamp(x / voxel - 0.5f, 0.0f, float(s_.nx - 1)),
                    gy = std::clamp(y / voxel - 0.5f, 0.0f, float(s_.ny - 1));
        const int vx = static_cast<int>(gx), vy = static_cast<int>(gy);
        const float tx = gx - float(vx), ty = gy - float(vy);
        Sum sum;
        if (tx < 1 && ty < 1) add(vx, vy, x, y, (1 - tx) * (1 - ty), sum);
        if (tx > 0 && ty < 1) add(vx + 1, vy, x, y, tx * (1 - ty), sum);
        if (tx < 1 && ty > 0) add(vx, vy + 1, x, y, (1 - tx) * ty, sum);
        if (tx > 0 && ty > 0) add(vx + 1, vy + 1, x, y, tx * ty, sum);
        return sum.value / std::sqrt(sum.square);
    }

private:
    static constexpr double long_um = 26, wide_um = 2.6, wave_um = 1.6;
    struct Frame {
        float cosine, sine, phase;
    };

    static int clamped_voxel(double v, int count) { return std::clamp(static_cast<int>(std::floor(v)), 0, count - 1); }

    struct Sum {
        float value = 0, square = 0;
    };

    void add(int vx, int vy, float x, float y, float weight, Sum& sum) const {
        const std::size_t f = static_cast<std::size_t>(vy - first_y_) * across_ + (vx - first_x_);
        const Frame& frame = frames_[f];
        const float voxel = static_cast<float>(s_.voxel_um);
        const float dx = x - (float(vx) + 0.5f) * voxel, dy = y - (float(vy) + 0.5f) * voxel;
        const float u = dx * frame.cosine + dy * frame.sine;
        const auto wave = static_cast<std::uint32_t>(
            static_cast<std::int32_t>((u * (1.0f / 34) + frame.phase + 16) * float(sine_.size())));
        const float v = dy * frame.cosine - dx * frame.sine + float(wave_um) * sine_[wave % sine_.size()];
        const float gu = u * float(1 / long_um) + 0.5f * float(nodes_u_ - 1),
                    gv = v * float(1 / wide_um) + 0.5f * float(nodes_v_ - 1);
        const int iu = static_cast<int>(gu), iv = static_cast<int>(gv);
        STELLATE_ASSERT(gu >= 0 && gv >= 0 && iu < nodes_u_ - 1 && iv < nodes_v_ - 1, gu, gv, nodes_u_, nodes_v_);
        const float tu = gu - float(iu), tv = gv - float(iv), su = tu * tu * (3 - 2 * tu), sv = tv * tv * (3 - 2 * tv);
        const float* nodes = noise_.data() + f * static_cast<std::size_t>(nodes_u_ * nodes_v_) + iv * nodes_u_ + iu;
        const float a = weight * (1 - su) * (1 - sv), b = weight * su * (1 - sv), c = weight * (1 - su) * sv,
                    d = weight * su * sv;
        sum.value += a * nodes[0] + b * nodes[1] + c * nodes[nodes_u_] + d * nodes[nodes_u_ + 1];
        sum.square += a * a + b * b + c * c + d * d;
    }

    const Section& s_;
    int first_x_ = 0, first_y_ = 0, across_ = 0, nodes_u_ = 0, nodes_v_ = 0;
    double reach_ = 0;
    std::vector<Frame> frames_;
    std::vector<float> noise_;
    std::array<float, 256> sine_{};
};

}  // namespace

std::vector<float> local_collagen(const Section& s, const Window& w, double contrast) {
    std::vector<float> collagen = at_pixels(s, s.collagen_mg_per_ml, w);
    if (contrast <= 0) return collagen;
    // exp(s g - s^2/2) for g in steps of 1/64 over its whole range (the normals are bounded at 3.5, sums of them at
    // 14).
    constexpr int per_unit = 64, reach = 14;
    std::vector<float> factor(2 * reach * per_unit + 1);
    for (std::size_t k = 0; k < factor.size(); ++k)
        factor[k] = static_cast<float>(math::exp(contrast * (double(k) / per_unit - reach) - contrast * contrast / 2));

    const Weave weave(s, w);
    for (int j = 0; j < w.height; ++j)
        for (int i = 0; i < w.width; ++i) {
            const std::size_t p = static_cast<std::size_t>(j) * w.width + i;
            if (collagen[p] <= 0) continue;
            const float g = weave.at(static_cast<float>(w.x_of(i)), static_cast<float>(w.y_of(j)));
            collagen[p] *= factor[static_cast<std::size_t>(
                std::clamp((g + reach) * per_unit + 0.5f, 0.0f, float(factor.size() - 1)))];
        }
    return collagen;
}

}  // namespace stellate::histology
