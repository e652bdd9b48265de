// SPDX-License-Identifier: BSD-2-Clause
// Virtual addresses in and out, with the routes and rules that go with them: messages built once, sent in one
// go on the takeover path.
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
#include <xvrrp/base/route.hpp>

#include "platform/interfaces.hpp"
#include "platform/refusal.hpp"
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
  std::optional<IpAddress> peer{}; ///< the other end of a point-to-point link; the prefix's length is its own
  std::uint32_t flags = 0;         ///< IFA_F_*
  bool detects_duplicates = false; ///< IPv6 only; see AddressBatch
  std::uint32_t preferred_lifetime = UINT32_MAX; ///< IPv6 only, in seconds: of being chosen as a source
  friend bool operator==(const AddressSpec&, const AddressSpec&) = default;
};

/// The netlink bytes of "install all" and "remove all" for a set of addresses, and of routes and rules that
/// come after them and go before them, ready to send.
///
/// An address that exists already is left as it is (NLM_F_EXCL; the kernel's EEXIST is not an error to us):
/// the one a predecessor left keeps our mark, the one an operator configured keeps his. The caller leaves
/// addresses out that the operator configured (an address owner's), since removing deletes by address,
/// whoever installed it. IPv6 addresses skip duplicate address detection (IFA_F_NODAD) unless they are to
/// detect duplicates, as RFC 9568's Master must answer at once. Removal is in reverse order: the subnet's
/// primary IPv4 address goes last, for with it the kernel deletes the secondaries (unless promote_secondaries
/// is set). A route or rule that exists already is left as it is too; one of another protocol is another one.
/// Immutable after build(), so it may be sent from another thread than the one that built it.
class AddressBatch {
public:
  /// What one send hands to the kernel: whole messages, at most 16 KiB, so that the socket buffer is a small
  /// allocation.
  using Chunk = std::vector<std::byte>;

  AddressBatch() = default; ///< nothing
  /// Usage error where a spec does not fit its family. Routes mean devices by their numbers.
  static Result<AddressBatch> build(std::span<const AddressSpec> specs, std::span<const IpRoute> routes = {},
                                    std::span<const IpRule> rules = {});

  std::size_t size() const noexcept { return size_; } ///< of them all

  std::span<const Chunk> installs() const noexcept { return installs_; }
  std::span<const Chunk> removals() const noexcept { return removals_; }
  /// What installs the one that was given as the spec of this index.
  std::span<const std::byte> install_of(std::size_t spec) const noexcept;

private:
  struct Position {
    std::size_t chunk, begin, size;
  };
  std::vector<Position> positions_; ///< of the specs, in installs_
  std::vector<Chunk> installs_;
  std::vector<Chunk> removals_;
  std::size_t size_ = 0;
};

/// An rtnetlink socket for such changes. The election thread sends, the manager thread drains the errors;
/// the two need no lock. Needs CAP_NET_ADMIN when sending.
class RouteSocket {
public:
  static Result<RouteSocket> open();

  /// Sends every chunk; returns 0 or the first errno (the remaining chunks are sent all the same). Does not
  /// allocate. The kernel executes rtnetlink requests inside send(), in the order of the messages, and goes
  /// on after one that fails: on return everything is in place (or gone) but what drain_errors() will
  /// name. It may wait for the kernel's RTNL mutex, hence adverts go out before addresses.
  int send(std::span<const AddressBatch::Chunk> chunks) noexcept;
  /// The same for one message.
  int send(std::span<const std::byte> message) noexcept;

  /// Readable when the kernel refused something.
  int fd() const noexcept { return fd_.get(); }
  /// Delivers the refusals; never blocks. Not delivered: adding what exists, removing what is not there.
  void drain_errors(const std::function<void(const Refusal&)>& deliver);

private:
  explicit RouteSocket(UniqueFd fd);

  UniqueFd fd_;
  std::vector<std::byte> buffer_;
};

/// Installs or removes them one by one, and delivers refusals as RouteSocket does. Returns when it is done.
/// Blocks; manager thread.
Status install_addresses(std::span<const AddressSpec> specs,
                         const std::function<void(const Refusal&)>& refused);
Status remove_addresses(std::span<const AddressSpec> specs,
                        const std::function<void(const Refusal&)>& refused);

/// Whether an interface's address is the one that the spec would install.
bool is_installed(const AddressSpec& spec, const Interface& interface);

/// Removes the addresses that carry the IFA_PROTO mark from one interface, or from all of them for ifindex 0,
/// and returns how many: what a killed predecessor left. Those that `stays` says yes to, if given, stay. On a
/// kernel before 5.18 it finds none. Blocks; manager thread.
Result<std::size_t>
remove_addresses_with_protocol(std::uint32_t ifindex, std::uint8_t protocol,
                               const std::function<bool(std::uint32_t, const IpPrefix&)>& stays = {});

} // namespace xvrrp::platform
