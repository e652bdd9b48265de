// SPDX-License-Identifier: BSD-2-Clause
// What `vrrpctl status` shows, as JSON (schema 1).
#pragma once

#include <map>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "controller/election.hpp"
#include "dataplane/data_plane.hpp"

namespace xvrrp::controller {

/// What the daemon knows of itself beside its routers.
struct DaemonFacts {
  std::string instance;
  std::string file;                                  ///< configuration
  std::map<std::uint32_t, dataplane::XdpLink> links; ///< by interface
};

/// {"schema":1,"daemon":{...},"instances":[...]}. Manager thread; reads maps.
nlohmann::ordered_json status_json(const DaemonFacts& daemon, const Election& election,
                                   const dataplane::DataPlane& data_plane, Instant now);

} // namespace xvrrp::controller
