// SPDX-License-Identifier: BSD-2-Clause
// What the election does of what its routers want.
#pragma once

#include <optional>

#include "sim/checkers/seats.hpp"
#include "sim/checkers/verdict.hpp"

namespace xvrrp::sim {

/// When a node has nothing more to do at a moment: the data plane has each router's role; a Master has the
/// addresses on its interface, and nobody else; every advert that was wanted has left or was refused, and no
/// other has; addresses are announced when they are wanted to be, after the advert and when they are there. A
/// lease is renewed by an advert that leaves, for as long as it says (docs/decisions/0039), and by nothing
/// else but taking over from a Master that resigned.
class Effects final : public Observer {
public:
  explicit Effects(Verdict& verdict) : verdict_(verdict) {}

  void configured(const Seat& seat, Moment at) override;
  void gone(const Seat& seat, Moment at) override;
  void stepped(const Step& step) override;
  void sent(const Seat& seat, const core::Advert& advert, Moment at) override;
  void refused(const Seat& seat, Moment at) override;
  void told(const Seat& seat, xv_role role, Moment at) override;
  void leased(const Seat& seat, std::uint64_t until_ns, Instant now, Moment at) override;
  void addressed(const Seat& seat, bool installed, Moment at) override;
  void announced(const Seat& seat, Moment at) override;
  void rested(std::uint32_t node, Moment at) override;

private:
  struct Note {
    const Seat* seat = nullptr;
    core::State state = core::State::Init;
    // The data plane's and the interface's: they outlive the daemon.
    xv_role role = XV_ROLE_STOPPED;
    bool installed = false;
    std::uint64_t lease_until_ns = 0;
    // Since the node has rested last.
    bool dirty = false;
    bool wants_advert = false;
    bool left = false;
    bool was_refused = false;
    bool renewed = false; ///< its lease
    bool wants_announcement = false;
    bool announced = false;
    std::optional<Instant> succeeded; ///< entered Master, for the one before it resigned
    // Since it is Master.
    bool advertised = false; ///< or was refused
  };

  Note& note_of(const Seat& seat);
  void judge(Note& note, Moment at);

  Verdict& verdict_;
  PerSeat<Note> notes_;
  std::vector<std::vector<std::uint32_t>> dirty_; ///< by node: which seats
};

} // namespace xvrrp::sim
