#include "core/sha256.hpp"

#include <openssl/evp.h>

#include "core/error.hpp"

namespace stellate {

std::string sha256(std::string_view bytes) {
    std::string digest(32, '\0');
    unsigned int length = 0;
    const int done = EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()), &length,
                                EVP_sha256(), nullptr);
    STELLATE_ASSERT(done == 1 && length == digest.size(), done, length);
    return digest;
}

std::string sha256_hex(std::string_view bytes) {
    std::string text;
    for (const char c : sha256(bytes))
        for (const int shift : {4, 0}) text += "0123456789abcdef"[static_cast<unsigned char>(c) >> shift & 15];
    return text;
}

}  // namespace stellate
