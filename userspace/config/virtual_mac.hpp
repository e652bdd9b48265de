// SPDX-License-Identifier: BSD-2-Clause
// use_vmac and vmac_xmit_base.
#pragma once

#include "config/instance.hpp"

namespace xvrrp::config {

/// Reads `use_vmac [[name] NAME] [MAC] [netlink_notify_msg] [group GID]`, once the VRID is known. No device
/// is made, so what names or places one is read over.
void finish_virtual_mac(InstanceDraft& draft);

} // namespace xvrrp::config
