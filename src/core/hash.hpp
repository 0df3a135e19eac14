// 128-bit digests of state (XXH3, library: xxHash). Bytes are hashed in the little-endian order of every machine we
// support; the digest is a fingerprint against mistakes, not against an adversary.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <type_traits>

namespace stellate {

struct Digest {
    std::uint64_t high = 0, low = 0;
    friend bool operator==(const Digest&, const Digest&) = default;
};

std::string to_string(Digest digest);  // 32 hexadecimal digits

class Hasher {
public:
    Hasher();
    ~Hasher();
    Hasher(const Hasher&) = delete;
    Hasher& operator=(const Hasher&) = delete;

    void bytes(const void* data, std::size_t size);
    template <class T>
        requires(std::is_arithmetic_v<T> || std::is_enum_v<T>)
    void value(T v) {
        bytes(&v, sizeof v);
    }
    template <class T>
        requires(std::has_unique_object_representations_v<T> || std::is_floating_point_v<T>)
    void column(std::span<const T> values) {
        value<std::uint64_t>(values.size());
        bytes(values.data(), values.size_bytes());
    }
    Digest digest() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace stellate
