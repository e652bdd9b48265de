// SPDX-License-Identifier: BSD-2-Clause
#include "platform/nat_ruleset.hpp"

#include <algorithm>

namespace xvrrp::platform::nat_ruleset {

namespace {

std::string chain(std::size_t router, const char* purpose) {
  return "vr" + std::to_string(router) + "_" + purpose;
}

// What the kernel allows in a name is more than what nft's quoted strings take; an asterisk would match other
// names too.
bool is_expressible(const std::string& interface) {
  return !interface.empty() && std::all_of(interface.begin(), interface.end(), [](char c) {
    return c > ' ' && c < 127 && c != '"' && c != '\\' && c != '*';
  });
}

std::string comment(const std::string& name) {
  constexpr std::size_t kLongest = 64; // nftables stores 128 bytes
  std::string text = name.substr(0, kLongest);
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c < ' ' || c > '~' || c == '"' || c == '\\'; }, '?');
  return "comment \"" + text + "\"";
}

bool is_dnat(const NatRule& rule) {
  return rule.kind == NatRule::Kind::Dnat;
}

const std::string& input(const NatVr& router, const NatRule& rule) {
  return rule.iif.empty() ? router.interface : rule.iif;
}

std::string protocol(const NatRule& rule) {
  return rule.family == Family::IPv4 ? "ip" : "ip6";
}

std::string range(const std::string& first, const std::string& last) {
  return first == last ? first : first + "-" + last;
}

std::string selector(const NatVr& router, const NatRule& rule) {
  std::string text = rule.family == Family::IPv4 ? "meta nfproto ipv4 " : "meta nfproto ipv6 ";
  text += "iifname \"" + input(router, rule) + "\" ";
  if (rule.from)
    text += protocol(rule) + " saddr " + rule.from->text() + " ";
  if (!is_dnat(rule))
    return text + "oifname \"" + rule.oif + "\" ";
  std::string destinations;
  for (const auto& address : rule.destinations)
    destinations += (destinations.empty() ? "" : ", ") + address.text();
  text += protocol(rule) + " daddr { " + destinations + " } ";
  if (rule.transport != NatRule::Transport::Any)
    text += std::string{rule.transport == NatRule::Transport::Tcp ? "tcp" : "udp"} + " dport " +
            range(std::to_string(rule.ports.first), std::to_string(rule.ports.last)) + " ";
  return text;
}

std::string translation(const NatRule& rule) {
  switch (rule.kind) {
  case NatRule::Kind::Masquerade:
    break;
  case NatRule::Kind::Snat:
    return "snat " + protocol(rule) + " to " + range(rule.to->text(), rule.to_last.value_or(*rule.to).text());
  case NatRule::Kind::Dnat: {
    if (rule.to_port == 0)
      return "dnat " + protocol(rule) + " to " + rule.to->text();
    const std::string host = rule.family == Family::IPv4 ? rule.to->text() : "[" + rule.to->text() + "]";
    return "dnat " + protocol(rule) + " to " + host + ":" + std::to_string(rule.to_port);
  }
  }
  return "masquerade";
}

} // namespace

std::string table_of(std::string_view instance) {
  return "inet xvrrp_" + std::string{instance};
}

// `destroy` needs kernel 6.3.
std::string deletion(const std::string& table) {
  return "add table " + table + "\ndelete table " + table + "\n";
}

Status check(const NatVr& router) {
  for (const auto& rule : router.rules) {
    const auto wrong = [&](const std::string& why) {
      return Error{ErrorKind::Usage, "virtual_nat of " + router.name + ": " + why};
    };
    for (const auto& interface : {input(router, rule), is_dnat(rule) ? input(router, rule) : rule.oif}) {
      if (!is_expressible(interface))
        return wrong("nftables cannot name the interface \"" + interface + "\"");
    }
    const std::string family = rule.family == Family::IPv4 ? "IPv4" : "IPv6";
    if (rule.from && rule.from->address.family() != rule.family)
      return wrong("from " + rule.from->text() + " is not " + family);
    if (rule.kind != NatRule::Kind::Masquerade && (!rule.to || rule.to->family() != rule.family))
      return wrong("snat and dnat need an " + family + " address");
    if (rule.to_last && (rule.to_last->family() != rule.family || *rule.to_last < *rule.to))
      return wrong("the pool of snat ends before it begins");
    const auto& destinations = rule.destinations;
    if (is_dnat(rule) && (destinations.empty() ||
                          std::any_of(destinations.begin(), destinations.end(), [&rule](const auto& address) {
                            return address.family() != rule.family;
                          })))
      return wrong("dnat needs " + family + " destinations");
  }
  return Done{};
}

std::string staging(const std::string& table, const std::vector<NatVr>& routers) {
  std::string chains;
  std::string dnat_jumps;
  std::string nat_jumps;
  std::string pass_jumps;
  std::string drops;
  std::string guards;
  std::string dnat_guards;
  for (std::size_t i = 0; i < routers.size(); ++i) {
    const auto& router = routers[i];
    const std::string named = comment(router.name);
    for (const char* const purpose : {"dnat", "nat", "pass"})
      chains += "chain " + chain(i, purpose) + " { " + named + "; }\n";
    dnat_jumps += "jump " + chain(i, "dnat") + "\n";
    nat_jumps += "jump " + chain(i, "nat") + "\n";
    pass_jumps += "jump " + chain(i, "pass") + "\n";
    for (const auto& rule : router.rules) {
      const std::string selected = selector(router, rule);
      const auto drop = [&](const char* condition) {
        return selected + condition + "counter drop " + named + "\n";
      };
      if (is_dnat(rule)) {
        dnat_guards += drop("ct state invalid,untracked ") + drop("ct status & dnat == 0 ");
        continue;
      }
      drops += drop("");
      guards += drop("ct state invalid,untracked ") + drop("ct direction original ct status & snat == 0 ") +
                drop("ct direction reply ct status & dnat == 0 ");
    }
  }
  const auto base = [](const char* name, const char* hook, const std::string& rules) {
    return "chain " + std::string{name} + " { type " + hook + "; policy accept;\n" + rules + "}\n";
  };
  return deletion(table) + "table " + table + " {\n" + chains +
         base("prerouting", "nat hook prerouting priority dstnat", dnat_jumps) +
         base("postrouting", "nat hook postrouting priority srcnat", nat_jumps) +
         base("input", "filter hook input priority filter", dnat_guards) +
         base("forward", "filter hook forward priority filter", dnat_guards + pass_jumps + drops) +
         base("guard", "filter hook postrouting priority srcnat + 10", guards) + "}\n";
}

std::string switching(const std::string& table, const std::vector<NatVr>& routers,
                      std::span<const NatSwitch> switches) {
  std::string commands;
  for (const auto& [index, active] : switches) {
    const auto& router = routers[index];
    const auto in_chain = [&, i = index](const char* command, const char* purpose) {
      return command + table + " " + chain(i, purpose);
    };
    for (const char* const purpose : {"dnat", "nat", "pass"})
      commands += in_chain("flush chain ", purpose) + "\n";
    if (!active)
      continue;
    for (const auto& rule : router.rules) {
      const std::string selected = " " + selector(router, rule);
      commands += in_chain("add rule ", is_dnat(rule) ? "dnat" : "nat") + selected + translation(rule) + "\n";
      if (!is_dnat(rule))
        commands += in_chain("add rule ", "pass") + selected + "accept\n";
    }
  }
  return commands;
}

} // namespace xvrrp::platform::nat_ruleset
