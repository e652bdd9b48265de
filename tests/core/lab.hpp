// SPDX-License-Identifier: BSD-2-Clause
// A Router with a clock that stands still until it is moved, and its actions as text.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include "core/router.hpp"

namespace xvrrp::core {

using namespace std::chrono_literals;

inline constexpr IpAddress kOurs = IpAddress::v4(192, 0, 2, 251);
inline constexpr IpAddress kLower = IpAddress::v4(192, 0, 2, 9);
inline constexpr IpAddress kGreater = IpAddress::v4(192, 0, 2, 252);

/// No announcements after the first, so that a test sees the protocol alone.
inline RouterConfig v3(std::uint8_t priority = 100, Nanoseconds interval = 1s) {
  RouterConfig config;
  config.vrid = 10;
  config.version = Version::V3;
  config.priority = priority;
  config.advertisement_interval = interval;
  config.primary_address = kOurs;
  config.announce.repeat = 1;
  return config;
}

inline RouterConfig v2(std::uint8_t priority = 100, Nanoseconds interval = 1s) {
  auto config = v3(priority, interval);
  config.version = Version::V2;
  return config;
}

inline RouterConfig with(RouterConfig config, void (*change)(RouterConfig&)) {
  change(config);
  return config;
}

inline const char* rfc_name(TimerId id) {
  static constexpr const char* kNames[kTimerCount] = {"MasterDown", "Advertisement", "PreemptDelay",
                                                      "Announce",   "StartupDelay",  "Resignation"};
  return kNames[static_cast<std::size_t>(id)];
}

/// The vocabulary of transitions.hpp.
inline std::string text(const Action& action) {
  struct Visitor {
    std::string operator()(const SendAdvert& send) const {
      return send.priority == 0 ? "advert 0" : "advert";
    }
    std::string operator()(const ArmTimer& arm) const { return std::string("arm ") + rfc_name(arm.timer); }
    std::string operator()(const StopTimer& stop) const {
      return std::string("stop ") + rfc_name(stop.timer);
    }
    std::string operator()(const InstallAddresses&) const { return "install"; }
    std::string operator()(const RemoveAddresses&) const { return "remove"; }
    std::string operator()(const AnnounceAddresses&) const { return "announce"; }
    std::string operator()(const StateEntered&) const { return "enter"; }
    std::string operator()(const WantMaster&) const { return "want"; }
  };
  return std::visit(Visitor{}, action);
}

inline std::string text(const Actions& actions) {
  std::string all;
  for (const auto& action : actions)
    all += (all.empty() ? "" : ", ") + text(action);
  return all;
}

template <typename T>
const T* find(const Actions& actions) {
  for (const auto& action : actions) {
    if (const auto* found = std::get_if<T>(&action))
      return found;
  }
  return nullptr;
}

class Lab {
public:
  explicit Lab(const RouterConfig& config) : router(config) {}

  Actions step(const Event& event) { return router.step(now, event); }
  Actions startup() { return step(Startup{}); }
  /// What an earlier process left: as Backup it had heard a Master of priority 150 that advertises every 2 s.
  Actions resume(State state, Generation generation) {
    return step(Resumed{state, generation, now + 700ms, state == State::Backup ? Nanoseconds{2s} : 1s,
                        state == State::Backup ? kGreater : IpAddress{}, 150});
  }
  Actions hear(std::uint8_t priority, const IpAddress& source = kGreater, Nanoseconds interval = 1s) {
    return step(AdvertReceived{{source, priority, interval}});
  }
  /// Moves the clock to the timer's deadline and lets it expire.
  Actions expire(TimerId id) {
    const auto deadline = router.deadline(id);
    if (!deadline) {
      ADD_FAILURE() << rfc_name(id) << " is not armed";
      return {};
    }
    now = *deadline;
    return step(TimerExpired{id, router.generation(id)});
  }
  void advance(Nanoseconds duration) { now += duration; }
  /// How long until the timer expires; -1 ns if it is not armed.
  Nanoseconds left(TimerId id) const {
    const auto deadline = router.deadline(id);
    return deadline ? *deadline - now : Nanoseconds{-1};
  }

  Lab& backup() {
    startup();
    EXPECT_EQ(router.state(), State::Backup);
    return *this;
  }
  Lab& master() {
    startup();
    if (router.state() == State::Backup)
      expire(TimerId::MasterDown);
    EXPECT_EQ(router.state(), State::Master);
    return *this;
  }
  Lab& fault(Reason cause = Reason::InterfaceDown) {
    startup();
    step(FaultRaised{cause});
    EXPECT_EQ(router.state(), State::Fault);
    return *this;
  }

  Instant now = instant_from_ns(5'000'000'000'123);
  Router router;
};

/// Tests of what RFC 3768 and RFC 9568 have in common.
class BothVersions : public testing::TestWithParam<Version> {
protected:
  static RouterConfig config(std::uint8_t priority = 100, Nanoseconds interval = 1s) {
    return GetParam() == Version::V2 ? v2(priority, interval) : v3(priority, interval);
  }
};
inline std::string version_name(const testing::TestParamInfo<Version>& info) {
  return info.param == Version::V2 ? "V2" : "V3";
}
#define XVRRP_FOR_BOTH_VERSIONS(suite)                                                                       \
  INSTANTIATE_TEST_SUITE_P(, suite, testing::Values(Version::V2, Version::V3), version_name)

} // namespace xvrrp::core
