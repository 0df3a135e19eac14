#include "core/random.hpp"

#include <Random123/philox.h>

#include <cmath>

#include "core/error.hpp"
#include "core/math.hpp"

namespace stellate {

std::array<std::uint32_t, 4> philox4x32_10(std::array<std::uint32_t, 4> counter, std::array<std::uint32_t, 2> key) {
    const r123::Philox4x32::ctr_type c = {{counter[0], counter[1], counter[2], counter[3]}};
    const r123::Philox4x32::key_type k = {{key[0], key[1]}};
    const auto r = r123::Philox4x32{}(c, k);
    return {r[0], r[1], r[2], r[3]};
}

namespace {
constinit thread_local BlockLog* log_of_thread = nullptr;
}

BlockLog::BlockLog() {
    STELLATE_ASSERT(!log_of_thread, log_of_thread != nullptr);
    log_of_thread = this;
}
BlockLog::~BlockLog() { log_of_thread = nullptr; }

std::uint32_t Draws::bits() {
    if (used_ == 4) {
        STELLATE_ASSERT(block_ != 0xffff, who_, tick_);
        const std::array<std::uint32_t, 4> counter = {static_cast<std::uint32_t>(who_),
                                                      static_cast<std::uint32_t>(who_ >> 32), tick_,
                                                      (static_cast<std::uint32_t>(purpose_) << 16) | block_};
        const std::array<std::uint32_t, 2> key = {static_cast<std::uint32_t>(seed_),
                                                  static_cast<std::uint32_t>(seed_ >> 32)};
        if (log_of_thread) log_of_thread->blocks.push_back({counter, key, opened_});
        words_ = philox4x32_10(counter, key);
        ++block_;
        used_ = 0;
    }
    return words_[static_cast<std::size_t>(used_++)];
}

double unit_double(std::uint32_t first, std::uint32_t second) {
    const std::uint64_t high = first >> 5, low = second >> 6;  // 27 + 26 = 53 bits
    const auto n = static_cast<double>((high << 26) | low);
    // The half step keeps the value off 0; the largest, 1 - 2^-54, would round to 1, so one step is taken off it.
    const double u = (n + 0.5) * 0x1p-53;
    return u < 1.0 ? u : 1.0 - 0x1p-53;
}

float unit_float(std::uint32_t word) {
    const float u = (static_cast<float>(word >> 8) + 0.5f) * 0x1p-24f;
    return u < 1.0f ? u : 1.0f - 0x1p-24f;
}

double Draws::uniform() {
    const std::uint32_t first = bits(), second = bits();
    return unit_double(first, second);
}

float Draws::uniform_float() { return unit_float(bits()); }

double Draws::exponential() { return -math::log(uniform()); }

double Draws::normal() {
    const double radius = std::sqrt(-2.0 * math::log(uniform()));
    return radius * math::cos_turn(uniform());
}

double Draws::erlang(int shape) {
    double sum = 0;
    for (int i = 0; i < shape; ++i) sum += exponential();
    return sum / shape;
}

std::uint32_t Draws::below(std::uint32_t bound) {
    return static_cast<std::uint32_t>((static_cast<std::uint64_t>(bits()) * bound) >> 32);
}

Vec3 Draws::direction_on_sphere() {
    const double z = 2.0 * uniform() - 1.0;
    const double r = std::sqrt(1.0 - z * z);
    const double turn = uniform();
    return {r * math::cos_turn(turn), r * math::sin_turn(turn), z};
}

Vec3 Draws::direction_in_plane() {
    const double turn = uniform();
    return {math::cos_turn(turn), math::sin_turn(turn), 0};
}

}  // namespace stellate
