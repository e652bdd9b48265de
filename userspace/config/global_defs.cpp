// SPDX-License-Identifier: BSD-2-Clause
#include "config/global_defs.hpp"

#include "config/script.hpp"
#include "config/shared_keywords.hpp"
#include "config/values.hpp"

namespace xvrrp::config {

namespace {

constexpr std::uint32_t kMostProcessors = 1024; // glibc's CPU_SETSIZE

void read_fifo(GlobalDefsDraft& draft, const Statement& statement) {
  const Token& path = statement.argument(0);
  if (path.text.substr(0, 1) != "/")
    draft.diagnostics.error(path.where, quoted(path.text) + " is not an absolute path");
  else
    draft.values.notify_fifos.push_back(path.text);
}

constexpr Keyword<GlobalDefsDraft> kKeywords[] = {
    {"router_id", one_value("a name"),
     [](GlobalDefsDraft& draft, const Statement& statement) {
       draft.values.router_id = statement.argument(0).text;
     }},
    {"dynamic_interfaces",
     {0, 1, false, false, ""},
     [](GlobalDefsDraft& draft, const Statement& statement) {
       draft.values.dynamic_interfaces = true;
       if (statement.has_arguments() && statement.argument(0).text != "allow_if_changes")
         draft.diagnostics.error(statement.argument(0).where,
                                 "dynamic_interfaces takes nothing or allow_if_changes, not \"" +
                                     statement.argument(0).text + "\"");
     }},
    {"graceful", kOptionalBool,
     [](GlobalDefsDraft& draft, const Statement& statement) {
       draft.values.graceful = read_bool(draft.diagnostics, statement).value_or(true);
     }},
    {"notify_fifo", one_value("the path of a named pipe"), read_fifo},
    {"vrrp_notify_fifo", one_value("the path of a named pipe"), read_fifo},
    {"script_user",
     {1, 2, false, false, "a user"},
     [](GlobalDefsDraft& draft, const Statement& statement) {
       draft.values.script_user = read_script_user(draft.diagnostics, statement, 0);
     }},
    {"enable_script_security", kFlag,
     [](GlobalDefsDraft& draft, const Statement&) { draft.values.script_security = true; }},
    {"vrrp_notify_priority_changes", kOptionalBool,
     [](GlobalDefsDraft& draft, const Statement& statement) {
       draft.values.notify_priority_changes = read_bool(draft.diagnostics, statement).value_or(false);
     }},
    {"vrrp_cpu_affinity",
     {1, kMostProcessors, false, false, "one processor or more: 0, 1, ..."},
     [](GlobalDefsDraft& draft, const Statement& statement) {
       for (std::size_t index = 0; index + 1 < statement.words.size(); ++index) {
         if (const auto processor = read_integer(draft.diagnostics, "vrrp_cpu_affinity",
                                                 statement.argument(index), {0, kMostProcessors - 1}))
           draft.values.processors.push_back(*processor);
       }
     }},
    {"vrrp_version", one_value("a version: 2 or 3"),
     [](GlobalDefsDraft& draft, const Statement& statement) {
       draft.values.version = read_version(draft.diagnostics, statement).value_or(draft.values.version);
     }},
    {"vrrp_garp_master_delay", one_value("a number of seconds"),
     [](GlobalDefsDraft& draft, const Statement& statement) {
       read_garp_seconds(draft.diagnostics, statement, draft.values.announce.second_burst_delay);
     }},
    {"vrrp_garp_master_repeat", one_value("a number"),
     [](GlobalDefsDraft& draft, const Statement& statement) {
       read_garp_count(draft.diagnostics, statement, draft.values.announce.repeat);
     }},
    {"vrrp_garp_master_refresh", one_value("a number of seconds"),
     [](GlobalDefsDraft& draft, const Statement& statement) {
       read_garp_seconds(draft.diagnostics, statement, draft.values.announce.refresh_interval);
     }},
    {"vrrp_garp_master_refresh_repeat", one_value("a number"),
     [](GlobalDefsDraft& draft, const Statement& statement) {
       read_garp_count(draft.diagnostics, statement, draft.values.announce.refresh_repeat);
     }},
    {"vrrp_garp_lower_prio_delay", one_value("a number of seconds"),
     [](GlobalDefsDraft& draft, const Statement& statement) {
       read_garp_seconds(draft.diagnostics, statement, draft.values.garp_lower_prio_delay.emplace());
     }},
    {"vrrp_garp_lower_prio_repeat", one_value("a number"),
     [](GlobalDefsDraft& draft, const Statement& statement) {
       draft.values.garp_lower_prio_repeat = read_lower_prio_repeat(draft.diagnostics, statement);
     }},
    {"vrrp_down_timer_adverts", one_value("a number: 1 to 100"),
     [](GlobalDefsDraft& draft, const Statement& statement) {
       read_down_adverts(draft.diagnostics, statement, draft.values.down_adverts);
     }},
    {"vrrp_lower_prio_no_advert", kOptionalBool,
     [](GlobalDefsDraft& draft, const Statement& statement) {
       draft.values.lower_prio_no_advert = read_bool(draft.diagnostics, statement).value_or(false);
     }},
    {"vrrp_higher_prio_send_advert", kOptionalBool,
     [](GlobalDefsDraft& draft, const Statement& statement) {
       draft.values.higher_prio_send_advert = read_bool(draft.diagnostics, statement).value_or(false);
     }},
    {"vrrp_owner_ignore_adverts", kOptionalBool,
     [](GlobalDefsDraft& draft, const Statement& statement) {
       draft.values.owner_ignores_adverts = read_bool(draft.diagnostics, statement).value_or(false);
     }},
    {"vrrp_startup_delay", one_value("a number of seconds"),
     [](GlobalDefsDraft& draft, const Statement& statement) {
       // keepalived's largest: 32 bits of microseconds.
       const auto delay = read_seconds(draft.diagnostics, statement.keyword().text, statement.argument(0),
                                       Nanoseconds{0}, std::chrono::seconds{4294});
       draft.values.startup_delay = delay.value_or(Nanoseconds{0});
     }},
    {"v3_checksum_as_v2", kOptionalBool,
     [](GlobalDefsDraft& draft, const Statement& statement) {
       read_checksum_form(draft.diagnostics, statement, draft.values.checksum_form);
     }},
};

} // namespace

ScriptUser GlobalDefs::default_user() const {
  return script_user ? *script_user : default_script_user();
}

void finish_notify(Diagnostics& diagnostics, Notify& notify, const GlobalDefs& globals) {
  const auto user = globals.default_user();
  for (auto* script :
       {&notify.master, &notify.backup, &notify.fault, &notify.stop, &notify.deleted, &notify.any}) {
    if (!*script)
      continue;
    if (!(*script)->user)
      (*script)->user = user;
    if (const auto why = why_not_run(**script, *(*script)->user, globals.script_security)) {
      diagnostics.warning((*script)->where, *why + ": it will not be run");
      script->reset();
    }
  }
}

void read_global_defs(GlobalDefsDraft& draft, const Statement& block) {
  read_keywords<GlobalDefsDraft>(draft, Level::GlobalDefs, kKeywords, block);
}

} // namespace xvrrp::config
