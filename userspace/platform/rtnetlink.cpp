// SPDX-License-Identifier: BSD-2-Clause
#include "platform/rtnetlink.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include <arpa/inet.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <sys/socket.h>

namespace xvrrp::platform {

namespace {

constexpr int kAddressAttributes = IFA_PROTO;

std::string string_of(nlattr* attribute) {
  return attribute == nullptr ? "" : nla_get_string(attribute);
}

void parse_vlan(nlattr* data, Interface& link) {
  std::array<nlattr*, IFLA_VLAN_MAX + 1> vlan{};
  if (nla_parse_nested(vlan.data(), IFLA_VLAN_MAX, data, nullptr) != 0)
    return;
  if (auto* id = vlan[IFLA_VLAN_ID])
    link.vlan_id = nla_get_u16(id);
  if (auto* protocol = vlan[IFLA_VLAN_PROTOCOL])
    link.vlan_protocol = ntohs(nla_get_u16(protocol));
}

void parse_vrf(nlattr* data, Interface& link) {
  std::array<nlattr*, IFLA_VRF_MAX + 1> vrf{};
  if (nla_parse_nested(vrf.data(), IFLA_VRF_MAX, data, nullptr) == 0 && vrf[IFLA_VRF_TABLE] != nullptr)
    link.vrf_table = nla_get_u32(vrf[IFLA_VRF_TABLE]);
}

} // namespace

void FreeNetlink::operator()(nl_sock* socket) const noexcept {
  nl_socket_free(socket);
}
void FreeNetlink::operator()(nl_msg* message) const noexcept {
  nlmsg_free(message);
}

Error netlink_error(const std::string& what, int nl_code) {
  const int code = std::abs(nl_code);
  const bool denied = code == NLE_PERM || code == NLE_NOACCESS;
  return {denied ? ErrorKind::Permission : ErrorKind::Failed,
          what + ": " + nl_geterror(nl_code) + (denied ? " (it needs CAP_NET_ADMIN)" : "")};
}

Result<NetlinkQuery> NetlinkQuery::open() {
  Socket socket{nl_socket_alloc()};
  if (!socket)
    return system_error("nl_socket_alloc", ENOMEM);
  nl_socket_disable_auto_ack(socket.get());
  if (const int code = nl_connect(socket.get(), NETLINK_ROUTE); code < 0)
    // libnl has no word for EMFILE.
    return code == -NLE_FAILURE ? system_error("opening an rtnetlink socket")
                                : netlink_error("opening an rtnetlink socket", code);
  return NetlinkQuery{std::move(socket)};
}

int NetlinkQuery::ask(nl_msg& message, const Handler& handle) {
  const auto deliver = [](nl_msg* answer, void* handler) {
    (*static_cast<const Handler*>(handler))(nlmsg_hdr(answer));
    return static_cast<int>(NL_OK);
  };
  nl_socket_modify_cb(socket_.get(), NL_CB_VALID, NL_CB_CUSTOM, deliver, const_cast<Handler*>(&handle));
  if (const int code = nl_send_auto(socket_.get(), &message); code < 0)
    return code;
  return std::min(nl_recvmsgs_default(socket_.get()), 0);
}

std::optional<Interface> parse_link(nlmsghdr* header) {
  if (header->nlmsg_type != RTM_NEWLINK && header->nlmsg_type != RTM_DELLINK)
    return std::nullopt;
  std::array<nlattr*, IFLA_MAX + 1> attributes{};
  if (nlmsg_parse(header, sizeof(ifinfomsg), attributes.data(), IFLA_MAX, nullptr) < 0)
    return std::nullopt;
  const auto& info = *static_cast<const ifinfomsg*>(nlmsg_data(header));
  if (info.ifi_family == AF_BRIDGE)
    return std::nullopt;

  Interface link;
  link.index = static_cast<std::uint32_t>(info.ifi_index);
  link.name = string_of(attributes[IFLA_IFNAME]);
  link.admin_up = (info.ifi_flags & IFF_UP) != 0;
  link.carrier = (info.ifi_flags & IFF_LOWER_UP) != 0 && (info.ifi_flags & IFF_RUNNING) != 0;
  link.loopback = (info.ifi_flags & IFF_LOOPBACK) != 0;
  if (auto* mtu = attributes[IFLA_MTU])
    link.mtu = nla_get_u32(mtu);
  if (auto* mac = attributes[IFLA_ADDRESS]; mac != nullptr && info.ifi_type == ARPHRD_ETHER)
    nla_memcpy(link.mac.data(), mac, static_cast<int>(link.mac.size()));
  if (auto* linkinfo = attributes[IFLA_LINKINFO]) {
    std::array<nlattr*, IFLA_INFO_MAX + 1> nested{};
    if (nla_parse_nested(nested.data(), IFLA_INFO_MAX, linkinfo, nullptr) == 0)
      link.kind = string_of(nested[IFLA_INFO_KIND]);
    if (link.is_vlan() && nested[IFLA_INFO_DATA] != nullptr)
      parse_vlan(nested[IFLA_INFO_DATA], link);
    if (link.kind == "vrf" && nested[IFLA_INFO_DATA] != nullptr)
      parse_vrf(nested[IFLA_INFO_DATA], link);
  }
  if (auto* lower = attributes[IFLA_LINK])
    link.lower = nla_get_u32(lower);
  link.lower_elsewhere = attributes[IFLA_LINK_NETNSID] != nullptr;
  return link;
}

void for_each_message(std::span<const std::byte> messages, const std::function<void(nlmsghdr*)>& handle) {
  std::vector<std::byte> copy{messages.begin(), messages.end()};
  int left = static_cast<int>(copy.size());
  for (auto* message = reinterpret_cast<nlmsghdr*>(copy.data()); nlmsg_ok(message, left);
       message = nlmsg_next(message, &left))
    handle(message);
}

std::optional<AddressMessage> parse_address(nlmsghdr* header) {
  if (header->nlmsg_type != RTM_NEWADDR && header->nlmsg_type != RTM_DELADDR)
    return std::nullopt;
  std::array<nlattr*, kAddressAttributes + 1> attributes{};
  if (nlmsg_parse(header, sizeof(ifaddrmsg), attributes.data(), kAddressAttributes, nullptr) < 0)
    return std::nullopt;
  const auto& info = *static_cast<const ifaddrmsg*>(nlmsg_data(header));
  // On a point-to-point link IFA_ADDRESS is the peer's address and IFA_LOCAL ours; IPv6 mostly has
  // IFA_ADDRESS only.
  auto* local = attributes[IFA_LOCAL] != nullptr ? attributes[IFA_LOCAL] : attributes[IFA_ADDRESS];
  const bool ipv4 = info.ifa_family == AF_INET;
  if ((!ipv4 && info.ifa_family != AF_INET6) || local == nullptr || nla_len(local) != (ipv4 ? 4 : 16))
    return std::nullopt;

  IpAddress::Bytes bytes{};
  std::memcpy(bytes.data(), nla_data(local), ipv4 ? 4 : 16);
  const auto flags = attributes[IFA_FLAGS] != nullptr ? nla_get_u32(attributes[IFA_FLAGS]) : info.ifa_flags;
  AddressMessage message;
  message.index = info.ifa_index;
  message.address.prefix = {IpAddress{ipv4 ? Family::IPv4 : Family::IPv6, bytes}, info.ifa_prefixlen};
  if (auto* far = attributes[IFA_ADDRESS]; far != nullptr && attributes[IFA_LOCAL] != nullptr &&
                                           nla_len(far) == nla_len(local) &&
                                           std::memcmp(nla_data(far), nla_data(local), ipv4 ? 4 : 16) != 0) {
    IpAddress::Bytes other{};
    std::memcpy(other.data(), nla_data(far), ipv4 ? 4 : 16);
    message.address.peer = IpAddress{ipv4 ? Family::IPv4 : Family::IPv6, other};
  }
  message.address.protocol =
      attributes[IFA_PROTO] != nullptr ? nla_get_u8(attributes[IFA_PROTO]) : std::uint8_t{0};
  message.address.secondary = (flags & IFA_F_SECONDARY) != 0;
  message.address.tentative = (flags & IFA_F_TENTATIVE) != 0;
  message.address.label = string_of(attributes[IFA_LABEL]);
  return message;
}

Result<UniqueFd> open_rtnetlink(std::span<const int> groups, int receive_buffer) {
  UniqueFd fd{::socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE)};
  if (!fd)
    return system_error("opening an rtnetlink socket");
  if (::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUFFORCE, &receive_buffer, sizeof receive_buffer) != 0)
    ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return system_error("binding an rtnetlink socket");
  const int on = 1;
  ::setsockopt(fd.get(), SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof on);
  for (const int group : groups) {
    if (::setsockopt(fd.get(), SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof group) != 0)
      return system_error("joining rtnetlink group " + std::to_string(group));
  }
  return fd;
}

