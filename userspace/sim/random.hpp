// SPDX-License-Identifier: BSD-2-Clause
// Chance from a seed. The distributions of the standard library differ between libraries, and a seed must
// mean the same run everywhere.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <xvrrp/base/time.hpp>

namespace xvrrp::sim {

inline constexpr std::uint32_t kMillion = 1'000'000;

/// xoshiro256**, seeded by splitmix64 (Blackman and Vigna).
class Random {
public:
  explicit Random(std::uint64_t seed) {
    for (auto& word : state_)
      word = splitmix(seed);
  }

  std::uint64_t next() {
    const std::uint64_t result = rotate(state_[1] * 5, 7) * 9;
    const std::uint64_t t = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = rotate(state_[3], 45);
    return result;
  }

  /// 0 .. bound - 1; `bound` is not 0. The bias is below 2^-32, which no run is long enough to notice.
  std::uint64_t below(std::uint64_t bound) {
    if (bound <= UINT32_MAX)
      return ((next() >> 32) * bound) >> 32;
    return next() % bound;
  }
  /// from .. to, both included.
  Nanoseconds between(Nanoseconds from, Nanoseconds to) {
    return from + Nanoseconds{static_cast<std::int64_t>(below(to_ns(to - from) + 1))};
  }
  bool chance(std::uint32_t per_million) { return below(kMillion) < per_million; }
  bool percent(std::uint32_t percents) { return chance(percents * (kMillion / 100)); }

  template <typename T, std::size_t N>
  T pick(const T (&values)[N]) {
    return values[below(N)];
  }

private:
  static std::uint64_t rotate(std::uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }
  static std::uint64_t splitmix(std::uint64_t& seed) {
    std::uint64_t z = (seed += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

  std::array<std::uint64_t, 4> state_{};
};

} // namespace xvrrp::sim
