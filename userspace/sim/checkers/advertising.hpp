// SPDX-License-Identifier: BSD-2-Clause
// Who sends adverts, when, and what they say.
#pragma once

#include <optional>
#include <string>

#include "sim/checkers/seats.hpp"
#include "sim/checkers/verdict.hpp"

namespace xvrrp::sim {

/// RFC 9568 6.4.1 to 6.4.3: a Master advertises on entering, then once per Advertisement_Interval without
/// drift; at once and with a new period after priority 0; at once after a losing advert; with priority 0
/// exactly when it stops. Nobody else says a word.
class Advertising final : public Observer {
public:
  explicit Advertising(Verdict& verdict) : verdict_(verdict) {}

  void configured(const Seat& seat, Moment at) override;
  void gone(const Seat& seat, Moment at) override;
  void stepped(const Step& step) override;
  void paused(std::uint32_t node, Moment at) override;
  void resumed(std::uint32_t node, Moment at) override;
  void audited(Moment at, const std::vector<LocalClock>& clocks) override;

private:
  struct Note {
    const Seat* seat = nullptr;
    bool master = false;
    bool blamed = false; ///< for its present silence
    // The next advert of the period. After a pause the period may go on or begin again.
    Instant due{};
    Instant due_at_latest{};
    std::optional<Instant> answered; ///< the last losing advert
  };
  /// The adverts of a step.
  struct Said {
    std::size_t ours = 0;
    std::size_t goodbyes = 0;
    bool foreign_priority = false;
  };

  static Said said_in(const Step& step);
  void judge_first(Note& note, const Step& step, const Said& said);
  void judge_last(const Step& step, const Said& said);
  void judge_master(Note& note, const Step& step, const Said& said);
  void judge_answer(Note& note, const Step& step, const core::Advert& advert, const Said& said);
  void judge_period(Note& note, const Step& step);
  void complain_if_silent(Note& note, const Seat& seat, Instant now, Moment at);
  void begin_period(Note& note, const Step& step);
  void blame(const Step& step, const std::string& what);

  Verdict& verdict_;
  PerSeat<Note> notes_;
  PausedNodes paused_;
};

} // namespace xvrrp::sim
