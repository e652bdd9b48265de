// SPDX-License-Identifier: BSD-2-Clause
#include "flood_frames.hpp"

#include <algorithm>
#include <iterator>

namespace xvrrp::flood {
namespace {

constexpr std::uint32_t kAllRouters = 0xe0000012; // 224.0.0.18
constexpr std::uint8_t kProtocol = 112;
constexpr std::uint8_t kUdp = 17;
constexpr std::size_t kSmallestFrame = 60;
constexpr std::uint8_t kAskersMac[] = {0x02, 0x00, 0x00, 0x00, 0x00, 0x66};
constexpr std::uint8_t kNobodysMac[] = {0x02, 0x00, 0x00, 0x00, 0x00, 0x67};

void put8(Frame& frame, unsigned value) {
  frame.push_back(static_cast<std::uint8_t>(value));
}

void put16(Frame& frame, unsigned value) {
  put8(frame, value >> 8);
  put8(frame, value & 0xff);
}

void put32(Frame& frame, std::uint32_t value) {
  put16(frame, value >> 16);
  put16(frame, value & 0xffff);
}

/// RFC 1071 over an even number of bytes.
std::uint16_t checksum(const Frame& bytes) {
  std::uint32_t sum = 0;
  for (std::size_t at = 0; at < bytes.size(); at += 2)
    sum += static_cast<std::uint32_t>(bytes[at] << 8 | bytes[at + 1]);
  while (sum > 0xffff)
    sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum & 0xffff);
}

void store16(Frame& frame, std::size_t at, std::uint16_t value) {
  frame[at] = static_cast<std::uint8_t>(value >> 8);
  frame[at + 1] = static_cast<std::uint8_t>(value & 0xff);
}

void append(Frame& frame, const Frame& more) {
  frame.insert(frame.end(), more.begin(), more.end());
}

/// VRRPv3 takes the form of the checksum that keepalived and FRR verify: with the pseudo-header.
Frame pseudo_header(const Advert& advert, std::size_t length) {
  Frame header;
  put32(header, advert.source);
  put32(header, kAllRouters);
  put16(header, kProtocol);
  put16(header, static_cast<unsigned>(length));
  return header;
}

Frame message(const Advert& advert) {
  Frame bytes;
  put8(bytes, static_cast<unsigned>(advert.version << 4 | 1));
  put8(bytes, advert.vrid);
  put8(bytes, advert.priority);
  put8(bytes, 1);                // one address
  put16(bytes, advert.interval); // v2: authentication type 0 and the interval; v3: the interval
  put16(bytes, 0);
  put32(bytes, advert.address);
  if (advert.version == 2)
    bytes.resize(bytes.size() + 8); // authentication data
  Frame covered = advert.version == 2 ? Frame{} : pseudo_header(advert, bytes.size());
  append(covered, bytes);
  const unsigned flaw = advert.bad_checksum ? 0x5555 : 0;
  store16(bytes, 6, static_cast<std::uint16_t>(checksum(covered) ^ flaw));
  return bytes;
}

Frame ip_header(const Advert& advert, std::size_t length, std::uint8_t protocol, std::uint32_t destination) {
  Frame header;
  put16(header, 0x45c0);
  put16(header, static_cast<unsigned>(20 + length));
  put32(header, 0); // id, no fragment
  put8(header, advert.ttl);
  put8(header, protocol);
  put16(header, 0);
  put32(header, advert.source);
  put32(header, destination);
  store16(header, 10, checksum(header));
  return header;
}

} // namespace

Frame build(const Advert& advert) {
  const Frame payload = message(advert);
  Frame frame{0x01, 0x00, 0x5e, 0x00, 0x00, 0x12, 0x00, 0x00, 0x5e, 0x00, 0x01, advert.vrid};
  put16(frame, 0x0800);
  append(frame, ip_header(advert, payload.size(), kProtocol, kAllRouters));
  append(frame, payload);
  frame.resize(std::max(frame.size(), kSmallestFrame));
  return frame;
}

Frame build_arp_request(const Advert& advert) {
  Frame frame(6, 0xff);
  frame.insert(frame.end(), std::begin(kAskersMac), std::end(kAskersMac));
  put16(frame, 0x0806);
  put16(frame, 1); // Ethernet
  put16(frame, 0x0800);
  put16(frame, 0x0604); // lengths of the addresses
  put16(frame, 1);      // request
  frame.insert(frame.end(), std::begin(kAskersMac), std::end(kAskersMac));
  put32(frame, advert.source);
  frame.resize(frame.size() + 6); // the MAC that is asked for
  put32(frame, advert.address);
  frame.resize(kSmallestFrame);
  return frame;
}

Frame build_udp(const Advert& advert) {
  Frame payload;
  put16(payload, 9); // discard
  put16(payload, 9);
  put16(payload, 8 + 18);
  payload.resize(8 + 18); // no checksum, as IPv4 allows
  Frame frame(std::begin(kNobodysMac), std::end(kNobodysMac));
  frame.insert(frame.end(), std::begin(kAskersMac), std::end(kAskersMac));
  put16(frame, 0x0800);
  append(frame, ip_header(advert, payload.size(), kUdp, advert.address));
  append(frame, payload);
  return frame;
}

} // namespace xvrrp::flood
