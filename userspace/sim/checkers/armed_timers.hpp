// SPDX-License-Identifier: BSD-2-Clause
// A router without a timer in a state that only a timer ends would wait for ever.
#pragma once

#include <array>
#include <optional>

#include "sim/checkers/seats.hpp"
#include "sim/checkers/verdict.hpp"

namespace xvrrp::sim {

/// RFC 9568 6.4.2: a Backup has its Active_Down_Timer; 6.4.3: a Master has its Adver_Timer; neither has the
/// other's. Init has no timer but that of startup_delay.
class ArmedTimers final : public Observer {
public:
  explicit ArmedTimers(Verdict& verdict) : verdict_(verdict) {}

  void configured(const Seat& seat, Moment at) override;
  void gone(const Seat& seat, Moment at) override;
  void stepped(const Step& step) override;

private:
  struct Note {
    core::State state = core::State::Init;
    bool started = false;
    bool blamed = false;
    std::array<std::optional<core::Generation>, core::kTimerCount> armed;
  };

  static bool is_armed(const Note& note, core::TimerId id) {
    return note.armed[static_cast<std::size_t>(id)].has_value();
  }
  static bool is_as_needed(const Note& note, const Seat& seat);

  Verdict& verdict_;
  PerSeat<Note> notes_;
};

} // namespace xvrrp::sim
