// SPDX-License-Identifier: BSD-2-Clause
// The daemon's state in files, for programs that know keepalived's: exporters send a signal, then read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <xvrrp/base/result.hpp>

#include "config/model.hpp"
#include "controller/status.hpp"
#include "controller/sync_groups.hpp"

namespace xvrrp::controller {

enum class Dump : std::uint8_t { Data, Stats, Json };

/// What the signal asks for, by keepalived's numbers: SIGUSR1, SIGUSR2 and SIGRTMIN+2. Absent: something
/// else.
std::optional<Dump> dump_of(int signal);

/// Where it goes: /run/xvrrp/keepalived.json of the default instance, /run/xvrrp/NAME.keepalived.json of
/// others, unless the configuration says otherwise.
std::string dump_path(const config::DumpSettings& settings, Dump dump, const std::string& instance);

/// Manager thread.
class Dumps {
public:
  Dumps(std::string instance, const config::Configuration& configuration);

  /// What counts from now on.
  void use(const config::Configuration& configuration);
  /// What is to be written, with mode 0644. Reads maps.
  struct File {
    std::string path;
    std::string text;
  };
  File make(Dump dump, const StatusSources& of, const SyncGroups& groups) const;

private:
  std::string instance_;
  config::Configuration configuration_; ///< without its instances: those that run have their own
};

} // namespace xvrrp::controller
