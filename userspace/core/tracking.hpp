// SPDX-License-Identifier: BSD-2-Clause
// What tracked things mean for a virtual router: its effective priority, or a fault. keepalived's arithmetic.
#pragma once

#include <cstdint>
#include <optional>

namespace xvrrp::core {

/// Whether something works, by checks of which single ones may be wrong.
class Health {
public:
  /// The first check decides alone. Until then it is down if it `starts_down`.
  Health(unsigned rise, unsigned fall, bool starts_down);

  /// Absent: there was no check yet.
  std::optional<bool> up() const { return up_; }
  /// The result of a check; returns whether up() has changed.
  bool hear(bool success);

  unsigned against() const { return in_a_row_; } ///< results in a row that speak against up()
  /// Goes on from what an earlier process knew.
  void resume(bool up, unsigned against);

private:
  unsigned rise_;
  unsigned fall_;
  unsigned in_a_row_ = 0;
  bool heard_ = false;
  std::optional<bool> up_;
};

/// Adds up what a router tracks.
class TrackedSum {
public:
  /// `base` is the configured priority.
  explicit TrackedSum(std::uint8_t base) : base_(base), sum_(base) {}

  /// Something that is up or down, or that nothing is known of yet. Returns whether it is a fault.
  bool add(int weight, bool reverse, std::optional<bool> up);
  /// A number that somebody wrote to a file.
  bool add_number(int weight, bool reverse, int number);

  /// An owner's stays 255; others' are 1 to 254.
  std::uint8_t priority() const;

private:
  std::uint8_t base_;
  std::int64_t sum_;
};

} // namespace xvrrp::core
