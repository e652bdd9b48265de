// SPDX-License-Identifier: BSD-2-Clause
#include "controller/dumps.hpp"

#include <csignal>

#include <nlohmann/json.hpp>

#include <xvrrp/base/printable.hpp>

#include "controller/dump_json.hpp"
#include "controller/dump_model.hpp"
#include "controller/dump_text.hpp"
#include "platform/clock.hpp"
#include "platform/runtime_files.hpp"
#include "platform/whole_file.hpp"

namespace xvrrp::controller {
namespace {

DumpedRouter collect(const StatusSources& of, const InterfaceMap& interfaces, const VirtualRouter& router) {
  const auto& plan = router.newest_plan();
  const auto status = router.status();
  return {plan.instance,
          status,
          of.data_plane.router_stats().find(plan.key).value_or(xv_stats{}),
          router.newest_frames().sender.priority,
          plan.ifindex,
          frames_of(status).sender.source,
          platform::time_of_day(status.since),
          of.tracking.things(plan.instance, interfaces)};
}

/// Those that some router tracks: the others are not run.
std::vector<DumpedScript> collect_scripts(const DumpedState& state, const Tracking& tracking) {
  std::vector<DumpedScript> scripts;
  for (const auto& script : state.configuration.scripts) {
    if (const auto* thing = find_tracked(state, config::Tracked::Kind::Script, script.name))
      scripts.push_back({script, thing->up.value_or(false), tracking.is_running(script.name)});
  }
  return scripts;
}

std::string text_of(Dump dump, const DumpedState& state) {
  switch (dump) {
  case Dump::Data:
    return printable_lines(dump_data(state));
  case Dump::Stats:
    return printable_lines(dump_stats(state));
  case Dump::Json:
    break;
  }
  // In ASCII: other control characters than JSON escapes by itself are escaped, too.
  return dump_json(state).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace) + "\n";
}

} // namespace

std::optional<Dump> dump_of(int signal) {
  if (signal == SIGUSR1)
    return Dump::Data;
  if (signal == SIGUSR2)
    return Dump::Stats;
  return signal == SIGRTMIN + 2 ? std::optional{Dump::Json} : std::nullopt;
}

std::string dump_path(const config::DumpSettings& settings, Dump dump, const std::string& instance) {
  const std::string& wanted = dump == Dump::Data    ? settings.state_file
                              : dump == Dump::Stats ? settings.stats_file
                                                    : settings.json_file;
  if (!wanted.empty() && wanted.back() != '/')
    return wanted;
  const std::string directory = wanted.empty() ? std::string{platform::kRuntimeDirectory} + "/" : wanted;
  const std::string ending = dump == Dump::Data ? "data" : dump == Dump::Stats ? "stats" : "json";
  const bool is_named = settings.use_instance || instance != "default";
  return directory + (is_named ? instance + "." : "") + "keepalived." + ending;
}

Dumps::Dumps(std::string instance, const config::Configuration& configuration)
    : instance_(std::move(instance)) {
  use(configuration);
}

void Dumps::use(const config::Configuration& configuration) {
  configuration_ = configuration;
  configuration_.instances.clear();
}

Dumps::File Dumps::make(Dump dump, const StatusSources& of, const SyncGroups& groups) const {
  const auto interfaces = read_interfaces();
  DumpedState state{configuration_, {}, {}, {}, interfaces ? *interfaces : InterfaceMap{}};
  for (const auto& router : of.election.routers())
    state.routers.push_back(collect(of, state.interfaces, *router));
  state.scripts = collect_scripts(state, of.tracking);
  for (const auto& group : configuration_.sync_groups)
    state.groups.push_back({group, groups.state(group.name)});
  return {dump_path(configuration_.dumps, dump, instance_), text_of(dump, state)};
}

} // namespace xvrrp::controller
