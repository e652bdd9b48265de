// SPDX-License-Identifier: BSD-2-Clause
#include "recording/text.hpp"

#include <fmt/format.h>

namespace xvrrp::recording {
namespace {

struct EventText {
  std::string operator()(const core::Startup&) const { return "startup"; }
  std::string operator()(const core::Shutdown& shutdown) const {
    return shutdown.graceful ? "graceful shutdown" : "shutdown";
  }
  std::string operator()(const core::AdvertReceived& received) const {
    return "advert " + text(received.advert);
  }
  std::string operator()(const core::TimerExpired& expired) const {
    return fmt::format("{} expires", core::name(expired.timer));
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
  Instant now;
  std::string operator()(const core::SendAdvert& send) const {
    return fmt::format("advert {}", send.priority);
  }
  std::string operator()(const core::ArmTimer& arm) const {
    return fmt::format("arm {} in {:.6f}ms", core::name(arm.timer), to_ms(arm.at - now));
  }
  std::string operator()(const core::StopTimer& stop) const {
    return fmt::format("stop {}", core::name(stop.timer));
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

std::string text(const core::Advert& advert) {
  return fmt::format("v{} priority {} interval {}ms from {}", static_cast<int>(advert.version),
                     advert.priority, to_ms(advert.interval), advert.source.text());
}

std::string text(const core::Event& event) {
  return std::visit(EventText{}, event);
}

std::string text(const core::Action& action, Instant now) {
  return std::visit(ActionText{now}, action);
}

} // namespace xvrrp::recording
