// SPDX-License-Identifier: BSD-2-Clause
#include "sim/chaos.hpp"

#include <algorithm>

namespace xvrrp::sim {
namespace {

using namespace std::chrono_literals;

struct KindNames {
  const char* name;
  const char* description;
};
constexpr KindNames kNames[kFaultKinds] = {
    {"loss", "one direction between two nodes loses 10 % to 90 % of its packets"},
    {"delay", "one direction delays each packet by up to 1 s, which reorders them"},
    {"duplication", "one direction delivers half of its packets twice"},
    {"partition", "one direction, one node or one half of the nodes is cut off, in one or both directions"},
    {"pause", "a node's daemon gets no processor; the data plane goes on"},
    {"crash", "a node loses power, and boots later"},
    {"stop", "a node is shut down with a goodbye, and boots later"},
    {"interface-down", "a node's interface loses its carrier"},
    {"interface-gone", "a node's interface is deleted, and made again later"},
    {"no-source-address", "a node's interface loses its addresses; packets still pass"},
    {"source-change", "a node's interface gets another address"},
    {"reconfiguration", "a router gets another priority, interval or preemption; it goes on, or restarts"},
    {"kill", "a node's daemon is killed, and started later; the data plane and the addresses stay"},
    {"handover", "a node's daemon is replaced by another one"},
    {"refusal", "a node's kernel takes no adverts"},
};

constexpr Nanoseconds kBetweenFaults = 1s; ///< twice the mean

bool is_of_link(FaultKind kind) {
  return kind <= FaultKind::Partition;
}

core::Reason cause_of(FaultKind kind) {
  switch (kind) {
  case FaultKind::InterfaceDown:
    return core::Reason::InterfaceDown;
  case FaultKind::InterfaceGone:
    return core::Reason::InterfaceGone;
  default:
    return core::Reason::NoSourceAddress;
  }
}

} // namespace

const char* name(FaultKind kind) {
  return kNames[static_cast<std::size_t>(kind)].name;
}

const char* describe(FaultKind kind) {
  return kNames[static_cast<std::size_t>(kind)].description;
}

void Chaos::rage(Nanoseconds duration) {
  const Moment end_of_rage = world_.now() + duration;
  Moment next_fault = world_.now() + random_.between(0s, kBetweenFaults);
  while (true) {
    const auto ending = next_to_end();
    const bool ends_first = ending != lasting_.end() && ending->until <= next_fault;
    const Moment next = ends_first ? ending->until : next_fault;
    if (next >= end_of_rage)
      break;
    world_.run_until(next);
    if (ends_first) {
      end_next();
    } else {
      inject();
      next_fault += random_.between(0s, kBetweenFaults);
    }
  }
  world_.run_until(end_of_rage);
}

void Chaos::heal(std::uint32_t left_off) {
  while (!lasting_.empty())
    end_next();
  for (std::uint32_t node = 0; node < world_.node_count(); ++node) {
    if (node == left_off)
      world_.crash(node);
    else
      world_.boot(node);
  }
}

std::vector<Chaos::Lasting>::iterator Chaos::next_to_end() {
  return std::min_element(lasting_.begin(), lasting_.end(),
                          [](const Lasting& a, const Lasting& b) { return a.until < b.until; });
}

void Chaos::end_next() {
  const auto ending = next_to_end();
  const Lasting fault = *ending;
  lasting_.erase(ending);
  end(fault);
}

/// From 10 ms, which hardly anybody notices, to 15 s, in which elections begin and end.
Nanoseconds Chaos::how_long() {
  const Nanoseconds scale = random_.pick<Nanoseconds>({100ms, 1s, 4s, 15s});
  return random_.between(scale / 10, scale);
}

void Chaos::inject() {
  const auto kind = static_cast<FaultKind>(random_.below(kFaultKinds));
  const Lasting fault{world_.now() + how_long(), kind,
                      static_cast<std::uint32_t>(random_.below(world_.segment_count())), any_node(),
                      any_node()};
  if (!begin(fault))
    return;
  ++injected_[static_cast<std::size_t>(kind)];
  if (kind != FaultKind::SourceChange && kind != FaultKind::Reconfiguration && kind != FaultKind::Handover)
    lasting_.push_back(fault);
}

/// Whether there was something to break.
bool Chaos::begin(const Lasting& fault) {
  const std::uint32_t node = fault.from;
  const bool runs = world_.is_on(node) && !world_.is_paused(node);
  if (is_of_link(fault.kind)) {
    if (fault.from == fault.to)
      return false;
    if (fault.kind == FaultKind::Partition)
      begin_partition(fault);
    else
      world_.set_link(fault.segment, fault.from, fault.to, bad_link(fault.kind));
    return true;
  }
  if (!runs)
    return false;
  switch (fault.kind) {
  case FaultKind::Pause:
    world_.pause(node);
    return true;
  case FaultKind::Crash:
    world_.crash(node);
    return true;
  case FaultKind::Stop:
    world_.shut_down(node);
    return true;
  case FaultKind::SourceChange:
    world_.change_source(node, fault.segment, static_cast<std::uint8_t>(random_.below(4)));
    return true;
  case FaultKind::Reconfiguration: {
    const auto group = static_cast<std::uint32_t>(random_.below(world_.group_count()));
    const auto config = random_change(random_, world_.seat(group, node).config);
    world_.reconfigure(group, node, config, random_.percent(40));
    return true;
  }
  case FaultKind::Kill:
    world_.kill(node);
    return !world_.is_on(node);
  case FaultKind::Handover:
    world_.hand_over(node);
    return world_.can_be_resumed(node);
  case FaultKind::Refusal:
    if (world_.refuses_adverts(node, fault.segment))
      return false;
    world_.refuse_adverts(node, fault.segment, true);
    return true;
  default:
    if (world_.has_fault(node, fault.segment))
      return false;
    world_.raise_fault(node, fault.segment, cause_of(fault.kind));
    return true;
  }
}

LinkQuality Chaos::bad_link(FaultKind kind) {
  LinkQuality quality = world_.healthy();
  if (kind == FaultKind::Loss) {
    quality.loss_per_million = static_cast<std::uint32_t>(100'000 + random_.below(800'000));
  } else if (kind == FaultKind::Delay) {
    quality.delay_max = random_.pick<Nanoseconds>({5ms, 50ms, kLongestDelay});
  } else {
    quality.duplicates_per_million = kMillion / 2;
    quality.delay_max = 20ms;
  }
  return quality;
}

