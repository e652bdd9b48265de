// SPDX-License-Identifier: BSD-2-Clause
// The frames of a flood: multicast IPv4 adverts, ARP requests and UDP, built from the RFCs and without the
// product's code.
#pragma once

#include <cstdint>
#include <vector>

namespace xvrrp::flood {

using Frame = std::vector<std::uint8_t>;

struct Advert {
  int version = 3;
  std::uint8_t vrid = 1;
  std::uint8_t priority = 100;
  std::uint16_t interval = 100; ///< as on the wire: v2 seconds, v3 centiseconds
  std::uint32_t source = 0;     ///< host byte order
  std::uint32_t address = 0;    ///< the virtual address, host byte order
  std::uint8_t ttl = 255;
  bool bad_checksum = false;
};

Frame build(const Advert& advert);

/// The advert's source asks everybody for the virtual address (RFC 826).
Frame build_arp_request(const Advert& advert);

/// From the advert's source to its address, to a MAC that nobody has: a host drops it as soon as it sees it.
Frame build_udp(const Advert& advert);

} // namespace xvrrp::flood
