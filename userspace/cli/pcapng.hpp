// SPDX-License-Identifier: BSD-2-Clause
// Blocks of a pcapng file (draft-ietf-opsawg-pcapng), in the byte order of this machine.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <xvrrp/base/time.hpp>

namespace xvrrp::cli::pcapng {

/// What a file begins with: a section header, and the description of its one Ethernet interface, whose times
/// count nanoseconds. `application` is who wrote it.
std::string header(std::string_view application, std::string_view interface, std::uint32_t longest_packet);

struct Packet {
  Nanoseconds since_epoch{};
  std::span<const std::uint8_t> bytes; ///< what was captured of it
  std::uint32_t length = 0;            ///< of the whole packet
  bool outgoing = false;
  std::string_view comment;
};
/// An enhanced packet block.
std::string block(const Packet& packet);

} // namespace xvrrp::cli::pcapng
