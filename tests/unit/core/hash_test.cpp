// The digest: a fingerprint of bytes in order, and of nothing else.
#include "core/hash.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <set>
#include <string>
#include <vector>

#include "core/sha256.hpp"

namespace stellate {
namespace {

Digest of(const std::vector<unsigned char>& bytes) {
    Hasher hasher;
    hasher.bytes(bytes.data(), bytes.size());
    return hasher.digest();
}

std::vector<unsigned char> some_bytes(std::size_t count) {
    std::vector<unsigned char> bytes(count);
    unsigned state = 12345;
    for (auto& b : bytes) b = static_cast<unsigned char>((state = state * 1664525u + 1013904223u) >> 24);
    return bytes;
}

TEST(Hash, the_published_digest_of_nothing) {
    // XXH3, 128 bits, seed 0, empty input.
    EXPECT_EQ(to_string(Hasher().digest()), "99aa06d3014798d86001c324468d497f");
}

TEST(Hash, every_bit_counts) {
    // Lengths on both sides of the limits at which XXH3 changes its method.
    for (const std::size_t size : {1u, 3u, 8u, 16u, 17u, 128u, 129u, 240u, 241u, 1024u, 1025u}) {
        auto bytes = some_bytes(size);
        std::set<std::string> seen = {to_string(of(bytes))};
        for (std::size_t bit = 0; bit < 8 * size; ++bit) {
            bytes[bit / 8] ^= static_cast<unsigned char>(1u << (bit % 8));
            EXPECT_TRUE(seen.insert(to_string(of(bytes))).second) << size << " bytes, bit " << bit;
            bytes[bit / 8] ^= static_cast<unsigned char>(1u << (bit % 8));
        }
    }
}

TEST(Hash, order_counts) {
    Hasher a, b;
    a.value(1), a.value(2);
    b.value(2), b.value(1);
    EXPECT_NE(a.digest(), b.digest());
}

TEST(Hash, how_the_bytes_were_cut_does_not_count) {
    const auto bytes = some_bytes(5000);
    for (const std::size_t piece : {1u, 7u, 64u, 239u, 240u, 256u, 1023u, 4999u}) {
        Hasher hasher;
        for (std::size_t at = 0; at < bytes.size(); at += piece) {
            hasher.bytes(bytes.data() + at, std::min(piece, bytes.size() - at));
            hasher.bytes(nullptr, 0);
        }
        EXPECT_EQ(hasher.digest(), of(bytes)) << piece;
    }
}

TEST(Hash, a_digest_may_be_read_on_the_way) {
    Hasher read, unread;
    read.value(3.5), unread.value(3.5);
    EXPECT_EQ(read.digest(), read.digest());
    read.value(-1), unread.value(-1);
    EXPECT_EQ(read.digest(), unread.digest());
}

TEST(Hash, columns_know_where_they_end) {
    const std::vector<int> first = {1, 2}, second = {3};
    const std::vector<int> early = {1}, late = {2, 3};
    Hasher a, b;
    a.column(std::span(first)), a.column(std::span(second));
    b.column(std::span(early)), b.column(std::span(late));
    EXPECT_NE(a.digest(), b.digest());
    Hasher empty, nothing;
    empty.column(std::span<const int>());
    EXPECT_NE(empty.digest(), nothing.digest());
}

TEST(Hash, a_column_of_floats_is_its_bits) {
    const std::vector<float> plus = {0.0f}, minus = {-0.0f};
    Hasher a, b;
    a.column(std::span(plus)), b.column(std::span(minus));
    EXPECT_NE(a.digest(), b.digest());
}

TEST(Hash, text_is_32_digits_high_half_first) {
    EXPECT_EQ(to_string(Digest{0x0123456789abcdefULL, 0xfULL}), "0123456789abcdef000000000000000f");
    EXPECT_NE((Digest{1, 2}), (Digest{2, 1}));
}

TEST(Sha256, matches_the_standards_examples) {
    EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
              "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    EXPECT_EQ(sha256_hex(std::string(1000000, 'a')),
              "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    EXPECT_EQ(sha256("abc").substr(0, 2), "\xba\x78");
}

}  // namespace
}  // namespace stellate
