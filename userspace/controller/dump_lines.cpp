// SPDX-License-Identifier: BSD-2-Clause
#include "controller/dump_lines.hpp"

#include <fmt/format.h>
#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>

namespace xvrrp::controller {
namespace {

std::string scope_text(std::uint8_t scope) {
  switch (scope) {
  case RT_SCOPE_UNIVERSE:
    return "global";
  case RT_SCOPE_SITE:
    return "site";
  case RT_SCOPE_LINK:
    return "link";
  case RT_SCOPE_HOST:
    return "host";
  case RT_SCOPE_NOWHERE:
    return "nowhere";
  default:
    return std::to_string(scope);
  }
}

/// A route's type; a unicast one has no word.
const char* type_text(std::uint8_t type) {
  switch (type) {
  case RTN_LOCAL:
    return "local ";
  case RTN_BROADCAST:
    return "broadcast ";
  case RTN_ANYCAST:
    return "anycast ";
  case RTN_MULTICAST:
    return "multicast ";
  case RTN_BLACKHOLE:
    return "blackhole ";
  case RTN_UNREACHABLE:
    return "unreachable ";
  case RTN_PROHIBIT:
    return "prohibit ";
  case RTN_THROW:
    return "throw ";
  default:
    return "";
  }
}

const char* position_text(IpRoute::Position position) {
  switch (position) {
  case IpRoute::Position::First:
    return "prepend";
  case IpRoute::Position::Last:
    return "append";
  case IpRoute::Position::Only:
    break;
  }
  return "add";
}

std::string via_text(const NextHop& hop) {
  if (!hop.gateway)
    return "";
  return fmt::format(" via {} {}", hop.gateway->family() == Family::IPv4 ? "inet" : "inet6",
                     hop.gateway->text());
}

std::string device_text(const NextHop& hop) {
  return hop.device.name.empty() ? "" : " dev " + hop.device.name;
}

/// What a rule does with the packets it selects.
std::string action_text(const IpRule& rule) {
  switch (rule.action) {
  case FR_ACT_BLACKHOLE:
    return "type blackhole";
  case FR_ACT_UNREACHABLE:
    return "type unreachable";
  case FR_ACT_PROHIBIT:
    return "type prohibit";
  case FR_ACT_GOTO:
    return fmt::format("goto {}", rule.target);
  case FR_ACT_NOP:
    return "nop";
  default:
    return rule.vrf_table ? "l3mdev" : fmt::format("lookup {}", rule.table);
  }
}

} // namespace

std::string dump_line(const config::VirtualAddress& address, const std::string& interface, bool set) {
  const auto& ip = address.prefix.address;
  const bool is_ipv6 = ip.family() == Family::IPv6;
  const bool is_host = address.prefix.length == 8 * ip.size();
  std::string line = is_host || address.peer ? ip.text() : address.prefix.text();
  if (address.broadcast)
    line += " brd " + address.broadcast->text();
  line += " dev " + (address.device.empty() ? interface : address.device);
  line += " scope " + scope_text(address.scope);
  if (!address.label.empty())
    line += " label " + address.label;
  if (address.peer)
    line += fmt::format(" peer {}/{}", address.peer->text(), address.prefix.length);
  const auto flag = [&](std::uint32_t wanted, const char* word) {
    if ((address.flags & wanted) != 0)
      line += word;
  };
  flag(IFA_F_HOMEADDRESS, " home");
  if (address.detects_duplicates)
    line += " -nodad";
  flag(IFA_F_MANAGETEMPADDR, " mngtmpaddr");
  flag(IFA_F_NOPREFIXROUTE, " noprefixroute");
  flag(IFA_F_MCAUTOJOIN, " autojoin");
  if (!address.tracked)
    line += " no_track";
  if (is_ipv6 && address.preferred_lifetime == 0)
    line += " deprecated";
  else if (is_ipv6 && address.preferred_lifetime == config::VirtualAddress::kForever)
    line += " preferred_lft forever";
  else if (is_ipv6)
    line += fmt::format(" preferred_lft {}", address.preferred_lifetime);
  return line + (set ? " set" : "");
}

std::string dump_line(const config::Route& entry) {
  const auto& route = entry.route;
  std::string line = fmt::format("{} {}{}", route.hops.empty() ? "add" : position_text(route.position),
                                 type_text(route.type), route.destination.text());
  const auto* const only = route.hops.size() == 1 ? &route.hops.front() : nullptr;
  if (route.from)
    line += " from " + route.from->text();
  if (route.preferred_source)
    line += " src " + route.preferred_source->text();
  if (only != nullptr)
    line += via_text(*only);
  if (route.tos != 0)
    line += fmt::format(" tos {}", route.tos);
  if (only != nullptr)
    line += device_text(*only);
  if (!route.vrf.empty())
    line += " vrf " + route.vrf;
  else if (route.table != RT_TABLE_MAIN)
    line += fmt::format(" table {}", route.table);
  line += fmt::format(" proto {}", route.protocol);
  if (route.scope != RT_SCOPE_UNIVERSE)
    line += fmt::format(" scope {}", route.scope);
  if (route.metric)
    line += fmt::format(" metric {}", *route.metric);
  if (only != nullptr && only->onlink)
    line += " onlink";
  if (route.hops.size() > 1) {
    for (const auto& hop : route.hops)
      line += fmt::format(" nexthop{}{}{}{}", via_text(hop), device_text(hop),
                          hop.weight == 1 ? "" : fmt::format(" weight {}", hop.weight),
                          hop.onlink ? " onlink" : "");
  }
  return line + (entry.tracked ? "" : " no_track");
}

std::string dump_line(const config::Rule& entry) {
  const auto& rule = entry.rule;
  std::string line =
      fmt::format("{}from {}", rule.inverted ? "not " : "", rule.from ? rule.from->text() : "all");
  if (rule.to)
    line += " to " + rule.to->text();
  line += fmt::format(" priority {} tos {:#x}", rule.priority, rule.tos);
  if (rule.mark)
    line += fmt::format(" fwmark {:#x}", *rule.mark);
  if (rule.mark && rule.mark_mask)
    line += fmt::format("/{:#x}", *rule.mark_mask);
  if (!rule.input_device.empty())
    line += " iif " + rule.input_device;
  if (!rule.output_device.empty())
    line += " oif " + rule.output_device;
  line += fmt::format(" protocol {} {}", rule.protocol, action_text(rule));
  return line + (entry.tracked ? "" : " no_track");
}

std::string dump_line(const config::Script& script) {
  return fmt::format("'{}'", fmt::join(script.argv, "' '"));
}

} // namespace xvrrp::controller
