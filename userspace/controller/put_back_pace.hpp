// SPDX-License-Identifier: BSD-2-Clause
// How often an address that another program takes away is put back, and told of.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include <xvrrp/base/address.hpp>
#include <xvrrp/base/time.hpp>

namespace xvrrp::controller {

/// An address and the number of its interface.
using AddressKey = std::pair<std::uint32_t, IpPrefix>;

/// Two programs that undo each other's work must not keep the machine busy. So an address is put back at once
/// thirty times in a minute, and then once a second until the minute is over; the log has the first time and
/// the last at once of each minute.
class PutBackPace {
public:
  static constexpr unsigned kAtOnce = 30;
  static constexpr Nanoseconds kWindow = std::chrono::minutes{1};

  /// The address is gone: whether it is to be put back now. `at_once`: not on the look of every second. Logs
  /// what people should know, `what` being the address in words.
  bool allows(const AddressKey& address, Instant now, bool at_once, const std::string& what);

private:
  struct Window {
    Instant began{};
    unsigned count = 0;
    unsigned before = 0; ///< count of the window before
  };
  std::map<AddressKey, Window> windows_;
};

} // namespace xvrrp::controller
