// SPDX-License-Identifier: BSD-2-Clause
#include "sim/explore.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <tuple>
#include <unordered_set>

#include "sim/checkers/addresses.hpp"
#include "sim/checkers/advertising.hpp"
#include "sim/checkers/armed_timers.hpp"
#include "sim/checkers/effects.hpp"
#include "sim/checkers/lease.hpp"
#include "sim/checkers/rfc.hpp"
#include "sim/checkers/state_machine.hpp"
#include "sim/checkers/takeover_time.hpp"
#include "sim/host.hpp"

namespace xvrrp::sim {
namespace {

using namespace std::chrono_literals;
using core::State;
using core::TimerId;

constexpr const char* kName = "convergence";
constexpr Nanoseconds kHealedDelay = 100us;
/// An answer to a losing advert is forgotten after this.
constexpr Nanoseconds kAnswerMemory = 10ms;

using Checkers = std::tuple<Addresses, Advertising, ArmedTimers, Effects, Lease, StateMachine, TakeoverTime>;

struct Choice {
  enum class Kind : std::uint8_t { Boot, Deliver, Lose, Expire, Crash, Stop, RaiseFault, ClearFault };
  Kind kind;
  std::uint32_t who; ///< the router, or the packet
};

struct Packet {
  core::Advert advert;
  std::uint32_t receiver;
  Moment latest; ///< it does not arrive later than this
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

/// Some routers of one virtual router, and the packets between them. It is not copied: whoever wants it again
/// makes another one and takes the same choices.
class Network {
public:
  Network(const ExploreOptions& options, std::vector<Seat> seats, Mutation* mutation, Verdict& verdict)
      : options_(options), mutation_(mutation), seats_(std::move(seats)),
        checkers_(Addresses(verdict), Advertising(verdict), ArmedTimers(verdict), Effects(verdict),
                  Lease(verdict), StateMachine(verdict), TakeoverTime(verdict)),
        faults_left_(options.faults), losses_left_(options.losses) {
    const auto plane = mutation_ && mutation_->is_of_protocol() ? PlaneKind::EveryAdvert : options.plane;
    for (const auto& seat : seats_)
      members_.push_back(std::make_unique<Member>(*this, seat, plane));
  }

  Moment now() const { return now_; }
  core::State state(std::uint32_t who) const { return members_[who]->host.state(0); }

  std::vector<Choice> choices() const {
    std::vector<Choice> all;
    for (std::uint32_t who = 0; who < members_.size(); ++who)
      add_choices_of(who, all);
    for (std::uint32_t i = 0; i < packets_.size(); ++i) {
      all.push_back({Choice::Kind::Deliver, i});
      if (losses_left_ > 0)
        all.push_back({Choice::Kind::Lose, i});
    }
    if (const auto due = next_due(); due && *due <= last_call()) {
      for (std::uint32_t who = 0; who < members_.size(); ++who) {
        if (next_due(who) == due)
          all.push_back({Choice::Kind::Expire, who});
      }
    }
    return all;
  }

  void take(const Choice& choice) {
    if (choice.kind == Choice::Kind::Deliver)
      return deliver(choice.who);
    if (choice.kind == Choice::Kind::Lose) {
      --losses_left_;
      packets_.erase(packets_.begin() + choice.who);
      return;
    }
    auto& member = *members_[choice.who];
    switch (choice.kind) {
    case Choice::Kind::Boot:
      return boot(member);
    case Choice::Kind::Expire:
      now_ = *next_due();
      return expire(member);
    case Choice::Kind::Crash:
      --faults_left_;
      return crash(member);
    case Choice::Kind::Stop:
      --faults_left_;
      member.host.shut_down(local());
      member.on = false;
      return;
    case Choice::Kind::RaiseFault:
      --faults_left_;
      return raise_fault(member);
    case Choice::Kind::ClearFault:
      return clear_fault(member);
    default:
      return;
    }
  }

  /// Everything is healed, no packet is lost any more, and all routers run.
  void heal() {
    for (const auto& member : members_) {
      if (!member->on)
        boot(*member);
      if (member->faulty)
        clear_fault(*member);
    }
  }

  /// Packets take their usual time; what happens at one moment happens in the order of the routers.
  void leave_alone(Nanoseconds duration) {
    const Moment end = now_ + duration;
    while (true) {
      const auto due = next_due();
      const auto packet =
          std::min_element(packets_.begin(), packets_.end(),
                           [](const Packet& a, const Packet& b) { return a.latest < b.latest; });
      const Moment arrival = packet == packets_.end()
                                 ? Moment::max()
                                 : std::max(now_, packet->latest - options_.longest_delay + kHealedDelay);
      if (std::min(arrival, due.value_or(Moment::max())) > end)
        break;
      if (due && *due < arrival) {
        now_ = *due;
        expire_first();
      } else {
        now_ = arrival;
        deliver(static_cast<std::uint32_t>(packet - packets_.begin()));
      }
    }
    now_ = end;
  }

