// SPDX-License-Identifier: BSD-2-Clause
#include "mutants.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "sim/checkers/rfc.hpp"

namespace xvrrp::sim {
namespace {

using namespace std::chrono_literals;
using core::Action;
using core::Actions;
using core::AdvertReceived;
using core::Event;
using core::State;
using core::TimerId;

/// Changes what the router is told; nothing: it is not told at all.
class Deaf final : public Mutation {
public:
  using Filter = std::function<std::optional<Event>(const core::Router&, const Event&)>;
  explicit Deaf(Filter filter) : filter_(std::move(filter)) {}

  Actions step(core::Router& router, Instant now, const Event& event) override {
    const auto heard = filter_(router, event);
    return heard ? router.step(now, *heard) : Actions{};
  }

private:
  Filter filter_;
};

/// Changes what the router does.
class Clumsy final : public Mutation {
public:
  using Filter = std::function<Actions(const core::Router&, Instant, const Event&, const Actions&)>;
  explicit Clumsy(Filter filter) : filter_(std::move(filter)) {}

  Actions step(core::Router& router, Instant now, const Event& event) override {
    const Actions done = router.step(now, event);
    return filter_(router, now, event, done);
  }

private:
  Filter filter_;
};

/// Keeps Master_Down_Timer in its own way: the timer that the router asks for is armed for another time, and
/// the router is told that it is the one it asked for.
class OwnTimer final : public Mutation {
public:
  using Filter = std::function<Nanoseconds(const core::Router&, Nanoseconds wait)>;
  explicit OwnTimer(Filter filter) : filter_(std::move(filter)) {}

