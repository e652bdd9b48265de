// SPDX-License-Identifier: BSD-2-Clause
#include "controller/tracking.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include <spdlog/spdlog.h>

#include "platform/clock.hpp"
#include "platform/processes.hpp"

namespace xvrrp::controller {
namespace {

using Kind = config::Tracked::Kind;

/// Whether what is known of the one is true of the other.
bool is_same(const config::TrackScript& a, const config::TrackScript& b) {
  return a.script.argv == b.script.argv && a.script.user == b.script.user &&
         a.script.root_only == b.script.root_only && a.interval == b.interval && a.timeout == b.timeout &&
         a.rise == b.rise && a.fall == b.fall;
}

bool is_same(const config::TrackProcess& a, const config::TrackProcess& b) {
  return a.program == b.program && a.parameters == b.parameters && a.match == b.match &&
         a.full_command == b.full_command && a.quorum == b.quorum && a.quorum_max == b.quorum_max;
}

std::set<std::string> names(const config::Configuration& configuration, Kind kind) {
  std::set<std::string> all;
  for (const auto& instance : configuration.instances) {
    for (const auto& tracked : instance.tracked) {
      if (tracked.kind == kind)
        all.insert(tracked.name);
    }
  }
  return all;
}

bool matches(const config::TrackProcess& wanted, const platform::Process& process) {
  if (process.command.empty())
    return false;
  constexpr std::size_t kLongestName = 15;
  if (wanted.full_command ? process.command.front() != wanted.program
                          : process.name != wanted.program.substr(0, kLongestName))
    return false;
  const std::vector<std::string> given{process.command.begin() + 1, process.command.end()};
  const auto& parameters = wanted.parameters;
  switch (wanted.match) {
  case config::TrackProcess::Match::Any:
    return true;
  case config::TrackProcess::Match::Exact:
    return given == parameters;
  case config::TrackProcess::Match::Initial:
    return given.size() >= parameters.size() &&
           std::equal(parameters.begin(), parameters.end(), given.begin());
  case config::TrackProcess::Match::Partial:
    // The last one may be a beginning only.
    return given.size() >= parameters.size() && !parameters.empty() &&
           std::equal(parameters.begin(), parameters.end() - 1, given.begin()) &&
           given[parameters.size() - 1].compare(0, parameters.back().size(), parameters.back()) == 0;
  }
  return false;
}

} // namespace

const char* name(Kind kind) {
  switch (kind) {
  case Kind::Interface:
    return "interface";
  case Kind::Script:
    return "script";
  case Kind::File:
    return "file";
  case Kind::Process:
    return "process";
  }
  return "";
}

Result<Tracking> Tracking::create(platform::ScriptHost& scripts) {
  auto files = platform::FileWatch::create();
  if (!files)
    return std::move(files).error();
  return Tracking{scripts, *std::move(files)};
}

Tracking::Tracking(platform::ScriptHost& scripts, platform::FileWatch files)
    : scripts_(&scripts), files_(std::move(files)) {}

void Tracking::use(const config::Configuration& configuration) {
  std::map<std::string, ScriptState> scripts;
  const auto tracked_scripts = names(configuration, Kind::Script);
  for (const auto& script : configuration.scripts) {
    const auto known = script_states_.find(script.name);
    if (tracked_scripts.count(script.name) == 0)
      continue;
    if (known != script_states_.end() && is_same(known->second.script, script))
      scripts.insert(script_states_.extract(known));
    else
      scripts.emplace(script.name,
                      ScriptState{script, core::Health{script.rise, script.fall, script.init_fail}});
  }
  script_states_ = std::move(scripts);

  file_states_.clear();
  std::vector<std::string> paths;
  const auto tracked_files = names(configuration, Kind::File);
  for (const auto& file : configuration.files) {
    if (tracked_files.count(file.name) == 0)
      continue;
    if (file.initial) {
      if (const auto status = platform::write_number(file.path, *file.initial, file.overwrite); !status)
        spdlog::error("track_file {}: {}", file.name, status.error().message);
    }
    paths.push_back(file.path);
    file_states_.emplace(file.name, FileState{file});
  }
  if (const auto status = files_.watch(paths); !status)
    spdlog::error("track_file: {}: changes there are not seen", status.error().message);
  hear_files();

  std::map<std::string, ProcessState> processes;
  const auto tracked_processes = names(configuration, Kind::Process);
  for (const auto& process : configuration.processes) {
    const auto known = process_states_.find(process.name);
    if (tracked_processes.count(process.name) == 0)
      continue;
    if (known != process_states_.end() && is_same(known->second.process, process))
      processes.insert(process_states_.extract(known));
    else
      processes.emplace(process.name, ProcessState{process, 0, std::nullopt, {}});
  }
  process_states_ = std::move(processes);
  look_at_processes();
}

// ---- scripts ----

std::optional<Instant> Tracking::run_due(Instant now) {
  std::optional<Instant> next;
  for (auto& [name, state] : script_states_) {
    if (state.due <= now) {
      begin(name, state);
      // Those that were due meanwhile are left out.
      state.due = std::max(state.due + state.script.interval, now + state.script.interval / 2);
    }
    next = std::min(next.value_or(state.due), state.due);
  }
  return next;
}

/// One that still runs is not run once more.
void Tracking::begin(const std::string& name, ScriptState& state) {
  if (state.running != 0)
    return;
  const auto& script = state.script;
  state.running = next_check_++;
  next_check_ = std::max(next_check_, 1u);
  if (state.due == Instant{})
    state.due = platform::monotonic_now();
  const auto status = scripts_->run(platform::Check{
      state.running, script.script.argv, script.script.user->user, script.script.user->group,
      script.timeout > Nanoseconds::zero() ? script.timeout : script.interval, script.script.root_only});
  if (!status) {
    spdlog::error("vrrp_script {}: {}", name, status.error().message);
    state.running = 0;
  }
}

bool Tracking::hear_scripts() {
  bool changed = false;
  scripts_->hear([&](std::uint32_t id, bool success) {
    for (auto& [name, state] : script_states_) {
      if (state.running != id)
        continue;
      state.running = 0;
      if (!state.health.hear(success))
        continue;
      changed = true;
      spdlog::info("vrrp_script {} is {}", name, success ? "up" : "down");
    }
  });
  return changed;
}

// ---- files and processes ----

bool Tracking::hear_files() {
  files_.drain();
  bool changed = false;
  for (auto& [name, state] : file_states_) {
    const int number = platform::read_number(state.file.path);
    changed |= std::exchange(state.number, number) != number;
  }
  return changed;
}

bool Tracking::look_at_processes() {
  if (process_states_.empty())
    return false;
  for (auto& [name, state] : process_states_)
    state.count = 0;
  platform::for_each_process([&](const platform::Process& process) {
    for (auto& [name, state] : process_states_)
      state.count += matches(state.process, process) ? 1 : 0;
  });
  const auto now = platform::monotonic_now();
  bool changed = false;
  for (auto& [name, state] : process_states_) {
    const auto& wanted = state.process;
    const bool up =
        state.count >= wanted.quorum && (wanted.quorum_max == 0 || state.count <= wanted.quorum_max);
    if (state.up == up) {
      state.differs_since = Instant{};
      continue;
    }
    if (state.differs_since == Instant{})
      state.differs_since = now;
    if (state.up && now - state.differs_since < (up ? wanted.fork_delay : wanted.terminate_delay))
      continue;
    if (state.up)
      spdlog::info("vrrp_track_process {} is {}: {} of them run", name, up ? "up" : "down", state.count);
    state.up = up;
    state.differs_since = Instant{};
    changed = true;
  }
  return changed;
}

// ---- what it means ----

TrackedThing Tracking::look(const config::Tracked& tracked, const InterfaceMap& interfaces) const {
  TrackedThing thing{tracked, std::nullopt, 0};
  switch (tracked.kind) {
  case Kind::Interface:
    thing.up = std::any_of(interfaces.begin(), interfaces.end(), [&](const auto& entry) {
      return entry.second.name == tracked.name && entry.second.usable();
    });
    break;
  case Kind::Script:
    if (const auto found = script_states_.find(tracked.name); found != script_states_.end())
      thing.up = found->second.health.up();
    break;
  case Kind::File:
    if (const auto found = file_states_.find(tracked.name); found != file_states_.end())
      thing.number = found->second.number;
    break;
  case Kind::Process:
    if (const auto found = process_states_.find(tracked.name); found != process_states_.end()) {
      thing.up = found->second.up;
      thing.number = static_cast<int>(found->second.count);
    }
    break;
  }
  return thing;
}

bool Tracking::is_running(const std::string& script) const {
  const auto found = script_states_.find(script);
  return found != script_states_.end() && found->second.running != 0;
}

Tracking::Verdict Tracking::judge(const config::Instance& instance, std::uint8_t priority,
                                  const InterfaceMap& interfaces) const {
  core::TrackedSum sum{priority};
  Verdict verdict{};
  for (const auto& thing : things(instance, interfaces)) {
    const auto& [tracked, up, number] = thing;
    const bool is_number = tracked.kind == Kind::File;
    const bool is_fault = is_number ? sum.add_number(tracked.weight, tracked.reverse, number)
                                    : sum.add(tracked.weight, tracked.reverse, up);
    verdict.waits |=
        tracked.kind == Kind::Script && tracked.weight == 0 && !up && script_states_.count(tracked.name) > 0;
    if (is_fault && verdict.fault.empty())
      verdict.fault = std::string{"the tracked "} + name(tracked.kind) + " " + tracked.name +
                      (is_number ? " says " + std::to_string(number)
                       : *up     ? " is up"
                                 : " is down");
  }
  verdict.priority = sum.priority();
  return verdict;
}

std::vector<TrackedThing> Tracking::things(const config::Instance& instance,
                                           const InterfaceMap& interfaces) const {
  std::vector<TrackedThing> all;
  for (const auto& tracked : instance.tracked)
    all.push_back(look(tracked, interfaces));
  return all;
}

} // namespace xvrrp::controller
