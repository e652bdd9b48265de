// SPDX-License-Identifier: BSD-2-Clause
#include "config/blocks.hpp"

#include <algorithm>
#include <iterator>

namespace xvrrp::config {

namespace {

constexpr BlockWord kBlockWords[] = {
    {"global_defs", Level::Root, 0, Level::GlobalDefs},
    {"vrrp_instance", Level::Root, 1, Level::Instance},
    {"vrrp_sync_group", Level::Root, 1, Level::SyncGroup},
    {"vrrp_script", Level::Root, 1, Level::Script},
    {"vrrp_track_process", Level::Root, 1, Level::Process},
    {"vrrp_track_file", Level::Root, 1, Level::File},
    {"track_file", Level::Root, 1, Level::File},
    {"track_group", Level::Root, 1, Level::Skipped},
    {"bfd_instance", Level::Root, 1, Level::Skipped},
    {"garp_group", Level::Root, 0, Level::GarpGroup},
    {"static_ipaddress", Level::Root, 0, Level::Entries},
    {"static_routes", Level::Root, 0, Level::Entries},
    {"static_rules", Level::Root, 0, Level::Entries},
    {"linkbeat_interfaces", Level::Root, 0, Level::Skipped},
    {"interface_up_down_delays", Level::Root, 0, Level::Skipped},
    {"virtual_server", Level::Root, 2, Level::Skipped},
    {"virtual_server_group", Level::Root, 1, Level::Skipped},
    {"SSL", Level::Root, 0, Level::Skipped},
    {"notification_email", Level::GlobalDefs, 0, Level::Skipped},
    {"authentication", Level::Instance, 0, Level::Authentication},
    {"unicast_peer", Level::Instance, 0, Level::Entries},
    {"virtual_ipaddress", Level::Instance, 0, Level::Entries},
    {"virtual_nat", Level::Instance, 0, Level::Entries},
    {"virtual_ipaddress_excluded", Level::Instance, 0, Level::Entries},
    {"virtual_routes", Level::Instance, 0, Level::Entries},
    {"virtual_rules", Level::Instance, 0, Level::Entries},
    {"track_interface", Level::Instance, 0, Level::Entries},
    {"track_script", Level::Instance, 0, Level::Entries},
    {"track_file", Level::Instance, 0, Level::Entries},
    {"track_process", Level::Instance, 0, Level::Entries},
    {"track_bfd", Level::Instance, 0, Level::Skipped},
    {"auth_hmac", Level::Instance, 0, Level::Skipped},
    {"group", Level::SyncGroup, 0, Level::Entries},
    {"track_interface", Level::SyncGroup, 0, Level::Entries},
    {"track_script", Level::SyncGroup, 0, Level::Entries},
    {"track_file", Level::SyncGroup, 0, Level::Entries},
    {"track_process", Level::SyncGroup, 0, Level::Entries},
    {"track_bfd", Level::SyncGroup, 0, Level::Skipped},
    {"interfaces", Level::GarpGroup, 0, Level::Entries},
};

} // namespace

std::string_view name(Level level) {
  switch (level) {
  case Level::GlobalDefs:
    return "global_defs";
  case Level::Instance:
    return "vrrp_instance";
  case Level::Authentication:
    return "authentication";
  case Level::SyncGroup:
    return "vrrp_sync_group";
  case Level::Script:
    return "vrrp_script";
  case Level::File:
    return "track_file";
  case Level::Process:
    return "vrrp_track_process";
  case Level::GarpGroup:
    return "garp_group";
  case Level::Root:
  case Level::Entries:
  case Level::Skipped:
    break;
  }
  return "";
}

const BlockWord* find_block_word(Level outer, std::string_view word) {
  const auto* const found =
      std::find_if(std::begin(kBlockWords), std::end(kBlockWords),
                   [&](const BlockWord& entry) { return entry.outer == outer && entry.word == word; });
  return found == std::end(kBlockWords) ? nullptr : found;
}

} // namespace xvrrp::config