/// What is cut is between `from` and `to` alone, between `from` and all, or between the nodes up to `from`
/// and the rest; each may be cut in one direction only.
void Chaos::begin_partition(const Lasting& fault) {
  LinkQuality cut = world_.healthy();
  cut.cut = true;
  const bool both_ways = random_.percent(50);
  const auto separate = [&](std::uint32_t a, std::uint32_t b) {
    if (a == b)
      return;
    world_.set_link(fault.segment, a, b, cut);
    if (both_ways)
      world_.set_link(fault.segment, b, a, cut);
  };
  const auto shape = random_.below(3);
  for (std::uint32_t a = 0; a < world_.node_count(); ++a) {
    for (std::uint32_t b = 0; b < world_.node_count(); ++b) {
      const bool pair = shape == 0 && a == fault.from && b == fault.to;
      const bool lonely = shape == 1 && a == fault.from;
      const bool halves = shape == 2 && a <= fault.from && b > fault.from;
      if (pair || lonely || halves)
        separate(a, b);
    }
  }
}

void Chaos::end(const Lasting& fault) {
  switch (fault.kind) {
  case FaultKind::Loss:
  case FaultKind::Delay:
  case FaultKind::Duplication:
    return world_.set_link(fault.segment, fault.from, fault.to, world_.healthy());
  case FaultKind::Partition:
    for (std::uint32_t a = 0; a < world_.node_count(); ++a) {
      for (std::uint32_t b = 0; b < world_.node_count(); ++b) {
        if (a != b)
          world_.set_link(fault.segment, a, b, world_.healthy());
      }
    }
    return;
  case FaultKind::Pause:
    return world_.resume(fault.from);
  case FaultKind::Crash:
  case FaultKind::Stop:
  case FaultKind::Kill:
    return world_.boot(fault.from);
  case FaultKind::Refusal:
    return world_.refuse_adverts(fault.from, fault.segment, false);
  default:
    // A node that is paused would not notice: it is woken up first.
    world_.resume(fault.from);
    return world_.clear_fault(fault.from, fault.segment);
  }
}

} // namespace xvrrp::sim
