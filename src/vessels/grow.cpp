// The ordered growth of sprouts: stalks behind tips, joints, perfusion, regression, new tips.
#include <algorithm>
#include <cmath>
#include <optional>
#include <tuple>
#include <utility>

#include "core/disjoint_sets.hpp"
#include "core/error.hpp"
#include "core/ids.hpp"
#include "vessels/places.hpp"
#include "vessels/vessels.hpp"

namespace stellate::vessels {

namespace {

double distance_to_piece(Vec3 point, Vec3 a, Vec3 b) {
    const Vec3 along = b - a;
    const double squared = dot(along, along);
    const double t = squared > 0 ? std::clamp(dot(point - a, along) / squared, 0.0, 1.0) : 0.0;
    return length(point - (a + t * along));
}

// `tips` are ordered by id.
bool has_tip(const std::vector<Tip>& tips, std::uint64_t sprout) {
    const auto at =
        std::lower_bound(tips.begin(), tips.end(), sprout, [](const Tip& t, std::uint64_t v) { return t.id < v; });
    return at != tips.end() && at->id == sprout;
}

bool by_sprout(const Segment& a, const Segment& b) {
    return a.sprout != b.sprout ? a.sprout < b.sprout : a.sequence < b.sequence;
}

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
                    const double d =
                        distance_to_piece(local, {um_from_fixed(s.x0), um_from_fixed(s.y0), um_from_fixed(s.z0)},
                                          {um_from_fixed(s.x1), um_from_fixed(s.y1), um_from_fixed(s.z1)});
                    if (d < within) visit(s, d);
                }
            }
}

// The nearest segment of another sprout within reach (ties go to the lower sprout, then sequence), else the bed. A tip
// that has not come far from its root joins neither the bed nor the sprout it sprang from.
template <class Shape>
Joint look_for_joint(const Parameters& p, const Lattice<Shape>& lattice, const Sprout& own, Vec3 tip) {
    const bool mature = length(tip - own.root_um) >= p.maturation_um;
    std::vector<std::uint64_t> barred = {own.id};
    if (!mature)
        each_segment_near(p, lattice, own.root_um, p.capture_um,
                          [&](const Segment& s, double) { barred.push_back(s.sprout); });
    Joint joint;
    double nearest = 0;
    each_segment_near(p, lattice, tip, p.capture_um, [&](const Segment& s, double d) {
        if (std::find(barred.begin(), barred.end(), s.sprout) != barred.end()) return;
        if (joint.found && std::tie(nearest, joint.sprout, joint.sequence) <= std::tie(d, s.sprout, s.sequence)) return;
        nearest = d;
        joint = {true, s.sprout, s.sequence};
    });
    if (!joint.found && mature) joint.found = bed_is_open(p, lattice, tip);
    return joint;
}

// Says what a sprout that starts at its root springs from: the bed where it is open, else the nearest perfused segment
// in the voxel (as in find_buds). Returns whether there is anything that carries blood.
template <class Shape>
bool find_root(const Parameters& p, const Lattice<Shape>& lattice, Sprout& sprout) {
    sprout.root_open = bed_is_open(p, lattice, sprout.root_um);
    if (sprout.root_open) return true;
    const BrickCoord at = brick_at<Shape>(sprout.root_um);
    const Brick<Shape>* brick = lattice.find(at);
    if (!brick) return false;
    const int voxel = voxel_at<Shape>(at, sprout.root_um);
    double nearest = 0;
    for (const Segment& s : brick->segments) {
        const Vec3 middle = midpoint_um(*brick, s);
        if (!s.perfused || voxel_at<Shape>(at, middle) != voxel) continue;
        const double d = length(middle - sprout.root_um);
        if (sprout.parent_sprout != 0 && d >= nearest) continue;
        nearest = d;
        sprout.parent_sprout = s.sprout;
        sprout.parent_sequence = s.sequence;
    }
    return sprout.parent_sprout != 0;
}

// Looks whether the bed is open where sprouts spring from it or have joined it; returns whether any of it has changed.
template <class Shape>
bool look_at_bed(const Parameters& p, const Lattice<Shape>& lattice, Tree& tree) {
    bool changed = false;
    const auto note = [&changed](std::uint8_t& open, bool now) {
        changed = changed || (open != 0) != now;
        open = now;
    };
    for (Sprout& s : tree.sprouts) {
        if (s.parent_sprout == 0) note(s.root_open, bed_is_open(p, lattice, s.root_um));
        if (s.joined && s.joined_sprout == 0) note(s.joint_open, bed_is_open(p, lattice, s.last_um));
    }
    return changed;
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
    for (int n = 1; n <= count; ++n)
        lay_segment(p, tick, joins && n == count ? tip : from + double(n) * piece, lattice, sprout);
}

using Place = std::pair<std::uint64_t, std::uint32_t>;  // (sprout, sequence)

// An unbroken piece of one sprout.
struct Run {
    Place first;
    std::uint32_t last = 0;
    int touches = 0;                    // that lead
    std::uint32_t from = 0, until = 0;  // perfused: from <= sequence < until
};

// Where a run touches the open bed or another run.
struct Touch {
    std::size_t run;
    std::uint32_t sequence;
    std::optional<Place> other_place;  // none: the bed
    std::size_t other = 0;
    bool leads = true;
};

