// SPDX-License-Identifier: BSD-2-Clause
#include "sim/scenario.hpp"

#include <algorithm>

namespace xvrrp::sim {
namespace {

using namespace std::chrono_literals;
using core::RouterConfig;
using core::Version;

constexpr std::uint8_t kPriorities[] = {1, 50, 100, 100, 100, 101, 150, 200, 254};
constexpr Nanoseconds kFastInterval = 10ms;
constexpr Nanoseconds kWholeSeconds[] = {1s, 1s, 2s, 3s};
constexpr Nanoseconds kIntervals[] = {100ms, 500ms, 1s, 1s, 1s, 1s, 2s, 2s, 3s, 3s};

enum class Kind { V3, V2, Interop };

std::uint8_t random_priority(Random& random) {
  return random.percent(70) ? random.pick(kPriorities) : static_cast<std::uint8_t>(1 + random.below(254));
}

core::AnnounceSchedule random_announcements(Random& random) {
  core::AnnounceSchedule schedule;
  schedule.repeat = random.pick<std::uint16_t>({1, 3, 5});
  schedule.second_burst_delay = random.pick<Nanoseconds>({0s, 5s});
  schedule.refresh_interval = random.pick<Nanoseconds>({0s, 0s, 60s});
  schedule.refresh_repeat = random.pick<std::uint16_t>({1, 2});
  return schedule;
}

/// What differs from node to node within one virtual router.
RouterConfig random_member(Random& random, RouterConfig config, bool everybody_preempts) {
  config.priority = random_priority(random);
  config.preempt = everybody_preempts || random.percent(50);
  if (random.percent(15))
    config.preempt_delay = random.pick<Nanoseconds>({1s, 5s});
  if (random.percent(10))
    config.startup_delay = random.pick<Nanoseconds>({1s, 3s});
  if (random.percent(15))
    config.down_adverts = random.pick<std::uint8_t>({2, 4, 5});
  config.answer_lower_priority = random.percent(85);
  config.announce = random_announcements(random);
  return config;
}

/// Nobody, one node or, rarely, two claim to own the addresses.
void appoint_owners(Random& random, std::vector<RouterConfig>& members) {
  if (!random.percent(25))
    return;
  auto& owner = members[random.below(members.size())];
  owner.priority = core::kPriorityOwner;
  if (random.percent(20))
    members[random.below(members.size())].priority = core::kPriorityOwner;
  else // two owners that heed nobody would both stay Master
    owner.owner_ignores_adverts = random.percent(30);
}

GroupSpec random_group(Random& random, std::uint32_t number, const ScenarioShape& shape) {
  const bool fast = number < shape.fast_vrs;
  const Kind kind = fast || random.percent(70) ? Kind::V3 : random.percent(60) ? Kind::V2 : Kind::Interop;
  RouterConfig common;
  common.vrid = static_cast<std::uint8_t>(1 + number / shape.segments % 255);
  common.family = kind == Kind::V3 && number / shape.segments % 2 == 1 ? Family::IPv6 : Family::IPv4;
  common.version = kind == Kind::V2 ? Version::V2 : Version::V3;
  common.v2_interop = kind == Kind::Interop;
  common.advertisement_interval = fast               ? kFastInterval
                                  : kind != Kind::V3 ? random.pick(kWholeSeconds)
                                                     : random.pick(kIntervals);
  const bool everybody_preempts = random.percent(60);
  const bool intervals_differ = kind == Kind::V3 && !fast && random.percent(25);

  // A Master that advertises when it yields teaches the Backups its own interval after the winner's. Where
  // intervals differ, or may come to, that never ends (tests/sim/pair_test.cpp).
  const bool one_interval = kind != Kind::V3 || fast;

  GroupSpec group;
  group.segment = number % shape.segments;
  for (std::uint32_t node = 0; node < shape.routers; ++node) {
    auto member = random_member(random, common, everybody_preempts);
    member.advertise_when_yielding = one_interval && random.percent(30);
    if (intervals_differ)
      member.advertisement_interval = random.pick(kIntervals);
    if (kind == Kind::Interop && random.percent(40)) { // a router that was not upgraded yet
      member.version = Version::V2;
      member.v2_interop = false;
    }
    member.primary_address = address_of(node, group.segment, common.family, 0);
    group.members.push_back(member);
  }
  appoint_owners(random, group.members);
  return group;
}

} // namespace

IpAddress address_of(std::uint32_t node, std::uint32_t segment, Family family, std::uint8_t variant) {
  // Scrambled, so that the order of the addresses is not the order of the nodes, and with high bits set here
  // and there, so that it is not that of signed numbers either.
  const auto host = static_cast<std::uint8_t>((node * 103 + segment * 59 + variant * 31 + 7) % 251);
  const auto net = static_cast<std::uint8_t>(node);
  if (family == Family::IPv4)
    return IpAddress::v4(10, host, static_cast<std::uint8_t>(segment), net);
  IpAddress::Bytes bytes{0xfe, 0x80};
  bytes[8] = host;
  bytes[14] = static_cast<std::uint8_t>(segment);
  bytes[15] = net;
  return {Family::IPv6, bytes};
}

Scenario random_scenario(std::uint64_t seed, const ScenarioShape& shape) {
  Random random(seed);
  Scenario scenario;
  scenario.seed = random.next();
  scenario.segments = shape.segments;
  for (std::uint32_t node = 0; node < shape.routers; ++node) {
    NodeSpec spec;
    spec.clock_offset = random.between(1s, 1000s);
    spec.drift_ppm = static_cast<std::int32_t>(random.below(201)) - 100;
    if (shape.kernel)
      spec.plane = random.pick(
          {PlaneKind::KernelTimer, PlaneKind::KernelTimer, PlaneKind::OwnTimer, PlaneKind::EveryAdvert});
    scenario.nodes.push_back(spec);
  }
  for (std::uint32_t number = 0; number < shape.vrs; ++number)
    scenario.groups.push_back(random_group(random, number, shape));
  return scenario;
}

RouterConfig random_change(Random& random, const RouterConfig& config) {
  RouterConfig changed = config;
  switch (random.below(4)) {
  case 0:
    if (config.priority != core::kPriorityOwner)
      changed.priority = random_priority(random);
    break;
  case 1:
    changed.preempt = !config.preempt;
    break;
  case 2:
    changed.preempt_delay = config.preempt_delay == 0s ? Nanoseconds{2s} : Nanoseconds{0s};
    break;
  default:
    // Whole seconds must be agreed on by all (RFC 3768 7.1); 10 ms stay what they are.
    if (config.version == Version::V3 && !config.v2_interop && config.advertisement_interval != kFastInterval)
      changed.advertisement_interval = random.pick(kIntervals);
    break;
  }
  return changed;
}

} // namespace xvrrp::sim
