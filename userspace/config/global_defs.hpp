// SPDX-License-Identifier: BSD-2-Clause
// global_defs: who we are, and what instances do unless they say otherwise.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/announcement_pace.hpp"
#include "config/diagnostics.hpp"
#include "config/keyword.hpp"
#include "config/model.hpp"
#include "config/syntax.hpp"
#include "core/types.hpp"

namespace xvrrp::config {

/// A named pipe as two statements describe it, either of which may come first.
struct FifoDraft {
  std::optional<std::string> path;
  std::optional<ScriptUser> owner;
  std::optional<Script> reader;
};

struct GlobalDefs {
  std::string router_id;
  std::string default_interface = "eth0"; ///< of static entries that name none
  bool dynamic_interfaces = false;
  bool graceful = true;
  std::vector<std::uint32_t> processors;
  FifoDraft notify_fifo;
  FifoDraft vrrp_notify_fifo;
  DumpSettings dumps;
  std::optional<ScriptUser> script_user;
  bool script_security = false;
  bool notify_priority_changes = false;
  Nanoseconds notify_timeout = std::chrono::seconds{60};
  std::optional<std::uint32_t> umask;

  ScriptUser default_user() const; ///< of scripts and pipes that name none

  // Copied when an instance's block is opened: what a later global_defs says does not change them.
  std::uint8_t down_adverts = 3;
  ChecksumForm checksum_form = ChecksumForm::PseudoHeader;
  core::AnnounceSchedule announce{5, std::chrono::seconds{5}, Nanoseconds{0}, 1};

  // Looked up after the whole file was read.
  core::Version version = core::Version::V2;
  bool lower_prio_no_advert = false;
  bool higher_prio_send_advert = false;
  std::optional<std::uint16_t> garp_lower_prio_repeat; ///< absent: as garp_master_repeat
  std::optional<Nanoseconds> garp_lower_prio_delay;    ///< absent: as garp_master_delay
  bool owner_ignores_adverts = false;
  AnnouncementSpacing spacing;
  Nanoseconds startup_delay{};
  bool strict = false;
};

/// What the keywords of global_defs write to; one for all global_defs blocks of a configuration.
struct GlobalDefsDraft {
  Diagnostics& diagnostics;
  Given given{};
  bool min_garp = false; ///< vrrp_min_garp
  GlobalDefs values{};
};

/// Gives the scripts their users; those that are not to be run are reported and left out.
void finish_notify(Diagnostics& diagnostics, Notify& notify, const GlobalDefs& globals);

/// The pipes with their readers, whose users and faults are as in finish_notify().
std::vector<NotifyFifo> finish_fifos(Diagnostics& diagnostics, const GlobalDefs& globals);

void read_global_defs(GlobalDefsDraft& draft, const Statement& block);

} // namespace xvrrp::config
