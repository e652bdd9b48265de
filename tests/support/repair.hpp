// SPDX-License-Identifier: BSD-2-Clause
// Puts right what a random change made wrong in a frame, so that the next change meets the checks behind it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "support/checksum.hpp"

namespace xvrrp::test {

/// Where things are in a frame that is still recognisable.
struct FrameLayout {
  std::size_t ip = 14;
  std::size_t message = 0;
  bool six = false;
};
std::optional<FrameLayout> layout_of(const Bytes& frame);

/// What a message's checksum covers.
struct Coverage {
  bool pseudo_header = true; ///< v3/IPv4 only: elsewhere there is no choice
  bool trailing = false;     ///< everything behind the IP header, and not the message alone
};
/// Nothing happens to a frame that is not recognisable, or too short for its own address count.
void repair_message_checksum(Bytes& frame, Coverage coverage);
void repair_ip_checksum(Bytes& frame);
/// The IP header says what the frame holds.
void repair_ip_length(Bytes& frame);

} // namespace xvrrp::test
