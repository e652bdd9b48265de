// SPDX-License-Identifier: BSD-2-Clause
#include "core/tracking.hpp"

#include <algorithm>
#include <utility>

#include "core/types.hpp"

namespace xvrrp::core {

namespace {

/// A number times its weight that is a fault, and the most that it adds.
constexpr std::int64_t kFaultFrom = -254;
constexpr std::int64_t kMostAdded = 253;

} // namespace

Health::Health(unsigned rise, unsigned fall, bool starts_down)
    : rise_(rise), fall_(fall), up_(starts_down ? std::optional{false} : std::nullopt) {}

bool Health::hear(bool success) {
  const bool is_first = !std::exchange(heard_, true);
  if (up_ == success) {
    in_a_row_ = 0;
    return false;
  }
  if (!is_first && ++in_a_row_ < (success ? rise_ : fall_))
    return false;
  up_ = success;
  in_a_row_ = 0;
  return true;
}

void Health::resume(bool up, unsigned against) {
  heard_ = true;
  up_ = up;
  in_a_row_ = against;
}

bool TrackedSum::add(int weight, bool reverse, std::optional<bool> up) {
  if (!up)
    return false;
  const bool counts_as_up = *up != reverse;
  if (weight == 0)
    return !counts_as_up;
  if (counts_as_up == (weight > 0))
    sum_ += weight;
  return false;
}

bool TrackedSum::add_number(int weight, bool reverse, int number) {
  if (weight == 0)
    return (number != 0) != reverse;
  const auto added = std::int64_t{weight} * number * (reverse ? -1 : 1);
  sum_ += std::min(added, kMostAdded);
  return added <= kFaultFrom;
}

std::uint8_t TrackedSum::priority() const {
  if (base_ == kPriorityOwner)
    return base_;
  return static_cast<std::uint8_t>(std::clamp<std::int64_t>(sum_, 1, kPriorityOwner - 1));
}

} // namespace xvrrp::core
