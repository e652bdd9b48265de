// SPDX-License-Identifier: BSD-2-Clause
#include "platform/addresses.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netlink/attr.h>
#include <netlink/errno.h>
#include <sys/socket.h>

#include "platform/route_messages.hpp"
#include "platform/rtnetlink.hpp"

namespace xvrrp::platform {

namespace {

constexpr std::size_t kChunkLimit = 16384;
constexpr std::uint32_t kForever = UINT32_MAX; // INFINITY_LIFE_TIME

bool is_ipv4(const IpAddress& address) {
  return address.family() == Family::IPv4;
}

void put_address(nl_msg* message, int attribute, const IpAddress& address) {
  nla_put(message, attribute, static_cast<int>(address.size()), address.bytes().data());
}

/// With a peer, the prefix's length is the peer's.
NetlinkMessage address_message(int type, int flags, std::uint32_t ifindex, const IpPrefix& prefix,
                               const std::optional<IpAddress>& peer, std::uint8_t scope) {
  ifaddrmsg header{};
  header.ifa_family = is_ipv4(prefix.address) ? AF_INET : AF_INET6;
  header.ifa_prefixlen = prefix.length;
  header.ifa_scope = scope;
  header.ifa_index = ifindex;
  NetlinkMessage message = make_message(type, NLM_F_REQUEST | flags, header);
  put_address(message.get(), IFA_LOCAL, prefix.address);
  put_address(message.get(), IFA_ADDRESS, peer.value_or(prefix.address));
  return message;
}

NetlinkMessage install_message(const AddressSpec& spec) {
  NetlinkMessage message = address_message(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, spec.ifindex, spec.prefix,
                                           spec.peer, spec.scope);
  if (!spec.label.empty())
    nla_put_string(message.get(), IFA_LABEL, spec.label.c_str());
  if (spec.broadcast)
    put_address(message.get(), IFA_BROADCAST, *spec.broadcast);
  // IFA_F_NODAD: neither tentative for a second nor silent if the old Master still answers.
  const bool is_ready_at_once = !is_ipv4(spec.prefix.address) && !spec.detects_duplicates;
  if (const auto all = spec.flags | (is_ready_at_once ? IFA_F_NODAD : 0u); all != 0)
    nla_put_u32(message.get(), IFA_FLAGS, all);
  if (spec.preferred_lifetime != kForever) {
    ifa_cacheinfo lifetimes{};
    lifetimes.ifa_valid = kForever;
    lifetimes.ifa_prefered = spec.preferred_lifetime;
    nla_put(message.get(), IFA_CACHEINFO, sizeof lifetimes, &lifetimes);
  }
  nla_put_u8(message.get(), IFA_PROTO, kAddressProtocol);
  return message;
}

NetlinkMessage remove_message(std::uint32_t ifindex, const IpPrefix& prefix,
                              const std::optional<IpAddress>& peer, int flags) {
  return address_message(RTM_DELADDR, flags, ifindex, prefix, peer, 0);
}

/// Returns how long the chunk was before.
std::size_t append(std::vector<AddressBatch::Chunk>& chunks, nl_msg* message) {
  const nlmsghdr* header = nlmsg_hdr(message);
  const std::size_t size = NLMSG_ALIGN(header->nlmsg_len);
  if (chunks.empty() || chunks.back().size() + size > kChunkLimit)
    chunks.emplace_back();
  auto& chunk = chunks.back();
  const std::size_t at = chunk.size();
  chunk.resize(at + size);
  std::memcpy(chunk.data() + at, header, header->nlmsg_len);
  return at;
}

Status check(const AddressSpec& spec) {
  const bool ipv4 = is_ipv4(spec.prefix.address);
  const auto wrong = [&](const char* why) {
    return Error{ErrorKind::Usage, spec.prefix.text() + ": " + why};
  };
  if (spec.ifindex == 0)
    return wrong("no interface");
  if (spec.prefix.length > (ipv4 ? 32 : 128))
    return wrong("the prefix is longer than the address");
  if (!spec.label.empty() && (!ipv4 || spec.label.size() >= IF_NAMESIZE))
    return wrong("a label belongs to an IPv4 address and has at most 15 characters");
  if (spec.broadcast && (!ipv4 || !is_ipv4(*spec.broadcast)))
    return wrong("a broadcast address belongs to an IPv4 address");
  if (spec.peer && is_ipv4(*spec.peer) != ipv4)
    return wrong("a peer's address is of the same family");
  if (ipv4 && (spec.detects_duplicates || spec.preferred_lifetime != kForever))
    return wrong("duplicate address detection and a preferred lifetime belong to an IPv6 address");
  return Done{};
}

} // namespace

Result<AddressBatch> AddressBatch::build(std::span<const AddressSpec> specs, std::span<const IpRoute> routes,
                                         std::span<const IpRule> rules) {
  AddressBatch batch;
  for (const auto& spec : specs) {
    if (auto status = check(spec); !status)
      return std::move(status).error();
    const NetlinkMessage message = install_message(spec);
    const std::size_t at = append(batch.installs_, message.get());
    batch.positions_.push_back({batch.installs_.size() - 1, at, nlmsg_hdr(message.get())->nlmsg_len});
  }
  for (const auto& route : routes)
    append(batch.installs_, install_message(route).get());
  for (const auto& rule : rules)
    append(batch.installs_, install_message(rule).get());
  for (auto rule = rules.rbegin(); rule != rules.rend(); ++rule)
    append(batch.removals_, remove_message(*rule).get());
  for (auto route = routes.rbegin(); route != routes.rend(); ++route)
    append(batch.removals_, remove_message(*route).get());
  for (auto spec = specs.rbegin(); spec != specs.rend(); ++spec)
    append(batch.removals_, remove_message(spec->ifindex, spec->prefix, spec->peer, 0).get());
  batch.size_ = specs.size() + routes.size() + rules.size();
  return batch;
}

std::span<const std::byte> AddressBatch::install_of(std::size_t spec) const noexcept {
  const auto& [chunk, begin, size] = positions_[spec];
  return std::span{installs_[chunk]}.subspan(begin, size);
}

RouteSocket::RouteSocket(UniqueFd fd) : fd_(std::move(fd)), buffer_(kRefusalSize) {}

Result<RouteSocket> RouteSocket::open() {
  auto fd = open_rtnetlink({}, kRefusalsBuffer);
  if (!fd)
    return std::move(fd).error();
  return RouteSocket{std::move(*fd)};
}

int RouteSocket::send(std::span<const AddressBatch::Chunk> chunks) noexcept {
  int first = 0;
  for (const auto& chunk : chunks) {
    const int failure = send(std::span{chunk});
    if (first == 0)
      first = failure;
  }
  return first;
}

int RouteSocket::send(std::span<const std::byte> message) noexcept {
  return ::send(fd_.get(), message.data(), message.size(), MSG_DONTWAIT) < 0 ? errno : 0;
}

void RouteSocket::drain_errors(const std::function<void(const Refusal&)>& deliver) {
  const auto filter = [&](nlmsghdr* header) {
    if (const auto error = parse_refusal(header); error && !is_harmless(*error))
      deliver(*error);
  };
  // ENOBUFS: the kernel could not queue some refusals; the ones behind them still count.
  while (receive_waiting(fd_.get(), buffer_, filter) == ENOBUFS) {
  }
}

namespace {

/// The kernel executes what it is sent inside send(), so that its refusals wait when that returns.
Status change_addresses(std::span<const AddressSpec> specs, bool install,
                        const std::function<void(const Refusal&)>& refused) {
  const auto batch = AddressBatch::build(specs);
  if (!batch)
    return batch.error();
  auto socket = RouteSocket::open();
  if (!socket)
    return std::move(socket).error();
  const int code = socket->send(install ? batch->installs() : batch->removals());
  socket->drain_errors(refused);
  return code == 0 ? Status{Done{}} : Status{system_error("changing addresses", code)};
}

} // namespace

Status install_addresses(std::span<const AddressSpec> specs,
                         const std::function<void(const Refusal&)>& refused) {
  return change_addresses(specs, true, refused);
}

Status remove_addresses(std::span<const AddressSpec> specs,
                        const std::function<void(const Refusal&)>& refused) {
  return change_addresses(specs, false, refused);
}

bool is_installed(const AddressSpec& spec, const Interface& interface) {
  return std::any_of(
      interface.addresses.begin(), interface.addresses.end(),
      [&](const InterfaceAddress& found) { return found.prefix == spec.prefix && found.peer == spec.peer; });
}

Result<std::size_t>
remove_addresses_with_protocol(std::uint32_t ifindex, std::uint8_t protocol,
                               const std::function<bool(std::uint32_t, const IpPrefix&)>& stays) {
  auto query = NetlinkQuery::open();
  if (!query)
    return std::move(query).error();
  auto found = query->dump(RTM_GETADDR, ifaddrmsg{}, parse_address);
  if (!found)
    return std::move(found).error();
  std::size_t removed = 0;
  for (auto at = found->rbegin(); at != found->rend(); ++at) {
    if (at->address.protocol != protocol || (ifindex != 0 && at->index != ifindex))
      continue;
    if (stays && stays(at->index, at->address.prefix))
      continue;
    const NetlinkMessage message = remove_message(at->index, at->address.prefix, at->address.peer, NLM_F_ACK);
    const int code = query->ask(*message, [](nlmsghdr*) {});
    if (code < 0 && code != -NLE_NOADDR && code != -NLE_NODEV)
      return netlink_error("removing " + at->address.prefix.text(), code);
    removed += code == 0 ? 1 : 0;
  }
  return removed;
}

} // namespace xvrrp::platform
