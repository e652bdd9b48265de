// SPDX-License-Identifier: BSD-2-Clause
// Changes of interfaces and addresses, as the kernel announces them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include <xvrrp/base/address.hpp>
#include <xvrrp/base/result.hpp>

#include "platform/unique_fd.hpp"

namespace xvrrp::platform {

/// An interface is new, or something about it changed (the kernel also announces changes that are none of
/// these fields).
struct LinkChanged {
  std::uint32_t index = 0;
  std::string name;
  bool admin_up = false;
  bool carrier = false; ///< as Interface::carrier
  std::array<std::uint8_t, 6> mac{};
};
/// The interface was deleted or moved to another network namespace; an index is not reused soon.
struct LinkGone {
  std::uint32_t index = 0;
  std::string name;
};
/// New or modified. An IPv6 address is announced when it is usable (after duplicate address detection), not
/// before.
struct AddressAdded {
  std::uint32_t index = 0;
  IpPrefix prefix;
  std::uint8_t protocol = 0; ///< IFA_PROTO
};
struct AddressRemoved {
  std::uint32_t index = 0;
  IpPrefix prefix;
  std::uint8_t protocol = 0;
};
/// The receive buffer overflowed and announcements are lost: read everything again with interfaces().
struct Overrun {};

using LinkEvent = std::variant<LinkChanged, LinkGone, AddressAdded, AddressRemoved, Overrun>;

/// An rtnetlink socket in the groups LINK, IPV4_IFADDR and IPV6_IFADDR. Manager thread. Needs no capability
/// (with CAP_NET_ADMIN its buffer may exceed net.core.rmem_max). Open it before the first interfaces(), or a
/// change in between is lost. A physical device's loss of carrier can be announced up to 1 s late: the
/// kernel's link watch reports at most one change per second of devices that are not "urgent" (veth, vlan,
/// macvlan and bond ports are).
class LinkMonitor {
public:
  static Result<LinkMonitor> open();

  int fd() const noexcept { return fd_.get(); }

  /// Delivers every announcement that is waiting; never blocks. An error other than an overrun is a broken
  /// socket.
  Status drain(const std::function<void(const LinkEvent&)>& deliver);

private:
  explicit LinkMonitor(UniqueFd fd);

  UniqueFd fd_;
  std::vector<std::byte> buffer_;
};

} // namespace xvrrp::platform
