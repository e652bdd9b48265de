// SPDX-License-Identifier: BSD-2-Clause
// Private to platform: routes and rules as rtnetlink messages.
#pragma once

#include <string>

#include <xvrrp/base/route.hpp>

#include "platform/rtnetlink.hpp"

namespace xvrrp::platform {

/// Adding what exists gives EEXIST. Devices are meant by their numbers.
NetlinkMessage install_message(const IpRoute& route);
NetlinkMessage install_message(const IpRule& rule);
NetlinkMessage remove_message(const IpRoute& route);
NetlinkMessage remove_message(const IpRule& rule);

/// "route 10.0.0.0/8 via 192.0.2.1 dev eth0 table 100", "rule 1000 from 10.0.0.0/8 table 100".
std::string route_text(nlmsghdr* message);

/// Whether the kernel takes them for the same, so that one stands for the other, whatever else is in them.
bool is_known_as(nlmsghdr* asked, nlmsghdr* found);
/// Whether what the kernel says it has is what a message of install_message() asks for.
bool is_installed_by(nlmsghdr* asked, nlmsghdr* found);

} // namespace xvrrp::platform
