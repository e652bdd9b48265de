// SPDX-License-Identifier: BSD-2-Clause
// Watches what routers track: scripts, files, processes; and says what that, and other interfaces, means for
// each of them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/model.hpp"
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

/// Manager thread; waits for nobody, but reads small files and /proc.
class Tracking {
public:
  /// `scripts` outlives the object.
  static Result<Tracking> create(platform::ScriptHost& scripts);

  /// What is watched from now on: what some instance tracks. What is known of things that are configured as
  /// before stays known.
  void use(const config::Configuration& configuration);

  int files_fd() const { return files_.fd(); } ///< readable: call hear_files()
  /// Each returns whether something has changed that judge() tells of.
  bool hear_scripts();
  bool hear_files();
  bool look_at_processes();
  /// Begins the checks that are due; when the next ones are.
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

  Tracking(platform::ScriptHost& scripts, platform::FileWatch files);
  void begin(const std::string& name, ScriptState& state);
  TrackedThing look(const config::Tracked& tracked, const InterfaceMap& interfaces) const;

  platform::ScriptHost* scripts_;
  platform::FileWatch files_;
  std::map<std::string, ScriptState> script_states_;
  std::map<std::string, FileState> file_states_;
  std::map<std::string, ProcessState> process_states_;
  std::uint32_t next_check_ = 1;
};

} // namespace xvrrp::controller
