// SPDX-License-Identifier: BSD-2-Clause
// The configuration meets the machine: names become indexes, source addresses are found, frames and messages
// are built.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <xvrrp/abi/types.h>
#include <xvrrp/base/result.hpp>

#include "config/model.hpp"
#include "controller/frames.hpp"
#include "platform/addresses.hpp"
#include "platform/interfaces.hpp"

namespace xvrrp::controller {

/// A gratuitous ARP, and where it leaves.
struct Announcement {
  std::uint32_t ifindex = 0;
  Frame frame;
};

/// Everything that one virtual router needs at run time, ready to use.
struct RouterPlan {
  config::Instance instance; ///< router.primary_address is set
  std::uint32_t ifindex = 0;
  bool interface_usable = false; ///< up and with a carrier when the plan was made
  xv_vr_key key{};
  std::vector<AdvertFrame> adverts;         ///< of our priority
  std::vector<AdvertFrame> resignations;    ///< of priority 0
  std::vector<Announcement> announcements;  ///< one per virtual address
  std::vector<platform::AddressSpec> specs; ///< the addresses that we install
  platform::AddressBatch addresses;         ///< the same, as netlink messages
};

/// The indexes of the interfaces that the configuration uses (`interface` and `dev`). An unknown one is an
/// error with the name and the place.
Result<std::vector<std::uint32_t>> used_interfaces(const config::Configuration& configuration);

/// Errors are sentences with the instance's name: no such interface, loopback, no address to send from.
Result<std::vector<RouterPlan>> make_plans(const config::Configuration& configuration);

/// The virtual router as the data plane knows it, with Preempt_Mode as it is in force now.
xv_vr_config kernel_config(const RouterPlan& plan, bool preempt);

} // namespace xvrrp::controller
