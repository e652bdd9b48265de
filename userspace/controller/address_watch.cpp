// SPDX-License-Identifier: BSD-2-Clause
#include "controller/address_watch.hpp"

#include <spdlog/spdlog.h>

#include "platform/clock.hpp"

namespace xvrrp::controller {
namespace {

/// For a look that nothing announced: a new Master's addresses may be on their way.
constexpr Nanoseconds kSettled = std::chrono::seconds{2};
/// How long a deletion that the kernel did not announce may go unnoticed.
constexpr Nanoseconds kLookInterval = std::chrono::seconds{10};

} // namespace

void AddressWatch::on_deleted(const InterfaceWatch::Deleted& deleted) {
  pending_ = pending_ || deleted.unknown; // for the next look
  put_back(find_suspects([&](const AddressKey& address) { return deleted.addresses.count(address) > 0; },
                         Instant::max()),
           true);
}

void AddressWatch::look_around() {
  const auto now = platform::monotonic_now();
  if (now - changed_ < kSettled || (!pending_ && now < next_look_))
    return;
  pending_ = false;
  next_look_ = now + kLookInterval;
  put_back(find_suspects([](const AddressKey&) { return true; }, now - kSettled), false);
}

void AddressWatch::expect_changes() {
  changed_ = platform::monotonic_now();
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

} // namespace xvrrp::controller
