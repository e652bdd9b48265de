// SPDX-License-Identifier: BSD-2-Clause
#include "controller/static_addresses.hpp"

#include <algorithm>

#include <spdlog/spdlog.h>

#include "platform/clock.hpp"

namespace xvrrp::controller {
namespace {

/// How long a deletion that the kernel did not announce may go unnoticed.
constexpr Nanoseconds kLookInterval = std::chrono::seconds{10};

void remove(const std::vector<platform::AddressSpec>& specs) {
  if (specs.empty())
    return;
  const auto status = platform::remove_addresses(
      specs, [](const platform::Refusal& refusal) { spdlog::error("static: {}", refusal.text()); });
  if (!status)
    spdlog::error("removing static addresses: {}", status.error().message);
}

} // namespace

StaticAddresses::~StaticAddresses() {
  std::vector<platform::AddressSpec> specs;
  for (const auto& entry : entries_) {
    if (entry.is_ours && entry.spec.ifindex != 0)
      specs.push_back(entry.spec);
  }
  remove(specs);
}

Result<std::vector<platform::AddressSpec>>
StaticAddresses::resolve(const config::Configuration& configuration, bool wait_for_interfaces) {
  std::vector<platform::AddressSpec> specs;
  for (const auto& address : configuration.static_addresses) {
    auto interface = require_interface(address.device, address.where);
    if (interface)
      specs.push_back(address_spec(interface->index, address));
    else if (!wait_for_interfaces)
      return std::move(interface).error();
  }
  return specs;
}

void StaticAddresses::use(const config::Configuration& configuration) {
  if (configuration.static_addresses.empty() && entries_.empty())
    return;
  const auto interfaces = read_interfaces();
  if (!interfaces)
    return spdlog::error("static addresses: {}", interfaces.error().message);
  auto old = std::exchange(entries_, {});
  for (const auto& address : configuration.static_addresses) {
    Entry entry{address};
    find_interface(entry, *interfaces);
    const auto same =
        std::find_if(old.begin(), old.end(), [&](const Entry& known) { return known.spec == entry.spec; });
    if (same != old.end() && entry.spec.ifindex != 0) {
      entry.is_ours = same->is_ours;
      entry.was_there = same->was_there;
      old.erase(same);
    }
    entries_.push_back(std::move(entry));
  }
  std::vector<platform::AddressSpec> gone;
  for (const auto& entry : old) {
    if (entry.is_ours && entry.spec.ifindex != 0)
      gone.push_back(entry.spec);
  }
  remove(gone);
  note();
  pending_ = true;
  look_around();
}

void StaticAddresses::on_changes(const InterfaceWatch::AddressChanges& changes) {
  pending_ = pending_ || changes.unknown;
  if (std::none_of(entries_.begin(), entries_.end(), [&](const Entry& entry) {
        return changes.deleted.count({entry.spec.ifindex, entry.spec.prefix}) > 0;
      }))
    return;
  if (const auto interfaces = read_interfaces())
    install_missing(*interfaces, true);
  else
    pending_ = true;
}

void StaticAddresses::look_around() {
  const auto now = platform::monotonic_now();
  if (entries_.empty() || (!pending_ && now < next_look_))
    return;
  next_look_ = now + kLookInterval;
  pending_ = false;
  if (const auto interfaces = read_interfaces())
    install_missing(*interfaces, false);
  else
    pending_ = true;
}

/// It may have another number than before.
void StaticAddresses::find_interface(Entry& entry, const InterfaceMap& interfaces) {
  const auto found = std::find_if(interfaces.begin(), interfaces.end(), [&](const auto& interface) {
    return interface.second.name == entry.address.device;
  });
  const auto index = found == interfaces.end() ? 0 : found->first;
  if (index == entry.spec.ifindex)
    return;
  entry.spec = address_spec(index, entry.address);
  entry.is_ours = index == 0 || !carries(found->second, entry.address.prefix.address);
  entry.was_there = false;
}

void StaticAddresses::note() const {
  std::vector<platform::AddressSpec> specs;
  for (const auto& entry : entries_) {
    if (entry.is_ours && entry.spec.ifindex != 0)
      specs.push_back(entry.spec);
  }
  platform::InstallMessages messages;
  if (const auto batch = platform::AddressBatch::build(specs))
    platform::append(messages, *batch);
  if (const auto status = inventory_->note(Inventory::Part::StaticAddresses, std::move(messages)); !status)
    spdlog::error("static addresses: {}", status.error().message);
}

void StaticAddresses::install_missing(const InterfaceMap& interfaces, bool at_once) {
  const auto now = platform::monotonic_now();
  for (auto& entry : entries_)
    find_interface(entry, interfaces);
  note();
  for (auto& entry : entries_) {
    const auto interface = interfaces.find(entry.spec.ifindex);
    const bool is_there =
        interface != interfaces.end() && platform::is_installed(entry.spec, interface->second);
    if (is_there)
      entry.was_there = true;
    if (is_there || !entry.is_ours || (entry.was_there && !entry.address.tracked))
      continue;
    const auto what = "static address " + entry.spec.prefix.text() + " on " + entry.address.device;
    // The kernel takes IPv6 addresses off an interface that is set down.
    const bool may_be = interface != interfaces.end() && (interface->second.admin_up || !entry.was_there);
    if (may_be &&
        (!entry.was_there || pace_.allows({entry.spec.ifindex, entry.spec.prefix}, now, at_once, what)))
      install(entry);
    else
      pending_ = true;
  }
}

void StaticAddresses::install(Entry& entry) {
  std::string problem;
  const auto status = platform::install_addresses(
      std::span{&entry.spec, 1}, [&](const platform::Refusal& refusal) { problem = refusal.text(); });
  if (!status)
    problem = status.error().message;
  if (problem.empty())
    entry.was_there = true;
  else
    pending_ = true;
  if (std::exchange(entry.problem, problem) != problem && !problem.empty())
    spdlog::error("static: {}", problem);
}

} // namespace xvrrp::controller
