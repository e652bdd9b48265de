// SPDX-License-Identifier: BSD-2-Clause
#include "controller/promote_secondaries.hpp"

#include <spdlog/spdlog.h>

#include "platform/sysctl.hpp"

namespace xvrrp::controller {
namespace {

constexpr const char* kSetting = "promote_secondaries";

/// The interface may be gone.
void switch_off(const std::string& interface) {
  (void)platform::set_ipv4_setting(interface, kSetting, "0");
}

} // namespace

void PromoteSecondaries::use(const config::Configuration& configuration) {
  wanted_.clear();
  for (const auto& instance : configuration.instances) {
    if (instance.promote_secondaries)
      wanted_.insert(instance.interface);
  }
  std::erase_if(changed_, [&](const std::string& interface) {
    const bool goes = wanted_.count(interface) == 0;
    if (goes)
      switch_off(interface);
    return goes;
  });
  look_around();
}

void PromoteSecondaries::look_around() {
  for (const auto& interface : wanted_) {
    const auto value = platform::ip_setting(Family::IPv4, interface, kSetting);
    if (!value || *value != "0")
      continue;
    if (const auto status = platform::set_ipv4_setting(interface, kSetting, "1"); !status)
      spdlog::error("promote_secondaries: {}", status.error().message);
    else
      changed_.insert(interface);
  }
}

void PromoteSecondaries::restore() {
  for (const auto& interface : changed_)
    switch_off(interface);
  changed_.clear();
  wanted_.clear();
}

} // namespace xvrrp::controller
