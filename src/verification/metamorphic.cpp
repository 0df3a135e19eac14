#include "verification/metamorphic.hpp"

#include "verification/small_mice.hpp"

namespace stellate::verification {

std::vector<Case> metamorphic_cases_with(const MetamorphicOptions& options) {
    const auto house = std::make_shared<MouseHouse>(options);
    std::vector<Case> cases;
    for (Case (*make)(const House&) : {machine_case, sleep_case, idle_treatment_case, observer_case, turn_case,
                                       order_case, unit_case, addition_case, alone_case, halving_case, virtual_case})
        cases.push_back(make(house));
    return cases;
}

std::vector<Case> metamorphic_cases() { return metamorphic_cases_with({}); }

}  // namespace stellate::verification
