// SPDX-License-Identifier: BSD-2-Clause
#include "config/foreign_words.hpp"

#include <string>

#include "config/spelling.hpp"

namespace xvrrp::config {

namespace {

enum class Treatment : std::uint8_t {
  NotYet,       ///< an error
  Refused,      ///< an error: without it the router would do something else than the file says
  OneValue,     ///< an error, but for the values in `only`
  NoEffect,     ///< a warning
  Granted,      ///< nothing is said: it asks for what is always so
  LoadBalancer, ///< one warning for all
};

/// Words of one level that share a fate; the lists are blank-separated.
struct WordGroup {
  Level level;
  Treatment treatment;
  std::string_view words;
  std::string_view why = "";  ///< a clause, for messages
  std::string_view only = ""; ///< OneValue: what is how it always is
};

constexpr std::string_view kNoMail = "it sends no mail";
constexpr std::string_view kNoBfd = "it runs no BFD: a short advert_int detects as fast";
constexpr std::string_view kPolling = "the kernel tells it of every link that goes down";
constexpr std::string_view kGroups4And6 = "adverts go to the groups that RFC 9568 gives";
constexpr std::string_view kOtherInterfaces =
    "announcements leave by the interface of the address: use garp_master_refresh";
constexpr std::string_view kTimeKept =
    "a Master that is late is fenced by the kernel before another router can take over";

constexpr WordGroup kGroups[] = {
    {Level::Root, Treatment::Refused, "bfd_instance", kNoBfd},
    {Level::Root, Treatment::Refused, "interface_up_down_delays",
     "a link that goes down or comes up counts at once"},
    {Level::Root, Treatment::Refused, "net_namespace",
     "start xvrrpd inside the namespace: ip netns exec NAME xvrrpd"},
    {Level::Root, Treatment::NoEffect, "linkbeat_interfaces linkbeat_use_polling", kPolling},
    {Level::Root, Treatment::NoEffect, "track_group",
     "what static entries lose is put back at once, so that no instance goes down for it"},
    {Level::Root, Treatment::NoEffect, "namespace_with_ipsets", "it uses no ipsets"},
    {Level::Root, Treatment::NoEffect, "use_pid_dir", "its files are always in a directory, /run/xvrrp"},
    {Level::Root, Treatment::NoEffect, "child_wait_time", "nothing of it has to be waited for at the end"},
    {Level::Root, Treatment::LoadBalancer, "virtual_server virtual_server_group SSL net_namespace_ipvs"},

    {Level::GlobalDefs, Treatment::NoEffect,
     "notification_email notification_email_from smtp_server smtp_helo_name smtp_connect_timeout smtp_alert "
     "smtp_alert_vrrp smtp_alert_checker no_email_faults",
     kNoMail},
    {Level::GlobalDefs, Treatment::NoEffect,
     "vrrp_priority vrrp_rt_priority vrrp_no_swap vrrp_rlimit_rttime vrrp_rlimit_rtime max_auto_priority "
     "min_auto_priority_delay",
     "elections always run at real-time priority in locked memory"},
    {Level::GlobalDefs, Treatment::NoEffect,
     "bfd_priority bfd_no_swap bfd_rt_priority bfd_cpu_affinity bfd_rlimit_rttime bfd_rlimit_rtime",
     "it runs no BFD process"},
    {Level::GlobalDefs, Treatment::NoEffect, "process_names process_name vrrp_process_name bfd_process_name",
     "its one process is always named xvrrpd"},
    {Level::GlobalDefs, Treatment::NoEffect, "vmac_prefix vmac_addr_prefix",
     "use_vmac makes no device that would need a name"},
    {Level::GlobalDefs, Treatment::NoEffect, "disable_local_igmp",
     "use_vmac makes no device that would send IGMP"},
    {Level::GlobalDefs, Treatment::NoEffect,
     "vrrp_iptables vrrp_ipsets nftables nftables_priority nftables_ifindex nftables_counters",
     "no_accept is enforced by XDP, without firewall rules"},
    {Level::GlobalDefs, Treatment::NoEffect,
     "vrrp_netlink_cmd_rcv_bufs vrrp_netlink_cmd_rcv_bufs_force vrrp_netlink_monitor_rcv_bufs "
     "vrrp_netlink_monitor_rcv_bufs_force process_monitor_rcv_bufs process_monitor_rcv_bufs_force",
     "it reads the state of the kernel anew when a message is lost"},
    {Level::GlobalDefs, Treatment::NoEffect, "vrrp_rx_bufs_policy vrrp_rx_bufs_multiplier",
     "adverts are heard by XDP, without a socket whose buffer could be full"},
    {Level::GlobalDefs, Treatment::NoEffect, "log_unknown_vrids",
     "\"vrrpctl stats\" counts their adverts and \"vrrpctl watch\" shows them"},
    {Level::GlobalDefs, Treatment::NoEffect,
     "snmp_socket enable_traps enable_snmp_vrrp enable_snmp_keepalived enable_snmp_rfc enable_snmp_rfcv2 "
     "enable_snmp_rfcv3",
     "it has no SNMP agent: \"vrrpctl stats --rfc6527 --json\" has the counters"},
    {Level::GlobalDefs, Treatment::NoEffect, "enable_dbus dbus_service_name dbus_no_interface_name",
     "it is not on D-Bus: \"vrrpctl status --json\" has the states"},
    {Level::GlobalDefs, Treatment::NoEffect, "config_save_dir", "it keeps no copies of configurations"},
    {Level::GlobalDefs, Treatment::NoEffect, "fifo_write_vrrp_states_on_reload",
     "named pipes stay open over a reload, and a router that goes on has no new state"},
    {Level::GlobalDefs, Treatment::Granted, "vrrp_check_unicast_src"},   // who is no peer is never heard
    {Level::GlobalDefs, Treatment::Granted, "vrrp_skip_check_adv_addr"}, // only v2_strict_addresses checks
    {Level::GlobalDefs, Treatment::Granted, "use_symlink_paths"},        // a script's path is used as it is
    {Level::GlobalDefs, Treatment::Granted, "reload_check_config"},      // a bad file changes nothing
    {Level::GlobalDefs, Treatment::Granted, "tmp_config_directory"},     // nothing is written anywhere
    {Level::GlobalDefs, Treatment::OneValue, "vrrp_mcast_group4", kGroups4And6, "224.0.0.18"},
    {Level::GlobalDefs, Treatment::OneValue, "vrrp_mcast_group6", kGroups4And6, "ff02::12"},
    {Level::GlobalDefs, Treatment::OneValue, "vrrp_garp_extra_if vrrp_vmac_garp_intvl", kOtherInterfaces,
     "0"},
    {Level::GlobalDefs, Treatment::Refused, "reload_time_file reload_repeat",
     "let cron or a systemd timer run \"vrrpctl reload\""},
    {Level::GlobalDefs, Treatment::Refused, "reload_file",
     "\"vrrpctl reload\" returns when the reload is done"},
    {Level::GlobalDefs, Treatment::LoadBalancer,
     "checker_process_name lvs_process_name checker_log_all_failures lvs_timeouts lvs_flush "
     "lvs_flush_on_stop lvs_flush_onstop lvs_sync_daemon nftables_ipvs nftables_ipvs_priority "
     "nftables_ipvs_start_fwmark lvs_notify_fifo lvs_notify_fifo_script checker_priority checker_no_swap "
     "checker_rt_priority checker_cpu_affinity checker_rlimit_rttime checker_rlimit_rtime "
     "enable_snmp_checker snmp_vs_stats_update_interval snmp_rs_stats_update_interval "
     "lvs_netlink_cmd_rcv_bufs lvs_netlink_cmd_rcv_bufs_force lvs_netlink_monitor_rcv_bufs "
     "lvs_netlink_monitor_rcv_bufs_force rs_init_notifies no_checker_emails"},
    {Level::GlobalDefs, Treatment::NotYet,
     "set_supplementary_groups startup_script startup_script_timeout shutdown_script shutdown_script_timeout "
     "iproute_usr_dir iproute_etc_dir"},

    {Level::SyncGroup, Treatment::NoEffect, "smtp_alert", kNoMail},
    {Level::SyncGroup, Treatment::NoEffect, "global_tracking", "what a group tracks counts for all of it"},
    {Level::SyncGroup, Treatment::Refused, "track_bfd", kNoBfd},

    {Level::Instance, Treatment::NoEffect, "smtp_alert", kNoMail},
    {Level::Instance, Treatment::NoEffect, "debug", "keepalived does not heed it either"},
    {Level::Instance, Treatment::NoEffect, "linkbeat_use_polling", kPolling},
    {Level::Instance, Treatment::NoEffect, "timer_expired_backup thread_timer_expired", kTimeKept},
    {Level::Instance, Treatment::NoEffect, "kernel_rx_buf_size",
     "adverts are heard by XDP, without a socket whose buffer could be full"},
    {Level::Instance, Treatment::Granted, "check_unicast_src skip_check_adv_addr"},
    {Level::Instance, Treatment::Granted, "track_src_ip"}, // without its source a router cannot advertise: FAULT
    {Level::Instance, Treatment::OneValue, "mcast_dst_ip", kGroups4And6, "224.0.0.18 ff02::12"},
    {Level::Instance, Treatment::OneValue, "unicast_ttl", "routers drop adverts with another (RFC 9568 5.1)",
     "255"},
    {Level::Instance, Treatment::OneValue, "garp_extra_if vmac_garp_intvl", kOtherInterfaces, "0"},
    {Level::Instance, Treatment::OneValue, "old_unicast_checksum",
     "it is for keepalived 1.3.6 and older, whose form is not sent", "never"},
    {Level::Instance, Treatment::Refused, "use_ipvlan",
     "with a device of its own the router would send from another address: use_vmac needs no device"},
    {Level::Instance, Treatment::Refused, "use_vmac_addr",
     "addresses on other interfaces (dev) keep the MAC address of those interfaces"},
    {Level::Instance, Treatment::Refused, "vrf", "name the interface of the virtual router: interface IF"},
    {Level::Instance, Treatment::Refused, "track_bfd", kNoBfd},
    {Level::Instance, Treatment::Refused, "auth_hmac",
     "adverts would leave without it, and the other routers would drop them"},
    {Level::Instance, Treatment::LoadBalancer, "lvs_sync_daemon_interface"},
};

/// Calls `visit` with each word of a blank-separated list.
template <typename Visitor>
void for_each_word(std::string_view list, Visitor visit) {
  while (!list.empty()) {
    const std::string_view word = list.substr(0, list.find(' '));
    visit(word);
    list.remove_prefix(std::min(word.size() + 1, list.size()));
  }
}

bool lists(std::string_view list, std::string_view wanted) {
  bool found = false;
  for_each_word(list, [&](std::string_view word) { found = found || word == wanted; });
  return found;
}

std::string joined_by_or(std::string_view list) {
  std::string text;
  for_each_word(list,
                [&](std::string_view word) { text += (text.empty() ? "" : " or ") + std::string{word}; });
  return text;
}

} // namespace

void report_foreign_word(Diagnostics& diagnostics, Level level, const Statement& statement,
                         const std::vector<std::string_view>& supported) {
  const Token& keyword = statement.keyword();
  const WordGroup* group = nullptr;
  std::vector<std::string_view> candidates = supported;
  for (const WordGroup& entry : kGroups) {
    if (entry.level != level)
      continue;
    for_each_word(entry.words, [&](std::string_view word) {
      candidates.push_back(word);
      if (word == keyword.text)
        group = &entry;
    });
  }

  if (group == nullptr) {
    const std::string where = level == Level::Root ? "" : " in " + std::string{name(level)};
    diagnostics.error(keyword.where, "unknown keyword " + quoted(keyword.text) + where +
                                         did_you_mean(keyword.text, candidates));
    return;
  }
  const std::string why{group->why};
  switch (group->treatment) {
  case Treatment::NotYet:
    diagnostics.error(keyword.where,
                      quoted(keyword.text) + " is a keepalived keyword that xvrrp does not support yet");
    break;
  case Treatment::Refused:
    diagnostics.error(keyword.where, quoted(keyword.text) + " is not for xvrrp: " + why);
    break;
  case Treatment::OneValue:
    if (statement.words.size() != 2 || !lists(group->only, statement.argument(0).text))
      diagnostics.error(keyword.where, quoted(keyword.text) + " can only be " + joined_by_or(group->only) +
                                           " in xvrrp: " + why);
    break;
  case Treatment::NoEffect:
    diagnostics.warning(keyword.where,
                        quoted(keyword.text) + " is accepted, but has no effect in xvrrp: " + why);
    break;
  case Treatment::Granted:
    break;
  case Treatment::LoadBalancer:
    diagnostics.warning_once("load balancer", keyword.where,
                             quoted(keyword.text) +
                                 " belongs to keepalived's load balancer, which xvrrp does not have: " +
                                 "it is skipped, and so is all of the kind that follows");
    break;
  }
}

} // namespace xvrrp::config
