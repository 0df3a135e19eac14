// UTF-8 as it must be: no overlong forms, no surrogates, nothing beyond U+10FFFF.
#pragma once

#include <cstddef>
#include <string_view>

namespace stellate {

// Bytes of the character `text` begins with; 0 if it begins with none (or is empty).
std::size_t utf8_length(std::string_view text);

}  // namespace stellate
