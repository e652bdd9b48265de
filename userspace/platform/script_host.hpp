// SPDX-License-Identifier: BSD-2-Clause
// Runs other programs for a daemon whose threads have no time for that: a process of its own.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <xvrrp/base/result.hpp>
#include <xvrrp/base/time.hpp>

#include "platform/unique_fd.hpp"

namespace xvrrp::platform {

/// A program to be run.
struct Errand {
  std::string queue; ///< those of one queue run one after the other, those of several side by side
  std::vector<std::string> argv; ///< argv[0] is the program, an absolute path
  std::uint32_t user = 0;
  std::uint32_t group = 0;
  bool once = false;      ///< left out when the last one that waits in the queue is the same
  bool root_only = false; ///< as root only when nobody else can exchange it: see root_only_path()
};

/// A program whose exit code is wanted.
struct Check {
  std::uint32_t id = 0; ///< the caller's, not zero
  std::vector<std::string> argv;
  std::uint32_t user = 0;
  std::uint32_t group = 0;
  Nanoseconds timeout{};  ///< after which it has failed, and is ended; positive
  bool root_only = false; ///< as of an errand
};

/// A program that runs as long as the daemon does.
struct Service {
  std::uint32_t id = 0;          ///< the caller's, not that of another service that runs
  std::vector<std::string> argv; ///< argv[0] is the program, an absolute path
  std::uint32_t user = 0;
  std::uint32_t group = 0;
  bool root_only = false; ///< as of an errand
};

/// Runs errands, checks and services in the background, without waiting for them. The process ends by itself
/// when it has nothing left to do after the object was destroyed, or the daemon has ended, however: so a last
/// errand gets its time; checks are ended, and services half a second later, for what they were told last.
/// Who is ended gets SIGTERM, and SIGKILL two seconds after it. What goes wrong with an errand or a service
/// is said on standard error and to syslog.
class ScriptHost {
public:
  /// Forks: the caller has no other threads and no descriptors yet that somebody must not keep. `quiet`:
  /// neither it nor what it runs keeps the caller's standard input and output; a daemon's caller waits for
  /// their end.
  static Result<ScriptHost> start(bool quiet);

  /// Does not wait. Errors when the process is gone, or has so much to do that its socket is full.
  Status run(const Errand& errand);
  Status run(const Check& check);
  /// A service that ends by itself is not begun again.
  Status begin(const Service& service);
  Status end(const Service& service);

  /// Readable when checks have ended.
  int fd() const { return socket_.get(); }
  /// Each check's id and whether its program ended in time with exit code 0; does not wait.
  void hear(const std::function<void(std::uint32_t id, bool success)>& deliver);

private:
  explicit ScriptHost(UniqueFd socket) : socket_(std::move(socket)) {}
  Status send(const std::string& bytes, const std::string& program);
  UniqueFd socket_;
};

} // namespace xvrrp::platform
