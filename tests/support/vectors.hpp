// SPDX-License-Identifier: BSD-2-Clause
// The packet vectors that scapy built (tests/wire/vectors), and helpers around frames.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <xvrrp/wire/advert.h>

#include "support/checksum.hpp"

namespace xvrrp::test {

struct Vector {
  std::string name;
  std::string reason; ///< expected, by name
  std::map<std::string, unsigned> fields;
  Bytes frame;
};

/// The lines of tests/wire/vectors/FILE. Fails the running test when the file cannot be read.
std::vector<Vector> load_vectors(const std::string& file);

Bytes from_hex(const std::string& hex);
std::string to_hex(const Bytes& bytes);

struct Parsed {
  xv_reason reason;
  xv_advert advert;
};
/// The host's parser on a copy of exactly the frame's size, so that AddressSanitizer sees a byte too far.
Parsed parse_on_host(const Bytes& frame);

} // namespace xvrrp::test
