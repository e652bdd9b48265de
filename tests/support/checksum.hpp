// SPDX-License-Identifier: BSD-2-Clause
// RFC 1071 once more, byte by byte: shares nothing with xvrrp/wire/checksum.h, so that a mistake there does
// not hide itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace xvrrp::test {

using Bytes = std::vector<std::uint8_t>;

inline void put_be16(Bytes& bytes, std::size_t offset, std::uint16_t value) {
  bytes.at(offset) = static_cast<std::uint8_t>(value >> 8);
  bytes.at(offset + 1) = static_cast<std::uint8_t>(value);
}

inline void append_be16(Bytes& bytes, std::uint16_t value) {
  bytes.push_back(static_cast<std::uint8_t>(value >> 8));
  bytes.push_back(static_cast<std::uint8_t>(value));
}

template <typename Range>
void append(Bytes& bytes, const Range& more) {
  bytes.insert(bytes.end(), more.begin(), more.end());
}

/// The sum of `bytes` as 16-bit words, the last one filled with a zero, modulo 65,535.
inline std::uint16_t words_modulo_65535(const Bytes& bytes) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    sum += static_cast<std::uint64_t>(bytes[i]) << (i % 2 == 0 ? 8 : 0);
  return static_cast<std::uint16_t>(sum % 0xffff);
}

/// The checksum over `bytes`, as it is written into the field.
inline std::uint16_t internet_checksum(const Bytes& bytes) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    sum += static_cast<std::uint64_t>(bytes[i]) << (i % 2 == 0 ? 8 : 0);
  while (sum >> 16)
    sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

/// What v3 sums beside its message: addresses, protocol and length (RFC 8200 8.1, and its like over IPv4).
inline Bytes pseudo_header(const Bytes& source, const Bytes& destination, std::size_t length,
                           std::uint16_t protocol = 112) {
  Bytes header = source;
  append(header, destination);
  append_be16(header, protocol);
  append_be16(header, static_cast<std::uint16_t>(length));
  return header;
}

} // namespace xvrrp::test
