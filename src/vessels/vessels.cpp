#include "vessels/vessels.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

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

// `tips` are ordered by id.
bool has_tip(const std::vector<Tip>& tips, std::uint64_t sprout) {
    const auto at = std::lower_bound(tips.begin(), tips.end(), sprout, [](const Tip& t, std::uint64_t v) { return t.id < v; });
    return at != tips.end() && at->id == sprout;
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
        hasher.value(s.standing);
        hasher.value(s.birth_tick);
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
                Draws(seed, voxel_address<Shape>(brick.at, v), 0, Purpose::co_option).uniform() < p.co_option_share;
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

// Calls visit(segment, distance) for the segments nearer to a place than `within`.
template <class Shape, class Visit>
void each_segment_near(const Parameters& p, const Lattice<Shape>& lattice, Vec3 place, double within, Visit&& visit) {
    const double reach = within + 0.5 * p.segment_um;  // a segment is filed under its midpoint
    const Vec3 corner{reach, reach, reach};
    const BrickCoord low = brick_at<Shape>(place - corner), high = brick_at<Shape>(place + corner);
    for (std::int32_t z = low.z; z <= high.z; ++z)
        for (std::int32_t y = low.y; y <= high.y; ++y)
            for (std::int32_t x = low.x; x <= high.x; ++x) {
                const Brick<Shape>* brick = lattice.find({x, y, z});
                if (!brick) continue;
                const Vec3 local = place - corner_um<Shape>(brick->at);
                for (const Segment& s : brick->segments) {
                    const double d = distance_to_piece(local, {um_from_fixed(s.x0), um_from_fixed(s.y0), um_from_fixed(s.z0)},
                                                       {um_from_fixed(s.x1), um_from_fixed(s.y1), um_from_fixed(s.z1)});
                    if (d < within) visit(s, d);
                }
            }
}

// The nearest segment of another sprout within reach (ties go to the lower sprout, then sequence), else the bed. A tip that
// has not come far from its root joins neither the bed nor the sprout it sprang from.
template <class Shape>
Joint look_for_joint(const Parameters& p, const Lattice<Shape>& lattice, const Sprout& own, Vec3 tip) {
    const bool mature = length(tip - own.root_um) >= p.maturation_um;
    std::vector<std::uint64_t> barred = {own.id};
    if (!mature)
        each_segment_near(p, lattice, own.root_um, p.capture_um, [&](const Segment& s, double) { barred.push_back(s.sprout); });
    Joint joint;
    double nearest = 0;
    each_segment_near(p, lattice, tip, p.capture_um, [&](const Segment& s, double d) {
        if (std::find(barred.begin(), barred.end(), s.sprout) != barred.end()) return;
        if (joint.found && std::tie(nearest, joint.sprout, joint.sequence) <= std::tie(d, s.sprout, s.sequence)) return;
        nearest = d;
        joint = {true, s.sprout, s.sequence};
    });
    if (joint.found || !mature) return joint;
    const BrickCoord at = brick_at<Shape>(tip);
    const Brick<Shape>* brick = lattice.find(at);
    joint.found = brick && brick->sinusoid[std::size_t(voxel_at<Shape>(at, tip))] >= 0.5f;
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
    ++sprout.standing;
}

// Lays the stalk behind its tip: whole segments, and up to the tip itself (in equal parts) where it joins.
template <class Shape>
void lay_stalk(const Parameters& p, std::uint32_t tick, Vec3 tip, bool joins, Lattice<Shape>& lattice, Sprout& sprout) {
    const Vec3 from = sprout.last_um, gap = tip - from;
    const double segments = length(gap) / p.segment_um;
    const int count = static_cast<int>(joins ? std::ceil(segments) : std::floor(segments));
    const Vec3 piece = (joins ? 1.0 / count : 1.0 / segments) * gap;
    for (int n = 1; n <= count; ++n) lay_segment(p, tick, joins && n == count ? tip : from + double(n) * piece, lattice, sprout);
}

// Marks the segments that carry blood. A run is an unbroken piece of one sprout; it touches the bed at its root and at a
// tip that joined the bed, and other runs where a tip joined another sprout. A touch that is the only one of its run leads
// nowhere: it is struck out on both sides, until none is left. What lies between the outermost touches of a run is perfused.
template <class Shape>
void perfuse(Lattice<Shape>& lattice, const Tree& tree) {
    using Place = std::pair<std::uint64_t, std::uint32_t>;  // (sprout, sequence)
    std::vector<Place> places;
    for (const Brick<Shape>* brick : lattice.in_memory())
        for (const Segment& s : brick->segments) places.emplace_back(s.sprout, s.sequence);
    std::sort(places.begin(), places.end());

    struct Run {
        Place first;
        std::uint32_t last = 0;
        int touches = 0;
        std::uint32_t from = 0, until = 0;  // perfused: from <= sequence < until
    };
    std::vector<Run> runs;
    for (const Place& place : places) {
        const bool continues = !runs.empty() && runs.back().first.first == place.first && runs.back().last + 1 == place.second;
        if (continues) runs.back().last = place.second;
        else runs.push_back({place, place.second});
    }
    const auto run_of = [&runs](Place place) -> Run* {
        auto after = std::upper_bound(runs.begin(), runs.end(), place, [](const Place& v, const Run& r) { return v < r.first; });
        if (after == runs.begin()) return nullptr;
        Run& run = *--after;
        return run.first.first == place.first && place.second <= run.last ? &run : nullptr;
    };

    struct Touch {
        Run* run;
        std::uint32_t sequence;
        Run* other;  // nullptr: the bed
        std::uint32_t other_sequence;
        bool leads = true;
    };
    std::vector<Touch> touches;
    for (const Sprout& s : tree.sprouts) {
        Run* root = run_of({s.id, 0});
        if (root) touches.push_back({root, 0, nullptr, 0});
        Run* tip = s.joined && s.segments > 0 ? run_of({s.id, s.segments - 1}) : nullptr;
        Run* met = tip && s.joined_sprout != 0 ? run_of({s.joined_sprout, s.joined_sequence}) : nullptr;
        if (tip && (met || s.joined_sprout == 0)) touches.push_back({tip, s.segments - 1, met, s.joined_sequence});
    }
    for (const Touch& t : touches) {
        ++t.run->touches;
        if (t.other) ++t.other->touches;
    }
    for (bool struck = true; struck;) {
        struck = false;
        for (Touch& t : touches) {
            if (!t.leads || (t.run->touches > 1 && (!t.other || t.other->touches > 1))) continue;
            t.leads = false;
            struck = true;
            --t.run->touches;
            if (t.other) --t.other->touches;
        }
    }
    const auto reach = [](Run& run, std::uint32_t sequence) {
        run.from = run.until == 0 ? sequence : std::min(run.from, sequence);
        run.until = std::max(run.until, sequence + 1);
    };
    for (const Touch& t : touches) {
        if (!t.leads) continue;
        reach(*t.run, t.sequence);
        if (t.other) reach(*t.other, t.other_sequence);
    }
    for (Brick<Shape>* brick : lattice.in_memory())
        for (Segment& s : brick->segments) {
            const Run& run = *run_of({s.sprout, s.sequence});
            s.perfused = s.sequence >= run.from && s.sequence < run.until;
        }
}

// Ages segments that are unfed or blind and removes those past their time.
template <class Shape>
std::uint32_t regress(const Parameters& p, std::uint32_t tick, double tick_min, int vegfa, const std::vector<Tip>& tips,
                      Lattice<Shape>& lattice, Tree& tree) {
    std::uint32_t lost = 0;
    for (Brick<Shape>* brick : lattice.in_memory()) {
        if (brick->segments.empty()) continue;
        std::erase_if(brick->segments, [&](Segment& s) {
            const bool growing = !s.perfused && has_tip(tips, s.sprout);
            const bool fed = brick->level(vegfa, voxel_at<Shape>(brick->at, midpoint_um(*brick, s))) > p.vegfa_threshold_nM;
            if (growing || (s.perfused && fed)) {
                s.unfed_since = 0;
                return false;
            }
            if (s.unfed_since == 0) s.unfed_since = tick;
            if ((tick - s.unfed_since) * tick_min < p.regression_h * 60.0) return false;
            --tree.find(s.sprout)->standing;
            ++lost;
            return true;
        });
    }
    return lost;
}

}  // namespace