template <class Shape>
std::vector<Run> find_runs(const Lattice<Shape>& lattice) {
    std::vector<Place> places;
    for (const Brick<Shape>* brick : lattice.in_memory())
        for (const Segment& s : brick->segments) places.emplace_back(s.sprout, s.sequence);
    std::sort(places.begin(), places.end());
    std::vector<Run> runs;
    for (const Place& place : places) {
        const bool continues =
            !runs.empty() && runs.back().first.first == place.first && runs.back().last + 1 == place.second;
        if (continues)
            runs.back().last = place.second;
        else
            runs.push_back({place, place.second});
    }
    return runs;
}

std::optional<std::size_t> run_of(const std::vector<Run>& runs, Place place) {
    const auto after =
        std::upper_bound(runs.begin(), runs.end(), place, [](const Place& v, const Run& r) { return v < r.first; });
    if (after == runs.begin()) return std::nullopt;
    const auto run = after - 1;
    if (run->first.first != place.first || place.second > run->last) return std::nullopt;
    return std::size_t(run - runs.begin());
}

// Each end of each sprout that stands and meets something: root and joint alike.
std::vector<Touch> find_touches(const std::vector<Run>& runs, const Tree& tree) {
    std::vector<Touch> touches;
    const auto add = [&](Place end, bool open, Place other) {
        const auto run = run_of(runs, end);
        if (!run) return;
        if (other.first == 0) {
            if (open) touches.push_back({*run, end.second, std::nullopt});
        } else if (const auto met = run_of(runs, other)) {
            touches.push_back({*run, end.second, other, *met});
        }
    };
    for (const Sprout& s : tree.sprouts) {
        add({s.id, 0}, s.root_open, {s.parent_sprout, s.parent_sequence});
        if (s.joined && s.segments > 0) add({s.id, s.segments - 1}, s.joint_open, {s.joined_sprout, s.joined_sequence});
    }
    return touches;
}

// A touch that is the only one of its run leads nowhere: it is struck out on both sides, until none is left. Then runs
// that hang together but have not two ends in the bed among them (rings, say) are struck out as a whole.
void strike_dead_ends(std::vector<Run>& runs, std::vector<Touch>& touches) {
    for (const Touch& t : touches) {
        ++runs[t.run].touches;
        if (t.other_place) ++runs[t.other].touches;
    }
    for (bool struck = true; struck;) {
        struck = false;
        for (Touch& t : touches) {
            if (!t.leads || (runs[t.run].touches > 1 && (!t.other_place || runs[t.other].touches > 1))) continue;
            t.leads = false;
            struck = true;
            --runs[t.run].touches;
            if (t.other_place) --runs[t.other].touches;
        }
    }
    DisjointSets networks(runs.size());
    for (const Touch& t : touches)
        if (t.leads && t.other_place) networks.join(t.run, t.other);
    std::vector<int> ends(runs.size());
    for (const Touch& t : touches)
        if (t.leads && !t.other_place) ++ends[networks.root(t.run)];
    for (Touch& t : touches) t.leads = t.leads && ends[networks.root(t.run)] > 1;
}

// Marks the segments that carry blood: what lies between the outermost touches of a run that lead.
template <class Shape>
void perfuse(Lattice<Shape>& lattice, const Tree& tree) {
    std::vector<Run> runs = find_runs(lattice);
    std::vector<Touch> touches = find_touches(runs, tree);
    strike_dead_ends(runs, touches);
    const auto reach = [&runs](std::size_t n, std::uint32_t sequence) {
        Run& run = runs[n];
        run.from = run.until == 0 ? sequence : std::min(run.from, sequence);
        run.until = std::max(run.until, sequence + 1);
    };
    for (const Touch& t : touches) {
        if (!t.leads) continue;
        reach(t.run, t.sequence);
        if (t.other_place) reach(t.other, t.other_place->second);
    }
    for (Brick<Shape>* brick : lattice.in_memory())
        for (Segment& s : brick->segments) {
            const Run& run = runs[*run_of(runs, {s.sprout, s.sequence})];
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
            const bool fed =
                brick->level(vegfa, voxel_at<Shape>(brick->at, midpoint_um(*brick, s))) > p.vegfa_threshold_nM;
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
    STELLATE_ASSERT(std::is_sorted(tips.begin(), tips.end(), [](const Tip& a, const Tip& b) { return a.id < b.id; }),
                    tips.size());

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
    if (look_at_bed(p, lattice, tree) || events.joined > 0) perfuse(lattice, tree);
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
        Sprout sprout;
        sprout.last_um = sprout.root_um = bud.place_um;
        if (!find_root(p, lattice, sprout)) continue;  // what it wanted to spring from has just been lost
        const CellId id = arrival_id(voxel_address(bud.brick, bud.voxel), tick, 0x7170);
        sprout.id = id.value;
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

template TreeEvents grow<SectionShape>(const Parameters&, std::uint32_t, double, int, const std::vector<Tip>&,
                                       const std::vector<Budding>&, Lattice<SectionShape>&, Tree&);
template TreeEvents grow<BlockShape>(const Parameters&, std::uint32_t, double, int, const std::vector<Tip>&,
                                     const std::vector<Budding>&, Lattice<BlockShape>&, Tree&);

}  // namespace stellate::vessels
