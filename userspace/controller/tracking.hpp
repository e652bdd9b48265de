// SPDX-License-Identifier: BSD-2-Clause
// Watches what routers track: scripts, files, processes; and says what that, and other interfaces, means for
// each of them.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "config/model.hpp"
#include "controller/carried_state.hpp"
#include "controller/chores.hpp"
#include "controller/plan.hpp"
#include "core/tracking.hpp"
#include "platform/file_watch.hpp"
#include "platform/script_host.hpp"

namespace xvrrp::controller {

/// What a router tracks, and how it is.
struct TrackedThing {
  config::Tracked tracked;
  std::optional<bool> up; ///< absent: not known yet, or a number
  int number = 0;         ///< of a file; of processes how many
};

/// "script", "interface"...
const char* name(config::Tracked::Kind kind);

/// Files and processes as they are, and what tells of the files' changes. Whoever reads this may wait for
/// ever: for a file system that hangs, or for the command line of a process that does.
struct Readings {
  std::optional<platform::FileWatch> watch; ///< absent: with `problem`
  std::string problem;                      ///< empty: none
  std::map<std::string, int> numbers;       ///< by path
  std::map<std::string, unsigned> counts;   ///< of processes by vrrp_track_process
};
Readings read_tracked(const config::Configuration& configuration);
/// Puts the initial number of a track_file that has one there, as it says, unless its path is one of those
/// that had it `before`: the number is somebody else's from then on. What goes wrong. May wait, too.
std::vector<std::string> initialize_tracked(const config::Configuration& configuration,
                                            const std::set<std::string>& before);

/// Manager thread; waits for nobody.
class Tracking {
public:
  /// Both outlive the object.
  Tracking(platform::ScriptHost& scripts, Chores& chores) : scripts_(&scripts), chores_(&chores) {}

  /// What is watched from now on: what some instance tracks. What is known of things that are configured as
  /// before stays known. files_fd() is another one afterwards.
  void use(const config::Configuration& configuration, Readings readings);
  /// Called when something has changed that judge() tells of, but for what hear_scripts() returns.
  void on_change(std::function<void()> changed) { changed_ = std::move(changed); }
  /// What an earlier process knew counts for what use() takes up the first time. Before that.
  void resume(CarriedTracking carried) { carried_ = std::move(carried); }
  CarriedTracking carried() const; ///< what is known

  std::optional<int> files_fd() const; ///< readable: call hear_files()
  void hear_files();
  /// Whether something has changed that judge() tells of.
  bool hear_scripts();
  void look_at_processes();
  /// Begins the checks, and the readings of files, that are due; when the next ones are.
  std::optional<Instant> run_due(Instant now);

  struct Verdict {
    std::uint8_t priority; ///< the effective one
    std::string fault;     ///< a sentence; empty: none
    bool waits = false;    ///< for the first result of a check, without which the router is not started
  };
  /// Whether a check of this vrrp_script runs now.
  bool is_running(const std::string& script) const;
  /// `priority`: what the weights are added to.
  Verdict judge(const config::Instance& instance, std::uint8_t priority,
                const InterfaceMap& interfaces) const;
  std::vector<TrackedThing> things(const config::Instance& instance, const InterfaceMap& interfaces) const;

private:
  struct ScriptState {
    config::TrackScript script;
    core::Health health;
    Instant due{};
    std::uint32_t running = 0; ///< the id of the check that runs; 0: none
  };
  struct FileState {
    config::TrackFile file;
    int number = 0;
  };
  struct ProcessState {
    config::TrackProcess process;
    unsigned count = 0;
    std::optional<bool> up;
    Instant differs_since{}; ///< since when the count says otherwise than `up`
  };

  void begin(ScriptState& state);
  void read_files();
  void take(const std::map<std::string, int>& numbers);
  void take(const std::map<std::string, unsigned>& counts);
  TrackedThing look(const config::Tracked& tracked, const InterfaceMap& interfaces) const;

  platform::ScriptHost* scripts_;
  Chores* chores_;
  std::function<void()> changed_;
  std::optional<platform::FileWatch> files_;
  std::optional<Instant> files_due_; ///< absent: none has changed since they were read
  CarriedTracking carried_;          ///< of an earlier process; `files` are those of this one, too
  std::map<std::string, ScriptState> script_states_;
  std::map<std::string, FileState> file_states_;
  std::map<std::string, ProcessState> process_states_;
};

} // namespace xvrrp::controller
