// SPDX-License-Identifier: BSD-2-Clause
// An IPv4 or IPv6 address as 16 bytes in network order, the form it has in the maps.
#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace xvrrp {

enum class Family : std::uint8_t { IPv4 = 4, IPv6 = 6 };

class IpAddress {
public:
  using Bytes = std::array<std::uint8_t, 16>;

  constexpr IpAddress() = default;
  /// IPv4 uses the first four bytes; the rest must be zero.
  constexpr IpAddress(Family family, const Bytes& bytes) : family_(family), bytes_(bytes) {}
  static constexpr IpAddress v4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d) {
    return {Family::IPv4, Bytes{a, b, c, d}};
  }
  static IpAddress from_bytes(Family family, const std::uint8_t (&bytes)[16]) {
    Bytes copy{};
    std::copy_n(bytes, copy.size(), copy.begin());
    return {family, copy};
  }
  /// Dotted quad or RFC 4291 text; no prefix length, no zone.
  static std::optional<IpAddress> parse(std::string_view text);

  constexpr Family family() const { return family_; }
  constexpr const Bytes& bytes() const { return bytes_; }
  constexpr std::size_t size() const { return family_ == Family::IPv4 ? 4 : 16; }
  constexpr bool is_unspecified() const {
    for (const auto byte : bytes_) {
      if (byte != 0)
        return false;
    }
    return true;
  }
  constexpr bool is_multicast() const {
    return family_ == Family::IPv4 ? (bytes_[0] & 0xf0) == 0xe0 : bytes_[0] == 0xff;
  }
  constexpr bool is_link_local() const {
    return family_ == Family::IPv4 ? bytes_[0] == 169 && bytes_[1] == 254
                                   : bytes_[0] == 0xfe && (bytes_[1] & 0xc0) == 0x80;
  }
  std::string text() const;

  /// Unsigned, in network byte order: the comparison of RFC 9568 section 6.4.3.
  friend constexpr auto operator<=>(const IpAddress&,
                                    const IpAddress&) = default; // NOLINT(modernize-use-nullptr)

private:
  Family family_ = Family::IPv4;
  Bytes bytes_{};
};

/// An address with its prefix length, as `192.168.1.13/24`.
struct IpPrefix {
  IpAddress address;
  std::uint8_t length = 32;
  std::string text() const;
  friend constexpr auto operator<=>(const IpPrefix&,
                                    const IpPrefix&) = default; // NOLINT(modernize-use-nullptr)
};

} // namespace xvrrp
