// SPDX-License-Identifier: BSD-2-Clause
#include "sim/world.hpp"

#include <algorithm>
#include <utility>

namespace xvrrp::sim {
namespace {

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

/// A host, and the world as it sees it.
class World::Node final : public Surroundings {
public:
  Node(World& world, std::uint32_t number, std::vector<Host::Router> routers, PlaneKind plane)
      : id(number), host(*this, std::move(routers), plane, world.mutation_), world_(world) {}

  core::Actions step(std::size_t router, core::Router& core, Instant now, const core::Event& event) override {
    Seat& seat = seat_of(router);
    if (const auto* changed = std::get_if<core::SourceChanged>(&event))
      seat.config.primary_address = changed->address;
    if (const auto* change = std::get_if<core::Reconfigured>(&event))
      seat.config = change->config;
    const core::Actions actions =
        world_.mutation_ ? world_.mutation_->step(core, now, event) : core.step(now, event);
    world_.observer_.stepped({seat, now, world_.now_, event, actions});
    return actions;
  }

  void taken(std::size_t router, const xv_event& event) override {
    if (host.plane().kind() != PlaneKind::EveryAdvert || event.type != XV_EVENT_ADVERT)
      return;
    world_.observer_.heard(seat_of(router), election::advert_of(event), instant_from_ns(event.time_ns),
                           world_.now_);
  }

  bool send(std::size_t router, std::uint8_t priority) override {
    const Seat& seat = seat_of(router);
    const auto& interface = world_.interface_of(seat);
    if (!interface.carries() || interface.refuses) {
      world_.observer_.refused(seat, world_.now_);
      return false;
    }
    const auto& config = seat.config;
    core::Advert advert{config.primary_address, priority,
                        std::max(config.advertisement_interval, core::kShortestAnnounced), config.version};
    world_.transmit(seat, advert);
    if (config.v2_interop) {
      advert.version = Version::V2; // RFC 9568 8.4.2: both, at the configured rate
      world_.transmit(seat, advert);
    }
    return true;
  }

  void announced(std::size_t router) override { world_.observer_.announced(seat_of(router), world_.now_); }
  void addressed(std::size_t router, bool installed) override {
    world_.observer_.addressed(seat_of(router), installed, world_.now_);
  }
  void told(std::size_t router, xv_role role) override {
    world_.observer_.told(seat_of(router), role, world_.now_);
  }
  void leased(std::size_t router, std::uint64_t until_ns) override {
    world_.observer_.leased(seat_of(router), until_ns, world_.local(id), world_.now_);
  }

  const std::uint32_t id;
  Host host;
  bool powered = false;
  bool on = false; ///< the daemon runs
  bool paused = false;
  // Its entry in the queue.
  bool queued = false;
  std::uint32_t ticket = 0; ///< of the entry that counts
  Moment queued_for{};

private:
  Seat& seat_of(std::size_t router) {
    return world_.seats_[world_.index(static_cast<std::uint32_t>(router), id)];
  }

