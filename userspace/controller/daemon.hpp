// SPDX-License-Identifier: BSD-2-Clause
// A running xvrrpd: everything is set up here in the order that lets each failure leave nothing behind.
#pragma once

#include <memory>

#include <xvrrp/base/result.hpp>

#include "config/model.hpp"
#include "controller/options.hpp"

namespace xvrrp::controller {

/// Owns locks, pins, tables, sockets and threads; the destructor releases all of them.
class Daemon {
public:
  /// Checks privileges and the kernel, cleans up what a killed predecessor left, loads the data plane. Must
  /// be called before the process has other threads. The error's kind is the exit code.
  static Result<std::unique_ptr<Daemon>> start(const Options& options,
                                               const config::Configuration& configuration);
  ~Daemon();
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  /// Until SIGTERM or SIGINT.
  void run();

private:
  struct Parts;
  explicit Daemon(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

} // namespace xvrrp::controller
