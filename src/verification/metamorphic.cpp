// The metamorphic group: no known answer, but a change of the input after which the output must stay the same (to the
// last bit), stay within a stated bound, or turn with the input. X01-X05, X07-X14; worlds are small mice of the
// shipped model.
#include "verification/small_mice.hpp"

namespace stellate::verification {

std::vector<Case> metamorphic_cases(const MouseOptions& options) {
    const auto house = std::make_shared<MouseHouse>(options);
    std::vector<Case> cases;
    for (Case (*make)(const House&) :
         {machine_case, sleep_case, idle_treatment_case, stopping_case, observer_case, turn_case, order_case, unit_case,
          addition_case, alone_case, halving_case, virtual_case, knock_out_case})
        cases.push_back(make(house));
    return cases;
}

}  // namespace stellate::verification
