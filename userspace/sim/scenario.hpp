// SPDX-License-Identifier: BSD-2-Clause
// Who takes part: nodes, segments, virtual routers. Plain data; from a seed, or written by a test.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/types.hpp"
#include "sim/data_plane.hpp"
#include "sim/random.hpp"

namespace xvrrp::sim {

struct NodeSpec {
  Nanoseconds clock_offset{};
  std::int32_t drift_ppm = 0;
  PlaneKind plane = PlaneKind::EveryAdvert;
};

/// One virtual router: a router on each node.
struct GroupSpec {
  std::uint32_t segment = 0;
  std::vector<core::RouterConfig> members; ///< by node
  std::string sync_group;                  ///< on every node; empty: none
};

/// How packets travel from one node to another. Each packet has a delay of its own, so a wide range reorders.
struct LinkQuality {
  Nanoseconds delay_min{std::chrono::microseconds{20}};
  Nanoseconds delay_max{std::chrono::microseconds{200}};
  std::uint32_t loss_per_million = 0;
  std::uint32_t duplicates_per_million = 0;
  bool cut = false;
  friend bool operator==(const LinkQuality&, const LinkQuality&) = default;
};

/// The greatest delay that faults give a packet.
inline constexpr Nanoseconds kLongestDelay{std::chrono::seconds{1}};

struct Scenario {
  std::uint64_t seed = 1; ///< of what the network does to packets
  std::vector<NodeSpec> nodes;
  std::uint32_t segments = 1;
  std::vector<GroupSpec> groups;
  LinkQuality healthy;
};

/// What a scenario from a seed is like.
struct ScenarioShape {
  std::uint32_t routers = 5;
  std::uint32_t vrs = 50;
  std::uint32_t segments = 2;
  std::uint32_t fast_vrs = 1; ///< how many of them advertise every 10 ms
  bool kernel = true;         ///< all kinds of data planes, or PlaneKind::EveryAdvert on all nodes
};

/// v2, v3, both; IPv4 and IPv6; owners, equal priorities, Preempt_Mode off, delays, unequal intervals.
Scenario random_scenario(std::uint64_t seed, const ScenarioShape& shape);

/// A change of configuration that an operator could make while the others run on.
core::RouterConfig random_change(Random& random, const core::RouterConfig& config);

/// The address that adverts of this node come from. `variant` tells those of one node apart.
IpAddress address_of(std::uint32_t node, std::uint32_t segment, Family family, std::uint8_t variant);

} // namespace xvrrp::sim
