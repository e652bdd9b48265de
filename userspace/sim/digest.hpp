// SPDX-License-Identifier: BSD-2-Clause
// Everything that happens, folded into 64 bits: two runs with the same digest were the same run.
#pragma once

#include <cstdint>

#include "sim/observer.hpp"

namespace xvrrp::sim {

class Digest final : public Observer {
public:
  std::uint64_t value() const { return state_; }

  void configured(const Seat& seat, Moment at) override;
  void gone(const Seat& seat, Moment at) override;
  void heard(const Seat& seat, const core::Advert& advert, Instant arrival, Moment at) override;
  void stepped(const Step& step) override;
  void sent(const Seat& seat, const core::Advert& advert, Moment at) override;
  void told(const Seat& seat, xv_role role, Moment at) override;
  void leased(const Seat& seat, std::uint64_t until_ns, Instant now, Moment at) override;
  void addressed(const Seat& seat, bool installed, Moment at) override;
  void paused(std::uint32_t node, Moment at) override;
  void resumed(std::uint32_t node, Moment at) override;
  void broken(Moment at) override;
  void healed(Moment at) override;

private:
  void add(std::uint64_t word) {
    state_ = (state_ ^ word) * 0x9e3779b97f4a7c15;
    state_ ^= state_ >> 29;
  }
  void begin(std::uint64_t kind, std::uint64_t who, Moment at);
  void add(const core::Advert& advert);

  std::uint64_t state_ = 0x5851f42d4c957f2d;
};

} // namespace xvrrp::sim
