// SHA-256 (FIPS 180-4; library: OpenSSL's libcrypto): what files are checked by, and what the report's
// Content-Security-Policy names its inline script and style by.
#pragma once

#include <string>
#include <string_view>

namespace stellate {

std::string sha256(std::string_view bytes);      // 32 bytes
std::string sha256_hex(std::string_view bytes);  // 64 hexadecimal digits

}  // namespace stellate
