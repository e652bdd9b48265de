// SPDX-License-Identifier: BSD-2-Clause
// A deterministic network of hosts: time jumps from event to event, and everything that happens follows from
// the scenario, its seed and what is done to it from outside.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "sim/event_queue.hpp"
#include "sim/host.hpp"
#include "sim/mutation.hpp"
#include "sim/observer.hpp"
#include "sim/random.hpp"
#include "sim/scenario.hpp"

namespace xvrrp::sim {

/// Nodes are off at first. The observer is told of everything; the mutation, if any, must outlive the world.
class World {
public:
  World(const Scenario& scenario, Observer& observer, Mutation* mutation = nullptr);
  ~World();

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
  /// SIGKILL: the data plane goes on, and so does boot() from what it knows.
  void kill(std::uint32_t node);
  /// The daemon is replaced by another one, which goes on at once.
  void hand_over(std::uint32_t node);
  /// The daemon gets no processor. Its data plane goes on.
  void pause(std::uint32_t node);
  void resume(std::uint32_t node);
  /// InterfaceDown and InterfaceGone: nothing passes. NoSourceAddress: packets still do.
  void raise_fault(std::uint32_t node, std::uint32_t segment, core::Reason cause);
  void clear_fault(std::uint32_t node, std::uint32_t segment);
  /// The kernel takes no advert there, and nobody is told of that but who sends them.
  void refuse_adverts(std::uint32_t node, std::uint32_t segment, bool refused);
  void change_source(std::uint32_t node, std::uint32_t segment, std::uint8_t variant);
  /// A reload: the router goes on, or says goodbye and `restarts`.
  void reconfigure(std::uint32_t group, std::uint32_t node, const core::RouterConfig& config, bool restarts);
  /// Packets from one node to another in one segment.
  void set_link(std::uint32_t segment, std::uint32_t from, std::uint32_t to, const LinkQuality& quality);

  // ---- what can be seen ----
  std::uint32_t node_count() const { return static_cast<std::uint32_t>(nodes_.size()); }
  std::uint32_t segment_count() const { return segments_; }
  std::uint32_t group_count() const { return static_cast<std::uint32_t>(seats_.size()) / node_count(); }
  bool is_on(std::uint32_t node) const;
  bool is_paused(std::uint32_t node) const;
  /// Whether another daemon could go on where this one ends: it has a data plane that says where.
  bool can_be_resumed(std::uint32_t node) const;
  bool has_fault(std::uint32_t node, std::uint32_t segment) const {
    return interface_at(node, segment).fault.has_value();
  }
  bool refuses_adverts(std::uint32_t node, std::uint32_t segment) const {
    return interface_at(node, segment).refuses;
  }
  const Seat& seat(std::uint32_t group, std::uint32_t node) const { return seats_[index(group, node)]; }
  core::State state(std::uint32_t group, std::uint32_t node) const;
  const Host& host(std::uint32_t node) const;
  const LocalClock& clock(std::uint32_t node) const { return clocks_[node]; }
  const LinkQuality& healthy() const { return healthy_; }
  /// Arrivals, expiries and everything done from outside. What the queue holds for its own sake, such as a
  /// timer that was moved on, is not counted.
  std::uint64_t events() const { return events_; }
  std::uint64_t adverts_sent() const { return adverts_sent_; }
  /// Of all hosts: see Host::lost().
  std::uint64_t lost() const;

private:
  class Node;
  struct Interface {
    std::optional<core::Reason> fault;
    bool refuses = false;
    bool carries() const { return !fault || *fault == core::Reason::NoSourceAddress; }
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
  const Interface& interface_of(const Seat& seat) const { return interface_at(seat.node, seat.segment); }
  LinkQuality& link(std::uint32_t segment, std::uint32_t from, std::uint32_t to) {
    return links_[(segment * node_count() + from) * node_count() + to];
  }
  Instant local(std::uint32_t node) const { return clocks_[node].at(now_); }

  void begin(Node& node);
  void end(Node& node);
  void note_abnormal(int change);
  template <typename Function>
  void for_each_of(std::uint32_t node, Function function);

  void transmit(const Seat& sender, const core::Advert& advert);
  void launch(const LinkQuality& quality, std::uint32_t receiver, std::uint32_t message);
  void arrive(const Scheduled& event);

  void wake(const Scheduled& event);
  void rest(Node& node);

  Observer& observer_;
  Mutation* mutation_;
  Random random_;
  LinkQuality healthy_;
  std::uint32_t segments_;
  Moment now_{std::chrono::seconds{1}};
  EventQueue queue_;
  std::vector<Seat> seats_;
  std::vector<std::unique_ptr<Node>> nodes_;
  std::vector<LocalClock> clocks_;
  std::vector<Interface> interfaces_;
  std::vector<LinkQuality> links_;
  std::vector<Message> messages_;
  std::vector<std::uint32_t> free_messages_;
  int abnormal_ = 0; ///< links, interfaces and nodes that are not as they should be
  std::uint64_t events_ = 0;
  std::uint64_t adverts_sent_ = 0;
};

} // namespace xvrrp::sim
