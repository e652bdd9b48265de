// SPDX-License-Identifier: BSD-2-Clause
#include "sim/explore.hpp"

#include <algorithm>
#include <optional>
#include <tuple>
#include <unordered_map>

#include "core/router.hpp"
#include "sim/checkers/addresses.hpp"
#include "sim/checkers/advertising.hpp"
#include "sim/checkers/armed_timers.hpp"
#include "sim/checkers/rfc.hpp"
#include "sim/checkers/state_machine.hpp"
#include "sim/checkers/takeover_time.hpp"

namespace xvrrp::sim {
namespace {

using namespace std::chrono_literals;
using core::State;
using core::TimerId;

constexpr const char* kName = "convergence";
constexpr Nanoseconds kHealedDelay = 100us;
/// An answer to a losing advert is forgotten after this.
constexpr Nanoseconds kAnswerMemory = 10ms;

using Checkers = std::tuple<Addresses, Advertising, ArmedTimers, StateMachine, TakeoverTime>;

struct Choice {
  enum class Kind : std::uint8_t { Boot, Deliver, Lose, Expire, Crash, Stop, RaiseFault, ClearFault };
  Kind kind;
  std::uint32_t who; ///< the router, or the packet
  TimerId timer = TimerId::MasterDown;
};

struct Packet {
  core::Advert advert;
  std::uint32_t receiver;
  Moment latest; ///< it does not arrive later than this
};

struct Member {
  core::Router router;
  bool on = false;
  bool faulty = false;
  std::optional<Moment> answered; ///< a losing advert, in Master
};

/// A state of the network. Copied at each choice.
struct Snapshot {
  Moment now{1s};
  std::vector<Member> members;
  std::vector<Packet> packets;
  std::uint32_t faults_left;
  std::uint32_t losses_left;
  Checkers checkers;
};

class Hash {
public:
  template <typename T>
  void add(T value) {
    state_ = (state_ ^ static_cast<std::uint64_t>(value)) * 0x9e3779b97f4a7c15;
    state_ ^= state_ >> 31;
  }
  void add(Nanoseconds duration) { add(duration.count()); }
  void add(const IpAddress& address) {
    for (const auto byte : address.bytes())
      add(byte);
  }
  std::uint64_t value() const { return state_; }

private:
  std::uint64_t state_ = 0x243f6a8885a308d3;
};

class Explorer {
public:
  Explorer(const ExploreOptions& options, Mutation* mutation) : options_(options), mutation_(mutation) {
    for (const auto& config : options.routers) {
      const auto node = static_cast<std::uint32_t>(seats_.size());
      seats_.push_back({node, 0, node, 0, config});
      clocks_.emplace_back();
    }
    Nanoseconds down{}, delays{};
    for (const auto& seat : seats_) {
      down = std::max(down, rfc::master_down_interval(seat.config, longest_interval()));
      delays = std::max(delays, seat.config.preempt_delay + seat.config.startup_delay);
    }
    settle_ = 2 * down + delays + longest_interval() + options.longest_delay;
  }

  ExploreReport run() {
    auto& verdict = report_.verdict;
    Snapshot first{.members = {},
                   .packets = {},
                   .faults_left = options_.faults,
                   .losses_left = options_.losses,
                   .checkers = {Addresses(verdict), Advertising(verdict), ArmedTimers(verdict),
                                StateMachine(verdict), TakeoverTime(verdict)}};
    for (const auto& seat : seats_)
      first.members.push_back({core::Router(seat.config), false, false, {}});
    visit(first, options_.depth);
    report_.states = seen_.size();
    return std::move(report_);
  }

private:
  Nanoseconds longest_interval() const {
    Nanoseconds longest{};
    for (const auto& seat : seats_)
      longest = std::max(longest, seat.config.advertisement_interval);
    return longest;
  }

  /// One counterexample is enough.
  bool failed() const { return !report_.verdict.clean(); }

