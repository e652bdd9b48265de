// SPDX-License-Identifier: BSD-2-Clause
// keepalived.data and keepalived.stats, as keepalived writes them on SIGUSR1 and SIGUSR2.
#pragma once

#include <string>

#include "controller/dump_model.hpp"

namespace xvrrp::controller {

/// What there is of it in xvrrp, by keepalived's names and in its order. Lines without a counterpart
/// (sockets, processes of keepalived) are not in it.
std::string dump_data(const DumpedState& state);
std::string dump_stats(const DumpedState& state);

} // namespace xvrrp::controller
