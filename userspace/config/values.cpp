// SPDX-License-Identifier: BSD-2-Clause
#include "config/values.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <system_error>

namespace xvrrp::config {

namespace {

constexpr std::size_t kMaxInterfaceName = 15; // IFNAMSIZ - 1

bool is_digit(char character) {
  return character >= '0' && character <= '9';
}
bool all_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), is_digit);
}

/// Digits to a number; what exceeds 32 bits saturates, which is out of every range.
std::uint32_t saturated(std::string_view digits) {
  std::uint64_t value = 0;
  for (const char digit : digits)
    value = std::min<std::uint64_t>(value * 10 + static_cast<unsigned>(digit - '0'), UINT32_MAX);
  return static_cast<std::uint32_t>(value);
}

bool is_integer(std::string_view text) {
  if (!text.empty() && text.front() == '-')
    text.remove_prefix(1);
  return !text.empty() && all_digits(text);
}

bool is_hexadecimal(std::string_view text) {
  return text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
}

/// "fe80::1/64" for "fe80::1%eth0/64"; nothing for a text without a zone.
std::optional<std::string> without_zone(std::string_view text) {
  const std::size_t percent = std::min(text.find('%'), text.size());
  const auto address = IpAddress::parse(text.substr(0, percent));
  if (percent == text.size() || !address || address->family() != Family::IPv6)
    return std::nullopt;
  const std::size_t slash = std::min(text.find('/', percent), text.size());
  return std::string{text.substr(0, percent)} + std::string{text.substr(slash)};
}

void report_no_address(Diagnostics& diagnostics, const Token& token, const std::string& form) {
  if (const auto bare = without_zone(token.text))
    diagnostics.error(token.where, quoted(token.text) + " names an interface: write " + quoted(*bare) +
                                       ", the interface of the vrrp_instance counts");
  else
    diagnostics.error(token.where, quoted(token.text) + " is not an IP address" + form);
}

std::string allowed_text(Range allowed) {
  const std::string joint = allowed.max - allowed.min == 1 ? " and " : " to ";
  return "allowed are " + std::to_string(allowed.min) + joint + std::to_string(allowed.max);
}

} // namespace

std::optional<std::uint32_t> read_integer(Diagnostics& diagnostics, std::string_view name, const Token& token,
                                          Range allowed) {
  const std::string_view text = token.text;
  if (!is_integer(text)) {
    diagnostics.error(token.where, std::string{name} + " " + quoted(text) +
                                       " is not a whole number: " + allowed_text(allowed));
    return std::nullopt;
  }
  const std::uint32_t value = saturated(text.front() == '-' ? "" : text);
  if (text.front() == '-' || value < allowed.min || value > allowed.max) {
    diagnostics.error(token.where,
                      std::string{name} + " " + token.text + " is out of range: " + allowed_text(allowed));
    return std::nullopt;
  }
  return value;
}

std::optional<std::uint32_t> read_number(Diagnostics& diagnostics, std::string_view name, const Token& token,
                                         Range allowed) {
  if (!is_hexadecimal(token.text))
    return read_integer(diagnostics, name, token, allowed);
  std::uint64_t value = 0;
  const char* const end = token.text.data() + token.text.size();
  const auto [stopped, problem] = std::from_chars(token.text.data() + 2, end, value, 16);
  if (stopped == end && problem == std::errc{} && value >= allowed.min && value <= allowed.max)
    return static_cast<std::uint32_t>(value);
  diagnostics.error(token.where, std::string{name} + " " + quoted(token.text) +
                                     " is out of range or no number: " + allowed_text(allowed));
  return std::nullopt;
}

bool is_number(std::string_view text) {
  return is_integer(text) || is_hexadecimal(text);
}

std::optional<Nanoseconds> read_seconds(Diagnostics& diagnostics, std::string_view name, const Token& token) {
  const std::string_view text = token.text;
  const std::size_t point = std::min(text.find('.'), text.size());
  const std::string_view whole = text.substr(0, point);
  const std::string_view fraction = text.substr(std::min(point + 1, text.size()));
  if (whole.size() + fraction.size() == 0 || !all_digits(whole) || !all_digits(fraction)) {
    diagnostics.error(token.where, std::string{name} + " " + quoted(text) + " is not a number of seconds");
    return std::nullopt;
  }
  constexpr std::uint32_t kMaxSeconds = 1000000000;
  std::string nanoseconds{fraction.substr(0, 9)};
  nanoseconds.resize(9, '0');
  return std::chrono::seconds{std::min(saturated(whole), kMaxSeconds)} + Nanoseconds{saturated(nanoseconds)};
}

