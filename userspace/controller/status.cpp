// SPDX-License-Identifier: BSD-2-Clause
#include "controller/status.hpp"

#include <array>
#include <cstdio>
#include <cstring>

#include <nlohmann/json.hpp>
#include <unistd.h>

#include "controller/log.hpp"
#include "dataplane/reasons.hpp"

namespace xvrrp::controller {
namespace {

using json = nlohmann::ordered_json;

double to_s(Nanoseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

std::uint64_t sum(const xv_stats& stats, dataplane::ReasonInfo::Kind kind) {
  std::uint64_t total = 0;
  const auto counters = dataplane::counters_of(stats);
  for (const auto& info : dataplane::reasons()) {
    if (info.kind == kind)
      total += counters[static_cast<std::size_t>(info.reason)];
  }
  return total;
}

/// vrrpv3StatisticsNewMasterReason (RFC 6527): why we last became Master.
const char* new_master_reason(core::Reason reason) {
  switch (reason) {
  case core::Reason::MasterResigned:
    return "priority";
  case core::Reason::Preempted:
  case core::Reason::OwnerStartup:
    return "preempted";
  case core::Reason::MasterSilent:
    return "master-no-response";
  default:
    return "not-master";
  }
}

json error_json(int error) {
  return error == 0 ? json{} : json(std::strerror(error));
}

json counters_json(const RouterStatus& status, const xv_stats& stats) {
  return {{"adverts_sent", status.adverts_sent},
          {"adverts_received", sum(stats, dataplane::ReasonInfo::Kind::Advert)},
          {"adverts_refused", status.adverts_refused},
          {"roles_refused", status.roles_refused},
          {"priority_zero_sent", status.priority_zero_sent},
          {"priority_zero_received", stats.priority_zero},
          {"became_master", status.became_master},
          {"bad_packets", sum(stats, dataplane::ReasonInfo::Kind::Bad)}};
}

std::string text(const Mac& mac) {
  std::array<char, 18> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3],
                mac[4], mac[5]);
  return buffer.data();
}

json tracked_json(const TrackedThing& thing) {
  const auto& tracked = thing.tracked;
  json entry = {{"kind", name(tracked.kind)}, {"name", tracked.name}, {"weight", tracked.weight}};
  entry["reverse"] = tracked.reverse;
  entry["up"] = thing.up ? json(*thing.up) : json{};
  if (tracked.kind == config::Tracked::Kind::File || tracked.kind == config::Tracked::Kind::Process)
    entry["number"] = thing.number;
  return entry;
}

json router_json(const StatusSources& of, const InterfaceMap& interfaces, std::size_t index, Instant now) {
  const auto& router = of.election.router(index);
  const auto& plan = router.newest_plan();
  const auto& instance = plan.instance;
  const auto status = router.status();
  json addresses = json::array();
  for (const auto& address : instance.addresses)
    addresses.push_back(address.prefix.text());
  json tracked = json::array();
  for (const auto& thing : of.tracking.things(instance, interfaces))
    tracked.push_back(tracked_json(thing));
  json peers = json::array();
  for (const auto& peer : instance.unicast_peers)
    peers.push_back(peer.text());
  json master = nullptr;
  if (status.master_known)
    master = {{"address", status.master_address.text()}, {"priority", status.master_priority}};
  const auto& source = frames_of(status).sender.source;
  const auto* link = of.attachments.find(plan.place.ifindex);
  return {
      {"name", instance.name},
      {"interface", instance.interface},
      {"vrid", instance.router.vrid},
      {"family", instance.router.family == Family::IPv4 ? "ipv4" : "ipv6"},
      {"version", static_cast<int>(instance.router.version)},
      {"state", core::name(status.state)},
      {"resigns", status.resigns},
      {"drained", of.watch.is_drained(index)},
      {"since_s", to_s(now - status.since)},
      {"reason", core::name(status.reason)},
      {"reason_text", core::describe(status.reason)},
      {"problem", of.watch.problem(index)},
      {"advert_error", error_json(status.advert_error)},
      {"role_error", error_json(status.role_error)},
      {"new_master_reason", new_master_reason(status.master_reason)},
      {"priority", instance.router.priority},
      {"wished_priority", router.wished_priority ? json(*router.wished_priority) : json{}},
      {"effective_priority", router.newest_frames().sender.priority},
      {"source", source.is_unspecified() ? json{} : json(source.text())},
      {"virtual_mac", plan.virtual_mac ? json(text(*plan.virtual_mac)) : json{}},
      {"master", master},
      {"timers",
       {{"advertisement_interval_ms", to_ms(instance.router.advertisement_interval)},
        {"master_adver_interval_ms", to_ms(status.master_adver_interval)},
        {"skew_time_ms", to_ms(status.skew_time)},
        {"master_down_interval_ms", to_ms(status.master_down_interval)}}},
      {"addresses", addresses},
      {"peers", peers},
      {"sync_group", instance.sync_group},
      {"tracked", tracked},
      {"xdp",
       {{"mode", link == nullptr ? "none" : dataplane::name(link->mode)},
        {"device", plan.place.device},
        {"vlan", plan.place.vlan},
        {"inner_vlan", plan.place.inner_vlan},
        {"fallback", link == nullptr ? "" : link->fallback}}},
      {"counters", counters_json(status, of.data_plane.router_stats().find(plan.key).value_or(xv_stats{}))}};
}

} // namespace

json router_json(const StatusSources& of, std::size_t router, Instant now) {
  const auto interfaces = read_interfaces();
  return router_json(of, interfaces ? *interfaces : InterfaceMap{}, router, now);
}

json status_json(const StatusSources& of, Instant now) {
  const auto interfaces = read_interfaces();
  json instances = json::array();
  for (std::size_t index = 0; index < of.election.routers().size(); ++index)
    instances.push_back(router_json(of, interfaces ? *interfaces : InterfaceMap{}, index, now));
  return {{"schema", 1},
          {"daemon",
           {{"instance", of.daemon.instance},
            {"pid", getpid()},
            {"version", XVRRP_VERSION},
            {"config", of.daemon.file},
            {"realtime", of.election.realtime_warning().empty()},
            {"realtime_warning", of.election.realtime_warning()},
            {"master_down_timer", dataplane::name(of.data_plane.down_timer())},
            {"send_failures", of.election.send_failures()},
            {"lost_reports", of.election.lost_reports()},
            {"lost_transitions", of.daemon.lost_transitions},
            {"unguarded", of.attachments.unguarded()},
            {"lost_log_lines", lost_log_lines()},
            {"skipped_scripts", of.scripts.skipped()}}},
          {"instances", instances}};
}

} // namespace xvrrp::controller
