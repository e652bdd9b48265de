// SPDX-License-Identifier: BSD-2-Clause
#include "config/foreign_words.hpp"

#include <string>

#include "config/spelling.hpp"

namespace xvrrp::config {

namespace {

enum class Treatment : std::uint8_t { NotYet, NoEffect, LoadBalancer };

/// Words of one level that share a fate; the lists are blank-separated.
struct WordGroup {
  Level level;
  Treatment treatment;
  std::string_view words;
  std::string_view why; ///< NoEffect: the reason, a clause
};

constexpr WordGroup kGroups[] = {
    {Level::Root, Treatment::NotYet,
     "track_group bfd_instance "
     "garp_group "
     "static_ipaddress static_routes static_rules linkbeat_interfaces linkbeat_use_polling "
     "interface_up_down_delays "
     "net_namespace namespace_with_ipsets use_pid_dir instance child_wait_time",
     ""},
    {Level::Root, Treatment::LoadBalancer, "virtual_server virtual_server_group SSL net_namespace_ipvs", ""},

    {Level::GlobalDefs, Treatment::NoEffect,
     "notification_email notification_email_from smtp_server smtp_helo_name smtp_connect_timeout smtp_alert "
     "smtp_alert_vrrp smtp_alert_checker no_email_faults",
     "it sends no mail"},
    {Level::GlobalDefs, Treatment::NoEffect,
     "vrrp_priority vrrp_rt_priority vrrp_no_swap vrrp_rlimit_rttime vrrp_rlimit_rtime max_auto_priority "
     "min_auto_priority_delay",
     "elections always run at real-time priority in locked memory"},
    {Level::GlobalDefs, Treatment::NoEffect, "process_names process_name vrrp_process_name bfd_process_name",
     "its one process is always named xvrrpd"},
    {Level::GlobalDefs, Treatment::NoEffect, "vmac_prefix vmac_addr_prefix",
     "use_vmac makes no device that would need a name"},
    {Level::GlobalDefs, Treatment::NoEffect, "vrrp_check_unicast_src",
     "adverts from senders that are not peers are always dropped"},
    {Level::GlobalDefs, Treatment::NoEffect, "vrrp_skip_check_adv_addr",
     "only v2_strict_addresses drops adverts for their list of addresses"},
    {Level::GlobalDefs, Treatment::LoadBalancer,
     "checker_process_name lvs_process_name checker_log_all_failures lvs_timeouts lvs_flush "
     "lvs_flush_on_stop "
     "lvs_flush_onstop lvs_sync_daemon nftables_ipvs nftables_ipvs_priority nftables_ipvs_start_fwmark "
     "lvs_notify_fifo "
     "lvs_notify_fifo_script checker_priority checker_no_swap checker_rt_priority checker_cpu_affinity "
     "checker_rlimit_rttime checker_rlimit_rtime enable_snmp_checker snmp_vs_stats_update_interval "
     "snmp_rs_stats_update_interval lvs_netlink_cmd_rcv_bufs lvs_netlink_cmd_rcv_bufs_force "
     "lvs_netlink_monitor_rcv_bufs lvs_netlink_monitor_rcv_bufs_force rs_init_notifies no_checker_emails",
     ""},
    {Level::GlobalDefs, Treatment::NotYet,
     "use_symlink_paths set_supplementary_groups startup_script startup_script_timeout shutdown_script "
     "shutdown_script_timeout default_interface disable_local_igmp vrrp_mcast_group4 "
     "vrrp_mcast_group6 vrrp_garp_interval "
     "vrrp_gna_interval "
     "vrrp_min_garp vrrp_garp_extra_if vrrp_vmac_garp_intvl vrrp_iptables vrrp_ipsets nftables "
     "nftables_priority "
     "nftables_ifindex nftables_counters vrrp_strict notify_fifo_script "
     "vrrp_notify_fifo_script fifo_write_vrrp_states_on_reload bfd_priority "
     "bfd_no_swap "
     "bfd_rt_priority bfd_cpu_affinity bfd_rlimit_rttime bfd_rlimit_rtime snmp_socket enable_traps "
     "enable_snmp_vrrp "
     "enable_snmp_keepalived enable_snmp_rfc enable_snmp_rfcv2 enable_snmp_rfcv3 enable_dbus "
     "dbus_service_name "
     "dbus_no_interface_name vrrp_netlink_cmd_rcv_bufs vrrp_netlink_cmd_rcv_bufs_force "
     "vrrp_netlink_monitor_rcv_bufs vrrp_netlink_monitor_rcv_bufs_force process_monitor_rcv_bufs "
     "process_monitor_rcv_bufs_force vrrp_rx_bufs_policy vrrp_rx_bufs_multiplier "
     "vrrp_delay_after_boot log_unknown_vrids umask "
     "random_seed "
     "reload_check_config reload_time_file reload_repeat reload_file include_check config_save_dir "
     "tmp_config_directory data_use_instance json_version iproute_usr_dir iproute_etc_dir state_dump_file "
     "stats_dump_file json_dump_file",
     ""},

    {Level::Instance, Treatment::NoEffect, "smtp_alert", "it sends no mail"},
    {Level::SyncGroup, Treatment::NoEffect, "smtp_alert", "it sends no mail"},
    {Level::SyncGroup, Treatment::NoEffect, "global_tracking", "what a group tracks counts for all of it"},
    {Level::SyncGroup, Treatment::NotYet, "track_bfd", ""},
    {Level::Instance, Treatment::NoEffect, "debug", "keepalived does not heed it either"},
    {Level::Instance, Treatment::NoEffect, "check_unicast_src",
     "adverts from senders that are not peers are always dropped"},
    {Level::Instance, Treatment::NoEffect, "skip_check_adv_addr",
     "only v2_strict_addresses drops adverts for their list of addresses"},
    {Level::Instance, Treatment::LoadBalancer, "lvs_sync_daemon_interface", ""},
    {Level::Instance, Treatment::NotYet,
     "use_vmac_addr use_ipvlan unicast_fault_no_peer old_unicast_checksum "
     "vrf "
     "track_bfd mcast_dst_ip "
     "track_src_ip "
     "unicast_ttl virtual_ipaddress_excluded no_virtual_ipaddress promote_secondaries linkbeat_use_polling "
     "virtual_routes virtual_rules strict_mode notify_master_rx_lower_pri "
     "timer_expired_backup thread_timer_expired garp_extra_if vmac_garp_intvl "
     "kernel_rx_buf_size auth_hmac",
     ""},
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
  switch (group->treatment) {
  case Treatment::NotYet:
    diagnostics.error(keyword.where,
                      quoted(keyword.text) + " is a keepalived keyword that xvrrp does not support yet");
    break;
  case Treatment::NoEffect:
    diagnostics.warning(keyword.where, quoted(keyword.text) + " is accepted, but has no effect in xvrrp: " +
                                           std::string{group->why});
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
