// SPDX-License-Identifier: BSD-2-Clause
// What our own builder is asked for, and whether it is what was parsed.
#pragma once

#include <cstdint>

#include <xvrrp/wire/build.h>

#include "support/checksum.hpp"

namespace xvrrp::test {

/// An advert as a value: the specification, and the memory that it points to.
struct Advert {
  xv_advert_spec spec{};
  Bytes addresses;

  /// An advert of `count` addresses, all zero, to the VRRP group; `addresses` is to be filled.
  static Advert to_group(std::uint8_t version, std::uint8_t family, std::uint8_t count);
};

/// The frame that xv_build_advert() makes of it.
Bytes build(const Advert& advert);
/// The frame that xv_build_unsolicited_na() and xv_build_gratuitous_arp() make, in memory of exactly its
/// size.
Bytes build_unsolicited_na(const Bytes& mac, const Bytes& address);
Bytes build_gratuitous_arp(const Bytes& mac, const Bytes& address);

/// The other way round: a specification that should build the frame that was parsed to `parsed`.
Advert advert_of(const Bytes& frame, const xv_advert& parsed);

/// Fails the running test for each field that differs.
void expect_same(const Advert& built, const xv_advert& parsed);

} // namespace xvrrp::test
