#include "fields/sampling.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "core/random.hpp"

namespace stellate::fields {
namespace {

constexpr double dx = 20;

Vec3 random_place(Draws& d, const Box& b) {
    return {d.uniform() * b.nx * dx, d.uniform() * b.ny * dx, d.uniform() * b.nz * dx};
}

template <class Real, class F>
std::vector<Real> field_of(const Box& b, F f) {
    std::vector<Real> v;
    for (int z = 0; z < b.nz; ++z)
        for (int y = 0; y < b.ny; ++y)
            for (int x = 0; x < b.nx; ++x)
                v.push_back(static_cast<Real>(f(Vec3{(x + 0.5) * dx, (y + 0.5) * dx, (z + 0.5) * dx})));
    return v;
}

TEST(Sampling, gives_a_linear_field_and_its_gradient_at_any_place) {
    const Box b{0, 0, 0, 9, 7, 5};
    const auto linear = [](Vec3 p) { return 3 + 0.02 * p.x - 0.01 * p.y + 0.005 * p.z; };
    const auto d_field = field_of<double>(b, linear);
    const auto f_field = field_of<float>(b, linear);
    Draws d(5, 0, 0, Purpose::test);
    for (int i = 0; i < 500; ++i) {
        const Vec3 p = i == 0 ? Vec3{8 * dx, 0, 0} : random_place(d, b);  // a brick's corner first
        const Vec3 g = gradient<double>(b, {}, d_field, p, dx);
        EXPECT_NEAR(g.x, 0.02, 1e-13);
        EXPECT_NEAR(g.y, -0.01, 1e-13);
        EXPECT_NEAR(g.z, 0.005, 1e-13);
        const Vec3 h = gradient<float>(b, {}, f_field, p, dx);
        EXPECT_NEAR(h.x, 0.02, 1e-7);
        const auto inside = [&](double v, int n) { return v >= 0.5 * dx && v <= (n - 0.5) * dx; };
        if (inside(p.x, b.nx) && inside(p.y, b.ny) && inside(p.z, b.nz)) {
            EXPECT_NEAR(sample<double>(weights_at(b, {}, p, dx), d_field), linear(p), 1e-12);
        }
    }
}

TEST(Sampling, gives_the_gradient_of_a_linear_field_beside_walls) {
    const Box b{0, 0, 0, 8, 8, 1};
    std::vector<VoxelKind> kind(64, VoxelKind::awake);
    const std::size_t walls[] = {2 + 8 * 2, 5 + 8 * 5, 2 + 8 * 5};
    for (const std::size_t i : walls) kind[i] = VoxelKind::wall;
    auto field = field_of<double>(b, [](Vec3 p) { return 2 * p.x - p.y; });
    for (const std::size_t i : walls) field[i] = 1e9;  // must not be read
    Draws d(6, 0, 0, Purpose::test);
    for (int i = 0; i < 200; ++i) {
        const Vec3 g = gradient<double>(b, kind, field, random_place(d, b), dx);
        EXPECT_NEAR(g.x, 2, 1e-12);
        EXPECT_NEAR(g.y, -1, 1e-12);
        EXPECT_EQ(g.z, 0);
    }
}

TEST(Sampling, deposits_as_it_samples) {
    const Box b{0, 0, 0, 6, 5, 4};
    std::vector<VoxelKind> kind(120, VoxelKind::awake);
    for (std::size_t i = 7; i < 120; i += 11) kind[i] = VoxelKind::wall;
    Draws d(7, 0, 0, Purpose::test);
    std::vector<double> field(120), given(120, 0.0);
    for (double& v : field) v = d.normal();
    double by_points = 0, total = 0;
    for (int i = 0; i < 300; ++i) {
        const Weights w = weights_at(b, kind, random_place(d, b), dx);
        const double q = d.uniform();
        by_points += q * sample<double>(w, field);
        deposit<double>(w, q, given);
        if (w.weight != std::array<double, 8>{}) total += q;  // nothing is given away where there is only wall
    }
    double by_voxels = 0, placed = 0;
    for (std::size_t i = 0; i < 120; ++i) {
        by_voxels += field[i] * given[i];
        placed += given[i];
        if (kind[i] == VoxelKind::wall) {
            EXPECT_EQ(given[i], 0);
        }
    }
    EXPECT_NEAR(by_points, by_voxels, 1e-11);
    EXPECT_NEAR(placed, total, 1e-11);
}

}  // namespace
}  // namespace stellate::fields
