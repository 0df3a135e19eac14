#include "vessels/vessels.hpp"

#include <algorithm>

#include "core/ids.hpp"
#include "core/math.hpp"
#include "core/random.hpp"
#include "vessels/places.hpp"

namespace stellate::vessels {

namespace {

constexpr double pi = 3.14159265358979323846;
constexpr double voxel_um3 = double(voxel_um) * voxel_um * voxel_um;

double length_um(const Segment& s) {
    return length(Vec3{um_from_fixed(s.x1 - s.x0), um_from_fixed(s.y1 - s.y0), um_from_fixed(s.z1 - s.z0)});
}

}  // namespace

Sprout* Tree::find(std::uint64_t id) {
    const auto at =
        std::lower_bound(sprouts.begin(), sprouts.end(), id, [](const Sprout& s, std::uint64_t v) { return s.id < v; });
    return at != sprouts.end() && at->id == id ? &*at : nullptr;
}

void Tree::hash(Hasher& hasher) const {
    hasher.value<std::uint64_t>(sprouts.size());
    for (const Sprout& s : sprouts) {
        hasher.value(s.id);
        for (Vec3 p : {s.last_um, s.root_um})
            for (double v : {p.x, p.y, p.z}) hasher.value(v);
        hasher.value(s.segments);
        hasher.value(s.standing);
        hasher.value(s.birth_tick);
        hasher.value(s.parent_sprout);
        hasher.value(s.parent_sequence);
        hasher.value(s.root_open);
        hasher.value(s.joint_open);
        hasher.value(s.joined);
        hasher.value(s.joined_sprout);
        hasher.value(s.joined_sequence);
    }
}

template <class Shape>
bool press_sinusoids(const Parameters& p, std::uint64_t seed, std::span<const float> tumour_fraction, double dt_min,
                     Brick<Shape>& brick) {
    bool moved = false;
    for (int v = 0; v < voxels_per_brick<Shape>; ++v) {
        const auto i = std::size_t(v);
        if (brick.healthy.kind[i] != TissueKind::parenchyma) continue;
        const double fraction = tumour_fraction[i];
        float& open = brick.sinusoid[i];
        if (fraction == 0 && open == 1.0f) continue;
        double closing = 0;
        if (fraction > 0) {
            const bool co_opted =
                Draws(seed, voxel_address(brick.at, v), 0, Purpose::co_option).uniform() < p.co_option_share;
            if (!co_opted) closing = p.closing_per_min * fraction / (fraction + p.closing_half_fraction);
        }
        const double opening = p.opening_per_min;
        const double total = closing + opening;
        if (!(total > 0)) continue;
        const double rest = opening / total;
        float next = static_cast<float>(rest + (open - rest) * math::exp(-total * dt_min));
        if (closing == 0 && next > 0.999f) next = 1.0f;  // healed: exactly healthy again
        moved = moved || next != open;
        open = next;
    }
    return moved;
}

template <class Shape>
void length_of_segments(const Brick<Shape>& brick, bool perfused_only, std::vector<float>& length) {
    length.assign(std::size_t(voxels_per_brick<Shape>), 0.0f);
    for (const Segment& s : brick.segments) {
        if (perfused_only && !s.perfused) continue;
        length[std::size_t(voxel_at<Shape>(brick.at, midpoint_um(brick, s)))] += static_cast<float>(length_um(s));
    }
}

template <class Shape>
void exchange_of_segments(const Parameters& p, const Brick<Shape>& brick, std::vector<float>& exchange) {
    for (const Segment& s : brick.segments) {
        if (!s.perfused) continue;
        const double surface = 2 * pi * s.radius * length_um(s);
        exchange[std::size_t(voxel_at<Shape>(brick.at, midpoint_um(brick, s)))] +=
            static_cast<float>(p.oxygen_exchange_um_per_min * surface / voxel_um3);
    }
}

template <class Shape>
void find_buds(const Parameters& p, std::uint64_t seed, std::uint32_t tick, int vegfa, double dt_min,
               const Brick<Shape>& brick, std::vector<Budding>& buds) {
    std::vector<float> perfused_length;
    for (int v = 0; v < voxels_per_brick<Shape>; ++v) {
        const double level = brick.level(vegfa, v);
        if (level <= p.vegfa_threshold_nM) continue;
        if (perfused_length.empty()) length_of_segments(brick, true, perfused_length);
        // Endothelium to sprout from: the sinusoids' share while they can feed a root, or a perfused new vessel through
        // the voxel.
        const float sinusoid = brick.sinusoid[std::size_t(v)];
        const double bed = is_open(p, sinusoid) ? sinusoid : 0;
        const double endothelium = std::min(1.0, bed + perfused_length[std::size_t(v)] / voxel_um);
        if (endothelium <= 0) continue;
        const double rate = p.sprouting_per_min * endothelium * (1.0 - p.vegfa_threshold_nM / level);
        Draws draws(seed, voxel_address(brick.at, v), tick, Purpose::sprout);
        const double u = draws.uniform();
        if (math::surely_none(u, rate * dt_min) || u >= math::chance(rate * dt_min)) continue;
        const int x = v % Shape::nx, y = v / Shape::nx % Shape::ny, z = v / (Shape::nx * Shape::ny);
        const auto place = [&draws](int i) { return voxel_um * (i + draws.uniform()); };
        const double px = place(x), py = place(y), pz = Shape::flat ? 0.5 * voxel_um : place(z);
        buds.push_back({corner_um<Shape>(brick.at) + Vec3{px, py, pz}, brick.at, v});
    }
}

#define STELLATE_INSTANTIATE(Shape)                                                                                   \
    template bool press_sinusoids<Shape>(const Parameters&, std::uint64_t, std::span<const float>, double,            \
                                         Brick<Shape>&);                                                              \
    template void length_of_segments<Shape>(const Brick<Shape>&, bool, std::vector<float>&);                          \
    template void exchange_of_segments<Shape>(const Parameters&, const Brick<Shape>&, std::vector<float>&);           \
    template void find_buds<Shape>(const Parameters&, std::uint64_t, std::uint32_t, int, double, const Brick<Shape>&, \
                                   std::vector<Budding>&);
STELLATE_INSTANTIATE(SectionShape)
STELLATE_INSTANTIATE(BlockShape)
#undef STELLATE_INSTANTIATE

}  // namespace stellate::vessels
