// SPDX-License-Identifier: BSD-2-Clause
#include "cli/pcapng.hpp"

#include <algorithm>

namespace xvrrp::cli::pcapng {
namespace {

enum Option : std::uint16_t {
  kEnd = 0,
  kComment = 1,
  kIfName = 2,
  kPacketFlags = 2,
  kUserApplication = 4,
  kTimeResolution = 9
};
constexpr std::uint32_t kSectionHeader = 0x0a0d0d0a;
constexpr std::uint32_t kByteOrderMagic = 0x1a2b3c4d;
constexpr std::uint32_t kInterfaceDescription = 1;
constexpr std::uint32_t kEnhancedPacket = 6;
constexpr std::uint16_t kEthernet = 1;
constexpr std::uint32_t kInbound = 1;
constexpr std::uint32_t kOutbound = 2;
constexpr std::size_t kLongestOption = 0xffff;

template <typename Number>
void put(std::string& to, Number number) {
  to.append(reinterpret_cast<const char*>(&number), sizeof number);
}

/// Everything is aligned to 32 bits.
void pad(std::string& to) {
  to.append((4 - to.size() % 4) % 4, '\0');
}

void put_option(std::string& to, Option code, std::string_view value) {
  value = value.substr(0, kLongestOption);
  put(to, static_cast<std::uint16_t>(code));
  put(to, static_cast<std::uint16_t>(value.size()));
  to += value;
  pad(to);
}

void end_options(std::string& to) {
  put_option(to, kEnd, {});
}

std::string whole(std::uint32_t type, const std::string& body) {
  std::string block;
  const auto length = static_cast<std::uint32_t>(body.size() + 12);
  put(block, type);
  put(block, length);
  block += body;
  put(block, length);
  return block;
}

} // namespace

std::string header(std::string_view application, std::string_view interface, std::uint32_t longest_packet) {
  std::string section;
  put(section, kByteOrderMagic);
  put(section, std::uint16_t{1}); // version 1.0
  put(section, std::uint16_t{0});
  put(section, std::int64_t{-1}); // nobody knows how long it becomes
  put_option(section, kUserApplication, application);
  end_options(section);

  std::string description;
  put(description, kEthernet);
  put(description, std::uint16_t{0});
  put(description, longest_packet);
  put_option(description, kIfName, interface);
  put_option(description, kTimeResolution, "\x09"); // 10^-9 s
  end_options(description);
  return whole(kSectionHeader, section) + whole(kInterfaceDescription, description);
}

std::string block(const Packet& packet) {
  const auto time = static_cast<std::uint64_t>(packet.since_epoch.count());
  std::string body;
  put(body, std::uint32_t{0}); // the interface
  put(body, static_cast<std::uint32_t>(time >> 32));
  put(body, static_cast<std::uint32_t>(time & 0xffffffff));
  put(body, static_cast<std::uint32_t>(packet.bytes.size()));
  put(body, packet.length);
  body.append(reinterpret_cast<const char*>(packet.bytes.data()), packet.bytes.size());
  pad(body);
  put_option(body, kComment, packet.comment);
  std::string flags;
  put(flags, packet.outgoing ? kOutbound : kInbound);
  put_option(body, kPacketFlags, flags);
  end_options(body);
  return whole(kEnhancedPacket, body);
}

} // namespace xvrrp::cli::pcapng
