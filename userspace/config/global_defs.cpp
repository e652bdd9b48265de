// SPDX-License-Identifier: BSD-2-Clause
#include "config/global_defs.hpp"

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <iterator>
#include <utility>

#include <sys/stat.h>

#include "config/include.hpp"
#include "config/script.hpp"
#include "config/shared_keywords.hpp"
#include "config/values.hpp"

namespace xvrrp::config {

namespace {

constexpr std::uint32_t kMostProcessors = 1024; // glibc's CPU_SETSIZE

std::optional<std::string> read_path(Diagnostics& diagnostics, const Token& path) {
  if (path.text.substr(0, 1) == "/")
    return path.text;
  diagnostics.error(path.where, quoted(path.text) + " is not an absolute path");
  return std::nullopt;
}

constexpr Shape kFifo{1, 3, false, false, "the path of a named pipe"};

template <FifoDraft GlobalDefs::*Fifo>
void read_fifo(GlobalDefsDraft& draft, const Statement& statement) {
  (void)read_path(draft.diagnostics, statement.argument(0)); // one error is enough: a reader has its pipe
  (draft.values.*Fifo).path = statement.argument(0).text;
  if (statement.words.size() > 2)
    (draft.values.*Fifo).owner = read_script_user(draft.diagnostics, statement, 1);
}

template <FifoDraft GlobalDefs::*Fifo>
void read_fifo_script(GlobalDefsDraft& draft, const Statement& statement) {
  (draft.values.*Fifo).reader = read_script(draft.diagnostics, statement);
}

template <std::string DumpSettings::*File>
void read_dump_file(GlobalDefsDraft& draft, const Statement& statement) {
  draft.values.dumps.*File = read_path(draft.diagnostics, statement.argument(0)).value_or("");
}

constexpr Shape kDumpFile = one_value("the path of a file, or of a directory with a slash at its end");

Nanoseconds time_since_boot() {
  timespec now{};
  (void)::clock_gettime(CLOCK_BOOTTIME, &now); // cannot fail with this clock
  return std::chrono::seconds{now.tv_sec} + Nanoseconds{now.tv_nsec};
}

/// One announcement per address and takeover, unless the file says otherwise.
void apply_min_garp(GlobalDefsDraft& draft) {
  const auto given = [&](std::string_view keyword) { return draft.given.find(keyword) != draft.given.end(); };
  if (!draft.min_garp)
    return;
  if (!given("vrrp_garp_master_repeat"))
    draft.values.announce.repeat = 1;
  if (!given("vrrp_garp_master_delay"))
    draft.values.announce.second_burst_delay = Nanoseconds{0};
}

/// An octal, decimal or hexadecimal number as in C, or IRUSR|IWGRP|...
std::optional<std::uint32_t> read_umask(Diagnostics& diagnostics, const Token& token) {
  constexpr std::pair<std::string_view, std::uint32_t> kBits[] = {
      {"IRUSR", S_IRUSR}, {"IWUSR", S_IWUSR}, {"IXUSR", S_IXUSR}, {"IRGRP", S_IRGRP}, {"IWGRP", S_IWGRP},
      {"IXGRP", S_IXGRP}, {"IROTH", S_IROTH}, {"IWOTH", S_IWOTH}, {"IXOTH", S_IXOTH}};
  const auto wrong = [&] {
    diagnostics.error(token.where, "umask cannot be " + quoted(token.text) +
                                       ": allowed are 0 to 0777, or names joined by |: IRUSR, IWUSR, IXUSR, "
                                       "IRGRP, IWGRP, IXGRP, IROTH, IWOTH and IXOTH");
    return std::nullopt;
  };
  if (!token.text.empty() && token.text.front() >= '0' && token.text.front() <= '9') {
    char* end = nullptr;
    const auto value = std::strtoul(token.text.c_str(), &end, 0);
    return *end == '\0' && value <= 0777 ? std::optional{static_cast<std::uint32_t>(value)} : wrong();
  }
  std::uint32_t mask = 0;
  for (std::string_view rest = token.text;;) {
    const auto bar = std::min(rest.find('|'), rest.size());
    const auto* const bit = std::find_if(std::begin(kBits), std::end(kBits), [&](const auto& known) {
      return known.first == rest.substr(0, bar);
    });
    if (bit == std::end(kBits))
      return wrong();
    mask |= bit->second;
    if (bar == rest.size())
      return mask;
    rest.remove_prefix(bar + 1);
  }
}

constexpr Keyword<GlobalDefsDraft> kKeywords[] = {
    {"router_id", one_value("a name"),
     [](GlobalDefsDraft& draft, const Statement& statement) {
       draft.values.router_id = statement.argument(0).text;
     }},
    {"default_interface", one_value("an interface name"),
     [](GlobalDefsDraft& draft, const Statement& statement) {
       if (auto name = read_interface(draft.diagnostics, statement.argument(0)))
         draft.values.default_interface = *std::move(name);
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
    {"notify_timeout", one_value("a number of seconds"),
     [](GlobalDefsDraft& draft, const Statement& statement) {
       const auto limit = read_seconds(draft.diagnostics, "notify_timeout", statement.argument(0),
                                       std::chrono::seconds{1}, std::chrono::hours{24});
       draft.values.notify_timeout = limit.value_or(draft.values.notify_timeout);
     }},
    {"notify_fifo", kFifo, read_fifo<&GlobalDefs::notify_fifo>},
    {"vrrp_notify_fifo", kFifo, read_fifo<&GlobalDefs::vrrp_notify_fifo>},
    {"notify_fifo_script", kScript, read_fifo_script<&GlobalDefs::notify_fifo>},
    {"vrrp_notify_fifo_script", kScript, read_fifo_script<&GlobalDefs::vrrp_notify_fifo>},
    {"state_dump_file", kDumpFile, read_dump_file<&DumpSettings::state_file>},
    {"stats_dump_file", kDumpFile, read_dump_file<&DumpSettings::stats_file>},
    {"json_dump_file", kDumpFile, read_dump_file<&DumpSettings::json_file>},
    {"data_use_instance", kOptionalBool,
     [](GlobalDefsDraft& draft, const Statement& statement) {
       draft.values.dumps.use_instance = read_bool(draft.diagnostics, statement).value_or(false);
     }},
    {"json_version", one_value("a version: 1 or 2"),
     [](GlobalDefsDraft& draft, const Statement& statement) {
       const auto version = read_integer(draft.diagnostics, "json_version", statement.argument(0), {1, 2});
       draft.values.dumps.json_version = version.value_or(1);
     }},
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
    {"vrrp_garp_interval", one_value("a number of seconds"),
     [](GlobalDefsDraft& draft, const Statement& statement) {
       read_spacing(draft.diagnostics, statement, draft.values.spacing.arp);
     }},
    {"vrrp_gna_interval", one_value("a number of seconds"),
     [](GlobalDefsDraft& draft, const Statement& statement) {
       read_spacing(draft.diagnostics, statement, draft.values.spacing.na);
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
       draft.values.startup_delay = std::max(draft.values.startup_delay, delay.value_or(Nanoseconds{0}));
     }},
    {"vrrp_delay_after_boot", one_value("a number of seconds"),
     [](GlobalDefsDraft& draft, const Statement& statement) {
       const auto uptime = read_seconds(draft.diagnostics, statement.keyword().text, statement.argument(0),
                                        Nanoseconds{0}, std::chrono::seconds{4294});
       draft.values.startup_delay =
           std::max(draft.values.startup_delay, uptime.value_or(Nanoseconds{0}) - time_since_boot());
     }},
    {"vrrp_strict", kOptionalBool,
     [](GlobalDefsDraft& draft, const Statement& statement) {
       draft.values.strict = read_bool(draft.diagnostics, statement).value_or(false);
     }},
    {"vrrp_min_garp", kOptionalBool,
     [](GlobalDefsDraft& draft, const Statement& statement) {
       draft.min_garp = read_bool(draft.diagnostics, statement).value_or(false);
     }},
    {"umask", one_value("a mode: 022, or IRUSR|IWUSR|..."),
     [](GlobalDefsDraft& draft, const Statement& statement) {
       draft.values.umask = read_umask(draft.diagnostics, statement.argument(0));
     }},
    // What these two say counts for the lines below, from when they are read: see lines.cpp.
    {"random_seed", one_value("a number"),
     [](GlobalDefsDraft& draft, const Statement& statement) {
       read_integer(draft.diagnostics, statement.keyword().text, statement.argument(0), {0, UINT32_MAX});
     }},
    {"include_check",
     {0, 4, false, true, ""},
     [](GlobalDefsDraft& draft, const Statement& statement) {
       for (std::size_t index = 0; index + 1 < statement.words.size(); ++index) {
         const Token& word = statement.argument(index);
         if (IncludeChecks checks; !change(checks, word.text))
           draft.diagnostics.error(word.where, "unknown check " + quoted(word.text) +
                                                   ": allowed are readable, match, wildcard_match and "
                                                   "brace_match, each with + or - before it");
       }
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

std::vector<NotifyFifo> finish_fifos(Diagnostics& diagnostics, const GlobalDefs& globals) {
  const std::pair<std::string, const FifoDraft&> drafts[] = {{"notify_fifo", globals.notify_fifo},
                                                             {"vrrp_notify_fifo", globals.vrrp_notify_fifo}};
  std::vector<NotifyFifo> fifos;
  for (const auto& [name, draft] : drafts) {
    const auto& [path, owner, reader] = draft;
    if (reader && !path)
      diagnostics.warning(reader->where, name + "_script has no effect without " + name +
                                             ", the pipe that it would read: it will not be run");
    if (!path)
      continue;
    NotifyFifo& fifo = fifos.emplace_back(NotifyFifo{*path, owner.value_or(globals.default_user()), reader});
    if (!fifo.reader)
      continue;
    if (!fifo.reader->user)
      fifo.reader->user = globals.default_user();
    if (!check_script(diagnostics, *fifo.reader, globals.script_security, "it will not be run"))
      fifo.reader.reset();
  }
  return fifos;
}

void finish_notify(Diagnostics& diagnostics, Notify& notify, const GlobalDefs& globals) {
  const auto user = globals.default_user();
  for (auto* script : {&notify.master, &notify.backup, &notify.fault, &notify.stop, &notify.deleted,
                       &notify.any, &notify.losing_advert}) {
    if (!*script)
      continue;
    if (!(*script)->user)
      (*script)->user = user;
    if (!check_script(diagnostics, **script, globals.script_security, "it will not be run"))
      script->reset();
  }
}

void read_global_defs(GlobalDefsDraft& draft, const Statement& block) {
  read_keywords<GlobalDefsDraft>(draft, Level::GlobalDefs, kKeywords, block);
  apply_min_garp(draft);
}

} // namespace xvrrp::config
