// SPDX-License-Identifier: BSD-2-Clause
// Tells scripts and named pipes of every change of state, in keepalived's words.
#pragma once

#include <string>
#include <vector>

#include "config/model.hpp"
#include "core/types.hpp"
#include "platform/script_host.hpp"
#include "platform/unique_fd.hpp"

namespace xvrrp::controller {

/// What is told of; INIT is STOP, or, of a router that the configuration has no more, DELETED.
enum class NotifiedState : std::uint8_t { Master, Backup, Fault, Stop, Deleted };

/// Manager thread; waits for nobody. What cannot be told is logged.
class Notifier {
public:
  explicit Notifier(platform::ScriptHost& scripts) : scripts_(scripts) {}
  ~Notifier();
  Notifier(const Notifier&) = delete;
  Notifier& operator=(const Notifier&) = delete;

  /// The named pipes from now on. One that is not there is made (mode 0644), and taken away with the object.
  void use_fifos(const std::vector<std::string>& paths);
  /// The script of the state, then that of all states, then the pipes. Scripts of one instance run one after
  /// the other.
  void tell(const config::Instance& instance, NotifiedState state);

private:
  struct Fifo {
    std::string path;
    platform::UniqueFd fd;
    bool made = false; ///< by us
  };

  void run(const config::Instance& instance, const config::Script& script,
           const std::vector<std::string>& arguments);
  void write(Fifo& fifo, const std::string& line);
  static Fifo open(const std::string& path);

  platform::ScriptHost& scripts_;
  std::vector<Fifo> fifos_;
};

} // namespace xvrrp::controller