std::optional<Nanoseconds> read_seconds(Diagnostics& diagnostics, std::string_view name, const Token& token,
                                        Nanoseconds min, Nanoseconds max) {
  const auto value = read_seconds(diagnostics, name, token);
  if (value && (*value < min || *value > max)) {
    diagnostics.error(token.where, std::string{name} + " " + token.text + " is out of range: allowed are " +
                                       seconds_text(min) + " to " + seconds_text(max) + " seconds");
    return std::nullopt;
  }
  return value;
}

std::string seconds_text(Nanoseconds duration) {
  const auto whole = std::chrono::duration_cast<std::chrono::seconds>(duration);
  std::string text = std::to_string(whole.count());
  if (const auto rest = (duration - whole).count(); rest != 0) {
    const std::string digits = std::to_string(rest);
    text += "." + std::string(9 - digits.size(), '0') + digits;
    text.erase(text.find_last_not_of('0') + 1);
  }
  return text;
}

std::optional<bool> bool_of(std::string_view word) {
  if (word == "on" || word == "true" || word == "yes")
    return true;
  if (word == "off" || word == "false" || word == "no")
    return false;
  return std::nullopt;
}

std::optional<bool> read_bool(Diagnostics& diagnostics, const Statement& statement) {
  if (!statement.has_arguments())
    return true;
  const Token& token = statement.argument(0);
  const auto value = bool_of(token.text);
  if (!value)
    diagnostics.error(token.where, statement.keyword().text + " cannot be " + quoted(token.text) +
                                       ": allowed are on, off, true, false, yes and no");
  return value;
}

std::optional<std::string> read_interface(Diagnostics& diagnostics, const Token& token) {
  const std::string& text = token.text;
  const bool valid = !text.empty() && text.size() <= kMaxInterfaceName && text != "." && text != ".." &&
                     text.find_first_of("/: \t\n\v\f\r") == std::string::npos;
  if (!valid) {
    diagnostics.error(token.where, quoted(text) +
                                       " cannot be an interface name: allowed are 1 to 15 characters other "
                                       "than \"/\", \":\" and blanks");
    return std::nullopt;
  }
  return text;
}

bool is_host_address(const IpAddress& address) {
  return !address.is_unspecified() && !address.is_multicast() && address != IpAddress::v4(255, 255, 255, 255);
}

std::optional<IpAddress> read_address(Diagnostics& diagnostics, const Token& token) {
  const auto address = IpAddress::parse(token.text);
  if (!address)
    report_no_address(diagnostics, token, "");
  return address;
}

std::optional<IpAddress> read_host_address(Diagnostics& diagnostics, const Token& token) {
  const auto address = read_address(diagnostics, token);
  if (address && !is_host_address(*address)) {
    diagnostics.error(token.where, address->text() + " is not a unicast address");
    return std::nullopt;
  }
  return address;
}

std::optional<IpPrefix> read_prefix(Diagnostics& diagnostics, const Token& token, std::uint8_t min_length) {
  const std::string_view text = token.text;
  const std::size_t slash = std::min(text.find('/'), text.size());
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address) {
    report_no_address(diagnostics, token, ": the form is ADDRESS or ADDRESS/LENGTH");
    return std::nullopt;
  }
  const Range allowed{min_length, address->family() == Family::IPv4 ? 32U : 128U};
  if (slash == text.size())
    return IpPrefix{*address, static_cast<std::uint8_t>(allowed.max)};
  Token length = token;
  length.text = text.substr(slash + 1);
  // The token stands for the text in the file unless it was quoted or had an escape; addresses have neither.
  length.where.column += static_cast<unsigned>(slash) + (token.quoted ? 2 : 1);
  const auto value = read_integer(diagnostics, "prefix length", length, allowed);
  if (!value)
    return std::nullopt;
  return IpPrefix{*address, static_cast<std::uint8_t>(*value)};
}

std::string name(Family family) {
  return family == Family::IPv4 ? "IPv4" : "IPv6";
}

bool check_family(Diagnostics& diagnostics, const Location& where, const IpAddress& address,
                  std::optional<Family> family) {
  if (!family || address.family() == *family)
    return true;
  diagnostics.error(where, address.text() + " is an " + name(address.family()) +
                               " address, but the virtual router is " + name(*family) +
                               ": the first line of virtual_ipaddress decides");
  return false;
}

IpAddress with_host_bits(const IpPrefix& prefix, bool one) {
  IpAddress::Bytes bytes = prefix.address.bytes();
  for (std::size_t bit = prefix.length; bit < prefix.address.size() * 8; ++bit) {
    const auto mask = static_cast<std::uint8_t>(0x80U >> (bit % 8));
    std::uint8_t& byte = bytes[bit / 8];
    byte = static_cast<std::uint8_t>(one ? byte | mask : byte & ~mask);
  }
  return {prefix.address.family(), bytes};
}

} // namespace xvrrp::config
