#include "histology/distance_map.hpp"

#include <algorithm>
#include <limits>

#include "core/error.hpp"

namespace stellate::histology {

namespace {

constexpr float infinite = std::numeric_limits<float>::infinity();

// One line of the transform: in place over `count` values `stride` apart.
class Line {
public:
    explicit Line(int longest) : value_(longest), seed_(longest), vertex_(longest), from_(longest + 1) {}

    void run(float* squared, std::int32_t* nearest, int count, std::ptrdiff_t stride) {
        int parabolas = 0;
        for (int i = 0; i < count; ++i) {
            value_[i] = squared[i * stride];
            seed_[i] = nearest[i * stride];
            if (value_[i] == infinite) continue;
            double start = -std::numeric_limits<double>::infinity();
            while (parabolas > 0) {
                const int v = vertex_[parabolas - 1];
                start = ((double(value_[i]) + double(i) * i) - (double(value_[v]) + double(v) * v)) / (2.0 * (i - v));
                if (start > from_[parabolas - 1]) break;
                --parabolas;
                start = -std::numeric_limits<double>::infinity();
            }
            vertex_[parabolas] = i;
            from_[parabolas] = start;
            ++parabolas;
        }
        if (parabolas == 0) return;
        int k = 0;
        for (int i = 0; i < count; ++i) {
            while (k + 1 < parabolas && from_[k + 1] < i) ++k;
            const int v = vertex_[k];
            squared[i * stride] = static_cast<float>(double(i - v) * (i - v) + value_[v]);
            nearest[i * stride] = seed_[v];
        }
    }

private:
    std::vector<float> value_;
    std::vector<std::int32_t> seed_;
    std::vector<int> vertex_;
    std::vector<double> from_;
};

}  // namespace

DistanceMap distance_map(std::span<const std::uint8_t> seed, RasterSize size) {
    STELLATE_ASSERT(seed.size() == size.pixels(), seed.size(), size.width, size.height, size.depth);
    DistanceMap map;
    map.squared.resize(seed.size());
    map.nearest.resize(seed.size());
    for (std::size_t i = 0; i < seed.size(); ++i) {
        map.squared[i] = seed[i] ? 0.0f : infinite;
        map.nearest[i] = seed[i] ? static_cast<std::int32_t>(i) : -1;
    }
    const std::ptrdiff_t w = size.width, h = size.height, d = size.depth;
    Line line(std::max({size.width, size.height, size.depth}));
    const auto sweep = [&](std::ptrdiff_t start, int count, std::ptrdiff_t stride) {
        line.run(map.squared.data() + start, map.nearest.data() + start, count, stride);
    };
    for (std::ptrdiff_t row = 0; row < h * d; ++row) sweep(row * w, size.width, 1);
    for (std::ptrdiff_t z = 0; z < d; ++z)
        for (std::ptrdiff_t x = 0; x < w; ++x) sweep(z * w * h + x, size.height, w);
    if (d > 1)
        for (std::ptrdiff_t column = 0; column < w * h; ++column) sweep(column, size.depth, w * h);
    return map;
}

std::vector<std::uint8_t> closed(std::span<const std::uint8_t> mask, RasterSize size, double radius,
                                 std::vector<std::int32_t>* nearest) {
    DistanceMap outside = distance_map(mask, size);
    const float limit = static_cast<float>(radius * radius);
    std::vector<std::uint8_t> beyond(mask.size());  // what dilation does not reach
    for (std::size_t i = 0; i < mask.size(); ++i) beyond[i] = outside.squared[i] > limit;
    const DistanceMap inside = distance_map(beyond, size);
    std::vector<std::uint8_t> result(mask.size());
    for (std::size_t i = 0; i < mask.size(); ++i) result[i] = mask[i] || inside.squared[i] > limit;
    if (nearest) *nearest = std::move(outside.nearest);
    return result;
}

}  // namespace stellate::histology
