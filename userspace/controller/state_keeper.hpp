// SPDX-License-Identifier: BSD-2-Clause
// The file in which a daemon keeps what its successor must know, however it ends.
#pragma once

#include <string>
#include <string_view>

#include <xvrrp/base/result.hpp>

#include "controller/carried_state.hpp"
#include "controller/election.hpp"
#include "controller/interface_watch.hpp"
#include "controller/sync_groups.hpp"
#include "controller/tracking.hpp"

namespace xvrrp::controller {

/// /run/xvrrp/INSTANCE.state, root's alone (mode 0600), follows what is known: whoever changes it calls
/// keep(), and once a second it is looked at again. It is replaced as a whole, so a daemon that is killed at
/// any moment leaves the last one. A daemon that is stopped leaves none. Manager thread; writes to a file
/// system in memory.
class StateKeeper {
public:
  /// What an earlier daemon of the instance left; nothing if there is nothing, and with a warning if it
  /// cannot be used.
  static CarriedState read(const std::string& instance);

  /// All of them outlive the object.
  StateKeeper(std::string_view instance, Election& election, InterfaceWatch& watch, const Tracking& tracking,
              const SyncGroups& groups);

  /// Gives routers what an earlier daemon knew of them. Before the election runs.
  void restore(const CarriedState& carried);
  /// Writes the file if it does not say what is known now. An error is logged when it is a new one.
  Status keep();
  /// The same with the latest transitions, which are too many to be written each time.
  Status keep_for_successor();
  /// The daemon was stopped: nothing is to be known of it.
  void forget();

private:
  CarriedState collect(std::size_t transitions) const;
  Status write(std::size_t transitions);

  std::string path_;
  std::string boot_;
  Election& election_;
  InterfaceWatch& watch_;
  const Tracking& tracking_;
  const SyncGroups& groups_;
  std::string written_;   ///< what the file says
  std::string complaint_; ///< as the log was told; empty: all is well
};

} // namespace xvrrp::controller
