// SPDX-License-Identifier: BSD-2-Clause
#include "config/instance.hpp"

#include <algorithm>
#include <string>

#include "config/address_line.hpp"
#include "config/authentication.hpp"
#include "config/shared_keywords.hpp"
#include "config/values.hpp"

namespace xvrrp::config {

namespace {

constexpr std::size_t kMaxAddresses = 255; // the width of the advert's Count field

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

void add_address(InstanceDraft& draft, const VirtualAddress& address) {
  std::vector<VirtualAddress>& addresses = draft.instance.addresses;
  const Family family = address.prefix.address.family();
  if (addresses.empty()) {
    if (family == Family::IPv6)
      draft.diagnostics.error(address.where, "IPv6 virtual routers are not supported yet");
    draft.instance.router.family = family;
  } else if (!check_family(draft.diagnostics, address.where, address.prefix.address,
                           draft.instance.router.family)) {
    return;
  }
  const auto same = std::find_if(addresses.begin(), addresses.end(), [&](const VirtualAddress& other) {
    return other.prefix.address == address.prefix.address;
  });
  if (same != addresses.end()) {
    draft.diagnostics.error(address.where, "virtual address " + address.prefix.address.text() +
                                               " is given twice: first at line " +
                                               std::to_string(same->where.line));
    return;
  }
  // One more than allowed is kept, so that the excess is reported once.
  if (addresses.size() == kMaxAddresses)
    draft.diagnostics.error(address.where, "too many virtual addresses: allowed are " +
                                               std::to_string(kMaxAddresses) + " per vrrp_instance");
  if (addresses.size() <= kMaxAddresses)
    addresses.push_back(address);
}

void read_addresses(InstanceDraft& draft, const Statement& block) {
  for (const Statement& line : block.body) {
    draft.has_address_lines = true;
    if (line.dropped || draft.diagnostics.full())
      continue;
    if (const auto address = read_address_line(draft.diagnostics, line))
      add_address(draft, *address);
  }
}

constexpr Shape kRepeatableList{0, 0, true, true, ""};

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
    {"unicast_src_ip", one_value("an address"), read_source},
    {"mcast_src_ip", one_value("an address"), read_source},
    {"unicast_peer", kRepeatableList,
     [](InstanceDraft& draft, const Statement& statement) { draft.peer_blocks.push_back(&statement); }},
    {"authentication",
     {0, 0, true, false, ""},
     [](InstanceDraft& draft, const Statement& statement) {
       draft.instance.authentication = read_authentication(draft.diagnostics, statement);
     }},
    {"virtual_ipaddress", kRepeatableList, read_addresses},
    {"accept", kFlag, [](InstanceDraft&, const Statement&) {}},
    {"v3_checksum_as_v2", kOptionalBool,
     [](InstanceDraft& draft, const Statement& statement) {
       draft.instance.checksum_without_pseudo_header =
           read_bool(draft.diagnostics, statement).value_or(false);
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
    {"virtual_nat", kRepeatableList,
     [](InstanceDraft& draft, const Statement& statement) { draft.nat_blocks.push_back(&statement); }},
};

} // namespace

InstanceDraft read_instance(Diagnostics& diagnostics, const Statement& block, const GlobalDefs& globals) {
  InstanceDraft draft{diagnostics, block};
  draft.instance.where = block.keyword().where;
  if (block.has_arguments())
    draft.instance.name = block.argument(0).text;
  draft.instance.router.down_adverts = globals.down_adverts;
  draft.instance.router.announce = globals.announce;
  draft.instance.checksum_without_pseudo_header = globals.checksum_without_pseudo_header;
  read_keywords<InstanceDraft>(draft, Level::Instance, kKeywords, block);
  return draft;
}

} // namespace xvrrp::config
