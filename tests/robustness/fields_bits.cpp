// Prints one digest of what the field solver makes of several boxes, in both precisions, by the named instruction set
// ("automatic", "baseline", "avx2" or "avx512"). Driven by fields_bits.sh, which compiles it in several ways.
#include <cstdio>
#include <cstring>
#include <vector>

#include "core/hash.hpp"
#include "core/ids.hpp"
#include "fields/lod.hpp"
#include "fields/multigrid.hpp"
#include "fields/subticks.hpp"

using namespace stellate;
using namespace stellate::fields;

namespace {

double uniform(std::uint64_t sequence, std::uint64_t index) {
    return (static_cast<double>(mix64(mix64(sequence + 1) + index) >> 11) + 0.5) * 0x1p-53;
}

template <class Real>
void add(Hasher& h, Lanes lanes, Box box, std::uint64_t sequence, bool saturable) {
    const auto n = static_cast<std::size_t>(box.voxels());
    std::vector<VoxelKind> kind(n);
    std::vector<Real> sink(n), source(n), value(n), capacity, healthy;
    for (std::size_t i = 0; i < n; ++i) {
        const double u = uniform(sequence, i);
        kind[i] = u < 0.1    ? VoxelKind::resting
                  : u < 0.15 ? VoxelKind::wall
                  : u < 0.16 ? VoxelKind::prescribed
                             : VoxelKind::awake;
        sink[i] = static_cast<Real>(uniform(sequence + 1, i));
        source[i] = static_cast<Real>(uniform(sequence + 2, i) < 0.05 ? 30 : 0);
        value[i] = static_cast<Real>(uniform(sequence + 3, i));
        if (saturable)
            capacity.push_back(static_cast<Real>(10 * uniform(sequence + 4, i))), healthy.push_back(Real(20));
    }
    Equation<Real> e;
    e.name = "bits";
    e.diffusion = 3e4;
    e.dt_min = 6;
    e.kind = kind;
    e.sink = sink;
    e.source = source;
    e.value = value;
    e.healthy = healthy;
    e.uptake.capacity = capacity;
    e.uptake.half_saturation = 2;
    Multigrid<Real> solver(lanes);
    for (int tick = 0; tick < 3; ++tick) solver.solve(box, e, {.tolerance = sizeof(Real) == 4 ? 1e-4 : 1e-10});
    h.column<Real>(value);
}

}  // namespace

int main(int count, char** words) {
    const char* wish = count > 1 ? words[1] : "automatic";
    const Lanes lanes = !std::strcmp(wish, "avx512")     ? Lanes::avx512
                        : !std::strcmp(wish, "avx2")     ? Lanes::avx2
                        : !std::strcmp(wish, "baseline") ? Lanes::baseline
                                                         : Lanes::automatic;
    if (!supported(lanes)) {
        std::puts("unsupported");
        return 0;
    }
    Hasher h;
    const Box boxes[] = {{0, 0, 0, 160, 160, 1}, {-5, 3, 9, 37, 41, 1}, {8, -16, 24, 40, 33, 29}, {1, 1, 1, 90, 2, 3}};
    for (std::uint64_t i = 0; i < 4; ++i) {
        add<float>(h, lanes, boxes[i], 10 * i, false);
        add<double>(h, lanes, boxes[i], 10 * i, false);
        add<float>(h, lanes, boxes[i], 10 * i, true);
        add<double>(h, lanes, boxes[i], 10 * i, true);
    }
    std::vector<float> c(30 * 31 * 33);
    for (std::size_t i = 0; i < c.size(); ++i) c[i] = static_cast<float>(uniform(99, i));
    Lod<float> lod(30, 31, 33, 1e5, 0.1, 20, 0.01);
    for (int i = 0; i < 5; ++i) lod.step(c);
    h.column<float>(c);
    for (double rate = 1e-4; rate < 100; rate *= 1.1) h.value(subticks(rate, 6));
    std::puts(to_string(h.digest()).c_str());
}
