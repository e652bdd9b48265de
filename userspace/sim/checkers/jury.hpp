// SPDX-License-Identifier: BSD-2-Clause
// All checkers at once.
#pragma once

#include <tuple>

#include "sim/checkers/addresses.hpp"
#include "sim/checkers/advertising.hpp"
#include "sim/checkers/armed_timers.hpp"
#include "sim/checkers/convergence.hpp"
#include "sim/checkers/effects.hpp"
#include "sim/checkers/lease.hpp"
#include "sim/checkers/state_machine.hpp"
#include "sim/checkers/succession.hpp"
#include "sim/checkers/takeover_time.hpp"

namespace xvrrp::sim {

/// Not to be copied, because its members hold on to its verdict.
class Jury final : public Observer {
public:
  /// `propagation` is the greatest delay of a packet in a sound network.
  explicit Jury(Nanoseconds propagation)
      : checkers_(Addresses(verdict_), Advertising(verdict_), ArmedTimers(verdict_), Convergence(verdict_),
                  Effects(verdict_), Lease(verdict_), StateMachine(verdict_),
                  Succession(verdict_, propagation), TakeoverTime(verdict_)) {}
  Jury(const Jury&) = delete;
  Jury& operator=(const Jury&) = delete;

  const Verdict& verdict() const { return verdict_; }
  const Convergence& convergence() const { return std::get<Convergence>(checkers_); }
  const Succession& succession() const { return std::get<Succession>(checkers_); }

  void configured(const Seat& seat, Moment at) override {
    each([&](auto& checker) { checker.configured(seat, at); });
  }
  void gone(const Seat& seat, Moment at) override {
    each([&](auto& checker) { checker.gone(seat, at); });
  }
  void heard(const Seat& seat, const core::Advert& advert, Instant arrival, Moment at) override {
    each([&](auto& checker) { checker.heard(seat, advert, arrival, at); });
  }
  void limited(const Seat& seat, Moment at) override {
    each([&](auto& checker) { checker.limited(seat, at); });
  }
  void stepped(const Step& step) override {
    each([&](auto& checker) { checker.stepped(step); });
  }
  void sent(const Seat& seat, const core::Advert& advert, Moment at) override {
    each([&](auto& checker) { checker.sent(seat, advert, at); });
  }
  void refused(const Seat& seat, Moment at) override {
    each([&](auto& checker) { checker.refused(seat, at); });
  }
  void told(const Seat& seat, xv_role role, Moment at) override {
    each([&](auto& checker) { checker.told(seat, role, at); });
  }
  void leased(const Seat& seat, std::uint64_t until_ns, Instant now, Moment at) override {
    each([&](auto& checker) { checker.leased(seat, until_ns, now, at); });
  }
  void addressed(const Seat& seat, bool installed, Moment at) override {
    each([&](auto& checker) { checker.addressed(seat, installed, at); });
  }
  void announced(const Seat& seat, Moment at) override {
    each([&](auto& checker) { checker.announced(seat, at); });
  }
  void rested(std::uint32_t node, Moment at) override {
    each([&](auto& checker) { checker.rested(node, at); });
  }
  void paused(std::uint32_t node, Moment at) override {
    each([&](auto& checker) { checker.paused(node, at); });
  }
  void resumed(std::uint32_t node, Moment at) override {
    each([&](auto& checker) { checker.resumed(node, at); });
  }
  void broken(Moment at) override {
    each([&](auto& checker) { checker.broken(at); });
  }
  void healed(Moment at) override {
    each([&](auto& checker) { checker.healed(at); });
  }
  void audited(Moment at, const std::vector<LocalClock>& clocks) override {
    each([&](auto& checker) { checker.audited(at, clocks); });
  }

private:
  template <typename Function>
  void each(Function function) {
    std::apply([&](auto&... checker) { (function(checker), ...); }, checkers_);
  }

  Verdict verdict_;
  std::tuple<Addresses, Advertising, ArmedTimers, Convergence, Effects, Lease, StateMachine, Succession,
             TakeoverTime>
      checkers_;
};

} // namespace xvrrp::sim
