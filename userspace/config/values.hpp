// SPDX-License-Identifier: BSD-2-Clause
// Reads the values that stand behind keywords. Each function reports what is wrong and what is allowed, and
// then returns nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <xvrrp/base/address.hpp>
#include <xvrrp/base/time.hpp>

#include "config/diagnostics.hpp"
#include "config/syntax.hpp"

namespace xvrrp::config {

struct Range {
  std::uint32_t min;
  std::uint32_t max;
};

/// A decimal integer. `name` is what messages call it.
std::optional<std::uint32_t> read_integer(Diagnostics& diagnostics, std::string_view name, const Token& token,
                                          Range allowed);

/// The same, or a hexadecimal one behind 0x.
std::optional<std::uint32_t> read_number(Diagnostics& diagnostics, std::string_view name, const Token& token,
                                         Range allowed);
/// Whether `text` is meant to be a number for read_number().
bool is_number(std::string_view text);

/// Seconds with an optional fraction, at nanosecond resolution; any size up to 1e9 s.
std::optional<Nanoseconds> read_seconds(Diagnostics& diagnostics, std::string_view name, const Token& token);
std::optional<Nanoseconds> read_seconds(Diagnostics& diagnostics, std::string_view name, const Token& token,
                                        Nanoseconds min, Nanoseconds max);
/// "0.01": seconds without trailing zeros.
std::string seconds_text(Nanoseconds duration);

/// on|true|yes: true; off|false|no: false; anything else: nothing.
std::optional<bool> bool_of(std::string_view word);
/// on|off|true|false|yes|no; without an argument it is true. For statements with at most one argument.
std::optional<bool> read_bool(Diagnostics& diagnostics, const Statement& statement);

/// A name that the kernel accepts for an interface.
std::optional<std::string> read_interface(Diagnostics& diagnostics, const Token& token);

/// An address that one host can have: not unspecified, multicast or broadcast.
bool is_host_address(const IpAddress& address);

std::optional<IpAddress> read_address(Diagnostics& diagnostics, const Token& token);
/// Only addresses for which is_host_address() holds.
std::optional<IpAddress> read_host_address(Diagnostics& diagnostics, const Token& token);
/// ADDRESS[/LENGTH]; the length defaults to that of the whole address and is at least `min_length`.
std::optional<IpPrefix> read_prefix(Diagnostics& diagnostics, const Token& token, std::uint8_t min_length);

/// "IPv4" or "IPv6".
std::string name(Family family);
/// Whether `address`, which stands at `where`, is of the virtual router's family. Without one, any is right.
bool check_family(Diagnostics& diagnostics, const Location& where, const IpAddress& address,
                  std::optional<Family> family);
/// The bits of `prefix` behind its length set to zero or one.
IpAddress with_host_bits(const IpPrefix& prefix, bool one);

} // namespace xvrrp::config
