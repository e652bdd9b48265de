// SPDX-License-Identifier: BSD-2-Clause
// When a Master announces its addresses: a burst at the takeover, a second one later, then refreshes.
#pragma once

#include <cstdint>
#include <optional>

#include "core/types.hpp"

namespace xvrrp::core {

/// Between two announcements of one burst. Repeats are there for the hosts and switches that lost the first
/// one, so they must outlast what lost it (a queue that overflowed, a port that came up, an ARP policer):
/// sent back to back, as keepalived does, they are lost together, and many addresses times many repeats trip
/// storm control. At 100 ms an address is announced at most 10 times a second, and the usual burst of 5 is
/// over in 0.4 s.
inline constexpr Nanoseconds kAnnouncePacing{std::chrono::milliseconds{100}};

/// Between two bursts that losing adverts bring about: a loser that does not hear us does not make a storm.
inline constexpr Nanoseconds kContestPacing{std::chrono::seconds{1}};

class Announcer {
public:
  explicit Announcer(const AnnounceSchedule& schedule) : schedule_(schedule) {}

  /// The schedule is another from now on; bursts that have begun, or wait, go on.
  void adopt(const AnnounceSchedule& schedule, Instant now);
  /// The addresses were taken over and announced for the first time at `now`.
  void start(Instant now);
  /// Another router advertised and loses: whether the addresses are announced now, which begins a burst.
  bool contest(Instant now);
  /// The addresses are announced once more at `now`, which is not before next().
  void announced(Instant now);
  /// When to announce next, if ever.
  std::optional<Instant> next() const;

private:
  friend struct Fields;
  void begin_due_bursts(Instant now);

  AnnounceSchedule schedule_;
  Instant last_{};
  unsigned left_ = 0; ///< announcements that the current burst still lacks
  std::optional<Instant> second_burst_;
  unsigned second_repeat_ = 1;
  std::optional<Instant> last_contest_;
  std::optional<Instant> refresh_;
};

} // namespace xvrrp::core
