// SPDX-License-Identifier: BSD-2-Clause
// Parts of the configuration in the words of keepalived's dumps.
#pragma once

#include <string>

#include "config/model.hpp"

namespace xvrrp::controller {

/// "192.0.2.1/24 dev eth0 scope global set"; `set`: it is on its interface. `interface` is what stands for no
/// device.
std::string dump_line(const config::VirtualAddress& address, const std::string& interface, bool set);
/// "prepend 10.0.0.0/8 via inet 192.0.2.9 dev eth0 proto 18". Metrics (mtu...) are not in it.
std::string dump_line(const config::Route& route);
/// "from 10.0.0.0/8 priority 100 tos 0x0 protocol 18 lookup 100". Selectors that are seldom used are not in
/// it.
std::string dump_line(const config::Rule& rule);
/// "'/bin/program' 'argument'"
std::string dump_line(const config::Script& script);

} // namespace xvrrp::controller
