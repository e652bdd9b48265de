// SPDX-License-Identifier: BSD-2-Clause
#include "sim/world.hpp"

#include <algorithm>
#include <utility>

namespace xvrrp::sim {
namespace {

using core::TimerId;
using core::Version;

/// The checks of section 7.1 that need the configuration; those of the packet itself, it has passed.
bool accepts(const core::RouterConfig& config, const core::Advert& advert) {
  if (advert.version != config.version && !(advert.version == Version::V2 && config.v2_interop))
    return false;
  if (advert.source == config.primary_address)
    return false;
  if (config.owner_ignores_adverts && config.priority == core::kPriorityOwner)
    return false;
  // RFC 3768 7.1: another Adver Int is an error in v2.
  return config.version != Version::V2 || advert.interval == config.advertisement_interval;
}

} // namespace

World::World(const Scenario& scenario, Observer& observer, Mutation* mutation)
    : observer_(observer), mutation_(mutation), random_(scenario.seed), healthy_(scenario.healthy),
      segments_(scenario.segments), nodes_(scenario.nodes.size()),
      interfaces_(scenario.nodes.size() * scenario.segments),
      links_(scenario.nodes.size() * scenario.nodes.size() * scenario.segments, scenario.healthy) {
  for (std::uint32_t node = 0; node < node_count(); ++node) {
    const auto& spec = scenario.nodes[node];
    nodes_[node].kernel = spec.kernel && !mutation;
    clocks_.emplace_back(spec.clock_offset, spec.drift_ppm);
  }
  seats_.reserve(scenario.groups.size() * scenario.nodes.size());
  for (const auto& group : scenario.groups) {
    for (std::uint32_t node = 0; node < node_count(); ++node) {
      const auto next = static_cast<std::uint32_t>(seats_.size());
      const auto& config = group.members[node];
      seats_.push_back({{next, next / node_count(), node, group.segment, config},
                        core::Router(config),
                        {},
                        {},
                        {},
                        false});
    }
  }
}

void World::run_until(Moment end) {
  while (!queue_.empty() && queue_.top().at <= end) {
    const Scheduled event = queue_.pop();
    now_ = event.at;
    if (event.kind == Scheduled::Kind::Arrival)
      arrive(event);
    else
      expire(event);
  }
  now_ = end;
}

void World::audit() {
  observer_.audited(now_, clocks_);
}

// ---- nodes ----

template <typename Function>
void World::for_each_of(std::uint32_t node, Function function) {
  for (std::uint32_t group = 0; group < group_count(); ++group)
    function(seats_[index(group, node)]);
}

void World::boot(std::uint32_t node) {
  if (nodes_[node].on)
    return;
  ++events_;
  nodes_[node].on = true;
  for_each_of(node, [&](Occupied& occupied) { start(occupied); });
}

void World::start(Occupied& occupied) {
  occupy(occupied);
  occupied.running = true;
  const Instant now = clocks_[occupied.seat.node].at(now_);
  if (const auto& fault = interface_at(occupied.seat.node, occupied.seat.segment).fault)
    step(occupied, now, core::FaultRaised{*fault});
  step(occupied, now, core::Startup{});
}

/// A router that knows nothing but its configuration.
void World::occupy(Occupied& occupied) {
  occupied.router = core::Router(occupied.seat.config);
  occupied.kernel = {};
  occupied.pace = {};
  for (auto& timer : occupied.timers)
    timer.armed = false;
  observer_.configured(occupied.seat, now_);
}

void World::crash(std::uint32_t node) {
  if (!nodes_[node].on)
    return;
  ++events_;
  const bool was_paused = nodes_[node].paused;
  nodes_[node] = {.kernel = nodes_[node].kernel, .role_changes = {}, .waiting = {}, .expired = {}};
  for_each_of(node, [&](Occupied& occupied) {
    observer_.gone(occupied.seat, now_);
    occupied.running = false;
    occupied.router = core::Router(occupied.seat.config);
    for (auto& timer : occupied.timers)
      timer.armed = false;
  });
  if (was_paused) {
    note_abnormal(-1);
    observer_.resumed(node, now_);
  }
}

void World::shut_down(std::uint32_t node) {
  if (!nodes_[node].on || nodes_[node].paused)
    return;
  ++events_;
  for_each_of(node, [&](Occupied& occupied) {
    step(occupied, clocks_[node].at(now_), core::Shutdown{});
    occupied.running = false;
  });
  nodes_[node].on = false;
}

void World::pause(std::uint32_t node) {
  if (!nodes_[node].on || nodes_[node].paused)
    return;
  ++events_;
  nodes_[node].paused = true;
  note_abnormal(+1);
  observer_.paused(node, now_);
}

void World::resume(std::uint32_t id) {
  Node& node = nodes_[id];
  if (!node.paused)
    return;
  ++events_;
  node.paused = false;
  node.in_turn = true;
  // As the election thread does in one turn: what arrived, in order, and then the timers.
  for (const auto& waiting : std::exchange(node.waiting, {})) {
    Occupied& occupied = seats_[waiting.seat];
    if (waiting.heard)
      observer_.heard(occupied.seat, std::get<core::AdvertReceived>(waiting.event).advert, waiting.when,
                      now_);
    step(occupied, waiting.when, waiting.event);
  }
  for (const auto expired : std::exchange(node.expired, {})) {
    Occupied& occupied = seats_[expired / core::kTimerCount];
    const auto timer_id = static_cast<TimerId>(expired % core::kTimerCount);
    const Timer& kept = timer(occupied, timer_id);
    if (kept.armed && !kept.queued)
      arm(occupied, timer_id, kept.at, kept.generation);
  }
  // Timers that are overdue by now, before anything else happens.
  run_until(now_);
  node.in_turn = false;
  for (const auto seat : std::exchange(node.role_changes, {}))
    change_role(seats_[seat]);
  note_abnormal(-1);
  observer_.resumed(id, now_);
}

void World::raise_fault(std::uint32_t node, std::uint32_t segment, core::Reason cause) {
  Interface& interface = interface_at(node, segment);
  if (interface.fault || nodes_[node].paused)
    return;
  ++events_;
  interface.fault = cause;
  note_abnormal(+1);
  for_each_of(node, [&](Occupied& occupied) {
    if (occupied.running && occupied.seat.segment == segment)
      step(occupied, clocks_[node].at(now_), core::FaultRaised{cause});
  });
}

void World::clear_fault(std::uint32_t node, std::uint32_t segment) {
  Interface& interface = interface_at(node, segment);
  if (!interface.fault || nodes_[node].paused)
    return;
  ++events_;
  interface.fault.reset();
  for_each_of(node, [&](Occupied& occupied) {
    if (occupied.running && occupied.seat.segment == segment)
      step(occupied, clocks_[node].at(now_), core::FaultCleared{});
  });
  note_abnormal(-1);
}

void World::change_source(std::uint32_t node, std::uint32_t segment, std::uint8_t variant) {
  if (!nodes_[node].on || nodes_[node].paused)
    return;
  ++events_;
  note_abnormal(+1); // for a moment, so that everybody knows that something happened
  for_each_of(node, [&](Occupied& occupied) {
    if (occupied.seat.segment != segment)
      return;
    auto& source = occupied.seat.config.primary_address;
    source = address_of(node, segment, source.family(), variant);
    step(occupied, clocks_[node].at(now_), core::SourceChanged{source});
  });
  note_abnormal(-1);
}

void World::reconfigure(std::uint32_t group, std::uint32_t node, const core::RouterConfig& config) {
  if (!nodes_[node].on || nodes_[node].paused)
    return;
  ++events_;
  Occupied& occupied = seats_[index(group, node)];
  step(occupied, clocks_[node].at(now_), core::Shutdown{});
  occupied.seat.config = config;
  start(occupied);
}

void World::set_link(std::uint32_t segment, std::uint32_t from, std::uint32_t to,
                     const LinkQuality& quality) {
  LinkQuality& changed = link(segment, from, to);
  ++events_;
  const int change = (quality == healthy_ ? 0 : 1) - (changed == healthy_ ? 0 : 1);
  changed = quality;
  note_abnormal(change);
}

void World::note_abnormal(int change) {
  const bool before = abnormal_ > 0;
  abnormal_ += change;
  if (!before && abnormal_ > 0)
    observer_.broken(now_);
  if (before && abnormal_ == 0)
    observer_.healed(now_);
}

// ---- routers ----

void World::step(Occupied& occupied, Instant now, const core::Event& event) {
  const core::Actions actions = mutation_ ? mutation_->step(occupied.router, occupied.seat, now, event)
                                          : occupied.router.step(now, event);
  observer_.stepped({occupied.seat, now, now_, event, actions});
  execute(occupied, actions);
  if (nodes_[occupied.seat.node].kernel)
    update_kernel(occupied, event, actions);
}

void World::execute(Occupied& occupied, const core::Actions& actions) {
  const bool kernel = nodes_[occupied.seat.node].kernel;
  for (const auto& action : actions) {
    if (const auto* send_advert = std::get_if<core::SendAdvert>(&action)) {
      send(occupied, send_advert->priority);
    } else if (const auto* wanted = std::get_if<core::ArmTimer>(&action)) {
      if (!kernel || wanted->timer != TimerId::MasterDown)
        arm(occupied, wanted->timer, wanted->at, wanted->generation);
    } else if (const auto* stop = std::get_if<core::StopTimer>(&action)) {
      disarm(occupied, stop->timer);
    }
  }
}

/// What the election thread tells the data plane after a step.
void World::update_kernel(Occupied& occupied, const core::Event& event, const core::Actions& actions) {
  const auto enters = [](const core::Action& action) {
    return std::holds_alternative<core::StateEntered>(action);
  };
  const auto* expired = std::get_if<core::TimerExpired>(&event);
  const bool wants_timer_back = expired && expired->timer == TimerId::MasterDown && !actions.empty() &&
                                std::holds_alternative<core::ArmTimer>(actions[0]);
  if (!wants_timer_back && std::none_of(actions.begin(), actions.end(), enters)) {
    occupied.kernel.configure(occupied.router);
    return;
  }
  Node& node = nodes_[occupied.seat.node];
  if (node.in_turn)
    node.role_changes.push_back(occupied.seat.index);
  else
    change_role(occupied);
}

void World::change_role(Occupied& occupied) {
  occupied.kernel.follow(occupied.router);
  if (const auto deadline = occupied.kernel.deadline())
    arm(occupied, TimerId::MasterDown, *deadline, occupied.kernel.generation());
  else
    disarm(occupied, TimerId::MasterDown);
}

// ---- adverts ----

void World::send(Occupied& sender, std::uint8_t priority) {
  const auto& config = sender.seat.config;
  core::Advert advert{config.primary_address, priority,
                      std::max(config.advertisement_interval, core::kShortestAnnounced), config.version};
  transmit(sender, advert);
  if (!config.v2_interop)
    return;
  advert.version = Version::V2; // RFC 9568 8.4.2: both, at the configured rate
  transmit(sender, advert);
}

void World::transmit(const Occupied& sender, const core::Advert& advert) {
  const Seat& seat = sender.seat;
  ++adverts_sent_;
  observer_.sent(seat, advert, now_);
  if (!interface_at(seat.node, seat.segment).carries())
    return;
  std::uint32_t message;
  if (free_messages_.empty()) {
    message = static_cast<std::uint32_t>(messages_.size());
    messages_.emplace_back();
  } else {
    message = free_messages_.back();
    free_messages_.pop_back();
  }
  messages_[message] = {advert, 0};
  for (std::uint32_t node = 0; node < node_count(); ++node) {
    if (node == seat.node)
      continue;
    const LinkQuality& quality = link(seat.segment, seat.node, node);
    if (quality.cut || (quality.loss_per_million > 0 && random_.chance(quality.loss_per_million)))
      continue;
    const auto receiver = index(seat.group, node);
    launch(quality, receiver, message);
    if (quality.duplicates_per_million > 0 && random_.chance(quality.duplicates_per_million))
      launch(quality, receiver, message);
  }
  if (messages_[message].receivers == 0)
    free_messages_.push_back(message);
}

void World::launch(const LinkQuality& quality, std::uint32_t receiver, std::uint32_t message) {
  const Moment arrival = now_ + random_.between(quality.delay_min, quality.delay_max);
  ++messages_[message].receivers;
  queue_.push(arrival, Scheduled::Kind::Arrival, receiver, message);
}

void World::arrive(const Scheduled& event) {
  ++events_;
  Message& message = messages_[event.detail];
  const core::Advert advert = message.advert;
  if (--message.receivers == 0)
    free_messages_.push_back(event.detail);
  Occupied& receiver = seats_[event.target];
  if (receiver.running && interface_at(receiver.seat.node, receiver.seat.segment).carries() &&
      accepts(receiver.seat.config, advert))
    receive(receiver, taught(receiver, advert));
}

/// The advert with the interval that the receiver learns from it: below a centisecond that is a matter of
/// pace, and far above its own one of patience.
core::Advert World::taught(Occupied& receiver, core::Advert advert) {
  const auto& config = receiver.seat.config;
  const auto* source = advert.source.bytes().data();
  const auto own = to_ns(config.advertisement_interval);
  const auto now = to_ns(clocks_[receiver.seat.node].at(now_));
  auto interval = xv_taught_interval(&receiver.pace, source, own, to_ns(advert.interval), now);
  const bool preempts = receiver.router.state() != core::State::Backup || receiver.router.preempts_now();
  if (xv_is_obeyed(advert.priority, receiver.router.config().priority, preempts ? 1 : 0) != 0)
    interval = xv_believed_interval(&receiver.patience, source, own, interval, now);
  advert.interval = Nanoseconds{static_cast<std::int64_t>(interval)};
  return advert;
}

void World::receive(Occupied& receiver, const core::Advert& advert) {
  Node& node = nodes_[receiver.seat.node];
  const Instant arrival = clocks_[receiver.seat.node].at(now_);
  if (node.kernel)
    return hear_in_kernel(receiver, advert, arrival);
  if (node.paused) {
    node.waiting.push_back({receiver.seat.index, arrival, core::AdvertReceived{advert}, true});
    return;
  }
  observer_.heard(receiver.seat, advert, arrival, now_);
  step(receiver, arrival, core::AdvertReceived{advert});
}

void World::hear_in_kernel(Occupied& receiver, const core::Advert& advert, Instant arrival) {
  observer_.heard(receiver.seat, advert, arrival, now_);
  const auto outcome = receiver.kernel.hear(receiver.seat.config, advert, arrival);
  if (outcome.moved)
    arm(receiver, TimerId::MasterDown, *receiver.kernel.deadline(), receiver.kernel.generation());
  if (!outcome.report)
    return;
  Node& node = nodes_[receiver.seat.node];
  if (node.paused)
    node.waiting.push_back({receiver.seat.index, arrival, core::AdvertReceived{advert}, false});
  else
    step(receiver, arrival, core::AdvertReceived{advert});
}

// ---- timers ----

/// Lazy, as the kernel does it: an entry in the queue stays where it is when its timer is moved on, and is
/// put back when it comes up.
void World::arm(Occupied& occupied, TimerId id, Instant at, core::Generation generation) {
  Timer& kept = timer(occupied, id);
  kept.armed = true;
  kept.at = at;
  kept.generation = generation;
  if (kept.queued && kept.queued_for <= at)
    return;
  ++kept.ticket;
  kept.queued = true;
  kept.queued_for = at;
  const Moment due = std::max(now_, clocks_[occupied.seat.node].when(at));
  const auto number = static_cast<std::uint32_t>(id);
  queue_.push(due, Scheduled::Kind::Timer, occupied.seat.index * 8 + number, kept.ticket);
}

void World::expire(const Scheduled& event) {
  Occupied& occupied = seats_[event.target / 8];
  const auto id = static_cast<TimerId>(event.target % 8);
  Timer& kept = timer(occupied, id);
  if (event.detail != kept.ticket)
    return;
  kept.queued = false;
  if (!kept.armed)
    return;
  const Instant now = clocks_[occupied.seat.node].at(now_);
  if (kept.at > now)
    return arm(occupied, id, kept.at, kept.generation);
  fire(occupied, id, now);
}

void World::fire(Occupied& occupied, TimerId id, Instant now) {
  Node& node = nodes_[occupied.seat.node];
  Timer& kept = timer(occupied, id);
  const bool by_kernel = node.kernel && id == TimerId::MasterDown;
  if (node.paused && !by_kernel) {
    node.expired.push_back(occupied.seat.index * core::kTimerCount + static_cast<std::uint64_t>(id));
    return;
  }
  ++events_;
  kept.armed = false;
  const core::TimerExpired expired{id, kept.generation};
  if (node.paused)
    node.waiting.push_back({occupied.seat.index, now, expired, false});
  else
    step(occupied, now, expired);
}

} // namespace xvrrp::sim
