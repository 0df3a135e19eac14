// SHA-256 (FIPS 180-4), for the page's Content-Security-Policy, which names its inline script and style by digest.
#pragma once

#include <string>
#include <string_view>

namespace stellate::report {

std::string sha256(std::string_view bytes);  // 32 bytes

}  // namespace stellate::report