  void audit(const std::vector<LocalClock>& clocks) {
    tell([&](auto& checker) { checker.audited(now_, clocks); });
  }

  /// Equal keys: the same state, as far as it can be observed.
  std::uint64_t key() const {
    Hash hash;
    for (const auto& member : members_)
      add(hash, *member);
    // The order in which packets were sent does not matter, as they may arrive in any.
    std::vector<std::uint64_t> packets;
    for (const auto& packet : packets_) {
      Hash one;
      one.add(packet.receiver);
      one.add(packet.advert.source);
      one.add(packet.advert.priority);
      one.add(packet.latest - now_);
      packets.push_back(one.value());
    }
    std::sort(packets.begin(), packets.end());
    for (const auto packet : packets)
      hash.add(packet);
    hash.add(faults_left_);
    hash.add(losses_left_);
    return hash.value();
  }

private:
  /// A host with one router.
  struct Member final : Surroundings {
    Member(Network& around, const Seat& in, PlaneKind plane)
        : network(around), seat(in), host(*this, {{in.config, {}}}, plane, around.mutation_) {}

    core::Actions step(std::size_t, core::Router& core, Instant now, const core::Event& event) override {
      const core::Actions actions =
          network.mutation_ ? network.mutation_->step(core, now, event) : core.step(now, event);
      network.tell([&](auto& checker) { checker.stepped({seat, now, network.now_, event, actions}); });
      if (std::holds_alternative<core::AdvertReceived>(event) && count<core::SendAdvert>(actions) > 0)
        answered = network.now_;
      return actions;
    }
    void taken(std::size_t, const xv_event& event) override {
      if (host.plane().kind() == PlaneKind::EveryAdvert && event.type == XV_EVENT_ADVERT)
        network.heard(seat, election::advert_of(event), instant_from_ns(event.time_ns));
    }
    bool send(std::size_t, std::uint8_t priority) override {
      if (faulty)
        network.tell([&](auto& checker) { checker.refused(seat, network.now_); });
      else
        network.transmit(seat, priority);
      return !faulty;
    }
    void announced(std::size_t) override {
      network.tell([&](auto& checker) { checker.announced(seat, network.now_); });
    }
    void addressed(std::size_t, bool installed) override {
      network.tell([&](auto& checker) { checker.addressed(seat, installed, network.now_); });
    }
    void told(std::size_t, xv_role role) override {
      network.tell([&](auto& checker) { checker.told(seat, role, network.now_); });
    }
    void leased(std::size_t, std::uint64_t until_ns) override {
      network.tell([&](auto& checker) { checker.leased(seat, until_ns, network.local(), network.now_); });
    }

    Network& network;
    const Seat& seat;
    Host host;
    bool on = false;
    bool faulty = false;
    std::optional<Moment> answered; ///< a losing advert, in Master
  };

  /// All clocks show the moment.
  Instant local() const { return Instant{now_.time_since_epoch()}; }

  template <typename Function>
  void tell(Function function) {
    std::apply([&](auto&... checker) { (function(checker), ...); }, checkers_);
  }

  void add_choices_of(std::uint32_t who, std::vector<Choice>& all) const {
    const auto& member = *members_[who];
    if (!member.on) {
      all.push_back({Choice::Kind::Boot, who});
      return;
    }
    if (member.faulty)
      all.push_back({Choice::Kind::ClearFault, who});
    if (faults_left_ == 0)
      return;
    all.push_back({Choice::Kind::Crash, who});
    all.push_back({Choice::Kind::Stop, who});
    if (!member.faulty)
      all.push_back({Choice::Kind::RaiseFault, who});
  }

  // ---- time ----

  std::optional<Moment> next_due(std::uint32_t who) const {
    const auto& member = *members_[who];
    if (!member.on)
      return std::nullopt;
    const auto timer = member.host.plane().next_timer();
    const auto deadline = member.host.next_deadline();
    if (!timer && !deadline)
      return std::nullopt;
    const auto next = std::min(timer.value_or(Instant::max()), deadline.value_or(Instant::max()));
    return std::max(now_, Moment{next.time_since_epoch()});
  }

