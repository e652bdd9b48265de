// SPDX-License-Identifier: BSD-2-Clause
#include "platform/route_messages.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>

#include <arpa/inet.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netlink/attr.h>
#include <sys/socket.h>

namespace xvrrp::platform {

namespace {

constexpr std::uint32_t kDefaultIpv6Metric = 1024;

std::uint8_t socket_family(Family family) {
  return family == Family::IPv4 ? AF_INET : AF_INET6;
}

/// The header's field has a byte; RTA_TABLE and FRA_TABLE have all of it.
std::uint8_t short_table(std::uint32_t table) {
  return table < 256 ? static_cast<std::uint8_t>(table) : static_cast<std::uint8_t>(RT_TABLE_UNSPEC);
}

void put_bytes(nl_msg* message, int attribute, const IpAddress& address) {
  nla_put(message, attribute, static_cast<int>(address.size()), address.bytes().data());
}

// ---- routes ----

void put_gateway(nl_msg* message, const NextHop& hop, Family family) {
  if (!hop.gateway)
    return;
  if (hop.gateway->family() == family)
    return put_bytes(message, RTA_GATEWAY, *hop.gateway);
  std::array<std::uint8_t, sizeof(rtvia) + 16> via{};
  const std::uint16_t other = socket_family(hop.gateway->family());
  std::memcpy(via.data(), &other, sizeof other);
  std::memcpy(via.data() + sizeof(rtvia), hop.gateway->bytes().data(), hop.gateway->size());
  nla_put(message, RTA_VIA, static_cast<int>(sizeof(rtvia) + hop.gateway->size()), via.data());
}

void put_hop(nl_msg* message, const NextHop& hop, Family family) {
  put_gateway(message, hop, family);
  if (hop.realms != 0)
    nla_put_u32(message, RTA_FLOW, hop.realms);
}

void put_hops(nl_msg* message, const IpRoute& route) {
  if (route.hops.size() == 1) {
    put_hop(message, route.hops[0], route.family());
    if (route.hops[0].device.index != 0)
      nla_put_u32(message, RTA_OIF, route.hops[0].device.index);
    return;
  }
  if (route.hops.empty())
    return;
  nlattr* const all = nla_nest_start(message, RTA_MULTIPATH);
  for (const auto& hop : route.hops) {
    auto* const header = static_cast<rtnexthop*>(nlmsg_reserve(message, sizeof(rtnexthop), NLMSG_ALIGNTO));
    if (header == nullptr)
      break; // more hops than a line of a configuration can name
    *header = {};
    header->rtnh_hops = static_cast<unsigned char>(hop.weight - 1);
    header->rtnh_ifindex = static_cast<int>(hop.device.index);
    header->rtnh_flags = hop.onlink ? RTNH_F_ONLINK : 0;
    put_hop(message, hop, route.family());
    const auto* const end = static_cast<const char*>(nlmsg_tail(nlmsg_hdr(message)));
    header->rtnh_len = static_cast<unsigned short>(end - reinterpret_cast<const char*>(header));
  }
  nla_nest_end(message, all);
}

/// In the order of their numbers, in which the kernel tells them.
void put_metrics(nl_msg* message, const IpRoute& route) {
  if (route.metrics.empty() && route.congestion_control.empty())
    return;
  nlattr* const all = nla_nest_start(message, RTA_METRICS);
  for (int number = RTAX_LOCK; number <= RTAX_MAX; ++number) {
    const auto metric = route.metrics.find(static_cast<std::uint16_t>(number));
    if (metric != route.metrics.end())
      nla_put_u32(message, number, metric->second);
    else if (number == RTAX_CC_ALGO && !route.congestion_control.empty())
      nla_put_string(message, number, route.congestion_control.c_str());
  }
  nla_nest_end(message, all);
}

NetlinkMessage message_of(const IpRoute& route, int type, int flags) {
  rtmsg header{};
  header.rtm_family = socket_family(route.family());
  header.rtm_dst_len = route.destination.length;
  header.rtm_src_len = route.from ? route.from->length : std::uint8_t{0};
  header.rtm_tos = route.tos;
  header.rtm_table = short_table(route.table);
  header.rtm_protocol = route.protocol;
  header.rtm_scope = route.scope;
  header.rtm_type = route.type;
  if (route.hops.size() == 1 && route.hops[0].onlink)
    header.rtm_flags = RTNH_F_ONLINK;
  NetlinkMessage message = make_message(type, NLM_F_REQUEST | flags, header);
  auto* const to = message.get();
  if (route.destination.length > 0)
    put_bytes(to, RTA_DST, route.destination.address);
  if (route.from && route.from->length > 0)
    put_bytes(to, RTA_SRC, route.from->address);
  nla_put_u32(to, RTA_TABLE, route.table);
  if (route.metric)
    nla_put_u32(to, RTA_PRIORITY, *route.metric);
  if (route.preferred_source)
    put_bytes(to, RTA_PREFSRC, *route.preferred_source);
  put_hops(to, route);
  if (type == RTM_DELROUTE)
    return message; // the kernel has the metrics as it could heed them
  put_metrics(to, route);
  if (route.preference)
    nla_put_u8(to, RTA_PREF, *route.preference);
  if (route.expires)
    nla_put_u32(to, RTA_EXPIRES, *route.expires);
  return message;
}

// ---- rules ----

template <typename Number>
void put_range(nl_msg* message, int attribute, const std::optional<std::pair<Number, Number>>& range) {
  if (!range)
    return;
  const std::array<Number, 2> both{range->first, range->second};
  nla_put(message, attribute, static_cast<int>(sizeof both), both.data());
}

void put_selectors(nl_msg* message, const IpRule& rule) {
  if (rule.from)
    put_bytes(message, FRA_SRC, rule.from->address);
  if (rule.to)
    put_bytes(message, FRA_DST, rule.to->address);
  if (!rule.input_device.empty())
    nla_put_string(message, FRA_IIFNAME, rule.input_device.c_str());
  if (!rule.output_device.empty())
    nla_put_string(message, FRA_OIFNAME, rule.output_device.c_str());
  if (rule.mark) {
    nla_put_u32(message, FRA_FWMARK, *rule.mark);
    nla_put_u32(message, FRA_FWMASK, rule.mark_mask.value_or(UINT32_MAX));
  }
  if (rule.tunnel)
    nla_put_u64(message, FRA_TUN_ID, htobe64(*rule.tunnel));
  put_range(message, FRA_UID_RANGE, rule.users);
  if (rule.ip_protocol)
    nla_put_u8(message, FRA_IP_PROTO, *rule.ip_protocol);
  put_range(message, FRA_SPORT_RANGE, rule.source_ports);
  put_range(message, FRA_DPORT_RANGE, rule.destination_ports);
}

NetlinkMessage message_of(const IpRule& rule, int type, int flags) {
  fib_rule_hdr header{};
  header.family = socket_family(rule.family);
  header.src_len = rule.from ? rule.from->length : std::uint8_t{0};
  header.dst_len = rule.to ? rule.to->length : std::uint8_t{0};
  header.tos = rule.tos;
  header.table = short_table(rule.table);
  header.action = rule.action;
  header.flags = rule.inverted ? FIB_RULE_INVERT : 0;
  NetlinkMessage message = make_message(type, NLM_F_REQUEST | flags, header);
  auto* const to = message.get();
  put_selectors(to, rule);
  nla_put_u32(to, FRA_PRIORITY, rule.priority);
  nla_put_u32(to, FRA_TABLE, rule.table);
  if (rule.vrf_table)
    nla_put_u8(to, FRA_L3MDEV, 1);
  if (rule.action == FR_ACT_GOTO)
    nla_put_u32(to, FRA_GOTO, rule.target);
  if (rule.realms != 0)
    nla_put_u32(to, FRA_FLOW, rule.realms);
  if (rule.suppressed_length)
    nla_put_u32(to, FRA_SUPPRESS_PREFIXLEN, *rule.suppressed_length);
  if (rule.suppressed_group)
    nla_put_u32(to, FRA_SUPPRESS_IFGROUP, *rule.suppressed_group);
  nla_put_u8(to, FRA_PROTOCOL, rule.protocol);
  return message;
}

// ---- reading ----

constexpr int kMost = std::max(RTA_MAX, FRA_MAX);
using Attributes = std::array<nlattr*, kMost + 1>;

bool is_rule(const nlmsghdr* message) {
  return message->nlmsg_type == RTM_NEWRULE || message->nlmsg_type == RTM_DELRULE;
}

/// Both headers have the same size, the family first, and lengths at the same places.
static_assert(sizeof(rtmsg) == sizeof(fib_rule_hdr));

std::optional<Attributes> attributes_of(nlmsghdr* message) {
  Attributes attributes{};
  const int most = is_rule(message) ? FRA_MAX : RTA_MAX;
  if (nlmsg_parse(message, sizeof(rtmsg), attributes.data(), most, nullptr) < 0)
    return std::nullopt;
  return attributes;
}

std::string address_text(const nlattr* attribute, int family) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (nla_len(attribute) < (family == AF_INET ? 4 : 16) ||
      ::inet_ntop(family, nla_data(attribute), text.data(), text.size()) == nullptr)
    return "?";
  return text.data();
}

std::string prefix_text(const nlattr* attribute, int family, unsigned length) {
  return attribute == nullptr ? "default" : address_text(attribute, family) + "/" + std::to_string(length);
}

std::string device_text(std::uint32_t index) {
  std::array<char, IF_NAMESIZE> name{};
  return ::if_indextoname(index, name.data()) != nullptr ? std::string{name.data()}
                                                         : "of interface " + std::to_string(index);
}

std::string number_text(const char* what, const nlattr* attribute) {
  return attribute == nullptr ? "" : what + std::to_string(nla_get_u32(attribute));
}

std::string text_of_route(const rtmsg& header, const Attributes& is) {
  std::string text = "route " + prefix_text(is[RTA_DST], header.rtm_family, header.rtm_dst_len);
  if (is[RTA_SRC] != nullptr)
    text += " from " + prefix_text(is[RTA_SRC], header.rtm_family, header.rtm_src_len);
  if (is[RTA_GATEWAY] != nullptr)
    text += " via " + address_text(is[RTA_GATEWAY], header.rtm_family);
  if (is[RTA_OIF] != nullptr)
    text += " dev " + device_text(nla_get_u32(is[RTA_OIF]));
  if (is[RTA_PREFSRC] != nullptr)
    text += " src " + address_text(is[RTA_PREFSRC], header.rtm_family);
  if (is[RTA_TABLE] != nullptr && nla_get_u32(is[RTA_TABLE]) != RT_TABLE_MAIN)
    text += number_text(" table ", is[RTA_TABLE]);
  return text + number_text(" metric ", is[RTA_PRIORITY]);
}

std::string text_of_rule(const fib_rule_hdr& header, const Attributes& is) {
  std::string text = number_text("rule ", is[FRA_PRIORITY]);
  if (is[FRA_SRC] != nullptr)
    text += " from " + prefix_text(is[FRA_SRC], header.family, header.src_len);
  if (is[FRA_DST] != nullptr)
    text += " to " + prefix_text(is[FRA_DST], header.family, header.dst_len);
  if (is[FRA_TABLE] != nullptr && nla_get_u32(is[FRA_TABLE]) != 0)
    text += number_text(" table ", is[FRA_TABLE]);
  return text;
}

bool are_equal(const nlattr* a, const nlattr* b) {
  if (a == nullptr || b == nullptr)
    return a == b;
  return nla_len(a) == nla_len(b) &&
         std::memcmp(nla_data(a), nla_data(b), static_cast<std::size_t>(nla_len(a))) == 0;
}

bool are_equal(const Attributes& a, const Attributes& b, std::span<const int> which) {
  return std::all_of(which.begin(), which.end(), [&](int attribute) {
    const auto index = static_cast<std::size_t>(attribute);
    return are_equal(a[index], b[index]);
  });
}

/// The place in a table by which the kernel tells routes apart, and their protocol.
bool has_same_place(const rtmsg& asked, const Attributes& a, const rtmsg& found, const Attributes& f) {
  constexpr int kSame[] = {RTA_DST, RTA_SRC, RTA_TABLE};
  const auto metric = [](const nlattr* attribute, std::uint32_t otherwise) {
    return attribute == nullptr ? otherwise : nla_get_u32(attribute);
  };
  const std::uint32_t otherwise = asked.rtm_family == AF_INET6 ? kDefaultIpv6Metric : 0;
  return asked.rtm_dst_len == found.rtm_dst_len && asked.rtm_src_len == found.rtm_src_len &&
         asked.rtm_tos == found.rtm_tos && asked.rtm_protocol == found.rtm_protocol &&
         are_equal(a, f, kSame) && metric(a[RTA_PRIORITY], otherwise) == metric(f[RTA_PRIORITY], otherwise);
}

/// The kernel names the device, the metric and the preference that it chose.
bool is_same_route(const rtmsg& asked, const Attributes& a, const rtmsg& found, const Attributes& f) {
  constexpr int kSame[] = {RTA_GATEWAY, RTA_VIA, RTA_PREFSRC, RTA_METRICS, RTA_MULTIPATH, RTA_FLOW};
  return has_same_place(asked, a, found, f) && asked.rtm_scope == found.rtm_scope &&
         asked.rtm_type == found.rtm_type &&
         (asked.rtm_flags & RTNH_F_ONLINK) == (found.rtm_flags & RTNH_F_ONLINK) && are_equal(a, f, kSame) &&
         (a[RTA_OIF] == nullptr || are_equal(a[RTA_OIF], f[RTA_OIF])) &&
         (a[RTA_PREF] == nullptr || are_equal(a[RTA_PREF], f[RTA_PREF]));
}

/// The kernel says of each rule what prefix lengths it suppresses: -1, none.
bool is_same_rule(const fib_rule_hdr& asked, const Attributes& a, const fib_rule_hdr& found,
                  const Attributes& f) {
  constexpr int kSame[] = {
      FRA_DST,      FRA_SRC,      FRA_IIFNAME, FRA_OIFNAME,     FRA_PRIORITY,    FRA_FWMARK,
      FRA_FWMASK,   FRA_FLOW,     FRA_TUN_ID,  FRA_TABLE,       FRA_L3MDEV,      FRA_UID_RANGE,
      FRA_PROTOCOL, FRA_IP_PROTO, FRA_GOTO,    FRA_SPORT_RANGE, FRA_DPORT_RANGE, FRA_SUPPRESS_IFGROUP};
  const auto suppressed = [](const nlattr* attribute) {
    return attribute == nullptr ? UINT32_MAX : nla_get_u32(attribute);
  };
  return asked.dst_len == found.dst_len && asked.src_len == found.src_len && asked.tos == found.tos &&
         asked.action == found.action && ((asked.flags ^ found.flags) & FIB_RULE_INVERT) == 0 &&
         are_equal(a, f, kSame) &&
         suppressed(a[FRA_SUPPRESS_PREFIXLEN]) == suppressed(f[FRA_SUPPRESS_PREFIXLEN]);
}

template <typename Header>
const Header& header_of(nlmsghdr* message) {
  return *static_cast<const Header*>(nlmsg_data(message));
}

} // namespace

