// SPDX-License-Identifier: BSD-2-Clause
// Runs other programs for a daemon whose threads have no time for that: in a process of its own, which is
// started anew whenever it ends.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <sys/types.h>

#include <xvrrp/base/result.hpp>
#include <xvrrp/base/time.hpp>

#include "platform/epoll.hpp"
#include "platform/errand_queues.hpp"
#include "platform/program.hpp"
#include "platform/script_messages.hpp"
#include "platform/timer_fd.hpp"
#include "platform/unique_fd.hpp"

namespace xvrrp::platform {

/// A program whose exit code is wanted.
struct Check {
  Program program{};
  Nanoseconds timeout{}; ///< after which it has failed, and is ended; positive
};

/// A program that reads a named pipe as long as the daemon runs.
struct Service {
  Program program{}; ///< the last argument is the pipe's path
  int pipe = -1;     ///< lent: whoever holds its flock() reads it, and nobody else
};

/// Runs errands, checks and services in the background, without waiting for them. What it was told to do is
/// kept here until the process has said that it is done: a process that ends is started anew, after a pause
/// that grows, and told again what it had not finished; one that does not answer is ended. It is a child of
/// the daemon's, executed from the daemon's own program, so that nothing of the daemon is in it; it ends
/// after the daemon, however that ends (see run_script_process()).
///
/// One thread; no member but finish() and start() waits for anybody. Allocates: never on the election thread.
class ScriptHost {
public:
  /// What a program that executes itself anew leaves to its successor: open descriptors.
  struct Inheritance {
    int socket = -1; ///< to the process; -1: it is to be started anew
    int memory = -1; ///< of what it had to do
  };
  struct Options {
    bool quiet = false; ///< neither the process nor what it runs keeps the caller's standard input and output
    /// Of what goes wrong: a sentence, and its kind, of which there may be many.
    std::function<void(const std::string& kind, const std::string& what)> warn;
    std::optional<Inheritance> inherited{}; ///< from a predecessor, if it can be understood
    std::string self = "/proc/self/exe";    ///< a program whose main() heeds kScriptProcessOption
  };
  static Result<std::unique_ptr<ScriptHost>> start(Options options);
  ScriptHost(const ScriptHost&) = delete;
  ScriptHost& operator=(const ScriptHost&) = delete;
  /// finish(), and waits for the process, which ends services, a few seconds at most.
  ~ScriptHost();

  /// How long an errand may take before it is ended; of those that are begun from now on.
  void limit_errands(Nanoseconds limit) { errand_limit_ = limit; }
  void run(Errand errand);
  /// Returns a number that hear() delivers once, timeout + 5 s from now at the latest. Never zero.
  std::uint32_t check(const Check& check);
  /// Those that run from now on. One that is as before goes on; one that has ended by itself is not begun
  /// again.
  void use_services(const std::vector<Service>& services);

  /// Readable: hear() has something to do.
  int fd() const { return epoll_.fd(); }
  /// Each check's number, and whether its program has ended in time with exit code 0. One that could not be
  /// run, or is overdue, has failed.
  void hear(const std::function<void(std::uint32_t check, bool success)>& deliver);

  std::uint64_t skipped() const { return queues_.skipped(); } ///< errands that were given up, ever

  /// The daemon ends: what waits is given up unless it belongs to the end, which is waited for, half a minute
  /// at most; what runs already has five seconds of it.
  void finish();
  /// For the successor; the process goes on meanwhile. The object does nothing from now on.
  Result<Inheritance> pass_on();

private:
  /// What was asked of the process, and is not over.
  struct Task {
    ScriptRequest request;
    std::string queue{};  ///< of an errand
    bool at_end = false;  ///< of an errand
    UniqueFd pipe{};      ///< of a service
    bool is_over = false; ///< a service that has ended by itself: not begun again
    pid_t group = 0;      ///< 0: not started, as far as we know
    Instant overdue = Instant::max();
    bool was_overdue = false; ///< once: it may be us who were held up
  };
  using Tasks = std::map<std::uint32_t, Task>;

  ScriptHost(Options options, Epoll epoll, TimerFd timer);
  Status begin_process();
  Status use_process(UniqueFd socket);
  bool inherit(const Inheritance& inherited);
  void await_predecessors(pid_t process);
  void reap_predecessors();
  void lose_process();
  void revive(Instant now);
  std::string reap();

  std::uint32_t add(Task task);
  void begin_next(const std::string& queue);
  void end(std::uint32_t id);
  void flush();
  int send(const ScriptRequest& request);
  void receive();
  void hear(const ScriptAnswer& answer);
  void hear_end(Task task, const ScriptAnswer& answer);
  void judge(Instant now);
  void wake_by(Instant moment);
  void work();
  void warn(const std::string& kind, const std::string& what) const { options_.warn(kind, what); }
  void warn_of(const Task& task, const ScriptAnswer& answer) const;

  Options options_;
  Epoll epoll_; ///< of socket_ and timer_
  TimerFd timer_;
  Instant armed_ = Instant::max();
  UniqueFd socket_; ///< none: the process has ended, or does
  pid_t process_ = 0;
  UniqueFd predecessors_; ///< a process that was not understood, until it has ended
  Instant begun_{};
  Instant begin_again_ = Instant::max();
  Nanoseconds pause_;
  Nanoseconds errand_limit_ = std::chrono::seconds{60};

  Tasks tasks_;                       ///< by number, in the order they were asked for
  std::deque<ScriptRequest> to_send_; ///< when the socket has room
  ErrandQueues queues_;
  std::vector<std::pair<std::uint32_t, bool>> results_; ///< of checks, not delivered yet
  std::uint32_t next_ = 1;
  bool is_passed_on_ = false;
};

} // namespace xvrrp::platform