  void visit(const Snapshot& snapshot, std::uint32_t depth) {
    const auto [known, is_new] = seen_.try_emplace(key(snapshot), depth);
    if (is_new)
      demand_convergence(snapshot);
    else if (known->second >= depth)
      return;
    known->second = depth;
    if (depth == 0)
      return;
    for (const auto& choice : choices(snapshot)) {
      if (failed())
        return;
      ++report_.transitions;
      Snapshot next(snapshot);
      take(next, choice);
      visit(next, depth - 1);
    }
  }

  // ---- what can happen ----

  std::vector<Choice> choices(const Snapshot& snapshot) const {
    std::vector<Choice> all;
    for (std::uint32_t i = 0; i < snapshot.members.size(); ++i)
      add_choices_of(snapshot, i, all);
    for (std::uint32_t i = 0; i < snapshot.packets.size(); ++i) {
      all.push_back({Choice::Kind::Deliver, i});
      if (snapshot.losses_left > 0)
        all.push_back({Choice::Kind::Lose, i});
    }
    if (const auto due = next_due(snapshot); due && *due <= last_call(snapshot)) {
      for_each_timer(snapshot, [&](std::uint32_t who, TimerId id, Moment at) {
        if (at == *due)
          all.push_back({Choice::Kind::Expire, who, id});
      });
    }
    return all;
  }

  void add_choices_of(const Snapshot& snapshot, std::uint32_t who, std::vector<Choice>& all) const {
    const Member& member = snapshot.members[who];
    if (!member.on) {
      all.push_back({Choice::Kind::Boot, who});
      return;
    }
    if (member.faulty)
      all.push_back({Choice::Kind::ClearFault, who});
    if (snapshot.faults_left == 0)
      return;
    all.push_back({Choice::Kind::Crash, who});
    all.push_back({Choice::Kind::Stop, who});
    if (!member.faulty)
      all.push_back({Choice::Kind::RaiseFault, who});
  }

  template <typename Function>
  static void for_each_timer(const Snapshot& snapshot, Function function) {
    for (std::uint32_t who = 0; who < snapshot.members.size(); ++who) {
      const Member& member = snapshot.members[who];
      for (std::size_t i = 0; member.on && i < core::kTimerCount; ++i) {
        const auto id = static_cast<TimerId>(i);
        if (const auto deadline = member.router.deadline(id))
          function(who, id, std::max(snapshot.now, Moment{deadline->time_since_epoch()}));
      }
    }
  }

  static std::optional<Moment> next_due(const Snapshot& snapshot) {
    std::optional<Moment> due;
    for_each_timer(snapshot, [&](std::uint32_t, TimerId, Moment at) { due = due ? std::min(*due, at) : at; });
    return due;
  }

  /// Until when time can pass without a packet being too late.
  static Moment last_call(const Snapshot& snapshot) {
    Moment latest = Moment::max();
    for (const auto& packet : snapshot.packets)
      latest = std::min(latest, packet.latest);
    return latest;
  }

  // ---- making it happen ----

  void take(Snapshot& snapshot, const Choice& choice) {
    switch (choice.kind) {
    case Choice::Kind::Boot:
      return boot(snapshot, choice.who);
    case Choice::Kind::Deliver:
      return deliver(snapshot, choice.who);
    case Choice::Kind::Lose:
      --snapshot.losses_left;
      snapshot.packets.erase(snapshot.packets.begin() + choice.who);
      return;
    case Choice::Kind::Expire:
      snapshot.now = *next_due(snapshot);
      return expire(snapshot, choice.who, choice.timer);
    case Choice::Kind::Crash:
      --snapshot.faults_left;
      return crash(snapshot, choice.who);
    case Choice::Kind::Stop:
      --snapshot.faults_left;
      step(snapshot, choice.who, core::Shutdown{});
      snapshot.members[choice.who].on = false;
      return;
    case Choice::Kind::RaiseFault:
      --snapshot.faults_left;
      snapshot.members[choice.who].faulty = true;
      return step(snapshot, choice.who, core::FaultRaised{core::Reason::InterfaceDown});
    case Choice::Kind::ClearFault:
      snapshot.members[choice.who].faulty = false;
      return step(snapshot, choice.who, core::FaultCleared{});
    }
  }