template <class Shape>
TreeEvents grow(const Parameters& p, std::uint32_t tick, double tick_min, int vegfa, const std::vector<Tip>& tips,
                const std::vector<Budding>& buds, Lattice<Shape>& lattice, Tree& tree) {
    TreeEvents events;
    STELLATE_ASSERT(std::is_sorted(tips.begin(), tips.end(), [](const Tip& a, const Tip& b) { return a.id < b.id; }), tips.size());

    std::vector<Tip> growing;
    for (const Tip& tip : tips) {
        Sprout* sprout = tree.find(tip.id);
        STELLATE_ASSERT(sprout != nullptr, tip.id);
        const Joint joint = look_for_joint(p, lattice, *sprout, tip.place_um);
        lay_stalk(p, tick, tip.place_um, joint.found, lattice, *sprout);
        if (joint.found) {
            sprout->joined = 1;
            sprout->joined_sprout = joint.sprout;
            sprout->joined_sequence = joint.sequence;
            events.finished_tips.push_back(tip.id);
            ++events.joined;
        } else if ((tick - sprout->birth_tick) * tick_min >= p.tip_longest_h * 60.0) {
            events.finished_tips.push_back(tip.id);
        } else {
            growing.push_back(tip);
        }
    }
    if (events.joined > 0) perfuse(lattice, tree);
    events.lost_segments = regress(p, tick, tick_min, vegfa, growing, lattice, tree);
    if (events.lost_segments > 0) perfuse(lattice, tree);
    // A sprout of which nothing stands and whose tip has gone leaves nothing behind.
    std::erase_if(tree.sprouts, [&](const Sprout& s) { return s.standing == 0 && !has_tip(growing, s.id); });

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