  World& world_;
};

World::World(const Scenario& scenario, Observer& observer, Mutation* mutation)
    : observer_(observer), mutation_(mutation), random_(scenario.seed), healthy_(scenario.healthy),
      segments_(scenario.segments), interfaces_(scenario.nodes.size() * scenario.segments),
      links_(scenario.nodes.size() * scenario.nodes.size() * scenario.segments, scenario.healthy) {
  const auto nodes = static_cast<std::uint32_t>(scenario.nodes.size());
  seats_.reserve(scenario.groups.size() * nodes);
  for (const auto& group : scenario.groups) {
    for (std::uint32_t node = 0; node < nodes; ++node) {
      const auto next = static_cast<std::uint32_t>(seats_.size());
      seats_.push_back({next, next / nodes, node, group.segment, group.members[node]});
    }
  }
  for (std::uint32_t id = 0; id < nodes; ++id) {
    const auto& spec = scenario.nodes[id];
    std::vector<Host::Router> routers;
    for (const auto& group : scenario.groups)
      routers.push_back({group.members[id], group.sync_group});
    const bool protocol_only = mutation && mutation->is_of_protocol();
    nodes_.push_back(std::make_unique<Node>(*this, id, std::move(routers),
                                            protocol_only ? PlaneKind::EveryAdvert : spec.plane));
    clocks_.emplace_back(spec.clock_offset, spec.drift_ppm);
  }
}

World::~World() = default;

void World::run_until(Moment end) {
  while (!queue_.empty() && queue_.top().at <= end) {
    const Scheduled event = queue_.pop();
    now_ = event.at;
    if (event.kind == Scheduled::Kind::Arrival)
      arrive(event);
    else
      wake(event);
  }
  now_ = end;
}

void World::audit() {
  observer_.audited(now_, clocks_);
}

bool World::is_on(std::uint32_t node) const {
  return nodes_[node]->on;
}

bool World::is_paused(std::uint32_t node) const {
  return nodes_[node]->paused;
}

bool World::can_be_resumed(std::uint32_t node) const {
  return nodes_[node]->host.plane().kind() != PlaneKind::EveryAdvert;
}

const Host& World::host(std::uint32_t node) const {
  return nodes_[node]->host;
}

core::State World::state(std::uint32_t group, std::uint32_t node) const {
  return nodes_[node]->host.state(group);
}

std::uint64_t World::lost() const {
  std::uint64_t lost = 0;
  for (const auto& node : nodes_)
    lost += node->host.lost();
  return lost;
}

// ---- nodes ----

template <typename Function>
void World::for_each_of(std::uint32_t node, Function function) {
  for (std::uint32_t group = 0; group < group_count(); ++group)
    function(seats_[index(group, node)]);
}

void World::boot(std::uint32_t id) {
  Node& node = *nodes_[id];
  if (node.on)
    return;
  ++events_;
  begin(node);
}

/// Routers that know nothing but their configuration, and what the data plane has.
void World::begin(Node& node) {
  node.on = node.powered = true;
  for_each_of(node.id, [&](const Seat& seat) { observer_.configured(seat, now_); });
  node.host.start(local(node.id), [&](std::size_t router) {
    return interface_of(seats_[index(static_cast<std::uint32_t>(router), node.id)]).fault;
  });
  rest(node);
}

/// The daemon is not there any more.
void World::end(Node& node) {
  if (!node.on)
    return;
  node.on = false;
  for_each_of(node.id, [&](const Seat& seat) { observer_.gone(seat, now_); });
  if (!std::exchange(node.paused, false))
    return;
  note_abnormal(-1);
  observer_.resumed(node.id, now_);
}

void World::crash(std::uint32_t id) {
  Node& node = *nodes_[id];
  if (!node.powered)
    return;
  ++events_;
  node.powered = false;
  node.host.power_off();
  for_each_of(id, [&](const Seat& seat) {
    observer_.told(seat, XV_ROLE_STOPPED, now_);
    observer_.addressed(seat, false, now_);
  });
  end(node);
}

void World::kill(std::uint32_t id) {
  Node& node = *nodes_[id];
  if (!node.on || !can_be_resumed(id))
    return;
  ++events_;
  node.host.kill();
  end(node);
  rest(node);
}

void World::hand_over(std::uint32_t id) {
  Node& node = *nodes_[id];
  if (!node.on || node.paused || !can_be_resumed(id))
    return;
  ++events_;
  node.host.hand_over(local(id));
  end(node);
  begin(node);
}

void World::shut_down(std::uint32_t id) {
  Node& node = *nodes_[id];
  if (!node.on || node.paused)
    return;
  ++events_;
  node.host.shut_down(local(id));
  node.on = node.powered = false;
}

void World::pause(std::uint32_t id) {
  Node& node = *nodes_[id];
  if (!node.on || node.paused)
    return;
  ++events_;
  node.paused = true;
  note_abnormal(+1);
  observer_.paused(id, now_);
}

void World::resume(std::uint32_t id) {
  Node& node = *nodes_[id];
  if (!node.paused)
    return;
  ++events_;
  node.paused = false;
  node.host.run(local(id));
  rest(node);
  note_abnormal(-1);
  observer_.resumed(id, now_);
}

void World::raise_fault(std::uint32_t id, std::uint32_t segment, core::Reason cause) {
  Interface& interface = interface_at(id, segment);
  Node& node = *nodes_[id];
  if (interface.fault || node.paused)
    return;
  ++events_;
  interface.fault = cause;
  note_abnormal(+1);
  for_each_of(id, [&](const Seat& seat) {
    if (node.on && seat.segment == segment)
      node.host.post(election::RaiseFault{seat.group, cause}, local(id));
  });
  rest(node);
}

void World::clear_fault(std::uint32_t id, std::uint32_t segment) {
  Interface& interface = interface_at(id, segment);
  Node& node = *nodes_[id];
  if (!interface.fault || node.paused)
    return;
  ++events_;
  interface.fault.reset();
  for_each_of(id, [&](const Seat& seat) {
    if (node.on && seat.segment == segment)
      node.host.post(election::ClearFault{seat.group}, local(id));
  });
  rest(node);
  note_abnormal(-1);
}

void World::refuse_adverts(std::uint32_t id, std::uint32_t segment, bool refused) {
  if (std::exchange(interface_at(id, segment).refuses, refused) == refused)
    return;
  ++events_;
  note_abnormal(refused ? +1 : -1);
}

void World::change_source(std::uint32_t id, std::uint32_t segment, std::uint8_t variant) {
  Node& node = *nodes_[id];
  if (!node.on || node.paused)
    return;
  ++events_;
  note_abnormal(+1); // for a moment, so that everybody knows that something happened
  for_each_of(id, [&](const Seat& seat) {
    if (seat.segment == segment)
      node.host.change_source(seat.group, address_of(id, segment, seat.config.family, variant), local(id));
  });
  rest(node);
  note_abnormal(-1);
}

void World::reconfigure(std::uint32_t group, std::uint32_t id, const core::RouterConfig& config,
                        bool restarts) {
  Node& node = *nodes_[id];
  if (!node.on || node.paused)
    return;
  ++events_;
  node.host.reconfigure(group, config, restarts, local(id));
  rest(node);
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

// ---- adverts ----

void World::transmit(const Seat& seat, const core::Advert& advert) {
  ++adverts_sent_;
  observer_.sent(seat, advert, now_);
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
  core::Advert advert = message.advert;
  if (--message.receivers == 0)
    free_messages_.push_back(event.detail);
  const Seat& seat = seats_[event.target];
  Node& node = *nodes_[seat.node];
  if (!node.powered || !interface_of(seat).carries() || !accepts(seat.config, advert))
    return;
  const Instant arrival = local(seat.node);
  const auto limited = node.host.plane().limited();
  advert.interval = node.host.plane().hear(seat.group, advert, arrival);
  if (node.host.plane().limited() != limited)
    observer_.limited(seat, now_);
  if (node.on && node.host.plane().kind() != PlaneKind::EveryAdvert)
    observer_.heard(seat, advert, arrival, now_);
  if (!node.paused && node.host.is_due(arrival))
    node.host.run(arrival);
  rest(node);
}

// ---- time ----

void World::wake(const Scheduled& event) {
  Node& node = *nodes_[event.target];
  if (event.detail != node.ticket)
    return;
  node.queued = false;
  const Instant now = local(node.id);
  if (const auto timer = node.host.plane().next_timer(); timer && *timer <= now && node.powered) {
    ++events_;
    node.host.plane().fire(now);
  }
  if (!node.paused && node.host.is_due(now)) {
    ++events_;
    node.host.run(now);
  }
  rest(node);
}

/// Nothing is left to do at this moment. Lazy, as the kernel does it: the entry in the queue stays where it
/// is when what it is for is moved on, and is put back when it comes up.
void World::rest(Node& node) {
  if (node.on && !node.paused)
    observer_.rested(node.id, now_);
  const auto timer = node.powered ? node.host.plane().next_timer() : std::nullopt;
  const auto deadline = node.paused ? std::nullopt : node.host.next_deadline();
  if (!timer && !deadline)
    return;
  const Instant next = std::min(timer.value_or(Instant::max()), deadline.value_or(Instant::max()));
  const Moment due = std::max(now_, clocks_[node.id].when(next));
  if (node.queued && node.queued_for <= due)
    return;
  ++node.ticket;
  node.queued = true;
  node.queued_for = due;
  queue_.push(due, Scheduled::Kind::Timer, node.id, node.ticket);
}

} // namespace xvrrp::sim
