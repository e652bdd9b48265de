// SPDX-License-Identifier: BSD-2-Clause
// How an election ends, whatever came before.
#pragma once

#include <optional>

#include "sim/checkers/roll.hpp"
#include "sim/checkers/verdict.hpp"

namespace xvrrp::sim {

/// Once a network is sound for as long as an election can take: one Master per virtual router, the right one
/// (RFC 9568 6.4.2, 6.4.3: no Backup that preempts has a higher priority, and no Master that was heard
/// outranks it), and no more changes.
class Convergence final : public Observer {
public:
  explicit Convergence(Verdict& verdict) : verdict_(verdict) {}

  void configured(const Seat& seat, Moment at) override { roll_.configured(seat, at); }
  void gone(const Seat& seat, Moment at) override { roll_.gone(seat, at); }
  void stepped(const Step& step) override;
  void sent(const Seat& seat, const core::Advert& advert, Moment at) override;
  void broken(Moment at) override { roll_.broken(at); }
  void healed(Moment at) override { roll_.healed(at); }
  void audited(Moment at, const std::vector<LocalClock>& clocks) override;

  /// How many times a settled virtual router was looked at.
  std::uint64_t groups_judged() const { return judged_; }

private:
  /// The greatest who advertised since the network is sound; everybody heard it.
  struct Claim {
    Moment of_election{};
    std::uint8_t priority = 0;
    IpAddress address;
  };

  void judge(const Roll::Group& group, const Claim& claim, Moment at);

  Verdict& verdict_;
  Roll roll_;
  std::vector<Claim> claims_; ///< by group
  std::uint64_t judged_ = 0;
};

} // namespace xvrrp::sim
