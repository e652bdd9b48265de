// SPDX-License-Identifier: BSD-2-Clause
// What `vrrpctl status` shows, as JSON (schema 1).
#pragma once

#include <cstdint>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "controller/interface_watch.hpp"
#include "dataplane/data_plane.hpp"

namespace xvrrp::controller {

/// What the daemon knows of itself beside its routers.
struct DaemonFacts {
  std::string instance;
  std::string file;                   ///< configuration
  std::uint64_t lost_transitions = 0; ///< before the latest ones, that nobody was told of
};

/// Whom it asks.
struct StatusSources {
  const DaemonFacts& daemon;
  const Election& election;
  const dataplane::DataPlane& data_plane;
  const Attachments& attachments;
  const InterfaceWatch& watch;
  const Tracking& tracking;
  const platform::ScriptHost& scripts;
};

/// One of its instances.
nlohmann::ordered_json router_json(const StatusSources& of, std::size_t router, Instant now);
/// {"schema":1,"daemon":{...},"instances":[...]}. Manager thread; reads maps.
nlohmann::ordered_json status_json(const StatusSources& of, Instant now);

} // namespace xvrrp::controller
