// One tick of a world. This file is the only one that knows the order of the phases.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "core/lanes.hpp"
#include "simulation/world.hpp"

namespace stellate {

// What the inner loops run on. The state does not depend on it, to the last bit.
struct Machine {
    int threads = 1;
    Lanes fields = fastest_here();
    Lanes contacts = fastest_here();
};

// Steps worlds of one shape; owns the scratch, so that its large arrays are allocated once. One stepper per thread of
// mice.
template <class Shape>
class Stepper {
public:
    explicit Stepper(int threads = 1) : Stepper(Machine{.threads = threads}) {}
    explicit Stepper(const Machine& machine);
    ~Stepper();

    // Advances the world by one tick. Throws RunError that names the phase and the tick; where a number has gone bad,
    // the phase is the one that wrote it. A world that this stepper left at this very tick is taken to be as it left
    // it: whoever has moved or put in cells since must have settled them.
    void step(World<Shape>& world);

    // Called after every phase with its name, before what it wrote is checked: a phase that ends the run is still seen.
    // For digests per phase. Costs nothing when unset.
    using Observer = std::function<void(std::string_view phase, const World<Shape>& world)>;
    void observe(Observer observer) { observer_ = std::move(observer); }

    // Wall time per phase since construction, s, in the order of the step.
    std::vector<std::pair<std::string, double>> timings() const;

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
    Observer observer_;
};

}  // namespace stellate
