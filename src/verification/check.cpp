#include "verification/check.hpp"

#include <cmath>

namespace stellate::verification {

double Check::error() const {
    const double difference = std::abs(got - expected);
    return relative && expected != 0 ? difference / std::abs(expected) : difference;
}

bool Check::pass() const { return error() <= tolerance; }

}  // namespace stellate::verification
