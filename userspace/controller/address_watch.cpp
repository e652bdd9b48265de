// SPDX-License-Identifier: BSD-2-Clause
#include "controller/address_watch.hpp"

#include <algorithm>

#include <fmt/ranges.h>
#include <spdlog/spdlog.h>

#include "controller/log_limit.hpp"
#include "platform/clock.hpp"

namespace xvrrp::controller {
namespace {

/// For a look that nothing announced: addresses of who has just become Master, or ceased to be, may be on
/// their way.
constexpr Nanoseconds kSettled = std::chrono::seconds{2};
/// How long a deletion that the kernel did not announce may go unnoticed.
constexpr Nanoseconds kLookInterval = std::chrono::seconds{10};

} // namespace

void AddressWatch::on_changes(const InterfaceWatch::AddressChanges& changes) {
  pending_ |= changes.unknown; // for the next look
  in_doubt_ |= changes.unknown || changes.marked_added;
  put_back(find_suspects([&](const AddressKey& address) { return changes.deleted.count(address) > 0; },
                         Instant::max()),
           true);
}

void AddressWatch::look_around() {
  const auto now = platform::monotonic_now();
  if (now - changed_ < kSettled)
    return;
  look_for_missing(now);
  look_for_leftovers(now);
}

void AddressWatch::look_for_missing(Instant now) {
  if (!pending_ && now < next_look_)
    return;
  pending_ = false;
  next_look_ = now + kLookInterval;
  put_back(find_suspects([](const AddressKey&) { return true; }, now - kSettled), false);
}

void AddressWatch::expect_changes() {
  changed_ = platform::monotonic_now();
  in_doubt_ = true;
}

/// Of Masters since that time.
std::vector<AddressWatch::Suspect>
AddressWatch::find_suspects(const std::function<bool(const AddressKey&)>& is_suspect, Instant entered_until) {
  std::vector<Suspect> suspects;
  for (std::size_t index = 0; index < election_.routers().size(); ++index) {
    const auto& router = election_.router(index);
    const auto status = router.status();
    const auto& plan = router.newest_plan();
    if (status.state != core::State::Master || status.plan != &plan)
      continue;
    if (status.since > entered_until) {
      pending_ = true;
      continue;
    }
    for (std::size_t address = 0; address < plan.addresses.size(); ++address) {
      const auto& planned = plan.addresses[address];
      if (planned.tracked && planned.installed && is_suspect({planned.ifindex(), planned.spec.prefix}))
        suspects.push_back({index, &plan, address});
    }
  }
  return suspects;
}

/// Those that are indeed not there.
void AddressWatch::put_back(const std::vector<Suspect>& suspects, bool at_once) {
  if (suspects.empty())
    return;
  const auto interfaces = read_interfaces();
  if (!interfaces) {
    pending_ = true;
    return spdlog::error("looking for deleted addresses: {}", interfaces.error().message);
  }
  const auto now = platform::monotonic_now();
  for (const auto& [router, plan, address] : suspects) {
    const auto& planned = plan->addresses[address];
    const auto device = interfaces->find(planned.ifindex());
    if (device == interfaces->end() || platform::is_installed(planned.spec, device->second))
      continue;
    const auto what = plan->instance.name + ": " + planned.spec.prefix.text() + " on " + planned.device;
    // The kernel takes IPv6 addresses off an interface that is set down.
    if (!device->second.admin_up ||
        !pace_.allows({planned.ifindex(), planned.spec.prefix}, now, at_once, what) ||
        !election_.post(PutBack{router, plan, address}))
      pending_ = true;
  }
}

// ---- what a router that is not Master has left behind ----

/// Without a change there is nothing to ask the kernel for: a Backup's daemon sleeps.
void AddressWatch::look_for_leftovers(Instant now) {
  const auto settled = find_settled(now);
  if (settled.empty()) {
    clean_ = now;
    return;
  }
  const auto interfaces = read_interfaces();
  if (!interfaces)
    return error_limited("leftovers", "looking for addresses of routers that are not Master: " +
                                          interfaces.error().message);
  in_doubt_ = false;
  clean_ = now;
  for (const auto index : settled) {
    const auto& plan = election_.router(index).newest_plan();
    const auto left = find_leftovers(plan, *interfaces);
    if (left.empty())
      continue;
    const auto& name = plan.instance.name;
    warn_limited("left " + name, fmt::format("{}: {} left, though it is not Master: removing {} again", name,
                                             fmt::join(left, ", "), left.size() == 1 ? "it" : "them"));
    (void)election_.post(TakeAway{index, &plan}); // looked at again in any case
    in_doubt_ = true;
  }
}

/// Routers that may have leftovers by now: they are no Masters, and were none for a while.
std::vector<std::size_t> AddressWatch::find_settled(Instant now) {
  std::vector<std::size_t> settled;
  for (std::size_t index = 0; index < election_.routers().size(); ++index) {
    const auto& router = election_.router(index);
    const auto status = router.status();
    if (status.transitions > 0 && status.state != core::State::Master &&
        status.plan == &router.newest_plan() && status.since + kSettled <= now &&
        (in_doubt_ || status.since + kSettled > clean_))
      settled.push_back(index);
  }
  return settled;
}

/// In words. An address without our mark is somebody else's.
std::vector<std::string> AddressWatch::find_leftovers(const RouterPlan& plan,
                                                      const InterfaceMap& interfaces) const {
  std::vector<std::string> left;
  for (const auto& planned : plan.addresses) {
    const auto device = interfaces.find(planned.ifindex());
    if (!planned.installed || device == interfaces.end())
      continue;
    const auto& there = device->second.addresses;
    const bool is_there = std::any_of(there.begin(), there.end(), [&](const auto& address) {
      return address.protocol == platform::kAddressProtocol && address.prefix == planned.spec.prefix &&
             address.peer == planned.spec.peer;
    });
    if (is_there && !is_a_masters({planned.ifindex(), planned.spec.prefix}))
      left.push_back(planned.spec.prefix.text() + " on " + planned.device);
  }
  return left;
}

/// Two routers may have the same address.
bool AddressWatch::is_a_masters(const AddressKey& address) const {
  const auto& routers = election_.routers();
  return std::any_of(routers.begin(), routers.end(), [&](const auto& router) {
    const auto status = router->status();
    if (status.state != core::State::Master)
      return false;
    const auto& addresses = plan_of(status).addresses;
    return std::any_of(addresses.begin(), addresses.end(), [&](const PlannedAddress& planned) {
      return AddressKey{planned.ifindex(), planned.spec.prefix} == address;
    });
  });
}

} // namespace xvrrp::controller
