// SPDX-License-Identifier: BSD-2-Clause
#include "sim/digest.hpp"

namespace xvrrp::sim {
namespace {

std::uint64_t word(const core::Action& action) {
  struct Visitor {
    std::uint64_t operator()(const core::SendAdvert& send) const { return send.priority; }
    std::uint64_t operator()(const core::ArmTimer& arm) const {
      return to_ns(arm.at) ^ static_cast<std::uint64_t>(arm.timer) << 56;
    }
    std::uint64_t operator()(const core::StopTimer& stop) const {
      return static_cast<std::uint64_t>(stop.timer);
    }
    std::uint64_t operator()(const core::InstallAddresses&) const { return 0; }
    std::uint64_t operator()(const core::RemoveAddresses&) const { return 0; }
    std::uint64_t operator()(const core::AnnounceAddresses&) const { return 0; }
    std::uint64_t operator()(const core::WantMaster&) const { return 0; }
    std::uint64_t operator()(const core::StateEntered& entered) const {
      return static_cast<std::uint64_t>(entered.to) << 8 | static_cast<std::uint64_t>(entered.reason);
    }
  };
  return std::visit(Visitor{}, action) * 8 + action.index();
}

} // namespace

void Digest::begin(std::uint64_t kind, std::uint64_t who, Moment at) {
  add(kind << 32 | who);
  add(static_cast<std::uint64_t>(at.time_since_epoch().count()));
}

void Digest::add(const core::Advert& advert) {
  std::uint64_t source = 0;
  for (const auto byte : advert.source.bytes())
    source = source * 257 + byte;
  add(source);
  add(to_ns(advert.interval) << 16 | static_cast<std::uint64_t>(advert.priority) << 8 |
      static_cast<std::uint64_t>(advert.version));
}

void Digest::configured(const Seat& seat, Moment at) {
  begin(1, seat.index, at);
}

void Digest::gone(const Seat& seat, Moment at) {
  begin(2, seat.index, at);
}

void Digest::heard(const Seat& seat, const core::Advert& advert, Instant arrival, Moment at) {
  begin(3, seat.index, at);
  add(to_ns(arrival));
  add(advert);
}

void Digest::stepped(const Step& step) {
  begin(4, step.seat.index, step.at);
  add(to_ns(step.now) ^ static_cast<std::uint64_t>(step.event.index()) << 60);
  for (const auto& action : step.actions)
    add(word(action));
}

void Digest::sent(const Seat& seat, const core::Advert& advert, Moment at) {
  begin(5, seat.index, at);
  add(advert);
}

void Digest::told(const Seat& seat, xv_role role, Moment at) {
  begin(10, seat.index, at);
  add(role);
}

void Digest::leased(const Seat& seat, std::uint64_t until_ns, Instant, Moment at) {
  begin(11, seat.index, at);
  add(until_ns);
}

void Digest::addressed(const Seat& seat, bool installed, Moment at) {
  begin(12, seat.index, at);
  add(std::uint64_t{installed});
}

void Digest::paused(std::uint32_t node, Moment at) {
  begin(6, node, at);
}

void Digest::resumed(std::uint32_t node, Moment at) {
  begin(7, node, at);
}

void Digest::broken(Moment at) {
  begin(8, 0, at);
}

void Digest::healed(Moment at) {
  begin(9, 0, at);
}

} // namespace xvrrp::sim