NetlinkMessage install_message(const IpRoute& route) {
  const int position = route.position == IpRoute::Position::Only   ? NLM_F_EXCL
                       : route.position == IpRoute::Position::Last ? NLM_F_APPEND
                                                                   : 0;
  return message_of(route, RTM_NEWROUTE, NLM_F_CREATE | position);
}

NetlinkMessage install_message(const IpRule& rule) {
  return message_of(rule, RTM_NEWRULE, NLM_F_CREATE | NLM_F_EXCL);
}

NetlinkMessage remove_message(const IpRoute& route) {
  return message_of(route, RTM_DELROUTE, 0);
}

NetlinkMessage remove_message(const IpRule& rule) {
  return message_of(rule, RTM_DELRULE, 0);
}

std::string route_text(nlmsghdr* message) {
  const auto attributes = attributes_of(message);
  if (!attributes)
    return "a message of type " + std::to_string(message->nlmsg_type);
  return is_rule(message) ? text_of_rule(header_of<fib_rule_hdr>(message), *attributes)
                          : text_of_route(header_of<rtmsg>(message), *attributes);
}

namespace {

using SameRoute = bool (*)(const rtmsg&, const Attributes&, const rtmsg&, const Attributes&);

bool are_same(nlmsghdr* asked, nlmsghdr* found, SameRoute same_route) {
  const auto a = attributes_of(asked);
  const auto f = attributes_of(found);
  if (!a || !f || asked->nlmsg_type != found->nlmsg_type ||
      header_of<rtmsg>(asked).rtm_family != header_of<rtmsg>(found).rtm_family)
    return false;
  if (is_rule(asked))
    return is_same_rule(header_of<fib_rule_hdr>(asked), *a, header_of<fib_rule_hdr>(found), *f);
  return same_route(header_of<rtmsg>(asked), *a, header_of<rtmsg>(found), *f);
}

} // namespace

bool is_known_as(nlmsghdr* asked, nlmsghdr* found) {
  return are_same(asked, found, has_same_place);
}

bool is_installed_by(nlmsghdr* asked, nlmsghdr* found) {
  return are_same(asked, found, is_same_route);
}

} // namespace xvrrp::platform
