// SPDX-License-Identifier: BSD-2-Clause
#include "controller/tracking.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include <spdlog/spdlog.h>

#include "platform/clock.hpp"
#include "platform/processes.hpp"

namespace xvrrp::controller {
namespace {

/// Between the first runs of checks: many that begin together would be late together.
constexpr Nanoseconds kFirstRunsApart = std::chrono::milliseconds{5};

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

/// How soon files are read again that changed while they were read.
constexpr Nanoseconds kReadAgain = std::chrono::milliseconds{50};

std::vector<config::TrackProcess> tracked_processes(const config::Configuration& configuration) {
  std::vector<config::TrackProcess> tracked;
  const auto wanted = names(configuration, Kind::Process);
  std::copy_if(configuration.processes.begin(), configuration.processes.end(), std::back_inserter(tracked),
               [&](const auto& process) { return wanted.count(process.name) > 0; });
  return tracked;
}

std::map<std::string, int> read_numbers(const std::vector<std::string>& paths) {
  std::map<std::string, int> numbers;
  for (const auto& path : paths)
    numbers.emplace(path, platform::read_number(path));
  return numbers;
}

std::map<std::string, unsigned> count_processes(const std::vector<config::TrackProcess>& wanted) {
  std::map<std::string, unsigned> counts;
  if (wanted.empty())
    return counts;
  for (const auto& one : wanted)
    counts.emplace(one.name, 0);
  platform::for_each_process([&](const platform::Process& process) {
    for (const auto& one : wanted)
      counts[one.name] += matches(one, process) ? 1 : 0;
  });
  return counts;
}

/// As an earlier process knew it, if that ran the same.
core::Health health_of(const config::TrackScript& script,
                       const std::map<std::string, CarriedTracking::Check>& carried) {
  core::Health health{script.rise, script.fall, script.init_fail};
  const auto known = carried.find(script.name);
  if (known != carried.end() && known->second.command == script.script.argv)
    health.resume(known->second.up, known->second.against);
  return health;
}

std::optional<bool> up_of(const std::string& process, const std::map<std::string, bool>& carried) {
  const auto known = carried.find(process);
  return known == carried.end() ? std::nullopt : std::optional{known->second};
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

Readings read_tracked(const config::Configuration& configuration) {
  Readings readings;
  std::vector<std::string> paths;
  const auto files = names(configuration, Kind::File);
  for (const auto& file : configuration.files) {
    if (files.count(file.name) > 0)
      paths.push_back(file.path);
  }
  auto watch = platform::FileWatch::create();
  const auto status = watch ? watch->watch(paths) : Status{watch.error()};
  if (!status)
    readings.problem = status.error().message;
  if (watch)
    readings.watch = *std::move(watch);
  readings.numbers = read_numbers(paths); // afterwards, so that no change is missed
  readings.counts = count_processes(tracked_processes(configuration));
  return readings;
}

std::vector<std::string> initialize_tracked(const config::Configuration& configuration,
                                            const std::set<std::string>& before) {
  std::vector<std::string> problems;
  const auto files = names(configuration, Kind::File);
  for (const auto& file : configuration.files) {
    if (files.count(file.name) == 0 || !file.initial || before.count(file.path) > 0)
      continue;
    if (const auto status = platform::write_number(file.path, *file.initial, file.overwrite); !status)
      problems.push_back("track_file " + file.name + ": " + status.error().message);
  }
  return problems;
}

void Tracking::use(const config::Configuration& configuration, Readings readings) {
  std::map<std::string, ScriptState> scripts;
  const auto tracked_scripts = names(configuration, Kind::Script);
  auto first_run = platform::monotonic_now();
  for (const auto& script : configuration.scripts) {
    const auto known = script_states_.find(script.name);
    if (tracked_scripts.count(script.name) == 0)
      continue;
    if (known != script_states_.end() && is_same(known->second.script, script))
      scripts.insert(script_states_.extract(known));
    else
      scripts.emplace(script.name, ScriptState{script, health_of(script, carried_.scripts),
                                               std::exchange(first_run, first_run + kFirstRunsApart)});
  }
  script_states_ = std::move(scripts);

  file_states_.clear();
  const auto tracked_files = names(configuration, Kind::File);
  for (const auto& file : configuration.files) {
    if (tracked_files.count(file.name) > 0)
      file_states_.emplace(file.name, FileState{file, readings.numbers[file.path]});
  }
  files_ = std::move(readings.watch);
  if (!readings.problem.empty())
    spdlog::error("track_file: {}: changes there are not seen", readings.problem);

  std::map<std::string, ProcessState> processes;
  for (const auto& process : tracked_processes(configuration)) {
    const auto known = process_states_.find(process.name);
    if (known != process_states_.end() && is_same(known->second.process, process))
      processes.insert(process_states_.extract(known));
    else
      processes.emplace(process.name, ProcessState{process, 0, up_of(process.name, carried_.processes), {}});
  }
  process_states_ = std::move(processes);
  take(readings.counts);
  carried_.scripts.clear();
  carried_.processes.clear();
  carried_.files.clear();
  for (const auto& [name, state] : file_states_) {
    if (state.file.initial)
      carried_.files.insert(state.file.path);
  }
}

CarriedTracking Tracking::carried() const {
  CarriedTracking known;
  for (const auto& [name, state] : script_states_) {
    if (const auto up = state.health.up())
      known.scripts.emplace(name,
                            CarriedTracking::Check{state.script.script.argv, *up, state.health.against()});
  }
  for (const auto& [name, state] : process_states_) {
    if (state.up)
      known.processes.emplace(name, *state.up);
  }
  known.files = carried_.files;
  return known;
}

// ---- scripts ----

std::optional<Instant> Tracking::run_due(Instant now) {
  if (files_due_ && *files_due_ <= now)
    read_files();
  auto next = files_due_;
  for (auto& [name, state] : script_states_) {
    if (state.due <= now) {
      begin(state);
      // Those that were due meanwhile are left out.
      state.due = std::max(state.due + state.script.interval, now + state.script.interval / 2);
    }
    next = std::min(next.value_or(state.due), state.due);
  }
  return next;
}

/// One that still runs is not run once more.
void Tracking::begin(ScriptState& state) {
  if (state.running != 0)
    return;
  const auto& [argv, user, root_only, where] = state.script.script;
  const auto timeout =
      state.script.timeout > Nanoseconds::zero() ? state.script.timeout : state.script.interval;
  state.running = scripts_->check({{argv, user->user, user->group, root_only}, timeout});
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

std::optional<int> Tracking::files_fd() const {
  return files_ ? std::optional{files_->fd()} : std::nullopt;
}

void Tracking::hear_files() {
  if (files_->drain() && !files_due_)
    files_due_ = platform::monotonic_now();
}

void Tracking::read_files() {
  std::vector<std::string> paths;
  for (const auto& [name, state] : file_states_)
    paths.push_back(state.file.path);
  const bool begun = chores_->begin("reading tracked files", [this, paths = std::move(paths)] {
    return [this, numbers = read_numbers(paths)] { take(numbers); };
  });
  files_due_ = begun ? std::nullopt : std::optional{platform::monotonic_now() + kReadAgain};
}

/// What was not read is of another configuration.
void Tracking::take(const std::map<std::string, int>& numbers) {
  bool changed = false;
  for (auto& [name, state] : file_states_) {
    if (const auto read = numbers.find(state.file.path); read != numbers.end())
      changed |= std::exchange(state.number, read->second) != read->second;
  }
  if (changed && changed_)
    changed_();
}

void Tracking::look_at_processes() {
  if (process_states_.empty())
    return;
  std::vector<config::TrackProcess> wanted;
  for (const auto& [name, state] : process_states_)
    wanted.push_back(state.process);
  (void)chores_->begin("reading /proc", [this, wanted = std::move(wanted)] {
    return [this, counts = count_processes(wanted)] { take(counts); };
  }); // while the last one still reads, its answer is the next
}

void Tracking::take(const std::map<std::string, unsigned>& counts) {
  const auto now = platform::monotonic_now();
  bool changed = false;
  for (auto& [name, state] : process_states_) {
    const auto counted = counts.find(name);
    if (counted == counts.end())
      continue;
    state.count = counted->second;
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
  if (changed && changed_)
    changed_();
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
