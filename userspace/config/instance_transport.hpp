// SPDX-License-Identifier: BSD-2-Clause
// Where the adverts of a vrrp_instance come from and go to: unicast_src_ip, mcast_src_ip, unicast_peer.
#pragma once

#include "config/instance.hpp"

namespace xvrrp::config {

/// Reads the source and the peers, once the family is known.
void finish_transport(InstanceDraft& draft);

} // namespace xvrrp::config
