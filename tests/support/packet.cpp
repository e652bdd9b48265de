// SPDX-License-Identifier: BSD-2-Clause
#include "support/packet.hpp"

#include <algorithm>
#include <string>

#include <arpa/inet.h>

#include <gtest/gtest.h>

namespace xvrrp::test {

Packet Packet::v2() {
  return {};
}

Packet Packet::guide() {
  return v2().password("1212").destination({192, 168, 1, 12});
}

Packet Packet::v3() {
  return Packet{}.version(3).vrid(10).interval(100).pseudo_header_checksum();
}

Packet Packet::v3_six() {
  return v3().source(v6("fe80::11")).destination(v6("ff02::12")).addresses(1);
}

Packet& Packet::password(std::string_view text) {
  auth_type_ = 1;
  auth_data_.fill(0);
  std::copy_n(text.begin(), std::min(text.size(), auth_data_.size()), auth_data_.begin());
  return *this;
}

Packet& Packet::addresses(std::uint8_t count) {
  addresses_.clear();
  for (unsigned i = 0; i < count; ++i) {
    auto address = six() ? v6("fe80::13") : Address{192, 168, 1, 13};
    address.back() = static_cast<std::uint8_t>(address.back() + i);
    addresses_.push_back(address);
  }
  return *this;
}

Packet& Packet::addresses(const std::vector<Address>& list) {
  return set(addresses_, list);
}

Packet& Packet::claimed_addresses(std::uint8_t count) {
  return set(claimed_excess_, count - static_cast<int>(addresses_.size()));
}

Packet& Packet::summed_trailing(const Bytes& bytes) {
  trailing_is_summed_ = true;
  return trailing(bytes);
}

Packet& Packet::vlan(std::uint16_t id) {
  vlans_.push_back(id);
  return *this;
}

Bytes Packet::message() const {
  Bytes message{static_cast<std::uint8_t>(version_ << 4 | type_), vrid_, priority_,
                static_cast<std::uint8_t>(static_cast<int>(addresses_.size()) + claimed_excess_)};
  if (version_ == 2) {
    message.push_back(auth_type_);
    message.push_back(static_cast<std::uint8_t>(interval_));
  } else {
    append_be16(message, interval_);
  }
  append_be16(message, 0);
  for (const auto& address : addresses_)
    append(message, address);
  if (version_ == 2)
    append(message, auth_data_);
  return message;
}

Bytes Packet::payload() const {
  auto payload = message();
  Bytes summed = payload;
  if (trailing_is_summed_)
    append(summed, trailing_);
  const auto length = summed.size();
  if (summed.size() % 2 != 0)
    summed.push_back(0);
  if (pseudo_header_)
    append(summed, pseudo_header(source_, destination_, length));
  put_be16(payload, 6, internet_checksum(summed) ^ checksum_error_);
  append(payload, trailing_);
  payload.resize(std::min(payload.size(), payload_limit_));
  return payload;
}

Bytes Packet::ip_header(std::size_t payload_bytes) const {
  if (six()) {
    Bytes ip{0x6c, 0, 0, 0};
    append_be16(ip, static_cast<std::uint16_t>(payload_bytes));
    append(ip, Bytes{protocol_, ttl_});
    append(ip, source_);
    append(ip, destination_);
    return ip;
  }
  const auto header_bytes = 20 + ip_options_.size();
  Bytes ip{static_cast<std::uint8_t>(0x40 | header_bytes / 4), 0xc0};
  append_be16(ip, static_cast<std::uint16_t>(header_bytes + payload_bytes));
  append_be16(ip, 0);
  append_be16(ip, fragment_);
  append(ip, Bytes{ttl_, protocol_, 0, 0});
  append(ip, source_);
  append(ip, destination_);
  append(ip, ip_options_);
  put_be16(ip, 10, internet_checksum(ip) ^ ip_checksum_error_);
  return ip;
}

/// RFC 1112 6.4, RFC 2464 7.
Bytes Packet::destination_mac() const {
  if (!mac_.empty())
    return mac_;
  const auto& to = destination_;
  if (six())
    return to[0] == 0xff ? Bytes{0x33, 0x33, to[12], to[13], to[14], to[15]} : Bytes{2, 0, 0, 0, 0, 0x12};
  return to[0] / 16 == 14 ? Bytes{1, 0, 0x5e, static_cast<std::uint8_t>(to[1] & 0x7f), to[2], to[3]}
                          : Bytes{2, 0, 0, 0, 0, 0x12};
}

Bytes Packet::frame() const {
  const auto inside = payload();
  Bytes frame = destination_mac();
  append(frame, from_hex("020000000001"));
  for (std::size_t i = 0; i < vlans_.size(); ++i) {
    append_be16(frame, i + 1 < vlans_.size() ? 0x88a8 : 0x8100);
    append_be16(frame, vlans_[i]);
  }
  append_be16(frame, six() ? 0x86dd : 0x0800);
  append(frame, ip_header(inside.size()));
  append(frame, inside);
  frame.resize(frame.size() + padding_ - cut_);
  return frame;
}

Packet::Address v6(std::string_view text) {
  Packet::Address address(16);
  EXPECT_EQ(inet_pton(AF_INET6, std::string{text}.c_str(), address.data()), 1) << text;
  return address;
}

Bytes scapy_frame(std::string_view name) {
  for (const auto& vector : load_vectors("scapy.txt")) {
    if (vector.name == name)
      return vector.frame;
  }
  ADD_FAILURE() << "no vector " << name;
  return {};
}

} // namespace xvrrp::test
