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

#include "platform/rtnetlink.hpp"

namespace xvrrp::platform {

namespace {

constexpr std::size_t kChunkLimit = 16384;
constexpr int kErrorBuffer = 2 << 20;             // some thousand refusals
constexpr std::size_t kErrorMessageBuffer = 8192; // one refusal: our message and the kernel's words

bool is_ipv4(const IpAddress& address) {
  return address.family() == Family::IPv4;
}

void put_address(nl_msg* message, int attribute, const IpAddress& address) {
  nla_put(message, attribute, static_cast<int>(address.size()), address.bytes().data());
}

NetlinkMessage address_message(int type, int flags, std::uint32_t ifindex, const IpPrefix& prefix,
                               std::uint8_t scope) {
  ifaddrmsg header{};
  header.ifa_family = is_ipv4(prefix.address) ? AF_INET : AF_INET6;
  header.ifa_prefixlen = prefix.length;
  header.ifa_scope = scope;
  header.ifa_index = ifindex;
  // IFA_F_NODAD: neither tentative for a second nor silent if the old Master still answers.
  if (type == RTM_NEWADDR && !is_ipv4(prefix.address))
    header.ifa_flags = IFA_F_NODAD;
  NetlinkMessage message = make_message(type, NLM_F_REQUEST | flags, header);
  put_address(message.get(), IFA_LOCAL, prefix.address);
  put_address(message.get(), IFA_ADDRESS, prefix.address);
  return message;
}

NetlinkMessage install_message(const AddressSpec& spec) {
  NetlinkMessage message =
      address_message(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, spec.ifindex, spec.prefix, spec.scope);
  if (!spec.label.empty())
    nla_put_string(message.get(), IFA_LABEL, spec.label.c_str());
  if (spec.broadcast)
    put_address(message.get(), IFA_BROADCAST, *spec.broadcast);
  nla_put_u8(message.get(), IFA_PROTO, kAddressProtocol);
  return message;
}

NetlinkMessage remove_message(std::uint32_t ifindex, const IpPrefix& prefix, int flags) {
  return address_message(RTM_DELADDR, flags, ifindex, prefix, 0);
}

void append(std::vector<AddressBatch::Chunk>& chunks, nl_msg* message) {
  const nlmsghdr* header = nlmsg_hdr(message);
  const std::size_t size = NLMSG_ALIGN(header->nlmsg_len);
  if (chunks.empty() || chunks.back().size() + size > kChunkLimit)
    chunks.emplace_back();
  auto& chunk = chunks.back();
  const std::size_t at = chunk.size();
  chunk.resize(at + size);
  std::memcpy(chunk.data() + at, header, header->nlmsg_len);
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
  return Done{};
}

// What the refusal repeats of our message, and the text the kernel may add behind it (NETLINK_EXT_ACK).
std::optional<AddressError> parse_refusal(nlmsghdr* header) {
  if (header->nlmsg_type != NLMSG_ERROR || nlmsg_datalen(header) < static_cast<int>(sizeof(nlmsgerr)))
    return std::nullopt;
  auto* refusal = static_cast<nlmsgerr*>(nlmsg_data(header));
  const auto ours = parse_address(&refusal->msg);
  if (refusal->error == 0 || !ours)
    return std::nullopt;
  AddressError error{refusal->msg.nlmsg_type == RTM_DELADDR, ours->index, ours->address.prefix,
                     -refusal->error, ""};
  if ((header->nlmsg_flags & NLM_F_ACK_TLVS) != 0) {
    const int fixed = static_cast<int>(sizeof(int) + NLMSG_ALIGN(refusal->msg.nlmsg_len));
    if (auto* text = nlmsg_find_attr(header, fixed, NLMSGERR_ATTR_MSG))
      error.explanation = nla_get_string(text);
  }
  return error;
}

bool is_harmless(const AddressError& error) {
  return error.removing ? error.code == EADDRNOTAVAIL || error.code == ENODEV : error.code == EEXIST;
}

} // namespace

Result<AddressBatch> AddressBatch::build(std::span<const AddressSpec> specs) {
  AddressBatch batch;
  for (const auto& spec : specs) {
    if (auto status = check(spec); !status)
      return std::move(status).error();
    append(batch.installs_, install_message(spec).get());
  }
  for (auto spec = specs.rbegin(); spec != specs.rend(); ++spec)
    append(batch.removals_, remove_message(spec->ifindex, spec->prefix, 0).get());
  return batch;
}

RouteSocket::RouteSocket(UniqueFd fd) : fd_(std::move(fd)), buffer_(kErrorMessageBuffer) {}

Result<RouteSocket> RouteSocket::open() {
  auto fd = open_rtnetlink({}, kErrorBuffer);
  if (!fd)
    return std::move(fd).error();
  const int on = 1;
  ::setsockopt(fd->get(), SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof on);
  return RouteSocket{std::move(*fd)};
}

int RouteSocket::send(std::span<const AddressBatch::Chunk> chunks) noexcept {
  int first = 0;
  for (const auto& chunk : chunks) {
    if (::send(fd_.get(), chunk.data(), chunk.size(), MSG_DONTWAIT) < 0 && first == 0)
      first = errno;
  }
  return first;
}

void RouteSocket::drain_errors(const std::function<void(const AddressError&)>& deliver) {
  const auto filter = [&](nlmsghdr* header) {
    if (const auto error = parse_refusal(header); error && !is_harmless(*error))
      deliver(*error);
  };
  // ENOBUFS: the kernel could not queue some refusals; the ones behind them still count.
  while (receive_waiting(fd_.get(), buffer_, filter) == ENOBUFS) {
  }
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
    const NetlinkMessage message = remove_message(at->index, at->address.prefix, NLM_F_ACK);
    const int code = query->ask(*message, [](nlmsghdr*) {});
    if (code < 0 && code != -NLE_NOADDR && code != -NLE_NODEV)
      return netlink_error("removing " + at->address.prefix.text(), code);
    removed += code == 0 ? 1 : 0;
  }
  return removed;
}

} // namespace xvrrp::platform
