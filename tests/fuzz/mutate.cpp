// SPDX-License-Identifier: BSD-2-Clause
#include "fuzz/mutate.hpp"

#include <algorithm>

#include "support/repair.hpp"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace xvrrp::fuzz {
namespace {

/// IP options or VLAN tags: bytes that move all that is behind them, which takes two changes at once.
void lengthen_header(test::Bytes& frame, bool tag, unsigned words) {
  const auto layout = test::layout_of(frame);
  if (!layout)
    return;
  if (tag) {
    const test::Bytes bytes{0x81, 0, 0, static_cast<std::uint8_t>(words)};
    frame.insert(frame.begin() + 12, bytes.begin(), bytes.end());
  } else if (!layout->six && (frame[layout->ip] & 15) + words <= 15) {
    frame.insert(frame.begin() + static_cast<std::ptrdiff_t>(layout->message), words * 4, 1);
    frame[layout->ip] = static_cast<std::uint8_t>(frame[layout->ip] + words);
  }
}

} // namespace

std::size_t mutate_frame(std::uint8_t* data, std::size_t size, std::size_t max_size, unsigned seed) {
  size = LLVMFuzzerMutate(data, size, max_size);
  test::Bytes frame(data, data + size);
  const auto one_in = [&seed](unsigned n) {
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 16) % n == 0;
  };
  if (size + 40 <= max_size && one_in(16))
    lengthen_header(frame, one_in(2), 1 + seed % 10);
  if (one_in(2))
    test::repair_ip_length(frame);
  if (!one_in(4))
    test::repair_message_checksum(frame, {!one_in(3), one_in(4)});
  if (!one_in(8))
    test::repair_ip_checksum(frame);
  std::copy(frame.begin(), frame.end(), data);
  return frame.size();
}

} // namespace xvrrp::fuzz
