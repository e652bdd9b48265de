// SPDX-License-Identifier: BSD-2-Clause
// vrrp_script, track_file and vrrp_track_process: what instances can track, and the lines that say so.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/diagnostics.hpp"
#include "config/model.hpp"
#include "config/syntax.hpp"

namespace xvrrp::config {

/// Everything of a configuration that can be tracked, and where each stands.
struct Trackers {
  std::vector<TrackScript> scripts;
  std::vector<TrackFile> files;
  std::vector<TrackProcess> processes;
};

/// Each reads a block; one that cannot be used, or whose name is taken, is reported and left out.
void read_track_script(Diagnostics& diagnostics, const Statement& block, Trackers& trackers);
void read_track_file(Diagnostics& diagnostics, const Statement& block, Trackers& trackers);
void read_track_process(Diagnostics& diagnostics, const Statement& block, Trackers& trackers);

/// The lines of a track_interface, track_script, track_file or track_process block that stands in a
/// vrrp_instance or a vrrp_sync_group, when the whole file has been read.
std::vector<Tracked> read_tracked(Diagnostics& diagnostics, const Statement& block, const Trackers& trackers);

/// Of what is read, only the scripts that may be run are kept; each gets its user.
void finish_track_scripts(Diagnostics& diagnostics, Trackers& trackers, const ScriptUser& user, bool secure);

} // namespace xvrrp::config
