// The coarsest level of the multigrid, solved directly. Internal to src/fields.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

#include "fields/hierarchy.hpp"

namespace stellate::fields::detail {

// At most 8 unknowns (2 cells a side), LDL^T in double; unknowns are the active cells in natural order.
class Direct {
public:
    void factor(const Cells& cells, double k, const double* rate) {
        size_ = 0;
        std::array<int, 8> unknown{};
        for (std::size_t i = 0; i < cells.active.size(); ++i) unknown[i] = cells.active[i] ? size_++ : -1;
        matrix_ = {};
        const std::size_t step[3] = {1, static_cast<std::size_t>(cells.nx),
                                     static_cast<std::size_t>(cells.nx) * cells.ny};
        for (std::size_t i = 0; i < cells.active.size(); ++i) {
            if (unknown[i] < 0) continue;
            at(unknown[i], unknown[i]) = k * cells.weight[i] + rate[i];
            for (int axis = 0; axis < 3; ++axis)
                if (cells.face[axis][i] > 0) {
                    const int j = unknown[i + step[axis]];
                    at(j, unknown[i]) = at(unknown[i], j) = -k * cells.face[axis][i];
                }
        }
        double largest = 0;
        for (int i = 0; i < size_; ++i) largest = std::max(largest, at(i, i));
        for (int j = 0; j < size_; ++j) {
            double pivot = at(j, j);
            for (int m = 0; m < j; ++m) pivot -= at(j, m) * at(j, m) * at(m, m);
            // A closed steady state without sink has no pivot for its constant part, which is then left as it is.
            at(j, j) = pivot > 1e-13 * largest ? pivot : 0;
            for (int i = j + 1; i < size_; ++i) {
                double v = at(i, j);
                for (int m = 0; m < j; ++m) v -= at(i, m) * at(j, m) * at(m, m);
                at(i, j) = at(j, j) > 0 ? v / at(j, j) : 0;
            }
        }
    }
    void solve(double* x) const {
        for (int i = 0; i < size_; ++i)
            for (int m = 0; m < i; ++m) x[i] -= at(i, m) * x[m];
        for (int i = 0; i < size_; ++i) x[i] = at(i, i) > 0 ? x[i] / at(i, i) : 0;
        for (int i = size_ - 1; i >= 0; --i)
            for (int m = i + 1; m < size_; ++m) x[i] -= at(m, i) * x[m];
    }

private:
    double& at(int i, int j) { return matrix_[static_cast<std::size_t>(8 * i + j)]; }
    double at(int i, int j) const { return matrix_[static_cast<std::size_t>(8 * i + j)]; }
    std::array<double, 64> matrix_{};
    int size_ = 0;
};

}  // namespace stellate::fields::detail
