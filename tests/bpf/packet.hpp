// SPDX-License-Identifier: BSD-2-Clause
// Builds a VRRP frame over IPv4 from what is special about it. Shares no code with xvrrp/wire/build.h, so
// that a mistake there does not hide itself.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "support/vectors.hpp"

namespace xvrrp::test {

class Packet {
public:
  using Address = std::array<std::uint8_t, 4>;

  /// The guide's advert without its password: VRRPv2, VRID 150, priority 101, 1 s, 192.168.1.11 to the group.
  static Packet v2();
  /// The guide's advert as it is: password "1212", unicast to 192.168.1.12.
  static Packet guide();
  /// VRRPv3, VRID 10, priority 101, 1 s, one address, 192.168.1.11 to the group.
  static Packet v3();

  Packet& vrid(std::uint8_t value) { return set(vrid_, value); }
  Packet& version(std::uint8_t value) { return set(version_, value); }
  Packet& type(std::uint8_t value) { return set(type_, value); }
  Packet& priority(std::uint8_t value) { return set(priority_, value); }
  /// v2: seconds; v3: centiseconds.
  Packet& interval(std::uint16_t value) { return set(interval_, value); }
  Packet& source(const Address& value) { return set(source_, value); }
  Packet& destination(const Address& value) { return set(destination_, value); }
  Packet& auth_type(std::uint8_t value) { return set(auth_type_, value); }
  Packet& password(std::string_view text);
  Packet& addresses(std::uint8_t count) { return set(addresses_, count); }
  /// A count that is not the number of addresses in the packet.
  Packet& claimed_addresses(std::uint8_t count) { return set(claimed_excess_, count - addresses_); }
  /// RFC 9568's checksum over IPv4: without pseudo-header.
  Packet& message_only_checksum() { return set(pseudo_header_, false); }
  Packet& wrong_checksum() { return set(checksum_error_, std::uint16_t{0x5555}); }
  Packet& wrong_ip_checksum() { return set(ip_checksum_error_, std::uint16_t{0x5555}); }
  Packet& ttl(std::uint8_t value) { return set(ttl_, value); }
  Packet& protocol(std::uint8_t value) { return set(protocol_, value); }
  /// The IPv4 header's flags and fragment offset: 0x2000 is "more fragments".
  Packet& fragment(std::uint16_t value) { return set(fragment_, value); }
  Packet& vlan(std::uint16_t id);
  /// Drops bytes from the end of the frame; the headers do not know.
  Packet& cut(std::size_t bytes) { return set(cut_, bytes); }

  Bytes frame() const;
  operator Bytes() const { return frame(); } // NOLINT(google-explicit-constructor): reads well in tables

private:
  template <typename T, typename V>
  Packet& set(T& field, V value) {
    field = static_cast<T>(value);
    return *this;
  }
  Bytes message() const;

  Address source_{192, 168, 1, 11};
  Address destination_{224, 0, 0, 18};
  std::array<std::uint8_t, 8> auth_data_{};
  std::vector<std::uint16_t> vlans_;
  std::size_t cut_ = 0;
  int claimed_excess_ = 0;
  std::uint16_t interval_ = 1;
  std::uint16_t fragment_ = 0;
  std::uint16_t checksum_error_ = 0;
  std::uint16_t ip_checksum_error_ = 0;
  std::uint8_t version_ = 2;
  std::uint8_t type_ = 1;
  std::uint8_t vrid_ = 150;
  std::uint8_t priority_ = 101;
  std::uint8_t auth_type_ = 0;
  std::uint8_t addresses_ = 1;
  std::uint8_t ttl_ = 255;
  std::uint8_t protocol_ = 112;
  bool pseudo_header_ = true;
};

/// The one's complement checksum of RFC 1071 over `bytes`, as it is written into the field.
std::uint16_t internet_checksum(const Bytes& bytes);
void put_be16(Bytes& bytes, std::size_t offset, std::uint16_t value);

/// A frame of tests/wire/vectors/scapy.txt by its name. Fails the running test when there is none.
Bytes scapy_frame(std::string_view name);

} // namespace xvrrp::test
