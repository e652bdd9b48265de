// SPDX-License-Identifier: BSD-2-Clause
// What the receive program must make of an advert, from the RFCs and docs/data-plane.md. What a virtual
// router makes of one that passed the checks is the host's compilation of include/xvrrp/rules; everything
// around that is written anew.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include <xvrrp/abi/types.h>

#include "fuzz/host.hpp"

namespace xvrrp::fuzz {

struct World {
  std::optional<xv_if_policy> policy; ///< of the interface and VLAN of the frame
  bool reported_just_now = false;     ///< a bad packet, within the second
  bool configured = false;            ///< a virtual router for the frame's interface, VLAN, family and VRID
  xv_vr_config config{};
  std::optional<xv_vr_live> live;
  bool is_peer = false; ///< the frame's source is in the virtual router's list of peers
};

struct Outcome {
  std::uint32_t verdict = 0;
  xv_reason reason = XV_not_vrrp;
  bool counted = false;
  bool counted_by_router = false;
  std::multiset<xv_reason> notes{};     ///< counted beside the reason
  std::optional<xv_vr_live> live{};     ///< after it
  bool heard = false;                   ///< noted in the virtual router's own memory
  bool heard_foreign = false;           ///< or in that of foreign ones
  std::optional<xv_event_type> event{}; ///< that becomes of it
  std::uint8_t all_notes = 0;           ///< XV_NOTE_*, of the event and of what was heard
  std::uint64_t taught_ns = 0;          ///< the interval that the advert teaches
};

/// `now_ns` is when the program ran.
Outcome predict(const World& world, const Parsed& parsed, std::uint64_t now_ns);

} // namespace xvrrp::fuzz
