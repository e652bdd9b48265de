// SPDX-License-Identifier: BSD-2-Clause
#include <xvrrp/base/printable.hpp>

#include <cstddef>

namespace xvrrp {
namespace {

struct Character {
  std::size_t bytes; ///< 0: what begins here is no UTF-8 (RFC 3629)
  char32_t code;
};

/// What `text`, which is not empty, begins with.
Character first_of(std::string_view text) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80)
    return {1, lead};
  const std::size_t bytes = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < bytes)
    return {0, 0};
  char32_t code = lead & (0xffU >> (bytes + 1));
  for (std::size_t at = 1; at < bytes; ++at) {
    if ((byte(at) & 0xc0U) != 0x80)
      return {0, 0};
    code = code << 6 | (byte(at) & 0x3fU);
  }
  const bool is_longer_than_needed = (bytes == 3 && code < 0x800) || (bytes == 4 && code < 0x10000);
  const bool is_surrogate = code >= 0xd800 && code < 0xe000;
  return is_longer_than_needed || is_surrogate || code > 0x10ffff ? Character{0, 0} : Character{bytes, code};
}

bool shows(char32_t code) {
  const auto within = [&](char32_t first, char32_t last) { return code >= first && code <= last; };
  return code >= 0x20 && !within(0x7f, 0x9f) && code != 0x061c && !within(0x200e, 0x200f) &&
         !within(0x2028, 0x202e) && !within(0x2066, 0x2069) && code != 0xfeff;
}

void append_escaped(std::string& to, std::string_view bytes) {
  constexpr std::string_view kHex = "0123456789abcdef";
  for (const char each : bytes) {
    const auto byte = static_cast<unsigned char>(each);
    to += "\\x";
    to += kHex[byte >> 4];
    to += kHex[byte & 15];
  }
}

std::string shown(std::string_view text, bool lines) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const auto [bytes, code] = first_of(text);
    const auto whole = text.substr(0, bytes == 0 ? 1 : bytes);
    if (bytes > 0 && (shows(code) || (lines && code == '\n')))
      result += whole;
    else
      append_escaped(result, whole);
    text.remove_prefix(whole.size());
  }
  return result;
}

} // namespace

std::string printable(std::string_view text) {
  return shown(text, false);
}

std::string printable_lines(std::string_view text) {
  return shown(text, true);
}

bool is_printable(std::string_view text) {
  while (!text.empty()) {
    const auto [bytes, code] = first_of(text);
    if (bytes == 0 || !shows(code))
      return false;
    text.remove_prefix(bytes);
  }
  return true;
}

} // namespace xvrrp
