// SPDX-License-Identifier: BSD-2-Clause
// What systemd is told of this process: sd_notify(3). Nothing happens where it does not listen.
#pragma once

#include <optional>
#include <string>

#include <xvrrp/base/time.hpp>

namespace xvrrp::platform {

/// One thread, which may wait a little: a datagram to systemd. What cannot be told is not.
class ServiceManager {
public:
  void ready() const;     ///< after a start, and after a reload
  void reloading() const; ///< ready() ends it
  void stopping() const;
  void status(const std::string& line) const; ///< what `systemctl status` shows
  /// That the process works, see watchdog_interval().
  void alive() const;
  /// How often alive() is due (WatchdogSec=); absent: nobody wants to know.
  static std::optional<Nanoseconds> watchdog_interval();
  /// Whether standard error goes to the journal, which keeps times and levels itself.
  static bool has_journal();
};

} // namespace xvrrp::platform