  template <typename Function>
  static void tell(Snapshot& snapshot, Function function) {
    std::apply([&](auto&... checker) { (function(checker), ...); }, snapshot.checkers);
  }

  static Instant local(Moment moment) { return Instant{moment.time_since_epoch()}; }

  void boot(Snapshot& snapshot, std::uint32_t who) {
    Member& member = snapshot.members[who];
    member = {core::Router(seats_[who].config), true, false, {}};
    tell(snapshot, [&](auto& checker) { checker.configured(seats_[who], snapshot.now); });
    step(snapshot, who, core::Startup{});
  }

  void crash(Snapshot& snapshot, std::uint32_t who) {
    snapshot.members[who] = {core::Router(seats_[who].config), false, false, {}};
    tell(snapshot, [&](auto& checker) { checker.gone(seats_[who], snapshot.now); });
  }

  void expire(Snapshot& snapshot, std::uint32_t who, TimerId id) {
    step(snapshot, who, core::TimerExpired{id, snapshot.members[who].router.generation(id)});
  }

  void deliver(Snapshot& snapshot, std::uint32_t index) {
    const Packet packet = snapshot.packets[index];
    snapshot.packets.erase(snapshot.packets.begin() + index);
    const Member& member = snapshot.members[packet.receiver];
    if (!member.on || member.faulty)
      return;
    const Seat& seat = seats_[packet.receiver];
    tell(snapshot,
         [&](auto& checker) { checker.heard(seat, packet.advert, local(snapshot.now), snapshot.now); });
    step(snapshot, packet.receiver, core::AdvertReceived{packet.advert});
  }

  void step(Snapshot& snapshot, std::uint32_t who, const core::Event& event) {
    Member& member = snapshot.members[who];
    const Seat& seat = seats_[who];
    const Instant now = local(snapshot.now);
    const core::Actions actions =
        mutation_ ? mutation_->step(member.router, seat, now, event) : member.router.step(now, event);
    tell(snapshot, [&](auto& checker) { checker.stepped({seat, now, snapshot.now, event, actions}); });
    for (const auto& action : actions) {
      const auto* advert = std::get_if<core::SendAdvert>(&action);
      if (!advert)
        continue;
      if (std::holds_alternative<core::AdvertReceived>(event))
        member.answered = snapshot.now;
      if (!member.faulty)
        transmit(snapshot, who, advert->priority);
    }
  }

  void transmit(Snapshot& snapshot, std::uint32_t sender, std::uint8_t priority) {
    const auto& config = seats_[sender].config;
    const core::Advert advert{config.primary_address, priority, config.advertisement_interval,
                              config.version};
    for (std::uint32_t receiver = 0; receiver < snapshot.members.size(); ++receiver) {
      if (receiver != sender)
        snapshot.packets.push_back({advert, receiver, snapshot.now + options_.longest_delay});
    }
  }

  // ---- which states are the same ----

  static std::uint64_t key(const Snapshot& snapshot) {
    Hash hash;
    for (const auto& member : snapshot.members)
      add(hash, member, snapshot.now);
    // The order in which packets were sent does not matter, as they may arrive in any.
    std::vector<std::uint64_t> packets;
    for (const auto& packet : snapshot.packets) {
      Hash one;
      one.add(packet.receiver);
      one.add(packet.advert.source);
      one.add(packet.advert.priority);
      one.add(packet.latest - snapshot.now);
      packets.push_back(one.value());
    }
    std::sort(packets.begin(), packets.end());
    for (const auto packet : packets)
      hash.add(packet);
    hash.add(snapshot.faults_left);
    hash.add(snapshot.losses_left);
    return hash.value();
  }

