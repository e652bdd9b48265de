// SPDX-License-Identifier: BSD-2-Clause
#include "support/repair.hpp"

#include <algorithm>

namespace xvrrp::test {
namespace {

int be16(const Bytes& bytes, std::size_t at) {
  return bytes[at] << 8 | bytes[at + 1];
}

Bytes slice(const Bytes& frame, std::size_t begin, std::size_t end) {
  return {frame.begin() + static_cast<std::ptrdiff_t>(begin),
          frame.begin() + static_cast<std::ptrdiff_t>(end)};
}

} // namespace

std::optional<FrameLayout> layout_of(const Bytes& frame) {
  FrameLayout layout;
  while (layout.ip <= 18 && layout.ip + 4 <= frame.size() &&
         (be16(frame, layout.ip - 2) == 0x8100 || be16(frame, layout.ip - 2) == 0x88a8))
    layout.ip += 4;
  if (frame.size() < layout.ip + 20)
    return std::nullopt;
  layout.six = be16(frame, layout.ip - 2) == 0x86dd;
  layout.message = layout.ip + (layout.six ? 40u : (frame[layout.ip] & 15u) * 4u);
  if (layout.message < layout.ip + 20 || frame.size() < layout.message + 8)
    return std::nullopt;
  return layout;
}

void repair_message_checksum(Bytes& frame, Coverage coverage) {
  const auto layout = layout_of(frame);
  if (!layout)
    return;
  const bool v2 = frame[layout->message] >> 4 == 2;
  const auto message_bytes = 8u + frame[layout->message + 3] * (layout->six ? 16u : 4u) + (v2 ? 8u : 0u);
  const auto end = coverage.trailing ? frame.size() : layout->message + message_bytes;
  if (frame.size() < end)
    return;
  put_be16(frame, layout->message + 6, 0);
  Bytes summed = slice(frame, layout->message, end);
  const auto length = summed.size();
  if (length % 2 != 0)
    summed.push_back(0);
  if (!v2 && (layout->six || coverage.pseudo_header)) {
    const auto addresses = layout->ip + (layout->six ? 8u : 12u);
    append(summed, slice(frame, addresses, addresses + (layout->six ? 32u : 8u)));
    append(summed, pseudo_header({}, {}, length));
  }
  put_be16(frame, layout->message + 6, internet_checksum(summed));
}

void repair_ip_checksum(Bytes& frame) {
  const auto layout = layout_of(frame);
  if (!layout || layout->six)
    return;
  put_be16(frame, layout->ip + 10, 0);
  put_be16(frame, layout->ip + 10, internet_checksum(slice(frame, layout->ip, layout->message)));
}

void repair_ip_length(Bytes& frame) {
  const auto layout = layout_of(frame);
  if (!layout)
    return;
  put_be16(frame, layout->ip + (layout->six ? 4 : 2),
           static_cast<std::uint16_t>(frame.size() - (layout->six ? layout->message : layout->ip)));
}

} // namespace xvrrp::test
