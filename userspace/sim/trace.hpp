// SPDX-License-Identifier: BSD-2-Clause
// One line of text per thing that happens, for people and for diff.
#pragma once

#include <functional>
#include <string>

#include "sim/observer.hpp"

namespace xvrrp::sim {

class Trace final : public Observer {
public:
  using Sink = std::function<void(const std::string& line)>; ///< lines come without a newline
  explicit Trace(Sink sink) : sink_(std::move(sink)) {}

  void configured(const Seat& seat, Moment at) override;
  void gone(const Seat& seat, Moment at) override;
  void heard(const Seat& seat, const core::Advert& advert, Instant arrival, Moment at) override;
  void stepped(const Step& step) override;
  void sent(const Seat& seat, const core::Advert& advert, Moment at) override;
  void refused(const Seat& seat, Moment at) override;
  void told(const Seat& seat, xv_role role, Moment at) override;
  void addressed(const Seat& seat, bool installed, Moment at) override;
  void paused(std::uint32_t node, Moment at) override;
  void resumed(std::uint32_t node, Moment at) override;
  void broken(Moment at) override;
  void healed(Moment at) override;

private:
  Sink sink_;
};

/// Seconds since the beginning of the world, in full: "12.345678901".
std::string text(Moment moment);
/// "vr 3 node 1".
std::string text(const Seat& seat);

} // namespace xvrrp::sim
