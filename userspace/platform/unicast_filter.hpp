// SPDX-License-Identifier: BSD-2-Clause
// Further MAC addresses that an interface receives frames for.
#pragma once

#include <array>
#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include <xvrrp/base/result.hpp>

namespace xvrrp::platform {

/// Adds MAC addresses to the receive filters of devices, as `bridge fdb add MAC dev IF self permanent` does,
/// and takes them away when it is destroyed. One that a killed predecessor left is taken over. Each call
/// blocks for some tens of microseconds; manager thread. Needs CAP_NET_ADMIN. Move-only.
class UnicastFilter {
public:
  using Mac = std::array<std::uint8_t, 6>;

  UnicastFilter() = default;
  UnicastFilter(UnicastFilter&& other) noexcept : added_(std::exchange(other.added_, {})) {}
  UnicastFilter& operator=(UnicastFilter&& other) noexcept {
    std::swap(added_, other.added_);
    return *this;
  }
  ~UnicastFilter();

  /// Asking again for what is there is no error.
  Status add(std::uint32_t ifindex, const Mac& mac);

  /// Takes away what was added to the device, but for these. No error when the device is gone.
  void release(std::uint32_t ifindex, const std::set<Mac>& kept = {});

  /// Takes away what a killed predecessor left. No error when it is not there, or the device is not.
  static void remove(std::uint32_t ifindex, const Mac& mac);

private:
  std::vector<std::pair<std::uint32_t, Mac>> added_;
};

} // namespace xvrrp::platform
