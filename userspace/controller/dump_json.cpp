// SPDX-License-Identifier: BSD-2-Clause
#include "controller/dump_json.hpp"

#include <span>

#include <nlohmann/json.hpp>

#include "controller/dump_lines.hpp"

namespace xvrrp::controller {
namespace {

using json = nlohmann::ordered_json;

/// Whole seconds without a fraction: readers may expect an integer where keepalived mostly has one.
json seconds(Nanoseconds duration) {
  if (duration % std::chrono::seconds{1} == Nanoseconds{0})
    return std::chrono::duration_cast<std::chrono::seconds>(duration).count();
  return std::chrono::duration<double>(duration).count();
}

int zero_or_one(bool value) {
  return value ? 1 : 0;
}

/// keepalived leaves out what is empty.
void add_list(json& data, const char* key, const json& list) {
  if (!list.empty())
    data[key] = list;
}

json addresses_json(const DumpedRouter& router, std::span<const config::VirtualAddress> addresses) {
  json list = json::array();
  for (const auto& address : addresses)
    list.push_back(dump_line(address, router.instance.interface, router.is_master()));
  return list;
}

template <typename Entry>
json lines_json(const std::vector<Entry>& entries) {
  json list = json::array();
  for (const auto& entry : entries)
    list.push_back(dump_line(entry));
  return list;
}

void add_scripts(json& data, const config::Notify& notify) {
  const std::pair<const char*, const std::optional<config::Script>*> scripts[] = {
      {"script_backup", &notify.backup},
      {"script_master", &notify.master},
      {"script_fault", &notify.fault},
      {"script_stop", &notify.stop},
      {"script_deleted", &notify.deleted},
      {"script", &notify.any},
      {"script_master_rx_lower_pri", &notify.losing_advert}};
  for (const auto& [key, script] : scripts) {
    if (*script)
      data[key] = dump_line(**script);
  }
}

json tracked_json(const DumpedState& state, const DumpedRouter& router, config::Tracked::Kind kind) {
  json list = json::array();
  for (const auto& thing : router.tracked) {
    if (thing.tracked.kind != kind)
      continue;
    if (kind == config::Tracked::Kind::Interface)
      list.push_back(thing.tracked.name);
    for (const auto& [script, up, is_running] : state.scripts) {
      if (kind == config::Tracked::Kind::Script && script.name == thing.tracked.name)
        list.push_back(dump_line(script.script));
    }
  }
  return list;
}

json data_json(const DumpedState& state, const DumpedRouter& router) {
  const auto& instance = router.instance;
  const auto& config = instance.router;
  const bool hears_master = router.status.state == core::State::Backup && router.status.master_known;
  json data{{"iname", instance.name},
            {"dont_track_primary", zero_or_one(!instance.track_primary)},
            {"skip_check_adv_addr", 0},
            {"strict_mode", zero_or_one(instance.strict)},
            {"vmac_ifname", ""}, // use_vmac makes no device
            {"ifp_ifname", instance.interface},
            {"master_priority", router.status.heard_priority},
            {"last_transition", std::chrono::duration<double>(router.since).count()},
            {"garp_delay", seconds(config.announce.second_burst_delay)},
            {"garp_refresh", seconds(config.announce.refresh_interval)},
            {"garp_rep", config.announce.repeat},
            {"garp_refresh_rep", config.announce.refresh_repeat},
            {"garp_lower_prio_delay", seconds(config.announce.contested_delay)},
            {"garp_lower_prio_rep", config.announce.contested_repeat},
            {"lower_prio_no_advert", zero_or_one(!config.answer_lower_priority)},
            {"higher_prio_send_advert", zero_or_one(config.advertise_when_yielding)},
            {"vrid", config.vrid},
            {"base_priority", config.priority},
            {"effective_priority", router.effective_priority},
            {"vipset", router.is_master()},
            {"promote_secondaries", instance.promote_secondaries},
            {"adver_int", seconds(config.advertisement_interval)},
            {"master_adver_int",
             seconds(hears_master ? router.status.master_adver_interval : config.advertisement_interval)},
            {"accept", zero_or_one(instance.accept)},
            {"nopreempt", !config.preempt},
            {"preempt_delay", seconds(config.preempt_delay)},
            {"state", number_of(router.status.state)},
            {"wantstate", number_of(router.status.state)},
            {"version", static_cast<int>(config.version)},
            {"smtp_alert", false},
            {"notify_deleted", instance.notify.deleted.has_value()}};
  add_scripts(data, instance.notify);
  add_list(data, "vips", addresses_json(router, instance.advertised()));
  add_list(data, "evips", addresses_json(router, std::span{instance.addresses}.last(instance.excluded)));
  add_list(data, "vroutes", lines_json(instance.routes));
  add_list(data, "vrules", lines_json(instance.rules));
  add_list(data, "track_ifp", tracked_json(state, router, config::Tracked::Kind::Interface));
  add_list(data, "track_script", tracked_json(state, router, config::Tracked::Kind::Script));
  const bool has_password = instance.authentication.type == config::AuthenticationType::Pass;
  data["auth_type"] = zero_or_one(has_password);
  if (has_password)
    data["auth_data"] = kHidden;
  return data;
}

json stats_json(const DumpedRouter& router) {
  const auto counters = counters_of(router);
  return {{"advert_rcvd", counters.advert_rcvd},
          {"advert_sent", counters.advert_sent},
          {"become_master", counters.become_master},
          {"release_master", counters.release_master},
          {"packet_len_err", counters.packet_len_err},
          {"advert_interval_err", counters.advert_interval_err},
          {"ip_ttl_err", counters.ip_ttl_err},
          {"invalid_type_rcvd", counters.invalid_type_rcvd},
          {"addr_list_err", counters.addr_list_err},
          {"invalid_authtype", 0},
          {"authtype_mismatch", counters.authtype_mismatch},
          {"auth_failure", counters.auth_failure},
          {"pri_zero_rcvd", counters.pri_zero_rcvd},
          {"pri_zero_sent", counters.pri_zero_sent}};
}

const char* name(config::TrackProcess::Match match) {
  constexpr const char* kNames[] = {"none", "exact", "initial", "partial"};
  return kNames[static_cast<std::size_t>(match)];
}

json process_json(const config::TrackProcess& process, const TrackedThing& thing) {
  return {{"process", process.name},
          {"param_match", name(process.match)},
          {"min_processes", process.quorum},
          {"current_processes", thing.number},
          {"have_quorum", thing.up.value_or(false)},
          {"weight", process.weight},
          {"terminate_delay", seconds(process.terminate_delay)},
          {"fork_delay", seconds(process.fork_delay)},
          {"full_command", process.full_command}};
}

} // namespace

json dump_json(const DumpedState& state) {
  json routers = json::array();
  for (const auto& router : state.routers)
    routers.push_back({{"data", data_json(state, router)}, {"stats", stats_json(router)}});
  if (state.configuration.dumps.json_version == 1)
    return routers;
  json processes = json::array();
  for (const auto& process : state.configuration.processes) {
    if (const auto* thing = find_tracked(state, config::Tracked::Kind::Process, process.name))
      processes.push_back(process_json(process, *thing));
  }
  return {{"vrrp", routers}, {"track_process", processes}};
}

} // namespace xvrrp::controller
