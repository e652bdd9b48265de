// SPDX-License-Identifier: BSD-2-Clause
// Tells scripts and named pipes of every change of state, in keepalived's words.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "config/model.hpp"
#include "core/types.hpp"
#include "platform/script_host.hpp"
#include "platform/unique_fd.hpp"

namespace xvrrp::controller {

/// What is told of; INIT is STOP, or, of a router that the configuration has no more, DELETED.
enum class NotifiedState : std::uint8_t { Master, Backup, Fault, Stop, Deleted };

/// Who has changed.
struct Subject {
  const char* kind; ///< INSTANCE or GROUP
  const std::string& name;
  const config::Notify& notify;
  std::uint8_t priority; ///< the effective one; of a group 0
};

/// Manager thread; waits for nobody. What cannot be told is logged.
class Notifier {
public:
  explicit Notifier(platform::ScriptHost& scripts) : scripts_(scripts) {}
  ~Notifier();
  Notifier(const Notifier&) = delete;
  Notifier& operator=(const Notifier&) = delete;

  /// The named pipes from now on. One that is not there is made, its owner's alone (mode 0600), and taken
  /// away with the object. One that somebody else than root and its owner may write to, that has several
  /// names, or that is something else, is refused: logged, and looked at again with the next call. Its reader
  /// is started, and ended when another pipe or another reader takes its place; with the object it goes on
  /// until the scripts' host ends it.
  void use_fifos(const std::vector<config::NotifyFifo>& wanted);
  /// The script of the state, then that of all states, then the pipes. Scripts of one instance or group run
  /// one after the other.
  void tell(const Subject& subject, NotifiedState state);
  /// Another priority, in a state: if notify_priority_changes wants that told, by the same means but the
  /// script of the state.
  void tell_priority(const Subject& subject, core::State state);
  /// A Master has heard an advert that loses: its script for that, which is not run once more while it waits
  /// to be run, and the pipes.
  void tell_losing_advert(const Subject& subject);

private:
  struct Fifo {
    std::string path;
    platform::UniqueFd fd;
    bool made = false; ///< by us
  };
  /// Of the scripts of one instance or group that wait to be run, the last one of each kind is run in any
  /// case: platform::Errand::kind.
  enum class Kind : std::uint8_t { State, Any, Priority, LosingAdvert };

  void tell_all(const Subject& subject, const std::string& word, Kind kind, bool at_end);
  void write_all(const Subject& subject, const std::string& word);
  void run(const Subject& subject, const config::Script& script, const std::vector<std::string>& arguments,
           Kind kind, bool at_end);
  void write(Fifo& fifo, const std::string& line);
  static Fifo open(const std::string& path, const config::ScriptUser& owner);
  static void remove(const Fifo& fifo);

  platform::ScriptHost& scripts_;
  std::vector<Fifo> fifos_;
};

} // namespace xvrrp::controller
