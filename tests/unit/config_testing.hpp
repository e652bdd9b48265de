// SPDX-License-Identifier: BSD-2-Clause
// What the tests of the configuration reader share.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/reader.hpp"

namespace xvrrp::config::testing {

/// The guide's two files.
inline constexpr std::string_view kDent2 = R"(vrrp_instance VI_1 {
    state MASTER              # DENT3: BACKUP
    interface enp0s4
    virtual_router_id 150
    priority 101              # DENT3: 100
    advert_int 1
    unicast_src_ip 192.168.1.11     # DENT3: 192.168.1.12
    unicast_peer {
        192.168.1.12                # DENT3: 192.168.1.11
    }
    authentication {
        auth_type PASS
        auth_pass 1212
    }
    virtual_ipaddress {
        192.168.1.13/24
    }
    virtual_nat {
        masquerade oif ma1
    }
}
)";

inline constexpr std::string_view kDent3 = R"(vrrp_instance VI_1 {
    state BACKUP
    interface enp0s4
    virtual_router_id 150
    priority 100
    advert_int 1
    unicast_src_ip 192.168.1.12
    unicast_peer {
        192.168.1.11
    }
    authentication {
        auth_type PASS
        auth_pass 1212
    }
    virtual_ipaddress {
        192.168.1.13/24
    }
    virtual_nat {
        masquerade oif ma1
    }
}
)";

/// The diagnostics, as they are printed.
std::vector<std::string> texts(const Outcome& outcome);

/// A valid instance on lines 1 to 4, with `lines` from line 5 on.
std::string instance_with(const std::string& lines, const std::string& head = "vrrp_instance A {");
/// The same with a link-local IPv6 address.
std::string ipv6_instance_with(const std::string& lines, const std::string& head = "vrrp_instance A {");
/// An instance whose line of virtual_ipaddress stands at line 2.
std::string instance_of_addresses(const std::string& lines);

/// The only instance of `text`, which must be free of errors.
Instance only_instance(const std::string& text);

/// A text and everything that is said about it.
struct Complaint {
  std::string text;
  std::vector<std::string> expected;
};
void expect_complaints(const std::vector<Complaint>& table);

/// Rows about an instance's lines: the text begins at line 5.
Complaint in_instance(const std::string& lines, std::vector<std::string> expected);
Complaint in_ipv6_instance(const std::string& lines, std::vector<std::string> expected);
/// Rows about a line of virtual_ipaddress: the text is line 2.
Complaint in_addresses(const std::string& lines, std::vector<std::string> expected);
/// Rows about a line of virtual_nat: the text is line 6.
Complaint in_nat(const std::string& lines, std::vector<std::string> expected);
/// Rows about global_defs: the text begins at line 2.
Complaint in_globals(const std::string& lines, std::vector<std::string> expected);

/// As ADDRESS/LENGTH.
std::vector<std::string> addresses_of(const Instance& instance);

inline const std::string kNotYet = " is a keepalived keyword that xvrrp does not support yet";
inline const std::string kNotForUs = " is not for xvrrp: ";
inline const std::string kNoEffect = " is accepted, but has no effect in xvrrp: ";
inline const std::string kLoadBalancer =
    " belongs to keepalived's load balancer, which xvrrp does not have: it is skipped, "
    "and so is all of the kind that follows";

} // namespace xvrrp::config::testing
