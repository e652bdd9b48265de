// SPDX-License-Identifier: BSD-2-Clause
// Who has the virtual addresses, and when the hosts are told.
#pragma once

#include <string>

#include "sim/checkers/seats.hpp"
#include "sim/checkers/verdict.hpp"

namespace xvrrp::sim {

/// A Master has the addresses and nobody else (RFC 9568 6.4.2, 6.4.3); it announces each once on entering,
/// after its advert and after it has them (6.4.1, 6.4.2, 8.1.2, 8.2.2), and then as often as configured, ten
/// times a second at most.
class Addresses final : public Observer {
public:
  explicit Addresses(Verdict& verdict) : verdict_(verdict) {}

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
    bool installed = false;
    bool uncertain = false; ///< a pause, or a reload, changed when it announces
    std::uint64_t announced = 0;
    Instant since{};
  };

  void follow(Note& note, const Step& step);
  void judge_entry(const Step& step);
  void judge_announcement(const Note& note, const Step& step);
  void blame(const Step& step, const std::string& what);

  Verdict& verdict_;
  PerSeat<Note> notes_;
  PausedNodes paused_;
};

} // namespace xvrrp::sim
