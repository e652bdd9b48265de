// SPDX-License-Identifier: BSD-2-Clause
// What the hosts see when a Master is lost: who comes next, how soon, and that it is one.
#pragma once

#include <optional>
#include <vector>

#include "sim/checkers/roll.hpp"
#include "sim/checkers/verdict.hpp"

namespace xvrrp::sim {

/// A Master vanishes or resigns in a sound network that has settled. RFC 9568 6.1, 6.4.2: the Backup whose
/// Master_Down_Interval (after priority 0: Skew_Time) is the shortest takes over within that time and the
/// propagation of packets; those whose time is longer by more than the propagation do not take over with it.
class Succession final : public Observer {
public:
  Succession(Verdict& verdict, Nanoseconds propagation) : verdict_(verdict), propagation_(propagation) {}

  void configured(const Seat& seat, Moment at) override;
  void gone(const Seat& seat, Moment at) override;
  void stepped(const Step& step) override;
  void sent(const Seat& seat, const core::Advert& advert, Moment at) override {
    roll_.sent(seat, advert, at);
  }
  void broken(Moment at) override;
  void healed(Moment at) override { roll_.healed(at); }
  void audited(Moment at, const std::vector<LocalClock>& clocks) override;

  std::uint64_t successions() const { return successions_; }

private:
  struct Vacancy {
    bool open = false;
    bool taken = false;
    Moment earliest{};       ///< when the first Backup can take over
    Moment latest{};         ///< and when one has to
    Moment together_until{}; ///< taken: until everybody knows
    const Seat* best = nullptr;
    bool alone = false; ///< nobody else is near enough to take over at the same time
  };

  void open(const Seat& lost, bool resigned, Moment at);
  Vacancy& vacancy(const Seat& seat);
  void judge(Vacancy& vacancy, const Step& step);
  void complain_if_late(Vacancy& vacancy, Moment at);

  Verdict& verdict_;
  Nanoseconds propagation_;
  Roll roll_;
  std::vector<Vacancy> vacancies_; ///< by group
  std::uint64_t successions_ = 0;
};

} // namespace xvrrp::sim
