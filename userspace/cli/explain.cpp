// SPDX-License-Identifier: BSD-2-Clause
#include "cli/explain.hpp"

#include <algorithm>
#include <span>

#include <fmt/format.h>

#include <xvrrp/base/printable.hpp>

#include "cli/explain_routes.hpp"
#include "config/values.hpp"

namespace xvrrp::cli {
namespace {

using cli::explained; // of routes and rules

double seconds(Nanoseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

std::string text(const std::optional<IpAddress>& address) {
  return address && !address->is_unspecified() ? address->text() : "";
}

const char* text(config::ChecksumForm form) {
  switch (form) {
  case config::ChecksumForm::PseudoHeader:
    return "off";
  case config::ChecksumForm::MessageOnly:
    return "on";
  case config::ChecksumForm::AsHeard:
    break;
  }
  return "auto";
}

/// Without what was not said: an address has few options, and most have none.
Json explained(const config::VirtualAddress& address, const std::string& interface) {
  Json json{{"address", address.prefix.text()},
            {"dev", address.device.empty() ? interface : address.device},
            {"scope", address.scope}};
  if (address.broadcast)
    json["brd"] = address.broadcast->text();
  if (!address.label.empty())
    json["label"] = address.label;
  if (address.peer)
    json["peer"] = address.peer->text();
  if (address.flags != 0)
    json["flags"] = fmt::format("{:#x}", address.flags); // as /proc/net/if_inet6 has them
  if (address.detects_duplicates)
    json["nodad"] = false;
  if (address.preferred_lifetime != config::VirtualAddress::kForever)
    json["preferred_lft"] = address.preferred_lifetime;
  if (!address.tracked)
    json["no_track"] = true;
  if (address.pace.spacing > Nanoseconds::zero())
    json[address.prefix.address.family() == Family::IPv4 ? "garp_interval" : "gna_interval"] =
        seconds(address.pace.spacing);
  return json;
}

Json explained(const config::Script& script) {
  Json json{{"command", script.argv}};
  if (script.user) {
    json["uid"] = script.user->user;
    json["gid"] = script.user->group;
  }
  return json;
}

Json explained(const config::NotifyFifo& fifo) {
  Json json{{"path", fifo.path}, {"uid", fifo.owner.user}, {"gid", fifo.owner.group}};
  if (fifo.reader)
    json["reader"] = explained(*fifo.reader);
  return json;
}

Json explained(const config::Notify& notify) {
  Json json = Json::object();
  const std::pair<const char*, const std::optional<config::Script>*> events[] = {
      {"notify_master", &notify.master},
      {"notify_backup", &notify.backup},
      {"notify_fault", &notify.fault},
      {"notify_stop", &notify.stop},
      {"notify_deleted", &notify.deleted},
      {"notify", &notify.any},
      {"notify_master_rx_lower_pri", &notify.losing_advert}};
  for (const auto& [name, script] : events) {
    if (*script)
      json[name] = explained(**script);
  }
  json["notify_priority_changes"] = notify.priority_changes;
  return json;
}

Json explained(const config::Tracked& tracked) {
  constexpr const char* kKinds[] = {"track_interface", "track_script", "track_file", "track_process"};
  return {{kKinds[static_cast<std::size_t>(tracked.kind)], tracked.name},
          {"weight", tracked.weight},
          {"reverse", tracked.reverse}};
}

Json explained(const config::TrackScript& tracked) {
  Json json{{"vrrp_script", tracked.name}};
  json.update(explained(tracked.script));
  json.update({{"interval", seconds(tracked.interval)},
               {"timeout", seconds(tracked.timeout == Nanoseconds{0} ? tracked.interval : tracked.timeout)},
               {"rise", tracked.rise},
               {"fall", tracked.fall},
               {"init_fail", tracked.init_fail},
               {"weight", tracked.weight},
               {"reverse", tracked.reverse}});
  return json;
}

Json explained(const config::TrackFile& tracked) {
  Json json{{"track_file", tracked.name},
            {"file", tracked.path},
            {"weight", tracked.weight},
            {"reverse", tracked.reverse}};
  if (tracked.initial)
    json.update({{"init_file", *tracked.initial}, {"overwrite", tracked.overwrite}});
  return json;
}

Json explained(const config::TrackProcess& tracked) {
  constexpr const char* kMatches[] = {"any", "exact", "initial", "partial"};
  return {{"vrrp_track_process", tracked.name},
          {"process", tracked.program},
          {"parameters", tracked.parameters},
          {"param_match", kMatches[static_cast<std::size_t>(tracked.match)]},
          {"full_command", tracked.full_command},
          {"quorum", tracked.quorum},
          {"quorum_max", tracked.quorum_max},
          {"fork_delay", seconds(tracked.fork_delay)},
          {"terminate_delay", seconds(tracked.terminate_delay)},
          {"weight", tracked.weight},
          {"reverse", tracked.reverse}};
}

Json explained(const config::SyncGroup& group) {
  Json json{{"vrrp_sync_group", group.name}, {"group", group.members}};
  json.update(explained(group.notify));
  return json;
}

std::string kind_of(const NatRule& rule) {
  switch (rule.kind) {
  case NatRule::Kind::Snat:
    return "snat";
  case NatRule::Kind::Dnat:
    return "dnat";
  case NatRule::Kind::Masquerade:
    break;
  }
  return "masquerade";
}

Json explained(const NatRule& rule) {
  Json json{{"kind", kind_of(rule)}};
  if (!rule.oif.empty())
    json["oif"] = rule.oif;
  if (rule.to)
    json["to"] = rule.to->text() + (rule.to_last ? "-" + rule.to_last->text() : "");
  if (!rule.iif.empty())
    json["iif"] = rule.iif;
  if (rule.from)
    json["from"] = rule.from->text();
  for (const auto& address : rule.destinations)
    json["addresses"].push_back(address.text());
  if (rule.transport != NatRule::Transport::Any) {
    json["transport"] = rule.transport == NatRule::Transport::Tcp ? "tcp" : "udp";
    json["ports"] = {rule.ports.first, rule.ports.last};
  }
  if (rule.to_port != 0)
    json["to_port"] = rule.to_port;
  return json;
}

Json explained(const config::Instance& instance);

template <typename Part>
Json list(const std::vector<Part>& parts) {
  Json json = Json::array();
  for (const auto& part : parts)
    json.push_back(explained(part));
  return json;
}

Json virtual_mac(const config::Instance& instance) {
  if (!instance.virtual_mac)
    return false;
  if (!instance.virtual_mac->mac)
    return true;
  return fmt::format("{:02x}", fmt::join(*instance.virtual_mac->mac, ":"));
}

Json explained(const config::Instance& instance) {
  const auto& router = instance.router;
  Json json{{"vrrp_instance", instance.name},
            {"interface", instance.interface},
            {"virtual_router_id", router.vrid},
            {"family", config::name(router.family)},
            {"version", router.version == core::Version::V2 ? 2 : 3},
            {"state", instance.wants_master ? "MASTER" : "BACKUP"},
            {"priority", router.priority},
            {"advert_int", seconds(router.advertisement_interval)},
            {"down_timer_adverts", router.down_adverts},
            {"preempt", router.preempt},
            {"preempt_delay", seconds(router.preempt_delay)},
            {"strict_mode", instance.strict},
            {"accept", instance.accept},
            {"lower_prio_no_advert", !router.answer_lower_priority},
            {"higher_prio_send_advert", router.advertise_when_yielding},
            {"owner_ignore_adverts", router.owner_ignores_adverts},
            {"startup_delay", seconds(router.startup_delay)},
            {"garp_master_delay", seconds(router.announce.second_burst_delay)},
            {"garp_master_repeat", router.announce.repeat},
            {"garp_master_refresh", seconds(router.announce.refresh_interval)},
            {"garp_master_refresh_repeat", router.announce.refresh_repeat},
            {"garp_lower_prio_delay", seconds(router.announce.contested_delay)},
            {"garp_lower_prio_repeat", router.announce.contested_repeat},
            {"v3_checksum_as_v2", text(instance.checksum_form)},
            {"v2_interop", router.v2_interop},
            {"v2_strict_addresses", instance.strict_addresses},
            {"use_vmac", virtual_mac(instance)},
            {"vmac_xmit_base", instance.virtual_mac && instance.virtual_mac->adverts_from_device},
            {"auth_type", instance.authentication.type == config::AuthenticationType::Pass ? "PASS" : "none"},
            {"source", text(router.primary_address)},
            {"unicast_peer", Json::array()},
            {"virtual_ipaddress", Json::array()},
            {"virtual_nat", list(instance.nat)},
            {"sync_group", instance.sync_group},
            {"dont_track_primary", !instance.track_primary},
            {"tracked", list(instance.tracked)}};
  if (instance.lease)
    json["lease_ms"] = std::chrono::duration_cast<std::chrono::milliseconds>(*instance.lease).count();
  for (const auto& peer : instance.unicast_peers)
    json["unicast_peer"].push_back(peer.text());
  for (const auto& address : instance.advertised())
    json["virtual_ipaddress"].push_back(explained(address, instance.interface));
  for (const auto& address : std::span{instance.addresses}.last(instance.excluded))
    json["virtual_ipaddress_excluded"].push_back(explained(address, instance.interface));
  if (instance.promote_secondaries)
    json["promote_secondaries"] = true;
  if (!instance.routes.empty())
    json["virtual_routes"] = list(instance.routes);
  if (!instance.rules.empty())
    json["virtual_rules"] = list(instance.rules);
  json.update(explained(instance.notify));
  return json;
}

bool is_nested(const Json& value) {
  return value.is_structured();
}

std::string scalar(const Json& value) {
  if (value.is_boolean())
    return value.get<bool>() ? "on" : "off";
  if (!value.is_string())
    return value.dump();
  const auto& string = value.get_ref<const std::string&>();
  return string.empty() ? "-" : printable(string);
}

/// "a 1, b 2": what has no further structure stands on one line.
std::string on_one_line(const Json& value) {
  if (!is_nested(value))
    return scalar(value);
  std::string line;
  for (const auto& [name, member] : value.items()) {
    const std::string words = (value.is_object() ? name + " " : "") + on_one_line(member);
    line += (line.empty() ? "" : value.is_object() ? ", " : " ") + words;
  }
  return line.empty() ? "-" : line;
}

void write_members(const Json& object, const std::string& indent, std::string& out) {
  for (const auto& [name, value] : object.items()) {
    const bool list_of_objects = value.is_array() && !value.empty() && value.front().is_object();
    if (!list_of_objects) {
      out += indent + name + " " + on_one_line(value) + "\n";
      continue;
    }
    out += indent + name + "\n";
    for (const auto& entry : value) {
      const bool deep = std::any_of(entry.begin(), entry.end(), is_nested);
      if (deep)
        write_members(entry, indent + "  ", out);
      else
        out += indent + "  " + on_one_line(entry) + "\n";
    }
  }
}

} // namespace

Json explained(const config::Configuration& configuration) {
  Json json{{"router_id", configuration.router_id},
            {"instance", configuration.instance},
            {"dynamic_interfaces", configuration.dynamic_interfaces},
            {"graceful", configuration.graceful},
            {"notify_timeout", seconds(configuration.notify_timeout)},
            {"vrrp_cpu_affinity", configuration.processors},
            {"notify_fifo", list(configuration.notify_fifos)},
            {"state_dump_file", configuration.dumps.state_file},
            {"stats_dump_file", configuration.dumps.stats_file},
            {"json_dump_file", configuration.dumps.json_file},
            {"data_use_instance", configuration.dumps.use_instance},
            {"json_version", configuration.dumps.json_version},
            {"vrrp_scripts", list(configuration.scripts)},
            {"track_files", list(configuration.files)},
            {"vrrp_track_processes", list(configuration.processes)},
            {"vrrp_sync_groups", list(configuration.sync_groups)},
            {"vrrp_instances", list(configuration.instances)}};
  for (const auto& address : configuration.static_addresses)
    json["static_ipaddress"].push_back(explained(address, ""));
  if (!configuration.static_routes.empty())
    json["static_routes"] = list(configuration.static_routes);
  if (!configuration.static_rules.empty())
    json["static_rules"] = list(configuration.static_rules);
  if (configuration.umask)
    json["umask"] = fmt::format("{:04o}", *configuration.umask);
  return json;
}

std::string as_text(const Json& object) {
  std::string text;
  write_members(object, "", text);
  return text;
}

} // namespace xvrrp::cli