  std::optional<Moment> next_due() const {
    std::optional<Moment> due;
    for (std::uint32_t who = 0; who < members_.size(); ++who) {
      if (const auto at = next_due(who); at && (!due || *at < *due))
        due = at;
    }
    return due;
  }

  /// Until when time can pass without a packet being too late.
  Moment last_call() const {
    Moment latest = Moment::max();
    for (const auto& packet : packets_)
      latest = std::min(latest, packet.latest);
    return latest;
  }

  void expire(Member& member) {
    if (const auto timer = member.host.plane().next_timer(); timer && *timer <= local())
      member.host.plane().fire(local());
    if (member.host.is_due(local()))
      member.host.run(local());
    rest(member);
  }

  void expire_first() {
    const auto due = next_due();
    for (std::uint32_t who = 0; who < members_.size(); ++who) {
      if (next_due(who) == due)
        return expire(*members_[who]);
    }
  }

  void rest(const Member& member) {
    tell([&](auto& checker) { checker.rested(member.seat.node, now_); });
  }

  // ---- routers ----

  void boot(Member& member) {
    member.on = true;
    member.faulty = false;
    member.answered.reset();
    tell([&](auto& checker) { checker.configured(member.seat, now_); });
    member.host.start(local(), [](std::size_t) { return std::nullopt; });
    rest(member);
  }

  void crash(Member& member) {
    member.on = member.faulty = false;
    member.host.power_off();
    tell([&](auto& checker) {
      checker.told(member.seat, XV_ROLE_STOPPED, now_);
      checker.addressed(member.seat, false, now_);
      checker.gone(member.seat, now_);
    });
  }

  void raise_fault(Member& member) {
    member.faulty = true;
    member.host.post(election::RaiseFault{0, core::Reason::InterfaceDown}, local());
    rest(member);
  }

  void clear_fault(Member& member) {
    member.faulty = false;
    member.host.post(election::ClearFault{0}, local());
    rest(member);
  }

  // ---- packets ----

  void deliver(std::uint32_t index) {
    Packet packet = packets_[index];
    packets_.erase(packets_.begin() + index);
    auto& member = *members_[packet.receiver];
    if (!member.on || member.faulty)
      return;
    packet.advert.interval = member.host.plane().hear(0, packet.advert, local());
    if (member.host.plane().kind() != PlaneKind::EveryAdvert)
      heard(member.seat, packet.advert, local());
    if (member.host.is_due(local()))
      member.host.run(local());
    rest(member);
  }

  void heard(const Seat& seat, const core::Advert& advert, Instant arrival) {
    tell([&](auto& checker) { checker.heard(seat, advert, arrival, now_); });
  }

  void transmit(const Seat& sender, std::uint8_t priority) {
    const auto& config = sender.config;
    const core::Advert advert{config.primary_address, priority, config.advertisement_interval,
                              config.version};
    tell([&](auto& checker) { checker.sent(sender, advert, now_); });
    for (std::uint32_t receiver = 0; receiver < members_.size(); ++receiver) {
      if (receiver != sender.node)
        packets_.push_back({advert, receiver, now_ + options_.longest_delay});
    }
  }

  // ---- which states are the same ----

  void add(Hash& hash, const Member& member) const {
    hash.add(member.on * 2 + member.faulty);
    if (!member.on)
      return;
    const auto& router = member.host.core_of(0);
    hash.add(router.state());
    hash.add(router.master_adver_interval());
    hash.add(router.preempts_now());
    for (std::size_t i = 0; i < core::kTimerCount; ++i) {
      const auto id = static_cast<TimerId>(i);
      // Adverts move Master_Down_Timer in the data plane alone, where there is one.
      if (id != TimerId::MasterDown || member.host.plane().kind() == PlaneKind::EveryAdvert)
        hash.add(remaining(router.deadline(id)));
    }
    if (const auto master = router.master()) {
      hash.add(master->address);
      hash.add(master->priority);
    }
    const bool answered =
        router.state() == State::Master && member.answered && now_ - *member.answered < kAnswerMemory;
    hash.add(answered ? now_ - *member.answered : Nanoseconds{-1});
    if (member.host.plane().kind() == PlaneKind::EveryAdvert)
      return;
    hash.add(remaining(member.host.next_deadline()));
    add(hash, member.host.plane());
  }

  /// Past is past.
  Nanoseconds remaining(const std::optional<Instant>& deadline) const {
    return deadline ? std::max(*deadline - local(), Nanoseconds{-1}) : Nanoseconds::min();
  }

