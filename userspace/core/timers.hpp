// SPDX-License-Identifier: BSD-2-Clause
// The timers of a router as data: who keeps them really is told by ArmTimer and StopTimer.
#pragma once

#include <array>
#include <cstddef>
#include <optional>

#include "core/types.hpp"

namespace xvrrp::core {

/// The next moment of a period whose last one was `due`. Counted from there and not from `now`, so that
/// lateness does not add up; but after a pause of more than a period it starts again, as nobody has a use for
/// what was missed.
constexpr Instant next_due(Instant due, Nanoseconds period, Instant now) {
  const Instant next = due + period;
  return next > now ? next : now + period;
}

class Timers {
public:
  /// Arms `id` anew: expiries of an earlier arming become stale.
  ArmTimer start(TimerId id, Instant at) {
    ++at_index(id).generation;
    return move(id, at);
  }

  /// Goes on with the generations of whoever used the timer's keeper before.
  void resume(TimerId id, Generation generation) { at_index(id).generation = generation; }

  /// Changes when `id` expires; its generation stays. The keeper of Master_Down_Timer is the kernel, which
  /// moves it with every advert by itself: a new generation would make the expiry it is about to report
  /// stale.
  ArmTimer move(TimerId id, Instant at) {
    at_index(id).deadline = at;
    return {id, at, generation(id)};
  }

  void disarm(TimerId id) { at_index(id).deadline.reset(); }

  bool is_current(TimerId id, Generation expired) const { return armed(id) && generation(id) == expired; }
  bool armed(TimerId id) const { return deadline(id).has_value(); }
  std::optional<Instant> deadline(TimerId id) const { return at_index(id).deadline; }
  Generation generation(TimerId id) const { return at_index(id).generation; }

private:
  friend struct Fields;
  struct Timer {
    std::optional<Instant> deadline;
    Generation generation = 0;
  };
  Timer& at_index(TimerId id) { return timers_[static_cast<std::size_t>(id)]; }
  const Timer& at_index(TimerId id) const { return timers_[static_cast<std::size_t>(id)]; }

  std::array<Timer, kTimerCount> timers_{};
};

} // namespace xvrrp::core
