#include "verification/check.hpp"

#include <cmath>
#include <iterator>
#include <utility>

namespace stellate::verification {

double Check::error() const {
    const double difference = std::abs(got - expected);
    return relative && expected != 0 ? difference / std::abs(expected) : difference;
}

bool Check::pass() const { return error() <= tolerance; }

std::vector<Case> every_case(const MouseOptions& options) {
    std::vector<Case> all;
    for (std::vector<Case> group : {fields_cases(), mechanics_cases(), motility_cases(options), populations_cases(),
                                    random_cases(options), rules_cases(), metamorphic_cases(options)})
        std::move(group.begin(), group.end(), std::back_inserter(all));
    return all;
}

}  // namespace stellate::verification
