// SPDX-License-Identifier: BSD-2-Clause
#include "sim/trace.hpp"

#include <fmt/format.h>

#include "recording/text.hpp"

namespace xvrrp::sim {

std::string text(Moment moment) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  const auto ns = moment.time_since_epoch().count();
  return fmt::format("{}.{:09}", ns / kSecond, ns % kSecond);
}

std::string text(const Seat& seat) {
  return fmt::format("vr {} node {}", seat.group, seat.node);
}

void Trace::configured(const Seat& seat, Moment at) {
  const auto& config = seat.config;
  sink_(fmt::format("{} {} configured: v{}{} priority {} interval {}ms {} source {}", text(at), text(seat),
                    static_cast<int>(config.version), config.v2_interop ? "+v2" : "", config.priority,
                    to_ms(config.advertisement_interval), config.preempt ? "preempt" : "nopreempt",
                    config.primary_address.text()));
}

void Trace::gone(const Seat& seat, Moment at) {
  sink_(fmt::format("{} {} is gone", text(at), text(seat)));
}

void Trace::heard(const Seat& seat, const core::Advert& advert, Instant arrival, Moment at) {
  sink_(fmt::format("{} {} hears {} at {}", text(at), text(seat), recording::text(advert), to_ns(arrival)));
}

void Trace::stepped(const Step& step) {
  std::string line = fmt::format("{} {} at {}: {}:", text(step.at), text(step.seat), to_ns(step.now),
                                 recording::text(step.event));
  for (const auto& action : step.actions)
    line +=
        fmt::format("{} {}", &action == step.actions.begin() ? "" : ",", recording::text(action, step.now));
  sink_(line);
}

void Trace::sent(const Seat& seat, const core::Advert& advert, Moment at) {
  sink_(fmt::format("{} {} sends {}", text(at), text(seat), recording::text(advert)));
}

void Trace::refused(const Seat& seat, Moment at) {
  sink_(fmt::format("{} {} cannot send", text(at), text(seat)));
}

void Trace::told(const Seat& seat, xv_role role, Moment at) {
  sink_(fmt::format("{} {} has role {}", text(at), text(seat), static_cast<unsigned>(role)));
}

void Trace::addressed(const Seat& seat, bool installed, Moment at) {
  sink_(fmt::format("{} {} {} its addresses", text(at), text(seat), installed ? "has" : "gives back"));
}

void Trace::paused(std::uint32_t node, Moment at) {
  sink_(fmt::format("{} node {} is paused", text(at), node));
}

void Trace::resumed(std::uint32_t node, Moment at) {
  sink_(fmt::format("{} node {} has caught up", text(at), node));
}

void Trace::broken(Moment at) {
  sink_(text(at) + " network broken");
}

void Trace::healed(Moment at) {
  sink_(text(at) + " network healed");
}

} // namespace xvrrp::sim
