// SPDX-License-Identifier: BSD-2-Clause
#include "config/instance.hpp"

#include <string>

#include "config/authentication.hpp"
#include "config/instance_addresses.hpp"
#include "config/route_line.hpp"
#include "config/rule_line.hpp"
#include "config/script.hpp"
#include "config/shared_keywords.hpp"
#include "config/values.hpp"

namespace xvrrp::config {

namespace {

void read_state(InstanceDraft& draft, const Statement& statement) {
  const Token& state = statement.argument(0);
  if (state.text != "MASTER" && state.text != "BACKUP") {
    draft.diagnostics.error(state.where,
                            "unknown state " + quoted(state.text) + ": allowed are MASTER and BACKUP");
    return;
  }
  if (draft.wants_master)
    draft.diagnostics.warning(statement.keyword().where, "state is given twice: MASTER wins over BACKUP");
  draft.wants_master = draft.wants_master.value_or(false) || state.text == "MASTER";
}

void read_source(InstanceDraft& draft, const Statement& statement) {
  if (draft.source != nullptr)
    draft.diagnostics.warning(statement.keyword().where,
                              "unicast_src_ip and mcast_src_ip are one setting: the later one counts");
  draft.source = &statement;
}

void read_track(InstanceDraft& draft, const Statement& statement) {
  draft.track_blocks.push_back(&statement);
}

template <std::optional<Script> Notify::*Event>
void read_notify(InstanceDraft& draft, const Statement& statement) {
  draft.instance.notify.*Event = read_script(draft.diagnostics, statement);
}

constexpr Keyword<InstanceDraft> kKeywords[] = {
    {"state", {1, 1, false, true, "MASTER or BACKUP"}, read_state},
    {"interface", one_value("an interface name"),
     [](InstanceDraft& draft, const Statement& statement) {
       draft.instance.interface = read_interface(draft.diagnostics, statement.argument(0)).value_or("");
     }},
    {"virtual_router_id", one_value("a number: 1 to 255"),
     [](InstanceDraft& draft, const Statement& statement) {
       const auto id = read_integer(draft.diagnostics, "virtual_router_id", statement.argument(0), {1, 255});
       draft.instance.router.vrid = static_cast<std::uint8_t>(id.value_or(0));
     }},
    {"priority", one_value("a number: 1 to 255"),
     [](InstanceDraft& draft, const Statement& statement) {
       if (const auto priority = read_integer(draft.diagnostics, "priority", statement.argument(0), {1, 255}))
         draft.priority = static_cast<std::uint8_t>(*priority);
     }},
    {"advert_int", one_value("a number of seconds"),
     [](InstanceDraft& draft, const Statement& statement) { draft.advert_int = &statement; }},
    {"version", one_value("a version: 2 or 3"),
     [](InstanceDraft& draft, const Statement& statement) {
       draft.version = read_version(draft.diagnostics, statement);
     }},
    {"native_ipv6", kFlag, [](InstanceDraft&, const Statement&) {}},
    {"down_timer_adverts", one_value("a number: 1 to 100"),
     [](InstanceDraft& draft, const Statement& statement) {
       read_down_adverts(draft.diagnostics, statement, draft.instance.router.down_adverts);
     }},
    {"nopreempt", kFlag,
     [](InstanceDraft& draft, const Statement&) { draft.instance.router.preempt = false; }},
    {"preempt", kFlag, [](InstanceDraft& draft, const Statement&) { draft.instance.router.preempt = true; }},
    {"preempt_delay", one_value("a number of seconds"),
     [](InstanceDraft& draft, const Statement& statement) {
       const auto delay = read_seconds(draft.diagnostics, "preempt_delay", statement.argument(0),
                                       Nanoseconds{0}, std::chrono::seconds{1000});
       draft.instance.router.preempt_delay = delay.value_or(Nanoseconds{0});
     }},
    {"lower_prio_no_advert", kOptionalBool,
     [](InstanceDraft& draft, const Statement& statement) {
       draft.lower_prio_no_advert = read_bool(draft.diagnostics, statement);
     }},
    {"higher_prio_send_advert", kOptionalBool,
     [](InstanceDraft& draft, const Statement& statement) {
       draft.higher_prio_send_advert = read_bool(draft.diagnostics, statement);
     }},
    {"strict_mode", kOptionalBool,
     [](InstanceDraft& draft, const Statement& statement) {
       draft.strict = read_bool(draft.diagnostics, statement);
     }},
    {"owner_ignore_adverts", kOptionalBool,
     [](InstanceDraft& draft, const Statement& statement) {
       draft.owner_ignores_adverts = read_bool(draft.diagnostics, statement);
     }},
    {"unicast_src_ip", one_value("an address"), read_source},
    {"mcast_src_ip", one_value("an address"), read_source},
    {"unicast_peer", kRepeatableList,
     [](InstanceDraft& draft, const Statement& statement) { draft.peer_blocks.push_back(&statement); }},
    {"unicast_fault_no_peer", kFlag, [](InstanceDraft&, const Statement&) {}},
    {"authentication",
     {0, 0, true, false, ""},
     [](InstanceDraft& draft, const Statement& statement) {
       draft.instance.authentication = read_authentication(draft.diagnostics, statement);
     }},
    {"virtual_ipaddress", kRepeatableList, read_addresses},
    {"virtual_ipaddress_excluded", kRepeatableList, read_excluded_addresses},
    {"no_virtual_ipaddress", kFlag, [](InstanceDraft&, const Statement&) {}},
    {"promote_secondaries", kFlag,
     [](InstanceDraft& draft, const Statement&) { draft.instance.promote_secondaries = true; }},
    {"accept", kFlag, [](InstanceDraft& draft, const Statement&) { draft.instance.accept = true; }},
    {"no_accept", kFlag, [](InstanceDraft& draft, const Statement&) { draft.instance.accept = false; }},
    {"lease_ms", one_value("a number of milliseconds: 0 to 1000000"),
     [](InstanceDraft& draft, const Statement& statement) {
       if (const auto lease =
               read_integer(draft.diagnostics, "lease_ms", statement.argument(0), {0, 1'000'000}))
         draft.instance.lease = std::chrono::milliseconds{*lease};
     }},
    {"use_vmac",
     {0, 6, false, false, ""},
     [](InstanceDraft& draft, const Statement& statement) { draft.use_vmac = &statement; }},
    {"vmac_xmit_base", kFlag, [](InstanceDraft&, const Statement&) {}},
    {"v3_checksum_as_v2", kOptionalBool,
     [](InstanceDraft& draft, const Statement& statement) {
       read_checksum_form(draft.diagnostics, statement, draft.instance.checksum_form);
     }},
    {"v2_interop", kOptionalBool,
     [](InstanceDraft& draft, const Statement& statement) {
       draft.instance.router.v2_interop = read_bool(draft.diagnostics, statement).value_or(false);
     }},
    {"v2_strict_addresses", kOptionalBool,
     [](InstanceDraft& draft, const Statement& statement) {
       draft.instance.strict_addresses = read_bool(draft.diagnostics, statement).value_or(false);
     }},
    {"garp_master_delay", one_value("a number of seconds"),
     [](InstanceDraft& draft, const Statement& statement) {
       read_garp_seconds(draft.diagnostics, statement, draft.instance.router.announce.second_burst_delay);
     }},
    {"garp_master_repeat", one_value("a number"),
     [](InstanceDraft& draft, const Statement& statement) {
       read_garp_count(draft.diagnostics, statement, draft.instance.router.announce.repeat);
     }},
    {"garp_master_refresh", one_value("a number of seconds"),
     [](InstanceDraft& draft, const Statement& statement) {
       read_garp_seconds(draft.diagnostics, statement, draft.instance.router.announce.refresh_interval);
     }},
    {"garp_master_refresh_repeat", one_value("a number"),
     [](InstanceDraft& draft, const Statement& statement) {
       read_garp_count(draft.diagnostics, statement, draft.instance.router.announce.refresh_repeat);
     }},
    {"garp_lower_prio_delay", one_value("a number of seconds"),
     [](InstanceDraft& draft, const Statement& statement) {
       read_garp_seconds(draft.diagnostics, statement, draft.garp_lower_prio_delay.emplace());
     }},
    {"garp_lower_prio_repeat", one_value("a number"),
     [](InstanceDraft& draft, const Statement& statement) {
       draft.garp_lower_prio_repeat = read_lower_prio_repeat(draft.diagnostics, statement);
     }},
    {"notify_master", kScript, read_notify<&Notify::master>},
    {"notify_backup", kScript, read_notify<&Notify::backup>},
    {"notify_fault", kScript, read_notify<&Notify::fault>},
    {"notify_stop", kScript, read_notify<&Notify::stop>},
    {"notify_deleted", kScript, read_notify<&Notify::deleted>},
    {"notify", kScript, read_notify<&Notify::any>},
    {"notify_master_rx_lower_pri", kScript, read_notify<&Notify::losing_advert>},
    {"notify_priority_changes", kOptionalBool,
     [](InstanceDraft& draft, const Statement& statement) {
       draft.notify_priority_changes = read_bool(draft.diagnostics, statement);
     }},
    {"track_interface", kRepeatableList, read_track},
    {"track_script", kRepeatableList, read_track},
    {"track_file", kRepeatableList, read_track},
    {"track_process", kRepeatableList, read_track},
    {"dont_track_primary", kFlag,
     [](InstanceDraft& draft, const Statement&) { draft.instance.track_primary = false; }},
    {"virtual_routes", kRepeatableList,
     [](InstanceDraft& draft, const Statement& block) {
       read_routes(draft.diagnostics, block, draft.instance.routes);
     }},
    {"virtual_rules", kRepeatableList,
     [](InstanceDraft& draft, const Statement& block) {
       read_rules(draft.diagnostics, block, draft.rule_priorities, draft.instance.rules);
     }},
    {"virtual_nat", kRepeatableList,
     [](InstanceDraft& draft, const Statement& statement) { draft.nat_blocks.push_back(&statement); }},
};

} // namespace

InstanceDraft read_instance(Diagnostics& diagnostics, const Statement& block, const GlobalDefs& globals,
                            RulePriorities& rule_priorities) {
  InstanceDraft draft{diagnostics, block, rule_priorities};
  draft.instance.where = block.keyword().where;
  if (block.has_arguments())
    draft.instance.name = block.argument(0).text;
  draft.instance.router.down_adverts = globals.down_adverts;
  draft.instance.router.announce = globals.announce;
  draft.instance.checksum_form = globals.checksum_form;
  read_keywords<InstanceDraft>(draft, Level::Instance, kKeywords, block);
  return draft;
}

} // namespace xvrrp::config
