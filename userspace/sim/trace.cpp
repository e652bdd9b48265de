// SPDX-License-Identifier: BSD-2-Clause
#include "sim/trace.hpp"

#include <fmt/format.h>

namespace xvrrp::sim {
namespace {

const char* name(core::TimerId id) {
  switch (id) {
  case core::TimerId::MasterDown:
    return "master-down";
  case core::TimerId::Advertisement:
    return "advertisement";
  case core::TimerId::PreemptDelay:
    return "preempt-delay";
  case core::TimerId::Announce:
    return "announce";
  case core::TimerId::StartupDelay:
    return "startup-delay";
  case core::TimerId::Resignation:
    return "resignation";
  }
  return "?";
}

std::string text(const core::Advert& advert) {
  return fmt::format("v{} priority {} interval {}ms from {}", static_cast<int>(advert.version),
                     advert.priority, to_ms(advert.interval), advert.source.text());
}

struct EventText {
  std::string operator()(const core::Startup&) const { return "startup"; }
  std::string operator()(const core::Shutdown&) const { return "shutdown"; }
  std::string operator()(const core::AdvertReceived&) const { return "advert"; }
  std::string operator()(const core::TimerExpired& expired) const {
    return fmt::format("{} expires", name(expired.timer));
  }
  std::string operator()(const core::FaultRaised& fault) const { return core::name(fault.cause); }
  std::string operator()(const core::FaultCleared&) const { return "fault-cleared"; }
  std::string operator()(const core::Resumed& resumed) const {
    return std::string{"resumed as "} + core::name(resumed.state);
  }
  std::string operator()(const core::PriorityChanged& changed) const {
    return fmt::format("priority becomes {}", changed.priority);
  }
  std::string operator()(const core::GroupTakesOver&) const { return "the group takes over"; }
  std::string operator()(const core::GroupYields&) const { return "the group yields"; }
  std::string operator()(const core::Reconfigured&) const { return "reconfigured"; }
  std::string operator()(const core::SourceChanged& changed) const {
    return "source becomes " + changed.address.text();
  }
};

struct ActionText {
  std::string operator()(const core::SendAdvert& send) const {
    return fmt::format("advert {}", send.priority);
  }
  std::string operator()(const core::ArmTimer& arm) const {
    return fmt::format("arm {} {}", name(arm.timer), to_ns(arm.at));
  }
  std::string operator()(const core::StopTimer& stop) const {
    return fmt::format("stop {}", name(stop.timer));
  }
  std::string operator()(const core::InstallAddresses&) const { return "install"; }
  std::string operator()(const core::RemoveAddresses&) const { return "remove"; }
  std::string operator()(const core::AnnounceAddresses&) const { return "announce"; }
  std::string operator()(const core::StateEntered& entered) const {
    return fmt::format("{} -> {} ({})", core::name(entered.from), core::name(entered.to),
                       core::name(entered.reason));
  }
  std::string operator()(const core::WantMaster&) const { return "want"; }
};

} // namespace

std::string text(Moment moment) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  const auto ns = moment.time_since_epoch().count();
  return fmt::format("{}.{:09}", ns / kSecond, ns % kSecond);
}

std::string text(const Seat& seat) {
  return fmt::format("vr {} node {}", seat.group, seat.node);
}

std::string text(const core::Event& event) {
  return std::visit(EventText{}, event);
}

std::string text(const core::Action& action) {
  return std::visit(ActionText{}, action);
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
  sink_(fmt::format("{} {} hears {} at {}", text(at), text(seat), text(advert), to_ns(arrival)));
}

void Trace::stepped(const Step& step) {
  std::string line =
      fmt::format("{} {} at {}: {}:", text(step.at), text(step.seat), to_ns(step.now), text(step.event));
  for (const auto& action : step.actions)
    line += fmt::format("{} {}", &action == step.actions.begin() ? "" : ",", text(action));
  sink_(line);
}

void Trace::sent(const Seat& seat, const core::Advert& advert, Moment at) {
  sink_(fmt::format("{} {} sends {}", text(at), text(seat), text(advert)));
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