  /// What tells its next event; the limit on them is never reached here.
  void add(Hash& hash, const DataPlane& plane) const {
    const auto& live = plane.raw(0);
    hash.add(live.role);
    hash.add(live.interval_ns);
    hash.add(live.unreported);
    hash.add(live.told_ns == live.deadline_ns && live.told_generation == live.generation);
    hash.add(live.role == XV_ROLE_BACKUP ? remaining(instant_from_ns(live.deadline_ns)) : Nanoseconds::min());
    hash.add(live.role == XV_ROLE_MASTER ? remaining(instant_from_ns(plane.lease(0))) : Nanoseconds::min());
    // The timer is lazy: when it fires too early, nothing comes of that.
    hash.add(plane.next_timer().has_value());
    hash.add(live.heard.priority);
    hash.add(live.heard.interval_wire);
    for (const auto byte : live.heard.master)
      hash.add(byte);
  }

  const ExploreOptions& options_;
  Mutation* mutation_;
  Moment now_{1s};
  std::vector<Seat> seats_;
  std::vector<std::unique_ptr<Member>> members_;
  std::vector<Packet> packets_;
  Checkers checkers_;
  std::uint32_t faults_left_;
  std::uint32_t losses_left_;
};

/// Breadth first: each state is come to by as few choices as there can be, and tried once.
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
    reached_.push_back({});
    seen_.insert(network_at(0)->key());
    for (std::size_t next = 0; next < reached_.size() && !failed(); ++next)
      visit(next);
    report_.states = seen_.size();
    return std::move(report_);
  }

private:
  /// A state, by how it is come to.
  struct Reached {
    std::size_t from = 0;
    Choice choice{};
    std::uint32_t depth = 0;
  };

  Nanoseconds longest_interval() const {
    Nanoseconds longest{};
    for (const auto& seat : seats_)
      longest = std::max(longest, seat.config.advertisement_interval);
    return longest;
  }

  /// One counterexample is enough.
  bool failed() const { return !report_.verdict.clean(); }

  std::unique_ptr<Network> network_at(std::size_t state) {
    std::vector<Choice> path;
    for (; reached_[state].depth > 0; state = reached_[state].from)
      path.push_back(reached_[state].choice);
    auto network = std::make_unique<Network>(options_, seats_, mutation_, report_.verdict);
    for (auto choice = path.rbegin(); choice != path.rend(); ++choice)
      network->take(*choice);
    return network;
  }

  void visit(std::size_t state) {
    auto network = network_at(state);
    const auto choices = network->choices();
    demand_convergence(*network);
    const auto depth = reached_[state].depth + 1;
    for (const auto& choice : choices) {
      if (failed() || depth > options_.depth)
        return;
      ++report_.transitions;
      network = network_at(state);
      network->take(choice);
      if (seen_.insert(network->key()).second)
        reached_.push_back({state, choice, depth});
    }
  }

  // ---- convergence ----

  /// Everything is healed, no packet is lost any more, and there is time: one Master, the right one, for
  /// good.
  void demand_convergence(Network& network) {
    ++report_.convergences;
    network.heal();
    network.leave_alone(settle_);
    const auto elected = judge(network);
    network.leave_alone(settle_);
    if (elected && judge(network) != elected)
      report_.verdict.blame(kName, seats_[*elected], network.now(), "did not stay Master");
    network.audit(clocks_);
  }

  /// The only Master, if it is the right one.
  std::optional<std::uint32_t> judge(const Network& network) {
    std::optional<std::uint32_t> master;
    bool one = true;
    for (std::uint32_t who = 0; who < seats_.size(); ++who) {
      if (network.state(who) != State::Master)
        continue;
      one = one && !master;
      master = who;
    }
    if (!master || !one) {
      report_.verdict.blame(kName, seats_[0], network.now(), "not exactly one Master");
      return std::nullopt;
    }
    for (const auto& seat : seats_) {
      if (rfc::preempts(seat.config) && seat.config.priority > seats_[*master].config.priority)
        report_.verdict.blame(kName, seat, network.now(), "preempts and is not Master (RFC 9568 6.4.2)");
    }
    return master;
  }

  const ExploreOptions& options_;
  Mutation* mutation_;
  std::vector<Seat> seats_;
  std::vector<LocalClock> clocks_;
  Nanoseconds settle_{};
  std::vector<Reached> reached_;
  std::unordered_set<std::uint64_t> seen_;
  ExploreReport report_;
};

} // namespace

ExploreReport explore(const ExploreOptions& options, Mutation* mutation) {
  return Explorer(options, mutation).run();
}

} // namespace xvrrp::sim
