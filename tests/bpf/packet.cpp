// SPDX-License-Identifier: BSD-2-Clause
#include "bpf/packet.hpp"

#include <algorithm>

#include <gtest/gtest.h>

namespace xvrrp::test {
namespace {

void append_be16(Bytes& bytes, std::uint16_t value) {
  bytes.push_back(static_cast<std::uint8_t>(value >> 8));
  bytes.push_back(static_cast<std::uint8_t>(value));
}

template <typename Range>
void append(Bytes& bytes, const Range& more) {
  bytes.insert(bytes.end(), more.begin(), more.end());
}

} // namespace

Packet Packet::v2() {
  return {};
}

Packet Packet::guide() {
  return v2().password("1212").destination({192, 168, 1, 12});
}

Packet Packet::v3() {
  return Packet{}.version(3).vrid(10).interval(100);
}

Packet& Packet::password(std::string_view text) {
  auth_type_ = 1;
  auth_data_.fill(0);
  std::copy_n(text.begin(), std::min(text.size(), auth_data_.size()), auth_data_.begin());
  return *this;
}

Packet& Packet::vlan(std::uint16_t id) {
  vlans_.push_back(id);
  return *this;
}

Bytes Packet::message() const {
  Bytes message{static_cast<std::uint8_t>(version_ << 4 | type_), vrid_, priority_,
                static_cast<std::uint8_t>(addresses_ + claimed_excess_)};
  if (version_ == 2) {
    message.push_back(auth_type_);
    message.push_back(static_cast<std::uint8_t>(interval_));
  } else {
    append_be16(message, interval_);
  }
  append_be16(message, 0);
  for (int i = 0; i < addresses_; ++i)
    append(message, Address{192, 168, 1, static_cast<std::uint8_t>(13 + i)});
  if (version_ == 2)
    append(message, auth_data_);

  Bytes summed = message;
  if (version_ == 3 && pseudo_header_) {
    append(summed, source_);
    append(summed, destination_);
    append_be16(summed, 112);
    append_be16(summed, static_cast<std::uint16_t>(message.size()));
  }
  put_be16(message, 6, internet_checksum(summed) ^ checksum_error_);
  return message;
}

Bytes Packet::frame() const {
  const auto payload = message();
  Bytes ip{0x45, 0xc0};
  append_be16(ip, static_cast<std::uint16_t>(20 + payload.size()));
  append_be16(ip, 0);
  append_be16(ip, fragment_);
  append(ip, Bytes{ttl_, protocol_, 0, 0});
  append(ip, source_);
  append(ip, destination_);
  put_be16(ip, 10, internet_checksum(ip) ^ ip_checksum_error_);

  Bytes frame = from_hex("01005e000012020000000001");
  for (std::size_t i = 0; i < vlans_.size(); ++i) {
    append_be16(frame, i + 1 < vlans_.size() ? 0x88a8 : 0x8100);
    append_be16(frame, vlans_[i]);
  }
  append_be16(frame, 0x0800);
  append(frame, ip);
  append(frame, payload);
  frame.resize(frame.size() - cut_);
  return frame;
}

std::uint16_t internet_checksum(const Bytes& bytes) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    sum += static_cast<std::uint32_t>(bytes[i]) << (i % 2 == 0 ? 8 : 0);
  while (sum >> 16)
    sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

void put_be16(Bytes& bytes, std::size_t offset, std::uint16_t value) {
  bytes.at(offset) = static_cast<std::uint8_t>(value >> 8);
  bytes.at(offset + 1) = static_cast<std::uint8_t>(value);
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
