// SPDX-License-Identifier: BSD-2-Clause
// A running xvrrpd: everything is set up here in the order that lets each failure leave nothing behind.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include <xvrrp/base/result.hpp>

#include "config/model.hpp"
#include "controller/handover.hpp"
#include "controller/manager.hpp"
#include "controller/options.hpp"
#include "controller/plan.hpp"

namespace xvrrp::controller {

/// Owns locks, pins, tables, sockets and threads; the destructor releases all of them.
class Daemon {
public:
  /// Checks privileges and the kernel; takes over the data plane that a predecessor left, or loads one. Must
  /// be called before the process has other threads. The error's kind is the exit code.
  /// `load` reads the configuration again, for a reload; from the manager thread, whatever the directory is
  /// then.
  static Result<std::unique_ptr<Daemon>> start(const Options& options, const Origin& origin,
                                               const config::Configuration& configuration,
                                               LoadConfiguration load);
  ~Daemon();
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  /// Until SIGTERM or SIGINT, or until the process is to execute itself anew: then it returns what goes to
  /// the successor, and everything is left as it is for become_successor(). The object must not be destroyed
  /// before.
  std::optional<Estate> run();

private:
  struct Parts;
  static Status build(Parts& parts, const Options& options, const Origin& origin,
                      const config::Configuration& settings, LoadConfiguration load, bool allow_tcx,
                      std::vector<RouterPlan> plans, const CarriedState& carried);
  explicit Daemon(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

} // namespace xvrrp::controller
