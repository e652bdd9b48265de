// SPDX-License-Identifier: BSD-2-Clause
// Builds a VRRP frame from what is special about it. Shares no code with xvrrp/wire/build.h, so that a
// mistake there does not hide itself.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "support/checksum.hpp"
#include "support/vectors.hpp"

namespace xvrrp::test {

class Packet {
public:
  /// Four or sixteen bytes.
  using Address = Bytes;

  /// The guide's advert without its password: VRRPv2, VRID 150, priority 101, 1 s, 192.168.1.11 to the group.
  static Packet v2();
  /// The guide's advert as it is: password "1212", unicast to 192.168.1.12.
  static Packet guide();
  /// VRRPv3, VRID 10, priority 101, 1 s, address 192.168.1.13, 192.168.1.11 to the group.
  static Packet v3();
  /// The same over IPv6: address fe80::13, fe80::11 to the group.
  static Packet v3_six();

  Packet& vrid(std::uint8_t value) { return set(vrid_, value); }
  Packet& version(std::uint8_t value) { return set(version_, value); }
  Packet& type(std::uint8_t value) { return set(type_, value); }
  Packet& priority(std::uint8_t value) { return set(priority_, value); }
  /// v2: seconds; v3: centiseconds, with the reserved bits above them.
  Packet& interval(std::uint16_t value) { return set(interval_, value); }
  Packet& source(const Address& value) { return set(source_, value); }
  Packet& destination(const Address& value) { return set(destination_, value); }
  /// The frame's destination; without it the group's MAC, or 02:00:00:00:00:12 for one host.
  Packet& mac(const Bytes& value) { return set(mac_, value); }
  Packet& auth_type(std::uint8_t value) { return set(auth_type_, value); }
  Packet& password(std::string_view text);
  /// So many addresses: 192.168.1.13 or fe80::13, and those after it.
  Packet& addresses(std::uint8_t count);
  Packet& addresses(const std::vector<Address>& list);
  /// A count that is not the number of addresses in the packet.
  Packet& claimed_addresses(std::uint8_t count);
  /// RFC 9568's checksum over IPv4: without pseudo-header. Over IPv6: a mistake.
  Packet& message_only_checksum() { return set(pseudo_header_, false); }
  /// A mistake in v2.
  Packet& pseudo_header_checksum() { return set(pseudo_header_, true); }
  Packet& wrong_checksum() { return set(checksum_error_, std::uint16_t{0x5555}); }
  Packet& flip_checksum(std::uint16_t bits) { return set(checksum_error_, bits); }
  Packet& wrong_ip_checksum() { return set(ip_checksum_error_, std::uint16_t{0x5555}); }
  /// Bytes behind the message that the IP header counts: outside its checksum, or summed with it.
  Packet& trailing(const Bytes& bytes) { return set(trailing_, bytes); }
  Packet& summed_trailing(const Bytes& bytes);
  /// Bytes behind what the IP header counts.
  Packet& padding(std::size_t bytes) { return set(padding_, bytes); }
  /// A whole number of 4-byte words (IPv4).
  Packet& ip_options(const Bytes& bytes) { return set(ip_options_, bytes); }
  /// The payload ends after so many bytes, and the IP header says so.
  Packet& payload_bytes(std::size_t bytes) { return set(payload_limit_, bytes); }
  /// TTL or Hop Limit.
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
  bool six() const { return source_.size() == 16; }
  Bytes message() const;
  Bytes payload() const;
  Bytes ip_header(std::size_t payload_bytes) const;
  Bytes destination_mac() const;

  Address source_{192, 168, 1, 11};
  Address destination_{224, 0, 0, 18};
  std::vector<Address> addresses_{{192, 168, 1, 13}};
  std::array<std::uint8_t, 8> auth_data_{};
  std::vector<std::uint16_t> vlans_;
  Bytes trailing_;
  Bytes ip_options_;
  Bytes mac_;
  std::size_t padding_ = 0;
  std::size_t payload_limit_ = ~std::size_t{0};
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
  std::uint8_t ttl_ = 255;
  std::uint8_t protocol_ = 112;
  bool pseudo_header_ = false;
  bool trailing_is_summed_ = false;
};

/// "fe80::13" as its sixteen bytes.
Packet::Address v6(std::string_view text);

/// A frame of tests/wire/vectors/scapy.txt by its name. Fails the running test when there is none.
Bytes scapy_frame(std::string_view name);

} // namespace xvrrp::test
