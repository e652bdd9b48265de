// SPDX-License-Identifier: BSD-2-Clause
// Settings of single interfaces under /proc/sys/net/ipv4/conf and ipv6/conf.
#pragma once

#include <string>

#include <xvrrp/base/address.hpp>
#include <xvrrp/base/result.hpp>

namespace xvrrp::platform {

/// Of an interface, or of "all". The error is a sentence; one of them: there is no such interface in this
/// network namespace.
Result<std::string> ip_setting(Family family, const std::string& interface, const std::string& setting);
/// Needs CAP_NET_ADMIN.
Status set_ipv4_setting(const std::string& interface, const std::string& setting, const std::string& value);

} // namespace xvrrp::platform
