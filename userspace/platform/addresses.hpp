// SPDX-License-Identifier: BSD-2-Clause
// Virtual addresses in and out: messages built once, sent in one go on the takeover path.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <xvrrp/base/address.hpp>
#include <xvrrp/base/result.hpp>

#include "platform/unique_fd.hpp"

namespace xvrrp::platform {

/// Our IFA_PROTO mark on every address we install, by which a successor recognises what a killed daemon left
/// behind: 112, the IP protocol number of VRRP (the kernel itself uses 1 to 3). Kernels before 5.18 do not
/// store it.
inline constexpr std::uint8_t kAddressProtocol = 112;

struct AddressSpec {
  std::uint32_t ifindex = 0;
  IpPrefix prefix;
  std::string label;                  ///< IPv4 only, at most 15 characters; empty: the interface's name
  std::optional<IpAddress> broadcast; ///< IPv4 only
  std::uint8_t scope = 0; ///< RT_SCOPE_*; the kernel derives an IPv6 address's scope from the address
};

/// The netlink bytes of "install all" and "remove all" for a set of addresses, ready to send.
///
/// An address that exists already is left as it is (NLM_F_EXCL; the kernel's EEXIST is not an error to us):
/// the one a predecessor left keeps our mark, the one an operator configured keeps his. The caller leaves
/// addresses out that the operator configured (an address owner's), since removing deletes by address,
/// whoever installed it. IPv6 addresses skip duplicate address detection (IFA_F_NODAD), as RFC 9568's Master
/// must answer at once. Removal is in reverse order: the subnet's primary IPv4 address goes last, for with it
/// the kernel deletes the secondaries (unless promote_secondaries is set). Immutable after build(), so it may
/// be sent from another thread than the one that built it.
class AddressBatch {
public:
  /// What one send hands to the kernel: whole messages, at most 16 KiB, so that the socket buffer is a small
  /// allocation.
  using Chunk = std::vector<std::byte>;

  AddressBatch() = default; ///< no addresses
  /// Usage error where a spec does not fit its family.
  static Result<AddressBatch> build(std::span<const AddressSpec> specs);

  std::span<const Chunk> installs() const noexcept { return installs_; }
  std::span<const Chunk> removals() const noexcept { return removals_; }

private:
  std::vector<Chunk> installs_;
  std::vector<Chunk> removals_;
};

/// The kernel refused one address.
struct AddressError {
  bool removing = false;
  std::uint32_t ifindex = 0;
  IpPrefix prefix;
  int code = 0;            ///< errno
  std::string explanation; ///< the kernel's own words; often empty
};

/// An rtnetlink socket for address changes. The election thread sends, the manager thread drains the errors;
/// the two need no lock. Needs CAP_NET_ADMIN when sending.
class RouteSocket {
public:
  static Result<RouteSocket> open();

  /// Sends every chunk; returns 0 or the first errno (the remaining chunks are sent all the same). Does not
  /// allocate. The kernel executes rtnetlink requests inside send(), in the order of the messages, and goes
  /// on after one that fails: on return every address is in place (or gone) but those that drain_errors()
  /// will name. It may wait for the kernel's RTNL mutex, hence adverts go out before addresses.
  int send(std::span<const AddressBatch::Chunk> chunks) noexcept;

  /// Readable when the kernel refused something.
  int fd() const noexcept { return fd_.get(); }
  /// Delivers the refusals; never blocks. Not delivered: adding what exists (EEXIST), removing what is not
  /// there (EADDRNOTAVAIL) or was on an interface that is gone (ENODEV).
  void drain_errors(const std::function<void(const AddressError&)>& deliver);

private:
  explicit RouteSocket(UniqueFd fd);

  UniqueFd fd_;
  std::vector<std::byte> buffer_;
};

/// Removes the addresses that carry the IFA_PROTO mark from one interface, or from all of them for ifindex 0,
/// and returns how many: what a killed predecessor left. Those that `stays` says yes to, if given, stay. On a
/// kernel before 5.18 it finds none. Blocks; manager thread.
Result<std::size_t>
remove_addresses_with_protocol(std::uint32_t ifindex, std::uint8_t protocol,
                               const std::function<bool(std::uint32_t, const IpPrefix&)>& stays = {});

} // namespace xvrrp::platform
