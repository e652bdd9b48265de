// SPDX-License-Identifier: BSD-2-Clause
#include "config/shared_keywords.hpp"

#include <algorithm>

#include "config/values.hpp"

namespace xvrrp::config {

std::optional<core::Version> read_version(Diagnostics& diagnostics, const Statement& statement) {
  const auto number = read_integer(diagnostics, statement.keyword().text, statement.argument(0), {2, 3});
  if (!number)
    return std::nullopt;
  return *number == 2 ? core::Version::V2 : core::Version::V3;
}

void read_down_adverts(Diagnostics& diagnostics, const Statement& statement, std::uint8_t& value) {
  if (const auto number =
          read_integer(diagnostics, statement.keyword().text, statement.argument(0), {1, 100}))
    value = static_cast<std::uint8_t>(*number);
}

void read_garp_seconds(Diagnostics& diagnostics, const Statement& statement, Nanoseconds& value) {
  if (const auto number =
          read_integer(diagnostics, statement.keyword().text, statement.argument(0), {0, 1000000}))
    value = std::chrono::seconds{*number};
}

void read_garp_count(Diagnostics& diagnostics, const Statement& statement, std::uint16_t& value) {
  if (const auto number =
          read_integer(diagnostics, statement.keyword().text, statement.argument(0), {0, 65535}))
    value = static_cast<std::uint16_t>(std::max(*number, 1U));
}

std::optional<std::uint16_t> read_lower_prio_repeat(Diagnostics& diagnostics, const Statement& statement) {
  const auto number = read_integer(diagnostics, statement.keyword().text, statement.argument(0), {0, 65535});
  return number ? std::optional{static_cast<std::uint16_t>(*number)} : std::nullopt;
}

void read_checksum_form(Diagnostics& diagnostics, const Statement& statement, ChecksumForm& value) {
  if (statement.has_arguments() && statement.argument(0).text == "auto") {
    value = ChecksumForm::AsHeard;
    return;
  }
  const auto message_only = statement.has_arguments() ? bool_of(statement.argument(0).text) : true;
  if (!message_only) {
    const Token& token = statement.argument(0);
    diagnostics.error(token.where, statement.keyword().text + " cannot be " + quoted(token.text) +
                                       ": allowed are on, off, true, false, yes, no and auto");
    return;
  }
  value = *message_only ? ChecksumForm::MessageOnly : ChecksumForm::PseudoHeader;
}

} // namespace xvrrp::config