Status send_all(std::span<const NetlinkMessage> messages,
                const std::function<void(std::uint32_t, const Refusal&)>& refused) {
  if (messages.empty())
    return Done{};
  auto fd = open_rtnetlink({}, kRefusalsBuffer);
  if (!fd)
    return std::move(fd).error();
  std::vector<std::byte> buffer(kRefusalSize);
  const auto hear = [&](nlmsghdr* header) {
    if (const auto refusal = parse_refusal(header))
      refused(header->nlmsg_seq, *refusal);
  };
  for (std::uint32_t i = 0; i < messages.size(); ++i) {
    auto* const header = nlmsg_hdr(messages[i].get());
    header->nlmsg_seq = i;
    if (::send(fd->get(), header, header->nlmsg_len, 0) < 0)
      return system_error("asking rtnetlink");
    receive_waiting(fd->get(), buffer, hear);
  }
  return Done{};
}

int receive_waiting(int fd, std::span<std::byte> buffer, const std::function<void(nlmsghdr*)>& handle) {
  for (;;) {
    sockaddr_nl sender{};
    iovec vector{buffer.data(), buffer.size()};
    msghdr message{};
    message.msg_name = &sender;
    message.msg_namelen = sizeof sender;
    message.msg_iov = &vector;
    message.msg_iovlen = 1;
    const auto received = ::recvmsg(fd, &message, 0);
    if (received < 0) {
      if (errno == EINTR)
        continue;
      return errno == EAGAIN ? 0 : errno;
    }
    if (sender.nl_pid != 0) // another process may send to our port; only the kernel has port 0
      continue;
    if ((message.msg_flags & MSG_TRUNC) != 0)
      return ENOBUFS;
    int left = static_cast<int>(received);
    for (auto* header = reinterpret_cast<nlmsghdr*>(buffer.data()); nlmsg_ok(header, left) != 0;
         header = nlmsg_next(header, &left))
      handle(header);
  }
}

} // namespace xvrrp::platform
