// SPDX-License-Identifier: BSD-2-Clause
// What an instance may have installed in the kernel beside its data plane, pinned with it: a crash takes
// neither away.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <xvrrp/base/result.hpp>

#include "dataplane/pin_directory.hpp"

namespace xvrrp::dataplane {

/// The same in every version of the data plane. What the bytes say is the controller's affair.
struct Inventory {
  std::uint64_t network = 0; ///< the namespace that it is installed in (platform::network_cookie())
  std::vector<std::byte> messages;
};

/// In the place of what is there: whole, or not at all.
Status write_inventory(const PinDirectory& pins, const Inventory& inventory);
/// Empty when there is none.
Result<Inventory> read_inventory(const PinDirectory& pins);
/// That of an instance that may not be loaded.
Result<Inventory> inventory_of(const std::string& instance);
/// The messages of all other instances in the network namespace, whether they run or were killed.
std::vector<std::byte> inventory_of_others(const std::string& instance, std::uint64_t network);

} // namespace xvrrp::dataplane