  Actions step(core::Router& router, Instant now, const Event& event) override {
    Nanoseconds early{};
    if (const auto* expired = std::get_if<core::TimerExpired>(&event);
        expired && expired->timer == TimerId::MasterDown) {
      if (const auto due = router.deadline(TimerId::MasterDown); due && *due > now)
        early = *due - now;
    }
    Actions changed;
    for (const auto& action : router.step(now + early, event)) {
      auto copy = action;
      if (auto* arm = std::get_if<core::ArmTimer>(&copy)) {
        arm->at -= early;
        if (arm->timer == TimerId::MasterDown)
          arm->at = now + filter_(router, arm->at - now);
      }
      changed.push(copy);
    }
    return changed;
  }

private:
  Filter filter_;
};

template <typename T>
Actions without(const Actions& actions, bool (*matches)(const T&) = nullptr) {
  Actions kept;
  for (const auto& action : actions) {
    const auto* found = std::get_if<T>(&action);
    if (!found || (matches && !matches(*found)))
      kept.push(action);
  }
  return kept;
}

Actions with(const Actions& actions, const Action& extra) {
  Actions all;
  for (const auto& action : actions)
    all.push(action);
  all.push(extra);
  return all;
}

template <typename T>
bool contain(const Actions& actions) {
  for (const auto& action : actions) {
    if (std::holds_alternative<T>(action))
      return true;
  }
  return false;
}

bool enters(const Actions& actions, State state) {
  for (const auto& action : actions) {
    if (const auto* change = std::get_if<core::StateEntered>(&action); change && change->to == state)
      return true;
  }
  return false;
}

const core::Advert* advert_in(const Event& event) {
  const auto* received = std::get_if<AdvertReceived>(&event);
  return received ? &received->advert : nullptr;
}

Mutant deaf(std::string name, std::string caught_by, Deaf::Filter filter) {
  return {std::move(name), std::move(caught_by), [=] { return std::make_unique<Deaf>(filter); }};
}

Mutant clumsy(std::string name, std::string caught_by, Clumsy::Filter filter) {
  return {std::move(name), std::move(caught_by), [=] { return std::make_unique<Clumsy>(filter); }};
}

Mutant own_timer(std::string name, std::string caught_by, OwnTimer::Filter filter) {
  return {std::move(name), std::move(caught_by), [=] { return std::make_unique<OwnTimer>(filter); }};
}

/// An advert that `matches` is lost on the way to the router.
template <typename Predicate>
Mutant ignoring(std::string name, std::string caught_by, Predicate matches) {
  return deaf(std::move(name), std::move(caught_by),
              [=](const core::Router& router, const Event& event) -> std::optional<Event> {
                const auto* advert = advert_in(event);
                return advert && matches(router, *advert) ? std::nullopt : std::optional{event};
              });
}

Nanoseconds cut_to_centiseconds(Nanoseconds skew) {
  return skew - skew % 10ms;
}

std::vector<Mutant> about_timers() {
  return {
      own_timer("skew is cut to centiseconds", "takeover-time",
                [](const core::Router& router, Nanoseconds wait) {
                  const Nanoseconds skew = router.skew_time();
                  return wait - skew + cut_to_centiseconds(skew);
                }),
      own_timer("nobody waits for Skew_Time", "succession",
                [](const core::Router& router, Nanoseconds wait) {
                  return std::max(Nanoseconds{1}, wait - router.skew_time() + 1ms);
                }),
      own_timer("Master_Down_Timer is late", "succession",
                [](const core::Router&, Nanoseconds wait) { return wait + 5ms; }),
      own_timer("Master_Down_Timer is late by 10 us", "takeover-time",
                [](const core::Router&, Nanoseconds wait) { return wait + 10us; }),
      clumsy("a Backup without a timer", "armed-timers",
             [](const core::Router&, Instant, const Event& event, const Actions& actions) {
               return std::holds_alternative<core::Startup>(event) ? without<core::ArmTimer>(actions)
                                                                   : actions;
             }),
      clumsy("a Master without a timer", "armed-timers",
             [](const core::Router&, Instant, const Event&, const Actions& actions) {
               return without<core::ArmTimer>(
                   actions, [](const core::ArmTimer& arm) { return arm.timer == TimerId::Advertisement; });
             }),
      clumsy("the Master's timer is armed for ten years", "advertising",
             [](const core::Router&, Instant now, const Event&, const Actions& actions) {
               Actions changed;
               for (auto action : actions) {
                 auto* arm = std::get_if<core::ArmTimer>(&action);
                 if (arm && arm->timer == TimerId::Advertisement)
                   arm->at = now + 24h * 3650;
                 changed.push(action);
               }
               return changed;
             }),
      clumsy("the period of adverts drifts", "advertising",
             [](const core::Router&, Instant, const Event&, const Actions& actions) {
               Actions changed;
               for (auto action : actions) {
                 auto* arm = std::get_if<core::ArmTimer>(&action);
                 if (arm && arm->timer == TimerId::Advertisement)
                   arm->at += 5us;
                 changed.push(action);
               }
               return changed;
             }),
  };
}

std::vector<Mutant> about_adverts() {
  return {
      ignoring("priority 0 is ignored", "takeover-time",
               [](const core::Router&, const core::Advert& advert) { return advert.priority == 0; }),
      ignoring("a Master ignores priority 0", "advertising",
               [](const core::Router& router, const core::Advert& advert) {
                 return advert.priority == 0 && router.state() == State::Master;
               }),
      ignoring("a Master does not yield", "convergence",
               [](const core::Router& router, const core::Advert& advert) {
                 return router.state() == State::Master && advert.priority > router.config().priority;
               }),
      ignoring("a Master does not yield to a greater address", "convergence",
               [](const core::Router& router, const core::Advert& advert) {
                 return router.state() == State::Master && advert.priority == router.config().priority;
               }),
      ignoring("a Backup breaks ties by address", "takeover-time",
               [](const core::Router& router, const core::Advert& advert) {
                 return router.state() == State::Backup && advert.priority == router.config().priority &&
                        advert.source < router.config().primary_address;
               }),
      ignoring("every Backup preempts", "takeover-time",
               [](const core::Router& router, const core::Advert& advert) {
                 return router.state() == State::Backup && !router.config().preempt && advert.priority != 0 &&
                        advert.priority < router.config().priority;
               }),
      deaf("no Backup preempts", "convergence",
           [](const core::Router& router, const Event& event) -> std::optional<Event> {
             const auto* advert = advert_in(event);
             if (!advert || router.state() != State::Backup || advert->priority == 0)
               return event;
             auto flattering = *advert;
             flattering.priority = std::max(advert->priority, router.config().priority);
             return AdvertReceived{flattering};
           }),
      deaf("the interval is not learned", "takeover-time",
           [](const core::Router& router, const Event& event) -> std::optional<Event> {
             const auto* advert = advert_in(event);
             if (!advert)
               return event;
             auto ours = *advert;
             ours.interval = router.config().advertisement_interval;
             return AdvertReceived{ours};
           }),
      deaf("addresses are compared the wrong way round", "state-machine",
           [](const core::Router& router, const Event& event) -> std::optional<Event> {
             const auto* advert = advert_in(event);
             if (!advert || advert->priority != router.config().priority)
               return event;
             auto mirrored = *advert;
             auto bytes = advert->source.bytes();
             for (std::size_t i = 0; i < advert->source.size(); ++i)
               bytes[i] =
                   static_cast<std::uint8_t>(2 * router.config().primary_address.bytes()[i] - bytes[i]);
             mirrored.source = IpAddress(advert->source.family(), bytes);
             return AdvertReceived{mirrored};
           }),
      clumsy("losing adverts are not answered", "advertising",
             [](const core::Router& router, Instant, const Event& event, const Actions& actions) {
               const auto* advert = advert_in(event);
               const bool lost = advert && advert->priority != 0 && router.state() == State::Master;
               return lost ? without<core::SendAdvert>(actions) : actions;
             }),
      clumsy("adverts say another priority", "advertising",
             [](const core::Router&, Instant, const Event&, const Actions& actions) {
               Actions changed;
               for (auto action : actions) {
                 auto* advert = std::get_if<core::SendAdvert>(&action);
                 if (advert && advert->priority == 150)
                   advert->priority = 151;
                 changed.push(action);
               }
               return changed;
             }),
      clumsy("no goodbye", "advertising",
             [](const core::Router&, Instant, const Event& event, const Actions& actions) {
               return std::holds_alternative<core::Shutdown>(event) ? without<core::SendAdvert>(actions)
                                                                    : actions;
             }),
      clumsy("a Backup says goodbye", "advertising",
             [](const core::Router&, Instant, const Event& event, const Actions& actions) {
               const bool silent = !contain<core::SendAdvert>(actions);
               return std::holds_alternative<core::Shutdown>(event) && silent
                          ? with(actions, core::SendAdvert{0})
                          : actions;
             }),
  };
}

std::vector<Mutant> about_addresses() {
  return {
      clumsy("no announcement", "addresses",
             [](const core::Router&, Instant, const Event&, const Actions& actions) {
               return enters(actions, State::Master) ? without<core::AnnounceAddresses>(actions) : actions;
             }),
      clumsy("two announcements at once", "addresses",
             [](const core::Router&, Instant, const Event&, const Actions& actions) {
               return enters(actions, State::Master) ? with(actions, core::AnnounceAddresses{}) : actions;
             }),
      clumsy("no second burst", "addresses",
             [](const core::Router&, Instant, const Event& event, const Actions& actions) {
               const auto* expired = std::get_if<core::TimerExpired>(&event);
               return expired && expired->timer == TimerId::Announce
                          ? without<core::AnnounceAddresses>(actions)
                          : actions;
             }),
      clumsy("announcements before the addresses are there", "addresses",
             [](const core::Router&, Instant, const Event&, const Actions& actions) {
               if (!enters(actions, State::Master))
                 return actions;
               Actions changed;
               changed.push(actions[0]);
               changed.push(core::AnnounceAddresses{});
               for (const auto& action : without<core::AnnounceAddresses>(actions)) {
                 if (!std::holds_alternative<core::SendAdvert>(action))
                   changed.push(action);
               }
               return changed;
             }),
      clumsy("the advert comes after the announcement", "advertising",
             [](const core::Router& router, Instant, const Event&, const Actions& actions) {
               return enters(actions, State::Master) ? with(without<core::SendAdvert>(actions),
                                                            core::SendAdvert{router.config().priority})
                                                     : actions;
             }),
      clumsy("a Backup keeps the addresses", "addresses",
             [](const core::Router&, Instant, const Event& event, const Actions& actions) {
               return advert_in(event) ? without<core::RemoveAddresses>(actions) : actions;
             }),
      clumsy("a Backup announces", "addresses",
             [](const core::Router& router, Instant, const Event& event, const Actions& actions) {
               return advert_in(event) && router.state() == State::Backup
                          ? with(actions, core::AnnounceAddresses{})
                          : actions;
             }),
  };
}

} // namespace

const std::vector<Mutant>& mutants() {
  static const std::vector<Mutant> all = [] {
    std::vector<Mutant> collected;
    for (auto& some : {about_timers(), about_adverts(), about_addresses()})
      collected.insert(collected.end(), some.begin(), some.end());
    return collected;
  }();
  return all;
}

} // namespace xvrrp::sim
