#include "vessels/vessels.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "core/error.hpp"
#include "core/ids.hpp"
#include "core/math.hpp"
#include "core/random.hpp"

namespace stellate::vessels {

namespace {

constexpr double pi = 3.14159265358979323846;
constexpr double voxel_um3 = double(voxel_um) * voxel_um * voxel_um;

// The voxel's address in the whole tissue, for draws that belong to a place.
template <class Shape>
std::uint64_t voxel_address(BrickCoord at, int voxel) {
    return (std::uint64_t(at.x) << 46) | (std::uint64_t(at.y) << 29) | (std::uint64_t(at.z) << 12) | std::uint64_t(voxel);
}

template <class Shape>
BrickCoord brick_at(Vec3 um) {
    return {static_cast<std::int32_t>(std::floor(um.x / (Shape::nx * voxel_um))),
            static_cast<std::int32_t>(std::floor(um.y / (Shape::ny * voxel_um))),
            static_cast<std::int32_t>(std::floor(um.z / (Shape::nz * voxel_um)))};
}

template <class Shape>
int voxel_at(BrickCoord at, Vec3 um) {
    const Vec3 local = um - corner_um<Shape>(at);
    const auto index = [](double v, int n) { return std::clamp(static_cast<int>(v / voxel_um), 0, n - 1); };
    return voxel_index<Shape>(index(local.x, Shape::nx), index(local.y, Shape::ny), index(local.z, Shape::nz));
}

template <class Shape>
Vec3 midpoint_um(const Brick<Shape>& brick, const Segment& s) {
    const Vec3 local = {0.5 * (um_from_fixed(s.x0) + um_from_fixed(s.x1)), 0.5 * (um_from_fixed(s.y0) + um_from_fixed(s.y1)),
                        0.5 * (um_from_fixed(s.z0) + um_from_fixed(s.z1))};
    return corner_um<Shape>(brick.at) + local;
}

double length_um(const Segment& s) {
    return length(Vec3{um_from_fixed(s.x1 - s.x0), um_from_fixed(s.y1 - s.y0), um_from_fixed(s.z1 - s.z0)});
}

double distance_to_piece(Vec3 point, Vec3 a, Vec3 b) {
    const Vec3 along = b - a;
    const double squared = dot(along, along);
    const double t = squared > 0 ? std::clamp(dot(point - a, along) / squared, 0.0, 1.0) : 0.0;
    return length(point - (a + t * along));
}

bool by_sprout(const Segment& a, const Segment& b) {
    return a.sprout != b.sprout ? a.sprout < b.sprout : a.sequence < b.sequence;
}

}  // namespace

Sprout* Tree::find(std::uint64_t id) {
    const auto at = std::lower_bound(sprouts.begin(), sprouts.end(), id, [](const Sprout& s, std::uint64_t v) { return s.id < v; });
    return at != sprouts.end() && at->id == id ? &*at : nullptr;
}

void Tree::hash(Hasher& hasher) const {
    hasher.value<std::uint64_t>(sprouts.size());
    for (const Sprout& s : sprouts) {
        hasher.value(s.id);
        for (Vec3 p : {s.last_um, s.root_um})
            for (double v : {p.x, p.y, p.z}) hasher.value(v);
        hasher.value(s.segments);
        hasher.value(s.birth_tick);
        hasher.value(s.perfused);
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
                Draws(seed, voxel_address<Shape>(brick.at, v), 0, Purpose::co_option).uniform() < p.co_option_share;
            if (!co_opted) closing = p.closing_per_min * fraction / (fraction + p.closing_half_fraction);
        }
        const double opening = p.opening_per_min;
        const double total = closing + opening;
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
void find_buds(const Parameters& p, std::uint64_t seed, std::uint32_t tick, int vegfa, double dt_min, const Brick<Shape>& brick,
               std::vector<Budding>& buds) {
    std::vector<float> perfused_length;
    for (int v = 0; v < voxels_per_brick<Shape>; ++v) {
        const double level = brick.level(vegfa, v);
        if (level <= p.vegfa_threshold_nM) continue;
        if (perfused_length.empty()) length_of_segments(brick, true, perfused_length);
        // Endothelium to sprout from: the open share of the sinusoid, or a perfused new vessel through the voxel.
        const double endothelium = std::min(1.0, double(brick.sinusoid[std::size_t(v)]) + perfused_length[std::size_t(v)] / voxel_um);
        if (endothelium <= 0) continue;
        const double rate = p.sprouting_per_min * endothelium * (1.0 - p.vegfa_threshold_nM / level);
        Draws draws(seed, voxel_address<Shape>(brick.at, v), tick, Purpose::sprout);
        if (draws.uniform() >= math::chance(rate * dt_min)) continue;
        const int x = v % Shape::nx, y = v / Shape::nx % Shape::ny, z = v / (Shape::nx * Shape::ny);
        const auto place = [&draws](int i) { return voxel_um * (i + draws.uniform()); };
        const double px = place(x), py = place(y), pz = Shape::flat ? 0.5 * voxel_um : place(z);
        buds.push_back({corner_um<Shape>(brick.at) + Vec3{px, py, pz}, brick.at, v});
    }
}

namespace {

// A vessel that a tip has met: another sprout at a sequence number, or the sinusoidal bed.
struct Joint {
    bool found = false;
    std::uint64_t sprout = 0;  // 0: the bed
    std::uint32_t sequence = 0;
};

template <class Shape>
Joint look_for_joint(const Parameters& p, const Lattice<Shape>& lattice, const Sprout& own, Vec3 tip) {
    // Nearest segment of another sprout within reach; ties go to the lower (sprout, sequence), which the scan order gives.
    const double reach = p.capture_um + 0.5 * p.segment_um;  // a segment is filed under its midpoint
    const BrickCoord low = brick_at<Shape>(tip - Vec3{reach, reach, reach}), high = brick_at<Shape>(tip + Vec3{reach, reach, reach});
    double nearest = p.capture_um;
    Joint joint;
    for (std::int32_t z = low.z; z <= high.z; ++z)
        for (std::int32_t y = low.y; y <= high.y; ++y)
            for (std::int32_t x = low.x; x <= high.x; ++x) {
                const Brick<Shape>* brick = lattice.find({x, y, z});
                if (!brick) continue;
                const Vec3 local = tip - corner_um<Shape>(brick->at);
                for (const Segment& s : brick->segments) {
                    if (s.sprout == own.id) continue;
                    const Vec3 a{um_from_fixed(s.x0), um_from_fixed(s.y0), um_from_fixed(s.z0)};
                    const Vec3 b{um_from_fixed(s.x1), um_from_fixed(s.y1), um_from_fixed(s.z1)};
                    const double d = distance_to_piece(local, a, b);
                    const bool nearer = d < nearest || (d == nearest && joint.found &&
                                                        std::tie(s.sprout, s.sequence) < std::tie(joint.sprout, joint.sequence));
                    if (nearer) {
                        nearest = d;
                        joint = {true, s.sprout, s.sequence};
                    }
                }
            }
    if (joint.found) return joint;
    if (length(tip - own.root_um) >= p.maturation_um) {
        const BrickCoord at = brick_at<Shape>(tip);
        const Brick<Shape>* brick = lattice.find(at);
        if (brick && brick->sinusoid[std::size_t(voxel_at<Shape>(at, tip))] >= 0.5f) joint.found = true;
    }
    return joint;
}

template <class Shape>
void lay_segment(const Parameters& p, std::uint32_t tick, Vec3 to, Lattice<Shape>& lattice, Sprout& sprout) {
    const Vec3 from = sprout.last_um;
    const Vec3 middle = 0.5 * (from + to);
    const BrickCoord at = brick_at<Shape>(middle);
    Brick<Shape>* brick = lattice.find(at);
    STELLATE_ASSERT(brick != nullptr, at.x, at.y, at.z);
    const Vec3 a = from - corner_um<Shape>(at), b = to - corner_um<Shape>(at);
    Segment s;
    s.x0 = fixed_from_um(a.x), s.y0 = fixed_from_um(a.y), s.z0 = fixed_from_um(a.z);
    s.x1 = fixed_from_um(b.x), s.y1 = fixed_from_um(b.y), s.z1 = fixed_from_um(b.z);
    s.radius = static_cast<float>(p.radius_um);
    s.sprout = sprout.id;
    s.sequence = sprout.segments++;
    s.birth_tick = tick;
    brick->segments.insert(std::upper_bound(brick->segments.begin(), brick->segments.end(), s, by_sprout), s);
    sprout.last_um = to;
}

// Marks what a joint has connected as perfused: sprout id -> first sequence number that stays blind.
template <class Shape>
void perfuse(const std::map<std::uint64_t, std::uint32_t>& connected, Lattice<Shape>& lattice) {
    for (Brick<Shape>* brick : lattice.in_memory())
        for (Segment& s : brick->segments) {
            const auto at = connected.find(s.sprout);
            if (at != connected.end() && s.sequence < at->second) s.perfused = 1;
        }
}

// Ages unfed segments and removes those past their time; a sprout that lost a piece is no longer connected.
template <class Shape>
std::uint32_t regress(const Parameters& p, std::uint32_t tick, double tick_min, int vegfa, const std::vector<Tip>& tips,
                      Lattice<Shape>& lattice, Tree& tree) {
    const auto patience = static_cast<std::uint32_t>(p.regression_h * 60.0 / tick_min);
    const auto has_tip = [&tips](std::uint64_t id) {
        const auto at = std::lower_bound(tips.begin(), tips.end(), id, [](const Tip& t, std::uint64_t v) { return t.id < v; });
        return at != tips.end() && at->id == id;
    };
    std::map<std::uint64_t, std::uint32_t> broken;
    std::uint32_t lost = 0;
    for (Brick<Shape>* brick : lattice.in_memory()) {
        if (brick->segments.empty()) continue;
        std::erase_if(brick->segments, [&](Segment& s) {
            const bool growing = !s.perfused && has_tip(s.sprout);
            const bool fed = brick->level(vegfa, voxel_at<Shape>(brick->at, midpoint_um(*brick, s))) > p.vegfa_threshold_nM;
            if (growing || (s.perfused && fed)) {
                s.unfed_since = 0;
                return false;
            }
            if (s.unfed_since == 0) s.unfed_since = tick;
            if (tick - s.unfed_since < patience) return false;
            ++broken[s.sprout];
            ++lost;
            return true;
        });
    }
    if (broken.empty()) return 0;
    std::map<std::uint64_t, std::uint32_t> left;
    for (Brick<Shape>* brick : lattice.in_memory())
        for (Segment& s : brick->segments) {
            if (broken.contains(s.sprout)) s.perfused = 0;
            ++left[s.sprout];
        }
    for (Sprout& s : tree.sprouts)
        if (broken.contains(s.id)) s.perfused = 0;
    std::erase_if(tree.sprouts, [&](const Sprout& s) { return broken.contains(s.id) && !left.contains(s.id) && !has_tip(s.id); });
    return lost;
}

}  // namespace

template <class Shape>
TreeEvents grow(const Parameters& p, std::uint32_t tick, double tick_min, int vegfa, const std::vector<Tip>& tips,
                const std::vector<Budding>& buds, Lattice<Shape>& lattice, Tree& tree) {
    TreeEvents events;
    STELLATE_ASSERT(std::is_sorted(tips.begin(), tips.end(), [](const Tip& a, const Tip& b) { return a.id < b.id; }), tips.size());

    std::map<std::uint64_t, std::uint32_t> connected;
    std::vector<Tip> growing;
    for (const Tip& tip : tips) {
        Sprout* sprout = tree.find(tip.id);
        STELLATE_ASSERT(sprout != nullptr, tip.id);
        const double gap = length(tip.place_um - sprout->last_um);
        const Joint joint = look_for_joint(p, lattice, *sprout, tip.place_um);
        if (gap >= p.segment_um || (joint.found && gap > 0)) lay_segment(p, tick, tip.place_um, lattice, *sprout);
        if (joint.found) {
            sprout->perfused = 1;
            connected[sprout->id] = sprout->segments;
            if (joint.sprout != 0) {
                std::uint32_t& reach = connected[joint.sprout];
                reach = std::max(reach, joint.sequence + 1);
            }
            events.finished_tips.push_back(tip.id);
            ++events.joined;
        } else if ((tick - sprout->birth_tick) * tick_min >= p.tip_longest_h * 60.0) {
            events.finished_tips.push_back(tip.id);
        } else {
            growing.push_back(tip);
        }
    }
    if (!connected.empty()) perfuse(connected, lattice);
    events.lost_segments = regress(p, tick, tick_min, vegfa, growing, lattice, tree);

    std::vector<Vec3> taken;
    for (const Tip& tip : growing) taken.push_back(tip.place_um);
    for (const Budding& bud : buds) {
        const bool free = std::none_of(taken.begin(), taken.end(),
                                       [&](Vec3 other) { return length(bud.place_um - other) < p.tip_inhibition_um; });
        if (!free) continue;
        const CellId id = arrival_id(voxel_address<Shape>(bud.brick, bud.voxel), tick, 0x7170);
        Sprout sprout;
        sprout.id = id.value;
        sprout.last_um = sprout.root_um = bud.place_um;
        sprout.birth_tick = tick;
        tree.sprouts.insert(std::upper_bound(tree.sprouts.begin(), tree.sprouts.end(), sprout.id,
                                             [](std::uint64_t v, const Sprout& s) { return v < s.id; }),
                            sprout);
        events.started.push_back(bud);
        events.started_ids.push_back(id.value);
        taken.push_back(bud.place_um);
    }
    // A tip that gave up before it laid a stalk leaves nothing behind.
    std::erase_if(tree.sprouts, [&](const Sprout& s) {
        return s.segments == 0 && std::find(events.finished_tips.begin(), events.finished_tips.end(), s.id) != events.finished_tips.end();
    });
    return events;
}

#define STELLATE_INSTANTIATE(Shape)                                                                                          \
    template bool press_sinusoids<Shape>(const Parameters&, std::uint64_t, std::span<const float>, double, Brick<Shape>&);   \
    template void length_of_segments<Shape>(const Brick<Shape>&, bool, std::vector<float>&);                                 \
    template void exchange_of_segments<Shape>(const Parameters&, const Brick<Shape>&, std::vector<float>&);                  \
    template void find_buds<Shape>(const Parameters&, std::uint64_t, std::uint32_t, int, double, const Brick<Shape>&,        \
                                   std::vector<Budding>&);                                                                   \
    template TreeEvents grow<Shape>(const Parameters&, std::uint32_t, double, int, const std::vector<Tip>&,                  \
                                    const std::vector<Budding>&, Lattice<Shape>&, Tree&);
STELLATE_INSTANTIATE(SectionShape)
STELLATE_INSTANTIATE(BlockShape)
#undef STELLATE_INSTANTIATE

}  // namespace stellate::vessels
