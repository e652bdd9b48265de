// SPDX-License-Identifier: BSD-2-Clause
// The members of each virtual router as seen from outside, and whether it has had time to settle.
#pragma once

#include <algorithm>
#include <optional>
#include <vector>

#include "sim/observer.hpp"

namespace xvrrp::sim {

class Roll {
public:
  struct Member {
    const Seat* seat = nullptr;
    core::State state = core::State::Init;
    std::optional<Moment> advertised; ///< the last advert that was not priority 0
  };
  struct Group {
    std::vector<Member> members; ///< by node
    Moment changed{};            ///< the last thing that may move the election: a start, a stop, a change
    Nanoseconds settle_time{};
  };

  void configured(const Seat& seat, Moment at);
  void gone(const Seat& seat, Moment at);
  void stepped(const Step& step);
  void sent(const Seat& seat, const core::Advert& advert, Moment at);
  void broken(Moment) { broken_ = true; }
  void healed(Moment at);

  bool is_broken() const { return broken_; }
  /// The network is sound, and nothing has happened for as long as an election can take.
  bool settled(const Group& group, Moment at) const {
    return !broken_ && at - std::max(group.changed, healed_) > group.settle_time;
  }
  /// From here on no packet of before the last change is under way.
  Moment clear_since(const Group& group) const;
  std::vector<Group>& groups() { return groups_; }
  Group& group(const Seat& seat) { return groups_[seat.group]; }
  Member& member(const Seat& seat) { return groups_[seat.group].members[seat.node]; }
  /// The only Master of a group, if there is exactly one.
  static const Member* only_master(const Group& group);

private:
  static Nanoseconds settle_time(const Group& group);

  std::vector<Group> groups_;
  bool broken_ = false;
  Moment healed_{};
};

/// Whether the event is the operator's or the world's doing, and not the protocol's.
bool comes_from_outside(const core::Event& event);

} // namespace xvrrp::sim
