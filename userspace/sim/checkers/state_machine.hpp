// SPDX-License-Identifier: BSD-2-Clause
// Which state follows which event.
#pragma once

#include <string>

#include "sim/checkers/seats.hpp"
#include "sim/checkers/superfluous.hpp"
#include "sim/checkers/verdict.hpp"

namespace xvrrp::sim {

/// RFC 9568 6.4 and RFC 3768 6.4, with Fault as an Initialize that lasts until the fault is over. Above all:
/// a Master that hears one who outranks it stops being Master then and there, and nothing else makes it stop.
class StateMachine final : public Observer {
public:
  explicit StateMachine(Verdict& verdict) : verdict_(verdict) {}

  void configured(const Seat& seat, Moment at) override;
  void gone(const Seat& seat, Moment at) override;
  void heard(const Seat& seat, const core::Advert& advert, Instant arrival, Moment at) override;
  void stepped(const Step& step) override;

private:
  struct Note {
    core::State state = core::State::Init;
    bool faulty = false;
    IpAddress source; ///< ours, which decides between equal priorities
    SuperfluousV2 superfluous;
  };

  bool may_follow(const Note& note, const Step& step, core::State to) const;
  bool may_follow_init(const Note& note, const Step& step, core::State to) const;
  bool may_follow_master(const Note& note, const Step& step, core::State to) const;

  Verdict& verdict_;
  PerSeat<Note> notes_;
};

} // namespace xvrrp::sim
