// SPDX-License-Identifier: BSD-2-Clause
// When a Backup takes over: exactly when its Master_Down_Timer runs out, neither before nor after.
#pragma once

#include <optional>

#include "sim/checkers/seats.hpp"
#include "sim/checkers/superfluous.hpp"
#include "sim/checkers/verdict.hpp"

namespace xvrrp::sim {

/// Keeps each Backup's Master_Down_Timer once more, from the adverts that arrive: RFC 9568 6.1, 6.4.1, 6.4.2;
/// RFC 3768 6.1, 6.4.2; v2 beside v3 by RFC 9568 8.4.2; preempt_delay and startup_delay as keepalived has
/// them.
class TakeoverTime final : public Observer {
public:
  explicit TakeoverTime(Verdict& verdict) : verdict_(verdict) {}

  void configured(const Seat& seat, Moment at) override;
  void gone(const Seat& seat, Moment at) override;
  void heard(const Seat& seat, const core::Advert& advert, Instant arrival, Moment at) override;
  void limited(const Seat& seat, Moment at) override;
  void stepped(const Step& step) override;
  void paused(std::uint32_t node, Moment at) override;
  void resumed(std::uint32_t node, Moment at) override;
  void audited(Moment at, const std::vector<LocalClock>& clocks) override;

private:
  struct Note {
    const Seat* seat = nullptr;
    core::State state = core::State::Init;
    // In Backup: when the timer runs out. Two moments where the RFC leaves a choice or the order of two
    // things at one moment matters.
    Instant earliest{};
    Instant latest{};
    Nanoseconds interval{};             ///< in force
    std::optional<Instant> lower_since; ///< preempt_delay: the first advert of lower priority
    std::optional<Instant> lower_first; ///< the same, if superfluous ones are heeded
    bool uncertain = false;             ///< a pause, a reload or another daemon came between
    bool missed = false;                ///< it ran out while the node was paused
    SuperfluousV2 superfluous;
    // Whose resignation counts. Absent: nobody was heard as Backup, so that what was heard before may count.
    std::optional<IpAddress> master;
    // In Init: when startup_delay is over.
    std::optional<Instant> start_due;
  };

  void resign(Note& note, const Seat& seat, const core::Advert& advert, Instant arrival);
  void restart(Note& note, const Seat& seat, Instant from, Nanoseconds interval);
  void hear_lower(Note& note, const Seat& seat, const core::Advert& advert, Instant arrival);
  void judge_takeover(Note& note, const Step& step);
  void judge_start(Note& note, const Step& step, core::State to);
  bool has_just_woken(const Seat& seat, Moment at) const;
  void enter(Note& note, const Step& step, core::State to);

  Verdict& verdict_;
  PerSeat<Note> notes_;
  PausedNodes paused_;
  std::vector<Moment> woke_; ///< by node: when it was paused last
};

} // namespace xvrrp::sim