  static void add(Hash& hash, const Member& member, Moment now) {
    const auto& router = member.router;
    hash.add(router.state());
    hash.add(member.on * 2 + member.faulty);
    hash.add(router.master_adver_interval());
    hash.add(router.preempts_now());
    for (std::size_t i = 0; i < core::kTimerCount; ++i) {
      const auto deadline = router.deadline(static_cast<TimerId>(i));
      hash.add(deadline ? *deadline - local(now) : Nanoseconds::min());
    }
    if (const auto master = router.master()) {
      hash.add(master->address);
      hash.add(master->priority);
    }
    const bool answered =
        router.state() == State::Master && member.answered && now - *member.answered < kAnswerMemory;
    hash.add(answered ? now - *member.answered : Nanoseconds{-1});
  }

  // ---- convergence ----

  /// Everything is healed, no packet is lost any more, and there is time: one Master, the right one, for
  /// good.
  void demand_convergence(Snapshot snapshot) {
    ++report_.convergences;
    for (std::uint32_t who = 0; who < snapshot.members.size(); ++who) {
      if (!snapshot.members[who].on)
        boot(snapshot, who);
      if (snapshot.members[who].faulty)
        take(snapshot, {Choice::Kind::ClearFault, who});
    }
    leave_alone(snapshot, settle_);
    const auto elected = judge(snapshot);
    leave_alone(snapshot, settle_);
    if (elected && judge(snapshot) != elected)
      report_.verdict.blame(kName, seats_[*elected], snapshot.now, "did not stay Master");
    tell(snapshot, [&](auto& checker) { checker.audited(snapshot.now, clocks_); });
  }

  /// Packets take their usual time; what happens at one moment happens in the order of the routers.
  void leave_alone(Snapshot& snapshot, Nanoseconds duration) {
    const Moment end = snapshot.now + duration;
    while (true) {
      const auto due = next_due(snapshot);
      const auto packet =
          std::min_element(snapshot.packets.begin(), snapshot.packets.end(),
                           [](const Packet& a, const Packet& b) { return a.latest < b.latest; });
      const Moment arrival =
          packet == snapshot.packets.end()
              ? Moment::max()
              : std::max(snapshot.now, packet->latest - options_.longest_delay + kHealedDelay);
      if (std::min(arrival, due.value_or(Moment::max())) > end)
        break;
      if (due && *due < arrival) {
        snapshot.now = *due;
        expire_first(snapshot, *due);
      } else {
        snapshot.now = arrival;
        deliver(snapshot, static_cast<std::uint32_t>(packet - snapshot.packets.begin()));
      }
    }
    snapshot.now = end;
  }

  void expire_first(Snapshot& snapshot, Moment due) {
    std::optional<Choice> first;
    for_each_timer(snapshot, [&](std::uint32_t who, TimerId id, Moment at) {
      if (at == due && !first)
        first = Choice{Choice::Kind::Expire, who, id};
    });
    expire(snapshot, first->who, first->timer);
  }

  /// The only Master, if it is the right one.
  std::optional<std::uint32_t> judge(const Snapshot& snapshot) {
    std::optional<std::uint32_t> master;
    bool one = true;
    for (std::uint32_t who = 0; who < snapshot.members.size(); ++who) {
      if (snapshot.members[who].router.state() != State::Master)
        continue;
      one = one && !master;
      master = who;
    }
    if (!master || !one) {
      report_.verdict.blame(kName, seats_[0], snapshot.now, "not exactly one Master");
      return std::nullopt;
    }
    for (const auto& seat : seats_) {
      if (rfc::preempts(seat.config) && seat.config.priority > seats_[*master].config.priority)
        report_.verdict.blame(kName, seat, snapshot.now, "preempts and is not Master (RFC 9568 6.4.2)");
    }
    return master;
  }

  const ExploreOptions& options_;
  Mutation* mutation_;
  std::vector<Seat> seats_;
  std::vector<LocalClock> clocks_;
  Nanoseconds settle_{};
  std::unordered_map<std::uint64_t, std::uint32_t> seen_; ///< and with how many choices left
  ExploreReport report_;
};

} // namespace

ExploreReport explore(const ExploreOptions& options, Mutation* mutation) {
  return Explorer(options, mutation).run();
}

} // namespace xvrrp::sim
