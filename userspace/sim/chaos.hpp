// SPDX-License-Identifier: BSD-2-Clause
// What goes wrong, when and for how long: from a seed.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/random.hpp"
#include "sim/world.hpp"

namespace xvrrp::sim {

enum class FaultKind : std::uint8_t {
  Loss,
  Delay,
  Duplication,
  Partition,
  Pause,
  Crash,
  Stop,
  InterfaceDown,
  InterfaceGone,
  NoSourceAddress,
  SourceChange,
  Reconfiguration,
  Kill,
  Handover,
  Refusal,
};
inline constexpr std::size_t kFaultKinds = 15;
const char* name(FaultKind kind);     ///< one word: "partition"
const char* describe(FaultKind kind); ///< what it does

class Chaos {
public:
  Chaos(World& world, std::uint64_t seed) : world_(world), random_(seed) {}

  /// Lets time pass while faults come and go.
  void rage(Nanoseconds duration);
  /// Ends every fault; all nodes run again, but for those `left_off`.
  void heal(std::uint32_t left_off);

  const std::array<std::uint64_t, kFaultKinds>& injected() const { return injected_; }

private:
  /// A fault that lasts, and what ends it.
  struct Lasting {
    Moment until;
    FaultKind kind;
    std::uint32_t segment;
    std::uint32_t from;
    std::uint32_t to;
  };

  void inject();
  bool begin(const Lasting& fault);
  void begin_partition(const Lasting& fault);
  void end(const Lasting& fault);
  void end_next();
  std::vector<Lasting>::iterator next_to_end();
  LinkQuality bad_link(FaultKind kind);
  Nanoseconds how_long();
  std::uint32_t any_node() { return static_cast<std::uint32_t>(random_.below(world_.node_count())); }

  World& world_;
  Random random_;
  std::vector<Lasting> lasting_;
  std::array<std::uint64_t, kFaultKinds> injected_{};
};

} // namespace xvrrp::sim
