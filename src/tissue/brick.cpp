#include "tissue/brick.hpp"

namespace stellate {

template <class Shape>
void Brick<Shape>::hash(Hasher& hasher) const {
    const auto column = [&hasher](const auto& values) { hasher.column(std::span(values.data(), values.size())); };
    hasher.value(at.x);
    hasher.value(at.y);
    hasher.value(at.z);
    hasher.value(activity.cells_awake);
    hasher.value(activity.fields_awake);
    hasher.value(activity.quiet_cells);
    hasher.value(activity.quiet_fields);
    cells.hash(hasher);
    column(deviation);
    column(emission);
    column(matrix.collagen);
    column(matrix.crosslink);
    column(matrix.fibre_cos);
    column(matrix.fibre_sin);
    column(sinusoid);
    hasher.value<std::uint64_t>(segments.size());
    for (const Segment& s : segments) {
        for (Fixed v : {s.x0, s.y0, s.z0, s.x1, s.y1, s.z1}) hasher.value(v);
        hasher.value(s.radius);
        hasher.value(s.sprout);
        hasher.value(s.sequence);
        hasher.value(s.birth_tick);
        hasher.value(s.unfed_since);
        hasher.value(s.perfused);
    }
}

template void Brick<SectionShape>::hash(Hasher&) const;
template void Brick<BlockShape>::hash(Hasher&) const;

}  // namespace stellate
