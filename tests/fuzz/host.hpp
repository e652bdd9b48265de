// SPDX-License-Identifier: BSD-2-Clause
// The parser as the host compiles it, on memory of exactly the frame's size: AddressSanitizer sees one byte
// too far.
#pragma once

#include <cstring>
#include <memory>

#include <xvrrp/wire/advert.h>

#include "support/checksum.hpp"

namespace xvrrp::fuzz {

struct Parsed {
  xv_reason reason;
  xv_advert advert;
};

inline Parsed parse(const test::Bytes& frame) {
  const auto copy = std::make_unique<std::uint8_t[]>(frame.size());
  if (!frame.empty())
    std::memcpy(copy.get(), frame.data(), frame.size());
  Parsed parsed{};
  parsed.reason = xv_parse_advert({copy.get(), copy.get() + frame.size()}, &parsed.advert);
  return parsed;
}

} // namespace xvrrp::fuzz
