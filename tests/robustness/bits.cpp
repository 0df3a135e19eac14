// Prints the digests of a small section and a small block with the whole immune machinery at work: what two builds of
// the engine must agree on.
#include <cstdio>

#include "../unit/simulation/mouse.hpp"

namespace {

using namespace stellate;

#ifdef PLAIN_LANES  // the kernels for any processor, which a machine with wider ones would pass over
const Machine machine{.fields = Lanes::baseline, .contacts = Lanes::baseline};
#else
const Machine machine{};
#endif

template <class Shape>
void print(const test::Mouse& mouse, const char* name, Extent extent, int tumour_cells, int ticks) {
    auto w = test::world<Shape>(mouse, 17, extent, tumour_cells);
    test::run(w, ticks, machine);
    std::printf("%s %s, %zu killed, %zu divisions\n", name, to_string(digest(w)).c_str(),
                std::size_t(w.tally.kills[std::size_t(mouse.model->type_index("nk"))]), std::size_t(w.tally.divisions));
}

}  // namespace

int main() {
    const auto mouse = test::load_besieged();
    print<SectionShape>(mouse, "section", {3, 3, 1}, 40, 400);
    print<BlockShape>(mouse, "block", {3, 3, 3}, 30, 120);
}
