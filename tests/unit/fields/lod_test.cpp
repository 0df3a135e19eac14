#include "fields/lod.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace stellate::fields {
namespace {

// The W1 workload: a Gaussian on 1, D = 1e5 um^2/min, decay 0.1 /min, dt = 0.01 min, voxels of 20 um.
template <class Real>
double sum_after(int n, int steps) {
    std::vector<Real> c(static_cast<std::size_t>(n) * n * n);
    for (int z = 0, i = 0; z < n; ++z)
        for (int y = 0; y < n; ++y)
            for (int x = 0; x < n; ++x, ++i) {
                const auto off = [&](int a) { return (a + 0.5 - 0.5 * n) * 20; };
                const double r2 = off(x) * off(x) + off(y) * off(y) + off(z) * off(z);
                c[static_cast<std::size_t>(i)] = static_cast<Real>(1 + std::exp(-r2 / (2 * 200.0 * 200.0)));
            }
    Lod<Real> lod(n, n, n, 1e5, 0.1, 20, 0.01);
    for (int i = 0; i < steps; ++i) lod.step(c);
    double sum = 0;
    for (const Real v : c) sum += static_cast<double>(v);
    return sum;
}

TEST(Lod, gives_the_sums_of_the_established_simulator) {
    EXPECT_NEAR(sum_after<double>(50, 17) / 137809.361011031, 1, 1e-12);
    EXPECT_NEAR(sum_after<double>(100, 102) / 917267.4806286, 1, 1e-12);
    EXPECT_NEAR(sum_after<float>(50, 17) / 137809.361011031, 1, 1e-5);
}

TEST(Lod, damps_a_mode_by_the_product_of_its_factors_along_the_axes) {
    const int nx = 19, ny = 12, nz = 5;
    const double dt = 0.05, D = 2e4, decay = 0.3;
    std::vector<double> c, start;
    const auto mode = [](int i, int k, int n) { return std::cos(M_PI * k * (i + 0.5) / n); };
    for (int z = 0; z < nz; ++z)
        for (int y = 0; y < ny; ++y)
            for (int x = 0; x < nx; ++x) start.push_back(mode(x, 3, nx) * mode(y, 2, ny) * mode(z, 1, nz));
    c = start;
    Lod<double>(nx, ny, nz, D, decay, 20, dt).step(c);
    const auto factor = [&](int k, int n) {
        const double s = std::sin(M_PI * k / (2.0 * n));
        return 1 / (1 + dt * (decay / 3 + 4 * D / 400 * s * s));
    };
    const double expected = factor(3, nx) * factor(2, ny) * factor(1, nz);
    for (std::size_t i = 0; i < c.size(); ++i) EXPECT_NEAR(c[i], expected * start[i], 1e-13);
}

}  // namespace
}  // namespace stellate::fields
