// SPDX-License-Identifier: BSD-2-Clause
// A deterministic network of routers: time jumps from event to event, and everything that happens follows
// from the scenario, its seed and what is done to it from outside.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include <xvrrp/rules/patience.h>

#include "core/router.hpp"
#include "sim/event_queue.hpp"
#include "sim/kernel_share.hpp"
#include "sim/mutation.hpp"
#include "sim/observer.hpp"
#include "sim/random.hpp"
#include "sim/scenario.hpp"

namespace xvrrp::sim {

/// Nodes are off at first. The observer is told of everything; the mutation, if any, must outlive the world.
class World {
public:
  World(const Scenario& scenario, Observer& observer, Mutation* mutation = nullptr);

  Moment now() const { return now_; }
  /// Lets everything happen that is due until then, and makes it the present.
  void run_until(Moment end);
  void run_for(Nanoseconds duration) { run_until(now_ + duration); }
  /// Asks the observer what is missing.
  void audit();

  // ---- what happens to nodes. Each has an effect only where it makes sense: nobody boots twice. ----
  void boot(std::uint32_t node);
  /// Power off: no goodbye, and the next boot knows nothing.
  void crash(std::uint32_t node);
  /// SIGTERM: the routers say goodbye, then the node is off.
  void shut_down(std::uint32_t node);
  /// The daemon gets no processor. Adverts wait for it with their time of arrival; the kernel's share goes
  /// on.
  void pause(std::uint32_t node);
  void resume(std::uint32_t node);
  /// InterfaceDown and InterfaceGone: nothing passes. NoSourceAddress: packets still do.
  void raise_fault(std::uint32_t node, std::uint32_t segment, core::Reason cause);
  void clear_fault(std::uint32_t node, std::uint32_t segment);
  void change_source(std::uint32_t node, std::uint32_t segment, std::uint8_t variant);
  /// As the daemon reloads: the old router says goodbye, a new one starts.
  void reconfigure(std::uint32_t group, std::uint32_t node, const core::RouterConfig& config);
  /// Packets from one node to another in one segment.
  void set_link(std::uint32_t segment, std::uint32_t from, std::uint32_t to, const LinkQuality& quality);

  // ---- what can be seen ----
  std::uint32_t node_count() const { return static_cast<std::uint32_t>(nodes_.size()); }
  std::uint32_t segment_count() const { return segments_; }
  std::uint32_t group_count() const { return static_cast<std::uint32_t>(seats_.size()) / node_count(); }
  bool is_on(std::uint32_t node) const { return nodes_[node].on; }
  bool is_paused(std::uint32_t node) const { return nodes_[node].paused; }
  bool has_fault(std::uint32_t node, std::uint32_t segment) const {
    return interface_at(node, segment).fault.has_value();
  }
  const Seat& seat(std::uint32_t group, std::uint32_t node) const { return seats_[index(group, node)].seat; }
  core::State state(std::uint32_t group, std::uint32_t node) const {
    return seats_[index(group, node)].router.state();
  }
  const LocalClock& clock(std::uint32_t node) const { return clocks_[node]; }
  const LinkQuality& healthy() const { return healthy_; }
  /// Arrivals, expiries and everything done from outside. What the queue holds for its own sake, such as a
  /// timer that was moved on, is not counted.
  std::uint64_t events() const { return events_; }
  std::uint64_t adverts_sent() const { return adverts_sent_; }

private:
  struct Timer {
    bool armed = false;
    bool queued = false;
    std::uint32_t ticket = 0; ///< of the entry in the queue that counts
    core::Generation generation = 0;
    Instant at{};
    Instant queued_for{};
  };
  struct Occupied {
    Seat seat;
    core::Router router;
    KernelShare kernel;
    xv_pace pace;
    xv_patience patience;
    std::array<Timer, core::kTimerCount> timers;
    bool running = false;
  };
  struct Interface {
    std::optional<core::Reason> fault;
    bool carries() const { return !fault || *fault == core::Reason::NoSourceAddress; }
  };
  /// What a paused daemon will find when it wakes up.
  struct Waiting {
    std::uint32_t seat;
    Instant when;
    core::Event event;
    bool heard; ///< an advert that no kernel share has looked at
  };
  struct Node {
    bool on = false;
    bool paused = false;
    bool kernel = false;
    bool in_turn = false;                    ///< the election thread works off what has waited
    std::vector<std::uint32_t> role_changes; ///< of this turn; the data plane is told at its end
    std::vector<Waiting> waiting;
    std::vector<std::uint64_t> expired; ///< timers of a paused daemon: seat and timer
  };
  struct Message {
    core::Advert advert;
    std::uint32_t receivers = 0; ///< arrivals that are still to come
  };

  std::uint32_t index(std::uint32_t group, std::uint32_t node) const { return group * node_count() + node; }
  const Interface& interface_at(std::uint32_t node, std::uint32_t segment) const {
    return interfaces_[node * segments_ + segment];
  }
  Interface& interface_at(std::uint32_t node, std::uint32_t segment) {
    return interfaces_[node * segments_ + segment];
  }
  LinkQuality& link(std::uint32_t segment, std::uint32_t from, std::uint32_t to) {
    return links_[(segment * node_count() + from) * node_count() + to];
  }

  void occupy(Occupied& occupied);
  void start(Occupied& occupied);
  void note_abnormal(int change);
  template <typename Function>
  void for_each_of(std::uint32_t node, Function function);

  void step(Occupied& occupied, Instant now, const core::Event& event);
  void execute(Occupied& occupied, const core::Actions& actions);
  void update_kernel(Occupied& occupied, const core::Event& event, const core::Actions& actions);
  void change_role(Occupied& occupied);
  void send(Occupied& sender, std::uint8_t priority);
  void transmit(const Occupied& sender, const core::Advert& advert);
  void launch(const LinkQuality& quality, std::uint32_t receiver, std::uint32_t message);

  void arrive(const Scheduled& event);
  core::Advert taught(Occupied& receiver, core::Advert advert);
  void receive(Occupied& receiver, const core::Advert& advert);
  void hear_in_kernel(Occupied& receiver, const core::Advert& advert, Instant arrival);

  Timer& timer(Occupied& occupied, core::TimerId id) { return occupied.timers[static_cast<std::size_t>(id)]; }
  void arm(Occupied& occupied, core::TimerId id, Instant at, core::Generation generation);
  void disarm(Occupied& occupied, core::TimerId id) { timer(occupied, id).armed = false; }
  void expire(const Scheduled& event);
  void fire(Occupied& occupied, core::TimerId id, Instant now);

  Observer& observer_;
  Mutation* mutation_;
  Random random_;
  LinkQuality healthy_;
  std::uint32_t segments_;
  Moment now_{std::chrono::seconds{1}};
  EventQueue queue_;
  std::vector<Node> nodes_;
  std::vector<LocalClock> clocks_;
  std::vector<Interface> interfaces_;
  std::vector<LinkQuality> links_;
  std::vector<Occupied> seats_;
  std::vector<Message> messages_;
  std::vector<std::uint32_t> free_messages_;
  int abnormal_ = 0; ///< links, interfaces and nodes that are not as they should be
  std::uint64_t events_ = 0;
  std::uint64_t adverts_sent_ = 0;
};

} // namespace xvrrp::sim
